"""What a turn and the courier do, in SQL that SQLite and PostgreSQL both take.

One instance lives as long as its connection; the caller begins and ends the transactions. The
statements are few and always the same text, so that the driver finds them prepared.
"""

# ruff: noqa: S608 - what is put into a text is our own column lists, never a value
from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from bot.store.audit import Audit
from bot.store.colleagues import Colleagues
from bot.store.deliveries import Deliveries, first
from bot.store.desk import Desk
from bot.store.driver import Execute
from bot.store.eraser import Eraser, post_deletion
from bot.store.homes import Homes
from bot.store.lanes import ONE_PROCESS, OUTBOX, Channels, Lanes
from bot.store.learning import SqlLearning
from bot.store.marks import Marks
from bot.store.reviews import Reviews
from bot.store.rows import (
    ESCALATION,
    IMPORTED,
    QUESTION,
    ConversationRow,
    DueRow,
    EscalationRow,
    FailedEvent,
    NewOutbox,
    OutboxRow,
    RecordExists,
    RecordRow,
)
from bot.store.tallies import Tallies
from bot.store.told import Told

CONVERSATION = "id, channel, person, chat, thread, state, version"

UNSENT = """
SELECT id, channel, chat, thread, kind, body, attempts, due_at, case_kind, case_id, conversation
FROM outbox AS o
WHERE state = 'waiting' AND due_at <= ? AND NOT EXISTS (
    SELECT 1 FROM outbox AS p
    WHERE p.state = 'waiting' AND p.channel = o.channel AND p.chat = o.chat
      AND p.due_at > ? AND p.id < o.id){}
ORDER BY id
"""


