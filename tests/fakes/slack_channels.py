"""The channels of the workspace, seen from above, and reading a message's text in a test."""

import re
from collections.abc import Iterable

from .slack_people import Person
from .slack_socket import Envelope
from .slack_world import BOT_USER, TEAM, Json, Message, Room, World


class Channel:
    """A channel of the workspace, seen from above."""

    def __init__(self, world: World, room: Room) -> None:
        self._world, self.room = world, room
        self.id, self.name = room.id, room.name

    @property
    def messages(self) -> list[Message]:
        """What stands in the channel, threads included, oldest first; nobody's ephemeral ones."""
        return [m for m in self.room.messages if m.lasting]

    def thread(self, ts: str) -> list[Message]:
        """A thread's replies, oldest first."""
        return self.room.replies(ts)

    async def joins(self, person: Person | None = None) -> Envelope | None:
        """A person (or, without one, the app) becomes a member; the app hears of it."""
        user = BOT_USER if person is None else person.id
        self.room.members.append(user)
        if BOT_USER not in self.room.members:
            return None
        event: Json = {"type": "member_joined_channel", "user": user, "channel": self.id}
        event |= {"channel_type": self.room.kind[0].upper(), "team": TEAM}
        return self._world.emit(event | {"event_ts": self._world.stamp(self.room)})

    def leaves(self, person: Person) -> None:
        """A member goes, or is put out; the app, which does not ask for it, hears nothing."""
        self.room.members.remove(person.id)

    async def other_bot_says(self, text: str, *, modern: bool = False) -> Message:
        """Another app posts: subtype bot_message, or (`modern`) a bot user with a bot_id."""
        subtype = None if modern else "bot_message"
        return self._world.post(self.room, "U0OTHERBOT", text, bot_id="B0OTHER", subtype=subtype)

    def archive(self) -> None:
        self.room.archived = True

    def expel_bot(self) -> None:
        self.room.members.remove(BOT_USER)


def member_ids(members: Iterable[Person | str]) -> list[str]:
    """People or their ids -> ids."""
    return [member if isinstance(member, str) else member.id for member in members]


def plain(text: str) -> str:
    """A message's text with Slack's entities and link wrappers undone, for reading in a test."""
    unwrapped = re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", text)
    unwrapped = re.sub(r"<(https?://[^<>]*)>", r"\1", unwrapped)
    return unwrapped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
