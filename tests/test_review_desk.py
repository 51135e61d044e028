"""A review from inside the staff chat, on either platform: taken, asked about, decided, by taps.

The whole program between the local platforms; applicants come from both.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.applicant import applicant
from tests.rig import Person, Platform, Rig, rigged, shown
from tests.test_staff_chat import ALL_FOUR, BOTH, applies
from tests.test_staff_export import asks


@pytest.fixture
async def rig(tmp_path: Path, staff: Platform) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as one:
        yield one


def labels(card: Any) -> list[str]:
    found = getattr(card, "labels", None)
    return list(card.buttons if found is None else found)


async def received(rig: Rig, side: Platform = "telegram", number: int = 1) -> tuple[Any, Person]:
    """An application is there -> its card, its applicant."""
    amira = rig.applicant(side, number)
    await applies(rig, amira, number)
    await rig.until(lambda: rig.staff.cards("New application"))
    return rig.staff.cards("New application")[-1], amira


def reference(card: Any) -> str:
    return next(word.strip("*,") for word in shown(card).split() if word.startswith("FD-"))


async def shows(rig: Rig, card: Any, words: str) -> None:
    """The card says so now, in its place."""
    await rig.until(lambda: words in shown(rig.staff.now(card)))


async def told(rig: Rig, words: str, by: int = 0) -> None:
    await rig.until(lambda: any(words in note for note in rig.staff.told(by)))


@BOTH
async def test_the_card_changes_in_its_place_with_who_has_it_and_what_can_be_done(rig: Rig) -> None:
    card, _ = await received(rig)
    assert labels(card) == ["Take it", "Ask for more", "Decline", "Whole application"]
    await rig.staff.taps(card, "Take it", 0)
    await shows(rig, card, "Taken by Staff0" if rig.on == "telegram" else "Taken by staff0")
    assert labels(rig.staff.now(card)) == [
        "Release",
        "Ask for more",
        "Approve",
        "Decline",
        "Whole application",
    ]
    await told(rig, "is yours until")
    await rig.staff.taps(rig.staff.now(card), "Release", 0)
    await shows(rig, card, "Waits for somebody to take it up")
    assert len(rig.staff.messages) == 1


@ALL_FOUR
async def test_two_answers_are_asked_again_and_come_back_to_who_asked(
    rig: Rig, side: Platform
) -> None:
    card, amira = await received(rig, side)
    ref = reference(card)
    (before,) = await rig.app.store.read(lambda r: list(r.records()))
    await asks_again(rig, card, {"dba": "Is this the name on the door?", "email": "It bounces."})
    await rig.hears(amira, "They ask again about some of it (questions: 2)")
    assert "Is this the name on the door?" in amira.newest
    await amira.says("Lembayung Door")
    await rig.hears(amira, "It bounces.")
    await amira.says("desk@lembayung.co.id")
    await rig.hears(amira, "Shall I send it to staff?")
    await amira.says("send")
    await rig.hears(amira, "as a new version of your application")
    again = await rig.staff.card("Answered")
    text = shown(again)
    assert ref in text
    assert "Lembayung Door" in text
    assert "Business e-mail: changed" in text
    assert "desk@lembayung.co.id" not in text
    assert rings(rig, again, 1)
    assert labels(again) == [
        "Release",
        "Ask for more",
        "Approve",
        "Decline",
        "Whole application",
    ]
    (after,) = await rig.app.store.read(lambda r: list(r.records()))
    changed = differences(json.loads(before.body), json.loads(after.body))
    assert changed == {"dba", "email"}
    asked = rig.rows("SELECT asked FROM requests")
    assert [path for path, _ in json.loads(asked[0][0])] == ["dba", "email"]
    assert rig.rows("SELECT 1 FROM request_drafts") == []


async def asks_again(rig: Rig, card: Any, reasons: dict[str, str], by: int = 1) -> None:
    """Ask the applicant about these answers, each platform's way."""
    if rig.on == "slack":
        await rig.staff.taps(card, "Ask for more", by)
        await rig.staff.form(by)
        assert await rig.staff.fills(reasons, by) == ""
        return
    await rig.staff.taps(card, "Ask for more", by)
    pick = await rig.staff.card("Tap the answers to ask about")
    for label in (LABELS[path] for path in reasons):
        await rig.staff.taps(rig.staff.now(pick), f"[ ] {label}", by)
        await rig.until(lambda label=label: f"[x] {label}" in labels(rig.staff.now(pick)))  # type: ignore[misc]  # bound early
    await rig.staff.taps(rig.staff.now(pick), "Write the reasons", by)
    for path, reason in reasons.items():
        prompt = await rig.staff.card(f"the reason for asking about {LABELS[path]}")
        await rig.staff.says(reason, by, under=prompt)
        await shows(rig, prompt, reason)
    draft = await rig.staff.card("To the applicant of")
    await rig.staff.taps(draft, "Send to the applicant", by)
    await shows(rig, draft, "Sent to the applicant")


