"""How far applications come: what one turn adds to the counts, without anything of its person.

The steps are the questions in the order of asking, then the summary, then the statement of truth.
A draft's *front* (``Stand``, in the state) is the furthest step that was put to its person. It
never goes back, whatever is changed, undone or added afterwards, so each draft passes each step
once at most, and everything adds up: who reached a step has passed it, has ended there, or stands
there now; and who passed one has reached the next.

How a step was passed is what stood in its slot at that moment (of a repeat, in its first item).
A further location is filled while the front stands at "is there another?". Time is counted at the
front alone, from the question to its passing; steps passed in one go (a pasted application) have
none. What is counted of a draft stands under the day that it was begun, however late it comes: so
the counts of any span of days are those of the applications begun in it, and still add up.
What staff ask again about a sent application is no draft in this sense.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from dialogs.acts import Act, Cite, Forget, Submit, Withdraw
from dialogs.events import Edited, Event, Informed, Picked, Said, Ticked
from dialogs.form import Form
from dialogs.slots import Answered, Draft, Kept, Parked, Skipped
from dialogs.state import Phase, Script, Stand, State, application, open_place

SUMMARY = "summary"
"""the step between the last question and the statement of truth"""

Passed = Literal["answered", "kept", "skipped", "parked", "not_asked"]
"""how a step was passed; not asked: its condition did not hold"""
Ended = Literal["expired", "erased", "anew", "stopped"]
"""how a draft ended at its front: by its silence, by a wish, for a new one, by a "no" """
Other = Literal["refused", "refused_again", "asked", "unknown", "unsure", "withdrawn"]

UNTIMED = -1
_FACTOR = math.log(1.25)


class Count(NamedTuple):
    """One more of this."""

    day: str
    """``2026-11-22``, UTC: when the draft was begun; without one, when it happened"""
    field: str
    """the step; empty where nothing was being filled"""
    what: Passed | Ended | Other
    detail: str = ""
    """refused, refused_again: the code; asked: the article's id"""
    bucket: int = UNTIMED
    """of a passing: how long it took, as ``bucket_of`` says"""


@lru_cache(maxsize=8)
def steps(form: Form) -> tuple[str, ...]:
    """The names of all steps in their order."""
    names: list[str] = []
    for group in form.groups:
        for field in group.fields:
            if field.question.stage == "closing" and SUMMARY not in names:
                names.append(SUMMARY)
            names.append(field.name)
        if group.repeat is not None:
            names.append(f"{group.name}.more")
    return tuple(names)


@lru_cache(maxsize=8)
def _positions(form: Form) -> dict[str, int]:
    return {name: nth for nth, name in enumerate(steps(form))}


def bucket_of(seconds: float) -> int:
    """0: up to a second; each further bucket ends a quarter later than the one before."""
    return 0 if seconds <= 1 else math.ceil(math.log(seconds) / _FACTOR)


def span_of(bucket: int) -> tuple[float, float]:
    """(from, to) in seconds."""
    return (0.0 if bucket == 0 else math.exp((bucket - 1) * _FACTOR)), math.exp(bucket * _FACTOR)


def stand_of(script: Script, before: State, state: State, event: Event) -> Stand | None:
    """The stand of the draft in ``state``, which a step from ``before`` led to."""
    draft = application(state)
    if draft is None:
        return None
    stand, front = state.stand, _front(script, state, draft)
    if stand is None or stand.draft != draft.number:
        stand = Stand(draft.number, event.at[:10], front, event.at)
    else:
        positions = _positions(script.form)
        # A front that the form no longer knows is where the draft stands by its slots.
        if positions[front] > positions.get(stand.front, -1):
            stand = Stand(stand.draft, stand.begun, front, event.at, stand.refused)
    refused = _refused(before, state)
    if refused and refused not in stand.refused:
        stand = replace(stand, refused=(*stand.refused, refused))
    return stand


def _front(script: Script, state: State, draft: Draft) -> str:
    place = script.form.next_place(draft)
    if place is None and state.phase is Phase.STATING and draft is state.draft:
        place = script.form.next_place(draft, "closing")
    return place.name if place is not None else SUMMARY


def counted(
    script: Script, before: State, after: State, acts: Sequence[Act], event: Event
) -> tuple[Count, ...]:
    """What the turn from ``before`` to ``after`` adds. Both are as ``step`` gave them."""
    return tuple(_counted(script, before, after, acts, event))


