"""A pasted text with all that is known of it before any value is looked for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Literal

from dialogs.addresses import Address
from dialogs.answers import Choice, FreeText
from dialogs.contacts import Email, Phone, Website
from dialogs.countries import Country, named
from dialogs.form import Form
from dialogs.names import CompanyName, PersonName
from dialogs.pieces_lines import Line, lines_of
from dialogs.pieces_shapes import Shape, shapes_of
from dialogs.pieces_words import Vocabulary, Word, vocabulary, words_of
from dialogs.wording import Language

Kind = Literal[
    "email", "website", "phone", "address", "country", "person", "company", "choice", "text"
]  # fmt: skip
_KINDS: tuple[tuple[type, Kind], ...] = (
    (Email, "email"),
    (Website, "website"),
    (Phone, "phone"),
    (Address, "address"),
    (Country, "country"),
    (PersonName, "person"),
    (CompanyName, "company"),
    (Choice, "choice"),
    (FreeText, "text"),
)
_START = attrgetter("start")
CONTACTS = ("email", "website", "phone")
_TRIMMED = " \t\r\n\u00a0,;:|*_-\u2013\u2014\u2022"
_PAIRS = {'"': '"', "\u201c": "\u201d", "\u00ab": "\u00bb", "'": "'", "(": ")", "[": "]", "<": ">"}


@dataclass(frozen=True, slots=True)
class Found:
    """A value before it is counted which item of a repeat it belongs to."""

    name: str
    start: int
    end: int
    label: str = ""
    sure: bool = True
    number: int = 0
    """of the item, as the text tells it; 0 where it does not"""
    part: bool = False
    """whether it goes on the value before it"""


@dataclass(frozen=True, slots=True)
class Page:
    form: Form
    language: Language
    text: str
    vocabulary: Vocabulary
    words: list[Word]
    lines: list[Line]
    shapes: list[Shape]
    kinds: dict[str, Kind]
    small: bool
    """whether the whole text is typed without capitals"""

    def kind(self, name: str) -> Kind:
        return self.kinds.get(name, "text")

    def tells(self, name: str) -> bool:
        """Whether a story is asked for, in which shops, phones and sites may be spoken of."""
        return self.kinds.get(name) == "text"

    def beside(self, name: str, kind: Kind) -> str:
        """The field of this kind in the same group as another field; that field where none is."""
        group = self.form.fields[name].group
        same = (n for n, f in self.form.fields.items() if f.group == group)
        return next((n for n in same if self.kind(n) == kind), name)

    def trim(self, start: int, end: int) -> tuple[int, int]:
        """Without blanks, commas, markup and quotation marks around it."""
        text = self.text
        while start < end and text[start] in _TRIMMED:
            start += 1
        while start < end and text[end - 1] in _TRIMMED:
            end -= 1
        if end - start < 3:
            return start, end
        if text[end - 1] in "([" or (text[end - 1] in ")]" and "(" not in text[start:end]):
            return self.trim(start, end - 1)
        close = text.find(_PAIRS.get(text[start], "\0"), start + 1, end)
        if close > start + 1 and not any(ch.isalnum() for ch in text[close:end]):
            inner = text[start + 1 : close]
            if text[start] not in inner:
                return self.trim(start + 1, close)
        return start, end

    def within(self, start: int, end: int) -> list[Word]:
        first = bisect_left(self.words, start, key=_START)
        last = bisect_left(self.words, end, first, key=_START)
        if last > first and self.words[last - 1].end > end:
            last -= 1
        return self.words[first:last]

    def shape(self, kind: Kind, start: int, end: int) -> Shape | None:
        return next((s for s in self.shaped(start, end) if s.kind == kind), None)

    def shaped(self, start: int, end: int) -> list[Shape]:
        """What has a shape within the stretch."""
        first = bisect_left(self.shapes, start, key=_START)
        last = bisect_left(self.shapes, end, first, key=_START)
        return [shape for shape in self.shapes[first:last] if shape.end <= end]

    def says_none(self, start: int, end: int) -> bool:
        said = " ".join(word.key for word in self.within(start, end))
        return said in self.vocabulary.lists["none_words"]

    def is_form(self, key: str) -> bool:
        return key in self.vocabulary.lists["legal_forms"]


@lru_cache(maxsize=8)
def _kinds(form: Form) -> dict[str, Kind]:
    return {
        name: kind
        for name, field in form.fields.items()
        for reader, kind in _KINDS
        if isinstance(field.question.reader, reader)
    }


def page_of(form: Form, language: Language, text: str) -> Page:
    words_known = vocabulary(form, language)
    words = words_of(text, words_known.lists["stops"])
    lines = lines_of(text, words_known, words)
    return Page(
        form,
        language,
        text,
        words_known,
        words,
        lines,
        shapes_of(text),
        _kinds(form),
        text == text.lower(),
    )


# --- what one stretch of text holds ---


def people(page: Page, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Several owners in one text: "A and B", "A, B (40%)", one a line."""
    forms = any(page.is_form(word.key) for word in page.within(start, end)[1:])
    if forms:  # a company that owns: "Santos & Sons Holdings Ltd"
        yield page.trim(start, end)
        return
    spans: list[tuple[int, int]] = []
    at = start
    lists = page.vocabulary.lists
    cuts = [(m.start(), m.end()) for m in _SPLIT.finditer(page.text, start, end)]
    cuts += [
        (w.start, w.end)
        for w in page.within(start, end)
        if w.key in lists["and"] and len(w.key) > 1
    ]
    for cut, after in [*sorted(cuts), (end, end)]:
        if cut < at:
            continue
        spans.append((at, cut))
        at = after
    kept: list[tuple[int, int]] = []
    single = 0
    for span in spans:
        first, last = page.trim(*span)
        own = [w for w in page.within(first, last) if w.key.isalpha()]
        if not own or _titled(page, own):
            continue
        single += len(own) == 1
        kept.append((first, last))
    if len(kept) > 1 and (single == len(kept) or _mr_and_mrs(page, spans)):
        yield page.trim(start, end)  # "Santos, Maria"
        return
    yield from kept


