"""What the store needs of a database driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol


class Rows(Protocol):
    """The part of a DB-API cursor that is used here."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


Execute = Callable[[str, tuple[object, ...]], Rows]

LOCKED = " FOR NO KEY UPDATE"
"""Ends a SELECT of one table: nobody else changes what it reads until the transaction ends, while
rows that refer to it may come. PostgreSQL's alone: SQLite has one writer, and no such clause."""
