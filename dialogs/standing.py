"""Where everything stands: each sent application by its public name, and what is being filled."""

from __future__ import annotations

from dialogs.acts import Act, Lines, Say, Term, Value
from dialogs.asking import offer, put, shown, visit_offers
from dialogs.events import Event
from dialogs.objects import where
from dialogs.readings import Orders
from dialogs.review import Stage, public
from dialogs.slots import Answered, Draft, Kept, Parked, Skipped
from dialogs.state import Phase, Script, State, Step, Submission, application


def status(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """What is filled and what is left; of sent applications the public name of the stage, what
    staff ask, and what happens next."""
    says: list[Act] = [_sent(script, state, sent) for sent in state.submissions]
    draft = application(state)
    if draft is not None:
        says += _unfinished(script, state, draft)
    if not says:
        says.append(Say("status.none", {}, visit_offers(state)))
    quiet = state.phase in (Phase.VISITING, Phase.SUBMITTED)
    if quiet and draft is not None and draft is state.draft:
        return Step(state, (*says, Say("cancel.kept", {}, (offer("resume"),))))
    return Step(state, tuple(says) if quiet else (*says, *put(script, state, "short")))


def stands(script: Script, state: State) -> tuple[Say, ...]:
    """The sent applications as ``status`` says them, without buttons."""
    says = (_sent(script, state, sent) for sent in state.submissions)
    return tuple(Say(say.key, say.values) for say in says)


def _sent(script: Script, state: State, sent: Submission) -> Say:
    values: dict[str, Value] = {
        "reference": sent.reference,
        "name": Term(public(Stage(sent.status))),
        "date": sent.at[:10],
        "changed": sent.changed_at[:10],
    }
    if sent.status == "submitted" and sent.version > 1:
        return Say("status.resubmitted", values)
    if sent.status != "needs_info":
        return Say(f"status.{sent.status}", values)
    drafts = (*((state.draft,) if state.draft is not None else ()), *state.aside)
    amendment = next((d for d in drafts if d.reference == sent.reference), None)
    values["lines"] = Lines(_asked(script, state, amendment) if amendment is not None else ())
    filling = amendment is state.draft and state.phase not in (Phase.VISITING, Phase.SUBMITTED)
    return Say("status.needs_info", values, () if filling else (offer("answer_staff"),))


def _asked(script: Script, state: State, amendment: Draft) -> tuple[Say, ...]:
    """What staff ask, each with its reason, and what is answered of it."""
    reasons = {one.path: one.reason for one in amendment.asked}
    lines: list[Say] = []
    for place in script.form.places(amendment):
        label: Value = Term(f"field.{place.name}.label")
        if number := where(script, amendment, place):
            label = Lines((Say("buttons.nth", {"label": label, "item": number}),))
        slot = amendment.slots.get(place.path)
        values: dict[str, Value] = {"label": label, "reason": reasons[place.path]}
        values["value"] = shown(script, state, place, slot)
        lines.append(Say("status.asked" if slot is None else "status.asked_done", values))
    return tuple(lines)


def _unfinished(script: Script, state: State, draft: Draft) -> list[Say]:
    done, total = script.form.progress(draft)
    says = [Say("status.draft", {"done": str(done), "total": str(total)})]
    lines, left = [], []
    for place in script.form.places(draft):
        if place.kind == "more" or place.question.stage != "form":
            continue
        slot = draft.slots.get(place.path)
        label = Term(f"field.{place.name}.label")
        number = where(script, draft, place)
        if isinstance(slot, Answered | Kept | Skipped):
            values: dict[str, Value] = {
                "label": label,
                "item": number,
                "value": shown(script, state, place, slot),
            }
            lines.append(Say("status.done_nth" if number else "status.done", values))
        else:
            key = "status.parked" if isinstance(slot, Parked) else "status.left"
            left.append(Say(f"{key}_nth" if number else key, {"label": label, "item": number}))
    if lines:
        says.append(Say("status.filled", {"lines": Lines(tuple(lines))}))
    if left:
        says.append(Say("status.open", {"lines": Lines(tuple(left))}))
    return says
