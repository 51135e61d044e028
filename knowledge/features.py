"""A question as its words, word pairs and pieces of words, each weighted by how rare it is.

Rows have length 1, and a product of two is their cosine. A feature that no example has counts into
a question's length and matches nothing: a question about something else is far from all of them.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.floating[Any]]
Matrix = NDArray[np.floating[Any]]

MAX_TEXT = 600  # characters looked at; a longer text is no question

_MAX_WORD = 30
_PIECES = (3, 4, 5)
_PAIR_WEIGHT = _PIECE_WEIGHT = 0.5  # beside 1 for a whole word

_LETTER_AND_HYPHEN = re.compile(r"(?<=\b[^\W_])-(?=[^\W_])")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words_of(text: str) -> tuple[str, ...]:
    """Casefolded, without apostrophes; "e-mail" is "email"."""
    plain = unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold()[:MAX_TEXT]
    joined = _LETTER_AND_HYPHEN.sub("", plain)
    found = (re.sub("['’]", "", word) for word in _WORD.findall(joined))
    return tuple(word[:_MAX_WORD] for word in found)


Row = tuple[NDArray[np.int64], NDArray[np.float32]]
"""(features' numbers, their weights)"""


@dataclass(frozen=True, slots=True)
class Rarity:
    """The features of some examples, and how rare each is among them."""

    numbers: Mapping[str, int]
    weights: NDArray[np.float32]
    unseen: float

    @classmethod
    def of(cls, examples: Sequence[Sequence[str]]) -> Rarity:
        """`examples`: the words of each."""
        seen: Counter[str] = Counter()
        for words in examples:
            seen.update(_features(words))
        total = len(examples)
        counts = np.fromiter(seen.values(), np.float32, len(seen))
        weights = np.log1p(total / counts).astype(np.float32)
        return cls({name: at for at, name in enumerate(seen)}, weights, math.log1p(total))

    def row(self, words: Sequence[str]) -> Row:
        """Of length 1, but for the part of it that no example has."""
        at: list[int] = []
        counts: list[float] = []
        strange = 0.0
        for feature, count in _features(words).items():
            if (number := self.numbers.get(feature)) is None:
                strange += (count * self.unseen) ** 2
            else:
                at.append(number)
                counts.append(count)
        numbers = np.array(at, np.int64)
        weights = np.array(counts, np.float32) * self.weights[numbers]
        length = math.sqrt(float(weights @ weights) + strange) or 1.0
        return numbers, weights / np.float32(length)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of many texts, one after the other."""

    features: int
    """how many there are in all"""
    starts: NDArray[np.int64]
    at: NDArray[np.int64]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, rarity: Rarity, texts: Sequence[Sequence[str]]) -> Rows:
        rows = [rarity.row(words) for words in texts]
        ends = np.cumsum([0, *(len(at) for at, _ in rows)], dtype=np.int64)
        at = np.concatenate([at for at, _ in rows] or [np.zeros(0, np.int64)])
        weights = np.concatenate([weights for _, weights in rows] or [np.zeros(0, np.float32)])
        return cls(len(rarity.numbers), ends[:-1], at, weights)

    def __len__(self) -> int:
        return len(self.starts)

    def times(self, row: Row) -> Vector:
        """The cosine of each of these with one row."""
        spread = np.zeros(self.features, np.float32)
        spread[row[0]] = row[1]
        # One more element, since a row may be empty: `reduceat` would give the next one's first.
        products = np.append(spread[self.at] * self.weights, np.float32(0))
        sums = np.add.reduceat(products, self.starts) if len(self) else np.zeros(0, np.float32)
        empty = self.starts == np.append(self.starts[1:], len(self.at))
        result: Vector = np.where(empty, np.float32(0), sums)
        return result

    def pick(self, at: int) -> Row:
        end = self.starts[at + 1] if at + 1 < len(self) else len(self.at)
        return self.at[self.starts[at] : end], self.weights[self.starts[at] : end]


def _features(words: Sequence[str]) -> Mapping[str, float]:
    counts: dict[str, float] = defaultdict(float)
    for word in words:
        counts[word] += 1
        marked = f"<{word}>"
        for size in _PIECES:
            for at in range(len(marked) - size + 1):
                counts["#" + marked[at : at + size]] += _PIECE_WEIGHT
    for first, second in pairwise(words):
        counts[f"{first} {second}"] += _PAIR_WEIGHT
    return {f: 1 + math.log(count) if count > 1 else count for f, count in counts.items()}
