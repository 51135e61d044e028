"""Which database: the one place that knows the kinds there are, a line each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bot.store import Store
from bot.store.rows import StoreError
from bot.store.sqlite import open_store as open_sqlite

SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Database:
    """Where everything is kept. ``jobs``: transactions side by side, on PostgreSQL."""

    url: str
    password: str = ""
    jobs: int = 8

    @property
    def file(self) -> Path | None:
        """Of SQLite."""
        return Path(self.url.removeprefix(SQLITE)) if self.url.startswith(SQLITE) else None


async def _sqlite(database: Database, serving: bool, busy_seconds: float) -> Store:
    assert database.file is not None  # its kind says so
    return await open_sqlite(database.file, serving=serving, busy_seconds=busy_seconds)


async def _postgres(database: Database, serving: bool, busy_seconds: float) -> Store:
    require_postgres()
    from bot.store.postgres import open_store as open_postgres  # noqa: PLC0415 - an extra

    return await open_postgres(database.url, password=database.password, jobs=database.jobs)


def require_postgres() -> None:
    """Raises StoreError where its driver, an extra, is missing."""
    if find_spec("psycopg") is None or find_spec("psycopg_pool") is None:
        raise StoreError(
            "PostgreSQL's driver is not installed: `make run` installs it, and so does "
            "`pip install 'frontdesk[postgres]'`."
        )


KINDS: dict[str, Callable[[Database, bool, float], Awaitable[Store]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgres,
}
"""the scheme of ``store.url`` -> what opens it"""


async def open_store(database: Database, *, serving: bool, busy_seconds: float = 5.0) -> Store:
    """Open it, making its tables where they are missing. ``serving``: be the one process that
    serves it, where there can be but one. Raises ``StoreError`` for what the operator must mend,
    ``StoreUnavailable`` where it cannot be had at the moment."""
    scheme = database.url.partition(":")[0]
    return await KINDS[scheme](database, serving, busy_seconds)
