"""The searches that are measured side by side: the product's own, and what anybody could write.

These yardsticks give the topic of the nearest text. What is told to be not covered takes part like
any other, and where it is the nearest, nothing was found.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import bm25s
import numpy as np
from rapidfuzz import fuzz, process, utils

from knowledge.library import COST, Finding
from tests import made_library
from tests.accuracy.scores import Asked
from tests.accuracy.topics import Draw, Question

OURS = "Frontdesk"
EVEN = "Frontdesk, a wrong answer costing 1"

_CACHE = tempfile.TemporaryDirectory(prefix="searches-")
"""so that two of ours over the same draw are trained once"""

_WORD = re.compile(r"\w+")


class Search(Protocol):
    def ask(self, question: Question) -> Asked: ...


class Ours:
    """The product's library over a draw."""

    light = False
    cost = COST

    def __init__(self, draw: Draw) -> None:
        self._topics = {f"entry-{n}": topic for n, topic in enumerate(draw.examples)}
        articles = [made_library.article(n, some) for n, some in enumerate(draw.examples.values())]
        refused = made_library.not_covered(draw.refused) if draw.refused else None
        self._library = made_library.make(
            articles, refused, cache=Path(_CACHE.name), cost=self.cost, light=self.light
        )

    def ask(self, question: Question) -> Asked:
        finding = self._library.find(question.text, made_library.LANGUAGE)
        known = question.topic is not None
        return judged(finding, known, lambda entry: self._topics[entry] == question.topic)


class Even(Ours):
    """The same where a wrong answer costs as much as a question that is passed on."""

    cost = 1.0


class Light(Ours):
    """The same without the sentence encoder."""

    light = True


def judged(finding: Finding, known: bool, right: Callable[[str], bool]) -> Asked:
    """``right``: whether the article of this id is wanted."""
    ids = [match.article.id for match in finding.matches]
    return Asked(
        known,
        finding.matches[0].confidence if ids else 0.0,
        bool(ids) and right(ids[0]),
        finding.band == "answer",
        any(map(right, ids)) if finding.band == "unsure" else None,
    )


class _Nearest:
    """The topic of the nearest text, as sure as that is near. It answers nothing by itself: what a
    threshold would make of it is seen in hindsight."""

    def __init__(self, draw: Draw) -> None:
        told: list[tuple[str | None, str]] = []
        for topic, some in draw.examples.items():
            told += [(topic, text) for text in self._texts_of(some)]
        for some in draw.refused.values():
            told += [(None, text) for text in self._texts_of(some)]
        self._topics = [topic for topic, _ in told]
        self._learn([text for _, text in told])

    def ask(self, question: Question) -> Asked:
        at, likeness = self._nearest(question.text)
        topic, known = self._topics[at], question.topic is not None
        return Asked(known, 0.0 if topic is None else likeness, known and topic == question.topic)

    def _texts_of(self, examples: Sequence[str]) -> Sequence[str]:
        return examples

    def _learn(self, texts: Sequence[str]) -> None:
        raise NotImplementedError

    def _nearest(self, text: str) -> tuple[int, float]:
        """(place of the nearest text, its likeness)."""
        raise NotImplementedError


class TokenSet(_Nearest):
    """rapidfuzz's token_set_ratio."""

    def _learn(self, texts: Sequence[str]) -> None:
        self._texts = [utils.default_process(text) for text in texts]

    def _nearest(self, text: str) -> tuple[int, float]:
        asked = utils.default_process(text)
        _, likeness, at = process.extractOne(asked, self._texts, scorer=fuzz.token_set_ratio)
        return at, likeness / 100


class Bm25(_Nearest):
    """BM25 as bm25s has it, over plain words."""

    def _learn(self, texts: Sequence[str]) -> None:
        self._index = bm25s.BM25()
        self._index.index([_words(text) for text in texts], show_progress=False)

    def _nearest(self, text: str) -> tuple[int, float]:
        scores = self._index.get_scores(_words(text))
        at = int(np.argmax(scores))
        return at, float(scores[at])


class Bm25OfTopics(Bm25):
    """The same with all that a topic knows as one text."""

    def _texts_of(self, examples: Sequence[str]) -> Sequence[str]:
        return [" ".join(examples)]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


SEARCHES: Mapping[str, Callable[[Draw], Search]] = {
    OURS: Ours,
    EVEN: Even,
    f"{OURS}, by words alone": Light,
    "token_set_ratio, nearest example": TokenSet,
    "BM25, nearest example": Bm25,
    "BM25, nearest topic": Bm25OfTopics,
}
