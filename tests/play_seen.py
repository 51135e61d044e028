"""What people see on Telegram and on Slack, turned back into a transcript's lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.messages import Block, Span, Style
from tests.fakes.slack_world import Message as SlackMessage
from tests.fakes.telegram_html import utf16
from tests.fakes.telegram_world import Message as TelegramMessage
from tests.rig import Platform
from tests.transcript import Turn, block_lines

FILES = {
    "voice": "audio/ogg",
    "document": "application/pdf",
    "photo": "image/png",
    "video": "video/mp4",
}
"""what of the media there is on Slack"""
_MARKS: dict[str, Style] = {"bold": "strong", "italic": "dim", "strikethrough": "struck"}


def telegram_lines(message: TelegramMessage) -> list[str]:
    """A text with its entities -> lines."""
    styles: list[tuple[Style, str]] = []
    quoted: list[bool] = []
    for char in message.text:
        styles += [("plain", "")] * utf16(char)
        quoted += [False] * utf16(char)
    for entity in message.entities:
        reach = range(entity["offset"], entity["offset"] + entity["length"])
        for at in reach:
            if entity["type"] in _MARKS:
                styles[at] = (_MARKS[entity["type"]], "")
            elif entity["type"] == "text_link":
                styles[at] = ("link", entity["url"])
            elif entity["type"] == "blockquote":
                quoted[at] = True
    lines: list[str] = []
    at = 0
    for text in message.text.split("\n"):
        spans: list[Span] = []
        began = at
        for char in text:
            style, url = styles[at]
            at += utf16(char)
            if spans and (spans[-1].style, spans[-1].url) == (style, url):
                spans[-1] = replace(spans[-1], text=spans[-1].text + char)
            else:
                spans.append(Span(char, style, url))
        lines += _line(spans, quote=bool(text) and quoted[began])
        at += 1
    return lines


def _line(spans: list[Span], *, quote: bool) -> list[str]:
    if quote:
        return block_lines(Block(tuple(spans), "quote"))
    if spans and spans[0].text.startswith("• "):
        spans[0] = replace(spans[0], text=spans[0].text.removeprefix("• "))
        return block_lines(Block(tuple(spans), "item"))
    return block_lines(Block(tuple(spans)))


def slack_lines(message: SlackMessage) -> list[str]:
    """A message's blocks -> lines, without the distances between blocks, which are Slack's."""
    lines: list[str] = []
    for block in message.blocks:
        if block["type"] == "context":
            texts = [element["text"] for element in block["elements"]]
            lines += [f"_{line}_" for text in texts for line in text.split("\n")]
        elif block["type"] == "rich_text":
            for part in block["elements"]:
                lines += _rich(part)
    return [line for line in lines if line]


def _rich(part: dict[str, Any]) -> list[str]:
    if part["type"] == "rich_text_list":
        items = [Block(_spans(item), "item") for item in part["elements"]]
        return [line for item in items for line in block_lines(item)]
    quote = part["type"] == "rich_text_quote"
    return block_lines(Block(_spans(part), "quote" if quote else "text"))


def _spans(part: dict[str, Any]) -> tuple[Span, ...]:
    spans = []
    for element in part["elements"]:
        style = element.get("style", {})
        if element["type"] == "link":
            spans.append(Span(element["text"], "link", element["url"]))
        elif style.get("bold"):
            spans.append(Span(element["text"], "strong"))
        elif style.get("strike"):
            spans.append(Span(element["text"], "struck"))
        elif style.get("italic"):
            spans.append(Span(element["text"], "dim"))
        else:
            spans.append(Span(element["text"]))
    return tuple(spans)


def on_platform(platform: Platform, turns: tuple[Turn, ...]) -> list[Turn]:
    """The transcript as this platform can have it. Slack sends an album as one message, and knows
    neither stickers, nor locations, nor contact cards."""
    if platform == "telegram":
        return list(turns)
    kept: list[Turn] = []
    for turn in turns:
        if turn.medium != "text" and turn.medium not in FILES:
            continue
        if turn.album and kept and kept[-1].album == turn.album:
            last = kept[-1]
            kept[-1] = replace(
                last,
                text=last.text or turn.text,
                source=(*last.source, *turn.source),
                expected=(*last.expected, *turn.expected),
            )
        else:
            kept.append(turn)
    return kept
