"""Pasted texts with what they truly tell, of ``tests/pasted/*.txt``; and how they are compared.

A text, a line ``---``, and a line for each field: ``owners.name 1: Budi Hartono`` is the second
owner. ``?`` behind the name: right only where it is flagged as doubtful. ``|`` is a line's end.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dialogs.pieces import Piece, pieces
from tests.speaking import script

FOLDER = Path(__file__).parent / "pasted"
Key = tuple[str, int]


@dataclass(frozen=True)
class Pasted:
    title: str
    text: str
    truth: dict[Key, str]
    doubtful: frozenset[Key]

    @property
    def held_out(self) -> bool:
        """Half of the texts, which were not looked at while the rules were made."""
        return hashlib.sha256(self.title.encode()).digest()[0] % 2 == 1


def pasted() -> Iterator[Pasted]:
    for path in sorted(FOLDER.glob("*.txt")):
        for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            title, _, rest = block.partition("\n")
            text, _, told = rest.partition("\n---\n")
            truth: dict[Key, str] = {}
            doubtful: set[Key] = set()
            for line in told.splitlines():
                name, _, value = line.partition(": ")
                name, _, number = name.partition(" ")
                key = (name.rstrip("?"), int(number or 0))
                truth[key] = value.replace("|", "\n")
                if name.endswith("?"):
                    doubtful.add(key)
            yield Pasted(title, text, truth, frozenset(doubtful))


def taken(text: str, open_name: str = "") -> dict[Key, tuple[str, bool]]:
    """(field, item) -> (the value as its parts are joined, whether it is sure)."""
    language = script().wording.language("en")
    found: dict[Key, list[Piece]] = {}
    for piece in pieces(script().form, language, text, open_name):
        found.setdefault((piece.name, piece.nth), []).append(piece)
    return {
        key: (", ".join(text[p.start : p.end] for p in parts), all(p.sure for p in parts))
        for key, parts in found.items()
    }


def plain(key: Key, value: str) -> str:
    """Values as they are compared: an address's lines are joined by its reader."""
    if key[0] != "locations.address":
        return value
    return ", ".join(line.strip(" ,") for line in value.split("\n"))


def compare(one: Pasted) -> tuple[list[Key], list[str], list[Key]]:
    """(right, wrong with what was taken, missed). A doubtful value is no wrong one."""
    right: list[Key] = []
    wrong: list[str] = []
    found = taken(one.text)
    for key, (value, sure) in found.items():
        if plain(key, value) == plain(key, one.truth.get(key, "")):
            right.append(key)
        elif sure:
            wrong.append(f"{key[0]} {key[1]}: {value!r}")
    return right, wrong, [key for key in one.truth if key not in right]
