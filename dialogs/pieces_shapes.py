"""What is told by its shape alone: e-mail addresses, web addresses, phone numbers.

Every search cuts the text at blanks first, or is one pass of a pattern that cannot go back far, so
that no text is slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dialogs.domains import known_ending
from dialogs.verdicts import looks_like_email, looks_like_website

_CHUNK = re.compile(r"\S+")
_PART = re.compile(r"[^<>()\[\]{},;|\"\u201c\u201d\u2018\u2019*]+")
_MAILTO = re.compile(r"mailto:", re.I)
_PHONE = re.compile(
    r"(?<![\w.,/@#-])[+\uff0b(]?\d[\d().\-/\u2010-\u2013 \t\u00a0]*\d(?![\w@])"
    r"(?: ?[,;]? ?(?:ext\w{0,6}|x|int)[.:= ]{0,3}\d{1,7}\b)?",
    re.I,
)
LONGEST = 300
"""characters of an address; no longer one is one"""


@dataclass(frozen=True, slots=True)
class Shape:
    kind: Literal["email", "website", "phone"]
    start: int
    end: int
    plain: bool = True
    """False for what only words beside it make sure: "acme.com", "555 010 020" """


def shapes_of(text: str) -> list[Shape]:
    """In the order of the text; none inside another."""
    found = list(_addresses(text))
    for match in _PHONE.finditer(text):
        digits = sum(ch.isdigit() for ch in match[0])
        inside = any(s.start < match.end() and match.start() < s.end for s in found)
        if 6 <= digits <= 22 and not inside:
            end = match.end()
            if match[0].count("(") != match[0].count(")") and match[0].startswith("("):
                continue
            found.append(Shape("phone", match.start(), end, _surely_phone(match[0])))
    return sorted(found, key=lambda shape: shape.start)


def _addresses(text: str) -> Iterator[Shape]:
    for chunk in _CHUNK.finditer(text):
        if "." not in chunk[0]:
            continue
        for part in _PART.finditer(chunk[0][: 4 * LONGEST]):
            start, said = chunk.start() + part.start(), part[0]
            if mailto := _MAILTO.match(said):
                start, said = start + mailto.end(), said[mailto.end() :]
            # "Email:a@b.co" and "EMAIL=a@b.co" have no blank inside.
            head, colon, tail = said.rpartition("=" if "@" in said and "=" in said else ":")
            if colon and not tail.startswith("//") and "//" not in head and not tail.isdigit():
                start, said = start + len(head) + 1, tail
            said = said.rstrip(".,:!?'-\u2026\u3002")
            lead = len(said) - len(said.lstrip(".'-*_~/"))
            start, said = start + lead, said[lead:]
            if len(said) > LONGEST:
                continue
            if looks_like_email(said):
                yield Shape("email", start, start + len(said))
            elif "@" not in said and looks_like_website(said):
                low = said.casefold()
                if low.startswith(("http:", "https:", "www.")):
                    yield Shape("website", start, start + len(said))
                elif known_ending(low.partition("/")[0].partition(":")[0]):
                    yield Shape("website", start, start + len(said), plain=False)


def _surely_phone(text: str) -> bool:
    """With its country code, or national as it is dialled."""
    digits = sum(ch.isdigit() for ch in text)
    if text[0] in "+\uff0b":
        return digits >= 7
    return text[0] in "0(" and 9 <= digits <= 15 and "/" not in text
