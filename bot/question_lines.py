"""A line of the staff chat about questions: "questions", what waits, and the cards of it that are
not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.cards import bring_back, holder, hour, in_force
from bot.clock import minute
from bot.conversation import States
from bot.house import House
from bot.line_answer import Answer, answer
from bot.messages import StaffLine
from bot.roles import Role
from bot.store import Transaction
from bot.store.rows import EscalationRow, OutboxRow
from dialogs.acts import Lines, Say, Value

LISTED = 20
"""questions in one answer"""


def _questions(
    house: House, states: States, tx: Transaction, line: StaffLine, reference: str, at: str
) -> list[OutboxRow]:
    waiting = tx.questions()
    if not waiting:
        return answer(house, tx, line, (Say("desk.questions_none"),), at)
    tx.desk.hold(*(asked.id for asked in waiting[:LISTED]))
    rows = answer(house, tx, line, (_listed(tx, waiting, at),), at, "questions")
    for asked in waiting[:LISTED]:
        rows += bring_back(house, tx, asked, at)
    return rows


def _listed(tx: Transaction, waiting: Sequence[EscalationRow], at: str) -> Say:
    """Oldest first, with who has taken each. What is asked stands on the cards alone, which are
    erased with who asked it."""
    lines: list[Say] = []
    for asked in waiting[:LISTED]:
        values: dict[str, Value] = {
            "id": str(asked.id),
            "since": minute(asked.asked_at),
            "kind": Lines((Say(f"desk.kind_{asked.kind}", {"reference": asked.reference}),)),
        }
        own = tx.desk.card(asked.id)
        head = tx.desk.card(own.head) if own is not None else None
        if head is not None and in_force(head, at):
            values |= {"who": holder(head), "until": hour(head.claimed_until)}
            lines.append(Say("desk.questions_line_taken", values))
        else:
            lines.append(Say("desk.questions_line", values))
    if (more := len(waiting) - LISTED) > 0:
        lines.append(Say("desk.questions_more", {"count": str(more)}))
    count = str(len(waiting))
    return Say("desk.questions", {"count": count, "lines": Lines(tuple(lines))})


LINES: Mapping[str, tuple[Role, Answer]] = {"questions": ("answer", _questions)}
