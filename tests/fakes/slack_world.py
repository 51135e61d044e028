"""The workspace: people, conversations, messages, views; and the events that their changes cause.

As in Slack, a `ts` is a string that is unique within its channel only: two channels do share one.
The app hears about its own messages too (they come with its bot_id), about changes to them as well.
"""

import itertools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .slack_blocks import elements, furnish
from .slack_socket import Clock, Envelope, Hub, Kind
from .slack_text import rich_text

Json = dict[str, Any]
TEAM, DOMAIN, APP = "T0001", "frontdesk-test", "A0APP"
BOT_USER, BOT_ID = "U0BOT", "B0BOT"
TRIGGER_SECONDS = 3.0
RESPONSE_USES, RESPONSE_SECONDS = 5, 1800.0


@dataclass(slots=True, eq=False)
class Room:
    """A conversation: kind "im", "channel" or "group" (a private channel)."""

    id: str
    name: str
    kind: str
    members: list[str]
    archived: bool = False
    messages: list["Message"] = field(default_factory=list)
    last_us: int = 0
    ahead: int = 0
    """seconds of this room's clock before the world's"""

    def message(self, ts: object) -> "Message | None":
        """The message with that ts, if it is still there."""
        return next((m for m in reversed(self.messages) if m.ts == ts and not m.deleted), None)

    def replies(self, ts: str) -> list["Message"]:
        """A thread's replies, oldest first."""
        return [m for m in self.messages if m.thread_ts == ts and m.ts != ts and m.lasting]

    def json(self) -> Json:
        """As conversations.info answers."""
        if self.kind == "im":
            return {"id": self.id, "is_im": True, "user": self.members[0], "is_archived": False}
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_private": self.kind == "group",
            "is_im": False,
            "is_archived": self.archived,
            "is_member": BOT_USER in self.members,
            "num_members": len(self.members),
        }


