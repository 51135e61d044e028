"""Driving one side: everybody's eight answers, and what it took."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one round."""

    turns: int
    per_second: float
    p50: float
    """milliseconds, from the bytes' receipt to committed and sent"""
    p99: float
    cpu: float
    """microseconds of processor time a turn, all threads: steadier than the clock on a busy
    machine"""


Turn = Callable[[], Awaitable[None]]


async def one_at_a_time(turns: Sequence[Turn], settle: Turn) -> Figures:
    """Each turn begins when nothing is left of the one before. What settling takes counts in the
    turns a second, not in a turn's latency."""
    return await _timed(len(turns), _in_order(turns, settle))


async def in_flight(people: Sequence[Sequence[Turn]], finish: Turn) -> Figures:
    """Everybody at once; each sends the next answer when the one before is answered."""
    total = sum(map(len, people))

    async def run(latencies: list[float]) -> None:
        async def talk(turns: Sequence[Turn]) -> None:
            for turn in turns:
                began = time.perf_counter()
                await turn()
                latencies.append(time.perf_counter() - began)

        await asyncio.gather(*map(talk, people))
        await finish()

    return await _timed(total, run)


def _in_order(turns: Sequence[Turn], settle: Turn) -> Callable[[list[float]], Awaitable[None]]:
    async def run(latencies: list[float]) -> None:
        for turn in turns:
            began = time.perf_counter()
            await turn()
            latencies.append(time.perf_counter() - began)
            await settle()

    return run


async def _timed(turns: int, run: Callable[[list[float]], Awaitable[None]]) -> Figures:
    latencies: list[float] = []
    processor, began = time.process_time(), time.perf_counter()
    await run(latencies)
    took, processor = time.perf_counter() - began, time.process_time() - processor
    latencies.sort()
    return Figures(
        turns,
        turns / took,
        1e3 * percentile(latencies, 0.5),
        1e3 * percentile(latencies, 0.99),
        1e6 * processor / turns,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest rank of values in ascending order."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
