"""Stopping: what is being filled is left or begun anew, what was sent is taken back."""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Say, Term, Value, Withdraw
from dialogs.amendment import amendment_of, amends, dropped, taken_up
from dialogs.asking import confirm, offer, progress_say, put, put_back
from dialogs.events import Event
from dialogs.handoff import go_back, idle
from dialogs.ordering import apply
from dialogs.readings import Orders
from dialogs.returning import kept
from dialogs.review import Stage, public
from dialogs.state import (
    WITH_STAFF,
    Pending,
    Phase,
    Script,
    State,
    Step,
    Submission,
    begin,
    submission,
    with_staff,
)


def cancel(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Stop applying. Nothing is sent and nothing is lost."""
    if state.draft is None:
        return Step(state, (Say("cancel.nothing"), *put(script, state, "short")))
    sent = amends(state)
    state = replace(state, phase=idle(state), editing="", pending=None, refusal=None, held="")
    if sent is not None:
        ways = (offer("resume"), offer("person"), offer("withdraw"))
        return Step(state, (Say("amend.stopped", {"reference": sent.reference}, ways),))
    offers = (offer("resume"), offer("delete_data"))
    return Step(state, (Say("cancel.done", {"kept": kept(script, state)}, offers),))


def ask_start_over(script: Script, state: State, reading: Orders, event: Event) -> Step:
    if state.draft is None:
        return apply(script, state, reading, event)
    pending = Pending("start_over")
    state = replace(state, pending=pending)
    offers = confirm(pending)
    return Step(state, (replace(progress_say(script, state, "start_over.ask"), offers=offers),))


def confirm_start_over(script: Script, state: State, event: Event) -> Step:
    sent, draft = amends(state), state.draft
    if sent is not None and draft is not None:
        fresh = amendment_of(sent, draft.asked, state.drafts + 1)
        state = replace(dropped(state, sent.reference), drafts=fresh.number)
        state = taken_up(script, state, fresh)
    else:
        state = begin(state)
    return Step(state, (Say("start_over.done"), *put(script, state)))


def withdraw(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """What staff have is meant, where they have one; else what is being filled."""
    filling = with_staff(state) is None and state.draft is not None
    return (cancel if filling else ask_withdraw)(script, state, reading, event)


def ask_withdraw(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Take an application that is still with staff back, once confirmed: the one that the open
    question is about, else the one that staff ask about at the moment, else the latest. What is
    decided cannot be taken back."""
    pending = state.pending
    asked = pending.proposal if pending is not None and pending.kind == "withdraw" else ""
    sent = submission(state, asked) if asked else None
    if sent is None or sent.status not in WITH_STAFF:
        sent = amends(state) or with_staff(state)
    if sent is None:
        latest = state.submissions[-1] if state.submissions else None
        late = latest is not None and latest.status != "withdrawn"
        says = too_late(latest) if latest is not None and late else Say("withdraw.nothing")
        return Step(state, (says, *put(script, state, "short")))
    pending = Pending("withdraw", proposal=sent.reference)
    state = replace(state, pending=pending)
    offers = confirm(pending)
    return Step(state, (Say("withdraw.ask", {"reference": sent.reference}, offers),))


def confirm_withdraw(script: Script, state: State, event: Event) -> Step:
    reference = state.pending.proposal if state.pending else ""
    sent = submission(state, reference)
    if sent is None or sent.status not in WITH_STAFF:
        return ask_withdraw(script, replace(state, pending=None), Orders("withdraw"), event)
    filling = state.draft is not None and state.draft.reference == reference
    submissions = tuple(
        replace(s, status="withdrawn", changed_at=event.at) if s.reference == reference else s
        for s in state.submissions
    )
    state = replace(dropped(state, reference), submissions=submissions, pending=None)
    says = Say(
        "withdraw.done", {"reference": reference}, (offer("apply_again"), offer("delete_data"))
    )
    if filling:
        return go_back(script, state, (Withdraw(reference), says))
    if state.phase is Phase.SUBMITTED:
        state = replace(state, phase=idle(state))
    return Step(state, (Withdraw(reference), says, *put_back(script, state)))


def too_late(sent: Submission) -> Say:
    """Why it cannot be withdrawn any more."""
    name = Term(public(Stage(sent.status)))
    values: dict[str, Value] = {"reference": sent.reference, "name": name}
    return Say("withdraw.late", {**values, "date": sent.changed_at[:10]})
