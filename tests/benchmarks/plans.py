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
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bot.store.driver import LOCKED, Execute
from bot.store.lanes import SharedLanes
from bot.store.postgres_connection import executing
from bot.store.transaction import SqlTransaction
from tests.benchmarks import servers
from tests.benchmarks.progress import Progress
from tests.hot_queries import fill, live, looks_of, recorded, wrongly_read
from tests.places import Place
from tests.rig import rigged

FULL, QUICK = 1_000_000, 20_000
FEW = 300
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


def _line(look: Look) -> str:
    verdict = "; ".join(look.wrong) if look.wrong else "index"
    return f"  {look.milliseconds:9.2f}  {verdict:8} {' '.join(look.what.split())[:_WIDEST]}"


def measure(stored: int, folder: Path) -> Iterator[Plans]:
    """Of each kind of database, as soon as it is measured."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        small, large = Path(own) / "small.db", Path(own) / "large.db"
        yield asyncio.run(_plans("SQLite", small, large, stored))
    with servers.server(folder) as url:
        made = servers.fresh(url), servers.fresh(url)
        yield asyncio.run(_plans("PostgreSQL", *made, stored))


async def _plans(kind: str, small: Place, large: Place, stored: int) -> Plans:
    """What is asked is found out in the one, since the erase in it would write the other anew."""
    await fill(small, FEW)
    with recorded() as made:
        async with rigged(small, staff="slack") as rig:
            await live(rig)
    progress = Progress(f"{stored:,} rows of each table into {kind}", 1)
    began = time.perf_counter()
    await fill(large, stored)
    filling = time.perf_counter() - began
    progress.done()
    looks = [_look(large, *look) for look in looks_of(made, large).items()]
    yardstick = _look(large, NO_INDEX, ("no index has it",))
    return Plans(kind, stored, filling, looks, yardstick, _erase(large, stored // 2))


def _look(place: Place, sql: str, values: tuple[object, ...]) -> Look:
    spans: list[float] = []
    for _ in range(2):
        with _taken_back(place, whole=False) as execute:
            began = time.perf_counter()
            rows = execute(sql, values)
            if isinstance(rows, sqlite3.Cursor):  # which reads as it is asked to
                rows.fetchall()
            spans.append(1e3 * (time.perf_counter() - began))
    return Look(sql, min(spans), [*wrongly_read(place, sql, values)])


def _erase(place: Place, conversation: int) -> float:
    with _taken_back(place, whole=True) as execute:
        tx = SqlTransaction(execute)
        if isinstance(place, str):
            tx = SqlTransaction(execute, SharedLanes(execute, "", {}), LOCKED)
        began = time.perf_counter()
        gone = tx.forget(conversation, (), "bench", AT)
        span = 1e3 * (time.perf_counter() - began)
    assert gone  # else nobody was there, and nothing was measured
    return span


@contextmanager
def _taken_back(place: Place, *, whole: bool) -> Iterator[Execute]:
    """A transaction, undone at its end. ``whole``: with the checks of what refers to a row, which
    one statement by itself would not pass."""
    if isinstance(place, Path):
        with closing(sqlite3.connect(place, isolation_level=None)) as db:
            db.execute(f"PRAGMA foreign_keys = {int(whole)}")
            db.execute("BEGIN IMMEDIATE")
            yield db.execute
            db.execute("ROLLBACK")
        return
    with psycopg.connect(place, autocommit=True, prepare_threshold=None) as connection:
        if not whole:
            connection.execute("SET session_replication_role = replica")
        connection.execute("BEGIN")
        yield executing(connection)
        connection.execute("ROLLBACK")
