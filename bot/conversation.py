"""One turn: an event in, its effects out, all or nothing.

``take_turn`` runs inside the store's transaction: seen before? load the state, step, write every
act as rows, save. It touches no network and no clock of its own. Where the step needs the library
it raises ``NeedsLibrary``, which takes the whole turn back; the door (``door.py``) then searches
off the writer's thread and takes the turn again with what was found. The event is stored with it,
so a conversation replays without the library.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from pydantic import ValidationError

from bot.audit import APPLICANT, PROGRAM, note
from bot.audit import Action as Noted
from bot.audit import conversation as conversation_subject
from bot.cards import pass_on
from bot.duplicates import put_marks, word_lists
from bot.handoff import hand_on
from bot.home import Published, publish_home
from bot.house import House, post_to
from bot.keyboard import with_keyboard
from bot.messages import Outgoing, Receipt
from bot.review_cards import record_card, resubmitted_card, withdrawn_card
from bot.reviews import Moved, carry_out
from bot.store import Transaction
from bot.store.rows import KEYBOARD, QUESTION, ConversationRow, OutboxRow
from bot.tallying import EVENTS, caught_up, tallied
from dialogs.acts import (
    Act,
    Ask,
    Cite,
    Escalate,
    Forget,
    LookUp,
    Remind,
    Resubmit,
    Say,
    Submit,
    Withdraw,
)
from dialogs.events import Decided, Erased, Event, Finding, Ticked
from dialogs.form import Place
from dialogs.funnel import Count, counted
from dialogs.languages import first_state
from dialogs.machine import step
from dialogs.reading import WAITS_FOR_TEXT
from dialogs.review import Action
from dialogs.state import State, open_place

_ERASED_BY: dict[type[Event], str] = {Erased: "staff", Ticked: "retention"}
"""as a tombstone says it; everything else is the applicant's own wish"""

Done = tuple[Noted, str, Sequence[str], str | None]
"""for the record: action, subject, fields and what was written"""


class NeedsLibrary(Exception):
    """The step cannot go on before the library was asked."""

    def __init__(self, look_up: LookUp, language: str, *, for_staff: bool = False) -> None:
        super().__init__("the library is needed")
        self.look_up = look_up
        self.language = language
        self.for_staff = for_staff
        """what is found is for the card of a question, and not for the step"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a committed turn leaves to be done outside the transaction."""

    receipt: Receipt
    rows: tuple[OutboxRow, ...] = ()
    forgot: bool = False
    """something was erased: shrink the store"""
    superseded: tuple[str, str, Mapping[int, str | None]] | None = None
    """(channel, chat, what became of its waiting rows: as ``Transaction.supersede`` says)"""
    others: tuple[Taken, ...] = ()
    """turns of other conversations in the same transaction, and the home pages that have changed"""
    counts: tuple[Count, ...] = ()
    """what it added to the funnel"""


class States:
    """Parsed states, by the very text that they were parsed from: never stale, whoever wrote it."""

    def __init__(self, most: int = 2048) -> None:
        self._most = most
        self._states: OrderedDict[int, tuple[str, State]] = OrderedDict()

    def parse(self, row: ConversationRow) -> State:
        kept = self._states.get(row.id)
        if kept is not None and kept[0] == row.state:
            return kept[1]
        return State.from_json(row.state)

    def read(self, row: ConversationRow) -> State | None:
        """The same; None where it is empty, or cannot be read."""
        try:
            return self.parse(row) if row.state else None
        except ValidationError:
            return None

    def keep(self, id: int, text: str, state: State) -> None:
        self._states[id] = (text, state)
        self._states.move_to_end(id)
        if len(self._states) > self._most:
            self._states.popitem(last=False)

    def drop(self, id: int) -> None:
        self._states.pop(id, None)


