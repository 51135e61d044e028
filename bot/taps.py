"""Buttons, forms and replies of the staff chat: what is meant, who may, and what is then done.

What a button means is read from the stored row that showed it, which must have gone to the staff
chat. A deed that needs words gives a form, where the platform has forms; what comes back names the
same button, and so the same deed. Elsewhere it asks for a reply, and the row that asked says what
the reply is about.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.conversation import States, Taken
from bot.house import House, deed
from bot.lesson_deeds import LESSON_DEEDS
from bot.messages import Deed, Receipt, StaffForm, StaffReply, StaffTap
from bot.question_deeds import QUESTION_DEEDS
from bot.review_deeds import REVIEW_DEEDS
from bot.review_replies import REPLIES
from bot.roles import Role
from bot.store import Transaction
from bot.tapped import Do, Tapped, Untaken, noted

DEEDS: Mapping[str, tuple[Role, Do]] = {**QUESTION_DEEDS, **LESSON_DEEDS, **REVIEW_DEEDS}
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
        return noted(house, "desk.refused")
    shown = arrival.button and tx.choice(*arrival.button, staff.channel, staff.chat)
    meant = deed(shown) if shown else None
    if meant is None or meant.verb not in DEEDS:
        return noted(house, "desk.old_button")
    taken = _done(Tapped(house, states, tx, meant, arrival, at), *DEEDS[meant.verb])
    if taken.receipt.faults:
        raise Untaken(taken.receipt)
    return taken


def take_written(
    house: House, states: States, tx: Transaction, reply: StaffReply, at: str
) -> Taken | None:
    """Do what a reply to a message of the bot's asks for, once; None where it is no such reply."""
    staff = house.staff
    if staff is None or (reply.channel, reply.chat) != (staff.channel, staff.chat):
        return None
    about = tx.case(reply.channel, reply.chat, reply.card) if reply.card else None
    if about is None or about[0] not in REPLIES:
        return None
    if tx.add_event(reply.key, None, "{}", reply.at, at) is None:
        return Taken(Receipt(duplicate=True))
    return _done(Tapped(house, states, tx, Deed(*about), reply, at), *REPLIES[about[0]])


def _done(t: Tapped, role: Role, do: Do) -> Taken:
    person = t.arrival
    if not t.house.roles.may(person.channel, person.by, role):
        return t.word(f"desk.may_not_{role}")
    t.tx.colleagues.saw(t.by.person, t.by.name, t.at)
    return do(t)
