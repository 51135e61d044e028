"""A person: somebody who applies, in the manner of their habit.

They read only what the bot shows. They answer the question that is put, say it otherwise when they
are not understood, notice when something of theirs was taken for an answer, and undo that. Their
patience has an end: whoever needs more turns than that is trapped.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.messages import Button
from tests.applicants import manners, mending
from tests.applicants.habits import Habit
from tests.applicants.memory import TEXTS, Memory, plain_name
from tests.applicants.people import Applicant, countries
from tests.applicants.phrases import PLAIN, Phrases
from tests.applicants.talk import Seen, Stage

TRIES = 5
"""answers to one question before somebody gives up"""
MISREAD = ("start_over", "withdraw", "delete_data", "person")
"""confirmations that nobody here wants: a name or a question was taken for a command"""
ASIDE = (*MISREAD, "escalate", "which")


@dataclass
class Person:
    who: Applicant
    habit: Habit
    say: Phrases
    rng: random.Random
    stage: Stage
    memory: Memory = field(init=False)
    patience: int = 0
    """turns; by itself some times the straight path's"""
    turns: int = 0
    open: str = ""
    """the question that they were asked last"""
    last: Seen = field(default_factory=Seen)
    """the bot's latest message"""
    tries: Counter[str] = field(default_factory=Counter)
    """path -> answers since it was put"""
    met: set[str] = field(default_factory=set)
    """questions at which the habit had its way"""
    joined: set[str] = field(default_factory=set)
    """questions that were answered together with a question of their own"""
    mend: list[mending.Mend] = field(default_factory=list)
    """wrong answers to correct"""
    misread: list[str] = field(default_factory=list)
    """what was said aside and taken for an answer"""
    rephrased: list[str] = field(default_factory=list)
    """what had to be said otherwise"""
    trouble: str = ""

    def __post_init__(self) -> None:
        self.memory = Memory(self.who)
        self.patience = self.patience or 60 + 6 * self.who.straight

    async def live(self) -> str:
        """To the end that they reach: a declared one, ``trapped`` or ``gave up``."""
        seen = await self.says(self.say.pick("start"))
        while self.turns < self.patience:
            if seen.reference:
                return "submits"
            if self.who.end == "stops at consent" and "consent" in self.tries and not self.open:
                return "stops at consent"
            if self.who.end == "walks away" and self._is_late(seen):
                return "walks away"
            if self.trouble:
                return "gave up"
            seen = await self._turn(seen)
        self.trouble = self.trouble or f"no end after {self.turns} turns, at {self.open}"
        return "trapped"

    def _is_late(self, seen: Seen) -> bool:
        """As far as they meant to come, or further, where the bot knew more already."""
        if seen.button("order", "submit"):
            return True
        name = plain_name(seen.asked)
        return name in TEXTS and TEXTS.index(name) >= TEXTS.index(self.who.leaves_at)

    # One turn: whatever is at hand.

    async def _turn(self, seen: Seen) -> Seen:
        if seen.button("confirm"):
            return await self._decides(seen)
        if seen.asked:
            self.meets(seen.asked)
        submit = seen.button("order", "submit")
        if submit is not None:
            return await self._reviews(submit)
        if not self.open:
            return await self._begins(seen)
        if (mine := self._mine(seen)) is not None:
            return await self.taps(mine)
        if (refused := self._unwanted(seen)) is not None:
            self.misread.append(f"{self.open}: asked although it is not wanted")
            if self.open != "truth":
                self.memory.forget(self.open)
            self.open = ""
            return await self.taps(refused)
        due = sorted((each for each in self.mend if each.wait <= 0), key=mending.haste)
        if due:
            return await mending.correct(self, due[0])
        if self.open not in self.met:
            self.met.add(self.open)
            if (done := await manners.at(self, plain_name(self.open))) is not None:
                return done
        return await self.answers(seen)

    def meets(self, path: str) -> None:
        """They read a question."""
        self.memory.meets(path)
        if path != self.open:
            self.tries[path] = 0
            for each in self.mend:
                each.wait -= 1
        self.open = path

    async def _begins(self, seen: Seen) -> Seen:
        button = seen.button("order", "apply")
        if button is not None and self.rng.random() >= self.habit.types / 2:
            return await self.taps(button)
        return await self.says(self.plain("apply"))

    def _mine(self, seen: Seen) -> Button | None:
        """[That is my answer], where they gave one and the bot took it for something else."""
        button = seen.button("answer", self.open)
        told = self.memory.told.get(self.open, "")
        if button is None or plain_name(self.open) not in TEXTS or self.open in self.joined:
            return None
        return button if told and button.choice.value == told else None

    def _unwanted(self, seen: Seen) -> Button | None:
        """The way out of an owner or a location that there is not, or of sending too early."""
        if self.open == "truth" and not self.tries["submit"]:
            return seen.button("answer", "truth", "no")
        return seen.button("order", "leave") if self.memory.surplus(self.open) else None

    async def _decides(self, seen: Seen) -> Seen:
        """A yes or no is asked about."""
        yes, no = seen.button("confirm", "", "yes"), seen.button("confirm", "", "no")
        kind = (yes or no or seen.buttons[0]).choice.target.partition(" ")[0]
        if (mine := self._mine(seen)) is not None:
            return await self.taps(mine)
        if kind == "check_no":
            self.meets("")
            if yes is None or self.rng.random() < self.habit.types:
                return await self.says(self.say.pick("go_on"))
            return await self.taps(yes)
        if kind in ASIDE:
            answered = plain_name(self.open) in TEXTS and self.open in self.memory.told
            if kind in MISREAD:
                self.misread.append(f"{self.open}: asked to confirm {kind}")
            if no is None or (answered and self.rng.random() < 0.3):
                return await self.answers(seen)
            return await self.taps(no)
        true = any(value in seen.text for value in self.memory.values())
        return await self.taps((yes if true else no) or yes or seen.buttons[0])

    async def _reviews(self, submit: Button) -> Seen:
        """The summary: what is still wrong or missing is mended, then it is sent."""
        self.open = ""
        if self.mend:
            return await mending.correct(self, self.mend[0])
        for group in ("owners", "locations"):
            add = f"add {group}"
            if self.memory.lacks(group) and self.tries[add] < TRIES:
                self.tries[add] += 1
                if self.tries[add] == 1:
                    return await self.says(self.say.pick(f"add_more.{group}"))
                self.rephrased.append(add)
                return await self.says(self.plain(add))
        self.tries["submit"] += 1
        if self.rng.random() < self.habit.types and self.tries["submit"] == 1:
            return await self.says(self.say.pick("submit"))
        return await self.taps(submit)

    # Answering.

    async def answers(self, seen: Seen) -> Seen:
        path, name = self.open, plain_name(self.open)
        self.tries[path] += 1
        if self.tries[path] > TRIES:
            self.trouble = f"{path} is refused: {self.memory.told.get(path)!r}"
            return seen
        if self.tries[path] > 1:
            self.rephrased.append(f"{path}: {self.memory.told.get(path, '')}")
        if name not in TEXTS and name != "locations.country":
            return await self._chooses(seen, path, name)
        text = self.text(path)
        if not text:
            text = self.say.pick("dba_none") if self.tries[path] == 1 else self.plain("none")
        self.memory.told[path] = text
        return await self.says(text)

    async def _chooses(self, seen: Seen, path: str, name: str) -> Seen:
        value, first = self.memory.choice(path), self.tries[path] == 1
        types = first and self.rng.random() < self.habit.types
        if value:
            button = seen.button("answer", path, value)
        else:
            value, button = "skip", seen.button("order", "skip_check")
        if button is not None and not types:
            self.memory.told[path] = value
            return self._left(path, value, await self.taps(button))
        kind = {
            "kind": f"kind.{value}",
            "consent": f"consent_{value}",
            "truth": "truth_yes",
            "owners.more": f"more_{value}.owners",
            "locations.more": f"more_{value}.locations",
        }.get(name, "skip_check" if value == "skip" else value)
        text = self._slipped(self.say.pick(kind)) if first else self.plain(value)
        self.memory.told[path] = text
        return self._left(path, value, await self.says(text))

    def _left(self, path: str, value: str, seen: Seen) -> Seen:
        """Nothing is asked any more of somebody who said no to the consent."""
        still = seen.asked or seen.button("answer", "consent") or seen.button("confirm")
        if path == "consent" and value == "no" and not still:
            self.open = ""
        return seen

    def text(self, path: str) -> str:
        """What they write for a text field or a country, padded or not; empty: there is none."""
        name, answer, tries = plain_name(path), self.memory.answer(path), self.tries[path]
        text = answer.plainer if tries > 2 and answer.plainer else answer.typed
        if not text or tries > 1:
            return text
        if name == "locations.country" and self.rng.random() < self.habit.slips:
            text = self.rng.choice(countries()[answer.value]["typos"])
        if name == "experience" or self.rng.random() >= self.habit.pads:
            return text
        return self.say.pick("owner" if name == "owners.name" else name.rpartition(".")[2], v=text)

    def plain(self, value: str) -> str:
        return PLAIN[self.who.language][value]

    def _slipped(self, text: str) -> str:
        """Two letters change places in a longer word, now and then."""
        if len(text) < 6 or self.rng.random() >= self.habit.slips:
            return text
        at = self.rng.randrange(1, len(text) - 2)
        if not text[at : at + 2].isalpha():
            return text
        return f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"

    # Talking.

    async def aside(self, text: str) -> Seen:
        """Say what is no answer, and look whether it was taken for one."""
        here = self.open
        return await self.noticed(await self.says(text), here, here, text)

    async def noticed(self, seen: Seen, here: str, meant: str, text: str) -> Seen:
        """The bot moved on from ``here`` although nothing was said for it: undo that."""
        undo = seen.button("order", "was_question") or seen.button("order", "change", here)
        moved = seen.asked not in ("", here, meant) or seen.button("order", "submit")
        if not here or not (moved or undo or seen.reference):
            return seen
        self.misread.append(f"{here}: {text}")
        undo = undo or seen.button("order", "undo")
        return seen if undo is None else await self.taps(undo)

    async def says(self, text: str) -> Seen:
        self.turns += 1
        self.last = await self.stage.say(text)
        return self.last

    async def bursts(self, texts: Sequence[str]) -> Sequence[Seen]:
        """Several messages within seconds, sent before anything is read."""
        self.turns += len(texts)
        seen = await self.stage.burst(texts)
        self.last = seen[-1]
        return seen

    async def taps(self, button: Button) -> Seen:
        self.turns += 1
        self.last = await self.stage.tap(button)
        return self.last

    async def edits(self, before: str, after: str) -> Seen:
        self.turns += 1
        self.last = await self.stage.edit(before, after)
        return self.last
