"""What Slack posts to us, signed, in place of Socket Mode: events, taps and forms, slash commands.

**Who may post.** Slack signs each request over its time and body; the SDK checks both, and refuses
what is older than five minutes. Within these the very same request is good again, so a replay is
nothing that a signature can tell: it changes nothing, because every arrival is known by its key
(``slack_events``), and a form is opened for a trigger that Slack takes once. Slack's own repeats
(X-Slack-Retry-Num) are the same case.

**Order.** Slack posts one person's events side by side and promises no order between them; neither
does Socket Mode over several connections. Within this process it is that of the calls.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs

from bot.channels import Answer, Posted
from bot.channels.hearing import Hearing
from bot.logs import logger

log = logger("slack")

PATH = "/slack/events"
SIGNED = ("x-slack-signature", "x-slack-request-timestamp")
FIELDS = 100
"""most of a form; Slack sends a dozen"""


class Said(Protocol):
    """What is answered to a payload."""

    status: int
    body: str


class SlackHook:
    """``bot.channels.Hook``. ``is_signed``: (body, headers) -> whether Slack has signed it; may
    raise for what is malformed. ``receive``: a payload, committed."""

    path = PATH

    def __init__(
        self,
        is_signed: Callable[[bytes, Mapping[str, str]], bool],
        receive: Callable[[Any], Awaitable[Said]],
    ) -> None:
        self._is_signed = is_signed
        self._receive = receive
        self._hearing = Hearing()

    @property
    def ready(self) -> bool:
        return self._hearing.open

    async def listen(self) -> None:
        """What is posted is taken until this is cancelled; then what was taken is answered."""
        async with self._hearing.opened():
            await asyncio.Event().wait()

    def admits(self, headers: Mapping[str, str]) -> bool:
        return all(headers.get(name) for name in SIGNED)

    async def hear(self, posted: Posted) -> Answer:
        if not self._signed(posted):
            return Answer(401)
        try:
            payload = _payload(posted)
            json.dumps(payload)  # as it is kept where it cannot be read
        except (ValueError, RecursionError):
            log.warning("something signed was posted that is no payload", size=len(posted.body))
            return Answer(400)
        if payload is None:
            return Answer(415)
        if isinstance(payload, dict) and payload.get("type") == "url_verification":
            return Answer(200, {"challenge": str(payload.get("challenge", ""))})
        if not self._hearing.open:
            return Answer(503)
        if isinstance(payload, dict) and payload.get("type") == "app_rate_limited":
            log.error("Slack drops events: it posts an app no more than 30,000 in an hour")
        with self._hearing.taking():
            said = await self._receive(payload)
        return Answer(said.status, json.loads(said.body) if said.body else None)

    def _signed(self, posted: Posted) -> bool:
        try:
            return self._is_signed(posted.body, posted.headers)
        except (ValueError, TypeError, OverflowError):
            # A time that is no number or beyond all times, letters that none of Slack's has.
            return False


def _payload(posted: Posted) -> Any:
    """None where it is of no kind that Slack posts. ValueError, RecursionError."""
    match posted.content_type:
        case "application/json":
            return json.loads(posted.body) or {}
        case "application/x-www-form-urlencoded":
            body = posted.body.decode()
            form = parse_qs(body, keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
            if "payload" in form:  # a tap, a form
                return json.loads(form["payload"][0]) or {}
            return {name: values[0] for name, values in form.items()}
        case _:
            return None
