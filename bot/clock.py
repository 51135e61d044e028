"""Time as the courier sees it, so that a test can advance it without waiting."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time of day, UTC; may jump."""

    def seconds(self) -> float:
        """Only ever goes forward; its zero means nothing."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def seconds(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def rest(clock: Clock, bell: asyncio.Event, seconds: float | None) -> None:
    """Until the bell rings, or so many seconds; None: only the bell."""
    if seconds is None:
        await bell.wait()
        return
    waits = [asyncio.ensure_future(bell.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def stamp(moment: datetime) -> str:
    """As the store keeps times: ISO 8601, UTC, milliseconds, "Z"."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds") + "Z"


def minute(at: str) -> str:
    """A stored time for people: ``2026-11-22 18:22`` (UTC)."""
    return at[:16].replace("T", " ")
