"""Answers sent in two messages: "Jl Kemang Raya 45", then "Jakarta Selatan 12730".

Each message is its own turn, so nobody waits for a second part. One that comes soon after an
accepted free-text answer, is no valid answer to the question that is open by then and *reads as
the continuation* of the one before joins it. What that is hangs on the kind of answer:

| the answer before | its continuation |
| --- | --- |
| an address | a few words without a verb's company: a town, a postcode, a floor |
| a name of a business | a legal form alone, or what begins with "and" or "&" |
| a person's name | one more word, where one word was given |
| a phone number | an extension |
| experience | any further text that is no command, question, yes or no |
| e-mail, website | nothing |
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from dialogs.addresses import Address
from dialogs.answers import Accepted, FreeText
from dialogs.contacts import Phone
from dialogs.form import Place
from dialogs.names import CompanyName, PersonName
from dialogs.readings import Joins
from dialogs.slots import Answered
from dialogs.state import Phase, Script, State, read_as
from dialogs.verdicts import (
    has_letter,
    looks_like_email,
    looks_like_phone,
    looks_like_website,
)
from dialogs.wording import Language, fold

SOON = timedelta(seconds=15)
FEW = 6
"""words of an address's second part; a longer one is a sentence, unless it has a number"""

POSTCODE = range(4, 7)
"""digits of a number that is a postcode where it stands alone"""
_EXTENSION = re.compile(r"(?:ext\w*|x|#|int|pes\w*)[.:\s]*\d{1,7}", re.IGNORECASE)
SEPARATORS: dict[type, str] = {Address: ", ", FreeText: "\n"}
"""what stands between two parts; a space elsewhere"""


def soon(before: str, now: str) -> bool:
    """Is the second time, by the platform's clock, at most ``SOON`` after the first?"""
    try:
        gone = datetime.fromisoformat(now) - datetime.fromisoformat(before)
    except (ValueError, TypeError):
        return False
    return timedelta(0) <= gone <= SOON


def continues(reader: object, typed: str, text: str, language: Language) -> bool:
    """Does the text read as the continuation of what was typed for this reader?"""
    words = fold(text).split()
    if not words or "?" in text or looks_like_email(text) or looks_like_website(text):
        return False
    joint = words[0] in language.folded("and_words") or text.lstrip().startswith(("&", "+ ", ","))
    match reader:
        case Address():
            return _address_part(text, words, language)
        case CompanyName():
            return joint or only_legal_form(language, text)
        case PersonName():
            return len(typed.split()) == 1 and len(words) == 1 and text[:1].isupper()
        case Phone():
            return bool(_EXTENSION.fullmatch(text.strip()))
        case FreeText():
            return joint or len(words) > 2
        case _:
            return False


def only_legal_form(language: Language, text: str) -> bool:
    """ "Ltd.", "(Pty) Ltd", "S.A.": no name by itself."""
    forms = {form.replace(" ", "") for form in language.folded("legal_forms")}
    words = fold(text).split()
    return "".join(words) in forms or bool(words and all(word in forms for word in words))


def _address_part(text: str, words: list[str], language: Language) -> bool:
    digits = sum(char.isdigit() for char in text)
    bare_number = not has_letter(text) and digits not in POSTCODE
    if bare_number or text.lstrip().startswith("+") or (looks_like_phone(text) and digits > FEW):
        return False
    told = ("yes", "no", "not_sure", "negations", "question_words", "padding", "dont_know")
    if any(word in language.folded(name) for word in words for name in told):
        return False
    return len(words) <= FEW or any(char.isdigit() for char in text)


def joined(script: Script, state: State, language: Language, text: str, at: str) -> Joins | None:
    """The continuation of the answer before, if the text is one and the whole is accepted."""
    latest, draft = state.latest, state.draft
    if latest is None or draft is None or not latest.path or state.phase is Phase.STATING:
        return None
    pending = state.pending
    waited = pending is not None and (pending.kind, pending.path) == ("rest", latest.path)
    if not waited and not soon(latest.at, at):
        return None
    place, slot = script.form.place(draft, latest.path), draft.slots.get(latest.path)
    if place is None or not isinstance(slot, Answered) or not place.question.reader.free:
        return None
    if not continues(place.question.reader, slot.typed, text, language):
        return None
    return join(script, state, place, slot, text)


def join(script: Script, state: State, place: Place, slot: Answered, text: str) -> Joins | None:
    """Both parts read as one; None where its reader does not take them so."""
    separator = SEPARATORS.get(type(place.question.reader), " ")
    whole = slot.typed.rstrip(" ,") + separator + text.lstrip(" ,")
    outcome = read_as(script, state, place, whole)
    return Joins(place, outcome, whole, text) if isinstance(outcome, Accepted) else None
