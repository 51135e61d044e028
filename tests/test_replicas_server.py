"""PostgreSQL stopped and killed under the whole program: people see a delay, and nothing else."""

# ruff: noqa: ASYNC110 - what a server does rings no event here
from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.play import house
from tests.replicas import Replicas, platforms
from tests.test_kill import check_records
from tests.test_postgres_faults import Server
from tests.walkers import crowd_of, kept_of, walk

DOWN = 1.5
"""seconds that nobody serves the database, at least"""
NAMED = ("cannot be reached", "is starting or stopping")
"""what the operator is told of it"""


@pytest.fixture
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="fd-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        one = Server(Path(folder) / "data")
        yield one
        postgres.close()
        one.end()


async def test_postgresql_stopped_and_killed_costs_people_a_delay_and_nothing_else(
    server: Server, tmp_path: Path
) -> None:
    def logged() -> str:
        return (tmp_path / "stderr.txt").read_text()

    async with platforms() as (telegram, slack):
        replicas = Replicas(tmp_path, server.url, telegram, slack)
        crowd = crowd_of(telegram, slack, people=8, seed=3, think=0.6)
        try:
            await replicas.start(2)
            replicas.watch()
            walking = asyncio.create_task(walk(crowd))
            pauses = []
            for how in ("fast", "immediate"):  # told to stop; killed, and recovers
                answered = len(telegram.calls) + len(slack.calls)
                while len(telegram.calls) + len(slack.calls) < answered + 40:
                    assert not walking.done(), "people were done before the server was stopped"
                    await asyncio.sleep(0.01)
                postgres.close()
                await asyncio.to_thread(server.control, "stop", "-m", how)
                await asyncio.sleep(
                    DOWN
                )  # shorter than the store's patience: nobody need hear of it
                while how == "immediate" and not any(name in logged() for name in NAMED):
                    await asyncio.sleep(0.05)  # longer: down until the operator was told
                await asyncio.to_thread(server.control, "start")
                up, heard = time.monotonic(), sum(len(walker.heard) for walker in crowd)
                while sum(len(walker.heard) for walker in crowd) < heard + 3:
                    await asyncio.sleep(0.01)
                pauses.append(time.monotonic() - up)
            await walking
            assert set(await replicas.stop()) == {0}
        finally:
            await replicas.end()
        kept = kept_of(crowd, server.url, telegram, slack)
    check_records(server.url, [walker.who for walker in crowd])
    assert (*kept.faults, replicas.overlaps) == (0, 0, 0, 0)
    assert all(walker.moves == len(walker.who.moves) for walker in crowd)
    broken = house().renderer.text("en", "broken")[:30]
    assert not any(broken in text for walker in crowd for text in walker.heard)
    waits = sorted(wait for walker in crowd for wait in walker.waits)
    repeated = sum(walker.repeated for walker in crowd)
    print(
        f"\n{kept.acknowledged} arrivals; served again {max(pauses):.2f} s after the server was"
        f" (worst of {len(pauses)}); longest wait {waits[-1]:.2f} s; {repeated} messages repeated"
    )
    assert "Traceback" not in logged()
