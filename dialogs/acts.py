"""What must be done after a step: one ordered tuple of this closed union.

No act carries a sentence. A ``Say`` names an entry of ``words/<language>.toml`` and the values for
its placeholders; a person's own words travel only as values, which are never parsed for markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dialogs.events import Choice, Found, Question
from dialogs.slots import Asked, Draft


@dataclass(frozen=True, slots=True)
class Term:
    """A placeholder's value that is itself an entry of the words (a field's label, say)."""

    key: str


@dataclass(frozen=True, slots=True)
class Lines:
    """A placeholder's value that is several entries, a line each."""

    lines: tuple[Say, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A placeholder's value that is one of staff, whom the platform then calls."""

    person: str
    """``slack:U0123``, ``telegram:123``"""
    name: str


Value = str | Term | Lines | Mention


@dataclass(frozen=True, slots=True)
class Offer:
    """A button: a label and its meaning. Rendered under the message in the order given."""

    label: Term | str
    """a Term of the words, or a text of ours such as an article's title; never typed by a person"""
    choice: Choice
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say:
    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    prompt: bool = False
    """it asks what comes next, as an ``Ask`` does (a menu, the summary): once that is settled,
    nobody needs to read it any more"""


@dataclass(frozen=True, slots=True)
class Ask:
    """Put a question of the form. ``full`` explains it, ``short`` comes back to it."""

    path: str
    name: str
    """under which its words stand: the field's name"""
    style: Literal["full", "short"]
    number: int
    """its place among the questions of its stage, from 1; 0 where it is not numbered"""
    total: int
    values: Mapping[str, Value] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Cite:
    """Answer with an article's own words and their source."""

    found: Found
    offers: tuple[Offer, ...] = ()
    asked: tuple[str, ...] = ()
    """the questions that it answers, quoted above it where it is not the only one"""


@dataclass(frozen=True, slots=True)
class LookUp:
    """The step needs to know what the library holds for the text: ask it, then step again with the
    same event and what was found. Comes alone; the state is unchanged."""

    text: str
    article: str = ""
    """an article's id, where it is known which one is wanted"""
    language: str = ""
    """of the articles; empty: the conversation's"""
    previous: str = ""
    """the question answered before, where the text may be a follow-up of it"""
    parts: tuple[Question, ...] = ()
    """the several questions that the text holds; each is asked as well as the whole"""


@dataclass(frozen=True, slots=True)
class Escalate:
    """Pass a question, a wish for a person or a change request to staff."""

    kind: Literal["question", "person", "change"]
    text: str
    path: str = ""
    """the slot that is parked with it, or that the change is about"""
    reference: str = ""
    """of the submitted application that it is about"""


@dataclass(frozen=True, slots=True)
class Submit:
    """Hand off a complete application: exactly one record for a reference."""

    reference: str
    number: int
    record: Mapping[str, Any]
    """``dialogs.record.Record`` as JSON values"""


@dataclass(frozen=True, slots=True)
class Resubmit:
    """Hand in the new version of an application that staff asked about."""

    reference: str
    record: Mapping[str, Any]
    """as in ``Submit``"""
    before: Draft
    after: Draft
    asked: tuple[Asked, ...]
    """the slots in which the two may differ"""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The person takes a submitted application back."""

    reference: str


@dataclass(frozen=True, slots=True)
class Remind:
    """Come back with ``Ticked(kind)`` at ``at``; replaces an earlier one of the kind."""

    kind: str
    at: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Erase everything that is kept of this person, in this turn; a tombstone stays."""

    references: tuple[str, ...] = ()
    since: str = ""
    """only what was said after this time, and what staff were asked since about no application;
    empty: all"""


Act = Say | Ask | Cite | LookUp | Escalate | Submit | Resubmit | Withdraw | Remind | Forget
