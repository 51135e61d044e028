"""The two kinds of database, as the one that is copied from or into."""

# ruff: noqa: S608 - what is put into a text is names of our own tables and columns
from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.store.copying import MOVING, End, Row
from bot.store.databases import Database, require_postgres
from bot.store.rows import HalfFilled, StoreError
from bot.store.serving_lock import ServingLock
from bot.store.sqlite_connection import unavailable
from bot.store.steps import TEXTS


class SqliteEnd:
    """A file that nobody else serves meanwhile."""

    def __init__(self, path: Path, *, reading: bool) -> None:
        self.name = str(path)
        self._path = path
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
        except sqlite3.Error as error:
            self._lock.release()
            raise StoreError(str(unavailable(error, path) or error)) from None
        try:
            if reading:
                self.ask("BEGIN")
            check_schema(self, reading=reading)
        except BaseException:
            self.close()
            raise

    def ask(self, sql: str, values: tuple[object, ...] = ()) -> list[Row]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise unavailable(error, self._path) or error from error

    def served(self) -> bool:
        return False  # the lock is ours

    def text(self, value: str) -> str:
        return value

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(columns))
        into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        self.ask("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(into, rows)
        except sqlite3.Error as error:
            raise unavailable(error, self._path) or error from error
        self.ask("COMMIT")

    def last_ids(self) -> Mapping[str, int]:
        return {row[0]: row[1] for row in self.ask("SELECT name, seq FROM sqlite_sequence")}

    def continue_after(self, table: str, id: int) -> None:
        self.ask("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        self.ask("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, id))

    def close(self) -> None:
        self._connection.close()
        self._lock.release()


def check_schema(end: End, *, reading: bool) -> None:
    """Raises StoreError where it is not this very version's, or to be read and half filled."""
    taken = end.ask("SELECT migration_set, name FROM migrations")
    there = {number for of, number in taken if of == "frontdesk"}
    half = [source for of, source in taken if of == MOVING]
    if half and reading:
        raise HalfFilled(end.name, half[0])
    if missing := TEXTS.keys() - there:
        mend = (
            f", which half filled it from {half[0]}: empty it, or name another database."
            if half
            else ": `frontdesk check` brings it up to date."
        )
        raise StoreError(
            f"{end.name} was made by an earlier version of this program (it lacks {min(missing)})"
            f"{mend}"
        )
    if newer := there - TEXTS.keys():
        raise StoreError(
            f"{end.name} was made by a newer version of this program ({max(newer)}): update it."
        )


def open_end(database: Database, *, reading: bool) -> End:
    """Raises StoreError, or StoreUnavailable. What is written into has its tables already."""
    if database.file is not None:
        return SqliteEnd(database.file, reading=reading)
    require_postgres()
    from bot.store.postgres_end import PostgresEnd  # noqa: PLC0415 - an extra

    return PostgresEnd(database, reading=reading)