LABELS = {"dba": "Trading name (DBA)", "email": "Business e-mail", "experience": "Experience"}


def differences(before: Any, after: Any) -> set[str]:
    """The answers that are others; a doubt that two of them share is no answer."""

    def told(leaf: Any) -> Any:
        if isinstance(leaf, list):
            return [told(one) for one in leaf]
        if isinstance(leaf, dict):
            return {key: told(value) for key, value in leaf.items() if key != "flags"}
        return leaf

    return {name for name in before if told(before[name]) != told(after[name])}


def rings(rig: Rig, card: Any, by: int) -> bool:
    """It mentions this person, so that their phone rings."""
    person = rig.staff.people[by]
    if rig.on == "slack":
        return {"type": "user", "user_id": person.id} in list(leaves_of(card.blocks))
    return any(e.get("user", {}).get("id") == person.id for e in card.entities)


def leaves_of(value: Any) -> Any:
    if isinstance(value, list):
        for one in value:
            yield from leaves_of(one)
    elif isinstance(value, dict):
        yield value
        yield from leaves_of(list(value.values()))


@BOTH
async def test_of_two_who_tap_at_once_one_has_it_and_the_other_is_told_who(rig: Rig) -> None:
    card, _ = await received(rig)
    await asyncio.gather(*(rig.staff.taps(card, "Take it", by) for by in (0, 1)))
    await rig.until(lambda: len(notes(rig)) == 2)
    ((holder,),) = rig.rows("SELECT claimed_by FROM reviews")
    first = 0 if holder.endswith("0") else 1
    await told(rig, "is yours until", first)
    await told(rig, f"{NAME[rig.on or 'slack']}{first} has", 1 - first)


NAME = {"telegram": "Staff", "slack": "staff"}


def notes(rig: Rig) -> list[str]:
    return [note for by in range(3) for note in rig.staff.told(by)]


@ALL_FOUR
async def test_a_decision_is_confirmed_with_its_message_and_stands_on_the_card(
    rig: Rig, side: Platform
) -> None:
    card, amira = await received(rig, side)
    await rig.staff.taps(card, "Decline", 2)
    if rig.on == "slack":
        form = await rig.staff.form(2)
        assert amira.newest.count("declined") == 0, "nothing is sent by the tap alone"
        (field,) = form.fields.values()
        assert field["initial_value"].startswith("Applications that do not fulfil")
        await rig.staff.fills({"message": "Your shop is a home. Sorry."}, 2)
    else:
        prompt = await rig.staff.card("Decline FD-")
        assert amira.newest.count("declined") == 0, "nothing is sent by the tap alone"
        await rig.staff.says("Your shop is a home. Sorry.", 2, under=prompt)
        await shows(rig, prompt, "is declined, and the applicant is told")
    await rig.hears(amira, "Your shop is a home. Sorry.")
    assert "declined" in amira.newest
    await shows(rig, card, f"Declined by {NAME[rig.on or 'slack']}2")
    assert labels(rig.staff.now(card)) == ["Whole application"]
    assert not any("taff2" in line for line in amira.heard), "who of staff it was is not told"


