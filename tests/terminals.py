"""A person at a terminal: the program in a pseudo-terminal, typed at and read."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

PROGRAM = str(Path(sys.executable).with_name("frontdesk"))
PATIENCE = 60.0
"""seconds before a test gives up; nothing waits that long"""

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>()][0-9A-B]?)")


def environment(**more: str) -> dict[str, str]:
    """The tests' own, without whatever settings the machine has."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FRONTDESK_", "NO_COLOR"))}
    return {**kept, "TERM": "xterm-256color", "PYTHONUNBUFFERED": "1", **more}


class Terminal:
    """``with Terminal(["chat"], folder) as screen: screen.until("Hello")``."""

    def __init__(
        self, arguments: Sequence[str], folder: Path, columns: int = 80, **more: str
    ) -> None:
        self.raw = ""
        """all that came, with its escape sequences"""
        self._seen = 0
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self.process = subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=folder,
            env=environment(**more),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        return _ESCAPES.sub("", self.raw).replace("\r", "")

    def types(self, text: str, enter: bool = True) -> None:
        """Half a surrogate pair (``"\\udce9"``) is typed as the byte that it stands for."""
        os.write(self._master, (text + ("\r" if enter else "")).encode(errors="surrogateescape"))

    def until(self, wanted: str) -> str:
        """Read until this stands behind all that earlier calls found; the text up to it."""
        deadline = time.monotonic() + PATIENCE
        while (at := self.text.find(wanted, self._seen)) < 0:
            if not self._read(deadline):
                raise AssertionError(
                    f"{wanted!r} did not come; since then:\n{self.text[self._seen :]}"
                )
        before, self._seen = self._seen, at + len(wanted)
        return self.text[before : self._seen]

    def prompt(self) -> None:
        """Until the prompt stands there to be typed at."""
        self.until("\n> ")

    def ends(self) -> int:
        """Read to the end of the program; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(PATIENCE)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # the other end is closed: Linux says so with an error
            return False
        self.raw += chunk.decode(errors="replace")
        return bool(chunk)
