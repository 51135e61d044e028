"""One tap back: what the latest answer filled, and an answer that was a question."""

from __future__ import annotations

from dialogs.acts import LookUp, Say
from dialogs.asking import put
from dialogs.citing import question
from dialogs.digressing import miss
from dialogs.events import Event, Picked, Said
from dialogs.ordering import back
from dialogs.readings import Asks, Misses, Orders
from dialogs.slots import Answered
from dialogs.state import Latest, Phase, Script, State, Step, at_rest, with_draft


def undo(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Take back what the latest answer filled; by word, with nothing to take back: one question
    back."""
    latest = state.latest
    tapped = isinstance(event, Picked) and bool(reading.argument)
    there = latest is not None and _there(script, state, latest)
    if latest is None or not there or (tapped and reading.argument != latest.message):
        if tapped:
            return miss(script, state, Misses(), event)
        return back(script, state, reading, event)
    state = _without(script, state, latest)
    return Step(state, (Say("undo.done"), *put(script, state)))


def was_question(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """[That was a question]: the answer is taken back, and the text is answered as a question."""
    path, _, message = reading.argument.partition(" ")
    slot = state.draft.slots.get(path) if state.draft is not None else None
    if not isinstance(slot, Answered) or message not in slot.messages:
        return miss(script, state, Misses(), event)
    known = state.latest is not None and (state.latest.path, state.latest.message)
    latest = state.latest if known == (path, message) else None
    without = _without(script, state, latest or Latest(path, message, event.at))
    found = event.found if isinstance(event, Said | Picked) else None
    done = question(script, without, Asks(slot.typed, found), event)
    if isinstance(done.acts[0], LookUp):
        return done
    return Step(done.state, (Say("undo.question"), *done.acts))


def _there(script: Script, state: State, latest: Latest) -> bool:
    """Is what it filled still to be found in the draft?"""
    draft = state.draft
    if draft is None or latest.drafted is not None:
        return draft is not None
    return latest.path in draft.slots and script.form.place(draft, latest.path) is not None


def _without(script: Script, state: State, latest: Latest) -> State:
    draft = state.draft
    assert draft is not None  # the callers' condition
    if latest.drafted is not None:
        draft = latest.drafted
    elif latest.before is not None:
        draft = draft.put(latest.path, latest.before)
    else:
        draft = draft.clear(latest.path)
    return at_rest(script, with_draft(state, draft, editing="", phase=Phase.FILLING))