def take_turn(
    house: House,
    states: States,
    tx: Transaction,
    row: ConversationRow,
    event: Event,
    key: str,
    platform_at: str,
    at: str,
    hint: str = "",
    matching: Finding | None = None,
) -> Taken:
    """Take one event of a conversation inside the transaction ``tx``. ``hint``: the language that
    the platform names, for a conversation that begins. ``matching``: what the library holds for
    the question that the turn passes to staff, once it was asked."""
    body = EVENTS.dump_json(event).decode()
    number = tx.add_event(key, row.id, body, platform_at, at)
    if number is None:
        return Taken(Receipt(duplicate=True))
    before = _before(house, states, tx, row, hint, number)
    state, acts = step(house.script, before, event)
    rows: list[OutboxRow] = []
    done: list[Done] = []
    forgot = False
    for act in acts:
        match act:
            case Say() | Ask():
                pass  # all that is said becomes one message, below
            case Cite(found):
                language = found.language or state.language
                tx.told.add(
                    row.id,
                    found.article,
                    language,
                    found.version,
                    found.substance,
                    event.at,
                    number,
                )
            case LookUp():
                raise NeedsLibrary(act, act.language or before.language)
            case Escalate():
                if matching is None and _matchable(house, act):
                    raise NeedsLibrary(LookUp(act.text), state.language, for_staff=True)
                id = tx.add_escalation(row.id, act.kind, act.text, act.path, act.reference, at)
                rows += pass_on(house, tx, row, id, act, state, at, matching)
            case Submit() | Resubmit() | Withdraw():
                rows += _with_record(house, tx, row, act, state, number, at)
                done.append(_sent(act))
            case Remind():
                tx.remind(row.id, act.kind, act.at)
            case Forget():
                done += _forget(tx, row.id, act, event, at)
                states.drop(row.id)
                rows, forgot = [], True
            case _:
                assert_never(act)
    if isinstance(event, Decided):
        rows += _decided(house, tx, event, number, at)
    outgoing, moved_on = _message(house, row, before, state, acts)
    superseded = None
    if outgoing is not None:
        posted = post_to(house, tx, row, outgoing, at, number)
        rows = [*posted, *rows]
        if posted and (outgoing.prompt or moved_on) and not forgot:
            most = KEYBOARD if moved_on else QUESTION
            if changed := tx.supersede(row, posted[0].id, most=most):
                superseded = (row.channel, row.chat, changed)
    counts = counted(house.script, before, state, acts, event)
    tx.tallies.add(tallied(counts, state, row.channel))
    _save(states, tx, row.id, state, at)
    pages = home_of(house, tx, row, state, at)
    _put_on_record(tx, done, event, at)  # last: see bot/store/audit.py
    return Taken(Receipt(), tuple(rows), forgot, superseded, pages, counts)


def _message(
    house: House, row: ConversationRow, before: State, state: State, acts: Sequence[Act]
) -> tuple[Outgoing | None, bool]:
    """(what is said, whether another question than before stands open)"""
    place, place_before = open_place(house.script, state), open_place(house.script, before)
    outgoing = house.renderer.message(state.language, acts, free=_takes_text(state, place))
    if row.channel in house.shares:
        outgoing = with_keyboard(house.renderer, outgoing, (before, place_before), (state, place))
    moved_on = place_before is not None and (place is None or place.path != place_before.path)
    return outgoing, moved_on


def home_of(
    house: House, tx: Transaction, row: ConversationRow, state: State, at: str
) -> tuple[Taken, ...]:
    """What the turn has changed on the person's home page."""
    page = publish_home(house, tx, row.channel, row.person, state, at, conversation=row.id)
    return taken_home(page)


def taken_home(page: Published | None) -> tuple[Taken, ...]:
    if page is None:
        return ()
    changed = (page.row.channel, page.chat, page.superseded) if page.superseded else None
    return (Taken(Receipt(), (page.row,), superseded=changed),)


def _save(states: States, tx: Transaction, id: int, state: State, at: str) -> None:
    text = state.to_json()
    tx.save_state(id, text, at)
    states.keep(id, text, state)


def _matchable(house: House, act: Escalate) -> bool:
    """Staff read it, and an article may answer it."""
    return house.staff is not None and act.kind != "change" and bool(act.text.strip())


