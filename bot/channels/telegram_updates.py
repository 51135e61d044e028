"""From a raw update of the Bot API to an ``Arrival``.

Each update is read by itself: one that is broken becomes ``Unreadable`` and harms no other. The
models name only what is used, so that whatever Telegram adds is no error. What the bot does not
answer (service messages, other bots, lines of a group that are not for it) reads as no arrival.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from bot.channels.telegram_models import Change, Contact, Message, Query, Raw, Shown
from bot.clock import stamp
from bot.messages import (
    Arrival,
    Blocked,
    Incoming,
    Notice,
    StaffLine,
    StaffReply,
    StaffTap,
    Unreadable,
)
from dialogs.events import Medium

CHANNEL = "telegram"
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates asked for; a bot that names none would keep what an earlier program chose."""

MEDIA: Mapping[str, Medium] = {
    # A venue also has a location, an animation also a document: the first that is there counts.
    "voice": "voice",
    "audio": "voice",
    "photo": "photo",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "document": "document",
    "sticker": "sticker",
    "location": "location",
    "contact": "contact",
    "poll": "other",
    "dice": "other",
    "game": "other",
    "story": "other",
    "paid_media": "other",
    "checklist": "other",
    "invoice": "other",
}
"""A message with neither a text nor one of these is a service message."""

