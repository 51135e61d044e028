"""Staff in a transcript: what they do with the application that they have of a person."""

from __future__ import annotations

from bot.conversation import States
from bot.door import Door
from bot.house import House
from bot.reviewing import Reviewed, claim, decide, request
from bot.store import Store, Transaction
from tests.transcript import Turn


async def reviewed(store: Store, door: Door, person: int, turn: Turn) -> None:
    """The turn's request or decision; a decision is of somebody who has claimed it."""
    rows = await store.read(lambda reports: reports.open_by_conversation(person))
    if not rows:
        raise LookupError(f"line {turn.line}: staff have no application")
    reference, by = rows[-1].reference, turn.under

    def act(house: House, states: States, tx: Transaction) -> Reviewed:
        if turn.kind == "request":
            return request(house, states, tx, reference, by, turn.asked)
        assert claim(house, tx, reference, by).denied is None
        verdict = "approved" if turn.kind == "approve" else "declined"
        return decide(house, states, tx, reference, by, verdict, turn.message)  # type: ignore[arg-type]  # one of the two

    done = await door.review(act)
    assert done.denied is None, done.denied
