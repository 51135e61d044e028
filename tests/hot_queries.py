"""Every statement that a turn, a tick and a sweep make, beside as many stored rows as wanted; and
how the database goes about each. They are those of the running program, so a new one is looked at
too.

    await fill(place, 8_000)
    with recorded() as made:
        async with rigged(place, staff="slack") as rig:
            await live(rig)
    looks_of(made)
"""

# ruff: noqa: S608 - what is put into a text is names of our own tables and columns
from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.store import postgres as postgres_store
from bot.store import replica, sqlite_writer
from bot.store.copying import Shape, shapes
from bot.store.databases import open_store
from bot.store.driver import Execute, Rows
from bot.store.lanes import SharedLanes
from bot.store.postgres_connection import translated
from bot.store.transaction import SqlTransaction
from tests.applicant import applicant, apply
from tests.places import Place, database
from tests.rig import Rig

MOST_READ = 200
"""rows that one statement may read of a table"""

SMALL = frozenset(
    {
        *("meta", "migrations", "audit_head"),  # a few rows, ever
        *("replicas", "lanes"),  # as many as serve; as chats in which something waits
        *("articles_seen", "colleagues"),  # the articles; staff
        *("untallied", "unmarked"),  # empty, but after an update of an old program
    }
)
"""tables that do not grow with what is stored"""

VALUES: Mapping[str, str] = {
    "channel": "'telegram'",
    "due_at": "'2099-01-01T00:00:00.000Z'",
    "error": "''",
    "case_kind": "''",
    "ping_at": "''",
    "answer_row": "0",
    "answered_at": "'2026-11-01T00:00:00.000Z'",
    "verdict": "'approved'",
    "prompt": "0",
    "audit.number": "-n",
    "conversations.state": "'{\"draft\":null}'",
    "events.kind": "'turn'",
    "outbox.kind": "'send'",
    "outbox.state": "'sent'",
    "deliveries.state": "'sent'",
    "records.state": "'approved'",
    "staff_notes.state": "'sent'",
    "candidates.kind": "'answer'",
    "candidates.state": "'dismissed'",
    "told.article": "'x'",
    "told.language": "'en'",
}
"""a column's name, or a table's, -> what stands in its stored rows; else the row's number"""


def filling(shape: Shape, types: Mapping[str, str], stored: int) -> str:
    columns = [name for name in shape.columns if not (shape.serial and name == "id")]
    values = [
        VALUES.get(f"{shape.name}.{name}")
        or VALUES.get(name)
        or ("n" if types[name] in ("INTEGER", "bigint") else "'x' || n")
        for name in columns
    ]
    return (
        f"WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < {stored})"
        f" INSERT INTO {shape.name} ({', '.join(columns)}) SELECT {', '.join(values)} FROM g"
    )


async def fill(place: Place, stored: int) -> None:
    """So many rows of each table that grows, of so many people. Speed over safety."""
    store = await open_store(database(place), serving=False)
    await store.close()
    grows = [shape for shape in shapes() if shape.name not in SMALL]
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as db:
            for setting in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000"):
                db.execute(f"PRAGMA {setting}").fetchall()
            db.execute("PRAGMA foreign_keys = OFF")
            for shape in grows:
                listed = db.execute(f"PRAGMA table_info({shape.name})")
                db.execute(filling(shape, {row[1]: row[2] for row in listed}, stored))
                db.commit()
        return
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for shape in grows:
            types = connection.execute(
                "SELECT column_name, data_type FROM information_schema.columns"
                " WHERE table_name = %s AND table_schema = 'public'",
                (shape.name,),
            )
            connection.execute(filling(shape, dict(types.fetchall()), stored))  # type: ignore[call-overload, unused-ignore]
        connection.execute("VACUUM (ANALYZE)")


Made = dict[str, tuple[object, ...]]
"""statements, with what each was made with last"""


