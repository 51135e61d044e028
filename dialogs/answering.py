"""Answers to the form's questions, and the ways out of a question that cannot be answered.

Every cell has the machine's one signature: ``cell(script, state, reading, event) -> Step``.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Act, Escalate, Lines, Offer, Say, Term, Value
from dialogs.amendment import amends, sent_slot
from dialogs.answers import Accepted, Refused
from dialogs.asking import (
    check_line,
    confirm,
    fresh_item,
    keepable,
    number_of,
    offer,
    previous_slot,
    put,
    refused_here,
    same_source,
    shown,
    summary,
    ways_out,
)
from dialogs.doubting import doubt, doubtful_offer
from dialogs.events import Choice, Event
from dialogs.filling import echo, fill, hold, latest, messages_of, settle, undo_offer
from dialogs.form import Place
from dialogs.handoff import hand_off, idle
from dialogs.readings import Answers, Fills, Ignores, Joins, Orders, Refuses
from dialogs.slots import Answered, Draft, Kept, Parked, Skipped, Slot
from dialogs.state import (
    Pending,
    Phase,
    Refusal,
    Script,
    State,
    Step,
    at_rest,
    begin,
    open_place,
    read_as,
    with_draft,
)
from dialogs.told import values_in

AFTER_TWO = 2
"""refusals of one question before its ways out are offered"""


def answer(script: Script, state: State, reading: Answers, event: Event) -> Step:
    assert state.draft is not None  # Answers is read only with a draft
    place, accepted = reading.place, reading.accepted
    if place.kind == "more":
        return _more(script, state, place, accepted.value)
    stage = place.question.stage
    if stage in ("consent", "closing") and accepted.value == "no":
        return _declined(script, state, stage)
    slot = Answered(accepted.value, reading.typed, messages_of(event), accepted.flags)
    before = state.draft.slots.get(place.path)
    draft = state.draft.put(place.path, slot)
    if isinstance(before, Answered) and accepted.value != before.value:
        draft = _reread(script, state, draft, place)
    back = latest(place.path, event, before)
    state = with_draft(state, draft, editing="", phase=_filling(state), latest=back)
    if stage == "closing":
        return hand_off(script, state, event)
    if stage == "consent":
        return _agreed(script, state, place, event)
    if stage == "check" and accepted.value == "no":
        pending = Pending("check_no", place.path)
        asked = Say(
            "check.no",
            {"requirement": Term(f"field.{place.name}.requirement")},
            confirm(pending),
        )
        return Step(replace(at_rest(script, state), pending=pending), (asked,))
    offers = doubtful_offer(place, reading, back.message, number_of(state))
    says = echo(script, state, place, slot, before, offers)
    raised = doubt(script, state, place, slot, before)
    if raised is not None:
        return Step(replace(at_rest(script, state), pending=raised[0]), (says, raised[1]))
    return go_on(script, state, (says,), place)


def join(script: Script, state: State, reading: Joins, event: Event) -> Step:
    """The second part of the answer before; one tap takes it off again."""
    assert state.draft is not None  # Joins is read only with a draft
    place, before = reading.place, state.draft.slots[reading.place.path]
    assert isinstance(before, Answered)  # nothing else is joined
    slot = Answered(
        reading.accepted.value,
        reading.typed,
        (*before.messages, *messages_of(event)),
        reading.accepted.flags,
        (*(before.parts or (before.typed,)), reading.part),
    )
    draft = state.draft.put(place.path, slot)
    state = with_draft(state, draft, latest=latest(place.path, event, before))
    return go_on(script, state, (echo(script, state, place, slot, before),), None)


def take_in(script: Script, state: State, reading: Fills, event: Event) -> Step:
    """Values of other fields, or of several. Before the consent they are only held."""
    if state.draft is None:
        state = begin(state)
    place = open_place(script, state)
    early = place is not None and place.question.stage in ("check", "consent")
    if early and amends(state) is None:
        return Step(hold(state, event), (Say("paste.waits"), *put(script, state)))
    state, says = fill(script, state, reading.values, event)
    state = replace(state, phase=Phase.FILLING, pending=None)
    return go_on(script, state, says, None)


def _agreed(script: Script, state: State, place: Place, event: Event) -> Step:
    """The consent is given: what was pasted before it is taken in now."""
    says: tuple[Act, ...] = (Say("accepted.tap", {"value": _agreement(script, place)}),)
    held, state = state.held, replace(state, held="")
    if held:
        values = values_in(script, script.wording.language(state.language), held)
        state, more = fill(script, state, values, event)
        says = (*says, *more)
    return go_on(script, state, says, place)


def ignore(script: Script, state: State, reading: Ignores, event: Event) -> Step:
    """ "Ok", "I don't know": nothing was taken; it can still be the answer, in one tap."""
    place = open_place(script, state)
    state = replace(state, pending=None)
    if place is None or state.draft is None:
        return Step(state, put(script, state, "short"))
    mine = Choice("answer", place.path, reading.text, state.draft.number)
    offers: tuple[Offer, ...] = (Offer(Term("buttons.my_answer"), mine),)
    if reading.kind == "unsure":
        offers = (*offers, *ways_out(script, state, place))
    return Step(state, (Say(f"ignored.{reading.kind}", {}, offers), *put(script, state, "short")))


def refuse(script: Script, state: State, reading: Refuses, event: Event) -> Step:
    place, refused = reading.place, reading.refused
    before, count, again = state.refusal, 1, False
    if before is not None and before.path == place.path:
        count = before.count + 1
        again = before.code == refused.code and not before.again
    keeps = Refusal(place.path, refused.code, reading.typed, messages_of(event), count, again)
    state = replace(state, refusal=keeps, pending=None)
    turn = "again" if again else "first"
    values: dict[str, Value] = {"example": Term(f"field.{place.name}.example")}
    values |= refused.details
    if leaning := refused.details.get("leaning"):
        values["leaning"] = Term(f"slots.{leaning}")
    offers = _answers_again(script, state, place, refused)
    if count >= AFTER_TWO:
        says = (
            Say(f"refusals.{refused.code}.{turn}", values),
            Say(_ways_key(state, place), {}, (*offers, *ways_out(script, state, place))),
        )
        return Step(state, says)
    why = (offer("why", place.path, number_of(state)), offer("menu"))
    return Step(state, (Say(f"refusals.{refused.code}.{turn}", values, (*offers, *why)),))


def keep(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """ "This is right, keep it": the refused text stands, with the failed rule as its flag."""
    place = open_place(script, state)
    refusal = state.refusal
    if (
        place is None
        or state.draft is None
        or refusal is None
        or refusal.path != place.path
        or reading.argument not in ("", refused_here(refusal))
        or refusal.count < AFTER_TWO
        or "keep" not in place.question.ways
        or not keepable(state)
    ):
        return Step(state, (Say("keep.nothing"), *put(script, state, "short")))
    slot = Kept(refusal.typed, refusal.code, refusal.messages)
    before = state.draft.slots.get(place.path)
    state = with_draft(state, state.draft.put(place.path, slot), editing="", phase=_filling(state))
    return go_on(script, state, (echo(script, state, place, slot, before),), place)


def skip(script: Script, state: State, reading: Orders, event: Event) -> Step:
    place = open_place(script, state)
    if place is None or state.draft is None:
        return Step(state, (Say("skip.nothing"), *put(script, state, "short")))
    if reading.argument and reading.argument != place.path:
        return Step(state, (Say("stale"), *put(script, state, "short")))
    if place.question.stage == "check":
        return skip_check(script, state, reading, event)
    before = state.draft.slots.get(place.path)
    given = place.question.optional and isinstance(before, Answered | Kept)
    if (state.editing and before is not None and not given) or fresh_item(state, place):
        return leave(script, state, reading, event)
    if place.kind == "more":
        return _more(script, state, place, "no")
    if "skip" not in place.question.ways:
        says = Say("skip.required", {}, (offer("person"),))
        return Step(replace(state, pending=None), (says, *put(script, state, "short")))
    skipped = state.draft.put(place.path, Skipped())
    back = latest(place.path, event, before)
    state = with_draft(state, skipped, editing="", phase=_filling(state), latest=back)
    says = Say("skip.done", {"label": Term(f"field.{place.name}.label")})
    if given:  # what goes is shown, with [Undo]
        says = echo(script, state, place, Skipped(), before)
    return go_on(script, state, (says,), place)


def skip_check(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """The rest of the self-check is passed over; it stands as "not answered"."""
    if state.draft is None:
        return Step(state, (Say("skip.nothing"), *put(script, state, "short")))
    draft, place = state.draft, None
    while (left := script.form.next_place(draft, "check")) is not None:
        place = left
        draft = draft.put(left.path, Skipped("not_answered"))
    if place is None:
        return Step(state, (Say("skip.nothing"), *put(script, state, "short")))
    state = with_draft(state, draft, editing="", phase=_filling(state))
    return go_on(script, state, (Say("check.skipped"),), None)


def leave(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """Never mind: what was being changed stays as it is; a location that was only just added, with
    nothing said of it, goes."""
    place = open_place(script, state)
    if place is not None and state.draft is not None and fresh_item(state, place):
        number = str(state.draft.ids(place.group).index(place.item) + 1)
        gone = state.draft.remove(place.group, place.item)
        state = with_draft(state, gone, editing="", phase=_filling(state))
        values: dict[str, Value] = {"group": Term(f"group.{place.group}.one"), "item": number}
        return go_on(script, state, (Say("remove.done", values),), None)
    if state.draft is None or not state.editing:
        left = replace(state, pending=None)
        return Step(left, put(script, left, "short"))
    left = with_draft(state, state.draft, editing="", phase=_filling(state))
    return go_on(script, left, (Say("change.left"),), None)


def same(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """ "Same phone as before": read as if typed, so that this location's country is looked at."""
    place = open_place(script, state)
    source = same_source(script, state, place) if place is not None else None
    if reading.argument and (place is None or reading.argument != place.path):
        return Step(state, (Say("stale"), *put(script, state, "short")))
    if place is None or source is None or state.draft is None:
        return as_before(script, state, reading, event)
    return _take_over(script, state, place, state.draft.value(source) or "", event)


