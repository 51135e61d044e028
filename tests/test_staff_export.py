"""An export asked for in the staff chat, on either platform: the file, or why there is none; and
to nobody else anything."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bot.messages import StaffLine
from tests.exported import FORM
from tests.rig import SLACK_STAFF, TELEGRAM_STAFF, Platform, Rig, rigged
from tests.test_staff_chat import BOTH, applies

HOW = "submitted, approved, declined, withdrawn. Days are in UTC."


@pytest.fixture
async def rig(tmp_path: Path, staff: Platform) -> AsyncIterator[Rig]:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as one:
        yield one


async def asks(rig: Rig, text: str, by: int = 0) -> None:
    """Say it to the bot in the staff chat, each platform's way."""
    if rig.on == "slack":
        await rig.staff.people[by].mentions_bot(rig.staff.room, text)
    else:
        await rig.staff.says(f"@{rig.telegram.world.bot['username']} {text}", by)


def files(rig: Rig) -> list[tuple[str, bytes, str]]:
    """(name, content, caption) of each file in the staff chat."""
    found = []
    for message in rig.staff.messages:
        if rig.on == "slack":
            for file in message.files:
                content = rig.slack.world.uploads[file["id"]].content
                found.append((file["name"], content or b"", message.text))
        elif message.file is not None:
            document: Any = message.media["document"]
            found.append((document["file_name"], message.file, message.text))
    return found


async def file(rig: Rig) -> tuple[str, bytes, str]:
    await rig.until(lambda: files(rig))
    (one,) = files(rig)
    return one


@BOTH
async def test_staff_ask_and_get_a_workbook_of_texts(rig: Rig) -> None:
    who = await applies(rig, rig.applicant("telegram"), dba="=mc Consulting")
    await rig.staff.card("New application")
    await asks(rig, "export this year")
    name, content, caption = await file(rig)
    assert name.startswith("frontdesk-20")
    assert name.endswith(".xlsx")
    assert "Applications: 1. " in caption
    assert "State: any." in caption
    book = openpyxl.load_workbook(io.BytesIO(content))
    head, line = book["applications"].iter_rows(values_only=True)
    assert line[head.index("dba")] == "=mc Consulting"
    legal = next(move.does for move in who.moves if move.field == "legal_name")
    assert line[head.index("legal_name")] == legal
    assert {cell.data_type for row in book["applications"] for cell in row if cell.value} <= {
        "s",
        "inlineStr",
    }
    book.close()
    sent = "SELECT body FROM outbox WHERE body LIKE '%export%' AND state = 'sent'"
    await rig.app.courier.drain()  # it is marked after the platform has it
    (stored,) = rig.rows(sent)
    assert set(json.loads(stored[0])["export"]) == {"form", "since", "until", "state"}


@BOTH
async def test_every_form_is_made(rig: Rig) -> None:
    await applies(rig, rig.applicant("slack"))
    await asks(rig, "export csv submitted")
    name, content, caption = await file(rig)
    assert name.endswith("-submitted.zip")
    assert "State: submitted." in caption
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.namelist() == ["applications.csv", "owners.csv", "locations.csv"]
        assert packed.read("applications.csv").startswith("\ufeffreference,".encode())
    await asks(rig, "export jsonl")
    await rig.until(lambda: len(files(rig)) == 2)
    name, content, _ = files(rig)[1]
    assert name.endswith(".jsonl")
    (line,) = content.splitlines()
    assert set(json.loads(line)["application"]) == {group.name for group in FORM.groups}


@BOTH
async def test_staff_get_the_picture_of_how_far_applications_come(rig: Rig) -> None:
    await asks(rig, "stats")
    await rig.staff.card("No application was begun in that time")
    await applies(rig, rig.applicant("slack"))
    await asks(rig, "stats this year")
    if rig.on == "slack":
        name, content, caption = await file(rig)
        assert name.endswith(".png")
    else:
        photo = await rig.staff.card("How far applications come.")
        content, caption = photo.file, photo.text
    assert content.startswith(b"\x89PNG")
    assert "Begun: 1, of them submitted so far: 1." in caption
    await asks(rig, "stats csv")
    card = await rig.staff.card('"stats last week"')
    assert "csv" in card.text


@BOTH
async def test_what_is_not_understood_is_told_with_what_can_be_written(rig: Rig) -> None:
    await asks(rig, "export pdf last week")
    card = await rig.staff.card(HOW)
    assert "pdf" in card.text
    await asks(rig, "export 2026-02-30")
    await rig.until(lambda: len(rig.staff.cards("is no day, so nothing was exported.")) == 1)
    await rig.taken()
    assert files(rig) == []


@BOTH
async def test_a_line_that_asks_for_nothing_known_is_told_what_there_is(rig: Rig) -> None:
    await asks(rig, "who has the keys?")
    card = await rig.staff.card("I did not understand that, so nothing was done.")
    for word in ("queue", "show", "questions", "stats", "export"):
        assert f"{word}: " in card.text or f"{word} and a reference: " in card.text
    if rig.on == "telegram":
        await rig.staff.says("/settings")  # of another bot in the group, as far as ours knows
        await rig.staff.says("/help")
        await rig.until(lambda: len(rig.staff.cards("I did not understand that")) == 2)
        await rig.taken()
        assert len(rig.staff.messages) == 2


