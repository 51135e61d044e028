"""Several answers written at once: found in one text, given to other questions, or changed by an
edited message. Each is read by its own field's reader, as if it had been typed there.

What hangs on a country that is not known yet is held until it is; a whole application that comes
before the consent is held for the consent and for nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dialogs.acts import Lines, Offer, Say, Term, Value
from dialogs.addresses import Address
from dialogs.amendment import within
from dialogs.answers import Refused
from dialogs.asking import number_of, offer, shown
from dialogs.contacts import Phone
from dialogs.events import Choice, Edited, Event, Picked, Said
from dialogs.form import Place
from dialogs.objects import where
from dialogs.readings import Value as Found
from dialogs.slots import Answered, Draft, Kept, Skipped, Slot
from dialogs.state import Latest, Script, State, open_place, read_as, with_draft
from dialogs.wording import fold

WHOLE = 3
"""values in one text from which its owners and locations are taken to be all of them"""
HELD = 8000
"""characters held for the consent"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a slot shall say."""

    path: str
    typed: str
    words: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the entries, in the order of the form."""

    state: State
    taken: tuple[tuple[Place, Slot, Slot | None, Entry], ...]
    """(where, what stands there now, what stood there, the entry)"""
    refused: tuple[tuple[Place, Refused, Entry], ...]
    held: tuple[tuple[Place, Entry], ...]


def messages_of(event: Event) -> tuple[str, ...]:
    return (event.message,) if isinstance(event, Said | Picked | Edited) else ()


def latest(path: str, event: Event, before: Slot | None, drafted: Draft | None = None) -> Latest:
    """How to take back what this event filled."""
    message = next(iter(messages_of(event)), event.token)
    return Latest(path, message, event.at, before, drafted)


def write(
    script: Script, state: State, entries: Sequence[Entry], messages: tuple[str, ...]
) -> Written:
    """Every entry through its reader, a location's country first."""
    draft = state.draft or Draft()
    wanted = {entry.path: entry for entry in entries}
    taken: list[tuple[Place, Slot, Slot | None, Entry]] = []
    refused: list[tuple[Place, Refused, Entry]] = []
    held: list[tuple[Place, Entry]] = []
    for place in script.form.places(draft):
        entry = wanted.get(place.path)
        if entry is None:
            continue
        now = replace(state, draft=draft)
        if _hangs_on_country(place, draft):
            held.append((place, entry))
            continue
        slot = read_slot(script, now, place, entry.typed, messages)
        if isinstance(slot, Refused):
            refused.append((place, slot, entry))
            continue
        before = draft.slots.get(place.path)
        draft = draft.put(place.path, slot)
        taken.append((place, slot, before, entry))
    if any(place.item for place, *_ in taken):
        draft = script.form.doubts(draft, script.wording.language(state.language))
    message = next(iter(messages), "")
    waiting = tuple((place.path, entry.typed, message) for place, entry in held)
    kept = tuple(h for h in state.held_answers if h[0] not in wanted)
    state = replace(state, draft=draft, held_answers=(*kept, *waiting))
    return Written(state, tuple(taken), tuple(refused), tuple(held))


def read_slot(
    script: Script, state: State, place: Place, typed: str, messages: tuple[str, ...]
) -> Slot | Refused:
    """The slot that the text makes at this question; "none" skips what may be skipped."""
    language = script.wording.language(state.language)
    if "skip" in place.question.ways and fold(typed) in language.folded("none_words"):
        return Skipped()
    outcome = read_as(script, state, place, typed)
    if isinstance(outcome, Refused):
        return outcome
    return Answered(outcome.value, typed, messages, outcome.flags)


