"""The staff desk without a platform, on a real store: what would be tapped, filled in or replied to
is found on the rows that would be sent, and every row counts as sent as soon as it is committed.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.clock import stamp
from bot.config import StaffChat
from bot.door import Door
from bot.messages import Form, Incoming, Receipt, StaffForm, StaffReply, StaffTap
from bot.reviews import review_of
from bot.store import Transaction
from bot.store.rows import OutboxRow
from bot.store.sqlite import open_store
from dialogs.review import Review
from tests.applications import STRAIGHT
from tests.play import house, token

BEGIN = datetime(2026, 11, 22, 10, tzinfo=UTC)
CHATS = {"slack": "C0STAFF", "telegram": "-1001"}
IDS = {"slack": {"Ana": "U0901", "Ben": "U0902"}, "telegram": {"Ana": "901", "Ben": "902"}}


class Taps:
    """A desk without a platform: every row counts as sent as soon as it is committed."""

    def __init__(self, path: Path, channel: str) -> None:
        self.path, self.channel, self.chat = path, channel, CHATS[channel]
        self.now = BEGIN
        self.rows: list[OutboxRow] = []
        self._sent_up_to = 0
        self._keys = itertools.count(1)

    async def open(self) -> Taps:
        self.store = await open_store(self.path, serving=True)
        staff = StaffChat(self.channel, self.chat)  # type: ignore[arg-type]  # one of the two
        tokens = map(token, itertools.count(1))
        self.house = replace(
            house(), staff=staff, now=lambda: stamp(self.now), token=lambda: next(tokens)
        )
        self.door = Door(self.house, self.store, self._offer, lambda: None)
        for line in STRAIGHT:
            await self.says(line)
        (record,) = await self.store.read(lambda r: list(r.records()))
        self.reference = record.reference
        return self

    def _offer(self, rows: Iterable[OutboxRow]) -> None:
        self.rows += rows

    async def _sent(self) -> None:
        """A row that edits a message has that message's id, as the platforms give it."""
        sent = [
            (row.id, json.loads(row.body).get("edit") or f"{row.id}.1")
            for row in self.rows[self._sent_up_to :]
        ]
        self._sent_up_to = len(self.rows)

        def mark(tx: Transaction) -> None:
            for row, message in sent:
                tx.mark_sent(row, message, stamp(self.now))

        await self.store.run(mark)

    async def says(self, text: str) -> Receipt:
        key, at = f"telegram:{next(self._keys)}", stamp(self.now)
        said = Incoming("telegram", key, "7", "7", key, at, text=text)
        receipt = await self.door.handle(said)
        await self._sent()
        return receipt

    def card(self, words: str = "") -> OutboxRow:
        """The newest message in the staff chat with these words, or with buttons."""
        return next(
            row
            for row in reversed(self.rows)
            if row.chat == self.chat and words in plain(row) and labels(row)
        )

    async def tap(self, by: str, label: str, card: OutboxRow | None = None) -> Receipt:
        row = card or self.record()
        staff = IDS[self.channel][by]
        id = json.loads(row.body).get("edit") or f"{row.id}.1"
        key, at = f"{self.channel}:tap:{next(self._keys)}", stamp(self.now)
        button = (row.id, labels(row).index(label))
        tap = StaffTap(self.channel, key, self.chat, staff, id, at, button, name=by)
        receipt = await self.door.handle(tap)
        await self._sent()
        return receipt

    async def fill(self, by: str, form: Form | None, values: dict[str, str]) -> Receipt:
        assert form is not None
        given = {one.name: one.value for one in form.inputs} | values
        key, at = f"{self.channel}:form:{next(self._keys)}", stamp(self.now)
        sent = StaffForm(
            self.channel,
            key,
            self.chat,
            IDS[self.channel][by],
            at,
            form.button,
            form.card,
            tuple(given.items()),
            name=by,
        )
        receipt = await self.door.handle(sent)
        await self._sent()
        return receipt

    async def reply(self, by: str, text: str, words: str) -> Receipt:
        """To the newest message with these words."""
        row = next(r for r in reversed(self.rows) if r.chat == self.chat and words in plain(r))
        id = json.loads(row.body).get("edit") or f"{row.id}.1"
        key, at = f"{self.channel}:reply:{next(self._keys)}", stamp(self.now)
        staff = IDS[self.channel][by]
        said = StaffReply(self.channel, key, self.chat, staff, key, at, text, id, name=by)
        receipt = await self.door.handle(said)
        await self._sent()
        return receipt

    def record(self) -> OutboxRow:
        """The newest card of the application."""
        return next(
            row
            for row in reversed(self.rows)
            if row.chat == self.chat and row.case_kind == "record" and labels(row)
        )

    async def review(self) -> Review:
        row = await self.store.read(lambda r: r.reviews.get(self.reference))
        assert row is not None
        return review_of(row)


def plain(row: OutboxRow) -> str:
    body = json.loads(row.body)
    return str(body["plain"]["text"]) if "plain" in body else ""


def labels(row: OutboxRow) -> list[str]:
    body = json.loads(row.body).get("body", {})
    keys = [key for line in body.get("reply_markup", {}).get("inline_keyboard", []) for key in line]
    found = {key["callback_data"]: key["text"] for key in keys}
    for block in body.get("blocks", []):
        if block["type"] == "actions":
            found |= {one["value"]: one["text"]["text"] for one in block["elements"]}
    return [found[key] for key in sorted(found, key=lambda data: int(data.lstrip(":")))]
