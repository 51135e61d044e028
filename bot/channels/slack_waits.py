"""How long the Slack adapter waits for what."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds. ``backoff``: first and longest wait while Slack cannot be reached; ``ping``: how
    soon a broken socket is noticed; ``patience``: how long one may stay broken; ``grace``: how long
    a stop waits for the last commits, to acknowledge them; ``answer``: for the answer to a call."""

    backoff: tuple[float, float] = (1.0, 60.0)
    ping: float = 5.0
    patience: float = 60.0
    grace: float = 3.0
    answer: float = 30.0


USUAL = Waits()


class Socket(Protocol):
    async def is_connected(self) -> bool: ...


async def until_lost(socket: Socket, patience: float) -> None:
    """Return once it has been down for so many seconds."""
    loop = asyncio.get_running_loop()
    seen = loop.time()
    while loop.time() - seen <= patience:
        await asyncio.sleep(patience / 8)
        if await socket.is_connected():
            seen = loop.time()
