"""Telegram, by long polling, with python-telegram-bot's ``Bot`` as the client of its API.

No Application and no Updater: these confirm updates when they are fetched, and one update that does
not parse takes its whole batch with it. Here updates are fetched raw, read one by one
(``telegram_updates``), handed over in their order (``telegram_intake``) and confirmed once they are
committed (``telegram_window``). The only file that imports the SDK.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from pydantic_core import from_json
from telegram import Bot, InputFile
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, TelegramError
from telegram.request import HTTPXRequest

from bot.channels import Take
from bot.channels.telegram_errors import kind, refusal, told
from bot.channels.telegram_intake import Intake, Pace
from bot.channels.telegram_payloads import addressed, named
from bot.channels.telegram_updates import ALLOWED, CHANNEL, Identity, card_id
from bot.channels.telegram_window import LIMIT
from bot.config import ConfigError
from bot.documents import Documents
from bot.logs import logger
from bot.messages import Delivered, Later, Outcome, RefusedForGood
from bot.store.rows import OutboxRow, StoreUnavailable

T = TypeVar("T")
Json = dict[str, Any]

TOKEN_KEY = "FRONTDESK_TELEGRAM_TOKEN"  # noqa: S105 - the variable's name
OUR_SERVER = "https://api.telegram.org"
PARALLEL_CALLS = 32
READ_TIMEOUT = 15
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
    ) -> None:
        """``base_url`` without "/bot"; ``staff_chat``: id of the staff group, empty for none;
        ``menus``: language or "" -> (command, description); ``on_conflict``: awaited once
        when another program fetches this bot's updates; ``clock``: aware; ``documents``:
        makes the files that are sent. Raises ConfigError."""
        if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", token):
            raise ConfigError(TOKEN_KEY, "is no bot token; BotFather shows it on /token")
        self._id = int(token.partition(":")[0])
        # One pool for all calls: the long poll holds one connection, the others are for the rest.
        self._http = _Http(connection_pool_size=PARALLEL_CALLS + 1, pool_timeout=READ_TIMEOUT)
        self._bot = Bot(
            token,
            base_url=f"{base_url.rstrip('/')}/bot",
            request=self._http,
            get_updates_request=self._http,
        )
        self._staff_chat = staff_chat
        self._menus = dict(menus or {})
        self._on_conflict = on_conflict
        self._pace = pace = pace or Pace()
        self._us = Identity(self._id, "", {int(staff_chat): staff_chat} if staff_chat else {})
        self._moved: dict[str, str] = {}  # a group's id -> its id since it became a supergroup
        self._intake = Intake(
            pace,
            clock,
            lambda query, note: self._spawn(self._answer(query, note)),
            lambda chat: self._spawn(self.typing(chat)),
        )
        self._conflict_at = float("-inf")
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
        batch = await self._call(
            "getUpdates",
            offset=offset,
            limit=LIMIT,
            timeout=self._pace.poll,
            allowed_updates=list(ALLOWED),
        )
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
                    self._name_conflict(webhook="webhook" in error.message.lower())
                elif tries == 0:
                    log.warning("telegram does not answer", error=kind(error))
                tries += 1
                await asyncio.sleep(wait)
            else:
                if tries:
                    log.info("telegram answers again", tries=tries)
                return result

    def _name_conflict(self, *, webhook: bool) -> None:
        now = asyncio.get_running_loop().time()
        before, self._conflict_at = self._conflict_at, now
        if now - before < self._pace.conflict:
            return
        if webhook:
            log.error(
                "a webhook takes this bot's updates",
                mend="nothing arrives here until deleteWebhook was called for this bot",
            )
        else:
            log.error(
                "another program fetches this bot's updates",
                mend="stop the other one, or give each its own bot token",
            )
        if self._on_conflict is not None:
            self._spawn(self._warn(self._on_conflict))

    async def _warn(self, on_conflict: Callable[[], Awaitable[None]]) -> None:
        try:
            await on_conflict()
        except StoreUnavailable:
            log.warning("staff not told of the conflict", error="StoreUnavailable")

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
        body, edits = content["body"], content.get("edit", "")
        method, where = ("editMessageText", named(edits)) if edits else ("sendMessage", thread)
        for _ in range(3):  # as it is; to the group's new id; without markup
            chat = self._moved.get(row.chat, row.chat)
            call = {"chat_id": chat, **where, **addressed(body, row.id)}
            try:
                sent = await self._call(method, **call)
            except ChatMigrated as migrated:
                self._follow(row.chat, str(migrated.new_chat_id))
            except TelegramError as error:
                if body is content["plain"] or not _is_markup(error):
                    gone = edits and isinstance(error, BadRequest)  # or it says that already
                    return Delivered("") if gone else _outcome(error)
                log.error("markup refused, sent without", row=row.id)
                body = content["plain"]
            else:
                if not isinstance(sent, dict) or "message_id" not in sent:
                    return _outcome(UnclearAnswer(""))
                return Delivered("" if edits else card_id(chat, row.chat, sent["message_id"]))
        return RefusedForGood("the group moves from id to id")

    async def _send_document(self, row: OutboxRow, thread: Json, asked: Json) -> Outcome:
        if self._documents is None:
            return RefusedForGood("no files are made here")
        async with self._documents(asked) as document:
            text = document.instead(FILE_LIMIT)
            call: Json = {"chat_id": self._moved.get(row.chat, row.chat), **thread}
            file = InputFile(document.file, document.name, read_file_handle=False)
            what = {"text": text} if text else {"document": file, "caption": document.caption}
            try:
                sent = await self._call("sendMessage" if text else "sendDocument", **call, **what)
            except ChatMigrated as migrated:
                return self._follow(row.chat, str(migrated.new_chat_id))
            except TelegramError as error:
                return _outcome(error)
        if not isinstance(sent, dict) or "message_id" not in sent:
            return _outcome(UnclearAnswer(""))
        if document.size > FILE_LIMIT:
            return RefusedForGood("the file is larger than Telegram takes (50 MB)")
        return Delivered(card_id(str(call["chat_id"]), row.chat, sent["message_id"]))

    async def _delete(self, row: OutboxRow, message: str) -> Outcome:
        """A message that is gone already counts as deleted. One too old to delete is emptied."""
        where = {"chat_id": row.chat, **named(message)}
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
                return _outcome(error)
        except TelegramError as error:
            return _outcome(error)
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
        try:
            await self._introduce()
            webhook = await self._call("getWebhookInfo")
            if self._staff_chat:
                await self._call("getChat", chat_id=self._staff_chat)
        except TokenRefused:
            raise ConfigError(TOKEN_KEY, "was refused by Telegram") from None
        except ChatMigrated as migrated:
            mend = f'the group has a new id; write "telegram:{migrated.new_chat_id}"'
            raise ConfigError("staff.chat", mend) from None
        except (BadRequest, Forbidden):
            mend = f"@{self._us.username} is not in that group; add it there"
            raise ConfigError("staff.chat", mend) from None
        except TelegramError as error:
            mend = f"does not answer as Telegram does ({kind(error)})"
            raise ConfigError("telegram.base_url", mend) from None
        if isinstance(webhook, dict) and webhook.get("url"):
            mend = "this bot has a webhook, so nothing arrives here: call deleteWebhook"
            raise ConfigError(TOKEN_KEY, mend)
        staff = f", in the staff group {self._staff_chat}" if self._staff_chat else ""
        return f"@{self._us.username}{staff}"

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.shutdown()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, method: str, **arguments: Any) -> Any:
        """The call's result as JSON. Raises TelegramError."""
        # Telegram does not mind the case of a method's name; spelled small, PTB does not take it
        # for its own typed method, whose parsing is what we do without.
        wait = READ_TIMEOUT + arguments.get("timeout", 0)
        try:
            call = self._bot.do_api_request
            return await call(method.lower(), api_kwargs=arguments, read_timeout=wait)
        except (KeyError, TypeError):  # a 200 that is not Telegram's: no result in it
            raise UnclearAnswer("unclear answer") from None


