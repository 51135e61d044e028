"""What staff write to an applicant: a reply to a card, the form behind [Answer], a command.

Which question a card is about is read from the stored row that was sent, never from anybody's
text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.answering import COMMAND_LINE, Answer, give, on_card
from bot.card_lines import question_at
from bot.conversation import States, Taken
from bot.house import STAFF_LANGUAGE, House, post
from bot.lessons import take_lesson
from bot.messages import Block, Outgoing, Receipt, Span, StaffReply
from bot.store import Transaction
from bot.store.rows import EscalationRow
from bot.tapped import Untaken, called
from dialogs.acts import Value


def take_reply(house: House, states: States, tx: Transaction, reply: StaffReply, at: str) -> Taken:
    """Answer the escalations that this line is meant for, each once, if it comes from the staff
    chat and from somebody who may."""
    by_command = reply.channel == COMMAND_LINE
    staff = house.staff
    here = staff is not None and (reply.channel, reply.chat) == (staff.channel, staff.chat)
    if tx.add_event(reply.key, None, "{}", reply.at, at) is None:
        return Taken(Receipt(duplicate=True))
    if not (by_command or here):
        return Taken(Receipt(note=house.renderer.text(STAFF_LANGUAGE, "desk.refused")))
    if (candidate := _candidate(tx, reply)) and not by_command:
        return take_lesson(house, tx, reply, candidate, at)
    if not by_command and not house.roles.may(reply.channel, reply.by, "answer"):
        return _told(house, tx, reply, "desk.may_not_answer", at)
    escalation = asked_in(tx, reply)
    if escalation is None:
        return _told(house, tx, reply, "desk.unknown", at)
    if reply.card and not question_at(tx, reply.channel, reply.chat, reply.card)[1]:
        return _told(house, tx, reply, "desk.no_card", at, {"id": str(escalation.id)})
    if not reply.text.strip():
        return _told(house, tx, reply, "desk.empty", at)
    if reply.attached:  # "as you see here", without what is to be seen
        return _told(house, tx, reply, "desk.attached", at)
    answer = Answer(reply.text, called(reply), reply.key, reply.at)
    ids = (*on_card(tx, escalation.id), *reply.also)
    done = give(house, states, tx, ids, answer, at)
    if done.said == "desk.held" and reply.channel == "slack":
        # The form stays open, and what was written in it.
        note = house.renderer.text(STAFF_LANGUAGE, done.said, done.values)
        raise Untaken(Receipt(note=note, faults=(("reply", note),)))
    told = _told(house, tx, reply, done.said, at, done.values)
    receipt = replace(told.receipt, answered=done.ids)
    return Taken(receipt, (*done.rows, *told.rows), others=done.taken)


def asked_in(tx: Transaction, reply: StaffReply) -> EscalationRow | None:
    """The question that the line is about, answered or not; None where it is about none."""
    if reply.card:
        return question_at(tx, reply.channel, reply.chat, reply.card)[0]
    return tx.escalation(reply.escalation) if reply.escalation else None


def _candidate(tx: Transaction, reply: StaffReply) -> int:
    """The candidate whose card it replies to; 0 where it replies to none."""
    case = tx.case(reply.channel, reply.chat, reply.card) if reply.card else None
    return int(case[1]) if case is not None and case[0] == "candidate" else 0


def _told(
    house: House,
    tx: Transaction,
    reply: StaffReply,
    key: str,
    at: str,
    values: Mapping[str, Value] | None = None,
) -> Taken:
    """Tell staff what became of their line: as a message where the platform shows no note."""
    note = house.renderer.text(STAFF_LANGUAGE, key, values or {})
    if reply.channel != "telegram":
        return Taken(Receipt(note=note))
    outgoing = Outgoing((Block((Span(note),)),), under=reply.message)
    rows = post(
        house, tx, outgoing, channel=reply.channel, chat=reply.chat, thread=reply.thread, at=at
    )
    return Taken(Receipt(note=note), tuple(rows))
