"""`kill -9` of one of three replicas, again and again, while people on two platforms apply.

Afterwards nothing that was acknowledged is missing or doubled, each person's messages were taken in
the order in which they were sent, no two turns of one conversation overlapped, and every
application has exactly one record, which holds the truth. Telegram posts to all three in turn,
Slack has a socket to each.
"""

# ruff: noqa: ASYNC110 - what a process does rings no event here
from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from bot.store import Transaction
from bot.store.databases import open_store
from tests import postgres
from tests.replicas import WATCH, Kill, Replicas, platforms
from tests.test_kill import check_records
from tests.test_store import T0
from tests.walkers import Kept, Walker, crowd_of, kept_of, walk


@dataclass(frozen=True, slots=True)
class Outcome:
    crowd: Sequence[Walker]
    kept: Kept
    kills: Sequence[Kill]
    taken_for_dead: tuple[int, int]
    turns: int
    overlaps: int
    seconds: float

    @property
    def table(self) -> str:
        taken = sorted(kill.taken_over for kill in self.kills if kill.taken_over is not None)
        struck = sorted(kill.struck_off for kill in self.kills)
        waits = sorted(wait for walker in self.crowd for wait in walker.waits)
        messages = sum(len(walker.heard) for walker in self.crowd)
        repeated = sum(walker.repeated for walker in self.crowd)
        p99 = waits[int(0.99 * len(waits))]
        alive, theirs = self.taken_for_dead
        lines = [
            ("applicants on two platforms, three replicas", f"{len(self.crowd)}"),
            ("kill -9", f"{len(self.kills)} in {self.seconds:.0f} s"),
            ("processors / load at the end", f"{os.cpu_count()} / {os.getloadavg()[0]:.1f}"),
            ("turns", f"{self.turns}"),
            (
                "arrivals acknowledged / of these lost",
                f"{self.kept.acknowledged} / {self.kept.lost}",
            ),
            ("arrivals taken twice", f"{self.kept.doubled}"),
            ("people whose messages were taken out of order", f"{self.kept.disordered}"),
            ("overlaps of two turns of one conversation", f"{self.overlaps}"),
            ("records: one each, and true", f"{len(self.crowd)}"),
            (f"a dead one struck off, s: median / worst (n={len(struck)})", _two(struck)),
            ("living ones struck off / chats that they sent in", f"{alive} / {theirs}"),
            (f"its chats another's, s: median / worst (n={len(taken)})", _two(taken)),
            ("messages / of these repeated", f"{messages} / {repeated}"),
            ("repeated a kill", f"{repeated / max(len(self.kills), 1):.2f}"),
            (
                f"waited for an answer, s: median / p99 / worst (n={len(waits)})",
                f"{median(waits):.2f} / {p99:.2f} / {waits[-1]:.2f}",
            ),
        ]
        return "\n".join(f"{name:64} {value:>20}" for name, value in lines)


def _two(values: Sequence[float]) -> str:
    return f"{median(values):.2f} / {values[-1]:.2f}" if values else "-"


async def kill_often(
    replicas: Replicas, most: int, others: int, chance: random.Random, walking: asyncio.Task[None]
) -> None:
    """Kill a random one of those that serve at random calls of theirs, as long as so many
    ``others`` serve; a new process takes its place. Ends when everybody has applied."""
    returning: set[asyncio.Task[None]] = set()

    def calls() -> int:
        return len(replicas.telegram.calls) + len(replicas.slack.calls)

    while len(replicas.killed) < most and not walking.done():
        mark = calls() + chance.randint(6, 60)
        while (calls() < mark or len(replicas.ready) <= others) and not walking.done():
            await asyncio.sleep(0.002)
        if walking.done():
            break
        await asyncio.sleep(chance.random() * 0.05)  # not at the call itself: anywhere after it
        victim = chance.choice(replicas.ready)
        await replicas.kill(victim)
        returning.add(asyncio.create_task(replicas.replace(victim)))
    await walking
    for coming in returning:
        coming.cancel()  # who has not come back until now is not needed


async def run_kills(
    folder: Path, *, kills: int, others: int, people: int, seed: int, think: float
) -> Outcome:
    """Raises AssertionError for whatever may not be."""
    url = postgres.fresh()
    async with platforms() as (telegram, slack):
        replicas = Replicas(folder, url, telegram, slack)
        replicas.watch()
        crowd = crowd_of(telegram, slack, people=people, seed=seed, think=think)
        walking: asyncio.Task[None] | None = None
        try:
            await replicas.start(3)
            began = time.monotonic()
            walking = asyncio.create_task(walk(crowd))
            await kill_often(replicas, kills, others, random.Random(seed), walking)
            seconds = time.monotonic() - began
            codes = await replicas.stop()
        finally:
            if walking is not None:
                walking.cancel()
            await replicas.end()
        kept = kept_of(crowd, url, telegram, slack)
    assert set(codes) == {0}
    check_records(url, [walker.who for walker in crowd])
    outcome = Outcome(
        crowd,
        kept,
        replicas.kills,
        replicas.taken_for_dead,
        replicas.turns,
        replicas.overlaps,
        seconds,
    )
    print(f"\n{outcome.table}")
    assert outcome.turns >= sum(walker.moves for walker in crowd)
    assert kept.acknowledged >= sum(len(walker.typed) for walker in crowd)
    assert (*kept.faults, outcome.overlaps) == (0, 0, 0, 0)
    assert postgres.rows(url, "SELECT count(*) FROM outbox WHERE state = 'waiting'") == [(0,)]
    return outcome


async def test_nothing_is_lost_doubled_or_out_of_order_when_replicas_are_killed(
    tmp_path: Path,
) -> None:
    seed = random.randrange(10**6)
    outcome = await run_kills(tmp_path, kills=3, others=1, people=12, seed=seed, think=0.8)
    assert len(outcome.kills) >= 2, f"seed {seed}"  # a third one where a new process came in time


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("others", [2, 1])
async def test_two_hundred_apply_while_replicas_are_killed(tmp_path: Path, others: int) -> None:
    """``others`` 1: one is killed as soon as two serve, so that most of the time but one does."""
    outcome = await run_kills(tmp_path, kills=1000, others=others, people=200, seed=1, think=26.0)
    assert len(outcome.kills) >= 20


@pytest.mark.parametrize("locked", [True, False])
async def test_without_the_rows_lock_overlaps_would_be_seen(
    locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The witness of the tests above can fail: this is what overlapping turns look like to it."""
    url = postgres.fresh()
    postgres.rows(url, WATCH)
    if not locked:
        monkeypatch.setattr("bot.store.postgres.LOCKED", "")
    stores = [await open_store(postgres.database(url), serving=False) for _ in range(2)]
    await stores[0].run(lambda tx: tx.open_conversation("telegram", "ann", "ann", "", T0).id)

    def turn(n: int, tx: Transaction) -> None:
        row = tx.open_conversation("telegram", "ann", "ann", "", T0)
        tx.add_event(f"ann:{n}", row.id, "{}", T0, T0)
        time.sleep(0.02)
        tx.save_state(row.id, f"{n}", T0)

    await asyncio.gather(
        *(stores[n % 2].run(lambda tx, n=n: turn(n, tx)) for n in range(8))  # type: ignore[misc]  # bound early
    )
    for store in stores:
        await store.close()
    replicas = Replicas(Path(), url, None, None)  # type: ignore[arg-type]  # its database alone
    assert replicas.turns == 8
    assert (replicas.overlaps == 0) is locked
