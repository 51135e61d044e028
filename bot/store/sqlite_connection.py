"""One connection to the file: how it is opened, and what its errors mean for the operator."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from bot.store.rows import StoreError, StoreUnavailable

OLDEST = (3, 37, 0)
"""STRICT tables"""

_CACHE_KIB = 16 * 1024
"""A busy file's upper pages fit; memory must not grow with the number of conversations."""

_MENDS = {
    sqlite3.SQLITE_BUSY: "is locked by another program: end that program's transaction",
    sqlite3.SQLITE_LOCKED: "is locked by another program: end that program's transaction",
    sqlite3.SQLITE_PROTOCOL: "is locked by another program: end that program's transaction",
    sqlite3.SQLITE_FULL: "cannot grow: free space on its disk",
    sqlite3.SQLITE_READONLY: "cannot be written: check its owner, mode and mount",
    sqlite3.SQLITE_PERM: "cannot be written: check its owner, mode and mount",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check that its folder exists and can be written",
    sqlite3.SQLITE_IOERR: "met a disk error: check the disk and the system's log",
    sqlite3.SQLITE_NOMEM: "found no memory: free some",
    sqlite3.SQLITE_CORRUPT: "is damaged: stop the program and restore a backup",
    sqlite3.SQLITE_NOTADB: "is no SQLite database: name another file, or restore a backup",
}


def create(path: Path) -> None:
    """Make the file 0600 before SQLite can make it wider; its -wal and -shm take its mode. A file
    that is there keeps the mode that its operator gave it, and is not even opened: closing it
    again would drop the locks of every SQLite connection of this process."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise StoreError(
            f"This Python has SQLite {sqlite3.sqlite_version}; at least "
            f"{'.'.join(map(str, OLDEST))} is needed: use a newer Python."
        )
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"The database {path} cannot be made: {error.strerror}.") from error


def connect(path: Path, *, busy_seconds: float, reading: bool = False) -> sqlite3.Connection:
    """A connection in autocommit, to be used by one thread at a time. Raises ``sqlite3.Error``."""
    connection = sqlite3.connect(
        path,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        _set(connection, "journal_mode = WAL")
        for pragma in (
            "synchronous = FULL",  # acknowledged means on the disk, power cut or not
            "secure_delete = ON",  # an erased value leaves zeros
            "foreign_keys = ON",
            "temp_store = MEMORY",  # no typed text in files that nobody erases
            f"cache_size = -{_CACHE_KIB}",
            "wal_autocheckpoint = 0",  # the checkpointer's work, off the writer
        ):
            _set(connection, pragma)
        if reading:
            _set(connection, "query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _set(connection: sqlite3.Connection, pragma: str) -> None:
    """Two processes that open a new file at once: SQLite does not wait for the journal mode."""
    for attempt in range(50):
        try:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        except sqlite3.OperationalError as error:
            if _primary(error) != sqlite3.SQLITE_BUSY or attempt == 49:
                raise
            time.sleep(0.02)
        else:
            return


def _primary(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)  # absent where Python itself raised it
    return code & 0xFF


def unavailable(error: sqlite3.Error, path: Path) -> StoreUnavailable | None:
    """The operator's sentence where the database is what is wrong; None where our SQL is."""
    mend = _MENDS.get(_primary(error))
    if mend is None:
        return None
    code = getattr(error, "sqlite_errorname", "")
    return StoreUnavailable(f"The database {path} {mend}. ({code})")
