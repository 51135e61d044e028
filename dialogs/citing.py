"""Questions of the person's own: answered in an article's own words, or passed to staff.

A finding is one of three: an article answers; some may be meant, and their titles are shown; none
does, which is said (in the authors' words, where they wrote what to say) with the offer to ask
staff. Several questions in a message are in ``several.py``.

None of it is a phase: the form's question is put again, once, short.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Act, Cite, Escalate, LookUp, Offer, Say, Term
from dialogs.amendment import reference_of
from dialogs.answers import Accepted
from dialogs.asking import confirm, put, put_back
from dialogs.events import Choice, Event, Found, Question
from dialogs.offers import ask_staff, named, onward, related, rest_of, titles, topic_of
from dialogs.questions import answers, follows_up, in_order, several, taken_apart
from dialogs.readings import Asks, Escalates
from dialogs.sentences import reads_as_question
from dialogs.several import each
from dialogs.state import (
    Pending,
    Phase,
    Script,
    State,
    Step,
    open_place,
    read_as,
)
from dialogs.wording import fold

ASIDE = ("article", "escalate")
"""buttons that answer a side question without a confirmation"""
LASTS = 3
"""messages after which a question has no follow-up any more"""


def question(script: Script, state: State, reading: Asks, event: Event) -> Step:
    return _question(script, state, reading, _my_answer(script, state, reading.text))


def _question(script: Script, state: State, reading: Asks, mine: tuple[Offer, ...]) -> Step:
    finding, text = reading.finding, reading.text.strip()
    if finding is None:
        return Step(state, (wanted(script, state, reading.text, reading.article),))
    state = replace(state, pending=None)
    parts = taken_apart(finding)
    if parts:
        return each(script, state, text, parts, mine)
    asked = Question(text, _previous(script, state, text))
    if reading.rest and answers(finding):
        return _rest(script, state, finding.matches[0])
    if answers(finding):
        return _cited(script, state, asked, finding.matches[0], mine)
    if not text:  # a button of an article that is no longer there
        return Step(state, (Say("stale"), *put(script, state, "short")))
    if asked.previous and fold(text) in _bare_follow_ups(script, state) and not finding.instead:
        # "Why?" by itself names no article; what it is about was answered.
        return _offer_to_ask(script, state, asked, mine, key="question.no_more")
    if finding.band == "unsure" and finding.matches:
        state = replace(state, pending=Pending("which", proposal=named(asked)))
        return Step(state, (Say("question.unsure", {}, (*titles(finding, asked), *mine)),))
    return _offer_to_ask(script, state, asked, mine, finding.instead)


def wanted(script: Script, state: State, text: str, article: str = "") -> LookUp:
    """What to ask the library for a text: the whole, and each of several questions in it."""
    language = script.wording.language(state.language)
    previous = _previous(script, state, text)
    parts = in_order(language, several(language, text), previous)
    return LookUp(text, article, previous=previous, parts=parts)


def _previous(script: Script, state: State, text: str) -> str:
    """The question answered before, where the text may be its follow-up."""
    topic, language = state.topic, script.wording.language(state.language)
    if topic is None or fold(topic.text) == fold(text) or not follows_up(language, text):
        return ""
    return topic.text


def _bare_follow_ups(script: Script, state: State) -> frozenset[str]:
    return script.wording.language(state.language).folded("follow_ups")


def remembered(before: State, after: State) -> State:
    """The question answered last is forgotten after some messages, and once the form has moved
    on."""
    topic = after.topic
    if topic is None or topic is not before.topic:
        return after
    moved = after.draft != before.draft or topic.age + 1 >= LASTS
    return replace(after, topic=None if moved else replace(topic, age=topic.age + 1))


# One question


def _cited(
    script: Script, state: State, asked: Question, found: Found, mine: tuple[Offer, ...]
) -> Step:
    if asked.previous and state.topic is not None and found.article == state.topic.article:
        # What the article says was said; the same words again would answer nothing.
        return _offer_to_ask(script, state, asked, mine, key="question.no_more")
    offers = (*related(found), *ask_staff(named(asked)), *onward(state), *mine)
    state = replace(state, topic=topic_of(asked, found))
    return Step(state, (Cite(found, offers), *put_back(script, state)))


def _rest(script: Script, state: State, found: Found) -> Step:
    """What else an overview leads to."""
    says = Say("question.related", {}, (*rest_of(found), *onward(state)))
    return Step(state, (says, *put_back(script, state)))


def _offer_to_ask(
    script: Script,
    state: State,
    asked: Question,
    mine: tuple[Offer, ...] = (),
    instead: str = "",
    key: str = "",
) -> Step:
    language = script.wording.language(state.language)
    usual = "question.unknown" if reads_as_question(language, asked.text) else "question.unclear"
    key = "question.instead" if instead else key or usual
    pending = Pending("escalate", proposal=named(asked))
    _, no = confirm(pending)
    values = {"instead": instead} if instead else {}
    says = Say(key, values, (*ask_staff(named(asked)), no, *mine))
    return Step(replace(state, pending=pending), (says,))


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


# A question behind an answer


def also(script: Script, done: Step, text: str, event: Event) -> Step:
    """A question that came with an answer: it is answered after what was taken, then the form's
    next question is put, once."""
    asked = _question(script, done.state, Asks(text, getattr(event, "found", None)), ())
    says = _without(done.acts, put(script, done.state))
    answered = _without(asked.acts, put_back(script, asked.state))
    if asked.state.pending is not None and done.state.pending is None:
        # It is one thing at a time: what was asked waits under its buttons, the form goes on.
        answered = tuple(_aside(act) if isinstance(act, Say) else act for act in answered)
    state = replace(asked.state, pending=done.state.pending)
    following = () if state.pending is not None else put(script, state)
    return Step(state, (*says, *answered, *following))


def _aside(act: Say) -> Say:
    """The same without a question of its own: only what a tap answers stays."""
    key = "question.said" if act.values.get("instead") else "question.aside"
    return Say(key, act.values, tuple(o for o in act.offers if o.choice.verb in ASIDE))


def _without(acts: tuple[Act, ...], prompt: tuple[Act, ...]) -> tuple[Act, ...]:
    """The acts without the question that they end with."""
    return acts[: -len(prompt)] if prompt and acts[-len(prompt) :] == prompt else acts


# To staff


def tap_one(script: Script, state: State, event: Event) -> Step:
    """ "Yes" to "is it one of these?" does not say which."""
    state = replace(state, pending=None)
    return Step(state, (Say("question.which"), *put_back(script, state)))


def offer_again(script: Script, state: State, event: Event) -> Step:
    """The open offer to ask staff, in another language; titles of articles are not kept."""
    text = state.pending.proposal if state.pending else ""
    free = replace(state, pending=None)
    return _offer_to_ask(script, free, Question(text), _my_answer(script, free, text))


def not_asked(script: Script, state: State, event: Event) -> Step:
    return Step(state, (Say("question.not_asked"), *put(script, state, "short")))


def escalate(script: Script, state: State, reading: Escalates, event: Event) -> Step:
    """[Ask staff]; a second tap on the same button passes nothing twice."""
    if reading.text == state.asked:
        return Step(state, (Say("question.already"), *put_back(script, state)))
    return _pass_on(script, state, reading.text)


def confirm_escalate(script: Script, state: State, event: Event) -> Step:
    """Yes to "shall I ask staff?", and no to "is it one of these?"."""
    return _pass_on(script, state, state.pending.proposal if state.pending else "")


def _pass_on(script: Script, state: State, text: str) -> Step:
    state = replace(state, pending=None, asked=text)
    passed = Escalate("question", text, "", reference_of(state))
    return Step(state, (passed, Say("question.passed"), *put_back(script, state)))
