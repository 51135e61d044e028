"""The labelled questions that the search is judged by, in two halves. The rules: README.md."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Half = Literal["tuning", "held", "both"]

FOLDER = Path(__file__).parent

SHAPES: dict[str, frozenset[str]] = {
    "program.en": frozenset({"question", "article", "also", "tolerable", "kind"}),
    "program.id": frozenset({"question", "article", "also", "tolerable", "kind"}),
    "several": frozenset({"message", "language", "parts", "kind"}),
    "follow_ups": frozenset(
        {"previous", "follow_up", "article", "also", "tolerable", "kind", "language"}
    ),
}
"""each file's keys; "several" has the answers in its parts"""

_PART = frozenset({"question", "article", "also", "tolerable"})


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message, as it would be cut out of it."""

    question: str
    article: str | None  # None: no article answers it
    also: tuple[str, ...]  # further ids that answer it
    tolerable: tuple[str, ...]  # only where article is None: ids that are not wrong


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text. What its file does not have is empty."""

    text: str  # the question, the message, or the follow-up
    language: str  # "en" or "id"
    kind: str
    article: str | None = None
    also: tuple[str, ...] = ()
    tolerable: tuple[str, ...] = ()
    previous: str = ""  # follow_ups: the question before
    parts: tuple[Part, ...] = ()  # several: its questions, in their order

    @property
    def half(self) -> Literal["tuning", "held"]:
        text = (self.text + self.previous).strip().casefold()
        return "tuning" if hashlib.sha256(text.encode()).hexdigest()[0] < "8" else "held"


def load(name: str, half: Half) -> tuple[Row, ...]:
    """The rows of one file ("program.en"), in its order.

    Raises KeyError for a name that is not in SHAPES, ValueError for a line of another shape.
    """
    return tuple(row for row in _rows(name) if half in ("both", row.half))


@cache
def _rows(name: str) -> tuple[Row, ...]:
    keys = SHAPES[name]
    file = FOLDER / f"{name}.jsonl"
    rows: list[Row] = []
    # not splitlines(): a row may hold a line separator of another script
    for at, line in enumerate(file.read_text(encoding="utf-8").rstrip("\n").split("\n"), 1):
        try:
            rows.append(_row(name, _known(json.loads(line), keys)))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{file.name}, line {at}: mend this row ({error!r})") from None
    return tuple(rows)


def _row(name: str, raw: dict[str, Any]) -> Row:
    language, kind = raw.get("language") or name.removeprefix("program."), raw["kind"]
    if name == "several":
        parts = tuple(_part(_known(part, _PART)) for part in raw["parts"])
        return Row(raw["message"], language, kind, parts=parts)
    answer = _part(raw, "follow_up" if name == "follow_ups" else "question")
    return Row(
        text=answer.question,
        language=language,
        kind=kind,
        article=answer.article,
        also=answer.also,
        tolerable=answer.tolerable,
        previous=raw["previous"] if name == "follow_ups" else "",
    )


def _part(raw: dict[str, Any], text: str = "question") -> Part:
    also, tolerable = tuple(raw.get("also", ())), tuple(raw.get("tolerable", ()))
    return Part(raw[text], raw["article"], also, tolerable)


def _known(raw: dict[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    if strange := raw.keys() - keys:
        raise ValueError(f"unknown keys {sorted(strange)}")
    return raw