class FloodLimit(TelegramError):
    """429. PTB's own ``RetryAfter`` warns of its deprecation whenever it is made."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__("flood limit")
        self.seconds = seconds


class TokenRefused(TelegramError):
    """401 or 404 of Telegram itself."""


class UnclearAnswer(TelegramError):
    """An answer that is not Telegram's."""


class _Http(HTTPXRequest):
    """PTB gives a gateway's 404 page and a refused token the same error; here only what Telegram
    itself says ends the program."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **kwargs)
        if code in {401, 404, 429}:
            answer = told(payload)
            if code == 429:
                seconds = answer.get("parameters", {}).get("retry_after")
                raise FloodLimit(seconds if isinstance(seconds, int | float) else None)
            if answer.get("error_code") == code:
                raise TokenRefused("token refused")
            raise UnclearAnswer(f"HTTP {code}")
        return code, payload


def _is_markup(error: TelegramError) -> bool:
    return isinstance(error, BadRequest) and "can't parse entities" in error.message.lower()


def _outcome(error: TelegramError) -> Later | RefusedForGood:
    if isinstance(error, FloodLimit):
        return Later("flood limit", error.seconds)
    if isinstance(error, ChatMigrated):
        return RefusedForGood("the group became a supergroup; its old messages are out of reach")
    if isinstance(error, BadRequest | Forbidden):
        return RefusedForGood(refusal(error.message))
    # The rest is no answer to this message. After a lost one it may have arrived: then it comes
    # twice, which is better than never.
    return Later(kind(error))
