"""Labelled text: "Legal name: Acme Ltd", "Phone - 0113 ...", a label on a line of its own.

``marks_of`` finds where values begin and which field the words before them name. A mark without
names ends the value before it: "VAT number: 123".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialogs.pieces_lines import Line
from dialogs.pieces_words import Label, Vocabulary, Word

_COLON = re.compile(r"[:\uff1a=](?!//)[>=]?")
_WEAK = re.compile(r"[ ]?\t+|[ ]{2,8}|[ ]?(?:--?|[\u2013\u2014|\u2192]|->|=>)[ \t]")
_BREAK = re.compile(r"[,;|(\t\u2022\u00b7/]| [-\u2013\u2014] |[.!?] ")
_HINT = re.compile(r"\([^()\n]{0,60}\)[\s*_]*$")
MOST_COLONS = 40
"""of one line that are looked at"""
STRANGE_WORDS = 6
"""words before a colon that may be a label that is not ours"""
SHORTEST = 3
"""letters of a label without a mark behind it: "T" alone on a line is none"""
TABLE = 3
"""fields whose labels open lines, from which on a text is a table without marks"""


@dataclass(frozen=True, slots=True)
class Mark:
    start: int
    """where the words that name the field begin"""
    stop: int
    """where these words end"""
    at: int
    """where the value may begin"""
    label: Label
    line: int
    """index of its line"""
    alone: bool = False
    """whether nothing follows the label on its line"""
    sure: bool = True
    heading: bool = False
    """a label on a line of its own and without a colon"""


def marks_of(
    text: str, lines: Sequence[Line], words: Sequence[Word], vocabulary: Vocabulary
) -> list[Mark]:
    found: list[Mark] = []
    loose: list[Mark] = []
    first = 0
    for nth, line in enumerate(lines):
        while first < len(words) and words[first].start < line.start:
            first += 1
        last = first
        while last < len(words) and words[last].start < line.end:
            last += 1
        own = words[first:last]
        first = last
        if line.part == "header" or not own:
            continue
        marks = list(_colons(text, nth, line, own, vocabulary))
        if not marks:
            mark = _dashed(text, nth, line, own, vocabulary, len(lines) > 1)
            if mark is None and len(lines) > 1 and _may_head(text, line):
                mark = _heading(nth, line, own, vocabulary)
            if mark is not None:
                marks = [mark]
            elif line.part == "body" and (mark := _opening(nth, line, own, vocabulary)):
                loose.append(mark)
        found += marks
    told = {mark.label.names[0] for mark in loose}
    if len(told) >= TABLE:
        found = sorted([*found, *loose], key=lambda mark: mark.start)
    return found


def _colons(
    text: str, nth: int, line: Line, own: Sequence[Word], vocabulary: Vocabulary
) -> Iterator[Mark]:
    begin, marked = line.start, False
    for count, colon in enumerate(_COLON.finditer(text, line.start, line.end)):
        if count == MOST_COLONS:
            return
        if _between_digits(text, colon.start()):
            continue
        cut = begin
        for match in _BREAK.finditer(text, begin, colon.start()):
            cut = match.end() if match.end() <= colon.start() else cut
        mark = None
        for start in dict.fromkeys((begin, cut)):
            head = [w for w in own if start <= w.start and w.end <= colon.start()]
            mark = mark or _named(text, nth, line, head, colon, vocabulary)
        if mark is None and marked:
            head = [w for w in own if cut <= w.start and w.end <= colon.start()]
            mark = _suffix(nth, line, head, colon, vocabulary)
        if mark is None:
            head = [w for w in own if cut <= w.start and w.end <= colon.start()]
            aside = marked and text[cut - 1] in ",;"  # "see our site; in short: repairs"
            if not head or len(head) > STRANGE_WORDS or aside or (cut == begin and marked):
                continue
            mark = Mark(head[0].start, head[-1].end, colon.end(), Label(()), nth)
        yield mark
        begin, marked = colon.end(), True


def _named(
    text: str, nth: int, line: Line, head: Sequence[Word], colon: re.Match[str],
    vocabulary: Vocabulary,
) -> Mark | None:  # fmt: skip
    label = vocabulary.label(head, slips=True)
    hint = _HINT.search(text, head[0].start, colon.start()) if head else None
    if label is None and hint is not None:
        head = [w for w in head if w.end <= hint.start()]
        label = vocabulary.label(head, slips=True)
    if label is None:
        return None
    alone = not text[colon.end() : line.end].strip(" \t*_")
    return Mark(head[0].start, head[-1].end, colon.end(), label, nth, alone)


def _suffix(
    nth: int, line: Line, head: Sequence[Word], colon: re.Match[str], vocabulary: Vocabulary
) -> Mark | None:
    """ "+44 113 496 0271 Email: a@b.co": the words right before the colon are a label."""
    for size in range(min(4, len(head) - 1), 0, -1):
        last = head[-size:]
        names = vocabulary.labels.get(" ".join(w.key for w in last))
        if names:
            label = Label(names)
            return Mark(
                last[0].start, last[-1].end, colon.end(), label, nth, colon.end() >= line.end
            )
    return None


def _dashed(
    text: str, nth: int, line: Line, own: Sequence[Word], vocabulary: Vocabulary, block: bool
) -> Mark | None:
    """ "Business phone - +44 ...". In a message of one line a name may hold a dash."""
    for count, dash in enumerate(_WEAK.finditer(text, line.start, line.end)):
        head = [w for w in own if w.end <= dash.start()]
        label = vocabulary.label(head) if head else None
        if label is not None and (label.names or label.part):
            sure = block or len(head) > 1
            return Mark(head[0].start, head[-1].end, dash.end(), label, nth, sure=sure)
        if count == 1 or len(head) > STRANGE_WORDS:
            break
    return None


def _may_head(text: str, line: Line) -> bool:
    """ "- phones" is no heading; "1. Phone" may be one."""
    return not line.bullet or text[: line.start].rstrip()[-1:] in (".", ")")


def _heading(nth: int, line: Line, own: Sequence[Word], vocabulary: Vocabulary) -> Mark | None:
    label = vocabulary.label(own)
    if label is None or own[-1].end - own[0].start < SHORTEST:
        return None
    return Mark(own[0].start, own[-1].end, line.end, label, nth, alone=True, heading=True)


def _opening(nth: int, line: Line, own: Sequence[Word], vocabulary: Vocabulary) -> Mark | None:
    """ "Legal name Acme Ltd": a line that begins with a label and goes on."""
    size = vocabulary.phrase_at(own, 0, vocabulary.labels)
    if not size or size == len(own) or own[size].gap.strip(" \t."):
        return None
    if size == 1 and own[0].key in vocabulary.lists["vague"] | vocabulary.lists["lead_ins"]:
        return None
    if vocabulary.has("copulas", own, size):
        return None
    label = Label(vocabulary.labels[" ".join(w.key for w in own[:size])])
    return Mark(own[0].start, own[size - 1].end, own[size].start, label, nth)


def _between_digits(text: str, at: int) -> bool:
    return text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
