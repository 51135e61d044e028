"""A channel only translates. To add one: an adapter module here, its lines in ``configured.py``,
and its composer in ``bot/app.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.messages import Arrival, Outcome, Outgoing, Payload, Receipt
from bot.store.rows import OutboxRow


class Take(Protocol):
    """Gives an arrival to the bot.

    Called in the order of receipt, before any await: arrivals of one person are handled in the
    order of the calls, different people side by side. The future resolves once the arrival is
    committed; it raises ``StoreUnavailable`` where it could not be (do not acknowledge it, back
    off, let the platform send again), and never for what the arrival says.
    """

    def __call__(self, arrival: Arrival) -> asyncio.Future[Receipt]: ...


class Compose(Protocol):
    """Pure: escapes, converts and splits to the platform's limits; one payload = one API call."""

    def __call__(self, outgoing: Outgoing) -> tuple[Payload, ...]: ...


class Sender(Protocol):
    async def send(self, row: OutboxRow) -> Outcome:
        """Carry out one row. Never raises for what the other side answers."""


class Channel(Sender, Protocol):
    name: str

    async def listen(self, take: Take) -> None:
        """Receive until cancelled; returns by itself only where the input ends (a pipe).

        Reconnects and backs off by itself; raises ``ConfigError`` for what only the operator can
        mend (a refused token).
        """

    async def check(self) -> str:
        """One line for ``frontdesk check`` (who the token belongs to); raises ``ConfigError``."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Posted:
    """What somebody posted to one of our addresses, whole. Not believed yet."""

    headers: Mapping[str, str]
    """names in small letters"""
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status, and what is said with it."""

    status: int
    json: Mapping[str, Any] | None = None


class Hook(Protocol):
    """Where a platform posts what it has for us, instead of being asked. A channel that is heard so
    has one as ``hook``; it is open as long as the channel listens."""

    @property
    def path(self) -> str: ...

    @property
    def ready(self) -> bool:
        """Whether something that is posted now can be taken."""

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether the body is worth reading. False: 401, and nothing else happens."""

    async def hear(self, posted: Posted) -> Answer:
        """Runs without a wait down to ``take``, so one person's order is that of the calls. 2xx
        only after the commit; 503: the platform is to send it again. Never raises for what was
        posted."""


async def connected(channels: Mapping[str, Channel]) -> None:
    """Wait for those channels that keep a connection open (``connected``, an event): each must have
    had one. That it is lost later is no reason to turn away what is posted to the others."""
    for channel in channels.values():
        if isinstance(had := getattr(channel, "connected", None), asyncio.Event):
            await had.wait()


def hooks_of(channels: Mapping[str, Channel]) -> list[Hook]:
    """The addresses that these channels are heard through; most have none."""
    found = (getattr(channel, "hook", None) for channel in channels.values())
    return [hook for hook in found if hook is not None]
