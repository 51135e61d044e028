"""Putting a question: what is asked next, where we are, and the buttons that go with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from dialogs.acts import Act, Ask, Lines, Offer, Say, Term, Value
from dialogs.amendment import amends, reason_of, sent_slot, waiting
from dialogs.answers import Choice as ChoiceReader
from dialogs.answers import YesNo
from dialogs.events import Choice
from dialogs.form import Place
from dialogs.objects import where
from dialogs.slots import Answered, Asked, Draft, Kept, Parked, Skipped
from dialogs.state import Pending, PendingKind, Phase, Refusal, Script, State, open_place


def offer(command: str, argument: str = "", draft: int = 0) -> Offer:
    """The button of a command; its label is the command's own word."""
    return Offer(Term(f"buttons.{command}"), Choice("order", command, argument, draft))


QUIET = (Phase.VISITING, Phase.SUBMITTED)
"""phases in which no question waits to be put again"""
BRIEF = 100
"""characters of an earlier answer that are shown with the offer to give it again"""
CONFIRM_LABELS: dict[PendingKind, tuple[str, str]] = {
    "check_no": ("go_on", "ask_staff"),
    "start_over": ("start_over_yes", "keep_all"),
    "withdraw": ("withdraw_yes", "keep_all"),
    "delete_data": ("delete_all", "keep_all"),
    "escalate": ("ask_staff", "no_thanks"),
    "person": ("pass_question", "leave"),
    "edit": ("change_it", "keep_it"),
    "dba_split": ("split_yes", "split_no"),
    "home": ("walk_in_yes", "home_yes"),
    "owners_split": ("two_owners", "one_owner"),
    "rest": ("address_whole", "address_more"),
    "contact": ("yes", "no"),
}
"""the entries of the words under ``buttons``: (yes, no)"""


def confirm(pending: Pending, yes: str = "") -> tuple[Offer, Offer]:
    """The two buttons of an open confirmation; ``yes``: another label than the kind's own. They
    name what it is about, so that an old one confirms nothing else."""
    usual, no = CONFIRM_LABELS[pending.kind]
    target = f"{pending.kind} {pending.subject}".strip()
    return (
        Offer(Term(f"buttons.{yes or usual}"), Choice("confirm", target, "yes")),
        Offer(Term(f"buttons.{no}"), Choice("confirm", target, "no")),
    )


def put(script: Script, state: State, style: Literal["full", "short"] = "full") -> tuple[Act, ...]:
    """Where the conversation stands, as what the person is asked for next."""
    match state.phase:
        case Phase.FILLING | Phase.STATING:
            place = open_place(script, state)
            return (ask(script, state, place, style),) if place else summary(script, state)
        case Phase.REVIEWING:
            return summary(script, state) if style == "full" else (_review_again(state),)
        case Phase.PAUSED:
            key = "amend.still" if amends(state) else "pause.still"
            return (Say(key, _progress(script, state), (offer("resume"),), prompt=True),)
        case Phase.SUBMITTED if (asked := waiting(state)) is not None:
            offers = (offer("answer_staff"), offer("status"), offer("person"))
            return (Say("amend.waits", {"reference": asked.reference}, offers, prompt=True),)
        case Phase.SUBMITTED:
            offers = (offer("status"), offer("my_data"), offer("person"))
            return (Say("after.menu", {}, offers, prompt=True),)
        case Phase.VISITING:
            return (Say("visit.menu", {}, visit_offers(state), prompt=True),)


def put_back(script: Script, state: State) -> tuple[Act, ...]:
    """After a side step: the open question again, short; nothing where none waits."""
    return () if state.phase in QUIET else put(script, state, "short")


def number_of(state: State) -> int:
    """Of the draft being filled, for its buttons; 0 without one."""
    return state.draft.number if state.draft else 0


def visit_offers(state: State) -> tuple[Offer, ...]:
    """What a visitor may want: to learn, and to begin or go on."""
    if state.draft is not None:
        return offer("requirements"), offer("resume")
    return offer("requirements"), offer("check"), offer("apply")


def ask(script: Script, state: State, place: Place, style: Literal["full", "short"]) -> Ask:
    draft = state.draft or Draft()
    number, total = script.form.position(draft, place.path)
    values: dict[str, Value] = {}
    item = where(script, draft, place)
    if item:
        values["item"] = item
        values["group"] = Term(f"group.{place.group}.one")
    current = draft.slots.get(place.path)
    if amends(state) is not None:
        values["reason"] = reason_of(draft, place.path)
        if (sent := sent_slot(state, place)) is not None:
            values["sent"] = _brief(shown(script, state, place, sent))
    if state.editing and isinstance(current, Answered | Kept):
        values["current"] = shown(script, state, place, current)
    elif (earlier := previous_slot(state, place)) is not None and place.question.stage == "form":
        values["earlier"] = _brief(shown(script, state, place, earlier))
    return Ask(place.path, place.name, style, number, total, values, _offers(script, state, place))


