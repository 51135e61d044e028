"""Reply keyboards: what a bot may show in place of a person's own, and what the chat then shows.

A message has inline buttons, or shows a reply keyboard, or takes one away; never two of them, and
a reply keyboard cannot be edited in or out. It stays for the chat, whatever is said after it, until
another one comes or it is taken away. One with ``one_time_keyboard`` folds when it is used, and a
person can unfold it again. The bot gets none of this back in a Message object.
"""

from tests.fakes.telegram_html import Json
from tests.fakes.telegram_world import Chat, RefusedError


def check(markup: Json | None, chat: Chat) -> None:
    """Raises ``RefusedError`` where the chat cannot show it."""
    for key in (key for row in (markup or {}).get("keyboard", []) for key in row):
        label = key if isinstance(key, str) else key.get("text", "")
        if not str(label).strip():
            raise RefusedError(400, "Bad Request: keyboard button text must be non-empty")
        if isinstance(key, dict) and key.get("request_contact") and chat.kind != "private":
            raise RefusedError(
                400, "Bad Request: phone number can be requested in private chats only"
            )


def check_edit(markup: Json | None) -> None:
    if markup and "inline_keyboard" not in markup:
        raise RefusedError(400, "Bad Request: inline keyboard expected")


def show(markup: Json | None, chat: Chat) -> None:
    """A message with this markup was posted to the chat."""
    if not markup or "inline_keyboard" in markup:
        return
    if markup.get("keyboard"):
        chat.keyboard, chat.folded = markup, False
    elif markup.get("remove_keyboard"):
        chat.keyboard = None


def use(chat: Chat, label: str) -> Json:
    """The button with this label; LookupError where none is shown."""
    rows = (chat.keyboard or {}).get("keyboard", [])
    for key in (key for row in rows for key in row):
        button: Json = {"text": key} if isinstance(key, str) else key
        if button["text"] == label:
            chat.folded = bool((chat.keyboard or {}).get("one_time_keyboard"))
            return button
    raise LookupError(f"no button {label!r} in the keyboard; there are {rows}")
