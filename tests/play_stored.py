"""The second depth: the same over a real file, through the door and the courier.

A restart closes all of it and opens the file again. What a turn did is read from the tables.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.channels import Take
from bot.clock import SystemClock, stamp
from bot.courier import Courier
from bot.door import Door
from bot.messages import Delivered, Incoming, Outcome, Outgoing, Payload, StaffReply
from bot.store import Store
from bot.store.rows import OutboxRow
from tests.deciding import reviewed
from tests.informing import informed
from tests.places import Place, open_at, rows
from tests.play import BEGIN, house
from tests.transcript import (
    References,
    Turn,
    escalated,
    forgotten,
    lines_of,
    resubmitted,
    spoken,
    submitted,
    withdrawn,
)

CHANNEL, PERSON = "paper", "amira"


def compose(outgoing: Outgoing) -> tuple[Payload, ...]:
    lines, labels = lines_of(outgoing), [button.label for button in outgoing.buttons]
    return (Payload({"lines": lines, "labels": labels}, {}),)


@dataclass
class Paper:
    """A channel that writes down what it is given."""

    name: str = CHANNEL
    sent: list[tuple[int, list[str], list[str]]] = field(default_factory=list)
    """(outbox row, lines, labels)"""

    async def send(self, row: OutboxRow) -> Outcome:
        body = json.loads(row.body)["body"]
        self.sent.append((row.id, body["lines"], body["labels"]))
        return Delivered(str(row.id))

    async def listen(self, take: Take) -> None:
        raise NotImplementedError

    async def check(self) -> str:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


@dataclass
class PaperClock(SystemClock):
    """The courier's, with the player's time of day."""

    time: Callable[[], datetime]

    def now(self) -> datetime:
        return self.time()


@dataclass
class Effects:
    """What was newly written for one person, as a transcript's lines."""

    place: Place
    channel: str
    person: str
    escalations: list[int] = field(default_factory=list)
    """ids, oldest first"""
    _records: dict[str, str] = field(default_factory=dict)
    _versions: dict[str, int] = field(default_factory=dict)
    _tombstones: int = 0

    def news(self) -> list[str]:
        return list(self._news(self.conversation()))

    def conversation(self) -> int:
        query = "SELECT id FROM conversations WHERE channel = ? AND person = ?"
        found = rows(self.place, query, self.channel, self.person)
        return int(found[0][0]) if found else 0

    def _news(self, conversation: int) -> Iterator[str]:
        def found(query: str) -> list[tuple[Any, ...]]:
            return rows(self.place, query, conversation)

        for id, *row in found(
            "SELECT id, kind, question, path, reference FROM escalations "
            "WHERE conversation = ? ORDER BY id"
        ):
            if id not in self.escalations:
                self.escalations.append(id)
                yield escalated(*row)
        for reference, number, state in found(
            "SELECT reference, number, state FROM records WHERE conversation = ? ORDER BY number"
        ):
            before = self._records.get(reference)
            self._records[reference] = state
            if before is None:
                yield submitted(reference, number)
            if state == "withdrawn" and before != state:
                yield withdrawn(reference)
        for reference, version in found(
            "SELECT reference, version FROM reviews WHERE conversation = ? ORDER BY reference"
        ):
            if version > self._versions.get(reference, 1):
                self._versions[reference] = version
                yield resubmitted(reference)
        query = "SELECT reference FROM tombstones WHERE conversation = ? ORDER BY id"
        gone = [reference for (reference,) in found(query)]
        if gone[self._tombstones :]:
            yield forgotten(reference for reference in gone[self._tombstones :] if reference)
        self._tombstones = len(gone)


