"""`kill -9` of the real process, again and again, while people on Telegram and Slack apply.

Afterwards no answer that the bot acknowledged is missing, none is doubled, and every application
has exactly one record. The moments are random calls of the bot to the platforms, so kills hit
between receipt, commit, acknowledgement, send and mark.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tests.applicant import Applicant, Talker, applicant, apply, value_at
from tests.fakes.slack import SlackServer
from tests.fakes.telegram import TelegramServer
from tests.places import Place, rows

TOKEN = "123:TEST"
PATIENCE = 120.0
"""seconds until a hanging bot fails the test"""


@dataclass
class Process:
    """The bot as an operator runs it, on one database."""

    folder: Path
    telegram: TelegramServer
    slack: SlackServer
    started: int = 0
    _process: asyncio.subprocess.Process | None = field(default=None)

    async def start(self) -> None:
        config = self.folder / "config.toml"
        config.write_text(
            f'[store]\nurl = "sqlite:///{self.folder / "frontdesk.db"}"\n'
            f'[telegram]\nbase_url = "{self.telegram.url}"\n'
            f'[slack]\nbase_url = "{self.slack.api_url}"\n'
        )
        environment = os.environ | {
            "FRONTDESK_TELEGRAM_TOKEN": TOKEN,
            "FRONTDESK_SLACK_BOT_TOKEN": "xoxb-test",
            "FRONTDESK_SLACK_APP_TOKEN": "xapp-test",
        }
        log = (self.folder / "stderr.txt").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "--config",
            str(config),
            "run",
            env=environment,
            stderr=log,
            stdout=log,
        )
        log.close()
        self.started += 1

    async def kill(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()

    async def stop(self) -> int:
        """As the operator stops it; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), 30)


@asynccontextmanager
async def platforms() -> AsyncIterator[tuple[TelegramServer, SlackServer]]:
    # As often as the process dies, Slack must send again: its three retries are for one outage.
    slack = SlackServer(bot_token="xoxb-test", app_token="xapp-test", retries=10_000)
    async with TelegramServer(token=TOKEN) as telegram, slack:
        yield telegram, slack


def made(telegram: TelegramServer, slack: SlackServer) -> int:
    return len(telegram.calls) + len(slack.calls)


async def kill_often(
    process: Process, times: int, chance: random.Random, walking: asyncio.Task[None]
) -> int:
    """Kill and restart the process at random calls until done, or until everybody has applied."""
    telegram, slack = process.telegram, process.slack
    kills = 0
    while kills < times:
        mark = made(telegram, slack) + chance.randint(6, 30)
        reached = asyncio.create_task(_reach(telegram, slack, mark))
        await asyncio.wait({reached, walking}, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        if walking.done():
            break
        await asyncio.sleep(chance.random() * 0.02)  # not at the call itself: anywhere after it
        await process.kill()
        kills += 1
        await process.start()
    return kills


async def _reach(telegram: TelegramServer, slack: SlackServer, mark: int) -> None:
    def reached() -> bool:
        return made(telegram, slack) >= mark

    waits = [
        asyncio.create_task(server.until(reached, timeout=PATIENCE)) for server in (telegram, slack)
    ]
    _, waiting = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


async def run_kills(folder: Path, *, kills: int, people: int, seed: int) -> tuple[int, int]:
    """(kills, outgoing messages that were repeated). Raises AssertionError for a lost answer."""
    chance = random.Random(seed)
    async with platforms() as (telegram, slack):
        process = Process(folder, telegram, slack)
        await process.start()
        crowd: list[tuple[Talker, Applicant, Callable[..., object]]] = []
        for n in range(people):
            if n % 2:
                crowd.append((slack.person(f"U{n:03d}", name=f"p{n}"), applicant(n), slack.until))
            else:
                crowd.append((telegram.person(1000 + n, f"p{n}"), applicant(n), telegram.until))

        async def walk() -> None:
            async with asyncio.TaskGroup() as group:
                for person, who, until in crowd:
                    group.create_task(apply(person, who, partial(until, timeout=PATIENCE)))

        walking = asyncio.create_task(walk())
        try:
            done = await kill_often(process, kills, chance, walking)
            await walking
            assert await process.stop() == 0
        finally:
            walking.cancel()
            await process.kill()
        repeated = sum(_repeats(person) for person, _, _ in crowd)
    check_records(folder / "frontdesk.db", [who for _, who, _ in crowd])
    return done, repeated


def _repeats(person: Talker) -> int:
    texts = [message.text for message in person.chat if message.from_bot]
    return len(texts) - len(set(texts))


def check_records(place: Place, everybody: list[Applicant]) -> None:
    """Each applicant has one record that holds exactly their truth, and every event one turn."""
    keys = [key for (key,) in rows(place, "SELECT key FROM events")]
    assert rows(place, "SELECT error FROM events WHERE error <> ''") == []
    assert len(keys) == len(set(keys))
    records = [json.loads(body) for (body,) in rows(place, "SELECT body FROM records")]
    assert len(records) == len(everybody)
    by_name = {value_at(record, "legal_name"): record for record in records}
    assert len(by_name) == len(everybody)
    for who in everybody:
        record = by_name[who.truth["legal_name"]]
        assert {name: value_at(record, name) for name in who.truth} == who.truth
        assert len(record["owners"]) == 1
        assert len(record["locations"]) == 1 + who.number % 2


async def test_no_acknowledged_answer_is_lost_or_doubled_when_the_process_is_killed(
    tmp_path: Path,
) -> None:
    kills, _ = await run_kills(tmp_path, kills=5, people=6, seed=random.randrange(10**6))
    assert kills == 5


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_no_answer_is_lost_in_a_hundred_kills(tmp_path: Path) -> None:
    kills = rounds = repeated = 0
    while kills < 100:
        folder = tmp_path / str(rounds)
        folder.mkdir()
        done, again = await run_kills(folder, kills=10, people=16, seed=rounds)
        kills, repeated, rounds = kills + done, repeated + again, rounds + 1
        print(f"{kills} kills in {rounds} rounds: nothing lost, {repeated} messages repeated")
