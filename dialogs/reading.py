"""What a message *is*: ``read(script, state, event)`` gives exactly one reading.

In order, for what a person typed:

1. nothing to read (a voice message, a sticker) or more than the cap: said so, never an answer;
2. the words of an open confirmation, or the text that it waits for;
3. a command, alone ("back") or with its object ("change the phone of location 2");
4. an answer to the open question, unless it reads as a question of the person's own;
5. with no question open: small talk, else a question for the articles.

A button's meaning comes from the stored row; it counts only where it still fits the state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from dialogs.answers import Accepted, Known, Refused, YesNo, clean
from dialogs.asking import CONFIRM_LABELS, fresh_item
from dialogs.events import (
    Edited,
    Erased,
    Event,
    Finding,
    Medium,
    Picked,
    Said,
    StaffReplied,
    Ticked,
)
from dialogs.form import Place
from dialogs.objects import has_answers, item_of, names_items, objects_of, split_value
from dialogs.state import Pending, PendingKind, Phase, Script, State, known_to, open_place
from dialogs.wording import Language, fold


@dataclass(frozen=True, slots=True)
class Answers:
    """The open question is answered; its reader accepted it."""

    place: Place
    accepted: Accepted
    typed: str


@dataclass(frozen=True, slots=True)
class Refuses:
    """Meant as an answer to the open question; its reader refused it."""

    place: Place
    refused: Refused
    typed: str


@dataclass(frozen=True, slots=True)
class Asks:
    """A question of the person's own. ``finding`` is None where the library was not asked yet."""

    text: str
    finding: Finding | None
    article: str = ""


@dataclass(frozen=True, slots=True)
class Orders:
    command: str
    argument: str = ""
    """a path, where it came from a button; else the words after the command"""
    value: str = ""
    """what it shall be: "change the website to ..." """


@dataclass(frozen=True, slots=True)
class Confirms:
    """Yes or no to the open confirmation."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Tells:
    """The text that an open confirmation waits for: what staff shall be told."""

    text: str


@dataclass(frozen=True, slots=True)
class Hedges:
    """ "Yes, but ..." to an open confirmation: neither."""


@dataclass(frozen=True, slots=True)
class Escalates:
    """The button [Ask staff] under an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Chats:
    mood: Literal["greeting", "thanks"]


@dataclass(frozen=True, slots=True)
class Attaches:
    """Something without text."""

    medium: Medium


@dataclass(frozen=True, slots=True)
class Overflows:
    limit: int


@dataclass(frozen=True, slots=True)
class Misses:
    """A button from an earlier step, or none of ours."""


@dataclass(frozen=True, slots=True)
class Amends:
    """An earlier message was edited."""


@dataclass(frozen=True, slots=True)
class Replies:
    reply: StaffReplied


@dataclass(frozen=True, slots=True)
class Erases:
    pass


@dataclass(frozen=True, slots=True)
class Ticks:
    kind: str


Reading = (
    Answers
    | Refuses
    | Asks
    | Orders
    | Confirms
    | Tells
    | Hedges
    | Escalates
    | Chats
    | Attaches
    | Overflows
    | Misses
    | Amends
    | Replies
    | Erases
    | Ticks
)

SHORT = 3
"""words; longer texts that fit no option may be a question"""
WAITS_FOR_TEXT = ("person", "change_request")
MEANT_AS_ANSWERS = ("hedged", "yes_no_not_sure", "choice_unclear", "country_unclear")
"""refusals of what answers the question, but not clearly"""
ERASING = ("start_over", "withdraw", "delete_data")
"""what a yes cannot take back: it must be nothing but a yes"""
_YES_NO = YesNo()


def read(script: Script, state: State, event: Event) -> Reading:
    match event:
        case Said():
            return _read_said(script, state, event)
        case Picked():
            return _read_picked(script, state, event)
        case Edited():
            return Amends()
        case StaffReplied():
            return Replies(event)
        case Erased():
            return Erases()
        case Ticked():
            return Ticks(event.kind)