@dataclass
class StoredPlayer:
    """One person's conversation on a file, or in PostgreSQL."""

    place: Place
    paper: Paper = field(default_factory=Paper)
    effects: Effects = field(init=False)
    hint: str = ""
    _store: Store = field(init=False)
    _courier: Courier = field(init=False)
    _running: asyncio.Task[None] = field(init=False)
    _door: Door = field(init=False)
    _said: dict[str, str] = field(default_factory=dict)
    _shown: int = 0
    _calls: int = 0
    _passed: timedelta = timedelta()
    """since ``BEGIN``"""
    _references: References = field(default_factory=References)

    def __post_init__(self) -> None:
        self.effects = Effects(self.place, CHANNEL, PERSON)

    async def open(self) -> None:
        self._store = await open_at(self.place, serving=True)
        self._courier = Courier(self._store, {CHANNEL: self.paper}, PaperClock(self._time))
        self._running = asyncio.create_task(self._courier.run())
        at_home = replace(house(), compose={CHANNEL: compose}, now=self._now)
        self._door = Door(at_home, self._store, self._courier.offer, self._courier.recheck)

    async def close(self) -> None:
        await self._courier.stop()
        await self._running
        await self._store.close()

    async def play(self, turn: Turn) -> tuple[str, ...]:
        self._passed += turn.pause
        if turn.kind == "restart":
            await self.close()
            await self.open()
        elif turn.kind == "after":
            await self._after(turn.span)
        elif turn.kind == "language":
            self.hint = turn.text
        elif turn.kind == "erase":
            assert await self._door.erase(self.effects.conversation())
        elif turn.kind == "inform":
            person = self.effects.conversation()
            await informed(self._store, self._door, person, turn.under, turn.text)
        elif turn.kind in ("request", "approve", "decline"):
            await reviewed(self._store, self._door, self.effects.conversation(), turn)
        elif turn.kind == "staff":
            await self._door.handle(self._reply(turn))
        else:
            await self._door.handle(self._incoming(turn))
        await self._courier.drain()
        lines = self.effects.news()
        for _, said, labels in self.paper.sent[self._shown :]:
            lines += spoken(said, labels)
        self._shown = len(self.paper.sent)
        return self._references.named(lines)

    async def _after(self, span: timedelta) -> None:
        """Time passes; the door's clock strikes whenever something has come due."""
        then = self._passed + span
        while (due := self._first_due()) and due <= stamp(self._time() - self._passed + then):
            self._passed += max(timedelta(), datetime.fromisoformat(due) - self._time())
            await self._door.tick()
        self._passed = then

    def _first_due(self) -> str:
        return rows(self.place, "SELECT min(due_at) FROM dues")[0][0] or ""

    def _now(self) -> str:
        self._calls += 1  # no two moments are the same
        return stamp(self._time())

    def _time(self) -> datetime:
        return BEGIN + timedelta(milliseconds=self._calls) + self._passed

    def _reply(self, turn: Turn) -> StaffReply:
        at = self._now()
        return StaffReply(
            "cli",
            f"cli:{at}",
            chat="",
            by="cli",
            message="",
            at=at,
            text=turn.text,
            escalation=self._waiting(),
        )

    def _waiting(self) -> int:
        query = "SELECT max(id) FROM escalations WHERE answered_at = ''"
        return int(rows(self.place, query)[0][0])

    def _incoming(self, turn: Turn) -> Incoming:
        at = self._now()
        message = f"m{at}"
        told: dict[str, Any] = {}
        match turn.kind:
            case "picked":
                told = {"kind": "picked", "button": self._button(turn)}
            case "edited":
                message = self._said[turn.text] = self._said[turn.under]
                told = {"kind": "edited", "text": turn.text}
            case _:
                self._said[turn.text] = message
                told = {"text": turn.text, "medium": turn.medium, "album": turn.album}
        told["language"] = self.hint
        return Incoming(CHANNEL, f"{CHANNEL}:{at}", PERSON, PERSON, message, at, **told)

    def _button(self, turn: Turn) -> tuple[int, int] | None:
        if turn.text == "?":
            return None
        for row, lines, labels in reversed(self.paper.sent):
            if turn.text in labels and turn.under in "\n".join(lines):
                return row, labels.index(turn.text)
        raise LookupError(f"line {turn.line}: no button [{turn.text}] {turn.under}")


@contextlib.asynccontextmanager
async def stored(place: Place) -> AsyncIterator[StoredPlayer]:
    player = StoredPlayer(place)
    await player.open()
    try:
        yield player
    finally:
        await player.close()
