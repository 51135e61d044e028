"""What goes to sendMessage, checked with the fake server's own parser of the markup."""

import html
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram_payloads import addressed, compose
from bot.messages import Block, Button, Keyboard, Outgoing, Payload, Span
from dialogs.events import Choice
from tests.fakes.telegram import parse_html, utf16

LIMIT = 4096


def said(*blocks: Block, buttons: tuple[str, ...] = ()) -> tuple[Payload, ...]:
    keys = tuple(Button(label, Choice("order", "help")) for label in buttons)
    return compose(Outgoing(blocks, keys))


def line(text: str, **more: Any) -> Block:
    return Block((Span(text),), **more)


def shown(payload: Payload) -> str:
    """The text as people see it."""
    assert payload.body["parse_mode"] == "HTML"
    return parse_html(payload.body["text"])[0]


def rows(*labels: str) -> list[list[str]]:
    (payload,) = said(line("Which?"), buttons=labels)
    keyboard = payload.body["reply_markup"]["inline_keyboard"]
    return [[key["text"] for key in row] for row in keyboard]


def test_each_style_and_kind_has_its_markup() -> None:
    (payload,) = said(
        Block((Span("3 of 9", "dim"),)),
        Block((Span("What is the "), Span("legal name", "strong"), Span("?")), gap=True),
        Block((Span("old", "struck"), Span(" new")), kind="item"),
        Block((Span("the page", "link", 'https://example.com/?a=1&b="2"'),)),
    )
    assert payload.body["text"] == (
        "<i>3 of 9</i>\n\nWhat is the <b>legal name</b>?\n• <s>old</s> new\n"
        '<a href="https://example.com/?a=1&amp;b=&quot;2&quot;">the page</a>'
    )
    assert payload.plain["text"] == (
        '3 of 9\n\nWhat is the legal name?\n• ~old~ new\nthe page (https://example.com/?a=1&b="2")'
    )
    assert "parse_mode" not in payload.plain


def test_lines_of_one_quotation_share_a_bar_and_a_gap_ends_it() -> None:
    (payload,) = said(
        line("They wrote:"),
        line("one", kind="quote"),
        line("two", kind="quote"),
        line("three", kind="quote", gap=True),
        line("end"),
    )
    assert payload.body["text"] == (
        "They wrote:\n<blockquote>one\ntwo</blockquote>\n\n<blockquote>three</blockquote>\nend"
    )
    assert payload.plain["text"] == "They wrote:\n> one\n> two\n\n> three\nend"


def test_what_people_type_never_becomes_markup() -> None:
    typed = '<b>A&B</b> </i> &lt; "x" \'y\' <a href="https://example.com">'
    for style in ("plain", "strong", "dim", "struck", "link"):
        (payload,) = said(Block((Span(typed, style, "https://example.com" * (style == "link")),)))
        text, entities = parse_html(payload.body["text"])
        assert text == typed
        assert len(entities) == (style != "plain")


def test_links_have_no_preview() -> None:
    (payload,) = said(line("https://example.com"))
    for body in (payload.body, payload.plain):
        assert body["link_preview_options"] == {"is_disabled": True}


def test_half_a_surrogate_pair_does_not_stop_a_message() -> None:
    (payload,) = said(line("a\ud83d"), buttons=("b\ude00",))
    assert json.dumps([payload.body, payload.plain], ensure_ascii=False).encode()


def test_a_message_without_a_text_is_refused() -> None:
    for blocks in ((), (line(""),), (line("", kind="item"),), (line(" "), line("\n"))):
        with pytest.raises(ValueError, match="needs a text"):
            said(*blocks, buttons=("Yes",))


# Splitting


