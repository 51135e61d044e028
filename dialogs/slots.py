"""A slot: one question of the form and what is known of it. A draft: all slots of one application.

A slot's *path* is its field's name, with the item's id where the field repeats:
``legal_name``, ``self_check.walk_in``, ``locations.2.phone``. A path that is not in
``Draft.slots`` is *unasked*. Items keep their ids when others are removed, so that an old
button can never hit another item.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from pydantic import Discriminator

from dialogs.answers import Flag


@dataclass(frozen=True, slots=True)
class Answered:
    """Accepted by the field's reader."""

    value: str
    """normalised: E.164, ISO code, choice key, NFC text"""
    typed: str
    """as the person wrote it; for a button, its value"""
    messages: tuple[str, ...] = ()
    """the platform's ids of the messages that gave it"""
    flags: tuple[Flag, ...] = ()
    parts: tuple[str, ...] = ()
    """what each of the messages said of it, where it came in several"""
    is_: Literal["answered"] = "answered"


@dataclass(frozen=True, slots=True)
class Kept:
    """Refused by the reader, kept because the person says that it is right."""

    typed: str
    refusal: str
    """the code of the rule that it failed; a flag for the reviewer"""
    messages: tuple[str, ...] = ()
    is_: Literal["kept"] = "kept"


@dataclass(frozen=True, slots=True)
class Skipped:
    """An optional question passed over, or a self-check not taken (``not_answered``)."""

    reason: Literal["skipped", "not_answered"] = "skipped"
    is_: Literal["skipped"] = "skipped"


@dataclass(frozen=True, slots=True)
class Parked:
    """Open at staff: the form goes on without it; nothing is handed off before it is answered."""

    is_: Literal["parked"] = "parked"


Slot = Answered | Kept | Skipped | Parked
Stored = Annotated[Slot, Discriminator("is_")]
"""a slot as it is read back: by its own word for what it is, never by which fields fit"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A slot of a sent application that staff ask about again."""

    path: str
    reason: str
    """in their words"""


@dataclass(frozen=True, slots=True)
class Draft:
    """One application being filled. Changed only by the methods, each of which gives a new one.

    With ``asked`` it is what staff ask about a sent application (``amendment.py``): it has the
    places of these slots and no other, whatever else stands in it.
    """

    number: int = 1
    """1 for a person's first application; part of every button, so that old ones are harmless"""
    slots: dict[str, Stored] = field(default_factory=dict)
    items: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """repeat -> ids of its items, in order; a repeat that is not in it has the one item "1" """
    closed: tuple[str, ...] = ()
    """repeats of which the person said "that is all" """
    last_item: int = 1
    """the highest item id given so far, over all repeats"""
    asked: tuple[Asked, ...] = ()
    reference: str = ""
    """of the application that is asked about; empty where nothing is"""

    def put(self, path: str, slot: Slot) -> Draft:
        slots = {**self.slots, path: slot}
        return Draft(
            self.number,
            slots,
            self.items,
            self.closed,
            self.last_item,
            self.asked,
            self.reference,
        )

    def clear(self, path: str) -> Draft:
        return replace(self, slots={k: v for k, v in self.slots.items() if k != path})

    def ids(self, repeat: str) -> tuple[str, ...]:
        return self.items.get(repeat, ("1",))

    def close(self, repeat: str) -> Draft:
        return self if repeat in self.closed else replace(self, closed=(*self.closed, repeat))

    def add(self, repeat: str) -> Draft:
        """One more item at the end, unasked; the repeat is open again."""
        new = self.last_item + 1
        return replace(
            self,
            items={**self.items, repeat: (*self.ids(repeat), str(new))},
            closed=tuple(name for name in self.closed if name != repeat),
            last_item=new,
        )

    def remove(self, repeat: str, id: str) -> Draft:
        """Without the item and its slots; the last item is replaced by a fresh, unasked one."""
        left = tuple(item for item in self.ids(repeat) if item != id)
        gone = f"{repeat}.{id}."
        slots = {path: slot for path, slot in self.slots.items() if not path.startswith(gone)}
        without = replace(self, slots=slots, items={**self.items, repeat: left})
        return without if left else without.add(repeat)

    def value(self, path: str) -> str | None:
        """The normalised value, or None where the slot is not answered."""
        slot = self.slots.get(path)
        return slot.value if isinstance(slot, Answered) else None
