"""What the staff desk keeps of each escalated question beside the question itself: its card, who
has taken it, whether the answer arrived, when staff are told again; and the lines that staff wrote
in a card's thread. In SQL that SQLite and PostgreSQL both take.
"""

# ruff: noqa: S608 - what is put into a text is our own column lists, never a value
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.store.driver import Execute

_CARD = (
    "escalation, conversation, head, shown_row, found, claimed_by, claimed_name, claimed_until,"
    " answered_name, article, answer_row, told_at, refused, pings, ping_at"
)
_NOTE = "id, escalation, conversation, channel, chat, message, text, state, offer_row"


# What the desk keeps of an escalated question. ``head`` is the question whose card it stands on,
# its own or that of an earlier one which it joined; claim, ping and ``shown_row`` (the outbox row
# with the card's buttons) are those of the head.
TABLES = """
CREATE TABLE question_cards (
    escalation INTEGER PRIMARY KEY REFERENCES escalations (id),
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    head INTEGER NOT NULL,
    shown_row INTEGER NOT NULL DEFAULT 0,
    found TEXT NOT NULL DEFAULT '[]',
    claimed_by TEXT NOT NULL DEFAULT '',
    claimed_name TEXT NOT NULL DEFAULT '',
    claimed_until TEXT NOT NULL DEFAULT '',
    answered_name TEXT NOT NULL DEFAULT '',
    article TEXT NOT NULL DEFAULT '',
    answer_row INTEGER NOT NULL DEFAULT 0,
    told_at TEXT NOT NULL DEFAULT '',
    refused TEXT NOT NULL DEFAULT '',
    pings INTEGER NOT NULL DEFAULT 0,
    ping_at TEXT NOT NULL DEFAULT ''
) {strict};
CREATE INDEX question_cards_of_conversation ON question_cards (conversation);
CREATE INDEX question_cards_of_head ON question_cards (head);
CREATE INDEX question_cards_to_ping ON question_cards (ping_at) WHERE ping_at <> '';
CREATE INDEX question_cards_answered ON question_cards (answer_row) WHERE answer_row <> 0;

CREATE TABLE staff_notes (
    id {serial},
    escalation INTEGER NOT NULL REFERENCES escalations (id),
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    channel TEXT NOT NULL,
    chat TEXT NOT NULL,
    message TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sent', 'withdrawn')),
    offer_row INTEGER NOT NULL DEFAULT 0,
    UNIQUE (channel, chat, message)
) {strict};
CREATE INDEX staff_notes_of_escalation ON staff_notes (escalation);
CREATE INDEX staff_notes_of_conversation ON staff_notes (conversation);
"""


@dataclass(frozen=True, slots=True)
class CardRow:
    """What the desk keeps of an escalated question; claim, row and ping only of a card's own."""

    escalation: int
    conversation: int
    head: int
    """whose card it stands on: its own, or an earlier question's which it joined"""
    shown_row: int
    """the outbox row with the card's buttons; 0 before there is one"""
    found: str
    """JSON: [article id, label] of what may answer it, the best first"""
    claimed_by: str
    """``slack:U0123``; empty: nobody has taken it"""
    claimed_name: str
    claimed_until: str
    answered_name: str
    article: str
    """the article that was sent as the answer; empty where somebody wrote one"""
    answer_row: int
    """the outbox row that brings the answer; 0 where none does"""
    told_at: str
    """when that arrived; empty while it is on its way"""
    refused: str
    """why it never will"""
    pings: int
    ping_at: str
    """when staff are told of it again; empty: never"""


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A line that one of staff wrote in the thread of a question's card."""

    id: int
    escalation: int
    conversation: int
    channel: str
    chat: str
    message: str
    text: str
    """as it stands now"""
    state: Literal["open", "sent", "withdrawn"]
    offer_row: int
    """the outbox row that offers to send it"""


