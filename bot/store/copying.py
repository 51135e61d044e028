"""Everything of one database into another of any kind: table by table, in the order of their keys.

What is copied is what stands in the tables, ids and all; nothing is interpreted, so a table or a
column that comes later is copied too. Each page is one transaction of the target, and continues
after the largest key that is there: whoever was interrupted goes on from there. The source is only
read, on one snapshot. At the end both sides are counted and hashed.
"""

# ruff: noqa: S608 - what is put into a text is names of our own tables and columns
from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from bot.store.rows import StoreError
from bot.store.schema import statements
from bot.store.steps import TEXTS

PAGE = 1_000
"""rows of one transaction"""
MOVING = "moving"
"""``migration_set`` of the row that says, while the target is being filled, where from"""
OWN = frozenset({"migrations", "lanes", "replicas"})
"""what a database knows of itself, not of people"""

Row = tuple[Any, ...]


class End(Protocol):
    """One of the two databases. ``name``: as people may see it."""

    name: str

    def ask(self, sql: str, values: tuple[object, ...] = ()) -> list[Row]:
        """The rows of a statement; this and ``write`` raise ``StoreUnavailable``."""

    def served(self) -> bool:
        """Does any process serve it by now?"""

    def text(self, value: str) -> str:
        """A text as this one keeps it."""

    def write(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Add them, in one transaction."""

    def last_ids(self) -> Mapping[str, int]:
        """table -> the largest id that was ever given in it"""

    def continue_after(self, table: str, id: int) -> None:
        """The next id that is given is a larger one."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Shape:
    """A table; both ends have the same."""

    name: str
    columns: Sequence[str]
    key: Sequence[str]
    refers_to: frozenset[str]
    seeds: Sequence[Row]
    """its rows in a new database"""

    @property
    def serial(self) -> bool:
        """The database gives the ids."""
        return list(self.key) == ["id"]

    def key_of(self, row: Row) -> Row:
        return tuple(row[self.columns.index(name)] for name in self.key)


def shapes() -> list[Shape]:
    """All that is copied; those that others refer to come first."""
    with closing(sqlite3.connect(":memory:")) as empty:
        for text in TEXTS.values():
            for statement in statements(text, "INTEGER PRIMARY KEY AUTOINCREMENT", ""):
                empty.execute(statement)
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        left = {name: _shape(empty, name) for (name,) in empty.execute(query).fetchall()}
    done: list[Shape] = []
    while left:
        ready = sorted(
            name for name, shape in left.items() if not (shape.refers_to - {name}) & left.keys()
        )
        assert ready, f"tables refer to one another in a circle: {', '.join(left)}"
        done += [left.pop(name) for name in ready]
    return [shape for shape in done if shape.name not in OWN]


def _shape(empty: sqlite3.Connection, table: str) -> Shape:
    columns = empty.execute(f"PRAGMA table_info({table})").fetchall()
    keys = sorted((place, name) for _, name, _, _, _, place in columns if place)
    refers = empty.execute(f"PRAGMA foreign_key_list({table})").fetchall()
    return Shape(
        table,
        [column[1] for column in columns],
        [name for _, name in keys],
        frozenset(row[2] for row in refers),
        empty.execute(f"SELECT * FROM {table}").fetchall(),
    )


def begin(source: End, target: End) -> None:
    """Note that the target is being filled from this source. Raises StoreError where it has other
    data, or is being filled from elsewhere."""
    moving = target.ask("SELECT name FROM migrations WHERE migration_set = ?", (MOVING,))
    if moving and moving[0][0] != source.name:
        raise StoreError(
            f"{target.name} is half filled from {moving[0][0]}: go on with that, or name an empty"
            " one."
        )
    if moving:
        return
    for shape in shapes():
        there = next(_pages(target, shape, None), [])
        if there and there != list(shape.seeds):
            raise StoreError(
                f"{target.name} has other data ({shape.name}): name an empty database."
            )
    # At once: a database without its first rows, and not marked as half filled, would be served.
    target.ask("BEGIN")
    for shape in shapes():
        if shape.seeds:
            target.ask(f"DELETE FROM {shape.name}")
    mark = "INSERT INTO migrations (migration_set, name, applied_at) VALUES (?, ?, '')"
    target.ask(mark, (MOVING, source.name))
    target.ask("COMMIT")


def finish(source: End, target: End) -> None:
    """Ids go on where the source had come to; from now on the target may be used."""
    for table, last in source.last_ids().items():
        if table not in OWN:
            target.continue_after(table, last)
    target.ask("DELETE FROM migrations WHERE migration_set = ?", (MOVING,))


def count(end: End, shape: Shape) -> int:
    number: int = end.ask(f"SELECT count(*) FROM {shape.name}")[0][0]
    return number


def copy(source: End, target: End, shape: Shape, done: Callable[[int], None]) -> None:
    """The rows that the target does not have yet. ``done`` hears how many are there."""
    there, rows = _last(target, shape), count(target, shape)
    done(rows)
    for page in _pages(source, shape, there):
        target.write(shape.name, shape.columns, page)
        rows += len(page)
        done(rows)


def digest(end: End, shape: Shape, as_in: End) -> tuple[int, str]:
    """(rows, SHA-256 of all of them in the order of their key), text as ``as_in`` keeps it."""
    whole, rows = hashlib.sha256(), 0
    for page in _pages(end, shape, None):
        for row in page:
            kept = [as_in.text(value) if isinstance(value, str) else value for value in row]
            whole.update(json.dumps(kept).encode())
        rows += len(page)
    return rows, whole.hexdigest()


def _pages(end: End, shape: Shape, after: Row | None) -> Iterator[list[Row]]:
    key = ", ".join(shape.key)
    select = f"SELECT {', '.join(shape.columns)} FROM {shape.name}"
    behind = f"WHERE ({key}) > ({', '.join('?' * len(shape.key))})"
    while page := end.ask(
        f"{select} {behind if after is not None else ''} ORDER BY {key} LIMIT {PAGE}", after or ()
    ):
        yield page
        after = shape.key_of(page[-1])


def _last(end: End, shape: Shape) -> Row | None:
    back = ", ".join(f"{name} DESC" for name in shape.key)
    rows = end.ask(f"SELECT {', '.join(shape.key)} FROM {shape.name} ORDER BY {back} LIMIT 1")
    return tuple(rows[0]) if rows else None
