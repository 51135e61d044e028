"""What is asked of the database by a turn, a tick and a sweep is found by an index, however much is
stored. ``python -m tests.benchmarks --only plans`` looks at the same beside a million rows.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hot_queries import fill, live, looks_of, recorded, wrongly_read
from tests.places import KINDS, fresh
from tests.rig import rigged

STORED = 8_000
"""rows of each table before anybody comes: to read them all is dearer than any index, and 40 times
more than one statement may read"""


@pytest.mark.parametrize("kind", KINDS)
async def test_every_look_of_a_turn_a_tick_and_a_sweep_uses_an_index(
    kind: str, tmp_path: Path
) -> None:
    place = fresh(kind, tmp_path)
    await fill(place, STORED)
    with recorded() as made:
        async with rigged(place, staff="slack") as rig:
            await live(rig)
    looks = looks_of(made, place)
    assert len(looks) > 40
    wrong = [
        f"{found}: {sql}"
        for sql, values in looks.items()
        for found in wrongly_read(place, sql, values)
    ]
    assert wrong == []
    no_index = "SELECT id FROM outbox WHERE body = ?"
    assert [*wrongly_read(place, no_index, ("no index has it",))], "it can fail"
