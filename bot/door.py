"""The door that every event comes through: applicants, staff, clocks and commands alike.

A turn that raises is kept with its error, apologised for and shown to staff, and the conversation
stays as it was. A database that is locked, full or gone is not the message's fault: that comes out
as ``StoreUnavailable``, nothing is acknowledged, and the platform sends again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Literal, assert_never

from pydantic import TypeAdapter, ValidationError

from bot.arriving import event_of, take_notice
from bot.audit import conversation as conversation_subject
from bot.audit import note
from bot.conversation import NeedsLibrary, States, Taken, take_turn, taken_home
from bot.desk import failure_card
from bot.home import publish_home
from bot.house import STAFF_LANGUAGE, House, post_to
from bot.logs import logger
from bot.lookup import look_up
from bot.messages import (
    Arrival,
    Blocked,
    HomeOpened,
    Incoming,
    Notice,
    Receipt,
    StaffForm,
    StaffLine,
    StaffNote,
    StaffReply,
    StaffTap,
    Unreadable,
)
from bot.pings import ping
from bot.reach import reachable
from bot.reliance import Uninformed, inform
from bot.replies import asked_in, take_reply
from bot.reviewing import Reviewed
from bot.staff_lines import take_line
from bot.staff_notes import noted_in, take_note
from bot.store import TRACES, Store, Transaction
from bot.store.rows import ConversationRow, DueRow, OutboxRow, StoreUnavailable
from bot.tapped import Untaken
from bot.taps import take_tap, take_written
from bot.watch import CLOCK, Unwatched, Watch, kind_of
from dialogs.acts import Say
from dialogs.events import Erased, Finding, Left, Ticked
from dialogs.languages import first_state

log = logger("door")

ARRIVALS: TypeAdapter[Arrival] = TypeAdapter(Arrival)


class Door:
    """``offer`` is given a committed turn's rows; ``recheck`` is called where rows were erased, and
    ``change`` where rows that wait were superseded: channel, chat, and what became of each.
    ``watch`` counts."""

    def __init__(
        self,
        house: House,
        store: Store,
        offer: Callable[[Iterable[OutboxRow]], None],
        recheck: Callable[[], None],
        change: Callable[[str, str, Mapping[int, str | None]], None] = lambda *_: None,
        watch: Watch | None = None,
    ) -> None:
        self._watch = watch or Unwatched()
        self._house = house
        self._store = store
        self._offer = offer
        self._recheck = recheck
        self._change = change
        self._states = States()

    async def handle(self, arrival: Arrival) -> Receipt:
        """Commit the arrival. Raises StoreUnavailable, and never for what the arrival says."""
        began = time.monotonic()
        try:
            taken = await self._take(arrival)
        except StoreUnavailable:
            raise
        except Exception as error:  # a turn that raises is kept, apologised for and shown
            log.exception("a turn raised", key=arrival.key)
            reason = _reason(error)
            taken = await self._store.run(lambda tx: self._fail(tx, arrival, reason))
            self._watch.failed(arrival.channel)
        self._count(arrival.channel, kind_of(arrival), began, taken)
        await self._finish(taken)
        return taken.receipt

    def _count(self, channel: str, kind: str, began: float, taken: Taken) -> None:
        if taken.receipt.duplicate:
            self._watch.duplicate(channel)
        else:
            self._watch.turn(channel, kind, time.monotonic() - began, taken.counts)

    async def _finish(self, taken: Taken) -> None:
        if taken.forgot:
            self._recheck()
        elif taken.superseded is not None:
            self._change(*taken.superseded)
        self._offer(taken.rows)
        if taken.forgot:
            await self._store.shrink()
        for other in taken.others:
            await self._finish(other)

    async def tick(self) -> None:
        """Take the turns of all due rows. One that raises is kept as a failure, and over. Then
        end what an erase could not: a reader was in the way, or the program was killed."""
        now = self._house.now()
        for due in await self._store.run(lambda tx: tx.due(now)):
            event, began = Ticked(due.kind, now, self._house.token()), time.monotonic()
            try:
                taken = await self._store.run(partial(self._fire, due, event, now))
            except StoreUnavailable:
                raise
            except Exception as error:  # the other rows do not wait for this one
                log.exception("a due turn raised", due=due.id)
                taken = await self._store.run(partial(self._give_up, due, _reason(error), now))
                self._watch.failed(CLOCK)
            self._count(CLOCK, due.kind, began, taken)
            await self._finish(taken)
        self._offer(await self._store.run(lambda tx: ping(self._house, tx, now)))
        if await self._store.run(lambda tx: tx.get_meta(TRACES)):
            await self._store.shrink()

    def _fire(self, due: DueRow, event: Ticked, now: str, tx: Transaction) -> Taken:
        row = tx.conversation(due.conversation)  # before the due row, as every turn does it
        if row is None or not tx.fire(due.id):
            return Taken(Receipt(duplicate=True))
        event = replace(event, reachable=reachable(tx, row.id))
        key = f"due:{due.id}:{now}"
        return take_turn(self._house, self._states, tx, row, event, key, "", now)

    def _give_up(self, due: DueRow, reason: str, now: str, tx: Transaction) -> Taken:
        if not tx.fire(due.id):
            return Taken(Receipt(duplicate=True))
        tx.add_failed_event(f"due:{due.id}:{now}", due.conversation, "", "", now, reason)
        return Taken(Receipt(), tuple(failure_card(self._house, tx, now)))

    async def erase(self, conversation: int, by: str = "") -> bool:
        """Erase a person's data on request; False where there is no such conversation. ``by``: who
        asks for it, as the record of what was done has it."""
        now = self._house.now()
        event = Erased(now, self._house.token(), by)

        def job(tx: Transaction, *, unread: bool = False) -> Taken | None:
            row = tx.conversation(conversation)
            if row is None:
                return None
            if unread:
                row = replace(row, state="")
            key = f"erase:{conversation}:{now}"
            return take_turn(self._house, self._states, tx, row, event, key, "", now)

        try:
            taken = await self._store.run(job)
        except StoreUnavailable:
            raise
        except Exception:  # a state that cannot be read must still go, and all else with it
            log.exception("erased unread", conversation=conversation)
            taken = await self._store.run(partial(job, unread=True))
        if taken is None:
            return False
        await self._finish(taken)
        return True

    async def inform(
        self, conversation: int, article: str, agreed: Collection[str] = (), by: str = "cli:?"
    ) -> Literal["told"] | Uninformed:
        """Tell a person what an article says now, if they were told otherwise, and but once.
        ``agreed``: as in ``reliance.inform``; ``by``: as in ``erase``."""

        def job(tx: Transaction) -> Taken | Uninformed:
            told = inform(self._house, self._states, tx, conversation, article, agreed)
            if isinstance(told, Taken):
                subject = conversation_subject(conversation)
                note(tx, self._house.now(), by, "informed", subject, (article,))
            return told

        done = await self._store.run(job)
        if isinstance(done, str):
            return done
        await self._finish(done)
        return "told"

    async def review(self, act: Callable[[House, States, Transaction], Reviewed]) -> Reviewed:
        """Do what one of staff does with a sent application (``reviewing.py``), in one
        transaction. Raises what the act raises; then nothing has changed."""
        done = await self._store.run(lambda tx: act(self._house, self._states, tx))
        if done.taken is not None:
            await self._finish(done.taken)
        return done

    async def retry(self, id: int, by: str = "cli:?") -> bool | None:
        """Take a failed turn again. None: there is no such failure; False: it failed again, and
        nothing has changed. ``by``: as in ``erase``."""

        def reopen(tx: Transaction) -> Arrival | None:
            failed = tx.failed_event(id)
            if failed is None or not failed.body or failed.kind != "turn":
                return None
            return ARRIVALS.validate_json(failed.body)

        arrival = await self._store.run(reopen)
        if arrival is None:
            return None
        try:
            taken = await self._take(arrival, (id, by))
        except StoreUnavailable:
            raise
        except Exception:  # it stays a failure, as it was
            log.exception("a retried turn raised", key=arrival.key)
            return False
        await self._finish(taken)
        return True

    async def _take(self, arrival: Arrival, retried: tuple[int, str] | None = None) -> Taken:
        found: Finding | None = None
        matching: Finding | None = None
        asked = False
        for _ in range(4):
            turn = partial(self._retried, *retried) if retried else self._turn
            try:
                taken = await self._store.run(partial(turn, arrival, found, matching))
                if found is not None and asked:
                    self._watch.question(found)
                return taken
            except NeedsLibrary as needs:
                asked = asked or not (needs.look_up.article or needs.for_staff)
                got = await asyncio.to_thread(
                    look_up, self._house.library, needs.look_up, needs.language
                )
                found, matching = (found, got) if needs.for_staff else (got, matching)
            except Untaken as untaken:
                return Taken(untaken.receipt)
        raise RuntimeError("the step asked for the library again and again")

    def _retried(
        self,
        id: int,
        by: str,
        arrival: Arrival,
        found: Finding | None,
        matching: Finding | None,
        tx: Transaction,
    ) -> Taken:
        if not tx.clear_failure(id):
            return Taken(Receipt(duplicate=True))
        taken = self._turn(arrival, found, matching, tx)
        note(tx, self._house.now(), by, "retried", f"turn-{id}")
        return taken

    def _turn(
        self, arrival: Arrival, found: Finding | None, matching: Finding | None, tx: Transaction
    ) -> Taken:
        house, at = self._house, self._house.now()
        match arrival:
            case Incoming():
                row = tx.open_conversation(
                    arrival.channel, arrival.person, arrival.chat, arrival.thread, at
                )
                event = event_of(tx, arrival, found, house.token())
                key, hint = arrival.key, arrival.language
                return take_turn(
                    house, self._states, tx, row, event, key, arrival.at, at, hint, matching
                )
            case StaffReply():
                written = take_written(house, self._states, tx, arrival, at)
                return written or take_reply(house, self._states, tx, arrival, at)
            case StaffNote():
                return take_note(house, tx, arrival, at)
            case StaffLine():
                answered = take_line(house, self._states, tx, arrival, at)
                return Taken(Receipt(duplicate=answered is None), tuple(answered or ()))
            case StaffTap() | StaffForm():
                return take_tap(house, self._states, tx, arrival, at)
            case Notice():
                return take_notice(house, tx, arrival, at)
            case Blocked():
                return self._blocked(tx, arrival, at)
            case HomeOpened():
                return self._home(tx, arrival, at)
            case Unreadable():
                kept = tx.add_failed_event(
                    arrival.key, None, arrival.raw, arrival.at, at, arrival.error, "update"
                )
                rows = failure_card(house, tx, at) if kept else []
                return Taken(Receipt(duplicate=not kept), tuple(rows))
            case _:
                assert_never(arrival)

    def _blocked(self, tx: Transaction, arrival: Blocked, at: str) -> Taken:
        row = tx.find_conversation(arrival.channel, arrival.person)
        if row is None:  # they have never written
            return Taken(Receipt(duplicate=tx.add_event(arrival.key, None, "{}", "", at) is None))
        event = Left(arrival.at, self._house.token())
        house = self._house
        return take_turn(house, self._states, tx, row, event, arrival.key, arrival.at, at)

    def _home(self, tx: Transaction, arrival: HomeOpened, at: str) -> Taken:
        """Nothing is begun by looking: whoever has never written has no conversation by it."""
        if tx.add_event(arrival.key, None, "{}", arrival.at, at) is None:
            return Taken(Receipt(duplicate=True))
        row = tx.find_conversation(arrival.channel, arrival.person)
        state = first_state(self._house.script.wording, "")
        if row is not None and row.state:
            state = self._states.parse(row)
        page = publish_home(
            self._house,
            tx,
            arrival.channel,
            arrival.person,
            state,
            at,
            conversation=row.id if row is not None else None,
            opened=True,
        )
        return Taken(Receipt(), others=taken_home(page))

    def _fail(self, tx: Transaction, arrival: Arrival, reason: str) -> Taken:
        house, at = self._house, self._house.now()
        row, whose, note = None, None, ""
        if isinstance(arrival, Incoming):
            row = tx.open_conversation(
                arrival.channel, arrival.person, arrival.chat, arrival.thread, at
            )
            whose = row.id
        elif isinstance(arrival, StaffTap | StaffForm):
            note = house.renderer.text(STAFF_LANGUAGE, "desk.failed")
        elif isinstance(arrival, StaffReply):
            asked = asked_in(tx, arrival)
            whose = asked.conversation if asked is not None else None
            note = house.renderer.text(STAFF_LANGUAGE, "desk.failed")
        elif isinstance(arrival, StaffNote):
            whose = noted_in(tx, arrival)
        body = ARRIVALS.dump_json(arrival).decode()
        kept = tx.add_failed_event(arrival.key, whose, body, getattr(arrival, "at", ""), at, reason)
        if not kept:
            return Taken(Receipt(duplicate=True))
        rows = failure_card(house, tx, at)
        if row is not None:
            language = self._language(row, arrival)
            apology = house.renderer.message(language, (Say("broken"),))
            if apology is not None:
                rows += post_to(house, tx, row, apology, at)
        return Taken(Receipt(note=note), tuple(rows))

    def _language(self, row: ConversationRow, arrival: Arrival) -> str:
        """What the person speaks, as far as that can be read."""
        if row.state:
            with contextlib.suppress(ValidationError):
                return self._states.parse(row).language
        hint = arrival.language if isinstance(arrival, Incoming) else ""
        return first_state(self._house.script.wording, hint).language


def _reason(error: BaseException) -> str:
    """What was raised and where: class, file and line, no values."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"
