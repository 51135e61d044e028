"""What is read of Telegram's updates. Whatever else stands in them is no error."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _whole(text: str) -> str:
    """JSON can hold half a character (a lone surrogate), which no database takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


Text = Annotated[str, AfterValidator(_whole)]


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


class User(Part):
    id: int
    is_bot: bool = False
    language_code: Text = ""
    first_name: Text = ""
    last_name: Text = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Chat(Part):
    id: int
    type: str
    title: Text = ""


class Replied(Part):
    message_id: int
    from_: Annotated[User | None, Field(alias="from")] = None


class Contact(Part):
    phone_number: Text = ""
    user_id: int | None = None


Seconds = Annotated[int, Field(ge=0, le=253_402_300_799)]  # since 1970, up to the year 9999


class Message(Part):
    message_id: int
    chat: Chat
    date: Seconds
    from_: Annotated[User | None, Field(alias="from")] = None
    sender_chat: Chat | None = None
    edit_date: Seconds | None = None
    text: Text = ""
    caption: Text = ""
    media_group_id: Text = ""
    contact: Contact | None = None
    reply_to_message: Replied | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False


class Shown(Part):
    """The message under a tapped button; an old one is all but empty, its date 0."""

    message_id: int
    chat: Chat
    message_thread_id: int | None = None
    is_topic_message: bool = False


class Query(Part):
    id: Text
    from_: Annotated[User, Field(alias="from")]
    message: Shown | None = None
    data: Text = ""


class Member(Part):
    status: Text = ""


class Change(Part):
    """What became of the bot in a chat. Only a person's own chat is looked at, so nothing of it
    must be there."""

    chat: Chat | None = None
    from_: Annotated[User | None, Field(alias="from")] = None
    date: Seconds = 0
    new_chat_member: Member | None = None


class Raw(Part):
    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Query | None = None
    my_chat_member: Change | None = None