def _offers(script: Script, state: State, place: Place) -> tuple[Offer, ...]:
    """Answers first, then the ways out, then help."""
    draft = state.draft or Draft()
    number, reader = draft.number, place.question.reader
    offers: list[Offer] = []
    if isinstance(reader, ChoiceReader):
        for key in reader.options:
            label = Term(f"field.{place.name}.options.{key}.label")
            offers.append(Offer(label, Choice("answer", place.path, key, number)))
    elif isinstance(reader, YesNo):
        keys = ("yes", "no", "not_sure") if reader.not_sure else ("yes", "no")
        for key in keys:
            name = f"field.{place.name}.{key}_button"
            label = Term(name if script.wording.has(name) else f"buttons.{key}")
            offers.append(Offer(label, Choice("answer", place.path, key, number)))
    earlier = previous_slot(state, place)
    if earlier is not None and not isinstance(reader, ChoiceReader | YesNo):
        offers.append(
            Offer(Term("buttons.as_before"), Choice("answer", place.path, earlier.typed, number))
        )
    if place.kind == "more":
        return (*offers, offer("menu"))
    if sent_slot(state, place) is not None:
        as_sent = Choice("order", "as_before", place.path, number)
        offers.append(Offer(Term("buttons.as_sent"), as_sent))
    if same_source(script, state, place) is not None:
        offers.append(offer("same", place.path, number))
    if (state.editing == place.path and place.path in draft.slots) or fresh_item(state, place):
        offers.append(offer("leave", "", number))
        if place.question.stage == "form" and _can_go(draft, place):
            offers.append(offer("skip", place.path, number))
    elif place.question.stage == "check" and not draft.asked:
        offers.append(offer("skip_check", "", number))
    elif "skip" in place.question.ways:
        offers.append(offer("skip", place.path, number))
    if "stop" in place.question.ways:
        offers.append(offer("person"))
    offers.append(offer("why", place.path, number))
    offers.append(offer("menu"))
    return tuple(offers)


def _can_go(draft: Draft, place: Place) -> bool:
    """Was an answer given that the application does not need?"""
    given = isinstance(draft.slots.get(place.path), Answered | Kept)
    return given and place.question.optional


def ways_out(script: Script, state: State, place: Place) -> tuple[Offer, ...]:
    """After a second refusal: everything but answering."""
    draft = state.draft or Draft()
    offers: list[Offer] = []
    if "keep" in place.question.ways and state.refusal is not None and keepable(state):
        offers.append(offer("keep", refused_here(state.refusal), draft.number))
    offers.append(offer("person"))
    if "skip" in place.question.ways and not (draft.asked and place.question.stage == "check"):
        command = "skip_check" if place.question.stage == "check" else "skip"
        offers.append(offer(command, place.path, draft.number))
    elif fresh_item(state, place):
        offers.append(offer("leave", "", draft.number))
    return (*offers, offer("menu"))


def refused_here(refusal: Refusal) -> str:
    """Names this very refusal, so that an old [Keep] keeps no other text than its own."""
    return f"{refusal.path} {refusal.count}"


def keepable(state: State) -> bool:
    """May the refused answer be kept? Never one that was too long, or said nothing."""
    return state.refusal is not None and state.refusal.code not in (
        "empty",
        "too_long",
        "too_many_lines",
    )


def same_source(script: Script, state: State, place: Place) -> str | None:
    """The path whose value "same as before" means: this field at the item before; else None."""
    draft = state.draft
    if draft is None or not place.question.same or place.item not in draft.ids(place.group):
        return None
    ids = draft.ids(place.group)
    leaf = place.path.rpartition(".")[2]
    for item in reversed(ids[: ids.index(place.item)]):
        path = f"{place.group}.{item}.{leaf}"
        if isinstance(draft.slots.get(path), Answered):
            return path
    return None


def fresh_item(state: State, place: Place) -> bool:
    """Is this the first question of an item that was only just added beside others?"""
    draft = state.draft
    if draft is None or not place.item or place.kind != "field" or draft.asked:
        return False
    item = f"{place.group}.{place.item}."
    return len(draft.ids(place.group)) > 1 and not any(p.startswith(item) for p in draft.slots)


def previous_slot(state: State, place: Place) -> Answered | None:
    """What the person's latest application said here, by the item's number; None without one, and
    where it is that one which is asked about."""
    if not state.submissions or state.draft is None or state.draft.asked:
        return None
    earlier = state.submissions[-1].draft
    path = place.path
    if place.item:
        ids, old = state.draft.ids(place.group), earlier.ids(place.group)
        nth = ids.index(place.item)
        if nth >= len(old):
            return None
        path = f"{place.group}.{old[nth]}.{path.rpartition('.')[2]}"
    slot = earlier.slots.get(path)
    return slot if isinstance(slot, Answered) else None


