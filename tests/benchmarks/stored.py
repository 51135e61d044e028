"""What a turn costs beside 1,000 and beside 1,000,000 stored conversations, in turns on the one and
on the other, with plain one-row commits between them.

A stored conversation here is one row of each table that a turn reads or writes by a key:
conversations, events, outbox and dues. A real one has more rows, not more tables to look through.
"""

# ruff: noqa: S608 - what is put into a text is our own constants
from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bot.house import House
from bot.store.databases import open_store
from bot.store.schema import migrate
from tests.benchmarks import servers
from tests.benchmarks.measure import percentile
from tests.benchmarks.ours import Ours
from tests.benchmarks.people import FIRST_CHAT, Person
from tests.benchmarks.progress import Progress
from tests.places import Place, database

AT = "2026-11-22T18:22:01.120Z"
BATCH = 20_000
_STATE, _BODY = "s" * 600, "b" * 150

_SQLITE = (
    "INSERT INTO conversations (channel, person, chat, thread, state, created_at, updated_at)"
    f" VALUES ('telegram', ?, ?, '', '{_STATE}', '{AT}', '{AT}')",
    "INSERT INTO events (key, conversation, body, platform_at, received_at)"
    f" VALUES (?, ?, '{_BODY}', '{AT}', '{AT}')",
    "INSERT INTO outbox (channel, chat, thread, kind, body, choices, prompt, case_kind, case_id,"
    " conversation, created_at, due_at, state, message, settled_at) VALUES"
    f" ('telegram', ?, '', 'send', '{_BODY}', '[]', 1, '', '', ?, '{AT}', '{AT}', 'sent', '7',"
    f" '{AT}')",
    "INSERT INTO dues (conversation, kind, due_at) VALUES (?, 'nudge', '2099-01-01')",
)
_POSTGRES = (
    "INSERT INTO conversations (channel, person, chat, thread, state, created_at, updated_at)"
    f" SELECT 'telegram', ({FIRST_CHAT} + n)::text, ({FIRST_CHAT} + n)::text, '', '{_STATE}',"
    f" '{AT}', '{AT}' FROM generate_series(%s::bigint, %s::bigint) AS n ORDER BY n",
    "INSERT INTO events (key, conversation, body, platform_at, received_at)"
    f" SELECT 'stored:' || n, n + 1, '{_BODY}', '{AT}', '{AT}'"
    " FROM generate_series(%s::bigint, %s::bigint) AS n ORDER BY n",
    "INSERT INTO outbox (channel, chat, thread, kind, body, choices, prompt, case_kind, case_id,"
    " conversation, created_at, due_at, state, message, settled_at)"
    f" SELECT 'telegram', ({FIRST_CHAT} + n)::text, '', 'send', '{_BODY}', '[]', 1, '', '', n + 1,"
    f" '{AT}', '{AT}', 'sent', '7', '{AT}'"
    " FROM generate_series(%s::bigint, %s::bigint) AS n ORDER BY n",
    "INSERT INTO dues (conversation, kind, due_at) SELECT n + 1, 'nudge', '2099-01-01'"
    " FROM generate_series(%s::bigint, %s::bigint) AS n ORDER BY n",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds; each list ascending."""

    kind: str
    few: int
    many: int
    filling: float
    """seconds that filling up to ``many`` took"""
    at_few: Sequence[float]
    at_many: Sequence[float]
    plain: Sequence[float]

    @property
    def ratio(self) -> float:
        """p50 at many to p50 at few."""
        return percentile(self.at_many, 0.5) / percentile(self.at_few, 0.5)

    @property
    def tail(self) -> float:
        """p99.9 of a turn at many to p99.9 of the plain commits."""
        return percentile(self.at_many, 0.999) / percentile(self.plain, 0.999)


async def measure(
    place: str, folder: Path, sizes: tuple[int, int], turns: int, house: House
) -> Cost:
    """``place``: PostgreSQL's address; empty: SQLite. ``turns``: of each size."""
    few, many = sizes
    made: list[Place] = []
    seconds = 0.0
    for size in sizes:
        at: Place = servers.fresh(place) if place else folder / f"stored-{size}.db"
        began = time.perf_counter()
        await fill(at, size)
        seconds = time.perf_counter() - began
        made.append(at)
    plain = servers.Plain(servers.fresh(place) if place else folder / "plain.db")
    crowds = [_spread(size, -(-turns // 8)) for size in sizes]
    found: tuple[list[float], list[float]] = ([], [])
    commits: list[float] = []
    progress = Progress(f"turns beside {many:,} conversations", turns)
    async with Ours(made[0], crowds[0], house) as small, Ours(made[1], crowds[1], house) as large:
        for one, other in zip(*crowds, strict=True):
            for raw_one, raw_other in zip(one.updates(), other.updates(), strict=True):
                for side, raw, chat, into in (
                    (small, raw_one, one.chat, found[0]),
                    (large, raw_other, other.chat, found[1]),
                ):
                    began = time.perf_counter()
                    await side.turn(raw, chat)
                    into.append(1e3 * (time.perf_counter() - began))
                    await side.finish()
                    began = time.perf_counter()
                    plain.commit()
                    commits.append(1e3 * (time.perf_counter() - began))
            progress.to(len(found[0]))
    progress.done()
    plain.close()
    warm = min(240, len(found[0]) // 4)
    kind = "PostgreSQL" if place else "SQLite"
    at_few, at_many = (sorted(some[warm:]) for some in found)
    return Cost(kind, few, many, seconds, at_few, at_many, sorted(commits[2 * warm :]))


def _spread(size: int, count: int) -> list[Person]:
    """So many of the people who are stored, from all over the tables."""
    return [Person(n * size // count) for n in range(count)]


async def fill(place: Place, size: int) -> None:
    """So many stored conversations, from ``Person(0)`` on. Speed over safety, then as it was."""
    if isinstance(place, Path):
        _fill_sqlite(place, size)
    else:
        _fill_postgres(place, size)
    store = await open_store(database(place), serving=False)  # it opens: what was made is whole
    await store.close()


def _fill_sqlite(path: Path, size: int) -> None:
    progress = Progress(f"{size:,} conversations into SQLite", size)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, path)
        for setting in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000"):
            db.execute(f"PRAGMA {setting}").fetchall()
        db.execute("PRAGMA foreign_keys = OFF")
        for numbers in _batches(size):
            chats = [str(FIRST_CHAT + n) for n in numbers]
            ids = [n + 1 for n in numbers]
            db.execute("BEGIN")
            db.executemany(_SQLITE[0], zip(chats, chats, strict=True))
            db.executemany(_SQLITE[1], ((f"stored:{id}", id) for id in ids))
            db.executemany(_SQLITE[2], zip(chats, ids, strict=True))
            db.executemany(_SQLITE[3], ((id,) for id in ids))
            db.execute("COMMIT")
            progress.to(numbers.stop)
        db.execute("PRAGMA journal_mode = WAL").fetchall()
    progress.done()


def _fill_postgres(url: str, size: int) -> None:
    progress = Progress(f"{size:,} conversations into PostgreSQL", size)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # the keys are known to fit
        connection.execute("SET synchronous_commit = off")
        for numbers in _batches(size):
            for statement in _POSTGRES:
                connection.execute(statement, (numbers.start, numbers.stop - 1))
            progress.to(numbers.stop)
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    progress.done()


def _batches(size: int) -> Iterator[range]:
    for start in range(0, size, BATCH):
        yield range(start, min(start + BATCH, size))
