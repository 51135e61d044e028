"""The courier's pace and its ends, and the courier with many rows: pages, races."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import route as route_module
from bot import sweep as sweep_module
from bot.clock import stamp
from bot.courier import Courier, reaches_all
from bot.messages import Delivered, Later, Outcome
from bot.pacing import PACES, UNPACED, Limit, Meter, Pace
from bot.route import Lane, Route
from bot.store.rows import OutboxRow
from bot.store.sqlite import open_store
from bot.sweep import Sweep, Waiting
from tests.courier_world import Platform, VirtualClock, World, message, opened


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path / "frontdesk.db") as made:
        yield made


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


async def test_several_processes_share_what_telegram_allows_the_bot(world: World) -> None:
    platform = world.platforms["telegram"]
    world.store.others = 3
    world.start()
    await world.settle()
    for chat in range(2, 42):
        await world.say("telegram", str(chat), "hello")
    await world.until(lambda: len(platform.sent) == 40)
    assert most_within(platform.times(), 1.0) <= 5 + 25 / 4 + 1


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


# -- what the races of the last test seldom reach, one by one


def bare_row(id: int, chat: str = "a") -> OutboxRow:
    return OutboxRow(id, "terminal", chat, "", "send", "{}", 0, "2026-03-02T09:00:00.000Z")


def caught_up_route() -> Route:
    route = Route(Platform("terminal", VirtualClock()), UNPACED)
    route.caught_up(())
    return route


def ids(route: Route, chat: str = "a") -> list[int]:
    return [row.id for row in route.lanes[chat].rows]


def test_an_older_row_found_late_goes_next_but_not_before_the_one_under_way() -> None:
    route = caught_up_route()
    for id in (5, 6):
        assert route.offer(bare_row(id))
    assert isinstance(route.next(0.0), Lane)
    assert route.refill(bare_row(3), 0.0)
    assert ids(route) == [5, 3, 6]


def test_an_older_row_found_late_goes_first_while_nothing_is_under_way() -> None:
    route = caught_up_route()
    for id in (5, 6):
        assert route.offer(bare_row(id))
    assert route.refill(bare_row(3), 0.0)
    assert ids(route) == [3, 5, 6]


def test_a_row_committed_after_the_store_was_read_is_not_forgotten() -> None:
    route = Route(Platform("terminal", VirtualClock()), UNPACED)
    sweep = Sweep({"terminal": route}, reaches_all)
    assert not route.offer(bare_row(4))
    sweep.note_left(bare_row(4))
    sweep.take_in(Waiting([bare_row(3)], everything=True), lambda _: 0.0)
    assert route.whole
    assert ids(route) == [3, 4]


def test_a_chat_that_was_in_doubt_while_the_store_was_read_is_read_again() -> None:
    route = Route(Platform("terminal", VirtualClock()), UNPACED)
    sweep = Sweep({"terminal": route}, reaches_all)
    sweep.note_doubt("terminal", "a")
    sweep.take_in(Waiting([bare_row(3), bare_row(4, "b")], everything=True), lambda _: 0.0)
    assert "a" not in route.lanes
    assert ids(route, "b") == [4]
    assert route.unsure


async def test_a_chat_that_ends_while_the_store_is_being_read_is_left_out_whole(
    world: World,
) -> None:
    """Else its later rows would be found without its oldest, and overtake them."""
    rows = await world.commit(*(message("terminal", "a", text) for text in "12"))
    route = caught_up_route()
    assert route.offer(rows[0])
    asked = 0

    def reaches(channel: str, chat: str) -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:  # the second row's turn to be looked at
            route.forget(route.lanes["a"])
        return True

    sweep = Sweep({"terminal": route}, reaches)
    waiting = await world.store.run(lambda tx: sweep.read(tx, stamp(world.clock.now())))
    assert list(waiting.rows) == []


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
