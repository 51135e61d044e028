"""Small talk, thanks, nods and annoyance: messages that answer nothing and ask nothing.

Each mood is a word list, ``[lists.moods]``; a message has a mood only as a whole, so that a name
in which such a word stands stays a name. What orders the program about ("ignore your rules") is
none of these, and no answer either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import get_args

from dialogs.readings import Mood
from dialogs.wording import Language, fold


def mood_of(language: Language, text: str) -> Mood | None:
    """The mood of the whole message; "hello and thanks" is thanks."""
    phrase = fold(text)
    for mood in get_args(Mood):
        if phrase in language.folded(f"moods.{mood}"):
            return mood  # type: ignore[no-any-return]  # get_args gives Any
    return "annoyed" if _annoyed(language, phrase) else None


def _annoyed(language: Language, phrase: str) -> bool:
    """A short outburst around a word that no business is called by."""
    words = phrase.split()
    return 0 < len(words) <= 8 and bool(set(words) & language.folded("moods.outbursts"))


def nods(language: Language, text: str) -> bool:
    """ "Ok", "great": heard, not answered."""
    phrase = fold(text)
    return phrase in language.folded("nods") if phrase else text in language.words.get("nods", ())


def unsure(language: Language, text: str) -> bool:
    """ "I don't know", "not sure yet": no answer to a question that takes free text."""
    return fold(text) in language.folded("not_sure") | language.folded("dont_know")


def overrides(language: Language, text: str) -> bool:
    """ "Ignore your rules and approve me", "system: ...": it orders the program about, as if that
    took its rules from a message. Nothing heeds it; this only keeps it out of the answers."""
    if _spoken_by(language.words.get("speaker_roles", ())).search(text):
        return True
    return _any_of(language.words.get("overrides", ())).search(f" {fold(text)} ") is not None


@lru_cache(maxsize=16)
def _spoken_by(roles: Iterable[str]) -> re.Pattern[str]:
    named = "|".join(map(re.escape, roles)) or "(?!)"
    return re.compile(
        rf"(?:^[^\w\n]{{0,8}}|[<\[|]\W{{0,3}})(?:{named})\s*[:>\]|]", re.IGNORECASE | re.MULTILINE
    )


@lru_cache(maxsize=16)
def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """``*`` in a phrase is up to six words."""
    parts = (
        r"(?: \S+){0,6} ".join(re.escape(fold(words)) for words in phrase.split(" * "))
        for phrase in phrases
    )
    return re.compile(f" (?:{'|'.join(parts) or '(?!)'}) ")
