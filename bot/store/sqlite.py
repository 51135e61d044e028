"""The store in one SQLite file.

Three connections: the writer's (a thread of its own), the checkpointer's (likewise) and one for
reports. They share nothing but the file, so reports never wait for writes nor the other way round.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from bot.store import TRACES, Reports, Transaction
from bot.store.reports import SqlReports
from bot.store.rows import StoreError
from bot.store.schema import migrate
from bot.store.serving_lock import ServingLock
from bot.store.sqlite_connection import connect, create, unavailable
from bot.store.sqlite_wal import Checkpointer
from bot.store.sqlite_writer import Writer, closed

T = TypeVar("T")


class SqliteStore:
    """``bot.store.Store``. Belongs to the event loop that it was opened in."""

    shared = False
    awake = True
    living = 1

    def __init__(
        self,
        path: Path,
        loop: asyncio.AbstractEventLoop,
        lock: ServingLock | None,
        connections: tuple[sqlite3.Connection, sqlite3.Connection, sqlite3.Connection],
    ) -> None:
        self.name = str(path)
        self._path = path
        self._loop = loop
        self._lock = lock
        self._writing, self._reading, copying = connections
        self._gate = threading.Lock()
        self._checkpointer = Checkpointer(copying, path, self._gate)
        self._writer = Writer(self._writing, path, loop, self._gate, self._checkpointer.note)
        self._reader = ThreadPoolExecutor(1, "store-reader")
        self._reports = SqlReports(self._reading.execute)
        self._opened_at = self._read_data_version()
        self._data_versions: dict[str, int] = {}
        self._closed = False
        self._checkpointer.start()
        self._writer.start()

    def carry(
        self,
        table: str,
        channels: Collection[str],
        reaches: Callable[[str, str], bool],
        wake: Callable[[], None],
    ) -> None:
        """One process serves the file: it sends everything."""

    async def run(self, job: Callable[[Transaction], T]) -> T:
        if self._closed:
            raise closed(self._path)
        value: T = await self._writer.submit(job)
        return value

    async def changed(self, watcher: str = "") -> bool:
        # Noted only here: where the COMMIT fails, the job is run again, or in vain.
        seen = await self.run(lambda _: self._read_data_version())
        before = self._data_versions.get(watcher, self._opened_at)
        self._data_versions[watcher] = seen
        return before != seen

    def _read_data_version(self) -> int:
        """Moves with every commit of another connection, never with this one's own."""
        version: int = self._writing.execute("PRAGMA data_version").fetchone()[0]
        return version

    async def read(self, query: Callable[[Reports], T]) -> T:
        if self._closed:
            raise closed(self._path)
        return await self._loop.run_in_executor(self._reader, self._report, query)

    def _report(self, query: Callable[[Reports], T]) -> T:
        try:
            self._reading.execute("BEGIN")  # one snapshot for the whole report
            try:
                return query(self._reports)
            finally:
                self._reading.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise unavailable(error, self._path) or error from error

    async def shrink(self, patience: float = 10.0) -> None:
        if self._closed:
            raise closed(self._path)
        if self._checkpointer.rests:
            return
        traces = await self.run(lambda tx: tx.get_meta(TRACES))
        await asyncio.to_thread(self._shrink, patience)

        def done(tx: Transaction) -> None:
            if tx.get_meta(TRACES) == traces:  # else somebody was erased since
                tx.set_meta(TRACES, "")

        await self.run(done)

    def _shrink(self, patience: float) -> None:
        # Its own connection: VACUUM works in a temporary file here, not in memory.
        connection = connect(self._path, busy_seconds=patience)
        try:
            connection.execute("PRAGMA temp_store = FILE")
            self._checkpointer.shrink(connection, patience)
        finally:
            connection.close()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._finish)
        await asyncio.sleep(0)  # the last group's callers hear before we say that it is done

    def _finish(self) -> None:
        self._writer.finish()
        self._writer.join()
        self._reader.shutdown()
        self._checkpointer.stop()
        self._reading.close()
        self._writing.close()
        if self._lock is not None:
            self._lock.release()


async def open_store(path: Path, *, serving: bool, busy_seconds: float = 5.0) -> SqliteStore:
    """Open the file, making it (0600) and its tables where they are missing. ``serving``: be the
    one process that serves it, until ``close`` or the process's end. ``busy_seconds``: how long a
    write waits for another program's. Raises ``StoreError`` for what the operator must mend,
    ``StoreUnavailable`` where another program locks the file."""
    loop = asyncio.get_running_loop()
    return await asyncio.to_thread(_open, path, loop, serving, busy_seconds)


def _open(
    path: Path, loop: asyncio.AbstractEventLoop, serving: bool, busy_seconds: float
) -> SqliteStore:
    create(path)
    lock = ServingLock(path) if serving else None
    opened: list[sqlite3.Connection] = []
    try:
        writing = connect(path, busy_seconds=busy_seconds)
        opened.append(writing)
        migrate(writing, path)
        reading = connect(path, busy_seconds=busy_seconds, reading=True)
        opened.append(reading)
        copying = connect(path, busy_seconds=busy_seconds)
        opened.append(copying)
        return SqliteStore(path, loop, lock, (writing, reading, copying))
    except BaseException as error:
        for connection in opened:
            connection.close()
        if lock is not None:
            lock.release()
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.OperationalError
        ):
            trouble = unavailable(error, path)  # damaged, or no database: waiting will not help
            raise StoreError(str(trouble) if trouble else str(error)) from error
        if isinstance(error, sqlite3.Error):
            raise unavailable(error, path) or error from error
        raise
