"""A library made in memory, so that any set of questions can be searched as the articles are.

An article of it knows nothing but its ways of asking: title and passage say the same everywhere,
so that what is measured is the search over the examples and not a name that somebody gave a topic.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import knowledge.not_covered as listing
from knowledge.article import Article, parse
from knowledge.library import Library

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
This is it.
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


def not_covered(questions: Mapping[str, Sequence[str]]) -> Any:
    """Topic -> its questions, as the list that a library takes."""
    entry = getattr(listing, "NotCovered", None)
    told = [(topic, one_line(question)) for topic, some in questions.items() for question in some]
    if entry is None:  # a list of bare questions
        return {LANGUAGE: tuple(question for _, question in told)}
    return {
        LANGUAGE: tuple(
            entry(question=question, topic=topic, instead="That is not covered.")
            for topic, question in told
        )
    }


def make(articles: Sequence[Article], refused: Any = None, cache: Path | None = None) -> Library:
    """``refused``: what ``not_covered`` gave. ``cache``: where a library that can keeps what it
    has learnt; it learns anew where it cannot."""
    further: dict[str, Any] = {"cache": cache} if cache is not None and caches() else {}
    return Library(articles, refused, **further)


def caches() -> bool:
    return "cache" in inspect.signature(Library).parameters


def one_line(text: str) -> str:
    return " ".join(text.split())
