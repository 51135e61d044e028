"""``frontdesk knowledge check``: each kind of planted fault is named with its file and its mend."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest

import knowledge
from knowledge import passages
from knowledge.article import ArticleError, parse
from knowledge.checks import known_facts, near_same
from knowledge.folder import load_articles
from tests.commands import Done, frontdesk

SHIPPED = Path(knowledge.__file__).parent

ARTICLE = """+++
title = "{title}"
button = "{title}"
section = "Business"
facts = ["B3"]
related = []
updated = 2026-11-22
questions = ["{title} one", "{title} in two ways", "{title}, the third", "4 {title}", "{title} v"]
+++
A {title} is required.
"""
LIST = "## Money\n> The page names no amount.\n- how much is it?\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two languages with two articles each, and their lists beside them: nothing to mend."""
    articles = tmp_path / "texts"
    (tmp_path / "not_covered").mkdir()
    for language, titles in (
        ("en", {"credit": "Credit", "desk": "Desk"}),
        ("id", {"credit": "Kredit", "desk": "Meja"}),
    ):
        (articles / language).mkdir(parents=True)
        for id, title in titles.items():
            article = articles / language / f"{id}.md"
            article.write_text(ARTICLE.format(title=title), encoding="utf-8")
        shutil.copy(SHIPPED / "articles" / language / "words.toml", articles / language)
        (tmp_path / "not_covered" / f"{language}.md").write_text(LIST, encoding="utf-8")
    return articles


def check(folder: Path) -> Done:
    return frontdesk(folder, "knowledge", "check", "--folder", str(folder))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def faults(done: Done) -> list[str]:
    """The lines that name one; the exit code says that there are some."""
    lines = done.out.splitlines()
    assert done.code == 2, done.out
    assert lines[-1] == f"{len(lines) - 1} fault{'s' * (len(lines) > 2)} to mend"
    assert all(line.startswith("mend ") for line in lines[:-1])
    return [line.removeprefix("mend ") for line in lines[:-1]]


def test_the_shipped_knowledge_has_nothing_to_mend(tmp_path: Path) -> None:
    done = frontdesk(tmp_path, "knowledge", "check")
    assert (done.code, done.err) == (0, "")
    assert [line.split(",")[0] for line in done.out.splitlines()] == [
        "ok   en: 37 articles",
        "ok   id: 37 articles",
    ]


def test_good_articles_elsewhere_are_counted(folder: Path) -> None:
    done = check(folder)
    assert done.out == (
        "ok   en: 2 articles, asked in 10 ways; 1 questions not covered, on 1 topics\n"
        "ok   id: 2 articles, asked in 10 ways; 1 questions not covered, on 1 topics\n"
    )
    assert done.code == 0


def test_articles_without_lists_are_checked_too(folder: Path) -> None:
    shutil.rmtree(folder.parent / "not_covered")
    assert check(folder).code == 0


def test_a_folder_is_found_from_where_one_is(folder: Path) -> None:
    assert frontdesk(folder, "knowledge", "check", "--folder", ".").code == 0
    gone = frontdesk(folder, "knowledge", "check", "--folder", "gone")
    assert faults(gone) == ["gone: cannot be read (No such file or directory); name a folder"]


PLANTED = [
    ('button = "Credit"', 'button = "A label that is too long"', "shorten `button` to 19"),
    ("updated = 2026-11-22\n", "", "add the missing key updated"),
    ("A Credit is", "# A Credit is", "remove a heading"),
    ("A Credit is required.", "You will be accepted.", "promises acceptance; only staff decide"),
    ('title = "Credit"', 'title = "Guaranteed entry"', "'Guaranteed' promises acceptance"),
    ('button = "Credit"', 'button = "You qualify"', "'You qualify' promises acceptance"),
    ('section = "Business"', 'section = "You are in"', "'You are in' promises acceptance"),
    ('facts = ["B3"]', 'facts = ["B9"]', "the program has no fact 'B9'; facts.toml names P1"),
    ('"Credit one"', '"Desk the third"', "is nearly 'Desk, the third' of en/desk.md; keep one"),
    ('"Credit one"', '"is it how much"', "is nearly 'how much is it?' of not_covered/en.md"),
    (', "Credit v"', "", "give at least 5 different `questions`"),
    ("related = []", 'related = ["gone"]', "`related` names 'gone', but there is no en/gone.md"),
    ("is required.", "is required. " * 60, "shorten the passage to 600"),
]


