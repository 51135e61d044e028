"""The whole program in one process, between a local Telegram and a local Slack, without waits.

    async with rigged(path, staff="slack") as rig:
        amira = rig.applicant("telegram", 1)
        await amira.says("hello")
        await rig.until(lambda: amira.heard)

What is real: ``assemble`` and all behind it, the channels with their SDKs, the database. What is
not: paces and waits are short, and the words and articles are read once for all tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeVar
from unittest.mock import patch

from bot import courier, pacing
from bot.app import App, assemble
from bot.channels import Channel
from bot.channels.slack import SlackChannel
from bot.channels.slack_waits import Waits
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_intake import Pace
from bot.config import Settings, StaffChat
from bot.documents import Document, make_document
from bot.house import House
from bot.platform_words import slack_words, telegram_words
from bot.roles import Roles
from tests.fakes.slack import SlackServer
from tests.fakes.telegram import TelegramServer
from tests.places import Place, open_at, rows
from tests.play import house

T = TypeVar("T")
Platform = Literal["telegram", "slack"]

TELEGRAM_TOKEN = "123456789:TEST-token-that-no-log-may-hold-0123"
SLACK_BOT_TOKEN, SLACK_APP_TOKEN = "xoxb-1234567890-TESTbot", "xapp-1-A0APP-TESTapp"
TELEGRAM_STAFF, SLACK_STAFF = -1001, "C0STAFF"

QUICK = Pace(again=0.02, commit=0.01, first=0.01, most=0.02)
WAITS = Waits(backoff=(0.01, 0.05), ping=0.3, patience=5, grace=1, answer=5)
LOOKS = 0.05
"""seconds between two looks at what other processes wrote; really ``courier.TICK``"""


class Message(Protocol):
    """What both platforms' messages have in common."""

    text: str

    @property
    def from_bot(self) -> bool: ...


def shown(message: Message) -> str:
    """Its text as people see it: what Slack stores is escaped."""
    return (
        message.text
        if type(message).__module__.endswith("telegram_world")
        else html.unescape(message.text)
    )


async def until(
    telegram: TelegramServer,
    slack: SlackServer,
    predicate: Callable[[], T],
    timeout: float = 30.0,  # noqa: ASYNC109 - its message is the point
) -> T:
    """Wait until it holds; looked at again whenever anything happens on either platform. A
    LookupError in it counts as "not yet"."""

    def look() -> T | None:
        with contextlib.suppress(LookupError):
            return predicate()
        return None

    waits: list[Coroutine[Any, Any, T | None]] = [
        telegram.until(look, timeout=timeout),
        slack.until(look, timeout=timeout),
    ]
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        held = [task for task in done if task.exception() is None] or list(done)
        found = held[0].result()
        assert found
        return found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Person:
    """An applicant, on whichever platform."""

    channel: Platform
    human: Any

    @property
    def id(self) -> str:
        return str(self.human.id)

    @property
    def chat(self) -> list[Any]:
        return list(self.human.chat)

    @property
    def heard(self) -> list[str]:
        """What the bot wrote to them, oldest first."""
        return [shown(message) for message in self.chat if message.from_bot]

    async def says(self, text: str) -> Any:
        return await self.human.says(text)

    async def taps(self, label: str) -> Any:
        return await self.human.taps(label)

    @property
    def newest(self) -> str:
        """The bot's newest message, but for one that only shows a keyboard."""
        ours = [m for m in self.chat if m.from_bot and not getattr(m, "shows_keyboard", False)]
        return shown(ours[-1]) if ours else ""

    def asked(self, words: str) -> bool:
        """Do these words stand in the bot's newest message?"""
        return bool(self.newest) and words in self.newest


