"""A database of either kind for a test: a file's path, or PostgreSQL's address."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.store import Store
from bot.store.databases import Database, open_store
from tests import postgres

Place = Path | str


def database(place: Place) -> Database:
    if isinstance(place, Path):
        return Database(f"sqlite:///{place}")
    return postgres.database(place)


async def open_at(place: Place, *, serving: bool, busy_seconds: float = 5.0) -> Store:
    return await open_store(database(place), serving=serving, busy_seconds=busy_seconds)


def rows(place: Place, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What stands there now; ``?`` are the values. A change is committed."""
    if isinstance(place, str):
        return postgres.rows(place, query, *values)
    with closing(sqlite3.connect(place, timeout=10)) as connection, connection:
        return connection.execute(query, values).fetchall()


def fresh(kind: str, folder: Path, name: str = "frontdesk.db") -> Place:
    return folder / name if kind == "sqlite" else postgres.fresh()


KINDS = ("sqlite", "postgresql")
