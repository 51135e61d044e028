"""An ``Outgoing`` as calls of chat.postMessage: Block Kit as plain dicts, no SDK.

Every text stands in a rich_text block (dim lines in a context block, as plain_text). Neither has
any markup: a ``*``, ``<!channel>`` or ``&amp;`` that somebody typed is shown as it was typed.
Slack's mrkdwn could not do that, because it has no escape for ``* _ ~ ` ``. The top-level ``text``,
which notifications and screen readers use, is escaped and sent with ``mrkdwn: false``.

Limits (Slack's Block Kit reference; the last one from a field report): 50 blocks a message, 25
elements an actions block, 75 characters a label, 3,000 a text, some 13,200 for all blocks together.
A text counts here as at least the longest of its forms on the wire: JSON, or escaped, in UTF-16.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from bot.messages import Block, Outgoing, Payload, Span, indexed

Json = dict[str, Any]

PIECE = 2_900
"""most of one block of ours: a text object takes 3,000"""
MESSAGE = 12_000
"""most of all blocks of one message, as JSON"""
PIECES = 40
"""most blocks of ours in one message: each becomes at most one of Slack's 50"""
ROW = 5
"""buttons beside each other: a phone shows no more"""
LABEL = 75
ANSWER_ACTION = "answer"
ANSWER_VIEW = "frontdesk-answer"
ANSWER_BLOCK = "reply"
ANSWER_INPUT = "text"
_STYLES = {"strong": "bold", "dim": "italic", "struck": "strike"}
_PERSON = re.compile(r"slack:([UW][A-Z0-9]+)")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True)
class SlackWords:
    """The sentences that only Slack needs, from ``words/*.toml``; ValueError where one does not
    fit its place."""

    answer: str
    """the button on a staff card, at most 75 characters"""
    title: str
    """of the form behind it, at most 24"""
    label: str
    """of its field: says that what is written goes to the applicant"""
    submit: str
    """at most 24"""
    cancel: str
    """at most 24"""
    refused: str
    """instead of the form, to somebody who is not in the staff channel"""
    see_dm: str
    """to somebody who gave /apply in a channel: the talk goes on in private"""
    note: str = ""
    """above a page that only says something, at most 24; empty: ``title``"""

    def __post_init__(self) -> None:
        for name, most in (("answer", LABEL), ("title", 24), ("submit", 24), ("cancel", 24)):
            if not 1 <= len(getattr(self, name)) <= most:
                raise ValueError(f"{name}: Slack takes 1 to {most} characters there")


def compose(
    outgoing: Outgoing, *, answer_label: str = "\N{LEFTWARDS ARROW WITH HOOK}"
) -> tuple[Payload, ...]:
    """One payload a message, in order; the buttons are under the last one.

    ``answer_label``: what stands on a staff card's button (``SlackWords.answer``).
    """
    actions = actions_of(outgoing, answer_label)
    blocks = [block for block in outgoing.blocks if _says(block)]
    pages = _pages(blocks, room=MESSAGE - _size(actions))
    labels = " | ".join(button.label for button in outgoing.buttons)
    payloads = []
    for number, page in enumerate(pages, start=1):
        last = number == len(pages)
        text = fallback(page) or labels.translate(_ESCAPES)
        plain = {
            "text": text,
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        sent = [*render(page), *(actions if last else [])]
        payloads.append(Payload({**plain, "blocks": sent} if sent else plain, plain))
    return tuple(payload for payload in payloads if payload.plain["text"])


def filled(body: Json, row: int) -> Json:
    """``body`` with the row's id in its buttons: ``":0"`` becomes ``"812:0"``."""
    blocks = [
        {**block, "elements": [_named(element, row) for element in block["elements"]]}
        if block["type"] == "actions"
        else block
        for block in body.get("blocks", ())
    ]
    return {**body, "blocks": blocks} if blocks else body


def short(text: str) -> str:
    """Beside blocks, as much of the text as chat.update takes (4,000 bytes, by a field report)."""
    return re.sub(r"&[a-z]{0,3}$", "", text[:1000]) if len(text) > 1000 else text


def answer_form(words: SlackWords, metadata: str) -> Json:
    """The modal behind [Answer]; ``metadata`` comes back with its submission."""
    field = {"type": "plain_text_input", "action_id": ANSWER_INPUT, "multiline": True}
    return {
        "type": "modal",
        "callback_id": ANSWER_VIEW,
        "private_metadata": metadata,
        "title": _plain_text(words.title),
        "submit": _plain_text(words.submit),
        "close": _plain_text(words.cancel),
        "blocks": [
            {
                "type": "input",
                "block_id": ANSWER_BLOCK,
                "label": _plain_text(words.label),
                "element": {**field, "max_length": 3000},
            }
        ],
    }


def note_view(words: SlackWords, text: str) -> Json:
    """The modal's last page, where there is something to say instead of closing it."""
    return {
        "type": "modal",
        "title": _plain_text(words.note or words.title),
        "blocks": [{"type": "section", "text": _plain_text(text[:PIECE])}],
    }


def fallback(blocks: Sequence[Block]) -> str:
    """The blocks as one text, escaped, for where Slack shows no blocks."""
    lines: list[str] = []
    for block in blocks:
        text = "".join(_shown(span) for span in block.spans)
        if block.kind == "item":
            text = f"• {text}"
        elif block.kind == "quote":
            text = "\n".join(f"> {line}" for line in text.split("\n"))
        lines += ["", text] if block.gap and lines else [text]
    return "\n".join(lines).strip("\n").translate(_ESCAPES)


def render(blocks: Sequence[Block]) -> list[Json]:
    """Slack's blocks. A gap begins a new one: Slack keeps a distance between blocks."""
    rendered: list[Json] = []
    for dim, run in _runs([block for block in blocks if _says(block)]):
        if dim:
            text = "\n".join("".join(_shown(span) for span in block.spans) for block in run)
            rendered.append({"type": "context", "elements": [_plain_text(text)]})
        else:
            rendered.append({"type": "rich_text", "elements": list(_rich(run))})
    return rendered


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[bool, list[Block]]]:
    """(is it dim, blocks that share one block of Slack's)."""
    run: list[Block] = []
    used = 0
    for block in blocks:
        weight = sum(_weight(span.text) for span in block.spans)
        full = used + weight > PIECE
        if run and (full or block.gap or _dim(block) or _dim(run[-1])):
            yield _dim(run[-1]), run
            run, used = [], 0
        run.append(block)
        used += weight
    if run:
        yield _dim(run[-1]), run


