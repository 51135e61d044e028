"""What the dialog's tests share: the real script, events with ids of their own, true answers, and
the straight driver, which answers whatever is open until an application is handed off.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator, Sequence
from functools import cache

from bot.rendering import Renderer
from bot.words import read_words
from dialogs.acts import Act, Ask, Cite, Lines, LookUp, Offer, Say, Submit, Term, Value
from dialogs.application import Application
from dialogs.events import Choice, Event, Finding, Found, Picked, Said, StaffReplied
from dialogs.form import Form
from dialogs.machine import ORDERS, step
from dialogs.state import Phase, Script, State, Step, open_place
from dialogs.wording import REFERENCE_ALPHABET

AT = "2026-03-04T05:06:07Z"
NOTHING = Finding("nothing")
PROGRAM = {
    "program": "the Service Provider program",
    "company": "the company",
    "brand": "the company",
    "privacy": "Answers are kept.",
}

TRUE = {
    "kind": "service business",
    "legal_name": "Lakeside Mobile Care Ltd",
    "dba": "Lakeside Repairs",
    "owners.name": "Maria Santos",
    "owners.more": "no",
    "locations.country": "United Kingdom",
    "locations.address": "14 Harbour Street, Leeds LS1 4AB",
    "locations.phone": "+44 113 496 0271",
    "locations.more": "that is all",
    "email": "service@lakesidecare.co.uk",
    "website": "lakesidecare.co.uk",
    "experience": "We have repaired phones and laptops since 2016, with four technicians.",
    "consent": "I agree",
    "truth": "yes",
}
"""field name -> an answer that its reader takes; the self-check's nine are all "yes" """

_numbers = itertools.count(1)


@cache
def script() -> Script:
    form = Form(Application)
    return Script(form, read_words(form.names(), ORDERS))


@cache
def renderer() -> Renderer:
    return Renderer(script().wording, PROGRAM)


def token() -> str:
    """Eight characters of the reference alphabet, never the same twice in a process."""
    number, letters = next(_numbers), ""
    for _ in range(8):
        number, rest = divmod(number, len(REFERENCE_ALPHABET))
        letters = REFERENCE_ALPHABET[rest] + letters
    return letters


def said(text: str, found: Finding | None = NOTHING) -> Said:
    """The person writes; the library knows nothing, unless told otherwise."""
    key = token()
    return Said(text, f"m{key}", AT, key, found=found)


def picked(choice: Choice | None, found: Finding | None = NOTHING) -> Picked:
    key = token()
    return Picked(choice, f"m{key}", AT, key, found)


def replied(
    path: str = "", text: str = "Please go on.", question: str = "What now?"
) -> StaffReplied:
    return StaffReplied(1, question, text, AT, token(), path)


def article(id: str = "requirements", title: str = "What is required?") -> Found:
    return Found(
        id,
        "1",
        title,
        "Requirements",
        "The business must be in operation.",
        "Business requirements, B1",
        (("certification", "Certification"),),
        0.9,
    )


def answer_to(name: str) -> str:
    """A true answer to the field's question."""
    return "yes" if name.startswith("self_check.") else TRUE[name]


def talk(state: State, *texts: str) -> State:
    """The state after these messages, one after the other."""
    for text in texts:
        state = step(script(), state, said(text)).state
    return state


def speech(acts: Sequence[Act]) -> str:
    """What the acts say, rendered, as plain text; "" for a silence."""
    message = renderer().message("en", acts)
    return "\n".join("".join(s.text for s in b.spans) for b in message.blocks) if message else ""


def offers_of(acts: Sequence[Act]) -> list[Offer]:
    return [o for act in acts if isinstance(act, Say | Ask | Cite) for o in act.offers]


def keys_of(acts: Sequence[Act]) -> list[str]:
    """Keys of what is said, ``ask:<path>`` for a question."""
    keys = []
    for act in acts:
        if isinstance(act, Say):
            keys.append(act.key)
        elif isinstance(act, Ask):
            keys.append(f"ask:{act.path}")
    return keys


