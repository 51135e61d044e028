"""The calls of Slack's Web API that the bot makes, over one function that carries a call out; no
SDK. Each call is tried once: trying again is the courier's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Protocol

from bot.channels.slack_blocks import filled, short
from bot.channels.slack_errors import (
    MARKUP,
    NO_SCOPE,
    NO_SCOPE_MEND,
    THREAD,
    UNCHANGEABLE,
    SlackError,
)
from bot.documents import Documents
from bot.logs import logger
from bot.messages import HOME, Delivered, Later, Outcome, RefusedForGood
from bot.store.rows import OutboxRow

Json = dict[str, Any]
log = logger("slack")

MEMBERS_GOOD_FOR = timedelta(seconds=60)
KNOWN_CHATS = 10_000
FILE_LIMIT = 1_000_000_000  # bytes


class Ask(Protocol):
    """Carry out one call and return the answer's JSON. SlackError."""

    async def __call__(self, method: str, arguments: Json, *, reading: bool = False) -> Json: ...


class Upload(Protocol):
    """Send a file to an address that Slack gave for it. SlackError."""

    async def __call__(self, address: str, file: BinaryIO) -> None: ...


class SlackCalls:
    """Remembers the direct channels of people (D... of U...) and the last members asked for."""

    def __init__(self, ask: Ask, upload: Upload, documents: Documents | None) -> None:
        self._ask = ask
        self._upload = upload
        self._documents = documents
        self._chats: dict[str, str] = {}
        self._members: dict[str, tuple[datetime, frozenset[str]]] = {}

    async def send(self, row: OutboxRow) -> Outcome:
        """Carry out one row. A lost answer is ``Later``: sent again, perhaps twice."""
        body = json.loads(row.body)
        try:
            if "home" in body:
                return await self._publish(row, body["home"])
            channel = await self._channel(row.chat)
            if row.kind == "delete":
                return await self._delete(channel, body["message"])
            thread = {"thread_ts": row.thread} if row.thread else {}
            if "export" in body:
                return await self._document(channel, thread, body["export"])
            return await self._post(row, {"channel": channel, **thread}, body)
        except SlackError as failure:
            log.info("row not sent", row=row.id, reason=failure.code)
            if failure.code == NO_SCOPE and "export" in body:
                # Of files alone: the cards behind it do not wait until somebody installs the app.
                log.error("no file can be sent", mend=NO_SCOPE_MEND)
                return RefusedForGood(failure.code)
            if failure.passing:
                return Later(failure.code, failure.seconds)
            return RefusedForGood(failure.code)

    def learn(self, person: str, channel: str) -> None:
        """A person wrote from their direct channel: no need to ask for it."""
        if len(self._chats) >= KNOWN_CHATS:
            self._chats.clear()
        self._chats[person] = channel

    def known(self, person: str) -> str | None:
        return self._chats.get(person)

    async def is_member(self, chat: str, user: str, now: datetime) -> bool:
        """As of at most a minute ago; nobody is refused without asking. SlackError."""
        asked, members = self._members.get(chat, (now, frozenset()))
        if user not in members or now - asked > MEMBERS_GOOD_FOR:
            members = frozenset(await self._all_members(chat))
            self._members[chat] = (now, members)
        return user in members

    async def open_form(self, trigger: str, view: Json) -> None:
        """Best effort: who sees no form taps again."""
        try:
            await self._ask("views.open", {"trigger_id": trigger, "view": view})
        except SlackError as failure:
            log.warning("the form did not open", reason=failure.code)

    async def whisper(self, channel: str, user: str, text: str) -> None:
        """Shown to that person alone; best effort."""
        arguments = {"channel": channel, "user": user, "text": text, "mrkdwn": False}
        try:
            await self._ask("chat.postEphemeral", arguments)
        except SlackError as failure:
            log.warning("a note was not shown", reason=failure.code)

    async def _post(self, row: OutboxRow, where: Json, body: Json) -> Outcome:
        content = filled(body["body"], row.id)
        edit = body.get("edit", "")
        while True:
            try:
                if edit:
                    # What is not given stays, so a message without buttons must say so.
                    there = {"channel": where["channel"], "ts": edit, "blocks": [], **content}
                    there["text"] = short(content["text"])
                    posted = await self._ask("chat.update", there)
                else:
                    posted = await self._ask("chat.postMessage", {**where, **content})
            except SlackError as failure:
                if edit and failure.code in UNCHANGEABLE:
                    if body.get("leave"):
                        return Delivered("")
                    edit = ""  # it is gone, or too old: said anew
                elif failure.code in MARKUP and "blocks" in content:
                    log.warning("row sent as plain text", row=row.id, reason=failure.code)
                    content = body["plain"]
                elif failure.code in THREAD and "thread_ts" in where:
                    where = {"channel": where["channel"]}  # its first message was deleted
                else:
                    raise
            else:
                return Delivered(str(posted["ts"]))

    async def _publish(self, row: OutboxRow, view: Json) -> Outcome:
        """A person's Home tab, in place of what it showed. Where it is refused, nothing was lost
        that somebody waits for: no dead letter, whose later retry would show an old page."""
        user = row.chat.removeprefix(HOME)
        try:
            await self._ask("views.publish", {"user_id": user, "view": filled(view, row.id)})
        except SlackError as failure:
            if failure.passing:
                raise
            log.warning("a home page was refused", row=row.id, reason=failure.code)
        return Delivered("")

    async def _document(self, channel: str, thread: Json, asked: Mapping[str, str]) -> Outcome:
        """Three calls, of which the last shows the file: where one is lost, nothing was seen."""
        if self._documents is None:
            return RefusedForGood("no files are made here")
        async with self._documents(asked) as document:
            if text := document.instead(FILE_LIMIT):
                said = {"channel": channel, **thread, "text": text, "mrkdwn": False}
                posted = await self._ask("chat.postMessage", said)
                if document.size > FILE_LIMIT:
                    return RefusedForGood("the file is larger than Slack takes (1 GB)")
                return Delivered(str(posted["ts"]))
            wanted = {"filename": document.name, "length": document.size}
            place = await self._ask("files.getUploadURLExternal", wanted, reading=True)
            await self._upload(str(place["upload_url"]), document.file)
            shown = {
                "files": [{"id": place["file_id"], "title": document.name}],
                "channel_id": channel,
                "initial_comment": document.caption,
                **thread,
            }
            await self._ask("files.completeUploadExternal", shown)
        return Delivered("")  # Slack does not tell the message that it makes of it

    async def _delete(self, channel: str, message: str) -> Outcome:
        try:
            await self._ask("chat.delete", {"channel": channel, "ts": message})
        except SlackError as failure:
            if failure.code != "message_not_found":
                raise
        return Delivered("")

    async def _channel(self, chat: str) -> str:
        """The direct channel of a person (U..., W...); any other chat is a channel already."""
        if not chat.startswith(("U", "W")):
            return chat
        if chat not in self._chats:
            opened = await self._ask("conversations.open", {"users": chat})
            self.learn(chat, str(opened["channel"]["id"]))
        return self._chats[chat]

    async def _all_members(self, chat: str) -> set[str]:
        found: set[str] = set()
        asked: Json = {"channel": chat, "limit": 1000}
        while True:
            page = await self._ask("conversations.members", asked, reading=True)
            found.update(page["members"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return found
            asked = {**asked, "cursor": cursor}
