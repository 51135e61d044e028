"""A review from the staff chat while the platform fails now and then, and over restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.rig import Platform, Rig, rigged, shown
from tests.test_review_desk import LABELS, asks_again, labels, received, shows, told
from tests.test_staff_chat import BOTH


@pytest.fixture
async def rig(tmp_path: Path, staff: Platform) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as one:
        yield one


@BOTH
@pytest.mark.parametrize("kind", ["429", "500", "lost"])
async def test_a_card_that_changes_is_changed_in_spite_of(rig: Rig, kind: Any) -> None:
    card, amira = await received(rig, "slack" if rig.on == "telegram" else "telegram")
    server: Any = rig.telegram if rig.on == "telegram" else rig.slack
    edit = "editMessageText" if rig.on == "telegram" else "chat.update"
    details = {"retry_after": 0} if kind == "429" else {}
    server.fault(method=edit, kind=kind, times=1, **details)
    await rig.staff.taps(card, "Take it")
    await shows(rig, card, "Taken by")
    await rig.staff.taps(rig.staff.now(card), "Approve")
    server.fault(method=edit, kind=kind, times=1, **details)
    if rig.on == "slack":
        await rig.staff.form()
        assert await rig.staff.fills({}) == ""
    else:
        prompt = await rig.staff.card("Approve FD-")
        await rig.staff.taps(prompt, "Send the usual words")
    await shows(rig, card, "Approved by")
    await rig.hears(amira, "approved")
    assert len(rig.rows("SELECT 1 FROM decisions")) == 1
    assert len(rig.staff.cards("Approved by")) == 1, "an edit twice is one card"


@pytest.mark.parametrize("staff", ["telegram"])
async def test_what_is_being_written_survives_a_restart(rig: Rig) -> None:
    card, amira = await received(rig)
    await rig.staff.taps(card, "Ask for more", 1)
    pick = await rig.staff.card("Tap the answers to ask about")
    for path in ("dba", "email"):
        await rig.staff.taps(rig.staff.now(pick), f"[ ] {LABELS[path]}", 1)
        await rig.until(lambda path=path: f"[x] {LABELS[path]}" in labels(rig.staff.now(pick)))  # type: ignore[misc]  # bound early
    await rig.staff.taps(rig.staff.now(pick), "Write the reasons", 1)
    prompt = await rig.staff.card(f"the reason for asking about {LABELS['dba']}")
    await rig.staff.says("Which name?", 1, under=prompt)
    await shows(rig, prompt, "Which name?")
    await rig.stop()
    await rig.start()
    prompt = await rig.staff.card(f"the reason for asking about {LABELS['email']}")
    await rig.staff.says("It bounces.", 1, under=prompt)
    draft = await rig.staff.card("To the applicant of")
    assert "Which name?" in shown(draft)
    await rig.staff.taps(draft, "Send to the applicant", 1)
    await rig.hears(amira, "questions: 2")


@pytest.mark.parametrize("staff", ["telegram"])
async def test_what_is_being_written_belongs_to_its_reviewer_and_goes_with_a_decision(
    rig: Rig,
) -> None:
    card, amira = await received(rig)
    await rig.staff.taps(card, "Ask for more", 1)
    pick = await rig.staff.card("Tap the answers to ask about")
    await rig.staff.taps(pick, f"[ ] {LABELS['dba']}", 1)
    await rig.until(lambda: f"[x] {LABELS['dba']}" in labels(rig.staff.now(pick)))
    await rig.staff.taps(rig.staff.now(pick), "Write the reasons", 1)
    prompt = await rig.staff.card("the reason for asking about")
    heard = len(amira.heard)
    # another one of staff can neither tap nor write into it
    await rig.staff.taps(rig.staff.now(pick), "Discard", 2)
    await told(rig, "This is no longer being written", 2)
    await rig.staff.says("Never mind.", 2, under=prompt)
    await rig.staff.card("This is no longer being written")
    assert "Never mind." not in str(rig.rows("SELECT asked FROM request_drafts"))
    await rig.staff.taps(rig.staff.now(card), "Decline", 1)
    decline = await rig.staff.card("Decline FD-")
    await rig.staff.taps(decline, "Without comment", 1)
    await rig.hears(amira, "declined")
    assert rig.rows("SELECT * FROM request_drafts") == []
    await rig.staff.says("It was this name.", 1, under=prompt)
    await rig.until(lambda: len(rig.staff.cards("This is no longer being written")) == 2)
    assert len(amira.heard) == heard + 1


@BOTH
async def test_an_erase_takes_what_staff_were_shown_and_were_writing(rig: Rig) -> None:
    card, amira = await received(rig)
    if rig.on == "telegram":
        await rig.staff.people[0].starts()
        await rig.until(lambda: len(rig.staff.people[0].chat) > 1)
        await rig.staff.taps(card, "Whole application")
        await rig.until(lambda: "Self-check" in rig.staff.people[0].chat[-1].text)
        await rig.staff.taps(card, "Ask for more")
        pick = await rig.staff.card("Tap the answers to ask about")
        await rig.staff.taps(pick, f"[ ] {LABELS['dba']}")
        await rig.until(lambda: f"[x] {LABELS['dba']}" in labels(rig.staff.now(pick)))
    else:
        await asks_again(rig, card, {"dba": "Which name?"}, 0)
        await shows(rig, card, "The applicant is asked by")
    await amira.says("delete my data")
    await rig.hears(amira, "Delete it all?")
    await amira.taps("Yes, delete it all")
    await rig.until(lambda: not rig.rows("SELECT 1 FROM records"))
    await rig.until(lambda: not rig.staff.messages)
    assert rig.rows("SELECT * FROM request_drafts") == []
    if rig.on == "telegram":
        left = [m.text for m in rig.staff.people[0].chat if m.from_bot]
        assert not any("Self-check" in text for text in left)
