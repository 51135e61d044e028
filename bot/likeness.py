"""Questions that wait for staff and ask the same: one human answer resolves them all.

``waiting_like`` shows them; the answer goes to those that a person then names
(``StaffReply.also``), each quoted with its own question, each once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from bot.house import STAFF_LANGUAGE
from bot.particulars import theirs
from bot.store import Transaction
from bot.store.rows import ConversationRow, EscalationRow
from dialogs.state import State
from knowledge.alike import Encode, alike


@dataclass(frozen=True, slots=True)
class Waiting:
    """What staff see of another's question, and no more."""

    id: int
    channel: str
    question: str


class Asked(Protocol):
    """Where the questions are looked up."""

    def questions(self) -> Sequence[EscalationRow]: ...

    def conversation(self, id: int) -> ConversationRow | None: ...


def waiting_like(
    reports: Asked,
    escalation: EscalationRow,
    encode: Encode | None = None,
    most: int | None = None,
) -> tuple[Waiting, ...]:
    """The other questions, still waiting, that ask the same in the same language; best first. A
    wish for a change is about one application, and like no other. ``most``: of those that wait,
    how many are looked at, the oldest first; each costs a third of a millisecond."""
    if escalation.kind == "change" or not escalation.question.strip():
        return ()
    language = language_of(reports.conversation(escalation.conversation))
    others: list[tuple[EscalationRow, ConversationRow]] = []
    for other in reports.questions()[:most]:
        if other.id == escalation.id or other.kind == "change" or not other.question.strip():
            continue
        row = reports.conversation(other.conversation)
        if row is not None and language_of(row) == language:
            others.append((other, row))
    texts = [other.question for other, _ in others]
    return tuple(
        Waiting(others[at][0].id, others[at][1].channel, texts[at])
        for at in alike(escalation.question, texts, language, encode)
    )


def answer_each(
    tx: Transaction, ids: Sequence[int], answer: str, by: str, at: str
) -> tuple[tuple[EscalationRow, ...], tuple[int, ...]]:
    """(those answered now, those that were answered meanwhile or are gone); each counts once."""
    answered: list[EscalationRow] = []
    skipped: list[int] = []
    for id in dict.fromkeys(ids):
        escalation = tx.escalation(id)
        if escalation is not None and tx.answer_escalation(id, answer, by, at):
            answered.append(escalation)
        else:
            skipped.append(id)
    return tuple(answered), tuple(skipped)


def language_of(row: ConversationRow | None) -> str:
    """What the person speaks; that of staff where their state cannot be read."""
    try:
        language = json.loads(row.state)["language"] if row is not None else ""
    except (ValueError, KeyError, TypeError):
        return STAFF_LANGUAGE
    return language if isinstance(language, str) and language else STAFF_LANGUAGE


def state_of(tx: Transaction, escalation: EscalationRow) -> State | None:
    """Of whoever asked; None where it cannot be read, so that nothing can be looked for in it."""
    row = tx.conversation(escalation.conversation)
    if row is None or not row.state:
        return None
    try:
        return State.from_json(row.state)
    except ValidationError:
        return None


def personal(tx: Transaction, ids: Sequence[int], answer: str) -> str | None:
    """The words of an answer to several people that one of them has told about themselves: the
    others must not read them. None where there are none."""
    asked = [escalation for escalation in map(tx.escalation, ids) if escalation is not None]
    if len({escalation.conversation for escalation in asked}) < 2:
        return None
    for escalation in asked:
        state = state_of(tx, escalation)
        if state is not None and (words := theirs(answer, state)):
            return words
    return None
