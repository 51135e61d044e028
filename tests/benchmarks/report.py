"""The figures of all rounds as a table, as JSON, and held against the goals.

Only ratios of one run mean anything: each is taken within its round, and their median is given.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import telegram

from tests.benchmarks.measure import Figures
from tests.benchmarks.rounds import Result, Side, Sizes
from tests.benchmarks.startup import Start

FACT = 1033 / 3521
"""the peer's turns to plain commits of a whole turn, where it was first measured"""


@dataclass(frozen=True, slots=True)
class Spread:
    median: float
    low: float
    high: float

    @staticmethod
    def of(values: Sequence[float]) -> Spread:
        return Spread(median(values), min(values), max(values))

    def show(self, digits: int = 0) -> str:
        low, high = f"{self.low:,.{digits}f}", f"{self.high:,.{digits}f}"
        return f"{self.median:,.{digits}f} ({low}..{high})"


@dataclass(frozen=True, slots=True)
class Goal:
    what: str
    measured: Spread
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        value = self.measured.median
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    def show(self) -> str:
        bound = f">= {self.least:.3g}" if self.least is not None else f"<= {self.most:.3g}"
        verdict = "met" if self.met else "MISSED"
        return f"{self.what:62} {self.measured.show(2):22} {bound:9} {verdict}"


@dataclass(frozen=True, slots=True)
class Report:
    sizes: Sizes
    rounds: Sequence[Result]
    memory: tuple[int, int]
    """bytes, at the two counts of open conversations"""
    starts: Sequence[Start]

    def figure(self, side: Side, number: Callable[[Figures], float]) -> Spread:
        return Spread.of([number(figures) for figures in self._figures(side)])

    def ratio(
        self, side: Side, to: Side, number: Callable[[Figures], float] = lambda f: f.per_second
    ) -> Spread:
        """Of two sides' figures, or of a side to plain commits, round by round."""
        ratios = []
        for result in self.rounds:
            above, below = result[side], result[to]
            assert isinstance(above, Figures)
            ratios.append(number(above) / (number(below) if isinstance(below, Figures) else below))
        return Spread.of(ratios)

    @property
    def yardstick(self) -> Goal:
        return Goal(
            "yardstick: peer's turns / plain commits of a whole turn",
            self.ratio(Side.PEER_ALONE, Side.TURNS),
            least=0.8 * FACT,
        )

    @property
    def goals(self) -> tuple[Goal, ...]:
        p50 = self.ratio(Side.OURS_ALONE, Side.PEER_ALONE, lambda f: f.p50)
        share = self.memory[1] / self.memory[0]
        counts = "{:,} / {:,}".format(*reversed(self.sizes.open))
        return (
            Goal(
                f"through Telegram, {self.sizes.flying:,} in flight / peer",
                self.ratio(Side.OURS_FLYING, Side.PEER_FLYING),
                least=3,
            ),
            Goal("through Telegram, p50 one at a time / peer's", p50, most=1.25),
            Goal(
                f"engine alone, {self.sizes.flying:,} in flight / peer",
                self.ratio(Side.ENGINE_FLYING, Side.PEER_FLYING),
                least=8,
            ),
            Goal(f"memory at {counts} conversations", Spread.of([share]), most=2),
        )

    def text(self) -> str:
        head = f"{'':55} {'per second':>24} {'p50 ms':>20} {'p99 ms':>22} {'CPU us/turn':>20}"
        lines = [environment_line(), f"median (least..most) of {len(self.rounds)} rounds", head]
        for side in (Side.ROWS, Side.TURNS):
            commits = [value for r in self.rounds if isinstance(value := r[side], float)]
            lines.append(f"{side:55} {Spread.of(commits).show():>24}")
        for side in _SIDES:
            numbers = [
                self.figure(side, lambda f: f.per_second).show(),
                self.figure(side, lambda f: f.p50).show(2),
                self.figure(side, lambda f: f.p99).show(1),
                self.figure(side, lambda f: f.cpu).show(),
            ]
            widths = (24, 20, 22, 20)
            cells = " ".join(f"{n:>{w}}" for n, w in zip(numbers, widths, strict=True))
            lines.append(f"{side:55} {cells}")
        small, large = (size / 2**20 for size in self.memory)
        lines += [
            "",
            f"memory: {small:.0f} MB at {self.sizes.open[0]:,} open conversations, "
            f"{large:.0f} MB at {self.sizes.open[1]:,}",
            "start-up, seconds, median (least..most): "
            + "; ".join(f"{name} {spread.show(2)}" for name, spread in self._starts().items()),
            "",
            self.yardstick.show(),
            *(goal.show() for goal in self.goals),
            *self._beside(),
        ]
        if not self.yardstick.met:
            lines.append("VOID: the peer is slower here than it should be; compare nothing.")
        return "\n".join(lines)

    def _beside(self) -> list[str]:
        """Ratios without a goal."""
        tuned = self.ratio(Side.OURS_FLYING, Side.TUNED_FLYING)
        engine = self.ratio(Side.ENGINE_FLYING, Side.TUNED_FLYING)
        cpu = self.ratio(Side.PEER_FLYING, Side.OURS_FLYING, lambda f: f.cpu)
        p50 = self.ratio(Side.OURS_ALONE, Side.TUNED_ALONE, lambda f: f.p50)
        named = {
            "beside: through Telegram, in flight / peer with one commit": tuned,
            "beside: p50 one at a time / peer with one commit": p50,
            "beside: engine alone, in flight / peer with one commit": engine,
            "beside: the peer's processor time a turn / ours, in flight": cpu,
        }
        return [f"{name:62} {spread.show(2)}" for name, spread in named.items()]

    def json(self) -> dict[str, Any]:
        return {
            "environment": _environment(),
            "sizes": asdict(self.sizes),
            "rounds": [
                {k: asdict(v) if isinstance(v, Figures) else v for k, v in result.items()}
                for result in self.rounds
            ],
            "memory_bytes": dict(zip(map(str, self.sizes.open), self.memory, strict=True)),
            "starts": [asdict(start) for start in self.starts],
            "valid": self.yardstick.met,
            "goals": [{**asdict(goal), "met": goal.met} for goal in (self.yardstick, *self.goals)],
        }

    def _figures(self, side: Side) -> list[Figures]:
        return [figures for r in self.rounds if isinstance(figures := r[side], Figures)]

    def _starts(self) -> dict[str, Spread]:
        return {
            "to the first answer": Spread.of([s.first_answer for s in self.starts]),
            "whole process": Spread.of([s.whole for s in self.starts]),
            "imports": Spread.of([s.imports for s in self.starts]),
            "build_house": Spread.of([s.build_house for s in self.starts]),
        }


_SIDES = (
    Side.PEER_ALONE,
    Side.PEER_FLYING,
    Side.TUNED_ALONE,
    Side.TUNED_FLYING,
    Side.OURS_ALONE,
    Side.OURS_FLYING,
    Side.ENGINE_ALONE,
    Side.ENGINE_FLYING,
)


def _environment() -> dict[str, Any]:
    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "load": load[:1],
        "sqlite": sqlite3.sqlite_version,
        "python-telegram-bot": telegram.__version__,
    }


def environment_line() -> str:
    return ", ".join(
        f"{name} {', '.join(f'{v:.1f}' for v in value) if name == 'load' else value}"
        for name, value in _environment().items()
    )