def placed(script: Script, state: State, values: Sequence[Found]) -> tuple[Draft, list[Entry]]:
    """Each value's slot; owners and locations that the text adds are added to the draft."""
    draft = state.draft or Draft()
    entries: list[Entry] = []
    for name, repeat in script.form.repeats.items():
        theirs = [value for value in values if value.name.startswith(f"{name}.")]
        told = max((_nth(value) for value in theirs), default=-1) + 1
        most = repeat.repeat.most if repeat.repeat else 1
        numbered = any(value.number for value in theirs)
        items = _items(script, replace(state, draft=draft), name, 0 if numbered else told)
        while len(items) < told and len(draft.ids(name)) < most and not draft.asked:
            draft = draft.add(name)
            items.append(draft.ids(name)[-1])
        for value in theirs:
            if _nth(value) < len(items):
                path = f"{name}.{items[_nth(value)]}.{value.name.partition('.')[2]}"
                entries.append(Entry(path, value.typed, value.words, value.sure))
    entries += [
        Entry(value.name, value.typed, value.words, value.sure)
        for value in values
        if value.name.partition(".")[0] not in script.form.repeats
    ]
    return draft, entries


def _nth(value: Found) -> int:
    """Its item, from 0: by the number that the text tells, else by its place in the text."""
    return value.number - 1 if value.number else value.nth


def _items(script: Script, state: State, repeat: str, told: int) -> list[str]:
    """The items that the text's first, second, ... are: all of them in order, but one alone is the
    one that is being asked about, else the last."""
    draft = state.draft or Draft()
    ids = list(draft.ids(repeat))
    place = open_place(script, state)
    if told == 1 and len(ids) > 1:
        here = place is not None and place.group == repeat and place.item
        return [place.item if here and place is not None else ids[-1]]
    return ids


def fill(
    script: Script, state: State, values: Sequence[Found], event: Event
) -> tuple[State, tuple[Say, ...]]:
    """Write what a text says, and say what was taken with the words that it came from."""
    before = state.draft or Draft()
    draft, entries = placed(script, state, values)
    written = write(script, replace(state, draft=draft), entries, messages_of(event))
    if len(values) >= WHOLE and not draft.asked:
        written = replace(written, state=_closed(script, written.state, values))
    filled = written.state
    one = written.taken[0] if len(written.taken) == 1 and filled.draft is not None else None
    back = latest(one[0].path, event, one[2]) if one else latest("", event, None, before)
    if written.taken:
        filled = with_draft(filled, filled.draft or draft, latest=back)
    else:
        filled = replace(filled, latest=state.latest)
    strays = draft.asked and any(not within(draft, (entry.path,)) for entry in entries)
    only = (Say("amend.only", {}, (offer("person"),)),) if strays else ()
    return filled, (*_told(script, filled, written), *only)


def _closed(script: Script, state: State, values: Sequence[Found]) -> State:
    """A text that tells the whole application tells all its owners and locations."""
    draft = state.draft or Draft()
    for name in script.form.repeats:
        leaves = {v.name for v in values if v.name.startswith(f"{name}.")}
        if leaves and not _gaps(script, draft, name, state):
            draft = draft.close(name)
    return replace(state, draft=draft)


def _gaps(script: Script, draft: Draft, repeat: str, state: State) -> bool:
    held = {path for path, *_ in state.held_answers}
    return any(
        place.group == repeat
        and place.kind == "field"
        and place.path not in draft.slots
        and place.path not in held
        and not place.name.endswith(".country")
        for place in script.form.places(draft)
    )


def _told(script: Script, state: State, written: Written) -> tuple[Say, ...]:
    says: list[Say] = []
    if len(written.taken) == 1:
        place, slot, before, _ = written.taken[0]
        says.append(echo(script, state, place, slot, before))
    elif written.taken:
        lines = tuple(_line(script, state, *one) for one in written.taken)
        says.append(Say("paste.taken", {"lines": Lines(lines)}, (undo_offer(state),)))
    for place, entry in written.held:
        label = _label(script, state, place)
        says.append(Say("paste.held", {**label, "value": entry.typed}))
    for place, refused, entry in written.refused:
        reason = Lines((objection(place, refused),))
        label = _label(script, state, place)
        says.append(Say("paste.refused", {**label, "typed": entry.typed, "reason": reason}))
    return tuple(says)


