"""Small talk, thanks, nods and annoyance: messages that answer nothing and ask nothing.

Each mood is a word list, ``[lists.moods]``; a message has a mood only as a whole, so that a name
in which such a word stands stays a name.
"""

from __future__ import annotations

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
