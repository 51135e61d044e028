"""A person's data: shown whole, and erased whole."""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Act, Forget, Say, Value
from dialogs.asking import confirm, lines_of, offer, put
from dialogs.events import Event
from dialogs.readings import Erases, Orders
from dialogs.state import Pending, Phase, Script, State, Step


def my_data(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Everything that is kept, each application with its reference."""
    says: list[Act] = []
    for submission in state.submissions:
        values: dict[str, Value] = {
            "reference": submission.reference,
            "date": submission.at[:10],
            "lines": lines_of(script, state, submission.draft, whole=True),
        }
        says.append(Say("data.submitted", values))
        if submission.version > 1:
            says.append(Say("data.versions", {"count": str(submission.version - 1)}))
    for draft in (*((state.draft,) if state.draft is not None else ()), *state.aside):
        lines = lines_of(script, state, draft, whole=True)
        if lines.lines:
            says.append(Say("data.draft", {"lines": lines}))
    if not says:
        says.append(Say("data.none"))
    if state.cited:
        count = str(len(state.cited))
        says.append(Say("data.told", {"count": count}, (offer("was_told"),)))
    says.append(Say("data.also", {}, (offer("delete_data"),)))
    if state.phase not in (Phase.VISITING, Phase.SUBMITTED):
        says += put(script, state, "short")
    return Step(state, tuple(says))


def ask_delete(script: Script, state: State, reading: Orders, event: Event) -> Step:
    references = ", ".join(s.reference for s in state.submissions)
    key = "erase.ask_submitted" if references else "erase.ask"
    pending = Pending("delete_data")
    state = replace(state, pending=pending)
    offers = confirm(pending)
    return Step(state, (Say(key, {"references": references}, offers),))


def confirm_delete(script: Script, state: State, event: Event) -> Step:
    return _forget(state, "erase.done")


def erased(script: Script, state: State, reading: Erases, event: Event) -> Step:
    """An operator erased it on request."""
    return _forget(state, "erase.by_staff")


def _forget(state: State, key: str) -> Step:
    references = tuple(s.reference for s in state.submissions)
    fresh = State(language=state.language, language_by=state.language_by)
    return Step(fresh, (Forget(references), Say(key, {}, (offer("apply"),))))


def nothing_deleted(script: Script, state: State, event: Event) -> Step:
    return Step(state, (Say("erase.kept"), *put(script, state, "short")))
