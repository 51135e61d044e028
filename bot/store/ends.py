"""The two kinds of database, as the one that is copied from or into."""

# ruff: noqa: S608 - what is put into a text is names of our own tables and columns
from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.store.copying import End, Row
from bot.store.databases import Database, require_postgres
from bot.store.driver import Execute
from bot.store.rows import StoreError
from bot.store.serving_lock import ServingLock
from bot.store.sqlite_connection import unavailable
from bot.store.steps import TEXTS


class SqliteEnd:
    """A file that nobody else serves meanwhile."""

    def __init__(self, path: Path, *, reading: bool) -> None:
        self.name = str(path)
        self.execute: Execute
        if not path.exists():
            raise StoreError(f"There is no database {path}.")
        self._lock = ServingLock(path)
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={'ro' if reading else 'rw'}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            if reading:
                self._connection.execute("BEGIN")
            check_schema(self._connection.execute, self.name)
        except sqlite3.Error as error:
            self._lock.release()
            raise StoreError(str(unavailable(error, path) or error)) from None
        except BaseException:
            self._connection.close()
            self._lock.release()
            raise
        self.execute = self._connection.execute

    def text(self, value: str) -> str:
        return value

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(columns))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows
        )
        self._connection.execute("COMMIT")

    def last_ids(self) -> Mapping[str, int]:
        return dict(self.execute("SELECT name, seq FROM sqlite_sequence", ()).fetchall())

    def continue_after(self, table: str, id: int) -> None:
        self.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        self.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, id))

    def close(self) -> None:
        self._connection.close()
        self._lock.release()


def check_schema(execute: Execute, name: str) -> None:
    """Raises StoreError where it is not this very version's."""
    there = {
        number
        for (number,) in execute(
            "SELECT name FROM migrations WHERE migration_set = 'frontdesk'", ()
        )
    }
    if missing := TEXTS.keys() - there:
        raise StoreError(
            f"{name} was made by an earlier version of this program (it lacks {min(missing)}): "
            "`frontdesk check` brings it up to date."
        )
    if newer := there - TEXTS.keys():
        raise StoreError(
            f"{name} was made by a newer version of this program ({max(newer)}): update it."
        )


def open_end(database: Database, *, reading: bool) -> End:
    """Raises StoreError, or StoreUnavailable. What is written into has its tables already."""
    if database.file is not None:
        return SqliteEnd(database.file, reading=reading)
    require_postgres()
    from bot.store.postgres_end import PostgresEnd  # noqa: PLC0415 - an extra

    return PostgresEnd(database, reading=reading)
