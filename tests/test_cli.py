"""Every command, on a real database: what it says, what it does, and what it refuses."""

from __future__ import annotations

import asyncio
import csv
import getpass
import json
import re
import shutil
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bot.cli
from bot.door import ARRIVALS
from bot.messages import Incoming
from bot.store import Transaction
from bot.store.rows import NewOutbox
from bot.store.sqlite import open_store
from tests.applications import DOUBTFUL, STRAIGHT, holding
from tests.commands import Done, frontdesk
from tests.play import house
from tests.terminals import PROGRAM, Terminal, environment

QUESTION = "Do you accept a shop on a\nboat\x1b[2J?"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two applications and an open question."""
    path = tmp_path_factory.mktemp("cli") / "frontdesk.db"
    asking = [*DOUBTFUL, "talk to a person", QUESTION]
    holding(house(), path, ("terminal", "me", STRAIGHT), ("telegram", "1001", asking))
    return path


@pytest.fixture
def folder(served: Path, tmp_path: Path) -> Path:
    """With a database of its own for each test."""
    shutil.copy(served, tmp_path / served.name)
    return tmp_path


def references(folder: Path) -> list[str]:
    """As the queue shows them, the oldest first."""
    rows = frontdesk(folder, "queue").out.splitlines()[1:]
    return [row.split("\t")[0] for row in rows]


def good(done: Done) -> str:
    assert (done.code, done.err) == (0, "")
    return done.out


def failed(done: Done, code: int = 1) -> str:
    """The one line that says what to do."""
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("frontdesk: ")
    assert done.err.count("\n") == 1
    return done.err


def test_queue_names_each_application_once_and_how_many_doubts_it_has(folder: Path) -> None:
    head, *rows = [line.split("\t") for line in good(frontdesk(folder, "queue")).splitlines()]
    assert head[:3] == ["reference", "state", "claimed by"]
    assert head[3:] == ["waiting since (UTC)", "channel", "legal name", "doubts"]
    assert [row[4:6] for row in rows] == [
        ["terminal", "PT Lembayung Servis"],
        ["telegram", "Lakeside Repairs"],
    ]
    assert [row[1:3] for row in rows] == [["submitted", ""]] * 2
    assert rows[0][6] == "0"
    assert int(rows[1][6]) >= 2
    assert all(re.fullmatch(r"FD-\w{4}-\w{4}", row[0]) for row in rows)


def test_show_gives_the_doubts_first_then_every_answer_then_the_check(folder: Path) -> None:
    shown = good(frontdesk(folder, "show", references(folder)[1].lower()))
    parts = [shown.index(part) for part in ("Doubts\n", "Answers\n", "Self-check\n")]
    assert parts == sorted(parts)
    doubts, answers, check = (
        shown[parts[0] : parts[1]],
        shown[parts[1] : parts[2]],
        shown[parts[2] :],
    )
    assert "- Legal name: No legal form" in doubts
    assert "- Address 1: kept by the applicant against our check (" in doubts
    assert "through telegram" in shown
    for line in (
        "Kind of organisation: Reseller",
        "Trading name (DBA): +Plus Repairs",
        "Owner 1: Maria Santos",
        "Owner 2: Jan de Vries",
        "Location 2\n  Country: United Kingdom\n  Address: 12 Kirkgate, Leeds LS1 6BY",
        "  Phone: +44 113 496 0271\n    typed: 0113 496 0271",
        "Experience: @home since 2016,\n    and in the shop.",
    ):
        assert line in answers
    assert check.count(": not answered") == 9


def test_an_unknown_reference_says_where_to_look(folder: Path) -> None:
    assert "no application FD-2222-2222" in failed(frontdesk(folder, "show", "FD-2222-2222"))
    assert "frontdesk queue" in failed(frontdesk(folder, "erase", "FD-2222-2222", "--yes"))
    assert "\x1b" not in failed(frontdesk(folder, "show", "\x1b[2J"))


def test_a_question_is_answered_once(folder: Path) -> None:
    _, row = good(frontdesk(folder, "questions")).splitlines()
    id, _, kind, taken_by, about, text = row.split("\t")
    assert (kind, taken_by, text) == ("person", "", "Do you accept a shop on a boat[2J?")
    assert about == references(folder)[1]
    answered = good(frontdesk(folder, "answer", id, "We do not."))
    assert answered.startswith("Passed on to the applicant.")
    assert good(frontdesk(folder, "questions")) == "No question waits for an answer.\n"
    with sqlite3.connect(folder / "frontdesk.db") as db:
        (body,) = db.execute(
            "SELECT body FROM outbox WHERE channel = 'telegram' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    db.close()
    assert "We do not." in body
    late = failed(frontdesk(folder, "answer", id, "We do."))
    assert "answered already" in late
    assert getpass.getuser() in late
    assert "frontdesk questions" in failed(frontdesk(folder, "answer", "99", "We do."))
    assert "empty" in failed(frontdesk(folder, "answer", id, "  "))


def test_erase_asks_first_and_leaves_a_note_only(folder: Path) -> None:
    reference = references(folder)[1]
    asked = frontdesk(folder, "erase", reference, typed="n\n")
    assert f"Erase everything of telegram:1001, {reference}, for good? [y/N]" in asked.out
    assert asked.code == 1
    assert "Nothing was erased" in asked.err
    assert reference in references(folder)
    good(frontdesk(folder, "erase", reference, "--yes"))
    assert reference not in references(folder)
    gone = failed(frontdesk(folder, "show", reference))
    assert re.search(rf"{reference} was erased on \d{{4}}-\d\d-\d\d by staff", gone)
    for file in folder.iterdir():
        assert b"Maria Santos" not in file.read_bytes()
    good(frontdesk(folder, "erase", "terminal:me", "--yes"))
    assert good(frontdesk(folder, "queue")) == "No application waits for review.\n"
    assert "Nobody is known as slack:U1" in failed(frontdesk(folder, "erase", "slack:U1"))


async def _with_failures(folder: Path) -> tuple[int, int, int]:
    """A turn that raised, an update that could not be read, a message that nobody can get."""
    at = "2026-11-22T10:00:00.000Z"
    arrival = Incoming("telegram", "telegram:7", "2002", "2002", "7", at, text="hello")
    body = ARRIVALS.dump_json(arrival).decode()

    def job(tx: Transaction) -> tuple[int, int, int]:
        turn = tx.add_failed_event("telegram:7", None, body, at, at, "KeyError at x.py:3")
        update = tx.add_failed_event("telegram:8", None, "{", at, at, "no JSON", "update")
        dead = tx.post(NewOutbox("telegram", "1001", "{}"), at)
        tx.mark_dead(dead, "bot was blocked by the user", at)
        return turn or 0, update or 0, dead

    store = await open_store(folder / "frontdesk.db", serving=False)
    try:
        return await store.run(job)
    finally:
        await store.close()


def test_failures_are_listed_and_tried_again_where_that_can_help(folder: Path) -> None:
    turn, update, dead = asyncio.run(_with_failures(folder))
    rows = [line.split("\t") for line in good(frontdesk(folder, "failures")).splitlines()[1:]]
    assert sorted((row[0], row[2], row[3]) for row in rows) == [
        (f"send-{dead}", "telegram", "bot was blocked by the user"),
        (f"turn-{turn}", "telegram", "KeyError at x.py:3"),
        (f"update-{update}", "telegram", "no JSON"),
    ]
    assert good(frontdesk(folder, "retry", f"turn-{turn}")).startswith(f"turn-{turn} is taken.")
    assert good(frontdesk(folder, "retry", f"send-{dead}")).startswith(f"send-{dead} will be sent")
    assert "has to send it once more" in failed(frontdesk(folder, "retry", f"update-{update}"))
    assert f"no failure turn-{turn}" in failed(frontdesk(folder, "retry", f"turn-{turn}"))
    assert "no failure send-999" in failed(frontdesk(folder, "retry", "send-999"))
    assert "turn-12" in failed(frontdesk(folder, "retry", "12"))
    (left,) = good(frontdesk(folder, "failures")).splitlines()[1:]
    assert left.startswith(f"update-{update}\t")
    with sqlite3.connect(folder / "frontdesk.db") as db:
        waiting = db.execute(
            "SELECT count(*) FROM outbox WHERE chat IN ('1001', '2002') AND state = 'waiting'"
            " AND (id = ? OR chat = '2002')",
            (dead,),
        ).fetchone()
    db.close()
    assert waiting == (2,)  # the revived one, and the reply to the turn that was tried again


def test_nothing_to_list_is_said(tmp_path: Path) -> None:
    holding(house(), tmp_path / "frontdesk.db")
    assert good(frontdesk(tmp_path, "failures")) == "Nothing has failed.\n"
    assert good(frontdesk(tmp_path, "queue")) == "No application waits for review.\n"
    assert good(frontdesk(tmp_path, "questions")) == "No question waits for an answer.\n"
    assert good(frontdesk(tmp_path, "export")) == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("queue",),
        ("show", "FD-2222-2222"),
        ("export",),
        ("import", "all.jsonl"),
        ("questions",),
        ("answer", "1", "yes"),
        ("failures",),
        ("retry", "turn-1"),
        ("erase", "terminal:me", "--yes"),
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_in_the_wrong_folder_no_database_is_made(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert "no database frontdesk.db" in failed(frontdesk(tmp_path, *arguments), 2)
    assert list(tmp_path.iterdir()) == []


def test_csv_goes_to_a_folder_and_json_lines_to_a_file(folder: Path) -> None:
    done = frontdesk(folder, "export", "--format", "csv", "--output", "out/november")
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "2 applications: out/november/applications.csv, out/november/owners.csv, "
        "out/november/locations.csv\n"
    )
    files = sorted((folder / "out/november").iterdir())
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 3
    with files[1].open(encoding="utf-8-sig", newline="") as file:
        assert [row["number"] for row in csv.DictReader(file)] == ["1", "1", "2"]
    assert frontdesk(folder, "export", "--output", "all.jsonl").code == 0
    lines = (folder / "all.jsonl").read_text().splitlines()
    assert [json.loads(line)["reference"] for line in lines] == references(folder)
    assert good(frontdesk(folder, "export", "--output", "-")).splitlines() == lines
    assert good(frontdesk(folder, "export", "--since", "2999-01-01")) == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "last week"), "2026-11-22"),
        (("--until", "last week"), "2026-11-22"),
        (("--since", "2026-11-22", "--until", "2026-11-21"), "--since"),
        (("--state", "approved\x1b"), "submitted, approved, declined, withdrawn"),
        (("--format", "xlsx", "--output", "-"), "--output FILE.xlsx"),
        (("--format", "csv", "--output", "-"), "--output FOLDER"),
        (("--format", "csv", "--output", "all.csv"), "--output FOLDER"),
        (("--format", "csv", "--output", "frontdesk.db"), "frontdesk.db cannot be made"),
        (("--output", "nowhere/all.jsonl"), "nowhere/all.jsonl cannot be written"),
    ],
)
def test_what_cannot_be_exported_says_what_can(
    folder: Path, arguments: tuple[str, ...], told: str
) -> None:
    assert told in failed(frontdesk(folder, "export", *arguments))


async def _with_many(folder: Path) -> None:
    """More records than a pipe holds."""
    store = await open_store(folder / "frontdesk.db", serving=False)
    try:
        (first, *_) = await store.read(lambda reports: list(reports.records()))

        def job(tx: Transaction) -> None:
            for n in range(100, 200):
                reference = f"FD-2222-{n:04}"
                tx.add_record(reference, first.conversation, n, first.body, first.submitted_at)

        await store.run(job)
    finally:
        await store.close()


def test_a_reader_who_stops_reading_is_no_error(folder: Path) -> None:
    asyncio.run(_with_many(folder))
    piped = f"'{PROGRAM}' export | head -c 100"
    done = subprocess.run(
        ["sh", "-c", piped],
        cwd=folder,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert len(done.stdout) == 100
    assert done.stderr == b""


def test_references_are_whole_on_the_narrowest_terminal(folder: Path) -> None:
    wanted = references(folder)
    with Terminal(["queue"], folder, columns=40) as screen:
        assert screen.ends() == 0
        for reference in wanted:
            assert reference in screen.text
        assert "PT" in screen.text


def test_check_says_what_is_well_and_what_to_mend(folder: Path) -> None:
    lines = good(frontdesk(folder, "check")).splitlines()
    assert all(line.startswith("ok   ") for line in lines)
    assert [line.split()[1] for line in lines] == [
        "settings:", "words:", "articles:", "database:", "channels:",
    ]  # fmt: skip
    assert "frontdesk.db can be written" in lines[3]
    (folder / "config.toml").write_text('[staff]\nchat = "telegram:-100123"\n')
    done = frontdesk(folder, "check")
    assert done.code == 1
    assert "mend staff.chat: is on telegram, whose token is not set" in done.out


def test_check_of_a_bad_setting_or_database_names_it(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[stroe]\n")
    done = frontdesk(tmp_path, "check")
    assert (done.code, done.err) == (1, "")
    assert 'mend stroe: is not a setting; did you mean "store"?' in done.out
    (tmp_path / "config.toml").write_text('[store]\nurl = "sqlite:///config.toml"\n')
    done = frontdesk(tmp_path, "check")
    assert done.code == 1
    assert "mend database: The database config.toml is no SQLite database" in done.out
    (tmp_path / "config.toml").write_text('[store]\nurl = "sqlite:///no/where.db"\n')
    assert "mend database: make the folder no first" in frontdesk(tmp_path, "check").out


def test_a_bad_setting_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[log]\nlevel = 'loud'\n")
    told = failed(frontdesk(tmp_path, "--config", "other.toml", "queue"), 2)
    assert "log.level" in told
    missing = failed(frontdesk(tmp_path, "--config", "none.toml", "queue"), 2)
    assert "none.toml: there is no such file" in missing


def test_the_config_file_of_the_option_is_the_one_that_counts(folder: Path) -> None:
    (folder / "frontdesk.db").rename(folder / "other.db")
    (folder / "other.toml").write_text('[store]\nurl = "sqlite:///other.db"\n')
    done = frontdesk(folder, "--config", "other.toml", "queue")
    assert len(good(done).splitlines()) == 3


def test_run_without_a_channel_says_what_to_set(tmp_path: Path) -> None:
    told = failed(frontdesk(tmp_path, "run"), 2)
    assert "FRONTDESK_TELEGRAM_TOKEN" in told
    assert "FRONTDESK_SLACK_BOT_TOKEN" in told
    half = failed(frontdesk(tmp_path, "run", FRONTDESK_SLACK_BOT_TOKEN="xoxb-1"), 2)
    assert "FRONTDESK_SLACK_APP_TOKEN" in half
    assert list(tmp_path.iterdir()) == []


def test_run_refuses_a_staff_chat_that_no_channel_reaches(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[staff]\nchat = "slack:C0123"\n')
    told = failed(frontdesk(tmp_path, "run", FRONTDESK_TELEGRAM_TOKEN="123:TEST"), 2)
    assert "staff.chat: is on slack" in told


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "--as" in failed(frontdesk(tmp_path, "chat", "--as", "a\x1bb"), 2)


def test_the_help_of_export_tells_of_the_apostrophe() -> None:
    told = " ".join(CliRunner().invoke(bot.cli.app, ["export", "--help"]).output.split())
    assert "= + - @ TAB or CR gets a leading apostrophe" in told