def _read_said(script: Script, state: State, event: Said) -> Reading:
    text = clean(event.text)
    if not text:
        return Attaches("other" if event.medium == "text" else event.medium)
    place = open_place(script, state)
    waits = state.pending is not None and state.pending.kind in WAITS_FOR_TEXT
    cap = place.question.reader.cap if place is not None and not waits else script.cap
    if len(event.text) > max(cap, 500):
        return Overflows(max(cap, 500))
    language = script.wording.language(state.language)
    order = _order(script, state, language, text)
    if state.pending is not None:
        confirmation = _confirmation(script, state, language, text, order)
        if confirmation is not None:
            return confirmation
    if place is not None and (tapped := _button_of(language, place, fold(text))):
        return Answers(place, Accepted(tapped), text)
    if order is not None:
        return order
    mood = _mood(language, text)
    if mood is not None:
        return Chats(mood)
    if place is not None and state.phase in (Phase.FILLING, Phase.STATING, Phase.PAUSED):
        return _read_answer(script, state, event, place, text)
    if state.phase is Phase.REVIEWING:
        decided = _YES_NO.read(text, Known(words=language.words))
        if isinstance(decided, Accepted):
            return Orders("submit" if decided.value == "yes" else "change")
    return Asks(text, event.found)


def _order(script: Script, state: State, language: Language, text: str) -> Orders | None:
    phrase = fold(text.lstrip("/!"))
    command = language.commands.get(phrase)
    if command is not None:
        return Orders(command)
    first, _, rest = phrase.partition(" ")
    for command in ("change", "remove"):
        openers = language.words.get(f"{command}_openers", ())
        if first not in openers:
            continue
        found = objects_of(script, state, language, rest)
        # "Fix Mobile" may be a name: it is a command only about an answer that is there.
        if found and (first == openers[0] or has_answers(state, found)):
            return Orders(command, rest)
        if not found and first == openers[0] and names_items(script, language, rest):
            return Orders(command, rest)
        named, value = split_value(language, text)
        named = fold(named).partition(" ")[2]
        if value and objects_of(script, state, language, named):
            return Orders(command, named, value)
    if text.startswith("/"):
        # "/start apply" (a deep link) and a command with words after it
        command = language.commands.get(first)
        if command is not None:
            follow = language.commands.get(rest)
            return Orders(follow) if command == "start" and follow else Orders(command, rest)
        if re.fullmatch(r"/\w*", text):  # none of ours, and nobody's name
            return Orders("help")
    return None


def _button_of(language: Language, place: Place, phrase: str) -> str:
    """The answer whose own button's words these are: "Stop" at the consent is no command."""
    for key in ("yes", "no"):
        label = language.texts.get(f"field.{place.name}.{key}_button")
        if label is not None and fold(label) == phrase:
            return key
    return ""


def _confirmation(
    script: Script, state: State, language: Language, text: str, order: Orders | None
) -> Reading | None:
    pending, phrase = state.pending, fold(text)
    assert pending is not None  # the caller's condition, for the type checker
    if pending.kind == "choose":
        if phrase in language.folded("no"):
            return Confirms(yes=False)
        return None if order is not None else _chosen(script, state, pending, language, phrase)
    yes, no = CONFIRM_LABELS.get(pending.kind, ("", ""))
    for label in (yes, no):
        if label and phrase == fold(language.texts[f"buttons.{label}"]):
            return Confirms(label == yes)
    leave = order is not None and order.command in ("leave", "cancel", "back")
    if pending.kind in WAITS_FOR_TEXT:
        if leave:
            return Confirms(yes=False)
        if pending.kind == "person" and phrase in language.folded("yes") | language.folded("no"):
            return Confirms(phrase in language.folded("yes"))
        return None if order is not None else Tells(text)
    if order is not None and (order.command == "leave" or (leave and pending.kind in ERASING)):
        return Confirms(yes=False)
    decided = _YES_NO.read(text, Known(words=language.words))
    if isinstance(decided, Accepted):
        if decided.value == "yes" and not _only_yes(language, pending.kind, phrase):
            return Hedges()
        return Confirms(yes=decided.value == "yes")
    doubtful = pending.kind != "which" and decided.code in ("hedged", "yes_no_not_sure")
    return Hedges() if doubtful else None


def _only_yes(language: Language, kind: PendingKind, phrase: str) -> bool:
    """ "Sure Fix Ltd" begins like a yes; where that would erase something, no such word counts."""
    if kind not in ERASING:
        return True
    lists = (language.words["yes"], language.words["padding"], language.lists[f"commands.{kind}"])
    plain = {word for phrases in lists for each in phrases for word in fold(each).split()}
    return all(word in plain for word in phrase.split())


