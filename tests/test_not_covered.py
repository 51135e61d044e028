"""What people ask and no article answers: what is said instead, and what a broken list says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.article import ArticleError
from knowledge.not_covered import (
    MAX_INSTEAD,
    NotCovered,
    load_not_covered,
    parse_not_covered,
)
from tests.reading_grade import reading_grade

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
SHIPPED = load_not_covered(KNOWLEDGE / "not_covered", {})
SENTENCES = {language: {item.instead for item in items} for language, items in SHIPPED.items()}

GOOD = """# Not covered
A remark.

## Credit
> {Company} names no amount.
- how much credit?
- what limit does {company} give?

> Nothing is said of interest.
- what interest?

## Chat
> I can help with {program}.
- hello
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good list, beside its language's words."""
    for name in ("not_covered", "articles/en"):
        (tmp_path / name).mkdir(parents=True)
    words = (KNOWLEDGE / "articles" / "en" / "words.toml").read_bytes()
    (tmp_path / "articles" / "en" / "words.toml").write_bytes(words)
    (tmp_path / "not_covered" / "en.md").write_text(GOOD, encoding="utf-8")
    return tmp_path / "not_covered"


# --- the shipped lists ---


@pytest.mark.parametrize(("language", "least"), [("en", 240), ("id", 200)])
def test_many_questions_are_known_to_be_not_covered(language: str, least: int) -> None:
    assert len({item.question.casefold() for item in SHIPPED[language]}) >= least


@pytest.mark.parametrize("language", SHIPPED)
def test_a_topic_is_asked_in_four_or_more_ways(language: str) -> None:
    asked = Counter(item.topic for item in SHIPPED[language])
    assert [topic for topic, times in asked.items() if times < 4] == []


def test_the_languages_have_the_same_topics() -> None:
    assert len({len({item.topic for item in items}) for items in SHIPPED.values()}) == 1


@pytest.mark.parametrize("sentence", sorted(SENTENCES["en"]))
def test_what_is_said_instead_reads_easily(sentence: str) -> None:
    assert reading_grade(sentence) <= 8


@pytest.mark.parametrize("sentence", sorted(set().union(*SENTENCES.values())))
def test_what_is_said_instead_is_calm_and_names_no_number(sentence: str) -> None:
    assert not re.search(r"[!?\d]", sentence)
    assert sentence.isascii()
    assert sentence[0].isupper()
    assert sentence.endswith(".")


# --- one list ---


def test_each_question_has_its_topic_and_the_sentence_above_it(folder: Path) -> None:
    assert load_not_covered(folder, {"company": "Example Devices"}) == {
        "en": (
            NotCovered("how much credit?", "Credit", "Example Devices names no amount."),
            NotCovered(
                "what limit does Example Devices give?",
                "Credit",
                "Example Devices names no amount.",
            ),
            NotCovered("what interest?", "Credit", "Nothing is said of interest."),
            NotCovered("hello", "Chat", "I can help with the Service Provider program."),
        )
    }


def test_where_there_is_no_folder_nothing_is_known(folder: Path) -> None:
    assert load_not_covered(folder / "gone", {}) == {}


def test_line_ends_and_a_byte_order_mark_do_not_matter(folder: Path) -> None:
    before = load_not_covered(folder, {})
    file = folder / "en.md"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_not_covered(folder, {}) == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## Credit\n", "", "line 5: put a heading '## Topic' above the question"),
        ("## Credit\n", "# Credit\n", "line 6: put a heading '## Topic'"),
        ("> I can help with {program}.\n", "", "line 13: put a line '> ' above '- hello'"),
        ("> Nothing is said of interest.", ">", "line 9: '> ' holds no sentence"),
        ("> Nothing", "> " + "x" * MAX_INSTEAD, "shorten the sentence to 160"),
        ("of interest.", "of {interest}.", "line 9: there is no {interest}"),
        ("of interest.", "of {learn_more_url}.", "only as a link's address"),
        ("of interest.", "of **interest**.", "line 9: write plain words"),
        ("of interest.", "of [interest](https://a.example).", "line 9: write plain words"),
        ("of interest.", "of <b>interest</b>.", "line 9: remove HTML"),
        ("of interest.", "of inter\u200best.", "line 9: remove tabs and invisible"),
        ("of interest.", "of interest. You will be accepted.", "promises acceptance"),
        ("> Nothing", "> And nothing\n> Nothing", "line 9: no question stands under this"),
        ("- hello\n", "", "line 13: no question stands under this sentence"),
        ("- hello", "- ", "line 14: '- ' holds no question"),
        ("- hello", "-", "line 14: '- ' holds no question"),
        ("- hello", "-hello", "line 14: write '- ' before the question"),
        ("- hello", "- hel\u202elo", "line 14: remove tabs and invisible"),
        ("- hello", "- hello {there}", "line 14: there is no {there}"),
        ("- hello", "- What  INTEREST", "stands on line 10 already; remove one"),
    ],
)
def test_a_broken_list_names_the_file_the_line_and_the_mend(
    folder: Path, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    (folder / "en.md").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ArticleError, match=re.escape(said)) as refusal:
        load_not_covered(folder, {})
    assert str(refusal.value).startswith("not_covered/en.md: line ")


def test_all_that_is_wrong_is_named_at_once(folder: Path) -> None:
    text = GOOD.replace("- hello", "-").replace("> {Company} names no amount.", "")
    (folder / "en.md").write_text(text, encoding="utf-8")
    with pytest.raises(ArticleError) as refusal:
        load_not_covered(folder, {})
    assert len(refusal.value.faults) == 4, "two questions, an empty line, a sentence over nothing"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- \xff", "not_covered/en.md: save the file as UTF-8"),
        (b"- x\n" * 300_000, "not_covered/en.md: too large"),
    ],
)
def test_a_file_that_is_no_list_is_named(folder: Path, content: bytes, said: str) -> None:
    (folder / "en.md").write_bytes(content)
    with pytest.raises(ArticleError, match=re.escape(said)):
        load_not_covered(folder, {})


def test_a_setting_that_would_break_a_sentence_is_named(folder: Path) -> None:
    with pytest.raises(ArticleError, match=r"^program\.company: "):
        load_not_covered(folder, {"company": "**Bold**"})


def test_a_language_without_its_own_words_is_named(folder: Path) -> None:
    (folder / "xx.md").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ArticleError, match=r"^xx/words\.toml: is missing"):
        load_not_covered(folder, {})


@given(st.text(max_size=300), st.integers(0, len(GOOD)), st.integers(0, 40))
def test_no_text_breaks_the_reader(noise: str, at: int, cut: int) -> None:
    found, faults = parse_not_covered(GOOD[:at] + noise + GOOD[at + cut :], "en")
    assert faults or all(item.question and item.topic and item.instead for item in found)
