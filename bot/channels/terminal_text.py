"""From ``Outgoing`` to what a terminal shows: composed as JSON, laid out to lines of styled text.

Pure, and no terminal library here. What anybody wrote is made harmless when it is laid out: a
control character becomes a visible sign, so that no text can move the cursor, recolour the screen
or read the keyboard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from bot.messages import Block, Outgoing, Payload, Span, indexed

Piece = tuple[str, str]
"""(style, text); the style is a ``bot.messages.Style`` or "button" """
Line = tuple[Piece, ...]

WIDEST = 80
"""columns; longer lines are hard to read on a wide screen"""
NARROWEST = 20

_MARKS = {"item": ("- ", "  "), "quote": ("> ", "> "), "text": ("", "")}
"""kind of block -> what its first line starts with, and each of the others"""
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_WORDS = re.compile(r"[^ \n]+| +|\n")


def compose(outgoing: Outgoing) -> tuple[Payload, ...]:
    """One payload; nothing is ever too long for a terminal.

    Its body: ``lines``, each with ``kind``, ``gap`` and ``spans`` [style, text, address];
    ``buttons``, their labels in order; ``picks``, the index of each; ``free``: a bare number is
    an answer and picks nothing.
    """
    lines = [
        {
            "kind": block.kind,
            "gap": block.gap,
            "spans": [[span.style, span.text, span.url] for span in block.spans],
        }
        for block in outgoing.blocks
    ]
    labels = [button.label for button in outgoing.buttons]
    plain = {"text": "\n".join(_bare(block) for block in outgoing.blocks), "buttons": labels}
    picks = [index for index, _ in indexed(outgoing.buttons)]
    body = {"lines": lines, "buttons": labels, "picks": picks, "free": outgoing.free}
    return (Payload(body, plain),)


def lay_out(body: dict[str, Any], width: int | None) -> Iterator[Line]:
    """The lines of a composed body, broken between words at ``width`` columns; None: never."""
    room = None if width is None else max(NARROWEST, min(width, WIDEST))
    for n, line in enumerate(body["lines"]):
        if line["gap"] and n:
            yield ()
        first, other = _MARKS[line["kind"]]
        pieces = [piece for span in line["spans"] for piece in _shown(*span)]
        yield from _wrapped(pieces, room, first, other)
    yield from _buttons(body["buttons"], room)


def harmless(text: str) -> str:
    """The text with every character that a terminal would obey replaced by one that is seen."""
    return _UNSEEN.sub(_sign, _BREAKS.sub("\n", text))


def columns(text: str) -> int:
    """How many columns the text takes: wide letters two, joined marks none."""
    return sum(
        0 if unicodedata.category(c) in {"Mn", "Me", "Cf"} else 1 + _is_wide(c) for c in text
    )


def plain_text(line: Line) -> str:
    """A line without colours: what was struck out keeps its marks."""
    return "".join(f"~{text}~" if style == "struck" else text for style, text in line)


def _bare(block: Block) -> str:
    text = "".join(text for span in block.spans for _, text in _shown(*_parts(span)))
    return _MARKS[block.kind][0] + text


def _parts(span: Span) -> tuple[str, str, str]:
    return span.style, span.text, span.url


def _shown(style: str, text: str, url: str) -> Iterator[Piece]:
    yield style, harmless(text)
    if style == "link" and url and url != text:
        yield "dim", f" ({harmless(url)})"


def _sign(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\t":
        return "    "
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode's pictures of the control characters
    return "\u2421" if code == 0x7F else "\ufffd"


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"}


def _buttons(labels: Sequence[str], room: int | None) -> Iterator[Line]:
    """``1) Yes  2) No``: numbered from 1; a button stays in one piece where it can."""
    if not labels:
        return
    yield ()
    line: list[Piece] = []
    used = 0
    for n, label in enumerate(labels, 1):
        button = f"{n}) {harmless(label)}".replace("\n", " ")
        size = columns(button)
        if line and room is not None and used + 2 + size > room:
            yield tuple(line)
            line, used = [], 0
        if line:
            line.append(("plain", "  "))
            used += 2
        line.append(("button", button))
        used += size
    yield tuple(line)


def _wrapped(pieces: Sequence[Piece], room: int | None, first: str, other: str) -> Iterator[Line]:
    """Broken where the text breaks, between words, and inside a word that is wider than a line."""
    line: list[Piece] = [("plain", first)] if first else []
    used = start = columns(first)
    gap: list[Piece] = []
    """the spaces before the next word: dropped where the line breaks"""
    for word in _words(pieces):
        text = word[0][1]
        if text == "\n":
            yield _joined(line)
            line, gap = ([("plain", other)] if other else []), []
            used = start = columns(other)
            continue
        if text.isspace():
            gap += word
            continue
        size = _size(word)
        if room is not None and used + _size(gap) + size > room and used > start:
            yield _joined(line)
            line, gap = ([("plain", other)] if other else []), []
            used = start = columns(other)
        line += gap
        used, gap = used + _size(gap), []
        for style, part in word:
            while room is not None and used + columns(part) > room:
                head, part = _cut(part, room - used, used == start)  # noqa: PLW2901 - eaten up
                yield _joined([*line, (style, head)])
                line = [("plain", other)] if other else []
                used = start = columns(other)
            line.append((style, part))
            used += columns(part)
    yield _joined(line)


def _size(pieces: Sequence[Piece]) -> int:
    return sum(columns(text) for _, text in pieces)


def _joined(pieces: Sequence[Piece]) -> Line:
    """With neighbours of one style as one piece."""
    runs = groupby(pieces, lambda piece: piece[0])
    return tuple((style, "".join(text for _, text in run)) for style, run in runs)


def _words(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Words, runs of spaces and line breaks; a word may go on from one piece into the next."""
    word: list[Piece] = []
    for style, text in pieces:
        for match in _WORDS.finditer(text):
            if not match[0].isspace():
                word.append((style, match[0]))
                continue
            if word:
                yield word
            word = []
            yield [(style, match[0])]
    if word:
        yield word


def _cut(word: str, room: int, some: bool) -> tuple[str, str]:
    """As much as fits, and the rest; with ``some`` at least one character."""
    used = 0
    for n, character in enumerate(word):
        used += columns(character)
        if used > room and not (some and n == 0):
            return word[:n], word[n:]
    return word, ""
