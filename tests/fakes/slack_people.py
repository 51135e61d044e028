"""The people of the workspace, as a test drives them.

A person types, taps, edits and fills modals; what leaves here are the payloads Slack would send.
"""

from typing import TYPE_CHECKING, Any

from .slack_blocks import check_view, elements
from .slack_forms import filled, state_values
from .slack_methods import ApiError
from .slack_socket import Envelope
from .slack_text import as_typed
from .slack_world import (
    APP,
    BOT_USER,
    DOMAIN,
    TEAM,
    Json,
    Message,
    Room,
    View,
)

if TYPE_CHECKING:
    from .slack import SlackServer
    from .slack_channels import Channel

_FILETYPES = {"jpeg": "jpg", "mpeg": "mp3", "plain": "text"}


class Person:
    """Somebody in the workspace. What they do arrives at the app; what they see is `chat`."""

    def __init__(self, server: "SlackServer", user: str, name: str) -> None:
        self._server, self._world = server, server.world
        self.id, self.name = user, name

    @property
    def dm(self) -> Room:
        """Their direct conversation with the app."""
        return self._world.dm(self.id)

    @property
    def chat(self) -> list[Message]:
        """What they see in that conversation now, oldest first."""
        return self.sees(self.dm)

    @property
    def modal(self) -> View | None:
        """The modal on top of their screen."""
        stack = self._world.modals.get(self.id)
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        """Their App Home tab, once the app published one."""
        return self._world.homes.get(self.id)

    def sees(self, where: "Room | Channel | str") -> list[Message]:
        """What they see in any conversation they are in, ephemeral messages to them included."""
        room = self._room(where)
        seen = [m for m in room.messages if not m.deleted and m.only_for in {None, self.id}]
        return seen if self.id in room.members else []

    # -- messages

    async def says(
        self,
        text: str,
        *,
        thread_ts: str | None = None,
        channel: "Channel | str | None" = None,
        raw: bool = False,
    ) -> str:
        """Types `text` (escaped and linked as Slack does; `raw` as given) -> the message's ts."""
        room = self._room(channel)
        assert self.id in room.members, f"{self.name} is not in {room.name}"
        assert thread_ts is None or room.message(thread_ts), f"there is no message {thread_ts}"
        sent = text if raw else as_typed(text)
        message = self._world.post(room, self.id, sent, typed=text, thread_ts=thread_ts)
        return message.ts

    async def mentions_bot(
        self, channel: "Channel | str", text: str = "", *, thread_ts: str | None = None
    ) -> str:
        """Says `@bot text` in a channel: the app hears it twice, as message and as app_mention."""
        sent = f"<@{BOT_USER}> {as_typed(text)}".strip()
        return await self.says(sent, channel=channel, thread_ts=thread_ts, raw=True)

    async def edits(self, ts: str, text: str, *, channel: "Channel | str | None" = None) -> None:
        """Changes an earlier message of theirs."""
        message = self._message(ts, channel)
        assert message.user == self.id, "people edit only their own messages"
        self._world.change(message, by_hand=True, text=as_typed(text))

    async def unfurls(self, ts: str, *, channel: "Channel | str | None" = None) -> None:
        """Slack adds a link preview: message_changed with the text unchanged."""
        preview = {"id": 1, "from_url": "https://example.org/", "title": "Example"}
        self._world.change(self._message(ts, channel), by_hand=False, attachments=[preview])

    async def deletes(self, ts: str, *, channel: "Channel | str | None" = None) -> None:
        """Takes back an earlier message of theirs."""
        self._world.remove(self._message(ts, channel))

    async def sends_file(
        self,
        mimetype: str = "application/pdf",
        text: str = "",
        *,
        name: str | None = None,
        content: bytes = b"content",
        count: int = 1,
        thread_ts: str | None = None,
        channel: "Channel | str | None" = None,
    ) -> str:
        """Sends `count` files in one message with `text` as the caption -> the message's ts."""
        files = [self._file(mimetype, name, content) for _ in range(count)]
        message = self._world.post(
            self._room(channel),
            self.id,
            as_typed(text),
            typed=text,
            thread_ts=thread_ts,
            subtype="file_share",
            files=files,
        )
        return message.ts

    def _file(self, mimetype: str, name: str | None, content: bytes) -> Json:
        file_id = self._world.new_id("F")
        ending = mimetype.rpartition("/")[2].partition(";")[0]
        filetype = _FILETYPES.get(ending, ending)
        self._server.files[file_id] = content
        link = f"{self._server.url}/files/{file_id}"
        name = name or f"file.{filetype}"
        return {
            "id": file_id,
            "created": int(self._world.clock.now()),
            "name": name,
            "title": name,
            "mimetype": mimetype,
            "filetype": filetype,
            "user": self.id,
            "mode": "hosted",
            "size": len(content),
            "url_private": link,
            "url_private_download": link,
            "file_access": "visible",
        }

    async def opens_home(self, tab: str = "home") -> Envelope:
        """Opens the app's Home (or "messages") tab."""
        event: Json = {"type": "app_home_opened", "user": self.id, "channel": self.dm.id}
        event |= {"tab": tab, "event_ts": self._world.stamp(self.dm)}
        if self.home is not None:
            event["view"] = self.home.json()
        return self._world.emit(event)

    # -- interactions

    async def slash(
        self, command: str, text: str = "", *, channel: "Channel | str | None" = None
    ) -> Envelope:
        """Gives a slash command; a text in the acknowledgement is shown to them alone."""
        room = self._room(channel)
        trigger_id = self._world.trigger(self.id)
        payload = {
            "token": "verification-token",
            "team_id": TEAM,
            "team_domain": DOMAIN,
            "channel_id": room.id,
            "channel_name": room.name,
            "user_id": self.id,
            "user_name": self.name.lower(),
            "command": command,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self._world.response_url(room, self.id),
            "trigger_id": trigger_id,
        }

        def answered(ack: Json) -> str | None:
            try:
                if ack.get("text") or ack.get("blocks"):
                    self._server.api.answer(room, self.id, ack)
            except ApiError as refusal:
                return f"invalid_command_response {refusal.messages}"
            return None

        envelope = Envelope("slash_commands", payload, trigger_id, answered)
        return self._world.hub.offer(envelope)

    async def taps(
        self,
        label: str,
        *,
        message: Message | None = None,
        channel: "Channel | str | None" = None,
        view: View | None = None,
    ) -> Envelope:
        """Taps the newest visible button with that label, anywhere they look or only where told."""
        if view is not None:
            for block, element in elements(view.blocks):
                if element["type"] == "button" and element["text"]["text"] == label:
                    return self._act(block, element, view=view)
        for seen in [message] if message is not None else self._newest_first(channel):
            for block, element in elements(seen.blocks):
                if element["type"] == "button" and element["text"]["text"] == label:
                    return self._act(block, element, message=seen)
        visible = [button for seen in self._newest_first(channel) for button in seen.buttons]
        raise AssertionError(f"{self.name} sees no button {label!r}; there are {visible}")

    async def taps_data(
        self,
        action_id: str,
        value: str,
        *,
        block_id: str = "forged",
        message: Message | None = None,
        view: View | None = None,
    ) -> Envelope:
        """A tap nobody offered: any action_id and value, on the newest of the app's messages, or in
        a view."""
        if message is None and view is None:
            message = next((m for m in self._newest_first(None) if m.from_bot), None)
        assert message or view, "there is no message of the app to forge a tap on"
        label = {"type": "plain_text", "text": "forged", "emoji": True}
        element = {"type": "button", "action_id": action_id, "value": value, "text": label}
        return self._act({"block_id": block_id}, element, message=message, view=view)

    def _newest_first(self, channel: "Channel | str | None") -> list[Message]:
        rooms = [self._room(channel)] if channel else list(self._world.rooms.values())
        seen = [message for room in rooms for message in self.sees(room)]
        return sorted(seen, key=lambda m: m.order, reverse=True)

    def _act(
        self,
        block: Json,
        element: Json,
        *,
        message: Message | None = None,
        view: View | None = None,
    ) -> Envelope:
        action: Json = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "text": element["text"],
            "action_ts": f"{self._world.clock.now():.6f}",
        }
        action |= {name: element[name] for name in ("value", "style", "url") if name in element}
        payload = self._interaction("block_actions") | {"actions": [action]}
        if message is not None:
            room, alone = message.room, message.only_for is not None
            container: Json = {"type": "message", "message_ts": message.ts}
            container |= {"channel_id": room.id, "is_ephemeral": alone}
            if message.thread_ts:
                container["thread_ts"] = message.thread_ts
            payload |= {
                "container": container,
                "channel": {"id": room.id, "name": room.name},
                "response_url": self._world.response_url(room, self.id, message),
                "state": {"values": {}},
            }
            if not alone:
                payload["message"] = message.json()
        if view is not None:
            payload |= {"container": {"type": "view", "view_id": view.id}, "view": view.json()}
        return self._world.tell("interactive", payload, payload["trigger_id"])

    async def submits(
        self,
        values: dict[str, Any] | None = None,
        *,
        timeout: float = 30.0,  # noqa: ASYNC109 - a test's own limit
    ) -> Json:
        """Fills the modal on top ("block_id/action_id" or a bare unique action_id -> what was
        entered) and presses its submit button -> the acknowledgement's payload.

        As Slack's client does, refuses a missing required field or a text that is too long
        (AssertionError), and carries out the answer: errors, update, push, clear, or close.
        """
        view = self.modal
        assert view is not None, f"{self.name} has no modal open"
        entered = filled(view, values or {})
        payload = self._interaction("view_submission")
        payload |= {"view": view.json(state_values(view, entered)), "response_urls": []}
        envelope = Envelope("interactive", payload, payload["trigger_id"])
        envelope.on_ack = lambda ack: self._carry_out(view, ack)
        self._world.hub.offer(envelope)
        await self._server.until(lambda: envelope.settled, timeout=timeout)
        assert envelope.acked, "the submission was not acknowledged in time"
        assert envelope.trouble is None, envelope.trouble
        return envelope.answer or {}

    async def closes_modal(self) -> Envelope | None:
        """Closes the modal on top; the app hears of it where it asked to."""
        stack = self._world.modals.get(self.id, [])
        assert stack, f"{self.name} has no modal open"
        view = stack.pop()
        if not view.body.get("notify_on_close"):
            return None
        payload = self._interaction("view_closed") | {"view": view.json(), "is_cleared": False}
        return self._world.tell("interactive", payload, payload["trigger_id"])

    def _carry_out(self, view: View, ack: Json) -> str | None:
        """What the acknowledgement of a submission asks for -> what was wrong with it."""
        stack = self._world.modals.get(self.id, [])
        match ack.get("response_action"):
            case "errors":
                unknown = set(ack["errors"]) - {str(b["block_id"]) for b in view.blocks}
                if unknown:
                    return f"errors for blocks that are not in the modal: {unknown}"
                view.errors = dict(ack["errors"])
            case "update" | "push" as action:
                problems = check_view(ack.get("view"))
                if problems:
                    return f"the view in the acknowledgement: {problems}"
                if action == "update":
                    self._world.update_view(view, ack["view"])
                else:
                    self._world.open_view(self.id, ack["view"], under=view)
            case "clear":
                stack.clear()
            case _:
                if view in stack:
                    stack.remove(view)
        return None

    def _interaction(self, kind: str) -> Json:
        """What every interaction's payload holds."""
        name = self.name.lower()
        return {
            "type": kind,
            "team": {"id": TEAM, "domain": DOMAIN},
            "user": {"id": self.id, "username": name, "name": name, "team_id": TEAM},
            "api_app_id": APP,
            "token": "verification-token",
            "trigger_id": self._world.trigger(self.id),
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _room(self, where: "Room | Channel | str | None") -> Room:
        if where is None:
            return self.dm
        if isinstance(where, Room):
            return where
        return self._world.rooms[where if isinstance(where, str) else where.id]

    def _message(self, ts: str, channel: "Channel | str | None") -> Message:
        message = self._room(channel).message(ts)
        assert message is not None, f"there is no message {ts}"
        return message
