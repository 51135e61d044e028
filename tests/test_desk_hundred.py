"""Two of staff and three applicants at once, on both platforms: a hundred lines in the staff chat,
twenty of them meant for applicants. Exactly these twenty arrive, each with whom it is for.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.rig import Person, Platform, Rig, rigged, shown
from tests.test_staff_chat import PLATFORMS, SENT

LINES, MEANT = 100, 20


@dataclass
class Asked:
    person: Person
    card: Any
    number: int

    @property
    def answer(self) -> str:
        return f"Answer {self.number} to {self.person.id}."


async def ask(rig: Rig, person: Person, number: int) -> Asked:
    """A question of its own about another part, so that each has its own card."""
    question = f"Question number {number} of {person.id}?"
    await person.says("talk to a person")
    await rig.hears(person, "What would you like")
    await person.says(question)
    await rig.hears(person, "I have passed it to staff")
    return Asked(person, await rig.staff.card(question), number)


async def send(rig: Rig, asked: Asked, by: int, *, by_note: bool) -> None:
    """Each platform's way of meaning it for the applicant."""
    if rig.on == "telegram":
        await rig.staff.says(asked.answer, by, under=asked.card)
        return
    if not by_note:
        assert await rig.staff.answer(asked.card, asked.answer, by) == SENT
        return
    await rig.staff.says(asked.answer, by, under=asked.card)
    await rig.until(lambda: offer(rig, asked))
    assert await rig.staff.hears(offer(rig, asked), "Send to applicant", by) == SENT


def offer(rig: Rig, asked: Asked) -> Any:
    found = [m for m in rig.staff.cards("Internal so far") if asked.answer in shown(m)]
    return found[0] if found else None


async def talk(rig: Rig, by: int, asked: list[Asked], chance: random.Random, lines: int) -> None:
    """What one of staff writes: lines among themselves, and between them the answers."""
    kinds = [*range(len(asked)), *[-1] * (lines - len(asked))]
    chance.shuffle(kinds)
    for count, kind in enumerate(kinds):
        if kind >= 0:
            await send(rig, asked[kind], by, by_note=bool(kind % 2))
            continue
        about = chance.choice(asked)
        text = f"Internal {by}-{count}: tell {about.person.id} yes"
        threaded = rig.on == "slack" and chance.random() < 0.6
        await rig.staff.says(text, by, under=about.card if threaded else None)


@pytest.mark.parametrize("staff", PLATFORMS)
async def test_of_a_hundred_lines_exactly_the_twenty_arrive_with_whom_they_are_for(
    tmp_path: Path, staff: Platform
) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as rig:
        people = [
            rig.applicant("telegram", 1),
            rig.applicant("slack", 2, "Ben"),
            rig.applicant("telegram", 3, "Cleo"),
        ]
        chance = random.Random(staff)
        done: list[Asked] = []
        # Rounds, since what a person asks while something of theirs waits joins its card.
        for start in range(0, MEANT, 4):
            numbers = range(start, start + 4)
            chosen = [people[n % 3] for n in numbers][:3]
            asked = list(
                await asyncio.gather(*(ask(rig, p, start + n) for n, p in enumerate(chosen)))
            )
            first, second = asked[:2], asked[2:]
            await asyncio.gather(
                talk(rig, 0, first, chance, 10),
                talk(rig, 1, second, chance, 9),
            )
            await arrived(rig, *asked)
            extra = await ask(rig, chosen[0], start + 3)
            await talk(rig, chance.randrange(2), [extra], chance, 1)
            await arrived(rig, extra)
            done += [*asked, extra]
        await rig.taken()
        await rig.app.courier.drain()

        written = sum(1 for _ in staff_lines(rig))
        assert (written, len(done)) == (LINES - by_form(rig, done), MEANT)
        for person in people:
            got = [text for text in person.heard if "Answer " in text or "Internal" in text]
            mine = [one.answer for one in done if one.person is person]
            assert len(got) == len(mine)
            assert all(sum(answer in text for text in got) == 1 for answer in mine)
        brought = rig.rows("SELECT count(*) FROM question_cards WHERE told_at <> ''")
        assert brought == [(MEANT,)]


async def arrived(rig: Rig, *asked: Asked) -> None:
    await rig.until(lambda: all(map(heard, asked)), timeout=30)


def heard(asked: Asked) -> bool:
    return any(asked.answer in text for text in asked.person.heard)


def staff_lines(rig: Rig) -> list[Any]:
    room = rig.staff.room
    messages = room.messages if rig.on == "slack" else room.chat
    return [message for message in messages if not message.from_bot]


def by_form(rig: Rig, done: list[Asked]) -> int:
    """Answers that were written into a form, and so are no line of the channel."""
    lines = [shown(message) for message in staff_lines(rig)]
    return sum(not any(one.answer in line for line in lines) for one in done)
