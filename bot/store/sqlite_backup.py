"""A copy of the database file while it is being written: SQLite's own backup, page by page.

The whole copy is of one moment: it holds a snapshot from the first page on, so writers go on and
cannot make it start again. As long as it runs the write-ahead log cannot be emptied.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bot.store.rows import StoreError
from bot.store.sqlite_connection import connect, unavailable

PAGES = 1_000
"""copied between two reports of how far it is"""
BUSY = 5.0
"""seconds to wait for another program's lock"""
OF_THE_SOURCE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""errors that are the database's own; any other is met at the copy"""


def back_up(path: Path, to: Path, told: Callable[[int, int], None]) -> int:
    """Copy ``path`` to the new file ``to`` (0600), whole or not at all -> its bytes.
    ``told(done, all)``: pages.
    Raises StoreError where it cannot be written or what was copied is damaged, StoreUnavailable
    where the database cannot be read now."""
    part = to.with_name(f"{to.name}.part")
    if to.exists():
        raise StoreError(f"{to} is there already: name another file, or move that one away.")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        raise StoreError(
            f"{part} is there: another backup is writing it, or one was broken off. Then remove it."
        ) from None
    except OSError as error:
        raise StoreError(f"{to} cannot be made ({os.strerror(error.errno or 0)}).") from None
    try:
        _copy(path, part, told)
        _settle(part)
        part.rename(to)
        _settle(to.parent)
        return to.stat().st_size
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise unavailable(error, path if code in OF_THE_SOURCE else to) or error from error
    except OSError as error:
        raise StoreError(f"{to} cannot be made ({os.strerror(error.errno or 0)}).") from None
    finally:
        for left in (part, part.with_name(f"{part.name}-journal")):
            left.unlink(missing_ok=True)


def _copy(path: Path, part: Path, told: Callable[[int, int], None]) -> None:
    with (
        closing(connect(path, busy_seconds=BUSY, reading=True)) as source,
        closing(sqlite3.connect(part)) as copy,
    ):
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment of the copy
        source.backup(copy, pages=PAGES, progress=lambda _, left, all_: told(all_ - left, all_))
        source.execute("ROLLBACK")
        # A file by itself, until it is served again: no log beside it that could be lost.
        copy.execute("PRAGMA journal_mode = DELETE")
        (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise StoreError(f"{path} is damaged ({verdict}): keep your earlier backups.")


def _settle(file: Path) -> None:
    """On the disk, not only on its way there."""
    number = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
