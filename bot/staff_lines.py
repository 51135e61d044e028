"""Lines of the staff chat that are said to the bot itself: what they ask for is done or refused.

Whoever is in the configured staff chat may ask. Anybody else gets nothing, not even a refusal.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

from bot.cards import holder, hour, in_force
from bot.clock import minute
from bot.export import STATES
from bot.house import STAFF_LANGUAGE, House, post
from bot.messages import StaffLine
from bot.store import Transaction
from bot.store.rows import NewOutbox, OutboxRow
from dialogs.acts import Lines, Say, Value
from dialogs.desk_lines import wants_questions
from dialogs.exporting import ExportRequest, NotRead, read_export

LISTED = 20
"""questions in one answer"""


def take_line(house: House, tx: Transaction, line: StaffLine, at: str) -> list[OutboxRow] | None:
    """The rows that answer it; None where it was taken before."""
    if tx.add_event(line.key, None, "{}", line.at, at) is None:
        return None
    staff = house.staff
    if staff is None or (line.channel, line.chat) != (staff.channel, staff.chat):
        return []
    words = house.script.wording.language(STAFF_LANGUAGE).words
    if wants_questions(line.text, words):
        return _said(house, tx, line, questions_that_wait(house, tx, at), at)
    match read_export(line.text, words, STATES, date.fromisoformat(at[:10])):
        case ExportRequest() as request:
            return [_export_row(tx, line, request, at)]
        case NotRead(code, text):
            refusal = (Say(f"desk.export_{code}", {"text": text}), Say("desk.export_how"))
            return _said(house, tx, line, refusal, at)
        case None:
            return []


def questions_that_wait(house: House, tx: Transaction, at: str) -> tuple[Say, ...]:
    """Oldest first, with who has taken each. What is asked stands on the cards alone, which are
    erased with who asked it."""
    waiting = tx.questions()
    if not waiting:
        return (Say("desk.questions_none"),)
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
    return (Say("desk.questions", {"count": count, "lines": Lines(tuple(lines))}),)


def _said(
    house: House, tx: Transaction, line: StaffLine, says: tuple[Say, ...], at: str
) -> list[OutboxRow]:
    outgoing = house.renderer.message(STAFF_LANGUAGE, says)
    assert outgoing is not None  # it says something
    return post(
        house, tx, outgoing, channel=line.channel, chat=line.chat, thread=line.thread, at=at
    )


def _export_row(tx: Transaction, line: StaffLine, request: ExportRequest, at: str) -> OutboxRow:
    """Only what is asked for: the file is made when it is sent (``bot/documents.py``)."""
    body = json.dumps({"export": asdict(request)})
    id = tx.post(NewOutbox(line.channel, line.chat, body, thread=line.thread), at)
    return OutboxRow(id, line.channel, line.chat, line.thread, "send", body, 0, at)
