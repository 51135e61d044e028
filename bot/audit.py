"""Who did what, when: noting it, and telling whether the record is whole.

``note`` is for whoever does something with an application, a question or what is taught: once an
act, last in the act's own transaction (``store/audit.py`` says why last). What is not noted here
did not happen as far as anybody can prove.

    note(tx, at, "slack:U1", "claimed", "FD-7K3Q-X9MB")
    note(tx, at, "slack:U1", "answered", question(12), value=text)

A value becomes a digest and is not kept. Actors and subjects are ids, so nothing of an applicant
is ever in the record: they are "applicant", whoever they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from bot.store import Transaction
from bot.store.audit import GENESIS, QUESTION_SUBJECT, AuditRow, Head
from bot.store.rows import CandidateRow

Action = Literal[
    # reading
    "saw",
    "exported",
    # an application
    "submitted",
    "imported",
    "claimed",
    "released",
    "asked",
    "resubmitted",
    "approved",
    "declined",
    "withdrew",
    "distinguished",
    "erased",
    # a question of an applicant
    "answered",
    "informed",
    # what the bot is taught
    "taught",
    "changed",
    "dismissed",
    "not_covered",
    # the machinery
    "retried",
]
"""``approved`` and ``claimed`` are also said of candidates and questions: the subject tells.
``saw``: a person looked at answers or questions; a card that was posted for all is none.
``informed``: one person was told that an article says something else now."""

ACTIONS: tuple[Action, ...] = get_args(Action)

APPLICANT = "applicant"
PROGRAM = "program"
"""actors that are nobody of staff; the program erases what was never finished"""

LONGEST = 200
"""characters of an actor or a subject"""


def note(
    tx: Transaction,
    at: str,
    actor: str,
    action: Action,
    subject: str,
    fields: Sequence[str] = (),
    value: str | None = None,
) -> AuditRow:
    """Put it on the record. ``actor``: as in ``AuditRow``. ``subject``: a reference, or what
    ``question`` and the like make of an id. ``fields``: names of fields, or ids, that it was about
    more closely. ``value``: what was written, if that may have to be proved one day, of a
    reference, question or candidate in the store. Raises ValueError for what is no record."""
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no act of bot.audit.ACTIONS")
    for name, text in (("actor", actor), ("subject", subject)):
        if not text.strip() or not text.isprintable() or len(text) > LONGEST:
            raise ValueError(f"the {name} is to be a line of 1 to {LONGEST} characters")
    digest = tx.audit.digest(subject, value) if value is not None else ""
    return tx.audit.add(at, actor, action, subject, fields, digest)


def question(escalation: int) -> str:
    return f"{QUESTION_SUBJECT}{escalation}"


def candidate(id: int) -> str:
    return f"candidate-{id}"


def conversation(id: int) -> str:
    """Where there is no reference to name."""
    return f"conversation-{id}"


def note_candidate(
    tx: Transaction,
    at: str,
    actor: str,
    action: Action,
    row: CandidateRow,
    fields: Sequence[str] = (),
) -> None:
    """What became of something that the bot is to learn. What is served is sealed; a waiting one
    may be in an applicant's words."""
    served = row.worded and row.state == "approved"
    value = f"{row.question}\n\n{row.answer}" if served else None
    note(tx, at, actor, action, candidate(row.id), fields, value)


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain is not as it was written."""

    number: int
    why: str


def first_break(
    rows: Iterable[AuditRow], head: Head, told: Callable[[int], None] = lambda _: None
) -> Break | None:
    """None where the chain is whole. ``rows``: all of them, in their order; ``told`` hears how many
    were looked at."""
    last = AuditRow(0, "", "", "", "", "", "", "", GENESIS)
    for row in rows:
        if row.number <= last.number:
            return Break(row.number, "was put in: the chain begins with row 1")
        if row.number > head.number:
            return Break(row.number, f"was put in: the chain's head counts {head.number}")
        if row.number != last.number + 1:
            return Break(last.number + 1, f"is missing: row {row.number} comes next")
        if row.hash != row.sealed():
            return Break(row.number, "was changed: its hash is not of what stands in it")
        if row.previous != last.hash:
            return Break(row.number, f"was made anew: it does not go on from row {last.number}")
        last = row
        told(row.number)
    if last.number < head.number:
        return Break(last.number + 1, f"is missing: the chain's head counts {head.number}")
    if last.hash != head.hash:
        return Break(last.number, "is not the last that was written: the chain's head has another")
    return None