def _before(
    house: House, states: States, tx: Transaction, row: ConversationRow, hint: str, event: int
) -> State:
    if not row.state:
        return first_state(house.script.wording, hint)
    state = states.parse(row)
    # What has a stand is counted, whenever it began.
    return state if state.stand is not None else caught_up(house.script, tx, row, state, event)


def _with_record(
    house: House,
    tx: Transaction,
    row: ConversationRow,
    act: Submit | Resubmit | Withdraw,
    state: State,
    event: int,
    at: str,
) -> list[OutboxRow]:
    """What the applicant does with an application; the card that tells staff of it, and what goes
    on beyond the chat."""
    words = word_lists(house.script.wording)
    match act:
        case Submit():
            record = json.dumps(act.record, ensure_ascii=False)
            tx.add_record(act.reference, row.id, act.number, record, at)
            put_marks(tx, words, act.reference, row.id, act.record)
            sent = tx.reviews.get(act.reference)
            assert sent is not None  # its record was added above
            card = record_card(house, tx, row, state, sent, at)
            return card + hand_on(house, tx, "submitted", act.reference, event, at)
        case Resubmit():
            moved = _moved(tx, act.reference, "resubmit", at)
            record = json.dumps(act.record, ensure_ascii=False)
            tx.reviews.add_version(moved.before, record, at)
            put_marks(tx, words, act.reference, row.id, act.record)
            card = resubmitted_card(house, tx, row.id, act, state, at)
            version = moved.review.version
            return card + hand_on(house, tx, "resubmitted", act.reference, event, at, version)
        case Withdraw():
            version = _moved(tx, act.reference, "withdraw", at).review.version
            card = withdrawn_card(house, tx, row.id, act.reference, at)
            return card + hand_on(house, tx, "withdrawn", act.reference, event, at, version)


def _decided(
    house: House, tx: Transaction, event: Decided, number: int, at: str
) -> list[OutboxRow]:
    """Staff have decided; what goes on beyond the chat."""
    row = tx.reviews.get(event.reference)
    version = row.version if row is not None else 1
    return hand_on(house, tx, event.verdict, event.reference, number, at, version)


def _moved(tx: Transaction, reference: str, action: Action, at: str) -> Moved:
    """What the applicant did with a sent application. Raises RuntimeError where the table denies
    it: their state, which has offered it, and the review would be at odds."""
    done = carry_out(tx, reference, action, "", at)
    if not isinstance(done, Moved):
        reason = done.reason if done is not None else "unknown"
        raise RuntimeError(f"{action} of {reference}: {reason}")
    return done


def _sent(act: Submit | Resubmit | Withdraw) -> Done:
    match act:
        case Submit():
            return "submitted", act.reference, (), json.dumps(act.record, ensure_ascii=False)
        case Resubmit():
            record = json.dumps(act.record, ensure_ascii=False)
            return "resubmitted", act.reference, [one.path for one in act.asked], record
        case Withdraw():
            return "withdrew", act.reference, (), None


def _put_on_record(tx: Transaction, done: Sequence[Done], event: Event, at: str) -> None:
    for action, subject, fields, value in done:
        note(tx, at, _actor(event), action, subject, fields, value)


def _actor(event: Event) -> str:
    """Whose act the turn was, for the record."""
    match event:
        case Erased(by=by):
            return by or "cli:?"
        case Ticked():
            return PROGRAM
        case _:
            return APPLICANT


def _forget(tx: Transaction, conversation: int, act: Forget, event: Event, at: str) -> list[Done]:
    by = _ERASED_BY.get(type(event), "applicant")
    whole = conversation_subject(conversation)
    if act.since:
        tx.forget_since(conversation, act.since, by, at)
        return [("erased", whole, ("unfinished",), None)]
    gone = tx.forget(conversation, act.references, by, at)
    return [("erased", reference, (), None) for reference in gone or (whole,)]


def _takes_text(state: State, place: Place | None) -> bool:
    if state.pending is not None:
        return state.pending.kind in WAITS_FOR_TEXT
    return place is not None and place.question.reader.free
