"""Updates that Telegram posts to us, instead of being asked for them: any replica may get one.

**Who may post.** Telegram sends the secret that it was registered with along with each update. It
is compared in constant time, before the body is read. Without it nothing happens.

**Order.** Telegram keeps a queue for each chat and posts the next update of one only after the last
was answered with 2xx; different chats are posted side by side. As we answer after the commit, one
person's messages keep their order whichever replicas they reach, with many connections as with one
(``CONNECTIONS``). What could not be committed is answered 503, and the rest of that chat waits
behind it. Taps have a queue of their own, so a tap may overtake a message by a moment; what it
means is read from the row that showed the button and counts only while it fits the state.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from bot.channels import Answer, Posted
from bot.channels.hearing import Hearing
from bot.channels.telegram_conflict import UNREGISTER
from bot.channels.telegram_errors import refusal
from bot.channels.telegram_members import Unsaid
from bot.channels.telegram_updates import ALLOWED
from bot.logs import logger
from bot.store.rows import StoreUnavailable

log = logger("telegram")

PATH = "/telegram"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
CONNECTIONS = 40
"""Telegram's own default: as many chats at a time. One would have every applicant wait for the turn
of every other, and order per chat does not need it."""
FRESH = 600
"""seconds for which a failed try of Telegram's is news"""


@dataclass(frozen=True, slots=True)
class Registration:
    """``url``: the public https address that leads to ``PATH`` here."""

    url: str
    secret: str

    def arguments(self) -> dict[str, Any]:
        """Of setWebhook. What waits at Telegram is kept."""
        return {
            "url": self.url,
            "secret_token": self.secret,
            "allowed_updates": list(ALLOWED),
            "max_connections": CONNECTIONS,
            "drop_pending_updates": False,
        }


class Webhook:
    """``bot.channels.Hook``. ``every``: seconds between two looks at where Telegram posts to."""

    path = PATH

    def __init__(self, registration: Registration, every: float) -> None:
        self._secret = registration.secret.encode()
        self._url = registration.url
        self._every = every
        self._deliver: Callable[[Any], Coroutine[Any, Any, None]] | None = None
        self._hearing = Hearing()

    @property
    def ready(self) -> bool:
        return self._hearing.open

    async def listen(
        self,
        deliver: Callable[[Any], Coroutine[Any, Any, None]],
        info: Callable[[], Awaitable[object]],
    ) -> NoReturn:
        """Updates are taken until this is cancelled; then what was taken is answered.
        ``deliver``: one, until it is committed; raises StoreUnavailable, Unsaid. ``info``:
        getWebhookInfo, looked at now and then, since whoever has the bot's token can have its
        updates go elsewhere."""
        self._deliver = deliver
        async with self._hearing.opened():
            while True:
                if mend := trouble(await info(), self._url):
                    log.error("this bot's updates do not come here", mend=mend)
                await asyncio.sleep(self._every)

    def admits(self, headers: Mapping[str, str]) -> bool:
        given = headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._secret)

    async def hear(self, posted: Posted) -> Answer:
        if not self.admits(posted.headers):
            return Answer(401)
        if posted.content_type != "application/json":
            return Answer(415)
        if self._deliver is None or not self._hearing.open:
            return Answer(503)
        try:
            with self._hearing.taking():
                await self._deliver(_parsed(posted.body))
        except _NoUpdateError:
            log.warning("something was posted that is no update", size=len(posted.body))
            return Answer(400)
        except (StoreUnavailable, Unsaid):
            log.warning("not stored, Telegram is to post it again")
            return Answer(503)
        return Answer(200)


class _NoUpdateError(Exception):
    """Cut off, no UTF-8, nested without end: nothing that Telegram would post."""


def _parsed(body: bytes) -> Any:
    try:
        raw = json.loads(body)
        json.dumps(raw)  # as it is kept where it cannot be read; it goes less deep than reading
    except (ValueError, RecursionError):
        raise _NoUpdateError from None
    return raw


def trouble(info: object, url: str) -> str:
    """What to mend, from getWebhookInfo's answer; empty where updates come the way that they are
    waited for: ``url``, or where it is empty by polling."""
    there = info.get("url") if isinstance(info, dict) else None
    if (there or "") == url:
        return ""
    if not url:
        return f"this bot has a webhook, so nothing arrives here: {UNREGISTER}"
    where = "elsewhere" if there else "nowhere"
    return f"Telegram posts this bot's updates {where}: `frontdesk telegram register` has them come"


def state(info: object, now: float) -> str:
    """How it goes, in a few words; ``now``: seconds since 1970."""
    if not isinstance(info, dict):
        return ""
    waiting, failed_at = info.get("pending_update_count"), info.get("last_error_date")
    said = ""
    if isinstance(waiting, int) and waiting:
        said = f", {waiting} update{' waits' if waiting == 1 else 's wait'} at Telegram"
    if isinstance(failed_at, int) and now - failed_at < FRESH:
        reason = str(info.get("last_error_message", ""))
        said += f", its last try failed: {reason[:80] if reason.isprintable() else refusal(reason)}"
    return said
