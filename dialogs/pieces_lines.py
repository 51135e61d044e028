"""The lines of a pasted text: what each is, and where its own words begin.

Headers of a forwarded e-mail, the dashes above it and signatures are no part of an application.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dialogs.pieces_words import Vocabulary, Word

Part = Literal["body", "header", "signature"]

_QUOTES = re.compile(r"[ \t\u00a0]*(?:>[ \t\u00a0]*)*")
_BULLET = re.compile(
    r"(?:[*\u2022\u00b7\u25aa\u25cf\u25e6\u2023\u2013\u2014\u2705\u2714\u27a4-]+[ \t]+"
    r"|\(?\d{1,2}[.)](?!\d)[ \t]*|[a-zA-Z][.)][ \t]+)"
)
_COLON = re.compile(r"[:\uff1a]")
_RULE = re.compile(r"[ \t]*[-_=*~\u2013\u2014]{3,}")
_DASHES = re.compile(r"-- ?$|\u2014$|__+$")
CLOSING_WORDS = 5
"""words on a line that closes a letter: "Best regards, Maria" """


@dataclass(frozen=True, slots=True)
class Line:
    start: int
    """of its own words, behind quote marks and a bullet"""
    end: int
    part: Part
    bullet: bool = False
    quoted: bool = False
    """whether quote marks stand before it, so that no span may reach over its start"""

    @property
    def empty(self) -> bool:
        return self.start >= self.end


def lines_of(text: str, vocabulary: Vocabulary, words: list[Word]) -> list[Line]:
    by_line = _split(text, words)
    found: list[Line] = []
    part: Part = "body"
    for start, end, own in by_line:
        here = part
        quotes = _QUOTES.match(text, start, end)
        begin = quotes.end() if quotes else start
        said = text[begin:end].rstrip()
        if (_RULE.match(said) and len(said) > 4) or _is_header(text, own, vocabulary):
            here, part = "header", "body"
        elif _closes(said, own, vocabulary, bool(found)):
            here = part = "signature"
        bullet = _BULLET.match(text, begin, end)
        at = bullet.end() if bullet else begin
        at += len(text[at:end]) - len(text[at:end].lstrip())
        found.append(
            Line(at, begin + len(said), here, bullet is not None, ">" in text[start:begin])
        )
    return found


def _split(text: str, words: list[Word]) -> Iterator[tuple[int, int, list[Word]]]:
    """(start, end, words) of every line."""
    start, nth = 0, 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        first = nth
        while nth < len(words) and words[nth].start < end:
            nth += 1
        yield start, end, words[first:nth]
        start = end + 1


def _is_header(text: str, own: list[Word], vocabulary: Vocabulary) -> bool:
    """ "From: Maria <maria@...>", "On Tuesday, Maria Santos wrote:"."""
    size = vocabulary.has("headers", own, 0)
    if size and _COLON.match(text[own[size - 1].end :].lstrip(" \t*")[:1]):
        return True
    last = own[-1] if own else None
    return bool(last and last.key in vocabulary.lists["quoted"] and _COLON.match(text, last.end))


def _closes(said: str, own: list[Word], vocabulary: Vocabulary, later: bool) -> bool:
    if _DASHES.match(said):
        return True
    size = vocabulary.has("closings", own, 0)
    # "Thanks for your time. We are Acme Ltd" goes on; so does "Best Phones Ltd".
    ends = size and (len(own) == size or not own[size].gap.isspace() or own[0].key == "sent")
    return bool(later and ends and len(own) <= CLOSING_WORDS and ":" not in said)
