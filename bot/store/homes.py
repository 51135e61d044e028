"""Who has opened their home page, and what it said last."""

from __future__ import annotations

from collections.abc import Sequence

from bot.store.driver import Execute

TABLES = """
CREATE TABLE homes (
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    shown TEXT NOT NULL,
    PRIMARY KEY (channel, person)
) {strict};
"""


class Homes:
    """Over one connection's ``execute``; the caller holds the transaction."""

    def __init__(self, execute: Execute) -> None:
        self._do = execute

    def shown(self, channel: str, person: str) -> str | None:
        """A hash of the page that was published last; None where it was never opened."""
        row = self._do(
            "SELECT shown FROM homes WHERE channel = ? AND person = ?", (channel, person)
        ).fetchone()
        return str(row[0]) if row else None

    def show(self, channel: str, person: str, shown: str) -> None:
        self._do(
            "INSERT INTO homes (channel, person, shown) VALUES (?, ?, ?)"
            " ON CONFLICT (channel, person) DO UPDATE SET shown = excluded.shown",
            (channel, person, shown),
        )

    def supersede(self, channel: str, chat: str, by: int) -> Sequence[int]:
        """Take back the pages that wait in this lane and are older than the outbox row ``by``."""
        rows = self._do(
            "UPDATE outbox SET state = 'superseded', body = '', choices = '[]', superseded_by = ?"
            " WHERE channel = ? AND chat = ? AND state = 'waiting' AND id < ? RETURNING id",
            (by, channel, chat, by),
        )
        return [id for (id,) in rows.fetchall()]
