"""Memory of a process with so many open conversations; runs as a process of its own.

``python -m tests.benchmarks.memory COUNT FOLDER`` prints the resident memory in bytes, after every
conversation has taken its first answer through the Telegram adapter.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
from pathlib import Path

from tests.benchmarks.ours import Ours, house, prepare
from tests.benchmarks.people import people
from tests.benchmarks.progress import Progress

AT_ONCE = 250


async def resident(count: int, folder: Path) -> int:
    """Bytes."""
    settings = house()
    progress = Progress(f"{count} open conversations", count)
    async with Ours(folder / f"open-{count}.db", [], settings) as side:
        for first in range(0, count, AT_ONCE):
            crowd = people(min(AT_ONCE, count - first), first)
            await prepare(side.store, settings, crowd)
            await asyncio.gather(*(side.turn(p.updates()[0], p.chat) for p in crowd))
            progress.to(first + len(crowd))
        await side.finish()
        gc.collect()
        size = resident_now()
    progress.done()
    return size


def resident_now() -> int:
    """Bytes of this process; the most so far where the system is not Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(n for n in status.read_text().splitlines() if n.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024
    return resident_most()


def resident_most() -> int:
    """Bytes of this process, the most so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    print(asyncio.run(resident(int(sys.argv[1]), Path(sys.argv[2]))))
