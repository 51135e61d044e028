"""Somebody else gets this bot's updates: said to the operator and to staff, but not at each try."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.logs import logger
from bot.store.rows import StoreUnavailable

log = logger("telegram")

UNREGISTER = "`frontdesk telegram unregister` has this bot polled again"


class Conflicts:
    """``quiet``: seconds in which one that comes and goes is named once; ``told``: awaited each
    time, or None; ``spawn``: runs it beside."""

    def __init__(
        self,
        quiet: float,
        told: Callable[[], Awaitable[None]] | None,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._quiet = quiet
        self._told = told
        self._spawn = spawn
        self._latest = float("-inf")

    def name(self, *, webhook: bool) -> None:
        now = asyncio.get_running_loop().time()
        before, self._latest = self._latest, now
        if now - before < self._quiet:
            return
        if webhook:
            log.error(
                "a webhook takes this bot's updates",
                mend=f"nothing arrives here while it is set: {UNREGISTER}, and telegram.webhook_url"
                " in the settings has them posted to this program",
            )
        else:
            log.error(
                "another program fetches this bot's updates",
                mend="stop the other one, or give each its own bot token",
            )
        if self._told is not None:
            self._spawn(self._tell(self._told))

    async def _tell(self, told: Callable[[], Awaitable[None]]) -> None:
        try:
            await told()
        except StoreUnavailable:
            log.warning("staff not told of the conflict", error="StoreUnavailable")
