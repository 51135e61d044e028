"""Outgoing -> chat.postMessage: what anybody typed is shown as typed, and Slack's limits hold."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.slack_blocks import SlackWords, answer_form, compose, filled, note_view
from bot.messages import Block, Button, Outgoing, Payload, Span
from dialogs.events import Choice
from tests.fakes.slack_blocks import check_blocks, check_view, texts_of, too_long_together
from tests.fakes.slack_channels import plain

HOSTILE = (
    "*bold* _it_ ~no~ `code` ```pre``` <!channel> <@U123> <#C1|x> <https://evil.example|bank> "
    "&amp; &lt; & < > :smile: https://evil.example/a_b_c\n> quote\n• item\n1. one {\"a\": '\\'}"
)
WORDS = SlackWords(
    answer="Answer",
    title="Answer the applicant",
    label="This goes to the applicant",
    submit="Send",
    cancel="Cancel",
    refused="Only members of the staff channel can answer.",
    see_dm="Let us go on in private.",
)


def words_of(payload: Payload) -> str:
    """What somebody sees of a payload's blocks, without line breaks between blocks."""
    return "".join(texts_of(payload.body.get("blocks", [])))


def kinds_of(payload: Payload) -> set[str]:
    """Every "type" that stands in its blocks."""
    found: set[str] = set()

    def look(part: Any) -> None:
        if isinstance(part, list):
            for one in part:
                look(one)
        elif isinstance(part, dict):
            found.add(str(part.get("type", "")))
            for one in part.values():
                look(one)

    look(payload.body.get("blocks", []))
    return found - {""}


def said(*texts: str, **block: Any) -> Outgoing:
    return Outgoing(tuple(Block((Span(text),), **block) for text in texts))


def buttons(count: int, label: str = "Button") -> tuple[Button, ...]:
    return tuple(Button(f"{label} {n}", Choice("order", "help")) for n in range(count))


def test_what_a_person_typed_is_shown_as_typed_and_is_no_markup() -> None:
    for kind in ("text", "item", "quote"):
        (payload,) = compose(said(HOSTILE, kind=kind))
        assert words_of(payload) == HOSTILE
        assert "mrkdwn" not in kinds_of(payload)
        assert check_blocks(payload.body["blocks"]) == []


def test_the_fallback_text_is_escaped_and_parsed_as_no_markup() -> None:
    (payload,) = compose(said(HOSTILE))
    for body in (payload.body, payload.plain):
        assert "<" not in body["text"]
        assert plain(body["text"]) == HOSTILE
        assert body["mrkdwn"] is False
    assert "blocks" not in payload.plain


def test_a_dim_line_is_small_print_without_markup() -> None:
    source = Block((Span("Source: *Business* <requirements>", "dim"),))
    (payload,) = compose(Outgoing((Block((Span("Yes."),)), source)))
    _, context = payload.body["blocks"]
    assert context == {
        "type": "context",
        "elements": [
            {"type": "plain_text", "text": "Source: *Business* <requirements>", "emoji": False}
        ],
    }


def test_styles_lists_quotes_and_links_are_slacks_own() -> None:
    outgoing = Outgoing(
        (
            Block((Span("Name: "), Span("old", "struck"), Span("new", "strong"))),
            Block((Span("one"),), kind="item"),
            Block((Span("two "), Span("aside", "dim")), kind="item"),
            Block((Span("said"),), kind="quote"),
            Block((Span("site", "link", "https://example.com/a?b=1&c=2"),), gap=True),
        )
    )
    (payload,) = compose(outgoing)
    first, second = payload.body["blocks"]
    section, bullets, quote = first["elements"]
    assert section["elements"] == [
        {"type": "text", "text": "Name: "},
        {"type": "text", "text": "old", "style": {"strike": True}},
        {"type": "text", "text": "new", "style": {"bold": True}},
    ]
    assert (bullets["type"], bullets["style"], len(bullets["elements"])) == (
        "rich_text_list",
        "bullet",
        2,
    )
    assert bullets["elements"][1]["elements"][1]["style"] == {"italic": True}
    assert quote["type"] == "rich_text_quote"
    assert second["elements"][0]["elements"] == [
        {"type": "link", "url": "https://example.com/a?b=1&c=2", "text": "site"}
    ]
    assert plain(payload.body["text"]) == (
        "Name: oldnew\n• one\n• two aside\n> said\n\nsite (https://example.com/a?b=1&c=2)"
    )


