"""The desk of questions on a real store, without channels, and with a clock that tests move.

What a platform would have taken is marked as sent at once, under the row's own number; ``unsent``
holds that back. Through the channels: ``test_question_cards.py``.
"""

from __future__ import annotations

import html
import itertools
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.arrivals import note_settled
from bot.clock import stamp
from bot.config import StaffChat
from bot.desk_rules import DeskRules
from bot.door import Door
from bot.house import House
from bot.messages import Incoming, Receipt, StaffForm, StaffNote, StaffReply, StaffTap
from bot.roles import Roles
from bot.store import Store
from bot.store.rows import OutboxRow
from tests.places import Place, open_at, rows
from tests.play import house

STAFF = {"telegram": "-1001", "slack": "C0STAFF"}
PEOPLE = {"telegram": ("900", "901", "902"), "slack": ("U0900", "U0901", "U0902")}
NAMES = ("Dana", "Eli", "Farah")

_keys = itertools.count(1)


@dataclass
class Shown:
    """A message of the bot's as it stands now."""

    row: int
    """whose buttons count"""
    text: str
    labels: list[str]
    thread: str = ""
    under: int = 0


@dataclass
class QuestionDesk:
    path: Place
    channel: str = "slack"
    rules: DeskRules = field(default_factory=DeskRules)
    roles: Roles = field(default_factory=Roles)
    now: datetime = datetime(2026, 11, 22, 18, tzinfo=UTC)
    unsent: set[int] = field(default_factory=set)
    """rows that the platform has not taken"""
    holds: bool = False
    """the platform takes nothing in the staff chat"""
    stalls: bool = False
    """no platform takes anything"""
    store: Store = field(init=False)
    door: Door = field(init=False)
    rows: list[OutboxRow] = field(default_factory=list)
    _waiting: list[OutboxRow] = field(default_factory=list)

    async def open(self) -> QuestionDesk:
        self.store = await open_at(self.path, serving=True)
        self.door = Door(self.house, self.store, self._offer, lambda: None)
        return self

    async def close(self) -> None:
        await self.store.close()

    @property
    def house(self) -> House:
        staff = StaffChat(self.channel, STAFF[self.channel])  # type: ignore[arg-type]
        return replace(
            house(),
            staff=staff,
            desk=self.rules,
            roles=self.roles,
            now=lambda: stamp(self.now),
        )

    def _offer(self, rows: Iterable[OutboxRow]) -> None:
        self._waiting += rows

    async def deliver(self, but: Collection[int] = ()) -> None:
        """The platforms take what waits, but for these rows, which were taken back."""
        while self._waiting and not self.stalls:
            row = self._waiting.pop(0)
            if row.id in but:
                continue
            self.rows.append(row)
            if self.holds and row.chat == STAFF[self.channel]:
                self.unsent.add(row.id)
                continue
            await self.settle(row)

    async def settle(self, row: OutboxRow, reason: str = "") -> None:
        # A message that was changed has the id that it had, as the platforms give it.
        message = json.loads(row.body).get("edit") or str(row.id)
        at = stamp(self.now)

        def job(tx: Any) -> list[OutboxRow]:
            if reason:
                tx.mark_dead(row.id, reason, at)
            else:
                tx.mark_sent(row.id, message, at)
            return note_settled(self.house, tx, row, reason, at)

        self._waiting += await self.store.run(job)
        self.unsent.discard(row.id)

    async def passes(self, minutes: float) -> None:
        """So much time passes, and the clock strikes."""
        self.now += timedelta(minutes=minutes)
        await self.door.tick()
        await self.deliver()

    # applicants

    async def says(self, text: str, person: str = "7", **more: Any) -> None:
        key = f"telegram:{next(_keys)}"
        at = stamp(self.now)
        await self.door.handle(
            Incoming("telegram", key, person, person, key, at, text=text, **more)
        )
        await self.deliver()

    async def asks(self, question: str, person: str = "7") -> int:
        """Have it passed to staff -> its number."""
        await self.says("talk to a person", person)
        await self.says(question, person)
        return int(self.sql("SELECT max(id) FROM escalations WHERE question = ?", question)[0][0])

    def heard(self, person: str = "7") -> list[str]:
        return [said(row) for row in self.rows if row.chat == person]

    # staff

    async def taps(self, shown: Shown, label: str, by: int = 0, **changed: Any) -> Receipt:
        button = (shown.row, shown.labels.index(label))
        who = PEOPLE[self.channel][by]
        tap = StaffTap(
            self.channel,
            f"tap:{next(_keys)}",
            STAFF[self.channel],
            who,
            str(self.first(shown)),
            stamp(self.now),
            button,
            name=NAMES[by],
        )
        receipt = await self.door.handle(replace(tap, **changed))
        await self.deliver()
        return receipt

    async def fills(
        self, receipt: Receipt, values: dict[str, str], by: int = 0, key: str = ""
    ) -> Receipt:
        form = receipt.form
        assert form is not None
        filled = {one.name: one.value for one in form.inputs} | values
        sent = StaffForm(
            self.channel,
            key or f"form:{next(_keys)}",
            STAFF[self.channel],
            PEOPLE[self.channel][by],
            stamp(self.now),
            form.button,
            form.card,
            tuple(filled.items()),
            NAMES[by],
        )
        told = await self.door.handle(sent)
        await self.deliver()
        return told

    async def replies(self, shown: Shown, text: str, by: int = 0, **changed: Any) -> Receipt:
        """Telegram: to this message; Slack: through its [Answer]."""
        direct = self.channel == "telegram"
        case = self.sql("SELECT case_id FROM outbox WHERE id = ?", self.first(shown))[0][0]
        reply = StaffReply(
            self.channel,
            f"reply:{next(_keys)}",
            STAFF[self.channel],
            PEOPLE[self.channel][by],
            "33",
            stamp(self.now),
            text,
            card=str(self.first(shown)) if direct else "",
            escalation=0 if direct else int(case),
            name=NAMES[by],
        )
        receipt = await self.door.handle(replace(reply, **changed))
        await self.deliver()
        return receipt

    async def replies_by_command(self, escalation: int, text: str) -> Receipt:
        at = stamp(self.now)
        reply = StaffReply(
            "cli", f"cli:{next(_keys)}", "", "command line", "", at, text, escalation=escalation
        )
        receipt = await self.door.handle(reply)
        await self.deliver()
        return receipt

    async def notes(self, card: Shown, text: str, message: str, kind: Any = "said") -> None:
        """A line in the thread of a card."""
        await self.door.handle(
            StaffNote(
                "slack",
                f"note:{next(_keys)}",
                STAFF["slack"],
                message,
                stamp(self.now),
                text,
                str(self.first(card)),
                kind,
            )
        )
        await self.deliver()

    def first(self, shown: Shown) -> int:
        """The row that was sent as this message; its number is the message's."""
        ids = [row.id for row in self.rows if row.id == shown.row]
        edit = next((json.loads(r.body).get("edit") for r in self.rows if r.id == shown.row), None)
        return int(edit) if edit else ids[0]

    def shown(self) -> list[Shown]:
        """What stands in the staff chat now, the oldest first."""
        standing: dict[str, Shown] = {}
        for row in self.rows:
            if row.chat != STAFF[self.channel] or row.kind != "send" or row.id in self.unsent:
                continue
            body = json.loads(row.body)
            labels = _labels(body["body"])
            one = Shown(row.id, said(row), labels, row.thread, _under(body["body"]))
            if "edit" in body:
                before = standing[body["edit"]]
                one.thread, one.under = before.thread, before.under
            standing[body.get("edit") or str(row.id)] = one
        return list(standing.values())

    def card(self, words: str) -> Shown:
        (one,) = (shown for shown in self.shown() if words in shown.text)
        return one

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return rows(self.path, statement, *values)


def said(row: OutboxRow) -> str:
    body = json.loads(row.body)
    text = str(body["plain"]["text"]) if "plain" in body else ""
    return html.unescape(text) if row.channel == "slack" else text


def _labels(body: dict[str, Any]) -> list[str]:
    """Of our own buttons, in the order of their indexes."""
    keys = [k for row in body.get("reply_markup", {}).get("inline_keyboard", []) for k in row]
    if keys:
        return [key["text"] for key in keys]
    actions = [e for b in body.get("blocks", []) if b["type"] == "actions" for e in b["elements"]]
    return [each["text"]["text"] for each in actions]


def _under(body: dict[str, Any]) -> int:
    return int(body.get("reply_parameters", {}).get("message_id", 0))
