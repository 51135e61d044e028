"""What a button or form of the staff chat is taken with, and what can be told back at once.

A module of its own, so that what is done (a table of deeds) and who takes the tap (``taps.py``)
need not know each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.conversation import States, Taken
from bot.house import STAFF_LANGUAGE, House, post
from bot.judging import MAX_NAME
from bot.messages import Block, Deed, Outgoing, Receipt, Span, StaffForm, StaffReply, StaffTap
from bot.store import Transaction
from dialogs.acts import Mention, Value

FORMS = frozenset({"slack"})
"""the channels that show a form to whoever taps; elsewhere words come as a reply to a message"""

_MARKS = frozenset("{}[]()<>*_~`|\\")


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a deed is done with."""

    house: House
    states: States
    tx: Transaction
    deed: Deed
    arrival: StaffTap | StaffForm | StaffReply
    """a tap; what was written into the form that it opened, or in reply to the bot's message"""
    at: str

    @property
    def by(self) -> Mention:
        return called(self.arrival)

    @property
    def number(self) -> int:
        """The deed's target where that is a number."""
        return int(self.deed.target)

    @property
    def button(self) -> tuple[int, int]:
        """What a form that this opens comes back with."""
        return getattr(self.arrival, "button", None) or (0, 0)

    def word(self, key: str, values: Mapping[str, Value] | None = None) -> Taken:
        """Nothing but a word to whoever acts: under their tap, or as a message after a reply,
        where no platform shows a note."""
        taken, arrival = noted(self.house, key, values), self.arrival
        if not isinstance(arrival, StaffReply):
            return taken
        rows = post(
            self.house,
            self.tx,
            Outgoing((Block((Span(taken.receipt.note),)),)),
            channel=arrival.channel,
            chat=arrival.chat,
            thread=arrival.thread,
            at=self.at,
        )
        return replace(taken, rows=tuple(rows))


def called(arrival: StaffTap | StaffForm | StaffReply) -> Mention:
    """Who of staff it is, by the name that they have on the platform: anybody names themselves as
    they like there, so that only what is harmless of it stays, and their id where nothing does."""
    plain = "".join(sign for sign in arrival.name if sign.isprintable() and sign not in _MARKS)
    name = " ".join(plain.split())[:MAX_NAME].strip()
    return Mention(f"{arrival.channel}:{arrival.by}", name or arrival.by)


Do = Callable[[Tapped], Taken]


def noted(house: House, key: str, values: Mapping[str, Value] | None = None) -> Taken:
    """Nothing but a note to whoever tapped."""
    return Taken(Receipt(note=house.renderer.text(STAFF_LANGUAGE, key, values or {})))


class Untaken(Exception):
    """What was written in a form cannot be taken as it is: nothing is done, not even noted that it
    came, and the form stays open with its faults, so that the next try is no repetition."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__("the form stays open")
        self.receipt = receipt
