"""THE form. Every question of the application is a field here, in the order in which it is asked.

To add a question: add a field with its ``Question``, and a ``[field.<name>]`` table to every
``words/<language>.toml``. Validation, summary, record, export columns, JSON Schema and the staff
view follow from it.

A field's type checks only the shape of the *normalised* value; every rule about what people type
is in the reader. ``facts`` are the lines of the program's page that the question comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dialogs.addresses import Address
from dialogs.answers import Choice, FreeText, Reader, YesNo
from dialogs.contacts import Email, Phone, Website
from dialogs.countries import Country
from dialogs.names import CompanyName, PersonName

WayOut = Literal["skip", "keep", "person", "stop"]
Stage = Literal["check", "consent", "form", "closing"]

REQUIRED: tuple[WayOut, ...] = ("keep", "person")
OPTIONAL: tuple[WayOut, ...] = ("skip", "keep", "person")
CHOICE: tuple[WayOut, ...] = ("person",)
AGREEMENT: tuple[WayOut, ...] = ("stop", "person")


@dataclass(frozen=True, slots=True)
class Question:
    """How a field is asked.

    reader: what turns typed text into the value. fact: its line of the program's page.
    ways: the ways out beside answering. private: masked on staff cards. same: in a repeat, "same as
    before" takes the value of the item before. when: asked only if this
    holds for the values known so far (path -> value); None means always.
    """

    reader: Reader
    fact: str = ""
    ways: tuple[WayOut, ...] = REQUIRED
    private: bool = False
    stage: Stage = "form"
    same: bool = False
    when: Callable[[Mapping[str, str]], bool] | None = None

    @property
    def optional(self) -> bool:
        return "skip" in self.ways


@dataclass(frozen=True, slots=True)
class Repeat:
    """A group that is asked one or more times, up to ``most`` items."""

    most: int = 50


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Line = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{1,14}(;ext=\d{1,11})?$")]
Agreed = Literal["yes"]
CheckAnswer = Literal["yes", "no", "not_sure"]
Kind = Literal["reseller", "service_business", "university_or_college"]


def _check(fact: str) -> Question:
    return Question(YesNo(not_sure=True), fact=fact, ways=("skip", "person"), stage="check")


class SelfCheck(Part):
    """Nine single taps over the requirements. Skipped ones stand as "not answered"."""

    operating: Annotated[CheckAnswer, _check("B1")]
    audited: Annotated[CheckAnswer, _check("B2")]
    credit: Annotated[CheckAnswer, _check("B3")]
    promote: Annotated[CheckAnswer, _check("B4")]
    walk_in: Annotated[CheckAnswer, _check("O4")]
    reception: Annotated[CheckAnswer, _check("O5")]
    workshop: Annotated[CheckAnswer, _check("O6")]
    commercial: Annotated[CheckAnswer, _check("O7")]
    technicians: Annotated[CheckAnswer, _check("T1")]


class Owner(Part):
    name: Annotated[Line, Question(PersonName(), fact="A2", private=True)]


class Location(Part):
    country: Annotated[CountryCode, Question(Country(), fact="A3", ways=CHOICE)]
    address: Annotated[Line, Question(Address(), fact="A3", private=True)]
    phone: Annotated[PhoneNumber, Question(Phone(), fact="A4", private=True, same=True)]


class Application(Part):
    self_check: SelfCheck
    consent: Annotated[Agreed, Question(YesNo(), ways=AGREEMENT, stage="consent")]
    kind: Annotated[
        Kind,
        Question(Choice(("reseller", "service_business", "university_or_college")), "P2", CHOICE),
    ]
    legal_name: Annotated[Line, Question(CompanyName(), fact="A1")]
    dba: Annotated[Line, Question(CompanyName(legal=False), fact="A1", ways=OPTIONAL)]
    owners: Annotated[tuple[Owner, ...], Repeat(most=20), Field(min_length=1)]
    locations: Annotated[tuple[Location, ...], Repeat(most=50), Field(min_length=1)]
    email: Annotated[Line, Question(Email(), fact="A5", private=True)]
    website: Annotated[Line, Question(Website(), fact="A6")]
    experience: Annotated[Line, Question(FreeText(), fact="A7")]
    truth: Annotated[Agreed, Question(YesNo(), ways=AGREEMENT, stage="closing")]
