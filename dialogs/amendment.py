"""An amendment: what staff ask again about a sent application.

It is a ``Draft`` that holds a copy of everything that was sent but the slots asked about, and that
has the places of these slots alone (``Draft.asked``). So whatever walks the form, be it the next
question, "back", a pasted text, the summary or an old button, meets the asked fields and no other,
and the rest cannot change: ``whole`` takes nothing but the asked slots from it.

While an application is ``needs_info`` it has one amendment, filled (``State.draft``) or put aside.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.form import Form, Place
from dialogs.slots import Asked, Draft, Slot
from dialogs.state import Phase, Script, State, Submission, at_rest, submission, with_staff

AGAIN = ("check", "form")
"""stages whose questions may be asked again; consent and truth are given once and for the whole"""


def askable(form: Form, draft: Draft) -> tuple[str, ...]:
    """Paths of the sent draft that staff may ask about, in the order of the form."""
    return tuple(
        place.path
        for place in form.places(draft)
        if place.kind == "field" and place.question.stage in AGAIN
    )


def amendment_of(sent: Submission, asked: tuple[Asked, ...], number: int) -> Draft:
    """A fresh one. ``number`` is its own, so that no earlier button answers it."""
    paths = {one.path for one in asked}
    slots = {path: slot for path, slot in sent.draft.slots.items() if path not in paths}
    return replace(sent.draft, number=number, slots=slots, asked=asked, reference=sent.reference)


def amends(state: State) -> Submission | None:
    """The sent application that the draft being filled is about; None for an application."""
    if state.draft is None or not state.draft.reference:
        return None
    return submission(state, state.draft.reference)


def reference_of(state: State) -> str:
    """Of the application that a word to staff is about; empty where they have none."""
    sent = amends(state) or with_staff(state)
    return sent.reference if sent is not None else ""


def sent_slot(state: State, place: Place) -> Slot | None:
    """What was sent at a place that is asked about again."""
    sent = amends(state)
    return sent.draft.slots.get(place.path) if sent is not None else None


def reason_of(draft: Draft, path: str) -> str:
    """Why staff ask about it; empty where it is asked since another answer has changed."""
    return next((one.reason for one in draft.asked if one.path == path), "")


def within(draft: Draft, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the slots and items that the draft has places for; in an application, all."""
    if not draft.asked:
        return paths
    asked = [one.path for one in draft.asked]
    return tuple(p for p in paths if any(a == p or a.startswith(f"{p}.") for a in asked))


def whole(sent: Submission, amendment: Draft) -> Draft:
    """What was sent, with the asked slots as they are in the amendment."""
    draft = sent.draft
    for one in amendment.asked:
        slot = amendment.slots.get(one.path)
        draft = draft.put(one.path, slot) if slot is not None else draft.clear(one.path)
    return draft


def put_aside(state: State) -> State:
    """Nothing is being filled; what was, waits."""
    if state.draft is None:
        return state
    return _without_draft(replace(state, aside=(*state.aside, state.draft)))


def taken_up(script: Script, state: State, draft: Draft) -> State:
    """This draft is being filled, or reviewed where nothing is left to ask; another one waits."""
    if state.draft is None or state.draft.number != draft.number:
        state = put_aside(state)
        left = tuple(other for other in state.aside if other.number != draft.number)
        state = replace(state, draft=draft, aside=left)
    return at_rest(script, replace(state, phase=Phase.FILLING, pending=None))


def dropped(state: State, reference: str) -> State:
    """Without the amendment of this application. Where it was being filled, nothing is; the phase
    is the caller's to set then."""
    state = replace(state, aside=tuple(d for d in state.aside if d.reference != reference))
    if state.draft is not None and state.draft.reference == reference:
        return _without_draft(state)
    return state


def waiting(state: State) -> Draft | None:
    """The amendment that is meant where none is named: the one being filled, else the oldest."""
    if state.draft is not None and state.draft.reference:
        return state.draft
    return next((draft for draft in state.aside if draft.reference), None)


def _without_draft(state: State) -> State:
    return replace(
        state,
        draft=None,
        editing="",
        refusal=None,
        latest=None,
        later=(),
        held_answers=(),
    )
