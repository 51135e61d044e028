"""What is written about a card after it was sent: the card anew in its place, lines under it.

Which question a message in the staff chat is about is read from the row that was sent, and so is
whether it can be answered there: a card can, and a line that says so; all others only tell staff
something.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from bot.house import STAFF_LANGUAGE, House, packed, post
from bot.messages import Button, Outgoing
from bot.store import Transaction
from bot.store.rows import EscalationRow, NewOutbox, OutboxRow
from dialogs.acts import Say

LINE = "line"
"""the kind of case of what only tells staff something about a question"""


def change(
    house: House,
    tx: Transaction,
    message: str,
    outgoing: Outgoing,
    conversation: int | None,
    case: tuple[str, str],
    at: str,
) -> list[OutboxRow]:
    """Have a message of ours in the staff chat say this instead. ``message``: the platform's id
    of it; of what was too long for one, that of the last."""
    assert house.staff is not None  # it was sent there
    channel, chat = house.staff.channel, house.staff.chat
    last = house.compose[channel](outgoing)[-1]
    edit = {"edit": message, "leave": True, "body": last.body, "plain": last.plain}
    body = json.dumps(edit, ensure_ascii=False)
    new = NewOutbox(
        channel,
        chat,
        body,
        conversation=conversation,
        choices=packed(outgoing.buttons),
        case_kind=case[0],
        case_id=case[1],
    )
    id = tx.post(new, at)
    ours = tx.ours(id)
    return [OutboxRow(id, channel, chat, "", "send", body, 0, at, *case, conversation, ours)]


def line_under(
    house: House,
    tx: Transaction,
    head: int,
    say: Say,
    at: str,
    buttons: Sequence[Button] = (),
    about: int = 0,
    answer: bool = False,
) -> list[OutboxRow]:
    """A line under a card: in its thread (Slack), as a reply to it (Telegram). ``about``: the
    question with whose person it is erased; the card's by default. ``answer``: it can be answered
    as the card can, for that question alone. Without, a reply to it is talk among staff: "You on
    call, can you?" is answered with "in a minute", which no applicant is to read."""
    staff, desk = house.staff, tx.desk.card(head)
    outgoing = house.renderer.message(STAFF_LANGUAGE, (say,))
    if staff is None or desk is None or outgoing is None:
        return []
    card = tx.desk.message(desk.shown_row, staff.channel, staff.chat)
    asked = tx.escalation(about) if about else None
    threads = staff.channel == "slack"
    outgoing = replace(
        outgoing,
        buttons=tuple(buttons),
        answer_to=str(about or head) if answer else "",
        under="" if threads else card,
    )
    return post(
        house,
        tx,
        outgoing,
        channel=staff.channel,
        chat=staff.chat,
        thread=card if threads else "",
        conversation=asked.conversation if asked is not None else desk.conversation,
        case=("escalation" if answer else LINE, str(about or head)),
        at=at,
    )


def question_at(
    tx: Transaction, channel: str, chat: str, message: str
) -> tuple[EscalationRow | None, bool]:
    """(the question that a message of ours in the staff chat is about, can it be answered there)"""
    kind, id = (tx.case(channel, chat, message) if message else None) or ("", "")
    asked = tx.escalation(int(id)) if kind in ("escalation", LINE) else None
    return asked, kind == "escalation"
