"""Articles made of staff answers, and articles written by the program: what is written is read back
the same.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from knowledge import passages
from knowledge.article import MAX_BUTTON, Approved, Article, ArticleError, dump, parse
from knowledge.folder import fill, load_articles
from knowledge.sources import ARTICLES

STAFF_ANSWER = """+++
title = "Shared shop"
button = "Shared shop"
section = "Operational requirements"
facts = ["O4"]
related = []
updated = 2026-11-25
approved = { role = "review", on = 2026-11-25 }
questions = ["can two firms share a shop?"]
+++
The page does not name a shared shop. Each firm needs its own staff.
"""


def test_a_staff_answer_needs_one_question_and_names_who_approved_it() -> None:
    article = parse(STAFF_ANSWER, id="shared-shop", language="en")
    assert article.approved == Approved("review", "2026-11-25")
    assert article.questions == ("can two firms share a shop?",)
    for language, said in (
        ("en", "Staff answer, approved by review on 2026-11-25, about O4"),
        ("id", "Jawaban staf, disetujui oleh review pada 2026-11-25, tentang O4"),
    ):
        (filled,) = fill([replace(article, language=language)], ARTICLES, {})
        assert filled.source == said


def test_other_articles_name_their_section_and_facts() -> None:
    sources = {(a.language, a.id): a.source for a in load_articles(ARTICLES, {})}
    assert sources["en", "time-in-business"] == "Business requirements, B1"
    assert sources["en", "business-requirements"].endswith(", B1-B4")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('{ role = "review", on = 2026-11-25 }', '"review"', "write `approved = {"),
        (', on = 2026-11-25 }', " }", "write `approved = {"),
        (" }", ', by = "x" }', "write `approved = {"),
        ('"review"', '" "', "`role` must be one line"),
        ('"review"', '"{review}"', "there is no {review}"),
        ("on = 2026-11-25", 'on = "today"', "write `on` as a date"),
        ('["can two firms share a shop?"]', "[]", "at least 1 different"),
        ('approved = { role = "review", on = 2026-11-25 }\n', "", "at least 5 different"),
    ],
)  # fmt: skip
def test_a_broken_approval_is_refused_and_named(old: str, new: str, said: str) -> None:
    assert old in STAFF_ANSWER
    with pytest.raises(ArticleError, match=re.escape(said)) as refusal:
        parse(STAFF_ANSWER.replace(old, new), id="shared-shop", language="en")
    assert str(refusal.value).startswith("en/shared-shop.md: ")


LINE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda text: (
        text == text.strip() != ""
        and not re.search(r"[{}\n]", text)
        and not passages.INVISIBLE.search(text)
    )
)
FACTS = st.lists(st.from_regex(r"[A-Z][0-9]{1,2}", fullmatch=True), min_size=1, max_size=4)
DATES = st.dates().map(lambda date: date.isoformat())


@given(
    title=LINE, button=LINE.filter(lambda text: len(text) <= MAX_BUTTON), section=LINE, facts=FACTS,
    questions=st.lists(LINE, min_size=5, max_size=8, unique_by=str.casefold),
    passage=st.lists(LINE, min_size=1, max_size=4).map("\n\n".join), updated=DATES,
    approved=st.none() | st.builds(Approved, LINE, DATES),
)  # fmt: skip
def test_what_is_written_is_read_back_the_same(passage: str, **fields: Any) -> None:
    assume(passages.passage_fault(passage) is None)
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
    article = Article("an-id", "en", related=("other",), passage=passage, version="", **values)
    read = parse(dump(article), id="an-id", language="en")
    assert read == replace(article, version=read.version)
    assert parse(dump(read), id="an-id", language="en") == read


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_shipped_article_is_written_as_it_is_read(language: str) -> None:
    files = list((ARTICLES / language).glob("*.md"))
    assert len(files) > 20
    for file in files:
        article = parse(file.read_text(encoding="utf-8"), id=file.stem, language=language)
        again = parse(dump(article), id=file.stem, language=language)
        assert again == replace(article, version=again.version)
