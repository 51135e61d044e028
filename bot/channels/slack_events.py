"""Slack's payloads as arrivals: plain dicts in, our values out, no SDK, no I/O.

What is an arrival, and its key for finding duplicates:

* a direct message (also with a file, also in a thread): event_id, which stays the same when Slack
  sends the event again;
* an edit of one (message_changed whose text differs; a link preview changes no text): event_id;
* a mention in a channel: the channel and the message's ts, because Slack tells of it twice;
* a line in a thread of the staff channel, its edit, its deletion: event_id. One that mentions
  somebody is talk among staff, or said to the bot, and none;
* a tap in the direct chat and /apply: the trigger_id with what was tapped, by whom, when. Slack
  gives interactions no event_id; each new tap has a trigger of its own;
* an answer given in the staff form: the form's view id. One form, one answer.

Everything else is nothing of ours: other bots, joins, every other line in a channel.

A person is a Slack user id, unique in the one workspace that the app is installed in. The chat of
a person is their user id too, never the D... id of the direct channel: a slash command does not
tell that id, and a button must be found to belong to the chat that it was shown in.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ValidationError

from bot.channels.slack_blocks import (
    ANSWER_ACTION,
    ANSWER_BLOCK,
    ANSWER_INPUT,
    ANSWER_VIEW,
)
from bot.channels.slack_forms import STAFF_VIEW
from bot.channels.slack_models import (
    Action,
    Command,
    Event,
    Kind,
    Message,
    Submission,
    Taps,
    Told,
)
from bot.channels.slack_text import entered, typed
from bot.clock import stamp
from bot.messages import (
    Arrival,
    Incoming,
    Notice,
    StaffForm,
    StaffLine,
    StaffNote,
    StaffReply,
    StaffTap,
    Unreadable,
)
from dialogs.events import Medium

Json = dict[str, Any]
_BUTTON = re.compile(r"([0-9]{1,18}):([0-9]{1,3})")
_ANSWER = re.compile(r"answer:([1-9][0-9]{0,17})")
_METADATA = re.compile(r"([1-9][0-9]{0,17}):([0-9]{1,11}\.[0-9]{1,9})")
_FORM = re.compile(r"([1-9][0-9]{0,17}):([0-9]{1,3}):([0-9]{1,11}\.[0-9]{1,9})")
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^<>]*)?>")
_Noted = Literal["said", "edited", "deleted"]
_NOTED: dict[str, _Noted] = {
    "message_changed": "edited",
    "message_deleted": "deleted",
}


@dataclass(frozen=True, slots=True)
class Opening:
    """A tap on a staff card's [Answer], made in the staff channel."""

    escalation: int
    card: str
    """the card's ts"""
    trigger: str
    by: str

    @property
    def metadata(self) -> str:
        """What the form carries, to be read again by ``read``."""
        return f"{self.escalation}:{self.card}"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a payload came to; all empty: nothing of ours, only to be acknowledged."""

    arrival: Arrival | None = None
    """of staff: still to be checked, its sender must be a member of the staff channel"""
    opening: Opening | None = None
    trigger: str = ""
    """of a StaffTap: what a form is opened with"""
    refused: bool = False
    """the staff form came back with what we did not put into it"""
    where: str = ""
    """Slack's id of the conversation that it came from"""


def read(payload: Json, *, at: str, staff_chat: str | None) -> Heard:
    """What a payload means. ``at``: now, for what bears no time of its own. Never raises."""
    try:
        match payload:
            case {"type": "event_callback"}:
                return _event(payload, staff_chat)
            case {"type": "block_actions"}:
                return _tap(Taps.model_validate(payload), staff_chat)
            case {"type": "view_submission"}:
                return _submission(Submission.model_validate(payload), at, staff_chat)
            case {"command": _}:
                return _command(Command.model_validate(payload), at)
            case _:
                return Heard()
    except ValidationError as error:
        return Heard(unreadable(payload, at, _places(error)))


