"""The desk and the door on a real store, without channels: who may answer what, and what becomes of
a turn that raises. Through the channels: ``test_staff_chat.py``.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.config import StaffChat
from bot.door import Door
from bot.messages import Incoming, Receipt, StaffReply, Unreadable
from bot.store import Store
from bot.store.rows import OutboxRow
from bot.store.sqlite import open_store
from dialogs import machine
from dialogs.reading import Ticks
from dialogs.state import Phase, Step
from tests.applicant import applicant
from tests.play import house

GROUP, CHANNEL = "-1001", "C0STAFF"
NOW = "2026-11-22T18:00:00.000Z"

SENT = "Passed on to the applicant."
LATE = "This question was answered already. Nothing was sent."
UNKNOWN = "This is no open question of mine, so nothing was sent."
EMPTY = "There was no text in that, so nothing of it was sent. I can pass on text only."
REFUSED = "Only members of the staff chat can do that."
FAILED = "A message could not be handled. See: frontdesk failures"

_keys = itertools.count(1)


@dataclass
class Desk:
    store: Store
    door: Door
    path: Path
    rows: list[OutboxRow] = field(default_factory=list)
    """all that was ever offered to the courier"""

    async def says(
        self, text: str, person: str = "7", button: tuple[int, int] | None = None
    ) -> Receipt:
        key = f"telegram:{next(_keys)}"
        kind: Literal["said", "picked"] = "picked" if button else "said"
        return await self.door.handle(
            Incoming("telegram", key, person, person, key, NOW, text=text, kind=kind, button=button)
        )

    async def asks(self, question: str, person: str = "7") -> int:
        """-> the escalation's id"""
        await self.says("talk to a person", person)
        await self.says(question, person)
        waiting = await self.store.read(lambda reports: list(reports.questions()))
        return next(row.id for row in waiting if row.question == question)

    async def replies(self, text: str, **changed: Any) -> Receipt:
        reply = StaffReply("telegram", f"r:{next(_keys)}", GROUP, "900", "33", NOW, text)
        return await self.door.handle(replace(reply, **changed))

    async def delivered(self, message: str, words: str = "") -> None:
        """The newest staff card with these words is out, under this id."""
        card = self.cards(words)[-1]
        await self.store.run(lambda tx: tx.mark_sent(card.id, message, NOW))

    def cards(self, words: str = "") -> list[OutboxRow]:
        return [row for row in self.rows if row.chat in {GROUP, CHANNEL} and words in said(row)]

    def heard(self, person: str = "7") -> list[str]:
        return [said(row) for row in self.rows if row.chat == person]

    async def answered(self) -> list[int]:
        return [id for (id,) in self.sql("SELECT id FROM escalations WHERE answered_at <> ''")]

    async def failures(self) -> list[Any]:
        return list(await self.store.read(lambda reports: list(reports.failures())))

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            with connection:
                return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def poison(self, person: str = "7") -> str:
        """Make the conversation's state unreadable -> what it was."""
        ((state,),) = self.sql("SELECT state FROM conversations WHERE person = ?", person)
        self.sql('UPDATE conversations SET state = \'{"phase":"lost"}\' WHERE person = ?', person)
        return str(state)

    def mend(self, state: str, person: str = "7") -> None:
        self.sql("UPDATE conversations SET state = ? WHERE person = ?", state, person)


def said(row: OutboxRow) -> str:
    body = json.loads(row.body)
    return str(body["plain"]["text"]) if "plain" in body else ""


async def desk_of(path: Path, staff: StaffChat | None) -> Desk:
    store = await open_store(path, serving=True)
    rows: list[OutboxRow] = []

    def offer(more: Iterable[OutboxRow]) -> None:
        rows.extend(more)

    door = Door(replace(house(), staff=staff, now=lambda: NOW), store, offer, lambda: None)
    return Desk(store, door, path, rows)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    one = await desk_of(tmp_path / "frontdesk.db", StaffChat("telegram", GROUP))
    yield one
    await one.store.close()


# Who may answer what


async def test_a_reply_to_the_card_answers_its_question(desk: Desk) -> None:
    await desk.asks("Is it fine?")
    await desk.delivered("17")
    receipt = await desk.replies("It is.", card="17")
    assert receipt.note == SENT
    assert said(desk.cards()[-1]) == SENT
    assert "Is it fine?" in desk.heard()[-1]
    assert "It is." in desk.heard()[-1]
    ((answer, by),) = desk.sql("SELECT answer, answered_by FROM escalations")
    assert (answer, by) == ("It is.", "900")


async def test_what_became_of_a_reply_is_told_in_the_topic_that_it_came_from(desk: Desk) -> None:
    await desk.asks("Is it fine?")
    await desk.delivered("17")
    await desk.replies("It is.", card="17", thread="5")
    assert (said(desk.cards()[-1]), desk.cards()[-1].thread) == (SENT, "5")


