"""Counting: a turn's counts as rows, and what was before there were counts, made up once.

A conversation that began before the counts is counted when its next turn comes, or in the
background, whichever is first (``Tallies.claim``): its stored events are stepped through again.
Where that does not lead to the draft and the applications that are stored (the form has changed
since, say), these are counted by their slots alone: how far they came, but no refusals and times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from pydantic import TypeAdapter, ValidationError

from bot.house import utc_now
from bot.store import Store, Transaction
from bot.store.rows import ConversationRow, TallyRow
from dialogs.acts import LookUp
from dialogs.events import Event, Ticked
from dialogs.funnel import Count, counted, outcome, stand_of, steps
from dialogs.languages import first_state
from dialogs.machine import step
from dialogs.slots import Draft
from dialogs.state import Script, State, application

BATCH = 200
"""conversations looked up at a time"""

ALL = 2**62
"""more than any event's id"""

EVENTS: TypeAdapter[Event] = TypeAdapter(Event)


def tallied(counts: Iterable[Count], state: State, channel: str) -> Iterator[TallyRow]:
    """As rows, in the language that is spoken."""
    for count in counts:
        yield TallyRow(*count, state.language, channel)


async def count_earlier(
    script: Script, store: Store, done: Callable[[int], None] = lambda _: None
) -> None:
    """Count every conversation that is still to be counted, each in a transaction of its own.
    ``done`` hears how many are."""
    count = 0
    while ids := await store.run(lambda tx: tx.tallies.untallied(BATCH)):
        for id in ids:
            await store.run(partial(_catch_up, script, id))
            count += 1
            done(count)


def _catch_up(script: Script, conversation: int, tx: Transaction) -> bool:
    """Count a conversation's earlier turns, if nobody has."""
    row = tx.conversation(conversation)
    if row is None or not row.state:
        return tx.tallies.claim(conversation)
    try:
        state = State.from_json(row.state)
    except ValidationError:  # its next turn will fail and be seen; here it only goes uncounted
        return tx.tallies.claim(conversation)
    counted_up = caught_up(script, tx, row, state)
    if counted_up != state:
        tx.save_state(row.id, counted_up.to_json(), utc_now())
    return True


def caught_up(
    script: Script, tx: Transaction, row: ConversationRow, state: State, before: int = ALL
) -> State:
    """The state with its stand, and everything that led to it counted, if that was still to be
    done. ``before``: the event that is being taken now, which comes after it."""
    if not tx.tallies.claim(row.id):
        return state
    bodies = tx.tallies.taken(row.id, before)
    counts, stand = _replayed(script, bodies, state) or _by_slots(script, state)
    rows = Counter(tallied(counts, state, row.channel))
    tx.tallies.add(one._replace(times=times) for one, times in rows.items())
    return stand


def _replayed(
    script: Script, bodies: Iterable[str], stored: State
) -> tuple[list[Count], State] | None:
    """None where the events do not lead to what is stored."""
    # The platform's hint is not among the events; the language that came of it is.
    state = first_state(script.wording, stored.language)
    counts: list[Count] = []
    try:
        for body in bodies:
            event = EVENTS.validate_json(body)
            after, acts = step(script, state, event)
            if any(isinstance(act, LookUp) for act in acts):
                return None
            counts += counted(script, state, after, acts, event)
            state = after
    except Exception:  # whatever today's program cannot take of yesterday's events
        return None
    led_to, is_there = ((one.draft, one.aside, one.submissions) for one in (state, stored))
    if led_to != is_there:
        return None
    return counts, replace(stored, stand=state.stand)


def _by_slots(script: Script, state: State) -> tuple[list[Count], State]:
    counts: list[Count] = []
    for submission in state.submissions:
        counts += _past(script, submission.draft, submission.at[:10], len(steps(script.form)))
        if submission.status == "withdrawn":
            counts.append(Count(submission.changed_at[:10], "", "withdrawn"))
    draft = application(state)
    if draft is None:
        return counts, state
    at = state.watch.last_at if state.watch is not None else "1970-01-01T00:00:00.000Z"
    stand = stand_of(script, state, state, Ticked("", at, ""))
    assert stand is not None  # it has a draft
    reached = steps(script.form).index(stand.front)
    counts += _past(script, draft, stand.begun, reached)
    return counts, replace(state, stand=stand)


def _past(script: Script, draft: Draft, day: str, reached: int) -> Iterator[Count]:
    for name in steps(script.form)[:reached]:
        yield Count(day, name, outcome(script.form, draft, name))
