"""Which words of a sentence tell a field.

Its label with "is" behind it, its label right before what has its shape, or a cue ("owned by").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialogs.pieces_page import Page
from dialogs.pieces_shapes import LONGEST, Shape
from dialogs.pieces_words import Label, Word

Span = tuple[int, int]
AROUND = 6
"""words around a label at most: "our registered business" """


@dataclass(frozen=True, slots=True)
class Telling:
    """Words that tell a field, in one sentence."""

    first: int
    """index of the first word"""
    at: int
    """index of the word where the value begins"""
    names: tuple[str, ...]
    how: str
    """said: a label and "is"; cue; shape: a label right before a shape"""
    label: str = ""
    weak: bool = False
    """whether the label is a word of many meanings ("company")"""
    number: int = 0
    """of the item: "the phone of location 2"; 0 where none is told"""


def tellings(
    page: Page, first: int, last: int, open_name: str, barred: list[Span]
) -> Iterator[Telling]:
    words, at = page.words[:last], first
    while at < last:
        if size := _others(page, words, at, open_name):
            barred.append((words[at].start, words[-1].end))
            at += size
            continue
        telling = _cue(page, words, at, open_name) or _label(page, words, first, at, open_name)
        if telling is None or _titled(page, words[telling.first : telling.at]):
            at += 1
            continue
        yield telling
        at = max(telling.at, at + 1)


def _cue(page: Page, words: Sequence[Word], at: int, open_name: str) -> Telling | None:
    if page.tells(open_name):
        return None
    best = page.vocabulary.phrase_at(words, at, page.vocabulary.cues)
    if not best:
        return None
    names = page.vocabulary.cues[" ".join(word.key for word in words[at : at + best])]
    label = page.text[words[at].start : words[at + best - 1].end]
    number = page.vocabulary.number(words[at : at + best])[0]
    return Telling(at, at + best, names, "cue", label, number=number)


def _label(
    page: Page, words: Sequence[Word], first: int, at: int, open_name: str
) -> Telling | None:
    known, start = page.vocabulary, at
    size = known.phrase_at(words, at, known.labels)
    names = known.labels[" ".join(w.key for w in words[at : at + size])] if size else ()
    nearest = max(first, at - AROUND)
    while start > nearest and _may_stand_before(page, words[start - 1]):
        start -= 1
    number, how, value = known.number(words[start : at + size])[0], "said", 0
    if size and (copula := known.has("copulas", words, at + size)):
        value = at + size + copula
    elif short := known.shortened(page.text, words, at):
        size, names = short
        value = at + size
    elif size and (longer := _longer(page, words, at, size)):
        label, end = longer
        names, number, value = label.names, label.number or number, end
    elif size:
        how, value = "shape", at + size
    if not 0 < value < len(words):
        return None
    if how == "shape" and shape_at(page, names, words[value].start, words[value - 1].end) is None:
        return None
    if start == at and not _anchored(page, words, first, start):
        return None
    weak = size == 1 and words[at].key in known.lists["around"]
    names = _meant(page, names, words[at : at + size], open_name)
    label_text = page.text[words[start].start : words[at + size - 1].end]
    return Telling(start, value, names, how, label_text, weak, number)


def _may_stand_before(page: Page, word: Word) -> bool:
    """Whether a label may have this word before it: "our", "the second", "location 2"."""
    known = page.vocabulary
    return word.key in known.lists["around"] or known.number([word])[0] > 0


def _longer(page: Page, words: Sequence[Word], at: int, size: int) -> tuple[Label, int] | None:
    """ "The phone of the second location is": (what it names, index of the value)."""
    for end in range(at + size + 1, min(at + size + AROUND, len(words))):
        if words[end].gap.strip("' \u2019"):
            return None
        if copula := page.vocabulary.has("copulas", words, end):
            label = page.vocabulary.label(words[at:end])
            return (label, end + copula) if label is not None and label.names else None
    return None


def _meant(
    page: Page, names: tuple[str, ...], said: Sequence[Word], open_name: str
) -> tuple[str, ...]:
    """ "The name" is the owner's where the owner is asked."""
    key = " ".join(word.key for word in said)
    if not open_name or open_name in names or " " in key:
        return (open_name, *names) if open_name in names else names
    for label, of in page.vocabulary.labels.items():
        if open_name in of and label.endswith(f" {key}"):
            return (open_name, *names)
    return names


def _anchored(page: Page, words: Sequence[Word], first: int, start: int) -> bool:
    if start == first or any(ch in words[start].gap for ch in ",;:.(-\u2013\u2014/|"):
        return True
    before = words[start - 1].key
    return before in page.vocabulary.lists["lead_ins"] | page.vocabulary.lists["and"]


def _others(page: Page, words: Sequence[Word], at: int, open_name: str) -> int:
    """How many words name what is no field of the form: "my personal email is ..."."""
    size = page.vocabulary.has("elsewhere", words, at)
    after = at + size
    if not size or after >= len(words):
        return 0
    if page.kind(open_name) == "person" and _meant(page, (), words[after - 1 : after], open_name):
        return 0  # "my name is ...", where the owner's is asked
    ended = words[after - 1].end
    value = any(s.start - ended < 4 for s in page.shaped(ended, ended + LONGEST))
    return size if value or page.vocabulary.has("copulas", words, after) else 0


def _titled(page: Page, words: Sequence[Word]) -> bool:
    """ "We Are Mobile Ltd", "The Owner's Club": who writes small words so writes a name."""
    letters = [page.text[word.start] for word in words[1:]]
    return any(letter.isupper() for letter in letters) and not page.text.isupper()


def shape_at(page: Page, names: tuple[str, ...], start: int, before: int) -> Shape | None:
    """What has the shape of one of the fields, right here."""
    kinds = {page.kind(name) for name in names}
    for shape in page.shaped(before, start + LONGEST):
        if shape.start > start:
            break
        gap = page.text[before : shape.start]
        if shape.kind in kinds and not gap.strip(" \t.:=-(<#\u2013\u2014"):
            return shape
    return None
