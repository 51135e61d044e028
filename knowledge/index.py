"""One language's examples, trained: what a question's words say of each article."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from knowledge.calibration import (
    Calibration,
    Signs,
    best_three,
    calibrate,
    nearest_of,
)
from knowledge.classifier import Classifier, kernel, landmarks_among, train
from knowledge.encoder import Encoder
from knowledge.features import Matrix, Rarity, Rows, Vector, words_of
from knowledge.spelling import Spelling

FORM = "3"
"""changes whenever the same examples would give other numbers"""

LIGHT = "light"
"""the search by words alone"""

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Example:
    """One way of asking. `name`: the article's number; the number of articles: not covered."""

    text: str
    name: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What one question is, as far as its words and its meaning tell."""

    best: tuple[int, ...]
    """articles, likeliest first; at most three"""
    confidences: tuple[float, ...]
    refused: float
    """how sure it is that the question is one of those not covered"""
    likeness: Vector
    """to each example, 0..1"""
    shares: Vector
    """how likely each article is, and at the end what is not covered; they add up to 1"""
    words: tuple[str, ...]
    """of the question, as they were understood"""


class Index:
    """The examples of one language, trained. Thread-safe, since nothing changes.

    `before`: the arrays of an earlier index (`arrays`); where they are of the same examples nothing
    is computed anew, else the sentence vectors of texts that stayed are taken over.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        articles: int,
        language: str,
        encoder: Encoder | None,
        before: Arrays | None = None,
    ) -> None:
        _one_thread()
        self._encoder = encoder
        self.encoder_name = name_of(encoder)
        self.key = key_of(examples, articles, language, encoder)
        self._articles = articles
        self.examples = tuple(examples)
        words = [words_of(example.text) for example in examples]
        self._spelling = Spelling({word for some in words for word in some}, language)
        self._classes = np.array([example.name for example in examples], np.int64)
        self._rarity = Rarity.of(words)
        self._rows = Rows.of(self._rarity, words)
        before = before or {}
        self._meanings = self._encode(before)
        if before.get("key") is not None and str(before["key"]) == self.key:
            self._classifier = Classifier(before["landmarks"], before["weights"])
            self._calibration = Calibration(before["signs"], before["trials"])
        else:
            self._learn()

    def arrays(self) -> Arrays:
        """All that took long to compute."""
        texts = np.array([_digest(example.text) for example in self.examples])
        meanings = self._meanings if self._meanings is not None else np.zeros((0, 0), np.float32)
        return {
            "key": np.array(self.key),
            "encoder": np.array(self.encoder_name),
            "texts": texts,
            "meanings": meanings,
            "landmarks": self._classifier.landmarks,
            "weights": self._classifier.weights,
            "signs": self._calibration.weights,
            "trials": self._calibration.trials,
        }

    def thresholds(self, cost: float) -> tuple[float, float]:
        """(answer from, offer titles from), as in ``Calibration.thresholds``."""
        return self._calibration.thresholds(cost)

    def judge(self, text: str) -> Judged | None:
        """None where the text holds no word, or none with a piece that an example has."""
        words = self._spelling.mend(words_of(text))
        if not words or not self.examples:
            return None
        row = self._rarity.row(words)
        if not len(row[0]):  # not a piece of a word that any example has: another script, noise
            return None
        alike = self._rows.times(row)
        meant: Vector | None = None
        if self._encoder is not None and self._meanings is not None:
            meant = self._meanings @ self._encoder.encode([" ".join(words)])[0]
        near = alike if meant is None else meant
        landmarks = self._classifier.landmarks
        compared = kernel(alike[landmarks], None if meant is None else meant[landmarks])
        classes = self._articles + 1
        signs = Signs(self._classifier.shares(compared), nearest_of(near, self._classes, classes))
        sure = self._calibration.confidence
        best = sorted(
            ((name, sure(signs, name)) for name in best_three(signs, self._articles)),
            key=lambda found: -found[1],
        )
        names, confidences = tuple(zip(*best, strict=True)) if best else ((), ())
        refused = sure(signs, self._articles)
        return Judged(names, confidences, refused, np.clip(near, 0, 1), signs.shares, words)

    def nearest(self, judged: Judged, name: int) -> tuple[str, float]:
        """The example of an article that is most like the question, and how much: 0..1."""
        of = np.flatnonzero(self._classes == name)
        if not len(of):
            return "", 0.0
        at = int(of[judged.likeness[of].argmax()])
        return self.examples[at].text, float(judged.likeness[at])

    def _encode(self, before: Arrays) -> Matrix | None:
        if self._encoder is None:
            return None
        kept: dict[str, Vector] = {}
        if "encoder" in before and str(before["encoder"]) == self.encoder_name:
            kept = dict(zip(before["texts"].tolist(), before["meanings"], strict=True))
        missing = [e.text for e in self.examples if _digest(e.text) not in kept]
        # As a question's are: from the words alone, so that case and marks do not matter.
        made = self._encoder.encode([" ".join(words_of(text)) for text in missing])
        kept.update(zip((_digest(text) for text in missing), made, strict=True))
        return np.stack([kept[_digest(e.text)] for e in self.examples]).astype(np.float32)

    def _learn(self) -> None:
        landmarks = landmarks_among(self._classes)
        alike = np.stack([self._rows.times(self._rows.pick(at)) for at in landmarks.tolist()], 1)
        meant = None if self._meanings is None else self._meanings @ self._meanings[landmarks].T
        self._classifier = train(kernel(alike, meant), self._classes, landmarks, self._articles + 1)
        self._calibration = calibrate(
            alike[landmarks],
            None if meant is None else meant[landmarks],
            self._classes[landmarks],
            self._articles,
        )


@cache
def _one_thread() -> None:
    """For the whole process: these matrices are small, and the threads that numpy would start for
    them wait by spinning. On a busy machine of two cores that made training ten times as long."""
    threadpool_limits(1)


def name_of(encoder: Encoder | None) -> str:
    return encoder.name if encoder is not None else LIGHT


def key_of(
    examples: Sequence[Example], articles: int, language: str, encoder: Encoder | None
) -> str:
    """Two indexes with the same key hold the same numbers."""
    told = hashlib.sha256(f"{FORM}\n{name_of(encoder)}\n{language}\n{articles}".encode())
    for example in examples:
        told.update(f"\n{example.name} {example.text}".encode())
    return told.hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
