"""Reminders and the end of a draft on a real store: over restarts, twice, after a block; and what
an erase leaves of somebody who has handed something off. What is due when: ``test_returning.py``.
"""

# ruff: noqa: S608 - what is put into a text is a test's own
from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import stamp
from bot.config import StaffChat
from bot.door import Door
from bot.messages import Blocked, Incoming, StaffReply
from bot.reach import GONE
from bot.store import Store, Transaction
from bot.store.rows import OutboxRow, StoreUnavailable
from bot.store.sqlite import open_store
from tests.play import BEGIN, house
from tests.rig import Person, Platform, Rig, rigged
from tests.speaking import TRUE
from tests.test_desk import said

DAY = timedelta(days=1)
GROUP = "-1001"
REMINDER = "Your application is not sent yet"
NOTICE = "It will be erased on"
OVER = "As announced, I have erased"

_keys = itertools.count(1)


@dataclass
class Life:
    """A person's conversation on a file, with a clock that only a test moves."""

    path: Path
    now: datetime = BEGIN
    rows: list[OutboxRow] = field(default_factory=list)
    """all that was ever offered to the courier"""
    store: Store = field(init=False)
    door: Door = field(init=False)

    async def open(self) -> None:
        self.store = await open_store(self.path, serving=True)
        staff = StaffChat("telegram", GROUP)
        ours = replace(house(), staff=staff, now=lambda: stamp(self.now))
        self.door = Door(ours, self.store, self._offer, lambda: None)

    def _offer(self, rows: Iterable[OutboxRow]) -> None:
        self.rows += rows

    async def restart(self) -> None:
        await self.store.close()
        await self.open()

    async def says(self, *texts: str) -> None:
        for text in texts:
            at = stamp(self.now)
            key = f"telegram:{next(_keys)}"
            await self.door.handle(Incoming("telegram", key, "7", "7", key, at, text=text))
            self.now += timedelta(seconds=1)

    async def passes(self, span: timedelta) -> list[str]:
        """Time passes and the clock strikes -> what the person was told."""
        self.now += span
        return await self.strikes()

    async def strikes(self) -> list[str]:
        before = len(self.heard)
        await self.door.tick()
        return self.heard[before:]

    @property
    def heard(self) -> list[str]:
        return [said(row) for row in self.rows if row.chat == "7"]

    async def sent(self, *, dead: str = "") -> None:
        """All that waits for the person went out, or was refused with this reason."""
        at = stamp(self.now)

        def settle(tx: Transaction) -> None:
            for row in tx.unsent("9999", 1000):
                if dead:
                    tx.mark_dead(row.id, dead, at)
                else:
                    tx.mark_sent(row.id, f"m{row.id}", at)

        await self.store.run(settle)

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path, timeout=10)) as database, database:
            return database.execute(query, values).fetchall()

    @property
    def state(self) -> dict[str, Any]:
        ((text,),) = self.sql("SELECT state FROM conversations")
        state: dict[str, Any] = json.loads(text)
        return state


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    one = Life(tmp_path / "frontdesk.db")
    await one.open()
    yield one
    await one.store.close()


FORM = [
    *("apply", "skip the check", "I agree", TRUE["kind"], TRUE["legal_name"], "skip"),
    *(TRUE["owners.name"], "that is all", TRUE["locations.country"], TRUE["locations.address"]),
    *(TRUE["locations.phone"], "that is all", TRUE["email"], TRUE["website"]),
    *(TRUE["experience"], "submit", "yes, submit it"),
]


# Once, over everything


async def test_the_reminder_comes_once_over_restarts_and_from_clocks_that_strike_twice(
    life: Life,
) -> None:
    await life.says("apply", "yes")
    await life.restart()
    assert await life.passes(DAY) == []
    await life.restart()
    (told,) = await life.passes(DAY)
    assert told.startswith(REMINDER)
    assert "1 of 9 done in the check, next: Audited records" in told
    assert await life.strikes() == []
    await life.restart()
    assert await life.passes(50 * DAY) == []


async def test_an_ordinary_turn_writes_no_due_row(life: Life) -> None:
    await life.says("apply")
    (before,) = life.sql("SELECT id, kind, due_at FROM dues")
    await life.says(*FORM[1:])
    assert life.sql("SELECT id, kind, due_at FROM dues") == [before]
    assert await life.passes(3 * DAY) == []
    assert life.sql("SELECT id FROM dues") == []


