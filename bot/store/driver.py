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
