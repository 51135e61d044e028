"""A channel only translates. To add one: an adapter module here and a line in ``CHANNELS`` of
``bot/app.py``.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

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
