"""Side talk: questions of the person's own, a wish for a person, small talk, things without text.

None of it is a phase. It is answered or passed on, and the form's question is put again, once,
short. An answer is an article's own words; what no article covers is said so and offered to staff.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Act, Cite, Escalate, LookUp, Offer, Say, Term, Value
from dialogs.amendment import amends
from dialogs.answering import go_on, park
from dialogs.answers import Accepted
from dialogs.asking import confirm, offer, put, put_back
from dialogs.events import Choice, Event, Found, Said
from dialogs.languages import welcome
from dialogs.objects import objects_of, subject_draft
from dialogs.readings import (
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
)
from dialogs.returning import comes_back, welcome_back
from dialogs.sentences import reads_as_question
from dialogs.slots import Draft, Parked
from dialogs.state import (
    Pending,
    Phase,
    Script,
    State,
    Step,
    open_place,
    read_as,
    with_staff,
)

ASIDE = ("article", "escalate")
"""buttons that answer a side question without a confirmation"""


def question(script: Script, state: State, reading: Asks, event: Event) -> Step:
    return _question(script, state, reading, _my_answer(script, state, reading.text))


def _question(script: Script, state: State, reading: Asks, mine: tuple[Offer, ...]) -> Step:
    finding = reading.finding
    if finding is None:
        return Step(state, (LookUp(reading.text, reading.article),))
    state = replace(state, pending=None)
    if finding.band == "answer" and finding.matches:
        cite = _cite(state, finding.matches[0], reading.text)
        return Step(state, (replace(cite, offers=(*cite.offers, *mine)), *put_back(script, state)))
    text = reading.text.strip()
    if not text:  # a button of an article that is no longer there
        return Step(state, (Say("stale"), *put(script, state, "short")))
    if finding.band == "unsure" and finding.matches:
        titles = tuple(
            Offer(match.title[:40], Choice("article", match.article)) for match in finding.matches
        )
        none = Offer(Term("buttons.none_of_these"), Choice("escalate", value=text))
        state = replace(state, pending=Pending("which", proposal=text))
        return Step(state, (Say("question.unsure", {}, (*titles, none, *mine)),))
    return _offer_to_ask(script, state, text, mine)


def also(script: Script, done: Step, text: str, event: Event) -> Step:
    """A question that came with an answer: it is answered after what was taken, then the form's
    next question is put, once."""
    asked = _question(script, done.state, Asks(text, getattr(event, "found", None)), ())
    says = _without(done.acts, put(script, done.state))
    answered = _without(asked.acts, put_back(script, asked.state))
    if asked.state.pending is not None and done.state.pending is None:
        # It is one thing at a time: what was asked waits under its buttons, the form goes on.
        offers = tuple(o for act in answered if isinstance(act, Say) for o in act.offers)
        answered = (Say("question.aside", {}, tuple(o for o in offers if o.choice.verb in ASIDE)),)
    state = replace(asked.state, pending=done.state.pending)
    following = () if state.pending is not None else put(script, state)
    return Step(state, (*says, *answered, *following))


def _without(acts: tuple[Act, ...], prompt: tuple[Act, ...]) -> tuple[Act, ...]:
    """The acts without the question that they end with."""
    return acts[: -len(prompt)] if prompt and acts[-len(prompt) :] == prompt else acts


def _offer_to_ask(script: Script, state: State, text: str, mine: tuple[Offer, ...]) -> Step:
    language = script.wording.language(state.language)
    key = "question.unknown" if reads_as_question(language, text) else "question.unclear"
    # The button names its question: tapped late, it passes on no other one.
    yes = Offer(Term("buttons.ask_staff"), Choice("escalate", value=text))
    pending = Pending("escalate", proposal=text)
    _, no = confirm(pending)
    offers = (yes, no, *mine)
    return Step(replace(state, pending=pending), (Say(key, {}, offers),))


def tap_one(script: Script, state: State, event: Event) -> Step:
    """ "Yes" to "is it one of these?" does not say which."""
    state = replace(state, pending=None)
    return Step(state, (Say("question.which"), *put_back(script, state)))


def none_of_these(script: Script, state: State, event: Event) -> Step:
    text = state.pending.proposal if state.pending else ""
    free = replace(state, pending=None)
    return _offer_to_ask(script, free, text, _my_answer(script, free, text))


def not_asked(script: Script, state: State, event: Event) -> Step:
    return Step(state, (Say("question.not_asked"), *put(script, state, "short")))


def _my_answer(script: Script, state: State, text: str) -> tuple[Offer, ...]:
    """[That is my answer]: for a text that was taken for a question and would do as an answer."""
    place = open_place(script, state)
    if not text or place is None or state.phase is not Phase.FILLING or state.draft is None:
        return ()
    read = read_as(script, state, place, text)
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
        return Step(state, (Say("question.already"), *put_back(script, state)))
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
    reference = _reference(state)
    state = replace(state, pending=None, asked=text)
    acts: tuple[Act, ...] = (Escalate("question", text, "", reference), Say("question.passed"))
    return Step(state, (*acts, *put_back(script, state)))


def person(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """A wish for a person: what shall they be told?"""
    if reading.argument and "." not in reading.argument and " " in reading.argument:
        return _tell_person(script, state, reading.argument)
    place = open_place(script, state)
    filling = place is not None and state.phase in (Phase.FILLING, Phase.STATING)
    pending = Pending("person", place.path if place and filling else "")
    state = replace(state, pending=pending)
    if place is not None and filling:
        label = Term(f"field.{place.name}.label")
        offers = confirm(pending)
        return Step(state, (Say("person.about", {"label": label}, offers),))
    return Step(state, (Say("person.what", {}, confirm(pending, "call_me")),))


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
    reference = _reference(state)
    state = replace(state, pending=None, asked=text)
    passed = (Escalate("person", text, "", reference), Say("person.passed"))
    return Step(state, (*passed, *put_back(script, state)))


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
    values: dict[str, Value] = {"reference": _reference(state)}
    key = "after.change_what"
    if place is not None and reading.command == "change":
        key = "after.change"
        values["label"] = Term(f"field.{place.name}.label")
    state = replace(state, pending=Pending("change_request", path))
    return Step(state, (Say(key, values, (offer("leave"),)),))


def request_change(script: Script, state: State, text: str, path: str) -> Step:
    reference = _reference(state)
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
    draft = _parked_in(state, replied.path) or state.draft
    if not replied.question:
        place = script.form.place(draft, replied.path) if draft and replied.path else None
        values: dict[str, Value] = {"text": replied.text}
        if place is not None:
            values["label"] = Term(f"field.{place.name}.label")
        says = Say("staff.about" if place is not None else "staff.word", values)
    if draft is not None and draft is not state.draft:
        open_again = draft.clear(replied.path)
        aside = tuple(open_again if other is draft else other for other in state.aside)
        return Step(replace(state, aside=aside), (says, *put_back(script, state)))
    if draft is not None and isinstance(draft.slots.get(replied.path), Parked):
        reviewing = state.phase in (Phase.REVIEWING, Phase.STATING)
        phase = Phase.FILLING if reviewing else state.phase
        state = replace(state, draft=draft.clear(replied.path), phase=phase, pending=None)
        if phase is Phase.FILLING:
            return Step(state, (says, *put(script, state)))
    return Step(state, (says, *put_back(script, state)))


def _parked_in(state: State, path: str) -> Draft | None:
    """The draft that waits aside and whose slot of this path is open at staff."""
    current = state.draft.slots.get(path) if state.draft is not None else None
    parked = (d for d in state.aside if isinstance(d.slots.get(path), Parked))
    return None if isinstance(current, Parked) else next(parked, None)


def chat(script: Script, state: State, reading: Chats, event: Event) -> Step:
    if reading.mood == "greeting":
        if comes_back(state, event):
            return welcome_back(script, state)
        if state.phase is Phase.VISITING and state.draft is None:
            return Step(state, (welcome(script, state), *put(script, state)))
        return Step(state, (Say("chat.greeting"), *put(script, state, "short")))
    offers = (offer("person"), offer("pause")) if reading.mood == "annoyed" else ()
    return Step(state, (Say(f"chat.{reading.mood}", {}, offers), *put_back(script, state)))


def attach(script: Script, state: State, reading: Attaches, event: Event) -> Step:
    """One sentence that fits its kind; an album is answered once."""
    album = event.album if isinstance(event, Said) else ""
    if album and album == state.album:
        return Step(state, ())
    return Step(replace(state, album=album), (Say(f"media.{reading.medium}"),))


def overflow(script: Script, state: State, reading: Overflows, event: Event) -> Step:
    return Step(state, (Say("overflow", {"limit": str(reading.limit)}),))


def keep_to_asked(script: Script, state: State) -> Step:
    """Something else of a sent application than staff ask about: it stays as it was sent."""
    state = replace(state, pending=None)
    return Step(state, (Say("amend.only", {}, (offer("person"),)), *put(script, state, "short")))


def miss(script: Script, state: State, reading: Misses, event: Event) -> Step:
    return Step(state, (Say("stale"), *put(script, state, "short")))


def hedge(script: Script, state: State, reading: Hedges, event: Event) -> Step:
    pending = state.pending or Pending("escalate")
    return Step(state, (Say("hedged", {}, confirm(pending)),))


def _reference(state: State) -> str:
    """Of the application that a word to staff is about."""
    sent = amends(state) or with_staff(state)
    return sent.reference if sent is not None else ""
