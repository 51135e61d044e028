"""Corrections in a person's own words, as the wish to change one answer.

- "the address is wrong", "the address is wrong, it's 12 High Street": what it is about comes first;
- "wait, the name should be PT Lembayung Servis not CV": the same, with the old value after "not";
- "no, I meant 12 High Street", "sorry, 12 High Street": the answer that was given last.

- "wrong site", "i made a mistake in the owner, it's Budi": what it is about follows.

The words of it are lists: ``wrong_words``, ``should_be``, ``wrong_openers``, ``meant_openers``,
``sorry_openers``, ``weak_openers``, ``its_openers``, ``not_words``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from rapidfuzz import fuzz

from dialogs.addresses import Address
from dialogs.answers import Accepted, FreeText, clean
from dialogs.names import CompanyName, PersonName
from dialogs.objects import has_answers, objects_of
from dialogs.readings import Orders
from dialogs.sentences import reads_as_question
from dialogs.slots import Answered, Kept
from dialogs.state import Script, State, open_place, read_as
from dialogs.wording import Language, fold

ALIKE = 60
"""of 100: how much a value must be like the answer before to be its correction, where it would do
for the open question too"""


def correction(script: Script, state: State, language: Language, text: str) -> Orders | None:
    """The change that the text wishes; None where it is no correction of an answer given."""
    if state.draft is None or "\n" in text or "?" in text:
        return None
    spoken = after(text, _openers(language)) or text
    return (
        _meant(script, state, language, text)
        or _named(script, state, language, spoken)
        or _opened(script, state, language, text)
        or _opened(script, state, language, spoken)
        or _sorry(script, state, language, text)
    )


def _openers(language: Language) -> tuple[str, ...]:
    lists = ("sorry_openers", "weak_openers")
    return tuple(opener for name in lists for opener in language.words.get(name, ()))


def _meant(script: Script, state: State, language: Language, text: str) -> Orders | None:
    """ "No, I meant ...": surely about the answer before."""
    value = after(text, language.words.get("meant_openers", ()))
    path = _latest(state)
    if not value or not path:
        return None
    value = after(value, language.words.get("its_openers", ())) or value
    value = closed(language, _without_old(language, value))
    if reads_as_question(language, value):  # "I meant, what is a credit line"
        return None
    named = _named(script, state, language, value)
    return named or Orders("change", path, value)


def _sorry(script: Script, state: State, language: Language, text: str) -> Orders | None:
    """ "Sorry, 12 High Street": about the answer before, where it fits that one better than the
    open question."""
    value = after(text, language.words.get("sorry_openers", ())) or after(
        text, language.words.get("weak_openers", ()), apart=True
    )
    path = _latest(state)
    if not value or not path or state.draft is None:
        return None
    value = after(value, language.words.get("its_openers", ())) or value
    value = closed(language, _without_old(language, value))
    if reads_as_question(language, value):
        return None
    before, place = script.form.place(state.draft, path), open_place(script, state)
    if before is None or isinstance(before.question.reader, FreeText):
        return None
    if isinstance(before.question.reader, Address) and not any(c.isdigit() for c in value):
        return None  # "sorry, was on holiday"
    slot = state.draft.slots[path]
    typed = slot.typed if isinstance(slot, Answered | Kept) else ""
    alike = fuzz.ratio(fold(value), fold(typed)) >= ALIKE and fold(value) != fold(typed)
    named = isinstance(before.question.reader, CompanyName | PersonName)
    if named and value == value.lower() and not alike:  # "no, that was all" is nobody's name
        return None
    apart = after(text, _openers(language), apart=True)
    if apart and not before.question.reader.free and _takes(script, state, path, value):
        return Orders("change", path, value)  # a country's name is no address
    if place is not None and _takes(script, state, place.path, value):
        return Orders("change", path, value) if alike else None
    return Orders("change", path, value) if _takes(script, state, path, value) else None


def _named(script: Script, state: State, language: Language, text: str) -> Orders | None:
    """ "The address is wrong, it's ...", "the name should be ... not ..."."""
    for marks in ("wrong_words", "should_be", "is_words"):
        for mark in sorted(language.words.get(marks, ()), key=len, reverse=True):
            found = _shape(r"(?<!\w)", mark, r"(?!\w)").search(text)
            if found is None:
                continue
            about = text[: found.start()].strip(" ,")
            paths = objects_of(script, state, language, about) if about else ()
            if not paths or not has_answers(state, paths):
                continue
            value = clean(text[found.end() :]).lstrip(" ,.:;-\u2013\u2014")
            value = after(value, language.words.get("its_openers", ())) or value
            if reads_as_question(language, value) or (marks == "should_be" and not value):
                continue
            if marks == "is_words" and _without_old(language, value) == value:
                continue  # "the phone is ..." gives a value; "... not ..." corrects one
            return Orders("change", fold(about), _without_old(language, value))
    return None


def _opened(script: Script, state: State, language: Language, text: str) -> Orders | None:
    """ "Wrong site", "i made a mistake in the owner, it's ...": the object stands alone, or before
    a comma and the value."""
    about, value = _parts(language, after(text, language.words.get("wrong_openers", ())))
    paths = objects_of(script, state, language, about) if about.strip() else ()
    if not paths or not has_answers(state, paths):
        return None
    value = value.strip()
    value = after(value, language.words.get("its_openers", ())) or value
    return Orders("change", fold(about), _without_old(language, value))


def closed(language: Language, value: str) -> str:
    """ "Acme Ltd is right" -> "Acme Ltd"."""
    for closer in language.words.get("right_closers", ()):
        found = _shape(r"[\s,]+", closer, r"\W*$").search(value)
        if found and value[: found.start()].strip():
            return value[: found.start()].strip()
    return value


def _parts(language: Language, text: str) -> tuple[str, str]:
    """ "the owner, it's Budi", "name: Acme Ltd", "phone is 0113" -> (about, value)."""
    marks = [re.search(r"[,:]", text)]
    marks += [
        _shape(r"\s", word, r"\s").search(text) for word in language.words.get("is_words", ())
    ]
    first = min((mark for mark in marks if mark), key=lambda mark: mark.start(), default=None)
    return (text[: first.start()], text[first.end() :]) if first else (text, "")


def _without_old(language: Language, value: str) -> str:
    """ "PT Lembayung Servis not CV" -> "PT Lembayung Servis"."""
    for word in language.words.get("not_words", ()):
        new, found, _ = value.partition(f" {word} ")
        if found and new.strip():
            return new.rstrip(" ,;")
    return value


def after(text: str, openers: Iterable[str], *, apart: bool = False) -> str:
    """What follows one of the openers and its comma; "" where it begins with none. ``apart``: a
    comma or the like must stand between ("no, Budi", not "No Name Repairs")."""
    mark = r"\s*[,.:;\-\u2013\u2014]" if apart else ""
    for opener in sorted(openers, key=len, reverse=True):
        found = _shape("", opener, rf"(?!\w){mark}[\s,.:;\-\u2013\u2014]*").match(text)
        if found and text[found.end() :].strip():
            return text[found.end() :].strip()
    return ""


@cache  # re's own cache is too small for all lists of all languages
def _shape(before: str, words: str, behind: str) -> re.Pattern[str]:
    """The words, however their spaces, commas and apostrophes are written."""
    loose = r"[\s,/'\u2019]+".join(
        r"['\u2019]?".join(re.escape(letter) for letter in word) for word in fold(words).split()
    )
    return re.compile(f"{before}{loose}{behind}", re.IGNORECASE)


def _latest(state: State) -> str:
    """The answer that was given last, if it still stands."""
    path = state.latest.path if state.latest is not None else ""
    return path if state.draft is not None and path in state.draft.slots else ""


def _takes(script: Script, state: State, path: str, value: str) -> bool:
    place = script.form.place(state.draft, path) if state.draft is not None else None
    if place is None:
        return False
    return isinstance(read_as(script, state, place, value), Accepted)
