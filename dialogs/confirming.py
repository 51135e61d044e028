"""What yes and no do to a question about an answer (``doubting.py``) and to an edited message."""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Lines, Say, Term, Value
from dialogs.answering import go_on
from dialogs.asking import confirm, put_back, shown
from dialogs.doubting import two_names
from dialogs.events import Event
from dialogs.filling import Entry, fill, latest, objection, read_slot, undo_offer, write
from dialogs.form import Place
from dialogs.readings import Amends
from dialogs.readings import Value as Found
from dialogs.slots import Answered, Slot
from dialogs.state import Pending, Phase, Script, State, Step, with_draft


def amend(script: Script, state: State, reading: Amends, event: Event) -> Step:
    """An edited message: its answer's new value is offered beside the old one."""
    if reading.was != "answer":
        return Step(state, (Say(f"edited.{reading.was}"), *put_back(script, state)))
    if reading.refused is not None:
        values: dict[str, Value] = {"label": _label(script, state, reading.path)}
        why = objection(_place(script, state, reading.path), reading.refused)
        return Step(state, (Say("edited.refused", values), why, *put_back(script, state)))
    if not reading.changes:
        return Step(state, (Say("edited.same"), *put_back(script, state)))
    pending = Pending("edit", getattr(event, "message", ""), changes=reading.changes)
    return Step(replace(state, pending=pending), (offer_edit(script, state, pending),))


def offer_edit(script: Script, state: State, pending: Pending) -> Say:
    """What the edited message would change, old beside new."""
    assert state.draft is not None  # an answer was filled
    lines: list[Say] = []
    for path, typed in pending.changes:
        place = _place(script, state, path)
        new = read_slot(script, state, place, typed, ())
        values: dict[str, Value] = {
            "label": _label(script, state, path),
            "was": shown(script, state, place, state.draft.slots.get(path)),
            "value": shown(script, state, place, new),
        }
        lines.append(Say("edited.line", values))
    return Say("edited.offer", {"lines": Lines(tuple(lines))}, confirm(pending))


def confirm_edit(script: Script, state: State, event: Event) -> Step:
    """The edited message's values stand now."""
    pending, before = state.pending, state.draft
    assert pending is not None  # the machine's condition
    if before is None:
        return Step(replace(state, pending=None), put_back(script, state))
    entries = [Entry(path, typed) for path, typed in pending.changes]
    written = write(script, state, entries, (pending.path,))
    draft = _with_old_messages(before.slots, written.state)
    back = latest("", event, None, before)
    editing = "" if state.editing in {path for path, _ in pending.changes} else state.editing
    state = with_draft(draft, draft.draft or before, latest=back, editing=editing)
    if state.phase in (Phase.REVIEWING, Phase.STATING, Phase.PAUSED):
        state = replace(state, phase=Phase.FILLING)
    says = tuple(
        Say(
            "accepted.changed",
            {
                "label": _label(script, state, place.path),
                "was": shown(script, state, place, was),
                "value": shown(script, state, place, slot),
            },
            (undo_offer(state),),
        )
        for place, slot, was, _ in written.taken
    )
    return go_on(script, state, says, None)


def _with_old_messages(slots: dict[str, Slot], state: State) -> State:
    """A changed slot goes on knowing every message that it came from."""
    draft = state.draft
    assert draft is not None
    for path, slot in draft.slots.items():
        was = slots.get(path)
        if isinstance(slot, Answered) and isinstance(was, Answered) and slot is not was:
            messages = tuple(dict.fromkeys((*was.messages, *slot.messages)))
            draft = draft.put(path, replace(slot, messages=messages))
    return replace(state, draft=draft)


def keep_unedited(script: Script, state: State, event: Event) -> Step:
    state = replace(state, pending=None)
    return Step(state, (Say("edited.kept"), *put_back(script, state)))


def split_dba(script: Script, state: State, event: Event) -> Step:
    """The second name in the legal name is the trading name."""
    slot = _doubted(state)
    flag = next((f for f in slot.flags if f.code == "dba_inside"), None) if slot else None
    if flag is None:
        return stands(script, state, event)
    values = (Found("legal_name", 0, flag.details["legal"]), Found("dba", 0, flag.details["dba"]))
    state, says = fill(script, replace(state, pending=None), values, event)
    return go_on(script, state, says, None)


def split_owners(script: Script, state: State, event: Event) -> Step:
    """Two names in one answer are two owners."""
    slot, path = _doubted(state), state.pending.path if state.pending else ""
    names = two_names(script, state, slot.typed) if slot else None
    if names is None or state.draft is None or slot is None:
        return stands(script, state, event)
    before, group = state.draft, path.partition(".")[0]
    draft = before.add(group)
    added = f"{group}.{draft.ids(group)[-1]}.{path.rpartition('.')[2]}"
    state = replace(state, draft=draft, pending=None)
    entries = [Entry(path, names[0]), Entry(added, names[1])]
    written = write(script, state, entries, slot.messages)
    back = latest("", event, None, before)
    state = with_draft(written.state, written.state.draft or draft, latest=back)
    lines = tuple(
        Say("paste.line_short", {"label": _label(script, state, p.path), "value": e.typed})
        for p, _, _, e in written.taken
    )
    says = Say("paste.split", {"lines": Lines(lines)}, (undo_offer(state),))
    return go_on(script, state, (says,), None)


def stands(script: Script, state: State, event: Event) -> Step:
    """The answer stands as it is; its flag is for the reviewer."""
    state = replace(state, pending=None)
    return go_on(script, _from_summary(state), (), None)


def is_home(script: Script, state: State, event: Event) -> Step:
    """The applicant's own word that it is a home: the one thing that refuses an address."""
    path = state.pending.path if state.pending else ""
    if state.draft is None or not path:
        return stands(script, state, event)
    draft = state.draft.clear(path)
    state = with_draft(state, draft, editing="", phase=Phase.FILLING)
    return go_on(script, state, (Say("doubt.home_refused"),), None)


def ask_rest(script: Script, state: State, event: Event) -> Step:
    """The address is not whole: it is asked again, with what is there shown."""
    path = state.pending.path if state.pending else ""
    if state.draft is None or path not in state.draft.slots:
        return stands(script, state, event)
    state = with_draft(state, state.draft, editing=path, phase=Phase.FILLING)
    return go_on(script, state, (Say("doubt.send_whole"),), None)


def _doubted(state: State) -> Answered | None:
    path = state.pending.path if state.pending else ""
    slot = state.draft.slots.get(path) if state.draft is not None else None
    return slot if isinstance(slot, Answered) else None


def _from_summary(state: State) -> State:
    return replace(state, phase=Phase.FILLING) if state.phase is Phase.REVIEWING else state


def _place(script: Script, state: State, path: str) -> Place:
    place = script.form.place(state.draft, path) if state.draft is not None else None
    assert place is not None  # a slot was filled there
    return place


def _label(script: Script, state: State, path: str) -> Term:
    return Term(f"field.{_place(script, state, path).name}.label")