def objection(place: Place, refused: Refused) -> Say:
    """What the field's reader has against a text, said for the first time."""
    example: dict[str, Value] = {"example": Term(f"field.{place.name}.example")}
    return Say(f"refusals.{refused.code}.first", {**example, **refused.details})


def _line(
    script: Script, state: State, place: Place, slot: Slot, before: Slot | None, entry: Entry
) -> Say:
    values = {**_label(script, state, place), "value": shown(script, state, place, slot)}
    values["words"] = f"{entry.words}: {entry.typed}" if entry.words else entry.typed
    if isinstance(before, Answered | Kept) and before != slot:
        return Say("paste.changed", {**values, "was": shown(script, state, place, before)})
    flagged = isinstance(slot, Answered) and bool(slot.flags) and place.question.reader.free
    if not entry.sure or flagged:
        return Say("paste.doubted", values)
    return Say("paste.line", values)


def echo(
    script: Script,
    state: State,
    place: Place,
    slot: Slot,
    before: Slot | None,
    offers: tuple[Offer, ...] = (),
) -> Say:
    """What was understood, and a way to change it or to take it back."""
    label = Term(f"field.{place.name}.label")
    value = shown(script, state, place, slot)
    if place.question.stage in ("check", "consent"):
        return Say("accepted.tap", {"value": value})
    if isinstance(before, Answered | Kept):
        was = shown(script, state, place, before)
        values = {"label": label, "value": value, "was": was}
        same = was == value and type(slot) is type(before)
        key = "accepted.answer" if same else "accepted.changed"
        return Say(key, values, (*offers, undo_offer(state)))
    change = Offer(
        Term("buttons.change_that"), Choice("order", "change", place.path, number_of(state))
    )
    key = "accepted.kept" if isinstance(slot, Kept) else "accepted.answer"
    if isinstance(slot, Skipped):
        return Say("skip.done", {"label": label}, (*offers, change))
    return Say(key, {"label": label, "value": value}, (*offers, change))


def undo_offer(state: State) -> Offer:
    """[Undo] of what the latest answer filled."""
    message = state.latest.message if state.latest is not None else ""
    return offer("undo", message, number_of(state))


def hold(state: State, event: Event) -> State:
    """Keep a text for the time after the consent."""
    text = event.text if isinstance(event, Said | Edited) else ""
    return replace(state, held=f"{state.held}\n{text}".strip()[:HELD])


def settle(script: Script, state: State) -> tuple[State, tuple[Say, ...]]:
    """Read what waited for a country, as soon as it is asked for; what is refused is asked anew."""
    says: list[Say] = []
    while state.held_answers and state.draft is not None:
        place = open_place(script, state)
        typed = next((h for h in state.held_answers if place and h[0] == place.path), None)
        if place is None or typed is None or _hangs_on_country(place, state.draft):
            break
        left = tuple(h for h in state.held_answers if h is not typed)
        slot = read_slot(script, state, place, typed[1], (typed[2],) if typed[2] else ())
        state = replace(state, held_answers=left)
        if isinstance(slot, Refused):
            says.append(objection(place, slot))
            break
        assert state.draft is not None  # the loop's own condition
        state = with_draft(state, state.draft.put(place.path, slot))
        says.append(replace(echo(script, state, place, slot, None), offers=()))
    return state, tuple(says)


def _hangs_on_country(place: Place, draft: Draft) -> bool:
    if not isinstance(place.question.reader, Address | Phone) or not place.item:
        return False
    return f"{place.group}.{place.item}.country" not in draft.slots


def _label(script: Script, state: State, place: Place) -> dict[str, Value]:
    number = where(script, state.draft or Draft(), place)
    label = Term(f"field.{place.name}.label")
    if not number:
        return {"label": label}
    return {"label": Lines((Say("buttons.nth", {"label": label, "item": number}),))}