def unreadable(payload: Any, at: str, error: str) -> Unreadable:
    raw = json.dumps(payload, sort_keys=True)
    digest = hashlib.sha256(raw.encode()).hexdigest()[:32]
    event_id = payload.get("event_id") if isinstance(payload, dict) else None
    key = event_id if isinstance(event_id, str) and event_id else digest
    return Unreadable("slack", f"slack:{key}", raw, error, at)


def _event(payload: Json, staff_chat: str | None) -> Heard:
    if Kind.model_validate(payload).event.type not in {"message", "app_mention"}:
        return Heard()
    told = Told.model_validate(payload)
    event = told.event
    direct = event.channel.startswith("D")
    if event.type == "app_mention":
        if direct or not event.spoken:
            return Heard()
        said = _staff_line(event) if event.channel == staff_chat else _mention(event)
        return Heard(said, where=event.channel)
    key = f"slack:{told.event_id}"
    if not direct:
        noted = _note(event, key) if event.channel == staff_chat else None
        return Heard(noted, where=event.channel) if noted else Heard()
    if event.subtype == "message_changed":
        edited = _edit(event, key)
        return Heard(edited, where=event.channel) if edited else Heard()
    if not event.spoken:
        return Heard()
    return Heard(_incoming(event, key, _moment(event.ts)), where=event.channel)


def _mention(event: Event) -> Notice:
    return Notice(
        channel="slack",
        key=f"slack:{event.channel}:{event.ts}",
        chat=event.channel,
        words="notices.mention",
        thread=event.thread or event.ts,
        once=False,
    )


def _note(event: Event, key: str) -> StaffNote | None:
    kind: _Noted = _NOTED.get(event.subtype or "", "said")
    line: Message | None = event
    if kind != "said":
        line = event.message if kind == "edited" else event.previous_message
    if line is None or not line.spoken or not line.thread:
        return None
    text = line.text or ""
    if kind == "deleted" or _MENTION.search(text):
        text = ""
    if kind == "said" and not text:
        return None
    at = _moment(event.ts)
    return StaffNote("slack", key, event.channel, line.ts, at, typed(text), line.thread, kind)


def _staff_line(event: Event) -> StaffLine:
    """A mention in the staff channel, without the bot's name."""
    key, by, at = f"slack:{event.channel}:{event.ts}", str(event.user), _moment(event.ts)
    text = typed(_MENTION.sub("", event.text or "", count=1)).strip()
    return StaffLine("slack", key, event.channel, by, event.ts, at, text, event.thread)


def _edit(event: Event, key: str) -> Incoming | None:
    now, before = event.message, event.previous_message
    if now is None or not now.spoken or not now.text:
        return None
    # A link preview changes no text, at most how Slack wraps a link in it.
    if before is None:
        if now.edited is None:
            return None
    elif typed(now.text) == typed(before.text or ""):
        return None
    at = _moment(now.edited.ts if now.edited is not None else event.ts)
    return _incoming(now, key, at, edited=True)


def _incoming(message: Message, key: str, at: str, *, edited: bool = False) -> Incoming:
    person = str(message.user)
    return Incoming(
        channel="slack",
        key=key,
        person=person,
        chat=person,
        message=message.ts,
        at=at,
        thread=message.thread,
        text=typed(message.text or ""),
        medium=_medium(message),
        kind="edited" if edited else "said",
    )


def _medium(message: Message) -> Medium:
    if not message.files:
        return "text" if message.text else "other"
    first = message.files[0]
    match first.subtype, (first.mimetype or "").partition("/")[0]:
        case ("slack_audio", _) | (_, "audio"):
            return "voice"
        case ("slack_video", _) | (_, "video"):
            return "video"
        case (_, "image"):
            return "photo"
        case _:
            return "document"


