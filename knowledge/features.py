"""A question as its words, word pairs and pieces of words, each weighted by how rare it is.

Features are hashed into a fixed number of buckets, so that nothing but the buckets' rarity has to
be kept. Rows have length 1, and a product of two is their cosine. A feature that no example has
counts into a question's length and matches nothing: a question about something else is far from
all of them.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.floating[Any]]
Matrix = NDArray[np.floating[Any]]

MAX_TEXT = 600  # characters looked at; a longer text is no question

_BUCKETS = 1 << 18
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


@dataclass(frozen=True, slots=True)
class Rarity:
    """How rare each bucket is among the examples it was made from."""

    weights: NDArray[np.float32]

    @classmethod
    def of(cls, examples: Iterable[Sequence[str]]) -> Rarity:
        """`examples`: the words of each."""
        seen = np.zeros(_BUCKETS, np.float32)
        total = 0
        for words in examples:
            seen[list(_buckets(words))] += 1
            total += 1
        weights = np.log1p(total / np.maximum(seen, 1)).astype(np.float32)
        # A bucket that no example has: as rare as can be, and marked so that it matches nothing.
        weights[seen == 0] = -np.float32(math.log(1 + total))
        return cls(weights)

    def row(self, words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """(buckets, weights) of a row of length 1, without the buckets that no example has."""
        counts = _buckets(words)
        at = np.fromiter(counts, np.int64, len(counts))
        weights = np.fromiter(counts.values(), np.float32, len(counts)) * self.weights[at]
        length = math.sqrt(float(weights @ weights)) or 1.0
        known = weights > 0
        return at[known], weights[known] / np.float32(length)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of many texts, one after the other."""

    starts: NDArray[np.int64]
    at: NDArray[np.int64]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, rarity: Rarity, texts: Sequence[Sequence[str]]) -> Rows:
        rows = [rarity.row(words) for words in texts]
        ends = np.cumsum([0, *(len(at) for at, _ in rows)], dtype=np.int64)
        at = np.concatenate([at for at, _ in rows] or [np.zeros(0, np.int64)])
        weights = np.concatenate([weights for _, weights in rows] or [np.zeros(0, np.float32)])
        return cls(ends[:-1], at, weights)

    def __len__(self) -> int:
        return len(self.starts)

    def times(self, row: tuple[NDArray[np.int64], NDArray[np.float32]]) -> Vector:
        """The cosine of each of these with one row."""
        spread = np.zeros(_BUCKETS, np.float32)
        spread[row[0]] = row[1]
        # One more element, since a row may be empty: `reduceat` would give the next one's first.
        products = np.append(spread[self.at] * self.weights, np.float32(0))
        sums = np.add.reduceat(products, self.starts) if len(self) else np.zeros(0, np.float32)
        empty = self.starts == np.append(self.starts[1:], len(self.at))
        result: Vector = np.where(empty, np.float32(0), sums)
        return result

    def pick(self, at: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        end = self.starts[at + 1] if at + 1 < len(self) else len(self.at)
        return self.at[self.starts[at] : end], self.weights[self.starts[at] : end]


def _buckets(words: Sequence[str]) -> Mapping[int, float]:
    counts: dict[str, float] = defaultdict(float)
    for word in words:
        counts[word] += 1
        marked = f"<{word}>"
        for size in _PIECES:
            for at in range(len(marked) - size + 1):
                counts["#" + marked[at : at + size]] += _PIECE_WEIGHT
    for first, second in pairwise(words):
        counts[f"{first} {second}"] += _PAIR_WEIGHT
    buckets: dict[int, float] = defaultdict(float)
    for feature, count in counts.items():
        weight = 1 + math.log(count) if count > 1 else count
        buckets[zlib.crc32(feature.encode()) % _BUCKETS] += weight
    return buckets