class SqlTransaction:
    """``bot.store.Transaction`` over one connection's ``execute``. ``lock``: what ends a SELECT
    whose rows nobody else may change until the transaction ends; nothing where there is but one
    writer."""

    def __init__(self, execute: Execute, lanes: Lanes = ONE_PROCESS, lock: str = "") -> None:
        self._do = execute
        self._lanes = lanes
        self._lock = lock
        self._others: set[int] = set()
        self.told = Told(execute, lock)
        self.learning = SqlLearning(execute, lock)
        self.tallies = Tallies(execute)
        self.deliveries = Deliveries(execute, lanes)
        self.reviews = Reviews(execute, lock)
        self.audit = Audit(execute)
        self.marks = Marks(execute)
        self.homes = Homes(execute)
        self.colleagues = Colleagues(execute)
        self.desk = Desk(execute, lock)

    # a turn
    def add_event(
        self, key: str, conversation: int | None, body: str, platform_at: str, at: str
    ) -> int | None:
        row = self._do(
            "INSERT INTO events (key, conversation, body, platform_at, received_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id",
            (key, conversation, body, platform_at, at),
        ).fetchone()
        return row[0] if row else None

    def find_conversation(self, channel: str, person: str) -> ConversationRow | None:
        row = self._do(
            f"SELECT {CONVERSATION} FROM conversations WHERE channel = ? AND person = ?"
            f"{self._lock}",
            (channel, person),
        ).fetchone()
        return ConversationRow(*row) if row else None

    def conversation(self, id: int) -> ConversationRow | None:
        row = self._do(
            f"SELECT {CONVERSATION} FROM conversations WHERE id = ?{self._lock}", (id,)
        ).fetchone()
        return ConversationRow(*row) if row else None

    def open_conversation(
        self, channel: str, person: str, chat: str, thread: str, at: str
    ) -> ConversationRow:
        known = self.find_conversation(channel, person)
        if known is not None and known.chat == chat and known.thread == thread:
            return known
        row = self._do(
            "INSERT INTO conversations (channel, person, chat, thread, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (channel, person)"
            " DO UPDATE SET chat = excluded.chat, thread = excluded.thread"
            f" RETURNING {CONVERSATION}",
            (channel, person, chat, thread, at, at),
        ).fetchone()
        return ConversationRow(*row)

    def save_state(self, conversation: int, state: str, at: str) -> None:
        self._do(
            "UPDATE conversations SET state = ?, version = version + 1, updated_at = ?"
            " WHERE id = ?",
            (state, at, conversation),
        )

    def post(self, row: NewOutbox, at: str) -> int:
        # First of all, so that in one chat ids come in the order of the commits.
        ours = self._lanes.enter(OUTBOX, row.channel, row.chat)
        new: int = self._do(
            "INSERT INTO outbox (channel, chat, thread, kind, body, choices, prompt, case_kind,"
            " case_id, conversation, event, created_at, due_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                row.channel,
                row.chat,
                row.thread,
                row.kind,
                row.body,
                row.choices,
                int(row.prompt),
                row.case_kind,
                row.case_id,
                row.conversation,
                row.event,
                at,
                at,
            ),
        ).fetchone()[0]
        if not ours:
            self._others.add(new)
        return new

    def ours(self, row: int) -> bool:
        return row not in self._others

    def supersede(
        self, row: ConversationRow, by: int, *, most: int = QUESTION
    ) -> Mapping[int, str | None]:
        # By chat, of which few rows wait; a conversation's rows are all that it ever had. The "+ 0"
        # keeps the database from taking their index.
        waiting = self._do(
            "SELECT id, body FROM outbox WHERE channel = ? AND chat = ? AND state = 'waiting'"
            " AND conversation + 0 = ? AND prompt BETWEEN 1 AND ? AND id < ? ORDER BY id",
            (row.channel, row.chat, row.id, most, by),
        ).fetchall()
        changed: dict[int, str | None] = {}
        for id_, body in waiting:
            said = json.loads(body).get("said")
            kept = changed[id_] = None if said is None else json.dumps(said, ensure_ascii=False)
            self._do(
                "UPDATE outbox SET state = ?, body = ?, prompt = 0, superseded_by = ? WHERE id = ?",
                ("superseded" if kept is None else "waiting", kept or body, by, id_),
            )
        return changed

    def choice(self, row: int, index: int, channel: str, chat: str) -> str | None:
        # A row not yet marked as sent counts too: the message may be out and its mark lost.
        found = self._do(
            "SELECT choices FROM outbox WHERE id = ? AND channel = ? AND chat = ?",
            (row, channel, chat),
        ).fetchone()
        if found is None:
            return None
        choices = json.loads(found[0])
        return json.dumps(choices[index]) if 0 <= index < len(choices) else None

    def case(self, channel: str, chat: str, message: str) -> tuple[str, str] | None:
        row = self._do(
            "SELECT case_kind, case_id FROM outbox"
            " WHERE channel = ? AND chat = ? AND message = ? AND case_kind <> ''"
            " ORDER BY id DESC LIMIT 1",
            (channel, chat, message),
        ).fetchone()
        return (row[0], row[1]) if row and message else None

    def add_escalation(
        self, conversation: int, kind: str, question: str, path: str, reference: str, at: str
    ) -> int:
        new: int = self._do(
            "INSERT INTO escalations (conversation, kind, question, path, reference, asked_at)"
            " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
            (conversation, kind, question, path, reference, at),
        ).fetchone()[0]
        return new

    def escalation(self, id: int) -> EscalationRow | None:
        row = self._do(f"SELECT {ESCALATION} FROM escalations WHERE id = ?", (id,)).fetchone()
        return EscalationRow(*row) if row else None

    def questions(self) -> Sequence[EscalationRow]:
        rows = self._do(
            f"SELECT {ESCALATION} FROM escalations WHERE answered_at = '' ORDER BY id", ()
        )
        return [EscalationRow(*row) for row in rows]

    def answer_escalation(self, id: int, answer: str, by: str, at: str) -> bool:
        return (
            self._do(
                "UPDATE escalations SET answer = ?, answered_at = ?, answered_by = ?"
                " WHERE id = ? AND answered_at = ''",
                (answer, at, by, id),
            ).rowcount
            == 1
        )

    def add_record(
        self, reference: str, conversation: int, number: int, body: str, at: str
    ) -> None:
        added = self._do(
            "INSERT INTO records (reference, conversation, number, submitted_at, changed_at, body)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (reference, conversation, number, at, at, body),
        ).rowcount
        if added != 1:
            raise RecordExists(f"{reference}, or number {number} of conversation {conversation}")

    def take_record(self, row: RecordRow, at: str) -> Literal["taken", "there", "erased"]:
        reference = (row.reference,)
        if self._do("SELECT 1 FROM records WHERE reference = ?", reference).fetchone():
            return "there"
        if self._do("SELECT 1 FROM tombstones WHERE reference = ?", reference).fetchone():
            return "erased"
        kept = self.open_conversation(IMPORTED, row.reference, row.channel, "", at)
        added = self._do(
            "INSERT INTO records (reference, conversation, number, submitted_at, state, changed_at,"
            " body) VALUES (?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (row.reference, kept.id, row.submitted_at, row.state, row.changed_at, row.body),
        ).rowcount
        return "taken" if added == 1 else "there"

    def remind(self, conversation: int, kind: str, due_at: str) -> None:
        # A new id, so that whoever read the earlier row cannot fire this one.
        self._do("DELETE FROM dues WHERE conversation = ? AND kind = ?", (conversation, kind))
        self._do(
            "INSERT INTO dues (conversation, kind, due_at) VALUES (?, ?, ?)",
            (conversation, kind, due_at),
        )

    def due(self, now: str) -> Sequence[DueRow]:
        rows = self._do(
            "SELECT id, conversation, kind, due_at FROM dues WHERE due_at <= ?"
            " ORDER BY due_at, id LIMIT 500",
            (now,),
        )
        return [DueRow(*row) for row in rows]

    def fire(self, due: int) -> bool:
        return self._do("DELETE FROM dues WHERE id = ?", (due,)).rowcount == 1

    def noticed(self, channel: str, chat: str, words: str) -> bool:
        added = self._do(
            "INSERT INTO notices (channel, chat, words) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (channel, chat, words),
        ).rowcount
        return added != 1

    # what went wrong
    def add_failed_event(
        self,
        key: str,
        conversation: int | None,
        body: str,
        platform_at: str,
        at: str,
        error: str,
        kind: Literal["turn", "update"] = "turn",
    ) -> int | None:
        row = self._do(
            "INSERT INTO events (key, kind, conversation, body, platform_at, received_at, error)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key)"
            " DO UPDATE SET error = excluded.error, received_at = excluded.received_at"
            " WHERE events.error <> '' AND events.error <> excluded.error RETURNING id",
            (key, kind, conversation, body, platform_at, at, error or "unknown"),
        ).fetchone()
        return row[0] if row else None

    def failed_event(self, id: int) -> FailedEvent | None:
        row = self._do(
            "SELECT id, key, kind, conversation, body, platform_at, received_at, error"
            " FROM events WHERE id = ? AND error <> ''",
            (id,),
        ).fetchone()
        return FailedEvent(*row) if row else None

    def clear_failure(self, id: int) -> bool:
        return self._do("DELETE FROM events WHERE id = ? AND error <> ''", (id,)).rowcount == 1

    def revive(self, id: int, at: str) -> bool:
        row = self._do(
            "UPDATE outbox SET state = 'waiting', attempts = 0, due_at = ?, settled_at = '',"
            " reason = '' WHERE id = ? AND state = 'dead' RETURNING channel, chat",
            (at, id),
        ).fetchone()
        if row is not None:
            self._lanes.enter(OUTBOX, row[0], row[1], offered=False)
        return row is not None

    def forget(
        self, conversation: int, references: Sequence[str], by: str, at: str
    ) -> Sequence[str]:
        return Eraser(self, self._do, self._lanes).forget(conversation, references, by, at)

    def forget_since(self, conversation: int, since: str, by: str, at: str) -> None:
        Eraser(self, self._do, self._lanes).forget_since(conversation, since, by, at)

    def forget_home(self, channel: str, person: str, chat: str, at: str) -> bool:
        return Eraser(self, self._do, self._lanes).forget_home(channel, person, chat, at)

    # the courier
    def last_refusal(self, conversation: int) -> str:
        row = self._do(
            "SELECT o.state, o.reason FROM outbox AS o JOIN conversations AS c"
            " ON c.id = o.conversation AND c.channel = o.channel AND c.chat = o.chat"
            " WHERE o.conversation = ? AND o.case_kind = '' AND o.state IN ('sent', 'dead')"
            " ORDER BY o.id DESC LIMIT 1",
            (conversation,),
        ).fetchone()
        return str(row[1]) if row and row[0] == "dead" else ""

    def unsent(
        self, now: str, limit: int, busy: Collection[tuple[str, str]] = (), of: Channels = None
    ) -> Sequence[OutboxRow]:
        condition, values = self._lanes.take(OUTBOX, limit, busy, of)
        query = UNSENT.format(condition)
        waiting = self._lanes.by_and_by(self._do, query, (now, now, *values))
        return first(waiting, limit, busy)

    def astray(self) -> Sequence[tuple[str, str]]:
        return self._lanes.astray(OUTBOX)

    def mark_sent(self, id: int, message: str, at: str) -> bool:
        lane = self._lanes.lock(OUTBOX, id)
        self._mark_sent(id, message, at)
        return self._lanes.leave(OUTBOX, lane)

    def _mark_sent(self, id: int, message: str, at: str) -> None:
        marked = self._do(
            "UPDATE outbox SET state = 'sent', message = ?, settled_at = ?, reason = ''"
            " WHERE id = ? AND state <> 'erased'",
            (message, at, id),
        ).rowcount
        if marked == 1:
            return
        row = self._do(
            "DELETE FROM outbox WHERE id = ? AND state = 'erased' RETURNING channel, chat, thread",
            (id,),
        ).fetchone()
        if row and message:
            post_deletion(self, row[0], row[1], row[2], message, at)

    def mark_later(self, id: int, due_at: str, reason: str) -> bool:
        return (
            self._do(
                "UPDATE outbox SET attempts = attempts + 1, due_at = ?, reason = ?"
                " WHERE id = ? AND state = 'waiting'",
                (due_at, reason, id),
            ).rowcount
            == 1
        )

    def mark_dead(self, id: int, reason: str, at: str) -> bool:
        lane = self._lanes.lock(OUTBOX, id)
        self._do(
            "UPDATE outbox SET state = 'dead', reason = ?, settled_at = ?"
            " WHERE id = ? AND state = 'waiting'",
            (reason, at, id),
        )
        return self._lanes.leave(OUTBOX, lane)

    # small settings of the store itself
    def get_meta(self, key: str) -> str | None:
        row = self._do(f"SELECT value FROM meta WHERE key = ?{self._lock}", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        self._do(
            "INSERT INTO meta (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )
