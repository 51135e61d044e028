"""Answering questions: who answers, what, and whom it reaches.

One function for every way in which staff answer (a reply, a form, a tap, a command). In one
transaction: nothing that another has taken is answered, each question is answered once, and each
person hears it in a turn of their conversation, under what they asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.audit import note, question
from bot.cards import anothers, holder, hour, renew, waits
from bot.conversation import States, Taken, take_turn
from bot.house import House
from bot.likeness import answer_each, personal, state_of
from bot.lookup import found
from bot.store import Transaction
from bot.store.desk import CardRow
from bot.store.rows import EscalationRow, OutboxRow
from dialogs.acts import Mention, Value
from dialogs.events import StaffReplied

COMMAND_LINE = "cli"
"""the channel of ``frontdesk answer``: whoever may run it on the machine is staff, and is not held
up by what somebody has taken"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one of staff says to some questions."""

    text: str
    by: Mention
    key: str
    """of the arrival: no second one brings anything"""
    at: str
    """by the platform"""
    article: str = ""
    """an article that is sent with its source, each person's in their language; ``text`` is then
    what is kept of it"""

    @property
    def by_command(self) -> bool:
        return self.by.person.startswith(f"{COMMAND_LINE}:")


@dataclass(frozen=True, slots=True)
class Answered:
    """``said``: the entry of the words that tells staff what became of it."""

    said: str
    values: Mapping[str, Value] = field(default_factory=dict)
    ids: tuple[int, ...] = ()
    """what was answered"""
    taken: tuple[Taken, ...] = ()
    """turns of those who asked"""
    rows: tuple[OutboxRow, ...] = ()
    """the cards, as they are now"""


def on_card(tx: Transaction, id: int) -> tuple[int, ...]:
    """What an answer to this question's card answers: all of it that waits."""
    return tuple(one for one in tx.desk.on_card(id) if waits(tx, one)) or (id,)


def give(
    house: House,
    states: States,
    tx: Transaction,
    ids: Sequence[int],
    answer: Answer,
    now: str,
) -> Answered:
    """Answer these questions, but for those that another has taken."""
    wanted = tuple(dict.fromkeys(ids))
    tx.desk.hold(*wanted)
    held = {id: desk for id in wanted if (desk := _held(tx, id, answer, now)) is not None}
    if len(held) == len(wanted):
        desk = held[wanted[0]]
        return Answered("desk.held", {"who": holder(desk), "until": hour(desk.claimed_until)})
    if words := personal(tx, wanted, answer.text):
        return Answered("desk.personal", {"words": words})
    free = [id for id in wanted if id not in held]
    answered, late = answer_each(tx, free, answer.text, answer.by.person.partition(":")[2], now)
    if not answered:
        return Answered("desk.late")
    skipped = sorted({*late, *held})
    people = {one.conversation for one in answered}
    turns = [_told(house, states, tx, asked, answer, now) for asked in _by_turn(answered)]
    for one in answered:  # after the turns: what is put on the record comes last
        note(tx, now, answer.by.person, "answered", question(one.id), value=answer.text)
    heads = dict.fromkeys(_head(tx, one.id) for one in answered)
    rows = [row for head in heads for row in renew(house, tx, head, now)]
    values: dict[str, Value] = {
        "number": str(len(people)),
        "skipped": ", ".join(map(str, skipped)),
    }
    said = "desk.sent" if len(people) == 1 else "desk.sent_to_several"
    ids = tuple(one.id for one in answered)
    return Answered("desk.sent_but" if skipped else said, values, ids, tuple(turns), tuple(rows))


def _told(
    house: House,
    states: States,
    tx: Transaction,
    asked: Sequence[EscalationRow],
    answer: Answer,
    now: str,
) -> Taken:
    """The turn in which one person hears the answer to what they asked."""
    question = "\n".join(one.question for one in asked if one.question)
    path = next((one.path for one in asked if one.path), "")
    event = StaffReplied(asked[0].id, question, answer.text, now, house.token(), path)
    if answer.article:
        state = state_of(tx, asked[0])
        article = house.library.get(answer.article, state.language if state else "en")
        if article is not None:
            event = replace(event, cited=found(house.library, article, 1.0))
    key = f"{answer.key}:to:{asked[0].id}"
    row = tx.conversation(asked[0].conversation)
    assert row is not None  # conversations are never removed
    taken = take_turn(house, states, tx, row, event, key, answer.at, now)
    place = (row.channel, row.chat)
    bring = [r.id for r in taken.rows if (r.channel, r.chat) == place and r.lasts]
    for one in asked:
        tx.desk.answered(one.id, answer.by.name, answer.article, max(bring, default=0))
    return taken


def _by_turn(answered: Sequence[EscalationRow]) -> list[list[EscalationRow]]:
    """What each person hears the answer to, in one message; in one more for each further field that
    waits for staff, since a turn opens one again."""
    paths: dict[int, str] = {}
    for one in answered:
        paths[one.conversation] = paths.get(one.conversation) or one.path
    turns: dict[tuple[int, str], list[EscalationRow]] = {}
    for one in answered:
        path = one.path or paths[one.conversation]
        turns.setdefault((one.conversation, path), []).append(one)
    return list(turns.values())


def _held(tx: Transaction, id: int, answer: Answer, now: str) -> CardRow | None:
    """The card of the question, where it waits and another than who answers has taken it."""
    head = tx.desk.card(_head(tx, id))
    if head is None or answer.by_command or not waits(tx, id):
        return None
    return head if anothers(head, answer.by.person, now) else None


def _head(tx: Transaction, id: int) -> int:
    desk = tx.desk.card(id)
    return desk.head if desk is not None else id
