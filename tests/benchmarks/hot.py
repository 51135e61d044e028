"""Where a hot turn's time goes: the top functions by their own time, of both threads.

A profiler makes every call dearer, so only the shares mean anything.
"""

from __future__ import annotations

import cProfile
import io
import pstats
from functools import partial
from pathlib import Path
from typing import Literal

from bot.house import House
from bot.store import Transaction
from tests.benchmarks import ours
from tests.benchmarks.measure import in_flight
from tests.benchmarks.people import people

TOP = 25


async def profile(
    thread: Literal["writer", "loop"], count: int, folder: Path, house: House, top: int = TOP
) -> str:
    """Of ``count`` people in flight through the adapter, the writer's thread or the loop's."""
    crowd = people(count)
    watching = cProfile.Profile()

    def switch(on: bool, _: Transaction) -> None:
        watching.enable() if on else watching.disable()

    async with ours.Ours(folder / f"profile-{thread}.db", crowd, house) as side:
        turns = [[partial(side.turn, raw, p.chat) for raw in p.updates()] for p in crowd]
        if thread == "writer":  # a job runs there
            await side.store.run(partial(switch, True))
            await in_flight(turns, side.finish)
            await side.store.run(partial(switch, False))
        else:
            watching.enable()
            await in_flight(turns, side.finish)
            watching.disable()
    text = io.StringIO()
    pstats.Stats(watching, stream=text).strip_dirs().sort_stats("tottime").print_stats(top)
    return f"{thread}'s thread, {8 * count} turns\n{text.getvalue().strip()}\n"
