"""Whether two questions ask the same, on pairs that people labelled; half of them chose the
thresholds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.alike import alike

PAIRS: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__)
    .with_name("questions_alike.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]


def half(pair: dict[str, Any]) -> int:
    return hashlib.sha256(f"{pair['one']}{pair['other']}".encode()).digest()[0] % 2


def same(pair: dict[str, Any]) -> bool:
    return alike(pair["one"], [pair["other"]], pair["language"]) == (0,)


def test_the_pairs_are_as_many_of_either_kind_and_each_stands_once() -> None:
    assert len({(pair["one"], pair["other"]) for pair in PAIRS}) == len(PAIRS) >= 120
    assert 0.45 < sum(pair["alike"] for pair in PAIRS) / len(PAIRS) < 0.55
    assert {pair["language"] for pair in PAIRS} == {"en", "id"}


@pytest.mark.parametrize("which", [0, 1])
def test_what_is_taken_for_the_same_is_and_most_of_it_is_found(which: int) -> None:
    pairs = [pair for pair in PAIRS if half(pair) == which]
    taken = [pair for pair in pairs if same(pair)]
    right = [pair for pair in taken if pair["alike"]]
    assert len(right) / len(taken) >= 0.97, [pair for pair in taken if not pair["alike"]]
    assert len(right) / sum(pair["alike"] for pair in pairs) >= 0.6


def test_the_order_of_the_two_does_not_matter() -> None:
    for pair in PAIRS:
        turned = alike(pair["other"], [pair["one"]], pair["language"]) == (0,)
        assert turned == same(pair), pair


def test_the_nearest_comes_first_and_others_are_left_out() -> None:
    others = [
        "how long is the credit?",
        "is there a fire certificate for the big workshop?",
        "do we need a fire certificate for our workshop?",
    ]
    assert alike("a fire certificate for the workshop?", others, "en") == (2, 1)


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("do you accept cooperatives?", "do you accept coperatives?", "en"),
        ("can two firms use 1 shop?", "can 2 companies use one store?", "en-GB"),
        ("KANN ICH MITMACHEN?", "kann ich mitmachen", "de"),
        ("我们可以申请吗?", "我们可以申请吗", "zh"),
        ("what do I need?", "What do I need", "en"),
    ],
)
def test_slips_figures_and_other_languages(one: str, other: str, language: str) -> None:
    assert alike(one, [other], language) == (0,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("can two firms share one shop?", "can one firm have two shops?"),
        ("how much is the exam?", "how long is the exam?"),
        ("what do technicians of a company need?", "must a company have technicians?"),
        ("", ""),
        ("?!", "?!"),
        ("can I?", "may we?"),
    ],
)
def test_what_shares_its_words_alone_is_not_the_same(one: str, other: str) -> None:
    assert alike(one, [other], "en") == ()


@pytest.mark.parametrize("text", ["\x00\ud800", "a " * 100_000, "x" * 1_000_000, "../" * 50])
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    assert alike(text, [text[:50], "is a kiosk ok?"], "../en") in {(), (0,)}
    assert 1 not in alike("is a kiosk ok?", [text, text], "en")
    assert alike(text, [], "en") == ()


def test_an_encoder_decides_what_the_words_nearly_call_the_same() -> None:
    def near(texts: Sequence[str]) -> NDArray[Any]:
        return np.ones((len(texts), 2))

    def far(texts: Sequence[str]) -> NDArray[Any]:
        return np.eye(len(texts))

    others = [
        "how can we leave the program again?",
        "how long can we leave it?",
        "how do I get parts?",
    ]
    question = "how do I leave the program?"
    assert alike(question, others, "en") == ()
    assert alike(question, others, "en", near) == (0,)
    assert alike(question, others, "en", far) == ()
    assert alike(question, [], "en", far) == ()


def test_a_vector_of_nothing_is_near_to_nothing() -> None:
    def nothing(texts: Sequence[str]) -> NDArray[Any]:
        return np.zeros((len(texts), 3))

    assert alike("how do I leave?", ["how do we leave again?"], "en", nothing) == ()