@contextmanager
def recorded() -> Iterator[Made]:
    """Every statement that the program makes in a transaction, or to say that it is alive."""
    made: Made = {}

    def noted(execute: Execute) -> Execute:
        def do(sql: str, values: tuple[object, ...] = ()) -> Rows:
            made[re.sub(r"^DECLARE .* CURSOR FOR ", "", sql)] = values
            return execute(sql, values)

        return do

    connected = postgres_store._connected

    def noted_connected(at: Any) -> tuple[Execute, Any]:
        execute, connection = connected(at)
        return noted(execute), connection

    with pytest.MonkeyPatch.context() as patched:
        for module in (postgres_store, sqlite_writer):
            patched.setattr(
                module, "SqlTransaction", lambda do, *more: SqlTransaction(noted(do), *more)
            )
        patched.setattr(
            postgres_store, "SharedLanes", lambda do, *more: SharedLanes(noted(do), *more)
        )
        patched.setattr(postgres_store, "_connected", noted_connected)
        yield made


def looks_of(made: Made, place: Place) -> Made:
    """Those that look for rows: all but plain insertions."""
    looks = {
        sql: values
        for sql, values in made.items()
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH|INSERT.*\sSELECT\s)", sql, re.S)
    }
    if isinstance(place, str):
        looks |= {replica._STRIKE_OFF: (600, "me"), replica._STRAYS: ()}
    return looks


async def live(rig: Rig) -> None:
    """A whole application, a question that staff answer, a tick, and one who has all erased."""
    amira, bram = rig.applicant("telegram", 1), rig.applicant("slack", 2, "Bram")
    await apply(amira.human, applicant(1), rig.until)
    await apply(bram.human, applicant(2), rig.until)
    await amira.says("May my cousin come along to the interview?")
    await rig.hears(amira, "ask staff")
    await amira.taps("Ask staff")
    card = await rig.staff.card("May my cousin")
    await rig.staff.answer(card, "Yes, they may.")
    await rig.hears(amira, "Yes, they may.")
    await amira.says("delete my data")
    await rig.until(lambda: amira.heard and "elete" in amira.newest)
    await amira.taps(next(label for label in _labels(amira) if "elete" in label))
    await rig.taken()
    await rig.app.door.tick()
    await rig.app.courier.drain()


def _labels(person: Any) -> list[str]:
    return [label for message in person.chat if message.from_bot for label in message.labels][-2:]


def wrongly_read(place: Place, sql: str, values: tuple[object, ...]) -> Iterator[str]:
    """What the statement reads that it should find by an index."""
    reads = _read_of_sqlite if isinstance(place, Path) else _read_of_postgres
    return reads(place, sql, values)


def _read_of_sqlite(place: Any, sql: str, values: tuple[object, ...]) -> Iterator[str]:
    """Tables that the statement reads from end to end, by what SQLite plans."""
    with closing(sqlite3.connect(place)) as db:
        some = db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
        )
        partial = {name for (name,) in some}
        for *_, told in db.execute(f"EXPLAIN QUERY PLAN {sql}", values):
            scanned = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", told)
            if scanned and scanned[1] not in SMALL and scanned[2] not in partial:
                yield told


def _read_of_postgres(place: Any, sql: str, values: tuple[object, ...]) -> Iterator[str]:
    """Tables of which the statement reads more than it may, by what PostgreSQL did when asked."""
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no plan shows what it checks
        connection.execute("BEGIN")
        try:
            how = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)"
            row = connection.execute(f"{how} {translated(sql)}", values).fetchone()  # type: ignore[call-overload, unused-ignore]
        finally:
            connection.execute("ROLLBACK")
    assert row is not None
    (plan,) = row[0] if isinstance(row[0], list) else json.loads(row[0])
    yield from _greedy(plan["Plan"])


def _greedy(node: Mapping[str, Any]) -> Iterator[str]:
    filtered = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    read = (node["Actual Rows"] + filtered) * node["Actual Loops"]
    if read > MOST_READ and node.get("Relation Name") not in SMALL and "Scan" in node["Node Type"]:
        yield f"{node['Node Type']} of {node.get('Relation Name')}, {read} rows"
    for below in node.get("Plans", ()):
        yield from _greedy(below)
