"""What is read of Slack's payloads. Whatever else stands in them is no error."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Ts = Annotated[str, Field(pattern=r"^[0-9]{1,11}\.[0-9]{1,9}$")]
Id = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,30}$")]

SPOKEN = {None, "file_share", "thread_broadcast", "me_message"}
"""subtypes of what a person says"""


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)


class File(Model):
    mimetype: str | None = None
    subtype: str | None = None


class Edited(Model):
    ts: Ts


class Message(Model):
    ts: Ts
    user: Id | None = None
    text: str | None = None
    thread_ts: Ts | None = None
    subtype: str | None = None
    bot_id: str | None = None
    files: list[File] | None = None
    edited: Edited | None = None

    @property
    def spoken(self) -> bool:
        """A person wrote it."""
        human = self.user not in {None, "USLACKBOT"} and not self.bot_id
        return human and self.subtype in SPOKEN

    @property
    def thread(self) -> str:
        """The thread that it is an answer in; a thread's first message is in none."""
        return "" if self.thread_ts in {None, self.ts} else str(self.thread_ts)


class Event(Message):
    type: str
    channel: Id
    message: Message | None = None
    previous_message: Message | None = None


class Told(Model):
    event_id: Annotated[str, Field(min_length=1)]
    event: Event


class Kind(Model):
    class Type(Model):
        type: str

    event: Type


class Named(Model):
    id: Id
    name: str = ""


class Container(Model):
    type: str = ""
    message_ts: Ts | None = None
    channel_id: Id | None = None
    thread_ts: Ts | None = None


class Action(Model):
    action_id: str
    action_ts: Ts
    value: str | None = None


class Taps(Model):
    user: Named
    container: Container
    actions: Annotated[list[Action], Field(min_length=1)]
    trigger_id: str
    message: Message | None = None


class Option(Model):
    value: str


class Value(Model):
    value: str | None = None
    selected_options: list[Option] | None = None

    @property
    def written(self) -> str:
        """What was typed; of what was chosen, the values with blanks between."""
        chosen = " ".join(option.value for option in self.selected_options or ())
        return (self.value or chosen).strip()


class State(Model):
    values: dict[str, dict[str, Value]]


class View(Model):
    id: Id
    callback_id: str = ""
    hash: str = ""
    private_metadata: str = ""
    state: State


class Submission(Model):
    user: Named
    view: View


class Command(Model):
    user_id: Id
    channel_id: Id
    trigger_id: str
