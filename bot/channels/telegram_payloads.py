"""From ``Outgoing`` to calls of sendMessage, as plain JSON: escaped, split, with its keyboard.

Markup is Telegram's HTML. Whatever is not ours goes through ``_escape``, so nothing that anybody
types becomes a tag. Texts are cut before they are marked up, so no cut falls inside a tag.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from bot.messages import Block, Button, Outgoing, Payload, Span, indexed

TEXT_LIMIT = 4096
"""UTF-16 code units of the text as shown"""
KEYBOARD_LIMIT = 100
"""buttons of one message"""
LABEL_LIMIT = 40

ROWS = ((3, 9), (2, 15))
"""(buttons in a row, columns of the longest label): the buttons of a row are equally wide, and a
narrow phone shows about 32 columns; a longer label would end in dots. Judged by eye."""

_TAGS = {"strong": "b", "dim": "i", "struck": "s"}
_SENTENCE_END = re.compile(r"(?:[.!?…]+[\"')\]»”’]*\s+|[。！？]+|\n+)")
_SPACE = re.compile(r"\s+")
_PERSON = re.compile(r"telegram:([1-9][0-9]*)")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}  # zero-width joiner, variation selectors


def compose(outgoing: Outgoing) -> tuple[Payload, ...]:
    """One payload an API call; buttons stand under the last. Raises ValueError for no text."""
    parts = [part for part in _parts(outgoing.blocks) if _says_something(part[0])]
    if not parts:
        raise ValueError("a message needs a text")
    *others, last = parts
    payloads = (*(_payload(*part, None) for part in others), _payload(*last, _markup(outgoing)))
    number = outgoing.under.rpartition("/")[2]
    return tuple(_under(one, int(number)) for one in payloads) if number.isdecimal() else payloads


def addressed(body: dict[str, Any], row: int) -> dict[str, Any]:
    """The body with the outbox row's id in its buttons: ``":0"`` -> ``"812:0"``."""
    markup = body.get("reply_markup")
    if not markup or "inline_keyboard" not in markup:
        return body
    rows = [
        [{**key, "callback_data": f"{row}{key['callback_data']}"} for key in keys]
        for keys in markup["inline_keyboard"]
    ]
    return {**body, "reply_markup": {"inline_keyboard": rows}}


def _under(payload: Payload, message: int) -> Payload:
    """As a reply, which is sent all the same where that message is gone."""
    to = {"reply_parameters": {"message_id": message, "allow_sending_without_reply": True}}
    return Payload({**payload.body, **to}, {**payload.plain, **to})


def placed(chat: str, message: str) -> dict[str, Any]:
    """Where a message stands that was sent to this chat, by its stored id (``card_id``)."""
    moved, _, number = message.rpartition("/")
    return {"chat_id": moved or chat, "message_id": int(number)}


def utf16(text: str) -> int:
    """The length in UTF-16 code units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _says_something(blocks: Sequence[Block]) -> bool:
    """A list mark alone is no text to Telegram."""
    return any(span.text and not span.text.isspace() for block in blocks for span in block.spans)


def _payload(blocks: Sequence[Block], plain: str, markup: dict[str, Any] | None) -> Payload:
    # An applicant's website in a summary must not grow a preview of itself.
    rest: dict[str, Any] = {"link_preview_options": {"is_disabled": True}}
    if markup is not None:
        rest["reply_markup"] = markup
    return Payload(
        body={"text": _marked_up(blocks), "parse_mode": "HTML", **rest},
        plain={"text": plain, **rest},
    )


# Text


def _marked_up(blocks: Sequence[Block]) -> str:
    lines = []
    for previous, block, following in _with_neighbours(blocks):
        text = ("• " if block.kind == "item" else "") + "".join(map(_span, block.spans))
        if block.kind == "quote":  # neighbouring lines of a quotation share one bar
            text = text if _goes_on(previous, block) else f"<blockquote>{text}"
            text = text if _goes_on(block, following) else f"{text}</blockquote>"
        lines.append(_gap(previous, block) + text)
    return "".join(lines)


def _plain(blocks: Sequence[Block]) -> str:
    """The same without markup. Never shorter than the marked-up text as shown."""
    lines = []
    for previous, block, _ in _with_neighbours(blocks):
        text = "".join(map(_bare_span, block.spans))
        if block.kind == "item":
            text = f"• {text}"
        elif block.kind == "quote":
            text = "\n".join(f"> {line}" for line in text.split("\n"))
        lines.append(_gap(previous, block) + text)
    return "".join(lines)


def _with_neighbours(
    blocks: Sequence[Block],
) -> Iterator[tuple[Block | None, Block, Block | None]]:
    previous: Block | None = None
    for block, following in zip_longest(blocks, blocks[1:]):
        yield previous, block, following
        previous = block


def _goes_on(block: Block | None, following: Block | None) -> bool:
    return (
        block is not None
        and following is not None
        and block.kind == following.kind == "quote"
        and not following.gap
    )


def _gap(previous: Block | None, block: Block) -> str:
    if previous is None:
        return ""
    return "\n\n" if block.gap else "\n"


def _span(span: Span) -> str:
    text = _escape(span.text)
    if span.style == "link" and span.url:
        url = _escape(span.url).replace('"', "&quot;")
        return f'<a href="{url}">{text}</a>'
    if span.style == "mention" and (found := _PERSON.fullmatch(span.url)):
        return f'<a href="tg://user?id={found[1]}">{text}</a>'
    tag = _TAGS.get(span.style)
    return f"<{tag}>{text}</{tag}>" if tag and text else text


def _bare_span(span: Span) -> str:
    text = _whole(span.text)
    if span.style == "link" and span.url and span.url != text:
        return f"{text} ({_whole(span.url)})"
    return f"~{text}~" if span.style == "struck" and text else text


def _escape(text: str) -> str:
    return html.escape(_whole(text), quote=False)


def _whole(text: str) -> str:
    """Half a surrogate pair cannot be sent as UTF-8."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