@dataclass(slots=True, eq=False)
class Message:
    """A message as it stands now. `only_for` is the one person who sees an ephemeral message."""

    room: Room
    ts: str
    user: str
    text: str
    order: int
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    bot_id: str | None = None
    subtype: str | None = None
    client_msg_id: str | None = None
    files: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    edited: str | None = None
    deleted: bool = False
    only_for: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def from_bot(self) -> bool:
        """Whether the app under test wrote it."""
        return self.bot_id == BOT_ID

    @property
    def top_level(self) -> bool:
        """Seen in the channel itself, not only in its thread."""
        return self.thread_ts in {None, self.ts} or self.subtype == "thread_broadcast"

    @property
    def lasting(self) -> bool:
        """Part of the channel's history: neither deleted nor ephemeral."""
        return not self.deleted and self.only_for is None

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons, in reading order."""
        return [e["text"]["text"] for _, e in elements(self.blocks) if e["type"] == "button"]

    def json(self) -> Json:
        """As events and conversations.history show it."""
        body: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        body["team"] = TEAM
        if self.bot_id is not None:
            body |= {"bot_id": self.bot_id}
            body |= {"app_id": APP} if self.from_bot else {"username": "another-app"}
        if self.subtype == "bot_message":
            del body["user"]
        optional = {
            "subtype": self.subtype,
            "client_msg_id": self.client_msg_id,
            "blocks": self.blocks,
            "files": self.files,
            "attachments": self.attachments,
            "metadata": self.metadata,
            "thread_ts": self.thread_ts,
        }
        body |= {name: value for name, value in optional.items() if value}
        if self.files:
            body |= {"upload": False, "display_as_bot": False}
        if self.edited is not None:
            body["edited"] = {"user": self.user, "ts": self.edited}
        if self.reactions:
            body["reactions"] = [
                {"name": name, "users": users, "count": len(users)}
                for name, users in self.reactions.items()
            ]
        replies = self.room.replies(self.ts)
        if replies:
            body |= {"thread_ts": self.ts, "reply_count": len(replies)}
            body |= {"latest_reply": replies[-1].ts}
        if self.thread_ts not in {None, self.ts}:
            parent = self.room.message(self.thread_ts)
            body["parent_user_id"] = parent.user if parent is not None else "USLACKBOT"
        return body


@dataclass(slots=True, eq=False)
class View:
    """A modal or home tab somebody has open. `errors` are those of the last refused submission."""

    id: str
    user: str
    body: Json
    hash: str
    root: str
    previous: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        return list(self.body["blocks"])

    @property
    def buttons(self) -> list[str]:
        return [e["text"]["text"] for _, e in elements(self.blocks) if e["type"] == "button"]

    @property
    def fields(self) -> dict[str, Json]:
        """Its inputs, "block_id/action_id" -> the element."""
        return {
            f"{block['block_id']}/{element['action_id']}": element
            for block, element in elements(self.blocks)
            if block["type"] == "input"
        }

    def json(self, values: Json | None = None) -> Json:
        """As Slack shows a view in answers and interactions; `values` are its state."""
        shared: Json = {
            "id": self.id,
            "team_id": TEAM,
            "app_id": APP,
            "bot_id": BOT_ID,
            "app_installed_team_id": TEAM,
            "hash": self.hash,
            "root_view_id": self.root,
            "previous_view_id": self.previous,
            "state": {"values": values or {}},
        }
        given: Json = {"private_metadata": "", "callback_id": "", "external_id": ""} | self.body
        if given["type"] == "modal":
            given = {"clear_on_close": False, "notify_on_close": False, "close": None} | given
        return given | shared


@dataclass(slots=True)
class Trigger:
    user: str
    born: float
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    room: Room
    user: str
    born: float
    original: Message | None
    uses: int = 0


@dataclass(slots=True)
class Upload:
    """A file that the app uploads; its bytes once they are there."""

    name: str
    length: int
    content: bytes | None = None


class World:
    """All of the workspace's state, and the way from a change to the app's events."""

    def __init__(self, hub: Hub, clock: Clock, changed: Callable[[], None]) -> None:
        self.hub, self.clock, self.changed = hub, clock, changed
        self.users: dict[str, str] = {BOT_USER: "frontdesk"}
        self.rooms: dict[str, Room] = {}
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.uploads: dict[str, Upload] = {}
        self.url = ""
        self._count = itertools.count(1)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._count):08d}"

    def dm(self, user: str) -> Room:
        """The direct conversation of the app with that person, opened if need be."""
        room_id = f"D{user[1:]}"
        if room_id not in self.rooms:
            self.rooms[room_id] = Room(room_id, "directmessage", "im", [user, BOT_USER])
        return self.rooms[room_id]

    def trigger(self, user: str) -> str:
        """A trigger_id: good for one view, three seconds long."""
        trigger_id = self.new_id("1337.")
        self.triggers[trigger_id] = Trigger(user, self.clock.now())
        return trigger_id

    def response_url(self, room: Room, user: str, original: Message | None = None) -> str:
        token = self.new_id("r")
        self.response_urls[token] = ResponseUrl(room, user, self.clock.now(), original)
        return f"{self.url}/response/{token}"

    def tell(self, kind: Kind, payload: Json, key: str) -> Envelope:
        """Put a finished payload on its way to the app."""
        return self.hub.offer(Envelope(kind, payload, key))

    def emit(self, event: Json) -> Envelope:
        """An event on its way to the app, in the wrapping that Slack gives it."""
        event_id = self.new_id("Ev")
        authorization: Json = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER}
        authorization |= {"is_bot": True, "is_enterprise_install": False}
        payload = {
            "token": "verification-token",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "context_enterprise_id": None,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self.clock.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"4-{event_id}",
        }
        return self.tell("events_api", payload, event_id)

    def stamp(self, room: Room) -> str:
        """The next ts of a room: the time, made unique within that room only."""
        now = int(self.clock.now()) + room.ahead
        room.last_us = max(now * 1_000_000 + 100, room.last_us + 100)
        return f"{room.last_us // 1_000_000}.{room.last_us % 1_000_000:06d}"

    def post(
        self,
        room: Room,
        user: str,
        text: str,
        *,
        blocks: Sequence[Json] = (),
        typed: str | None = None,
        **more: Any,
    ) -> Message:
        """A new message; the app hears of it where it is a member. `typed`: a client's marks."""
        message = Message(room, self.stamp(room), user, text, next(self._count), **more)
        if typed is not None:
            message.client_msg_id = str(uuid.uuid4())
            message.blocks = [rich_text(typed, self.new_id("b"))]
        else:
            message.blocks = furnish(list(blocks))
        room.messages.append(message)
        if message.only_for is None:
            self._heard(room, message.json() | {"event_ts": message.ts})
            mentioned = f"<@{BOT_USER}>" in text and room.kind != "im" and not message.from_bot
            if mentioned and BOT_USER in room.members:
                self.emit(
                    message.json()
                    | {"type": "app_mention", "channel": room.id, "event_ts": message.ts}
                )
        self.changed()
        return message

    def change(self, message: Message, *, by_hand: bool, **news: Any) -> None:
        """A message's new text, blocks or attachments; `by_hand` marks it as edited."""
        before = message.json()
        if "blocks" in news:
            news["blocks"] = furnish(news["blocks"])
        for name, value in news.items():
            setattr(message, name, value)
        now = self.stamp(message.room)
        if by_hand:
            message.edited = now
        self._hidden(message, now, "message_changed", {"message": message.json()}, before)

    def remove(self, message: Message) -> None:
        """Take a message away."""
        before = message.json()
        message.deleted = True
        now = self.stamp(message.room)
        self._hidden(message, now, "message_deleted", {"deleted_ts": message.ts}, before)

    def _hidden(self, message: Message, now: str, subtype: str, news: Json, before: Json) -> None:
        if message.only_for is None:
            event = {"type": "message", "subtype": subtype, "hidden": True, "ts": now}
            self._heard(message.room, event | news | {"previous_message": before, "event_ts": now})
        self.changed()

    def _heard(self, room: Room, event: Json) -> None:
        if room.kind == "im" or BOT_USER in room.members:
            self.emit(event | {"channel": room.id, "channel_type": room.kind})

    def open_view(self, user: str, body: Json, *, under: View | None = None) -> View:
        """A new modal on top of that person's others."""
        view_id = self.new_id("V")
        stored = body | {"blocks": furnish(body["blocks"])}
        root = under.root if under is not None else view_id
        view = View(view_id, user, stored, self.new_id("h."), root)
        view.previous = under.id if under is not None else None
        stack = self.modals.setdefault(user, [])
        if under is None:
            stack.clear()
        stack.append(view)
        self.changed()
        return view

    def update_view(self, view: View, body: Json) -> None:
        view.body = body | {"blocks": furnish(body["blocks"])}
        view.hash = self.new_id("h.")
        view.errors = {}
        self.changed()