class Desk:
    """One connection's ``execute``; the caller begins and ends the transactions."""

    def __init__(self, execute: Execute, lock: str = "") -> None:
        self._do = execute
        self._lock = lock

    def hold(self, *escalations: int) -> None:
        """Whoever looks at these questions in order to take or answer them does so one after the
        other: first of all, as a turn of the people who asked them would."""
        if self._lock:
            marks = ", ".join("?" * len(escalations))
            self._do(
                "SELECT 1 FROM conversations WHERE id IN (SELECT conversation FROM escalations"
                f" WHERE id IN ({marks})) ORDER BY id{self._lock}",
                escalations,
            )

    # cards
    def add(self, escalation: int, conversation: int, head: int, found: str, ping_at: str) -> None:
        """``head``: the question on whose card it stands, its own id for one with a card of its
        own; ``found``: JSON, [article id, label] of what may answer it; ``ping_at``: when staff are
        told again, empty for never."""
        self._do(
            "INSERT INTO question_cards (escalation, conversation, head, found, ping_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (escalation, conversation, head, found, ping_at),
        )

    def card(self, escalation: int) -> CardRow | None:
        """None for a question that was passed on where there was no staff chat."""
        row = self._do(
            f"SELECT {_CARD} FROM question_cards WHERE escalation = ?", (escalation,)
        ).fetchone()
        return CardRow(*row) if row else None

    def on_card(self, head: int) -> Sequence[int]:
        """The questions that stand on one card, the oldest first."""
        rows = self._do(
            "SELECT escalation FROM question_cards WHERE head = ? ORDER BY escalation", (head,)
        )
        return [row[0] for row in rows]

    def open_cards(self, conversation: int) -> Sequence[int]:
        """The cards of a person on which something still waits, the newest first."""
        rows = self._do(
            "SELECT DISTINCT c.head FROM question_cards AS c JOIN escalations AS e"
            " ON e.id = c.escalation WHERE c.conversation = ? AND e.answered_at = ''"
            " ORDER BY c.head DESC",
            (conversation,),
        )
        return [row[0] for row in rows]

    def shown_by(self, head: int, row: int) -> None:
        """The outbox row that has the card's buttons."""
        self._do("UPDATE question_cards SET shown_row = ? WHERE escalation = ?", (row, head))

    def message(self, row: int, channel: str, chat: str) -> str:
        """The platform's id of what this outbox row sent; empty while it is not known, and where
        it went to another chat: staff have moved since."""
        found = self._do(
            "SELECT message FROM outbox WHERE id = ? AND state = 'sent' AND channel = ?"
            " AND chat = ?",
            (row, channel, chat),
        ).fetchone()
        return str(found[0]) if found else ""

    def stands(self, row: int, channel: str, chat: str) -> bool:
        """What this outbox row brings is in that chat, or on its way there."""
        found = self._do(
            "SELECT 1 FROM outbox WHERE id = ? AND channel = ? AND chat = ?"
            " AND state IN ('waiting', 'sent')",
            (row, channel, chat),
        ).fetchone()
        return found is not None

    def claim(self, head: int, by: str, name: str, until: str) -> None:
        """All empty: it is let go."""
        self._do(
            "UPDATE question_cards SET claimed_by = ?, claimed_name = ?, claimed_until = ?"
            " WHERE escalation = ?",
            (by, name, until, head),
        )

    def answered(self, escalation: int, name: str, article: str, row: int) -> None:
        """``name``: who answered; ``row``: the outbox row that brings it, 0 where none does."""
        self._do(
            "UPDATE question_cards SET answered_name = ?, article = ?, answer_row = ?,"
            " told_at = '', refused = '' WHERE escalation = ?",
            (name, article, row, escalation),
        )

    def settled(self, row: int, told_at: str, refused: str) -> Sequence[int]:
        """An answer's outbox row arrived, or never will: the cards of what it answered."""
        rows = self._do(
            "UPDATE question_cards SET told_at = ?, refused = ? WHERE answer_row = ?"
            " AND answer_row <> 0"
            " RETURNING head",
            (told_at, refused, row),
        ).fetchall()
        return sorted({row[0] for row in rows})

    def brings_answer(self, row: int) -> bool:
        return (
            self._do(
                "SELECT 1 FROM question_cards WHERE answer_row = ? AND answer_row <> 0 LIMIT 1",
                (row,),
            ).fetchone()
            is not None
        )

    def to_ping(self, now: str) -> Sequence[CardRow]:
        """Whose time has come to be named to staff again; at most 50 at a time."""
        rows = self._do(
            f"SELECT {_CARD} FROM question_cards WHERE ping_at <> '' AND ping_at <= ?"
            " ORDER BY ping_at, escalation LIMIT 50",
            (now,),
        )
        return [CardRow(*row) for row in rows]

    def pinged(self, card: CardRow, pings: int, ping_at: str) -> bool:
        """So often, and next then. False where another process was first."""
        row = self._do(
            "UPDATE question_cards SET pings = ?, ping_at = ? WHERE escalation = ?"
            " AND pings = ? AND ping_at = ? RETURNING escalation",
            (pings, ping_at, card.escalation, card.pings, card.ping_at),
        ).fetchone()
        return row is not None

    def before(self, conversation: int, at: str, most: int) -> Sequence[tuple[int, str]]:
        """(id, body) of the latest events before the one of that time, the newest first."""
        rows = self._do(
            "SELECT id, body FROM events WHERE conversation = ? AND received_at <= ?"
            " AND body <> '' AND error = '' ORDER BY id DESC LIMIT ?",
            (conversation, at, most + 1),
        )
        return [(row[0], row[1]) for row in rows][1:]

    def said_in(self, conversation: int, event: int) -> Sequence[str]:
        """The bodies of what the person was sent in that event's turn, in order."""
        rows = self._do(
            "SELECT body FROM outbox WHERE conversation = ? AND event = ? AND case_kind = ''"
            " AND kind = 'send' ORDER BY id",
            (conversation, event),
        )
        return [row[0] for row in rows]

    # lines in a card's thread
    def add_note(
        self, escalation: int, conversation: int, channel: str, chat: str, message: str, text: str
    ) -> int | None:
        """None where this message is known."""
        row = self._do(
            "INSERT INTO staff_notes (escalation, conversation, channel, chat, message, text)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (channel, chat, message) DO NOTHING"
            " RETURNING id",
            (escalation, conversation, channel, chat, message, text),
        ).fetchone()
        return row[0] if row else None

    def note(self, id: int) -> NoteRow | None:
        row = self._do(f"SELECT {_NOTE} FROM staff_notes WHERE id = ?", (id,)).fetchone()
        return NoteRow(*row) if row else None

    def note_of(self, channel: str, chat: str, message: str) -> NoteRow | None:
        row = self._do(
            f"SELECT {_NOTE} FROM staff_notes WHERE channel = ? AND chat = ? AND message = ?",
            (channel, chat, message),
        ).fetchone()
        return NoteRow(*row) if row else None

    def offered(self, id: int, row: int) -> None:
        self._do("UPDATE staff_notes SET offer_row = ? WHERE id = ?", (row, id))

    def change_note(self, id: int, text: str, state: str) -> None:
        self._do("UPDATE staff_notes SET text = ?, state = ? WHERE id = ?", (text, state, id))


def forget_cards(execute: Execute, which: str, values: tuple[object, ...]) -> None:
    """Before these escalations are erased. ``which``: a condition on ``escalation`` that takes
    ``values``."""
    for table in ("staff_notes", "question_cards"):
        execute(f"DELETE FROM {table} WHERE {which}", values)
