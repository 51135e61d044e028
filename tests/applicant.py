"""A straight applicant as a script of (what the bot asks, what the person does), and their truth.

Used by the tests that kill and restart the bot: the person waits until the bot has asked, answers
once, and never repeats anything, so whatever is lost or doubled on the way shows in the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol


class Talker(Protocol):
    """A person of one of the local platforms."""

    @property
    def chat(self) -> list[Any]: ...

    async def says(self, text: str) -> Any: ...

    async def taps(self, label: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Move:
    asked: str
    """words of the bot's question"""
    does: str
    """text, or ``[Label]`` for a tap"""
    field: str = ""
    """where it stands in the record: ``locations.0.phone``"""
    value: str = ""
    """the normalised value there; empty: as typed"""


@dataclass(frozen=True, slots=True)
class Applicant:
    number: int
    moves: tuple[Move, ...]

    @property
    def truth(self) -> dict[str, str]:
        return {m.field: m.value or m.does for m in self.moves if m.field}


def applicant(number: int) -> Applicant:
    """The person with this number: other data than anybody else, one or two locations."""
    n = number
    site = f"repairs{n}.co.uk"
    places = [
        Move("Which country", "United Kingdom", "locations.0.country", "GB"),
        Move("street address", f"{n + 1} Market Street, Leeds LS1 6DT", "locations.0.address"),
        Move(
            "phone number of this location",
            f"0113 496 {n % 10000:04d}",
            "locations.0.phone",
            f"+44113496{n % 10000:04d}",
        ),
    ]
    if n % 2:
        places += [
            Move("another service location", "[Add another]"),
            Move("location 2: ", "Indonesia", "locations.1.country", "ID"),
            Move(
                "street address",
                f"Jl. Melawai Raya {n + 1}, Jakarta 12160",
                "locations.1.address",
            ),
            Move(
                "phone number of this location",
                f"021 7179 {n % 10000:04d}",
                "locations.1.phone",
                f"+62217179{n % 10000:04d}",
            ),
        ]
    moves = (
        Move("", "hello"),
        Move("What would you like to do", "[Apply]"),
        Move("1 of 9", "[Yes]", "self_check.operating", "yes"),
        Move("2 of 9", "[Not sure]", "self_check.audited", "not_sure"),
        Move("3 of 9", "[Skip the check]"),
        Move("Do you agree", "[I agree]", "consent", "yes"),
        Move("Which kind of organisation", "[Service business]", "kind", "service_business"),
        Move("the legal name", f"Repairs Number {n} Ltd", "legal_name"),
        Move("trading name", f"Fixers {n}", "dba"),
        Move("principal or owner", f"Maria Santos the {n}th", "owners.0.name"),
        Move("another principal", "[That is all]"),
        *places,
        Move("another service location", "[That is all]"),
        Move("business e-mail address", f"info@{site}", "email"),
        Move("the website", site, "website", f"https://{site}"),
        Move("What experience", f"We have repaired phones since {1950 + n % 70}.", "experience"),
        Move("Is everything right", "[Submit]"),
        Move("true and complete", "[Yes, submit it]", "truth", "yes"),
    )
    return Applicant(number, moves)


RECEIPT = "Your reference is"


async def apply(
    person: Talker,
    who: Applicant,
    until: Callable[[Callable[[], bool]], Any],
) -> None:
    """Walk the person through their moves; returns once the receipt is there."""
    for move in who.moves:
        await until(partial(_asks, person, move.asked))
        if move.does.startswith("["):
            await person.taps(move.does.strip("[]"))
        else:
            await person.says(move.does)
    await until(partial(_asks, person, RECEIPT))


def _asks(person: Talker, words: str) -> bool:
    """Does the bot's newest message ask this? (Nothing to wait for where no words are given.)"""
    if not words:
        return True
    said = [m for m in person.chat if m.from_bot and not getattr(m, "shows_keyboard", False)]
    return bool(said) and words in said[-1].text


def value_at(record: dict[str, Any], field: str) -> str:
    """The normalised value at ``locations.0.phone`` of a record."""
    at: Any = record
    for part in field.split("."):
        at = at[int(part)] if part.isdigit() else at[part]
    return str(at["value"])
