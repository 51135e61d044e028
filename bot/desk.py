"""The staff side: cards into the staff chat, and what comes back from it.

What reaches an applicant is explicit: a direct reply to a question's card (Telegram), the card's
[Answer] (Slack), or ``frontdesk answer``. Which question a card is about is read from the stored
row that was sent, never from anybody's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.house import STAFF_LANGUAGE, House, post
from bot.likeness import answer_each, personal
from bot.messages import Block, Outgoing, Receipt, Span, StaffReply
from bot.store import Transaction
from bot.store.rows import EscalationRow, OutboxRow
from dialogs.acts import Escalate, Lines, Say, Term, Value
from dialogs.form import Place
from dialogs.state import Phase, State, open_place

COMMAND_LINE = "cli"
"""the channel of ``frontdesk answer``: whoever may run it on the machine is staff"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a staff line came to. ``escalations``: what goes to an applicant, each to its own."""

    receipt: Receipt
    escalations: tuple[EscalationRow, ...] = ()
    rows: tuple[OutboxRow, ...] = ()


def question_card(
    house: House,
    tx: Transaction,
    conversation: int,
    id: int,
    act: Escalate,
    state: State,
    at: str,
) -> list[OutboxRow]:
    """A question for staff: what is asked, where the applicant stands, how to answer."""
    if house.staff is None:
        return []
    place = _place_of(house, state, act.path) or _open_question(house, state)
    values: dict[str, Value] = {
        "id": str(id),
        "kind": Lines((Say(f"desk.kind_{act.kind}", {"reference": act.reference}),)),
        "text": act.text or Term("desk.no_text"),
        "field": Term(f"field.{place.name}.label") if place else Term("desk.no_field"),
        "how": Lines((Say(f"desk.how_{house.staff.channel}", {"id": str(id)}),)),
    }
    return _post_card(
        house, tx, "desk.question", values, at, conversation, ("escalation", str(id)), str(id)
    )


def failure_card(house: House, tx: Transaction, at: str) -> list[OutboxRow]:
    """Something could not be handled; what, is for ``frontdesk failures``."""
    return _post_card(house, tx, "desk.failed", {}, at, None)


def dead_card(house: House, tx: Transaction, reason: str, at: str) -> list[OutboxRow]:
    """A message could not be delivered for good."""
    return _post_card(house, tx, "desk.dead", {"reason": reason}, at, None)


def undelivered_card(
    row: OutboxRow, reason: str, house: House, tx: Transaction, at: str
) -> list[OutboxRow]:
    """An application could not be handed on; the row is one of its deliveries."""
    sink = Term(f"handoff.sink_{row.channel}")
    values: dict[str, Value] = {"reference": row.chat, "sink": sink, "reason": reason}
    return _post_card(house, tx, "desk.undelivered", values, at, None)


def articles_card(reason: str, house: House, tx: Transaction, at: str) -> list[OutboxRow]:
    """Changed articles were refused; the old ones stay in force."""
    return _post_card(house, tx, "desk.articles", {"reason": reason}, at, None)


def conflict_card(house: House, tx: Transaction, at: str) -> list[OutboxRow]:
    return _post_card(house, tx, "desk.conflict", {}, at, None)


def changed_card(house: House, tx: Transaction, say: Say, at: str) -> list[OutboxRow]:
    """People were told something else than what articles say now."""
    return _post_card(house, tx, say.key, say.values, at, None)


def morning_card(house: House, tx: Transaction, say: Say, at: str) -> list[OutboxRow]:
    """The card of the day."""
    return _post_card(house, tx, say.key, say.values, at, None)


def take_reply(house: House, tx: Transaction, reply: StaffReply, at: str) -> Reply:
    """Answer the escalations that this line is meant for, each once, if it comes from the staff
    chat. What was answered meanwhile is skipped and named."""
    trusted = reply.channel == COMMAND_LINE or (
        house.staff is not None
        and (reply.channel, reply.chat) == (house.staff.channel, house.staff.chat)
    )
    if tx.add_event(reply.key, None, "{}", reply.at, at) is None:
        return Reply(Receipt(duplicate=True))
    if not trusted:
        return Reply(Receipt(note=_text(house, "desk.refused")))
    if reply.channel != COMMAND_LINE and not house.roles.may(reply.channel, reply.by, "answer"):
        return _told(house, tx, reply, "desk.may_not_answer", at)
    if reply.name:
        tx.colleagues.saw(f"{reply.channel}:{reply.by}", reply.name, at)
    escalation = asked_in(tx, reply)
    if escalation is None:
        return _told(house, tx, reply, "desk.unknown", at)
    if not reply.text.strip():
        return _told(house, tx, reply, "desk.empty", at)
    wanted = tuple(dict.fromkeys((escalation.id, *reply.also)))
    if words := personal(tx, wanted, reply.text):
        return _told(house, tx, reply, "desk.personal", at, {"words": words})
    answered, skipped = answer_each(tx, wanted, reply.text, reply.by, at)
    if not answered:
        return _told(house, tx, reply, "desk.late", at)
    values = {"number": str(len(answered)), "skipped": ", ".join(map(str, skipped))}
    key = "desk.sent" if len(answered) == 1 else "desk.sent_to_several"
    told = _told(house, tx, reply, key if not skipped else "desk.sent_but", at, values)
    receipt = replace(told.receipt, answered=tuple(each.id for each in answered))
    return replace(told, receipt=receipt, escalations=answered)


def asked_in(tx: Transaction, reply: StaffReply) -> EscalationRow | None:
    """The question that the line is about, answered or not; None where it is about none."""
    id = reply.escalation
    if reply.card:
        case = tx.case(reply.channel, reply.chat, reply.card)
        id = int(case[1]) if case is not None and case[0] == "escalation" else 0
    return tx.escalation(id) if id else None


def _told(
    house: House,
    tx: Transaction,
    reply: StaffReply,
    key: str,
    at: str,
    values: Mapping[str, Value] | None = None,
) -> Reply:
    """Tell staff what became of their line: as a message where the platform shows no note."""
    note = house.renderer.text(STAFF_LANGUAGE, key, values or {})
    if reply.channel != "telegram":
        return Reply(Receipt(note=note))
    outgoing = Outgoing((Block((Span(note),)),))
    rows = post(
        house, tx, outgoing, channel=reply.channel, chat=reply.chat, thread=reply.thread, at=at
    )
    return Reply(Receipt(note=note), rows=tuple(rows))


def _post_card(
    house: House,
    tx: Transaction,
    key: str,
    values: Mapping[str, Value],
    at: str,
    conversation: int | None,
    case: tuple[str, str] = ("", ""),
    answer_to: str = "",
) -> list[OutboxRow]:
    if house.staff is None:
        return []
    outgoing = house.renderer.message(STAFF_LANGUAGE, (Say(key, values),))
    if outgoing is None:
        return []
    outgoing = replace(outgoing, answer_to=answer_to)
    return post(
        house,
        tx,
        outgoing,
        channel=house.staff.channel,
        chat=house.staff.chat,
        conversation=conversation,
        case=case,
        at=at,
    )


def _place_of(house: House, state: State, path: str) -> Place | None:
    draft = state.draft or (state.submissions[-1].draft if state.submissions else None)
    return house.script.form.place(draft, path) if draft is not None and path else None


def _open_question(house: House, state: State) -> Place | None:
    """What the applicant is being asked meanwhile."""
    asking = state.phase in (Phase.FILLING, Phase.STATING, Phase.PAUSED)
    return open_place(house.script, state) if asking else None


def _text(house: House, key: str) -> str:
    return house.renderer.text(STAFF_LANGUAGE, key)
