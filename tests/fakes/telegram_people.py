"""The people of a test, and their groups: what they do becomes updates for the bot."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import telegram_keyboards
from tests.fakes.telegram_html import Json, found_entities, utf16
from tests.fakes.telegram_methods import CAPTION_LIMIT, TEXT_LIMIT, member
from tests.fakes.telegram_world import INACCESSIBLE_AFTER, Chat, Message, Tap, World


@dataclass(slots=True, eq=False)
class Group:
    """A group that the bot is in."""

    world: World = field(repr=False)
    room: Chat

    @property
    def id(self) -> int:
        return self.room.id

    @property
    def chat(self) -> list[Message]:
        """Everything visible in the group, oldest first."""
        return self.room.visible

    async def kicks_bot(self, by: "Person") -> int:
        """The bot is removed from the group; the update's id."""
        return _bot_becomes(self.world, self.room, by.user, "kicked")

    async def moves_to(self, new_id: int, by: "Person") -> None:
        """The group becomes a supergroup with another id; calls for the old one name the new."""
        old = self.room
        new = Chat(
            new_id, old.title, members=old.members, admins=old.admins, bot_status=old.bot_status
        )
        self.world.chats[new_id] = self.room = new
        goodbye = old.add(by.user, self.world.now(), media={"migrate_to_chat_id": new_id})
        welcome = new.add(by.user, self.world.now(), media={"migrate_from_chat_id": old.id})
        self.world.deliver("message", goodbye.to_json())
        self.world.deliver("message", welcome.to_json())
        old.moved_to = new_id

    def leaves(self, person: "Person") -> None:
        """A member goes, or is put out; the bot, which does not ask for such updates, hears
        nothing of it."""
        self.room.members.pop(person.id, None)

    def joins(self, person: "Person") -> None:
        self.room.members[person.id] = person.user

    def another_bot_speaks(self) -> None:
        """From now on a bare /command is not for our bot, until it writes here again."""
        self.room.other_bot_spoke_last = True


