"""The yardstick of the machine: how many durable commits a second SQLite makes on this disk."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from bot.store.rows import NewOutbox
from bot.store.schema import migrate
from bot.store.transaction import SqlTransaction

WARM = 300
"""turns that are not timed. They fill the log up to its first checkpoint: from then on it is
written over, which is cheaper than making the file longer"""

_AT = "2026-11-22T18:22:01.120Z"
_CONVERSATIONS = 100
_EVENT, _STATE, _OUT, _CHOICES = "e" * 170, "s" * 2300, "o" * 1000, "c" * 110
"""as large as a turn's in the middle of the form"""


def durable(path: Path) -> sqlite3.Connection:
    """A connection in autocommit: WAL, synchronous=FULL, all else as SQLite has it."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL").fetchall()
    db.execute("PRAGMA synchronous = FULL").fetchall()
    return db


class Commits:
    """``rows``: one row a commit. ``turns``: a commit of all that a turn of ours writes (its event,
    a message into the outbox, the state), which is what the peer's ratio in the project's facts
    is to. No other thread, no other work."""

    def __init__(self, path: Path, warm: int = WARM) -> None:
        self._db = durable(path)
        migrate(self._db, path)
        self._db.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
        self._tx = SqlTransaction(self._db.execute)
        self._ids = [
            self._tx.open_conversation("telegram", str(n), str(n), "", _AT).id
            for n in range(_CONVERSATIONS)
        ]
        self._events = 0
        self.turns(warm)

    def rows(self, count: int) -> float:
        """Commits a second."""
        began = time.perf_counter()
        for _ in range(count):
            self._db.execute("INSERT INTO plain (body) VALUES (?)", (_EVENT,))
        return count / (time.perf_counter() - began)

    def turns(self, count: int) -> float:
        """Commits a second."""
        began = time.perf_counter()
        for _ in range(count):
            self._events += 1
            conversation = self._ids[self._events % _CONVERSATIONS]
            self._db.execute("BEGIN IMMEDIATE")
            event = self._tx.add_event(f"telegram:{self._events}", conversation, _EVENT, _AT, _AT)
            message = NewOutbox(
                "telegram", "1", _OUT, conversation=conversation, choices=_CHOICES, event=event
            )
            self._tx.post(message, _AT)
            self._tx.save_state(conversation, _STATE, _AT)
            self._db.execute("COMMIT")
        return count / (time.perf_counter() - began)

    def close(self) -> None:
        self._db.close()