@dataclass
class Staff:
    """The staff chat: its cards, and the people who answer them."""

    rig: Rig
    channel: Platform
    room: Any
    people: list[Any]

    @property
    def messages(self) -> list[Any]:
        """Everything of the bot's that stands there, oldest first."""
        if self.channel == "slack":
            return [message for message in self.room.messages if message.from_bot]
        ours = self.rig.telegram.world.bot["id"]
        return [message for message in self.room.chat if message.sender["id"] == ours]

    @property
    def texts(self) -> list[str]:
        return [shown(message) for message in self.messages]

    def cards(self, words: str) -> list[Any]:
        """The bot's messages with these words in them."""
        return [message for message in self.messages if words in shown(message)]

    def now(self, card: Any) -> Any:
        """A card as it stands there now: it may have been changed since."""
        if self.channel == "slack":
            return next(message for message in self.messages if message.ts == card.ts)
        return next(message for message in self.messages if message.message_id == card.message_id)

    async def card(self, words: str) -> Any:
        """The one card with these words, once it is there."""
        await self.rig.until(lambda: self.cards(words))
        (card,) = self.cards(words)
        return card

    async def says(self, text: str, by: int = 0, under: Any = None) -> None:
        """A line in the staff chat; ``under``: in that message's thread (Slack), replying to it
        (Telegram)."""
        person = self.people[by]
        if self.channel == "telegram":
            await person.says(text, group=self.room, reply_to=under)
        else:
            await person.says(text, channel=self.room, thread_ts=under.ts if under else None)

    def buttons(self, card: Any) -> list[str]:
        """The labels under a card, as it is now."""
        return list(card.buttons if self.channel == "slack" else card.labels)

    async def taps(self, card: Any, label: str, by: int = 0) -> None:
        """Tap a button of a card, and wait until it is taken. What it says: ``told``."""
        person = self.people[by]
        if self.channel == "telegram":
            tap = await person.taps(label, on=card, group=self.room)
            await self.rig.until(lambda: tap.answered)
        else:
            envelope = await person.taps(label, message=card)
            await self.rig.until(lambda: envelope.settled)

    def told(self, by: int = 0) -> list[str]:
        """The notes that were shown to this person alone, oldest first."""
        person = self.people[by]
        if self.channel == "slack":
            seen = person.sees(self.room)
            return [shown(message) for message in seen if message.only_for == person.id]
        return [tap.text for tap in self.rig.telegram.taps if tap.by == person.id and tap.text]

    async def form(self, by: int = 0) -> Any:
        """Slack: the form that is open before this person, once it is."""
        person = self.people[by]
        return await self.rig.until(lambda: person.modal)

    async def fills(self, values: Mapping[str, str], by: int = 0) -> str:
        """Slack: fill and send the open form -> what it says instead of closing: its faults, or
        its last page, which is then closed. Empty: it closed, or shows further inputs."""
        person = self.people[by]
        await self.form(by)
        await person.submits(dict(values))
        page = person.modal
        if page is None or (page.fields and not page.errors):
            return ""
        if page.errors:
            return "\n".join(page.errors.values())
        told = str(page.blocks[0]["text"]["text"])
        await person.closes_modal()
        return told

    async def hears(self, card: Any, label: str, by: int = 0, *, told: bool = True) -> str:
        """Tap a button of a card -> what is shown to whoever tapped; ``told``: something is."""
        person = self.people[by]
        if self.channel == "telegram":
            tap = await person.taps(label, on=card, group=self.room)
            await self.rig.until(lambda: tap.answered)
            return str(tap.text)
        before = len(self.told(by))
        envelope = await person.taps(label, message=card)
        await self.rig.until(lambda: envelope.settled)
        if not told:
            return ""
        await self.rig.until(lambda: len(self.told(by)) > before)
        return self.told(by)[before]

    async def faults(self, values: Mapping[str, Any], by: int = 0) -> dict[str, str]:
        """Slack: fill and send the form that is open -> its faults; none: it was taken."""
        person = self.people[by]
        await self.rig.until(lambda: person.modal)
        view = person.modal
        await person.submits(dict(values))
        return dict(view.errors)

    async def open_form(self, card: Any, by: int = 0) -> None:
        """Slack: tap [Answer] and wait for the form."""
        person = self.people[by]
        await person.taps("Answer", message=card)
        await self.rig.until(lambda: person.modal)

    async def answer(self, card: Any, text: str, by: int = 0) -> str:
        """Answer a card, each platform's way -> what staff are told of it."""
        if self.channel == "slack":
            await self.open_form(card, by)
            return await self.submit(text, by)
        before = len(self.messages)
        await self.says(text, by, under=card)
        await self.rig.until(lambda: len(self.messages) > before)
        return shown(self.messages[before])

    async def submit(self, text: str, by: int = 0) -> str:
        """Slack: fill and send the open form -> what its last page says, which is then closed."""
        person = self.people[by]
        await person.submits({"text": text})
        told = str(person.modal.blocks[0]["text"]["text"])
        await person.closes_modal()
        return told


