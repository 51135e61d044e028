"""Why a question found what it found, for authors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the library makes explanations and imports this module
    from knowledge.library import Finding


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that could have been meant, and how near it came."""

    id: str
    """ "" for the questions that are not covered"""
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
