"""``frontdesk stats`` on a real file: numbers known by hand, what an erase leaves, what was before
there were counts, and the command as its user runs it."""

from __future__ import annotations

import asyncio
import io
import json
import re
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from bot.figures import ABANDONED_AFTER
from bot.funnel_picture import WIDTH
from bot.messages import Incoming
from bot.store.schema import STEPS, migrate
from bot.store.sqlite_connection import connect
from bot.tallying import count_earlier
from tests.commands import Done, frontdesk
from tests.mornings import DAY, FORM_STEPS, Desk, desk_on
from tests.play import house
from tests.play_stored import stored
from tests.speaking import TRUE
from tests.transcript import load

TO_EMAIL = FORM_STEPS[: FORM_STEPS.index(TRUE["email"])]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(tmp_path / "frontdesk.db") as one:
        yield one


async def four_people(desk: Desk) -> None:
    """One sends an application; one is refused at the e-mail, asks twice, and leaves; one stands at
    the consent; one says no to it."""
    await desk.says("1", *FORM_STEPS)
    await desk.says("2", *TO_EMAIL, "lakeside@gmail.com", "lakeside@yahoo.com")
    await desk.says("2", "do you need audited accounts?", "do you like green tea?")
    await desk.says("3", "apply", "yes", "no", "ask staff", "skip the check")
    await desk.says("4", "apply", "skip the check", "no")


async def test_the_numbers_are_those_that_one_counts_by_hand(desk: Desk) -> None:
    await four_people(desk)
    figures = await desk.figures()
    assert (figures.conversations, figures.begun, figures.submitted) == (4, 4, 1)
    assert figures.review == {"submitted": 1}
    assert (figures.checks, figures.checks_whole) == (1, 0)
    first = await desk.at("self_check.operating")
    assert (first.answered, first.skipped) == (1, 3)
    consent = await desk.at("consent")
    assert (consent.reached, consent.answered, consent.here, consent.ended) == (4, 2, 1, 1)
    assert consent.seconds == pytest.approx(10, rel=0.15), "ten seconds between two messages"
    email = await desk.at("email")
    assert (email.reached, email.answered, email.here) == (2, 1, 1)
    assert (email.refused, email.refusing, dict(email.codes)) == (2, 1, {"free_mail": 2})
    assert (dict(email.asked.articles), email.asked.unknown) == ({"audited-records": 1}, 1)
    assert (await desk.at("website")).reached == 1
    assert (await desk.at("dba")).skipped == 2


async def test_a_silence_of_seven_days_is_an_abandoned_application(desk: Desk) -> None:
    await desk.says("2", *TO_EMAIL)
    await desk.passes(ABANDONED_AFTER - timedelta(minutes=10))
    assert ((await desk.at("email")).here, (await desk.at("email")).abandoned) == (1, 0)
    await desk.passes(timedelta(minutes=20))
    assert ((await desk.at("email")).here, (await desk.at("email")).abandoned) == (0, 1)
    await desk.says("2", "hello")
    assert (await desk.at("email")).here == 1, "who comes back has abandoned nothing"


async def test_an_application_that_its_silence_erased_stays_abandoned(desk: Desk) -> None:
    await desk.says("2", *TO_EMAIL)
    await desk.passes(100 * DAY)
    assert desk.sql("SELECT count(*) FROM tombstones") == [(1,)]
    email = await desk.at("email")
    assert (email.reached, email.abandoned, email.here) == (1, 1, 0)


async def test_withdrawn_kept_parked_and_begun_anew(desk: Desk) -> None:
    await desk.says("1", *FORM_STEPS, "withdraw", "yes")
    await desk.says("2", *TO_EMAIL, "lakeside@gmail.com", "lakeside@yahoo.com", "keep it")
    await desk.says("2", "talk to a person", "Which one?", "start over", "yes")
    figures = await desk.figures()
    assert (figures.withdrawn, figures.begun, figures.review) == (1, 3, {"withdrawn": 1})
    assert (await desk.at("email")).kept == 1
    assert (await desk.at("website")).parked == 1
    assert (await desk.at("experience")).ended == 1, "there stood what was begun anew"
    assert (await desk.at("self_check.operating")).here == 1


async def test_the_counts_of_some_days_are_those_of_the_applications_begun_on_them(
    desk: Desk,
) -> None:
    begun = desk.now.date()
    await desk.says("1", *FORM_STEPS[:5])
    desk.now += DAY
    await desk.says("2", "apply")
    await desk.says("1", *FORM_STEPS[5:])
    tomorrow = str(begun + DAY)
    first, second = await desk.figures("", str(begun)), await desk.figures(tomorrow, tomorrow)
    assert (first.begun, first.submitted, first.conversations) == (1, 1, 1)
    assert (second.begun, second.submitted, second.conversations) == (1, 0, 1)
    assert (await desk.figures()).begun == 2


