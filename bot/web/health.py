"""Whether the program can take anything now: asked by whoever leads messages to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bot.channels import Hook
from bot.store import Store
from bot.store.rows import StoreUnavailable

PATIENCE = 2.0
"""seconds for the store"""
GOOD_FOR = 1.0
"""seconds for which its last word is given again: asking costs a turn on the writer"""


class Health:
    """``serving`` is set while the channels run."""

    def __init__(self, hooks: Iterable[Hook]) -> None:
        self._hooks = tuple(hooks)
        self._store: Store | None = None
        self._asked = asyncio.Lock()
        self._told: tuple[float, bool] = (float("-inf"), False)
        self.serving = False

    def watch(self, store: Store) -> None:
        self._store = store

    async def missing(self) -> str:
        """What it is not ready for, in a word; empty where it is ready."""
        if not self.serving:
            return "serving"
        if not all(hook.ready for hook in self._hooks):
            return "channels"
        return "" if await self.store_answers() else "store"

    async def store_answers(self) -> bool:
        async with self._asked:
            clock = asyncio.get_running_loop().time
            if clock() - self._told[0] > GOOD_FOR:
                answers = await self._ask()
                # As of now: whoever waited meanwhile is not to wait as long again, one by one.
                self._told = (clock(), answers)
            return self._told[1]

    async def _ask(self) -> bool:
        if self._store is None:
            return False
        try:
            async with asyncio.timeout(PATIENCE):
                await self._store.run(lambda tx: tx.get_meta("ready"))
        except (StoreUnavailable, TimeoutError):
            return False
        return True