@BOTH
async def test_where_there_is_nothing_that_is_said(rig: Rig) -> None:
    await asks(rig, "export withdrawn")
    await rig.staff.card("No application was received in that period and state")
    assert files(rig) == []


@BOTH
async def test_a_file_that_is_too_large_is_told_and_ends_as_refused(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.FILE_LIMIT", 1_000)
    monkeypatch.setattr("bot.channels.slack_calls.FILE_LIMIT", 1_000)
    await applies(rig, rig.applicant("telegram"))
    await asks(rig, "export")
    await rig.staff.card("Ask for a shorter period")
    dead = "SELECT reason FROM outbox WHERE state = 'dead'"
    await rig.app.courier.drain()
    assert "the file is larger than" in rig.rows(dead)[0][0]
    assert files(rig) == []


@BOTH
async def test_nobody_else_gets_anything(rig: Rig) -> None:
    """Applicants in their own chat, strangers in another group, lines that name nobody."""
    await applies(rig, rig.applicant("telegram"))
    await rig.staff.card("New application")
    before = len(rig.staff.messages)
    stranger, other = rig.applicant("telegram", 7), rig.applicant("slack", 8)
    for person in (stranger, other):
        await person.says("export xlsx")
        await person.says("/export")
    group = rig.telegram.group(-2002, "Elsewhere", [stranger.human], admin_bot=True)
    name = rig.telegram.world.bot["username"]
    await stranger.human.says(f"/export@{name} jsonl", group=group)
    await stranger.human.says(f"@{name} export jsonl", group=group)
    room = rig.slack.channel("C0OTHER", name="other", members=[other.human])
    await other.human.mentions_bot(room, "export jsonl")
    await rig.staff.says("we should export this")
    await rig.staff.says("export xlsx")
    await rig.taken()
    await rig.app.courier.drain()
    assert rig.rows("SELECT count(*) FROM outbox WHERE body LIKE '{\"export\"%'") == [(0,)]
    assert len(rig.staff.messages) == before
    assert files(rig) == []
    assert not rig.telegram.calls_of("sendDocument")
    assert not rig.slack.made("files.getUploadURLExternal")


@BOTH
async def test_a_forged_line_of_another_chat_is_taken_and_answered_with_nothing(rig: Rig) -> None:
    staff = str(TELEGRAM_STAFF) if rig.on == "telegram" else SLACK_STAFF
    here: Platform = rig.on or "telegram"
    there: Platform = "slack" if here == "telegram" else "telegram"
    for n, (channel, chat) in enumerate(((here, "-77"), (there, staff), ("terminal", staff))):
        line = StaffLine(
            channel, f"{channel}:forged-{n}", chat, "7", "7", "2026-11-25T08:00:00.000Z", "export"
        )
        assert not (await rig.app.door.handle(line)).duplicate
        assert (await rig.app.door.handle(line)).duplicate
    assert rig.rows("SELECT count(*) FROM outbox") == [(0,)]


@BOTH
async def test_who_was_erased_before_it_was_sent_is_not_in_the_file(rig: Rig) -> None:
    """The file is made when it is sent."""
    amira = rig.applicant("telegram")
    await applies(rig, amira)
    ben = rig.applicant("telegram", 2, "Ben")
    await applies(rig, ben, number=2)
    (reference,) = rig.rows("SELECT min(reference) FROM records")[0]
    tried: Any
    if rig.on == "slack":
        tried = rig.slack.fault(method="files.getUploadURLExternal", kind="429", retry_after=1)
    else:
        tried = rig.telegram.fault("sendDocument", "429", retry_after=1)
    await asks(rig, "export jsonl")
    await rig.until(lambda: tried.hits)
    await rig.app.courier.drain()
    (whose,) = rig.rows("SELECT conversation FROM records WHERE reference = ?", reference)[0]
    await rig.app.door.erase(whose)
    _, content, caption = await file(rig)
    assert "Applications: 1. " in caption
    assert reference.encode() not in content


async def test_a_lost_answer_of_telegram_is_tried_again(tmp_path: Path) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="telegram") as rig:
        await applies(rig, rig.applicant("telegram"))
        rig.telegram.fault("sendDocument", "drop")
        await rig.staff.says("/export csv")
        name, _, _ = await file(rig)
        assert name.endswith(".zip")
        assert len(rig.telegram.calls_of("sendDocument")) == 2


async def test_a_failed_upload_to_slack_is_tried_again_and_shown_once(tmp_path: Path) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="slack") as rig:
        await applies(rig, rig.applicant("slack"))
        rig.slack.fault(method="upload", kind="500")
        await asks(rig, "export")
        await file(rig)
        assert len(rig.slack.made("upload")) == 2
        assert len(rig.slack.made("files.completeUploadExternal")) == 1


async def test_an_app_without_the_right_to_send_files_holds_up_no_card(tmp_path: Path) -> None:
    async with rigged(tmp_path / "frontdesk.db", staff="slack") as rig:
        await applies(rig, rig.applicant("telegram"))
        rig.slack.fault(method="files.getUploadURLExternal", kind="missing_scope", times=99)
        await asks(rig, "export this year")
        await rig.until(lambda: rig.slack.made("files.getUploadURLExternal"))
        await asks(rig, "questions")
        await rig.staff.card("No question waits.")
        assert rig.rows("SELECT reason FROM outbox WHERE state = 'dead'") == [("missing_scope",)]
