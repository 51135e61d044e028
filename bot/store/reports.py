"""What staff and operators read, in SQL that SQLite and PostgreSQL both take."""

# ruff: noqa: S608 - what is put into a text is our own column lists, never a value
from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.store.audit import Audit
from bot.store.colleagues import Colleagues
from bot.store.deliveries import Deliveries
from bot.store.desk import Desk
from bot.store.driver import Execute
from bot.store.learning import SqlLearning
from bot.store.marks import Marks
from bot.store.reviews import RECORD, Reviews
from bot.store.rows import (
    ESCALATION,
    Backlog,
    ConversationRow,
    EscalationRow,
    FailureRow,
    RecordRow,
    TombstoneRow,
)
from bot.store.tallies import Tallies
from bot.store.told import Told
from bot.store.transaction import CONVERSATION

_RECORD = f"SELECT {RECORD} FROM records AS r JOIN conversations AS c ON c.id = r.conversation"
# As ranges, so that the index in their order is used whatever is asked for.
_AMONG = "r.submitted_at >= ? AND r.submitted_at <= ? AND (r.state = ? OR '' = ?)"
_LATEST = "9999"
"""after every time"""


class SqlReports:
    """``bot.store.Reports`` over one connection's ``execute``; the caller holds the snapshot."""

    def __init__(self, execute: Execute) -> None:
        self._do = execute
        self.told = Told(execute)
        self.learning = SqlLearning(execute)
        self.tallies = Tallies(execute)
        self.deliveries = Deliveries(execute)
        self.reviews = Reviews(execute)
        self.audit = Audit(execute)
        self.marks = Marks(execute)
        self.colleagues = Colleagues(execute)
        self.desk = Desk(execute)

    def record(self, reference: str) -> RecordRow | None:
        row = self._do(f"{_RECORD} WHERE r.reference = ?", (reference,)).fetchone()
        return RecordRow(*row) if row else None

    def records(self, since: str = "", until: str = "", state: str = "") -> Iterator[RecordRow]:
        for row in self._do(
            f"{_RECORD} WHERE {_AMONG} ORDER BY r.submitted_at, r.reference",
            (since, until or _LATEST, state, state),
        ):
            yield RecordRow(*row)

    def count_records(self, since: str = "", until: str = "", state: str = "") -> int:
        return self._count(
            f"SELECT count(*) FROM records AS r WHERE {_AMONG}",
            since,
            until or _LATEST,
            state,
            state,
        )

    def open_by_conversation(self, conversation: int) -> Sequence[RecordRow]:
        rows = self._do(
            f"{_RECORD} WHERE r.conversation = ? AND r.state = 'submitted' ORDER BY r.number",
            (conversation,),
        )
        return [RecordRow(*row) for row in rows]

    def questions(self) -> Sequence[EscalationRow]:
        rows = self._do(
            f"SELECT {ESCALATION} FROM escalations WHERE answered_at = '' ORDER BY id", ()
        )
        return [EscalationRow(*row) for row in rows]

    def escalation(self, id: int) -> EscalationRow | None:
        row = self._do(f"SELECT {ESCALATION} FROM escalations WHERE id = ?", (id,)).fetchone()
        return EscalationRow(*row) if row else None

    def conversation(self, id: int) -> ConversationRow | None:
        row = self._do(f"SELECT {CONVERSATION} FROM conversations WHERE id = ?", (id,)).fetchone()
        return ConversationRow(*row) if row else None

    def conversations_of(self, channel: str, person: str) -> Sequence[ConversationRow]:
        rows = self._do(
            f"SELECT {CONVERSATION} FROM conversations WHERE channel = ? AND person = ?",
            (channel, person),
        )
        return [ConversationRow(*row) for row in rows]

    def failures(self) -> Sequence[FailureRow]:
        found: list[FailureRow] = []
        for id_, kind, key, at, error in self._do(
            "SELECT id, kind, key, received_at, error FROM events WHERE error <> ''", ()
        ):
            # A key starts with its channel: "telegram:81230".
            found.append(FailureRow(f"{kind}-{id_}", kind, key.partition(":")[0], at, error))
        for id_, channel, at, reason in self._do(
            "SELECT id, channel, settled_at, reason FROM outbox WHERE state = 'dead'", ()
        ):
            found.append(FailureRow(f"send-{id_}", "send", channel, at, reason))
        found += self.deliveries.failures()
        return sorted(found, key=lambda failure: failure.at)

    def waiting(self) -> int:
        return self._count("SELECT count(*) FROM outbox WHERE state = 'waiting'")

    def backlog(self) -> Backlog:
        oldest = self._do(
            "SELECT created_at FROM outbox WHERE state = 'waiting' ORDER BY id LIMIT 1", ()
        ).fetchone()
        stuck = dict(
            self._do(
                "SELECT state, count(*) FROM deliveries WHERE state IN ('dead', 'held')"
                " GROUP BY state",
                (),
            ).fetchall()
        )
        return Backlog(
            outbox_waiting=self.waiting(),
            oldest=oldest[0] if oldest else "",
            outbox_dead=self._count("SELECT count(*) FROM outbox WHERE state = 'dead'"),
            deliveries_waiting=self._count(
                "SELECT count(*) FROM deliveries WHERE state = 'waiting'"
            ),
            deliveries_held=stuck.get("held", 0),
            deliveries_dead=stuck.get("dead", 0),
            failures=self._count("SELECT count(*) FROM events WHERE error <> ''"),
            questions_open=self._count("SELECT count(*) FROM escalations WHERE answered_at = ''"),
        )

    def tombstone(self, reference: str) -> TombstoneRow | None:
        row = self._do(
            "SELECT conversation, reference, erased_at, erased_by FROM tombstones"
            " WHERE reference = ? ORDER BY id DESC LIMIT 1",
            (reference,),
        ).fetchone()
        return TombstoneRow(*row) if row else None

    def _count(self, sql: str, *parameters: object) -> int:
        number: int = self._do(sql, parameters).fetchone()[0]
        return number
