"""One person's arrivals in their order, different people's side by side, and nothing kept of the
idle."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake import Intake
from bot.messages import Arrival, Incoming, Notice, Receipt, StaffReply, Unreadable
from bot.store.rows import StoreUnavailable

AT = "2026-03-02T09:00:00.000Z"


def said(person: str, text: str, channel: str = "telegram") -> Incoming:
    return Incoming(channel, f"{channel}:{person}{text}", person, person, text, AT, text=text)


class Turns:
    """A handler that takes its time: each arrival waits until the test lets it through."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.raises: dict[str, Exception] = {}

    async def __call__(self, arrival: Arrival) -> Receipt:
        name = arrival.key
        self.begun.append(name)
        if name in self.gates:
            await self.gates[name].wait()
        self.ended.append(name)
        if name in self.raises:
            raise self.raises[name]
        return Receipt(note=name)

    def hold(self, arrival: Arrival) -> Arrival:
        self.gates[arrival.key] = asyncio.Event()
        return arrival

    def let(self, arrival: Arrival) -> None:
        self.gates[arrival.key].set()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_future_gives_the_receipt() -> None:
    intake = Intake(Turns())
    assert (await intake.take(said("7", "a"))).note == "telegram:7a"


async def test_a_person_is_handled_one_by_one_and_others_meanwhile() -> None:
    turns = Turns()
    intake = Intake(turns)
    first, second, other = turns.hold(said("7", "a")), said("7", "b"), said("8", "a")
    futures = [intake.take(one) for one in (first, second, other)]
    await settle()
    assert turns.begun == ["telegram:7a", "telegram:8a"]
    assert turns.ended == ["telegram:8a"]
    turns.let(first)
    assert [(await future).note for future in futures] == [
        "telegram:7a",
        "telegram:7b",
        "telegram:8a",
    ]
    assert turns.ended == ["telegram:8a", "telegram:7a", "telegram:7b"]


async def test_the_same_id_on_two_channels_is_two_people() -> None:
    turns = Turns()
    intake = Intake(turns)
    intake.take(turns.hold(said("7", "a", "telegram")))
    assert (await intake.take(said("7", "a", "slack"))).note == "slack:7a"


async def test_what_belongs_to_nobody_waits_for_nobody() -> None:
    turns = Turns()
    intake = Intake(turns)
    held: list[Arrival] = [
        Unreadable("telegram", "telegram:1", "{", "JSONDecodeError", AT),
        Notice("telegram", "telegram:2", "-100", "notices.group"),
        StaffReply("telegram", "telegram:3", "-200", "55", "9", AT, "yes", card="4"),
    ]
    for arrival in held:
        intake.take(turns.hold(arrival))
    free = Unreadable("telegram", "telegram:4", "{", "JSONDecodeError", AT)
    assert (await intake.take(free)).note == "telegram:4"
    assert turns.begun == ["telegram:1", "telegram:2", "telegram:3", "telegram:4"]


async def test_what_could_not_be_committed_takes_what_came_after_it_along() -> None:
    """The platform sends both again, in their order; else the second would overtake."""
    turns = Turns()
    intake = Intake(turns)
    first, second, other = turns.hold(said("7", "a")), said("7", "b"), said("8", "a")
    turns.raises["telegram:7a"] = StoreUnavailable("locked")
    futures = [intake.take(one) for one in (first, second, other)]
    turns.let(first)
    for future in futures[:2]:
        with pytest.raises(StoreUnavailable):
            await future
    await futures[2]
    assert "telegram:7b" not in turns.begun
    del turns.raises["telegram:7a"]
    again = [intake.take(one) for one in (first, second)]
    assert [(await future).note for future in again] == ["telegram:7a", "telegram:7b"]


