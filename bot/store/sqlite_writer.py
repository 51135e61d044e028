"""The one thread that writes.

All jobs that wait share one transaction, one savepoint each: the disk is asked once for the whole
group. What a job raises rolls back its own savepoint. Where the transaction itself fails (a full
disk), everything is rolled back and each job is tried alone, so that one large job does not take
the others along. Callers hear after the COMMIT, a whole group by one call into their loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from bot.store.rows import StoreUnavailable
from bot.store.sqlite_connection import unavailable
from bot.store.transaction import SqlTransaction

LARGEST_GROUP = 256
"""More would save little and let the first of them wait for the last."""


class _Job(NamedTuple):
    run: Callable[[SqlTransaction], Any]
    future: asyncio.Future[Any]


class _Outcome(NamedTuple):
    future: asyncio.Future[Any]
    value: Any
    error: BaseException | None


class Writer(threading.Thread):
    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        loop: asyncio.AbstractEventLoop,
        gate: threading.Lock,
        committed: Callable[[int], None],
    ) -> None:
        """``gate`` is held during a transaction; ``committed`` hears each group's size."""
        super().__init__(name="store-writer", daemon=True)
        self._connection = connection
        self._path = path
        self._loop = loop
        self._gate = gate
        self._committed = committed
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._transaction = SqlTransaction(connection.execute)

    def submit(self, run: Callable[[SqlTransaction], Any]) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put(_Job(run, future))
        return future

    def finish(self) -> None:
        """End the thread once all that was submitted is done; ``join`` waits for it."""
        self._jobs.put(None)

    def run(self) -> None:
        jobs = self._jobs
        open_ = True
        while open_:
            group: list[_Job] = []
            job = jobs.get()
            try:
                while job is not None:
                    group.append(job)
                    if len(group) == LARGEST_GROUP:
                        break
                    job = jobs.get_nowait()
                else:
                    open_ = False
            except Empty:
                pass
            if group:
                with self._gate:
                    outcomes = self._commit(group)
                    if outcomes is None:
                        outcomes = self._one_by_one(group)
                self._committed(len(group))
                self._settle(outcomes)

    def _commit(self, group: list[_Job]) -> list[_Outcome] | None:
        """What became of each job; None where the transaction failed and nothing happened."""
        do = self._connection.execute
        try:
            do("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return self._fail(group, error)
        outcomes: list[_Outcome] = []
        try:
            for run, future in group:
                do("SAVEPOINT job")
                try:
                    value = run(self._transaction)
                except BaseException as error:  # whatever it is, it is the caller's to hear
                    if isinstance(error, sqlite3.Error) and unavailable(error, self._path):
                        raise
                    do("ROLLBACK TO job")
                    outcomes.append(_Outcome(future, None, error))
                else:
                    outcomes.append(_Outcome(future, value, None))
                do("RELEASE job")
            do("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                do("ROLLBACK")
            return self._fail(group, error) if len(group) == 1 else None
        return outcomes

    def _one_by_one(self, group: list[_Job]) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        for job in group:
            outcomes += self._commit([job]) or ()
        return outcomes

    def _fail(self, group: list[_Job], error: sqlite3.Error) -> list[_Outcome]:
        return [
            _Outcome(job.future, None, unavailable(error, self._path) or error) for job in group
        ]

    def _settle(self, outcomes: list[_Outcome]) -> None:
        # The loop may have ended before its store: then nobody is left to hear.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_tell, outcomes)


def _tell(outcomes: list[_Outcome]) -> None:
    for future, value, error in outcomes:
        if future.done():  # the caller was cancelled
            continue
        if error is None:
            future.set_result(value)
        elif isinstance(error, StopIteration):  # a future refuses it
            future.set_exception(RuntimeError("a job raised StopIteration"))
        else:
            future.set_exception(error)


def closed(path: Path) -> StoreUnavailable:
    return StoreUnavailable(f"The database {path} is closed: the program is stopping.")