def _brief(value: Value) -> Value:
    """Enough of a long answer to know it again."""
    if isinstance(value, str) and len(value) > BRIEF:
        return value[: BRIEF - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    return value


def shown(script: Script, state: State, place: Place, slot: object) -> Value:
    """A slot's content as the person sees it."""
    reader = place.question.reader
    match slot:
        case Answered():
            if isinstance(reader, ChoiceReader):
                return Term(f"field.{place.name}.options.{slot.value}.label")
            if isinstance(reader, YesNo):
                own = f"field.{place.name}.{slot.value}_button"
                return Term(own if script.wording.has(own) else f"buttons.{slot.value}")
            return reader.show(slot.value, state.language)
        case Kept():
            return slot.typed
        case Parked():
            return Term("slots.parked")
        case Skipped(reason="not_answered"):
            return Term("slots.not_answered")
        case Skipped():
            return Term("slots.skipped")
        case _:
            return Term("slots.unasked")


def lines_of(
    script: Script, state: State, draft: Draft, *, mask: bool = False, whole: bool = False
) -> Lines:
    """Every answer a line, items under their heading, kept answers marked; ``mask``: without the
    values of private fields; ``whole``: what is known, with each answer of the self-check."""
    lines: list[Say] = []
    heading = ""
    for place in script.form.places(draft):
        slot = draft.slots.get(place.path)
        known = isinstance(slot, Answered | Kept | Parked)
        if place.kind == "more" or (whole and not known):
            continue
        if not whole and place.question.stage != "form":
            continue
        label: Value = Term(f"field.{place.name}.label")
        number = where(script, draft, place)
        if number and len(script.form.repeats[place.group].fields) == 1:
            label = Lines((Say("buttons.nth", {"label": label, "item": number}),))
        elif number and f"{place.group}.{place.item}" != heading:
            heading = f"{place.group}.{place.item}"
            group = Term(f"group.{place.group}.title")
            lines.append(Say("summary.heading", {"group": group, "item": number}))
        value = shown(script, state, place, slot)
        if mask and place.question.private and isinstance(slot, Answered | Kept):
            value = Term("slots.masked")
        key = "summary.kept" if isinstance(slot, Kept) else "summary.line"
        lines.append(Say(key, {"label": label, "value": value}))
    return Lines(tuple(lines) if whole else (check_line(script, draft), *lines))


def check_line(script: Script, draft: Draft) -> Say:
    """The self-check in one line: how many of each answer."""
    counts = {"yes": 0, "no": 0, "not_sure": 0, "open": 0}
    for place in script.form.places(draft):
        if place.question.stage == "check":
            counts[draft.value(place.path) or "open"] += 1
    return Say("summary.check", {key: str(count) for key, count in counts.items()})


def summary(script: Script, state: State) -> tuple[Act, ...]:
    draft, sent = state.draft or Draft(), amends(state)
    if sent is not None:
        lines = change_lines(script, state, sent.draft, draft, draft.asked)
        values: dict[str, Value] = {"reference": sent.reference, "lines": lines}
        offers = (*_send_offers(draft), offer("pause"), offer("menu"))
        return (Say("amend.summary", values, offers, prompt=True),)
    offers = (
        offer("submit", "", draft.number),
        offer("change", "", draft.number),
        offer("pause"),
        offer("menu"),
    )
    lines = lines_of(script, state, draft)
    return (Say("summary.all", {"lines": lines}, offers, prompt=True),)


def change_lines(
    script: Script,
    state: State,
    before: Draft,
    after: Draft,
    asked: tuple[Asked, ...],
    *,
    mask: bool = False,
) -> Lines:
    """What was asked about, before and after, a line each; ``mask``: without private values."""
    lines: list[Say] = []
    for place in script.form.places(replace(after, asked=asked)):
        label: Value = Term(f"field.{place.name}.label")
        if number := where(script, after, place):
            label = Lines((Say("buttons.nth", {"label": label, "item": number}),))
        slot = after.slots.get(place.path)
        was = shown(script, state, place, before.slots.get(place.path))
        value = shown(script, state, place, slot)
        values: dict[str, Value] = {"label": label, "was": was, "value": value}
        if mask and place.question.private:
            key = "amend.hidden_same" if was == value else "amend.hidden"
        elif was == value:
            key = "amend.same"
        else:
            key = "amend.kept" if isinstance(slot, Kept) else "amend.line"
        lines.append(Say(key, values))
    return Lines(tuple(lines))


def _send_offers(draft: Draft) -> tuple[Offer, Offer]:
    send = Offer(Term("buttons.send"), Choice("order", "submit", "", draft.number))
    return send, offer("change", "", draft.number)


def _review_again(state: State) -> Say:
    if state.draft is not None and state.draft.asked:
        offers = (*_send_offers(state.draft), offer("menu"))
        return Say("amend.again", {}, offers, prompt=True)
    number = number_of(state)
    offers = (offer("submit", "", number), offer("change", "", number), offer("menu"))
    return Say("summary.again", {}, offers, prompt=True)


def _progress(script: Script, state: State) -> dict[str, Value]:
    done, total = script.form.progress(state.draft or Draft())
    return {"done": str(done), "total": str(total)}


def progress_say(script: Script, state: State, key: str) -> Say:
    """A sentence with ``{done}`` and ``{total}`` of the form's questions."""
    return Say(key, _progress(script, state))
