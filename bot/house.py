"""What a turn runs with, put together once in ``app.py``. Only the articles on its shelf change."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic_core import to_json

from bot.channels import Compose
from bot.clock import stamp
from bot.config import StaffChat
from bot.desk_rules import DeskRules
from bot.learned import Taught
from bot.messages import Button, Deed, Outgoing
from bot.mornings import Morning
from bot.parts import Part, parts
from bot.rendering import Renderer
from bot.roles import Roles
from bot.shelf import Shelf
from bot.store import Transaction
from bot.store.rows import IMPORTED, ConversationRow, NewOutbox, OutboxRow
from dialogs.events import Choice
from dialogs.state import Script
from dialogs.wording import REFERENCE_ALPHABET
from knowledge.library import Library

STAFF_LANGUAGE = "en"


def utc_now() -> str:
    """``2026-11-22T18:22:01.120Z``"""
    return stamp(datetime.now(UTC))


def random_token() -> str:
    """Twelve random characters of the reference alphabet."""
    # One draw for all: a draw a letter took a tenth of a turn. A byte above the last whole round of
    # the alphabet is dropped, so that every letter is as likely; one draw in 3,500,000,000 leaves
    # fewer than 12 others.
    while len(token := secrets.token_bytes(24).translate(_LETTERS, _UNEVEN)) < 12:
        pass
    return token[:12].decode()


_ROUNDS = 256 // len(REFERENCE_ALPHABET) * len(REFERENCE_ALPHABET)
_LETTERS = bytes(ord(REFERENCE_ALPHABET[byte % len(REFERENCE_ALPHABET)]) for byte in range(256))
_UNEVEN = bytes(range(_ROUNDS, 256))


@dataclass(frozen=True, slots=True)
class House:
    """The dialog's script, the words, the articles, and how each channel composes its messages."""

    script: Script
    renderer: Renderer
    shelf: Shelf
    taught: Taught
    """what the shelf takes its articles from"""
    compose: Mapping[str, Compose]
    """channel name -> its composer; pure, so that a command can write for a channel it runs not"""
    staff: StaffChat | None = None
    shares: frozenset[str] = frozenset()
    """the channels that have a button by which a person sends their phone number"""
    morning: Morning | None = None
    """when staff get their card of the day"""
    sinks: tuple[str, ...] = ()
    """the names of where applications are handed on to"""
    roles: Roles = field(default_factory=Roles)
    """what staff may do"""
    desk: DeskRules = field(default_factory=DeskRules)
    homes: Mapping[str, Callable[[Outgoing], dict[str, object]]] = field(default_factory=dict)
    """channel name -> how its home page is written, where it has one"""
    now: Callable[[], str] = utc_now
    token: Callable[[], str] = random_token

    @property
    def library(self) -> Library:
        """The one in force now."""
        return self.shelf.library


def post(
    house: House,
    tx: Transaction,
    outgoing: Outgoing,
    *,
    channel: str,
    chat: str,
    at: str,
    conversation: int | None = None,
    thread: str = "",
    case: tuple[str, str] = ("", ""),
    event: int | None = None,
    edit: str = "",
) -> list[OutboxRow]:
    """Write a message as outbox rows, one an API call. Each row that shows buttons has the
    meanings of them all, so that an index means the same in each. ``edit``: the id of a message of
    the bot's that becomes this one, where it fits one; its old buttons then mean nothing new."""
    choices = packed(outgoing.buttons)
    rows: list[OutboxRow] = []
    made = list(parts(house.compose[channel], outgoing))
    for part in made:
        new = NewOutbox(
            channel,
            chat,
            _body(part, edit if len(made) == 1 else ""),
            conversation=conversation,
            thread=thread,
            choices=choices if part.buttons else "[]",
            prompt=part.prompt,
            case_kind=case[0],
            case_id=case[1],
            event=event,
        )
        id = tx.post(new, at)
        rows.append(
            OutboxRow(
                id,
                channel,
                chat,
                thread,
                "send",
                new.body,
                0,
                at,
                case[0],
                case[1],
                conversation,
                tx.ours(id),
                part.prompt == 0 or part.said is not None,
            )
        )
    return rows


def post_to(
    house: House,
    tx: Transaction,
    row: ConversationRow,
    outgoing: Outgoing,
    at: str,
    event: int | None = None,
) -> list[OutboxRow]:
    """Write a message to the person of this conversation; behind an imported one is nobody."""
    if row.channel == IMPORTED:
        return []
    return post(
        house,
        tx,
        outgoing,
        channel=row.channel,
        chat=row.chat,
        thread=row.thread,
        conversation=row.id,
        event=event,
        at=at,
    )


def packed(buttons: Sequence[Button]) -> str:
    """The meanings of these buttons, as a row keeps them."""
    return _json([_packed(button.choice) for button in buttons])


def unpacked(text: str) -> Choice | None:
    """A stored button's meaning to an applicant; None where it is one of the staff chat."""
    verb, target, value, draft = json.loads(text)
    return Choice(verb, target, value, draft) if draft != _STAFF else None


def deed(text: str) -> Deed | None:
    """A stored button's meaning to staff; None where it is an applicant's."""
    verb, target, value, draft = json.loads(text)
    return Deed(verb, target, value) if draft == _STAFF else None


_STAFF = -1
"""where an applicant's button has the number of a draft"""


def _packed(choice: Choice | Deed) -> list[str | int]:
    draft = choice.draft if isinstance(choice, Choice) else _STAFF
    return [choice.verb, choice.target, choice.value, draft]


def _body(part: Part, edit: str = "") -> str:
    body: dict[str, object] = {"body": part.payload.body, "plain": part.payload.plain}
    if edit:
        body["edit"] = edit
    if part.said is not None:
        body["said"] = {"body": part.said.body, "plain": part.said.plain}
    return _json(body)


def _json(value: object) -> str:
    return to_json(value).decode()  # a fifth of what the standard library's takes
