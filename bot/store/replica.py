"""This process among those that serve one PostgreSQL: says that it is alive, sees who is not.

A *beat* is one statement on a connection and a thread of their own, so neither a busy pool nor a
busy loop is taken for a death. Whoever has not been seen for ``LEASE`` is struck off by the next
beat of anybody, and its lanes lose their holder. All times are the server's, so no two clocks are
compared. Who has itself been late strikes nobody off: it may be the server that stood still.

A process that may have been struck off sends nothing (``awake``) until a beat has told it.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from bot.logs import logger
from bot.store.driver import Execute
from bot.store.lanes import Carries, note_waiting
from bot.store.rows import StoreError, StoreUnavailable

BEAT = 0.2
LEASE = 0.6
"""seconds; the work of a process that is gone is taken over after ``LEASE + BEAT`` at most"""

_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
_BEAT = f"""
WITH mine AS (
    INSERT INTO replicas (id, seen_at) VALUES (?, {_NOW})
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at RETURNING xmax = 0 AS new)
SELECT new, (SELECT count(*) FROM replicas WHERE id <> ?),
    EXISTS (SELECT 1 FROM replicas WHERE seen_at < {_NOW} - ? AND id <> ?),
    EXISTS (SELECT 1 FROM lanes WHERE holder = '' AND channel = ANY(?::text[])),
    EXISTS (SELECT 1 FROM lanes WHERE holder = ? AND missed > 0)
FROM mine
"""  # noqa: S608 - our own text
# A beat waits for no lock: where the machine of a process is gone, the server keeps what it had
# locked for seconds, and who waits for that would be struck off as well.
_FREE = "SET holder = '', missed = missed + 1 WHERE (kind, channel, chat) IN"
_STRIKE_OFF = f"""
WITH gone AS (DELETE FROM replicas WHERE id IN (
    SELECT id FROM replicas WHERE seen_at < {_NOW} - ? AND id <> ? FOR UPDATE SKIP LOCKED)
    RETURNING id)
UPDATE lanes {_FREE} (SELECT kind, channel, chat FROM lanes
    WHERE holder IN (SELECT id FROM gone) FOR UPDATE SKIP LOCKED)
"""  # noqa: S608 - as above
_STRAYS = (
    f"UPDATE lanes {_FREE} (SELECT kind, channel, chat FROM lanes AS l WHERE holder <> ''"  # noqa: S608 - as above
    " AND NOT EXISTS (SELECT 1 FROM replicas AS r WHERE r.id = l.holder) FOR UPDATE SKIP LOCKED)"
)
_SEEK_STRAYS = 50
"""beats. A lane is left with a holder that is gone by whoever had it locked when that one was
struck off: these are looked for at each of so many beats after it. And by a COMMIT that was on its
way then: these once in so many beats"""

log = logger("replica")


def others_alive(execute: Execute) -> bool:
    """Is any process serving this database?"""
    query = f"SELECT 1 FROM replicas WHERE seen_at >= {_NOW} - ?"  # noqa: S608 - our own text
    return execute(query, (int(LEASE * 1000) * 5,)).fetchone() is not None


class Replica(threading.Thread):
    def __init__(self, connect: Callable[[], tuple[Execute, Any]]) -> None:
        """``connect``: -> what executes on a new connection in autocommit, and the connection."""
        super().__init__(name="store-replica", daemon=True)
        self._id = secrets.token_hex(8)
        self._connect = connect
        self._carried: dict[str, tuple[Carries, Callable[[], None]]] = {}
        self._stopping = threading.Event()
        self._seen = float("-inf")
        self._beats = 0
        self._warned = -1
        self._struck_off = -_SEEK_STRAYS
        """the beat that did so last"""
        self._noted = False
        self.living = 1
        """processes that serve the database, this one counted"""
        self.lives = 0
        """counts how often it was (re)born: each time others may have taken its lanes"""

    @property
    def carried(self) -> dict[str, Carries]:
        return {table: carries for table, (carries, _) in self._carried.items()}

    @property
    def holder(self) -> str:
        """As it holds lanes now; empty: it holds none."""
        return self._id if self.awake else ""

    @property
    def awake(self) -> bool:
        return time.monotonic() - self._seen < LEASE

    def carry(self, table: str, carries: Carries, wake: Callable[[], None]) -> None:
        """``wake`` may be called from any thread."""
        self._carried[table] = (carries, wake)
        if not self.is_alive():
            self.start()

    def run(self) -> None:
        while not self._stopping.is_set():
            connection = None
            try:
                execute, connection = self._connect()
                while not self._stopping.is_set():
                    self._beat(execute)
                    self._stopping.wait(BEAT)
                self._leave(execute)
            except (StoreError, StoreUnavailable) as error:
                self._warn(str(error))
            except Exception as error:  # whatever the driver raises: connect anew
                self._warn(type(error).__name__)
            finally:
                if connection is not None:
                    with contextlib.suppress(Exception):
                        connection.close()
            self._stopping.wait(BEAT)

    def _warn(self, reason: str) -> None:
        if self._warned != self._beats:  # once, until there was another beat
            self._warned = self._beats
            log.warning("no sign of life can be given, so nothing is sent", reason=reason)

    def _beat(self, execute: Execute) -> None:
        begun = time.monotonic()
        punctual = begun - self._seen < LEASE / 2
        lease = int(LEASE * 1000)
        channels = [name for carries in self.carried.values() for name in carries.channels]
        me = self._id
        # Not itself: what it said of itself before this beat may be old on a busy server.
        told = execute(_BEAT, (me, me, lease, me, channels, me)).fetchone()
        new, others, late, free, astray = told
        self.living = 1 + others
        self.lives += new
        if new or not self._noted:
            self._noted = False
            note_waiting(execute)
            self._noted = True
        self._seen = begun
        self._beats += 1
        if late and punctual:
            freed = execute(_STRIKE_OFF, (lease, me)).rowcount
            log.warning("another process is gone; its chats are taken over", chats=freed)
            free = free or freed > 0
            self._struck_off = self._beats
        if self._beats % _SEEK_STRAYS == 0 or self._beats - self._struck_off < _SEEK_STRAYS:
            free = execute(_STRAYS, ()).rowcount > 0 or free
        if new or free or astray:
            self.wake()

    def wake(self) -> None:
        """Have everything that waits here for this process be read."""
        for _, wake in list(self._carried.values()):
            wake()

    def _leave(self, execute: Execute) -> None:
        self._seen = float("-inf")
        execute("UPDATE lanes SET holder = '', missed = missed + 1 WHERE holder = ?", (self._id,))
        execute("DELETE FROM replicas WHERE id = ?", (self._id,))

    def stop(self) -> None:
        """Let go of everything, so that others need not wait."""
        self._stopping.set()
        if self.is_alive():
            self.join()
