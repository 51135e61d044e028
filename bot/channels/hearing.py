"""Whether posts are taken at the moment, and how many are being taken: a stop waits for these."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

GRACE = 10.0
"""seconds for what was taken to be committed and answered"""


class Hearing:
    def __init__(self) -> None:
        self.open = False
        self._taking = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Posts are taken inside. Ends once the last of them is answered, so that whoever answers
        still has all parts of the program."""
        self.open = True
        try:
            yield
        finally:
            self.open = False
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await self._quiet.wait()

    @contextmanager
    def taking(self) -> Iterator[None]:
        self._taking += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._taking -= 1
            if not self._taking:
                self._quiet.set()
