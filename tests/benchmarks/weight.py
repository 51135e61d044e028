"""What a whole application leaves behind in PostgreSQL: rows and bytes of each table, its indexes
and long texts included.

People apply through the whole program, half of them on each platform. The first of them only fill
the tables' first pages, so that what the others add is theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from tests import postgres
from tests.applicant import applicant, apply
from tests.rig import Rig, rigged

_SIZES = (
    "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Weight:
    """Of one conversation with one application in it."""

    people: int
    turns: float
    tables: Mapping[str, tuple[float, float]]
    """table -> rows, bytes; the heaviest first"""

    @property
    def rows(self) -> float:
        return sum(rows for rows, _ in self.tables.values())

    @property
    def bytes(self) -> float:
        return sum(size for _, size in self.tables.values())

    def text(self) -> str:
        lines = [
            f"an application of {self.turns:.0f} turns leaves (n={self.people}):"
            f" {self.rows:.0f} rows, {self.bytes / 1024:.1f} KB"
        ]
        lines += [
            f"  {name:16} {rows:6.1f} rows {size / 1024:8.1f} KB"
            for name, (rows, size) in self.tables.items()
            if size >= 100
        ]
        return "\n".join(lines)


async def measure(url: str, first: int, people: int) -> Weight:
    """Of ``people``, who come after ``first`` others."""
    async with rigged(url, staff="slack", ack_timeout=60) as rig:
        await _apply(rig, range(first))
        before = _counted(url)
        await _apply(rig, range(first, first + people))
        after = _counted(url)
    grown = {
        name: ((after[name][0] - rows) / people, (after[name][1] - size) / people)
        for name, (rows, size) in before.items()
    }
    tables = dict(sorted(grown.items(), key=lambda each: -each[1][1]))
    return Weight(people, tables["events"][0], tables)


async def _apply(rig: Rig, numbers: range) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(n: int) -> None:
        person = rig.applicant("slack" if n % 2 else "telegram", n, f"p{n}")
        async with gate:
            await apply(person.human, applicant(n), partial(rig.until, timeout=120))

    async with asyncio.TaskGroup() as group:
        for n in numbers:
            group.create_task(one(n))
    await rig.taken()
    await rig.app.courier.drain()


def _counted(url: str) -> dict[str, tuple[int, int]]:
    postgres.rows(url, "VACUUM")
    return {
        name: (postgres.rows(url, f'SELECT count(*) FROM "{name}"')[0][0], size)  # noqa: S608 - our own table
        for name, size in postgres.rows(url, _SIZES)
    }