@pytest.mark.parametrize(
    "where",
    [
        {"chat": "-1002"},
        {"chat": ""},
        {"chat": "7"},
        {"channel": "slack"},
        {"channel": "slack", "chat": CHANNEL},
        {"channel": "terminal", "chat": "me"},
        {"channel": "terminal"},
        {"channel": "CLI"},
    ],
)
async def test_a_line_from_anywhere_else_is_refused(desk: Desk, where: dict[str, str]) -> None:
    id = await desk.asks("Is it fine?")
    await desk.delivered("17")
    before = len(desk.rows)
    for means in ({"card": "17"}, {"escalation": id}):
        receipt = await desk.replies("Pay me.", **where, **means)
        assert receipt.note == REFUSED
    assert len(desk.rows) == before
    assert await desk.answered() == []


@pytest.mark.parametrize("id", [0, 99, 2**62])
async def test_an_answer_to_no_question_of_ours_is_told_so(desk: Desk, id: int) -> None:
    await desk.asks("Is it fine?")
    before = len(desk.heard())
    for card in ("", "18", "-1001/17", "'; DROP TABLE outbox"):
        assert (await desk.replies("It is.", card=card, escalation=id)).note == UNKNOWN
    assert len(desk.heard()) == before


async def test_a_card_is_known_by_chat_and_message_id_together(desk: Desk) -> None:
    await desk.asks("First?")
    await desk.delivered("17", "First?")
    await desk.asks("Second?", person="8")
    await desk.delivered("-1009/17", "Second?")  # the group moved: it counts anew
    await desk.replies("To the second.", card="-1009/17")
    assert any("To the second." in line for line in desk.heard("8"))
    assert not any("To the second." in line for line in desk.heard("7"))
    await desk.replies("To the first.", card="17")
    assert "To the first." in desk.heard("7")[-1]


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
async def test_a_reply_without_text_leaves_the_question_open(desk: Desk, text: str) -> None:
    id = await desk.asks("Is it fine?")
    assert (await desk.replies(text, escalation=id)).note == EMPTY
    assert await desk.answered() == []
    assert (await desk.replies("It is.", escalation=id)).note == SENT
    assert (await desk.replies(text, escalation=id)).note == EMPTY


async def test_the_second_answer_is_told_that_it_is_late(desk: Desk) -> None:
    id = await desk.asks("Is it fine?")
    assert (await desk.replies("It is.", escalation=id)).note == SENT
    before = len(desk.heard())
    assert (await desk.replies("It is not.", escalation=id, by="901")).note == LATE
    assert len(desk.heard()) == before
    assert desk.sql("SELECT answer FROM escalations") == [("It is.",)]


async def test_the_same_line_again_changes_and_says_nothing(desk: Desk) -> None:
    id = await desk.asks("Is it fine?")
    await desk.replies("It is.", escalation=id, key="telegram:5000")
    before = list(desk.rows)
    receipt = await desk.replies("It is.", escalation=id, key="telegram:5000")
    assert receipt == Receipt(duplicate=True)
    assert desk.rows == before


async def test_a_question_of_somebody_erased_is_no_question(desk: Desk) -> None:
    id = await desk.asks("Is it fine?")
    await desk.delivered("17")
    ((conversation,),) = desk.sql("SELECT id FROM conversations")
    assert await desk.door.erase(conversation)
    before = len(desk.heard())
    assert (await desk.replies("It is.", card="17")).note == UNKNOWN
    assert (await desk.replies("It is.", escalation=id)).note == UNKNOWN
    assert len(desk.heard()) == before


async def test_without_a_staff_chat_questions_wait_for_the_command(tmp_path: Path) -> None:
    desk = await desk_of(tmp_path / "frontdesk.db", None)
    id = await desk.asks("Is it fine?")
    assert desk.cards() == []
    assert {row.chat for row in desk.rows} == {"7"}
    assert (await desk.replies("Pay me.", escalation=id)).note == REFUSED
    assert (await desk.replies("It is.", channel="cli", chat="", escalation=id)).note == SENT
    assert "It is." in desk.heard()[-1]
    await desk.store.close()


# Cards


async def straight(desk: Desk, number: int, person: str = "7", **other: str) -> str:
    """A whole application, by words -> the reference."""
    words = {"[I agree]": "I agree", "[Submit]": "submit", "[Yes, submit it]": "yes"}
    for move in applicant(number).moves:
        does = other.get(move.field, move.does)
        does = words.get(does, does.strip("[]"))
        for line in does.split("\n"):
            await desk.says(line, person)
    ((reference,),) = desk.sql("SELECT reference FROM records")
    return str(reference)


