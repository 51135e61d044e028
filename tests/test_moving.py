"""``frontdesk move``: everything of one database stands in the other, or nothing is said to."""

# ruff: noqa: ASYNC220, ASYNC240, ASYNC251 - nothing else runs in a test's loop meanwhile
from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bot.commands.common import Failure
from bot.commands.moving import _move
from bot.store import Store, Transaction
from bot.store.copying import OWN, begin, shapes
from bot.store.ends import open_end
from bot.store.rows import NewOutbox, StoreError, StoreUnavailable
from bot.store.serving_lock import ServingLock
from tests import postgres
from tests.commands import Done, frontdesk
from tests.places import KINDS, Place, database, fresh, open_at, rows
from tests.play_stored import stored
from tests.test_store import T0
from tests.transcript import load

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def url_of(place: Place) -> str:
    return database(place).url


def move(folder: Path, source: Place, target: Place) -> Done:
    return typed(folder, "move", "--from", url_of(source), "--to", url_of(target))


def typed(folder: Path, *arguments: str) -> Done:
    """The command has a loop of its own, and so a thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(frontdesk, folder, *arguments).result()


def everything(place: Place) -> dict[str, list[tuple[object, ...]]]:
    return {
        shape.name: rows(
            place,
            f"SELECT {', '.join(shape.columns)} FROM {shape.name}"  # noqa: S608 - our own names
            f" ORDER BY {', '.join(shape.key)}",
        )
        for shape in shapes()
    }


def there_are(place: Place) -> int:
    """How many rows of what people do."""
    count = "(SELECT count(*) FROM {})"
    tables = "conversations", "events", "outbox"
    return int(rows(place, f"SELECT {' + '.join(map(count.format, tables))}")[0][0])


async def lived(place: Place) -> None:
    """A conversation with an application, a request of staff's, an erase, a question."""
    async with stored(place) as player:
        for name in ("staff_ask_again", "erased_by_staff", "talk_to_a_person"):
            for turn in load(name).turns:
                await player.play(turn)


async def fill(store: Store, people: int) -> None:
    def job(tx: Transaction) -> None:
        for n in range(people):
            row = tx.open_conversation("telegram", f"p{n}", f"p{n}", "", T0)
            tx.add_event(f"telegram:{n}", row.id, json.dumps({"text": f"Olá {n} 👋"}), T0, T0)
            tx.save_state(row.id, "x" * 200, T0)
            tx.post(NewOutbox("telegram", f"p{n}", "{}", row.id), T0)

    await store.run(job)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "frontdesk.db"


async def test_everything_is_moved_there_and_back(path: Path, tmp_path: Path) -> None:
    await lived(path)
    store = await open_at(path, serving=True)
    last = await store.run(lambda tx: tx.post(NewOutbox("paper", "gone", "{}"), T0))
    await store.close()
    with sqlite3.connect(path) as connection:  # the newest id is not in the table any more
        connection.execute("DELETE FROM outbox WHERE id = ?", (last,))
    connection.close()
    before, kept = everything(path), path.read_bytes()
    assert len([name for name, found in before.items() if found]) > 8

    target = postgres.fresh(empty=True)
    done = move(tmp_path, path, target)
    assert done.code == 0, done
    assert f'Set url = "{target}"' in done.out
    assert everything(target) == before
    assert path.read_bytes() == kept, "the source is as it was"
    store = await open_at(target, serving=True)
    assert await store.run(lambda tx: tx.post(NewOutbox("paper", "new", "{}"), T0)) == last + 1
    await store.close()
    postgres.rows(target, "DELETE FROM outbox WHERE id = ?", last + 1)

    again = tmp_path / "again.db"
    assert move(tmp_path, target, again).code == 0
    assert everything(again) == before
    store = await open_at(again, serving=True)
    assert await store.run(lambda tx: tx.post(NewOutbox("paper", "new", "{}"), T0)) == last + 2
    await store.close()


