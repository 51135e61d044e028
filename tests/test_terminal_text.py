"""What a terminal is given: lines that fit, and nothing that it would obey."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.terminal_text import columns, compose, harmless, lay_out, plain_text
from bot.messages import Block, Button, Outgoing, Span
from dialogs.events import Choice


def body(*blocks: Block, buttons: tuple[str, ...] = (), free: bool = False) -> dict[str, Any]:
    keys = tuple(Button(label, Choice("order", "help")) for label in buttons)
    (payload,) = compose(Outgoing(blocks, keys, free=free))
    stored: dict[str, Any] = json.loads(json.dumps(payload.body))
    return stored


def lines(composed: dict[str, Any], width: int | None = None) -> list[str]:
    return [plain_text(line) for line in lay_out(composed, width)]


def said(text: str, width: int | None = None) -> list[str]:
    return lines(body(Block((Span(text),))), width)


def test_kinds_and_gaps_and_buttons_have_their_marks() -> None:
    composed = body(
        Block((Span("Which one?", "strong"),)),
        Block((Span("the shop"),), "item"),
        Block((Span("they wrote"),), "quote", gap=True),
        Block((Span("old", "struck"), Span(" new"))),
        Block((Span("the page", "link", "https://example.com"),)),
        buttons=("Yes", "No"),
    )
    assert lines(composed) == [
        "Which one?",
        "- the shop",
        "",
        "> they wrote",
        "~old~ new",
        "the page (https://example.com)",
        "",
        "1) Yes  2) No",
    ]


def test_styles_stay_with_their_words_when_lines_break() -> None:
    composed = body(Block((Span("2 of 9: "), Span("what is the legal name", "strong"), Span("?"))))
    assert list(lay_out(composed, 24)) == [
        (("plain", "2 of 9: "), ("strong", "what is the")),
        (("strong", "legal name"), ("plain", "?")),
    ]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_lines_break_between_words_at_the_width(width: int) -> None:
    text = "Meeting the requirements does not guarantee acceptance. " * 5
    broken = said(text, width)
    assert max(map(len, broken)) <= width
    assert " ".join(broken).split() == text.split()


def test_a_long_list_item_is_indented_and_every_line_of_a_quotation_marked() -> None:
    item = lines(body(Block((Span("a walk-in place with a reception"),), "item")), 20)
    assert item == ["- a walk-in place", "  with a reception"]
    quote = lines(body(Block((Span("first\nsecond line that goes on"),), "quote")), 20)
    assert quote == ["> first", "> second line that", "> goes on"]


def test_buttons_break_between_buttons() -> None:
    composed = body(Block((Span("?"),)), buttons=("Reseller", "Service business", "University"))
    assert lines(composed, 40)[2:] == ["1) Reseller  2) Service business", "3) University"]


def test_a_terminal_wider_than_a_page_is_not_filled() -> None:
    assert max(map(len, said("word " * 60, 200))) <= 80


def test_wide_letters_take_two_columns_and_joined_marks_none() -> None:
    assert columns("日本") == 4
    assert columns("e\u0301") == 1
    assert said("日本語" * 10, 20) == [
        "日本語日本語日本語日",
        "本語日本語日本語日本",
        "語日本語日本語日本語",
    ]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("bell\x07", "bell␇"),
        ("over\rwritten", "over\nwritten"),
        ("\x9b2J", "\ufffd2J"),
        ("back\x08\x7f", "back␈␡"),
        ("\u202eevil", "\ufffdevil"),
        ("lone \ud800", "lone \ufffd"),
        ("one\r\ntwo\tthree", "one\ntwo    three"),
        ("Zoë 👩‍🔧 日本", "Zoë 👩‍🔧 日本"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(typed: str, shown: str) -> None:
    assert harmless(typed) == shown


@given(
    st.lists(
        st.tuples(st.text(max_size=80), st.sampled_from(["plain", "strong", "struck", "link"])),
        max_size=4,
    ),
    st.lists(st.text(max_size=30), max_size=4),
    st.one_of(st.none(), st.integers(20, 80)),
)
def test_no_text_gets_out_of_its_lines(
    texts: list[tuple[str, Any]], labels: list[str], width: int | None
) -> None:
    spans = tuple(Span(text, style, "https://example.com/\x1b") for text, style in texts)
    composed = body(Block(spans), Block(spans, "item"), Block(spans, "quote"))
    for line in lay_out(composed, width):
        assert width is None or columns(plain_text(line).replace("~", "")) <= width
    composed["buttons"] = labels
    for line in lay_out(composed, width):
        text = "".join(part for _, part in line)
        assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in text)


@given(st.lists(st.sampled_from(["ab", " ", "  ", "cdefghijklm", "\n", "日本"]), max_size=30))
def test_breaking_lines_takes_nothing_away_but_spaces(parts: list[str]) -> None:
    spans = tuple(Span(part) for part in parts)
    whole = "".join(parts)
    for width in (None, 20, 40):
        shown = "".join(lines(body(Block(spans)), width))
        assert shown.replace(" ", "") == whole.replace(" ", "").replace("\n", "")
    assert [line.rstrip() for line in lines(body(Block(spans)))] == [
        line.rstrip() for line in whole.split("\n")
    ]


def test_what_is_free_is_kept_beside_the_labels() -> None:
    composed = body(Block((Span("Name?"),)), buttons=("Skip",), free=True)
    assert composed["free"] is True
    assert composed["buttons"] == ["Skip"]