def test_the_longest_text_that_fits_is_one_message() -> None:
    assert len(said(line("é" * LIMIT))) == 1
    assert len(said(line("&" * LIMIT))) == 1, "escapes do not count"
    assert len(said(line("😀" * (LIMIT // 2)))) == 1
    assert len(said(line("😀" * (LIMIT // 2) + "a"))) == 2
    assert len(said(line("a" * (LIMIT + 1)))) == 2


def test_a_long_message_is_cut_between_blocks_and_its_buttons_stand_last() -> None:
    first, second = said(line("a" * 3000), line("b" * 3000, gap=True), buttons=("Yes",))
    assert (shown(first), shown(second)) == ("a" * 3000, "b" * 3000)
    assert "reply_markup" not in first.body
    assert second.body["reply_markup"] == second.plain["reply_markup"]
    assert second.body["reply_markup"]["inline_keyboard"] == [
        [{"text": "Yes", "callback_data": ":0"}]
    ]


def test_a_long_block_is_cut_after_a_sentence() -> None:
    sentence = "A provider meets the company's standards. "
    first, second = said(line(sentence * 150))
    assert shown(first).rstrip().endswith("standards.")
    assert shown(second).startswith("A provider")
    assert len(shown(first)) > LIMIT * 0.9


def test_a_long_sentence_is_cut_after_a_word_and_a_long_word_anywhere() -> None:
    first, *_ = said(line("lorem " * 1000))
    assert shown(first).rstrip().endswith("lorem")
    parts = said(line("x" * 9000))
    assert "".join(map(shown, parts)) == "x" * 9000
    assert len(parts) == 3


def test_a_cut_keeps_an_accent_with_its_letter() -> None:
    first, second = said(line("x" * (LIMIT - 1) + "e\u0301" * 10))
    assert shown(first) == "x" * (LIMIT - 1)
    assert shown(second) == "e\u0301" * 10


def test_a_cut_item_has_one_mark_and_a_cut_quotation_two_bars() -> None:
    first, second = said(line("word " * 1000, kind="item"))
    assert shown(first).startswith("• ")
    assert not shown(second).startswith("• ")
    for part in said(line("word " * 1000, kind="quote")):
        assert part.body["text"].startswith("<blockquote>")
        assert part.body["text"].endswith("</blockquote>")


def test_a_link_whose_address_makes_the_plain_text_longer_still_fits_without_markup() -> None:
    url = "https://example.com/" + "p" * 80
    parts = said(*(Block((Span(f"page {n}", "link", url),)) for n in range(100)))
    assert all(utf16(part.plain["text"]) <= LIMIT for part in parts)
    assert "\n".join(map(shown, parts)).count("page") == 100


texts = st.text(
    st.sampled_from("ab<>&\"'. \n😀é\u0301\u200d你。") | st.characters(exclude_categories=["Cs"]),
    max_size=60,
)
spans = st.builds(
    lambda text, style, times: Span(text * times, style, "https://example.com/?a&b"),
    texts,
    st.sampled_from(["plain", "strong", "dim", "struck", "link"]),
    st.sampled_from([1, 1, 1, 100, 400]),
)
blocks = st.builds(
    Block,
    st.lists(spans, max_size=4).map(tuple),
    kind=st.sampled_from(["text", "item", "quote"]),
    gap=st.booleans(),
)


@settings(deadline=None)
@given(st.lists(blocks, max_size=8).map(tuple))
def test_whatever_is_said_arrives_whole_in_messages_that_telegram_takes(
    blocks: tuple[Block, ...],
) -> None:
    wanted = "".join(span.text for block in blocks for span in block.spans)
    if not wanted.strip():
        return
    parts = said(*blocks, buttons=("Yes", "No"))
    for part in parts:
        assert utf16(shown(part)) <= LIMIT
        assert utf16(part.plain["text"]) <= LIMIT
        assert shown(part).strip()
    got = "".join(map(shown, parts))
    assert bare(got) == bare(wanted)
    assert ["reply_markup" in part.body for part in parts] == [False] * (len(parts) - 1) + [True]


def bare(text: str) -> str:
    """Without white space and list marks, which splitting may change."""
    return "".join(text.replace("•", "").split())


# Buttons


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["Yes", "No"], [["Yes", "No"]]),
        (["Yes", "No", "Not sure"], [["Yes", "No", "Not sure"]]),
        (["A", "B", "C", "D"], [["A", "B"], ["C", "D"]]),
        (["A", "B", "C", "D", "E"], [["A", "B", "C"], ["D", "E"]]),
        (
            ["Service business", "Reseller", "University or college"],
            [["Service business"], ["Reseller"], ["University or college"]],
        ),
        (["Same as before", "Type another"], [["Same as before", "Type another"]]),
        (["Skip the check", "Back"], [["Skip the check", "Back"]]),
        (["Yes", "No", "Ask a person", "Go on"], [["Yes", "No"], ["Ask a person", "Go on"]]),
        (["申请维修服务商", "是"], [["申请维修服务商", "是"]]),
        (["申请成为维修服务商", "是"], [["申请成为维修服务商"], ["是"]]),
    ],
)
def test_short_labels_share_a_row_and_long_ones_have_their_own(
    labels: list[str], expected: list[list[str]]
) -> None:
    assert rows(*labels) == expected


def test_the_data_of_a_button_is_the_row_and_the_index() -> None:
    (payload,) = said(line("Which?"), buttons=tuple("Option number 10" for _ in range(12)))
    body = addressed(payload.body, 2**63 - 1)
    data = [key["callback_data"] for row in body["reply_markup"]["inline_keyboard"] for key in row]
    assert data == [f"9223372036854775807:{index}" for index in range(12)]
    assert all(len(each.encode()) <= 64 for each in data)
    assert ":0" in json.dumps(payload.body), "the stored payload is unchanged"


def test_a_keyboard_comes_or_goes_with_a_message_that_has_no_buttons() -> None:
    shows = Outgoing((line("Or tap"),), keyboard=Keyboard("", "Share my number"))
    (payload,) = compose(shows)
    assert payload.body["reply_markup"] == payload.plain["reply_markup"]
    assert payload.body["reply_markup"]["keyboard"] == [
        [{"text": "Share my number", "request_contact": True}]
    ]
    assert addressed(payload.body, 7) == payload.body
    (payload,) = compose(Outgoing((line("Noted"),), keyboard=Keyboard("gone")))
    assert payload.body["reply_markup"] == {"remove_keyboard": True}
    assert addressed(payload.body, 7) == payload.body


def test_a_button_that_names_its_index_keeps_it() -> None:
    button = Button("Change that", Choice("order", "change"), 4)
    (payload,) = compose(Outgoing((line("Noted"),), (button,)))
    keys = addressed(payload.body, 81)["reply_markup"]["inline_keyboard"]
    assert keys == [[{"text": "Change that", "callback_data": "81:4"}]]


def test_a_long_label_is_cut_after_a_word() -> None:
    [[label]] = rows("Which records of the last three years do I need to show?")
    assert label == "Which records of the last three years…"
    [[label]] = rows("x" * 60)
    assert len(label) == 40
    assert rows("") == [["…"]], "an empty one would be refused"


def test_more_buttons_than_telegram_takes_are_left_out() -> None:
    assert sum(map(len, rows(*map(str, range(150))))) == 100


def test_a_body_is_json_and_reads_back_the_same() -> None:
    (payload,) = said(line("<Amira>"), buttons=("Yes",))
    assert json.loads(json.dumps(payload.body)) == payload.body
    assert html.unescape(payload.body["text"]) == "<Amira>"
