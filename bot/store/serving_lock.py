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


class NoLock(StoreError):
    """The lock file cannot be opened: it is another user's, mostly."""


class ServingLock:
    def __init__(self, database: Path) -> None:
        """Raises ``StoreError`` where another process serves the file, ``NoLock`` where nobody can
        tell."""
        path = lock_path(database)
        try:
            self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise NoLock(
                f"{path} cannot be opened ({os.strerror(error.errno or 0)}): it must be this "
                "user's, in a folder that can be written. It holds nothing and may be removed "
                "while nothing serves the database."
            ) from None
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
