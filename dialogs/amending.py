"""Staff's part of a sent application's life: they ask about some answers, and they decide.

Who fills nothing is asked at once. Whoever is in the middle of something, a second application or
a confirmation, is told, with a button for it, and what was open is put again: nobody's next words
are taken for the answer to a question that came between.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Act, Lines, Say, Term, Value
from dialogs.amendment import amendment_of, askable, dropped, taken_up, waiting
from dialogs.asking import offer, put, put_back
from dialogs.ending import too_late
from dialogs.events import Event
from dialogs.handoff import go_back, idle
from dialogs.objects import where
from dialogs.readings import Decides, Orders, Requests
from dialogs.slots import Draft
from dialogs.state import (
    WITH_STAFF,
    PendingKind,
    Phase,
    Script,
    State,
    Status,
    Step,
    Submission,
    application,
    submission,
)
from dialogs.switching import put_again

OFFERS: dict[Status, tuple[str, ...]] = {
    "approved": ("status", "person"),
    "declined": ("apply_again", "person"),
}
"""commands whose buttons stand under a decision"""


ABOUT_NO_ANSWER: tuple[PendingKind, ...] = (
    "withdraw",
    "delete_data",
    "which",
    "escalate",
    "person",
    "change_request",
)
"""confirmations that stay open when the draft that was being filled is gone"""


def requested(script: Script, state: State, reading: Requests, event: Event) -> Step:
    """Staff ask about some answers: the others stay as they were sent."""
    request, sent = reading.request, submission(state, reading.request.reference)
    if sent is None or sent.status not in WITH_STAFF:  # withdrawn, decided or erased meanwhile
        return Step(state, ())
    may_ask = askable(script.form, sent.draft)
    asked = tuple(one for one in request.asked if one.path in may_ask)
    if not asked:
        return Step(state, ())
    state = _without_amendment(state, sent)
    amendment = amendment_of(sent, asked, state.drafts + 1)
    state = _marked(replace(state, drafts=amendment.number), sent, "needs_info", request.at)
    values: dict[str, Value] = {"reference": sent.reference, "count": str(len(asked))}
    if state.draft is None and state.pending is None:
        state = taken_up(script, state, amendment)
        return Step(state, (Say("amend.asked", values), *put(script, state)))
    state = replace(state, aside=(*state.aside, amendment))
    values["lines"] = Lines(_lines(script, amendment))
    says = Say("amend.asked_aside", values, (offer("answer_staff"),))
    return _with_what_was_open(script, state, event, (says,))


def answer_staff(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """[Answer now]: to what staff ask; what was being filled waits."""
    amendment = waiting(state)
    if amendment is None:
        return Step(state, (Say("amend.nothing"), *put(script, state, "short")))
    left = state.draft is not None and state.draft.number != amendment.number
    state = taken_up(script, state, amendment)
    done, total = script.form.progress(amendment)
    values: dict[str, Value] = {"reference": amendment.reference, "done": str(done)}
    values["total"] = str(total)
    says = Say("amend.left" if left else "amend.now", values)
    return Step(state, (says, *put(script, state)))


def decided(script: Script, state: State, reading: Decides, event: Event) -> Step:
    """What staff decided, and nothing beyond it. What they had asked before is over."""
    done, sent = reading.decided, submission(state, reading.decided.reference)
    if sent is None or sent.status not in WITH_STAFF:
        return Step(state, ())
    filling = state.draft is not None and state.draft.reference == sent.reference
    withdrawing = (
        state.pending is not None
        and state.pending.kind == "withdraw"
        and state.pending.proposal == sent.reference
    )
    state = _marked(_without_amendment(state, sent), sent, done.verdict, done.at)
    if withdrawing:
        state = replace(state, pending=None)
    busy = ("apply_again",) if application(state) is not None else ()
    offers = tuple(offer(name) for name in OFFERS[done.verdict] if name not in busy)
    values: dict[str, Value] = {"reference": sent.reference}
    says: tuple[Act, ...] = (Say(f"decision.{done.verdict}", values, offers),)
    if done.message is None:
        says = (*says, Say(f"decision.{done.verdict}_message"))
    elif done.message:
        says = (*says, Say("decision.own", {"text": done.message}))
    if withdrawing:
        says = (*says, too_late(replace(sent, status=done.verdict, changed_at=done.at)))
    if filling and state.pending is None:
        return go_back(script, state, says)
    if state.phase in (Phase.VISITING, Phase.SUBMITTED):
        state = replace(state, phase=idle(state))
    return _with_what_was_open(script, state, event, says)


def _without_amendment(state: State, sent: Submission) -> State:
    """Without what was asked before; a confirmation that was about one of its answers goes too."""
    filling = state.draft is not None and state.draft.reference == sent.reference
    state = dropped(state, sent.reference)
    if not filling:
        return state
    pending = state.pending if state.pending and state.pending.kind in ABOUT_NO_ANSWER else None
    return replace(state, phase=idle(state), pending=pending)


def _with_what_was_open(script: Script, state: State, event: Event, says: tuple[Act, ...]) -> Step:
    if state.pending is None:
        return Step(state, (*says, *put_back(script, state)))
    again = put_again(script, state, event)
    return Step(again.state, (*says, *again.acts))


def _marked(state: State, sent: Submission, status: Status, at: str) -> State:
    marked = replace(sent, status=status, changed_at=at)
    return replace(
        state,
        submissions=tuple(
            marked if s.reference == sent.reference else s for s in state.submissions
        ),
    )


def _lines(script: Script, amendment: Draft) -> tuple[Say, ...]:
    """What is asked, each with its reason."""
    reasons = {one.path: one.reason for one in amendment.asked}
    lines: list[Say] = []
    for place in script.form.places(amendment):
        label: Value = Term(f"field.{place.name}.label")
        if number := where(script, amendment, place):
            label = Lines((Say("buttons.nth", {"label": label, "item": number}),))
        lines.append(Say("status.asked", {"label": label, "reason": reasons[place.path]}))
    return tuple(lines)
