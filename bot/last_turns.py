"""The last lines of a conversation, for whoever of staff reads a question: what the person wrote
and what the bot said, each in a line.

What may be private is not shown, and that is decided by what is known to be none: a question of
theirs, an answer to a field that is not private, anything of somebody who has told nothing yet. In
these, too, an e-mail address, a phone number, or what stands in a private field hides the line.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence

from pydantic import TypeAdapter, ValidationError

from bot.house import House
from bot.store import Transaction
from bot.store.rows import ConversationRow
from dialogs.acts import Say
from dialogs.events import Edited, Event, Picked, Said, StaffReplied
from dialogs.offers import brief
from dialogs.pieces_shapes import shapes_of
from dialogs.slots import Answered, Draft, Kept
from dialogs.state import State

TURNS = 3
"""turns that are shown"""
LONGEST = 100
"""characters of a line"""
TELLING = 4
"""characters from which a private value is looked for in other lines"""

_EVENTS: TypeAdapter[Event] = TypeAdapter(Event)


def last_turns(
    house: House, tx: Transaction, row: ConversationRow, state: State, before: str
) -> tuple[Say, ...]:
    """The turns before that time, the oldest first; two lines each at most."""
    known = _Known(house, state)
    lines: list[Say] = []
    for id, body in reversed(tx.desk.before(row.id, before, TURNS)):
        try:
            event = _EVENTS.validate_json(body)
        except ValidationError:  # of an earlier version of the program
            continue
        lines += _theirs(known, event)
        if said := _said(row.channel, tx.desk.said_in(row.id, id)):
            hidden = known.hides(said)
            lines.append(Say("desk.turn_hidden_bot" if hidden else "desk.turn_bot", {"text": said}))
    return tuple(lines)


class _Known:
    """What is known of the person, and so what may be shown of their words."""

    def __init__(self, house: House, state: State) -> None:
        self._free: set[str] = set()
        self._private: set[str] = set()
        self._values: set[str] = {state.held.casefold()} if state.held else set()
        drafts = [*state.aside, *(submission.draft for submission in state.submissions)]
        drafts += [state.draft] if state.draft is not None else []
        self._blank = not drafts and not state.held
        for draft in drafts:
            self._note(house, draft)

    def _note(self, house: House, draft: Draft) -> None:
        for path, slot in draft.slots.items():
            if not isinstance(slot, Answered | Kept):
                continue
            place = house.script.form.place(draft, path)
            if place is not None and not place.question.private:
                self._free.update(slot.messages)
                continue
            self._private.update(slot.messages)
            values = (slot.typed, slot.value) if isinstance(slot, Answered) else (slot.typed,)
            self._values.update(v.casefold() for v in values if len(v) >= TELLING)

    def hides(self, text: str) -> bool:
        folded = text.casefold()
        return bool(shapes_of(text)) or any(value in folded for value in self._values)

    def shows(self, event: Said | Edited) -> bool:
        medium = event.medium if isinstance(event, Said) else "text"
        if medium != "text" or event.message in self._private or self.hides(event.text):
            return False
        return self._blank or event.message in self._free or event.found is not None


def _theirs(known: _Known, event: Event) -> Iterator[Say]:
    match event:
        case Said() | Edited() if known.shows(event):
            yield Say("desk.turn_applicant", {"text": brief(event.text, LONGEST)})
        case Said() | Edited():
            yield Say("desk.turn_hidden")
        case Picked():
            yield Say("desk.turn_button")
        case StaffReplied():
            yield Say("desk.turn_staff", {"text": brief(event.text, LONGEST)})
        case _:
            return


def _said(channel: str, bodies: Sequence[str]) -> str:
    """The last line of what was sent in a turn: the question that stood there then."""
    lines: list[str] = []
    for body in bodies:
        text = json.loads(body).get("plain", {}).get("text", "")
        lines += [line for line in str(text).splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    return brief(html.unescape(last) if channel == "slack" else last, LONGEST)
