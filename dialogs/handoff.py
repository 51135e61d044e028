"""The end of the form: from "submit" over the statement of truth to the receipt.

Nothing incomplete is handed off: questions that are open at staff are named, with a way to answer
them now. The hand-off is one act in one turn, so there is exactly one record for it.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Lines, Offer, Say, Submit, Term
from dialogs.asking import offer, put
from dialogs.events import Choice, Event
from dialogs.form import Place
from dialogs.objects import where
from dialogs.readings import Orders
from dialogs.record import record_of
from dialogs.slots import Draft
from dialogs.state import Phase, Script, State, Step, Submission, open_place, with_staff


def idle(state: State) -> Phase:
    """The phase of a person who fills nothing at the moment."""
    return Phase.SUBMITTED if with_staff(state) else Phase.VISITING


def ask_truth(script: Script, state: State, reading: Orders | None, event: Event) -> Step:
    """Submit: refused while questions are open, else the statement of truth is put."""
    assert state.draft is not None  # reviewing means that there is a draft
    draft = state.draft
    parked = script.form.open_at_staff(draft)
    if parked:
        state = replace(state, phase=Phase.REVIEWING, pending=None)
        offers = tuple(_answer_now(script, draft, place) for place in parked)
        lines = Lines(tuple(_named(script, draft, place) for place in parked))
        return Step(state, (Say("submit.parked", {"lines": lines}, (*offers, offer("menu"))),))
    if open_place(script, replace(state, phase=Phase.FILLING, editing="")) is not None:
        state = replace(state, phase=Phase.FILLING, pending=None)
        return Step(state, (Say("submit.open"), *put(script, state)))
    state = replace(state, phase=Phase.STATING, editing="", pending=None, refusal=None)
    return Step(state, put(script, state))


def hand_off(script: Script, state: State, event: Event) -> Step:
    """The statement is made: the record, the receipt, and what happens next."""
    assert state.draft is not None
    if script.form.open_at_staff(state.draft):
        return ask_truth(script, replace(state, draft=state.draft.clear("truth")), None, event)
    language = script.wording.language(state.language)
    draft = script.form.doubts(state.draft, language)
    reference = f"FD-{event.token[:4]}-{event.token[4:8]}"
    record = record_of(script.form, draft)
    submission = Submission(reference, event.at, draft)
    state = replace(
        state,
        phase=Phase.SUBMITTED,
        draft=None,
        editing="",
        pending=None,
        refusal=None,
        latest=None,
        later=(),
        submissions=(*state.submissions, submission),
    )
    says = Say(
        "receipt.done",
        {"reference": reference},
        (offer("status"), offer("my_data"), offer("withdraw")),
    )
    return Step(state, (Submit(reference, draft.number, record), says))


def _named(script: Script, draft: Draft, place: Place) -> Say:
    number = where(script, draft, place)
    label = Term(f"field.{place.name}.label")
    return Say("status.left_nth" if number else "status.left", {"label": label, "item": number})


def _answer_now(script: Script, draft: Draft, place: Place) -> Offer:
    number = where(script, draft, place)
    label = Term(f"field.{place.name}.label")
    choice = Choice("order", "change", place.path, draft.number)
    key = "buttons.nth" if number else "buttons.field"
    return Offer(Term(key), choice, {"label": label, "item": number})