async def test_doubts_name_their_field_and_which_of_several(desk: Desk) -> None:
    await straight(desk, 1, **{"locations.1.address": "PO Box 12, Jakarta\nPO Box 12\nkeep it"})
    (card,) = desk.cards("New application")
    doubts = said(card).split("Self-check")[0]
    assert "Owner: The person's name has digits." in doubts
    assert "Address 2: kept by the applicant against our check." in doubts


async def test_an_update_that_cannot_be_read_is_kept_and_staff_are_told(desk: Desk) -> None:
    raw = Unreadable("telegram", "telegram:9", "{}", "message: missing", NOW)
    assert (await desk.door.handle(raw)) == Receipt()
    assert [said(row) for row in desk.cards()] == [FAILED]
    (failure,) = await desk.failures()
    assert (failure.kind, failure.channel, failure.error) == (
        "update",
        "telegram",
        "message: missing",
    )


# What raises


async def test_a_reply_that_cannot_be_handed_on_leaves_the_question_open(desk: Desk) -> None:
    id = await desk.asks("Is it fine?")
    state, before = desk.poison(), len(desk.heard())
    receipt = await desk.replies("It is, says the desk.", escalation=id, key="telegram:5000")
    assert receipt.note == FAILED
    assert said(desk.cards()[-1]) == FAILED
    assert await desk.answered() == []
    assert len(desk.heard()) == before
    (failure,) = await desk.failures()
    assert failure.error.startswith("ValidationError at ")
    number = int(failure.id.removeprefix("turn-"))
    assert await desk.door.retry(number) is False
    desk.mend(state)
    assert await desk.door.retry(number) is True
    assert await desk.failures() == []
    assert "It is, says the desk." in desk.heard()[-1]
    assert await desk.door.retry(number) is None


async def test_erasing_takes_a_failed_reply_to_the_person_too(desk: Desk) -> None:
    id = await desk.asks("Is it fine?")
    desk.poison()
    await desk.replies("Dear Amira, it is.", escalation=id)
    ((conversation,),) = desk.sql("SELECT id FROM conversations")
    assert await desk.door.erase(conversation)
    assert not any("Amira" in str(row) for row in desk.sql("SELECT * FROM events"))


async def test_somebody_whose_state_cannot_be_read_can_be_erased(desk: Desk) -> None:
    reference = await straight(desk, 2)
    await desk.asks("Is it fine?")
    await desk.delivered("17", "New application")
    desk.poison()
    ((conversation,),) = desk.sql("SELECT id FROM conversations")
    assert await desk.door.erase(conversation)
    for table in ("records", "escalations"):
        assert desk.sql(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - our own names
    assert desk.sql("SELECT reference FROM tombstones") == [(reference,)]
    assert "erased" in desk.heard()[-1]
    ((body,),) = desk.sql("SELECT body FROM outbox WHERE kind = 'delete'")
    assert json.loads(body) == {"message": "17"}
    await desk.says("hello")
    assert "Hello" in desk.heard()[-1]


async def test_the_clock_ends_an_erase_that_was_killed_before_the_file_was_clean(
    desk: Desk,
) -> None:
    await desk.asks("Is my zeppelin fine?")
    ((id,),) = desk.sql("SELECT id FROM conversations")
    files = [desk.path, desk.path.with_name(desk.path.name + "-wal")]

    def left() -> bool:
        return any(b"zeppelin" in file.read_bytes() for file in files if file.exists())

    await desk.store.run(lambda tx: tx.forget(id, (), "staff", NOW))
    assert left()
    await desk.door.tick()
    assert not left()
    before = desk.sql("PRAGMA schema_version")
    await desk.door.tick()  # once is enough: VACUUM would count the schema up
    assert desk.sql("PRAGMA schema_version") == before


async def test_a_due_turn_that_raises_holds_no_other_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in ("7", "8"):
        await desk.says("hello", person)
    poisoned, sound = (id for (id,) in desk.sql("SELECT id FROM conversations ORDER BY id"))
    desk.poison("7")
    ticked: list[Any] = []

    def tick(script: Any, state: Any, reading: Ticks, event: Any) -> Any:
        ticked.append(reading.kind)
        return Step(state, ())

    monkeypatch.setitem(machine.TABLE[Phase.VISITING], Ticks, tick)
    await desk.store.run(lambda tx: tx.remind(poisoned, "first", "2026-01-01T00:00:00.000Z"))
    await desk.store.run(lambda tx: tx.remind(sound, "second", "2026-01-02T00:00:00.000Z"))
    await desk.store.run(lambda tx: tx.remind(sound, "later", "2030-01-01T00:00:00.000Z"))
    await desk.door.tick()
    assert ticked == ["second"]
    (failure,) = await desk.failures()
    assert failure.error.startswith("ValidationError at ")
    assert said(desk.cards()[-1]) == FAILED
    await desk.door.tick()
    assert ticked == ["second"]
    assert len(await desk.failures()) == 1
    assert desk.sql("SELECT kind FROM dues") == [("later",)]
