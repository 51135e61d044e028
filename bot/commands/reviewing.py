"""``queue``, ``claim``, ``release``, ``request``, ``approve``, ``decline``: what staff do with
applications, at the command line.

Whoever may run a command on the machine is staff; ``--as`` says who.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.audit import note
from bot.channels.terminal_text import harmless
from bot.clock import minute
from bot.commands.common import (
    Failure,
    opened,
    operator,
    print_table,
    read_form,
)
from bot.commands.desk import DELIVERY, beside, unknown_reference
from bot.config import Settings
from bot.conversation import States
from bot.house import House, utc_now
from bot.records import Leaf, leaves, path_of
from bot.review_cards import record_card
from bot.reviewing import Reviewed, ReviewError, Verdict
from bot.reviewing import claim as claim_it
from bot.reviewing import decide as decide_on
from bot.reviewing import release as release_it
from bot.reviewing import request as request_of
from bot.reviews import review_of
from bot.sheet import Words
from bot.store import Reports, Store, Transaction
from bot.store.rows import ReviewRow
from dialogs.amendment import AGAIN
from dialogs.review import Denied, Review, Stage, internal, seen
from dialogs.slots import Asked

UNREACHED = (
    "The applicant cannot be reached: they have blocked the bot or left. They read it when they "
    "come back."
)


async def queue(settings: Settings) -> None:
    words, now = read_form(settings), utc_now()
    async with opened(settings) as store:
        waiting, names = await store.read(_waiting)
        if waiting:
            await store.run(lambda tx: note(tx, now, operator(), "saw", "queue"))
    if not waiting:
        print("No application waits for review.")
        return
    columns = (
        "reference",
        "state",
        "claimed by",
        "waiting since (UTC)",
        "channel",
        "legal name",
        "doubts",
    )
    print_table(columns, [_queued(words, row, now, names) for row in waiting])


def _waiting(reports: Reports) -> tuple[Sequence[ReviewRow], dict[str, str]]:
    """The queue, and what those are called who have claimed something in it."""
    queue = reports.reviews.queue()
    return queue, {row.claimed_by: reports.colleagues.name(row.claimed_by) for row in queue}


def _queued(words: Words, row: ReviewRow, now: str, names: Mapping[str, str]) -> tuple[str, ...]:
    review = seen(review_of(row), now)
    answers = list(leaves(words.form, json.loads(row.record.body)))
    name = next((a.value for a in answers if a.field.name == "legal_name"), "")
    return (
        row.record.reference,
        words.text(internal(review.stage)),
        names[review.claim.by] if review.claim is not None else "",
        minute(review.since),
        row.record.channel,
        name,
        str(sum(answer.doubts for answer in answers)),
    )


async def claim(settings: Settings, reference: str, by: str) -> None:
    reference = named(reference)
    done = await _act(
        settings,
        reference,
        lambda house, _, tx: claim_it(house, tx, reference, by, actor=operator(by)),
    )
    assert done.review is not None and done.review.claim is not None  # noqa: PT018 - just taken
    print(f"{reference} is yours, {by}, until {minute(done.review.claim.until)} UTC.")


async def release(settings: Settings, reference: str, by: str) -> None:
    reference = named(reference)
    await _act(
        settings,
        reference,
        lambda house, _, tx: release_it(house, tx, reference, by, actor=operator(by)),
    )
    print(f"{reference} is free for others again.")


async def request(
    settings: Settings, reference: str, by: str, fields: Sequence[str], reasons: Sequence[str]
) -> None:
    """Ask about fields, the reason of each in the same place of ``reasons``."""
    reference = named(reference)
    if len(fields) != len(reasons):
        raise Failure(
            "Each field needs its reason, in quotes, right after it: "
            f'frontdesk request {reference} --field email "It bounces."'
        )
    words = read_form(settings)
    async with opened(settings) as store:
        row = await store.read(lambda reports: reports.reviews.get(reference))
        if row is None:
            raise await unknown(store, reference)
    paths = paths_of(words, json.loads(row.record.body))
    asked = [Asked(_path(paths, f), r) for f, r in zip(fields, reasons, strict=True)]
    done = await _act(
        settings,
        reference,
        lambda house, states, tx: request_of(
            house, states, tx, reference, by, asked, actor=operator(by)
        ),
    )
    count = "1 answer" if len(asked) == 1 else f"{len(asked)} answers"
    print(f"{reference}: the applicant is asked about {count}. {_delivery(done)}")
    if row.stage == Stage.NEEDS_INFO:
        print("What was asked before is replaced by this.")


async def decide(
    settings: Settings, reference: str, by: str, verdict: Verdict, message: str | None
) -> None:
    reference = named(reference)
    done = await _act(
        settings,
        reference,
        lambda house, states, tx: decide_on(
            house, states, tx, reference, by, verdict, message, actor=operator(by)
        ),
    )
    print(f"{reference} is {verdict}. {_delivery(done)}")


# What is typed


def named(reference: str) -> str:
    return reference.strip().upper()


def paths_of(words: Words, record: Mapping[str, Any]) -> dict[str, str]:
    """As people number them -> the slot's path: ``locations.2.phone`` is the second location's,
    whatever its id."""
    paths: dict[str, str] = {}
    for leaf in leaves(words.form, record):
        if leaf.field.question.stage in AGAIN:
            paths[_name_of(leaf)] = path_of(leaf, record)
    return paths


def _name_of(leaf: Leaf) -> str:
    name, last = leaf.field.name, leaf.field.name.rpartition(".")[2]
    return f"{leaf.field.group}.{leaf.number}.{last}" if leaf.number else name


def _path(paths: Mapping[str, str], field: str) -> str:
    """The slot that is named, whole or by its end where that is enough."""
    wanted = field.strip().lower()
    if wanted in paths:
        return paths[wanted]
    found = [path for name, path in paths.items() if name.endswith(f".{wanted}")]
    if len(found) == 1:
        return found[0]
    trouble = "is not one field but several" if found else "is no field of it"
    raise Failure(f'"{harmless(field)}" {trouble}. What can be asked: {", ".join(paths)}')


# Doing it, and what became of it


async def _act(
    settings: Settings, reference: str, act: Callable[[House, States, Transaction], Reviewed]
) -> Reviewed:
    """Done, and shown on the card; raises Failure where somebody was first, or it cannot be."""

    def acted(house: House, states: States, tx: Transaction) -> Reviewed:
        done = act(house, states, tx)
        if done.denied is None:
            _renew(house, states, tx, reference)
        return done

    async with beside(settings) as app:
        try:
            done = await app.door.review(acted)
        except ReviewError as error:
            raise Failure(str(error)) from None
        if done.review is None:
            raise await unknown(app.store, reference)
        if done.denied is not None:
            by = done.denied.by
            name = await app.store.read(lambda reports: reports.colleagues.name(by))
            why_not = _why_not(reference, done.review, done.denied, harmless(name))
            raise Failure(f"{why_not} Nothing was changed.")
    return done


def _renew(house: House, states: States, tx: Transaction, reference: str) -> None:
    """Have the card in the staff chat show how the application stands now, where there is one."""
    row, staff = tx.reviews.get(reference), house.staff
    if row is None or staff is None:
        return
    person = tx.conversation(row.record.conversation)
    state = states.read(person) if person is not None else None
    cards = tx.reviews.cards(reference, staff.channel, staff.chat)
    if person is not None and state is not None and cards:
        record_card(house, tx, person, state, row, house.now(), cards[0])


def _why_not(reference: str, review: Review, denied: Denied, name: str) -> str:
    """``name``: what whoever was first is called."""
    match denied.reason:
        case "held":
            return (
                f"{name} has claimed {reference} until {minute(denied.at)} UTC. If that is "
                f'you, say so: --as "{denied.by}".'
            )
        case "unclaimed":
            return f"You have not claimed {reference}: frontdesk claim {reference} --as NAME."
        case "not_asked":
            return f"Nothing was asked about {reference}."
        case "decided":
            return f"{name} has {review.stage.value} {reference} at {minute(denied.at)} UTC."
        case "withdrawn":
            return f"The applicant has withdrawn {reference} at {minute(denied.at)} UTC."


def _delivery(done: Reviewed) -> str:
    return DELIVERY if done.reached else UNREACHED


async def unknown(store: Store, reference: str) -> Failure:
    return Failure(
        await store.read(lambda reports: unknown_reference(reports, harmless(reference)))
    )
