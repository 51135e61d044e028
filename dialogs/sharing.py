"""A contact card, which holds a phone number, and when a person may be offered to send their own.

One's own card is an answer, read as if the number had been typed. Somebody else's may have been
sent for another reason, so it is asked about. Where no phone number is asked for, a card is one of
the things that cannot be read.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs import digressing
from dialogs.acts import Say
from dialogs.answering import answer, refuse
from dialogs.answers import Accepted
from dialogs.asking import confirm, put
from dialogs.contacts import Phone
from dialogs.events import Event
from dialogs.form import Place
from dialogs.readings import Answers, Attaches, Refuses
from dialogs.state import Pending, Phase, Script, State, Step, open_place, read_as


def wants_number(state: State, place: Place | None) -> str:
    """The path of the open question, where a person's own phone number may answer it and they are
    just being asked; else empty. ``place``: the state's open question."""
    if place is None or state.phase is not Phase.FILLING:
        return ""
    return place.path if isinstance(place.question.reader, Phone) else ""


def attach(script: Script, state: State, reading: Attaches, event: Event) -> Step:
    place = _phone_place(script, state)
    if place is None or not reading.number:
        asked_for = place is not None and reading.medium == "contact"
        reading = replace(reading, medium="other") if asked_for else reading
        return digressing.attach(script, state, reading, event)
    if reading.own:
        return _take(script, state, place, reading.number, event)
    pending = Pending("contact", place.path, reading.number)
    says = Say("sharing.confirm", {"number": reading.number}, confirm(pending))
    return Step(replace(state, pending=pending), (says,))


def take_number(script: Script, state: State, event: Event) -> Step:
    """ "Yes": the number on the card is the answer."""
    pending, place = state.pending, _phone_place(script, state)
    state = replace(state, pending=None)
    if pending is None or place is None or place.path != pending.path:
        return Step(state, (Say("stale"), *put(script, state, "short")))
    return _take(script, state, place, pending.proposal, event)


def leave_number(script: Script, state: State, event: Event) -> Step:
    state = replace(state, pending=None)
    return Step(state, (Say("dropped"), *put(script, state, "short")))


def _take(script: Script, state: State, place: Place, number: str, event: Event) -> Step:
    outcome = read_as(script, state, place, number)
    if isinstance(outcome, Accepted):
        return answer(script, state, Answers(place, outcome, number), event)
    return refuse(script, state, Refuses(place, outcome, number), event)


def _phone_place(script: Script, state: State) -> Place | None:
    """The open question, where it is for a phone number and an answer to it is taken."""
    place = open_place(script, state)
    answered = state.phase in (Phase.FILLING, Phase.PAUSED)
    return place if place and answered and isinstance(place.question.reader, Phone) else None
