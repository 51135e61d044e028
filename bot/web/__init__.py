"""The one small HTTP server, as the rest of the program sees it. Its packages are an extra."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.store import Store
from bot.watch import Watch


class Web(Protocol):
    watch: Watch
    """counts for /metrics"""

    serving: bool
    """set while the channels run: /readyz says so"""

    def open(self, store: Store) -> AbstractAsyncContextManager[None]:
        """Answer until the end; what was taken by then is still answered. Where the server breaks
        down, the task that has it open is cancelled."""
