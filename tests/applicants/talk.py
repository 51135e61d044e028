"""A conversation as the person sees it: what the bot's last message says and which buttons it has.

``Talk`` is the pure step, with a clock of its own: days pass in no time, and a reminder that the
bot wished for comes when it is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot.lookup import look_up
from bot.messages import Button, Outgoing
from dialogs.acts import Act, Ask, LookUp, Remind, Submit
from dialogs.events import Choice, Edited, Event, Picked, Said, Ticked
from dialogs.machine import step
from dialogs.slots import Draft
from dialogs.state import State
from tests.play import house, token
from tests.transcript import lines_of

BEGIN = datetime(2026, 11, 22, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """The bot's answer to what the person did last."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    asked: str = ""
    """the path of the question that it puts; empty where it puts none"""
    reference: str = ""
    """the application is handed off"""

    def button(self, verb: str, target: str = "", value: str | None = None) -> Button | None:
        """The first button of that meaning."""
        for button in self.buttons:
            choice = button.choice
            fits = choice.verb == verb and (not target or choice.target.split(" ")[0] == target)
            if fits and value in (None, choice.value):
                return button
        return None


class Stage(Protocol):
    """Where a person talks to the bot: the pure step, or a platform."""

    async def say(self, text: str) -> Seen: ...

    async def burst(self, texts: Sequence[str]) -> Sequence[Seen]: ...

    async def tap(self, button: Button) -> Seen: ...

    async def edit(self, before: str, text: str) -> Seen: ...

    async def wait(self, days: float) -> Seen: ...

    async def record(self) -> dict[str, Any] | None: ...

    async def draft(self) -> Draft | None: ...


@dataclass
class Talk:
    """The pure step. Seconds between two moves are ``after``."""

    state: State = field(default_factory=State)
    at: datetime = BEGIN
    lines: list[str] = field(default_factory=list)
    """the whole conversation, for whoever looks for a failure's reason"""
    acts: tuple[Act, ...] = ()
    """of the last step"""
    submitted: dict[str, Any] | None = None
    submits: int = 0
    outgoing: Outgoing | None = None
    """the bot's latest message, before a channel turns it into calls"""
    _said: dict[str, str] = field(default_factory=dict)
    _due: dict[str, datetime] = field(default_factory=dict)
    _turns: int = 0
    _last: Seen = field(default_factory=Seen)

    async def say(self, text: str) -> Seen:
        return self.said(text)

    async def burst(self, texts: Sequence[str]) -> Sequence[Seen]:
        return [self.said(text, 4 if number else 60) for number, text in enumerate(texts)]

    def said(self, text: str, after: float = 60) -> Seen:
        message = self._next(after)
        self._said[text] = message
        self.lines.append(f"> {text}")
        return self._take(Said(text, message, self._now(), token(self._turns)))

    async def tap(self, button: Button) -> Seen:
        return self.tapped(button)

    def tapped(self, button: Button, after: float = 60) -> Seen:
        message = self._next(after)
        self.lines.append(f"> [{button.label}]")
        assert isinstance(button.choice, Choice)
        return self._take(Picked(button.choice, message, self._now(), token(self._turns)))

    async def edit(self, before: str, text: str) -> Seen:
        return self.edited(before, text)

    def edited(self, before: str, text: str, after: float = 60) -> Seen:
        """Raises KeyError where ``before`` was never said."""
        self._next(after)
        message = self._said[before]
        self.lines.append(f"> (edits {before!r}) {text}")
        self._said[text] = message
        return self._take(Edited(text, message, self._now(), token(self._turns)))

    async def wait(self, days: float) -> Seen:
        """Nothing for some days, but for the bot's reminders."""
        until = self.at + timedelta(days=days)
        self.lines.append(f"({days:g} days later)")
        while due := sorted((at, kind) for kind, at in self._due.items() if at <= until):
            self.at, kind = max(due[0][0], self.at), due[0][1]
            del self._due[kind]
            self._turns += 1
            self._take(Ticked(kind, self._now(), token(self._turns)), quiet=True)
        self.at = until
        return self._last

    async def record(self) -> dict[str, Any] | None:
        return self.submitted

    async def draft(self) -> Draft | None:
        return self.state.draft

    def _next(self, after: float) -> str:
        self._turns += 1
        self.at += timedelta(seconds=after)
        return f"m{self._turns}"

    def _now(self) -> str:
        return self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _take(self, event: Event, *, quiet: bool = False) -> Seen:
        state, acts = step(house().script, self.state, event)
        if acts and isinstance(acts[0], LookUp):
            assert isinstance(event, Said | Picked)
            found = look_up(house().library, acts[0], state.language)
            state, acts = step(house().script, self.state, replace(event, found=found))
        self.state, self.acts = State.from_json(state.to_json()), acts
        for act in acts:
            if isinstance(act, Remind):
                self._remind(act)
            elif isinstance(act, Submit):
                self.submitted, self.submits = dict(act.record), self.submits + 1
        if quiet and not acts:
            return self._last
        self._last = self._seen(acts)
        return self._last

    def _remind(self, act: Remind) -> None:
        if act.at:
            self._due[act.kind] = datetime.fromisoformat(act.at)
        else:
            self._due.pop(act.kind, None)

    def _seen(self, acts: tuple[Act, ...]) -> Seen:
        outgoing = house().renderer.message(self.state.language, acts)
        self.outgoing = outgoing
        text = "\n".join(lines_of(outgoing)) if outgoing is not None else ""
        buttons = outgoing.buttons if outgoing is not None else ()
        self.lines += [f"< {line}" for line in text.split("\n") if line]
        if buttons:
            self.lines.append("< " + " ".join(f"[{button.label}]" for button in buttons))
        asked = next((act.path for act in reversed(acts) if isinstance(act, Ask)), "")
        reference = next((act.reference for act in acts if isinstance(act, Submit)), "")
        return Seen(text, buttons, asked, reference)
