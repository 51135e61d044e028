"""Killed while it writes: what was acknowledged is there, and no job is there by half."""

# ruff: noqa: ASYNC220 - nothing else runs in a test's loop while it waits for its process
from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

from bot.store.sqlite import open_store

KILLS = 10

WRITER = """
import asyncio, itertools, pathlib, sys
from bot.store.rows import NewOutbox
from bot.store.sqlite import open_store

async def main():
    store = await open_store(pathlib.Path(sys.argv[1]), serving=True)
    numbers = itertools.count()

    def turn(key):
        def job(tx):
            row = tx.open_conversation("telegram", key, key, "", "2026")
            event = tx.add_event(key, row.id, "x" * 300, "2026", "2026")
            tx.save_state(row.id, "y" * 900, "2026")
            tx.post(NewOutbox("telegram", key, "z" * 300, row.id, event=event), "2026")
        return job

    async def person():
        while True:
            key = f"{sys.argv[2]}:{next(numbers)}"
            await store.run(turn(key))
            print(key, flush=True)

    await asyncio.gather(*(person() for _ in range(30)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    chance = random.Random()
    acknowledged: list[str] = []
    for run in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(run)],
            cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            for _ in range(chance.randint(1, 600)):
                acknowledged.append(process.stdout.readline().strip())
            process.kill()
            # A line that was cut short is none: nobody could have read it.
            rest = process.stdout.read().rpartition("\n")[0]
            acknowledged += rest.split()

    store = await open_store(path, serving=True)
    await store.close()
    connection = sqlite3.connect(path)
    whole = connection.execute(
        "SELECT e.key FROM events AS e JOIN conversations AS c ON c.id = e.conversation"
        " JOIN outbox AS o ON o.event = e.id WHERE c.version = 1"
    ).fetchall()
    counts = [
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our names
        for table in ("events", "conversations", "outbox")
    ]
    sound = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    assert len(acknowledged) >= KILLS
    assert set(acknowledged) - {key for (key,) in whole} == set()
    assert counts == [len(whole)] * 3, "no job is there by half or twice"
    assert sound == ("ok",)
