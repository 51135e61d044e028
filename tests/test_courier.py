"""The courier against the real store, a scripted platform, and a clock that the test advances."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot import route as route_module
from bot.clock import stamp
from bot.courier import MAX_ATTEMPTS, Courier
from bot.messages import Delivered, Later, RefusedForGood
from bot.store import Transaction
from bot.store.rows import QUESTION, NewOutbox, OutboxRow
from bot.store.sqlite import open_store
from bot.store.transaction import SqlTransaction
from tests.courier_world import World, message, opened


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with opened(tmp_path / "frontdesk.db") as made:
        yield made


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
    await world.store.run(lambda tx: tx.supersede(conversation, rows[0].id))
    world.courier.recheck(*(("slack", chat) if chat else ()))
    world.courier.offer(rows)
    platform.hold.set()
    await world.until(lambda: len(platform.sent) == 2, seconds=5)
    await world.pass_(5)
    assert platform.texts() == ["an answer", "new question"]


def with_prompt(said: str, asked: str, **more: Any) -> NewOutbox:
    whole, rest = f"{said} {asked}", {"body": {"text": said}, "plain": {"text": said}}
    body = {"body": {"text": whole}, "plain": {"text": whole}, "said": rest}
    return NewOutbox("slack", "D1", json.dumps(body), prompt=QUESTION, **more)


Tell = Callable[[Courier, Mapping[int, str | None]], None]
TOLD: dict[str, Tell] = {
    "change": lambda courier, changed: courier.change("slack", "D1", changed),
    "recheck": lambda courier, changed: courier.recheck("slack", "D1"),
    "recheck all": lambda courier, changed: courier.recheck(),
}
"""the ways in which the courier may hear that rows were superseded"""
told = pytest.mark.parametrize("tell", TOLD.values(), ids=TOLD.keys())


async def burst_of(world: World, count: int, tell: Tell) -> None:
    """So many turns, each of which takes back what the ones before it asked."""
    person = await world.store.run(
        lambda tx: tx.open_conversation("slack", "U1", "D1", "", "2026-03-02T09:00:00.000Z")
    )
    for n in range(1, count + 1):
        rows = await world.commit(with_prompt(f"ack {n}", f"ask {n}", conversation=person.id))
        changed = await world.store.run(lambda tx, by=rows[0].id: tx.supersede(person, by))  # type: ignore[misc]  # bound early
        if n > 1:
            assert changed
            tell(world.courier, changed)
        world.courier.offer(rows)
        await world.settle()


@told
async def test_what_waits_behind_a_send_goes_without_its_prompt_and_in_its_order(
    world: World, tell: Tell
) -> None:
    platform = world.platforms["slack"]
    platform.hold = asyncio.Event()
    world.start()
    await world.settle()
    await burst_of(world, 4, tell)
    platform.hold.set()
    await world.until(lambda: len(platform.sent) == 4, seconds=10)
    await world.pass_(5)
    assert platform.texts() == ["ack 1 ask 1", "ack 2", "ack 3", "ack 4 ask 4"]
    assert platform.most_in_a_chat == 1
    assert await world.waiting() == 0


@told
@pytest.mark.parametrize("seconds", [3.0, None])
async def test_what_changed_while_it_was_with_the_platform_is_sent_again_as_it_is_now(
    world: World, seconds: float | None, tell: Tell
) -> None:
    platform = world.platforms["slack"]
    platform.hold = asyncio.Event()
    answers = iter([Later("429", seconds)])
    platform.answer = lambda _: next(answers, Delivered(""))
    world.start()
    await world.settle()
    began = world.clock.seconds()
    await burst_of(world, 3, tell)
    platform.hold.set()
    await world.until(lambda: len(platform.sent) == 3, seconds=20)
    assert platform.texts() == ["ack 1", "ack 2", "ack 3 ask 3"]
    assert platform.times()[0] >= began + (seconds or 1.0)


@told
@pytest.mark.parametrize("under_way", [True, False])
async def test_a_chat_told_to_wait_waits_also_when_its_first_row_was_taken_back(
    world: World, under_way: bool, tell: Tell
) -> None:
    platform = world.platforms["slack"]
    answers = iter([Later("429", 30.0)])
    platform.answer = lambda _: next(answers, Delivered(""))
    platform.hold = asyncio.Event()
    if not under_way:
        platform.hold.set()
    world.start()
    await world.settle()
    person = await world.store.run(
        lambda tx: tx.open_conversation("slack", "U1", "D1", "", "2026-03-02T09:00:00.000Z")
    )
    ids = {"conversation": person.id, "prompt": QUESTION}
    world.courier.offer(await world.commit(message("slack", "D1", "old", **ids)))
    await world.settle()
    began = world.clock.seconds()
    rows = await world.commit(message("slack", "D1", "new", **ids))
    tell(world.courier, await world.store.run(lambda tx: tx.supersede(person, rows[0].id)))
    world.courier.offer(rows)
    platform.hold.set()
    await world.finished(world.courier.drain())  # what the platform put off is waited for by none
    await world.until(lambda: bool(platform.sent), seconds=60)
    assert platform.texts() == ["new"]
    assert platform.times()[0] >= began + 29


@told
async def test_a_crash_in_a_burst_loses_and_doubles_nothing(world: World, tell: Tell) -> None:
    platform = world.platforms["slack"]
    platform.answer = lambda _: Later("down")
    world.start()
    await world.settle()
    await burst_of(world, 3, tell)
    await world.crash()
    platform.answer = lambda _: Delivered("")
    world.start(world.new_courier())
    await world.until(lambda: len(platform.sent) == 3, seconds=60)
    await world.pass_(5)
    assert platform.texts() == ["ack 1", "ack 2", "ack 3 ask 3"]


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


async def test_what_is_erased_while_it_is_put_off_is_not_sent_again(world: World) -> None:
    platform = world.platforms["slack"]
    platform.hold = asyncio.Event()
    platform.answer = lambda row: Later("429", 2.0) if "secret" in row.body else Delivered("")
    world.start()
    await world.settle()
    conversation = await world.store.run(
        lambda tx: tx.open_conversation("slack", "U1", "D1", "", "2026-03-02T09:00:00.000Z")
    )
    ids = {"conversation": conversation.id}
    world.courier.offer(
        await world.commit(
            message("slack", "D1", "a secret of theirs", **ids),
            message("slack", "C1", "a secret of theirs", case_kind="record", case_id="R", **ids),
        )
    )
    await world.settle()
    tried = len(platform.tried)
    await world.store.run(
        lambda tx: tx.forget(conversation.id, (), "applicant", "2026-03-02T09:00:01.000Z")
    )
    world.courier.recheck()
    world.courier.offer(await world.commit(message("slack", "D1", "goodbye", **ids)))
    platform.hold.set()
    await world.until(lambda: "goodbye" in platform.texts(), seconds=5)
    await world.pass_(30)
    assert platform.texts() == ["goodbye"]
    assert len(platform.tried) == tried + 1


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


async def test_a_defect_in_what_follows_from_a_send_sends_nothing_again(world: World) -> None:
    def fails(*_: object) -> list[OutboxRow]:
        raise RuntimeError("a card that cannot be made")

    world.start()
    await world.settle()
    world.courier._on_settled = fails
    await world.say("terminal", "a", "1")
    await world.settle()
    await world.pass_(3600)
    assert world.platforms["terminal"].texts() == ["1"]
    assert await world.waiting() == 0


async def test_a_defect_in_marking_what_was_sent_sends_nothing_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = SqlTransaction.mark_sent

    def fails(*_: object) -> bool:
        raise RuntimeError("a defect")

    monkeypatch.setattr(SqlTransaction, "mark_sent", fails)
    world.start()
    await world.settle()
    await world.say("terminal", "a", "1", "2")
    await world.say("terminal", "b", "3")
    await world.pass_(3600)
    assert world.platforms["terminal"].texts() == ["1", "3"]
    monkeypatch.setattr(SqlTransaction, "mark_sent", marks)
    await world.until(lambda: len(world.platforms["terminal"].sent) == 3)
    await world.pass_(3600)
    assert sorted(world.platforms["terminal"].texts()) == ["1", "2", "3"]
    assert await world.waiting() == 0
