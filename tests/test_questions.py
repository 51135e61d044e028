"""The labelled questions: their shape, their counts and their halves."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests import questions
from tests.questions import SHAPES, Part, Row, load

ARTICLES = Path(__file__).parents[1] / "knowledge" / "articles"
IDS = frozenset(file.stem for file in (ARTICLES / "en").glob("*.md"))

LEAST: dict[str, dict[str, int]] = {
    "program.en": {"known": 220, "near": 110, "far": 110},
    "program.id": {"known": 80, "near": 40, "far": 40},
    "several": {"several": 60, "fronted": 40, "one": 40},
    "follow_ups": {"follow": 45, "fresh": 35},
}
EACH_ARTICLE = {"program.en": 4, "program.id": 2}
SMALLER_HALF = 0.4


def answers(name: str) -> list[Row | Part]:
    """What a file labels: its rows, or the parts of its messages."""
    rows = load(name, "both")
    return [part for row in rows for part in row.parts] if name == "several" else list(rows)


def kinds(rows: tuple[Row, ...]) -> Counter[str]:
    return Counter(row.kind for row in rows)


def squeezed(text: str) -> str:
    """Its words alone, or its signs where it has no word."""
    return " ".join(re.findall(r"\w+", text.casefold()) or text.split())


@pytest.mark.parametrize("name", SHAPES)
def test_every_labelled_id_is_an_article(name: str) -> None:
    for row in answers(name):
        named = {*row.also, *row.tolerable} | ({row.article} if row.article else set())
        assert named <= IDS, (name, named - IDS)


@pytest.mark.parametrize("name", SHAPES)
def test_an_answer_has_no_tolerable_ids_and_an_unknown_no_right_ones(name: str) -> None:
    for row in answers(name):
        assert not (row.tolerable if row.article else row.also), row
        ids = [row.article, *row.also, *row.tolerable]
        assert len(set(ids)) == len(ids), f"an id is named twice: {row}"


@pytest.mark.parametrize("name", ["program.en", "program.id"])
def test_only_known_questions_have_an_answer_and_only_near_ones_a_tolerable(name: str) -> None:
    for row in load(name, "both"):
        assert (row.article is not None) == (row.kind == "known"), row
        assert row.kind == "near" or not row.tolerable, row


@pytest.mark.parametrize("name", EACH_ARTICLE)
def test_every_article_is_asked_for_often_enough(name: str) -> None:
    asked = Counter(row.article for row in load(name, "both"))
    assert not {id: asked[id] for id in IDS if asked[id] < EACH_ARTICLE[name]}


@pytest.mark.parametrize("name", SHAPES)
def test_every_kind_has_rows_enough_and_no_other_kind_is_there(name: str) -> None:
    counts = kinds(load(name, "both"))
    assert counts.keys() == LEAST[name].keys()
    assert not {kind: counts[kind] for kind, n in LEAST[name].items() if counts[kind] < n}


@pytest.mark.parametrize("name", SHAPES)
def test_the_halves_are_the_whole_and_each_holds_two_fifths_of_each_kind(name: str) -> None:
    tuning, held, both = load(name, "tuning"), load(name, "held"), load(name, "both")
    assert Counter(tuning + held) == Counter(both)
    for kind, n in kinds(both).items():
        assert min(kinds(tuning)[kind], kinds(held)[kind]) >= SMALLER_HALF * n, kind


def test_the_half_follows_from_the_text_alone() -> None:
    assert Row(" Credit? ", "en", "known").half == Row("credit?", "id", "far").half
    # as `printf 'reception?' | sha256sum` says: 8...; with the question before: 4...
    assert Row("reception?", "en", "known").half == "held"
    assert Row("Reception?", "en", "follow", previous="Who decides?").half == "tuning"


def test_no_text_is_there_twice() -> None:
    rows = [row for name in SHAPES for row in load(name, "both")]
    texts = Counter(squeezed(f"{row.text} {row.previous}") for row in rows)
    assert not [text for text, n in texts.items() if n > 1]


def test_no_part_of_a_message_is_a_question_of_its_own_elsewhere() -> None:
    names = [name for name in SHAPES if name != "several"]
    alone = {squeezed(row.text) for name in names for row in load(name, "both")}
    parts = [part for row in load("several", "both") if row.kind != "one" for part in row.parts]
    assert not [part.question for part in parts if squeezed(part.question) in alone]


def test_parts_are_cut_out_of_their_message_in_its_order() -> None:
    for row in load("several", "both"):
        rest = row.text
        for part in row.parts:
            assert part.question == part.question.strip(), row
            assert part.question in rest, row
            rest = rest.split(part.question, 1)[1]


def test_a_message_has_as_many_parts_as_its_kind_says() -> None:
    for row in load("several", "both"):
        if row.kind == "one":
            assert [part.question for part in row.parts] == [row.text]
        elif row.kind == "several":
            assert len(row.parts) in {2, 3}, row
        else:
            assert row.parts[0].question != row.text, row
            assert not row.text.startswith(row.parts[0].question), row


def test_texts_are_trimmed_and_both_languages_are_there() -> None:
    for name in SHAPES:
        rows = load(name, "both")
        for row in rows:
            assert row.text, row
            assert row.text == row.text.strip(), row
            assert bool(row.previous) == (name == "follow_ups"), row
        languages = {row.language for row in rows}
        assert languages == ({"en", "id"} if "." not in name else {name.split(".")[1]})


def test_a_row_with_an_unknown_key_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = '{"question": "a?", "article": null, "kind": "far"}\n'
    file = tmp_path / "program.en.jsonl"
    file.write_text(good + good.replace("kind", "sort"), encoding="utf-8")
    monkeypatch.setattr(questions, "FOLDER", tmp_path)
    questions._rows.cache_clear()
    try:
        with pytest.raises(ValueError, match=r"program\.en\.jsonl, line 2: .*'sort'"):
            load("program.en", "both")
    finally:
        questions._rows.cache_clear()
