"""Commands: alone ("back"), politely ("i wanna start over pls"), mistyped ("bakc"), with an object
("change the phone of location 2") or with what it shall be ("the address is wrong, it's ...").

A command is taken only as a whole message. What merely begins like one is an answer ("Back Street
Repairs", "Skip Hire Co"); what is only *like* one is a guess, said so and undone in one tap.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import OSA

from dialogs.objects import has_answers, names_items, objects_of, split_value
from dialogs.readings import Orders
from dialogs.state import Script, State
from dialogs.wording import Language, fold

SHORTEST = 4
"""letters of a word in which a slip is still seen"""
LONG = 6
"""letters of a command from which any one slip is still seen where a name is asked for"""
LONGER = 8
"""letters from which two slips are"""
MOST_WORDS = 6
LOST_WORDS = 12
"""of a message that says that its writer does not know what is wanted"""
CLOSING = ("skip", "skip_check", "back", "pause", "cancel", "help", "person", "why", "menu")
"""commands that count behind a comma"""


def order(script: Script, state: State, language: Language, text: str) -> Orders | None:
    """The command that the whole text surely is; None for anything else."""
    phrase = fold(text.lstrip("/!"))
    command = language.commands.get(phrase)
    if command is None and len(phrase.split()) <= LOST_WORDS:
        lost = any(f" {part} " in f" {phrase} " for part in language.folded("lost_parts"))
        command = "why" if lost else None
    if command is not None:
        return Orders(command)
    objected = _with_object(script, state, language, text, phrase)
    if objected is not None:
        return objected
    if text.startswith("/"):
        first, _, rest = phrase.partition(" ")
        # "/start apply" (a deep link) and a command with words after it
        command = language.commands.get(first)
        if command is not None:
            follow = language.commands.get(rest)
            return Orders(follow) if command == "start" and follow else Orders(command, rest)
        if re.fullmatch(r"/\w*", text):  # none of ours, and nobody's name
            return likely(script, state, language, text) or Orders("help")
    return None


def polite(language: Language, text: str) -> Orders | None:
    """ "I want to start over please": the command without what stands around it. A question ("can
    I apply?") is a question, but for the wish for a person."""
    phrase = fold(text)
    bare = _bare(language, phrase)
    command = language.commands.get(bare) if bare != phrase else None
    return Orders(command) if command and (command == "person" or "?" not in text) else None


def closing(language: Language, text: str) -> Orders | None:
    """ "No time for this, skip": the command behind the last comma, where nothing is typed."""
    head, comma, last = text.rpartition(",")
    command = language.commands.get(fold(last)) if comma and head.strip() else None
    return Orders(command) if command in CLOSING else None


def likely(
    script: Script, state: State, language: Language, text: str, *, name: bool = False
) -> Orders | None:
    """The command that the text is a slip of the keyboard away from. ``name``: the text would do
    as a name, so only slips that make no word of their own count: two letters that changed places
    ("bakc"), the last one doubled ("helpp"), any one slip in a longer word ("contiune")."""
    phrase = _bare(language, fold(text.lstrip("/!")))
    if len(phrase) < SHORTEST or len(phrase.split()) > MOST_WORDS:
        return None
    if phrase in language.folded("no_slips"):
        return None
    found = {
        command for known, command in language.commands.items() if _slipped(phrase, known, name)
    }
    if len(found) == 1:
        return Orders(found.pop(), guessed=text)
    first, _, rest = phrase.partition(" ")
    for command in ("change", "remove"):
        opener = language.words.get(f"{command}_openers", ("",))[0]
        paths = objects_of(script, state, language, rest) if rest else ()
        if paths and has_answers(state, paths) and _slipped(first, opener, name):
            return Orders(command, rest, guessed=text)
    return None


def _slipped(phrase: str, known: str, name: bool) -> bool:
    """A letter too many, too few or in the wrong place; a wrong one only in a long phrase, where
    it makes no other word ("apple" is no "apply")."""
    if len(known) < SHORTEST or phrase == known or abs(len(known) - len(phrase)) > 2:
        return False
    slips = 2 if len(known) >= LONGER and not name else 1
    if OSA.distance(phrase, known, score_cutoff=slips) > slips:
        return False
    swapped = sorted(phrase) == sorted(known)
    if len(known) >= LONGER:
        return phrase[0] == known[0] or swapped
    if len(known) >= LONG or (not name and len(known) > SHORTEST):
        return swapped or (len(phrase) != len(known) and phrase[0] == known[0])
    return swapped or phrase == known + known[-1]


def _bare(language: Language, phrase: str) -> str:
    openers, closers = language.folded("wish_openers"), language.folded("wish_closers")
    changed = True
    while changed:
        changed = False
        for opener in openers:
            if phrase.startswith(f"{opener} "):
                phrase, changed = phrase[len(opener) + 1 :], True
        for closer in closers:
            if phrase.endswith(f" {closer}"):
                phrase, changed = phrase[: -len(closer) - 1], True
    return phrase


def _with_object(
    script: Script, state: State, language: Language, text: str, phrase: str
) -> Orders | None:
    """ "change ..." and "remove ...": the first word, then what it is about."""
    bare = _bare(language, phrase)
    for command in ("change", "remove"):
        openers = language.words.get(f"{command}_openers", ())
        first = next((opener for opener in openers if bare.startswith(f"{opener} ")), "")
        if not first:
            continue
        rest = bare.removeprefix(f"{first} ")
        found = objects_of(script, state, language, rest)
        # "Fix Mobile" may be a name: it is a command only about an answer that is there.
        if found and (first == openers[0] or has_answers(state, found)):
            return Orders(command, rest)
        if not found and first == openers[0] and names_items(script, language, rest):
            return Orders(command, rest)
        named, value = split_value(language, text)
        named = _bare(language, fold(named)).removeprefix(f"{first} ")
        if value and objects_of(script, state, language, named):
            return Orders(command, named, value)
        mine = rest.partition(" ")[0] in language.folded("my_words")
        if mine and text == text.lower():  # "please change my whatever": which, is asked
            return Orders(command, rest)
    return None
