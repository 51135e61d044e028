"""The parts of the search: meaning, likeness, the classifier, how sure, what is kept."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge import calibration, classifier
from knowledge.cache import KEPT, read_arrays, write_arrays
from knowledge.calibration import Calibration, Signs
from knowledge.encoder import Encoder, installed_encoder
from knowledge.features import Rarity, Rows, words_of
from knowledge.index import LIGHT, Example, Index
from knowledge.library import Library
from tests.made_library import article, make, not_covered

TOPICS = ("credit", "uniform", "exam", "reception", "parking", "website")
WAYS = (
    "do I need a {}?", "is the {} required?", "tell me about the {}", "what is the {} for?",
    "why should we have a {}?", "can I go without the {}?", "who pays for the {}?",
    "where do I get the {}?",
)  # fmt: skip
EXAMPLES = tuple(
    Example(way.format(topic), number) for number, topic in enumerate(TOPICS) for way in WAYS
)
NONE = tuple(Example(f"how {what} is the moon?", len(TOPICS)) for what in ("far", "old", "big"))


class Counting:
    """The installed encoder, which notes what it is asked."""

    name = "counting"
    languages = frozenset({"en"})

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.floating[Any]]:
        self.texts += texts
        return self._encoder.encode(texts)


@pytest.fixture
def encoder() -> Encoder:
    found = installed_encoder()
    assert found is not None, "it is installed by default: make test"
    return found


# --- meaning ---


def test_two_ways_to_say_the_same_are_near_and_two_things_are_far(encoder: Encoder) -> None:
    asked, same, other = encoder.encode(
        ["do I need a credit line?", "is a line of credit required?", "what is the weather"]
    )
    assert asked @ same == pytest.approx(0.896, abs=0.005)  # as the published model has it
    assert abs(float(asked @ other)) < 0.15


def test_a_text_is_the_same_vector_alone_and_among_others(encoder: Encoder) -> None:
    texts = ["credit", "do I need a credit line? " * 30, "", "ещё один вопрос", "\U0001f600"]
    together = encoder.encode(texts)
    assert together.shape == (5, 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, row in zip(texts, together, strict=True):
        assert encoder.encode([text])[0] @ row == pytest.approx(1, abs=1e-5)


def test_without_its_package_there_is_no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name.startswith("gt_") else real(name)
    )
    assert installed_encoder.__wrapped__() is None


def test_without_an_encoder_the_search_says_that_it_is_light_and_still_finds() -> None:
    library = Library([article(n, [e.text for e in EXAMPLES if e.name == n]) for n in range(6)])
    assert library.encoder_name("en") == LIGHT
    assert library.find("is a uniform required?", "en").matches[0].article.id == "entry-1"


def test_a_language_that_the_encoder_does_not_know_is_searched_by_words(encoder: Encoder) -> None:
    assert make([article(0, ["a b c"])]).encoder_name("en") == encoder.name
    assert "id" not in encoder.languages


# --- likeness of words ---


@given(st.lists(st.text(max_size=40), min_size=1, max_size=12))
def test_the_likeness_of_words_is_a_cosine(texts: list[str]) -> None:
    words = [words_of(text) for text in texts]
    rows = Rows.of(rarity := Rarity.of(words), words)
    for at, some in enumerate(words):
        likeness = rows.times(rarity.row(some))
        assert likeness.shape == (len(texts),)
        assert (likeness >= 0).all()
        assert (likeness <= 1 + 1e-5).all()
        assert likeness[at] == pytest.approx(1 if some else 0, abs=1e-5)


# --- the classifier ---


def test_more_examples_than_are_compared_are_classified_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    classes = np.array([e.name for e in EXAMPLES])
    landmarks = classifier.landmarks_among(classes, 18)
    assert np.bincount(classes[landmarks]).tolist() == [3] * 6, "of each class as many"
    rows = Rows.of(rarity := Rarity.of(w := [words_of(e.text) for e in EXAMPLES]), w)
    alike = np.stack([rows.times(rarity.row(some)) for some in w])
    trained = classifier.train(alike[:, landmarks], classes, landmarks, 6)
    assert trained.weights.shape == (18, 6)
    named = trained.shares(alike[:, landmarks]).argmax(1)
    assert (named == classes).mean() > 0.9
    assert trained.shares(alike[0, landmarks]).sum() == pytest.approx(1)


# --- how sure ---


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans(), st.booleans()), max_size=40)
)
def test_a_dearer_mistake_asks_for_more_confidence(
    trials: list[tuple[float, bool, bool, bool]],
) -> None:
    told = [(sure, right and known, among and known, known) for sure, right, among, known in trials]
    learnt = Calibration(np.zeros(5), np.array(told, np.float64).reshape(-1, 4))
    levels = [learnt.thresholds(cost) for cost in (0.5, 1, 2, 5)]
    answers = [answer for answer, _ in levels]
    assert answers == sorted(answers)
    assert all(0 <= offer <= answer <= 1 for answer, offer in levels)


def test_what_was_never_asked_like_that_is_not_answered() -> None:
    refused = not_covered({"moon": [e.text for e in NONE]})
    library = make(
        [article(n, [e.text for e in EXAMPLES if e.name == n]) for n in range(6)], refused
    )
    assert library.find("do we need a credit?", "en").band == "answer"
    found = library.find("how far away is the moon", "en")
    assert (found.band, found.instead) == ("nothing", "That is not covered.")
    assert library.find("who won the football match", "en").band == "nothing"


@pytest.mark.parametrize("few", [1, 2, 3])
@pytest.mark.parametrize("light", [True, False])
def test_a_program_with_a_few_articles_and_no_list_does_not_answer_everything(
    few: int, light: bool
) -> None:
    library = make(
        [article(n, [e.text for e in EXAMPLES if e.name == n]) for n in range(few)], light=light
    )
    assert library.find("do we need a credit?", "en").band == "answer"
    for far in ("who won the football match", "hello are you there?"):
        assert library.find(far, "en").band == "nothing", far


@settings(max_examples=30)
@given(st.floats(0.01, 1), st.floats(0.01, 1), st.sampled_from([1, 2, 5]))
def test_what_is_taken_from_an_article_counts_like_what_an_article_takes(
    share: float, near: float, articles: int
) -> None:
    shares = np.full(articles + 1, share / 10)
    nearest = np.full(articles + 1, near / 2)
    shares[0], nearest[0] = share, near
    one = Signs(shares, nearest)
    other = Signs(shares[::-1], nearest[::-1])
    assert one.of(0).tolist() == pytest.approx(other.of(articles).tolist())


@pytest.mark.parametrize(("known", "even"), [(0.0, 0.5), (1.0, 0.0)])
def test_passing_on_costs_nothing_where_nothing_is_known_and_one_where_something_is(
    known: float, even: float
) -> None:
    trials = np.array([[0.9, 1.0, 1.0, 1.0], [0.2, 0.0, 0.0, known]])
    learnt = Calibration(np.zeros(5), trials)
    answer, _ = learnt.thresholds(1)
    assert answer == pytest.approx(even), "with mistakes as dear as a question passed on"
    dearer, _ = learnt.thresholds(3)
    assert dearer == pytest.approx(3 / 4 if not known else 2 / 3)


def test_where_nothing_is_told_to_be_not_covered_nothing_is_taken_for_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def learnt(lent: int, *told: Example) -> list[float]:
        monkeypatch.setattr(calibration, "_LENT", lent)
        signs: list[float] = Index((*EXAMPLES, *told), 6, "en", None).arrays()["signs"].tolist()
        return signs

    assert learnt(1) == learnt(3)
    assert learnt(1, *NONE) != learnt(3, *NONE)


# --- what is kept ---


def test_what_was_learnt_is_read_back_and_not_learnt_again(encoder: Encoder) -> None:
    first = Index(EXAMPLES, 6, "en", Counting(encoder))
    asked = Counting(encoder)
    again = Index(EXAMPLES, 6, "en", asked, first.arrays())
    assert asked.texts == []
    one, two = (index.judge("must I have a credit?") for index in (first, again))
    assert one is not None
    assert two is not None
    assert (one.best, one.confidences) == (two.best, two.confidences)
    assert first.thresholds(2) == again.thresholds(2)


def test_after_a_change_only_what_is_new_is_turned_into_vectors(encoder: Encoder) -> None:
    first = Index(EXAMPLES, 6, "en", Counting(encoder))
    asked = Counting(encoder)
    changed = Index(
        (*EXAMPLES, Example("the Parking Lot, is it needed?", 4)), 6, "en", asked, first.arrays()
    )
    assert asked.texts == ["the parking lot is it needed"]
    assert changed.key != first.key


@pytest.mark.parametrize("harm", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_a_broken_file_is_as_if_it_were_not_there(tmp_path: Path, harm: bytes) -> None:
    (tmp_path / f"en-{'a' * 32}.npz").write_bytes(harm)
    assert read_arrays(tmp_path, "en", "a" * 64) is None
    assert read_arrays(tmp_path / "nowhere", "en", "a" * 64) is None


def test_a_cut_file_is_learnt_anew(tmp_path: Path) -> None:
    articles = [article(n, [e.text for e in EXAMPLES if e.name == n]) for n in range(6)]
    whole = make(articles, cache=tmp_path, light=True)
    whole.prepare()
    (file,) = tmp_path.glob("en-*.npz")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    again = make(articles, cache=tmp_path, light=True)
    question = "must we have a website?"
    assert again.find(question, "en").matches[0] == whole.find(question, "en").matches[0]


@pytest.mark.parametrize("lacks", ["landmarks", "texts", "key"])
def test_a_file_of_another_version_is_as_if_it_were_not_there(tmp_path: Path, lacks: str) -> None:
    articles = [article(n, [e.text for e in EXAMPLES if e.name == n]) for n in range(6)]
    whole = make(articles, cache=tmp_path)
    whole.prepare()
    (file,) = tmp_path.glob("en-*.npz")
    with np.load(file) as found:
        kept = {name: found[name] for name in found.files if name != lacks}
    np.savez(file, allow_pickle=False, **kept)
    question = "must we have a website?"
    again = make(articles, cache=tmp_path).find(question, "en")
    assert again.matches[0] == whole.find(question, "en").matches[0]
    with np.load(file) as found:
        assert lacks in found.files, "the next start finds it whole"


def test_of_each_language_the_newest_few_stay(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        write_arrays(tmp_path, "en", f"{number:02}".ljust(64, "-"), {"n": np.array(number)})
        write_arrays(tmp_path, "id", "0" * 64, {"n": np.array(number)})
    assert len(list(tmp_path.glob("en-*.npz"))) == KEPT
    assert len(list(tmp_path.iterdir())) == KEPT + 1, "and no half-written one"
    newest = read_arrays(tmp_path, "en", f"{KEPT + 2:02}".ljust(64, "-"))
    assert newest is not None
    assert newest["n"] == KEPT + 2


def test_a_folder_that_cannot_be_read_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    unreadable = tmp_path / ("a" * 300)  # as another user's: asking for it is an error
    write_arrays(unreadable, "en", "a" * 64, {"n": np.array(1)})
    assert read_arrays(unreadable, "en", "a" * 64) is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    library = make([article(0, ["what is it?"])], cache=tmp_path / "file", light=True)
    assert library.find("what is it?", "en").matches
