"""The command for another language: it is spoken from here on, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dialogs.acts import Say, Term
from dialogs.asking import confirm, put
from dialogs.citing import offer_again
from dialogs.confirming import offer_edit
from dialogs.digressing import change_submitted, person
from dialogs.doubting import doubt
from dialogs.ending import ask_start_over, ask_withdraw
from dialogs.events import Event
from dialogs.forgetting import ask_delete
from dialogs.languages import others, welcome
from dialogs.ordering import change, remove
from dialogs.readings import Orders
from dialogs.slots import Answered
from dialogs.state import PendingKind, Phase, Script, State, Step

Again = Callable[[Script, State, Event], Step]


def switch(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """To the language named, or to the only other one; else which it shall be is asked. What was
    open, a question or a confirmation, is put again in it."""
    offers = others(script, state)
    code = reading.argument
    if not code and len(offers) == 1:
        code = offers[0].choice.value
    if code not in script.wording.languages:
        if offers:
            return Step(state, (Say("switch.which", {}, offers),))
        code = script.wording.language(state.language).code
    state = replace(state, language=code, language_by="person")
    newcomer = state.phase is Phase.VISITING and not state.drafts and state.pending is None
    if newcomer and reading.argument:
        return Step(state, (welcome(script, state), *put(script, state)))
    again = put_again(script, state, event)
    return Step(again.state, (Say("switch.done"), *again.acts))


def put_again(script: Script, state: State, event: Event) -> Step:
    """What is open, a confirmation or else the question, is put again."""
    if state.pending is None:
        return Step(state, put(script, state))
    return AGAIN[state.pending.kind](script, state, event)


def _check(script: Script, state: State, event: Event) -> Step:
    pending = state.pending
    assert pending is not None  # a "no" in the self-check is open, so there is a draft
    assert state.draft is not None
    place = script.form.place(state.draft, pending.path)
    name = place.name if place is not None else pending.path
    requirement = Term(f"field.{name}.requirement")
    return Step(state, (Say("check.no", {"requirement": requirement}, confirm(pending)),))


def _choose(script: Script, state: State, event: Event) -> Step:
    pending = state.pending
    assert pending is not None  # the caller's condition
    cell = remove if pending.proposal == "remove" else change
    return cell(script, state, Orders(pending.proposal, pending.path), event)


def _change_request(script: Script, state: State, event: Event) -> Step:
    path = state.pending.path if state.pending is not None else ""
    return change_submitted(script, state, Orders("change", path), event)


def _edit(script: Script, state: State, event: Event) -> Step:
    pending = state.pending
    assert pending is not None  # the caller's condition
    return Step(state, (offer_edit(script, state, pending),))


def _doubt(script: Script, state: State, event: Event) -> Step:
    path = state.pending.path if state.pending is not None else ""
    place = script.form.place(state.draft, path) if state.draft is not None else None
    slot = state.draft.slots.get(path) if state.draft is not None else None
    if place is None or not isinstance(slot, Answered):
        return Step(replace(state, pending=None), put(script, state))
    raised = doubt(script, state, place, slot, None)
    if raised is None:
        return Step(replace(state, pending=None), put(script, state))
    return Step(replace(state, pending=raised[0]), (raised[1],))


def _contact(script: Script, state: State, event: Event) -> Step:
    pending = state.pending
    assert pending is not None  # the caller's condition
    return Step(state, (Say("sharing.confirm", {"number": pending.proposal}, confirm(pending)),))


AGAIN: dict[PendingKind, Again] = {
    "check_no": _check,
    "start_over": lambda script, state, event: ask_start_over(
        script, state, Orders("start_over"), event
    ),
    "withdraw": lambda script, state, event: ask_withdraw(script, state, Orders("withdraw"), event),
    "delete_data": lambda script, state, event: ask_delete(
        script, state, Orders("delete_data"), event
    ),
    "which": offer_again,
    "escalate": offer_again,
    "person": lambda script, state, event: person(script, state, Orders("person"), event),
    "change_request": _change_request,
    "choose": _choose,
    "edit": _edit,
    **dict.fromkeys(("dba_split", "home", "owners_split", "rest"), _doubt),
    "contact": _contact,
}
"""how each open confirmation is put again"""
