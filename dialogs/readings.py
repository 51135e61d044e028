"""The readings: everything that an event can mean. ``reading.py`` says which one it is.

Frozen values; each kind has a cell for every phase in ``machine.TABLE``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialogs.answers import Accepted, Refused
from dialogs.events import Decided, Finding, InfoRequested, Informed, Medium, StaffReplied
from dialogs.form import Place

Mood = Literal["greeting", "thanks", "how_are_you", "who_are_you", "praise", "annoyed", "bye"]
"""small talk; its words are ``[lists.moods]``, its answers ``[chat]``"""


@dataclass(frozen=True, slots=True)
class Answers:
    """The open question is answered; its reader accepted it."""

    place: Place
    accepted: Accepted
    typed: str
    """as the person wrote it, without the polite words around it"""
    asks: str = ""
    """a question that came in the same message; it is answered after"""
    doubtful: bool = False
    """it could have been a question too: echoed with [That was a question]"""


@dataclass(frozen=True, slots=True)
class Refuses:
    """Meant as an answer to the open question; its reader refused it."""

    place: Place
    refused: Refused
    typed: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value found in a message: a span of what was typed."""

    name: str
    """the field's: ``locations.phone``"""
    nth: int
    """which owner or location that the text tells of, from 0"""
    typed: str
    words: str = ""
    """what named it, as typed; empty where only its shape told"""
    number: int = 0
    """of an owner or location, where the text tells it ("the phone of location 2"); else 0"""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Fills:
    """Values of other fields than the open one, or of several: "my email is ...", a pasted text."""

    values: tuple[Value, ...]
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Joins:
    """The second part of an answer that was sent in two messages."""

    place: Place
    accepted: Accepted
    """the two parts read as one"""
    typed: str
    part: str


@dataclass(frozen=True, slots=True)
class Ignores:
    """No answer though a free text was asked for: "ok", "I don't know"."""

    kind: Literal["nod", "unsure"]
    text: str


@dataclass(frozen=True, slots=True)
class Asks:
    """A question of the person's own. ``finding`` is None where the library was not asked yet."""

    text: str
    finding: Finding | None
    article: str = ""
    rest: bool = False
    """only the related articles that had no room under this one"""


@dataclass(frozen=True, slots=True)
class Orders:
    command: str
    argument: str = ""
    """a path, where it came from a button; else the words after the command"""
    value: str = ""
    """what it shall be: "change the website to ..." """
    guessed: str = ""
    """what was typed, where only its likeness to the command's words told"""


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
    mood: Mood


@dataclass(frozen=True, slots=True)
class Attaches:
    """Something without text; of a contact, its phone number, the sender's own or not."""

    medium: Medium
    number: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Overflows:
    limit: int


@dataclass(frozen=True, slots=True)
class Misses:
    """A button from an earlier step, or none of ours."""


@dataclass(frozen=True, slots=True)
class Amends:
    """An earlier message was edited. What can be done about it hangs on what it was."""

    was: Literal["answer", "agreement", "submitted", "other"]
    changes: tuple[tuple[str, str], ...] = ()
    """an answer: (path, what it shall say now) of each slot whose value changes"""
    refused: Refused | None = None
    """an answer: what its reader says against the new text"""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Replies:
    reply: StaffReplied


@dataclass(frozen=True, slots=True)
class Corrects:
    """An answer that the person was given says something else now."""

    informed: Informed


@dataclass(frozen=True, slots=True)
class Requests:
    """Staff ask about some answers of a sent application."""

    request: InfoRequested


@dataclass(frozen=True, slots=True)
class Decides:
    """Staff have decided on a sent application."""

    decided: Decided


@dataclass(frozen=True, slots=True)
class Erases:
    pass


@dataclass(frozen=True, slots=True)
class Ticks:
    kind: str


Reading = (
    Answers
    | Refuses
    | Fills
    | Joins
    | Ignores
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
    | Corrects
    | Requests
    | Decides
    | Erases
    | Ticks
)
