"""One plain application, typed from end to end, to stop at any question and try something there."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache

from dialogs.slots import Answered, Draft
from dialogs.state import State
from tests.applicants.talk import Seen, Talk

TYPED = {
    "self_check.operating": "yes",
    "self_check.audited": "yes",
    "self_check.credit": "yes",
    "self_check.promote": "yes",
    "self_check.walk_in": "yes",
    "self_check.reception": "yes",
    "self_check.workshop": "yes",
    "self_check.commercial": "yes",
    "self_check.technicians": "yes",
    "consent": "I agree",
    "kind": "service business",
    "legal_name": "Harbour Lane Devices Ltd",
    "dba": "Harbour Lane",
    "owners.1.name": "Moira Quill",
    "owners.more": "no",
    "locations.1.country": "United Kingdom",
    "locations.1.address": "8 Harbour Lane, Whitby YO21 3PU",
    "locations.1.phone": "01947 602 118",
    "locations.more": "no",
    "email": "desk@harbourlane-devices.co.uk",
    "website": "harbourlane-devices.co.uk",
    "experience": "Phones and tablets since 2012, four people.",
    "truth": "yes",
}
"""path -> what is typed there; nobody's business"""
VALUES = {
    **{path: "yes" for path, text in TYPED.items() if text in ("yes", "I agree")},
    "kind": "service_business",
    "locations.1.country": "GB",
    "locations.1.phone": "+441947602118",
}
"""where the normalised value is not what is typed"""
ASKED = tuple(TYPED)


@cache
def _stops(language: str) -> Mapping[str, Talk]:
    talk = Talk(state=State(language=language))
    seen = talk.said("apply")
    stops: dict[str, Talk] = {}
    while not seen.reference:
        if seen.asked:
            stops[seen.asked] = _copied(talk)
            text = TYPED[seen.asked]
            # A repeat is closed by its button, whose words differ from language to language.
            button = seen.button("answer", seen.asked, VALUES.get(seen.asked, text))
            typed = language == "en" and not seen.asked.endswith(".more")
            seen = talk.said(text) if typed or button is None else talk.tapped(button)
        else:
            submit = seen.button("order", "submit")
            assert submit is not None, seen.text
            stops["summary"] = _copied(talk)
            seen = talk.tapped(submit)
    return stops


def talk_at(path: str, language: str = "en") -> Talk:
    """A conversation in which this question was just put; ``summary``: all is answered."""
    return _copied(_stops(language)[path])


def _copied(talk: Talk) -> Talk:
    copied = copy.copy(talk)
    copied.lines, copied._said = [], dict(talk._said)
    copied._due = dict(talk._due)
    return copied


def values(draft: Draft | None) -> dict[str, str]:
    """path -> what stands there, in one string; with the items and what is closed."""
    if draft is None:
        return {}
    found = {
        path: slot.value if isinstance(slot, Answered) else repr(slot)
        for path, slot in draft.slots.items()
    }
    return {**found, "items": repr(draft.items), "closed": repr(sorted(draft.closed))}


def answer(talk: Talk, path: str) -> Seen:
    """Give the plain answer there, as somebody would who was just asked something else."""
    seen = talk._last
    no = seen.button("confirm", "", "no")
    if no is not None:
        seen = talk.tapped(no)
    put = bool(seen.asked)
    seen = talk.said(TYPED[path])
    if not put and seen.asked == path:  # "yes" to what? It asked something of its own before
        seen = talk.said(TYPED[path])
    return seen