async def test_a_store_that_was_away_loses_no_reminder(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    await life.says("apply")
    life.now += 2 * DAY

    def locked(*_: object) -> object:
        raise StoreUnavailable("locked")

    with monkeypatch.context() as while_locked:
        while_locked.setattr("bot.door.take_turn", locked)
        with pytest.raises(StoreUnavailable):
            await life.door.tick()
    assert len(await life.strikes()) == 1
    assert await life.strikes() == []


async def test_a_clock_that_jumped_back_reminds_when_the_time_has_come(life: Life) -> None:
    await life.says("apply")
    life.now -= 5 * DAY
    assert await life.strikes() == []
    assert await life.passes(6 * DAY) == []
    assert len(await life.passes(DAY)) == 1


async def test_rows_of_other_kinds_stay_beside_it(life: Life) -> None:
    await life.says("apply")
    await life.store.run(lambda tx: tx.remind(1, "another", stamp(life.now)))
    assert len(life.sql("SELECT id FROM dues")) == 2
    assert len(await life.passes(2 * DAY)) == 1
    assert life.sql("SELECT kind FROM dues") == [("silence",)]


async def test_whoever_is_erased_has_nothing_due(life: Life) -> None:
    await life.says("apply", "delete my data", "yes")
    assert life.sql("SELECT id FROM dues") == []
    assert await life.passes(100 * DAY) == []
    await life.says("apply")
    assert len(await life.passes(2 * DAY)) == 1


# A block


async def blocks(life: Life, key: str = "telegram:b") -> None:
    await life.door.handle(Blocked("telegram", key, "7", stamp(life.now)))


async def test_nobody_is_reminded_after_a_block_and_the_draft_goes_all_the_same(life: Life) -> None:
    await life.says(*FORM[:6])
    await life.sent()
    await blocks(life)
    for _ in range(92):
        assert await life.passes(DAY) == []
    assert life.state["draft"] is None
    assert life.sql("SELECT erased_by FROM tombstones") == [("retention",)]
    assert life.sql("SELECT id FROM outbox") == []


async def test_a_block_of_a_stranger_opens_no_conversation_and_counts_once(life: Life) -> None:
    await blocks(life)
    await blocks(life)
    assert life.sql("SELECT id FROM conversations") == []
    assert life.sql("SELECT count(*) FROM events") == [(1,)]


async def test_after_a_block_and_a_return_everything_is_as_before(life: Life) -> None:
    await life.says("apply")
    await blocks(life)
    await life.passes(10 * DAY)
    await life.says("/start")
    assert "Welcome back" in life.heard[-1]
    assert len(await life.passes(2 * DAY)) == 1


@pytest.mark.parametrize("reason", sorted(GONE["telegram"]))
async def test_nobody_is_reminded_whose_last_message_came_back_for_good(
    life: Life, reason: str
) -> None:
    await life.says("apply", "yes")
    await life.sent(dead=reason)
    for _ in range(92):
        assert await life.passes(DAY) == []
    assert life.state["draft"] is None


async def test_a_message_lost_by_another_fault_stops_no_reminder(life: Life) -> None:
    await life.says("apply")
    await life.sent(dead="bad request")
    assert len(await life.passes(2 * DAY)) == 1


async def test_a_refusal_before_a_message_that_arrived_is_over(life: Life) -> None:
    await life.says("apply")
    await life.sent(dead="bot was blocked by the user")
    await life.says("yes")
    await life.sent()
    assert len(await life.passes(2 * DAY)) == 1


# What an erase leaves


async def test_a_person_with_nothing_handed_off_is_forgotten_whole(life: Life) -> None:
    await life.says(*FORM[:6])
    await life.sent()
    (told,) = await life.passes(88 * DAY)
    assert NOTICE in told
    (told,) = await life.passes(3 * DAY)
    assert told.startswith(OVER)
    assert life.sql("SELECT body FROM events WHERE body <> ''") == []
    assert [said for (said,) in life.sql("SELECT body FROM outbox") if "Lakeside" in said] == []
    assert life.sql("SELECT erased_by FROM tombstones") == [("retention",)]


async def test_of_what_was_told_goes_what_came_since_the_hand_off(life: Life) -> None:
    await life.says("is a credit line necessary?", *FORM)
    await life.says("apply again", "do you need audited accounts?", "what did you tell me")
    assert "Audited financial records" in life.heard[-1]
    await life.sent()
    await life.passes(88 * DAY)
    (over,) = await life.passes(3 * DAY)
    assert over.startswith(OVER)
    assert life.sql("SELECT article FROM told") == [("credit-line",)]
    await life.says("what did you tell me")
    assert "Credit line" in life.heard[-1]
    assert "Audited financial records" not in life.heard[-1]


async def test_what_was_handed_off_stays_with_its_talk_and_the_rest_goes(life: Life) -> None:
    await life.says(*FORM, "change", "The phone is 021, please.")
    ((reference,),) = life.sql("SELECT reference FROM records")
    await life.says("apply again", "skip the check", "I agree", "reseller", "Quaggafix Ltd")
    await life.says("talk to a person", "May a quagga apply?")
    await life.sent()
    ((asked,),) = life.sql("SELECT id FROM escalations WHERE question LIKE '%quagga%'")
    await life.passes(88 * DAY)
    await life.door.handle(
        StaffReply("cli", "cli:1", "", "cli", "", stamp(life.now), "Yes, soon.", escalation=1)
    )
    (told,) = await life.passes(88 * DAY)
    assert NOTICE in told
    waiting = life.sql("SELECT count(*) FROM outbox WHERE state = 'waiting'")
    (told,) = await life.passes(3 * DAY)
    assert told.startswith(OVER)
    assert f"since you sent {reference}" in told

    everything = "\n".join(
        str(row) for table in TABLES for row in life.sql(f"SELECT * FROM {table}")
    )
    assert "quagga" not in everything.lower()
    assert life.sql("SELECT reference FROM records") == [(reference,)]
    assert TRUE["experience"] in everything
    assert life.sql("SELECT kind, answer FROM escalations") == [("change", "Yes, soon.")]
    assert "received on" not in life.heard[-1]
    await life.says("status")
    assert f"Application {reference}, received on" in life.heard[-1]
    deletions = life.sql("SELECT chat, body FROM outbox WHERE kind = 'delete'")
    ((card,),) = [(chat,) for chat, _ in deletions] if len(deletions) == 1 else [("several",)]
    assert card == GROUP, f"the card of question {asked} is taken back, and no other"
    assert waiting[0][0] >= 2, "what was not sent yet has something new to say"
    still = life.sql("SELECT count(*) FROM outbox WHERE state = 'waiting' AND kind = 'send'")
    assert still[0][0] >= waiting[0][0]
    for file in life.path.parent.iterdir():
        assert b"uagga" not in file.read_bytes(), file


TABLES = ("conversations", "events", "outbox", "escalations", "records", "tombstones", "told")


# Through the channels


async def falls_silent(rig: Rig, days: int) -> None:
    """As if so many days had passed since the people said something; then the clock strikes."""
    with closing(sqlite3.connect(rig.path, timeout=10)) as database, database:
        last = f"strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{days} days')"
        database.execute(
            f"UPDATE conversations SET state = json_set(state, '$.watch.last_at', {last})"
        )
        database.execute(f"UPDATE dues SET due_at = {last}")
    await rig.app.door.tick()
    await rig.app.courier.drain()


@pytest.mark.parametrize("platform", ["telegram", "slack"])
async def test_on_each_platform_the_reminder_has_its_buttons(
    platform: Platform, tmp_path: Path
) -> None:
    async with rigged(tmp_path / "desk.db") as rig:
        amira = rig.applicant(platform)
        await _begins(rig, amira)
        await falls_silent(rig, 2)
        await rig.hears(amira, REMINDER)
        await amira.taps("Continue")
        await rig.hears(amira, "reasonable time")
        await falls_silent(rig, 87)
        await rig.hears(amira, NOTICE)
        await amira.taps("Continue")
        await rig.hears(amira, "reasonable time")
        await falls_silent(rig, 20)
        await amira.says("hi")
        told = await rig.hears(amira, "Welcome back")
        assert "0 of 9 done in the check, next: In operation." in told


async def test_on_telegram_nobody_is_written_to_after_a_block(tmp_path: Path) -> None:
    async with rigged(tmp_path / "desk.db") as rig:
        amira, boris = rig.applicant("telegram", 1), rig.applicant("telegram", 2, "Boris")
        await _begins(rig, amira)
        await _begins(rig, boris)
        written = rig.written_to(amira)
        await amira.human.blocks()
        await rig.taken()
        await falls_silent(rig, 2)
        await rig.hears(boris, REMINDER)
        assert rig.written_to(amira) == written
        await amira.human.unblocks()
        await amira.says("/start")
        await rig.hears(amira, "Welcome back")


async def test_on_telegram_whoever_is_gone_is_written_to_once_and_no_more(tmp_path: Path) -> None:
    """The bot is not told of it: only a refused message says so."""
    async with rigged(tmp_path / "desk.db") as rig:
        amira = rig.applicant("telegram")
        await _begins(rig, amira)
        amira.human.leaves_telegram()
        await falls_silent(rig, 2)
        await falls_silent(rig, 87)
        dead = rig.rows("SELECT reason FROM outbox WHERE state = 'dead'")
        assert dead == [("user is deactivated",)]
        ((text,),) = rig.rows("SELECT state FROM conversations")
        assert json.loads(text)["watch"]["announced_at"]


async def _begins(rig: Rig, person: Person) -> None:
    await person.says("apply")
    await rig.hears(person, "reasonable time")
    await rig.app.courier.drain()
