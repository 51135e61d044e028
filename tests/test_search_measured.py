"""How the search is measured: the draws leak nothing, slips are the same in every run, and the
figures count what they say. What the search itself is worth stands in `make accuracy`."""

from __future__ import annotations

import csv
import random
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from knowledge.library import Finding, Library, Match
from tests import made_library
from tests.accuracy import corpora, scores, search, topics
from tests.accuracy.__main__ import options
from tests.accuracy.labels import house
from tests.accuracy.messages import cuts, follow_ups, messages
from tests.accuracy.program import aims, judge, program, table
from tests.accuracy.scores import Aim, Answers, Asked, Figure, auroc, hindsight
from tests.accuracy.searches import EVEN, SEARCHES, Bm25, Bm25OfTopics, Ours, TokenSet, judged
from tests.accuracy.topics import Draw, Question, Topics
from tests.accuracy.typos import SLIPS, mistype, neighbour

TEXT = "Can I track my card while it is in the process of delivery, please? Ref 100-20"

NOUNS = ("card", "payment", "account", "transfer", "refund", "loan", "cheque", "statement")
WAYS = ("where is my {}", "how do I get a {}", "why was the {} refused", "cancel the {} please",
        "is the {} late", "who sees my {}", "what does a {} cost", "can a {} be changed",
        "my {} is wrong", "tell me about the {}", "lost {} again", "a {} for two people",
        "second {} abroad", "the {} of a friend")  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small set: eight topics; one test question stands among the training ones, shouted."""
    folder = tmp_path_factory.mktemp("small")
    rows = [(way.format(noun), noun) for noun in NOUNS for way in WAYS]
    asked = [(f"the trouble with {noun}\nnumber {n}", noun) for noun in NOUNS for n in range(4)]
    for name, some in (("train", [*rows, (asked[0][0].upper(), "card")]), ("test", asked)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "category"), *some])
    return folder


@pytest.fixture(scope="module")
def small(place: Path) -> Topics:
    return topics.load(place)


def texts(draw: Draw) -> Iterator[str]:
    for some in (*draw.examples.values(), *draw.refused.values()):
        yield from some


def test_no_test_question_is_among_the_examples_in_whatever_case_and_spacing(small: Topics) -> None:
    trained = {text.casefold() for some in small.train.values() for text in some}
    assert len(small.test) == 32
    assert "the trouble with card number 0" in {q.text for q in small.test}
    assert trained.isdisjoint(q.text.casefold() for q in small.test)


@pytest.mark.skipif(not topics.folder().is_dir(), reason=corpora.ABSENT)
def test_the_public_set_leaks_nothing_either() -> None:
    found = topics.load(topics.folder())
    assert (len(found.train), found.held) == (77, 19)
    for seed in range(3):
        draw = topics.draw(found, seed, 600, held=True, refused=3)
        told = {text.casefold() for text in texts(draw)}
        assert len(told) == 58 * 10 + 19 * 3
        assert told.isdisjoint(q.text.casefold() for q in draw.asked)


def test_a_topic_held_out_has_no_article_and_its_questions_no_answer(small: Topics) -> None:
    draw = topics.draw(small, 1, 32, held=True, refused=3)
    assert len(draw.refused) == small.held == 2
    assert draw.examples.keys() | draw.refused.keys() == small.train.keys()
    assert draw.examples.keys().isdisjoint(draw.refused)
    wanted = {q.text: q.topic for q in small.test}
    for question in draw.asked:
        topic = wanted[question.text]
        assert question.topic == (None if topic in draw.refused else topic)
    assert sum(q.topic is None for q in draw.asked) == 8
    for topic, some in draw.refused.items():
        assert len(some) == 3
        assert set(some) <= set(small.train[topic])


def test_a_seed_gives_the_same_draw_and_another_seed_another(small: Topics) -> None:
    assert topics.draw(small, 1, 20, held=True) == topics.draw(small, 1, 20, held=True)
    assert topics.draw(small, 1, 20, held=True) != topics.draw(small, 2, 20, held=True)


def test_holding_topics_out_changes_neither_the_other_examples_nor_the_questions(
    small: Topics,
) -> None:
    whole, held = topics.draw(small, 1, 20), topics.draw(small, 1, 20, held=True)
    told = topics.draw(small, 1, 20, held=True, refused=3)
    assert all(whole.examples[topic] == some for topic, some in held.examples.items())
    assert held.examples == told.examples
    assert [q.text for q in whole.asked] == [q.text for q in held.asked]
    assert held.asked == told.asked


def test_an_article_knows_its_examples_and_nothing_of_its_topic() -> None:
    first, second = (made_library.article(n, ["where is\nmy card?"]) for n in range(2))
    assert first.questions == ("where is my card?",)
    assert first.passage == second.passage
    assert first.title.strip("0123456789") == second.title.strip("0123456789")


def test_a_question_told_to_be_not_covered_reaches_the_library() -> None:
    articles = [made_library.article(n, [w.format(NOUNS[n]) for w in WAYS[:10]]) for n in range(3)]
    asked = "is the loan late"
    without = made_library.make(articles).find(asked, made_library.LANGUAGE)
    refused = made_library.not_covered({"loan": [asked, "what does a loan cost", "lost loan"]})
    told = made_library.make(articles, refused).find(asked, made_library.LANGUAGE)
    assert without.matches
    assert told.band != "answer"
    confidence = told.matches[0].confidence if told.matches else 0.0
    assert confidence < without.matches[0].confidence


def test_slips_are_the_same_in_every_run_and_fall_on_long_words_alone() -> None:
    slipped = mistype(TEXT, random.Random(7), 1)
    assert slipped == mistype(TEXT, random.Random(7), 1)
    assert slipped != mistype(TEXT, random.Random(8), 1)
    for before, after in zip(TEXT.split(), slipped.split(), strict=True):
        long = sum(map(str.isalpha, before)) >= 4
        assert (before != after) is long, f"{before} {after}"
        assert abs(len(before) - len(after)) <= 1
    assert mistype(TEXT, random.Random(7), 0) == TEXT


def test_about_as_many_words_slip_as_asked_for() -> None:
    words = ["delivery"] * 4000
    slipped = mistype(" ".join(words), random.Random(1), 0.15).split()
    assert 0.13 < sum(word != "delivery" for word in slipped) / len(words) < 0.17


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.__name__)
@pytest.mark.parametrize("word", ["card", "aaaa", "kartu", "карта", "Ünlü", "WHERE"])
def test_every_slip_changes_every_word_by_one_letter(slip: object, word: str) -> None:
    assert callable(slip)
    for seed in range(20):
        typed = slip(word, random.Random(seed))
        assert typed != word
        assert abs(len(typed) - len(word)) <= 1


def test_a_slip_to_the_next_key_stays_on_the_keyboard() -> None:
    found = {neighbour("g", random.Random(seed)) for seed in range(200)}
    assert found == set("ftyhbv")
    assert {neighbour("P", random.Random(seed)) for seed in range(50)} == {"O", "L"}


@pytest.mark.parametrize(
    ("above", "below", "area"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5, 0.5], [0.5], 0.5),
        ([0.0, 0.0, 1.0], [0.0, 0.5], (0.5 + 0.5 + 2) / 6),
        ([], [0.5], None),
        ([0.5], [], None),
    ],
)
def test_the_area_counts_an_equal_pair_half(
    above: list[float], below: list[float], area: float | None
) -> None:
    assert auroc(above, below) == (None if area is None else pytest.approx(area))


def test_the_area_is_that_of_all_pairs() -> None:
    rng = random.Random(4)
    above, below = ([rng.randrange(9) / 8 for _ in range(n)] for n in (40, 25))
    pairs = [(a > b) + (a == b) / 2 for a in above for b in below]
    assert auroc(above, below) == pytest.approx(sum(pairs) / len(pairs))


SEEN = (
    Asked(True, 0.9, True, answered=True),
    Asked(True, 0.8, False, answered=True),
    Asked(True, 0.4, True, offered=True),
    Asked(True, 0.1, False, offered=False),
    Asked(False, 0.7, False, answered=True),
    Asked(False, 0.2, False),
)


def test_the_shares_count_what_they_say() -> None:
    assert Answers.of(SEEN) == Answers(right=1 / 3, known=1 / 4, refused=1 / 2)
    assert scores.accuracy(SEEN) == 1 / 2
    assert scores.offers(SEEN) == 1 / 2
    assert Answers.of([]) == Answers(None, None, None)


def test_in_hindsight_the_best_threshold_is_taken() -> None:
    # At 0.4 two of four known ones are right and one of two unknown is refused: 1.0 in all. At 0.9
    # it is one and both: 1.25.
    assert hindsight(SEEN) == Answers(right=1.0, known=1 / 4, refused=1.0)
    worthless = (Asked(True, 0.1, False), Asked(False, 0.9, False))
    assert hindsight(worthless) == Answers(None, 0.0, 1.0)


def test_a_figure_shows_its_spread_and_a_goal_whether_it_is_met() -> None:
    figure = Figure.of([0.8, 0.9, None])
    assert figure.show() == "85.0 ± 7.1"
    assert Figure.of([0.5]).show(3, 1) == "0.500"
    assert Figure.of([None]).show() == "-"
    assert Aim("x", figure, least=0.85).met
    assert not Aim("x", figure, most=0.8).met
    assert Aim("x", Figure.of([]), most=0.8).show().endswith("not measured")


def test_a_finding_is_judged_by_its_band_and_its_matches() -> None:
    matches = tuple(Match(made_library.article(n, ["q"]), 0.5 - n / 10) for n in range(2))
    right = "entry-1".__eq__
    assert judged(Finding("answer", matches), True, right) == Asked(True, 0.5, False, True)
    assert judged(Finding("unsure", matches), True, right) == Asked(True, 0.5, False, False, True)
    assert judged(Finding("nothing", ()), False, right) == Asked(False, 0.0, False)


DRAW = Draw(
    {"card": ("where is my card", "card lost"), "loan": ("what does a loan cost", "loan please")},
    {"rent": ("pay the rent",)},
    (),
)


@pytest.mark.parametrize("kind", [TokenSet, Bm25, Bm25OfTopics])
def test_a_yardstick_finds_the_nearest_and_nothing_where_that_is_not_covered(
    kind: type[TokenSet | Bm25],
) -> None:
    yardstick = kind(DRAW)
    card = yardstick.ask(Question("my card is lost", "card"))
    assert (card.known, card.right) == (True, True)
    assert card.confidence > 0
    rent = yardstick.ask(Question("to pay rent", None))
    assert (rent.known, rent.right, rent.confidence) == (False, False, 0.0)


def test_every_search_is_measured_in_every_setting_and_the_report_shows_it(small: Topics) -> None:
    seen = [search.measure(small, seed, 12) for seed in range(2)]
    for one in seen:
        assert one.keys() == SEARCHES.keys()
        for columns in one.values():
            assert {name: len(asked) for name, asked in columns.items()} == {
                search.CLEAN: 12,
                search.TYPOS: 12,
                search.MORE_TYPOS: 12,
                search.HELD: 12,
                search.TOLD: 12,
            }
            assert all(asked.known for asked in columns[search.CLEAN])
    shown = search.report(small, seen, 12)
    for name in SEARCHES:
        assert shown.count(name) >= (2 if name == EVEN else 3)
    for aim in search.aims(seen):
        assert aim.show() in shown


def test_the_products_own_search_is_asked_by_topic(small: Topics) -> None:
    draw = topics.draw(small, 1, 32)
    ours = Ours(draw)
    (card, *_) = draw.examples["card"]
    assert ours.ask(Question(card, "card")).right
    assert not ours.ask(Question(card, "loan")).right
    assert not ours.ask(Question(card, None)).known


def test_another_set_is_named_and_a_wrong_one_is_refused_in_words(
    place: Path, tmp_path: Path
) -> None:
    def said(folder: Path) -> str:
        given = ["--corpus", str(folder), "--draws", "1", "--questions", "4"]
        return search.search(options().parse_args(given))

    assert said(place).startswith("small0: 8 topics, 10 examples each; 1 draws of examples")
    assert "there is no such file" in said(tmp_path / "nowhere")
    for name in ("train", "test"):
        (tmp_path / f"{name}.csv").write_text("question,intent\nwhere?,card\n")
    assert "the column 'text' is missing" in said(tmp_path)


@dataclass(frozen=True)
class Part:
    question: str
    article: str | None = None
    also: tuple[str, ...] = ()
    tolerable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """As the labelled questions have them."""

    text: str
    kind: str
    article: str | None = None
    also: tuple[str, ...] = ()
    tolerable: tuple[str, ...] = ()
    previous: str = ""
    parts: tuple[Part, ...] = ()
    language: str = "en"


CREDIT = "do I need a credit line?"
ROWS = (
    Row(CREDIT, "known", "credit-line"),
    Row(CREDIT, "known", "requirements", also=("credit-line",)),
    Row(CREDIT, "known", "who-can-apply"),
    Row(CREDIT, "near", tolerable=("credit-line",)),
    Row("zebra", "far"),
)


@pytest.fixture
def library() -> Library:
    return house().library


def test_an_answer_is_right_tolerable_or_wrong(library: Library) -> None:
    first, also, other, near, far = (judge(library, row) for row in ROWS)
    assert first.asked.answered, "the article's own example is answered"
    assert first.asked.right
    assert also.asked.right
    assert (other.asked.right, other.tolerable) == (False, False)
    assert (near.asked.known, near.asked.right, near.tolerable) == (False, False, True)
    assert not far.asked.answered

    seen = [first, also, other, near, far]
    assert [aim.figure.mean for aim in aims("en", seen)] == [2 / 4, 1 / 2, 2 / 3, 0.0]
    lines = table("en", seen).split("\n")
    assert lines[1].split() == ["known", "3", "3", "2", "0", "1", "0", "0", "66.7", "%"]
    assert lines[2].split() == ["near", "1", "1", "0", "1", "0", "0", "0", "-"]


class Labels(ModuleType):
    """Stands where the labelled questions are."""

    def __init__(self) -> None:
        super().__init__("tests.questions")
        self.halves: set[str] = set()

    def load(self, name: str, half: str) -> Sequence[Row]:
        self.halves.add(half)
        return {"program.en": ROWS, "several": MESSAGES, "follow_ups": FOLLOWED}.get(name, ())


MESSAGES = (
    Row("Hi! Do I need a shop?", "fronted", parts=(Part("Do I need a shop?"),)),
    Row("How do I apply, and what does it cost?", "several",
        parts=(Part("How do I apply"), Part("what does it cost?"))),
    Row("Do I need records and a shop?", "one", parts=(Part("Do I need records and a shop?"),)),
)  # fmt: skip
FOLLOWED = (
    Row("and for universities?", "follow", "who-can-apply", previous="who may apply?"),
    Row(CREDIT, "fresh", "credit-line", previous="who may apply?"),
)


@pytest.mark.parametrize("section", [program, messages])
@pytest.mark.parametrize(
    ("words", "half"),
    [((), "tuning"), (("--half", "a"), "tuning"), (("--half", "b"), "tuning"),
     (("--half", "held"), "held")],
)  # fmt: skip
def test_the_half_that_is_kept_apart_is_read_by_its_name_alone(
    section: Callable[[Namespace], str],
    words: Sequence[str],
    half: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_in = Labels()
    monkeypatch.setitem(sys.modules, "tests.questions", stand_in)
    said = section(options().parse_args(words))
    assert stand_in.halves == {half}
    assert f"half: {half}" in said


@pytest.mark.parametrize("section", [program, messages])
def test_without_labelled_questions_it_says_so(
    section: Callable[[Namespace], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tests.questions", None)
    assert "Nothing to measure" in section(options().parse_args([]))


def test_a_message_is_cut_as_labelled_too_often_or_too_seldom() -> None:
    def at_and(_: object, text: str) -> Sequence[str]:
        parts = text.split(" and ")
        return parts if len(parts) > 1 else ()

    def never(_: object, text: str) -> Sequence[str]:
        return ()

    languages = house().script.wording.languages
    assert [line.split() for line in cuts(MESSAGES, languages, at_and).split("\n")[1:]] == [
        ["fronted", "1", "100.0", "%", "0", "0"],
        ["one", "1", "0.0", "%", "1", "0"],
        ["several", "1", "100.0", "%", "0", "0"],
        ["all", "3", "66.7", "%", "1", "0"],
    ]
    assert cuts(MESSAGES, languages, never).split("\n")[3].split()[2:] == ["0.0", "%", "0", "1"]


class Bending:
    """A library that gives what the question before was about, where there was one."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def find(self, text: str, language: str, previous: str = "") -> Finding:
        return self._library.find(previous or text, language)


def test_a_question_that_the_one_before_bends_is_counted(library: Library) -> None:
    languages = house().script.wording.languages
    bending = cast("Library", Bending(library))
    told = follow_ups(FOLLOWED, languages, bending, lambda _, text: text.startswith("and"))
    rows = {line[:36].strip(): line[36:].split() for line in told.split("\n")[1:]}
    assert rows["fresh, alone"] == ["1", "1", "of", "1", "1", "1", "0"]
    assert rows["fresh, always with the one before"] == ["1", "0", "of", "1", "1", "0", "1"]
    assert rows["fresh, as the dialog decides"] == rows["fresh, alone"]
    assert rows["follow, always with the one before"][:4] == ["1", "1", "of", "1"]
    assert rows["follow, as the dialog decides"] == rows["follow, always with the one before"]
    assert "as the dialog decides" not in follow_ups(FOLLOWED, languages, bending, None)
