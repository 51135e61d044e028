"""The third depth: the whole program between a local Telegram and a local Slack.

Many people talk to it at once, each along a transcript of their own; what they see is turned back
into a transcript's lines. ``TROUBLES`` are the ways in which the platforms and the line to them
fail meanwhile. The courier's clock runs fast, so that a second of waiting takes a moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from unittest.mock import patch

from bot import courier, pacing
from tests.deciding import reviewed
from tests.fakes import slack, telegram
from tests.fakes.slack_text import as_typed
from tests.fakes.telegram_faults import Kind
from tests.informing import informed
from tests.places import Place
from tests.play import house
from tests.play_seen import FILES, on_platform, slack_lines, telegram_lines
from tests.play_stored import Effects
from tests.rig import SLACK_APP_TOKEN, SLACK_BOT_TOKEN, TELEGRAM_TOKEN, Platform, Rig, shown
from tests.transcript import References, Transcript, Turn, difference, spoken

Trouble = Literal["none", "429", "500", "drop", "lost", "duplicates", "reconnects"]
TROUBLES: tuple[Trouble, ...] = ("none", "429", "500", "drop", "lost", "duplicates", "reconnects")
SENDS = {"telegram": "sendMessage", "slack": "chat.postMessage"}
CHANCE = 0.25
"""of a call to fail"""
AT_ONCE = 20
"""people who talk at the same time on each platform"""
SPEED = 60.0
KEYBOARD_GONE = house().script.wording.text("en", "sharing.gone")


class QuickClock:
    """Time that passes ``SPEED`` times as fast; it goes on over a restart."""

    _zero = datetime.now(UTC)

    def seconds(self) -> float:
        return SPEED * asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return self._zero + SPEED * (datetime.now(UTC) - self._zero)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)


# The stage


@dataclass(slots=True, eq=False)
class Sometimes(slack.Fault):
    """Each request goes wrong by chance."""

    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def takes(self, method: str, params: dict[str, Any]) -> bool:
        return slack.Fault.takes(self, method, params) and self.chance.random() < CHANCE


@dataclass
class Stage:
    """The program, serving, and what goes wrong around it."""

    rig: Rig
    trouble: Trouble
    desk: asyncio.Lock = field(default_factory=asyncio.Lock)
    """staff answer one question after the other"""
    _days: set[str] = field(default_factory=set)

    def make_trouble(self) -> None:
        if self.trouble in {"none", "duplicates", "reconnects"}:
            return
        chance = random.Random(2)

        def sometimes(call: telegram.Call) -> bool:
            return chance.random() < CHANCE

        kind: Kind = self.trouble  # type: ignore[assignment]  # the others have returned
        for method in ("sendMessage", "answerCallbackQuery"):
            self.rig.telegram.fault(method, kind, times=10**9, where=sometimes)
        if kind in {"500", "drop", "lost"}:
            self.rig.telegram.fault("getUpdates", kind, times=10**9, where=sometimes)
        release = asyncio.Event()
        fault = Sometimes("chat.postMessage", kind, 10**9, None, 1, release)
        self.rig.slack._faults.append(fault)

    async def reconnect(self) -> None:
        """Break off what is connected, again and again."""
        for number in itertools.count():
            await asyncio.sleep(0.25)
            match number % 3:
                case 0:
                    self.rig.slack.drop_sockets()
                case 1:
                    await self.rig.telegram.goes_down()
                    await asyncio.sleep(0.05)
                    await self.rig.telegram.comes_up()
                case _:
                    self.rig.slack.refresh()

    def lost(self, platform: Platform, chat: int | str) -> set[int | str]:
        """Ids of the messages whose answer was lost. Each of them comes again, the same word for
        word: the person sees it twice, and the bot knows of the later one."""
        if self.trouble != "lost":
            return set()
        if platform == "telegram":
            sends = self.rig.telegram.calls_of("sendMessage", chat_id=int(chat))
            return {c.result["message_id"] for c in sends if c.fault == "lost" and c.took_effect}
        posts = [c for c in self.rig.slack.made("chat.postMessage") if c.params["channel"] == chat]
        return {c.answer["ts"] for c in posts if c.fault == "lost" and c.done}

    def card(self, question: int) -> Any:
        """The question's card in the staff chat, or its line under the card that it has joined;
        None while it is not there."""
        staff = self.rig.staff
        lost = self.lost(staff.channel, staff.room.id)
        ((head, text),) = self.rig.rows(
            "SELECT c.head, e.question FROM question_cards c JOIN escalations e"
            " ON e.id = c.escalation WHERE e.id = ?",
            question,
        )
        joined = [one for one in staff.cards(f"for question {head}") if text in shown(one)]
        cards = joined if head != question else staff.cards(f"Question {question}:")
        return next((card for card in cards if _id(card) not in lost), None)

    async def restart(self) -> None:
        await self.rig.stop()
        await self.rig.start()

    def undated(self, line: str) -> str:
        """Today's date is the transcripts' one."""
        now = datetime.now(UTC)
        self._days |= {f"{now - timedelta(days=back):%Y-%m-%d}" for back in (0, 1)}
        for day in self._days:
            line = line.replace(day, "2026-11-22")
        return line


@dataclass
class Actor:
    """A person on one of the platforms, playing a transcript."""

    stage: Stage
    platform: Platform
    human: Any
    effects: Effects
    _seen: int = 0
    _references: References = field(default_factory=References)

    async def follow(self, transcript: Transcript) -> str:
        """What went otherwise than the transcript says; empty for nothing."""
        turns = on_platform(self.platform, transcript.turns)
        for turn in turns:
            try:
                got = await self._play(turn)
            except (AssertionError, LookupError) as error:
                return f"{self.platform}: {difference(turn, (repr(error)[:500],), transcript.name)}"
            expected = self._as_seen(turn.expected)
            if got != expected:
                shown = replace(turn, expected=expected)
                return f"{self.platform}: {difference(shown, got, transcript.name)}"
        return ""

    def surplus(self) -> list[str]:
        """What came after all was played."""
        return [line for one in self._bubbles()[self._seen :] for line in self._lines_of(one)]

    async def _play(self, turn: Turn) -> tuple[str, ...]:
        match turn.kind:
            case "restart":
                await self.stage.restart()
            case "language":
                self.human.user["language_code"] = turn.text
            case "erase":
                assert await self.stage.rig.app.door.erase(self.effects.conversation())
            case "inform":
                app, person = self.stage.rig.app, self.effects.conversation()
                await informed(app.store, app.door, person, turn.under, turn.text)
            case "request" | "approve" | "decline":
                app = self.stage.rig.app
                await reviewed(app.store, app.door, self.effects.conversation(), turn)
            case "staff":
                await self._staff(turn.text)
            case _:
                await self._act(turn)
        wanted = self._seen + bool(turn.spoken)
        await self._until(lambda: self._is_whole(wanted, turn))
        lines = self.effects.news()
        new, self._seen = self._bubbles()[self._seen : wanted], wanted
        for bubble in new:
            lines += self._spoken(bubble)
        return self._references.named(self.stage.undated(line) for line in lines)

    def _as_seen(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        return lines if self.platform == "telegram" else tuple(x for x in lines if x != "<")

    def _spoken(self, bubble: list[Any]) -> list[str]:
        last = bubble[-1]
        labels = last.labels if self.platform == "telegram" else last.buttons
        return spoken(self._lines_of(bubble), labels)

    def _lines_of(self, bubble: list[Any]) -> list[str]:
        first, *others = bubble
        lines = self._lines(first)
        for message in others:
            lines += ["", *self._lines(message)]
        return lines

    def _bubbles(self) -> list[list[Any]]:
        """What one turn says, message by message. On Telegram what brings or takes a reply keyboard
        is a message of its own; a transcript says the same for all platforms, and knows neither."""
        bubbles: list[list[Any]] = []
        goes_on = False
        for message in self._messages():
            if getattr(message, "shows_keyboard", False) or message.text == KEYBOARD_GONE:
                continue
            if goes_on and self._answers_the_same(bubbles[-1][-1], message):
                bubbles[-1].append(message)
            else:
                bubbles.append([message])
            goes_on = getattr(message, "takes_keyboard", False)
        return bubbles

    def _answers_the_same(self, earlier: Any, later: Any) -> bool:
        """Nobody wrote between the two."""
        chat = self.human.chat
        return all(m.from_bot for m in chat[chat.index(earlier) : chat.index(later)])

    def _is_whole(self, wanted: int, turn: Turn) -> bool:
        bubbles = self._bubbles()
        if len(bubbles) < wanted:
            return False
        last = bubbles[wanted - 1] if wanted else []
        if not last or not getattr(last[-1], "takes_keyboard", False):
            return True
        return self._spoken(last) == list(turn.spoken)  # else the question is still to come

    def _lines(self, message: Any) -> list[str]:
        return telegram_lines(message) if self.platform == "telegram" else slack_lines(message)

    async def _until(self, predicate: Callable[[], Any]) -> None:
        server = self.stage.rig.telegram if self.platform == "telegram" else self.stage.rig.slack
        await server.until(predicate, timeout=20)

    def _messages(self) -> list[Any]:
        """The bot's messages that it knows to have arrived."""
        ours = [message for message in self.human.chat if message.from_bot]
        chat = self.human.id if self.platform == "telegram" else self.human.dm.id
        lost = self.stage.lost(self.platform, chat)
        return [message for message in ours if _id(message) not in lost]

    # What people do

    async def _act(self, turn: Turn) -> None:
        seconds = int(turn.pause.total_seconds())
        if self.platform == "telegram":
            self.human.ahead += seconds
        else:
            self.human.dm.ahead += seconds
        if self.platform == "telegram":
            update = await self._act_on_telegram(turn)
            server = self.stage.rig.telegram
            if self.stage.trouble == "duplicates":
                server.repeat(update)
            await self._until(lambda: update not in server.pending)
            if self.stage.trouble == "duplicates":
                server.repeat(update)
            return
        if self.stage.trouble == "duplicates":
            self.stage.rig.slack.duplicate_events(1)
        before = len(self.stage.rig.slack.envelopes)
        await self._act_on_slack(turn)
        (envelope,) = self.stage.rig.slack.envelopes[before:]
        await self._until(lambda: envelope.settled)
        assert envelope.acked
        if self.stage.trouble == "duplicates":
            self.stage.rig.slack.redeliver(envelope)

    async def _act_on_telegram(self, turn: Turn) -> int:
        human: telegram.Person = self.human
        caption = turn.text or None
        match turn.kind, turn.medium:
            case "picked", _ if turn.text == "?":
                return (await human.taps_data("999999999:0")).update_id
            case "picked", _:
                return (await human.taps(turn.text, on=self._showing(turn))).update_id
            case "edited", _:
                old = next(m for m in reversed(human.chat) if m.text == turn.under)
                return await human.edits(old, turn.text)
            case _, "text":
                return await human.says(turn.text)
            case _, "voice":
                return await human.sends_voice(caption=caption)
            case _, "document":
                return await human.sends_document(caption=caption)
            case _, "photo":
                album = f"{human.id}-{turn.album}" if turn.album else None
                return await human.sends_photo(media_group_id=album, caption=caption)
            case _, "sticker":
                return await human.sends_sticker()
            case _, "location":
                return await human.sends_location()
            case _, "contact":
                return await human.sends_contact()
            case _:
                film = {"file_id": "v", "file_unique_id": "v", "width": 9, "height": 9}
                return await human.sends({"video": {**film, "duration": 1}}, caption=caption)

    async def _act_on_slack(self, turn: Turn) -> None:
        human = self.human
        match turn.kind, turn.medium:
            case "picked", _ if turn.text == "?":
                await human.taps_data("pick-0", "999999999:0", message=self._messages()[-1])
            case "picked", _:
                await human.taps(turn.text, message=self._showing(turn))
            case "edited", _:
                old = next(m for m in reversed(human.chat) if m.text == as_typed(turn.under))
                await human.edits(old.ts, turn.text)
            case _, "text":
                await human.says(turn.text)
            case _:
                count = sum(line.startswith(f"> ({turn.medium}") for line in turn.source)
                await human.sends_file(FILES[turn.medium], turn.text, count=count)

    def _showing(self, turn: Turn) -> Any:
        """The newest message that has the button and the text."""
        for message in reversed(self._messages()):
            labels = message.labels if self.platform == "telegram" else message.buttons
            if turn.text in labels and turn.under in "\n".join(self._lines(message)):
                return message
        raise LookupError(f"line {turn.line}: no button [{turn.text}] {turn.under}")

    async def _staff(self, text: str) -> None:
        """Staff answer this person's newest question on its card, in the staff chat."""
        staff, id = self.stage.rig.staff, self.effects.escalations[-1]
        who = staff.people[0]
        async with self.stage.desk:
            await self.stage.rig.until(lambda: self.stage.card(id), timeout=20)
            card = self.stage.card(id)
            if staff.channel == "telegram":
                await who.says(text, group=staff.room, reply_to=card)
                return
            await staff.open_form(card)
            await who.submits({"text": text})
            if who.modal is not None:  # it says what became of it, but for a repeated delivery
                await who.closes_modal()


