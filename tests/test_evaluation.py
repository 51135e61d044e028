"""How well questions are answered: against values worked out by hand, and against properties."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.evaluation_page import Subject, page
from bot.commands.plot import plot
from knowledge.evaluation import Outcome, Point, Share, auroc, curve, evaluate
from knowledge.folder import load_articles
from knowledge.labelled import LabelledError, check_articles, read_labelled
from knowledge.library import Library
from knowledge.sources import ARTICLES


def outcome(right: str, band: str, found: str, confidence: float, question: str = "q") -> Outcome:
    return Outcome(question, tuple(right.split()), band, tuple(found.split()), confidence)


SEVEN = (
    outcome("a", "answer", "a b", 0.9),
    outcome("b", "answer", "a b", 0.8, "wrong"),
    outcome("b c", "answer", "c", 0.7),  # also right
    outcome("a", "unsure", "b a c", 0.4, "offered"),
    outcome("d", "unsure", "b a c", 0.3, "not offered"),
    outcome("", "answer", "a", 0.8, "should not"),
    outcome("", "nothing", "", 0.0),
)


def test_every_measure_of_seven_questions_is_as_by_hand() -> None:
    found = evaluate(SEVEN)
    assert (found.known, found.unknown) == (5, 2)
    assert found.accuracy == Share(2, 5)
    assert found.given_right == Share(2, 4)
    assert found.answered_right == Share(2, 5)
    assert found.refused == Share(1, 2)
    assert found.offered == Share(1, 2)
    # against 0.8: above, equal, below, below, below; against 0.0: all five above
    assert found.auroc == pytest.approx((1 + 0.5 + 5) / 10)
    assert found.bands == {"answer": (3, 1), "unsure": (2, 0), "nothing": (0, 1)}
    assert found.curve == (
        Point(0.9, 1 / 5, 1 / 1),
        Point(0.8, 2 / 5, 1 / 3),
        Point(0.7, 3 / 5, 2 / 4),
        Point(0.4, 4 / 5, 2 / 5),
        Point(0.3, 5 / 5, 2 / 6),
    )
    assert found.in_force == Point(0.7, 3 / 5, 2 / 4)
    assert [o.question for o in found.confusions] == [
        "should not", "wrong", "offered", "not offered"
    ]  # fmt: skip
    assert found.pairs == (("", "a", 1), ("a", "b", 1), ("b", "a", 1), ("d", "b", 1))


def test_nothing_can_be_said_of_nothing() -> None:
    found = evaluate(())
    assert found.accuracy.value is None
    assert (found.auroc, found.curve, found.in_force) == (None, (), None)
    only_unknown = evaluate([outcome("", "answer", "a", 0.9)])
    assert (only_unknown.auroc, only_unknown.curve, only_unknown.in_force) == (None, (), None)
    assert only_unknown.refused == Share(0, 1)


def test_a_title_below_the_line_was_not_offered() -> None:
    assert evaluate([outcome("a", "nothing", "a", 0.01)]).offered == Share(0, 1)


SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=30)


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_in_order(high: list[float], low: list[float]) -> None:
    pairs = [(h > x) + (h == x) / 2 for h in high for x in low]
    found = auroc(high, low)
    assert found == pytest.approx(sum(pairs) / len(pairs))
    assert auroc(low, high) == pytest.approx(1 - (found or 0))
    assert auroc([score / 2 + 3 for score in high], [score / 2 + 3 for score in low]) == found


OUTCOMES = st.lists(
    st.builds(
        Outcome,
        st.just("q"),
        st.sampled_from([(), ("a",), ("b",), ("a", "b")]),
        st.sampled_from(["answer", "unsure", "nothing"]),
        st.sampled_from([(), ("a",), ("b", "a"), ("c", "b", "a")]),
        st.sampled_from([0.0, 0.1, 0.5, 0.9]),
    ),
    max_size=30,
)


@given(OUTCOMES)
def test_the_curve_answers_ever_more_and_each_point_is_what_its_threshold_gives(
    outcomes: list[Outcome],
) -> None:
    points = curve(outcomes)
    known = [o for o in outcomes if o.known]
    assert [p.coverage for p in points] == sorted(p.coverage for p in points)
    assert [p.threshold for p in points] == sorted({p.threshold for p in points}, reverse=True)
    for point in points:
        answered = [o for o in outcomes if o.best and o.confidence >= point.threshold]
        assert point.coverage == sum(o.known for o in answered) / len(known)
        assert point.precision == sum(o.best in o.right for o in answered) / len(answered)


@given(OUTCOMES)
def test_no_measure_contradicts_another(outcomes: list[Outcome]) -> None:
    found = evaluate(outcomes)
    assert found.known + found.unknown == len(outcomes)
    assert sum(map(sum, found.bands.values())) == len(outcomes)
    assert found.answered_right.part <= found.accuracy.part <= found.known
    assert found.answered_right.part == found.given_right.part
    assert found.given_right.whole == sum(o.answered for o in outcomes)
    assert sum(count for _, _, count in found.pairs) == len(found.confusions)
    assert [o.answered for o in found.confusions] == sorted(
        (o.answered for o in found.confusions), reverse=True
    )
    for share in (found.accuracy, found.given_right, found.refused, found.offered):
        assert 0 <= share.part <= share.whole


# --- the file ---


def written(tmp_path: Path, *lines: object) -> Path:
    file = tmp_path / "labelled.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts), encoding="utf-8")
    return file


def test_a_file_is_read_with_what_it_adds_and_without_what_is_its_own(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        {"question": "one?", "article": "a", "also": ["b"], "language": "id", "topic": 3},
        "",
        {"question": "two?", "article": None},
    )
    one, two = read_labelled(file)
    assert (one.question, one.right, one.language, one.line) == ("one?", ("a", "b"), "id", 1)
    assert (two.right, two.language, two.line) == ((), "", 3)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "is no JSON object"),
        ("[1]", "is no JSON object"),
        ("[" * 100_000, "is no JSON object"),
        ("9" * 10_000, "is no JSON object"),
        ({"article": "a"}, "`question` must be a text"),
        ({"question": " ", "article": "a"}, "`question` must be a text"),
        ({"question": 3, "article": "a"}, "`question` must be a text"),
        ({"question": "q"}, "`article` is missing"),
        ({"question": "q", "article": ""}, "`article` must be an article's id"),
        ({"question": "q", "article": ["a"]}, "`article` must be an article's id"),
        ({"question": "q", "article": "a", "also": "b"}, "`also` must be a list"),
        ({"question": "q", "article": "a", "also": [1]}, "`also` must be a list"),
        ({"question": "q", "article": None, "also": ["b"]}, "`also` names articles"),
        ({"question": "q", "article": "a", "language": 1}, "`language` must be"),
    ],
)
def test_a_broken_line_is_named_with_its_file(line: object, told: str, tmp_path: Path) -> None:
    file = written(tmp_path, {"question": "fine?", "article": "a"}, line)
    with pytest.raises(LabelledError) as refused:
        read_labelled(file)
    assert str(refused.value).startswith(f"{file}, line 2: {told}")


def test_a_file_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    binary = tmp_path / "photo.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    empty = written(tmp_path)
    for file, told in ((binary, "UTF-8"), (empty, "is empty"), (tmp_path, "cannot be read")):
        with pytest.raises(LabelledError, match=told):
            read_labelled(file)


def test_articles_that_are_not_there_are_named(tmp_path: Path) -> None:
    found = [a for a in load_articles(ARTICLES, {}) if a.id in ("credit-line", "website")]
    file = written(
        tmp_path,
        {"question": "fine?", "article": "website"},
        *({"question": "lost?", "article": f"lost-{number}"} for number in range(12)),
    )
    rows = read_labelled(file)
    with pytest.raises(LabelledError) as refused:
        check_articles(rows, Library(found), "en", file)
    assert "'lost-0' (line 2), 'lost-1' (line 3)" in str(refused.value)
    assert str(refused.value).endswith("and 2 more")
    check_articles(rows[:1], Library(found), "id", file)  # it is answered in English then


# --- the page ---

SUBJECT = Subject("q.jsonl", "articles", "light", (0.03, 0.45), "2026-11-22 18:22 UTC")


class Tags(HTMLParser):
    """Whether every tag is closed, and what the page would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        self.loads += [str(value) for name, value in attrs if name in ("src", "href", "style")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None: ...

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_is_whole_loads_nothing_and_shows_the_point_in_force() -> None:
    text = page(evaluate(SEVEN), SUBJECT)
    tags = Tags(text)
    assert (tags.open, tags.loads) == ([], [])
    assert not re.search(r"url\(|@import|https?://", text)
    assert "60% answered, 50% right" in tags.texts
    assert "2 of 4" in tags.texts
    assert "should not" in tags.texts
    assert "prefers-color-scheme: dark" in text


def test_what_people_wrote_becomes_no_markup_of_the_page() -> None:
    hostile = "</td><script>alert(1)</script>\x1b[2J\u202e"
    text = page(
        evaluate([outcome("a", "answer", "b", 0.9, hostile)]),
        Subject(hostile, hostile, hostile, (0.0, 1.0), ""),
    )
    tags = Tags(text)
    assert tags.open == []
    assert "<script" not in text
    assert not re.search("[\x1b\u202e]", text)


def test_a_page_of_nothing_known_has_no_curve() -> None:
    text = page(evaluate([outcome("", "nothing", "", 0.0)]), SUBJECT)
    assert "<svg" not in text
    assert Tags(text).open == []


SHARES = st.floats(0, 1, allow_nan=False)


@given(st.lists(st.tuples(SHARES, SHARES), max_size=20), st.none() | st.tuples(SHARES, SHARES))
def test_a_picture_stays_inside_its_frame(
    points: list[tuple[float, float]], mark: tuple[float, float] | None
) -> None:
    picture = plot(points, mark, "here", ("across", "up"))
    assert Tags(picture).open == []
    for name, most in (("x", 640), ("x1", 640), ("cx", 640), ("y", 400), ("y1", 400), ("cy", 400)):
        for number in re.findall(rf' {name}="([^"]+)"', picture):
            assert 0 <= float(number) <= most
    for place in re.findall(r"[ML]([\d.]+ [\d.]+)", picture):
        x, y = map(float, place.split())
        assert 0 <= x <= 640
        assert 0 <= y <= 400
