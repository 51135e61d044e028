"""What a person typed stays what it is: no text of theirs ever becomes markup, a placeholder, a
button or another block, on any channel; and what the words mark up is marked up.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.slack_blocks import compose as compose_slack
from bot.channels.telegram_payloads import compose as compose_telegram
from bot.channels.terminal_text import compose as compose_terminal
from bot.channels.terminal_text import lay_out
from bot.messages import Block, Outgoing, Span
from bot.rendering import LABEL_LIMIT, Renderer
from dialogs.acts import Ask, Cite, Lines, Offer, Say, Term, Value
from dialogs.events import Choice, Found
from dialogs.wording import Language, Wording
from tests.fakes.telegram import parse_html
from tests.play import house

NAUGHTY = [
    "**bold**", "~~struck~~", "_dim_", "- an item", "> a quote", "[link](https://x.example)",
    "<b>bold</b>", "</blockquote><a href='https://x.example'>", "&lt;b&gt;", "<@U100>",
    "<!channel>", "*bold* _it_ ~no~ `code`", "{brand}", "{reference}", "{lines}", "{0}", "{", "}",
    "%s", "{value.__class__}", "**", "~~", "\n- one\n- two", "a\n\n> b", "[x]",
    "<https://x.example|y>", "\u202eevil", "=1+1", "{{brand}}", "**{brand}**",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(NAUGHTY), st.text(min_size=1, max_size=40))
WORDS = {
    "plain": "You said {it}.",
    "strong": "**You said {it}**",
    "struck": "~~{was}~~ is now {it}",
    "item": "- {it}",
    "quote": "> {it}",
    "dim": "_{it}_",
    "alone": "{it}",
    "twice": "{it}\n\n{it} and {brand}",
    "lines": "All:\n{lines}\nThat is all.",
    "line": "{label}: {it}",
    "link": "[here](https://desk.example/a?b=c&d) and {it}",
    "label": "A **label**",
    "ask.numbered": "{number} of {total}",
    "ask.numbered_item": "{number} of {total}, {group} {item}",
    "ask.back": "Back",
    "ask.current": "Now it says: {current}",
    "field.name.ask": "First a word.\nWhat is the name?",
    "field.name.ask_again": "what is the name?",
    "question.source": "_Source: {source}_",
    "buttons.nth": "{label} {item}",
}


def renderer(**more: str) -> Renderer:
    language = Language("en", "English", {**WORDS, **more}, {})
    return Renderer(Wording({"en": language}), {"brand": "the brand"})


def said(key: str, **values: str | Term | Lines) -> tuple[Block, ...]:
    message = renderer().message("en", (Say(key, values),))
    assert message is not None
    return message.blocks


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return ["".join(span.text for span in block.spans) for block in blocks]


# What is typed


@pytest.mark.parametrize("key", ["plain", "strong", "struck", "item", "quote", "dim", "alone"])
@given(text=TEXTS)
def test_a_persons_words_are_one_span_with_the_style_around_them(key: str, text: str) -> None:
    """The same spans as for an innocent word: nothing in the text added or changed any."""
    mine, innocent = (said(key, it=it, was="before") for it in (text, "\ufffcword\ufffc"))
    marked = [
        Block(
            tuple(Span(s.text.replace("\ufffcword\ufffc", text), s.style, s.url) for s in b.spans),
            b.kind,
            b.gap,
        )
        for b in innocent
    ]
    assert list(mine) == marked


@given(text=TEXTS)
def test_a_placeholder_in_a_persons_words_is_not_filled(text: str) -> None:
    first, last = said("twice", it=text)
    assert texts((first,)) == [text]
    assert texts((last,)) == [f"{text} and the brand"]


@given(text=TEXTS)
def test_a_persons_words_in_a_summary_stay_on_their_line(text: str) -> None:
    lines = Lines((Say("line", {"label": Term("label"), "it": text}), Say("item", {"it": text})))
    blocks = said("lines", lines=lines)
    assert texts(blocks) == ["All:", f"A label: {text}", text, "That is all."]
    assert [block.kind for block in blocks] == ["text", "text", "item", "text"]


@given(text=TEXTS)
def test_an_old_answer_in_a_question_is_shown_as_it_is(text: str) -> None:
    ask = Ask("name", "name", "full", 2, 9, {"current": text})
    message = renderer().message("en", (ask,))
    assert message is not None
    assert texts(message.blocks) == [
        f"Now it says: {text}",
        "First a word.",
        "2 of 9: What is the name?",
    ]


@given(
    text=TEXTS.filter(lambda text: text.isprintable() and text.strip() != ""),
    key=st.sampled_from(["plain", "strong", "quote", "item", "dim"]),
)
def test_telegram_is_sent_no_entity_that_a_person_typed(text: str, key: str) -> None:
    for payload in compose_telegram(Outgoing(said(key, it=text))):
        shown, entities = parse_html(payload.body["text"])
        styles = {entity["type"] for entity in entities}
        assert styles <= {"strong": {"bold"}, "quote": {"blockquote"}, "dim": {"italic"}}.get(
            key, set()
        )
        assert text.strip() in shown or "\ud800" <= max(text) <= "\udfff"


@given(text=TEXTS, key=st.sampled_from(["plain", "strong", "quote", "item", "dim"]))
def test_slack_is_sent_no_link_and_no_mention_that_a_person_typed(text: str, key: str) -> None:
    for payload in compose_slack(Outgoing(said(key, it=text)), answer_label="Answer"):
        assert payload.body["mrkdwn"] is False
        assert "<" not in payload.body["text"]
        assert '"type": "link"' not in repr(payload.body).replace("'", '"')
        for block in payload.body.get("blocks", []):
            assert block["type"] in {"rich_text", "context"}
            for element in block["elements"]:
                assert element["type"] in {
                    "plain_text",
                    "rich_text_section",
                    "rich_text_list",
                    "rich_text_quote",
                }


@given(text=TEXTS)
def test_a_terminal_shows_no_control_character_that_a_person_typed(text: str) -> None:
    (payload,) = compose_terminal(Outgoing(said("plain", it=f"{text}\x1b[31m\x07")))
    for line in lay_out(payload.body, 80):
        for _, shown in line:
            assert not any(unicodedata.category(char) == "Cc" for char in shown)


# What the words mark up


def test_strong_struck_dim_and_links_of_the_words_are_spans() -> None:
    assert said("strong", it="x") == (Block((Span("You said x", "strong"),)),)
    assert said("struck", it="b", was="a") == (Block((Span("a", "struck"), Span(" is now b"))),)
    assert said("dim", it="x") == (Block((Span("x", "dim"),)),)
    (block,) = said("link", it="x")
    assert block.spans == (
        Span("here", "link", "https://desk.example/a?b=c&d"),
        Span(" and x"),
    )


def test_an_empty_line_is_a_gap_and_marks_at_a_lines_start_are_its_kind() -> None:
    blocks = renderer(text="one\n\ntwo\n- three\n> four").message("en", (Say("text"),))
    assert blocks is not None
    assert [(block.kind, block.gap) for block in blocks.blocks] == [
        ("text", False), ("text", True), ("item", False), ("quote", False),
    ]  # fmt: skip


def test_all_that_is_said_in_a_turn_is_one_message_its_last_buttons_first() -> None:
    first = Say("plain", {"it": "a"}, (Offer("One", Choice("order", "help")),))
    ask = Ask("name", "name", "short", 2, 9, {}, (Offer("Two", Choice("order", "skip")),))
    message = renderer().message("en", (first, ask))
    assert message is not None
    assert texts(message.blocks) == ["You said a.", "Back, 2 of 9: what is the name?"]
    assert [button.label for button in message.buttons] == ["Two", "One"]
    assert (message.prompt, message.said, message.said_buttons) == (True, 1, (1,))
    assert renderer().message("en", ()) is None


def test_what_is_said_last_is_no_prompt_whatever_was_asked_before_it() -> None:
    ask = Ask("name", "name", "short", 2, 9, {}, (Offer("Two", Choice("order", "skip")),))
    message = renderer().message("en", (ask, Say("plain", {"it": "a"})))
    assert message is not None
    assert not message.prompt
    menu = renderer().message("en", (Say("plain", {"it": "a"}, prompt=True), ask))
    assert menu is not None
    assert (menu.prompt, menu.said, menu.said_buttons) == (True, 0, ())


def test_a_question_alone_may_be_superseded() -> None:
    message = renderer().message("en", (Ask("name", "name", "full", 0, 0),))
    assert message is not None
    assert (message.prompt, message.said) == (True, 0)
    assert texts(message.blocks) == ["First a word.", "What is the name?"]


def test_a_button_is_there_once_and_its_label_is_one_short_line() -> None:
    same = Choice("order", "change", "locations.2")
    values: dict[str, Value] = {"label": Term("label"), "item": "2"}
    offers = (
        Offer(Term("buttons.nth"), same, values),
        Offer("Again", same),
        Offer("a title\nof many words that goes on and on and on", Choice("article", "a")),
    )
    buttons = renderer().buttons("en", offers)
    assert [button.label for button in buttons[:1]] == ["A label 2"]
    assert len(buttons) == 2
    assert len(buttons[1].label) == LABEL_LIMIT
    assert "\n" not in buttons[1].label


def test_an_article_keeps_its_markup_and_names_its_source_in_dim() -> None:
    found = Found(
        "a", "1", "A", "A", "**Yes**, see [it](https://a.example).\n\n- one", "Part, B1", (), 1.0
    )
    message = renderer().message("en", (Cite(found),))
    assert message is not None
    assert message.blocks[0].spans[0] == Span("Yes", "strong")
    assert message.blocks[0].spans[2] == Span("it", "link", "https://a.example")
    assert message.blocks[-1].spans == (Span("Source: Part, B1", "dim"),)


def test_a_language_that_is_not_there_is_answered_in_english() -> None:
    assert renderer().text("xx", "plain", {"it": "a"}) == "You said a."


def test_a_value_that_is_an_entry_is_marked_up_as_the_words_say() -> None:
    assert said("plain", it=Term("label")) == (
        Block((Span("You said A "), Span("label", "strong"), Span("."))),
    )


def test_every_entry_of_the_words_renders() -> None:
    """With a naughty text in each place, none is taken apart."""
    words = house().script.wording.language("en")
    for key in words.texts:
        values = dict.fromkeys(
            ("value", "label", "typed", "text", "question", "was", "current"), "**{brand}** <b>"
        )
        blocks = house().renderer.say("en", key, values)
        for block in blocks:
            for span in block.spans:
                assert span.style == "link" or "**" not in span.text.replace("**{brand}** <b>", "")
