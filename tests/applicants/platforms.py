"""The same people on a local Telegram and a local Slack, with the whole program between.

A person sees the messages that arrived and taps what is drawn under them. Which question a message
puts is told by its text; what a button means, by the row that it was sent from.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.messages import Button
from dialogs.acts import Ask
from dialogs.asking import put
from dialogs.events import Choice
from dialogs.slots import Draft
from dialogs.state import State
from tests.applicants.halves import Half
from tests.applicants.running import Outcome, habit_of, outcome, person
from tests.applicants.talk import Seen
from tests.places import rows
from tests.play import house
from tests.play_channels import Actor, Stage, _actor
from tests.rig import Platform, rigged
from tests.transcript import Kind, Turn, lines_of

_SENT = (
    "FROM outbox WHERE conversation = ? AND case_kind = '' AND kind = 'send'"
    " AND state <> 'superseded'"
)
"""what is for the person: no staff card"""


@dataclass
class OnPlatform:
    """``talk.Stage`` for one person of a platform."""

    actor: Actor
    lines: list[str] = field(default_factory=list)
    _heard: int = 0
    _last: Seen = field(default_factory=Seen)

    async def say(self, text: str) -> Seen:
        self.lines.append(f"> {text}")
        return await self._does("said", text)

    async def burst(self, texts: Sequence[str]) -> Sequence[Seen]:
        """Each as soon as the one before has been taken; then what came of all."""
        for number, text in enumerate(texts[:-1]):
            self.lines.append(f"> {text}")
            await self.actor._act(Turn("said", 0, (), text, soon=number > 0))
        self.lines.append(f"> {texts[-1]}")
        return [await self._does("said", texts[-1], soon=len(texts) > 1)]

    async def tap(self, button: Button) -> Seen:
        self.lines.append(f"> [{button.label}]")
        return await self._does("picked", button.label)

    async def edit(self, before: str, text: str) -> Seen:
        self.lines.append(f"> (edits {before!r}) {text}")
        return await self._does("edited", text, before)

    async def wait(self, days: float) -> Seen:
        """Nobody waits for days here; what that does is seen at the pure step."""
        return self._last

    async def record(self) -> dict[str, Any] | None:
        found = self._rows("SELECT body FROM records WHERE conversation = ?")
        assert len(found) <= 1, "one application, one record"
        return json.loads(found[0][0]) if found else None

    async def draft(self) -> Draft | None:
        return self._state().draft

    async def _does(self, kind: Kind, text: str, under: str = "", *, soon: bool = False) -> Seen:
        actor = self.actor
        await actor._act(Turn(kind, 0, (), text, under, soon=soon))
        wanted = self._written()
        await actor._until(lambda: len(actor._messages()) >= wanted)
        new = actor._messages()[self._heard :]
        self._heard += len(new)
        if not new:
            return Seen()
        text = "\n".join(line for message in new for line in actor._lines(message))
        self.lines += [f"< {line}" for line in text.split("\n")]
        labels = new[-1].labels if actor.platform == "telegram" else new[-1].buttons
        buttons = tuple(map(Button, labels, self._choices()))
        sent = self._rows("SELECT reference FROM records WHERE conversation = ?")
        reference = sent[0][0] if sent else ""
        self._last = Seen(text, buttons, "" if reference else self._asked(text), reference)
        return self._last

    def _asked(self, text: str) -> str:
        """The open question's path, where the message puts it, in full or short."""
        state, put_so = self._state(), []
        for style in ("full", "short"):
            for act in put(house().script, state, style):
                outgoing = house().renderer.message(state.language, (act,))
                if isinstance(act, Ask) and outgoing is not None:
                    put_so.append((act.path, lines_of(outgoing)[-1]))
        told = {line.strip() for line in text.split("\n")}
        return next((path for path, line in put_so if line.strip() in told), "")

    def _choices(self) -> list[Choice]:
        """What the buttons of the newest row mean."""
        found = self._rows(f"SELECT choices {_SENT} ORDER BY id DESC LIMIT 1")
        return [Choice(*choice) for choice in json.loads(found[0][0])] if found else []

    def _written(self) -> int:
        return int(self._rows(f"SELECT count(*) {_SENT}")[0][0])

    def _state(self) -> State:
        found = self._rows("SELECT state FROM conversations WHERE id = ?")
        return State.from_json(found[0][0]) if found and found[0][0] else State()

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return rows(self.actor.stage.rig.path, query, self.actor.effects.conversation())


async def apply_together(
    numbers: Sequence[int], seed: int, half: Half, path: Path, staff: Platform
) -> list[Outcome]:
    """These people, half of them on each platform, side by side."""
    outcomes: list[Outcome] = []

    async def one(stage: Stage, number: int) -> None:
        platform: Platform = ("telegram", "slack")[(number // 8) % 2]
        on = OnPlatform(_actor(stage, platform, number))
        who = person(number, seed, half, on)
        reached = await who.live()
        outcomes.append(await outcome(who, number, habit_of(number), reached, on.lines))

    # A loaded machine is no reason to fail: nothing here is about time.
    async with rigged(path, staff=staff, ack_timeout=60) as rig, asyncio.TaskGroup() as group:
        for number in numbers:
            group.create_task(one(Stage(rig, "none"), number))
    return outcomes
