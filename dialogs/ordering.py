"""Commands, by word and by button. Which does what in which phase is in ``machine.ORDERS``."""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Offer, Say, Term, Value
from dialogs.amendment import amends, put_aside, reason_of, taken_up, waiting, within
from dialogs.answering import answer, go_on, refuse, skip
from dialogs.answers import Accepted, Refused
from dialogs.asking import offer, progress_say, put, put_back, summary
from dialogs.citing import question
from dialogs.digressing import keep_to_asked, miss
from dialogs.events import Choice, Event, Picked, Said
from dialogs.filling import echo, latest, messages_of, read_slot
from dialogs.languages import welcome
from dialogs.objects import objects_of, where
from dialogs.readings import Answers, Asks, Misses, Orders, Refuses
from dialogs.returning import comes_back, kept, resumed, welcome_back
from dialogs.slots import Draft
from dialogs.state import (
    Pending,
    Phase,
    Script,
    State,
    Step,
    application,
    begin,
    open_place,
    read_as,
    with_draft,
)
from dialogs.wording import Language, fold


def start(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """The first word, or a return: who this is, or where we are."""
    if comes_back(state, event):
        return welcome_back(script, state)
    known = state.draft is not None or state.submissions
    state = replace(state, pending=None)
    if state.phase is Phase.PAUSED:
        return resume(script, state, reading, event)
    says = Say("chat.greeting") if known else welcome(script, state)
    return Step(state, (says, *put(script, state, "short")))


def help_(script: Script, state: State, reading: Orders, event: Event) -> Step:
    return Step(state, (Say("help"), *put_back(script, state)))


def menu(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """The buttons of everything that can be said in this phase."""
    stop = "withdraw" if state.draft is not None and state.draft.asked else "cancel"
    filling = ("back", "change", "status", "pause", "start_over", stop)
    quiet = ("requirements", "status")
    asked = ("answer_staff",) if waiting(state) is not None else ()
    sent = (*asked, "status", "requirements", "withdraw", "apply_again")
    by_phase = {Phase.VISITING: quiet, Phase.SUBMITTED: sent, Phase.PAUSED: ("resume", *filling)}
    commands = by_phase.get(state.phase, filling)
    several = ("language",) if len(script.wording.languages) > 1 else ()
    told = ("was_told",) if state.cited else ()
    everywhere = (*told, "my_data", "delete_data", "person", *several, "help")
    offers = tuple(offer(command) for command in (*commands, *everywhere))
    return Step(state, (Say("menu", {}, offers),))


def why(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Why a question is asked, and the question again."""
    place = open_place(script, state)
    if reading.argument and state.draft is not None:
        place = script.form.place(state.draft, reading.argument) or place
    if place is None:
        return Step(state, (Say("why.nothing"), *put(script, state, "short")))
    values: dict[str, Value] = {
        "why": Term(f"field.{place.name}.why"),
        "example": Term(f"field.{place.name}.example"),
        "reason": reason_of(state.draft, place.path) if state.draft is not None else "",
    }
    says = Say("why.asked" if values["reason"] else "why.because", values)
    return Step(state, (says, *put(script, state, "short")))


def apply(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Begin, or go on with what was begun. In a later application the earlier answers are offered,
    one by one, never merged. What staff ask about a sent one waits meanwhile."""
    begun, asked = application(state), amends(state)
    if begun is not None:
        return resume(script, taken_up(script, state, begun), reading, event)
    key = "apply.again" if state.submissions else "apply.begin"
    state = begin(put_aside(state))
    waits = (Say("amend.later", {"reference": asked.reference}),) if asked is not None else ()
    return Step(state, (*waits, Say(key), *put(script, state)))


def requirements(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """The overview article."""
    found = event.found if isinstance(event, Said | Picked) else None
    return question(script, state, Asks("", found, "requirements"), event)


def back(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """To the question before; its answer stands until another one is given."""
    draft = state.draft
    if draft is None:
        return Step(state, (Say("back.nothing"), *put(script, state, "short")))
    if state.phase is Phase.STATING:
        state = replace(state, phase=Phase.REVIEWING, pending=None, refusal=None)
        return Step(state, put(script, state))
    current = open_place(script, state)
    before = ""
    for place in script.form.places(draft):
        if current is not None and place.path == current.path:
            break
        slot = draft.slots.get(place.path)
        if place.kind == "field" and slot is not None:
            before = place.path
    if not before:
        return Step(state, (Say("back.first"), *put(script, state, "short")))
    return _edit(script, state, before, "", event, back=True)


def change(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Ask one answered question again; which one, where the words do not say."""
    draft = state.draft
    if draft is None:
        return Step(state, (Say("change.nothing"), *put(script, state, "short")))
    if _gone(script, draft, reading, event):
        return miss(script, state, Misses(), event)
    language = script.wording.language(state.language)
    paths = objects_of(script, state, language, reading.argument) if reading.argument else ()
    if paths and not within(draft, paths):
        return keep_to_asked(script, state)
    paths = within(draft, paths)
    paths = tuple(p for p in paths if draft.asked or _is_item(script, p) or p in draft.slots)
    if len(paths) == 1 and not _is_item(script, paths[0]):
        return _edit(script, state, paths[0], reading.value, event)
    if len(paths) == 1:
        return _offer_item(script, state, paths[0])
    if state.latest is not None and state.latest.path in paths and reading.value:
        return _edit(script, state, state.latest.path, reading.value, event)
    offers = _field_offers(script, state, paths or None)
    if not offers:
        return Step(state, (Say("change.nothing"), *put(script, state, "short")))
    number = draft.number
    wanted = (("", reading.value),) if reading.value else ()
    return Step(
        replace(state, pending=Pending("choose", proposal="change", changes=wanted)),
        (Say("change.which", {}, (*offers, offer("leave", "", number))),),
    )


def _put_off(state: State, path: str) -> State:
    """What is being asked again waits until this other answer is changed."""
    if state.editing in ("", path):
        return state
    return replace(state, later=(*(p for p in state.later if p != path), state.editing))


def _edit(
    script: Script, state: State, path: str, value: str, event: Event, *, back: bool = False
) -> Step:
    """Ask the slot again; where the new value came with the wish, read it at once, and go on where
    one was. ``back``: one question back, so nothing is put off."""
    before, asked = state.draft or Draft(), script.form.place(state.draft or Draft(), path)
    if value and asked is not None and asked.kind == "field" and asked.question.stage == "form":
        slot = read_slot(script, state, asked, value, messages_of(event))
        if not isinstance(slot, Refused):
            was = before.slots.get(path)
            draft = before.put(path, slot)
            if asked.item:
                draft = script.form.doubts(draft, script.wording.language(state.language))
            editing = "" if state.editing == path else state.editing
            filled = latest(path, event, was)
            state = with_draft(state, draft, editing=editing, phase=Phase.FILLING, latest=filled)
            return go_on(script, state, (echo(script, state, asked, slot, was),), None)
    state = state if back else _put_off(state, path)
    state = with_draft(state, state.draft or Draft(), editing=path, phase=Phase.FILLING)
    place = open_place(script, state)
    if not value or place is None:
        return Step(state, put(script, state))
    outcome = read_as(script, state, place, value)
    if isinstance(outcome, Accepted):
        return answer(script, state, Answers(place, outcome, value), event)
    return refuse(script, state, Refuses(place, outcome, value), event)


def _offer_item(script: Script, state: State, path: str) -> Step:
    """One location or owner: which of its answers, or away with it?"""
    assert state.draft is not None
    draft, (group, _, item) = state.draft, path.partition(".")
    offers = [
        Offer(
            Term(f"field.{place.name}.label"),
            Choice("order", "change", place.path, draft.number),
        )
        for place in script.form.places(draft)
        if place.group == group and place.item == item and place.path in draft.slots
    ]
    if not draft.asked:
        offers.append(offer("remove", path, draft.number))
    offers.append(offer("leave", "", draft.number))
    values: dict[str, Value] = {
        "group": Term(f"group.{group}.one"),
        "item": str(draft.ids(group).index(item) + 1),
    }
    asked = replace(state, pending=Pending("choose", path, "change"))
    return Step(asked, (Say("change.item", values, tuple(offers)),))


def _field_offers(script: Script, state: State, paths: tuple[str, ...] | None) -> tuple[Offer, ...]:
    """A button for each answered slot of the form; an item with several stands as one."""
    assert state.draft is not None
    draft, offers, seen = state.draft, [], set()
    for place in script.form.places(draft):
        if place.kind == "more" or place.question.stage != "form" or place.path not in draft.slots:
            continue
        item = f"{place.group}.{place.item}" if place.item else ""
        if paths is not None and place.path not in paths and item not in paths:
            continue
        fields = script.form.repeats[place.group].fields if item else ()
        whole = bool(item) and paths is None and len(fields) > 1
        path = item if whole else place.path
        if path in seen:
            continue
        seen.add(path)
        number = where(script, draft, place)
        key = "buttons.nth" if number else "buttons.field"
        label = Term(f"group.{place.group}.title" if whole else f"field.{place.name}.label")
        choice = Choice("order", "change", path, draft.number)
        offers.append(Offer(Term(key), choice, {"label": label, "item": number}))
    return tuple(offers)


def remove(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Take a location or an owner out."""
    draft = state.draft
    if draft is None:
        return Step(state, (Say("change.nothing"), *put(script, state, "short")))
    if _gone(script, draft, reading, event):
        return miss(script, state, Misses(), event)
    language = script.wording.language(state.language)
    paths = objects_of(script, state, language, reading.argument) if reading.argument else ()
    items = {
        ".".join(p.split(".")[:2]) for p in paths if p.partition(".")[0] in script.form.repeats
    }
    if any(_names_answer(script, language, path, reading.argument) for path in paths):
        return change(script, state, reading, event)  # "remove the phone": no location goes for it
    if draft.asked:
        return keep_to_asked(script, state)
    given = script.form.place(draft, paths[0]) if len(paths) == 1 else None
    if given is not None and given.path in draft.slots and given.question.optional:
        edited = with_draft(state, draft, editing=given.path, phase=Phase.FILLING)
        return skip(script, edited, Orders("skip"), event)  # "remove the trading name"
    if len(items) == 1 and len(draft.ids(next(iter(items)).partition(".")[0])) == 1:
        return Step(state, (Say("remove.only"), *put(script, state, "short")))
    if len(items) != 1:
        several = tuple(
            Offer(
                Term("buttons.nth"),
                Choice("order", "remove", f"{name}.{item}", draft.number),
                {"label": Term(f"group.{name}.title"), "item": str(n + 1)},
            )
            for name in script.form.repeats
            for n, item in enumerate(draft.ids(name))
            if len(draft.ids(name)) > 1
        )
        if not several:
            return Step(state, (Say("remove.only"), *put(script, state, "short")))
        asked = replace(state, pending=Pending("choose", proposal="remove"))
        return Step(asked, (Say("remove.which", {}, several),))
    group, _, item = items.pop().partition(".")
    values: dict[str, Value] = {
        "group": Term(f"group.{group}.one"),
        "item": str(draft.ids(group).index(item) + 1),
    }
    state = with_draft(state, draft.remove(group, item), editing="", phase=Phase.FILLING)
    return go_on(script, state, (Say("remove.done", values),), None)


def _names_answer(script: Script, language: Language, path: str, words: str) -> bool:
    """Do the words name one answer of an item that has several ("the phone of location 2")?"""
    group, leaf = path.partition(".")[0], path.rpartition(".")[2]
    name = f"{group}.{leaf}"
    if name not in script.form.fields or len(script.form.repeats[group].fields) == 1:
        return False
    return fold(language.texts[f"field.{name}.label"]) in fold(words).split()


def add(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """One more item: of the repeat that the words name or that is asked about, else a location."""
    draft = state.draft
    if draft is None:
        return Step(state, (Say("change.nothing"), *put(script, state, "short")))
    if draft.asked:
        return keep_to_asked(script, state)
    place = open_place(script, state)
    if place is not None and place.kind == "more":
        return answer(script, state, Answers(place, Accepted("yes"), "yes"), event)
    group = _repeat_named(script, state, event) or tuple(script.form.repeats)[-1]
    repeat = script.form.repeats[group].repeat
    if any(
        p.item and p.group == group and p.path not in draft.slots for p in script.form.places(draft)
    ):
        return Step(state, (Say("add.open"), *put(script, state, "short")))
    if repeat is not None and len(draft.ids(group)) >= repeat.most:
        full = Say("more.full", {"most": str(repeat.most)})
        return Step(state, (full, *put(script, state, "short")))
    state = with_draft(state, draft.add(group), editing="", phase=Phase.FILLING)
    return Step(state, put(script, state))


def _repeat_named(script: Script, state: State, event: Event) -> str:
    """The repeat that the words name ("add an owner"); "" where they name none."""
    words = fold(event.text).split() if isinstance(event, Said) else []
    language = script.wording.language(state.language)
    for name in script.form.repeats:
        named = {fold(language.texts[f"group.{name}.{entry}"]) for entry in ("one", "title")}
        if named & set(words):
            return name
    return ""


def pause(script: Script, state: State, reading: Orders, event: Event) -> Step:
    if state.draft is None:
        return Step(state, (Say("pause.nothing"), *put(script, state, "short")))
    says = progress_say(script, state, "pause.done")
    values = {**says.values, "kept": kept(script, state)}
    says = replace(says, values=values, offers=(offer("resume"),))
    return Step(replace(state, phase=Phase.PAUSED, pending=None), (says,))


def resume(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Go on with what is being filled; where nothing is, with what waits."""
    if state.draft is None and state.aside:
        state = taken_up(script, state, state.aside[0])
    if state.draft is None:
        return Step(state, (Say("resume.nothing"), *put(script, state, "short")))
    back = comes_back(state, event)
    state = resumed(script, state)
    if back:
        return welcome_back(script, state)
    return Step(state, (progress_say(script, state, "resume.done"), *put(script, state)))


def submit_nothing(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """ "Submit" before everything is answered: the open question is put again."""
    return Step(state, (Say("submit.open"), *put(script, state, "short")))


def show_summary(script: Script, state: State, reading: Orders, event: Event) -> Step:
    return Step(state, summary(script, state))


def dropped(script: Script, state: State, event: Event) -> Step:
    """No to a confirmation: nothing has changed; where we were."""
    return Step(state, (Say("dropped"), *put(script, state, "short")))


def went_on(script: Script, state: State, event: Event) -> Step:
    """[Go on] after a "no" in the self-check."""
    return go_on(script, state, (), None)


def _gone(script: Script, draft: Draft, reading: Orders, event: Event) -> bool:
    """A button's object that is no longer there. Its path is never read as words: those could
    name another item."""
    path = reading.argument
    if not isinstance(event, Picked) or not path:
        return False
    if _is_item(script, path):
        group, _, item = path.partition(".")
        return item not in draft.ids(group)
    return path not in draft.slots


def _is_item(script: Script, path: str) -> bool:
    repeat, _, rest = path.partition(".")
    return repeat in script.form.repeats and "." not in rest