_SPLIT = re.compile(r"\([^()\n]{0,80}\)|[,;/&+\n]|[ \t][-\u2013\u2014][ \t][^,;\n]{0,80}")


def _titled(page: Page, own: list[Word]) -> bool:
    at = 0
    while at < len(own):
        size = page.vocabulary.has("titles", own, at)
        if not size:
            return False
        at += size
    return True


def _mr_and_mrs(page: Page, spans: list[tuple[int, int]]) -> bool:
    first = page.within(*spans[0])
    return len(first) == 1 and _titled(page, first) and len(first[0].key) <= 3


def company(page: Page, name: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """A legal name, and the trading name told beside it: "Acme Ltd t/a Acme Repairs"."""
    other = _trading_name(page)
    own = page.within(start, end)
    if other and name != other:
        for at in range(1, len(own)):
            size = page.vocabulary.has("dba_marks", own, at)
            if size and at + size < len(own):
                yield (name, *page.trim(start, shut(page, start, own[at - 1].end)))
                yield (other, *page.trim(own[at + size].start, own[-1].end))
                return
    yield (name, *page.trim(start, end))


def _trading_name(page: Page) -> str:
    """The field of a name that need not be the legal one; "" where the form has none."""
    for name, one in page.form.fields.items():
        reader = one.question.reader
        if isinstance(reader, CompanyName) and not reader.legal:
            return name
    return ""


def shut(page: Page, start: int, end: int) -> int:
    """The end with the full stop of "Inc." and the bracket that closes one inside."""
    text = page.text
    last = page.within(start, end)[-1].key
    if text[end : end + 1] == "." and (
        "." in text[end - 2 : end] or last in page.vocabulary.lists["dotted"]
    ):  # "s.r.o.", "Inc."
        end += 1
    if text[end : end + 1] == ")" and "(" in text[start:end]:
        end += 1
    return end


def place(page: Page, start: int, end: int) -> tuple[tuple[int, int], tuple[int, int, bool] | None]:
    """An address, and the country at its end with whether it is surely one."""
    start, end = page.trim(start, end)
    own = page.within(start, end)
    lists = page.vocabulary.lists
    if len(own) > 1 and own[-1].end < end and page.text[own[-1].end : end].strip(" ."):
        return (start, end), None
    for size in range(min(4, len(own) - 1), 0, -1):
        tail, before = own[-size:], own[-size - 1]
        said = page.text[tail[0].start : tail[-1].end]
        key = " ".join(word.key for word in tail)
        if not (named(said, page.language.code) or key in lists["short_countries"]):
            continue
        if "\n" in said or before.key in lists["no_country_after"]:
            continue
        gap = tail[0].gap
        apart = any(ch in gap for ch in ",\n;|-\u2013(") or any(ch.isdigit() for ch in before.key)
        if not apart and key in lists["short_countries"] and not said.isupper():
            continue
        kept = shut(page, start, before.end)
        return page.trim(start, kept), (tail[0].start, tail[-1].end, apart)
    return (start, end), None
