"""Articles made of a sheet of questions: what is made can be loaded, what cannot be is named."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.article import MAX_BUTTON, MAX_FILE, Article, parse
from knowledge.drafts import PASSAGE, SECTION, Made, make_articles, slug
from knowledge.question_sheet import Row, SheetError, read_sheet

DAY = datetime.date(2026, 11, 22)


def made(*rows: Row) -> Made:
    return make_articles(rows, language="en", fact="X1", updated=DAY)


def rows(article: str, *questions: str) -> list[Row]:
    return [Row(number, question, article) for number, question in enumerate(questions, 2)]


def five(article: str) -> list[Row]:
    return rows(article, *(f"question {number} of {article}?" for number in range(5)))


def parsed(made: Made) -> list[Article]:
    return [parse(text, id=id, language="en") for id, text in made.files.items()]


def why(made: Made) -> list[tuple[str, str, int]]:
    return [(left.what, left.why, left.questions) for left in made.left_out]


def sheet(tmp_path: Path, text: str, name: str = "sheet.csv") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


# --- reading ---


@pytest.mark.parametrize(
    "text",
    [
        "text,category\nwhere is it?,card_arrival\n",
        "\ufeffLabel;Question;x\r\ncard_arrival;where is it?;9\r\n",
        "intent\ttext\ncard_arrival\twhere is it?\n",
    ],
)
def test_columns_go_by_several_names_and_marks(text: str, tmp_path: Path) -> None:
    (row,) = read_sheet(sheet(tmp_path, text))
    assert (row.line, row.question, row.article) == (2, "where is it?", "card_arrival")


def test_json_lines_are_read_whatever_the_file_is_called(tmp_path: Path) -> None:
    line = {"text": "where?", "label": 7, "title": "Where", "passage": "Here.", "section": "S"}
    for name in ("sheet.jsonl", "sheet.txt"):
        found = read_sheet(sheet(tmp_path, json.dumps(line) + "\n\n", name))
        assert found == (Row(1, "where?", "7", "Where", "Here.", "S"),)


def test_a_text_over_several_lines_is_one_cell(tmp_path: Path) -> None:
    text = 'question,article\n"where\nis it, please?",a\nnext?,a\n'
    found = read_sheet(sheet(tmp_path, text))
    assert [(row.line, row.question) for row in found] == [
        (3, "where\nis it, please?"),
        (4, "next?"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "", "has no rows"),
        ("a.csv", "question,answer\na,b\n", "line 1: has no column article or category"),
        ("a.csv", "question,article\n", "has no rows"),
        ("a.csv", "question,article\na,b\nwell, then?,a\n", "line 3: has 3 cells, .* in quotes"),
        ("a.csv", 'question,article\n"never closed,a\n', "is no CSV"),
        ("a.jsonl", '{"question": "a"}\n{', "line 2: is no JSON object"),
        ("a.jsonl", "[" * 100_000, "line 1: is no JSON object"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_where(
    name: str, text: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(SheetError, match=told):
        read_sheet(sheet(tmp_path, text, name))


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "photo.csv"
    file.write_bytes(bytes(range(256)))
    with pytest.raises(SheetError, match="UTF-8"):
        read_sheet(file)


# --- making ---


def test_rows_of_an_article_are_gathered_and_the_rest_of_it_is_neutral() -> None:
    found = made(*five("Card_Arrival"), *rows("Card_Arrival", "QUESTION 1 of card_arrival?"))
    (article,) = parsed(found)
    assert article.id == "card-arrival"
    assert article.title == article.questions[0] == "question 0 of Card_Arrival?"
    assert (article.button, article.section, article.passage) == ("Card Arrival", SECTION, PASSAGE)
    assert (article.facts, article.updated) == (("X1",), "2026-11-22")
    assert (found.questions, found.repeated, found.left_out) == (5, 1, ())


def test_the_first_title_passage_and_section_that_are_given_count() -> None:
    told = Row(9, "and this?", "a", "A title", "First.\n\nSecond.", "Money")
    (article,) = parsed(made(*five("a"), told, Row(10, "more?", "a", "Another", "Other.", "X")))
    assert (article.title, article.button, article.section) == ("A title", "A title", "Money")
    assert article.passage == "First.\n\nSecond."


def test_what_cannot_be_used_is_left_out_and_named() -> None:
    found = made(
        *five("good"),
        *rows("few", "one?", "two?", "ONE?"),
        *five("Good!"),
        Row(30, "whose?", " "),
        Row(31, "x" * 601, "good"),
        Row(32, "a {brace", "good"),
        Row(33, "a\x07bell", "good"),
        Row(34, " \n", "good"),
        Row(35, "half \ud800", "good"),
        *five("loud"),
        Row(40, "fine?", "loud", passage="# A heading"),
    )
    assert list(found.files) == ["good"]
    assert why(found) == [
        ("line 30", "names no article", 1),
        ("line 31", "its question has more than 600 characters", 1),
        ("line 32", "remove the stray brace in 'a {brace'", 1),
        ("line 33", "its question holds invisible characters", 1),
        ("line 34", "its question is empty", 1),
        ("line 35", "its question holds invisible characters", 1),
        ("'few'", "has fewer than 5 different questions", 2),
        ("'Good!'", "its id would be good, as that of 'good'; rename one", 5),
        ("'loud'", found.left_out[-1].why, 6),
    ]
    assert found.left_out[-1].why.startswith("remove a heading in '# A heading'")


def test_questions_that_an_article_has_no_room_for_are_counted() -> None:
    found = made(*rows("long", *(f"{number} {'why ' * 100}" for number in range(100))))
    (article,) = parsed(found)
    assert len(found.files["long"]) <= MAX_FILE
    assert len(article.questions) == found.questions
    assert found.questions + found.left_out[0].questions == 100
    assert found.left_out[0].what == "the last questions of 'long'"


@pytest.mark.parametrize(
    ("label", "id"),
    [
        ("Refund_not_showing_up", "refund-not-showing-up"),
        ("  Çà et là?! ", "ca-et-la"),
        ("7", "7"),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 500, "x" * 60),
    ],
)
def test_an_id_is_made_of_any_label(label: str, id: str) -> None:
    assert slug(label) == id


def test_labels_without_a_latin_letter_have_ids_of_their_own() -> None:
    assert slug("カード") != slug("口座")
    assert slug("カード") == slug("カード")
    (article,) = parsed(made(*five("カード")))
    assert article.button == "カード"


CELLS = st.text(st.characters(exclude_categories=()), max_size=40)  # also what no file can hold


@given(st.lists(st.tuples(CELLS, st.sampled_from(["a", "b", "Ä", "{x}"]), CELLS, CELLS)))
def test_whatever_stands_in_a_sheet_what_is_made_can_be_loaded_and_nothing_is_lost(
    cells: list[tuple[str, str, str, str]],
) -> None:
    given_rows = [
        Row(line, question, article, title, passage)
        for line, (question, article, title, passage) in enumerate(cells)
    ]
    for article in ("a", "{x}"):
        given_rows += five(article)
    found = made(*given_rows)
    assert all(len(article.button) <= MAX_BUTTON for article in parsed(found))
    left = sum(left.questions for left in found.left_out)
    assert found.questions + found.repeated + left == len(given_rows)


def test_a_thousand_articles_are_made() -> None:
    assert len(made(*(row for n in range(1000) for row in five(f"topic {n}"))).files) == 1000
