"""What the courier's tests stand in: the real store, a scripted platform, and a clock that a test
advances."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from bot.channels import Take
from bot.clock import stamp
from bot.courier import Courier
from bot.messages import Delivered, Outcome
from bot.store import Reports, Transaction
from bot.store.rows import NewOutbox, OutboxRow, StoreUnavailable
from bot.store.sqlite import SqliteStore, open_store

T = TypeVar("T")


class VirtualClock:
    """Stands still until ``advance``, which wakes the next sleeper."""

    def __init__(self) -> None:
        self._seconds = 1_000.0
        self._start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def begin(self, at: datetime) -> None:
        self._start = at

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds - 1_000.0)

    def seconds(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self.sleepers, (self._seconds + seconds, self._count, future))
        await future

    def advance(self) -> None:
        while self.sleepers:
            at, _, future = heapq.heappop(self.sleepers)
            if not future.done():
                self._seconds = max(self._seconds, at)
                future.set_result(None)
                return


class WatchedStore:
    """The real store; knows when it is at work, and can be out of reach for a while."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._at_work = 0
        self.quiet = asyncio.Event()
        self.quiet.set()
        self.unreachable = False
        self.others = 0

    async def _watch(self, work: Callable[[], Any]) -> Any:
        self._at_work += 1
        self.quiet.clear()
        try:
            if self.unreachable:
                raise StoreUnavailable("a test took it away")
            return await work()
        finally:
            self._at_work -= 1
            if not self._at_work:
                self.quiet.set()

    @property
    def name(self) -> str:
        return self._store.name

    @property
    def shared(self) -> bool:
        return self._store.shared

    @property
    def awake(self) -> bool:
        return self._store.awake

    @property
    def living(self) -> int:
        return self.others + 1

    def carry(
        self,
        table: str,
        channels: Collection[str],
        reaches: Callable[[str, str], bool],
        wake: Callable[[], None],
    ) -> None:
        self._store.carry(table, channels, reaches, wake)

    async def run(self, job: Callable[[Transaction], T]) -> T:
        done: T = await self._watch(lambda: self._store.run(job))
        return done

    async def changed(self, watcher: str = "") -> bool:
        return bool(await self._watch(lambda: self._store.changed(watcher)))

    async def read(self, query: Callable[[Reports], T]) -> T:
        return await self._store.read(query)

    async def shrink(self, patience: float = 10.0) -> None:
        await self._store.shrink(patience)

    async def close(self) -> None:
        await self._store.close()


class Platform:
    """A channel whose platform answers as the test says."""

    def __init__(self, name: str, clock: VirtualClock) -> None:
        self.name = name
        self.clock = clock
        self.sent: list[tuple[float, OutboxRow]] = []
        """what it has taken, with the second"""
        self.tried: list[tuple[float, OutboxRow]] = []
        self.answer: Callable[[OutboxRow], Outcome | Exception] = lambda _: Delivered("")
        self.hold: asyncio.Event | None = None
        self.under_way: dict[str, int] = defaultdict(int)
        self.most_in_a_chat = 0
        self.most_at_once = 0

    async def send(self, row: OutboxRow) -> Outcome:
        self.under_way[row.chat] += 1
        self.most_in_a_chat = max(self.most_in_a_chat, self.under_way[row.chat])
        self.most_at_once = max(self.most_at_once, sum(self.under_way.values()))
        try:
            self.tried.append((self.clock.seconds(), row))
            answer = self.answer(row)
            if isinstance(answer, Exception):
                raise answer
            if isinstance(answer, Delivered):
                self.sent.append((self.clock.seconds(), row))
                answer = Delivered(f"m{len(self.sent)}")
            if self.hold is not None:
                await self.hold.wait()
            return answer
        finally:
            self.under_way[row.chat] -= 1

    def texts(self, chat: str | None = None) -> list[str]:
        return [json.loads(row.body)["body"]["text"] for row in self.rows(chat)]

    def rows(self, chat: str | None = None) -> list[OutboxRow]:
        return [row for _, row in self.sent if chat in {None, row.chat}]

    def times(self, chat: str | None = None) -> list[float]:
        return [at for at, row in self.sent if chat in {None, row.chat}]

    async def listen(self, take: Take) -> None:
        raise NotImplementedError

    async def check(self) -> str:
        return self.name

    async def close(self) -> None: ...


class World:
    def __init__(self, path: Path, store: SqliteStore) -> None:
        self.path = path
        self.clock = VirtualClock()
        self.store = WatchedStore(store)
        self.platforms = {
            name: Platform(name, self.clock) for name in ("terminal", "telegram", "slack")
        }
        self.dead: list[tuple[int, str]] = []
        self.courier = self.new_courier()
        self.running: asyncio.Task[None] | None = None

    def new_courier(self, **settings: Any) -> Courier:
        return Courier(
            self.store,
            self.platforms,
            self.clock,
            on_dead=self._on_dead,
            chance=lambda: 0.0,
            **settings,
        )

    async def _on_dead(self, row: OutboxRow, reason: str) -> None:
        self.dead.append((row.id, reason))

    def start(self, courier: Courier | None = None) -> None:
        self.courier = courier or self.courier
        self.running = asyncio.create_task(self.courier.run())

    async def crash(self) -> None:
        """The courier goes at once, as the process would."""
        assert self.running
        self.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.running
        await self.settle()

    async def commit(self, *news: NewOutbox, store: Any = None) -> list[OutboxRow]:
        """Write the rows, as a turn does; not yet offered."""
        at = stamp(self.clock.now())
        ids = await (store or self.store).run(lambda tx: [tx.post(new, at) for new in news])
        return [
            OutboxRow(
                id, n.channel, n.chat, n.thread, n.kind, n.body, 0, at, n.case_kind, n.case_id
            )
            for id, n in zip(ids, news, strict=True)
        ]

    async def say(self, channel: str, chat: str, *texts: str) -> list[OutboxRow]:
        rows = await self.commit(*(message(channel, chat, text) for text in texts))
        self.courier.offer(rows)
        return rows

    async def settle(self) -> None:
        """Until nobody can go on without the time going on."""
        still = 0
        while still < 12:
            await asyncio.sleep(0)
            if self.store.quiet.is_set():
                still += 1
            else:
                await self.store.quiet.wait()
                still = 0

    async def until(self, so: Callable[[], bool], seconds: float = 10_000.0) -> None:
        end = self.clock.seconds() + seconds
        await self.settle()
        while not so():
            assert self.clock.seconds() < end, "it did not happen in time"
            if self.running and self.running.done():
                self.running.result()
            assert self.clock.sleepers, "nobody sleeps: what is waited for will never be"
            self.clock.advance()
            await self.settle()

    async def pass_(self, seconds: float) -> None:
        end = self.clock.seconds() + seconds
        await self.until(lambda: self.clock.seconds() >= end)

    async def waiting(self) -> int:
        return await self.store.read(lambda reports: reports.waiting())

    async def finished(self, awaitable: Any) -> None:
        task = asyncio.ensure_future(awaitable)
        await self.until(task.done)
        task.result()


def message(channel: str, chat: str, text: str, **more: Any) -> NewOutbox:
    body = json.dumps({"body": {"text": text}, "plain": {"text": text}})
    return NewOutbox(channel, chat, body, **more)


@contextlib.asynccontextmanager
async def opened(path: Path) -> AsyncIterator[World]:
    """A world over a new database file."""
    world = World(path, await open_store(path, serving=True))
    try:
        yield world
    finally:
        if world.running:
            await world.crash()
        await world.store.close()
