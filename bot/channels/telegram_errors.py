"""What Telegram's refusals say, without what nobody may read."""

from __future__ import annotations

import json
import re
from typing import Any


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


def kind(error: BaseException) -> str:
    """The class, and that of what is behind it; messages may hold an address with the token."""
    cause = error.__cause__
    name = type(error).__name__
    return f"{name} ({type(cause).__name__})" if cause is not None else name
