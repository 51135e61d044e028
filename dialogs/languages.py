"""Which language a conversation is in.

The platform's hint begins; a hint of a language that we do not have says nothing, and then the
welcome offers every other language, a button each. Until a person has chosen, a first word that
only another language knows changes it too. A person may ask for a language at any moment, by its
names (``called`` in its word lists) in any language's phrases; only a whole message counts, so that
a business may be named "English First".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dialogs.acts import Offer, Say
from dialogs.answers import Accepted
from dialogs.events import Choice, Event, Said
from dialogs.state import Phase, Script, State, open_place, read_as
from dialogs.wording import Language, Wording, fold

LONGEST_TAG = 35
"""characters of a language tag (RFC 5646 4.4.1); a longer one is none"""
LONGEST_WISH = 60
LONGEST_GREETING = 3
"""words"""


def of_hint(wording: Wording, hint: str) -> str:
    """The code of the language that a platform's tag names ("id-ID"); "" for none of ours."""
    tag = hint[:LONGEST_TAG].replace("_", "-").casefold()
    if len(hint) > LONGEST_TAG:
        return ""
    code = tag.partition("-")[0]
    return code if code in wording.languages else ""


def first_state(wording: Wording, hint: str) -> State:
    """The state of a conversation in which nothing has happened yet."""
    code = of_hint(wording, hint)
    return State(language=code, language_by="platform") if code else State()


def language_wished(script: Script, state: State, text: str) -> str | None:
    """The language that the message asks for, "" where it does not say which; None for no wish.

    "Indonesian" to "which country?" is an answer, so a question with few answers comes first.
    """
    if len(text) > LONGEST_WISH:
        return None
    wanted = script.wording.asked_for.get(fold(text.lstrip("/!")))
    place = open_place(script, state) if wanted else None
    if place is None or place.question.reader.free:
        return wanted
    read = read_as(script, state, place, text)
    return None if isinstance(read, Accepted) else wanted


def heard(script: Script, state: State, event: Event) -> State:
    """The state in the language that a newcomer writes, where one other language alone knows it."""
    newcomer = state.phase is Phase.VISITING and not state.drafts and state.pending is None
    if not isinstance(event, Said) or not newcomer or state.language_by == "person":
        return state
    if language_wished(script, state, event.text) is not None:
        return state
    languages = script.wording.languages.values()
    phrase = _without_greeting(fold(event.text[:200]), languages)
    knows = [each.code for each in languages if _knows(each, phrase)]
    if not knows:  # "Halo, PT Servis Prima di sini": by the greeting, where the rest says nothing
        greeting = fold(event.text[:200]).removesuffix(phrase).strip()
        knows = [each.code for each in languages if greeting in each.folded("moods.greeting")]
    if len(knows) != 1 or knows[0] == script.wording.language(state.language).code:
        return state
    return replace(state, language=knows[0], language_by="person")


def _without_greeting(phrase: str, languages: Iterable[Language]) -> str:
    words = phrase.split()
    for size in range(min(LONGEST_GREETING, len(words)), 0, -1):
        if any(" ".join(words[:size]) in each.folded("moods.greeting") for each in languages):
            return " ".join(words[size:])
    return phrase


def _knows(language: Language, phrase: str) -> bool:
    """Is this a command, thanks, or the beginning of a question in the language?"""
    if not phrase:
        return False
    if phrase in language.commands or phrase in language.folded("moods.thanks"):
        return True
    return f"{phrase} ".startswith(language.question_starts)


def welcome(script: Script, state: State) -> Say:
    """Who this is; with the other languages, where nobody has chosen one yet."""
    return Say("welcome", {}, () if state.language_by else others(script, state))


def others(script: Script, state: State) -> tuple[Offer, ...]:
    """A button for each language but the one spoken, each in its own name."""
    now = script.wording.language(state.language).code
    return tuple(
        Offer(language.name, Choice("order", "language", code))
        for code, language in script.wording.languages.items()
        if code != now
    )
