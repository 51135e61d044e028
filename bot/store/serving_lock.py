"""One serving process for a file: the lock that it holds as long as it lives.

An advisory lock of the operating system on ``<file>.lock``: it goes when the process goes, however
it ends. The lock file itself stays, since removing it would let two processes lock two files of
the same name.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.store.rows import StoreError


class ServingLock:
    def __init__(self, database: Path) -> None:
        """Raises ``StoreError`` where another process serves the file."""
        self._file = os.open(lock_path(database), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise StoreError(
                f"{database} is being served by another process ({holder}): stop that one, or use "
                "another file. Every command that does not serve works beside it."
            ) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode("ascii"))

    def release(self) -> None:
        os.close(self._file)


def lock_path(database: Path) -> Path:
    return database.with_name(database.name + ".lock")
