"""What staff do with a sent application: claim it, let it go, ask about answers, decide.

Each function is one transaction's work: the review moves by the table, what was done is kept, and
the applicant hears of it in a turn of their conversation, all or nothing. It gives back how the
application stands then, or who was there first. Whoever calls (a command, a button) has made sure
that it is one of staff, and says by which name; ``actor`` is who that is for the record
(``slack:U1``), where it is not somebody at the command line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.audit import Action as Noted
from bot.audit import note
from bot.conversation import States, Taken, take_turn
from bot.house import House
from bot.reach import reachable
from bot.reviews import Moved, carry_out, review_of
from bot.store import Transaction
from bot.store.rows import IMPORTED, ConversationRow
from dialogs.amendment import askable
from dialogs.events import Decided, Event, InfoRequested
from dialogs.review import Action, Denied, Review, holder_of
from dialogs.slots import Asked
from dialogs.state import State, submission

Verdict = Literal["approved", "declined"]
ACTIONS: dict[Verdict, Action] = {"approved": "approve", "declined": "decline"}

NAME, REASON, MESSAGE = 80, 300, 2000
"""characters at most"""


class ReviewError(Exception):
    """What is wrong with what was asked for; the text says what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of it."""

    review: Review | None
    """as it stands now, done or denied; None: there is no such application"""
    denied: Denied | None = None
    """why nothing was done, and who was first"""
    taken: Taken | None = None
    """the applicant's turn, where they are told"""
    reached: bool = True
    """False: the latest message to the applicant was refused, since they are gone"""


def claim(house: House, tx: Transaction, reference: str, by: str, *, actor: str = "") -> Reviewed:
    """Take it up: nobody else acts on it until the claim ends. Who has it holds it for longer by
    that, which is no act of its own on the record."""
    return _only(tx, reference, "claim", by, house.now(), actor, "claimed")


def release(house: House, tx: Transaction, reference: str, by: str, *, actor: str = "") -> Reviewed:
    """Let it go before the claim ends."""
    return _only(tx, reference, "release", by, house.now(), actor, "released")


def request(
    house: House,
    states: States,
    tx: Transaction,
    reference: str,
    by: str,
    asked: Sequence[Asked],
    *,
    actor: str = "",
) -> Reviewed:
    """Ask the applicant about these answers, and nothing else. An earlier request that is not
    answered yet is replaced. Raises ReviewError for a path that cannot be asked about, one that
    comes twice, and a reason that is missing or too long."""
    at = house.now()
    moved = _moved(tx, reference, "request", by, at)
    if isinstance(moved, Reviewed):
        return moved
    person, state = _applicant(states, tx, moved)
    wanted = _checked(house, state, reference, asked)
    body = json.dumps([[one.path, one.reason] for one in wanted], ensure_ascii=False)
    id = tx.reviews.add_request(moved.before, body, by, at)
    event = InfoRequested(reference, wanted, at, house.token())
    done = _told(house, states, tx, person, moved, event, f"request:{id}")
    note(tx, at, actor or _at_the_machine(by), "asked", reference, [w.path for w in wanted], body)
    return done


def decide(
    house: House,
    states: States,
    tx: Transaction,
    reference: str,
    by: str,
    verdict: Verdict,
    message: str | None = None,
    *,
    actor: str = "",
) -> Reviewed:
    """Approve or decline. ``message``: what the applicant reads under the decision; None: what the
    words have for it; empty: nothing. Raises ReviewError where it is too long."""
    at = house.now()
    if message is not None and len(message) > MESSAGE:
        raise ReviewError(f"The message is too long: at most {MESSAGE} characters.")
    moved = _moved(tx, reference, ACTIONS[verdict], by, at)
    if isinstance(moved, Reviewed):
        return moved
    person, state = _applicant(states, tx, moved)
    text = message.strip() if message is not None else None
    read = text
    if read is None:
        read = house.renderer.text(state.language, f"decision.{verdict}_message")
    tx.reviews.add_decision(moved.before, verdict, read, by, at)
    event = Decided(reference, verdict, text, at, house.token())
    done = _told(house, states, tx, person, moved, event, f"decision:{reference}")
    note(tx, at, actor or _at_the_machine(by), verdict, reference, value=read)
    return done


def _only(
    tx: Transaction, reference: str, action: Action, by: str, at: str, actor: str, noted: Noted
) -> Reviewed:
    moved = _moved(tx, reference, action, by, at)
    if isinstance(moved, Reviewed):
        return moved
    held = holder_of(review_of(moved.before), at)
    if noted != "claimed" or held is None:
        note(tx, at, actor or _at_the_machine(by), noted, reference)
    return Reviewed(moved.review)


def _at_the_machine(by: str) -> str:
    return f"cli:{by}"


def _moved(tx: Transaction, reference: str, action: Action, by: str, at: str) -> Moved | Reviewed:
    if not by.strip() or len(by) > NAME or not by.isprintable():
        raise ReviewError(f"A reviewer has a name, in one line of at most {NAME} characters.")
    moved = carry_out(tx, reference, action, by, at)
    if isinstance(moved, Denied):
        row = tx.reviews.get(reference)
        return Reviewed(review_of(row) if row is not None else None, moved)
    return Reviewed(None) if moved is None else moved


def _applicant(states: States, tx: Transaction, moved: Moved) -> tuple[ConversationRow, State]:
    """Whose application it is, and where their conversation stands."""
    reference, row = (
        moved.before.record.reference,
        tx.conversation(moved.before.record.conversation),
    )
    if row is not None and row.channel == IMPORTED:
        raise ReviewError(
            f"{reference} was imported: there is nobody here who could be told. "
            "Decide on it where it was handed in."
        )
    state = states.read(row) if row is not None else None
    if row is None or state is None or submission(state, reference) is None:
        raise ReviewError(
            f"The conversation of {reference} cannot be read, so its applicant cannot be told. "
            "It was written by a newer version of the program, or is damaged."
        )
    return row, state


def _checked(
    house: House, state: State, reference: str, asked: Sequence[Asked]
) -> tuple[Asked, ...]:
    """In the order of the form."""
    sent = submission(state, reference)
    assert sent is not None  # _applicant has looked
    may_ask = askable(house.script.form, sent.draft)
    paths = [one.path for one in asked]
    if not asked:
        raise ReviewError("Name at least one field to ask about, with the reason.")
    for one in asked:
        if one.path not in may_ask:
            raise ReviewError(f"{one.path} is no field of {reference}: {', '.join(may_ask)}")
        if paths.count(one.path) > 1:
            raise ReviewError(f"{one.path} is named twice: give it one reason.")
        if not one.reason.strip():
            raise ReviewError(f"{one.path} needs a reason: the applicant reads it.")
        if len(one.reason) > REASON:
            raise ReviewError(
                f"The reason for {one.path} is too long: at most {REASON} characters."
            )
    given = {one.path: replace(one, reason=" ".join(one.reason.split())) for one in asked}
    return tuple(given[path] for path in may_ask if path in given)


def _told(
    house: House,
    states: States,
    tx: Transaction,
    person: ConversationRow,
    moved: Moved,
    event: Event,
    key: str,
) -> Reviewed:
    reached = reachable(tx, person.id)
    taken = take_turn(house, states, tx, person, event, key, "", event.at)
    return Reviewed(moved.review, taken=taken, reached=reached)
