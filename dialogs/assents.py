"""Yes and no to the open confirmation, and the text that one waits for.

A yes that would erase something must be nothing but a yes; "yes, but ..." is neither.
"""

from __future__ import annotations

from dialogs.answers import Accepted, Known, YesNo
from dialogs.asking import CONFIRM_LABELS
from dialogs.objects import item_of, objects_of
from dialogs.readings import Confirms, Hedges, Orders, Reading, Tells
from dialogs.state import Pending, PendingKind, Script, State
from dialogs.wording import Language, fold

WAITS_FOR_TEXT = ("person", "change_request")
ERASING = ("start_over", "withdraw", "delete_data")
"""what a yes cannot take back: it must be nothing but a yes"""
PASSES_ON = ("which", "escalate")
"""what "ask staff" answers; to "is it one of these?" it is a no, which passes the question on"""
GOES_ON = ("skip", "resume")
"""commands that mean [Go on] where that is asked"""
_YES_NO = YesNo()


def assent(
    script: Script, state: State, language: Language, text: str, wish: Orders | None
) -> Reading | None:
    pending, phrase = state.pending, fold(text)
    assert pending is not None  # the caller's condition, for the type checker
    if pending.kind == "choose":
        if phrase in language.folded("no"):
            return Confirms(yes=False)
        return None if wish is not None else _chosen(script, state, pending, language, phrase)
    if pending.kind == "check_no" and wish is not None and wish.command in GOES_ON:
        return Confirms(yes=True)
    if pending.kind in PASSES_ON and phrase in language.folded("ask_staff"):
        return Confirms(pending.kind == "escalate")
    yes, no = CONFIRM_LABELS.get(pending.kind, ("", ""))
    for label in (yes, no):
        if label and phrase == fold(language.texts[f"buttons.{label}"]):
            return Confirms(label == yes)
    leave = wish is not None and wish.command in ("leave", "cancel", "back")
    if pending.kind in WAITS_FOR_TEXT:
        if leave:
            return Confirms(yes=False)
        if pending.kind == "person" and phrase in language.folded("yes") | language.folded("no"):
            return Confirms(phrase in language.folded("yes"))
        asked = text.endswith("?")  # "what does it mean?" is what staff shall be told
        return None if wish is not None and not asked else Tells(text)
    if wish is not None and (wish.command == "leave" or (leave and pending.kind in ERASING)):
        return Confirms(yes=False)
    decided = _YES_NO.read(text, Known(words=language.words))
    if isinstance(decided, Accepted):
        if pending.kind in PASSES_ON and wish is not None and _other_wish(language, phrase, wish):
            return None
        if pending.kind == "home" and decided.value == "no" and _names_premises(language, phrase):
            return Hedges()
        if decided.value == "yes" and not _only_yes(language, pending.kind, phrase):
            return Hedges()
        return Confirms(yes=decided.value == "yes")
    doubtful = pending.kind != "which" and decided.code in ("hedged", "yes_no_not_sure")
    return Hedges() if doubtful else None


def _other_wish(language: Language, phrase: str, wish: Orders) -> bool:
    """ "Mau daftar" (I want to apply) begins like a yes and asks for something else."""
    plain = phrase in language.folded("yes") | language.folded("no")
    return not plain and wish.command not in ("person", *GOES_ON)


def _names_premises(language: Language, phrase: str) -> bool:
    """ "No, it's a shop": the no is to the flat, not to the customers."""
    return not language.folded("premises").isdisjoint(phrase.split())


def _only_yes(language: Language, kind: PendingKind, phrase: str) -> bool:
    """ "Sure Fix Ltd" begins like a yes; where that would erase something, no such word counts."""
    if kind not in ERASING:
        return True
    lists = (language.words["yes"], language.words["padding"], language.lists[f"commands.{kind}"])
    plain = {word for phrases in lists for each in phrases for word in fold(each).split()}
    return all(word in plain for word in phrase.split())


def _chosen(
    script: Script, state: State, pending: Pending, language: Language, phrase: str
) -> Reading | None:
    """The object alone, which the command before it lacked: "website"."""
    if pending.path and phrase == fold(language.texts["buttons.remove"]):
        return Orders("remove", pending.path)
    paths = objects_of(script, state, language, phrase)
    if (item := item_of(script, state, language, phrase)) and not pending.path:
        paths = (item,)
    if pending.path:
        paths = tuple(path for path in paths if path.startswith(f"{pending.path}."))
    if not paths:
        return None
    return Orders(pending.proposal, paths[0] if len(paths) == 1 else phrase, pending.value)