async def test_who_was_spoken_with_goes_on_after_the_move(path: Path, tmp_path: Path) -> None:
    target = postgres.fresh(empty=True)
    transcript = load("straight")
    half = len(transcript.turns) // 2
    async with stored(path) as player:
        for turn in transcript.turns[:half]:
            assert await player.play(turn) == turn.expected
        await player.close()
        moved = await asyncio.to_thread(move, tmp_path, path, target)
        assert moved.code == 0, moved
        player.place = player.effects.place = target
        await player.open()
        for turn in transcript.turns[half:]:
            assert await player.play(turn) == turn.expected


async def test_what_postgresql_cannot_hold_is_moved_all_the_same(
    path: Path, tmp_path: Path
) -> None:
    store = await open_at(path, serving=True)
    await store.run(lambda tx: tx.set_meta("odd", "a\x00b ✓"))
    await store.close()
    target = postgres.fresh(empty=True)
    assert move(tmp_path, path, target).code == 0
    assert postgres.rows(target, "SELECT value FROM meta WHERE key = 'odd'") == [("a␀b ✓",)]


async def test_killed_in_the_middle_it_goes_on(path: Path, tmp_path: Path) -> None:
    store = await open_at(path, serving=True)
    await fill(store, 5_000)
    await store.close()
    target = postgres.fresh()
    arguments = [sys.executable, "-m", "bot", "move", "--from", url_of(path), "--to", target]
    halves = set[int]()
    for _ in range(3):
        before = there_are(target)
        with subprocess.Popen(
            arguments, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.DEVNULL
        ) as process:
            while there_are(target) < before + 1_000:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        there = there_are(target)
        assert before < there < 15_000
        halves.add(there)
    assert len(halves) == 3, "it goes on, and does not begin anew"
    refused = typed(tmp_path, "--config", _config(tmp_path, target), "check")
    assert "half filled" in refused.out + refused.err
    assert move(tmp_path, path, target).code == 0
    assert everything(target) == everything(path)


