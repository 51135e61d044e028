"""The write-ahead log, kept short from a connection and a thread of its own.

An automatic checkpoint would run inside whichever turn's COMMIT crosses the limit. Here a passive
one runs beside the writer. Under steady writing it never catches up, and the log, which starts
over only once it is copied whole, would grow for ever; so past a limit the writer is held for the
short rest.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from pathlib import Path

from bot.store.rows import StoreUnavailable
from bot.store.sqlite_connection import unavailable

INTERVAL = 2.0
"""seconds between two passes when little is written; also takes up what other processes wrote"""

AFTER_JOBS = 500
"""written jobs that call for a pass at once"""

LONGEST = 4000
"""pages (16 MB) after which the writer is held until the log is copied whole"""

LONG = 0.5
"""seconds that everybody may be held up by one writing anew without a rest after it"""

REST = 20.0
"""times what a longer one took, until the next: who erases again and again stops nobody else"""

_ATTEMPT = 0.05
"""seconds that one truncation may wait for readers: writers wait with it"""


class Checkpointer(threading.Thread):
    def __init__(self, connection: sqlite3.Connection, path: Path, gate: threading.Lock) -> None:
        """Holding ``gate`` keeps this process's writer between two transactions."""
        super().__init__(name="store-checkpointer", daemon=True)
        self._connection = connection
        self._path = path
        self._gate = gate
        self._mine = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._written = 0
        self._rests_until = 0.0

    @property
    def rests(self) -> bool:
        """It has just held everybody up for long, and does not yet again."""
        return time.monotonic() < self._rests_until

    def note(self, jobs: int) -> None:
        """So many jobs were committed."""
        self._written += jobs
        if self._written >= AFTER_JOBS:
            self._written = 0
            self._wake.set()

    def run(self) -> None:
        while not self._stopping:
            self._wake.wait(INTERVAL)
            self._wake.clear()
            # Trouble with the disk reaches the writer, whose callers can be told.
            with contextlib.suppress(sqlite3.Error), self._mine:
                if not self._stopping:
                    self._copy()

    def _copy(self) -> None:
        pages, copied = self._pass("PASSIVE")
        if pages > LONGEST and copied:
            with self._gate:
                self._pass("PASSIVE")

    def _pass(self, mode: str) -> tuple[int, int]:
        """(pages in the log, pages copied); copied is 0 where something was in the way."""
        busy, pages, copied = self._connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        return pages, 0 if busy else copied

    def shrink(self, connection: sqlite3.Connection, patience: float) -> None:
        """Write the file anew and cut the log to nothing. Raises ``StoreUnavailable`` where other
        programs were in the way for all of ``patience`` seconds.

        ``secure_delete`` alone is not enough: where SQLite moves rows between pages it leaves
        their old bytes in the gap of the page that they left, and does not find those again when
        the rows are deleted. Only VACUUM writes pages without such gaps.
        """
        until = time.monotonic() + patience
        try:
            with self._mine, self._gate:
                begun = time.monotonic()
                try:
                    connection.execute("VACUUM")
                finally:
                    took = time.monotonic() - begun
                    if took > LONG:
                        self._rests_until = begun + took + REST * took
            connection.execute(f"PRAGMA busy_timeout = {int(_ATTEMPT * 1000)}")
            while True:
                with self._mine, self._gate:
                    busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not busy:
                    return
                if time.monotonic() >= until:
                    raise StoreUnavailable(
                        f"The log of {self._path} could not be cut because another program reads "
                        "it: end that program's export or report, then erase again."
                    )
                time.sleep(_ATTEMPT)
        except sqlite3.Error as error:
            raise unavailable(error, self._path) or error from error

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        self.join()
        self._connection.close()
