"""Telegram, by long polling or webhook.

Updates are fetched raw (``telegram_client``), read one by one (``telegram_updates``), handed over
in their order (``telegram_intake``) and confirmed once they are committed (``telegram_window``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from pydantic_core import from_json

from bot.channels import Take
from bot.channels.telegram_client import (
    BadRequest,
    ChatMigrated,
    Client,
    Conflict,
    FloodLimit,
    Forbidden,
    TelegramError,
    TokenRefused,
    UnclearAnswer,
    is_markup,
    outcome,
    upload,
)
from bot.channels.telegram_conflict import Conflicts
from bot.channels.telegram_errors import kind, of_edit, refusal
from bot.channels.telegram_intake import Intake, Pace
from bot.channels.telegram_members import Members, TelegramWords
from bot.channels.telegram_payloads import addressed, placed
from bot.channels.telegram_updates import ALLOWED, CHANNEL, Identity, card_id
from bot.channels.telegram_webhook import Registration, Webhook, state, trouble
from bot.channels.telegram_window import LIMIT
from bot.documents import Documents
from bot.environment import ConfigError
from bot.logs import logger
from bot.messages import Delivered, Later, Outcome, RefusedForGood
from bot.store.rows import OutboxRow

T = TypeVar("T")
Json = dict[str, Any]

TOKEN_KEY = "FRONTDESK_TELEGRAM_TOKEN"  # noqa: S105 - the variable's name
OUR_SERVER = "https://api.telegram.org"
ANSWER_LIMIT = 200  # characters shown on a tap
ANSWER_TRIES = 3
FILE_LIMIT = 50_000_000  # bytes

log = logger("telegram")


class TelegramChannel:
    name = CHANNEL

    def __init__(
        self,
        token: str,
        *,
        base_url: str = OUR_SERVER,
        staff_chat: str = "",
        menus: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        on_conflict: Callable[[], Awaitable[None]] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pace: Pace | None = None,
        documents: Documents | None = None,
        webhook: Registration | None = None,
        words: TelegramWords | None = None,
    ) -> None:
        """``base_url`` without "/bot"; ``staff_chat``: id of the staff group, empty for none;
        ``menus``: language or "" -> (command, description); ``on_conflict``: awaited once
        when another program fetches this bot's updates; ``clock``: aware; ``documents``:
        makes the files that are sent; ``webhook``: updates are posted to it, and this program does
        not ask for them; ``words``: shown under taps. Raises ConfigError."""
        if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", token):
            raise ConfigError(TOKEN_KEY, "is no bot token; BotFather shows it on /token")
        self._id = int(token.partition(":")[0])
        self._client = Client(token, base_url)
        self._staff_chat = staff_chat
        self._menus = dict(menus or {})
        self._pace = pace = pace or Pace()
        self._conflicts = Conflicts(pace.conflict, on_conflict, self._spawn)
        self._us = Identity(self._id, "", {int(staff_chat): staff_chat} if staff_chat else {})
        self._moved: dict[str, str] = {}  # a group's id -> its id since it became a supergroup
        self._intake = Intake(
            pace,
            clock,
            lambda query, note: self._spawn(self._answer(query, note)),
            lambda chat: self._spawn(self.typing(chat)),
            Members(self._member, words or TelegramWords(), clock),
        )
        self._clock = clock
        self.hook = Webhook(webhook, pace.conflict) if webhook is not None else None
        self._address = webhook.url if webhook is not None else ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._documents = documents

    # Receiving

    async def listen(self, take: Take) -> None:
        loop = asyncio.get_running_loop()
        try:
            await self._persist(self._introduce)
            if self._staff_chat:
                await self._persist(self._find_staff)
            self._spawn(self._publish_menus())
            if self.hook is not None:
                info = partial(self._persist, partial(self._call, "getWebhookInfo"))
                await self.hook.listen(lambda raw: self._intake.deliver(raw, self._us, take), info)
            while True:
                began, offset = loop.time(), self._intake.ask()
                batch = await self._persist(partial(self._fetch, offset))
                self._intake.hand_over(batch, self._us, take)
                await self._intake.settle(began, offset)
        finally:
            for task in self._tasks:
                task.cancel()

    async def _introduce(self) -> None:
        me = await self._call("getMe")
        if not isinstance(me, dict) or not isinstance(me.get("username"), str):
            raise UnclearAnswer("unclear answer")
        self._us = Identity(self._id, me["username"], self._us.staff)

    async def _find_staff(self) -> None:
        """Whether the staff group has moved, before the first reply of it comes."""
        try:
            await self._call("getChat", chat_id=self._staff_chat)
        except ChatMigrated as migrated:
            self._follow(self._staff_chat, str(migrated.new_chat_id))
        except (BadRequest, Forbidden) as refused:
            log.error(
                "the staff group is out of reach",
                reason=refusal(refused.message),
                mend="add the bot to it, or mend staff.chat in the settings",
            )

    async def _publish_menus(self) -> None:
        for code, entries in self._menus.items():
            menu = [{"command": name, "description": text} for name, text in entries]
            try:
                await self._call("setMyCommands", commands=menu, language_code=code)
            except TelegramError as error:  # the commands work without their menu
                log.warning("command menu not set", error=type(error).__name__)

    async def _fetch(self, offset: int) -> list[Any]:
        how = {"limit": LIMIT, "timeout": self._pace.poll, "allowed_updates": list(ALLOWED)}
        batch = await self._call("getUpdates", offset=offset, **how)
        if not isinstance(batch, list):
            raise UnclearAnswer("unclear answer")
        return batch

    async def _persist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Until it works: Telegram may be away, also when we start. Raises ConfigError."""
        tries = 0
        while True:
            try:
                result = await call()
            except TokenRefused:
                raise ConfigError(
                    TOKEN_KEY, "was refused by Telegram; BotFather shows the valid one on /token"
                ) from None
            except TelegramError as error:
                wait = self._pace.back_off(tries)
                if isinstance(error, FloodLimit):
                    wait = max(wait, error.seconds or 0)
                if isinstance(error, Conflict):
                    self._conflicts.name(webhook="webhook" in error.message.lower())
                elif tries == 0:
                    log.warning("telegram does not answer", error=kind(error))
                tries += 1
                await asyncio.sleep(wait)
            else:
                if tries:
                    log.info("telegram answers again", tries=tries)
                return result

    async def _answer(self, query: str, note: str) -> None:
        """End the button's spinning; ``note`` is shown to whoever tapped it."""
        shown = {"text": note[:ANSWER_LIMIT]} if note else {}
        for tries in range(ANSWER_TRIES):
            wait = self._pace.back_off(tries)
            try:
                await self._call("answerCallbackQuery", callback_query_id=query, **shown)
            except FloodLimit as error:
                wait = max(wait, error.seconds or 0)
            except BadRequest:  # too old: nobody waits for it any more
                return
            except TelegramError as error:
                log.info("tap not answered", error=kind(error))
            else:
                return
            await asyncio.sleep(wait)

    async def _member(self, person: str) -> object:
        """Of the staff group: as ``telegram_members.is_in`` reads it."""
        chat = self._moved.get(self._staff_chat, self._staff_chat)
        try:
            return await self._call("getChatMember", chat_id=chat, user_id=int(person))
        except (BadRequest, Forbidden) as refused:
            return refused.message
        except TelegramError:
            return None

    async def typing(self, chat: str) -> None:
        """Show that the bot is at it; a failure changes nothing."""
        try:
            await self._call("sendChatAction", chat_id=chat, action="typing")
        except TelegramError as error:
            log.debug("typing not shown", error=kind(error))

    # Sending

    async def send(self, row: OutboxRow) -> Outcome:
        content = from_json(row.body)
        if row.kind == "delete":
            return await self._delete(row, content["message"])
        thread = {"message_thread_id": int(row.thread)} if row.thread.isdecimal() else {}
        if "export" in content:
            return await self._send_document(row, thread, content["export"])
        body, edit = content["body"], content.get("edit", "")
        for _ in range(4):  # as it is; to the group's new id; without markup; as a new message
            chat = self._moved.get(row.chat, row.chat)
            if edit and "/" not in edit and row.chat in self._moved:
                edit = ""  # it was in the old group: here its number is another message's
            call, where = (
                ("editMessageText", placed(row.chat, edit)) if edit else ("sendMessage", thread)
            )
            try:
                sent = await self._call(
                    call, **{"chat_id": chat, **where, **addressed(body, row.id)}
                )
            except ChatMigrated as migrated:
                self._follow(row.chat, str(migrated.new_chat_id))
            except TelegramError as error:
                if edit and (became := of_edit(error.message)):
                    if became == "same" or content.get("leave"):
                        return Delivered(edit)
                    edit = ""
                    continue
                if body is content["plain"] or not is_markup(error):
                    return outcome(error)
                log.error("markup refused, sent without", row=row.id)
                body = content["plain"]
            else:
                if not isinstance(sent, dict) or "message_id" not in sent:
                    return outcome(UnclearAnswer(""))
                return Delivered(card_id(chat, row.chat, sent["message_id"]))
        return RefusedForGood("the group moves from id to id")

    async def _send_document(self, row: OutboxRow, thread: Json, asked: Json) -> Outcome:
        if self._documents is None:
            return RefusedForGood("no files are made here")
        async with self._documents(asked) as document:
            text = document.instead(FILE_LIMIT)
            call: Json = {"chat_id": self._moved.get(row.chat, row.chat), **thread}
            shown = "message" if text else "photo" if document.picture else "document"
            file = upload(document.file, document.name)
            what = {"text": text} if text else {shown: file, "caption": document.caption}
            try:
                sent = await self._call(f"send{shown.title()}", **call, **what)
            except ChatMigrated as migrated:
                return self._follow(row.chat, str(migrated.new_chat_id))
            except TelegramError as error:
                return outcome(error)
        if not isinstance(sent, dict) or "message_id" not in sent:
            return outcome(UnclearAnswer(""))
        if document.size > FILE_LIMIT:
            return RefusedForGood("the file is larger than Telegram takes (50 MB)")
        return Delivered(card_id(str(call["chat_id"]), row.chat, sent["message_id"]))

    async def _delete(self, row: OutboxRow, message: str) -> Outcome:
        """A message that is gone already counts as deleted. One too old to delete is emptied."""
        where = placed(row.chat, message)
        try:
            await self._call("deleteMessage", **where)
        except BadRequest as refused:
            if "can't be deleted" not in refused.message.lower():
                return Delivered("")
            try:
                await self._call("editMessageText", **where, text="…")
            except BadRequest:
                return Delivered("")
            except TelegramError as error:
                return outcome(error)
        except TelegramError as error:
            return outcome(error)
        return Delivered("")

    def _follow(self, old: str, new: str) -> Later:
        """The group became a supergroup: it has a new id, and the old one is dead."""
        known = self._moved.get(old) == new
        self._moved[old] = new
        if old == self._staff_chat and not known:
            staff = {**self._us.staff, int(new): old}
            self._us = Identity(self._id, self._us.username, staff)
            log.error(
                "the staff group has a new id",
                mend=f'in the settings: staff.chat = "telegram:{new}"',
            )
        return Later("the group has a new id", 0)

    # The rest

    async def check(self) -> str:
        with _mendable():
            try:
                await self._introduce()
                webhook = await self._call("getWebhookInfo")
                if self._staff_chat:
                    await self._call("getChat", chat_id=self._staff_chat)
            except ChatMigrated as migrated:
                mend = f'the group has a new id; write "telegram:{migrated.new_chat_id}"'
                raise ConfigError("staff.chat", mend) from None
            except (BadRequest, Forbidden):
                mend = f"@{self._us.username} is not in that group; add it there"
                raise ConfigError("staff.chat", mend) from None
        if mend := trouble(webhook, self._address):
            raise ConfigError("telegram.webhook_url" if self._address else TOKEN_KEY, mend)
        posted = ", by webhook" if self._address else ""
        staff = f", in the staff group {self._staff_chat}" if self._staff_chat else ""
        return f"@{self._us.username}{posted}{staff}{state(webhook, self._clock().timestamp())}"

    async def register(self, webhook: Registration | None) -> str:
        """Have updates posted there, or None: polled again -> how it stands. Raises ConfigError."""
        with _mendable():
            try:
                method = "setWebhook" if webhook is not None else "deleteWebhook"
                await self._call(method, **(webhook.arguments() if webhook is not None else {}))
            except BadRequest as refused:  # it says what it minds about the address
                raise ConfigError("telegram.webhook_url", refused.message[:200]) from None
            return state(await self._call("getWebhookInfo"), self._clock().timestamp())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, method: str, **arguments: Any) -> Any:
        return await self._client.call(method, **arguments)


@contextmanager
def _mendable() -> Iterator[None]:
    """What Telegram refuses, as what the operator can mend."""
    try:
        yield
    except TokenRefused:
        raise ConfigError(TOKEN_KEY, "was refused by Telegram") from None
    except TelegramError as error:
        mend = f"does not answer as Telegram does ({kind(error)})"
        raise ConfigError("telegram.base_url", mend) from None
