"""Side talk: a wish for a person, staff's reply, small talk, things without text.

None of it is a phase. It is answered or passed on, and the form's question is put again, once,
short. Questions of the person's own are in ``citing.py``.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Act, Cite, Escalate, Say, Term, Value
from dialogs.amendment import reference_of
from dialogs.answering import go_on, park
from dialogs.asking import confirm, offer, put, put_back
from dialogs.events import Event, Said
from dialogs.languages import welcome
from dialogs.objects import objects_of, subject_draft
from dialogs.readings import (
    Attaches,
    Chats,
    Hedges,
    Misses,
    Orders,
    Overflows,
    Replies,
    Tells,
)
from dialogs.returning import comes_back, welcome_back
from dialogs.slots import Draft, Parked
from dialogs.state import Pending, Phase, Script, State, Step, open_place


def confirm_check(script: Script, state: State, event: Event) -> Step:
    """After a "no" in the self-check: ask staff about it, and go on."""
    path = state.pending.path if state.pending else ""
    state = replace(state, pending=None)
    step = go_on(script, state, (Say("question.passed"),), None)
    return Step(step.state, (Escalate("question", "", path), *step.acts))


def person(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """A wish for a person: what shall they be told?"""
    if reading.argument and "." not in reading.argument and " " in reading.argument:
        return _tell_person(script, state, reading.argument)
    place = open_place(script, state)
    filling = place is not None and state.phase in (Phase.FILLING, Phase.STATING)
    pending = Pending("person", place.path if place and filling else "")
    state = replace(state, pending=pending)
    if place is not None and filling:
        label = Term(f"field.{place.name}.label")
        offers = confirm(pending)
        return Step(state, (Say("person.about", {"label": label}, offers),))
    return Step(state, (Say("person.what", {}, confirm(pending, "call_me")),))


def confirm_person(script: Script, state: State, event: Event) -> Step:
    """The open question itself is passed on, or just the wish that somebody writes."""
    return _tell_person(script, state, "")


def tell(script: Script, state: State, reading: Tells, event: Event) -> Step:
    """The text that was waited for."""
    if state.pending is not None and state.pending.kind == "change_request":
        return request_change(script, state, reading.text, state.pending.path)
    return _tell_person(script, state, reading.text)


def _tell_person(script: Script, state: State, text: str) -> Step:
    place = open_place(script, state)
    if place is not None and state.phase in (Phase.FILLING, Phase.STATING):
        return park(script, state, place, text)
    reference = reference_of(state)
    state = replace(state, pending=None, asked=text)
    passed = (Escalate("person", text, "", reference), Say("person.passed"))
    return Step(state, (*passed, *put_back(script, state)))


def change_submitted(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """After submission the record stands: a change is a request to staff."""
    language = script.wording.language(state.language)
    text = event.text if isinstance(event, Said) else ""
    paths = objects_of(script, state, language, reading.argument)
    path = paths[0] if len(paths) == 1 else ""
    if text and reading.value:
        return request_change(script, state, text, path)
    draft = subject_draft(state)
    place = script.form.place(draft, path) if draft is not None and path else None
    values: dict[str, Value] = {"reference": reference_of(state)}
    key = "after.change_what"
    if place is not None and reading.command == "change":
        key = "after.change"
        values["label"] = Term(f"field.{place.name}.label")
    state = replace(state, pending=Pending("change_request", path))
    return Step(state, (Say(key, values, (offer("leave"),)),))


def request_change(script: Script, state: State, text: str, path: str) -> Step:
    reference = reference_of(state)
    state = replace(state, pending=None, asked=text)
    acts = (
        Escalate("change", text, path, reference),
        Say("after.requested", {"reference": reference}),
    )
    return Step(state, acts)


def reply(script: Script, state: State, reading: Replies, event: Event) -> Step:
    """Staff have answered: their words, the question quoted, then the form's question again."""
    replied = reading.reply
    says: tuple[Act, ...] = (
        Say("staff.reply", {"question": replied.question, "text": replied.text}),
    )
    draft = _parked_in(state, replied.path) or state.draft
    if replied.cited is not None:
        about = Say("staff.cited", {"question": replied.question})
        says = (about if replied.question else Say("staff.cited_word"), Cite(replied.cited))
    elif not replied.question:
        place = script.form.place(draft, replied.path) if draft and replied.path else None
        values: dict[str, Value] = {"text": replied.text}
        if place is not None:
            values["label"] = Term(f"field.{place.name}.label")
        says = (Say("staff.about" if place is not None else "staff.word", values),)
    if draft is not None and draft is not state.draft:
        open_again = draft.clear(replied.path)
        aside = tuple(open_again if other is draft else other for other in state.aside)
        return Step(replace(state, aside=aside), (*says, *put_back(script, state)))
    if draft is not None and isinstance(draft.slots.get(replied.path), Parked):
        reviewing = state.phase in (Phase.REVIEWING, Phase.STATING)
        phase = Phase.FILLING if reviewing else state.phase
        state = replace(state, draft=draft.clear(replied.path), phase=phase, pending=None)
        if phase is Phase.FILLING:
            return Step(state, (*says, *put(script, state)))
    return Step(state, (*says, *put_back(script, state)))


def _parked_in(state: State, path: str) -> Draft | None:
    """The draft that waits aside and whose slot of this path is open at staff."""
    current = state.draft.slots.get(path) if state.draft is not None else None
    parked = (d for d in state.aside if isinstance(d.slots.get(path), Parked))
    return None if isinstance(current, Parked) else next(parked, None)


def chat(script: Script, state: State, reading: Chats, event: Event) -> Step:
    if reading.mood == "greeting":
        if comes_back(state, event):
            return welcome_back(script, state)
        if state.phase is Phase.VISITING and state.draft is None:
            return Step(state, (welcome(script, state), *put(script, state)))
        return Step(state, (Say("chat.greeting"), *put(script, state, "short")))
    offers = (offer("person"), offer("pause")) if reading.mood == "annoyed" else ()
    return Step(state, (Say(f"chat.{reading.mood}", {}, offers), *put_back(script, state)))


def attach(script: Script, state: State, reading: Attaches, event: Event) -> Step:
    """One sentence that fits its kind; an album is answered once."""
    album = event.album if isinstance(event, Said) else ""
    if album and album == state.album:
        return Step(state, ())
    return Step(replace(state, album=album), (Say(f"media.{reading.medium}"),))


def overflow(script: Script, state: State, reading: Overflows, event: Event) -> Step:
    return Step(state, (Say("overflow", {"limit": str(reading.limit)}),))


def keep_to_asked(script: Script, state: State) -> Step:
    """Something else of a sent application than staff ask about: it stays as it was sent."""
    state = replace(state, pending=None)
    return Step(state, (Say("amend.only", {}, (offer("person"),)), *put(script, state, "short")))


def miss(script: Script, state: State, reading: Misses, event: Event) -> Step:
    return Step(state, (Say("stale"), *put(script, state, "short")))


def hedge(script: Script, state: State, reading: Hedges, event: Event) -> Step:
    pending = state.pending or Pending("escalate")
    return Step(state, (Say("hedged", {}, confirm(pending)),))