def unworded(acts: Sequence[Act]) -> Iterator[str]:
    """Entries that the acts need and the words lack, and placeholders that nothing fills."""
    for act in acts:
        if isinstance(act, Say):
            yield from _missing(act.key, dict(act.values))
        elif isinstance(act, Ask):
            for entry in ("ask", "ask_again"):
                yield from _missing(f"field.{act.name}.{entry}", dict(act.values))
        if isinstance(act, Say | Ask | Cite):
            for offer in act.offers:
                if isinstance(offer.label, Term):
                    yield from _missing(offer.label.key, dict(offer.values))
                elif not offer.label.strip():
                    yield "an empty label"


def _missing(key: str, values: dict[str, Value]) -> Iterator[str]:
    yield from _unfilled(key, values)
    for value in values.values():
        if isinstance(value, Term):
            yield from _unfilled(value.key, values)
        elif isinstance(value, Lines):
            for say in value.lines:
                yield from _missing(say.key, dict(say.values))


def _unfilled(key: str, values: dict[str, Value]) -> Iterator[str]:
    if not script().wording.has(key):
        yield f"no entry {key}"
        return
    for _, name, _, _ in string.Formatter().parse(script().wording.text("en", key)):
        if name is not None and name not in values and name not in PROGRAM:
            yield f"{key}: nothing fills {name}"


def onward(state: State) -> Event:
    """What a willing person does next in this state: the true answer, or the way to it."""
    if state.pending is not None:
        if state.pending.kind in ("person", "change_request"):
            return said("never mind")
        target = f"{state.pending.kind} {state.pending.subject}".strip()
        return picked(Choice("confirm", target, "no"))
    match state.phase:
        case Phase.VISITING | Phase.SUBMITTED:
            return said("apply")
        case Phase.PAUSED:
            return said("continue")
        case Phase.REVIEWING:
            parked = script().form.open_at_staff(state.draft) if state.draft else ()
            return replied(parked[0].path) if parked else said("submit")
        case Phase.FILLING | Phase.STATING:
            place = open_place(script(), state)
            assert place is not None, "a question is open in this phase"
            return said(answer_to(place.name))


def straight(state: State, most: int = 400) -> list[Step]:
    """Steps from here until an application is handed off; fails where there is no way."""
    steps: list[Step] = []
    for _ in range(most):
        event = onward(state)
        done = step(script(), state, event)
        assert not isinstance(done.acts[0], LookUp), event
        steps.append(done)
        state = done.state
        if any(isinstance(act, Submit) for act in done.acts):
            return steps
    raise AssertionError(f"no hand-off within {most} turns; the last state: {state}")


@cache
def until(name: str) -> State:
    """A first application with everything answered up to this field's question (not it)."""
    state = State()
    for _ in range(100):
        place = open_place(script(), state)
        if place is not None and place.name == name:
            return state
        state = step(script(), state, onward(state)).state
    raise AssertionError(f"{name} is never asked")


@cache
def reviewing() -> State:
    state = until("experience")
    return step(script(), state, onward(state)).state


@cache
def stating() -> State:
    return talk(reviewing(), "submit")


@cache
def paused() -> State:
    return talk(until("email"), "pause")


@cache
def submitted() -> State:
    return straight(State())[-1].state


@cache
def two_locations() -> State:
    """At the summary of an application with a location in Leeds and one in Jakarta."""
    second = ("yes", "Indonesia", "Jl Kemang Raya 45, Jakarta 12730", "+62 21 555 1234", "no")
    return talk(
        until("locations.more"), *second, TRUE["email"], TRUE["website"], TRUE["experience"]
    )


def in_phase(phase: Phase) -> State:
    """A state of this phase, reached by talking."""
    match phase:
        case Phase.VISITING:
            return State()
        case Phase.FILLING:
            return until("legal_name")
        case Phase.REVIEWING:
            return reviewing()
        case Phase.STATING:
            return stating()
        case Phase.PAUSED:
            return paused()
        case Phase.SUBMITTED:
            return submitted()
