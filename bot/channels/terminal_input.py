"""What comes in at a terminal or through a pipe: lines, and the messages that they make."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import threading
from collections.abc import AsyncGenerator

FENCE = '"""'
CHUNK = 65_536
AHEAD = 16
"""chunks that are read before their lines are taken"""


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


async def lines_of(file: int) -> AsyncGenerator[str]:
    """The lines of a file, pipe or terminal, as they come. Bytes that are no UTF-8 are replaced."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    room = threading.Semaphore(AHEAD)
    ours = os.dup(file)  # the thread may still be in its read when the caller closes the file
    stopped = False

    def read() -> None:
        chunk = b"-"
        # The loop may have ended before us: then nobody is left to be told.
        with contextlib.suppress(RuntimeError):
            while chunk and not stopped:
                try:
                    chunk = os.read(ours, CHUNK)
                except OSError:
                    chunk = b""
                loop.call_soon_threadsafe(queue.put_nowait, chunk)
                room.acquire()
        os.close(ours)

    # A thread of its own, and no buffered reader: a read that never ends must not keep the program
    # from ending.
    threading.Thread(target=read, name="terminal-reader", daemon=True).start()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    left = ""
    try:
        while chunk := await queue.get():
            room.release()
            *whole, left = (left + decoder.decode(chunk)).split("\n")
            for line in whole:
                yield line.removesuffix("\r")
        if left := left + decoder.decode(b"", True):
            yield left
    finally:
        stopped = True
        room.release()
