"""The yardstick of the machine: how many durable commits a second SQLite makes on this disk."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

_TURN_TABLES = """
CREATE TABLE plain (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE conversations (id INTEGER PRIMARY KEY, state TEXT NOT NULL) STRICT;
CREATE TABLE events (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, conversation INTEGER, body TEXT NOT NULL
) STRICT;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, conversation INTEGER, body TEXT NOT NULL, state TEXT NOT NULL
) STRICT;
"""
_EVENT, _STATE, _OUT = "e" * 250, "s" * 900, "o" * 400


def durable(path: Path) -> sqlite3.Connection:
    """A connection in autocommit: WAL, synchronous=FULL."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL").fetchall()
    db.execute("PRAGMA synchronous = FULL").fetchall()
    return db


class Commits:
    """``rows``: one row a commit. ``turns``: the rows of a whole turn a commit (its key looked at
    and written, the state saved, a message put into the outbox), which is what the peer's ratio in
    the project's facts is to."""

    def __init__(self, path: Path) -> None:
        self._db = durable(path)
        self._db.executescript(_TURN_TABLES)
        self._db.execute("INSERT INTO conversations VALUES (1, '')")

    def rows(self, count: int) -> float:
        """Commits a second."""
        began = time.perf_counter()
        for _ in range(count):
            self._db.execute("INSERT INTO plain (body) VALUES (?)", (_EVENT,))
        return count / (time.perf_counter() - began)

    def turns(self, count: int) -> float:
        """Commits a second."""
        do = self._db.execute
        began = time.perf_counter()
        for n in range(count):
            do("BEGIN IMMEDIATE")
            do(
                "INSERT INTO events (key, conversation, body) VALUES (?, 1, ?)"
                " ON CONFLICT (key) DO NOTHING",
                (f"telegram:{n}", _EVENT),
            )
            do("UPDATE conversations SET state = ? WHERE id = 1", (_STATE,))
            do("INSERT INTO outbox (conversation, body, state) VALUES (1, ?, 'waiting')", (_OUT,))
            do("COMMIT")
        return count / (time.perf_counter() - began)

    def close(self) -> None:
        self._db.close()
