"""Carries out the outbox: row by row to the platform, in order within each chat.

The store is the truth; what is held here is a copy of its oldest waiting rows.

A *lane* is one chat's rows, sent one after the other: the next one starts when the outcome of the
one before is committed. A *route* is one channel's lanes, with its pace, a limit of sends under
way, and a stall for when the platform as a whole (not one chat) has no time for us.

Turns ``offer`` the rows that they have committed, so in the usual case nothing is read back. That
keeps the order only while everything older of the same chat is in memory. So a route knows whether
it is ``whole`` (chats without a lane have nothing waiting) and a lane whether it is ``short`` (the
store has more behind it). Where either is in doubt, an offered row is left to a *sweep*, which
reads what waits: at start, every second while anything is in doubt, and after another process
wrote. A sweep leaves out the chats in hand and the channels that are full, so neither a slow chat,
nor a platform that is down, nor a backlog of any size starves the others, and memory is bounded.

A message is sent at least once: a crash between the platform's yes and the commit repeats it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.channels import Sender
from bot.clock import Clock, SystemClock, rest, stamp
from bot.logs import logger
from bot.messages import Delivered, Later, Outcome, RefusedForGood
from bot.pacing import PACES, UNPACED, Pace
from bot.route import Lane, Route
from bot.store import OUTBOX, Store, Table, Transaction
from bot.store.rows import OutboxRow, StoreUnavailable
from bot.sweep import Lately, Sweep

TICK = 1.0
"""seconds between two looks at what other processes wrote"""
ASLEEP = 0.1
"""seconds between two looks whether the store is awake again"""
LONGEST_WAIT = 600.0
"""seconds between two attempts at a row, where the platform does not ask for more"""
MAX_ATTEMPTS = 152
"""with the back-off (1 s, doubled up to ``LONGEST_WAIT``) a day or more"""

log = logger("courier")

T = TypeVar("T")
OnDead = Callable[[OutboxRow, str], Awaitable[None]]
OnSettled = Callable[[Transaction, OutboxRow, str, str], Iterable[OutboxRow]]
Reaches = Callable[[str, str], bool]


def reaches_all(channel: str, chat: str) -> bool:
    return True


class Courier:
    """``table``: the rows that it carries; each table has a courier of its own. ``on_dead`` hears
    of each row that will never be delivered, with the reason, after that is committed; where it
    writes to staff, let it be silent about a row that was for staff. ``on_settled``: in the
    transaction that marks a row as sent or dead (with the reason); what it writes goes out then.
    ``reaches``: can this process deliver to that chat of that channel? What it cannot deliver is
    left in the store, as the rows of channels are that it does not serve. Called from any thread.
    ``chance`` gives the jitter, 0 to 1."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Sender],
        clock: Clock | None = None,
        *,
        table: Table = OUTBOX,
        paces: Mapping[str, Pace] = PACES,
        on_dead: OnDead | None = None,
        on_settled: OnSettled | None = None,
        reaches: Reaches = reaches_all,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._table = table
        self._clock = clock or SystemClock()
        self._on_dead = on_dead
        self._on_settled = on_settled
        self._reaches = reaches
        self._chance = chance
        self._routes = {
            name: Route(channel, paces.get(name, UNPACED)) for name, channel in channels.items()
        }
        self._sends: set[asyncio.Task[None]] = set()
        self._unkept: dict[int, Outcome] = {}
        self._sweep: Sweep | None = None
        self._swept = Lately()
        """ids that sweeps brought: their turn's offer may come later"""
        self._wanted = True
        self._was_called = False
        self._begun = 0
        self._read_up_to = 0
        self._bell = asyncio.Event()
        self._landed = asyncio.Event()
        self._stopping = False

    # -- what the rest of the program calls

    def offer(self, rows: Iterable[OutboxRow]) -> None:
        """Rows that were committed just now, the oldest first. Call it in the order of the
        commits, without an await between commit and call."""
        for row in rows:
            route = self._routes.get(row.channel)
            if route is None or not self._reaches(row.channel, row.chat):
                continue
            if row.id in self._swept:
                continue
            if not row.ours:
                route.leave(row.chat)
                continue
            taken = route.offer(row)
            if self._sweep is not None:
                note = self._sweep.note_taken if taken else self._sweep.note_left
                note(row)
            elif not taken and route.has_room:
                self._want_sweep()

    def change(self, channel: str, chat: str, bodies: Mapping[int, str | None]) -> None:
        """Rows of this chat were superseded just now: id -> its body as it is now in the store, or
        None where it is not to be sent. Whatever is with the platform stays; where it has to be
        sent again, it is read anew. Call it before the rows that supersede are offered."""
        route = self._routes.get(channel)
        lane = route and route.lanes.get(chat)
        if route and lane:
            route.change(lane, bodies)
        if self._sweep is not None:
            self._sweep.note_doubt(channel, chat)
            self._want_sweep()

    def recheck(self, channel: str = "", chat: str = "") -> None:
        """Rows waiting here (of that chat; without one, all) may have been superseded or erased:
        read them anew before sending. Whatever is already with the platform stays."""
        if chat:
            route = self._routes.get(channel)
            lane = route and route.lanes.get(chat)
            if route and lane:
                route.forget(lane)
            if self._sweep is not None:
                self._sweep.note_doubt(channel, chat)
        else:
            for route in self._routes.values():
                for lane in route.lanes.values():
                    route.forget(lane)
            if self._sweep is not None:
                self._sweep.outdated = True
        self._want_sweep()

    async def run(self) -> None:
        """Until ``stop``, or until cancelled (then at once)."""
        self._store.carry(self._table.name, self._routes.keys(), self._reaches, self._called)
        try:
            async with asyncio.TaskGroup() as group:
                for route in self._routes.values():
                    group.create_task(self._drive(route))
                group.create_task(self._watch())
        except BaseException:
            for send in self._sends:
                send.cancel()
            raise
        finally:
            self._stopping = True
            self._landed.set()

    async def stop(self, grace: float = 10.0) -> None:
        """Start no more sends; wait up to ``grace`` seconds for those under way and their commits.
        The rest stays in the store."""
        self._stopping = True
        for event in (self._bell, self._landed, *(route.bell for route in self._routes.values())):
            event.set()
        if self._sends:
            _, late = await asyncio.wait(self._sends, timeout=grace)
            for send in late:
                send.cancel()

    async def drain(self) -> None:
        """Wait until nothing is left that could be sent: every row is sent, dead, put off by its
        platform, or of a channel that this process does not serve. ``run`` must be running."""
        while True:
            await self._until(self._idle)
            await self._read_once_more()
            if self._stopping or self._idle():
                return

    async def _read_once_more(self) -> None:
        before = self._begun
        self._want_sweep()
        await self._until(lambda: self._read_up_to > before)

    async def _until(self, so: Callable[[], bool]) -> None:
        """Until it is so, or the courier stops; looked at whenever something has landed."""
        while not (so() or self._stopping):
            self._landed.clear()
            await self._landed.wait()

    def _idle(self) -> bool:
        now = self._clock.seconds()
        return self._store.awake and all(route.idle(now) for route in self._routes.values())

    # -- sending

    async def _drive(self, route: Route) -> None:
        while not self._stopping:
            route.bell.clear()
            if not self._store.awake:
                await rest(self._clock, route.bell, ASLEEP)
                continue
            while isinstance(step := route.next(self._clock.seconds(), self._store.living), Lane):
                send = asyncio.create_task(self._carry(route, step))
                self._sends.add(send)
                send.add_done_callback(self._sends.discard)
            await rest(self._clock, route.bell, step)

    async def _carry(self, route: Route, lane: Lane) -> None:
        row = lane.rows[0]
        try:
            outcome = self._unkept.pop(row.id, None) or await route.channel.send(row)
        except Exception as error:
            # A defect of the channel's. The row must not be lost by it, nor the courier end.
            log.exception("a send raised", channel=row.channel, row=row.id)
            outcome = Later(type(error).__name__)
        finally:
            route.answered()
        try:
            await self._settle(route, lane, row, outcome)
        except StoreUnavailable:
            return  # stopping: the row is sent again after the next start
        except Exception:
            # A defect of the store's: this chat waits, the others go on, and nothing is sent again.
            log.exception("an outcome was not kept", channel=row.channel, row=row.id)
            self._unkept[row.id] = outcome
            route.put_off(lane, row, self._clock.seconds() + LONGEST_WAIT)
        if not lane.in_hand and lane.short:
            self._want_sweep()
        self._landed.set()

    async def _settle(self, route: Route, lane: Lane, row: OutboxRow, outcome: Outcome) -> None:
        now = self._clock.seconds()
        match outcome:
            case Delivered(message):
                route.well()
                await self._mark(route, lane, row, message)
            case RefusedForGood(reason):
                route.well()
                await self._bury(route, lane, row, reason)
            case Later(reason, seconds) if row.attempts + 1 >= MAX_ATTEMPTS:
                route.no_answer(row.chat, now)
                reason = f"given up after {row.attempts + 1} attempts: {reason}"
                await self._bury(route, lane, row, reason)
            case Later(reason, seconds):
                wait = max(seconds or 0.0, self._back_off(row.attempts))
                if seconds is None:
                    route.no_answer(row.chat, now)
                else:
                    route.told_to_wait(row.chat, wait, now)
                due = stamp(self._clock.now() + timedelta(seconds=wait))
                if not await self._write(
                    lambda tx: self._table.of(tx).mark_later(row.id, due, reason)
                ):
                    route.taken_back(lane, now + wait)  # superseded or erased meanwhile
                    return
                waiting = replace(row, attempts=row.attempts + 1, due_at=due)
                route.put_off(lane, waiting, now + wait)
                log.info("row put off", channel=row.channel, row=row.id, seconds=round(wait, 1))

    def _back_off(self, attempts: int) -> float:
        return min(LONGEST_WAIT, 2.0 ** min(attempts, 20)) * (1.0 + 0.25 * self._chance())

    async def _bury(self, route: Route, lane: Lane, row: OutboxRow, reason: str) -> None:
        await self._mark(route, lane, row, None, reason)
        log.warning("row will not be delivered", channel=row.channel, row=row.id)
        if self._on_dead is not None:
            try:
                await self._on_dead(row, reason)
            except Exception:  # whoever is to be told cannot stop the sending
                log.exception("nobody was told of a dead letter", row=row.id)

    async def _mark(
        self, route: Route, lane: Lane, row: OutboxRow, message: str | None, reason: str = ""
    ) -> None:
        """Commit that the row was sent as this, or never will be, and what follows from that."""
        at = stamp(self._clock.now())

        def mark(tx: Transaction) -> bool:
            rows = self._table.of(tx)
            if message is None:
                return rows.mark_dead(row.id, reason, at)
            return rows.mark_sent(row.id, message, at)

        def job(tx: Transaction) -> tuple[bool, Iterable[OutboxRow]]:
            told = self._on_settled
            return mark(tx), told(tx, row, reason, at) if told is not None else ()

        try:
            astray, news = await self._write(job)
        except StoreUnavailable:
            raise
        except Exception:
            # A defect in what follows must not have the row sent again.
            log.exception("what follows from an outcome was not written", row=row.id)
            astray, news = await self._write(mark), ()
        if astray:
            route.forget(lane)
        route.done(lane)
        self.offer(news)

    async def _write(self, job: Callable[[Transaction], T]) -> T:
        """Until it is committed: to send again would be worse than to wait. Raises
        ``StoreUnavailable`` only when stopping."""
        wait = 0.1
        while True:
            try:
                return await self._store.run(job)
            except StoreUnavailable:
                if self._stopping:
                    raise
                log.warning("the store does not take an outcome", seconds=wait)
            await self._clock.sleep(wait)
            wait = min(wait * 2, 5.0)

    # -- reading what waits

    async def _watch(self) -> None:
        while not self._stopping:
            self._bell.clear()
            try:
                if await self._store.changed(self._table.name):
                    self._doubt_everything()
                if self._was_called:
                    self._was_called = False
                    for pair in await self._store.run(lambda tx: self._table.of(tx).astray()):
                        self.recheck(*pair)
                if self._wanted or any(
                    route.unsure and route.has_room for route in self._routes.values()
                ):
                    await self._read_waiting()
            except StoreUnavailable:
                log.warning("the outbox cannot be read")
                self._bell.clear()  # not again before the tick
            now = self._clock.seconds()
            if self._swept.passes(now):
                self._wanted = self._wanted or self._store.shared  # should a call be lost
            for route in self._routes.values():
                route.tidy(now)
            await rest(self._clock, self._bell, TICK)

    def _called(self) -> None:
        """Another process has left something to this one."""
        self._was_called = True
        self._want_sweep()

    def _doubt_everything(self) -> None:
        """Another process wrote: it may have added rows, and erased some."""
        for route in self._routes.values():
            route.whole = False
        self.recheck()

    async def _read_waiting(self) -> None:
        """One sweep: take in what the store has waiting, as far as there is room."""
        sweep = self._sweep = Sweep(
            {name: route for name, route in self._routes.items() if route.has_room}, self._reaches
        )
        self._begun += 1
        self._wanted = False
        if self._store.shared:  # what it takes over now comes before what turns offer meanwhile
            for route in self._routes.values():
                route.whole = False
        now = stamp(self._clock.now())
        try:
            waiting = await self._store.run(lambda tx: sweep.read(self._table.of(tx), now))
        except StoreUnavailable:
            self._wanted = True
            raise
        finally:
            self._sweep = None
        if sweep.outdated:
            self._want_sweep()
            return
        self._swept.add(sweep.take_in(waiting, self._not_before))
        if not waiting.everything and waiting.rows:
            self._want_sweep()
        self._read_up_to = self._begun
        self._landed.set()

    def _not_before(self, row: OutboxRow) -> float:
        """The row's due time on the clock's seconds; 0 where it is due."""
        due = datetime.fromisoformat(row.due_at) - self._clock.now()
        return max(0.0, self._clock.seconds() + due.total_seconds()) if due > timedelta() else 0.0

    def _want_sweep(self) -> None:
        self._wanted = True
        self._bell.set()