def as_before(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """ "As last time": what the latest application said here, read as if typed. Where staff ask
    about it again, what was sent stands as it is, unread."""
    place = open_place(script, state)
    if reading.argument and (place is None or reading.argument != place.path):
        return Step(state, (Say("stale"), *put(script, state, "short")))
    if place is not None and (sent := sent_slot(state, place)) is not None:
        return _as_sent(script, state, place, sent, event)
    earlier = previous_slot(state, place) if place is not None and place.kind == "field" else None
    # Consent and the statement of truth are given anew each time, in words of their own.
    if place is None or earlier is None or place.question.stage != "form":
        return Step(state, (Say("same.nothing"), *put(script, state, "short")))
    return _take_over(script, state, place, earlier.typed, event)


def _as_sent(script: Script, state: State, place: Place, sent: Slot, event: Event) -> Step:
    assert state.draft is not None  # a place of it is asked about
    before = state.draft.slots.get(place.path)
    draft, back = state.draft.put(place.path, sent), latest(place.path, event, before)
    state = with_draft(state, draft, editing="", phase=_filling(state), latest=back)
    values: dict[str, Value] = {
        "label": Term(f"field.{place.name}.label"),
        "value": shown(script, state, place, sent),
    }
    return go_on(script, state, (Say("amend.stands", values, (undo_offer(state),)),), place)


def _take_over(script: Script, state: State, place: Place, value: str, event: Event) -> Step:
    outcome = read_as(script, state, place, value)
    if isinstance(outcome, Accepted):
        return answer(script, state, Answers(place, outcome, value), event)
    return refuse(script, state, Refuses(place, outcome, value), event)


def park(script: Script, state: State, place: Place, text: str) -> Step:
    """Pass a question about the open field to staff. Where it may stay open, the form goes on."""
    sent = amends(state)
    about = sent.reference if sent is not None else ""
    escalate = Escalate("person", text, _parkable(state, place), about)
    state = replace(state, pending=None, asked=text)
    if state.draft is None or not escalate.path:
        return Step(state, (escalate, Say("person.passed"), *put(script, state, "short")))
    draft = state.draft
    if draft.slots.get(place.path) is not None:  # its answer stands until staff have replied
        state = replace(state, editing="")
        return go_on(script, state, (escalate, Say("person.passed")), None)
    state = with_draft(state, draft.put(place.path, Parked()), asked=text)
    says = Say("person.parked", {"label": Term(f"field.{place.name}.label")})
    return go_on(script, state, (escalate, says), place)


def go_on(script: Script, state: State, says: tuple[Act, ...], place: Place | None) -> Step:
    """To the next question, or to the summary where nothing is left to ask."""
    state, settled = settle(script, state)
    says = (*says, *settled)
    following = open_place(script, state)
    if following is None or state.draft is None:
        state = replace(state, phase=Phase.REVIEWING)
        return Step(state, (*says, *summary(script, state)))
    if (
        place is not None
        and place.question.stage == "check"
        and following.question.stage != "check"
        and not state.draft.asked
    ):
        says = (*says, Say("check.done", {"line": Lines((check_line(script, state.draft),))}))
    return Step(state, (*says, *put(script, state)))


def _more(script: Script, state: State, place: Place, value: str) -> Step:
    draft, repeat = state.draft or Draft(), script.form.repeats[place.group].repeat
    closed = with_draft(state, draft.close(place.group), editing="", phase=_filling(state))
    if value == "no":
        return go_on(script, closed, (), place)
    if repeat is not None and len(draft.ids(place.group)) >= repeat.most:
        return go_on(script, closed, (Say("more.full", {"most": str(repeat.most)}),), place)
    state = with_draft(state, draft.add(place.group), editing="", phase=_filling(state))
    return Step(state, put(script, state))


def _declined(script: Script, state: State, stage: str) -> Step:
    if stage == "closing":
        state = replace(state, phase=Phase.REVIEWING, pending=None, refusal=None)
        offers = (offer("change", "", number_of(state)), offer("person"), offer("menu"))
        return Step(state, (Say("truth.declined", {}, offers),))
    state = replace(
        state, phase=idle(state), draft=None, editing="", pending=None, refusal=None, held=""
    )
    offers = (offer("requirements"), offer("apply"), offer("person"))
    return Step(state, (Say("consent.declined", {}, offers),))


def _agreement(script: Script, place: Place) -> Term:
    own = f"field.{place.name}.yes_button"
    return Term(own if script.wording.has(own) else "buttons.yes")


def _reread(script: Script, state: State, draft: Draft, place: Place) -> Draft:
    """Flags of the item's other answers, computed anew: they may depend on what has changed."""
    if not place.item or len(draft.slots) == 0:
        return draft
    return script.form.doubts(draft, script.wording.language(state.language))


def _answers_again(
    script: Script, state: State, place: Place, refused: Refused
) -> tuple[Offer, ...]:
    """The taps that answer the question: its options, or those that the text may have meant."""
    reader, number = place.question.reader, number_of(state)
    if reader.free:
        return ()
    meant = refused.details.get("codes", "").split()
    if meant:
        return tuple(
            Offer(reader.show(code, state.language), Choice("answer", place.path, code, number))
            for code in meant
        )
    question = put(script, state)[0]
    offers = getattr(question, "offers", ())
    return tuple(o for o in offers if o.choice.verb == "answer")


def _ways_key(state: State, place: Place) -> str:
    return "ways.keep" if "keep" in place.question.ways and keepable(state) else "ways.person"


def _parkable(state: State, place: Place) -> str:
    return "" if "stop" in place.question.ways or place.kind == "more" else place.path


def _filling(state: State) -> Phase:
    return Phase.STATING if state.phase is Phase.STATING else Phase.FILLING
