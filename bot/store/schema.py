"""The numbered migrations of an SQLite file: the one file that uses sqlite-utils.

What each makes is in ``steps.py``; PostgreSQL's way of making it in ``postgres_schema.py``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.store.rows import HalfFilled, StoreError
from bot.store.steps import TEXTS

if TYPE_CHECKING:
    from sqlite_utils import Database

_TABLE = "migrations"


def statements(text: str, serial: str, strict: str) -> list[str]:
    """The single statements of a schema text, for one database. No statement holds a ``;``."""
    filled = text.replace("{serial}", serial).replace("{strict}", strict)
    return [statement.strip() for statement in filled.split(";") if statement.strip()]


def _make(text: str, db: Database) -> None:
    for statement in statements(text, "INTEGER PRIMARY KEY AUTOINCREMENT", "STRICT"):
        db.execute(statement)


STEPS: dict[str, Callable[[Database], None]] = {
    number: partial(_make, text) for number, text in TEXTS.items()
}


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    steps: Mapping[str, Callable[[Database], None]] = STEPS,
) -> None:
    """Bring the file to this program's schema; all of it or nothing. Takes the write lock only
    where something is to be done. Raises ``StoreError`` where the schema is a newer program's."""
    if _applied(connection, steps, path) == steps.keys():
        return
    # Not on top: it loads for longer than a command runs, and only a new schema needs it.
    from sqlite_utils import Database  # noqa: PLC0415
    from sqlite_utils.migrations import Migrations  # noqa: PLC0415

    migrations = Migrations("frontdesk")
    migrations.migrations_table = _TABLE
    for number, step in steps.items():
        migrations(name=number)(step)
    connection.execute("BEGIN IMMEDIATE")  # sqlite-utils' own BEGIN would not keep a second out
    try:
        _applied(connection, steps, path)  # another process may have been quicker
        migrations.apply(Database(connection, recursive_triggers=False, execute_plugins=False))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _applied(connection: sqlite3.Connection, known: Mapping[str, object], path: Path) -> set[str]:
    there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if connection.execute(there, (_TABLE,)).fetchone() is None:
        return set()
    applied = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM migrations WHERE migration_set = 'frontdesk'"
        )
    }
    half = "SELECT name FROM migrations WHERE migration_set = 'moving'"
    if row := connection.execute(half).fetchone():
        raise HalfFilled(str(path), row[0])
    unknown = applied - known.keys()
    if unknown:
        raise StoreError(
            f"{path} was made by a newer version of this program (schema {max(unknown)}, this "
            f"version knows {max(known)}): update the program, or use another file."
        )
    return applied
