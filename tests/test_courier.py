"""The courier against the real store, a scripted platform, and a clock that the test advances."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import route as route_module
from bot import sweep as sweep_module
from bot.channels import Take
from bot.clock import stamp
from bot.courier import MAX_ATTEMPTS, Courier
from bot.messages import Delivered, Later, Outcome, RefusedForGood
from bot.pacing import PACES, UNPACED, Limit, Meter, Pace
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

    async def run(self, job: Callable[[Transaction], T]) -> T:
        done: T = await self._watch(lambda: self._store.run(job))
        return done

    async def changed(self) -> bool:
        return bool(await self._watch(self._store.changed))

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


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    path = tmp_path / "frontdesk.db"
    store = await open_store(path, serving=True)
    made = World(path, store)
    yield made
    if made.running:
        await made.crash()
    await made.store.close()


# -- order, and nothing twice


async def test_what_a_turn_committed_is_sent_in_its_order_and_marked(world: World) -> None:
    world.start()
    await world.settle()
    await world.say("terminal", "a", "1", "2", "3")
    await world.settle()
    assert world.platforms["terminal"].texts() == ["1", "2", "3"]
    assert await world.waiting() == 0


async def test_what_an_earlier_process_left_is_sent_at_start(world: World) -> None:
    await world.commit(message("slack", "C1", "left"), message("slack", "C1", "over"))
    world.start()
    await world.settle()
    assert world.platforms["slack"].texts() == ["left", "over"]


async def test_rows_offered_while_the_start_is_still_reading_are_sent_once_and_in_order(
    world: World,
) -> None:
    await world.commit(message("terminal", "a", "0"))
    world.start()
    for n in range(1, 6):  # no settling between: the first sweep is somewhere under way
        await world.say("terminal", "a", str(n))
    await world.settle()
    await world.pass_(3)
    assert world.platforms["terminal"].texts() == ["0", "1", "2", "3", "4", "5"]


async def test_one_send_at_a_time_in_a_chat_and_different_chats_side_by_side(world: World) -> None:
    platform = world.platforms["terminal"]
    platform.hold = asyncio.Event()
    world.start()
    await world.settle()
    for chat in "abc":
        await world.say("terminal", chat, "1", "2")
    await world.settle()
    assert platform.texts() == ["1", "1", "1"]
    platform.hold.set()
    await world.settle()
    assert platform.most_in_a_chat == 1
    assert sorted(platform.texts()) == ["1", "1", "1", "2", "2", "2"]


async def test_sends_under_way_are_limited(world: World) -> None:
    platform = world.platforms["terminal"]
    platform.hold = asyncio.Event()
    world.start()
    await world.settle()
    for chat in range(100):
        await world.say("terminal", str(chat), "hello")
    await world.settle()
    assert platform.most_at_once == route_module.MAX_UNDER_WAY
    platform.hold.set()
    await world.settle()
    assert len(platform.sent) == 100


async def test_a_deletion_goes_the_same_way_in_its_place(world: World) -> None:
    world.start()
    await world.settle()
    delete = NewOutbox("telegram", "7", json.dumps({"message": "55"}), kind="delete")
    world.courier.offer(await world.commit(message("telegram", "7", "1"), delete))
    await world.settle()
    assert [row.kind for row in world.platforms["telegram"].rows()] == ["send", "delete"]
    assert await world.waiting() == 0


# -- the platform says no


async def test_a_chat_told_to_wait_is_waited_for_and_others_are_not(world: World) -> None:
    platform = world.platforms["slack"]
    world.start()
    await world.settle()
    began = world.clock.seconds()
    platform.answer = lambda row: (
        Later("ratelimited", 30.0)
        if row.chat == "a" and world.clock.seconds() < began + 30
        else Delivered("")
    )
    await world.say("slack", "a", "1", "2")
    await world.say("slack", "b", "3")
    await world.settle()
    assert platform.texts() == ["3"]
    await world.until(lambda: len(platform.sent) == 3)
    assert platform.texts("a") == ["1", "2"]
    assert platform.times("a")[0] == pytest.approx(began + 30, abs=0.5)
    assert len([row for _, row in platform.tried if row.chat == "a"]) == 3


async def test_two_chats_told_to_wait_hold_up_the_whole_channel_but_no_other(world: World) -> None:
    slack = world.platforms["slack"]
    world.start()
    await world.settle()
    began = world.clock.seconds()
    slack.answer = lambda row: (
        Later("ratelimited", 20.0) if row.chat in {"a", "b"} and not slack.sent else Delivered("")
    )
    await world.say("slack", "a", "1")
    await world.say("slack", "b", "2")
    await world.settle()
    await world.say("slack", "c", "3")
    await world.say("telegram", "c", "4")
    await world.settle()
    assert slack.sent == []
    assert world.platforms["telegram"].texts() == ["4"]
    slack.answer = lambda _: Delivered("")
    await world.until(lambda: len(slack.sent) == 3)
    assert min(slack.times()) >= began + 20


async def test_without_an_answer_the_waits_grow_to_their_limit(world: World) -> None:
    platform = world.platforms["slack"]
    platform.answer = lambda _: Later("500")
    world.start()
    await world.settle()
    await world.say("slack", "a", "1")
    await world.until(lambda: len(platform.tried) == 13)
    times = [at for at, _ in platform.tried]
    waits = [after - before for before, after in pairwise(times)]
    assert waits == pytest.approx([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600], abs=0.01)


async def test_a_platform_that_is_down_is_asked_by_one_chat_at_a_time(world: World) -> None:
    platform = world.platforms["slack"]
    platform.answer = lambda _: Later("unreachable")
    world.start()
    await world.settle()
    for chat in range(200):
        await world.say("slack", str(chat), "hello")
    await world.settle()
    first = len(platform.tried)
    assert first <= route_module.MAX_UNDER_WAY + route_module.SILENT
    await world.pass_(60)
    assert len(platform.tried) - first < 12
    platform.answer = lambda _: Delivered("")
    await world.until(lambda: len(platform.sent) == 200, seconds=180)
    assert await world.waiting() == 0


async def test_what_is_refused_for_good_is_a_dead_letter_and_blocks_nothing(world: World) -> None:
    platform = world.platforms["telegram"]
    platform.answer = lambda row: RefusedForGood("blocked") if '"1"' in row.body else Delivered("")
    world.start()
    await world.settle()
    first, _ = await world.say("telegram", "7", "1", "2")
    await world.settle()
    assert platform.texts() == ["2"]
    assert world.dead == [(first.id, "blocked")]
    failures = await world.store.read(lambda reports: reports.failures())
    assert [(failure.id, failure.error) for failure in failures] == [
        (f"send-{first.id}", "blocked")
    ]
    assert await world.waiting() == 0


async def test_after_a_day_of_attempts_a_row_is_given_up(world: World) -> None:
    platform = world.platforms["telegram"]
    platform.answer = lambda _: Later("500")
    (row,) = await world.commit(message("telegram", "7", "1"))
    at = stamp(world.clock.now())

    def nearly(tx: Transaction) -> None:
        for _ in range(MAX_ATTEMPTS - 1):
            tx.mark_later(row.id, at, "500")

    await world.store.run(nearly)
    world.start()
    await world.settle()
    assert [id for id, _ in world.dead] == [row.id]
    assert "500" in world.dead[0][1]
    assert await world.waiting() == 0


async def test_a_send_that_raises_is_tried_again_and_the_courier_goes_on(world: World) -> None:
    platform = world.platforms["terminal"]
    platform.answer = lambda row: (
        RuntimeError("a defect") if len(platform.tried) == 1 else Delivered("")
    )
    world.start()
    await world.settle()
    await world.say("terminal", "a", "1")
    await world.say("terminal", "b", "2")
    await world.until(lambda: len(platform.sent) == 2, seconds=5)
    assert platform.texts() == ["2", "1"]


async def test_nobody_to_tell_of_a_dead_letter_does_not_stop_the_sending(world: World) -> None:
    async def gone(row: OutboxRow, reason: str) -> None:
        raise RuntimeError("a defect")

    platform = world.platforms["terminal"]
    platform.answer = lambda row: RefusedForGood("no") if '"1"' in row.body else Delivered("")
    world.start(Courier(world.store, world.platforms, world.clock, on_dead=gone))
    await world.settle()
    await world.say("terminal", "a", "1", "2")
    await world.settle()
    assert platform.texts() == ["2"]


# -- pace


def most_within(times: Iterable[float], window: float) -> int:
    times = sorted(times)
    return max(sum(1 for at in times if start <= at < start + window) for start in times)


async def test_telegram_is_written_to_no_faster_than_it_allows(world: World) -> None:
    platform = world.platforms["telegram"]
    world.start()
    await world.settle()
    await world.say("telegram", "1", *map(str, range(10)))
    await world.say("telegram", "-100", *map(str, range(45)))
    for chat in range(2, 82):
        await world.say("telegram", str(chat), "hello")
    began = world.clock.seconds()
    await world.until(lambda: len(platform.sent) == 135)
    private, group = platform.times("1"), platform.times("-100")
    assert private[-1] - began < 8  # the burst counts
    assert most_within(private, 1.0) <= 5
    assert most_within(private, 10.0) <= 4 + 10
    assert most_within(group, 60.0) <= 20
    assert most_within(platform.times(), 1.0) <= 30
    assert platform.texts("-100") == [str(n) for n in range(45)]


@given(
    st.lists(st.floats(0, 5), min_size=1, max_size=60),
    st.sampled_from([PACES["telegram"], PACES["slack"]]),
    st.sampled_from(["7", "-7"]),
)
def test_no_window_has_more_than_the_limit(gaps: list[float], pace: Pace, chat: str) -> None:
    meter, now, went = Meter(pace), 0.0, []
    for gap in gaps:
        now = max(now + gap, meter.chat_free_at(chat), meter.free_at())
        meter.count(chat, now)
        meter.tidy(now)
        went.append(now)
    for limit in (pace.of(chat), pace.overall):
        if limit.every:
            for window in (1.0, 60.0):
                allowed = limit.burst + window / limit.every
                assert most_within(went, window) <= allowed + 1e-6


def test_an_unpaced_channel_never_waits() -> None:
    meter = Meter(UNPACED)
    for _ in range(100):
        meter.count("a", 5.0)
    assert max(meter.free_at(), meter.chat_free_at("a")) <= 5.0


async def test_a_row_that_a_sweep_brought_before_it_was_offered_is_sent_once(world: World) -> None:
    rows = await world.commit(message("terminal", "a", "1"), message("terminal", "a", "2"))
    world.start()
    await world.settle()
    world.courier.offer(rows)
    await world.pass_(3)
    assert world.platforms["terminal"].texts() == ["1", "2"]


# -- other processes, and second thoughts


async def test_what_another_process_writes_is_sent_within_two_seconds(world: World) -> None:
    world.start()
    await world.settle()
    other = await open_store(world.path, serving=False)
    await world.commit(message("telegram", "7", "from staff"), store=other)
    await other.close()
    await world.until(lambda: bool(world.platforms["telegram"].sent), seconds=2)


async def test_what_another_process_erases_is_not_sent(world: World) -> None:
    world.start()
    await world.settle()
    conversation = await world.store.run(
        lambda tx: tx.open_conversation("slack", "U1", "D1", "", "2026-03-02T09:00:00.000Z")
    )
    texts = [str(n) for n in range(12)]
    rows = await world.commit(
        *(message("slack", "D1", text, conversation=conversation.id) for text in texts)
    )
    world.courier.offer(rows)
    await world.settle()
    sent = len(world.platforms["slack"].sent)
    assert 0 < sent < 6
    other = await open_store(world.path, serving=False)
    await other.run(lambda tx: tx.forget(conversation.id, (), "staff", "2026-03-02T09:00:01.000Z"))
    await other.close()
    await world.pass_(30)
    assert len(world.platforms["slack"].sent) <= sent + 2  # what went before the next look
    assert await world.waiting() == 0


@pytest.mark.parametrize("chat", ["D1", ""])
async def test_a_superseded_prompt_is_not_sent(world: World, chat: str) -> None:
    platform = world.platforms["slack"]
    platform.hold = asyncio.Event()
    world.start()
    await world.settle()
    conversation = await world.store.run(
        lambda tx: tx.open_conversation("slack", "U1", "D1", "", "2026-03-02T09:00:00.000Z")
    )
    ids = {"conversation": conversation.id}
    world.courier.offer(
        await world.commit(
            message("slack", "D1", "an answer", **ids),
            message("slack", "D1", "old question", prompt=True, **ids),
        )
    )
    await world.settle()
    rows = await world.commit(message("slack", "D1", "new question", prompt=True, **ids))
    await world.store.run(lambda tx: tx.supersede(conversation.id, rows[0].id))
    world.courier.recheck(*(("slack", chat) if chat else ()))
    world.courier.offer(rows)
    platform.hold.set()
    await world.until(lambda: len(platform.sent) == 2, seconds=5)
    await world.pass_(5)
    assert platform.texts() == ["an answer", "new question"]


async def test_an_erased_card_that_was_under_way_is_deleted_again(world: World) -> None:
    platform = world.platforms["slack"]
    platform.hold = asyncio.Event()
    world.start()
    await world.settle()
    conversation = await world.store.run(
        lambda tx: tx.open_conversation("telegram", "7", "7", "", "2026-03-02T09:00:00.000Z")
    )
    card = message(
        "slack", "C1", "card", conversation=conversation.id, case_kind="record", case_id="R"
    )
    world.courier.offer(await world.commit(card))
    await world.settle()
    await world.store.run(
        lambda tx: tx.forget(conversation.id, (), "applicant", "2026-03-02T09:00:01.000Z")
    )
    world.courier.recheck()
    platform.hold.set()
    await world.until(lambda: len(platform.sent) == 2, seconds=5)
    assert platform.rows()[1].kind == "delete"
    assert json.loads(platform.rows()[1].body) == {"message": "m1"}


# -- crashes, and the store out of reach


async def test_a_crash_between_send_and_mark_sends_again(world: World) -> None:
    platform = world.platforms["terminal"]
    platform.hold = asyncio.Event()
    world.start()
    await world.settle()
    await world.say("terminal", "a", "1", "2")
    await world.settle()
    await world.crash()
    platform.hold = None
    world.start(world.new_courier())
    await world.settle()
    assert platform.texts() == ["1", "1", "2"]


async def test_after_a_restart_a_new_row_does_not_overtake_one_that_was_put_off(
    world: World,
) -> None:
    platform = world.platforms["slack"]
    platform.answer = lambda _: Later("ratelimited", 60.0)
    world.start()
    await world.settle()
    await world.say("slack", "a", "1")
    await world.settle()
    await world.crash()
    platform.answer = lambda _: Delivered("")
    world.start(world.new_courier())
    await world.say("slack", "a", "2")
    began = world.clock.seconds()
    await world.until(lambda: len(platform.sent) == 2)
    assert platform.texts() == ["1", "2"]
    assert platform.times()[0] >= began + 59


async def test_an_outcome_that_the_store_does_not_take_is_kept_and_not_sent_twice(
    world: World,
) -> None:
    platform = world.platforms["terminal"]
    platform.hold = asyncio.Event()
    world.start()
    await world.settle()
    await world.say("terminal", "a", "1", "2")
    await world.settle()
    world.store.unreachable = True
    platform.hold.set()
    await world.pass_(20)
    assert platform.texts() == ["1"]
    world.store.unreachable = False
    await world.until(lambda: len(platform.sent) == 2, seconds=10)
    await world.pass_(5)
    assert platform.texts() == ["1", "2"]
    assert await world.waiting() == 0


async def test_a_store_out_of_reach_at_start_is_read_later(world: World) -> None:
    await world.commit(message("terminal", "a", "1"))
    world.store.unreachable = True
    world.start()
    await world.pass_(5)
    world.store.unreachable = False
    await world.until(lambda: len(world.platforms["terminal"].sent) == 1, seconds=3)


# -- ends


async def test_drain_waits_for_all_that_can_be_sent(world: World) -> None:
    world.start()
    await world.say("slack", "a", *map(str, range(9)))
    await world.commit(message("slack", "b", "never offered"))
    await world.finished(world.courier.drain())
    assert len(world.platforms["slack"].sent) == 10
    assert await world.waiting() == 0


async def test_drain_waits_neither_for_what_is_put_off_nor_for_other_processes_channels(
    world: World,
) -> None:
    world.platforms["slack"].answer = lambda _: Later("ratelimited", 500.0)
    world.start()
    await world.say("slack", "a", "1")
    await world.say("terminal", "a", "2")
    await world.commit(message("matrix", "a", "nobody here serves this"))
    began = world.clock.seconds()
    await world.finished(world.courier.drain())
    assert world.clock.seconds() < began + 5
    assert world.platforms["terminal"].texts() == ["2"]
    assert await world.waiting() == 2


async def test_stop_finishes_what_is_under_way_and_starts_nothing(world: World) -> None:
    platform = world.platforms["terminal"]
    platform.hold = asyncio.Event()
    world.start()
    await world.settle()
    await world.say("terminal", "a", "1", "2")
    await world.settle()
    stopping = asyncio.create_task(world.courier.stop())
    await world.settle()
    assert not stopping.done()
    platform.hold.set()
    await stopping
    assert world.running
    await world.running
    assert platform.texts() == ["1"]
    assert await world.waiting() == 1


async def test_drain_ends_when_the_courier_stops(world: World) -> None:
    world.platforms["terminal"].hold = asyncio.Event()
    world.start()
    await world.say("terminal", "a", "1")
    draining = asyncio.create_task(world.courier.drain())
    await world.settle()
    assert not draining.done()
    world.platforms["terminal"].hold.set()
    await world.courier.stop()
    await draining


# -- many rows


async def test_a_backlog_is_worked_off_in_pages_while_another_channel_is_not_held_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route_module, "MAX_HELD", 400)
    monkeypatch.setattr(route_module, "MAX_LANE", 20)
    monkeypatch.setattr(sweep_module, "PAGE", 150)
    slow = [message("telegram", "-5", str(n)) for n in range(1_200)]
    many = [message("telegram", str(n % 300), str(n)) for n in range(1_200)]
    await world.commit(*slow, *many, message("slack", "C1", "left over"))
    world.start()
    telegram, slack = world.platforms["telegram"], world.platforms["slack"]
    await world.until(lambda: slack.texts() == ["left over"], seconds=3)
    await world.say("slack", "C2", "live")
    await world.settle()
    assert slack.texts() == ["left over", "live"]
    await world.until(lambda: len(telegram.sent) - len(telegram.rows("-5")) == 1_200, seconds=120)
    assert len(telegram.rows("-5")) > 5  # nor did it starve: more than its first burst
    for chat in range(300):
        assert telegram.texts(str(chat)) == [str(n) for n in range(chat, 1_200, 300)]


async def test_memory_holds_a_part_of_a_large_backlog_and_all_of_it_is_sent(world: World) -> None:
    rows = [message("terminal", str(n % 700), str(n)) for n in range(9_000)]
    await world.commit(*rows)
    platform = world.platforms["terminal"]
    held = []
    platform.answer = lambda _: held.append(held_by(world.courier)) or Delivered("")  # type: ignore[func-returns-value]  # both are wanted here
    world.start()
    await world.until(lambda: len(platform.sent) == 9_000)
    assert max(held) <= route_module.MAX_HELD
    assert await world.waiting() == 0
    for chat in range(700):
        assert platform.texts(str(chat)) == [str(n) for n in range(chat, 9_000, 700)]


def held_by(courier: Courier) -> int:
    return sum(route.held for route in courier._routes.values())


def moody(dice: random.Random) -> Outcome | Exception:
    match dice.randrange(12):
        case 0:
            return Later("busy", dice.choice([0.5, 3.0, 20.0]))
        case 1:
            return Later("500")
        case 2:
            return RuntimeError("a defect")
        case _:
            return Delivered("")


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_each_row_is_sent_once_and_each_chat_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Small limits, so that every way into and out of memory is taken."""
    dice = random.Random(seed)
    monkeypatch.setattr(route_module, "MAX_HELD", dice.choice([8, 40, 5_000]))
    monkeypatch.setattr(route_module, "MAX_LANE", dice.choice([2, 5, 100]))
    monkeypatch.setattr(sweep_module, "PAGE", dice.choice([3, 10, 2_000]))
    platforms = [world.platforms["terminal"], world.platforms["slack"]]

    for platform in platforms:
        platform.answer = lambda _: moody(dice)
    pace = Pace(Limit(0.2, 3), Limit(0.2, 3), Limit(0.05, 5))
    await world.commit(*(message("slack", str(n % 4), f"left {n}") for n in range(30)))
    world.start(world.new_courier(paces={"slack": pace}))
    other = await open_store(world.path, serving=False)
    own: dict[tuple[str, str], list[int]] = defaultdict(list)
    foreign: dict[tuple[str, str], list[int]] = defaultdict(list)

    async def person(name: str) -> None:
        for _ in range(25):
            channel = dice.choice(["terminal", "slack"])
            chat = dice.choice([name, name, "staff"])
            news = [message(channel, chat, "x") for _ in range(dice.randint(1, 4))]
            match dice.randrange(12):
                case 0:
                    rows = await world.commit(*news, store=other)
                    foreign[channel, chat] += [row.id for row in rows]
                case 1:
                    world.courier.recheck()
                case 2:
                    world.courier.recheck(channel, chat)
                case 3:
                    for _ in range(dice.randrange(30)):
                        await asyncio.sleep(0)
                case _:
                    rows = await world.commit(*news)
                    own[channel, chat] += [row.id for row in rows]
                    world.courier.offer(rows)

    people = [asyncio.create_task(person(str(n))) for n in range(5)]
    while not all(one.done() for one in people):
        for _ in range(dice.randrange(60)):
            await asyncio.sleep(0)
        world.clock.advance()
    await asyncio.gather(*people)
    await other.close()
    total = 30 + sum(map(len, [*own.values(), *foreign.values()]))
    await world.until(lambda: sum(len(p.sent) for p in platforms) >= total)
    await world.pass_(3)
    assert sum(len(platform.sent) for platform in platforms) == total
    assert await world.waiting() == 0
    for platform in platforms:
        assert platform.most_in_a_chat == 1
        for chat in ["staff", *map(str, range(5))]:
            sent = [row.id for row in platform.rows(chat)]
            for written in (own[platform.name, chat], foreign[platform.name, chat]):
                assert [id for id in sent if id in set(written)] == written