def _id(message: Any) -> int | str:
    """Within its chat: Telegram's message_id, Slack's ts."""
    id: int | str = getattr(message, "ts", None) or message.message_id
    return id


Part = tuple[Transcript, Platform]


async def perform(parts: Sequence[Part], path: Place, trouble: Trouble, staff: Platform) -> str:
    """Everybody plays their part, side by side -> what went otherwise than it should."""
    failures: list[str] = []
    actors: list[Actor] = []
    limits = {"telegram": asyncio.Semaphore(AT_ONCE), "slack": asyncio.Semaphore(AT_ONCE)}

    async def play(stage: Stage, number: int, transcript: Transcript, platform: Platform) -> None:
        async with limits[platform]:
            actor = _actor(stage, platform, number)
            if failure := await actor.follow(transcript):
                failures.append(failure)
            else:
                actors.append(actor)

    async with staged(path, trouble, staff) as stage:
        async with asyncio.TaskGroup() as group:
            for number, (transcript, platform) in enumerate(parts):
                group.create_task(play(stage, number, transcript, platform))
        await stage.rig.taken()
        await stage.rig.app.courier.drain()
        failures += [f"too much: {rest}" for rest in (actor.surplus() for actor in actors) if rest]
    return "\n\n".join(failures)


def _actor(stage: Stage, platform: Platform, number: int) -> Actor:
    rig = stage.rig
    if platform == "telegram":
        human: Any = rig.telegram.person(1000 + number, language_code="")
    else:
        human = rig.slack.person(f"U{1000 + number}", name="Amira")
    return Actor(stage, platform, human, Effects(rig.path, platform, str(human.id)))


@contextlib.asynccontextmanager
async def staged(path: Place, trouble: Trouble, staff: Platform) -> AsyncIterator[Stage]:
    unpaced = dict.fromkeys(pacing.PACES, pacing.UNPACED)
    workspace = slack.SlackServer(bot_token=SLACK_BOT_TOKEN, app_token=SLACK_APP_TOKEN)
    async with telegram.TelegramServer(TELEGRAM_TOKEN) as ours, workspace:
        rig = Rig(path, ours, workspace, staff)
        stage = Stage(rig, trouble)
        with (
            patch.dict(pacing.PACES, unpaced),
            patch.object(courier, "SystemClock", QuickClock),
        ):
            await rig.start()
            stage.make_trouble()
            breaking = asyncio.create_task(stage.reconnect()) if trouble == "reconnects" else None
            try:
                yield stage
            finally:
                if breaking is not None:
                    breaking.cancel()
                await rig.stop()