def _rich(run: Sequence[Block]) -> Iterator[Json]:
    for kind, group in groupby(run, key=lambda block: block.kind):
        blocks = list(group)
        if kind == "item":
            sections = [
                {"type": "rich_text_section", "elements": _elements([block])} for block in blocks
            ]
            yield {"type": "rich_text_list", "style": "bullet", "elements": sections}
        else:
            name = "rich_text_quote" if kind == "quote" else "rich_text_section"
            yield {"type": name, "elements": _elements(blocks)}


def _elements(blocks: Sequence[Block]) -> list[Json]:
    """The spans of some lines, with line breaks between."""
    elements: list[Json] = []
    for block in blocks:
        if elements:
            elements.append({"type": "text", "text": "\n"})
        elements += [_element(span) for span in block.spans if span.text or span.url]
    return elements


def _element(span: Span) -> Json:
    if span.style == "link" and _linkable(span.url):
        return {"type": "link", "url": span.url, "text": span.text or span.url}
    if span.style == "mention" and (found := _PERSON.fullmatch(span.url)):
        return {"type": "user", "user_id": found[1]}
    if span.style in _STYLES:
        return {"type": "text", "text": span.text, "style": {_STYLES[span.style]: True}}
    return {"type": "text", "text": _shown(span)}


def _shown(span: Span) -> str:
    """A span where there are no links."""
    if span.style == "link" and span.url and span.url != span.text:
        return f"{span.text} ({span.url})" if span.text else span.url
    return span.text


def _linkable(url: str) -> bool:
    return url.startswith(("https://", "http://", "mailto:"))


def _says(block: Block) -> bool:
    return any(span.text.strip() or span.url for span in block.spans)


def _dim(block: Block) -> bool:
    return block.kind == "text" and all(
        span.style == "dim" for span in block.spans if span.text.strip()
    )


def actions_of(outgoing: Outgoing, answer_label: str = "") -> list[Json]:
    """The buttons, in rows; ``answer_label``: only of a staff card's."""
    buttons = [
        _button(f"pick-{index}", button.label, f":{index}")
        for index, button in indexed(outgoing.buttons)
    ]
    if outgoing.answer_to:
        buttons.append(_button(ANSWER_ACTION, answer_label, f"answer:{outgoing.answer_to}"))
    return [
        {"type": "actions", "elements": buttons[start : start + ROW]}
        for start in range(0, len(buttons), ROW)
    ]


def _button(action: str, label: str, value: str) -> Json:
    text = _plain_text(label[:LABEL])
    return {"type": "button", "action_id": action, "text": text, "value": value}


def _named(element: Json, row: int) -> Json:
    value = element.get("value", "")
    return {**element, "value": f"{row}{value}"} if value.startswith(":") else element


def _plain_text(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def _pages(blocks: Sequence[Block], *, room: int) -> list[list[Block]]:
    """The blocks by message; there is always one, and the last fits in ``room`` beside the
    buttons."""
    pages: list[list[Block]] = [[]]
    used = 0
    for piece in (piece for block in blocks for piece in _pieces(block)):
        size = _size(render([piece]))
        if pages[-1] and (used + size > room or len(pages[-1]) == PIECES):
            pages.append([])
            used = 0
        pages[-1].append(piece)
        used += size
    return pages


def _pieces(block: Block) -> Iterator[Block]:
    """The block, cut where it is too long for one of Slack's: at a line's or a word's end if
    there is one in the last half. Not a character is lost or added."""
    spans: list[Span] = []
    room, gap = PIECE, block.gap
    for span in block.spans:
        rest = span
        while (end := _fits(rest.text, room)) < len(rest.text):
            if end:
                spans.append(replace(rest, text=rest.text[:end]))
            yield replace(block, spans=tuple(spans), gap=gap)
            spans, room, gap = [], PIECE, True
            rest = replace(rest, text=rest.text[end:])
        spans.append(rest)
        room -= _weight(rest.text)
    yield replace(block, spans=tuple(spans), gap=gap)


def _fits(text: str, room: int) -> int:
    """How many characters of the text go into the room."""
    if _weight(text) <= room:
        return len(text)
    most = bisect_right(range(len(text)), room, key=lambda end: _weight(text[:end])) - 1
    for end in ("\n", " "):
        found = text.rfind(end, most // 2, most)
        if found >= 0:
            return found + 1
    return max(0, most)


def _weight(text: str) -> int:
    """At least as much as any form of the text on the wire."""
    return len(json.dumps(text, ensure_ascii=False)) - 2 + _swelling(text)


def _size(blocks: Sequence[Json]) -> int:
    """The same of Slack's blocks."""
    text = json.dumps(blocks, ensure_ascii=False) if blocks else ""
    return len(text) + _swelling(text)


def _swelling(text: str) -> int:
    """What is added to its length by UTF-16 and by escaping."""
    wide = len(text.encode("utf-16-le", "surrogatepass")) // 2 - len(text)
    return wide + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
