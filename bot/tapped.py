"""A button of the staff chat that was tapped, and what a deed is done with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.conversation import States, Taken
from bot.house import STAFF_LANGUAGE, House
from bot.judging import MAX_NAME
from bot.messages import Deed, Receipt, StaffForm, StaffReply, StaffTap
from bot.store import Transaction
from dialogs.acts import Mention, Value

_MARKS = frozenset("{}[]()<>*_~`|\\")


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

    @property
    def by(self) -> Mention:
        return called(self.arrival)

    @property
    def number(self) -> int:
        """The deed's target where that is a number."""
        return int(self.deed.target)

    def note(self, key: str, **values: Value) -> Taken:
        """Nothing is done but to tell whoever tapped."""
        return Taken(Receipt(note=self.house.renderer.text(STAFF_LANGUAGE, key, values)))


def called(arrival: StaffTap | StaffForm | StaffReply) -> Mention:
    """Who of staff it is, by the name that they have on the platform: anybody names themselves as
    they like there, so that only what is harmless of it stays, and their id where nothing does."""
    plain = "".join(sign for sign in arrival.name if sign.isprintable() and sign not in _MARKS)
    name = " ".join(plain.split())[:MAX_NAME].strip()
    return Mention(f"{arrival.channel}:{arrival.by}", name or arrival.by)


Do = Callable[[Tapped], Taken]


class Untaken(Exception):
    """What was written in a form cannot be taken as it is: nothing is done, not even noted that it
    came, and the form stays open with its faults, so that the next try is no repetition."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__("the form stays open")
        self.receipt = receipt
