"""Side talk: questions of the person's own, a wish for a person, small talk, things without text.

None of it is a phase. It is answered or passed on, and the form's question is put again, once,
short. An answer is an article's own words; what no article covers is said so and offered to staff.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Act, Cite, Escalate, LookUp, Offer, Say, Term, Value
from dialogs.answering import go_on, park
from dialogs.answers import Accepted
from dialogs.asking import confirm, offer, put
from dialogs.events import Choice, Event, Found, Said
from dialogs.objects import objects_of, subject_draft
from dialogs.reading import (
    Amends,
    Asks,
    Attaches,
    Chats,
    Escalates,
    Hedges,
    Misses,
    Orders,
    Overflows,
    Replies,
    Tells,
    Ticks,
)
from dialogs.slots import Parked
from dialogs.state import Pending, Phase, Script, State, Step, known_to, open_place

QUIET = (Phase.VISITING, Phase.SUBMITTED)
"""phases in which no question waits to be put again"""


def question(script: Script, state: State, reading: Asks, event: Event) -> Step:
    finding = reading.finding
    if finding is None:
        return Step(state, (LookUp(reading.text, reading.article),))
    state = replace(state, pending=None)
    if finding.band == "answer" and finding.matches:
        cite = _cite(state, finding.matches[0], reading.text)
        mine = _my_answer(script, state, reading.text)
        return Step(state, (replace(cite, offers=(*cite.offers, *mine)), *_back(script, state)))
    text = reading.text.strip()
    if not text:  # a button of an article that is no longer there
        return Step(state, (Say("stale"), *put(script, state, "short")))
    asked = replace(state, pending=Pending("escalate", proposal=text))
    yes_no = confirm("escalate", "ask_staff", "no_thanks")
    if finding.band == "unsure" and finding.matches:
        titles = tuple(
            Offer(match.title[:40], Choice("article", match.article)) for match in finding.matches
        )
        none = Offer(Term("buttons.none_of_these"), Choice("confirm", "escalate", "yes"))
        mine = _my_answer(script, state, text)
        return Step(asked, (Say("question.unsure", {}, (*titles, none, *mine)),))
    mine = _my_answer(script, state, text)
    return Step(asked, (Say("question.unknown", {}, (*yes_no, *mine)),))


def _my_answer(script: Script, state: State, text: str) -> tuple[Offer, ...]:
    """[That is my answer]: for a text that was taken for a question and would do as an answer."""
    place = open_place(script, state)
    if not text or place is None or state.phase is not Phase.FILLING or state.draft is None:
        return ()
    read = place.question.reader.read(text, known_to(script, state, place))
    if not place.question.reader.free or not isinstance(read, Accepted):
        return ()
    choice = Choice("answer", place.path, text, state.draft.number)
    return (Offer(Term("buttons.my_answer"), choice),)


def _cite(state: State, found: Found, text: str) -> Cite:
    offers = [Offer(label, Choice("article", id)) for id, label in found.related]
    if text:
        offers.append(Offer(Term("buttons.ask_staff"), Choice("escalate", value=text)))
    if state.phase is Phase.VISITING:
        offers.append(offer("resume" if state.draft is not None else "apply"))
    return Cite(found, tuple(offers))


def escalate(script: Script, state: State, reading: Escalates, event: Event) -> Step:
    """[Ask staff]; a second tap on the same button passes nothing twice."""
    if reading.text == state.asked:
        return Step(state, (Say("question.already"), *_back(script, state)))
    return _pass_on(script, state, reading.text)


def confirm_escalate(script: Script, state: State, event: Event) -> Step:
    return _pass_on(script, state, state.pending.proposal if state.pending else "")


def confirm_check(script: Script, state: State, event: Event) -> Step:
    """After a "no" in the self-check: ask staff about it, and go on."""
    path = state.pending.path if state.pending else ""
    state = replace(state, pending=None)
    step = go_on(script, state, (Say("question.passed"),), None)
    return Step(step.state, (Escalate("question", "", path), *step.acts))


def _pass_on(script: Script, state: State, text: str) -> Step:
    reference = state.submissions[-1].reference if state.submissions else ""
    state = replace(state, pending=None, asked=text)
    acts: tuple[Act, ...] = (Escalate("question", text, "", reference), Say("question.passed"))
    return Step(state, (*acts, *_back(script, state)))


def person(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """A wish for a person: what shall they be told?"""
    if reading.argument and "." not in reading.argument and " " in reading.argument:
        return _tell_person(script, state, reading.argument)
    place = open_place(script, state)
    filling = place is not None and state.phase in (Phase.FILLING, Phase.STATING)
    state = replace(state, pending=Pending("person", place.path if place and filling else ""))
    if place is not None and filling:
        label = Term(f"field.{place.name}.label")
        offers = confirm("person", "pass_question", "leave")
        return Step(state, (Say("person.about", {"label": label}, offers),))
    return Step(state, (Say("person.what", {}, confirm("person", "call_me", "leave")),))


def confirm_person(script: Script, state: State, event: Event) -> Step:
    """The open question itself is passed on, or just the wish that somebody writes."""
    return _tell_person(script, state, "")


def tell(script: Script, state: State, reading: Tells, event: Event) -> Step:
    """The text that was waited for."""
    if state.pending is not None and state.pending.kind == "change_request":
        return request_change(script, state, reading.text, state.pending.path)
    return _tell_person(script, state, reading.text)


def _tell_person(script: Script, state: State, text: str) -> Step:
    place = open_place(script, state)
    if place is not None and state.phase in (Phase.FILLING, Phase.STATING):
        return park(script, state, place, text)
    reference = state.submissions[-1].reference if state.submissions else ""
    state = replace(state, pending=None, asked=text)
    passed = (Escalate("person", text, "", reference), Say("person.passed"))
    return Step(state, (*passed, *_back(script, state)))


def change_submitted(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """After submission the record stands: a change is a request to staff."""
    language = script.wording.language(state.language)
    text = event.text if isinstance(event, Said) else ""
    paths = objects_of(script, state, language, reading.argument)
    path = paths[0] if len(paths) == 1 else ""
    if text and reading.value:
        return request_change(script, state, text, path)
    draft = subject_draft(state)
    place = script.form.place(draft, path) if draft is not None and path else None
    label = Term(f"field.{place.name}.label") if place else Term("after.something")
    values: dict[str, Value] = {
        "label": label,
        "reference": state.submissions[-1].reference,
    }
    state = replace(state, pending=Pending("change_request", path))
    offers = (offer("leave"),)
    return Step(state, (Say("after.change", values, offers),))


def request_change(script: Script, state: State, text: str, path: str) -> Step:
    reference = state.submissions[-1].reference
    state = replace(state, pending=None, asked=text)
    acts = (
        Escalate("change", text, path, reference),
        Say("after.requested", {"reference": reference}),
    )
    return Step(state, acts)


def reply(script: Script, state: State, reading: Replies, event: Event) -> Step:
    """Staff have answered: their words, the question quoted, then the form's question again."""
    replied = reading.reply
    says = Say("staff.reply", {"question": replied.question, "text": replied.text})
    if not replied.question:
        says = Say("staff.word", {"text": replied.text})
    draft = state.draft
    if draft is not None and isinstance(draft.slots.get(replied.path), Parked):
        reviewing = state.phase in (Phase.REVIEWING, Phase.STATING)
        phase = Phase.FILLING if reviewing else state.phase
        state = replace(state, draft=draft.clear(replied.path), phase=phase, pending=None)
        if phase is Phase.FILLING:
            return Step(state, (says, *put(script, state)))
    return Step(state, (says, *_back(script, state)))


