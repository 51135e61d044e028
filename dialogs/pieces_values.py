"""The values that stand behind labels, each read as its field's kind wants it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dialogs.pieces_labelled import Mark, marks_of
from dialogs.pieces_page import CONTACTS, Found, Page, company, people, place

Span = tuple[int, int]
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
    return found, signed, taken


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
        first = [f for f in found if f.name == name]
        found = [replace(f, part=f in first[1:]) for f in found]
    end = spans[-1][1]
    if page.kind(name) in CONTACTS:
        end = max((f.end for f in found), default=mark.at)
    return found, end


def _stretch(page: Page, mark: Mark, limit: int, kind: str) -> Iterator[Span]:
    """Where the value may stand: the rest of the line, or lines below."""
    nth = mark.line
    end = min(limit, page.lines[nth].end)
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


def _own(page: Page, spans: Sequence[Span]) -> list:
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
            yield replace(made, start=shape.start, end=shape.end)
    elif kind == "address":
        yield from _placed(page, made, start, end)
    elif kind == "person":
        for first, last in people(page, start, end):
            yield replace(made, start=first, end=last)
    elif kind == "company":
        for other, first, last in company(page, name, start, end):
            yield replace(made, name=other, start=first, end=last)
    elif made.sure:
        yield replace(made, start=start, end=end)


def _placed(page: Page, made: Found, start: int, end: int) -> Iterator[Found]:
    """An address with the country and the phone that stand behind it."""
    group = made.name.rpartition(".")[0]
    called = next(
        (s for s in page.shapes if s.kind == "phone" and s.plain and start < s.start < end), None
    )
    phone = None
    if called is not None:
        own = page.within(start, called.start)
        size = next(
            (
                n
                for n in (3, 2, 1)
                if n < len(own)
                and f"{group}.phone"
                in page.vocabulary.labels.get(" ".join(w.key for w in own[-n:]), ())
            ),
            0,
        )
        at = own[-size].start if size else called.start
        label = page.text[at : own[-1].end] if size else ""
        phone = Found(f"{group}.phone", called.start, called.end, label, True, made.number)
        end = at
    (start, end), country = place(page, start, page.trim(start, end)[1])
    if start < end:
        yield replace(made, start=start, end=end)
    if country is not None:
        first, last, sure = country
        named = f"{group}.country"
        yield replace(made, name=named, start=first, end=last, label="", sure=made.sure and sure)
    if phone is not None:
        yield phone
