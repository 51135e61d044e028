"""What staff do with applications at the command line, on a real file, alone and two at once."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.app import assemble
from bot.config import Settings
from bot.house import utc_now
from bot.messages import Incoming
from bot.store.sqlite import open_store
from tests.applications import DOUBTFUL, STRAIGHT, holding
from tests.commands import Done, frontdesk
from tests.play import house
from tests.terminals import environment

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two applications."""
    path = tmp_path_factory.mktemp("review") / "frontdesk.db"
    holding(house(), path, ("terminal", "me", STRAIGHT), ("terminal", "you", DOUBTFUL))
    return path


@pytest.fixture
def folder(served: Path, tmp_path: Path) -> Path:
    shutil.copy(served, tmp_path / served.name)
    return tmp_path


def good(done: Done) -> str:
    assert (done.code, done.err) == (0, "")
    return done.out


def failed(done: Done) -> str:
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("frontdesk: ")
    return done.err


def queue(folder: Path) -> list[list[str]]:
    return [line.split("\t") for line in good(frontdesk(folder, "queue")).splitlines()[1:]]


def said(folder: Path, person: str, *lines: str) -> None:
    asyncio.run(_said(folder, person, lines))


async def _said(folder: Path, person: str, lines: tuple[str, ...]) -> None:
    store = await open_store(folder / "frontdesk.db", serving=False)
    try:
        app = assemble(Settings(), house(), store, {})
        for line in lines:
            id = secrets.token_hex(8)
            arrival = Incoming(
                "terminal", f"terminal:{id}", person, person, id, utc_now(), text=line
            )
            await app.door.handle(arrival)
    finally:
        await store.close()


def told(folder: Path) -> str:
    """The latest message to an applicant, as it waits to be sent."""
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        query = "SELECT body FROM outbox WHERE channel = 'terminal' ORDER BY id DESC LIMIT 1"
        return str(database.execute(query).fetchone()[0])


def test_a_claim_is_shown_and_let_go(folder: Path) -> None:
    (first, *_), _ = queue(folder)
    assert f"{first} is yours, Ana, until" in good(frontdesk(folder, "claim", first, "--as", "Ana"))
    assert queue(folder)[0][1:3] == ["claimed", "Ana"]
    assert "Claimed by Ana until" in good(frontdesk(folder, "show", first))
    assert "Ana has claimed" in failed(frontdesk(folder, "release", first))
    good(frontdesk(folder, "release", first.lower(), "--as", "Ana"))
    assert queue(folder)[0][1:3] == ["submitted", ""]


def test_who_is_second_is_told_who_is_first(folder: Path) -> None:
    (first, *_), _ = queue(folder)
    good(frontdesk(folder, "claim", first, "--as", "Ana"))
    for command in (
        ("claim", first, "--as", "Ben"),
        ("approve", first, "--as", "Ben"),
        ("decline", first),
        ("request", first, "--field", "email", "Why?"),
    ):
        assert "Ana has claimed" in failed(frontdesk(folder, *command))
    good(frontdesk(folder, "approve", first, "--as", "Ana"))
    late = failed(frontdesk(folder, "decline", first, "--as", "Ben"))
    assert f"Ana has approved {first}" in late
    assert "Nothing was changed." in late


def test_nobody_approves_what_they_have_not_claimed(folder: Path) -> None:
    (first, *_), _ = queue(folder)
    assert f"frontdesk claim {first}" in failed(frontdesk(folder, "approve", first))
    good(frontdesk(folder, "decline", first))
    assert len(queue(folder)) == 1


def test_the_applicant_is_asked_and_the_new_version_comes_back(folder: Path) -> None:
    _, (second, *_) = queue(folder)
    asked = frontdesk(
        folder, "request", second, "--as", "Ana",
        "--field", "locations.2.phone", "It is  never\nheard.", "--field", "email", "It bounces.",
    )  # fmt: skip
    assert "asked about 2 answers" in good(asked)
    assert queue(folder)[1][1:3] == ["needs info", "Ana"]
    assert "It is never heard." in told(folder)
    said(folder, "you", "0113 496 0999", "keep what i sent", "send")
    assert queue(folder)[1][1:3] == ["resubmitted", "Ana"]
    past = good(frontdesk(folder, "audit", second))
    assert "cli:Ana\tasked\t" in past
    assert "email: It bounces." in past
    assert "locations.2.phone: It is never heard." in past
    assert "Phone 2: +44 113 496 0271 -> +44 113 496 0999" in past
    assert "Business e-mail: service@lakesidecare.co.uk (as before)" in past
    assert past.count("->") == 1, "nothing else has changed"
    assert "Version 2" in good(frontdesk(folder, "show", second))
    good(frontdesk(folder, "approve", second, "--as", "Ana", "--message", "See you soon."))
    past = good(frontdesk(folder, "audit", second))
    assert f"cli:Ana\tapproved\t{second}\tSee you soon.\n" in past
    assert "See you soon." in told(folder)


