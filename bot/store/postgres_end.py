"""PostgreSQL, as the database that is copied from or into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.store.copying import Row, shapes
from bot.store.databases import Database
from bot.store.ends import check_schema
from bot.store.postgres_connection import (
    READING,
    address,
    as_kept,
    connect,
    executing,
    load,
)
from bot.store.replica import others_alive
from bot.store.rows import StoreError


class PostgresEnd:
    """A database that no process serves."""

    def __init__(self, database: Database, *, reading: bool) -> None:
        at = address(database.url, database.password)
        self.name = at.name
        self._connection = connect(at)
        self.execute = executing(self._connection)
        try:
            check_schema(self.execute, self.name)
            if others_alive(self.execute):
                raise StoreError(f"{self.name} is being served: stop what serves it first.")
            if reading:
                self._connection.execute(READING)
        except BaseException:
            self._connection.close()
            raise

    def text(self, value: str) -> str:
        return as_kept(value)

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        load(self._connection, table, columns, rows)

    def last_ids(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for table in self._with_ids():
            query = "SELECT last_value FROM pg_sequences WHERE schemaname || '.' || sequencename ="
            row = self.execute(f"{query} pg_get_serial_sequence(?, 'id')", (table,)).fetchone()
            found[table] = (row[0] or 0) if row else 0
        return found

    def continue_after(self, table: str, id: int) -> None:
        if id:
            self.execute("SELECT setval(pg_get_serial_sequence(?, 'id'), ?)", (table, id))

    def close(self) -> None:
        self._connection.close()

    @staticmethod
    def _with_ids() -> list[str]:
        return [shape.name for shape in shapes() if shape.serial]
