"""What is SQLite's own: files, locks, one commit for many jobs, trouble with the disk, schema."""

# ruff: noqa: ASYNC220, ASYNC240 - nothing else runs in a test's loop while it looks at its files
from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.store import Transaction, sqlite_wal
from bot.store.rows import CandidateRow, NewOutbox, StoreError, StoreUnavailable
from bot.store.schema import STEPS, migrate
from bot.store.sqlite import SqliteStore, open_store
from bot.store.sqlite_connection import connect
from bot.store.told import RELIED
from bot.store.transaction import UNSENT, SqlTransaction
from tests.test_store import T0

ROOT = Path(__file__).parents[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "frontdesk.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_store(path, serving=True, busy_seconds=0.05)
    yield opened
    await opened.close()


def setting(key: str, value: str = "set") -> Callable[[Transaction], None]:
    return lambda tx: tx.set_meta(key, value)


def pragma(text: str) -> Callable[[Transaction], object]:
    """Run a pragma on the writer's own connection."""

    def job(tx: Transaction) -> object:
        assert isinstance(tx, SqlTransaction)
        row = tx._do(f"PRAGMA {text}", ()).fetchone()
        return row[0] if row else None

    return job


async def settings(store: SqliteStore, *keys: str) -> list[str | None]:
    return await store.run(lambda tx: [tx.get_meta(key) for key in keys])


class Group:
    """Jobs that are sure to wait together: the writer is held until all of them are queued."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._entered, self._leave = threading.Event(), threading.Event()

    async def run(self, *jobs: Callable[[Transaction], object]) -> list[object]:
        def hold(_: Transaction) -> None:
            self._entered.set()
            self._leave.wait(30)

        first = asyncio.create_task(self._store.run(hold))
        assert await asyncio.to_thread(self._entered.wait, 30)
        tasks = [asyncio.create_task(self._store.run(job)) for job in jobs]
        await asyncio.sleep(0)  # each has handed its job over
        self._leave.set()
        await first
        return await asyncio.gather(*tasks, return_exceptions=True)


class TestGroups:
    async def test_jobs_that_wait_share_one_commit_and_fail_alone(self, store: SqliteStore) -> None:
        ran: list[str] = []

        def bad(tx: Transaction) -> None:
            tx.set_meta("two", "set")
            raise LookupError("two")

        await store.run(lambda _: None)  # its commit is told before it is counted
        store._writing.set_trace_callback(ran.append)
        one, two, three = await Group(store).run(setting("one"), bad, setting("three"))
        store._writing.set_trace_callback(None)

        assert (one, three) == (None, None)
        assert isinstance(two, LookupError)
        assert await settings(store, "one", "two", "three") == ["set", None, "set"]
        begins = [n for n, sql in enumerate(ran) if sql == "BEGIN IMMEDIATE"]
        group = ran[begins[1] :]  # the first is the job that held the writer
        assert len(begins) == 2
        assert group.count("SAVEPOINT job") == 3
        assert group.count("ROLLBACK TO job") == 1
        assert [group.count("COMMIT"), group[-1]] == [1, "COMMIT"]

    async def test_nobody_hears_before_the_commit(self, store: SqliteStore, path: Path) -> None:
        async def look(key: str) -> bool:
            await store.run(setting(key))
            other = sqlite3.connect(path)
            try:
                found = other.execute("SELECT 1 FROM meta WHERE key = ?", (key,)).fetchone()
            finally:
                other.close()
            return found is not None

        assert all(await asyncio.gather(*(look(str(n)) for n in range(50))))

    async def test_where_the_shared_commit_fails_each_is_tried_alone(
        self, store: SqliteStore
    ) -> None:
        def breaks_the_commit(tx: Transaction) -> None:
            assert isinstance(tx, SqlTransaction)
            tx._do("PRAGMA defer_foreign_keys = ON", ())  # checked at the COMMIT only
            tx.add_event("telegram:9", 404, "", T0, T0)

        one, two, three = await Group(store).run(
            setting("one"), breaks_the_commit, setting("three")
        )
        assert (one, three) == (None, None)
        assert isinstance(two, sqlite3.IntegrityError)
        assert await settings(store, "one", "three") == ["set", "set"]
        assert await store.run(lambda tx: tx.add_event("telegram:9", None, "", T0, T0)) is not None


class TestTrouble:
    async def test_a_locked_file_is_nobodys_message_fault(
        self, store: SqliteStore, path: Path
    ) -> None:
        other = sqlite3.connect(path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            results = await asyncio.gather(
                store.run(setting("a")), store.run(setting("b")), return_exceptions=True
            )
        finally:
            other.close()
        assert all(isinstance(result, StoreUnavailable) for result in results)
        assert "locked by another program" in str(results[0])
        await store.run(setting("a"))
        assert await settings(store, "a") == ["set"]

    async def test_a_full_disk_takes_only_what_does_not_fit(self, store: SqliteStore) -> None:
        pages = await store.run(pragma("page_count"))
        await store.run(pragma(f"max_page_count = {pages}"))
        small, large, small_too = await Group(store).run(
            setting("small"), setting("large", "x" * 100_000), setting("small too")
        )
        assert (small, small_too) == (None, None)
        assert isinstance(large, StoreUnavailable)
        assert "free space" in str(large)
        assert "xxx" not in str(large)
        assert await settings(store, "small", "large", "small too") == ["set", None, "set"]

        await store.run(pragma("max_page_count = 100000"))
        await store.run(setting("large", "x" * 100_000))

    async def test_a_file_that_cannot_be_written_is_named(
        self, store: SqliteStore, path: Path
    ) -> None:
        store._writing.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreUnavailable, match=r"cannot be written.*mode") as caught:
            await store.run(setting("a"))
        assert str(path) in str(caught.value)
        store._writing.execute("PRAGMA query_only = OFF")
        assert await settings(store, "a") == [None]
        await store.run(setting("a"))

    async def test_reports_cannot_write(self, store: SqliteStore) -> None:
        def write(_: object) -> None:
            store._reading.execute("DELETE FROM meta")

        with pytest.raises(StoreUnavailable):
            await store.read(write)
        assert await store.read(lambda reports: reports.waiting()) == 0

    async def test_what_is_no_database_is_refused_and_left_alone(self, path: Path) -> None:
        path.write_text("a diary, not a database\n" * 100)
        with pytest.raises(StoreError, match="no SQLite database"):
            await open_store(path, serving=True)
        assert path.read_text().startswith("a diary")

    async def test_a_missing_folder_is_named(self, path: Path) -> None:
        with pytest.raises(StoreError, match="missing"):
            await open_store(path.parent / "missing" / "x.db", serving=True)

    async def test_a_closed_store_takes_nothing(self, path: Path) -> None:
        store = await open_store(path, serving=True)
        await store.close()
        await store.close()
        for work in (store.run(setting("a")), store.read(lambda r: r.waiting()), store.shrink()):
            with pytest.raises(StoreUnavailable, match="closed"):
                await work


class TestFiles:
    async def test_every_file_is_the_owners_alone(self, path: Path) -> None:
        before = os.umask(0)
        try:
            store = await open_store(path, serving=True)
            await store.run(setting("a"))
            names = {file.name for file in path.parent.iterdir()}
            assert names == {path.name + suffix for suffix in ("", "-wal", "-shm", ".lock")}
            for file in path.parent.iterdir():
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
            await store.close()
        finally:
            os.umask(before)

    async def test_what_is_acknowledged_is_on_the_disk(self, store: SqliteStore) -> None:
        asked = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "temp_store")
        assert [await store.run(pragma(name)) for name in asked] == ["wal", 2, 1, 1, 2]

    async def test_the_log_stays_short_under_steady_writing(
        self, store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite_wal, "LONGEST", 300)
        monkeypatch.setattr(sqlite_wal, "AFTER_JOBS", 50)

        async def person(n: int) -> None:
            for turn in range(60):
                await store.run(setting(f"{n}-{turn}", "x" * 3000))

        await asyncio.gather(*(person(n) for n in range(200)))
        pages = await store.run(pragma("page_count"))
        assert isinstance(pages, int)
        assert pages > 10_000
        log = path.with_name(path.name + "-wal")
        assert log.stat().st_size < 4096 * pages / 4


class TestServing:
    async def test_one_process_serves_and_others_work_beside_it(
        self, store: SqliteStore, path: Path
    ) -> None:
        with pytest.raises(StoreError, match=f"served by another process .{os.getpid()}."):
            await open_store(path, serving=True)
        beside = await open_store(path, serving=False)
        assert not await store.changed()
        await beside.run(setting("a"))
        assert await settings(store, "a") == ["set"]
        assert await store.changed()
        assert not await store.changed()
        await beside.close()

    async def test_what_another_wrote_is_told_also_where_the_commit_fails_first(
        self, store: SqliteStore, path: Path
    ) -> None:
        def breaks_the_commit(tx: Transaction) -> None:
            assert isinstance(tx, SqlTransaction)
            tx._do("PRAGMA defer_foreign_keys = ON", ())
            tx.add_event("telegram:9", 404, "", T0, T0)

        await store.changed()
        other = await open_store(path, serving=False)
        await other.run(setting("a"))
        await other.close()
        started, going = threading.Event(), threading.Event()

        def wait(_: Transaction) -> None:
            started.set()
            going.wait(30)

        first = asyncio.create_task(store.run(wait))
        assert await asyncio.to_thread(started.wait, 30)
        group = asyncio.gather(
            store.changed(), store.run(breaks_the_commit), return_exceptions=True
        )
        await asyncio.sleep(0)  # both are in the queue now
        going.set()
        await first
        changed, broken = await group
        assert isinstance(broken, sqlite3.IntegrityError)
        assert changed is True

    async def test_the_lock_goes_with_the_process_however_it_ends(self, path: Path) -> None:
        code = (
            "import asyncio, pathlib, sys\n"
            "from bot.store.sqlite import open_store\n"
            "async def main():\n"
            "    store = await open_store(pathlib.Path(sys.argv[1]), serving=True)\n"
            "    await store.run(lambda tx: tx.set_meta('a', 'set'))\n"
            "    print('serving', flush=True)\n"
            "    sys.stdin.read()\n"
            "asyncio.run(main())\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "serving\n"
            with pytest.raises(StoreError, match=str(process.pid)):
                await open_store(path, serving=True)
            process.send_signal(signal.SIGKILL)
            process.wait()
        store = await open_store(path, serving=True)
        assert await settings(store, "a") == ["set"]
        await store.close()

    async def test_a_lock_file_of_another_user_is_named(self, path: Path) -> None:
        lock = path.with_name(path.name + ".lock")
        lock.mkdir()  # what cannot be opened, whoever asks
        with pytest.raises(StoreError, match=r"db\.lock cannot be opened .*this user's"):
            await open_store(path, serving=True)

    async def test_two_that_open_a_new_file_at_once_make_one_schema(self, path: Path) -> None:
        stores = await asyncio.gather(*(open_store(path, serving=False) for _ in range(4)))
        for n, store in enumerate(stores):
            await store.run(setting(str(n)))
        assert await settings(stores[0], "0", "1", "2", "3") == ["set"] * 4
        for store in stores:
            await store.close()


class TestSchema:
    @pytest.mark.parametrize("start", ["no file", "an empty file", "an empty database"])
    async def test_from_nothing(self, path: Path, start: str) -> None:
        if start == "an empty file":
            path.touch()
        elif start == "an empty database":
            Database(path).vacuum()
        store = await open_store(path, serving=True)
        await store.run(setting("a"))
        await store.close()
        made = Database(path)
        assert [row["name"] for row in made["migrations"].rows] == list(STEPS)
        strict = made.query("SELECT name FROM pragma_table_list WHERE strict")
        assert {row["name"] for row in strict} == {
            "conversations", "events", "outbox", "escalations", "records", "dues", "notices",
            "tombstones", "meta", "told", "articles_seen", "candidates", "candidate_sources",
            "reviews", "requests", "versions", "decisions", "deliveries", "tallies", "untallied",
            "lanes", "replicas", "colleagues", "request_drafts",
            "audit", "audit_head", "audit_keys", "marks", "unmarked", "distinct_pairs", "homes",
            "question_cards", "staff_notes",
        }  # fmt: skip
        made.close()

    async def test_a_file_of_the_first_version_keeps_what_is_in_it(self, path: Path) -> None:
        connection = connect(path, busy_seconds=1)
        migrate(connection, path, {"0001": STEPS["0001"]})
        tx = SqlTransaction(connection.execute)
        person = tx.open_conversation("telegram", "7", "7", "", T0).id
        tx.save_state(person, "{}", T0)
        event = tx.add_event("telegram:1", person, "{}", T0, T0)
        tx.add_record("R-1", person, 1, "{}", T0)
        connection.close()

        store = await open_store(path, serving=True)
        assert await store.run(lambda tx: tx.add_event("telegram:1", person, "{}", T0, T0)) is None
        row = await store.run(lambda tx: tx.conversation(person))
        assert row is not None
        assert row.state == "{}"
        assert await store.read(lambda r: [row.record.reference for row in r.reviews.queue()]) == [
            "R-1"
        ]
        assert await store.read(lambda r: r.told.articles()) == []
        told = ("credit-line", "en", "v1", "s1", T0, event or 0)
        await store.run(lambda tx: tx.told.add(person, *told))
        await store.close()

    @pytest.mark.parametrize("between", ["0002", "0005"])
    def test_steps_from_two_sides_are_taken_in_whatever_order_they_arrive(
        self, path: Path, between: str
    ) -> None:
        def made(db: Database) -> None:
            db.execute("CREATE TABLE other (id INTEGER) STRICT")

        connection = connect(path, busy_seconds=1)
        migrate(connection, path, {n: STEPS[n] for n in ("0001", "0003")})
        steps = dict(sorted({**STEPS, between: made}.items()))
        migrate(connection, path, steps)
        migrate(connection, path, steps)
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert {"told", "other", "articles_seen"} <= {name for (name,) in tables}
        connection.close()

    async def test_who_relied_is_read_by_its_indexes(self, store: SqliteStore) -> None:
        values = ("credit-line", "en", "s1") * 2
        rows = store._reading.execute(f"EXPLAIN QUERY PLAN {RELIED}", values).fetchall()
        plan = "\n".join(row[3] for row in rows)
        for bound in ("<", ">"):
            assert f"told_of_article (article=? AND language=? AND substance{bound}?)" in plan
        assert "told_of_conversation (conversation=? AND article=? AND rowid>?)" in plan
        assert not re.search(r"SCAN (?:t|l|c|r)\b", plan), plan

    async def test_a_newer_programs_file_is_refused_and_left_alone(self, path: Path) -> None:
        connection = connect(path, busy_seconds=1)
        migrate(connection, path, {**STEPS, "9999": lambda db: None})
        connection.close()
        for serving in (True, False):
            with pytest.raises(StoreError, match=r"newer version.*9999.*update the program"):
                await open_store(path, serving=serving)
        assert Database(path)["migrations"].count == len(STEPS) + 1

    async def test_the_next_step_keeps_what_is_there(self, path: Path) -> None:
        store = await open_store(path, serving=True)
        await store.run(setting("a"))
        await store.close()
        connection = connect(path, busy_seconds=1)
        step = {"9999": lambda db: db.execute("ALTER TABLE meta ADD COLUMN note TEXT")}
        migrate(connection, path, {**STEPS, **step})
        migrate(connection, path, {**STEPS, **step})
        rows = connection.execute("SELECT key, value, note FROM meta").fetchall()
        connection.close()
        assert rows == [("a", "set", None)]

    async def test_a_file_of_the_first_version_keeps_its_rows_and_can_learn(
        self, path: Path
    ) -> None:
        connection = connect(path, busy_seconds=1)
        migrate(connection, path, {"0001": STEPS["0001"]})
        tx = SqlTransaction(connection.execute)
        person = tx.open_conversation("telegram", "ann", "1", "", T0).id
        asked = tx.add_escalation(person, "question", "a kiosk?", "", "", T0)
        tx.answer_escalation(asked, "It is none.", "U1", T0)
        connection.close()

        store = await open_store(path, serving=True)
        row = CandidateRow(0, "answer", "waiting", "en", "a kiosk?", "It is none.")

        def learn(tx: Transaction) -> list[str]:
            candidate = tx.learning.add_candidate(row)
            tx.learning.add_source(candidate, asked)
            return [source.question for source in tx.learning.sources(candidate)]

        assert await store.run(learn) == ["a kiosk?"]
        assert await store.run(lambda tx: tx.find_conversation("telegram", "ann")) is not None
        await store.close()

    def test_a_step_that_fails_changes_nothing(self, path: Path) -> None:
        def half(db: Database) -> None:
            db.execute("CREATE TABLE half (id INTEGER)")
            raise LookupError

        connection = connect(path, busy_seconds=1)
        with pytest.raises(LookupError):
            migrate(connection, path, {**STEPS, "9999": half})
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
        migrate(connection, path)
        connection.close()

    async def test_the_outbox_is_read_by_its_indexes(self, store: SqliteStore) -> None:
        rows = store._reading.execute(
            "EXPLAIN QUERY PLAN " + UNSENT.format(""), (T0, T0)
        ).fetchall()
        plan = [row[3] for row in rows]
        assert plan[0] == "SCAN o USING INDEX outbox_waiting"
        assert "USING INDEX outbox_waiting_of_chat (channel=? AND chat=? AND due_at>?" in plan[2]
        assert not any("TEMP B-TREE" in line for line in plan), "sorted by the index, not after"

    async def test_what_was_sent_costs_the_courier_nothing(self, store: SqliteStore) -> None:
        def post(tx: Transaction) -> None:
            for n in range(200):
                tx.mark_sent(tx.post(NewOutbox("telegram", str(n), "{}"), T0), "m", T0)

        await store.run(post)
        waiting = "SELECT count(*) FROM outbox INDEXED BY outbox_waiting WHERE state = 'waiting'"
        assert store._reading.execute(waiting).fetchone() == (0,)
