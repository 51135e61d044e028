"""Cards into the staff chat; those of questions are in ``cards.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.house import STAFF_LANGUAGE, House, post
from bot.store import Transaction
from bot.store.rows import OutboxRow
from dialogs.acts import Say, Term, Value


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
