"""What a button or form of the staff chat is taken with, and what can be told back at once.

A module of its own, so that what is done (a table of deeds) and who takes the tap (``taps.py``)
need not know each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.conversation import States, Taken
from bot.house import STAFF_LANGUAGE, House
from bot.messages import Deed, Receipt, StaffForm, StaffTap
from bot.store import Transaction
from dialogs.acts import Value

FORMS = frozenset({"slack"})
"""the channels that show a form to whoever taps; elsewhere words come as a reply to a message"""


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a deed is done with."""

    house: House
    states: States
    tx: Transaction
    deed: Deed
    arrival: StaffTap | StaffForm
    """a tap, or what was written into the form that it opened"""
    at: str


Do = Callable[[Tapped], Taken]


def noted(house: House, key: str, values: Mapping[str, Value] | None = None) -> Taken:
    """Nothing but a note to whoever tapped."""
    return Taken(Receipt(note=house.renderer.text(STAFF_LANGUAGE, key, values or {})))
