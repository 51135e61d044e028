"""Several answers sent at once, while what the bot says waits: the person is told what each came to
and is asked once. Through the whole program, on the local Telegram and Slack."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.house import post_to
from bot.messages import Block, Button, Outgoing, Span
from dialogs.events import Choice
from tests.applicant import applicant
from tests.play import house
from tests.rig import Person, Platform, Rig, rigged

STALE = "That button is from an earlier step"
ANSWERS = ("Lakeside Repairs Ltd", "Lakeside Fixers", "Maria Santos")
TOLD = ("Lakeside Repairs Ltd", "Lakeside Fixers", "Maria Santos")
NAME, TRADING, OWNER, MORE = (
    "the legal name",
    "trading name",
    "principal or owner",
    "another principal",
)
QUESTIONS = (NAME, TRADING, OWNER, MORE)
BOTH: tuple[Platform, ...] = ("telegram", "slack")
Holds = Literal["429", "delay"]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff="slack") as one:
        yield one


async def asked(rig: Rig, person: Person, words: str) -> None:
    """Walk the person to the question with these words."""
    for move in applicant(0).moves:
        if move.asked:
            await rig.until(partial(person.asked, move.asked))
        if words in move.asked:
            return
        if move.does.startswith("["):
            await person.taps(move.does.strip("[]"))
        else:
            await person.says(move.does)


def sends(person: Person) -> dict[str, Any]:
    """Where the sends to this person can be held up."""
    if person.channel == "telegram":
        return {"method": "sendMessage", "chat_id": person.human.id}
    return {"method": "chat.postMessage", "channel": person.human.dm.id}


def hold_up(rig: Rig, person: Person, kind: Holds, **more: Any) -> Any:
    if person.channel == "telegram":
        return rig.telegram.fault(**sends(person), kind=kind, **more)
    return rig.slack.fault(**sends(person), kind=kind, **more)


def hits(fault: Any) -> int:
    return fault.hits if isinstance(fault.hits, int) else len(fault.hits)


def last_asked(text: str) -> list[str]:
    """Which question a message puts, in its last line."""
    last = text.rpartition("\n")[2]
    return [words for words in reversed(QUESTIONS) if words in last and last.endswith("?")][:1]


async def burst(rig: Rig, person: Person, kind: Holds, **more: Any) -> list[str]:
    """Send three answers while the first answer's message is held up -> what was heard of them
    when all is sent. ``kind``: of the fault; "delay" ends when all three are committed."""
    await asked(rig, person, NAME)
    before = len(person.heard)
    fault = hold_up(rig, person, kind, **more)
    await person.says(ANSWERS[0])
    await rig.until(lambda: hits(fault))
    for answer in ANSWERS[1:]:
        await person.says(answer)
    await rig.taken()
    assert len(person.heard) == before
    if kind == "delay":
        (fault.until if person.channel == "telegram" else fault.release).set()
    await rig.until(lambda: len(person.heard) == before + 3)
    await rig.app.courier.drain()
    return person.heard[before:]


@pytest.mark.parametrize("channel", BOTH)
async def test_three_answers_while_the_platform_asks_for_patience_get_one_question(
    rig: Rig, channel: Platform
) -> None:
    person = rig.applicant(channel)
    heard = await burst(rig, person, "429", retry_after=1)
    assert [told in text for told, text in zip(TOLD, heard, strict=True)] == [True] * 3
    assert [last_asked(text) for text in heard] == [[], [], [MORE]]
    assert rig.rows("SELECT count(*) FROM outbox WHERE state = 'waiting'") == [(0,)]


@pytest.mark.parametrize("channel", BOTH)
async def test_what_is_with_the_platform_already_stays_as_it_is(
    rig: Rig, channel: Platform
) -> None:
    heard = await burst(rig, rig.applicant(channel), "delay")
    assert [told in text for told, text in zip(TOLD, heard, strict=True)] == [True] * 3
    assert [last_asked(text) for text in heard] == [[TRADING], [], [MORE]]


@pytest.mark.parametrize("channel", BOTH)
async def test_a_restart_between_sends_what_is_left_of_each_once(
    rig: Rig, channel: Platform
) -> None:
    person = rig.applicant(channel)
    await asked(rig, person, NAME)
    before = len(person.heard)
    fault = hold_up(rig, person, "429", retry_after=2)
    await person.says(ANSWERS[0])
    await rig.until(lambda: hits(fault))
    for answer in ANSWERS[1:]:
        await person.says(answer)
    await rig.taken()
    await rig.stop()
    assert len(person.heard) == before
    await rig.start()
    await rig.until(lambda: len(person.heard) == before + 3)
    await rig.app.courier.drain()
    heard = person.heard[before:]
    assert [told in text for told, text in zip(TOLD, heard, strict=True)] == [True] * 3
    assert [last_asked(text) for text in heard] == [[], [], [MORE]]


@pytest.mark.parametrize("channel", BOTH)
async def test_the_buttons_of_what_was_said_stay_and_mean_what_they_meant(
    rig: Rig, channel: Platform
) -> None:
    person = rig.applicant(channel)
    await burst(rig, person, "429", retry_after=1)
    first = next(m for m in person.chat if m.from_bot and "Lakeside Repairs Ltd" in m.text)
    labels = first.labels if channel == "telegram" else first.buttons
    assert labels == ["Change that"]
    if channel == "telegram":
        await person.human.taps("Change that", on=first)
    else:
        await person.human.taps("Change that", message=first)
    await rig.until(lambda: person.asked(NAME))
    assert "Lakeside Repairs Ltd" in person.newest


async def test_a_button_of_a_question_that_was_taken_back_is_stale(rig: Rig) -> None:
    person = rig.applicant("telegram")
    await burst(rig, person, "429", retry_after=1)
    rows = rig.rows(
        "SELECT id, choices FROM outbox WHERE superseded_by IS NOT NULL AND chat = ?", person.id
    )
    row, choices = rows[0]
    index = next(n for n, choice in enumerate(json.loads(choices)) if choice[1] == "skip")
    await person.human.taps_data(f"{row}:{index}")
    await rig.until(lambda: person.asked(STALE))
    assert MORE in person.newest.lower() or "another principal" in person.newest


async def test_a_summary_that_is_not_sent_gives_way_to_the_statement(rig: Rig) -> None:
    person = rig.applicant("telegram")
    await asked(rig, person, "What experience")
    before = len(person.heard)
    fault = hold_up(rig, person, "429", retry_after=1)
    await person.says("We have repaired phones since 1999.")
    await rig.until(lambda: hits(fault))
    await person.says("submit")
    await rig.taken()
    await rig.until(lambda: len(person.heard) == before + 2)
    told, statement = person.heard[before:]
    assert told == "Experience: We have repaired phones since 1999."
    assert "true and complete" in statement


async def test_an_answer_of_staff_is_sent_whole_but_for_the_question_after_it(rig: Rig) -> None:
    person = rig.applicant("telegram")
    await asked(rig, person, NAME)
    await person.says("talk to a person")
    await rig.hears(person, "legal name")
    await person.says("Is there parking at your office?")
    card = await rig.staff.card("Is there parking at your office?")
    await rig.hears(person)
    await rig.app.courier.drain()
    before = len(person.heard)
    fault = hold_up(rig, person, "429", retry_after=1)
    await rig.staff.answer(card, "There is, behind the house.")
    await rig.until(lambda: hits(fault))
    await person.says("Lakeside Fixers")
    await rig.taken()
    await rig.until(lambda: len(person.heard) == before + 2)
    reply, answer = person.heard[before:]
    assert "There is, behind the house." in reply
    assert "Lakeside Fixers" in answer
    assert reply.endswith("There is, behind the house.")
    assert TRADING in answer


async def test_a_long_message_is_cut_before_its_question(rig: Rig) -> None:
    """So that the rows of what is said are never taken back, and the question's are."""
    person = rig.applicant("telegram")
    await person.says("hello")
    await rig.hears(person)
    choice = Choice("order", "help")
    long = Outgoing(
        (*(Block((Span(f"{n} " + "said " * 150),)) for n in range(9)), Block((Span("Why?"),))),
        (Button("Because", choice), Button("Undo", choice)),
        prompt=True,
        said=9,
        said_buttons=(1,),
    )

    def job(tx: Any) -> tuple[list[Any], int]:
        row = tx.find_conversation("telegram", person.id)
        old = post_to(house(), tx, row, long, "2026-11-22T10:00:00.000Z")
        new = post_to(house(), tx, row, long, "2026-11-22T10:00:01.000Z")
        changed = len(tx.supersede(row, new[0].id))
        return [json.loads(one.body)["body"] for one in old], changed

    old, changed = await rig.app.store.run(job)
    assert changed == 1
    assert old[-1]["text"] == "Why?"
    assert "Why?" not in "".join(body["text"] for body in old[:-1])
    keys = [body.get("reply_markup", {}).get("inline_keyboard", []) for body in old]
    assert [[key["callback_data"] for row in rows for key in row] for rows in keys] == [
        *([[]] * (len(old) - 2)),
        [":1"],
        [":0"],
    ]
    states = rig.rows("SELECT state FROM outbox WHERE superseded_by IS NOT NULL")
    assert states == [("superseded",)]
