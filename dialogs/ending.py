"""Stopping: what is being filled is left or begun anew, what was sent is taken back."""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Say, Withdraw
from dialogs.asking import confirm, offer, progress_say, put
from dialogs.events import Event
from dialogs.handoff import idle
from dialogs.ordering import apply
from dialogs.readings import Orders
from dialogs.returning import kept
from dialogs.state import Pending, Phase, Script, State, Step, begin, with_staff


def cancel(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Stop applying. Nothing is sent and nothing is lost."""
    if state.draft is None:
        return Step(state, (Say("cancel.nothing"), *put(script, state, "short")))
    state = replace(state, phase=idle(state), editing="", pending=None, refusal=None, held="")
    offers = (offer("resume"), offer("delete_data"))
    return Step(state, (Say("cancel.done", {"kept": kept(script)}, offers),))


def ask_start_over(script: Script, state: State, reading: Orders, event: Event) -> Step:
    if state.draft is None:
        return apply(script, state, reading, event)
    pending = Pending("start_over")
    state = replace(state, pending=pending)
    offers = confirm(pending)
    return Step(state, (replace(progress_say(script, state, "start_over.ask"), offers=offers),))


def confirm_start_over(script: Script, state: State, event: Event) -> Step:
    state = begin(state)
    return Step(state, (Say("start_over.done"), *put(script, state)))


def withdraw(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """What staff have is meant, where they have one; else what is being filled."""
    return (ask_withdraw if with_staff(state) else cancel)(script, state, reading, event)


def ask_withdraw(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Take the latest application that is still with staff back, once confirmed."""
    sent = with_staff(state)
    if sent is None:
        return Step(state, (Say("withdraw.nothing"), *put(script, state, "short")))
    pending = Pending("withdraw", proposal=sent.reference)
    state = replace(state, pending=pending)
    offers = confirm(pending)
    return Step(state, (Say("withdraw.ask", {"reference": sent.reference}, offers),))


def confirm_withdraw(script: Script, state: State, event: Event) -> Step:
    reference = state.pending.proposal if state.pending else ""
    submissions = tuple(
        replace(s, status="withdrawn", changed_at=event.at) if s.reference == reference else s
        for s in state.submissions
    )
    state = replace(state, submissions=submissions, pending=None)
    if state.phase is Phase.SUBMITTED:
        state = replace(state, phase=idle(state))
    says = Say(
        "withdraw.done", {"reference": reference}, (offer("apply_again"), offer("delete_data"))
    )
    filling = state.phase not in (Phase.VISITING, Phase.SUBMITTED)
    back = put(script, state, "short") if filling else ()
    return Step(state, (Withdraw(reference), says, *back))
