"""Counts of what happened, without anything of a person: they stay when a person is erased.

A row is counted up in the transaction of the turn that it is about. ``untallied`` holds the
conversations that began before there were counts, until theirs are made up from their events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.store.driver import Execute
from bot.store.rows import DraftRow, TallyRow

_ADD = (
    "INSERT INTO tallies (day, field, what, detail, bucket, language, channel, count)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (day, field, what, detail, bucket, language, channel)"
    " DO UPDATE SET count = tallies.count + excluded.count"
)


class Tallies:
    """Over one connection's ``execute``; the caller holds the transaction or the snapshot."""

    def __init__(self, execute: Execute) -> None:
        self._do = execute

    def add(self, rows: Iterable[TallyRow]) -> None:
        for row in sorted(rows):  # always in one order, so that of two turns none waits for both
            self._do(_ADD, row)

    def between(self, since: str = "", until: str = "9") -> Sequence[TallyRow]:
        """Of these days, both counted in (``2026-11-22``), summed over them."""
        rows = self._do(
            "SELECT field, what, detail, bucket, language, channel, CAST(sum(count) AS BIGINT)"
            " FROM tallies"
            " WHERE day BETWEEN ? AND ?"
            " GROUP BY field, what, detail, bucket, language, channel",
            (since, until),
        )
        return [TallyRow("", *row) for row in rows]

    def drafts(self) -> Iterator[DraftRow]:
        """Conversations that may have a draft: all whose state does not say that there is none."""
        for row in self._do(
            "SELECT channel, state FROM conversations"
            " WHERE state <> '' AND (state NOT LIKE '%\"draft\":null%'"
            " OR state LIKE '%\"aside\":[{%')",
            (),
        ):
            yield DraftRow(*row)

    def conversations(self, since: str = "", until: str = "9") -> int:
        """Begun on these days. One that was erased counts as before."""
        number: int = self._do(
            "SELECT count(*) FROM conversations WHERE substr(created_at, 1, 10) BETWEEN ? AND ?",
            (since, until),
        ).fetchone()[0]
        return number

    def reviewed(self, since: str = "", until: str = "9") -> Sequence[tuple[str, int]]:
        """(state of the review, how many) of the applications handed off on these days."""
        return self._do(
            "SELECT state, count(*) FROM records WHERE substr(submitted_at, 1, 10) BETWEEN ? AND ?"
            " GROUP BY state ORDER BY state",
            (since, until),
        ).fetchall()

    # what was before the counts
    def untallied(self, limit: int) -> Sequence[int]:
        """Conversations whose earlier turns are not counted yet."""
        rows = self._do(
            "SELECT conversation FROM untallied ORDER BY conversation LIMIT ?", (limit,)
        )
        return [conversation for (conversation,) in rows]

    def left(self) -> int:
        """How many these are."""
        number: int = self._do("SELECT count(*) FROM untallied", ()).fetchone()[0]
        return number

    def claim(self, conversation: int) -> bool:
        """Take it off that list, to count it in the same transaction. False where it is not, or
        no longer, there."""
        done = self._do("DELETE FROM untallied WHERE conversation = ?", (conversation,))
        return done.rowcount == 1

    def taken(self, conversation: int, before: int) -> Sequence[str]:
        """The bodies of its events older than that one that were taken and are still there, in
        their order."""
        rows = self._do(
            "SELECT body FROM events WHERE conversation = ? AND kind = 'turn' AND error = ''"
            " AND body <> '' AND id < ? ORDER BY id",
            (conversation, before),
        )
        return [body for (body,) in rows]
