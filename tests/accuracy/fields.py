"""Which rows measure which field, and what the field's reader makes of each.

Every row goes through the reader that the form itself uses, with the form's own words. What a file
means by "valid" differs (corpora/README.md), so each measure says which refusals are about its
question: the syntax of an e-mail address is not judged by whether its host gives mailboxes away.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from dialogs.addresses import Address
from dialogs.answers import Accepted, Known, Reader, Refused
from dialogs.contacts import Email, Phone, Website
from dialogs.names import CompanyName, PersonName
from tests.accuracy.corpora import Row, rows
from tests.speaking import script

# Whose abbreviations a language's rows use: the country that the form would have asked for first.
_HOME = {
    "bg": "BG", "bs": "BA", "ca": "ES", "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "en": "US",
    "es": "ES", "et": "EE", "eu": "ES", "fa": "IR", "fi": "FI", "fr": "FR", "ga": "IE", "gl": "ES",
    "he": "IL", "hr": "HR", "hu": "HU", "id": "ID", "is": "IS", "it": "IT", "ja": "JP", "ka": "GE",
    "ko": "KR", "lt": "LT", "lv": "LV", "mk": "MK", "ms": "MY", "nb": "NO", "nl": "NL", "nn": "NO",
    "no": "NO", "pl": "PL", "pt": "PT", "ro": "RO", "ru": "RU", "sk": "SK", "sl": "SI", "sq": "AL",
    "sr": "RS", "sv": "SE", "tr": "TR", "uk": "UA", "vi": "VN", "zh": "CN", "af": "ZA", "ar": "AE",
    "be": "BY", "cy": "GB", "hi": "IN", "th": "TH",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one row. flagged: accepted, with a doubt about what the measure asks."""

    row: Row
    refused: bool
    flagged: bool
    code: str
    """of the refusal, or of the doubts"""


@dataclass(frozen=True, slots=True)
class Measure:
    """name: the table's title. file: whose rows. text: what a person would have typed for a row.
    country: what the form knows by then. doubts: the flags that count as noticing what is wrong.
    others: refusals of a good row that are right and about another question. only: its rows."""

    name: str
    file: str
    reader: Reader
    text: Callable[[Row], str] = lambda row: row.input
    country: Callable[[Row], str] = lambda row: row.region
    doubts: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    only: Callable[[Row], bool] = lambda row: row.valid is not None

    def rows(self) -> tuple[Row, ...]:
        return tuple(row for row in rows(self.file) if self.only(row))

    def see(self, row: Row) -> Seen:
        read = self.reader.read(self.text(row), known(self.country(row)))
        if isinstance(read, Refused):
            theirs = bool(row.valid) and read.code in self.others
            return Seen(row, not theirs, False, read.code)
        found = [flag.code for flag in read.flags if flag.code in self.doubts]
        return Seen(row, False, bool(found), " ".join(found))


@cache
def known(country: str) -> Known:
    values = {"country": country} if country else {}
    return Known(values, words=script().wording.languages["en"].words)


def _language_home(row: Row) -> str:
    found = re.search(r"not accepted in (\w+)", row.why)
    return _HOME.get(found[1], "") if found else row.region


_BOX = frozenset({"street_and_box", "pmb", "maybe_box", "mail_shop", "rural_route"})
_LACKS = frozenset({"no_digit", "no_street", "city_missing"})
_PHONE = frozenset({"possible_not_valid"})

MEASURES = (
    Measure("e-mail syntax", "emails", Email(), others=frozenset({"free_mail", "throwaway_mail"})),
    Measure(
        "e-mail domain", "email_domains", Email(), doubts=frozenset({"isp_mail", "given_away"})
    ),
    Measure("phone", "phones", Phone(), doubts=_PHONE),
    Measure("website", "websites", Website()),
    Measure("PO box", "pobox", Address(), country=_language_home, doubts=_BOX),
    Measure("PO box, country unknown", "pobox", Address(), country=lambda row: "", doubts=_BOX),
    Measure("address", "addresses", Address(), doubts=_BOX | _LACKS),
    Measure(
        "asked: is that all of the address?",
        "addresses",
        Address(),
        doubts=frozenset({"postcode_missing", "city_missing"}),
    ),
    Measure(
        "postcode in an address",
        "postcodes",
        Address(),
        text=lambda row: f"12 Main Street, Springfield, {row.input}",
        doubts=frozenset({"postcode_unfit", "postcode_missing"}),
    ),
    Measure("person name", "names_person", PersonName(), doubts=frozenset({"placeholder"})),
    Measure("company name", "names_company", CompanyName()),
    Measure(
        "legal form seen",
        "legal_suffixes",
        CompanyName(),
        text=lambda row: f"Lakeside {row.input}",
        doubts=frozenset({"no_legal_form"}),
    ),
)

READERS: dict[str, Reader] = {
    "company": CompanyName(),
    "person": PersonName(),
    "address": Address(),
    "phone": Phone(),
    "email": Email(),
    "website": Website(),
}


def stays_itself(reader: Reader, typed: str) -> bool:
    """Whether an accepted value, read again, is accepted unchanged; True for a refusal."""
    first = reader.read(typed, known("ID"))
    if isinstance(first, Refused):
        return True
    again = reader.read(first.value, known("ID"))
    return isinstance(again, Accepted) and again.value == first.value
