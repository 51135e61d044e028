"""Frontdesk with the same eight answers: through the Telegram adapter, and the engine alone.

People stand past the self-check, the consent and the kind of organisation, with one owner and one
location whose country is known, so that exactly the eight answers are typed. The courier's pace is
lifted: Telegram's limit of about 30 messages a second would be all that one saw.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

from telegram import Bot

from bot.app import build_house
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_intake import Intake as UpdateIntake
from bot.channels.telegram_intake import Pace
from bot.channels.telegram_updates import Identity, read
from bot.config import Settings
from bot.courier import Courier
from bot.door import Door
from bot.house import House
from bot.intake import Intake
from bot.messages import Incoming
from bot.store import Store, Transaction
from bot.store.rows import OutboxRow
from dialogs.slots import Answered, Draft, Skipped, Slot
from dialogs.state import Phase, Stand, State
from tests.benchmarks.people import FIELDS, Person
from tests.benchmarks.wire import TOKEN, Wire
from tests.places import Place, open_at

PATHS = dict(
    zip(
        FIELDS,
        (
            "legal_name",
            "dba",
            "owners.1.name",
            "locations.1.address",
            "locations.1.phone",
            "email",
            "website",
            "experience",
        ),
        strict=True,
    )
)
"""the eight fields -> their slots"""

US = Identity(700_000, "bench_bot")
NOW = "2026-11-22T18:22:01.120Z"
ASK_EVERY = 100
"""updates between two polls: as many as one answer of getUpdates holds"""


def house() -> House:
    return build_house(Settings())


def started(house: House) -> State:
    """Past the consent and the kind; the legal name is asked."""
    slots: dict[str, Slot] = {
        name: Skipped("not_answered")
        for name, field in house.script.form.fields.items()
        if field.question.stage == "check"
    }
    slots["consent"] = Answered("yes", "yes")
    slots["kind"] = Answered("service_business", "service_business")
    slots["locations.1.country"] = Answered("US", "United States")
    draft = Draft(slots=slots, closed=("owners", "locations"))
    stand = Stand(draft.number, NOW[:10], "legal_name", NOW)
    return State(phase=Phase.FILLING, draft=draft, drafts=1, stand=stand)


async def prepare(store: Store, house: House, people: list[Person]) -> None:
    """These people's conversations, in the database, at the first of the eight questions."""
    state = started(house).to_json()

    def job(some: list[Person], tx: Transaction) -> None:
        for person in some:
            row = tx.open_conversation("telegram", str(person.chat), str(person.chat), "", NOW)
            tx.save_state(row.id, state, NOW)

    for first in range(0, len(people), 1000):
        some = people[first : first + 1000]
        await store.run(lambda tx, some=some: job(some, tx))  # type: ignore[misc]


class Ours:
    """Everything that a serving process runs for Telegram but the long poll and the network."""

    def __init__(self, place: Place, people: list[Person], house: House) -> None:
        self.wire = Wire()
        self._place, self._people, self._house = place, people, house

    async def __aenter__(self) -> Ours:
        self.store = await open_at(self._place, serving=True)
        await prepare(self.store, self._house, self._people)
        self._channel = TelegramChannel(TOKEN)
        # The channel's own Bot, but for what carries its requests.
        self._channel._client._bot = Bot(TOKEN, request=self.wire, get_updates_request=self.wire)
        self._courier = Courier(self.store, {"telegram": self._channel}, paces={})
        courier = self._courier
        door = Door(self._house, self.store, courier.offer, courier.recheck, courier.change)
        self._intake = Intake(door.handle)
        self._updates = UpdateIntake(
            Pace(),
            lambda: datetime.now(UTC),
            lambda _query, _note: None,
            lambda _chat: None,
            self._channel._intake._members,
        )
        self._taken = 0
        self._sending = asyncio.create_task(self._courier.run())
        while not self.store.awake:  # noqa: ASYNC110 - what another thread does rings no event
            await asyncio.sleep(0.01)
        await self._courier.drain()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._intake.finish()
        await self._courier.stop()
        await self._sending
        await self._channel.close()
        await self.store.close()

    async def turn(self, raw: bytes, chat: int) -> None:
        """From the bytes to committed and sent. That it was sent is committed later."""
        replied = self.wire.reply(chat)
        if self._taken % ASK_EVERY == 0:
            self._updates.ask()
        self._taken += 1
        self._updates.hand_over([json.loads(raw)], US, self._intake.take)
        await replied

    async def settle(self) -> None:
        """What a turn left over is done: the sent messages are marked."""
        await self.store.run(_nothing)

    async def finish(self) -> None:
        """Every message is sent and marked."""
        await self._courier.drain()


class Engine:
    """The same without parsing and sending: ``Door.handle`` on ready ``Incoming`` values."""

    def __init__(self, place: Place, people: list[Person], house: House) -> None:
        self._place, self._people, self._house = place, people, house
        self.rows: list[OutboxRow] = []

    async def __aenter__(self) -> Engine:
        self.store = await open_at(self._place, serving=True)
        await prepare(self.store, self._house, self._people)
        self._door = Door(self._house, self.store, self.rows.extend, lambda: None)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.store.close()

    async def turn(self, arrival: Incoming) -> None:
        """From the value to the commit."""
        await self._door.handle(arrival)


def arrivals(person: Person) -> tuple[Incoming, ...]:
    """The person's eight updates as the engine takes them."""
    ready = []
    for raw in person.updates():
        arrival = read(json.loads(raw), US, datetime.now(UTC)).arrival
        assert isinstance(arrival, Incoming)
        ready.append(arrival)
    return tuple(ready)


async def answers(store: Store, people: list[Person]) -> dict[int, dict[str, str]]:
    """What the database holds: chat -> field -> what was typed."""

    def job(tx: Transaction) -> dict[int, dict[str, str]]:
        found: dict[int, dict[str, str]] = {}
        for person in people:
            row = tx.find_conversation("telegram", str(person.chat))
            draft = State.from_json(row.state).draft if row is not None else None
            slots = draft.slots if draft is not None else {}
            found[person.chat] = {
                field: slot.typed
                for field, path in PATHS.items()
                if isinstance(slot := slots.get(path), Answered)
            }
        return found

    return await store.run(job)


def _nothing(_: Transaction) -> None: ...
