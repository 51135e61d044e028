"""The first depth: a transcript over the pure machine, the words and the articles.

The state goes through its JSON after every step, as it does in the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal

from bot.app import build_house
from bot.clock import stamp
from bot.config import Settings
from bot.house import House
from bot.lookup import look_up
from bot.messages import Button
from dialogs.acts import Act, Forget, LookUp, Remind
from dialogs.events import (
    Choice,
    Decided,
    Edited,
    Erased,
    Event,
    InfoRequested,
    Informed,
    Picked,
    Said,
    StaffReplied,
    Ticked,
)
from dialogs.languages import first_state
from dialogs.machine import step
from dialogs.state import State, with_staff
from dialogs.wording import REFERENCE_ALPHABET
from tests.transcript import References, Turn, act_line, lines_of, spoken

BEGIN = datetime(2026, 11, 22, 10, tzinfo=UTC)


@cache
def house() -> House:
    """The words, the articles and the form with the default settings; built once."""
    return build_house(Settings())


def token(number: int) -> str:
    """Twelve characters of the reference alphabet, another one for each number."""
    digits = []
    for _ in range(12):
        number, digit = divmod(number, len(REFERENCE_ALPHABET))
        digits.append(REFERENCE_ALPHABET[digit])
    return "".join(digits)


@dataclass
class PurePlayer:
    """One person's conversation; nothing is stored."""

    state: State = field(default_factory=State)
    questions: list[tuple[str, str]] = field(default_factory=list)
    """passed to staff and not answered: (text, path)"""
    acts: list[Act] = field(default_factory=list)
    """all acts so far"""
    _shown: list[tuple[str, tuple[Button, ...]]] = field(default_factory=list)
    _said: list[tuple[str, str]] = field(default_factory=list)
    _turns: int = 0
    _passed: timedelta = timedelta()
    """since ``BEGIN``"""
    _dues: dict[str, str] = field(default_factory=dict)
    _references: References = field(default_factory=References)

    async def play(self, turn: Turn) -> tuple[str, ...]:
        """Raises LookupError where the turn needs a button or a message that is not there."""
        self._turns += 1
        self._passed += turn.pause
        if turn.kind == "restart":
            return ()
        if turn.kind == "language":
            if self.state == State():
                self.state = first_state(house().script.wording, turn.text)
            return ()
        if turn.kind == "after":
            return self._references.named(self._after(turn.span))
        if turn.kind == "inform":
            from tests.informing import found_now

            told_at = next(c.at for c in self.state.cited if c.article == turn.under)
            now = found_now(turn.under, self.state.language, turn.text)
            event = Informed(now, told_at, self._now(), token(self._turns))
            return self._references.named(self._lines(self._step(event)))
        if turn.kind in ("request", "approve", "decline"):
            return self._references.named(self._lines(self._step(self._reviewed(turn))))
        return self._references.named(self._lines(self._step(self._event(turn))))

    def _reviewed(self, turn: Turn) -> Event:
        sent, at, random = with_staff(self.state), self._now(), token(self._turns)
        if sent is None:
            raise LookupError(f"line {turn.line}: staff have no application")
        if turn.kind == "request":
            return InfoRequested(sent.reference, turn.asked, at, random)
        verdict: Literal["approved", "declined"] = (
            "approved" if turn.kind == "approve" else "declined"
        )
        return Decided(sent.reference, verdict, turn.message, at, random)

    def _after(self, span: timedelta) -> list[str]:
        """Time passes; what comes due meanwhile comes at its time."""
        lines: list[str] = []
        now, then = self._now(), self._now(span)
        while due := sorted((at, kind) for kind, at in self._dues.items() if at <= then):
            at, kind = due[0]
            del self._dues[kind]
            lines += self._lines(self._step(Ticked(kind, max(at, now), token(self._turns))))
        self._passed += span
        return lines

    def _lines(self, acts: tuple[Act, ...]) -> list[str]:
        self.acts += acts
        for act in acts:
            if isinstance(act, Remind):
                self._dues[act.kind] = act.at
            if isinstance(act, Forget) and not act.since:
                self._dues.clear()
            if act_line(act).startswith("! Escalate"):
                self.questions.append((getattr(act, "text", ""), getattr(act, "path", "")))
        lines = [line for line in map(act_line, acts) if line]
        outgoing = house().renderer.message(self.state.language, acts)
        if outgoing is not None:
            said = lines_of(outgoing)
            self._shown.append(("\n".join(said), outgoing.buttons))
            lines += spoken(said, [button.label for button in outgoing.buttons])
        return lines

    def _step(self, event: Event) -> tuple[Act, ...]:
        state, acts = step(house().script, self.state, event)
        if acts and isinstance(acts[0], LookUp):
            assert acts == (acts[0],), "a look-up comes alone"
            assert state == self.state, "a look-up changes nothing"
            assert isinstance(event, Said | Picked | Edited)
            found = look_up(house().library, acts[0], acts[0].language or state.language)
            state, acts = step(house().script, self.state, replace(event, found=found))
        self.state = State.from_json(state.to_json())
        assert self.state == state, "a state is the same after it was stored"
        return acts

    def _event(self, turn: Turn) -> Event:
        message = f"m{self._turns}"
        at, random = self._now(), token(self._turns)
        match turn.kind:
            case "said":
                self._said.append((turn.text, message))
                return Said(turn.text, message, at, random, turn.medium, turn.album)
            case "picked":
                return Picked(self._choice(turn), message, at, random)
            case "edited":
                edited = next(id for text, id in reversed(self._said) if text == turn.under)
                self._said.append((turn.text, edited))
                return Edited(turn.text, edited, at, random)
            case "staff":
                if not self.questions:
                    raise LookupError(f"line {turn.line}: no question waits for staff")
                question, path = self.questions.pop()
                return StaffReplied(1, question, turn.text, at, random, path)
            case _:
                self.questions.clear()
                return Erased(at, random)

    def _now(self, more: timedelta = timedelta()) -> str:
        return stamp(BEGIN + self._passed + more)

    def _choice(self, turn: Turn) -> Choice | None:
        if turn.text == "?":
            return None
        for text, buttons in reversed(self._shown):
            for button in buttons:
                if button.label == turn.text and turn.under in text:
                    assert isinstance(button.choice, Choice)
                    return button.choice
        raise LookupError(f"line {turn.line}: no button [{turn.text}] {turn.under}")
