"""``make bench``, part "plans": every look of a turn, a tick and a sweep beside a million rows of
each table, on both databases: how long it takes, and whether it goes by an index.

The looks are those of the running program (``tests/hot_queries.py``). What is no single statement,
an erase of somebody who is stored, is measured whole: there the checks of what refers to a row are
in it, which no plan shows.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from bot.store.databases import open_store
from bot.store.driver import LOCKED, Execute
from bot.store.lanes import SharedLanes
from bot.store.postgres_connection import executing
from bot.store.transaction import SqlTransaction
from tests.benchmarks import servers
from tests.benchmarks.progress import Progress
from tests.benchmarks.report import environment_line
from tests.hot_queries import fill, live, looks_of, recorded, wrongly_read
from tests.places import Place, database
from tests.rig import rigged

FULL, QUICK = 1_000_000, 20_000
AT = "2026-11-22T18:22:01.120Z"
NO_INDEX = "SELECT id FROM outbox WHERE body = ?"
"""what a look without an index costs there: the yardstick, which must be found wrong"""
_WIDEST = 96


@dataclass(frozen=True, slots=True)
class Look:
    what: str
    milliseconds: float
    """the faster of two times, so that what it reads is in memory"""
    wrong: Sequence[str]
    """what it reads that it should find by an index"""


@dataclass(frozen=True, slots=True)
class Plans:
    kind: str
    stored: int
    filling: float
    """seconds"""
    looks: Sequence[Look]
    yardstick: Look
    erase: float
    """milliseconds, of a person with a row in each table; taken back"""

    @property
    def wrong(self) -> list[Look]:
        return [look for look in self.looks if look.wrong]

    def text(self) -> str:
        slowest = sorted(self.looks, key=lambda look: -look.milliseconds)
        lines = [
            f"{self.kind}: {len(self.looks)} looks beside {self.stored:,} rows of each table"
            f" (filled in {self.filling:.0f} s), {len(self.wrong)} not by an index",
            f"  {'ms':>9}  {'verdict':8}",
            *(_line(look) for look in slowest),
            f"{_line(self.yardstick)} <- the yardstick, which no index has",
            f"  {self.erase:9.2f}  {'':8} an erase of who has a row in each table, taken back",
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class All:
    plans: Sequence[Plans]

    def text(self) -> str:
        return "\n\n".join([environment_line(), *(plans.text() for plans in self.plans)])

    def json(self) -> list[dict[str, Any]]:
        return [asdict(plans) for plans in self.plans]


def _line(look: Look) -> str:
    verdict = "; ".join(look.wrong) if look.wrong else "index"
    return f"  {look.milliseconds:9.2f}  {verdict:8} {' '.join(look.what.split())[:_WIDEST]}"


def measure(stored: int, folder: Path) -> All:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        found = [asyncio.run(_plans("SQLite", Path(own) / "plans.db", stored))]
    with servers.server(folder) as url:
        found.append(asyncio.run(_plans("PostgreSQL", servers.fresh(url), stored)))
    return All(found)


async def _plans(kind: str, place: Place, stored: int) -> Plans:
    progress = Progress(f"{stored:,} rows of each table into {kind}", 1)
    began = time.perf_counter()
    await fill(place, stored)
    filling = time.perf_counter() - began
    progress.done()
    with recorded() as made:
        async with rigged(place, staff="slack") as rig:
            await live(rig)
    store = await open_store(database(place), serving=False)  # what was written is in its place
    await store.close()
    looks = [_look(place, *look) for look in looks_of(made, place).items()]
    yardstick = _look(place, NO_INDEX, ("no index has it",))
    return Plans(kind, stored, filling, looks, yardstick, _erase(place, stored // 2))


def _look(place: Place, sql: str, values: tuple[object, ...]) -> Look:
    with _taken_back(place) as execute:
        spans = [_timed(execute, sql, values) for _ in range(2)]
    return Look(sql, min(spans), [*wrongly_read(place, sql, values)])


def _timed(execute: Execute, sql: str, values: tuple[object, ...]) -> float:
    began = time.perf_counter()
    rows = execute(sql, values)
    if isinstance(rows, sqlite3.Cursor):  # which reads as it is asked to
        rows.fetchall()
    return 1e3 * (time.perf_counter() - began)


def _erase(place: Place, conversation: int) -> float:
    with _taken_back(place) as execute:
        tx = SqlTransaction(execute)
        if isinstance(place, str):
            tx = SqlTransaction(execute, SharedLanes(execute, "", {}), LOCKED)
        began = time.perf_counter()
        gone = tx.forget(conversation, (), "bench", AT)
        span = 1e3 * (time.perf_counter() - began)
    assert gone  # else nobody was there, and nothing was measured
    return span


@contextmanager
def _taken_back(place: Place) -> Iterator[Execute]:
    """A transaction as the program has it, undone at its end."""
    if isinstance(place, Path):
        with closing(sqlite3.connect(place, isolation_level=None)) as db:
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("BEGIN IMMEDIATE")
            yield db.execute
            db.execute("ROLLBACK")
        return
    with psycopg.connect(place, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("BEGIN")
        yield executing(connection)
        connection.execute("ROLLBACK")