@pytest.mark.parametrize("kind", KINDS)
async def test_killed_at_its_first_step_it_leaves_the_target_as_it_was(
    kind: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database without the rows that each one has would be served, and fail."""
    target = fresh(kind, tmp_path, "target.db")
    for place in (path, target):
        await (await open_at(place, serving=True)).close()
    new = everything(target)
    left, right = open_end(database(path), reading=True), open_end(database(target), reading=False)
    ask = right.ask

    def killed(sql: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        if sql.startswith("INSERT"):
            raise KeyboardInterrupt
        return ask(sql, values)

    monkeypatch.setattr(right, "ask", killed)
    with pytest.raises(KeyboardInterrupt):
        begin(left, right)
    for end in (left, right):
        end.close()
    assert everything(target) == new
    assert move(tmp_path, path, target).code == 0


def test_a_source_is_waited_for_while_the_other_side_is_counted() -> None:
    with closing(open_end(database(postgres.fresh()), reading=True)) as end:
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            assert end.ask(f"SHOW {limit}") == [("0",)]
        with pytest.raises(StoreUnavailable, match="read-only"):
            end.ask("DELETE FROM meta")


class TestRefusals:
    async def test_a_target_with_other_data(self, path: Path, tmp_path: Path) -> None:
        target = postgres.fresh()
        for place in (path, target):
            store = await open_at(place, serving=True)
            await fill(store, 3)
            await store.close()
        done = move(tmp_path, path, target)
        assert (done.code, "has other data" in done.err) == (2, True)

    async def test_a_source_that_is_served(self, path: Path, tmp_path: Path) -> None:
        await (await open_at(path, serving=True)).close()
        lock = ServingLock(path)
        done = move(tmp_path, path, postgres.fresh())
        lock.release()
        assert (done.code, "served by another process" in done.err) == (2, True)

    async def test_a_postgresql_that_is_served(self, path: Path, tmp_path: Path) -> None:
        target = postgres.fresh()
        store = await open_at(target, serving=True)
        store.carry("outbox", ["telegram"], lambda *_: True, lambda: None)
        while not store.awake:  # noqa: ASYNC110 - a thread of the store's
            await asyncio.sleep(0.01)
        done = await asyncio.to_thread(move, tmp_path, target, path)
        await store.close()
        assert (done.code, "is being served" in done.err) == (2, True)

    async def test_a_source_that_changed_meanwhile(self, path: Path, tmp_path: Path) -> None:
        store = await open_at(path, serving=True)
        await fill(store, 3)
        await store.close()
        target = postgres.fresh()
        columns = (
            "INSERT INTO migrations (migration_set, name, applied_at) VALUES ('moving', ?, '')"
        )
        postgres.rows(target, columns, str(path))
        row = "INSERT INTO meta (key, value) VALUES ('another', 'row')"
        postgres.rows(target, row)
        done = move(tmp_path, path, target)
        assert (done.code, "meta is not the same on both sides" in done.err) == (1, True)

    async def test_a_source_that_is_half_filled_itself(self, path: Path, tmp_path: Path) -> None:
        store = await open_at(path, serving=True)
        await fill(store, 3)
        await store.close()
        half = "INSERT INTO migrations (migration_set, name, applied_at) VALUES ('moving', 'x', '')"
        rows(path, half)
        done = move(tmp_path, path, tmp_path / "again.db")
        assert (done.code, "is half filled from x" in done.err) == (2, True)

    async def test_a_source_that_was_served_meanwhile(self, path: Path) -> None:
        url = postgres.fresh()
        left = open_end(database(url), reading=True)
        alive = "extract(epoch FROM clock_timestamp()) * 1000"
        postgres.rows(url, f"INSERT INTO replicas SELECT 'one', CAST({alive} AS BIGINT)")
        await (await open_at(path, serving=False)).close()
        with closing(left), pytest.raises(Failure, match="has been served since the move began"):
            _move(left, database(path))
        with pytest.raises(StoreError, match="half filled"):
            await open_at(path, serving=True)

    async def test_a_target_that_cannot_be_written_is_named(
        self, path: Path, tmp_path: Path
    ) -> None:
        await (await open_at(path, serving=True)).close()
        target = postgres.fresh()
        name = target.partition("?")[0].rpartition("/")[2]
        postgres.rows(target, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        done = await asyncio.to_thread(move, tmp_path, path, target)
        assert (done.code, "is read-only: name the primary" in done.err) == (1, True)

    async def test_a_full_disk_is_named(self, path: Path) -> None:
        await (await open_at(path, serving=True)).close()
        with closing(open_end(database(path), reading=False)) as end:
            end.ask(f"PRAGMA max_page_count = {end.ask('PRAGMA page_count')[0][0]}")
            with pytest.raises(StoreUnavailable, match="cannot grow: free space"):
                end.write("meta", ("key", "value"), [("k", "x" * 100_000)])

    def test_what_is_no_database(self, path: Path, tmp_path: Path) -> None:
        done = typed(tmp_path, "move", "--from", url_of(path), "--to", "mysql://x/y")
        assert done.code == 1
        assert "must be an SQLite file" in done.err
        done = move(tmp_path, path, postgres.fresh())
        assert (done.code, "There is no database" in done.err) == (2, True)


def test_every_table_is_moved_but_what_a_database_knows_of_itself() -> None:
    names = {shape.name for shape in shapes()}
    with sqlite3.connect(":memory:") as connection:
        from bot.store.schema import migrate

        connection.isolation_level = None
        migrate(connection, Path("memory"))
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        assert {name for (name,) in connection.execute(query)} == names | OWN
    connection.close()


def _config(folder: Path, url: str) -> str:
    file = folder / "moved.toml"
    file.write_text(f'[store]\nurl = "{url}"\n')
    return str(file)
