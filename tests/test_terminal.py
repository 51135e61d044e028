"""The program in a terminal and in a pipe, as processes, with the real store."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.applications import BEFORE_OWNERS, CHECK, STRAIGHT, holding
from tests.commands import frontdesk
from tests.play import house
from tests.terminals import PROGRAM, Terminal, environment


def piped(folder: Path, lines: Sequence[str], *arguments: str) -> str:
    """What ``frontdesk chat`` writes, given these lines and the end of input."""
    done = subprocess.run(
        [PROGRAM, "chat", *arguments],
        cwd=folder,
        env=environment(),
        input="\n".join(lines).encode() + b"\n",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def said_by(folder: Path, person: str) -> list[str]:
    """The texts of this person's messages, as the store has them."""
    with sqlite3.connect(folder / "frontdesk.db") as db:
        rows = db.execute(
            "SELECT e.body FROM events AS e JOIN conversations AS c ON c.id = e.conversation"
            " WHERE c.person = ? ORDER BY e.id",
            (person,),
        ).fetchall()
    db.close()
    events = [json.loads(body) for (body,) in rows]
    return [event["text"] for event in events if event["is_"] == "said"]


def test_a_straight_application_through_a_pipe_is_in_the_queue(tmp_path: Path) -> None:
    typed = [
        "apply",
        *("/1", "1", "Yes") * 3,  # the self-check: a tap, a bare number, a label that is typed
        *BEFORE_OWNERS[:1],
        "2",  # the kind of organisation takes no free text
        *BEFORE_OWNERS[2:],
        *STRAIGHT[STRAIGHT.index("Siti Rahma") : -3],
        '"""',
        "We have repaired phones since 2016,",
        "with four technicians.",
        '"""',
        "submit",
        "/1",
    ]
    heard = piped(tmp_path, typed)
    assert heard.startswith("Hello. I am the applicant assistant")
    assert "\x1b" not in heard
    assert ">" not in heard.replace("->", "")
    reference = re.search(r"FD-\w{4}-\w{4}", heard)
    assert reference is not None
    assert heard.rstrip().endswith("1) Status  2) My data  3) Withdraw")

    queue = frontdesk(tmp_path, "queue")
    assert queue.code == 0
    assert queue.out.splitlines()[1].split("\t")[0] == reference[0]
    exported = frontdesk(tmp_path, "export")
    (record,) = [json.loads(line) for line in exported.out.splitlines()]
    answers = record["application"]
    assert answers["kind"]["value"] == "service_business"
    assert [answer["value"] for answer in answers["self_check"].values()] == ["yes"] * 9
    assert answers["locations"][0]["phone"]["value"] == "+622171791234"
    assert answers["experience"]["value"] == (
        "We have repaired phones since 2016,\nwith four technicians."
    )


def test_people_by_name_are_separate_and_return_to_where_they_were(tmp_path: Path) -> None:
    piped(tmp_path, ["apply", "yes"], "--as", "amira")
    bob = piped(tmp_path, ["status", "apply"], "--as", "bob")
    assert bob.startswith("Hello. I am the applicant assistant")
    assert "You have not begun an application" in bob
    assert "1 of 9" in bob
    amira = piped(tmp_path, ["no"], "--as", "amira")
    assert amira.startswith("Hello again.\n\nBack to your application, 2 of 9: ")
    assert "Go on all the same, or ask staff about it?" in amira


def test_a_staff_answer_waits_for_its_reader_whoever_is_at_the_terminal(tmp_path: Path) -> None:
    holding(
        house(),
        tmp_path / "frontdesk.db",
        ("terminal", "amira", ["talk to a person", "May we have two shops?"]),
    )
    answered = frontdesk(tmp_path, "answer", "1", "Two shops\x1b]0;evil\x07 are fine.")
    assert answered.code == 0
    assert answered.out.startswith("Passed on to the applicant. ")
    bob = piped(tmp_path, ["what do you require?"], "--as", "bob")
    assert "Two shops" not in bob
    amira = piped(tmp_path, [], "--as", "amira")
    assert "Two shops␛]0;evil␇ are fine." in amira
    assert amira.index("Two shops") < amira.index("Hello.")


