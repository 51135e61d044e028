"""The end of the form: from "submit" over the statement of truth to the receipt.

Nothing incomplete is handed off: questions that are open at staff are named, with a way to answer
them now. The hand-off is one act in one turn, so there is exactly one record for it.

What staff asked about a sent application is sent as its new version; consent and truth were given
for the application, and are not asked for again.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Act, Lines, Offer, Resubmit, Say, Submit, Term
from dialogs.amendment import amends, askable, dropped, taken_up, whole
from dialogs.asking import offer, put
from dialogs.events import Choice, Event
from dialogs.form import Place
from dialogs.objects import where
from dialogs.readings import Orders
from dialogs.record import record_of
from dialogs.slots import Asked, Draft
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
    if (sent := amends(state)) is not None:
        return _send_again(script, state, sent, event)
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
    return go_back(script, state, (Submit(reference, draft.number, record), says))


def _send_again(script: Script, state: State, sent: Submission, event: Event) -> Step:
    """The new version: what was sent, with the asked answers. What an answer made necessary
    besides, by a condition of the form, is asked first."""
    assert state.draft is not None  # the callers' condition
    asked, draft = state.draft.asked, whole(sent, state.draft)
    if lacking := tuple(p for p in askable(script.form, draft) if p not in draft.slots):
        more = (*asked, *(Asked(path, "") for path in lacking))
        state = replace(state, draft=replace(state.draft, asked=more), phase=Phase.FILLING)
        return Step(state, put(script, state))
    draft = script.form.doubts(draft, script.wording.language(state.language))
    again = replace(
        sent, draft=draft, status="submitted", changed_at=event.at, version=sent.version + 1
    )
    submissions = tuple(again if s.reference == sent.reference else s for s in state.submissions)
    state = replace(dropped(state, sent.reference), submissions=submissions, pending=None)
    act = Resubmit(sent.reference, record_of(script.form, draft), sent.draft, draft, asked)
    offers = (offer("status"), offer("my_data"), offer("withdraw"))
    says = Say("amend.sent", {"reference": sent.reference}, offers)
    return go_back(script, state, (act, says))


def go_back(script: Script, state: State, acts: tuple[Act, ...]) -> Step:
    """Where what was being filled is over: to what was left for it, if anything was."""
    state = replace(state, phase=idle(state))
    if not state.aside:
        return Step(state, acts)
    left = state.aside[0]
    state = taken_up(script, state, left)
    key = "amend.next" if left.reference else "amend.back"
    return Step(state, (*acts, Say(key, {"reference": left.reference}), *put(script, state)))


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
