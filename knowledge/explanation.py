"""Why a question found what it found, for authors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from knowledge.article import Article

if TYPE_CHECKING:  # the library may make explanations itself, and then imports this module
    from knowledge.library import Finding, Library

LIGHT = "light"
"""the search without a sentence encoder"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that could have been meant, and how near it came."""

    id: str
    """"" for the questions that are not covered"""
    title: str
    confidence: float
    share: float
    """of the classifier's probability, 0..1; 0 also where it is not told"""
    nearest: str
    """the example question that is most like the question asked"""
    similarity: float
    """of those two, 0..1"""


@dataclass(frozen=True, slots=True)
class Explanation:
    finding: Finding
    mended: str
    """the question as it was read, with its spelling mended; "" where nothing was"""
    candidates: tuple[Candidate, ...]
    """best first"""
    thresholds: tuple[float, float]
    """confidence from which titles are offered, and from which the article is given"""
    encoder: str


def explain(library: Library, text: str, language: str, previous: str = "") -> Explanation:
    """What the library says of itself, or what can be told from outside of it."""
    own = getattr(library, "explain", None)
    if own is not None:
        made: Explanation = own(text, language, previous)
        return made
    from knowledge.library import ANSWER, UNSURE  # noqa: PLC0415 - see above

    finding = library.find(text, language, previous)
    candidates = []
    for match in finding.matches:
        nearest, similarity = nearest_example(match.article, text)
        candidates.append(
            Candidate(
                match.article.id, match.article.title, match.confidence, 0.0, nearest, similarity
            )
        )
    return Explanation(finding, "", tuple(candidates), (UNSURE, ANSWER), encoder_of(library))


def nearest_example(article: Article, text: str) -> tuple[str, float]:
    """The article's question or title with the most letters in common, and how many: 0..1."""
    examples = (*article.questions, article.title)
    found = process.extractOne(text[:600], examples, scorer=fuzz.ratio, processor=str.casefold)
    return (found[0], found[1] / 100) if found else ("", 0.0)


def encoder_of(library: Library) -> str:
    """What the library turns sentences into numbers with."""
    name = getattr(library, "encoder_name", LIGHT)
    return str(name() if callable(name) else name)
