"""An edited message, from the platform to the stored event: its text, its time, and the very id
under which the answer that it gave is kept. What the dialog makes of it is tested there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.rig import Person, Platform, Rig, rigged
from tests.test_superseding import BOTH, NAME, TRADING, asked

OLD, NEW, NEWER = "Lakeside Repairs Ltd", "Lakeside Repair Ltd", "Lakeside Mobile Ltd"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff="slack") as one:
        yield one


def own(person: Person, text: str) -> Any:
    return next(m for m in reversed(person.chat) if not m.from_bot and m.text == text)


def id_of(person: Person, message: Any) -> str:
    return str(message.message_id if person.channel == "telegram" else message.ts)


async def edit(person: Person, message: Any, text: str) -> None:
    await person.human.edits(message if person.channel == "telegram" else message.ts, text)


def edits(rig: Rig) -> list[dict[str, Any]]:
    """The edited events that were taken, as they are stored."""
    bodies = [json.loads(body) for (body,) in rig.rows("SELECT body FROM events WHERE body <> ''")]
    return [body for body in bodies if body.get("is_") == "edited"]


def messages_of(rig: Rig, person: Person, path: str) -> list[str]:
    query = "SELECT state FROM conversations WHERE channel = ? AND person = ?"
    ((state,),) = rig.rows(query, person.channel, person.id)
    slot: dict[str, list[str]] = json.loads(state)["draft"]["slots"][path]
    return slot["messages"]


async def answered(rig: Rig, channel: Platform, thread: str = "") -> tuple[Person, Any]:
    """Somebody who has given the legal name -> they, and the message that gave it."""
    person = rig.applicant(channel)
    await asked(rig, person, NAME)
    more = {"thread_ts": thread} if thread else {}
    await person.human.says(OLD, **more)
    await rig.until(lambda: rig.rows("SELECT 1 FROM outbox WHERE body LIKE ?", f"%{TRADING}%"))
    await rig.taken()
    return person, own(person, OLD)


@pytest.mark.parametrize("channel", BOTH)
async def test_an_edit_names_the_message_that_the_answer_is_kept_with(
    rig: Rig, channel: Platform
) -> None:
    person, message = await answered(rig, channel)
    assert messages_of(rig, person, "legal_name") == [id_of(person, message)]
    await edit(person, message, NEW)
    await rig.until(lambda: edits(rig))
    (event,) = edits(rig)
    assert (event["text"], event["message"]) == (NEW, id_of(person, message))
    assert event["at"] >= "2026"


@pytest.mark.parametrize("channel", BOTH)
async def test_each_edit_of_one_message_is_an_event_and_a_repeated_one_is_not(
    rig: Rig, channel: Platform
) -> None:
    person, message = await answered(rig, channel)
    if channel == "slack":
        rig.slack.duplicate_events(1)
    for text in (NEW, NEWER, OLD):
        await edit(person, message, text)
        if channel == "telegram":
            rig.telegram.repeat(rig.telegram.next_update_id - 1)
    await rig.until(lambda: len(edits(rig)) == 3)
    await rig.taken()
    assert [event["text"] for event in edits(rig)] == [NEW, NEWER, OLD]
    assert {event["message"] for event in edits(rig)} == {id_of(person, message)}


@pytest.mark.parametrize("channel", BOTH)
async def test_a_caption_is_edited_like_a_text(rig: Rig, channel: Platform) -> None:
    person = rig.applicant(channel)
    await asked(rig, person, NAME)
    if channel == "telegram":
        await person.human.sends_document(caption=OLD)
    else:
        await person.human.sends_file("application/pdf", OLD)
    await rig.until(lambda: person.asked(TRADING))
    message = own(person, OLD)
    assert messages_of(rig, person, "legal_name") == [id_of(person, message)]
    await edit(person, message, NEW)
    await rig.until(lambda: edits(rig))
    assert [(e["text"], e["message"]) for e in edits(rig)] == [(NEW, id_of(person, message))]


async def test_an_edit_in_a_thread_of_slack_is_answered_there(rig: Rig) -> None:
    person = rig.applicant("slack")
    await asked(rig, person, NAME)
    root = next(m for m in person.chat if not m.from_bot)
    await person.human.says(OLD, thread_ts=root.ts)
    await rig.until(lambda: person.asked(TRADING))
    message = own(person, OLD)
    await person.human.says("thanks")
    await rig.until(lambda: person.asked("You are welcome"))
    await edit(person, message, NEW)
    await rig.until(lambda: edits(rig))
    await rig.app.courier.drain()
    assert edits(rig)[0]["message"] == message.ts
    assert [m.thread_ts for m in person.chat if m.from_bot][-1] == root.ts


async def test_a_link_preview_is_no_edit(rig: Rig) -> None:
    person, message = await answered(rig, "slack")
    before = len(person.heard)
    await person.human.unfurls(message.ts)
    await rig.taken()
    assert edits(rig) == []
    assert len(person.heard) == before


@pytest.mark.parametrize("channel", BOTH)
async def test_an_edit_long_after_is_an_edit_of_that_message_still(
    rig: Rig, channel: Platform
) -> None:
    """Seventy messages and a restart later."""
    person, message = await answered(rig, channel)
    for n in range(70):
        await person.says("thanks" if n % 2 else "why")
    await rig.taken()
    await rig.stop()
    await rig.start()
    await edit(person, message, NEW)
    await rig.until(lambda: edits(rig))
    assert messages_of(rig, person, "legal_name") == [edits(rig)[0]["message"]]


@pytest.mark.parametrize("channel", BOTH)
async def test_an_edit_after_all_was_erased_brings_nothing_back(
    rig: Rig, channel: Platform
) -> None:
    person, message = await answered(rig, channel)
    query = "SELECT id FROM conversations WHERE channel = ?"
    ((conversation,),) = rig.rows(query, channel)
    assert await rig.app.door.erase(conversation)
    await edit(person, message, NEW)
    await rig.until(lambda: edits(rig))
    await rig.app.courier.drain()
    ((state,),) = rig.rows("SELECT state FROM conversations WHERE id = ?", conversation)
    assert json.loads(state)["draft"] is None
    texts = "\n".join(body for (body,) in rig.rows("SELECT body FROM outbox"))
    assert OLD not in texts
