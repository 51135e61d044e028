"""Random lives of deliveries: answers, silences, lost answers, kills, erases, retries in any order.
Whatever happens, a sink hears of each application in order, at least once, and of an erased one
nothing after that."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import pytest

from bot.clock import stamp
from bot.handoff import hand_on
from bot.messages import Delivered, Later, Outcome, RefusedForGood
from bot.sinks import Parcel
from bot.store import Transaction
from bot.store.rows import HandedOn, OutboxRow
from tests.handoff_world import Handoff, handing_on

EARLIER: dict[str, int] = {"submitted": 0, "withdrawn": 1, "erased": 2}


class Moody:
    """A sink of a mood: what it heard, whatever it answered."""

    def __init__(self, name: str, dice: random.Random) -> None:
        self.name = name
        self.heard: list[tuple[str, str]] = []
        """(reference, event), in order, repeats too"""
        self.kind = False
        self._dice = dice

    async def deliver(self, parcel: Parcel) -> Outcome:
        mood = "kind" if self.kind else self._dice.choice(("kind", "lost", "busy", "never", "slow"))
        if mood == "never":
            return RefusedForGood("no")
        if mood == "busy":
            return Later("not now", self._dice.choice((None, 3.0, 120.0)))
        for _ in range(self._dice.randrange(4) if mood == "slow" else 0):
            await asyncio.sleep(0)
        self.heard.append((parcel.delivery.reference, parcel.delivery.event))
        json.dumps(parcel.payload())
        return Later("no answer") if mood == "lost" else Delivered("")

    async def check(self) -> str:
        return self.name

    async def close(self) -> None: ...


class Life:
    def __init__(self, world: Handoff, dice: random.Random) -> None:
        self.world = world
        self.dice = dice
        self.open: dict[str, int] = {}
        """reference -> its conversation"""
        self.erased: set[str] = set()
        self.withdrawn: set[str] = set()
        self.made = 0

    async def event(self, event: HandedOn, reference: str) -> None:
        house, at = self.world.house, stamp(self.world.clock.now())
        self.made += 1
        occasion = self.made

        def job(tx: Transaction) -> tuple[int, list[OutboxRow]]:
            row = tx.open_conversation("terminal", reference, reference, "", at)
            if event == "submitted":
                tx.add_record(reference, row.id, 1, '{"schema": 1}', at)
            return row.id, hand_on(house, tx, event, reference, occasion, at)

        self.open[reference], rows = await self.world.store.run(job)
        self.world.app.deliverer.offer(rows)

    async def erase(self, reference: str) -> None:
        conversation, at = self.open.pop(reference), stamp(self.world.clock.now())
        self.erased.add(reference)
        await self.world.store.run(lambda tx: tx.forget(conversation, [], "staff", at))
        self.world.app.deliverer.recheck()

    async def retry(self) -> None:
        at = stamp(self.world.clock.now())
        dead = self.world.rows("SELECT id FROM deliveries WHERE state = 'dead'")
        await self.world.store.run(lambda tx: [tx.deliveries.revive(id, at) for (id,) in dead])
        self.world.app.deliverer.recheck()

    async def step(self) -> None:
        steps = ("new", "withdraw", "erase", "retry", "kill", "time")
        match self.dice.choices(steps, (6, 4, 2, 2, 1, 6)):
            case ["new"]:
                await self.event("submitted", f"FD-{self.made:04}")
            case ["withdraw"] if left := sorted(self.open.keys() - self.withdrawn):
                self.withdrawn.add(reference := self.dice.choice(left))
                await self.event("withdrawn", reference)
            case ["erase"] if self.open:
                await self.erase(self.dice.choice(sorted(self.open)))
            case ["retry"]:
                await self.retry()
            case ["kill"]:
                await self.world.restart()
            case _:
                await self.world.pass_(self.dice.choice((1.0, 30.0, 900.0)))


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_the_order_holds_and_nothing_is_lost(
    tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    sinks = [Moody(name, dice) for name in ("webhook", "email", "files")]
    async with handing_on(tmp_path / "frontdesk.db", *sinks) as world:
        life = Life(world, dice)
        for _ in range(60):
            await life.step()
            if dice.random() < 0.5:
                await world.settle()
        for sink in sinks:
            sink.kind = True
        await world.settle()  # what is under way may still be refused
        await life.retry()
        await world.until(world.all_sent)
        kept = set(life.open)
        assert kept
        assert life.erased

    for sink in sinks:
        first = list(dict.fromkeys(sink.heard))
        for reference in {reference for reference, _ in first}:
            mine = [event for one, event in first if one == reference]
            assert mine == sorted(mine, key=EARLIER.__getitem__), (sink.name, reference)
            repeats = [event for one, event in sink.heard if one == reference]
            assert repeats == sorted(repeats, key=EARLIER.__getitem__), "nor does a repeat overtake"
            assert (mine[-1] == "erased") == (reference in life.erased)
        for reference in kept:
            assert (reference, "submitted") in first
            assert ((reference, "withdrawn") in first) == (reference in life.withdrawn)
        once = [one for one in sink.heard if one[1] == "erased"]
        assert {reference for reference, _ in once} <= life.erased