def test_numbers_and_blocks_at_the_prompt_of_a_narrow_terminal(tmp_path: Path) -> None:
    database = tmp_path / "frontdesk.db"
    holding(house(), database, ("terminal", "me", ["apply", *CHECK, *BEFORE_OWNERS[:2]]))
    with Terminal(["chat"], tmp_path, columns=44) as screen:
        banner = " ".join(screen.until("Back to your application").split())
        assert "./frontdesk.db" in banner
        assert f"run: {PROGRAM} queue" in banner
        assert "--as NAME" in banner
        screen.prompt()
        screen.types("1")  # the legal name is free text: no button is meant
        screen.until("Legal name: 1")
        screen.prompt()
        screen.types("/77")
        screen.until("no button 77")
        screen.prompt()
        screen.types("/1")  # skip it
        screen.until("4 of 10")
        screen.prompt()
        screen.types('"""')
        screen.until("... ")
        screen.types("/1")
        screen.until("... ")
        screen.types('Siti"""')  # a message of two lines, and no tap
        screen.until("one answer")
        screen.prompt()
        screen.types("\x1b[200~Siti\nRahma\x1b[201~")  # as a terminal pastes
        screen.until("one answer")
        screen.prompt()
        screen.types("/quit")
        screen.until("Everything that you sent is kept.")
        assert screen.ends() == 0
        typed = ("> ", "... ", "/", '"""', "Siti", "Rahma", "1")
        heard = [line for line in screen.text.splitlines() if not line.startswith(typed)]
        assert max(map(len, heard)) <= 44
    assert said_by(tmp_path, "me")[-4:] == ["/start", "1", "/1\nSiti", "Siti\nRahma"]


def test_bytes_that_are_no_text_end_nothing(tmp_path: Path) -> None:
    database = tmp_path / "frontdesk.db"
    holding(house(), database, ("terminal", "me", ["apply", *CHECK, *BEFORE_OWNERS[:2]]))
    with Terminal(["chat"], tmp_path) as screen:
        screen.until("Back to your application")
        screen.prompt()
        screen.types("Caf\udce9 Repairs Ltd")  # as a terminal of another encoding pastes it
        screen.until("Legal name: Caf")
        screen.prompt()
        screen.types("/quit")
        assert screen.ends() == 0


def test_what_staff_do_elsewhere_is_shown_above_the_waiting_prompt(tmp_path: Path) -> None:
    talk = ["talk to a person", "May we have two shops?"]
    holding(house(), tmp_path / "frontdesk.db", ("terminal", "amira", talk))
    with Terminal(["chat", "--as", "amira"], tmp_path) as screen:
        screen.until("3) Apply")
        screen.prompt()
        screen.types("half a wo", enter=False)
        screen.until("half a wo")
        answered = frontdesk(tmp_path, "answer", "1", "Two are\x1b[2J fine")
        assert (answered.code, answered.err) == (0, "")
        screen.until("> May we have two shops?\nTwo are␛[2J fine")
        screen.until("\n> half a wo")  # what was being typed is still there
        assert "\x1b[2J" not in screen.raw

        refused = frontdesk(tmp_path, "run", FRONTDESK_TELEGRAM_TOKEN="123:TEST")
        assert refused.code == 2
        assert refused.err.startswith("frontdesk: frontdesk.db is being served by another")
        assert len(refused.err.splitlines()) == 1

        erased = frontdesk(tmp_path, "erase", "terminal:amira", "--yes")
        assert (erased.code, erased.err) == (0, "")
        screen.until("everything that we kept of you has been erased")
        screen.until("\n> half a wo")
        screen.types("\x03", enter=False)
        screen.until("Everything that you sent is kept.")
        assert screen.ends() == 0


@pytest.mark.parametrize("leaving", ["\x04", signal.SIGTERM], ids=["ctrl-d", "sigterm"])
def test_leaving_is_clean(tmp_path: Path, leaving: str | signal.Signals) -> None:
    with Terminal(["chat"], tmp_path) as screen:
        screen.until("What would you like to do?")
        screen.prompt()
        if isinstance(leaving, str):
            screen.types(leaving, enter=False)
        else:
            screen.process.send_signal(leaving)
        screen.until("Everything that you sent is kept.")
        assert screen.ends() == 0
        assert "Traceback" not in screen.text
