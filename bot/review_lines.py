"""Lines of the staff chat about reviews: "queue", "show FD-7K3Q-X9MB"."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.conversation import States
from bot.house import House
from bot.line_answer import Answer, answer, note_seen
from bot.messages import StaffLine
from bot.records import leaves
from bot.review_cards import record_card, state_say
from bot.reviews import review_of
from bot.roles import Role
from bot.store import Transaction
from bot.store.rows import OutboxRow, ReviewRow
from dialogs.acts import Lines, Say, Value

MOST = 25
"""applications in one answer"""


def _queue(
    house: House, states: States, tx: Transaction, line: StaffLine, reference: str, at: str
) -> list[OutboxRow]:
    """What staff have, the one that waits longest first."""
    rows = tx.reviews.queue()
    if not rows:
        return answer(house, tx, line, (Say("desk.review.queue_none"),), at)
    lines = [_queued(house, tx, row, at) for row in rows[:MOST]]
    if len(rows) > MOST:
        lines.append(Say("desk.review.queue_more", {"count": str(len(rows) - MOST)}))
    values: dict[str, Value] = {"count": str(len(rows)), "lines": Lines(tuple(lines))}
    return answer(house, tx, line, (Say("desk.review.queue", values),), at, saw="queue")


def _queued(house: House, tx: Transaction, row: ReviewRow, at: str) -> Say:
    answers = leaves(house.script.form, json.loads(row.record.body))
    values: dict[str, Value] = {
        "reference": row.record.reference,
        "legal_name": next((a.value for a in answers if a.field.name == "legal_name"), "-"),
        "state": Lines((state_say(tx, review_of(row), at),)),
    }
    return Say("desk.review.queue_line", values)


def _show(
    house: House, states: States, tx: Transaction, line: StaffLine, reference: str, at: str
) -> list[OutboxRow]:
    """Its card anew, with the buttons that it has now."""
    if not reference:
        return answer(house, tx, line, (Say("desk.review.show_how"),), at)
    row = tx.reviews.get(reference)
    person = tx.conversation(row.record.conversation) if row is not None else None
    if row is None or person is None:
        return answer(
            house, tx, line, (Say("desk.review.show_none", {"reference": reference}),), at
        )
    state = states.read(person)
    card = record_card(house, tx, person, state, row, at) if state is not None else []
    if not card:
        says = (Say("desk.review.unread", {"reference": reference}),)
        return answer(house, tx, line, says, at)
    note_seen(tx, line, reference, at)
    return card


LINES: Mapping[str, tuple[Role, Answer]] = {"queue": ("review", _queue), "show": ("review", _show)}
"""what ``read_line`` makes of a line -> who may, and what answers it"""