async def test_erasing_leaves_the_counts_and_no_byte_of_the_person(desk: Desk) -> None:
    await four_people(desk)
    before = await desk.figures()
    for person in ("1", "2"):
        await desk.says(person, "delete my data", "yes")
    after = await desk.figures()
    assert (after.begun, after.submitted) == (before.begun, before.submitted)
    assert [f.reached for f in after.steps] == [f.reached for f in before.steps]
    email = next(f for f in after.steps if f.name == "email")
    assert (email.here, email.ended, email.refused) == (0, 1, 2)
    rows = desk.sql("SELECT * FROM tallies")
    assert rows
    texts = "\n".join(str(value) for row in rows for value in row)
    typed = {*FORM_STEPS, "lakeside", "green tea", TRUE["legal_name"]} - {"skip", "apply"}
    assert [text for text in typed if text in texts] == []
    known = set(house().script.form.names()) | {"summary", ""}
    assert {row[1] for row in rows} <= known
    columns = [row[1] for row in desk.sql("PRAGMA table_info(tallies)")]
    assert columns == ["day", "field", "what", "detail", "bucket", "language", "channel", "count"]


async def test_a_turn_that_is_taken_twice_is_counted_once(desk: Desk) -> None:
    await desk.says("1", *FORM_STEPS)
    before = desk.sql("SELECT * FROM tallies ORDER BY 1, 2, 3, 4, 5")
    body = "SELECT key FROM events WHERE conversation = 1 ORDER BY id"
    for n, (key,) in enumerate(desk.sql(body)):
        again = Incoming("telegram", key, "1", "1", key, "2026-11-22T10:00:00Z", text=FORM_STEPS[n])
        assert (await desk.door.handle(again)).duplicate
    assert desk.sql("SELECT * FROM tallies ORDER BY 1, 2, 3, 4, 5") == before


# What was before there were counts


def as_before(desk: Desk) -> None:
    """The file as the version without counts left it."""
    desk.sql("DELETE FROM tallies")
    desk.sql("UPDATE conversations SET state = json_remove(state, '$.stand')")
    desk.sql("INSERT INTO untallied SELECT id FROM conversations WHERE state <> ''")


async def test_earlier_conversations_are_counted_once_from_their_events(desk: Desk) -> None:
    await four_people(desk)
    live = await desk.figures()
    as_before(desk)
    assert (await desk.figures()).begun == 0
    for _ in range(2):
        await count_earlier(house().script, desk.store)
        assert await desk.figures() == live
    await desk.says("2", TRUE["email"])
    assert (await desk.at("email")).answered == live.steps[-5].answered + 1


async def test_whoever_writes_first_is_counted_first_and_not_again(desk: Desk) -> None:
    await four_people(desk)
    as_before(desk)
    await desk.says("2", TRUE["email"])
    await desk.says("3", "hello")
    await count_earlier(house().script, desk.store)
    late = await desk.figures()
    assert (late.begun, late.submitted) == (4, 1)
    email = next(f for f in late.steps if f.name == "email")
    assert (email.reached, email.answered, email.refused) == (2, 2, 2)


async def test_where_events_lead_elsewhere_the_slots_are_counted(desk: Desk) -> None:
    await four_people(desk)
    live = await desk.figures()
    as_before(desk)
    desk.sql('UPDATE events SET body = \'{"is_":"of another age"}\' WHERE conversation IN (1, 2)')
    await count_earlier(house().script, desk.store)
    made = await desk.figures()
    assert [f.reached for f in made.steps] == [f.reached for f in live.steps]
    email = next(f for f in made.steps if f.name == "email")
    assert (email.answered, email.here, email.refused, email.seconds) == (1, 1, 0, None)


async def test_whoever_is_erased_before_they_are_counted_breaks_nothing(desk: Desk) -> None:
    await four_people(desk)
    as_before(desk)
    await desk.door.erase(2)
    await count_earlier(house().script, desk.store)
    made = await desk.figures()
    assert (made.begun, made.submitted) == (4, 1)
    assert desk.sql("SELECT * FROM untallied") == []


async def test_a_state_that_cannot_be_read_stops_no_counting(desk: Desk) -> None:
    await four_people(desk)
    as_before(desk)
    desk.sql("UPDATE conversations SET state = '{\"phase\":1}' WHERE id = 1")
    await count_earlier(house().script, desk.store)
    assert (await desk.figures()).begun == 3