def test_a_decision_without_a_comment_says_the_decision_alone(folder: Path) -> None:
    (first, *_), (second, *_) = queue(folder)
    good(frontdesk(folder, "decline", first, "--no-comment"))
    assert "declined" in told(folder)
    assert "requirements" not in told(folder)
    good(frontdesk(folder, "decline", second))
    assert "requirements are not considered" in told(folder)
    assert "(without a message)" in good(frontdesk(folder, "audit", first))
    both = frontdesk(folder, "decline", second, "--no-comment", "--message", "No.")
    assert both.code != 0


def test_what_cannot_be_asked_says_what_can(folder: Path) -> None:
    _, (second, *_) = queue(folder)
    unknown = failed(frontdesk(folder, "request", second, "--field", "shoe_size", "Why not?"))
    assert "locations.2.phone" in unknown
    assert "consent" not in unknown
    assert "truth" not in unknown
    assert "several" in failed(frontdesk(folder, "request", second, "--field", "phone", "Why?"))
    assert "needs a reason" in failed(frontdesk(folder, "request", second, "--field", "email", " "))
    twice = ("--field", "email", "One.", "--field", "email", "Two.")
    assert "named twice" in failed(frontdesk(folder, "request", second, *twice))
    bare = ("--field", "email", "--field", "website", "One reason.")
    assert "right after it" in failed(frontdesk(folder, "request", second, *bare))
    assert "too long" in failed(frontdesk(folder, "request", second, "--field", "email", "x" * 301))
    assert "has a name" in failed(frontdesk(folder, "claim", second, "--as", " "))
    assert queue(folder)[1][1:3] == ["submitted", ""], "nothing of it was done"


@pytest.mark.parametrize(
    "command",
    [
        ("claim", "--as", "Ana"),
        ("release",),
        ("request", "--field", "email", "Why?"),
        ("approve",),
        ("decline",),
        ("audit",),
    ],
    ids=lambda command: str(command[0]),
)
def test_an_unknown_reference_is_named(folder: Path, command: tuple[str, ...]) -> None:
    name, *others = command
    done = frontdesk(folder, name, "FD-2222-2222", *others)
    assert "There is no application FD-2222-2222" in failed(done)


def test_what_the_applicant_withdrew_is_not_decided(folder: Path) -> None:
    (first, *_), _ = queue(folder)
    said(folder, "me", "withdraw", "yes")
    assert "has withdrawn" in failed(frontdesk(folder, "decline", first))
    assert good(frontdesk(folder, "audit", first)).count("applicant\twithdrew") == 1


def test_who_cannot_be_reached_is_said(folder: Path) -> None:
    (first, *_), _ = queue(folder)
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        database.execute("UPDATE conversations SET channel = 'telegram' WHERE person = 'me'")
        database.execute(
            "UPDATE outbox SET channel = 'telegram', state = 'dead', reason = ?"
            " WHERE conversation = 1",
            ("bot was blocked by the user",),
        )
        database.commit()
    asked = good(frontdesk(folder, "request", first, "--field", "email", "It bounces."))
    assert "cannot be reached" in asked


def test_a_second_request_takes_the_place_of_the_first(folder: Path) -> None:
    (first, *_), _ = queue(folder)
    good(frontdesk(folder, "request", first, "--field", "email", "It bounces."))
    again = good(frontdesk(folder, "request", first, "--field", "website", "It is empty."))
    assert "is replaced" in again
    said(folder, "me", "lembayung.id", "send")
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        query = "SELECT body FROM versions WHERE reference = ? ORDER BY number"
        before, after = (json.loads(body) for (body,) in database.execute(query, (first,)))
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"website", "email"}
    assert before["email"]["value"] == after["email"]["value"]
    assert after["email"]["flags"] != [], "the doubts follow from all answers, so they are anew"


@pytest.mark.parametrize("command", [("claim",), ("decline",)], ids=str)
def test_of_two_processes_at_once_one_wins_and_the_other_hears_who(
    folder: Path, command: tuple[str, ...]
) -> None:
    reference = queue(folder)[0][0]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", *command, reference, "--as", name],
            cwd=folder,
            env=environment(PYTHONPATH=str(ROOT)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("Ana", "Ben")
    ]
    ends = [(*process.communicate(timeout=120), process.returncode) for process in running]
    assert sorted(code for *_, code in ends) == [0, 1], ends
    winner = ("Ana", "Ben")[[code for *_, code in ends].index(0)]
    (lost,) = [err for _, err, code in ends if code == 1]
    assert re.match(rf"frontdesk: {winner} has (claimed|declined) {reference}", lost)
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        decided = database.execute("SELECT count(*) FROM decisions").fetchone()[0]
    assert decided == (command == ("decline",))
