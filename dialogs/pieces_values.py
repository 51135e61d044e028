"""The values that stand behind labels, each read as its field's kind wants it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from dialogs.countries import named
from dialogs.pieces_labelled import Mark, marks_of
from dialogs.pieces_lines import Line
from dialogs.pieces_page import CONTACTS, Found, Page, company, people, place, shut

Span = tuple[int, int]
LEADING = 8
"""words at most that lead to a value: "and the phone number of the shop is" """
ADDRESS_LINES = 7
"""of one address at most"""


def labelled(page: Page, open_name: str) -> tuple[list[Found], list[Found], list[Span]]:
    """(the values, those of a signature, the stretches that labels and their values use up)."""
    marks = marks_of(page.text, page.lines, page.words, page.vocabulary)
    found: list[Found] = []
    signed: list[Found] = []
    taken: list[Span] = []
    for nth, mark in enumerate(marks):
        limit = marks[nth + 1].start if nth + 1 < len(marks) else len(page.text)
        values, end = _values(page, mark, limit, open_name)
        if page.lines[mark.line].part == "signature":
            contacts = [v for v in values if page.kind(v.name) in CONTACTS]
            signed += [replace(v, sure=False) for v in contacts]
        else:
            found += values
        if values or mark.label.names or mark.label.part or end > mark.at:
            taken.append((mark.start, max(end, mark.stop)))
    return _untitled(page, found), signed, taken


def _untitled(page: Page, found: list[Found]) -> list[Found]:
    """Without the names of places: "Location 1: Central", with its address on the line below."""
    places = [f for f in found if page.kind(f.name) == "address"]
    titles: list[Found] = []
    for one, after in pairwise(places):
        told = [any(ch.isdigit() for ch in page.text[f.start : f.end]) for f in (one, after)]
        labels = [f.label.strip("0123456789 .#").casefold() for f in (one, after)]
        if told == [False, True] and labels[0] != labels[1] and not after.part:
            titles.append(one)
    return [f for f in found if f not in titles]


def _values(page: Page, mark: Mark, limit: int, open_name: str) -> tuple[list[Found], int]:
    line = page.lines[mark.line]
    if mark.label.part and not mark.label.names:
        name = next((n for n in page.form.fields if page.kind(n) == "address"), "")
        start, end = page.trim(mark.at, min(limit, line.end))
        label = page.text[mark.start : mark.stop]
        good = start < end and bool(name)
        return ([Found(name, start, end, label, part=True)] if good else []), min(limit, line.end)
    if not mark.label.names:
        known = page.vocabulary.label(page.within(mark.start, mark.stop))
        return [], min(limit, line.end) if known is not None else mark.at
    names = mark.label.names
    name = open_name if open_name in names else names[0]
    spans = list(_stretch(page, mark, limit, page.kind(name)))
    if not spans:
        return [], mark.at
    label = page.text[mark.start : mark.stop]
    made = Found(name, 0, 0, label, mark.sure, mark.label.number)
    found: list[Found] = []
    for start, end in spans:
        each = replace(made, number=0) if len(spans) > 1 and page.kind(name) == "address" else made
        found += _read(page, each, start, end)
    if page.kind(name) == "address" and page.lines[mark.line].quoted:
        found = [_country_alone(page, f) for f in found]
        first = [f for f in found if f.name == name]
        found = [replace(f, part=f in first[1:]) for f in found]
    end = spans[-1][1]
    if page.kind(name) in CONTACTS:
        end = max((f.end for f in found), default=mark.at)
    return found, end


def _stretch(page: Page, mark: Mark, limit: int, kind: str) -> Iterator[Span]:
    """Where the value may stand: the rest of the line, or lines below."""
    nth = mark.line
    end = _stop(page, mark.at, min(limit, page.lines[nth].end), kind)
    if page.text[mark.at : end].strip(" \t*_"):
        first = (mark.at, end)
    else:
        nth += 1
        if nth < len(page.lines) and page.lines[nth].empty:
            nth += 1
        if nth >= len(page.lines) or not _goes_on(page, nth, limit):
            return
        first = (page.lines[nth].start, min(limit, page.lines[nth].end))
    below = (
        list(_below(page, nth + 1, limit, kind)) if kind in ("address", "person", "text") else []
    )
    head = page.lines[nth]
    if kind == "text":
        yield first[0], below[-1][1] if below else first[1]
        return
    bullets = head.bullet and nth != mark.line
    if kind == "person" and not bullets:
        below = []
    if kind == "address" and bullets:
        below = [span for span, own in zip(below, _own(page, below), strict=True) if own.bullet]
    if bullets or head.quoted or kind == "person":
        yield first
        yield from below
    elif below:
        yield first[0], below[-1][1]
    else:
        yield first


def before_label(page: Page, start: int, at: int) -> int:
    """Where the words begin that lead to what stands at ``at``: "and our phone is 0113 ..."."""
    words, known = page.within(start, at), page.vocabulary
    left, furthest = len(words), len(words) - LEADING
    while left > max(furthest, 0):
        for size in (3, 2, 1):
            key = " ".join(word.key for word in words[max(left - size, 0) : left])
            lists = (
                known.labels,
                known.lists["copulas"],
                known.lists["around"],
                known.lists["and"],
            )
            if size <= left and any(key in phrases for phrases in lists):
                left -= size
                break
        else:
            break
    return words[left].start if left < len(words) else at


def _country_alone(page: Page, found: Found) -> Found:
    """A line of an address that is a country's name is the country."""
    if not named(page.text[found.start : found.end], page.language.code):
        return found
    return replace(found, name=page.beside(found.name, "country"), label="")


