"""What comes in at a terminal or through a pipe: lines, and the messages that they make."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import threading
from collections.abc import AsyncIterator

FENCE = '"""'


class Fence:
    """Puts the lines between two fences together to one message."""

    def __init__(self) -> None:
        self.open = False
        self._lines: list[str] = []

    def feed(self, line: str) -> str | None:
        """The message that ends with this line; None inside a fence."""
        stripped = line.strip()
        if not self.open:
            if not stripped.startswith(FENCE):
                return line
            self.open = True
            stripped = line = stripped[len(FENCE) :]
            if not stripped:
                return None
        if not stripped.endswith(FENCE):
            self._lines.append(line)
            return None
        self._lines.append(line.rstrip()[: -len(FENCE)])
        return self.rest()

    def rest(self) -> str:
        """What was begun, as it is."""
        text = "\n".join(self._lines).strip("\n")
        self._lines.clear()
        self.open = False
        return text


async def lines_of(file: int) -> AsyncIterator[str]:
    """The lines of a file, pipe or terminal, as they come. Bytes that are no UTF-8 are replaced."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=16)

    def read() -> None:
        # A thread of its own, and no buffered reader: a read that never ends must not keep the
        # program from ending.
        with contextlib.suppress(RuntimeError, asyncio.CancelledError):  # the loop has ended
            while True:
                try:
                    chunk = os.read(file, 65536)
                except OSError:
                    chunk = b""
                asyncio.run_coroutine_threadsafe(queue.put(chunk), loop).result()
                if not chunk:
                    return

    threading.Thread(target=read, name="terminal-reader", daemon=True).start()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    left = ""
    while chunk := await queue.get():
        *whole, left = (left + decoder.decode(chunk)).split("\n")
        for line in whole:
            yield line.removesuffix("\r")
    if left := left + decoder.decode(b"", True):
        yield left