async def test_a_defect_reaches_whoever_waits_and_the_next_is_handled() -> None:
    turns = Turns()
    turns.raises["telegram:7a"] = RuntimeError("a defect")
    intake = Intake(turns)
    first, second = intake.take(said("7", "a")), intake.take(said("7", "b"))
    with pytest.raises(RuntimeError):
        await first
    assert (await second).note == "telegram:7b"


async def test_a_cancelled_future_does_not_take_the_arrival_back() -> None:
    turns = Turns()
    intake = Intake(turns)
    first = turns.hold(said("7", "a"))
    intake.take(first).cancel()
    second = intake.take(said("7", "b"))
    turns.let(first)
    await second
    assert turns.ended == ["telegram:7a", "telegram:7b"]


async def test_a_flood_is_turned_back_until_its_line_is_empty() -> None:
    turns = Turns()
    intake = Intake(turns, max_waiting=3)
    first, third = turns.hold(said("7", "0")), turns.hold(said("7", "2"))
    taken = [intake.take(first)]
    await settle()
    taken += [intake.take(one) for one in (said("7", "1"), third, said("7", "3"))]
    refused = [intake.take(said("7", str(n))) for n in (4, 5)]
    assert (await intake.take(said("8", "a"))).note == "telegram:8a"
    turns.let(first)
    await taken[1]
    refused.append(intake.take(said("7", "6")))  # there is room, but it would overtake 4 and 5
    turns.let(third)
    assert [(await future).note for future in taken] == [f"telegram:7{n}" for n in range(4)]
    for future in refused:
        with pytest.raises(StoreUnavailable):
            await future
    await settle()
    assert (await intake.take(said("7", "4"))).note == "telegram:74"


async def test_nothing_is_kept_of_people_with_nothing_waiting() -> None:
    intake = Intake(Turns())
    for start in range(0, 20_000, 500):
        await asyncio.gather(*(intake.take(said(str(n), "a")) for n in range(start, start + 500)))
    await settle()
    assert intake.people == 0
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_finish_handles_what_was_taken_and_takes_nothing_more() -> None:
    turns = Turns()
    intake = Intake(turns)
    first = turns.hold(said("7", "a"))
    taken = [intake.take(first), intake.take(said("7", "b"))]
    finishing = asyncio.create_task(intake.finish())
    await settle()
    assert not finishing.done()
    with pytest.raises(StoreUnavailable):
        await intake.take(said("8", "a"))
    turns.let(first)
    await finishing
    assert all(future.done() for future in taken)
    assert turns.ended == ["telegram:7a", "telegram:7b"]


async def test_cancelled_at_work_it_tells_everybody_who_waits() -> None:
    turns = Turns()
    intake = Intake(turns)
    futures = [intake.take(turns.hold(said("7", "a"))), intake.take(said("7", "b"))]
    await settle()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        if task is not None:
            task.cancel()
    for future in futures:
        with pytest.raises(StoreUnavailable):
            await future


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=40))
def test_whatever_the_pace_each_person_is_handled_in_the_order_of_the_calls(
    arrivals: list[tuple[int, int]],
) -> None:
    """(person, how many rounds of the loop the turn takes)."""

    async def play() -> None:
        ended: dict[str, list[int]] = {}
        rounds = {f"telegram:{who}{n}": took for n, (who, took) in enumerate(arrivals)}

        async def handle(arrival: Arrival) -> Receipt:
            assert isinstance(arrival, Incoming)
            for _ in range(rounds[arrival.key]):
                await asyncio.sleep(0)
            ended.setdefault(arrival.person, []).append(int(arrival.text))
            return Receipt()

        intake = Intake(handle)
        for n, (who, took) in enumerate(arrivals):
            intake.take(said(str(who), str(n)))
            if took % 2:
                await asyncio.sleep(0)
        await intake.finish()
        for person, order in ended.items():
            assert order == [n for n, (who, _) in enumerate(arrivals) if str(who) == person]
        assert sum(map(len, ended.values())) == len(arrivals)

    asyncio.run(play())
