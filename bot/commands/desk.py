"""``questions``, ``answer``, ``deliveries``, ``failures``, ``retry``, ``erase``: staff work at the
command line.

What is written here goes through the same door as everything else, and the serving process picks
it up within two seconds.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from bot.answering import COMMAND_LINE
from bot.app import App, build
from bot.audit import note
from bot.cards import holder, hour, in_force
from bot.channels.terminal_text import harmless
from bot.clock import minute
from bot.commands.common import (
    Failure,
    opened,
    operator,
    print_table,
    read_form,
    require_database,
)
from bot.config import Settings
from bot.house import utc_now
from bot.likeness import Waiting, waiting_like
from bot.messages import HOME, StaffReply
from bot.store import Reports, Transaction
from bot.store.deliveries import SHOWN
from bot.store.rows import DeliveryRow, EscalationRow, StoreUnavailable

KINDS = ("turn", "update", "send", "delivery")
DELIVERY = "The serving process delivers it within two seconds; without one, when it starts next."


@asynccontextmanager
async def beside(settings: Settings) -> AsyncIterator[App]:
    """The parts without a channel, beside whatever serves the database."""
    require_database(settings)
    app = await build(settings, {}, serving=False)
    try:
        yield app
    finally:
        await app.close()


async def questions(settings: Settings) -> None:
    words = read_form(settings)
    now = utc_now()

    def read(reports: Reports) -> list[tuple[EscalationRow, str]]:
        return [(row, _taken_by(reports, row.id, now)) for row in reports.questions()]

    async with opened(settings) as store:
        waiting = await store.read(read)
        if waiting:
            await store.run(lambda tx: note(tx, now, operator(), "saw", "questions"))
    if not waiting:
        print("No question waits for an answer.")
        return
    rows = []
    for row, taken_by in waiting:
        name = ".".join(part for part in row.path.split(".") if not part.isdigit())
        key = f"field.{name}.label"
        label = words.text(key) if row.path and words.wording.has(key) else row.path
        about = " ".join(part for part in (row.reference, label) if part)
        text = row.question or "(no words of their own)"
        rows.append((str(row.id), minute(row.asked_at), row.kind, taken_by, about, text))
    print_table(("id", "asked (UTC)", "kind", "taken by", "about", "question"), rows)


def _taken_by(reports: Reports, id: int, now: str) -> str:
    """Who has it in the staff chat, and until when."""
    own = reports.desk.card(id)
    card = reports.desk.card(own.head) if own is not None else None
    if card is None or not in_force(card, now):
        return ""
    return harmless(f"{holder(card).name} until {hour(card.claimed_until)}")


async def answer(
    settings: Settings, id: int, text: str, also: str = "", all_like_it: bool = False
) -> None:
    """``also``: further ids with commas between; ``all_like_it``: all that ask the same too."""
    if not text.strip():
        raise Failure("The answer is empty, so nothing was sent.")
    named = _ids(also)
    async with beside(settings) as app:
        escalation = await app.store.run(lambda tx: tx.escalation(id))
        if escalation is None:
            raise Failure(f"There is no question {id}. The open ones: frontdesk questions")
        if escalation.answered_at:
            raise Failure(_late(escalation))
        like, others = await app.store.read(partial(_others, escalation))
        wanted = (*named, *(other.id for other in like if all_like_it))
        missing = set(named) - others
        if missing:
            raise Failure(
                f"No question waits under {', '.join(map(str, sorted(missing)))}, so nothing was "
                "sent. The open ones: frontdesk questions"
            )
        _show_like(like)
        reply = StaffReply(
            channel=COMMAND_LINE,
            key=f"{COMMAND_LINE}:{secrets.token_hex(8)}",
            chat="",
            by=operator().removeprefix("cli:"),
            message="",
            at=utc_now(),
            text=text,
            escalation=id,
            also=tuple(other for other in dict.fromkeys(wanted) if other != id),
        )
        receipt = await app.door.handle(reply)
        if not receipt.answered:
            raise Failure(receipt.note or "The answer was not taken. See: frontdesk failures")
    print(f"{receipt.note} {DELIVERY}")


def _others(escalation: EscalationRow, reports: Reports) -> tuple[tuple[Waiting, ...], set[int]]:
    """(what asks the same and waits, all that waits)"""
    return waiting_like(reports, escalation), {row.id for row in reports.questions()}


def _show_like(like: Sequence[Waiting]) -> None:
    if not like:
        return
    print("These wait too and ask the same:")
    print_table(
        ("id", "channel", "question"),
        [(str(other.id), other.channel, other.question) for other in like],
    )
    ids = ",".join(str(other.id) for other in like)
    print(f"To answer them with the same words: --also {ids}, or --all-like-it")


def _ids(text: str) -> tuple[int, ...]:
    """``12,15``"""
    parts = text.replace(",", " ").split()
    if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        raise Failure(f'"{harmless(text)}" is no list of ids. It looks like: --also 12,15')
    return tuple(dict.fromkeys(map(int, parts)))


def _late(escalation: EscalationRow) -> str:
    return (
        f"Question {escalation.id} was answered already ({minute(escalation.answered_at)} UTC, "
        f"{escalation.answered_by}). Nothing was sent."
    )


async def deliveries(settings: Settings) -> None:
    on = settings.handoff.sinks
    async with opened(settings) as store:
        listed = await store.read(lambda reports: reports.deliveries.listed())
        arrived = await store.read(lambda reports: reports.deliveries.arrived())
    if not listed:
        print(f"Nothing was handed on yet. Sinks: {', '.join(on) or 'none; see [handoff]'}")
        return
    rows = [
        (
            f"delivery-{row.id}",
            minute(row.happened_at),
            row.reference,
            row.event,
            row.sink,
            _stands(row, listed, on),
        )
        for row in listed
    ]
    print_table(("id", "when (UTC)", "reference", "event", "sink", "how it stands"), rows)
    if arrived > SHOWN:
        print(f"Of the {arrived} that have arrived, the latest {SHOWN} are shown.")


def _stands(row: DeliveryRow, listed: Sequence[DeliveryRow], on: Sequence[str]) -> str:
    match row.state:
        case "sent":
            return f"arrived {minute(row.settled_at)}"
        case "dead":
            return f"given up: {row.reason} (frontdesk retry delivery-{row.id})"
        case "held":
            lane = (row.sink, row.reference, "dead")
            dead = [one.id for one in listed if (one.sink, one.reference, one.state) == lane]
            return "waits behind " + ", ".join(f"delivery-{id}" for id in dead)
        case _ if row.sink not in on:
            return f"waits: {row.sink} is not set in [handoff]"
        case _ if row.attempts:
            return f"failed attempts: {row.attempts}, next {minute(row.due_at)}: {row.reason}"
        case _:
            return "waits"


async def failures(settings: Settings) -> None:
    async with opened(settings) as store:
        found = await store.read(lambda reports: reports.failures())
    if not found:
        print("Nothing has failed.")
        return
    rows = [(row.id, minute(row.at), row.channel, row.error) for row in found]
    print_table(("id", "when (UTC)", "channel", "what went wrong"), rows)


async def retry(settings: Settings, id: str) -> None:
    kind, _, digits = id.strip().lower().partition("-")
    if not digits.isascii() or not digits.isdigit() or kind not in KINDS:
        raise Failure(f'"{id}" is no failure\'s id; they look like turn-12: frontdesk failures')
    number = int(digits)
    unknown = Failure(f"There is no failure {kind}-{number}. What there is: frontdesk failures")
    if kind == "update":
        raise Failure(
            f"update-{number} cannot be tried again: it could not be read, so nobody knows whose it"
            " was. The sender has to send it once more."
        )
    if kind in ("send", "delivery"):

        def revive(tx: Transaction) -> bool:
            rows, now = tx if kind == "send" else tx.deliveries, utc_now()
            revived = rows.revive(number, now)
            if revived:
                note(tx, now, operator(), "retried", f"{kind}-{number}")
            return revived

        async with opened(settings) as store:
            if not await store.run(revive):
                raise unknown
        print(f"{kind}-{number} will be sent again. {DELIVERY}")
        return
    async with beside(settings) as app:
        done = await app.door.retry(number, operator())
    if done is None:
        raise unknown
    if not done:
        raise Failure(f"turn-{number} failed again; it stays in the list: frontdesk failures")
    print(f"turn-{number} is taken. {DELIVERY}")


async def erase(settings: Settings, whom: str, sure: Callable[[str], bool]) -> None:
    """``whom``: a reference, or channel:person. ``sure`` is asked with what would be erased."""
    async with beside(settings) as app:
        if await _only_looked(app, whom.strip(), sure):
            return
        id = await app.store.read(lambda reports: _conversation(reports, whom.strip()))
        person = await app.store.run(lambda tx: tx.conversation(id))
        assert person is not None  # what was found a moment ago: conversations are never removed
        records = await app.store.read(lambda reports: reports.open_by_conversation(id))
        sent = "".join(f", {record.reference}" for record in records)
        name = f"{person.channel}:{person.person}"
        if not sure(f"Erase everything of {name}{sent}, for good?"):
            raise Failure("Nothing was erased.")
        try:
            await app.door.erase(id, operator())
        except StoreUnavailable as error:
            raise Failure(f"{error} (frontdesk erase {name})") from None
    print("Erased. A note that it was done, without any content, stays.")


async def _only_looked(app: App, whom: str, sure: Callable[[str], bool]) -> bool:
    """Erase somebody who has opened their home page and never wrote; False where it is not so."""
    channel, _, person = whom.partition(":")

    def looked(tx: Transaction) -> bool:
        known = tx.find_conversation(channel, person) is not None
        return not known and tx.homes.shown(channel, person) is not None

    def forget(tx: Transaction) -> None:
        now = utc_now()
        if tx.forget_home(channel, person, HOME + person, now):
            note(tx, now, operator(), "erased", "home")

    if not await app.store.run(looked):
        return False
    if not sure(f"Erase that {whom} has looked at their home page, for good?"):
        raise Failure("Nothing was erased.")
    await app.store.run(forget)
    await app.store.shrink()
    print("Erased: they have only looked at their home page. They get it anew when they open it.")
    return True


def _conversation(reports: Reports, whom: str) -> int:
    channel, _, name = whom.partition(":")
    if name:
        found = reports.conversations_of(channel, name)
        if not found:
            raise Failure(f"Nobody is known as {whom}, so nothing was erased.")
        return found[0].id
    record = reports.record(whom.upper())
    if record is None:
        raise Failure(unknown_reference(reports, whom.upper()))
    return record.conversation


def unknown_reference(reports: Reports, reference: str) -> str:
    """Why there is nothing under this reference."""
    gone = reports.tombstone(reference)
    if gone is not None:
        return f"Application {reference} was erased on {gone.erased_at[:10]} by {gone.erased_by}."
    return f"There is no application {reference}. Those that wait: frontdesk queue"
