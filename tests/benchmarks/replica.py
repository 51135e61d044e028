"""One serving process of ``replicas.py``: everything that runs for Telegram, on a shared database.

``python -m tests.benchmarks.replica PLACE FIRST WARM FLYING`` prints "ready" when its people stand
at the first question, begins at a line on its input, and prints what it took as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import Turn, in_flight
from tests.benchmarks.ours import Ours, answers, house
from tests.benchmarks.people import Person, people
from tests.benchmarks.rounds import check
from tests.places import Place

GIVE_UP = 20.0
"""seconds after which a message was sent by another process: this one was too late to say that it
was alive, as happens where there are more processes than processors"""


@dataclass(frozen=True, slots=True)
class Took:
    began: float
    """of the machine's steady clock, which all processes share"""
    ended: float
    latencies: list[float]
    """seconds, one a turn, from the bytes' receipt to committed and sent"""
    cpu: float
    """seconds of processor time"""
    strays: int
    """turns whose answer another process sent"""


async def serve(place: Place, first: int, warm: int, flying: int) -> Took:
    """Raises LostAnswers where the database does not hold what everybody typed."""
    crowd = people(warm + flying, first)
    latencies: list[float] = []
    strays = 0
    async with Ours(place, crowd, house()) as side:

        async def turn(raw: bytes, chat: int) -> None:
            nonlocal strays
            began = time.perf_counter()
            try:
                await asyncio.wait_for(side.turn(raw, chat), GIVE_UP)
                latencies.append(time.perf_counter() - began)
            except TimeoutError:
                strays += 1

        def turns(some: list[Person]) -> list[list[Turn]]:
            return [[partial(turn, raw, p.chat) for raw in p.updates()] for p in some]

        await in_flight(turns(crowd[:warm]), side.finish)
        latencies.clear()
        strays = 0
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        cpu, began = time.process_time(), time.monotonic()
        await in_flight(turns(crowd[warm:]), side.finish)
        took = Took(began, time.monotonic(), latencies, time.process_time() - cpu, strays)
        check(crowd, await answers(side.store, crowd))
    return took


if __name__ == "__main__":
    where: Place = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
    print(json.dumps(asdict(asyncio.run(serve(where, *map(int, sys.argv[2:5]))))))
