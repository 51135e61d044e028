"""Corrections: from every question, each earlier answer by words, by button and by editing.

Only that answer changes, and what depends on it; then the same question is open as before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.messages import Button
from dialogs.events import Choice
from tests.applicants.base import ASKED, TYPED, VALUES, talk_at, values
from tests.applicants.halves import Half, rows
from tests.applicants.memory import plain_name
from tests.applicants.phrases import fill, nouns
from tests.applicants.talk import Seen, Talk

NEW = {
    "kind": ("reseller", "reseller"),
    "legal_name": ("Harbour Road Devices Ltd", ""),
    "dba": ("Harbour Road", ""),
    "owners.1.name": ("Moira Quilligan", ""),
    "locations.1.country": ("Ireland", "IE"),
    "locations.1.address": ("18 Harbour Lane, Whitby YO21 3PU", ""),
    "locations.1.phone": ("01947 602 119", "+441947602119"),
    "email": ("office@harbourlane-devices.co.uk", ""),
    "website": ("harbourlane-repairs.co.uk", ""),
    "experience": ("Phones and tablets since 2011, five people.", ""),
}
"""path -> (what is typed, the normalised value where it is another)"""
DEPENDS = {"locations.1.country": ("locations.1.address", "locations.1.phone")}


@dataclass(frozen=True, slots=True)
class Correction:
    at: str
    of: str
    way: str
    """the template that was used, ``button`` or ``edit``"""
    trouble: str
    lines: tuple[str, ...]


def pairs() -> Iterator[tuple[str, str]]:
    """(the question that is open, the earlier answer to correct)"""
    for path in NEW:
        later = [*ASKED[ASKED.index(path) + 1 : -1], "summary"]
        yield from ((at, path) for at in later)


def _templates(half: Half) -> tuple[tuple[str, str], ...]:
    """(kind, text): at once ("the phone is wrong, it's ..."), or in two messages."""
    return tuple(
        (row["kind"], row["text"])
        for row in rows("phrasings", half)
        if row["lang"] == "en" and row["kind"] in ("correct_field", "change_cmd")
    )


def ways(half: Half) -> int:
    """How many ways to say it are to be tried at each place: each template, and three nouns."""
    return 3 * len(_templates(half))


def by_words(half: Half, at: str, of: str, number: int) -> Correction:
    """The ``number``-th way to say it."""
    templates, words = _templates(half), nouns(plain_name(of), "en")
    kind, template = templates[number % len(templates)]
    noun = words[number // len(templates) % len(words)]
    talk = talk_at(at)
    before = values(talk.state.draft)
    seen = _chosen(talk, talk.said(fill(template, f=noun, v=NEW[of][0], w=TYPED[of])), of)
    if seen.asked == of and kind == "change_cmd":
        seen = talk.said(NEW[of][0])
    return _judged(talk, seen, before, at, of, template)


def by_button(at: str, of: str) -> Correction:
    """[Change that] of its acknowledgement, however long ago, then the new value."""
    talk = talk_at(at)
    before = values(talk.state.draft)
    draft = talk.state.draft
    choice = Choice("order", "change", of, draft.number if draft else 0)
    seen = talk.tapped(Button("Change that", choice))
    if seen.asked == of:
        seen = talk.said(NEW[of][0])
    return _judged(talk, seen, before, at, of, "button")


def by_editing(at: str, of: str) -> Correction:
    """The message that gave it is edited; the bot may ask whether it is meant so."""
    talk = talk_at(at)
    before = values(talk.state.draft)
    if TYPED[of] not in talk._said:
        return Correction(at, of, "edit", "the message is unknown", ())
    seen = talk.edited(TYPED[of], NEW[of][0])
    return _judged(talk, seen, before, at, of, "edit")


def _chosen(talk: Talk, seen: Seen, of: str) -> Seen:
    """ "Which one?": the button of the one that is meant."""
    if seen.asked:
        return seen
    for button in seen.buttons:
        if button.choice.verb == "order" and button.choice.value == of:
            return talk.tapped(button)
    return seen


def _judged(
    talk: Talk, seen: Seen, before: dict[str, str], at: str, of: str, way: str
) -> Correction:
    yes = seen.button("confirm", "", "yes")
    if yes is not None:
        seen = talk.tapped(yes)
    for path in DEPENDS.get(of, ()):  # asked anew in the other country's light: the same again
        if seen.asked == path and path in before and at != path:
            seen = talk.said(TYPED[path])
    after = values(talk.state.draft)
    wanted = NEW[of][1] or NEW[of][0]
    may = {of, *DEPENDS.get(of, ())}
    others = [p for p in {**before, **after} if before.get(p) != after.get(p) and p not in may]
    trouble = ""
    stands = after.get(of, "").removeprefix("https://").rstrip("/")
    if others:
        trouble = f"changed too: {[(p, before.get(p), after.get(p)) for p in others]}"
    elif stands != wanted:
        trouble = f"{after.get(of)!r} stands at {of}"
    elif seen.asked != at and not (at == "summary" and seen.button("order", "submit")):
        trouble = f"then {seen.asked or 'nothing'} is asked"
    return Correction(at, of, way, trouble, tuple(talk.lines))


assert set(NEW) <= set(TYPED), "what is corrected was typed"
assert set(VALUES) <= set(TYPED)