INT64 = 2**63 - 1
_BUTTON = re.compile(r"([1-9][0-9]{0,18}):(0|[1-9][0-9]{0,2})")
_NUMBER = re.compile(r"\+?[0-9][0-9 ()./\-]{1,38}")
_COMMAND = re.compile(r"(/[A-Za-z0-9_]{1,64})@([A-Za-z0-9_]+)(?=\s|$)")
_BARE_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,64}(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is, and which group is its staff's."""

    id: int
    username: str
    """without the @"""
    staff: Mapping[int, str] = field(default_factory=dict)
    """ids of the staff group (it has two after an upgrade) -> its id in the settings"""


@dataclass(frozen=True, slots=True)
class Update:
    """One update, understood."""

    id: int | None
    """None where it has none: then it cannot be confirmed by itself"""
    arrival: Arrival | None
    """None: nothing to do"""
    query: str = ""
    """id of the tap, which must be answered"""


def read(raw: object, us: Identity, received_at: datetime) -> Update:
    """Never raises. ``raw``: an element of getUpdates' result; ``received_at``: aware."""
    try:
        update = Raw.model_validate(raw)
    except ValidationError as error:
        return _unreadable(raw, error, stamp(received_at))
    number = update.update_id
    key = f"{CHANNEL}:{number}"
    body = raw if isinstance(raw, dict) else {}  # the model accepts nothing but a dict
    if update.message is not None:
        return Update(number, _message(update.message, body["message"], key, us))
    if update.edited_message is not None:
        return Update(number, _edited(update.edited_message, body["edited_message"], key, us))
    if update.callback_query is not None:
        query = update.callback_query
        return Update(number, _picked(query, key, stamp(received_at), us), query.id)
    if update.my_chat_member is not None:
        return Update(number, _blocked(update.my_chat_member, key))
    return Update(number, None)


def button_of(data: str) -> tuple[int, int] | None:
    """(outbox row, index) from a button's data; None where it is not ours: anybody can forge it."""
    match = _BUTTON.fullmatch(data)
    if match is None or int(match[1]) > INT64:
        return None
    return int(match[1]), int(match[2])


def _message(
    message: Message, raw: Mapping[str, Any], key: str, us: Identity
) -> Incoming | StaffReply | StaffLine | Notice | None:
    if message.chat.type == "private":
        return _said(message, raw, key, us)
    if message.chat.type not in {"group", "supergroup"}:
        return None
    if message.chat.id in us.staff:
        return _staff_reply(message, key, us)
    if message.from_ is None or message.from_.is_bot or not _addressed(message, us):
        return None
    thread = str(message.message_thread_id) if message.is_topic_message else ""
    hint = message.from_.language_code
    return Notice(CHANNEL, key, str(message.chat.id), "notices.group", thread, language=hint)


def _said(message: Message, raw: Mapping[str, Any], key: str, us: Identity) -> Incoming | None:
    medium = _medium(message, raw)
    if medium is None or message.from_ is None or message.from_.is_bot:
        return None
    number, own = _number(message.contact, message.from_.id)
    return Incoming(
        channel=CHANNEL,
        key=key,
        person=str(message.from_.id),
        chat=str(message.chat.id),
        message=str(message.message_id),
        at=_iso_seconds(message.date),
        text=number if medium == "contact" else _text(message, us),
        medium=medium,
        own=own and medium == "contact",
        album=message.media_group_id,
        language=message.from_.language_code,
    )


def _number(contact: Contact | None, sender: int) -> tuple[str, bool]:
    """(the card's phone number, empty where it has none; whether it is the sender's own). One's
    own number is international, with or without its "+"; another's is as it was saved."""
    if contact is None:
        return "", False
    number = contact.phone_number.strip()
    if not _NUMBER.fullmatch(number):
        return "", False
    own = contact.user_id == sender
    return (f"+{number}" if own and not number.startswith("+") else number), own


def _edited(message: Message, raw: Mapping[str, Any], key: str, us: Identity) -> Incoming | None:
    """None without a text: a shared live location is "edited" every few seconds."""
    medium = _medium(message, raw)
    text = _text(message, us)
    if message.chat.type != "private" or not text or medium is None:
        return None
    if message.from_ is None or message.from_.is_bot:
        return None
    return Incoming(
        channel=CHANNEL,
        key=key,
        person=str(message.from_.id),
        chat=str(message.chat.id),
        message=str(message.message_id),
        at=_iso_seconds(message.edit_date or message.date),
        text=text,
        medium=medium,
        album=message.media_group_id,
        kind="edited",
        language=message.from_.language_code,
    )


def _picked(query: Query, key: str, at: str, us: Identity) -> Incoming | StaffTap | None:
    """Telegram gives a tap no time: it is when we received it."""
    if query.message is None or query.from_.is_bot:
        return None
    if query.message.chat.id in us.staff:
        return _staff_tap(query, query.message, key, at, us)
    if query.message.chat.type != "private":
        return None
    return Incoming(
        channel=CHANNEL,
        key=key,
        person=str(query.from_.id),
        chat=str(query.message.chat.id),
        message=str(query.message.message_id),
        at=at,
        kind="picked",
        button=button_of(query.data),
        language=query.from_.language_code,
    )


def _staff_tap(query: Query, shown: Shown, key: str, at: str, us: Identity) -> StaffTap:
    configured = us.staff[shown.chat.id]
    card = card_id(str(shown.chat.id), configured, shown.message_id)
    thread = str(shown.message_thread_id) if shown.is_topic_message else ""
    by, button = str(query.from_.id), button_of(query.data)
    return StaffTap(CHANNEL, key, configured, by, card, at, button, thread, query.from_.name)


def _blocked(change: Change, key: str) -> Blocked | None:
    """A person has blocked the bot. Unblocking needs no word of its own: they write then."""
    chat, person, now = change.chat, change.from_, change.new_chat_member
    if chat is None or chat.type != "private" or person is None:
        return None
    if now is None or now.status != "kicked":
        return None
    return Blocked(CHANNEL, key, str(person.id), _iso_seconds(change.date))


def _staff_reply(message: Message, key: str, us: Identity) -> StaffReply | StaffLine | None:
    """Only a direct reply to one of the bot's messages is meant for an applicant; a command, or a
    line with the bot's name, for the bot."""
    replied = message.reply_to_message
    to_us = replied is not None and replied.from_ is not None and replied.from_.id == us.id
    # An administrator who writes as the group itself comes as a bot, "Group", with sender_chat.
    as_group = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    if message.from_ is None or (message.from_.is_bot and not as_group):
        return None
    configured = us.staff[message.chat.id]
    here, by = str(message.chat.id), str(message.chat.id if as_group else message.from_.id)
    name = message.sender_chat.title if message.sender_chat and as_group else message.from_.name
    number, at = str(message.message_id), _iso_seconds(message.date)
    thread = str(message.message_thread_id) if message.is_topic_message else ""
    text = _text(message, us)
    if replied is None or not to_us:
        if not _addressed(message, us):
            return None
        said = re.sub(rf"(?<!\w)@{re.escape(us.username)}(?!\w)", "", text, flags=re.IGNORECASE)
        return StaffLine(CHANNEL, key, configured, by, number, at, said.strip(), thread)
    card = card_id(here, configured, replied.message_id)
    return StaffReply(
        CHANNEL, key, configured, by, number, at, text, card, thread=thread, name=name,
        attached=bool(message.caption),
    )  # fmt: skip


def card_id(chat: str, configured: str, message_id: int) -> str:
    """The stored id of a message. A group that became a supergroup counts its messages anew, so
    there the chat stands before it: ``-1001234/17``. Else two cards could have one id."""
    return str(message_id) if chat == configured else f"{chat}/{message_id}"


def _addressed(message: Message, us: Identity) -> bool:
    """A command, a mention, or a reply to the bot."""
    replied = message.reply_to_message
    if replied is not None and replied.from_ is not None and replied.from_.id == us.id:
        return True
    text = message.text or message.caption
    command = _COMMAND.match(text)
    if command is not None:
        return command[2].lower() == us.username.lower()
    mention = rf"(?<!\w)@{re.escape(us.username)}(?!\w)"
    return bool(_BARE_COMMAND.match(text) or re.search(mention, text, re.IGNORECASE))


def _text(message: Message, us: Identity) -> str:
    """The text or caption; of "/help@our_bot" only "/help"."""
    text = message.text or message.caption
    command = _COMMAND.match(text) if text.startswith("/") else None
    if command is not None and command[2].lower() == us.username.lower():
        return command[1] + text[command.end() :]
    return text


def _medium(message: Message, raw: Mapping[str, Any]) -> Medium | None:
    if message.text:
        return "text"
    return next((medium for name, medium in MEDIA.items() if name in raw), None)


def _iso_seconds(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def _unreadable(raw: object, error: ValidationError, at: str) -> Update:
    number = raw.get("update_id") if isinstance(raw, dict) else None
    known = type(number) is int  # True is an int too
    text = json.dumps(raw, sort_keys=True)
    key = str(number) if known else f"unnumbered-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    faults = (
        f"{'.'.join(map(str, fault['loc'])) or 'update'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )
    unreadable = Unreadable(CHANNEL, f"{CHANNEL}:{key}", text, "; ".join(faults), at)
    return Update(number if known else None, unreadable, _query_of(raw))


def _query_of(raw: object) -> str:
    """A tap is answered even where the rest of it cannot be read."""
    query = raw.get("callback_query") if isinstance(raw, dict) else None
    query_id = query.get("id") if isinstance(query, dict) else None
    return query_id if isinstance(query_id, str) else ""