@dataclass
class Rig:
    path: Place
    telegram: TelegramServer
    slack: SlackServer
    on: Platform | None
    """where the staff chat is"""
    roles: Roles = field(default_factory=Roles)
    staff: Staff = field(init=False)
    app: App = field(init=False)
    busy_seconds: float = 0.05
    channels: dict[str, Channel] = field(default_factory=dict)
    _serving: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        people: list[Any]
        if self.on == "slack":
            people = [self.slack.person(f"U090{n}", name=f"Staff{n}") for n in range(3)]
            room: Any = self.slack.channel(SLACK_STAFF, name="staff", members=people, private=True)
        else:
            people = [self.telegram.person(900 + n, f"Staff{n}") for n in range(3)]
            room = self.telegram.group(TELEGRAM_STAFF, "Staff", people, admin_bot=True)
        self.staff = Staff(self, self.on or "telegram", room, people)

    @property
    def house(self) -> House:
        if self.on is None:
            return house()
        chat = str(TELEGRAM_STAFF) if self.on == "telegram" else SLACK_STAFF
        return replace(house(), staff=StaffChat(self.on, chat), roles=self.roles)

    def documents(self, asked: Mapping[str, str]) -> AbstractAsyncContextManager[Document]:
        return make_document(self.app.house, self.app.store, asked)

    def make_channels(self) -> dict[str, Channel]:
        wording = house().script.wording
        return {
            "telegram": TelegramChannel(
                TELEGRAM_TOKEN,
                base_url=self.telegram.url,
                staff_chat=str(TELEGRAM_STAFF) if self.on == "telegram" else "",
                pace=QUICK,
                documents=self.documents,
                words=telegram_words(wording),
            ),
            "slack": SlackChannel(
                SLACK_BOT_TOKEN,
                SLACK_APP_TOKEN,
                words=slack_words(wording),
                base_url=self.slack.api_url,
                staff_chat=SLACK_STAFF if self.on == "slack" else None,
                waits=WAITS,
                documents=self.documents,
            ),
        }

    async def assemble(self) -> App:
        """The serving program, not serving yet."""
        store = await open_at(self.path, serving=True, busy_seconds=self.busy_seconds)
        self.channels = self.channels or self.make_channels()
        self.app = assemble(Settings(), self.house, store, self.channels)
        return self.app

    async def start(self) -> None:
        """Serve, until both platforms are being listened to."""
        await self.assemble()
        self.serve()
        await self.until(lambda: self.slack.connections and self.telegram.updates.polled)

    def serve(self) -> asyncio.Task[None]:
        self._serving = asyncio.create_task(self.app.serve())
        return self._serving

    async def stop(self) -> None:
        """As SIGTERM does it."""
        serving, self._serving, self.channels = self._serving, None, {}
        if serving is not None:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving
        await self.app.close()

    @contextlib.asynccontextmanager
    async def beside(self) -> AsyncIterator[App]:
        """The program as another process's command: the same file, no channels, not serving."""
        store = await open_at(self.path, serving=False)
        try:
            yield assemble(Settings(), self.house, store, {})
        finally:
            await store.close()

    def applicant(self, channel: Platform, number: int = 1, name: str = "Amira") -> Person:
        if channel == "telegram":
            return Person(channel, self.telegram.person(1000 + number, name))
        return Person(channel, self.slack.person(f"U0{100 + number}", name=name))

    async def until(self, predicate: Callable[[], T], *, timeout: float = 30.0) -> T:  # noqa: ASYNC109 - as above
        """``until`` of this rig's platforms."""
        serving = self._serving
        try:
            return await until(self.telegram, self.slack, predicate, timeout)
        except AssertionError:
            if serving is not None and serving.done() and not serving.cancelled():
                serving.result()  # it stopped by itself: that is the reason
            raise

    async def hears(self, person: Person, words: str = "") -> str:
        """Wait until the bot's newest message to this person has these words; all of it."""
        await self.until(lambda: person.asked(words))
        return person.newest

    async def taken(self) -> None:
        """Everything that anybody did so far is committed, and the platforms know it."""
        await self.until(lambda: not self.telegram.pending and self.slack.settled)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database now."""
        return rows(self.path, query, *values)

    def written_to(self, person: Person) -> int:
        """How many messages to this person were ever committed, sent or not."""
        query = "SELECT count(*) FROM outbox WHERE channel = ? AND chat = ?"
        return int(self.rows(query, person.channel, person.id)[0][0])


@contextlib.asynccontextmanager
async def rigged(
    path: Place,
    *,
    staff: Platform | None = None,
    start: bool = True,
    roles: Roles | None = None,
    **slack: Any,
) -> AsyncIterator[Rig]:
    """A rig, serving; ``slack``: settings of the local Slack."""
    slack = {"bot_token": SLACK_BOT_TOKEN, "app_token": SLACK_APP_TOKEN, **slack}
    unpaced = dict.fromkeys(pacing.PACES, pacing.UNPACED)
    async with TelegramServer(TELEGRAM_TOKEN) as telegram, SlackServer(**slack) as workspace:
        rig = Rig(path, telegram, workspace, staff, roles or Roles())
        with patch.dict(pacing.PACES, unpaced), patch.object(courier, "TICK", LOOKS):
            if start:
                await rig.start()
            try:
                yield rig
            finally:
                if hasattr(rig, "app"):
                    await rig.stop()
