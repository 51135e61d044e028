"""The state of one conversation: everything that the next step depends on, and nothing derivable.

Which question is open is *derived* (``open_place``): the slot that is being edited, else the first
unasked one. ``pending`` holds at most one open confirmation and is dropped by any answer to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from pydantic import TypeAdapter

from dialogs.acts import Act
from dialogs.answers import Accepted, Known, Refused
from dialogs.form import Form, Place
from dialogs.slots import Draft, Stored
from dialogs.wording import Wording


class Phase(StrEnum):
    VISITING = "visiting"
    """nothing is being filled; questions are answered"""
    FILLING = "filling"
    """one question of the self-check, the consent or the form is open"""
    REVIEWING = "reviewing"
    """the summary is shown; nothing is left to ask"""
    STATING = "stating"
    """the statement of truth is open"""
    PAUSED = "paused"
    """the draft waits; an answer to its open question is still taken"""
    SUBMITTED = "submitted"
    """an application is with staff and no other one is being filled"""


PendingKind = Literal[
    "check_no",
    "start_over",
    "withdraw",
    "delete_data",
    "which",
    "escalate",
    "person",
    "change_request",
    "choose",
    "edit",
    "dba_split",
    "home",
    "owners_split",
    "rest",
    "contact",
]


@dataclass(frozen=True, slots=True)
class Pending:
    """One open confirmation. ``proposal`` is what a yes would carry out (a question's text); for
    "choose" it is the command whose object is waited for, at the item ``path`` if one is named; for
    "contact" the phone number on somebody's card."""

    kind: PendingKind
    path: str = ""
    proposal: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    """edit: (path, what it shall say) of each answer that the edited message changes; choose: one,
    without a path, where the new value came with the wish"""

    @property
    def value(self) -> str:
        """choose: what the answer that is chosen shall say; empty where that is asked then."""
        return self.changes[0][1] if self.kind == "choose" and self.changes else ""

    @property
    def subject(self) -> str:
        """What it is about, in short: a path or a reference; empty where there is but one."""
        return self.proposal if self.kind in ("withdraw", "contact") else self.path


@dataclass(frozen=True, slots=True)
class Refusal:
    """The latest refused answer to the open question, so that it can be kept after the second."""

    path: str
    code: str
    typed: str
    messages: tuple[str, ...]
    count: int
    again: bool = False
    """it was worded for a second time, so that the next one can be worded otherwise"""


@dataclass(frozen=True, slots=True)
class Latest:
    """What the latest answer filled: one tap takes it back, and its second part joins it."""

    path: str
    """the slot; empty where several were filled"""
    message: str
    """the platform's id of the message that did it; names it in the buttons"""
    at: str
    """when, ISO 8601 UTC"""
    before: Stored | None = None
    """what stood in the slot"""
    drafted: Draft | None = None
    """the whole draft as it was, where several were filled"""


Status = Literal["submitted", "needs_info", "approved", "declined", "withdrawn"]
"""the stages of ``review.py`` that an applicant can tell apart"""
WITH_STAFF: tuple[Status, ...] = ("submitted", "needs_info")
"""... in which it is not over"""


@dataclass(frozen=True, slots=True)
class Submission:
    """A handed-off application as its applicant may see it."""

    reference: str
    at: str
    draft: Draft
    """as it was sent last"""
    status: Status = "submitted"
    changed_at: str = ""
    """when it was sent again, decided or withdrawn"""
    version: int = 1
    """one more each time that it is sent again"""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of the silence around a draft (``returning.py``)."""

    draft: int
    """its number"""
    last_at: str
    """when the person or staff said something last"""
    reminded: bool = False
    """no reminder any more: it was given, or the person does not want it"""
    announced_at: str = ""
    """when the draft's end was announced in this silence; empty where it was not"""


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a draft has come (``funnel.py``)."""

    draft: int
    """its number"""
    begun: str
    """the day that it was begun, ``2026-11-22``, UTC"""
    front: str
    """the furthest question that was put, by its name; it never goes back"""
    since: str
    """when that was put, ISO 8601 UTC"""
    refused: tuple[str, ...] = ()
    """names of the questions to which an answer was refused"""


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer that the person was given from the articles."""

    article: str
    """its id"""
    version: str
    title: str
    at: str
    """when last, ISO 8601 UTC"""


@dataclass(frozen=True, slots=True)
class Topic:
    """The question answered last, so that "and for universities?" can be understood."""

    text: str
    """the question; of an article opened by its button its title"""
    article: str
    """id of the article that answered it"""
    age: int = 0
    """messages since"""


@dataclass(frozen=True, slots=True)
class State:
    phase: Phase = Phase.VISITING
    language: str = "en"
    draft: Draft | None = None
    drafts: int = 0
    """how many drafts were begun; a draft's number is never given twice"""
    editing: str = ""
    """the path being asked again; empty where the first unasked slot is"""
    pending: Pending | None = None
    refusal: Refusal | None = None
    submissions: tuple[Submission, ...] = ()
    asked: str = ""
    """the question passed to staff last, so that a second tap passes nothing twice"""
    latest: Latest | None = None
    held: str = ""
    """a pasted application that waits for the consent; kept no longer than for that"""
    held_answers: tuple[tuple[str, str, str], ...] = ()
    """(path, typed, message): given before the country that they hang on, and read once it is
    known"""
    questions: tuple[str, ...] = ()
    """ids of the latest messages that were taken for questions: edited, they are answered anew"""
    album: str = ""
    """the latest album answered, so that its other items repeat nothing"""
    watch: Watch | None = None
    """of the draft that is there"""
    wake: str = ""
    """when the due row of the silence comes; empty where none is set"""
    gone: bool = False
    """the person has blocked the bot, or left; over with their next word"""
    later: tuple[str, ...] = ()
    """paths that were being asked again when another change was wished: asked after that one"""
    language_by: Literal["", "platform", "person"] = ""
    """who chose the language; nobody: the welcome offers the others"""
    cited: tuple[Cited, ...] = ()
    """the latest answers from the articles, each article once, the newest last"""
    topic: Topic | None = None
    """kept for a few messages, and no longer than the form's question stays the same"""
    stand: Stand | None = None
    """of the draft that is there"""
    aside: tuple[Draft, ...] = ()
    """drafts that wait while another one is being filled: what staff ask about a sent application,
    or the application that was left for it (at most one of those)"""

    def to_json(self) -> str:
        return _ADAPTER.dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> State:
        """Raises pydantic.ValidationError where the text is no state."""
        return _ADAPTER.validate_json(text)


_ADAPTER: TypeAdapter[State] = TypeAdapter(State)


def with_staff(state: State) -> Submission | None:
    """The latest application that staff still have; None where there is none."""
    return next((s for s in reversed(state.submissions) if s.status in WITH_STAFF), None)


def submission(state: State, reference: str) -> Submission | None:
    """The person's application of this reference; None where it is none of theirs."""
    return next((s for s in state.submissions if s.reference == reference), None)


def application(state: State) -> Draft | None:
    """The unfinished application, filled at the moment or put aside; None where there is none."""
    drafts = (*((state.draft,) if state.draft is not None else ()), *state.aside)
    return next((draft for draft in drafts if not draft.reference), None)


class Step(NamedTuple):
    """What a step gives: the new state and what must be done."""

    state: State
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """What a dialog runs by, handed in once: the form, the wording, the caps on a message."""

    form: Form
    wording: Wording
    cap: int = 2000
    """characters of a message where no field of its own cap is open"""
    keep_days: int = 90
    """of silence, after which an unfinished application is erased; 0: never"""


def open_place(script: Script, state: State) -> Place | None:
    """The question that is open, or None where none is."""
    if state.draft is None:
        return None
    if state.editing:
        place = script.form.place(state.draft, state.editing)
        if place is not None:
            return place
    if state.phase is Phase.STATING:
        return script.form.next_place(state.draft, "closing")
    return script.form.next_place(state.draft)


def at_rest(script: Script, state: State) -> State:
    """Where nothing is left to ask, the summary stands there."""
    if open_place(script, state) is None:
        return replace(state, phase=Phase.REVIEWING)
    return state


def known_to(script: Script, state: State, place: Place) -> Known:
    """What the place's reader may look at in this state."""
    language = script.wording.language(state.language)
    draft = state.draft or Draft()
    return script.form.known(draft, place, language)


def read_as(script: Script, state: State, place: Place, typed: str) -> Accepted | Refused:
    """The text as the place's answer, by its reader."""
    return place.question.reader.read(typed, known_to(script, state, place))


def begin(state: State) -> State:
    """A new, empty draft under a number of its own."""
    number = state.drafts + 1
    return replace(
        state,
        phase=Phase.FILLING,
        draft=Draft(number=number),
        drafts=number,
        editing="",
        pending=None,
        refusal=None,
        latest=None,
        held="",
        later=(),
        held_answers=(),
    )


def with_draft(state: State, draft: Draft, **changes: Any) -> State:
    """The state with a changed draft; the open question's refusal and confirmation are over. What
    filled several slots at once cannot be taken back after another change."""
    if state.latest is not None and state.latest.drafted is not None:
        changes = {"latest": None, **changes}
    editing, later = changes.get("editing", state.editing), state.later
    if not editing and later:
        editing, later = later[-1], later[:-1]
    changes |= {"editing": editing, "later": later}
    return replace(state, draft=draft, refusal=None, pending=None, **changes)