@dataclass(slots=True, eq=False)
class Person:
    """Somebody with a Telegram account. Verbs return the update's id, 0 if the bot is not shown it.

    None of them waits for the bot: see `TelegramServer.until`.
    """

    world: World = field(repr=False)
    user: Json
    room: Chat = field(repr=False)  # the private chat with the bot
    ahead: int = 0  # seconds of this person's clock before the world's

    @property
    def id(self) -> int:
        return int(self.user["id"])

    @property
    def chat(self) -> list[Message]:
        """Everything visible in the private chat with the bot, both sides, oldest first."""
        return self.room.visible

    async def says(
        self, text: str, *, reply_to: "Message | int | None" = None, group: Group | None = None
    ) -> int:
        """Send a text; the app cuts one above 4,096 UTF-16 units into several (id of the last)."""
        text = text.strip()
        if not text:
            raise ValueError("the app sends no empty message")
        update_id = 0
        while text:
            piece = _longest(text)
            text = text[len(piece) :]
            update_id = self._post(group, reply_to, text=piece, entities=found_entities(piece))
        return update_id

    async def starts(self, payload: str = "") -> int:
        """Press Start, with the payload of a deep link if there is one."""
        return await self.says(f"/start {payload}")

    async def edits(
        self, message: "Message | int", text: str, *, group: Group | None = None
    ) -> int:
        """Change an own message (or a medium's caption)."""
        room = self._room(group)
        found = self._find(room, message)
        if found.sender["id"] != self.id:
            raise ValueError("people edit only their own messages")
        found.text, found.entities = text, found_entities(text)
        found.edit_date = self.world.now() + self.ahead
        self.world.changed()
        if not self.world.shows(found):
            return 0
        return self.world.deliver("edited_message", found.to_json())

    async def taps(
        self, label: str, *, on: Message | None = None, group: Group | None = None
    ) -> Tap:
        """Press the button with this label: on the newest message that has it, or on an old one."""
        room = self._room(group)
        for message in [on] if on is not None else reversed(room.visible):
            for key in (key for row in message.keys for key in row if key["text"] == label):
                if "callback_data" not in key:
                    raise LookupError(f"the button {label!r} is a link")
                return self._tap(message, key["callback_data"])
        seen = [message.buttons for message in room.visible if message.buttons]
        raise LookupError(f"no button {label!r}; there are {seen}")

    async def taps_data(
        self, data: str, *, on: Message | None = None, group: Group | None = None
    ) -> Tap:
        """Send forged button data, as from a changed app: on the newest message of the bot."""
        if on is None:
            on = next(m for m in reversed(self._room(group).history) if m.from_bot)
        return self._tap(on, data)

    async def sends(
        self,
        media: Json,
        *,
        caption: str | None = None,
        group: Group | None = None,
        reply_to: "Message | int | None" = None,
    ) -> int:
        """Send anything else: `media` as fields of Telegram's Message object."""
        text = caption or ""
        if utf16(text) > CAPTION_LIMIT:
            raise ValueError("the app sends no caption above 1,024 UTF-16 units")
        return self._post(group, reply_to, text=text, entities=found_entities(text), media=media)

    async def sends_photo(
        self, *, caption: str | None = None, media_group_id: str | None = None, **more: Any
    ) -> int:
        """Send a picture; the items of an album share `media_group_id`."""
        photo: Json = {"photo": [{**_file("photo"), "width": 90, "height": 60}]}
        if media_group_id is not None:
            photo["media_group_id"] = media_group_id
        return await self.sends(photo, caption=caption, **more)

    async def sends_document(
        self, *, caption: str | None = None, file_name: str = "records.pdf", **more: Any
    ) -> int:
        document = {**_file("document"), "file_name": file_name, "mime_type": "application/pdf"}
        return await self.sends({"document": document}, caption=caption, **more)

    async def sends_voice(self, **more: Any) -> int:
        return await self.sends({"voice": {**_file("voice"), "duration": 3}}, **more)

    async def sends_sticker(self, **more: Any) -> int:
        flags = {"is_animated": False, "is_video": False, "type": "regular", "emoji": "👍"}
        return await self.sends(
            {"sticker": {**_file("sticker"), "width": 512, "height": 512, **flags}}, **more
        )

    async def sends_location(
        self, latitude: float = 3.14, longitude: float = 101.7, **more: Any
    ) -> int:
        return await self.sends(
            {"location": {"latitude": latitude, "longitude": longitude}}, **more
        )

    async def sends_contact(
        self, phone_number: str = "+60312345678", *, user_id: int | None = None, **more: Any
    ) -> int:
        """Send a contact card: one's own, or somebody else's by their `user_id`."""
        card = {"phone_number": phone_number, "first_name": self.user["first_name"]}
        return await self.sends({"contact": {**card, "user_id": user_id or self.id}}, **more)

    @property
    def keyboard(self) -> list[list[str]]:
        """The labels of the reply keyboard that stands below the private chat, row by row."""
        rows = (self.room.keyboard or {}).get("keyboard", [])
        return [[key["text"] for key in row] for row in rows]

    async def taps_key(self, label: str, *, phone_number: str = "60312345678") -> int:
        """Tap a button of the reply keyboard: it sends its own words, or the account's number."""
        key = telegram_keyboards.use(self.room, label)
        if key.get("request_contact"):
            return await self.sends_contact(phone_number)
        return await self.says(label)

    async def blocks(self) -> int:
        """Block the bot: it can no longer write here."""
        return _bot_becomes(self.world, self.room, self.user, "kicked")

    async def unblocks(self) -> int:
        return _bot_becomes(self.world, self.room, self.user, "member")

    def leaves_telegram(self) -> None:
        """The account is deactivated; the bot is not told."""
        self.room.deactivated = True

    def _room(self, group: Group | None) -> Chat:
        if group is None:
            return self.room
        if self.id not in group.room.members:
            raise ValueError(f"{self.user['first_name']} is not in {group.room.title}")
        return group.room

    def _find(self, room: Chat, message: "Message | int") -> Message:
        found = room.message(message) if isinstance(message, int) else message
        if found is None:
            raise LookupError(f"no message {message} in chat {room.id}")
        return found

    def _post(self, group: Group | None, reply_to: "Message | int | None", **fields: Any) -> int:
        room = self._room(group)
        if room is self.room and room.bot_status == "kicked":
            raise ValueError("the app offers only to unblock the bot")
        replied = None if reply_to is None else self._find(room, reply_to)
        message = room.add(self.user, self.world.now() + self.ahead, reply_to=replied, **fields)
        room.started = True
        self.world.changed()
        return self.world.deliver("message", message.to_json()) if self.world.shows(message) else 0

    def _tap(self, message: Message, data: str) -> Tap:
        tap = Tap(f"{self.id}{len(self.world.taps) + 1:09d}", message, data, self.id)
        self.world.taps.append(tap)
        shown = message.to_json()
        if message.deleted or self.world.now() - message.date > INACCESSIBLE_AFTER:
            shown = {"chat": shown["chat"], "message_id": message.message_id, "date": 0}
        query = {
            "id": tap.query_id,
            "from": self.user,
            "message": shown,
            "chat_instance": str(-message.chat.id * 7919),
            "data": data,
        }
        tap.update_id = self.world.deliver("callback_query", query)
        return tap


def group_of(
    world: World, chat_id: int, title: str, members: Sequence[Person], *, admin_bot: bool
) -> Group:
    """A group with these people and the bot in it."""
    people = {person.id: person.user for person in members}
    status = "administrator" if admin_bot else "member"
    world.chats[chat_id] = Chat(chat_id, title, members=people, bot_status=status)
    return Group(world, world.chats[chat_id])


def _bot_becomes(world: World, room: Chat, by: Json, status: str) -> int:
    before, room.bot_status = room.bot_status, status
    return world.deliver(
        "my_chat_member",
        {
            "chat": room.to_json(),
            "from": by,
            "date": world.now(),
            "old_chat_member": member(world.bot, before),
            "new_chat_member": member(world.bot, status),
        },
    )


def _file(kind: str) -> Json:
    return {"file_id": f"{kind}-file", "file_unique_id": f"{kind}-unique", "file_size": 1000}


def _longest(text: str) -> str:
    """The longest beginning that fits one message."""
    piece = text[:TEXT_LIMIT]
    while utf16(piece) > TEXT_LIMIT:
        piece = piece[: -((utf16(piece) - TEXT_LIMIT + 1) // 2)]
    return piece