# Splitting


def _parts(blocks: Sequence[Block]) -> list[tuple[Sequence[Block], str]]:
    """Blocks that fit one message each, with their plain text, the order kept; a block that fits
    none is cut."""
    whole = _plain(blocks)
    if utf16(whole) <= TEXT_LIMIT:
        return [(blocks, whole)]
    parts: list[list[Block]] = [[]]
    for block in blocks:
        for piece in _pieces(block):
            if parts[-1] and not _fits([*parts[-1], piece]):
                parts.append([])
            parts[-1].append(piece)
    return [(part, _plain(part)) for part in parts]


def _fits(blocks: Sequence[Block]) -> bool:
    # The plain text is what is measured: it too must go through, and it is the longer one.
    return utf16(_plain(blocks)) <= TEXT_LIMIT


def _pieces(block: Block) -> Iterator[Block]:
    """The block itself if it fits; else cut after a sentence, or a word, or where it must be."""
    while not _fits([block]):
        text = "".join(span.text for span in block.spans)
        cut = _cut(text, _longest_beginning(block, len(text)))
        yield replace(block, spans=_sliced(block.spans, 0, cut))
        more = len(text) - len(text[cut:].lstrip())
        rest = "text" if block.kind == "item" else block.kind  # one item, one mark
        block = replace(block, kind=rest, spans=_sliced(block.spans, more, len(text)), gap=False)
    yield block


def _longest_beginning(block: Block, size: int) -> int:
    """How many characters of the block's text fit one message."""
    low, high = 1, size
    while low < high:
        middle = (low + high + 1) // 2
        if _fits([replace(block, spans=_sliced(block.spans, 0, middle))]):
            low = middle
        else:
            high = middle - 1
    return low


def _cut(text: str, most: int) -> int:
    """Where to cut, at most ``most``: a border in the first half would leave a stump."""
    for border in (_SENTENCE_END, _SPACE):
        ends = [match.end() for match in border.finditer(text, 0, most + 1) if match.end() <= most]
        if ends and ends[-1] > most // 2:
            return ends[-1]
    cut = most
    while cut > most - 16 and cut > 1 and (_clings(text[cut]) or text[cut - 1] == "\u200d"):
        cut -= 1
    return cut


def _clings(character: str) -> bool:
    """Belongs to the character before it."""
    return bool(unicodedata.combining(character)) or character in _JOINERS


def _sliced(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """The spans of the characters from ``start`` to ``end``, each with its style."""
    sliced = []
    at = 0
    for span in spans:
        text = span.text[max(start - at, 0) : max(end - at, 0)]
        at += len(span.text)
        if text:
            sliced.append(replace(span, text=text))
    return tuple(sliced)


# Buttons


def _markup(outgoing: Outgoing) -> dict[str, Any] | None:
    """Telegram allows one of them: buttons, or a keyboard that comes, or one that goes."""
    keyboard = outgoing.keyboard
    if outgoing.buttons:
        return {"inline_keyboard": _keyboard(outgoing.buttons)}
    if keyboard is None:
        return None
    if not keyboard.label:
        return {"remove_keyboard": True}
    key = {"text": _label(keyboard.label), "request_contact": True}
    return {"keyboard": [[key]], "resize_keyboard": True, "one_time_keyboard": True}


def _keyboard(buttons: Sequence[Button]) -> list[list[dict[str, str]]]:
    keys = [
        {"text": _label(button.label), "callback_data": f":{index}"}
        for index, button in indexed(buttons[:KEYBOARD_LIMIT])
    ]
    rows = []
    for count in _row_lengths(tuple(key["text"] for key in keys)):
        rows.append(keys[:count])
        keys = keys[count:]
    return rows


@lru_cache(maxsize=1024)
def _row_lengths(labels: tuple[str, ...]) -> tuple[int, ...]:
    """How many buttons each row holds. The same few sets of labels come again and again."""
    counts: list[int] = []
    while labels:
        counts.append(_row_length(labels))
        labels = labels[counts[-1] :]
    return tuple(counts)


def _row_length(labels: Sequence[str]) -> int:
    """How many of the buttons to come share the next row."""
    for count, columns in ROWS:
        fitting = 0
        while fitting < len(labels) and _columns(labels[fitting]) <= columns:
            fitting += 1
        if count == 3 and fitting == 4:
            return 2  # two and two, rather than three and a stray one
        if fitting >= count:
            return count
    return 1


def _columns(text: str) -> int:
    return sum(
        0 if _clings(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


@lru_cache(maxsize=1024)
def _label(text: str) -> str:
    """One line of at most 40 characters, cut after a word."""
    text = _SPACE.sub(" ", _whole(text)).strip()
    if len(text) <= LABEL_LIMIT:
        return text or "…"  # Telegram refuses an empty one, and with it the whole message
    cut = text.rfind(" ", LABEL_LIMIT // 2, LABEL_LIMIT)
    return text[: cut if cut > 0 else LABEL_LIMIT - 1].rstrip(" ,;:") + "…"