def _stop(page: Page, start: int, end: int, kind: str) -> int:
    """Where a name on this line ends: before a new sentence that tells of something else."""
    if kind in ("address", "text", *CONTACTS):
        return end
    for shape in page.shaped(start + 1, end):
        if shape.plain:
            end = before_label(page, start, shape.start)
            break
    words = page.within(start, end)
    for nth, word in enumerate(words):
        stops = nth and word.opens and word.gap.startswith(".") and len(words) - nth > 2
        if stops and page.vocabulary.has("breaks", words, nth):
            return shut(page, start, words[nth - 1].end)
    before = page.text[start:end].rstrip()
    follows = any(line.start < end < line.end for line in page.lines)
    return shut(page, start, words[-1].end) if follows and before.endswith(".") and words else end


def _own(page: Page, spans: Sequence[Span]) -> list[Line]:
    return [next(line for line in page.lines if line.start == start) for start, _ in spans]


def _below(page: Page, nth: int, limit: int, kind: str) -> Iterator[Span]:
    """The lines that a value goes on over."""
    count = 0
    while nth < len(page.lines) and _goes_on(page, nth, limit):
        line = page.lines[nth]
        if line.empty:
            if kind != "text":
                return
        else:
            alone = page.shape("phone", line.start, line.end)
            if kind == "address" and (
                page.shape("email", line.start, line.end)
                or page.shape("website", line.start, line.end)
                or (alone and not line.bullet and alone.plain)
                or count >= ADDRESS_LINES
            ):
                return
            if kind == "person" and not line.bullet:
                return
            count += 1
            yield line.start, line.end
        nth += 1


def _goes_on(page: Page, nth: int, limit: int) -> bool:
    line = page.lines[nth]
    return line.part == "body" and line.end <= limit and line.start < max(limit, 1)


def _read(page: Page, made: Found, start: int, end: int) -> Iterator[Found]:
    kind, name = page.kind(made.name), made.name
    start, end = page.trim(start, end)
    if start >= end or not page.within(start, end):
        return
    if page.says_none(start, end):
        yield replace(made, start=start, end=end)
    elif kind in CONTACTS:
        shape = page.shape(kind, start, end)
        if shape is not None:
            yield replace(made, start=shape.start, end=shape.end, sure=True)
    elif kind == "address":
        digits = any(ch.isdigit() for ch in page.text[start:end])
        yield from _placed(page, replace(made, sure=made.sure or digits), start, end)
    elif not made.sure:  # "Owner - Operated Repairs" is a name
        return
    elif kind == "person":
        for first, last in people(page, start, end):
            yield replace(made, start=first, end=last)
    elif kind == "company":
        for other, first, last in company(page, name, start, end):
            yield replace(made, name=other, start=first, end=last)
    else:
        yield replace(made, start=start, end=end)


def _placed(page: Page, made: Found, start: int, end: int) -> Iterator[Found]:
    """An address with the country and the phone that stand behind it."""
    called = next((s for s in page.shaped(start + 1, end) if s.kind == "phone" and s.plain), None)
    phone = None
    if called is not None:
        at = before_label(page, start, called.start)
        label = page.text[at : called.start].strip(" .:,(-\u2013\u2014|\t\n")
        name = page.beside(made.name, "phone")
        phone = Found(name, called.start, called.end, label, True, made.number)
        end = at
    (start, end), country = place(page, start, page.trim(start, end)[1])
    if start < end:
        yield replace(made, start=start, end=end)
    if country is not None:
        first, last, sure = country
        other = page.beside(made.name, "country")
        yield replace(made, name=other, start=first, end=last, label="", sure=made.sure and sure)
    if phone is not None:
        yield phone
