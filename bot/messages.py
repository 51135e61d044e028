"""What passes between the channels and the rest: no SDK object goes past these values.

A text is blocks of spans. A person's own words are always in a plain span; the channel escapes
them, so nothing that anybody types can become markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dialogs.events import Choice, Medium

Style = Literal["plain", "strong", "dim", "struck", "link", "mention"]


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    style: Style = "plain"
    url: str = ""
    """only of a link; of a mention, which rings with that person: ``slack:U0123ABC``"""


@dataclass(frozen=True, slots=True)
class Block:
    """A line or paragraph. Channels put an empty line before a block with ``gap``."""

    spans: tuple[Span, ...]
    kind: Literal["text", "item", "quote"] = "text"
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """The meaning of a button in the staff chat, read from the stored row that showed it."""

    verb: str
    """what is done: a key of ``taps.DEEDS``"""
    target: str = ""
    """what it is done to: a reference, the number of an escalation"""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """``label`` is at most 40 characters; ``choice`` stays here, the wire carries only an index."""

    label: str
    choice: Choice | Deed
    index: int | None = None
    """its place among the stored choices of its row; None: its place among the buttons here"""


@dataclass(frozen=True, slots=True)
class Keyboard:
    """A button in place of the person's own keyboard, which sends their phone number; or that it
    goes. A platform without such a thing never sees one."""

    text: str
    """what its message says; of one that goes, only where nothing else is said"""
    label: str = ""
    """empty: it goes"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to a person or to the staff chat, before a channel turns it into API calls."""

    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()
    prompt: bool = False
    """ends in a question of the form or a menu: a later turn takes that end back while unsent"""
    said: int = 0
    """how many of the blocks come before the prompt"""
    said_buttons: tuple[int, ...] = ()
    """which of the buttons belong to them"""
    keyboard: Keyboard | None = None
    free: bool = False
    """the open question takes free text: a bare number is an answer, not a button"""
    answer_to: str = ""
    """staff cards: the escalation's id; the channel adds its way of answering (Slack: [Answer])"""
    under: str = ""
    """the platform's id of the message that it answers, where the platform has no threads"""


def indexed(buttons: Sequence[Button]) -> Iterator[tuple[int, Button]]:
    """Each button with the index that its data bears."""
    for place, button in enumerate(buttons):
        yield place if button.index is None else button.index, button


@dataclass(frozen=True, slots=True)
class Payload:
    """One API call, ready to send but for the row's id in its buttons.

    ``body`` is JSON: the call's arguments without the chat. A button's data in it is
    ``":<index>"``; at sending the channel puts the row's id before it (``"812:0"``), so that its
    meaning is read from the row. ``plain`` is the same without markup, for
    when the platform refuses the markup.
    """

    body: dict[str, Any]
    plain: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message, tap or edit of an applicant, as the channel understood it."""

    channel: str
    key: str
    """what it is deduplicated by: ``telegram:81230`` (update id), ``slack:Ev0123`` (event id)"""
    person: str
    """the platform's id of the person: the conversation is theirs"""
    chat: str
    """where the answer goes"""
    message: str
    """the platform's id of the message"""
    at: str
    """the platform's time, ISO 8601 UTC with milliseconds"""
    thread: str = ""
    """Slack: the thread that it was said in"""
    text: str = ""
    """of a contact, its phone number"""
    medium: Medium = "text"
    own: bool = False
    """a contact: the person's own"""
    album: str = ""
    kind: Literal["said", "picked", "edited"] = "said"
    button: tuple[int, int] | None = None
    """picked: (outbox row, index of the button in it); None where the data was not ours"""
    shown_in: str = ""
    """picked: the chat that the button stands in, where that is not ``chat``: the home page"""
    language: str = ""
    """the platform's hint, a BCP 47 tag"""


@dataclass(frozen=True, slots=True)
class StaffReply:
    """A line from the staff chat that is explicitly meant for an applicant."""

    channel: str
    key: str
    chat: str
    """the staff chat that it came from; anything else is refused"""
    by: str
    """the platform's id of the staff member"""
    message: str
    at: str
    text: str
    card: str = ""
    """Telegram: the platform's id of the card that it replies to"""
    escalation: int = 0
    """Slack's [Answer]: the escalation that the card's button names; `frontdesk answer`: its ID;
    else 0"""
    thread: str = ""
    also: tuple[int, ...] = ()
    """further escalations that it answers, each with its own question"""
    name: str = ""
    """as the platform shows them; for staff alone"""
    attached: bool = False
    """the text stands under a picture or a file"""


