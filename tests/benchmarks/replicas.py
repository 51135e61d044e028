"""``make bench``, part "replicas": turns a second with 1, 2 and 4 processes on PostgreSQL beside
one on SQLite, what a turn costs beside few and many stored conversations, and what one leaves
behind.

Each database's yardstick is plain one-row commits on it, in the same round. Processes share this
machine's processors with each other and with the server: more of them than processors serve no more
turns, they only survive one another.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.house import House
from tests.benchmarks import ours, servers, stored, weight
from tests.benchmarks.measure import percentile
from tests.benchmarks.progress import Progress
from tests.benchmarks.replica import Took
from tests.benchmarks.report import Goal, Spread, environment_line
from tests.places import Place


@dataclass(frozen=True, slots=True)
class Sizes:
    rounds: int
    commits: int
    replicas: tuple[int, ...]
    warm: int
    """people of each process who come before anybody is timed"""
    flying: int
    """people in flight, all processes together"""
    stored: tuple[int, int]
    """conversations that are stored: few, many"""
    turns: int
    """beside each of these"""
    weighed: tuple[int, int]
    """people who apply before, and of whom is counted what they leave behind"""


FULL = Sizes(3, 1000, (1, 2, 4), 20, 200, (1_000, 1_000_000), 4_000, (50, 100))
QUICK = Sizes(1, 200, (1, 2), 5, 40, (1_000, 20_000), 400, (4, 8))


@dataclass(frozen=True, slots=True)
class Run:
    """Some processes on one database. Milliseconds; processor time in microseconds."""

    name: str
    per_second: float
    p50: float
    p99: float
    cpu: float
    """a turn, of these processes, without the database server"""
    turns: int
    strays: int
    plain: float
    """plain commits a second, in the same round"""


@dataclass(frozen=True, slots=True)
class Replicated:
    sizes: Sizes
    runs: Sequence[Run]
    costs: Sequence[stored.Cost]
    weight: weight.Weight

    @property
    def goals(self) -> list[Goal]:
        goals = []
        for cost in self.costs:
            counts = f"{cost.many:,} / {cost.few:,}"
            p50 = Spread.of([cost.ratio])
            goals.append(Goal(f"{cost.kind}: p50 of a turn at {counts} stored", p50, most=1.2))
            if cost.kind == "SQLite":
                tail = Spread.of([cost.tail])
                name = f"{cost.kind}: p99.9 of a turn at {cost.many:,} / of plain commits"
                goals.append(Goal(name, tail, most=3))
        return goals

    def text(self) -> str:
        lines = [
            environment_line(),
            f"median (least..most) of {self.sizes.rounds} rounds,"
            f" {self.sizes.flying} people in flight over all processes",
            f"{'':30} {'turns a second':>20} {'p50 ms':>18} {'p99 ms':>20} {'CPU us/turn':>16}"
            f" {'plain commits/s':>20} {'turns/plain':>18} {'strays':>6}",
        ]
        for name in dict.fromkeys(run.name for run in self.runs):
            some = [run for run in self.runs if run.name == name]
            cells = [
                (20, Spread.of([run.per_second for run in some]).show()),
                (18, Spread.of([run.p50 for run in some]).show()),
                (20, Spread.of([run.p99 for run in some]).show()),
                (16, Spread.of([run.cpu for run in some]).show()),
                (20, Spread.of([run.plain for run in some]).show()),
                (18, Spread.of([run.per_second / run.plain for run in some]).show(2)),
                (6, str(sum(run.strays for run in some))),
            ]
            lines.append(f"{name:30} " + " ".join(f"{text:>{width}}" for width, text in cells))
        lines += [
            "",
            f"{'one turn at a time, ms':30} {'stored':>10} {'n':>7} {'p50':>8} {'p99':>8}"
            f" {'p99.9':>8} {'filled in s':>12}",
        ]
        for cost in self.costs:
            for name, values, size in (
                (f"{cost.kind}, a turn", cost.at_few, cost.few),
                (f"{cost.kind}, a turn", cost.at_many, cost.many),
                (f"{cost.kind}, a plain commit", cost.plain, 0),
            ):
                p50, p99, p999 = (percentile(values, share) for share in (0.5, 0.99, 0.999))
                filled = f"{cost.filling:.0f}" if size == cost.many else ""
                lines.append(
                    f"{name:30} {f'{size:,}' if size else '-':>10} {len(values):>7} {p50:>8.2f}"
                    f" {p99:>8.2f} {p999:>8.2f} {filled:>12}"
                )
        goals = [goal.show() for goal in self.goals]
        return "\n".join([*lines, "", self.weight.text(), "", *goals])

    def json(self) -> dict[str, Any]:
        return {
            "sizes": asdict(self.sizes),
            "runs": [asdict(run) for run in self.runs],
            "stored": [
                {
                    "kind": cost.kind,
                    "few": cost.few,
                    "many": cost.many,
                    "turns": len(cost.at_many),
                    "ratio": cost.ratio,
                    "tail": cost.tail,
                }
                for cost in self.costs
            ],
            "weight": asdict(self.weight),
            "goals": [{**asdict(goal), "met": goal.met} for goal in self.goals],
        }


def measure(sizes: Sizes, folder: Path) -> Replicated:
    """Raises CalledProcessError where a process ended otherwise than it should."""
    runs: list[Run] = []
    with servers.server(folder) as url:
        for nth in range(1, sizes.rounds + 1):
            progress = Progress(f"replicas, round {nth} of {sizes.rounds}", sizes.rounds)
            with tempfile.TemporaryDirectory(dir=folder) as own:
                place: Place = Path(own) / "one.db"
                runs.append(run("SQLite, 1 process", place, 1, sizes, Path(own) / "plain.db"))
                for count in sizes.replicas:
                    name = f"PostgreSQL, {count} process{'es' * (count > 1)}"
                    at = servers.fresh(url)
                    runs.append(run(name, at, count, sizes, servers.fresh(url)))
            progress.done()
        weighed = asyncio.run(weight.measure(servers.fresh(url), *sizes.weighed))
        costs = asyncio.run(beside_stored(sizes, folder, url, ours.house()))
    return Replicated(sizes, runs, costs, weighed)


async def beside_stored(sizes: Sizes, folder: Path, url: str, house: House) -> list[stored.Cost]:
    return [
        await stored.measure(place, folder, sizes.stored, sizes.turns, house) for place in ("", url)
    ]


def run(name: str, place: Place, count: int, sizes: Sizes, yardstick: Place) -> Run:
    """``yardstick``: where plain commits are made."""
    plain = servers.Plain(yardstick)
    commits = plain.per_second(sizes.commits)
    plain.close()
    each = sizes.flying // count
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.benchmarks.replica", str(place)),
                *(str(nth * (sizes.warm + each)), str(sizes.warm), str(each)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for nth in range(count)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise subprocess.CalledProcessError(process.wait(), process.args)
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        ended = [process.communicate()[0] for process in processes]
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()
    for process in processes:
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args)
    return _together(name, [Took(**json.loads(text)) for text in ended], commits)


def _together(name: str, all_: Sequence[Took], plain: float) -> Run:
    latencies = sorted(1e3 * seconds for took in all_ for seconds in took.latencies)
    strays = sum(took.strays for took in all_)
    turns = len(latencies) + strays
    seconds = max(took.ended for took in all_) - min(took.began for took in all_)
    return Run(
        name,
        turns / seconds,
        percentile(latencies, 0.5),
        percentile(latencies, 0.99),
        1e6 * sum(took.cpu for took in all_) / turns,
        turns,
        strays,
        plain,
    )
