"""Public sets of questions with a topic each, and the draws that are measured on them.

A set is a folder with ``train.csv`` and ``test.csv``, both with the columns ``text,category``. A
draw makes an article of each topic out of a few training questions and asks test questions. Of the
topics that are held out no article is made: questions about them have no answer, and they are the
hard kind, for they are about the very field that the articles are about.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.accuracy import corpora
from tests.made_library import one_line

EXAMPLES = 10
HELD_SHARE = 19 / 77


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    topic: str | None
    """None where no article answers it"""


@dataclass(frozen=True, slots=True)
class Topics:
    """Topic -> its questions. No text stands in both, in whatever case and spacing."""

    name: str
    train: Mapping[str, Sequence[str]]
    test: Sequence[Question]

    @property
    def held(self) -> int:
        """how many topics are held out where some are"""
        return round(HELD_SHARE * len(self.train))


@dataclass(frozen=True, slots=True)
class Draw:
    """examples: topic -> the questions that its article knows. refused: held-out topic -> training
    questions of it that are on the "not covered" list."""

    examples: Mapping[str, Sequence[str]]
    refused: Mapping[str, Sequence[str]]
    asked: Sequence[Question]


def folder() -> Path:
    return corpora.FOLDER / "banking77"


@cache
def load(place: Path) -> Topics:
    """Raises FileNotFoundError where the set is not there, KeyError where a column is not."""
    test = [Question(text, topic) for text, topic in _read(place / "test.csv")]
    known = {question.text.casefold() for question in test}
    train: dict[str, list[str]] = defaultdict(list)
    for text, topic in _read(place / "train.csv"):
        if text.casefold() not in known:
            train[topic].append(text)
    return Topics(place.name, {topic: train[topic] for topic in sorted(train)}, tuple(test))


def _read(file: Path) -> list[tuple[str, str]]:
    """Each text once, as (text, topic)."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = [(one_line(row["text"]), row["category"]) for row in csv.DictReader(lines)]
    first: dict[str, tuple[str, str]] = {}
    for text, topic in rows:
        first.setdefault(text.casefold(), (text, topic))
    return list(first.values())


def draw(topics: Topics, seed: int, most: int, *, held: bool = False, refused: int = 0) -> Draw:
    """One draw. most: test questions asked. held: leave topics out. refused: training questions of
    each of these that are told to be not covered.

    With one seed the topics that stay have the same examples and the same questions are asked,
    whatever else is chosen, so that figures can be compared.
    """
    names = list(topics.train)
    out = set(_rng(seed, "held").sample(names, topics.held)) if held else set()
    drawn = {name: _some(topics.train[name], seed, name) for name in names}
    asked = _rng(seed, "asked").sample(topics.test, min(most, len(topics.test)))
    return Draw(
        {name: some for name, some in drawn.items() if name not in out},
        {name: drawn[name][:refused] for name in sorted(out)} if refused else {},
        [Question(q.text, None if q.topic in out else q.topic) for q in asked],
    )


def _some(questions: Sequence[str], seed: int, topic: str) -> Sequence[str]:
    return _rng(seed, topic).sample(questions, min(EXAMPLES, len(questions)))


def _rng(seed: int, what: str) -> random.Random:
    return random.Random(f"{seed} {what}")
