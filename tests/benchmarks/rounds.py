"""One round: every side once, one after the other, each with a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from bot.house import House
from tests.benchmarks import ours, peer
from tests.benchmarks.commits import Commits
from tests.benchmarks.measure import Figures, Turn, in_flight, one_at_a_time
from tests.benchmarks.people import FIELDS, Person, people


@dataclass(frozen=True, slots=True)
class Sizes:
    rounds: int
    commits: int
    warm: int
    """people who come before anybody is timed: readers load their data when they are first asked,
    and the database's log has its size"""
    alone: int
    """people of the runs with one turn at a time"""
    flying: int
    """people in flight"""
    open: tuple[int, int]
    """open conversations whose memory is compared"""
    starts: int


FULL = Sizes(rounds=5, commits=2000, warm=60, alone=60, flying=1000, open=(1_000, 50_000), starts=5)
QUICK = Sizes(rounds=2, commits=500, warm=60, alone=20, flying=250, open=(500, 2_500), starts=1)


class Side(StrEnum):
    """What is measured in each round: the table's rows."""

    ROWS = "plain commits, one row"
    TURNS = "plain commits, a whole turn"
    PEER_ALONE = "peer, one at a time"
    PEER_FLYING = "peer, in flight"
    TUNED_ALONE = "peer with one commit a turn, one at a time"
    TUNED_FLYING = "peer with one commit a turn, in flight"
    OURS_ALONE = "ours through Telegram, one at a time"
    OURS_FLYING = "ours through Telegram, in flight"
    ENGINE_ALONE = "engine alone (no parsing, no sending), one at a time"
    ENGINE_FLYING = "engine alone (no parsing, no sending), in flight"


class LostAnswers(Exception):
    """After a run, the database does not hold what everybody typed: its figures mean nothing."""


Result = dict[Side, float | Figures]


async def round_of(sizes: Sizes, folder: Path, house: House) -> Result:
    """A number is commits a second. Raises LostAnswers."""
    result: Result = {}
    commits = Commits(folder / "commits.db")
    result[Side.ROWS] = commits.rows(sizes.commits)
    result[Side.TURNS] = commits.turns(sizes.commits)
    commits.close()
    for alone, flying, one_commit in (
        (Side.PEER_ALONE, Side.PEER_FLYING, False),
        (Side.TUNED_ALONE, Side.TUNED_FLYING, True),
    ):
        result |= zip((alone, flying), await _peer(sizes, folder, one_commit), strict=True)
    result |= zip(
        (Side.OURS_ALONE, Side.OURS_FLYING), await _ours(sizes, folder, house), strict=True
    )
    result |= zip(
        (Side.ENGINE_ALONE, Side.ENGINE_FLYING), await _engine(sizes, folder, house), strict=True
    )
    return result


async def _peer(sizes: Sizes, folder: Path, one_commit: bool) -> Iterator[Figures]:
    crowd = _Crowd(sizes)
    path = folder / f"peer-{one_commit}.db"
    async with peer.Peer(path, crowd.all, one_commit=one_commit) as side:
        figures = await crowd.measure(
            lambda person: [partial(side.turn, raw) for raw in person.updates()], _nothing, _nothing
        )
        check(crowd.all, side.persistence.answers())
    return figures


async def _ours(sizes: Sizes, folder: Path, house: House) -> Iterator[Figures]:
    crowd = _Crowd(sizes)
    async with ours.Ours(folder / "ours.db", crowd.all, house) as side:
        figures = await crowd.measure(
            lambda person: [partial(side.turn, raw, person.chat) for raw in person.updates()],
            side.settle,
            side.finish,
        )
        check(crowd.all, await ours.answers(side.store, crowd.all))
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
        check(crowd.all, await ours.answers(side.store, crowd.all))
    return figures


class _Crowd:
    """The people of one side's run."""

    def __init__(self, sizes: Sizes) -> None:
        self.all = people(sizes.warm + sizes.alone + sizes.flying)
        self._warm = self.all[: sizes.warm]
        self._alone = self.all[sizes.warm : -sizes.flying]
        self._flying = self.all[-sizes.flying :]

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


def check(crowd: Sequence[Person], found: dict[int, dict[str, str]]) -> None:
    for person in crowd:
        typed = dict(zip(FIELDS, person.answers, strict=True))
        if found.get(person.chat) != typed:
            raise LostAnswers(f"person {person.number}: {found.get(person.chat)}")


async def _nothing() -> None: ...
