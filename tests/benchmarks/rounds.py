"""One round: every side once, one after the other, each with a database of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.house import House
from tests.benchmarks import ours, peer
from tests.benchmarks.commits import Commits
from tests.benchmarks.measure import Figures, Turn, in_flight, one_at_a_time
from tests.benchmarks.people import FIELDS, Person, people

WARM = 3
"""people who come before anybody is timed: readers load their data when they are first asked"""


@dataclass(frozen=True, slots=True)
class Sizes:
    rounds: int
    commits: int
    alone: int
    """people of the runs with one turn at a time"""
    flying: int
    """people in flight"""
    open: tuple[int, int]
    """open conversations whose memory is compared"""
    starts: int


FULL = Sizes(rounds=5, commits=2000, alone=60, flying=1000, open=(1_000, 50_000), starts=5)
QUICK = Sizes(rounds=2, commits=500, alone=12, flying=250, open=(500, 2_500), starts=1)


@dataclass(frozen=True, slots=True)
class Sides:
    """What is measured in each round, by name: the table's rows."""

    rows = "plain commits, one row"
    turns = "plain commits, a whole turn"
    peer_alone = "peer, one at a time"
    peer_flying = "peer, in flight"
    tuned_alone = "peer with one commit a turn, one at a time"
    tuned_flying = "peer with one commit a turn, in flight"
    ours_alone = "ours through Telegram, one at a time"
    ours_flying = "ours through Telegram, in flight"
    engine_alone = "engine alone (no parsing, no sending), one at a time"
    engine_flying = "engine alone (no parsing, no sending), in flight"


class LostAnswers(Exception):  # noqa: N818 - what is so
    """After a run, the database does not hold what everybody typed: its figures mean nothing."""


Result = dict[str, float | Figures]


async def round_of(sizes: Sizes, folder: Path, house: House) -> Result:
    """A number is commits a second. Raises LostAnswers."""
    result: Result = {}
    commits = Commits(folder / "commits.db")
    result[Sides.rows] = commits.rows(sizes.commits)
    result[Sides.turns] = commits.turns(sizes.commits)
    commits.close()
    for alone, flying, one_commit in (
        (Sides.peer_alone, Sides.peer_flying, False),
        (Sides.tuned_alone, Sides.tuned_flying, True),
    ):
        result |= zip((alone, flying), await _peer(sizes, folder, one_commit), strict=True)
    result |= zip(
        (Sides.ours_alone, Sides.ours_flying), await _ours(sizes, folder, house), strict=True
    )
    result |= zip(
        (Sides.engine_alone, Sides.engine_flying), await _engine(sizes, folder, house), strict=True
    )
    return result


async def _peer(sizes: Sizes, folder: Path, one_commit: bool) -> Iterator[Figures]:
    crowd = _Crowd(sizes)
    path = folder / f"peer-{one_commit}.db"
    async with peer.Peer(path, crowd.all, one_commit=one_commit) as side:
        figures = await crowd.measure(
            lambda person: [partial(side.turn, raw) for raw in person.updates()], _nothing, _nothing
        )
        _check(crowd.all, side.persistence.answers())
    return figures


async def _ours(sizes: Sizes, folder: Path, house: House) -> Iterator[Figures]:
    crowd = _Crowd(sizes)
    async with ours.Ours(folder / "ours.db", crowd.all, house) as side:
        figures = await crowd.measure(
            lambda person: [partial(side.turn, raw, person.chat) for raw in person.updates()],
            side.settle,
            side.finish,
        )
        _check(crowd.all, await ours.answers(side.store, crowd.all))
        if side.wire.sent != len(FIELDS) * len(crowd.all):
            raise LostAnswers(f"{side.wire.sent} messages were sent")
    return figures


async def _engine(sizes: Sizes, folder: Path, house: House) -> Iterator[Figures]:
    crowd = _Crowd(sizes)
    async with ours.Engine(folder / "engine.db", crowd.all, house) as side:
        figures = await crowd.measure(
            lambda person: [partial(side.turn, arrival) for arrival in ours.arrivals(person)],
            _nothing,
            _nothing,
        )
        _check(crowd.all, await ours.answers(side.store, crowd.all))
    return figures


class _Crowd:
    """The people of one side's run."""

    def __init__(self, sizes: Sizes) -> None:
        self.all = people(WARM + sizes.alone + sizes.flying)
        self._warm = self.all[:WARM]
        self._alone = self.all[WARM : WARM + sizes.alone]
        self._flying = self.all[WARM + sizes.alone :]

    async def measure(
        self, turns: Callable[[Person], Sequence[Turn]], settle: Turn, finish: Turn
    ) -> Iterator[Figures]:
        """Figures one at a time, then in flight."""
        await one_at_a_time([turn for person in self._warm for turn in turns(person)], settle)
        alone = await one_at_a_time(
            [turn for person in self._alone for turn in turns(person)], settle
        )
        flying = await in_flight([turns(person) for person in self._flying], finish)
        return iter((alone, flying))


def _check(crowd: Sequence[Person], found: dict[int, dict[str, str]]) -> None:
    for person in crowd:
        typed = dict(zip(FIELDS, person.answers, strict=True))
        if found.get(person.chat) != typed:
            raise LostAnswers(f"person {person.number}: {found.get(person.chat)}")


async def _nothing() -> None: ...


Round = Callable[[Sizes, Path, House], Awaitable[Result]]
