"""A PostgreSQL of the benchmarks' own, durable and on the disk that is measured, and plain commits
on either kind of database: the yardsticks."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from bot.store.postgres import _prepare
from bot.store.postgres_connection import address
from tests import postgres
from tests.benchmarks.commits import durable
from tests.places import Place

_BODY = "e" * 170
_names = count(1)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Its address, with every setting as PostgreSQL has it: a commit waits for the disk."""
    folder.chmod(0o755)  # the server may run as a user of its own
    running = postgres.start(folder / "postgres")
    try:
        yield str(running.get_uri())
    finally:
        postgres.close()
        running.cleanup()


def fresh(url: str) -> str:
    """The address of a new database with our tables."""
    name = f"bench_{next(_names)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    made = postgres.of(url, name)
    _prepare(address(made, ""))
    return made


class Plain:
    """One row a commit, by one connection, and nothing else."""

    def __init__(self, place: Place) -> None:
        self._sqlite: sqlite3.Connection | None = None
        if isinstance(place, Path):
            self._sqlite = durable(place)
            self._sqlite.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
        else:
            self._postgres = psycopg.connect(place, autocommit=True)
            self._postgres.execute("CREATE TABLE plain (id BIGSERIAL PRIMARY KEY, body TEXT)")

    def commit(self) -> None:
        if self._sqlite is not None:
            self._sqlite.execute("INSERT INTO plain (body) VALUES (?)", (_BODY,))
        else:
            self._postgres.execute("INSERT INTO plain (body) VALUES (%s)", (_BODY,))

    def per_second(self, commits: int) -> float:
        began = time.perf_counter()
        for _ in range(commits):
            self.commit()
        return commits / (time.perf_counter() - began)

    def close(self) -> None:
        (self._postgres if self._sqlite is None else self._sqlite).close()
