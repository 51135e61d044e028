"""What Telegram's refusals say, without what nobody may read."""

from __future__ import annotations

import json
import re
from typing import Any, Literal


def told(payload: bytes) -> dict[str, Any]:
    """The answer's JSON; empty where it is none."""
    try:
        answer = json.loads(payload)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def refusal(description: str) -> str:
    """Telegram's reason without what it quotes: that could be a person's words."""
    reason = description.removeprefix("Forbidden: ")
    return re.split(r":|\"| '|\. ", reason, maxsplit=1)[0][:80].strip().lower()


def of_edit(description: str) -> Literal["same", "gone", ""]:
    """Why a message was not edited, where no second try is of use: it says this already, or is out
    of reach."""
    text = description.lower()
    if "message is not modified" in text:
        return "same"
    gone = ("message to edit not found", "message can't be edited", "message_id_invalid")
    return "gone" if any(reason in text for reason in gone) else ""


def kind(error: BaseException) -> str:
    """The class, and that of what is behind it; messages may hold an address with the token."""
    cause = error.__cause__
    name = type(error).__name__
    return f"{name} ({type(cause).__name__})" if cause is not None else name
