"""Doubts that are worth a question: an answer was taken, and one tap tells what it is.

"That looks like a flat. Is it a shop that customers can walk into?" A doubt never refuses; what is
not cleared stays as the answer's flag, and a next answer ends the question.

| flag | asked | yes | no |
| --- | --- | --- | --- |
| dba_inside | is the second name the trading name? | split | the name stands |
| unit | can customers walk in? | the flag stands | it is a home: asked again |
| two_people | are these two owners? | one item each | the name stands |
| postcode_missing, city_missing | is that the whole address? | it stands | the rest is asked for |
"""

from __future__ import annotations

from dialogs.acts import Offer, Say, Term, Value
from dialogs.asking import confirm
from dialogs.events import Choice
from dialogs.form import Place
from dialogs.readings import Answers
from dialogs.slots import Answered
from dialogs.state import Pending, PendingKind, Script, State
from dialogs.verdicts import Flag
from dialogs.wording import fold

DOUBTS: dict[str, PendingKind] = {
    "dba_inside": "dba_split",
    "unit": "home",
    "two_people": "owners_split",
    "postcode_missing": "rest",
    "city_missing": "rest",
}
"""flag -> the confirmation that asks about it, in the order of asking"""


def doubt(
    script: Script, state: State, place: Place, slot: Answered, was: object
) -> tuple[Pending, Say] | None:
    """The question that the slot's flags raise; None where there is none, or it was asked for the
    same text before."""
    flags = {flag.code: flag for flag in slot.flags}
    before = {flag.code for flag in was.flags} if isinstance(was, Answered) else set()
    for code, kind in DOUBTS.items():
        if code not in flags or code in before:
            continue
        values = _values(script, state, place, slot, flags[code])
        if values is None:
            continue
        pending = Pending(kind, place.path)
        return pending, Say(f"doubt.{kind}", values, confirm(pending))
    return None


def _values(
    script: Script, state: State, place: Place, slot: Answered, flag: Flag
) -> dict[str, Value] | None:
    match flag.code:
        case "dba_inside":
            taken = state.draft is not None and "dba" in state.draft.slots
            return None if taken or place.name != "legal_name" else dict(flag.details)
        case "two_people":
            if state.draft is not None and state.draft.asked:
                return None  # it adds no owner that was not asked about
            names = two_names(script, state, slot.typed)
            return {"first": names[0], "second": names[1]} if names else None
        case _:
            return {"value": slot.value}


def two_names(script: Script, state: State, text: str) -> tuple[str, str] | None:
    """ "Maria Santos and Budi Hartono" -> both; None where they are not two whole names."""
    language = script.wording.language(state.language)
    words = text.replace("&", " & ").split()
    joints = language.folded("and_words") | language.folded("and") | {"&"}
    for at, word in enumerate(words):
        if word != "&" and fold(word) not in joints:
            continue
        first, second = " ".join(words[:at]), " ".join(words[at + 1 :])
        if len(words[:at]) > 1 and len(words[at + 1 :]) > 1:
            return first.rstrip(","), second
    return None


def doubtful_offer(place: Place, reading: Answers, message: str, number: int) -> tuple[Offer, ...]:
    """[That was a question], where the text could have been one."""
    if not reading.doubtful:
        return ()
    choice = Choice("order", "was_question", f"{place.path} {message}", number)
    return (Offer(Term("buttons.was_question"), choice),)
