"""PostgreSQL, as the database that is copied from or into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing

from bot.store.copying import Row, shapes
from bot.store.databases import Database
from bot.store.ends import check_schema
from bot.store.postgres_connection import (
    READING,
    address,
    as_kept,
    asked,
    connect,
    executing,
    load,
    unavailable,
)
from bot.store.replica import others_alive
from bot.store.rows import StoreError

READING_ON = (
    f"{READING};SET LOCAL statement_timeout = 0;SET LOCAL idle_in_transaction_session_timeout = 0"
)
"""as long as it takes: it stands still while the other end is counted and hashed"""


class PostgresEnd:
    """A database that no process serves."""

    def __init__(self, database: Database, *, reading: bool) -> None:
        self._at = address(database.url, database.password)
        self.name = self._at.name
        self._connection = connect(self._at)
        try:
            check_schema(self, reading=reading)
            if self.served():
                raise StoreError(f"{self.name} is being served: stop what serves it first.")
            if reading:
                self.ask(READING_ON)
        except BaseException:
            self._connection.close()
            raise

    def ask(self, sql: str, values: tuple[object, ...] = ()) -> list[Row]:
        try:
            return asked(self._connection, sql, values)
        except Exception as error:
            raise unavailable(error, self.name) or error from None

    def served(self) -> bool:
        with closing(connect(self._at)) as connection:  # not of the snapshot that is read
            return others_alive(executing(connection))

    def text(self, value: str) -> str:
        return as_kept(value)

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        try:
            load(self._connection, table, columns, rows)
        except Exception as error:
            raise unavailable(error, self.name) or error from None

    def last_ids(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for table in self._with_ids():
            query = "SELECT last_value FROM pg_sequences WHERE schemaname || '.' || sequencename ="
            rows = self.ask(f"{query} pg_get_serial_sequence(?, 'id')", (table,))
            found[table] = (rows[0][0] or 0) if rows else 0
        return found

    def continue_after(self, table: str, id: int) -> None:
        if id:
            self.ask("SELECT setval(pg_get_serial_sequence(?, 'id'), ?)", (table, id))

    def close(self) -> None:
        self._connection.close()

    @staticmethod
    def _with_ids() -> list[str]:
        return [shape.name for shape in shapes() if shape.serial]
