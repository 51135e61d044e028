"""Another program takes this bot's updates: said to the operator and to staff, not at each poll."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.logs import logger
from bot.store.rows import StoreUnavailable

log = logger("telegram")


class Conflicts:
    """``again``: seconds in which a conflict that comes and goes is named once; ``tell``: awaited
    then, where it is another program's polling or webhook; ``spawn`` lets it run aside."""

    def __init__(
        self,
        again: float,
        tell: Callable[[], Awaitable[None]] | None,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._again, self._tell, self._spawn = again, tell, spawn
        self._at = float("-inf")

    def name(self, *, webhook: bool) -> None:
        now = asyncio.get_running_loop().time()
        before, self._at = self._at, now
        if now - before < self._again:
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
        if self._tell is not None:
            self._spawn(self._warn(self._tell))

    async def _warn(self, tell: Callable[[], Awaitable[None]]) -> None:
        try:
            await tell()
        except StoreUnavailable:
            log.warning("staff not told of the conflict", error="StoreUnavailable")
