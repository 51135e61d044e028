"""Reads what staff say to the bot in their chat, beside the export (``exporting.py``): "queue",
"show FD-7K3Q-X9MB". Only a line that says just this is read; what follows a reference is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.wording import fold

LISTS = "staff_lines."
_REFERENCE = re.compile(r"\bFD-[0-9A-Z]{4}-[0-9A-Z]{4}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AskedFor:
    what: str
    """the name of its list of words"""
    reference: str = ""
    """as it is kept; empty where the line has none"""


def read_line(line: str, words: Mapping[str, tuple[str, ...]]) -> AskedFor | None:
    """None: it is nothing of these. ``words``: the lists."""
    found = _REFERENCE.search(line)
    said = fold((line[: found.start()] if found else line)[:80]).strip(" .!?")
    reference = found[0].upper() if found else ""
    for name, phrases in words.items():
        if name.startswith(LISTS) and said in map(fold, phrases):
            return AskedFor(name.removeprefix(LISTS), reference)
    return None
