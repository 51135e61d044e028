"""People who apply on two platforms at once, and what a database holds of what they did.

    crowd = crowd_of(telegram, slack, people=12, seed=7)
    await walk(crowd)
    kept = kept_of(crowd, place, telegram, slack)

Each waits for the bot's question, answers once and repeats nothing, so whatever was lost or doubled
on the way shows. ``tests/applicant.py`` has their script.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tests.applicant import RECEIPT, Applicant, Move, Talker, applicant
from tests.fakes.slack import SlackServer
from tests.fakes.telegram import TelegramServer
from tests.places import Place, rows

PATIENCE = 120.0
"""seconds until a bot that says nothing fails the test"""
LOOK = 0.05
"""seconds between a person's two looks at their screen"""
BURST = ("the legal name", "trading name", "principal or owner")
"""questions that some answer in one go, before the second one is put"""


@dataclass(eq=False)
class Walker:
    """Somebody who applies, and what they went through. ``hasty``: they type three answers without
    waiting for the questions, where the platform promises the order of what is typed."""

    talker: Talker
    who: Applicant
    hasty: bool
    chance: random.Random
    think: float
    """seconds, the most, before each move"""
    typed: list[str] = field(default_factory=list)
    """what they typed, in its order, by the platform's names for it"""
    moves: int = 0
    waits: list[float] = field(default_factory=list)
    """seconds until the bot had answered"""

    async def walk(self) -> None:
        for in_one_go, group in groupby(self.who.moves, key=self._in_one_go):
            some = list(group)
            for nth, move in enumerate(some):
                if nth == 0 or not in_one_go:
                    await self._asked(move.asked)
                    await asyncio.sleep(self.chance.random() * self.think)
                await self._do(move)
        await self._asked(RECEIPT)

    def _in_one_go(self, move: Move) -> bool:
        return self.hasty and move.asked in BURST

    async def _asked(self, words: str) -> None:
        if not words:
            return
        began = time.monotonic()
        while words not in self._newest():
            if time.monotonic() - began > PATIENCE:
                raise AssertionError(f"{self.who.number}: {words!r} never came")
            await asyncio.sleep(LOOK)
        self.waits.append(time.monotonic() - began)

    def _newest(self) -> str:
        for message in reversed(self.talker.chat):
            if message.from_bot and not getattr(message, "shows_keyboard", False):
                return str(message.text)
        return ""

    async def _do(self, move: Move) -> None:
        self.moves += 1
        if move.does.startswith("["):
            await self.talker.taps(move.does.strip("[]"))
            return
        sent = await self.talker.says(move.does)
        room = getattr(self.talker, "dm", None)
        self.typed.append(f"{room.id} {sent}" if room else f"telegram:{sent}")

    @property
    def heard(self) -> list[str]:
        return [message.text for message in self.talker.chat if message.from_bot]

    @property
    def repeated(self) -> int:
        """Messages that came more than once."""
        return len(self.heard) - len(set(self.heard))


def crowd_of(
    telegram: TelegramServer, slack: SlackServer, *, people: int, seed: int, think: float = 0.0
) -> list[Walker]:
    """Half of them on each platform; half of those on Telegram are hasty."""
    crowd = []
    for n in range(people):
        person: Talker = (
            slack.person(f"U{n:03d}", name=f"p{n}") if n % 2 else telegram.person(1000 + n, f"p{n}")
        )
        own = random.Random(f"{seed}:{n}")
        crowd.append(Walker(person, applicant(n), n % 4 == 0, own, think))
    return crowd


async def walk(crowd: Sequence[Walker]) -> None:
    async with asyncio.TaskGroup() as group:
        for walker in crowd:
            group.create_task(walker.walk())


@dataclass(frozen=True, slots=True)
class Kept:
    """What a database holds of arrivals, held against what people did and platforms were told."""

    acknowledged: int
    """arrivals that a platform was told are taken"""
    lost: int
    """... of these not there"""
    doubled: int
    """arrivals of these people that are there beyond what they did"""
    disordered: int
    """people whose messages were not taken in the order in which they were sent"""

    @property
    def faults(self) -> tuple[int, int, int]:
        return self.lost, self.doubled, self.disordered


def kept_of(
    crowd: Sequence[Walker], place: Place, telegram: TelegramServer, slack: SlackServer
) -> Kept:
    told = [e for e in slack.envelopes if _typed(e.payload.get("event", {}))]
    keys_of = {_name(e.payload["event"]): f"slack:{e.key}" for e in told}
    acknowledged = {f"slack:{e.key}" for e in told if e.acked}
    acknowledged |= {
        f"telegram:{post.update}" for post in telegram.posting.posts if 200 <= post.status < 300
    }
    taken = rows(place, "SELECT conversation, key FROM events ORDER BY id")
    of_person: dict[int, list[str]] = defaultdict(list)
    for conversation, key in taken:
        of_person[conversation].append(key)
    by_first = {keys[0]: keys for keys in of_person.values()}
    doubled = disordered = 0
    for walker in crowd:
        typed = [keys_of.get(name, name) for name in walker.typed]
        keys = by_first[typed[0]]
        doubled += abs(len(keys) - walker.moves)
        disordered += [key for key in keys if key in set(typed)] != typed
    lost = acknowledged - {key for _, key in taken}
    return Kept(len(acknowledged), len(lost), doubled, disordered)


def _typed(event: Mapping[str, Any]) -> bool:
    """By a person: Slack tells the bot of its own messages too."""
    return event.get("type") == "message" and "bot_id" not in event


def _name(event: Mapping[str, Any]) -> str:
    return f"{event['channel']} {event['ts']}"