@pytest.mark.parametrize(("old", "new", "said"), PLANTED, ids=[row[2][:30] for row in PLANTED])
def test_a_fault_of_an_article_is_named(folder: Path, old: str, new: str, said: str) -> None:
    change(folder / "en" / "credit.md", old, new)
    [fault] = faults(check(folder))
    assert fault.startswith("en/credit.md: ")
    assert said in fault


def test_an_indonesian_promise_is_named(folder: Path) -> None:
    change(folder / "id" / "desk.md", "A Meja is required.", "Anda pasti diterima.")
    [fault] = faults(check(folder))
    assert fault.startswith("id/desk.md: 'Anda pasti diterima' promises acceptance")


def test_a_promise_in_a_list_is_named(folder: Path) -> None:
    change(folder.parent / "not_covered" / "en.md", "The page", "You will be approved. The page")
    [fault] = faults(check(folder))
    assert fault.startswith("not_covered/en.md: line 2: 'will be approved' promises acceptance")


def test_an_article_that_a_language_lacks_is_named(folder: Path) -> None:
    (folder / "id" / "desk.md").unlink()
    assert faults(check(folder)) == [
        "id/desk.md: is missing; other languages have it, so translate it"
    ]


def test_a_language_with_words_alone_lacks_every_article(folder: Path) -> None:
    for article in (folder / "id").glob("*.md"):
        article.unlink()
    assert [fault.split(":")[0] for fault in faults(check(folder))] == [
        "id/credit.md",
        "id/desk.md",
    ]


def test_a_language_in_which_no_promise_would_be_noticed_is_named(folder: Path) -> None:
    shutil.copytree(folder / "en", folder / "xx")
    [fault] = faults(check(folder))
    assert fault.startswith("promises.toml: there is no table [xx]; write down how")


def test_a_passage_that_is_too_long_with_the_settings_is_named(folder: Path) -> None:
    passage = "{company} " * 58
    change(folder / "en" / "credit.md", "A Credit is required.", passage)
    assert len(passage) <= passages.MAX_PASSAGE
    (folder / "config.toml").write_text('[program]\ncompany = "Example Devices"\n')
    [fault] = faults(check(folder))
    assert fault.startswith("en/credit.md: 927 characters with the settings of [program]; shorten")


def test_everything_is_named_at_once_and_by_file(folder: Path) -> None:
    change(folder / "en" / "credit.md", 'facts = ["B3"]', 'facts = ["three"]')
    change(folder / "en" / "credit.md", ', "Credit v"', "")
    change(folder / "en" / "credit.md", "2026-11-22", '"today"')
    change(folder / "en" / "credit.md", 'section = "Business"', 'colour = "red"')
    (folder / "en" / "desk.md").write_bytes(b"\xff")
    (folder / "id" / "words.toml").unlink()
    (folder.parent / "not_covered" / "id.md").write_text("## A\n- b\n-\n", encoding="utf-8")
    assert [fault.split(":")[0] for fault in faults(check(folder))] == [
        *["en/credit.md"] * 5,
        "en/desk.md",
        "id/words.toml",
        "not_covered/id.md",
        "not_covered/id.md",
    ]


def test_what_a_file_holds_cannot_move_the_terminal(folder: Path) -> None:
    (folder / "en" / "a\x1b[2J.md").write_text("x", encoding="utf-8")
    assert "\x1b" not in check(folder).out


def test_an_article_that_promises_is_not_even_loaded(folder: Path) -> None:
    change(folder / "en" / "credit.md", "A Credit is required.", "You will be accepted.")
    with pytest.raises(ArticleError, match=r"^en/credit\.md: .* promises acceptance"):
        load_articles(folder, {})


def test_the_gist_of_every_fact_is_told() -> None:
    facts = known_facts()
    assert len(facts) == 31
    assert all(gist.endswith(".") and len(gist) <= 120 for gist in facts.values())


def test_thousands_of_examples_are_compared_while_one_waits() -> None:
    """300 articles with 20 ways of asking each."""
    shelf = [
        parse(ARTICLE.format(title=f"Topic {n:03} alpha"), id=f"a-{n}", language="en")
        for n in range(300)
    ]
    for at, article in enumerate(shelf):
        asked = tuple(f"{at * 7919 % 10_007} is asked {at * 20 + n} times" for n in range(20))
        shelf[at] = replace(article, questions=asked)
    began = perf_counter()
    list(near_same(shelf, (), "not_covered/en.md"))
    assert perf_counter() - began < 20
