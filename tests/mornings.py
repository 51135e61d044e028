"""Several people on one file, with a clock that only a test moves, and the staff chat's cards."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import stamp
from bot.config import StaffChat
from bot.digest import tell_morning
from bot.door import Door
from bot.figures import Figure, Figures, gather
from bot.house import House
from bot.messages import Incoming, StaffReply
from bot.mornings import Morning
from bot.store import Store
from bot.store.rows import OutboxRow
from bot.store.sqlite import open_store
from tests.play import BEGIN, house
from tests.test_desk import said
from tests.test_retention import FORM

GROUP = "-1001"
DAY = timedelta(days=1)
FORM_STEPS = FORM
"""what is typed, from "apply" to the statement of truth"""

_keys = itertools.count(1)


@dataclass
class Desk:
    path: Path
    now: datetime = BEGIN
    morning: Morning | None = field(default_factory=lambda: Morning(time(8), ZoneInfo("UTC")))
    rows: list[OutboxRow] = field(default_factory=list)
    """all that was ever offered to the courier"""
    store: Store = field(init=False)
    door: Door = field(init=False)

    async def open(self) -> None:
        self.store = await open_store(self.path, serving=True)
        self.door = Door(self.house, self.store, self._offer, lambda: None)

    async def restart(self) -> None:
        await self.store.close()
        await self.open()

    @property
    def house(self) -> House:
        staff = StaffChat("telegram", GROUP)
        return replace(house(), staff=staff, morning=self.morning, now=lambda: stamp(self.now))

    def _offer(self, rows: Iterable[OutboxRow]) -> None:
        self.rows += rows

    async def says(self, person: str, *texts: str, pause: float = 10) -> None:
        """A message each ten seconds."""
        for text in texts:
            at = stamp(self.now)
            key = f"telegram:{next(_keys)}"
            await self.door.handle(Incoming("telegram", key, person, person, key, at, text=text))
            self.now += timedelta(seconds=pause)

    async def answers(self, escalation: int, text: str) -> None:
        key = f"telegram:{next(_keys)}"
        at = stamp(self.now)
        await self.door.handle(
            StaffReply("telegram", key, GROUP, "staff", key, at, text=text, escalation=escalation)
        )

    async def passes(self, span: timedelta, step: timedelta = DAY) -> list[str]:
        """Time passes, and the clock strikes at each step -> the cards of the day."""
        cards: list[str] = []
        end = self.now + span
        while self.now < end:
            self.now = min(self.now + step, end)
            cards += await self.strikes()
        return cards

    async def strikes(self) -> list[str]:
        await self.door.tick()
        rows = await tell_morning(self.house, self.store)
        return [said(row).replace("\n• ", "\n") for row in rows]

    async def figures(self, since: str = "", until: str = "") -> Figures:
        form, now = house().script.form, stamp(self.now)
        return await self.store.read(lambda reports: gather(reports, form, now, since, until))

    async def at(self, name: str, since: str = "", until: str = "") -> Figure:
        figures = await self.figures(since, until)
        return next(figure for figure in figures.steps if figure.name == name)

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path, timeout=10)) as database, database:
            return database.execute(query, values).fetchall()


@asynccontextmanager
async def desk_on(path: Path) -> AsyncIterator[Desk]:
    desk = Desk(path)
    await desk.open()
    try:
        yield desk
    finally:
        await desk.store.close()
