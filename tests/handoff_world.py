"""What the hand-off's tests stand in: the real door, store and courier, real sinks, and a clock
that a test advances once nobody is at work."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from bot import courier
from bot.app import App, assemble
from bot.clock import stamp
from bot.config import Settings, StaffChat
from bot.house import House, utc_now
from bot.messages import Incoming, Outcome
from bot.sheet import Words
from bot.sinks import Parcel, Sink
from bot.sinks.email import EmailSink, Server
from bot.sinks.webhook import WebhookSink
from bot.store import Reports
from bot.store.sqlite import SqliteStore, open_store
from tests.applications import STRAIGHT, talk
from tests.courier_world import WatchedStore, World
from tests.play import house
from tests.receivers import MailServer, Receiver

T = TypeVar("T")

SECRET = "whsec_dGhlIGZpcnN0IHNlY3JldCBvZiB0aGUgdGVzdHM="
NEWER = "whsec_dGhlIG5leHQgc2VjcmV0IG9mIHRoZSB0ZXN0cyBub3c="
STAFF = StaffChat("telegram", "-1001")
FROM, TO = "desk@provider.example", "apply@company.example"


def words() -> Words:
    return Words(house().script.form, house().script.wording, house().renderer)


def webhook(receiver: Receiver, *keys: str, **given: Any) -> WebhookSink:
    return WebhookSink(receiver.url, keys or (SECRET,), **given)


def mailbox(server: MailServer, **given: Any) -> EmailSink:
    login = {name: given.pop(name) for name in ("security", "user", "password") if name in given}
    at = Server("127.0.0.1", server.port, **{"security": "none", **login})
    return EmailSink(at, FROM, TO, words(), **given)


class WatchedSink:
    """The real sink; knows when it is at work."""

    def __init__(self, sink: Sink) -> None:
        self.name = sink.name
        self.quiet = asyncio.Event()
        self.quiet.set()
        self.outcomes: list[Outcome] = []
        self._sink = sink
        self._at_work = 0

    async def deliver(self, parcel: Parcel) -> Outcome:
        self._at_work += 1
        self.quiet.clear()
        try:
            outcome = await self._sink.deliver(parcel)
            self.outcomes.append(outcome)
            return outcome
        finally:
            self._at_work -= 1
            if not self._at_work:
                self.quiet.set()

    async def check(self) -> str:
        return await self._sink.check()

    async def close(self) -> None:
        await self._sink.close()


class _Store(WatchedStore):
    async def read(self, query: Callable[[Reports], T]) -> T:
        found: T = await self._watch(lambda: self._store.read(query))
        return found


class Handoff(World):
    def __init__(self, path: Path, store: SqliteStore, sinks: Sequence[Sink]) -> None:
        super().__init__(path, store)
        self.clock.begin(datetime.now(UTC))  # other processes' rows are of the real time
        self.store = _Store(store)
        self.sinks = {sink.name: WatchedSink(sink) for sink in sinks}
        self.app = self.assembled()
        self.courier = self.app.deliverer

    def assembled(self) -> App:
        sinks: Mapping[str, Sink] = self.sinks
        return assemble(Settings(), self.house, self.store, {}, sinks=dict(sinks), clock=self.clock)

    @property
    def house(self) -> House:
        def now() -> str:
            return stamp(self.clock.now())

        return replace(house(), sinks=tuple(self.sinks), staff=STAFF, now=now)

    async def settle(self) -> None:
        still = 0
        while still < 12:
            await asyncio.sleep(0)
            quiets = [self.store.quiet, *(sink.quiet for sink in self.sinks.values())]
            at_work = [quiet for quiet in quiets if not quiet.is_set()]
            still = 0 if at_work else still + 1
            for quiet in at_work:
                await quiet.wait()

    async def restart(self) -> None:
        """The process is killed and started again."""
        await self.crash()
        self.app = self.assembled()
        self.start(self.app.deliverer)

    async def hand_in(self, person: str = "1", lines: Sequence[str] = STRAIGHT) -> str:
        """A whole conversation; the reference."""
        await talk(self.app, "terminal", person, lines)
        return str(
            self.rows(
                "SELECT r.reference FROM records AS r JOIN conversations AS c"
                " ON c.id = r.conversation WHERE c.person = ? ORDER BY r.number DESC",
                person,
            )[0][0]
        )

    async def says(self, person: str, *lines: str) -> None:
        self._count = getattr(self, "_count", 0) + 1
        for n, line in enumerate(lines):
            await self._say(person, f"{self._count}-{n}", line)

    async def _say(self, person: str, key: str, line: str) -> None:
        arrival = Incoming(
            "terminal", f"terminal:more-{person}-{key}", person, person, key, utc_now(), text=line
        )
        await self.app.door.handle(arrival)

    async def withdraw(self, person: str = "1") -> None:
        await self.says(person, "withdraw", "yes")

    async def erase(self, person: str = "1") -> None:
        ((id,),) = self.rows("SELECT id FROM conversations WHERE person = ?", person)
        assert await self.app.door.erase(id)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as database:
            return database.execute(query, values).fetchall()

    def change(self, query: str, *values: object) -> None:
        with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as database, database:
            database.execute(query, values)

    def stands(self, sink: str = "") -> list[tuple[str, str]]:
        """(event, state) of every delivery, in their order."""
        return [
            (event, state)
            for name, event, state in self.rows("SELECT sink, event, state FROM deliveries")
            if sink in ("", name)
        ]

    def cards(self) -> list[str]:
        """What staff are told of what could not be handed on."""
        bodies = [
            json.loads(body)["plain"]["text"]
            for (body,) in self.rows("SELECT body FROM outbox WHERE chat = ? ORDER BY id", "-1001")
        ]
        return [text for text in bodies if "could not be handed on" in text]

    def all_sent(self) -> bool:
        return all(state == "sent" for _, state in self.stands())


@contextlib.asynccontextmanager
async def handing_on(path: Path, *sinks: Sink, start: bool = True) -> AsyncIterator[Handoff]:
    """Over a new database file."""
    world = Handoff(path, await open_store(path, serving=True), sinks)
    rarer = patch.object(courier, "TICK", 10.0)  # an hour passes in fewer steps
    rarer.start()
    try:
        if start:
            world.start()
        yield world
    finally:
        rarer.stop()
        if world.running:
            await world.crash()
        for sink in world.sinks.values():
            await sink.close()
        await world.store.close()