def _chosen(
    script: Script, state: State, pending: Pending, language: Language, phrase: str
) -> Reading | None:
    """The object alone, which the command before it lacked: "website"."""
    if pending.path and phrase == fold(language.texts["buttons.remove"]):
        return Orders("remove", pending.path)
    paths = objects_of(script, state, language, phrase)
    if (item := item_of(script, state, language, phrase)) and not pending.path:
        paths = (item,)
    if pending.path:
        paths = tuple(path for path in paths if path.startswith(f"{pending.path}."))
    if not paths:
        return None
    return Orders(pending.proposal, paths[0] if len(paths) == 1 else phrase)


def _mood(language: Language, text: str) -> Literal["greeting", "thanks"] | None:
    phrase = fold(text)
    if phrase in language.folded("greetings"):
        return "greeting"
    return "thanks" if phrase in language.folded("thanks") else None


def _read_answer(script: Script, state: State, event: Said, place: Place, text: str) -> Reading:
    assert state.draft is not None  # a place is open only in a draft
    language = script.wording.language(state.language)
    reader = place.question.reader
    outcome = reader.read(text, known_to(script, state, place))
    if fresh_item(state, place) and fold(text) in _no_more(language, place):
        return Orders("leave")
    optional = "skip" in place.question.ways and reader.free
    if optional and fold(text) in language.folded("none_words"):
        return Orders("skip")
    asked = reads_as_question(language, text)
    accepted = isinstance(outcome, Accepted)
    if asked == "surely" and (reader.free or not accepted):
        return Asks(text, event.found)
    meant = isinstance(outcome, Refused) and outcome.code in MEANT_AS_ANSWERS
    if asked == "maybe" or (
        not accepted and not meant and not reader.free and len(text.split()) > SHORT
    ):
        # Only the library can tell; what it does not know is taken as the answer that it may be.
        unlikely = (accepted and not reader.free) or _is_contact(text)
        known = ("answer", "unsure") if asked else ("answer",)
        if not unlikely and (event.found is None or event.found.band in known):
            return Asks(text, event.found)
    if isinstance(outcome, Accepted):
        return Answers(place, outcome, text)
    if state.phase is Phase.PAUSED:
        return Orders("resume")
    return Refuses(place, outcome, text)


def _no_more(language: Language, place: Place) -> frozenset[str]:
    """What closes a repeat; said to an item that was only just added, it takes that item back."""
    closing = f"field.{place.group}.more.options.no"
    phrases = (language.texts[f"{closing}.label"], *language.lists[f"{closing}.words"])
    return language.folded("no") | {fold(phrase) for phrase in phrases}


def reads_as_question(language: Language, text: str) -> Literal["surely", "maybe", ""]:
    """By its mark or its first words; a mark alone asks nothing."""
    if not any(char.isalnum() for char in text):
        return ""
    if text.rstrip("!. \u201d\"'").endswith(("?", "\uff1f", "\u061f")):
        return "surely"
    return "maybe" if f"{fold(text)} ".startswith(language.question_starts) else ""


def _is_contact(text: str) -> bool:
    return "@" in text or "://" in text or text.lstrip("+(").replace(" ", "").isdigit()


def _read_picked(script: Script, state: State, event: Picked) -> Reading:
    choice = event.choice
    if choice is None:
        return Misses()
    if choice.draft and (state.draft is None or state.draft.number != choice.draft):
        return Misses()
    match choice.verb:
        case "article":
            return Asks("", event.found, choice.target)
        case "escalate":
            return Escalates(choice.value)
        case "confirm":
            kind, _, subject = choice.target.partition(" ")
            pending = state.pending
            fits = pending is not None and (pending.kind, pending.subject) == (kind, subject)
            return Confirms(choice.value == "yes") if fits else Misses()
        case "order":
            return Orders(choice.target, choice.value)
        case "answer":
            place = open_place(script, state)
            if place is None or state.draft is None or place.path != choice.target:
                return Misses()
            outcome = place.question.reader.read(choice.value, known_to(script, state, place))
            if isinstance(outcome, Accepted):
                return Answers(place, outcome, choice.value)
            return Refuses(place, outcome, choice.value)
