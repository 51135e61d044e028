"""A question that nobody has taken: staff are told of it again, the next on call by name.

When is kept with the card, in the database, so that no stop of the program forgets it. It is not
told again while somebody has it, nor more often than ``DeskRules.most_pings``; that is counted anew
once somebody had it and it still waits, and when more is asked.
"""

from __future__ import annotations

from datetime import datetime

from bot.card_lines import line_under
from bot.cards import bring_back, in_force, waits
from bot.clock import minute, stamp
from bot.house import STAFF_LANGUAGE, House
from bot.store import Transaction
from bot.store.desk import CardRow
from bot.store.rows import OutboxRow
from dialogs.acts import Mention, Say, Value


def ping(house: House, tx: Transaction, now: str) -> list[OutboxRow]:
    """A line under each card whose time has come; the card too, where it is not there."""
    rows: list[OutboxRow] = []
    for desk in tx.desk.to_ping(now):
        rows += _ping(house, tx, desk, now)
    return rows


def _ping(house: House, tx: Transaction, desk: CardRow, now: str) -> list[OutboxRow]:
    head = desk.escalation
    waiting = [id for id in tx.desk.on_card(head) if waits(tx, id)]
    if not waiting or not house.desk.ping or desk.pings >= house.desk.most_pings:
        tx.desk.pinged(desk, desk.pings, "")
        return []
    if in_force(desk, now):
        tx.desk.pinged(desk, desk.pings, desk.claimed_until)
        return []
    asked = tx.escalation(waiting[0])
    assert asked is not None  # it waits
    again = desk.pings + 1
    later = stamp(datetime.fromisoformat(now) + house.desk.ping)
    if not tx.desk.pinged(desk, again, later if again < house.desk.most_pings else ""):
        return []
    values: dict[str, Value] = {"id": str(head), "since": minute(asked.asked_at)}
    key, called = "desk.ping", _called(house, desk.pings)
    if called is not None:
        key, values["who"] = "desk.ping_to", called
    card = bring_back(house, tx, asked, now)
    return [*card, *line_under(house, tx, head, Say(key, values), now)]


def _called(house: House, pings: int) -> Mention | None:
    """Who is next, as far as they are on the staff chat's platform."""
    staff = house.staff
    mine = [p for p in house.desk.on_call if staff is not None and p.startswith(staff.channel)]
    if not mine:
        return None
    return Mention(mine[pings % len(mine)], house.renderer.text(STAFF_LANGUAGE, "desk.on_call"))
