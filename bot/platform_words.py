"""What the platforms show beside our messages: Telegram's menu and taps, Slack's modal."""

from __future__ import annotations

from bot.channels.slack_blocks import SlackWords
from bot.channels.telegram_members import TelegramWords
from bot.house import STAFF_LANGUAGE
from dialogs.wording import Wording

MENU = (
    "start",
    "apply",
    "status",
    "why",
    "back",
    "change",
    "pause",
    "person",
    "my_data",
    "language",
    "help",
)
"""commands in Telegram's menu"""


def slack_words(wording: Wording) -> SlackWords:
    def text(key: str) -> str:
        return wording.text(STAFF_LANGUAGE, key)

    return SlackWords(
        answer=text("buttons.answer"),
        title=text("desk.modal_title"),
        label=text("desk.modal_label"),
        submit=text("desk.modal_submit"),
        cancel=text("desk.modal_cancel"),
        refused=text("desk.refused"),
        see_dm=text("notices.see_dm"),
        note=text("desk.modal_note"),
    )


def telegram_words(wording: Wording) -> TelegramWords:
    return TelegramWords(
        refused=wording.text(STAFF_LANGUAGE, "desk.refused"),
        unsaid=wording.text(STAFF_LANGUAGE, "desk.unsaid"),
    )


def telegram_menus(wording: Wording) -> dict[str, list[tuple[str, str]]]:
    """Telegram's menu of commands in each language; under "" for people with another one."""
    menus = {
        code: [(name, wording.text(code, f"telegram_menu.{name}")) for name in MENU]
        for code in wording.languages
    }
    return {"": menus.pop("en"), **menus}
