"""``make bench``: everything in one run, in interleaved rounds; the table on stdout.

No figure is asserted: another machine, another day, gives others. A run says by itself whether its
yardstick holds, which goals are met, and where one is not, what the time goes to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks import ours, plans, replicas, search, search_report
from tests.benchmarks.hot import profile
from tests.benchmarks.progress import Progress
from tests.benchmarks.report import Report, environment_line
from tests.benchmarks.rounds import FULL, QUICK, Result, Sizes, round_of
from tests.benchmarks.startup import start

PARTS = ("turns", "replicas", "plans", "search")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--quick", action="store_true", help="small and rough, in a minute or two")
    parser.add_argument("--only", choices=PARTS, help="one of the parts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path("build"),
        help="where the databases are made: on a real disk (default: ./build)",
    )
    given = parser.parse_args()
    sizes = QUICK if given.quick else FULL
    given.dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.dir) as folder:
        figures: dict[str, Any] = {}
        parts = PARTS if given.only is None else (given.only,)
        if "turns" in parts:
            figures |= turns(sizes, Path(folder))
        if "replicas" in parts:
            some = replicas.QUICK if given.quick else replicas.FULL
            replicated = replicas.measure(some, Path(folder))
            print(f"\n{replicated.text()}", flush=True)
            figures["replicas"] = replicated.json()
        if "plans" in parts:
            rows = plans.QUICK if given.quick else plans.FULL
            print(f"\n{environment_line()}", flush=True)
            figures["plans"] = []
            for planned in plans.measure(rows, Path(folder)):
                print(f"\n{planned.text()}", flush=True)
                figures["plans"].append(asdict(planned))
        if "search" in parts:
            found = search.measure(search.QUICK if given.quick else search.FULL, Path(folder))
            print(f"\n{search_report.text(found)}", flush=True)
            figures["search"] = found.json()
        if given.json is not None:
            given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def turns(sizes: Sizes, folder: Path) -> dict[str, Any]:
    """Prints the report of conversations; gives its figures."""
    report = run(sizes, folder)
    print(report.text(), flush=True)
    if not all(goal.met for goal in report.goals[:3]):
        print("\nA goal is missed; where a turn's time goes:\n")
        print(asyncio.run(profiles(sizes, folder)))
    return report.json()


def run(sizes: Sizes, folder: Path) -> Report:
    rounds = asyncio.run(all_rounds(sizes, folder))
    memory = open_conversations(sizes, folder)
    progress = Progress("start-up", sizes.starts)
    starts = []
    for nth in range(sizes.starts):
        home = folder / f"start-{nth}"
        home.mkdir()
        starts.append(start(home))
        progress.to(nth + 1)
    progress.done()
    return Report(sizes, rounds, memory, starts)


async def all_rounds(sizes: Sizes, folder: Path) -> list[Result]:
    house = ours.house()
    rounds = []
    for nth in range(1, sizes.rounds + 1):
        progress = Progress(f"round {nth} of {sizes.rounds}", sizes.rounds)
        with tempfile.TemporaryDirectory(dir=folder) as own:
            rounds.append(await round_of(sizes, Path(own), house))
        progress.done()
    return rounds


def open_conversations(sizes: Sizes, folder: Path) -> tuple[int, int]:
    """Bytes, each by a process of its own."""
    sizes_found = []
    for count in sizes.open:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.memory", str(count), str(folder)],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        sizes_found.append(int(ran.stdout))
    small, large = sizes_found
    return small, large


async def profiles(sizes: Sizes, folder: Path) -> str:
    house = ours.house()
    count = min(300, sizes.flying)
    return "\n".join(
        [
            await profile("writer", count, folder, house),
            await profile("loop", count, folder, house),
        ]
    )


if __name__ == "__main__":
    main()
