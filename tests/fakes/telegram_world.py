"""What the local Telegram knows: chats, messages, button presses, and who may be written to."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram_html import Json
from tests.fakes.telegram_updates import Updates

BASIC_GROUP_FLOOR = -1_000_000_000_000  # ids at or below it are supergroups
INACCESSIBLE_AFTER = 48 * 3600  # seconds


class RefusedError(Exception):
    """The Bot API says no: HTTP status and description, and the `parameters` of a few answers."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


@dataclass(slots=True, eq=False)
class Message:
    """A message as the people in the chat see it now: edits change it, deletion marks it."""

    chat: "Chat" = field(repr=False)
    message_id: int
    sender: Json  # a Telegram User
    date: int  # seconds since 1970
    text: str = ""  # the text, or the caption of a medium
    entities: list[Json] = field(default_factory=list)
    html: str | None = None  # the source as sent, if it was sent with parse_mode HTML
    media: Json = field(default_factory=dict)  # e.g. {"photo": [...]}, as in the Message object
    markup: Json | None = None
    reply_to: "Message | None" = field(default=None, repr=False)
    edit_date: int | None = None
    deleted: bool = False
    file: bytes | None = None  # what the bot uploaded

    @property
    def from_bot(self) -> bool:
        return bool(self.sender["is_bot"])

    @property
    def keys(self) -> list[list[Json]]:
        """The inline keyboard's rows of InlineKeyboardButton objects."""
        rows: list[list[Json]] = (self.markup or {}).get("inline_keyboard", [])
        return rows

    @property
    def buttons(self) -> list[list[str]]:
        """The inline keyboard's labels, row by row; empty without one."""
        return [[key["text"] for key in row] for row in self.keys]

    @property
    def labels(self) -> list[str]:
        """All labels of `buttons` in one list."""
        return [label for row in self.buttons for label in row]

    @property
    def shows_keyboard(self) -> bool:
        """It brought a reply keyboard."""
        return bool((self.markup or {}).get("keyboard"))

    @property
    def takes_keyboard(self) -> bool:
        """It took the reply keyboard away."""
        return bool((self.markup or {}).get("remove_keyboard"))

    def to_json(self, *, with_reply: bool = True) -> Json:
        body: Json = {
            "message_id": self.message_id,
            "from": self.sender,
            "chat": self.chat.to_json(),
            "date": self.date,
        }
        if self.edit_date is not None:
            body["edit_date"] = self.edit_date
        if self.reply_to is not None and with_reply:
            body["reply_to_message"] = self.reply_to.to_json(with_reply=False)
        body |= self.media
        if self.text:
            names = ("caption", "caption_entities") if self.media else ("text", "entities")
            body[names[0]] = self.text
            if self.entities:
                body[names[1]] = self.entities
        if self.keys:
            body["reply_markup"] = self.markup
        return body


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat or a group, with everything ever said in it."""

    id: int
    title: str = ""  # of a group
    person: Json | None = None  # the other side of a private chat
    members: dict[int, Json] = field(default_factory=dict)
    admins: set[int] = field(default_factory=set)
    bot_status: str = "member"  # member, administrator, kicked (a private chat: blocked)
    started: bool = True  # a private chat: the person has written
    deactivated: bool = False
    other_bot_spoke_last: bool = False
    hides_members: bool = False  # from a bot that is no administrator
    moved_to: int | None = None
    history: list[Message] = field(default_factory=list, repr=False)
    keyboard: Json | None = None  # the ReplyKeyboardMarkup that stands below the chat
    folded: bool = False  # it was for one use; a tap unfolds it
    next_message_id: int = 1

    @property
    def kind(self) -> str:
        if self.person is not None:
            return "private"
        return "group" if self.id > BASIC_GROUP_FLOOR else "supergroup"

    @property
    def visible(self) -> list[Message]:
        """All messages that are not deleted, oldest first."""
        return [message for message in self.history if not message.deleted]

    def message(self, message_id: int) -> Message | None:
        """The message if it exists and is not deleted."""
        for message in reversed(self.history):
            if message.message_id == message_id:
                return None if message.deleted else message
        return None

    def add(self, sender: Json, date: int, **fields: Any) -> Message:
        message = Message(self, self.next_message_id, sender, date, **fields)
        self.next_message_id += 1
        self.history.append(message)
        return message

    def to_json(self) -> Json:
        if self.person is None:
            return {"id": self.id, "title": self.title, "type": self.kind}
        names: Json = {
            key: self.person[key]
            for key in ("first_name", "last_name", "username")
            if key in self.person
        }
        return {"id": self.id, **names, "type": "private"}


@dataclass(slots=True, eq=False)
class Tap:
    """A press of an inline button, and what became of it."""

    query_id: str
    message: Message
    data: str
    by: int = 0  # who pressed it
    update_id: int = 0
    expired: bool = False
    answers: list[tuple[str, bool]] = field(default_factory=list)  # (text, as an alert) each time

    @property
    def answered(self) -> bool:
        return bool(self.answers)

    @property
    def text(self) -> str:
        """What the last answer showed to the person; empty for a silent one."""
        return self.answers[-1][0] if self.answers else ""


@dataclass(slots=True, eq=False)
class World:
    """Everything behind the API. Deleting, ageing or renaming things here is fine in a test."""

    bot: Json  # a Telegram User
    privacy: bool = True  # the bot's privacy mode in groups
    clock: Callable[[], float] = time.time
    changed: Callable[[], None] = lambda: None
    chats: dict[int, Chat] = field(default_factory=dict)
    taps: list[Tap] = field(default_factory=list)
    updates: Updates = field(default_factory=Updates)

    def now(self) -> int:
        """Seconds since 1970, as Telegram dates things."""
        return int(self.clock())

    def deliver(self, kind: str, body: Json) -> int:
        """Queue an update; its id, or 0 if the bot has not asked for updates of this kind."""
        update_id = self.updates.put(kind, body)
        self.changed()
        return update_id

    def writable(self, chat_id: object) -> Chat:
        """The chat that the bot wants to write to. Raises `RefusedError` as Telegram would."""
        chat = self.known(chat_id)
        if chat.deactivated:
            raise RefusedError(403, "Forbidden: user is deactivated")
        if chat.bot_status == "kicked" and chat.kind == "private":
            raise RefusedError(403, "Forbidden: bot was blocked by the user")
        if chat.bot_status == "kicked":
            raise RefusedError(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
        if not chat.started:
            raise RefusedError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def known(self, chat_id: object) -> Chat:
        """The chat with this id. Raises `RefusedError`: none such, or it moved to another id."""
        if chat_id in (None, ""):
            raise RefusedError(400, "Bad Request: chat_id is empty")
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise RefusedError(400, "Bad Request: chat not found")
        if chat.moved_to is not None:
            raise RefusedError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.moved_to,
            )
        return chat

    def shows(self, message: Message) -> bool:
        """Whether the bot is shown this message: in groups that depends on its privacy mode."""
        chat = message.chat
        if chat.kind == "private":
            return True
        if chat.bot_status == "kicked":
            return False
        if chat.bot_status == "administrator" or not self.privacy:
            return True
        if message.reply_to is not None and message.reply_to.from_bot:
            return True
        first = message.text.split(maxsplit=1)[:1]
        if not any(e["type"] == "bot_command" and e["offset"] == 0 for e in message.entities):
            return False
        _, _, target = first[0].partition("@")
        return target == self.bot["username"] if target else not chat.other_bot_spoke_last