def _tap(taps: Taps, staff_chat: str | None) -> Heard:
    where, card = taps.container.channel_id, taps.container.message_ts
    action = taps.actions[0]
    value, person = action.value or "", taps.user.id
    if where is None or card is None:
        return Heard()
    if where == staff_chat:
        return _staff_tap(taps, action, staff_chat, card)
    if not where.startswith("D"):
        return Heard()
    tapped = Incoming(
        channel="slack",
        key=_tap_key(taps, action),
        person=person,
        chat=person,
        message=card,
        at=_moment(action.action_ts),
        thread=_thread_of(taps),
        kind="picked",
        button=button_of(value),
    )
    return Heard(tapped, where=where)


def _staff_tap(taps: Taps, action: Action, staff_chat: str, card: str) -> Heard:
    value, by = action.value or "", taps.user.id
    if action.action_id == ANSWER_ACTION:
        answer = _ANSWER.fullmatch(value)
        opening = Opening(int(answer[1]), card, taps.trigger_id, by) if answer else None
        return Heard(opening=opening)
    key, at = _tap_key(taps, action), _moment(action.action_ts)
    button, thread = button_of(value), _thread_of(taps)
    tap = StaffTap("slack", key, staff_chat, by, card, at, button, thread, taps.user.name)
    return Heard(tap, trigger=taps.trigger_id, where=staff_chat)


def _tap_key(taps: Taps, action: Action) -> str:
    card, value = taps.container.message_ts, (action.value or "")[:40]
    return f"slack:{taps.user.id}:{card}:{action.action_ts}:{value}:{taps.trigger_id}"


def _thread_of(taps: Taps) -> str:
    thread = (taps.message.thread_ts if taps.message else None) or taps.container.thread_ts
    return "" if thread in {None, taps.container.message_ts} else str(thread)


def button_of(text: str) -> tuple[int, int] | None:
    """A button's data, as ``slack_blocks.filled`` makes it; None where it is none of ours."""
    found = _BUTTON.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def _submission(sent: Submission, at: str, staff_chat: str | None) -> Heard:
    if sent.view.callback_id == STAFF_VIEW:
        return _form(sent, at, staff_chat)
    if sent.view.callback_id != ANSWER_VIEW:
        return Heard()
    metadata = _METADATA.fullmatch(sent.view.private_metadata)
    if metadata is None or staff_chat is None:
        return Heard(refused=True)
    field = sent.view.state.values.get(ANSWER_BLOCK, {}).get(ANSWER_INPUT)
    reply = StaffReply(
        channel="slack",
        key=f"slack:{sent.view.id}",
        chat=staff_chat,
        by=sent.user.id,
        message=sent.view.id,
        at=at,
        text=entered(field.written if field else ""),
        escalation=int(metadata[1]),
        thread=metadata[2],
        name=sent.user.name,
    )
    return Heard(reply)


def _form(sent: Submission, at: str, staff_chat: str | None) -> Heard:
    metadata = _FORM.fullmatch(sent.view.private_metadata)
    if metadata is None or staff_chat is None:
        return Heard(refused=True)
    written = {
        name: entered(value.written)
        for block in sent.view.state.values.values()
        for name, value in block.items()
    }
    form = StaffForm(
        channel="slack",
        key=f"slack:{sent.view.id}:{sent.view.hash}",
        chat=staff_chat,
        by=sent.user.id,
        at=at,
        button=(int(metadata[1]), int(metadata[2])),
        card=metadata[3],
        values=tuple(written.items()),
        name=sent.user.name,
    )
    return Heard(form)


def _command(command: Command, at: str) -> Heard:
    said = Incoming(
        channel="slack",
        key=f"slack:{command.trigger_id}",
        person=command.user_id,
        chat=command.user_id,
        message="",
        at=at,
        text="/apply",
    )
    return Heard(said, where=command.channel_id)


def _moment(ts: str) -> str:
    seconds, _, fraction = ts.partition(".")
    milliseconds = int(fraction[:3].ljust(3, "0"))
    moment = datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=milliseconds * 1000)
    return stamp(moment)


def _places(error: ValidationError) -> str:
    """Where it failed and how, without what stood there."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in found[:5])
