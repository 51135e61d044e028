"""What can happen to a conversation. Past participles; frozen; everything that is not computable
from the state (time, ids, randomness, what the library found) arrives in them, so that a stored
event replays to the same state and the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialogs.slots import Asked

Medium = Literal[
    "text", "voice", "document", "photo", "video", "sticker", "location", "contact", "other"
]


@dataclass(frozen=True, slots=True)
class Found:
    """One article that the library found for a question."""

    article: str
    version: str
    title: str
    button: str
    passage: str
    """the article's own words, in the articles' Markdown"""
    source: str
    """as shown under an answer: ``Business requirements, B3``"""
    related: tuple[tuple[str, str], ...]
    """(article id, button label)"""
    confidence: float
    language: str = ""
    """of its words; may be another one than the conversation's"""
    substance: str = ""
    """changes when what it says does (``version``: with any change of its file)"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the library found for a text; ``matches`` best first."""

    band: Literal["answer", "unsure", "nothing"]
    matches: tuple[Found, ...] = ()
    instead: str = ""
    """what authors wrote to say where a question is known to be not covered; with "nothing" only"""
    parts: tuple[Part, ...] = ()
    """of a text that holds several questions: each of them, in their order"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the one before it where it may be that one's follow-up."""

    text: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One of several questions in a message, and what was found for it."""

    question: Question
    finding: Finding


@dataclass(frozen=True, slots=True)
class Choice:
    """The meaning of a button, read from the stored row that showed it, never from the wire."""

    verb: Literal["answer", "order", "article", "confirm", "escalate"]
    target: str = ""
    """answer: path; order: command; article: id; confirm: the pending confirmation's kind
    and, after a space, its subject if it has one"""
    value: str = ""
    """answer: what to read; order: its argument; confirm: yes or no; escalate: the question;
    article: "rest" for the related articles that had no room under it"""
    draft: int = 0
    """number of the draft that it belongs to; 0 where it holds for any"""


@dataclass(frozen=True, slots=True)
class Said:
    """A person wrote or sent something."""

    text: str
    message: str
    """the platform's id of the message"""
    at: str
    """ISO 8601, UTC"""
    token: str
    """random, at least 8 characters of ``words.REFERENCE_ALPHABET``"""
    medium: Medium = "text"
    album: str = ""
    """the same for all items of an album; empty elsewhere"""
    found: Finding | None = None
    """None: the library was not asked (yet)"""
    own: bool = False
    """a contact (its ``text`` is the phone number): the sender's own"""
    is_: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Picked:
    """A person tapped a button; ``choice`` is None where the button is not theirs or unknown."""

    choice: Choice | None
    message: str
    at: str
    token: str
    found: Finding | None = None
    is_: Literal["picked"] = "picked"


@dataclass(frozen=True, slots=True)
class Edited:
    """A person changed the text of an earlier message."""

    text: str
    message: str
    at: str
    token: str
    found: Finding | None = None
    """None: the library was not asked (yet)"""
    is_: Literal["edited"] = "edited"


@dataclass(frozen=True, slots=True)
class StaffReplied:
    """Staff answered an escalated question of this person."""

    escalation: int
    question: str
    text: str
    at: str
    token: str
    path: str = ""
    """the slot that was parked with the question; empty where none was"""
    cited: Found | None = None
    """the article that they send as the answer; ``text`` has its words then"""
    is_: Literal["staff_replied"] = "staff_replied"


@dataclass(frozen=True, slots=True)
class Erased:
    """An operator erased this person's data on request."""

    at: str
    token: str
    by: str = ""
    """who, as the record of what was done has it"""
    is_: Literal["erased"] = "erased"


@dataclass(frozen=True, slots=True)
class Ticked:
    """A due row (``Remind``) came due."""

    kind: str
    at: str
    token: str
    reachable: bool = True
    """False: the latest message to the person was refused, since they have gone or blocked us"""
    is_: Literal["ticked"] = "ticked"


@dataclass(frozen=True, slots=True)
class Left:
    """A person blocked the bot. Whatever they do afterwards says that they are back."""

    at: str
    token: str
    is_: Literal["left"] = "left"


@dataclass(frozen=True, slots=True)
class Informed:
    """Staff have the person told that an answer which they were given says something else now."""

    now: Found
    """what holds"""
    told_at: str
    """when they were told otherwise"""
    at: str
    token: str
    is_: Literal["informed"] = "informed"


@dataclass(frozen=True, slots=True)
class InfoRequested:
    """Staff ask about some answers of a sent application; it takes the place of an earlier
    request about it."""

    reference: str
    asked: tuple[Asked, ...]
    at: str
    token: str
    is_: Literal["info_requested"] = "info_requested"


@dataclass(frozen=True, slots=True)
class Decided:
    """Staff have decided on a sent application."""

    reference: str
    verdict: Literal["approved", "declined"]
    message: str | None
    """what the applicant is told besides, in the words of staff; empty: nothing; None: what the
    words have for it"""
    at: str
    token: str
    is_: Literal["decided"] = "decided"


Event = (
    Said
    | Picked
    | Edited
    | StaffReplied
    | Erased
    | Ticked
    | Left
    | Informed
    | InfoRequested
    | Decided
)
