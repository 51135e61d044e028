"""From every schema that there ever was, with data in it, to this one, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.store import Transaction
from bot.store.copying import OWN, shapes
from bot.store.databases import open_store
from bot.store.driver import Execute
from bot.store.lanes import OUTBOX
from bot.store.postgres_connection import executing
from bot.store.postgres_schema import migrate as migrate_postgres
from bot.store.rows import StoreError
from bot.store.schema import STEPS
from bot.store.schema import migrate as migrate_sqlite
from bot.store.steps import TEXTS
from tests import postgres
from tests.places import KINDS, Place, database, fresh, rows
from tests.test_store import T0

NUMBERS = list(TEXTS)
WORDS: dict[tuple[str, str], str] = {
    ("events", "kind"): "turn",
    ("outbox", "kind"): "send",
    ("outbox", "state"): "waiting",
    ("candidates", "kind"): "answer",
    ("candidates", "state"): "waiting",
    ("deliveries", "state"): "waiting",
    ("decisions", "verdict"): "approved",
    ("staff_notes", "state"): "open",
}
"""what the database lets stand in a column"""


def steps_up_to(number: str) -> list[str]:
    return [one for one in NUMBERS if one <= number]


def make(place: Place, number: str) -> None:
    """A database as that version of the program made it."""
    known = steps_up_to(number)
    if isinstance(place, Path):
        with closing(sqlite3.connect(place, isolation_level=None)) as connection:
            migrate_sqlite(connection, place, {one: STEPS[one] for one in known})
    else:
        with psycopg.connect(place, autocommit=True) as connection:
            migrate_postgres(executing(connection), place, {one: TEXTS[one] for one in known})


def fill(place: Place) -> dict[str, list[tuple[Any, ...]]]:
    """Three rows in each table that is there, each value another; what there is then."""
    there = _tables(place)
    for shape in shapes():
        if shape.name not in there:
            continue
        rows(place, f"DELETE FROM {shape.name}")  # noqa: S608 - our names
        for n in range(1, 2 if shape.seeds else 4):
            values = [_value(shape.name, column, there[shape.name][column], n)
                      for column in there[shape.name]]  # fmt: skip
            columns = ", ".join(there[shape.name])
            marks = ", ".join("?" * len(values))
            rows(place, f"INSERT INTO {shape.name} ({columns}) VALUES ({marks})", *values)  # noqa: S608 - our names
        if shape.serial and isinstance(place, str):
            rows(place, "SELECT setval(pg_get_serial_sequence(?, 'id'), 3)", shape.name)
    return content(place, there)


def content(place: Place, tables: dict[str, dict[str, str]]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: rows(place, f"SELECT {', '.join(columns)} FROM {name} ORDER BY 1, 2")  # noqa: S608 - as above
        for name, columns in tables.items()
        if name not in OWN and len(columns) > 1
    }


def _value(table: str, column: str, type_: str, n: int) -> object:
    if (table, column) in WORDS:
        return WORDS[table, column]
    if type_.upper() in {"INTEGER", "BIGINT"}:
        return n
    return T0 if column.endswith("_at") else f"{column} {n} ✓"


def _tables(place: Place) -> dict[str, dict[str, str]]:
    """table -> column -> type"""
    found: dict[str, dict[str, str]] = {}
    if isinstance(place, Path):
        query = (
            "SELECT m.name, c.name, c.type FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
            " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid"
        )
    else:
        query = (
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        )
    for table, column, type_ in rows(place, query):
        found.setdefault(table, {})[column] = type_
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", NUMBERS)
async def test_what_was_there_is_there(kind: str, number: str, tmp_path: Path) -> None:
    place = tmp_path / "frontdesk.db" if kind == "sqlite" else postgres.fresh(empty=True)
    make(place, number)
    before = _tables(place)
    kept = fill(place)
    store = await open_store(database(place), serving=True)
    try:
        assert content(place, before) == kept
        new = await store.run(lambda tx: tx.open_conversation("telegram", "new", "new", "", T0))
        assert await store.read(lambda reports: reports.waiting()) == 3
    finally:
        await store.close()
    assert new.id == 4
    assert set(_tables(place)) >= {shape.name for shape in shapes()}


async def test_both_have_the_same_tables_columns_and_indexes(tmp_path: Path) -> None:
    file, url = fresh("sqlite", tmp_path), fresh("postgresql", tmp_path)
    await (await open_store(database(file), serving=True)).close()
    ours = {name: list(columns) for name, columns in _tables(file).items() if name not in OWN}
    theirs = {name: list(columns) for name, columns in _tables(url).items() if name not in OWN}
    assert ours == theirs
    named = "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'"
    index = (
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    made = {name for (name,) in rows(url, index)}
    assert made == {name for (name,) in rows(file, named)} - {"idx_migrations_migration_set_name"}


async def test_two_that_start_together_make_one_schema() -> None:
    url = postgres.fresh(empty=True)
    stores = await asyncio.gather(
        *(open_store(postgres.database(url), serving=True) for _ in range(4))
    )
    for store in stores:
        await store.close()
    taken = "SELECT name FROM migrations WHERE migration_set = 'frontdesk' ORDER BY name"
    assert [name for (name,) in rows(url, taken)] == NUMBERS


async def test_a_newer_programs_database_is_refused_and_left_alone() -> None:
    url = postgres.fresh()
    row = (
        "INSERT INTO migrations (migration_set, name, applied_at) VALUES ('frontdesk', '9999', '')"
    )
    rows(url, row)
    before = _tables(url)
    with pytest.raises(StoreError, match=r"newer version of this program \(schema 9999"):
        await open_store(postgres.database(url), serving=True)
    assert _tables(url) == before


def test_a_step_that_fails_changes_nothing() -> None:
    url = postgres.fresh()
    before = _tables(url)
    broken = {**TEXTS, "9999": "CREATE TABLE half (id {serial}); CREATE TABLE wrong (id NONSENSE)"}
    with psycopg.connect(url, autocommit=True) as connection, pytest.raises(psycopg.Error):
        migrate_postgres(executing(connection), url, broken)
    assert _tables(url) == before


async def test_what_waited_before_there_were_lanes_is_sent() -> None:
    url = postgres.fresh(empty=True)
    make(url, "0006")
    fill(url)
    store = await open_store(postgres.database(url), serving=True)
    woken = asyncio.Event()
    store.carry(OUTBOX, ["channel 1 ✓", "channel 2 ✓"], lambda *_: True, woken.set)
    await woken.wait()

    def read(tx: Transaction) -> list[str]:
        return [row.channel for row in tx.unsent(T0, 9)]

    while not (found := await store.run(read)):  # noqa: ASYNC110 - once it is known to be alive
        await asyncio.sleep(0.01)
    await store.close()
    assert found == ["channel 1 ✓", "channel 2 ✓"]


@pytest.fixture(scope="module")
def large() -> str:
    url = postgres.fresh(kept=True)
    many = 20_000
    for statement in (
        "INSERT INTO conversations (channel, person, chat, thread, created_at, updated_at)"
        " SELECT 'telegram', 'p' || n, 'p' || n, '', @, @ FROM generate_series(1, @) AS n",
        "INSERT INTO outbox (channel, chat, thread, kind, body, choices, prompt, case_kind,"
        " case_id, conversation, created_at, due_at, state, message) SELECT 'telegram',"
        " 'p' || n, '', 'send', '{}', '[]', 0, 'record', 'R', n, @, @, CASE WHEN n % 1000 = 0"
        " THEN 'waiting' ELSE 'sent' END, 'm' || n FROM generate_series(1, @) AS n",
        "INSERT INTO dues (conversation, kind, due_at) SELECT n, 'nudge',"
        " CASE WHEN n % 1000 = 0 THEN @ ELSE @ || 'later' END FROM generate_series(1, @) AS n",
        "INSERT INTO told (conversation, article, language, version, substance, at, event)"
        " SELECT n, 'credit', 'en', @, @, '', n FROM generate_series(1, @) AS n",
        "INSERT INTO records (reference, conversation, number, submitted_at, changed_at, body)"
        " SELECT 'R-' || n, n, 1, @, @, '{}' FROM generate_series(1, @) AS n",
        "INSERT INTO reviews (reference, conversation, stage, since, acted_by, claimed_by,"
        " claimed_until, version) SELECT 'R-' || n, n, 'claimed', @, @, '', '', 1"
        " FROM generate_series(1, @) AS n",
        "INSERT INTO deliveries (sink, reference, event, version, occasion, happened_at,"
        " due_at, state) SELECT 'files', 'R-' || n, 'submitted', 1, n, @, @, 'sent'"
        " FROM generate_series(1, @) AS n",
    ):
        for value in (repr(T0), repr(T0), str(many)):
            statement = statement.replace("@", value, 1)  # noqa: PLW2901
        rows(url, statement)
    rows(url, "ANALYZE")
    return url


class TestPlans:
    """At a size where a wrong plan would cost, each hot statement goes by an index."""

    @pytest.mark.parametrize(
        ("job", "tables"),
        [
            (lambda tx: tx.find_conversation("telegram", "p7"), {"conversations"}),
            (lambda tx: tx.conversation(7), {"conversations"}),
            (lambda tx: tx.choice(7, 0, "telegram", "p7"), {"outbox"}),
            (lambda tx: tx.case("telegram", "p7", "m7"), {"outbox"}),
            (lambda tx: tx.due(T0), {"dues"}),
            (lambda tx: tx.unsent(T0, 10), {"outbox"}),
            (lambda tx: tx.mark_later(7, T0, ""), {"outbox"}),
            (lambda tx: tx.last_refusal(7), {"outbox", "conversations"}),
            (lambda tx: tx.told.latest(7, "credit"), {"told"}),
            (lambda tx: tx.reviews.get("R-7"), {"records", "reviews", "conversations"}),
            (lambda tx: tx.deliveries.begin(7), {"deliveries"}),
        ],
    )
    async def test_it_is_read_by_its_index(
        self, job: Callable[[Transaction], object], tables: set[str], large: str
    ) -> None:
        from bot.store.driver import LOCKED
        from bot.store.transaction import SqlTransaction

        plans: list[str] = []
        with psycopg.connect(large, autocommit=True) as connection:
            execute = executing(connection)
            connection.execute("BEGIN")

            def explained(sql: str, values: tuple[object, ...]) -> Any:
                if not sql.startswith("LOCK"):
                    plan = execute(f"EXPLAIN {sql}", values).fetchall()
                    plans.extend(line for (line,) in plan)
                return execute(sql, values)

            explained_: Execute = explained
            job(SqlTransaction(explained_, lock=LOCKED))
            connection.execute("ROLLBACK")
        scans = [line for line in plans if "Seq Scan" in line]
        assert not [line for line in scans if any(f" on {name}" in line for name in tables)], plans
        assert [line for line in plans if "Index" in line]
