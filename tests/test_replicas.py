"""Several processes on one PostgreSQL: each message is sent once and in order, whoever took its
turn; whatever can be won is won by one; what a process held that is gone is taken over at once.
"""

# ruff: noqa: ASYNC110, ASYNC220 - what other processes and threads do rings no event here
from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from bot.courier import Courier
from bot.messages import Delivered, Later, Outcome, RefusedForGood
from bot.pacing import UNPACED
from bot.reviews import Moved, carry_out
from bot.store import DELIVERIES, Store, Transaction
from bot.store.databases import open_store
from bot.store.rows import QUESTION, NewOutbox, OutboxRow, StoreUnavailable
from tests import postgres
from tests.test_store import T0, T1, ann

CHANNEL = "telegram"


@dataclass
class World:
    """What all processes' messages arrive at."""

    sent: list[tuple[str, str, int]] = field(default_factory=list)
    """(chat, text, by which process)"""
    under_way: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    overlaps: int = 0
    answer: Callable[[OutboxRow], Outcome] = lambda row: Delivered(f"m{row.id}")
    landed: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, chat: str) -> list[str]:
        return [text for where, text, _ in self.sent if where == chat]

    async def until(self, so: Callable[[], bool], seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while not so():
                self.landed.clear()
                await self.landed.wait()


@dataclass
class Platform:
    world: World
    number: int
    hold: asyncio.Event | None = None

    async def send(self, row: OutboxRow) -> Outcome:
        world = self.world
        world.under_way[row.chat] += 1
        world.overlaps += world.under_way[row.chat] > 1
        try:
            await asyncio.sleep(random.random() * 0.01)
            if self.hold is not None:
                await self.hold.wait()
            outcome = world.answer(row)
            if isinstance(outcome, Delivered):
                world.sent.append((row.chat, json.loads(row.body)["body"], self.number))
            return outcome
        finally:
            world.under_way[row.chat] -= 1
            world.landed.set()


@dataclass
class Process:
    """A serving one, in this very process."""

    store: Store
    courier: Courier
    platform: Platform
    running: asyncio.Task[None]

    async def posts(self, chat: str, *texts: str, wait: float = 0.0, **more: object) -> None:
        """Commit messages and offer them, as a turn does."""

        def job(tx: Transaction) -> list[OutboxRow]:
            rows = []
            for text in texts:
                body = json.dumps({"body": text})
                id_ = tx.post(NewOutbox(CHANNEL, chat, body, **more), T0)  # type: ignore[arg-type]  # fields by name
                rows.append(
                    OutboxRow(id_, CHANNEL, chat, "", "send", body, 0, T0, ours=tx.ours(id_))
                )
                time.sleep(wait)
            return rows

        self.courier.offer(await self.store.run(job))

    async def end(self) -> None:
        await self.courier.stop()
        await self.running
        await self.store.close()


@contextlib.asynccontextmanager
async def processes(number: int, url: str, world: World) -> AsyncIterator[list[Process]]:
    started: list[Process] = []
    for n in range(number):
        store = await open_store(postgres.database(url), serving=True)
        platform = Platform(world, n)
        courier = Courier(store, {CHANNEL: platform}, paces={CHANNEL: UNPACED})
        started.append(Process(store, courier, platform, asyncio.create_task(courier.run())))
    while not all(one.store.awake for one in started):
        await asyncio.sleep(0.01)
    try:
        yield started
    finally:
        for one in started:
            await one.end()


@contextlib.asynccontextmanager
async def forgetful(url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Another address of the same server. Once the event is set, the next COMMIT there is carried
    out, and its connection ends before the answer."""
    forget, at = asyncio.Event(), conninfo_to_dict(url)
    passing: list[asyncio.Task[None] | None] = []
    host, port = str(at.get("host", "localhost")), int(str(at.get("port", 5432)))

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passing.append(asyncio.current_task())
        there, onward = await connect()

        async def back() -> None:
            while data := await there.read(65536):
                writer.write(data)

        answers = asyncio.create_task(back())
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if b"COMMIT\x00" in data and forget.is_set():
                    forget.clear()
                    answers.cancel()
                    await asyncio.gather(answers, return_exceptions=True)
                    onward.write(data)
                    await there.read(1)  # it is done
                    break
                onward.write(data)
        answers.cancel()
        await asyncio.gather(answers, return_exceptions=True)
        for end in (writer, onward):
            end.close()
            with contextlib.suppress(ConnectionError):
                await end.wait_closed()

    async with await asyncio.start_server(pass_on, "127.0.0.1") as server:
        here = server.sockets[0].getsockname()[1]
        who = ":".join(quote(str(at[key])) for key in ("user", "password") if key in at)
        plain = "sslmode=disable&gssencmode=disable"
        yield f"postgresql://{who}@127.0.0.1:{here}/{at['dbname']}?{plain}", forget
        await asyncio.gather(*(task for task in passing if task is not None))


@pytest.fixture
def url() -> str:
    return postgres.fresh()


def left(url: str) -> int:
    return int(postgres.rows(url, "SELECT count(*) FROM outbox WHERE state = 'waiting'")[0][0])


def lanes(url: str) -> list[tuple[str, int]]:
    return postgres.rows(url, "SELECT chat, missed FROM lanes")


class TestSending:
    async def test_each_message_goes_once_and_in_the_order_of_its_chat(self, url: str) -> None:
        world = World()
        chance = random.Random(7)
        async with processes(3, url, world) as three:

            async def person(chat: str) -> None:
                for n in range(30):
                    await chance.choice(three).posts(chat, f"{n}", f"{n}+")

            async def card(n: int) -> None:
                await chance.choice(three).posts("staff", f"card {n}")

            chats = [f"chat-{n}" for n in range(12)]
            await asyncio.gather(*map(person, chats), *(card(n) for n in range(60)))
            await world.until(lambda: len(world.sent) >= 12 * 60 + 60)
            for one in three:
                await one.courier.drain()
        assert world.overlaps == 0
        order = [text for n in range(30) for text in (f"{n}", f"{n}+")]
        assert {chat: world.of(chat) for chat in chats} == dict.fromkeys(chats, order)
        cards = postgres.rows(url, "SELECT body FROM outbox WHERE chat = 'staff' ORDER BY id")
        assert world.of("staff") == [json.loads(body)["body"] for (body,) in cards]
        assert (left(url), lanes(url)) == (0, [])

    async def test_what_a_command_posts_is_sent_by_one_of_them(self, url: str) -> None:
        world = World()
        async with processes(2, url, world):
            command = await open_store(postgres.database(url), serving=False)
            for n in range(20):
                row = NewOutbox(CHANNEL, f"chat-{n % 4}", json.dumps({"body": f"{n}"}))
                await command.run(lambda tx, row=row: tx.post(row, T0))  # type: ignore[misc]  # bound early
            await command.close()
            await world.until(lambda: len(world.sent) >= 20)
        assert world.of("chat-1") == ["1", "5", "9", "13", "17"]
        assert len(world.sent) == 20

    async def test_what_waits_at_the_start_is_shared_and_sent_once(self, url: str) -> None:
        world = World()
        command = await open_store(postgres.database(url), serving=False)

        def fill(tx: Transaction) -> None:
            for n in range(600):
                tx.post(NewOutbox(CHANNEL, f"chat-{n % 200}", json.dumps({"body": f"{n}"})), T0)

        await command.run(fill)
        await command.close()
        async with processes(2, url, world):
            await world.until(lambda: len(world.sent) >= 600)
        assert (len(world.sent), world.overlaps, left(url)) == (600, 0, 0)
        assert world.of("chat-5") == ["5", "205", "405"]

    async def test_one_that_waits_holds_back_what_comes_after_it_from_elsewhere(
        self, url: str
    ) -> None:
        world = World()
        tries: list[str] = []

        def answer(row: OutboxRow) -> Outcome:
            tries.append(json.loads(row.body)["body"])
            return Later("try again", 0.3) if len(tries) == 1 else Delivered("m")

        world.answer = answer
        async with processes(2, url, world) as (one, two):
            await one.posts("ann", "first")
            await world.until(lambda: len(tries) == 1)
            await two.posts("ann", "second")
            await world.until(lambda: len(world.sent) == 2)
        assert tries == ["first", "first", "second"]

    async def test_a_question_taken_back_elsewhere_is_not_sent(self, url: str) -> None:
        world = World()
        async with processes(2, url, world) as (one, two):
            person = await one.store.run(ann)
            one.platform.hold = asyncio.Event()
            for text in ("under way", "old question"):
                await one.posts("chat-of-ann", text, prompt=QUESTION, conversation=person)

            def turn(tx: Transaction) -> int:
                row = tx.conversation(person)
                assert row is not None
                body = json.dumps({"body": "new question"})
                new = NewOutbox(CHANNEL, row.chat, body, prompt=QUESTION, conversation=row.id)
                by = tx.post(new, T1)
                assert not tx.ours(by)
                tx.supersede(row, by)
                return by

            await two.store.run(turn)
            one.platform.hold.set()
            await world.until(lambda: len(world.sent) == 2)
            await one.courier.drain()
        assert world.of("chat-of-ann") == ["under way", "new question"]

    async def test_what_is_erased_elsewhere_is_not_sent_and_the_card_goes_again(
        self, url: str
    ) -> None:
        world = World()
        async with processes(2, url, world) as (one, two):
            person = await one.store.run(ann)
            one.platform.hold = asyncio.Event()
            await one.posts("staff", "card", case_kind="record", case_id="R", conversation=person)
            for text in ("under way", "never"):
                await one.posts("chat-of-ann", text, conversation=person)
            await asyncio.sleep(0.05)
            await two.store.run(lambda tx: tx.forget(person, [], "staff", T1))
            two.courier.recheck()
            world.answer = lambda row: (
                Delivered("m1") if row.kind == "send" else RefusedForGood("no text")
            )
            deleted: list[str] = []
            send = one.platform.send

            async def noting(row: OutboxRow) -> Outcome:
                if row.kind == "delete":
                    deleted.append(row.body)
                    return Delivered("")
                return await send(row)

            one.platform.send = noting  # type: ignore[method-assign]  # a channel of its own
            two.platform.send = noting  # type: ignore[method-assign]
            one.platform.hold.set()
            await world.until(lambda: len(world.sent) == 2)
            async with asyncio.timeout(60):
                while not deleted or left(url):
                    await asyncio.sleep(0.02)
        assert world.of("chat-of-ann") == ["under way"]
        assert json.loads(deleted[0]) == {"message": "m1"}

    async def test_who_stops_hands_back_what_is_not_sent(self, url: str) -> None:
        world = World()
        async with processes(1, url, world) as (stays,):
            async with processes(1, url, world) as (goes,):
                goes.platform.hold = asyncio.Event()
                await goes.posts("ann", "1")
                await goes.posts("ann", "2", "3")
                assert lanes(url) == [("ann", 0)]
                stopping = asyncio.create_task(goes.courier.stop(grace=0.05))
                await stopping
            begun = time.monotonic()
            await world.until(lambda: len(world.sent) == 3)
            assert time.monotonic() - begun < 2
            assert stays.store.awake
        assert world.of("ann") == ["1", "2", "3"]

    async def test_how_many_live_is_known_to_each(self, url: str) -> None:
        world = World()
        async with processes(1, url, world) as (stays,):
            assert stays.store.living == 1
            async with processes(2, url, world) as (one, two):
                async with asyncio.timeout(10):
                    while [p.store.living for p in (stays, one, two)] != [3, 3, 3]:
                        await asyncio.sleep(0.02)
            async with asyncio.timeout(10):
                while stays.store.living != 1:
                    await asyncio.sleep(0.02)

    async def test_what_was_committed_without_an_answer_is_sent_soon_and_in_its_order(
        self, url: str
    ) -> None:
        world = World()
        async with (
            forgetful(url) as (proxied, forget),
            processes(1, proxied, world) as (one,),
        ):
            await one.posts("ann", "0")
            await world.until(lambda: len(world.sent) == 1)
            await one.courier.drain()
            forget.set()
            with pytest.raises(StoreUnavailable):
                await one.posts("ann", "1")
            assert not forget.is_set()
            await one.posts("ann", "2")
            await world.until(lambda: len(world.sent) == 3, 10)
        assert world.of("ann") == ["0", "1", "2"]

    async def test_who_was_taken_for_dead_begins_anew(self, url: str) -> None:
        world = World()
        async with processes(2, url, world) as (one, two):
            one.platform.hold = asyncio.Event()
            await one.posts("ann", "1")
            postgres.rows(url, "DELETE FROM replicas")  # both, and both come back
            postgres.rows(url, "UPDATE lanes SET holder = ''")
            async with asyncio.timeout(60):
                while not await one.store.changed("test"):
                    await asyncio.sleep(0.05)
            await two.posts("ann", "2")
            one.platform.hold.set()
            await world.until(lambda: "2" in world.of("ann"))
        assert world.of("ann")[0] == "1"
        assert set(world.of("ann")) == {"1", "2"}

    async def test_deliveries_too_go_once_and_in_order(self, url: str) -> None:
        heard: list[tuple[str, int]] = []
        rung = asyncio.Event()

        class Sink:
            def __init__(self, store: Store) -> None:
                self.store = store

            async def send(self, row: OutboxRow) -> Outcome:
                begun = await self.store.run(lambda tx: tx.deliveries.begin(row.id))
                if begun is not None:
                    heard.append((row.chat, begun.occasion))
                    rung.set()
                return Delivered("")

        stores = [await open_store(postgres.database(url), serving=True) for _ in range(2)]
        couriers = [
            Courier(store, {"files": Sink(store)}, table=DELIVERIES, paces={}) for store in stores
        ]
        running = [asyncio.create_task(courier.run()) for courier in couriers]

        async def happens(number: int, reference: str) -> None:
            store, courier = stores[number % 2], couriers[number % 2]

            def job(tx: Transaction) -> OutboxRow | None:
                return tx.deliveries.add("files", reference, "submitted", 1, number, T0)

            row = await store.run(job)
            if row is not None:
                courier.offer([row])

        async def application(reference: str) -> None:
            for number in range(20):
                await happens(number, reference)

        await asyncio.gather(*(application(f"R-{n}") for n in range(6)))
        async with asyncio.timeout(60):
            while len(heard) < 120:
                rung.clear()
                await rung.wait()
        for courier in couriers:
            await courier.stop()
        await asyncio.gather(*running)
        for store in stores:
            await store.close()
        assert [occasion for chat, occasion in heard if chat == "R-3"] == list(range(20))
        assert len(heard) == 120


class TestWonOnce:
    """Two processes at the very same moment."""

    @staticmethod
    async def race(url: str, job: Callable[[Transaction, int], object]) -> Sequence[object]:
        stores = [await open_store(postgres.database(url), serving=True) for _ in range(4)]
        try:
            return await asyncio.gather(
                *(store.run(partial(_numbered, job, n)) for n, store in enumerate(stores))
            )
        finally:
            for store in stores:
                await store.close()

    @pytest.fixture
    async def person(self, url: str) -> int:
        store = await open_store(postgres.database(url), serving=True)
        id_ = await store.run(ann)
        await store.run(lambda tx: tx.add_record("R-1", id_, 1, "{}", T0))
        await store.run(lambda tx: tx.remind(id_, "nudge", T0))
        await store.run(lambda tx: tx.set_meta("digest", "before"))
        await store.run(lambda tx: tx.add_escalation(id_, "question", "?", "", "", T0))
        await store.close()
        return id_

    async def test_an_update(self, url: str, person: int) -> None:
        taken = await self.race(url, lambda tx, n: tx.add_event("telegram:1", person, "{}", T0, T0))
        assert sum(number is not None for number in taken) == 1

    async def test_a_claim(self, url: str, person: int) -> None:
        done = await self.race(url, lambda tx, n: carry_out(tx, "R-1", "claim", f"Ana{n}", T1))
        assert sum(isinstance(one, Moved) for one in done) == 1

    async def test_a_due_row(self, url: str, person: int) -> None:
        def fire(tx: Transaction, n: int) -> bool:
            return [tx.fire(due.id) for due in tx.due(T1)] == [True]

        assert sorted(await self.race(url, fire)) == [False, False, False, True]  # type: ignore[type-var]  # truth values

    async def test_the_card_of_the_day(self, url: str, person: int) -> None:
        def post(tx: Transaction, n: int) -> bool:
            owed = tx.get_meta("digest") == "before"
            if owed:
                time.sleep(0.05)
                tx.set_meta("digest", "told")
            return owed

        assert sum(map(bool, await self.race(url, post))) == 1

    async def test_a_question(self, url: str, person: int) -> None:
        done = await self.race(url, lambda tx, n: tx.answer_escalation(1, f"{n}", "U1", T1))
        assert sum(map(bool, done)) == 1

    async def test_an_application(self, url: str, person: int) -> None:
        async def one(n: int) -> bool:
            with contextlib.suppress(Exception):
                await self.race(url, lambda tx, k: tx.add_record("R-2", person, 2, "{}", T1))
                return True
            return False

        assert not await one(0), "all but one of four are told that it is there"
        rows = postgres.rows(url, "SELECT count(*) FROM records WHERE reference = 'R-2'")
        assert rows == [(1,)]

    async def test_turns_of_one_conversation_never_overlap(self, url: str, person: int) -> None:
        def turn(tx: Transaction, n: int) -> tuple[float, float]:
            row = tx.conversation(person)
            assert row is not None
            begun = time.monotonic()
            time.sleep(0.02)
            tx.save_state(person, f"{row.state}{n}", T1)
            return begun, time.monotonic()

        spans = sorted(await self.race(url, turn))  # type: ignore[type-var]  # pairs of numbers
        assert all(before[1] <= after[0] for before, after in pairwise(spans))  # type: ignore[index]
        ((state, version),) = postgres.rows(url, "SELECT state, version FROM conversations")
        assert (sorted(state), version) == (["0", "1", "2", "3"], 4)

    async def test_two_in_each_others_way_are_both_done(self, url: str, person: int) -> None:

        def crossed(tx: Transaction, n: int) -> None:
            keys = ("a", "b") if n % 2 else ("b", "a")
            for key in keys:
                tx.set_meta(key, f"{n}")
                time.sleep(0.05)

        await self.race(url, crossed)
        assert len(postgres.rows(url, "SELECT 1 FROM meta WHERE key IN ('a', 'b')")) == 2


def _numbered(job: Callable[[Transaction, int], object], n: int, tx: Transaction) -> object:
    return job(tx, n)


HOLDER = """
import asyncio, json, sys
from bot.courier import Courier
from bot.store.databases import Database, open_store
from bot.store.rows import NewOutbox, OutboxRow

NOW = "2026-03-01T10:00:00.000Z"

class Stuck:
    async def send(self, row):
        print("sending", flush=True)
        await asyncio.Event().wait()

async def main():
    store = await open_store(Database(sys.argv[1]), serving=True)
    courier = Courier(store, {"telegram": Stuck()}, paces={})
    running = asyncio.create_task(courier.run())
    while not store.awake:
        await asyncio.sleep(0.01)

    def job(tx):
        rows = []
        for n in range(3):
            body = json.dumps({"body": f"{n}"})
            id = tx.post(NewOutbox("telegram", "ann", body), NOW)
            ours = tx.ours(id)
            rows.append(OutboxRow(id, "telegram", "ann", "", "send", body, 0, NOW, ours=ours))
        return rows

    courier.offer(await store.run(job))
    await running

asyncio.run(main())
"""
KILLS = 5


async def test_what_a_killed_process_held_is_taken_over_within_a_second(
    url: str, record_property: Callable[[str, object], None]
) -> None:
    world = World()
    spans: list[float] = []
    async with processes(1, url, world):
        for kill in range(1, KILLS + 1):
            with subprocess.Popen(
                [sys.executable, "-c", HOLDER, url],
                cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True,
            ) as process:  # fmt: skip
                assert process.stdout is not None
                line = await asyncio.to_thread(process.stdout.readline)
                assert line == "sending\n"
                assert len(world.sent) == 3 * (kill - 1), "while it lives, they are its own"
                process.kill()
                begun = time.monotonic()
            await world.until(lambda kill=kill: len(world.sent) >= 3 * (kill - 1) + 1)  # type: ignore[misc]  # bound early
            spans.append(time.monotonic() - begun)
            await world.until(lambda kill=kill: len(world.sent) == 3 * kill)  # type: ignore[misc]
    assert world.of("ann") == ["0", "1", "2"] * KILLS
    spans.sort()
    record_property("takeover", spans)
    print(f"taken over after {spans[len(spans) // 2]:.2f} s (median), {spans[-1]:.2f} s (worst)")
    assert spans[len(spans) // 2] < 1.0
    assert (left(url), lanes(url)) == (0, [])
