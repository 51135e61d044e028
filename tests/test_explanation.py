"""Why something was found: what the library says itself comes first."""

from __future__ import annotations

from functools import cache

from knowledge.article import load_articles
from knowledge.explanation import (
    Candidate,
    Explanation,
    encoder_of,
    explain,
    nearest_example,
)
from knowledge.library import Finding, Library
from knowledge.sources import ARTICLES

MINE = Explanation(
    Finding("nothing", ()),
    "mended",
    (Candidate("", "", 0.2, 0.4, "how much is it?", 0.9),),
    (0.1, 0.5),
    "mine",
)


class Telling(Library):
    """A library that explains itself."""

    encoder_name = "mine"

    def explain(self, text: str, language: str, previous: str = "") -> Explanation:
        return MINE


@cache
def library(kind: type[Library] = Library) -> Library:
    articles = [a for a in load_articles(ARTICLES, {}) if a.id in ("credit-line", "website")]
    return kind([a for a in articles if a.language == "en"])


def test_the_best_candidate_is_the_first_match_with_its_nearest_question() -> None:
    told = explain(library(), "DO I need a credit line??", "en")
    offered, answered = told.thresholds
    assert 0 < offered < answered < 1
    best = told.candidates[0]
    assert (best.id, best.nearest) == ("credit-line", "do I need a credit line?")
    assert 0.9 < best.similarity <= 1
    assert best.confidence == told.finding.matches[0].confidence
    assert told.finding == library().find("DO I need a credit line??", "en")


def test_a_library_that_explains_itself_is_asked_for_it() -> None:
    assert explain(library(Telling), "anything", "en") is MINE
    assert encoder_of(library(Telling)) == "mine"


def test_nothing_is_like_an_empty_question() -> None:
    article = library().get("website", "en")
    assert article is not None
    assert nearest_example(article, "")[1] == 0
    assert nearest_example(article, "zzzz" * 50_000)[1] < 0.2
