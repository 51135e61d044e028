"""Applicants talk to the bot; what became of each, and the table of all."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialogs.state import State
from tests.applicants.checking import wrong_fields, wrong_in_draft
from tests.applicants.habits import HABITS
from tests.applicants.halves import Half
from tests.applicants.people import applicant
from tests.applicants.person import Person
from tests.applicants.phrases import Phrases
from tests.applicants.talk import Stage, Talk
from tests.play import house


@dataclass(frozen=True, slots=True)
class Outcome:
    number: int
    habit: str
    language: str
    declared: str
    reached: str
    trouble: str
    wrong: tuple[str, ...]
    turns: int
    straight: int
    misread: tuple[str, ...]
    rephrased: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def well(self) -> bool:
        return self.reached == self.declared and not self.wrong


def languages() -> tuple[str, ...]:
    """Those that the bot speaks and that we have phrases for."""
    return tuple(code for code in ("en", "id") if code in house().script.wording.languages)


def habit_of(number: int) -> str:
    return list(HABITS)[number % len(HABITS)]


def person(number: int, seed: int, half: Half, stage: Stage, habit: str = "") -> Person:
    """The person with this number. Their business goes on to the next one after all habits."""
    who = applicant(number, seed, half, languages())
    rng = random.Random(f"{seed}:{number}:{half}:talk")
    return Person(
        who, HABITS[habit or habit_of(number)], Phrases(half, who.language, rng), rng, stage
    )


async def run(number: int, seed: int, half: Half, habit: str = "") -> Outcome:
    """One applicant through the pure step."""
    talk = Talk()
    one = person(number, seed, half, talk, habit)
    talk.state = State(language=one.who.language)
    reached = await one.live()
    return await outcome(one, number, habit or habit_of(number), reached, talk.lines)


async def outcome(
    one: Person, number: int, habit: str, reached: str, lines: Sequence[str] = ()
) -> Outcome:
    who, trouble, wrong = one.who, one.trouble, []
    record, draft = await one.stage.record(), await one.stage.draft()
    if reached == "submits":
        wrong = wrong_fields(who, record) if record is not None else ["no record"]
    elif reached == "walks away":
        own = one.memory.wrong.keys()
        wrong = wrong_in_draft(who, draft, own) if draft is not None else ["the draft is gone"]
    elif reached == "stops at consent" and (draft is not None or record is not None):
        wrong = ["a draft or a record without consent"]
    return Outcome(
        number,
        habit,
        who.language,
        who.end,
        reached,
        trouble,
        tuple(wrong),
        one.turns,
        who.straight,
        tuple(one.misread),
        tuple(one.rephrased),
        tuple(lines),
    )


def table(outcomes: Iterable[Outcome]) -> str:
    """A line for each habit, and one for all."""
    all_ = list(outcomes)
    names = list(dict.fromkeys(each.habit for each in all_))
    lines = [
        f"{'habit':<15} {'people':>6} {'reached':>8} {'wrong':>6} {'messages':>9}"
        f" {'straight':>9} {'x':>5} {'misread':>8} {'said again':>10}"
    ]
    lines += [_row(name, [o for o in all_ if o.habit == name]) for name in names]
    return "\n".join([*lines, _row("all", all_)])


def _row(name: str, some: Sequence[Outcome]) -> str:
    people = len(some)
    reached = sum(o.reached == o.declared for o in some)
    wrong = sum(len(o.wrong) for o in some)
    ended = [o for o in some if o.reached == o.declared == "submits"]
    turns = sum(o.turns for o in ended) / max(len(ended), 1)
    straight = sum(o.straight for o in ended) / max(len(ended), 1)
    misread = sum(len(o.misread) for o in some)
    again = sum(len(o.rephrased) for o in some)
    return (
        f"{name:<15} {people:>6} {reached:>8} {wrong:>6} {turns:>9.1f} {straight:>9.1f}"
        f" {turns / max(straight, 1):>5.2f} {misread:>8} {again:>10}"
    )
