"""What an edited message was, and so what its new text can do.

| it was | its edit |
| --- | --- |
| an answer of the form being filled | is offered as a correction, old and new value shown |
| several answers at once | the same, for those whose value changes |
| a refused answer, a question | is read anew as what it is now |
| the consent, a command, what was submitted | changes nothing; what to do instead is said |
"""

from __future__ import annotations

from dialogs.amendment import within
from dialogs.answers import Accepted, Refused, clean
from dialogs.events import Edited
from dialogs.form import Place
from dialogs.joining import SEPARATORS
from dialogs.readings import Amends, Asks
from dialogs.slots import Answered, Draft, Kept
from dialogs.state import Script, State, read_as
from dialogs.told import bare_answer, cued, values_in


def read_edited(script: Script, state: State, event: Edited) -> Amends | Asks | None:
    """None: read the new text as if it had been sent now."""
    text = clean(event.text)
    draft = state.draft
    paths = within(draft, _filled_by(draft, event.message)) if draft is not None else ()
    if not paths or not text or draft is None:
        if any(_filled_by(sent.draft, event.message) for sent in state.submissions):
            return Amends("submitted")
        if text and event.message in state.questions:
            return Asks(text, event.found)
        refused = state.refusal is not None and event.message in state.refusal.messages
        return None if text and refused else Amends("other")
    places = [place for path in paths if (place := script.form.place(draft, path)) is not None]
    if any(place.question.stage in ("consent", "closing") for place in places):
        return Amends("agreement")
    if len(places) == 1:
        return _one(script, state, places[0], event.message, text)
    return _several(script, state, places, text)


def _filled_by(draft: Draft, message: str) -> tuple[str, ...]:
    return tuple(
        path
        for path, slot in draft.slots.items()
        if isinstance(slot, Answered | Kept) and message in slot.messages
    )


def _one(script: Script, state: State, place: Place, message: str, text: str) -> Amends:
    assert state.draft is not None  # a slot was filled
    language = script.wording.language(state.language)
    values = [v for v in values_in(script, language, text, place.name) if v.name == place.name]
    if len(values) == 1:
        typed = values[0].typed
    else:
        behind = cued(script, state, language, place, text)
        typed = behind.typed if behind is not None else bare_answer(language, place, text)
    slot = state.draft.slots[place.path]
    if isinstance(slot, Answered) and len(slot.parts) == len(slot.messages) > 1:
        parts = list(slot.parts)
        parts[slot.messages.index(message)] = text
        typed = SEPARATORS.get(type(place.question.reader), " ").join(parts)
    outcome = read_as(script, state, place, typed)
    if isinstance(outcome, Refused):
        return Amends("answer", refused=outcome, path=place.path)
    same = isinstance(slot, Answered) and slot.value == outcome.value
    return Amends("answer", () if same else ((place.path, typed),), path=place.path)


def _several(script: Script, state: State, places: list[Place], text: str) -> Amends:
    assert state.draft is not None
    language = script.wording.language(state.language)
    changes: list[tuple[str, str]] = []
    for value in values_in(script, language, text):
        fitting = [place for place in places if place.name == value.name]
        if value.nth >= len(fitting):
            continue
        place = fitting[value.nth]
        outcome = read_as(script, state, place, value.typed)
        slot = state.draft.slots[place.path]
        assert isinstance(slot, Answered | Kept)  # as _filled_by chose it
        was = slot.value if isinstance(slot, Answered) else slot.typed
        if isinstance(outcome, Accepted) and outcome.value != was:
            changes.append((place.path, value.typed))
    return Amends("answer", tuple(changes))