@BOTH
@pytest.mark.parametrize("how", ["without", "usual"])
async def test_a_decision_without_comment_and_one_with_the_usual_words(rig: Rig, how: str) -> None:
    card, amira = await received(rig)
    await rig.staff.taps(card, "Take it")
    await shows(rig, card, "Taken by")
    await rig.staff.taps(rig.staff.now(card), "Approve")
    if rig.on == "slack":
        await rig.staff.form()
        await rig.staff.fills({"message": ""} if how == "without" else {})
    else:
        prompt = await rig.staff.card("Approve FD-")
        label = "Without comment" if how == "without" else "Send the usual words"
        await rig.staff.taps(prompt, label)
    await rig.hears(amira, "approved")
    assert ("What comes next" in amira.newest) is (how == "usual")
    assert "A message from staff" not in amira.newest
    await shows(rig, card, "Approved by")


@pytest.mark.parametrize("staff", ["telegram"])
async def test_a_decision_can_be_left_and_a_request_discarded(rig: Rig) -> None:
    card, amira = await received(rig)
    heard = len(amira.heard)
    await rig.staff.taps(card, "Decline")
    prompt = await rig.staff.card("Decline FD-")
    await rig.staff.taps(prompt, "Cancel")
    await shows(rig, prompt, "Not decided")
    await shows(rig, card, "Taken by")
    await rig.staff.taps(rig.staff.now(card), "Ask for more")
    pick = await rig.staff.card("Tap the answers to ask about")
    await rig.staff.taps(pick, "Write the reasons")
    await told(rig, "Tap at least one answer")
    await rig.staff.taps(pick, "[ ] Experience")
    await rig.until(lambda: "[x] Experience" in labels(rig.staff.now(pick)))
    await rig.staff.taps(rig.staff.now(pick), "Discard")
    await shows(rig, pick, "Discarded")
    await rig.taken()
    assert len(amira.heard) == heard
    assert rig.rows("SELECT stage FROM reviews") == [("claimed",)]


@BOTH
async def test_the_whole_application_is_shown_to_who_taps_alone(rig: Rig) -> None:
    who = applicant(1)
    email = next(move.does for move in who.moves if move.field == "email")
    card, _ = await received(rig, "slack" if rig.on == "telegram" else "telegram")
    await rig.staff.taps(card, "Whole application")
    if rig.on == "slack":
        form = await rig.staff.form()
        assert email in json.dumps(form.blocks)
        assert not form.fields
    else:
        await told(rig, "I cannot write to you in private")
        await rig.staff.people[0].starts()
        await rig.until(lambda: len(rig.staff.people[0].chat) > 1)
        await rig.staff.taps(card, "Whole application")
        await told(rig, "It is in your private chat")
        await rig.until(lambda: email in rig.staff.people[0].chat[-1].text)
    assert not any(email in text for text in rig.staff.texts)


@BOTH
async def test_staff_ask_for_the_queue_and_for_a_card(rig: Rig) -> None:
    card, _ = await received(rig)
    ref = reference(card)
    await asks(rig, "queue")
    queue = await rig.staff.card("Applications with staff: 1")
    assert ref in shown(queue)
    assert "Waits for somebody" in shown(queue)
    await asks(rig, f"show {ref.lower()}")
    await shows(rig, card, "Its newest card is further down")
    fresh = await rig.staff.card("New application")
    await rig.staff.taps(fresh, "Take it")
    await shows(rig, fresh, "Taken by")
    await asks(rig, "show FD-2222-2222")
    await rig.staff.card("There is no application FD-2222-2222")
    await asks(rig, "show")
    await rig.staff.card("Say show and a reference")
