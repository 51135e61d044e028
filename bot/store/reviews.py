"""What staff do with records: stages and claims, requests and the versions that answer them,
decisions. The rules are ``dialogs.review``'s; here is what was decided by them.
"""

# ruff: noqa: S608 - what is put into a text is our own column lists, never a value
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.store.driver import Execute
from bot.store.rows import (
    IMPORTED,
    DecisionRow,
    RecordRow,
    RequestDraft,
    RequestRow,
    ReviewRow,
    VersionRow,
)

RECORD = (
    "r.reference, r.conversation, r.number,"
    f" CASE WHEN c.channel = '{IMPORTED}' THEN c.chat ELSE c.channel END, r.submitted_at, r.state,"
    " r.changed_at, r.body"
)
_REVIEW = f"""
SELECT {RECORD}, v.stage, v.since, v.acted_by, v.claimed_by, v.claimed_until, v.version
FROM records AS r JOIN conversations AS c ON c.id = r.conversation
    LEFT JOIN reviews AS v ON v.reference = r.reference
"""
_OF_RECORD = len(RECORD.split(","))


class Reviews:
    """Over one connection's ``execute``; the caller holds the transaction or the snapshot."""

    def __init__(self, execute: Execute, lock: str = "") -> None:
        self._do = execute
        self._lock = lock

    def get(self, reference: str) -> ReviewRow | None:
        if self._lock:
            # A statement of its own: the next one sees what was committed while this one waited.
            self._do(
                "SELECT 1 FROM conversations WHERE id ="
                f" (SELECT conversation FROM records WHERE reference = ?){self._lock}",
                (reference,),
            )
        row = self._do(f"{_REVIEW} WHERE r.reference = ?", (reference,)).fetchone()
        return _row(row) if row else None

    def queue(self) -> Sequence[ReviewRow]:
        """What staff have, the one that waits longest first; what waits for applicants last."""
        rows = [
            _row(row)
            for row in self._do(
                f"{_REVIEW} WHERE r.state = 'submitted' ORDER BY r.submitted_at, r.reference", ()
            )
        ]
        return sorted(rows, key=lambda row: (row.stage == "needs_info", row.since))

    def save(self, row: ReviewRow, at: str) -> None:
        """Where the record stands now. A stage that ends the review is the record's state too."""
        over = row.stage in ("approved", "declined", "withdrawn")
        self._do(
            "INSERT INTO reviews (reference, conversation, stage, since, acted_by, claimed_by,"
            " claimed_until, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (reference) DO UPDATE SET stage = excluded.stage,"
            " since = excluded.since, acted_by = excluded.acted_by,"
            " claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until,"
            " version = excluded.version",
            (
                row.record.reference,
                row.record.conversation,
                row.stage,
                row.since,
                row.acted_by,
                row.claimed_by,
                row.claimed_until,
                row.version,
            ),
        )
        if over:
            self._do(
                "UPDATE records SET state = ?, changed_at = ? WHERE reference = ?",
                (row.stage, at, row.record.reference),
            )

    def add_request(self, row: ReviewRow, asked: str, by: str, at: str) -> int:
        """``asked``: JSON, as in ``RequestRow``."""
        new: int = self._do(
            "INSERT INTO requests (reference, conversation, version, asked, asked_at, asked_by)"
            " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
            (row.record.reference, row.record.conversation, row.version, asked, at, by),
        ).fetchone()[0]
        return new

    def add_version(self, row: ReviewRow, body: str, at: str) -> None:
        """The next version of the record, which becomes its body; the one before is kept.
        ``row``: as it stood before."""
        record = row.record
        request = self._do(
            "SELECT max(id) FROM requests WHERE reference = ?", (record.reference,)
        ).fetchone()[0]
        if row.version == 1:
            self._add_version(record, 1, record.body, record.submitted_at, None)
        self._add_version(record, row.version + 1, body, at, request)
        self._do(
            "UPDATE records SET body = ?, changed_at = ? WHERE reference = ?",
            (body, at, record.reference),
        )

    def _add_version(
        self, record: RecordRow, number: int, body: str, at: str, request: int | None
    ) -> None:
        self._do(
            "INSERT INTO versions (reference, number, conversation, body, submitted_at, request)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (record.reference, number, record.conversation, body, at, request),
        )

    def add_decision(self, row: ReviewRow, verdict: str, message: str, by: str, at: str) -> None:
        self._do(
            "INSERT INTO decisions (reference, conversation, verdict, message, decided_at,"
            " decided_by) VALUES (?, ?, ?, ?, ?, ?)",
            (row.record.reference, row.record.conversation, verdict, message, at, by),
        )

    # what is being written

    def draft(self, reference: str) -> RequestDraft | None:
        row = self._do(
            "SELECT reference, version, drafted_by, asked FROM request_drafts WHERE reference = ?",
            (reference,),
        ).fetchone()
        return RequestDraft(*row) if row else None

    def save_draft(self, row: RequestDraft, conversation: int) -> None:
        """In place of the one before."""
        self._do(
            "INSERT INTO request_drafts (reference, conversation, version, drafted_by, asked)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (reference) DO UPDATE SET"
            " version = excluded.version, drafted_by = excluded.drafted_by, asked = excluded.asked",
            (row.reference, conversation, row.version, row.by, row.asked),
        )

    def drop_draft(self, reference: str) -> None:
        self._do("DELETE FROM request_drafts WHERE reference = ?", (reference,))

    def cards(self, reference: str, channel: str, chat: str) -> Sequence[str]:
        """The application's messages in this chat that show buttons, the newest one first."""
        rows = self._do(
            "SELECT message, choices FROM outbox WHERE case_kind = 'record' AND case_id = ?"
            " AND channel = ? AND chat = ? AND state = 'sent' AND message <> '' ORDER BY id",
            (reference, channel, chat),
        )
        # Of a message that was changed the last row says what it shows; it stands where it stood.
        shown = {str(message): choices for message, choices in rows}
        return [message for message, choices in reversed(shown.items()) if choices != "[]"]

    # what was
    def versions(self, reference: str) -> Sequence[VersionRow]:
        """All of them, the first one first. One that was never sent again is its own version."""
        rows = self._do(
            "SELECT reference, number, body, submitted_at, coalesce(request, 0) FROM versions"
            " WHERE reference = ? UNION ALL"
            " SELECT r.reference, 1, r.body, r.submitted_at, 0 FROM records AS r"
            " WHERE r.reference = ? AND NOT EXISTS"
            " (SELECT 1 FROM versions AS v WHERE v.reference = r.reference) ORDER BY 2",
            (reference, reference),
        )
        return [VersionRow(*row) for row in rows]

    def requests(self, reference: str) -> Sequence[RequestRow]:
        rows = self._do(
            "SELECT id, reference, version, asked, asked_at, asked_by FROM requests"
            " WHERE reference = ? ORDER BY id",
            (reference,),
        )
        return [RequestRow(*row) for row in rows]

    def decision(self, reference: str) -> DecisionRow | None:
        row = self._do(
            "SELECT reference, verdict, message, decided_at, decided_by FROM decisions"
            " WHERE reference = ?",
            (reference,),
        ).fetchone()
        return DecisionRow(*row) if row else None


def _row(row: tuple[Any, ...]) -> ReviewRow:
    record, (stage, *others) = RecordRow(*row[:_OF_RECORD]), row[_OF_RECORD:]
    if stage is None or record.state not in ("submitted", stage):
        # Nobody has touched it; or a program of an earlier version, which knows of no reviews,
        # has withdrawn it.
        waits = record.submitted_at if record.state == "submitted" else record.changed_at
        return ReviewRow(record, record.state, waits, "", "", "", others[-1] or 1)
    return ReviewRow(record, stage, *others)
