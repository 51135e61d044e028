"""Progress on stderr: what runs, how far it is."""

from __future__ import annotations

import sys
import time


class Progress:
    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total
        self._began = self._shown = time.monotonic()
        self._draws = sys.stderr.isatty()

    def to(self, done: int) -> None:
        now = time.monotonic()
        if now - self._shown < (0.2 if self._draws else 10):
            return
        self._shown = now
        end = "\r" if self._draws else "\n"
        print(f"  {self._what}: {done} of {self._total}", end=end, file=sys.stderr, flush=True)

    def done(self) -> None:
        took = time.monotonic() - self._began
        clear = "\x1b[2K" if self._draws else ""
        print(f"{clear}  {self._what}: {took:.1f} s", file=sys.stderr, flush=True)