def test_an_address_that_is_no_web_address_becomes_no_link() -> None:
    (payload,) = compose(Outgoing((Block((Span("x", "link", "javascript:alert(1)"),)),)))
    assert "link" not in kinds_of(payload)


def test_lines_without_a_gap_stand_under_each_other() -> None:
    (payload,) = compose(said("one", "two"))
    assert words_of(payload) == "one\ntwo"
    assert payload.body["text"] == "one\ntwo"


def test_buttons_stand_five_in_a_row_with_the_index_alone() -> None:
    (payload,) = compose(Outgoing((Block((Span("Which?"),)),), buttons(12)))
    rows = [block["elements"] for block in payload.body["blocks"] if block["type"] == "actions"]
    assert [len(row) for row in rows] == [5, 5, 2]
    elements = [element for row in rows for element in row]
    assert [element["value"] for element in elements] == [f":{n}" for n in range(12)]
    assert len({element["action_id"] for element in elements}) == 12
    assert check_blocks(payload.body["blocks"]) == []


def test_sending_puts_the_rows_id_before_the_index() -> None:
    outgoing = Outgoing((Block((Span("Which? :0"),)),), buttons(2), answer_to="7")
    (payload,) = compose(outgoing, answer_label="Answer")
    body = filled(payload.body, 812)
    actions = body["blocks"][-1]["elements"]
    assert [element["value"] for element in actions] == ["812:0", "812:1", "answer:7"]
    assert actions[-1]["text"]["text"] == "Answer"
    assert words_of(Payload(body, {})) == "Which? :0"
    assert payload.body["blocks"][-1]["elements"][0]["value"] == ":0", "the stored body is kept"
    assert filled(payload.plain, 812) == payload.plain


def test_a_long_message_is_split_and_its_buttons_come_last() -> None:
    long = "\n".join(f"line {n} of a very long text" for n in range(1500))
    payloads = compose(Outgoing((Block((Span(long),)),), buttons(3)))
    assert len(payloads) > 1
    assert "".join(map(words_of, payloads)) == long
    assert ["actions" in kinds_of(payload) for payload in payloads] == [
        *[False] * (len(payloads) - 1),
        True,
    ]


def test_nothing_to_say_is_no_message_and_buttons_alone_are_one() -> None:
    assert compose(Outgoing(())) == ()
    assert compose(said("", " ")) == ()
    (payload,) = compose(Outgoing((), buttons(2)))
    assert payload.plain["text"] == "Button 0 | Button 1"


def test_the_staff_form_and_its_last_page_are_what_slack_takes() -> None:
    assert check_view(answer_form(WORDS, "7:1700000000.000100")) == []
    assert check_view(note_view(WORDS, "Dana answered it already. " * 400)) == []


@pytest.mark.parametrize("name", ["title", "submit", "cancel"])
def test_words_that_do_not_fit_are_named(name: str) -> None:
    given = dict.fromkeys(SlackWords.__slots__, "word")
    with pytest.raises(ValueError, match=name):
        SlackWords(**{**given, name: "far too long for its place"})


SPANS = st.builds(
    Span, st.text(max_size=400) | st.text('&<>"\\\n a\U0001f600', min_size=900, max_size=4000)
) | st.builds(Span, st.text(max_size=50), st.sampled_from(["strong", "dim", "struck"]))
BLOCKS = st.builds(
    Block,
    st.lists(SPANS, max_size=3).map(tuple),
    st.sampled_from(["text", "item", "quote"]),
    st.booleans(),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(st.lists(BLOCKS, max_size=60).map(tuple), st.integers(0, 25))
def test_any_message_keeps_slacks_limits_and_every_character(
    blocks: tuple[Block, ...], count: int
) -> None:
    payloads = compose(Outgoing(blocks, buttons(count, label="&" * 30)))
    shown = "".join(map(words_of, payloads)).replace("\n", "")
    wanted = "".join(
        span.text
        for block in blocks
        if any(span.text.strip() for span in block.spans)
        for span in block.spans
    ).replace("\n", "")
    for payload in payloads:
        sent = payload.body.get("blocks", [])
        assert check_blocks(sent) == []
        assert not too_long_together(sent)
        assert 0 < len(payload.body["text"]) <= 12_000
        json.dumps(payload.body)
    if len(payloads) <= 1:
        assert shown == wanted
    else:  # a piece of nothing but blanks may be left out where a long text is cut
        assert shown.replace(" ", "") == "".join(wanted.split(" "))
