"""Several processes on one PostgreSQL, and what goes wrong between them: a machine that is gone
with what it had locked, a COMMIT without an answer, a backlog larger than memory.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import psycopg
import pytest

from bot.store import Transaction
from bot.store.driver import Rows
from bot.store.lanes import OUTBOX, Carries, SharedLanes
from bot.store.postgres_connection import translated
from bot.store.rows import NewOutbox, StoreUnavailable
from bot.store.transaction import SqlTransaction
from tests import postgres
from tests.test_replicas import CHANNEL, World, lanes, left, processes
from tests.test_store import T0, T1


@pytest.fixture
def url() -> str:
    return postgres.fresh()


async def test_what_a_machine_that_is_gone_had_locked_holds_up_nobody_else(url: str) -> None:
    """Its network is gone: until the server notices, its transaction keeps its locks."""
    world = World()
    async with processes(2, url, world) as (one, two):
        postgres.rows(url, "INSERT INTO replicas (id, seen_at) VALUES ('gone', 9999999999999)")
        lane = (
            "INSERT INTO lanes (kind, channel, chat, holder, missed) VALUES ('outbox', ?, ?, ?, ?)"
        )
        for chat in ("locked", "free"):
            postgres.rows(url, lane, CHANNEL, chat, "gone", 0)
            await one.posts(chat, "left behind")
        lives = [process.store._replica.lives for process in (one, two)]  # type: ignore[attr-defined]
        with psycopg.connect(url) as gone:
            gone.execute("SELECT 1 FROM lanes WHERE chat = 'locked' FOR UPDATE")
            postgres.rows(url, "UPDATE replicas SET seen_at = 0 WHERE id = 'gone'")
            await world.until(lambda: world.of("free") == ["left behind"], seconds=5)
            for n in range(20):
                await one.posts(f"chat-{n}", "hello")
                await asyncio.sleep(0.05)
                assert one.store.awake
                assert two.store.awake
            assert world.of("locked") == []
            gone.rollback()
        await world.until(lambda: world.of("locked") == ["left behind"], seconds=5)
        assert [process.store._replica.lives for process in (one, two)] == lives  # type: ignore[attr-defined]
        await one.courier.drain()
        await two.courier.drain()
    assert len(world.sent) == 22
    assert (left(url), lanes(url)) == (0, [])


async def test_what_was_committed_without_an_answer_is_sent_at_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    execute = psycopg.Connection.execute
    losing: set[int] = set()

    def lossy(self: Any, query: Any, *more: Any, **named: Any) -> Any:
        done = execute(self, query, *more, **named)
        if query == "COMMIT" and threading.get_ident() in losing:
            losing.clear()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return done

    monkeypatch.setattr(psycopg.Connection, "execute", lossy)

    def turn(tx: Transaction) -> None:
        tx.post(NewOutbox(CHANNEL, "ann", '{"body": "hello"}'), T0)
        losing.add(threading.get_ident())

    async with processes(1, url, world) as (one,):
        await one.posts("bob", "first")
        await world.until(lambda: world.of("bob") == ["first"])
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await one.store.run(turn)
        await world.until(lambda: world.of("ann") == ["hello"], seconds=5)
        await one.courier.drain()
    assert (left(url), lanes(url)) == (0, [])


def test_a_sweep_reads_no_more_of_a_backlog_than_it_takes(url: str) -> None:
    read = 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO outbox (channel, chat, thread, kind, body, choices, prompt, case_kind,"
            " case_id, created_at, due_at) SELECT 'telegram', 'chat-' || mod(n, 4000), '', 'send',"
            " '{}', '[]', 0, '', '', %s, %s FROM generate_series(1, 20000) AS n",
            (T0, T0),
        )
        connection.execute(
            "INSERT INTO lanes (kind, channel, chat, holder, missed)"
            " SELECT DISTINCT 'outbox', channel, chat, 'me', 0 FROM outbox"
        )
        connection.execute("BEGIN")

        def execute(sql: str, values: tuple[object, ...]) -> Rows:
            nonlocal read
            cursor = connection.execute(translated(sql), values)  # type: ignore[call-overload, unused-ignore]
            read += cursor.rowcount if cursor.description else 0
            return cursor

        carried = {OUTBOX: Carries(("telegram",), lambda *_: True)}
        tx = SqlTransaction(execute, SharedLanes(execute, "me", carried))
        busy = [("telegram", f"chat-{n}") for n in range(100)]
        assert [row.id for row in tx.unsent(T1, 700)] == list(range(1, 701))
        assert [row.id for row in tx.unsent(T1, 3, busy)] == [100, 101, 102]
        assert len(tx.unsent(T1, 30_000)) == 20_000
        others = read
        assert tx.unsent(T1, 700, of=["slack"]) == [], "a channel that is full is not looked at"
        assert read == others
        connection.execute("ROLLBACK")
    assert read < 700 + 3 + 20_000 + 3 * 500