def test_a_file_of_the_version_before_lists_its_conversations(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    connection = connect(path, busy_seconds=1)
    migrate(connection, path, {name: STEPS[name] for name in ("0001", "0003")})
    for person, state in (("7", "{}"), ("8", "")):
        connection.execute(
            "INSERT INTO conversations (channel, person, chat, thread, state, created_at,"
            " updated_at) VALUES ('telegram', ?, '', '', ?, '', '')",
            (person, state),
        )
    migrate(connection, path)
    assert connection.execute("SELECT conversation FROM untallied").fetchall() == [(1,)]
    connection.close()


@pytest.mark.parametrize("name", ["straight", "two_locations", "doubts", "start_over"])
async def test_a_transcript_counted_late_is_counted_as_it_was(name: str, tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    async with stored(path) as player:
        for turn in load(name).turns:
            await player.play(turn)
    async with desk_on(path) as desk:
        live = desk.sql("SELECT * FROM tallies ORDER BY 1, 2, 3, 4, 5")
        as_before(desk)
        await count_earlier(house().script, desk.store)
        assert desk.sql("SELECT * FROM tallies ORDER BY 1, 2, 3, 4, 5") == live


# The command


async def told(desk: Desk, *arguments: str) -> Done:
    return await asyncio.to_thread(frontdesk, desk.path.parent, "stats", *arguments)


async def test_the_table_has_a_line_for_each_step(desk: Desk) -> None:
    await four_people(desk)
    done = await told(desk)
    assert (done.code, done.err) == (0, "")
    assert "Applications begun: 4, 1 of them submitted so far." in done.out
    lines = {line.split("\t")[0]: line.split("\t")[1:] for line in done.out.splitlines()}
    assert lines["question"][:4] == ["reached", "answered", "refused", "with staff"]
    assert lines["Business e-mail"][:4] == ["2", "1", "2 (1)", "0"]
    assert lines["Consent"][-2] in ("9 s", "10 s", "11 s")
    assert lines["Trading name (DBA)"][:2] == ["2", "0"]
    assert "  Business e-mail: audited-records 1, not known 1" in done.out.splitlines()


@pytest.mark.parametrize(("width", "name"), [(80, "aban"), (120, "abandoned")])
async def test_on_a_terminal_every_step_is_one_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, width: int, name: str
) -> None:
    await four_people(desk)
    screen = Console(file=io.StringIO(), width=width, force_terminal=True, no_color=True)
    monkeypatch.setattr("bot.commands.stats.console", lambda: screen)
    await told(desk)
    assert isinstance(screen.file, io.StringIO)
    text = re.sub(r"\x1b\[[0-9;]*m", "", screen.file.getvalue())
    header, *lines = text.splitlines()
    assert name in header.split()
    assert len(lines) == len((await desk.figures()).steps)
    assert [line for line in lines if len(line) > width or "\N{HORIZONTAL ELLIPSIS}" in line] == []
    assert next(line.split()[2:6] for line in lines if line.startswith("Business e-mail")) == [
        *("2", "1", "2", "(1)")
    ]


async def test_json_is_one_object_with_every_number(desk: Desk) -> None:
    await four_people(desk)
    done = await told(desk, "--json", "--since", "2026-11-22")
    told_of = json.loads(done.out)
    assert (told_of["since"], told_of["until"], told_of["begun"]) == ("2026-11-22", "", 4)
    email = next(one for one in told_of["steps"] if one["name"] == "email")
    assert (email["reached"], email["passed"], email["refused"]) == (2, 1, 2)
    assert email["asked"] == {"articles": {"audited-records": 1}, "unknown": 1, "unsure": 0}
    assert json.loads((await told(desk, "--json", "--until", "2026-11-21")).out)["begun"] == 0


async def test_earlier_conversations_are_counted_by_the_command_too(desk: Desk) -> None:
    await four_people(desk)
    as_before(desk)
    assert "Applications begun: 4, 1 of them" in (await told(desk)).out


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        (("--since", "yesterday"), "write it as 2026-11-22"),
        (("--until", "2026-02-30"), "write it as 2026-11-22"),
        (("--since", "20261122"), "write it as 2026-11-22"),
        (("--since", "2026-11-23", "--until", "2026-11-22"), "is later than"),
        (("--svg", "no/such/folder/f.svg"), "cannot be written"),
    ],
)
async def test_what_cannot_be_done_says_what_to_do(
    desk: Desk, given: tuple[str, ...], mend: str
) -> None:
    done = await told(desk, *given)
    assert (done.code, done.out) == (1, "")
    assert mend in done.err


async def test_the_picture_is_written_beside_the_table(desk: Desk) -> None:
    await four_people(desk)
    done = await told(desk, "--svg", "funnel.svg")
    assert "Wrote funnel.svg." in done.err
    assert "Applications begun: 4" in done.out
    assert (desk.path.parent / "funnel.svg").read_text(encoding="utf-8").startswith("<svg ")


async def test_without_a_renderer_a_png_says_how_to_get_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    done = await told(desk, "--png", "funnel.png")
    assert done.code == 1
    assert 'pip install "frontdesk[picture]"' in done.err
    assert not (desk.path.parent / "funnel.png").exists()


async def test_a_png_is_as_the_svg(desk: Desk) -> None:
    pytest.importorskip("resvg_py", reason="the extra frontdesk[picture] is not installed")
    await four_people(desk)
    done = await told(desk, "--png", "funnel.png")
    if "none of the usual fonts" in done.err:
        pytest.skip("no font is here")
    image = (desk.path.parent / "funnel.png").read_bytes()
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == 2 * WIDTH
