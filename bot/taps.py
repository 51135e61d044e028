"""Buttons and forms of the staff chat: what was tapped, who may, and what is then done.

What a button means is read from the stored row that showed it, which must have gone to the staff
chat. A deed that needs words gives a form, where the platform has forms; what comes back names the
same button, and so the same deed.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.conversation import States, Taken
from bot.house import STAFF_LANGUAGE, House, deed
from bot.lesson_deeds import LESSON_DEEDS
from bot.messages import Receipt, StaffForm, StaffTap
from bot.question_deeds import QUESTION_DEEDS
from bot.roles import Role
from bot.store import Transaction
from bot.tapped import Do, Tapped, Untaken

DEEDS: Mapping[str, tuple[Role, Do]] = {**QUESTION_DEEDS, **LESSON_DEEDS}
"""verb -> who may, and what is done"""


def take_tap(
    house: House, states: States, tx: Transaction, arrival: StaffTap | StaffForm, at: str
) -> Taken:
    """Do what the button says, once, for somebody who may. Raises ``Untaken`` where what was
    written into a form is not in order."""
    if tx.add_event(arrival.key, None, "{}", arrival.at, at) is None:
        return Taken(Receipt(duplicate=True))
    staff = house.staff
    if staff is None or (arrival.channel, arrival.chat) != (staff.channel, staff.chat):
        return _note(house, "desk.refused")
    shown = arrival.button and tx.choice(*arrival.button, staff.channel, staff.chat)
    meant = deed(shown) if shown else None
    if meant is None or meant.verb not in DEEDS:
        return _note(house, "desk.old_button")
    role, do = DEEDS[meant.verb]
    if not house.roles.may(arrival.channel, arrival.by, role):
        return _note(house, f"desk.may_not_{role}")
    taken = do(Tapped(house, states, tx, meant, arrival, at))
    if taken.receipt.faults:
        raise Untaken(taken.receipt)
    return taken


def _note(house: House, key: str) -> Taken:
    return Taken(Receipt(note=house.renderer.text(STAFF_LANGUAGE, key)))