def chat(script: Script, state: State, reading: Chats, event: Event) -> Step:
    if reading.mood == "greeting":
        key = (
            "welcome" if state.phase is Phase.VISITING and state.draft is None else "chat.greeting"
        )
        if key == "welcome":
            return Step(state, (Say(key), *put(script, state)))
        return Step(state, (Say(key), *put(script, state, "short")))
    return Step(state, (Say("chat.thanks"), *_back(script, state)))


def attach(script: Script, state: State, reading: Attaches, event: Event) -> Step:
    """One sentence that fits its kind; an album is answered once."""
    album = event.album if isinstance(event, Said) else ""
    if album and album == state.album:
        return Step(state, ())
    return Step(replace(state, album=album), (Say(f"media.{reading.medium}"),))


def overflow(script: Script, state: State, reading: Overflows, event: Event) -> Step:
    return Step(state, (Say("overflow", {"limit": str(reading.limit)}),))


def miss(script: Script, state: State, reading: Misses, event: Event) -> Step:
    return Step(state, (Say("stale"), *put(script, state, "short")))


def hedge(script: Script, state: State, reading: Hedges, event: Event) -> Step:
    kind = state.pending.kind if state.pending else "escalate"
    return Step(state, (Say("hedged", {}, confirm(kind, "yes", "no")),))


def amend(script: Script, state: State, reading: Amends, event: Event) -> Step:
    key = "edited.submitted" if state.phase is Phase.SUBMITTED else "edited.open"
    return Step(state, (Say(key), *_back(script, state)))


def tick(script: Script, state: State, reading: Ticks, event: Event) -> Step:
    """No reminder is set by this version: a due row of another one changes nothing."""
    return Step(state, ())


def _back(script: Script, state: State) -> tuple[Act, ...]:
    return () if state.phase in QUIET else put(script, state, "short")
