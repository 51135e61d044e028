"""Cards into the staff chat; those of questions are in ``cards.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.house import STAFF_LANGUAGE, House, post
from bot.store import Transaction
from bot.store.rows import ConversationRow, OutboxRow
from dialogs.acts import Lines, Resubmit, Say, Submit, Term, Value
from dialogs.asking import change_lines, lines_of
from dialogs.objects import where
from dialogs.review import Review
from dialogs.slots import Answered, Draft, Kept
from dialogs.state import State


def record_card(
    house: House, tx: Transaction, row: ConversationRow, act: Submit, state: State, at: str
) -> list[OutboxRow]:
    """A new application: the doubts first, then its answers, private ones masked."""
    if house.staff is None:
        return []
    draft = state.submissions[-1].draft
    values: dict[str, Value] = {
        "reference": act.reference,
        "channel": row.channel,
        "lines": Lines(
            (doubts_line(house, draft), *lines_of(house.script, state, draft, mask=True).lines)
        ),
    }
    return _post_card(house, tx, "desk.record", values, at, row.id, ("record", act.reference))


def resubmitted_card(
    house: House,
    tx: Transaction,
    conversation: int,
    act: Resubmit,
    state: State,
    review: Review,
    at: str,
) -> list[OutboxRow]:
    """What was asked is answered: before and after of exactly that, for who asked."""
    claim = review.claim
    asked = replace(act.after, asked=act.asked, reference=act.reference)
    values: dict[str, Value] = {
        "reference": act.reference,
        "reviewer": claim.by if claim is not None else Term("desk.anybody"),
        "lines": change_lines(house.script, state, act.before, asked, act.asked, mask=True),
        "flags": Lines((doubts_line(house, asked),)),
    }
    case = ("record", act.reference)
    return _post_card(house, tx, "desk.resubmitted", values, at, conversation, case)


def withdrawn_card(
    house: House, tx: Transaction, conversation: int, reference: str, at: str
) -> list[OutboxRow]:
    values = {"reference": reference}
    return _post_card(house, tx, "desk.withdrawn", values, at, conversation, ("record", reference))


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


def doubts_line(house: House, draft: Draft) -> Say:
    """All flags and kept answers of a draft, each with its field, in one line."""
    doubts: list[Say] = []
    for place in house.script.form.places(draft):
        slot = draft.slots.get(place.path)
        label: Value = Term(f"field.{place.name}.label")
        if number := where(house.script, draft, place):
            label = Lines((Say("buttons.nth", {"label": label, "item": number}),))
        if isinstance(slot, Answered):
            doubts += [
                Say(
                    "desk.doubt",
                    {"label": label, "doubt": Lines((Say(f"flags.{f.code}", f.details),))},
                )
                for f in slot.flags
            ]
        elif isinstance(slot, Kept):
            doubts.append(Say("desk.doubt_kept", {"label": label}))
    if not doubts:
        return Say("desk.no_flags")
    return Say("desk.flags", {"flags": Lines(tuple(doubts))})


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
