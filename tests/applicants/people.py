"""Who applies: businesses with their true answers, made from the hand-written ones by a seed.

Nothing here knows the bot. What a normalised answer must be is worked out from the data itself:
E.164 from the country's calling code and trunk prefix, the host from the address of the site.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tests.applicants.halves import Half, rows, shared

End = Literal["submits", "stops at consent", "walks away"]
CHECK = (
    "operating",
    "audited",
    "credit",
    "promote",
    "walk_in",
    "reception",
    "workshop",
    "commercial",
    "technicians",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody types for a field when asked plainly, and what it means."""

    typed: str
    value: str
    """normalised; empty: there is none (no trading name, a check passed over)"""
    plainer: str = ""
    """how they would write it after a refusal; empty: the same"""


@dataclass(frozen=True, slots=True)
class Applicant:
    number: int
    language: str
    check: Mapping[str, str]
    """question -> yes, no, not_sure; one that is not in it, and all after it, is passed over"""
    one: Mapping[str, Answer]
    """field of the form -> the answer"""
    owners: tuple[Answer, ...]
    locations: tuple[Mapping[str, Answer], ...]
    """``country``, ``address``, ``phone``"""
    end: End
    leaves_at: str
    """walks away: the field at which; else empty"""

    @property
    def straight(self) -> int:
        """Messages of somebody who does nothing but what is asked: greets, begins, answers, sends;
        a "no" in the self-check is asked about once more."""
        check = len(self.check) + (len(self.check) < len(CHECK))
        check += sum(value == "no" for value in self.check.values())
        return 2 + check + 4 + 2 * len(self.owners) + 4 * len(self.locations) + 3 + 2


@cache
def countries() -> Mapping[str, Mapping[str, Any]]:
    return {row["code"]: row for row in shared("countries")}


def applicant(number: int, seed: int, half: Half, languages: tuple[str, ...]) -> Applicant:
    """The person with this number, the same for the same seed."""
    rng = random.Random(f"{seed}:{number}:{half}:people")
    all_ = rows("businesses", half)
    base = all_[number % len(all_)]
    other = rng.choice(all_)
    places = [*base["locations"], *other["locations"], *rng.choice(all_)["locations"]]
    language = "en"
    if "id" in languages and rng.random() < (0.6 if places[0]["country"] == "ID" else 0.03):
        language = "id"
    many = rng.choices((1, 2, 3, 4, 5), (60, 22, 10, 5, 3))[0]
    locations = tuple(_location(rng, place, language) for place in places[:many])
    pool = [*base["owners"], *other["owners"]]
    owners = tuple(dict.fromkeys(pool))[: rng.choices((1, 2, 3), (70, 22, 8))[0]]
    end: End = rng.choices(("submits", "stops at consent", "walks away"), (86, 5, 9))[0]
    lower = rng.random() < 0.12
    texts = [
        row["text"]
        for row in rows("phrasings", half)
        if (row["kind"], row["lang"]) == ("experience", language)
    ]
    dba = base["dba"] if rng.random() < 0.8 else ""
    one = {
        "kind": Answer(base["kind"], base["kind"]),
        "legal_name": _same(base["legal_name"].lower() if lower else base["legal_name"]),
        "dba": _same(dba.lower() if lower else dba),
        "email": _email(rng, base["email"]),
        "website": _website(rng, base["website"]),
        "experience": _same(rng.choice(texts)),
    }
    named = tuple(_same(name.lower() if lower else name) for name in owners)
    stop = rng.choice(("legal_name", "owners.name", "locations.address", "email", "experience"))
    return Applicant(
        number, language, _check(rng), one, named, locations, end, stop * (end == "walks away")
    )


def _same(text: str) -> Answer:
    return Answer(text, text)


def _check(rng: random.Random) -> dict[str, str]:
    asked = CHECK if rng.random() < 0.65 else CHECK[: rng.randrange(len(CHECK))]
    return {name: rng.choices(("yes", "no", "not_sure"), (80, 9, 11))[0] for name in asked}


def _location(rng: random.Random, place: Mapping[str, str], language: str) -> dict[str, Answer]:
    country = countries()[place["country"]]
    names = country[language]
    plainer = country[language][0]
    address = place["address"]
    if rng.random() < 0.3:  # next door
        address = re.sub(r"\b(\d{1,3})\b", lambda m: str(int(m[1]) + 2), address, count=1)
    return {
        "country": Answer(rng.choice(names), country["code"], plainer),
        "address": _same(address),
        "phone": phone(rng, place["phone"], country),
    }


def phone(rng: random.Random, pattern: str, country: Mapping[str, Any]) -> Answer:
    """A number of this pattern: ``021 7179 ####``; written as at home, or for abroad."""
    national = re.sub("#", lambda _: str(rng.randrange(10)), pattern)
    digits = re.sub(r"\D", "", national)
    e164 = f"+{country['calling']}{digits.removeprefix(country['trunk'])}"
    subscriber = re.sub(r"^(\(?)0", r"\1", national) if country["trunk"] else national
    abroad = f"+{country['calling']} {subscriber}"
    typed = rng.choices((national, abroad, digits, e164), (55, 20, 15, 10))[0]
    return Answer(typed, e164, e164)


def _email(rng: random.Random, address: str) -> Answer:
    local, _, domain = address.partition("@")
    local = rng.choice((local, local, "info", "office", "service", "contact"))
    return _same(f"{local}@{domain}")


def _website(rng: random.Random, site: str) -> Answer:
    host = re.sub(r"^https?://", "", site)
    bare = host.removeprefix("www.")
    typed = rng.choice((host, bare, f"www.{bare}", f"https://{bare}", f"http://www.{bare}/"))
    return Answer(typed, bare, f"https://{bare}")
