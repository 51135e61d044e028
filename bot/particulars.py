"""What belongs to one person or one case, and may stand in no text that everybody is told.

A person reads every text before it is approved; this finds what they overlooked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal
from urllib.parse import urlsplit

from dialogs.pieces_shapes import shapes_of
from dialogs.slots import Answered, Draft, Kept
from dialogs.state import State

Particular = Literal["email", "phone", "link", "reference", "theirs"]

_REFERENCE = re.compile(r"\bFD-[0-9A-Z]{4}-[0-9A-Z]{4}\b", re.I)
_PHONE_DIGITS = 9  # a date has eight, an amount of money fewer
_NAME = 4  # letters of a name that is looked for by itself


def particular(text: str, own: Iterable[str]) -> tuple[Particular, str] | None:
    """What kind, and its words; None where there is none. ``own``: the program's own addresses,
    which may stand."""
    if found := _REFERENCE.search(text):
        return "reference", found[0]
    ours = {_bare(address) for address in own if address}
    for shape in shapes_of(text):
        words = text[shape.start : shape.end]
        match shape.kind:
            case "phone":
                if shape.plain or sum(ch.isdigit() for ch in words) >= _PHONE_DIGITS:
                    return "phone", words
            case "email":
                if _bare(words) not in ours:
                    return "email", words
            case "website":
                if _bare(words) not in ours:
                    return "link", words
    return None


def theirs(text: str, state: State) -> str | None:
    """The words of the text that this applicant has told about themselves: the name of their
    business or of an owner, an address. None where there are none."""
    plain = _plain(text)
    for draft in _drafts(state):
        for path, slot in draft.slots.items():
            if not isinstance(slot, Answered | Kept):
                continue
            name = ".".join(part for part in path.split(".") if not part.isdigit())
            for value in {slot.typed, slot.value if isinstance(slot, Answered) else slot.typed}:
                for words in _telling(name, value):
                    if f" {_plain(words)} " in f" {plain} ":
                        return words
                if name == "owners.name" and (part := _called(value, text)):
                    return part
    return None


def _drafts(state: State) -> Iterator[Draft]:
    if state.draft is not None:
        yield state.draft
    yield from state.aside  # left for what staff ask
    for submission in state.submissions:
        yield submission.draft


def _telling(name: str, value: str) -> Iterator[str]:
    """What would give the person away, of one answer."""
    value = value.strip()
    if name in ("legal_name", "dba", "owners.name", "email", "website"):
        yield value
    if name == "locations.address":
        street = value.partition(",")[0].strip()
        if any(ch.isdigit() for ch in street) and any(ch.isalpha() for ch in street):
            yield street


def _called(name: str, text: str) -> str | None:
    """The part of a person's name by which the text calls them. Written small it is a word."""
    parts = (part for part in re.findall(r"\w+", name) if len(part) >= _NAME)
    return next((part for part in parts if re.search(rf"\b{part.capitalize()}\b", text)), None)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", folded))


def _bare(address: str) -> str:
    """An address without what may be left away: where it leads stays."""
    low = address.strip().casefold().removeprefix("mailto:")
    if "@" in low:
        return low
    parts = urlsplit(low if "//" in low else f"//{low}")
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"
