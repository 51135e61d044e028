"""A library made in memory, so that any set of questions can be searched as the articles are.

An article of it knows nothing but its ways of asking: title and passage say the same everywhere,
so that what is measured is the search over the examples and not a name that somebody gave a topic.
(A passage of fewer than three words is no example.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.article import Article, parse
from knowledge.encoder import installed_encoder
from knowledge.library import COST, Library
from knowledge.not_covered import NotCovered

LANGUAGE = "en"

_BLANK = parse(
    """+++
title = "Entry"
button = "Entry"
section = "Entries"
facts = ["P1"]
related = []
updated = 2026-11-22
questions = ["1", "2", "3", "4", "5"]
+++
It is.
""",
    id="entry",
    language=LANGUAGE,
)


def article(number: int, questions: Sequence[str]) -> Article:
    """Its id is ``entry-<number>``; the title is a number too, and says nothing of the topic."""
    return replace(
        _BLANK,
        id=f"entry-{number}",
        title=f"Entry {number}",
        button=f"Entry {number}",
        questions=tuple(map(one_line, questions)),
    )


def not_covered(questions: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[NotCovered]]:
    """Topic -> its questions, as the list that a library takes."""
    told = [(topic, one_line(question)) for topic, some in questions.items() for question in some]
    return {
        LANGUAGE: tuple(
            NotCovered(question, topic, "That is not covered.") for topic, question in told
        )
    }


def make(
    articles: Sequence[Article],
    refused: Mapping[str, Sequence[NotCovered]] | None = None,
    *,
    cache: Path | None = None,
    cost: float = COST,
    light: bool = False,
) -> Library:
    """``refused``: what ``not_covered`` gave. ``light``: the search by words alone."""
    encoder = None if light else installed_encoder()
    return Library(articles, refused, encoder=encoder, cost=cost, cache=cache)


def one_line(text: str) -> str:
    return " ".join(text.split())