@dataclass(frozen=True, slots=True)
class StaffNote:
    """A line in a thread of the staff chat, of which nothing goes to anybody by itself; or what
    became of one."""

    channel: str
    key: str
    chat: str
    message: str
    at: str
    text: str
    """as it stands now"""
    thread: str = ""
    """the platform's id of the message that the thread is under"""
    kind: Literal["said", "edited", "deleted"] = "said"


@dataclass(frozen=True, slots=True)
class StaffLine:
    """A line of the staff chat that is said to the bot itself, not to an applicant."""

    channel: str
    key: str
    chat: str
    """the staff chat that it came from; of anything else nothing comes"""
    by: str
    """the platform's id of the staff member"""
    message: str
    at: str
    text: str
    """without the bot's name"""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class StaffTap:
    """A button of a card in the staff chat was tapped."""

    channel: str
    key: str
    chat: str
    """the staff chat that it was tapped in; anything else is refused"""
    by: str
    """the platform's id of whoever tapped"""
    card: str
    """the stored id of the message with the button"""
    at: str
    button: tuple[int, int] | None = None
    """(outbox row, index of the button in it); None where the data was not ours"""
    thread: str = ""
    name: str = ""
    """as the platform shows them; for staff alone"""


@dataclass(frozen=True, slots=True)
class StaffForm:
    """A form of the staff chat was filled in and sent."""

    channel: str
    key: str
    chat: str
    """the staff chat that it belongs to"""
    by: str
    """the platform's id of whoever sent it"""
    at: str
    button: tuple[int, int]
    """the button that opened it; its stored meaning says what the form is for"""
    card: str = ""
    values: tuple[tuple[str, str], ...] = ()
    """(name of the input, what was written); an input left empty has an empty text"""
    name: str = ""
    """as the platform shows them; for staff alone"""


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form to be filled in by staff."""

    name: str
    label: str
    """at most 150 characters"""
    hint: str = ""
    """at most 150 characters"""
    value: str = ""
    """what stands in it at first"""
    most: int = 2000
    """characters, at most 3000"""
    lines: bool = True
    """it takes more than one line"""
    needed: bool = False
    options: tuple[tuple[str, str], ...] = ()
    """(value, label of at most 75 characters), at most 100, of which some are chosen and nothing is
    typed; ``value``, and what comes back, are the chosen values with blanks between"""


@dataclass(frozen=True, slots=True)
class Form:
    """What is shown to be filled in, where the platform has forms (Slack's modals)."""

    title: str
    """at most 24 characters"""
    submit: str
    """at most 24 characters"""
    button: tuple[int, int]
    """the button that it is opened by: what comes back is read by its stored meaning"""
    inputs: tuple[Input, ...]
    """at most 80; none: it is only to be read, and nothing comes back"""
    about: tuple[Block, ...] = ()
    """stands above the inputs"""
    card: str = ""
    """the card with the button"""


@dataclass(frozen=True, slots=True)
class Notice:
    """One of the bot's fixed sentences where there is no conversation to take a turn in: a group
    ("please write to me in private"), a mention in a channel. Sent at most once a chat."""

    channel: str
    key: str
    chat: str
    words: str
    """entry of the words: ``notices.group``"""
    thread: str = ""
    once: bool = True
    language: str = ""
    """the platform's hint of who is spoken to, a BCP 47 tag"""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An update that did not parse. Stored with its error, shown to staff, counts as handled."""

    channel: str
    key: str
    raw: str
    error: str
    at: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A person blocked the bot: no reminder reaches them. Their next message says that they are
    back."""

    channel: str
    key: str
    person: str
    at: str


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """A person looks at their home page, on a platform that has one."""

    channel: str
    key: str
    person: str
    at: str


HOME = "home:"
"""and a person's id: the lane in which their home page is published"""

Arrival = (
    Incoming
    | StaffReply
    | StaffNote
    | StaffLine
    | StaffTap
    | StaffForm
    | Notice
    | Unreadable
    | Blocked
    | HomeOpened
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The arrival is committed: the platform may be told so."""

    duplicate: bool = False
    note: str = ""
    """for whoever tapped or replied, where the platform can show it at once; else empty"""
    answered: tuple[int, ...] = ()
    """the escalations that a staff reply has answered"""
    form: Form | None = None
    """to be shown to whoever tapped"""
    faults: tuple[tuple[str, str], ...] = ()
    """(name of the input, what is wrong with it): the form stays open and shows them"""


@dataclass(frozen=True, slots=True)
class Delivered:
    message: str
    """the platform's id of the message; empty for a deletion"""


@dataclass(frozen=True, slots=True)
class Later:
    """Try again, not before ``seconds``; ``seconds`` None: the courier's own back-off."""

    reason: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RefusedForGood:
    """It will never be delivered (blocked, chat not found): a dead letter."""

    reason: str


Outcome = Delivered | Later | RefusedForGood