def _counted(
    script: Script, before: State, after: State, acts: Sequence[Act], event: Event
) -> Iterator[Count]:
    old, new = before.stand, after.stand
    over = old is not None and (new is None or new.draft != old.draft)
    if old is not None and over:
        yield from _ended(script, old, after, acts, event)
    draft = application(after)
    if new is not None and draft is not None:
        yield from _passed(script, None if over else old, new, draft, event.at)
    if (refused := _refused(before, after)) and new is not None and after.refusal is not None:
        again = old is not None and not over and refused in old.refused
        what: Other = "refused_again" if again else "refused"
        yield Count(new.begun, refused, what, after.refusal.code)
    yield from _asked(script, before, acts, event)
    for act in acts:
        if isinstance(act, Withdraw):
            yield Count(event.at[:10], "", "withdrawn")


def _ended(
    script: Script, stand: Stand, after: State, acts: Iterable[Act], event: Event
) -> Iterator[Count]:
    kinds = {type(act) for act in acts}
    if Submit in kinds and after.submissions:
        yield from _passed(script, stand, None, after.submissions[-1].draft, event.at)
        return
    how: Ended = "stopped"
    if isinstance(event, Ticked):
        how = "expired"
    elif Forget in kinds:
        how = "erased"
    elif application(after) is not None:
        how = "anew"
    yield Count(stand.begun, stand.front, how)


def _passed(
    script: Script, old: Stand | None, new: Stand | None, draft: Draft, at: str
) -> Iterator[Count]:
    """The steps from the old front up to the new one; without a new one, all that are left."""
    if old is not None and new is not None and old.front == new.front:
        return
    positions, begun = _positions(script.form), (old or new or Stand(0, "", "", "")).begun
    first = positions.get(old.front) if old is not None else 0
    last = positions[new.front] if new is not None else len(positions)
    if first is None:  # of an older form: nobody knows what was passed meanwhile
        return
    for name in steps(script.form)[first:last]:
        timed = old is not None and name == old.front
        bucket = _bucket(old.since, at) if old is not None and timed else UNTIMED
        yield Count(begun, name, outcome(script.form, draft, name), "", bucket)


def outcome(form: Form, draft: Draft, name: str) -> Passed:
    """How a step that a draft is past was passed."""
    field = form.fields.get(name)
    if field is None:  # the summary, or "is there another?"
        return "answered"
    path = name
    if field.repeats:
        path = f"{field.group}.{draft.ids(field.group)[0]}.{name.rpartition('.')[2]}"
    match draft.slots.get(path):
        case Answered():
            return "answered"
        case Kept():
            return "kept"
        case Skipped():
            return "skipped"
        case Parked():
            return "parked"
        case None:
            return "not_asked"


def _bucket(since: str, at: str) -> int:
    """A clock that went back makes it no time at all."""
    span = datetime.fromisoformat(at) - datetime.fromisoformat(since)
    return bucket_of(max(span, timedelta()).total_seconds())


def _refused(before: State, after: State) -> str:
    """The question to which this turn's answer was refused; empty where none was."""
    refusal = after.refusal
    if refusal is None or refusal == before.refusal or _amends(after):
        return ""
    return ".".join(part for part in refusal.path.split(".") if not part.isdigit())


def _asked(script: Script, before: State, acts: Iterable[Act], event: Event) -> Iterator[Count]:
    if isinstance(event, Informed):  # nobody asked
        return
    cited = [act.found.article for act in acts if isinstance(act, Cite)]
    found = event.found if isinstance(event, Said | Picked | Edited) else None
    band = found.band if found is not None else "answer"
    if not cited and band == "answer":
        return
    field = _standing(script, before)
    day = before.stand.begun if field and before.stand is not None else event.at[:10]
    for article in cited:
        yield Count(day, field, "asked", article)
    if not cited:
        yield Count(day, field, "unknown" if band == "nothing" else "unsure")


def _standing(script: Script, state: State) -> str:
    """The question that waits meanwhile."""
    if state.draft is None or _amends(state):
        return ""
    if state.phase in (Phase.VISITING, Phase.SUBMITTED):
        return ""
    place = open_place(script, state)
    return place.name if place is not None else SUMMARY


def _amends(state: State) -> bool:
    """Is it what staff ask again that is being filled? Of that nothing is counted as a step."""
    return state.draft is not None and bool(state.draft.reference)
