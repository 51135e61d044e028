"""The store in PostgreSQL, for as many serving processes as are wanted.

Jobs run side by side, each in a transaction and a thread of its own. What one writer does by
itself on SQLite is done by row locks here: a turn locks its conversation first of all, what staff
do with an application too, and whatever can be won only once is one conditional statement.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bot.store import TRACES, Reports, Transaction
from bot.store.driver import LOCKED, Execute
from bot.store.eraser import PERSONS
from bot.store.lanes import Carries, SharedLanes
from bot.store.postgres_connection import (
    Address,
    Connections,
    address,
    check_server,
    connect,
    executing,
    unavailable,
)
from bot.store.postgres_schema import migrate
from bot.store.replica import Replica
from bot.store.reports import SqlReports
from bot.store.rows import StoreUnavailable
from bot.store.transaction import SqlTransaction

T = TypeVar("T")

ERASED_FROM = (
    *PERSONS,
    *("candidate_sources", "candidates", "conversations", "deliveries", "distinct_pairs", "events"),
    *("homes", "notices", "outbox"),
)
"""tables in which an erase leaves rows behind, of which the server knows and nobody else"""


class PostgresStore:
    """``bot.store.Store``. Belongs to the event loop that it was opened in."""

    shared = True

    def __init__(self, at: Address, loop: asyncio.AbstractEventLoop, jobs: int) -> None:
        self.name = at.name
        self._loop = loop
        self._connections = Connections(at, jobs + 1, self._may_be_done)
        self._workers = ThreadPoolExecutor(jobs, "store-worker")
        self._reader = ThreadPoolExecutor(1, "store-reader")
        self._replica = Replica(lambda: _connected(at))
        self._known: dict[str, int] = {}
        self._unclear = 0
        """COMMITs whose answer was lost: they may have been carried out, or not"""
        self._counting = threading.Lock()
        self._closed = False

    @property
    def awake(self) -> bool:
        # Who was struck off and is back has first to doubt what it holds of others' lanes now.
        known = (self._known.get(table, 1) for table in self._replica.carried)
        return self._replica.awake and all(doubts == self._doubts for doubts in known)

    @property
    def living(self) -> int:
        return self._replica.living

    @property
    def _doubts(self) -> int:
        """Counts what may have left rows here that no turn has offered: others had our lanes, or a
        COMMIT was carried out whose answer was lost."""
        return self._replica.lives + self._unclear

    def carry(
        self,
        table: str,
        channels: Collection[str],
        reaches: Callable[[str, str], bool],
        wake: Callable[[], None],
    ) -> None:
        def call() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may have ended before its store
                self._loop.call_soon_threadsafe(wake)

        self._replica.carry(table, Carries(tuple(channels), reaches), call)

    async def run(self, job: Callable[[Transaction], T]) -> T:
        value: T = await self._in(self._workers, lambda: self._connections.write(self._work(job)))
        return value

    def _may_be_done(self) -> None:
        """A COMMIT got no answer. If it was done, its messages wait in lanes of this process, and
        nobody was given them."""
        with self._counting:
            self._unclear += 1
        self._replica.wake()

    def _work(self, job: Callable[[Transaction], T]) -> Callable[[Execute], T]:
        def work(execute: Execute) -> T:
            replica = self._replica
            lanes = SharedLanes(execute, replica.holder, replica.carried)
            try:
                return job(SqlTransaction(execute, lanes, LOCKED))
            except StopIteration:  # a future refuses it
                raise RuntimeError("a job raised StopIteration") from None

        return work

    async def changed(self, watcher: str = "") -> bool:
        before, self._known[watcher] = self._known.get(watcher, 1), self._doubts
        return before < self._known[watcher]

    async def read(self, query: Callable[[Reports], T]) -> T:
        def report(execute: Execute) -> T:
            return query(SqlReports(execute))

        value: T = await self._in(self._reader, lambda: self._connections.read(report))
        return value

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[[], Any]) -> Any:
        if self._closed:
            raise StoreUnavailable(f"The database {self.name} is closed: the program is stopping.")
        # Shielded: who waits may be cancelled, the job goes on.
        return await asyncio.shield(asyncio.wrap_future(threads.submit(work)))

    async def shrink(self, patience: float = 10.0) -> None:
        traces = await self.run(lambda tx: tx.get_meta(TRACES))
        await self._in(self._reader, lambda: self._connections.tidy(", ".join(ERASED_FROM)))

        def done(tx: Transaction) -> None:
            if tx.get_meta(TRACES) == traces:  # else somebody was erased since
                tx.set_meta(TRACES, "")

        await self.run(done)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._finish)
        await asyncio.sleep(0)  # the last callers hear before we say that it is done

    def _finish(self) -> None:
        self._workers.shutdown()
        self._reader.shutdown()
        self._replica.stop()
        self._connections.close()


async def open_store(url: str, *, password: str = "", jobs: int = 8) -> PostgresStore:
    """Connect, and make the tables where they are missing. ``jobs``: transactions side by side.
    Raises ``StoreError`` for what the operator must mend, ``StoreUnavailable`` where the server
    cannot be reached."""
    at = address(url, password)
    await asyncio.to_thread(_prepare, at)
    return PostgresStore(at, asyncio.get_running_loop(), jobs)


def _prepare(at: Address) -> None:
    connection = connect(at)
    try:
        check_server(connection, at.name)
        migrate(executing(connection), at.name)
    except Exception as error:
        raise unavailable(error, at.name) or error from error
    finally:
        connection.close()


def _connected(at: Address) -> tuple[Execute, Any]:
    connection = connect(at)
    return executing(connection), connection
