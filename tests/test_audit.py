"""What is put on the record: every act of staff leaves one row, none holds anybody's words."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import assemble
from bot.audit import ACTIONS, note
from bot.config import Settings, StaffChat
from bot.house import House
from bot.messages import StaffLine
from bot.store.audit import AuditRow
from bot.store.sqlite import open_store
from tests.applications import DOUBTFUL, STRAIGHT, holding
from tests.commands import frontdesk
from tests.play import house
from tests.test_cli_review import failed, good, said
from tests.test_docs import commands
from tests.test_store_erase import assert_gone, on_disk

QUESTION = "can two firms share one shop?"
GENERAL = "can two businesses share a shop?"
ANSWER = "The page names no shared shop. Each firm needs its own staff there."
APPROVE = ("--by", "Ana", "--role", "review", "--title", "Shared shops", "--about", "O4",
           "--question", GENERAL)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two applications, a question, a message that could not be sent."""
    path = tmp_path_factory.mktemp("audit") / "frontdesk.db"
    holding(
        house(),
        path,
        ("terminal", "me", STRAIGHT),
        ("terminal", "you", DOUBTFUL),
        ("terminal", "ann", ("talk to a person", QUESTION)),
    )
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE outbox SET state = 'dead', reason = 'x' WHERE id = 1")
        database.commit()
    return path


@pytest.fixture
def folder(served: Path, tmp_path: Path) -> Path:
    shutil.copy(served, tmp_path / served.name)
    return tmp_path


def rows(folder: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        query = "SELECT actor, action, subject, fields, digest FROM audit ORDER BY number"
        return database.execute(query).fetchall()


def reference(folder: Path, number: int = 0) -> str:
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        query = "SELECT reference FROM records ORDER BY submitted_at"
        return str(database.execute(query).fetchall()[number][0])


@dataclass(frozen=True)
class Command:
    """``before``: what is done first. ``{0}``, ``{1}``: the references of the applications."""

    typed: tuple[str, ...]
    row: tuple[str, str, tuple[str, ...]]
    """action, subject, fields"""
    before: tuple[tuple[str, ...], ...] = ()
    by: str = "cli:tester"


CLAIM = ("claim", "{0}", "--as", "Ana")
ANSWERED = ("answer", "1", ANSWER)
TAUGHT = (ANSWERED, ("knowledge", "teach", "1"))

COMMANDS = (
    Command(("show", "{0}"), ("saw", "{0}", ())),
    Command(("audit", "{0}"), ("saw", "{0}", ())),
    Command(("queue",), ("saw", "queue", ())),
    Command(("questions",), ("saw", "questions", ())),
    Command(("knowledge", "candidates"), ("saw", "candidates", ()), TAUGHT),
    Command(
        ("export", "--state", "submitted", "--since", "2026-01-01"),
        ("exported", "jsonl since 2026-01-01T00:00:00.000Z state submitted", ()),
    ),
    Command(("knowledge", "export", "lessons"), ("exported", "articles", ())),
    Command(CLAIM, ("claimed", "{0}", ()), by="cli:Ana"),
    Command(("release", "{0}", "--as", "Ana"), ("released", "{0}", ()), (CLAIM,), by="cli:Ana"),
    Command(
        ("request", "{0}", "--field", "email", "It bounces."), ("asked", "{0}", ("email",))
    ),
    Command(
        ("approve", "{0}", "--as", "Ana"), ("approved", "{0}", ()), (CLAIM,), by="cli:Ana"
    ),
    Command(("decline", "{0}", "--no-comment"), ("declined", "{0}", ())),
    Command(ANSWERED, ("answered", "question-1", ())),
    Command(("knowledge", "teach", "1"), ("taught", "candidate-1", ("question-1",)), (ANSWERED,)),
    Command(
        ("knowledge", "approve", "c1", *APPROVE), ("approved", "candidate-1", ()), TAUGHT,
        by="cli:Ana",
    ),
    Command(
        ("knowledge", "edit", "c1", "--title", "Shared", "--by", "Ana", "--role", "review"),
        ("changed", "candidate-1", ("title",)), TAUGHT, by="cli:Ana",
    ),
    Command(
        ("knowledge", "dismiss", "c1", "--by", "Ana"), ("dismissed", "candidate-1", ()), TAUGHT,
        by="cli:Ana",
    ),
    Command(
        ("knowledge", "not-covered", "1", "--by", "Ana"), ("not_covered", "candidate-1", ()),
        by="cli:Ana",
    ),
    Command(
        ("distinct", "{0}", "{1}", "--as", "Ana"), ("distinguished", "{0}", ("{1}",)), by="cli:Ana"
    ),
    Command(("retry", "send-1"), ("retried", "send-1", ())),
    Command(("erase", "terminal:ann", "--yes"), ("erased", "conversation-3", ())),
    Command(("erase", "{0}", "--yes"), ("erased", "{0}", ())),
    Command(("import", "kept.jsonl"), ("imported", "FD-7777-7777", ())),
)  # fmt: skip

ELSEWHERE = {"submitted", "resubmitted", "withdrew", "informed"}
"""actions that the tests below show, being no command or a longer way"""

NOBODYS = {
    "chat", "run", "check", "schema", "stats", "deliveries", "failures", "ask",
    "knowledge check", "knowledge evaluate", "knowledge import",
    "knowledge relied",  # names platform ids of people, and no answer
    "knowledge inform",  # below
    "telegram register", "telegram unregister",
    "backup", "move",  # whoever can run them can copy the file itself; both leave it as it is
}  # fmt: skip
"""commands that show or change nothing of an applicant, nor what the bot is taught"""


def test_every_command_is_on_record_or_touches_nobody() -> None:
    shown = {" ".join(one.typed[: 2 if one.typed[0] == "knowledge" else 1]) for one in COMMANDS}
    assert shown | NOBODYS == set(commands())
    assert not shown & NOBODYS
    assert {one.row[0] for one in COMMANDS} | ELSEWHERE == set(ACTIONS)


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: " ".join(one.typed[:2]))
def test_each_act_leaves_one_row_that_says_who_did_what(
    folder: Path, one: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "tester")
    kept = good(frontdesk(folder, "export")).splitlines()[0]
    (folder / "kept.jsonl").write_text(kept.replace(json.loads(kept)["reference"], "FD-7777-7777"))

    def filled(words: Sequence[str]) -> list[str]:
        return [word.format(reference(folder), reference(folder, 1)) for word in words]

    for typed in one.before:
        good(frontdesk(folder, *filled(typed)))
    action, subject, fields = one.row
    expected = (one.by, action, *filled([subject]), json.dumps(filled(fields)))
    before = rows(folder)
    done = frontdesk(folder, *filled(one.typed))
    assert done.code == 0, done.err
    after = rows(folder)
    assert after[: len(before)] == before
    (row,) = after[len(before) :]
    assert row[:4] == expected
    assert "is whole" in good(frontdesk(folder, "audit"))


@pytest.mark.parametrize(
    "typed",
    [
        ("approve", "{0}"),
        ("release", "{0}", "--as", "Ben"),
        ("request", "{0}", "--field", "shoe_size", "Why?"),
        ("answer", "77", "Yes."),
        ("retry", "send-77"),
        ("retry", "turn-77"),
        ("knowledge", "teach", "1"),
        ("show", "FD-2222-2222"),
        ("audit", "FD-2222-2222"),
        ("erase", "slack:U1", "--yes"),
    ],
    ids=lambda typed: " ".join(typed[:2]),
)
def test_what_was_refused_leaves_no_row(folder: Path, typed: tuple[str, ...]) -> None:
    good(frontdesk(folder, *(word.format(reference(folder)) for word in CLAIM)))
    before = rows(folder)
    failed(frontdesk(folder, *(word.format(reference(folder)) for word in typed)))
    assert rows(folder) == before


def test_what_applicants_do_with_applications_is_theirs_without_their_name(folder: Path) -> None:
    first = reference(folder)
    good(frontdesk(folder, "request", first, "--field", "email", "It bounces."))
    said(folder, "me", "info@lembayung.co.id", "send")
    said(folder, "me", "withdraw", "yes")
    said(folder, "you", "erase my data", "yes")
    theirs = [row[1:4] for row in rows(folder) if row[0] == "applicant"]
    second = next(subject for _, subject, _ in theirs if subject != first)
    assert theirs == [
        ("submitted", first, "[]"),
        ("submitted", second, "[]"),
        ("resubmitted", first, '["email"]'),
        ("withdrew", first, "[]"),
        ("erased", second, "[]"),
    ]


async def test_an_export_asked_for_in_the_staff_chat_is_of_who_asked(tmp_path: Path) -> None:
    staffed: House = replace(house(), staff=StaffChat("slack", "C0STAFF"))
    store = await open_store(tmp_path / "frontdesk.db", serving=False)
    try:
        app = assemble(Settings(), staffed, store, {})
        for chat, key in (("C0STAFF", "1"), ("C0OTHER", "2"), ("C0STAFF", "1")):
            at = "2026-11-25T10:00:00.000Z"
            line = StaffLine("slack", f"slack:{key}", chat, "U090", key, at, "export csv approved")
            await app.door.handle(line)
    finally:
        await store.close()
    assert [row[:3] for row in rows(tmp_path)] == [("slack:U090", "exported", "csv state approved")]


@pytest.mark.parametrize("bad", [("", "saw", "x"), ("cli:a", "saw", "\n"), ("cli:a", "ate", "x")])
async def test_what_is_no_record_is_refused(tmp_path: Path, bad: tuple[Any, ...]) -> None:
    store = await open_store(tmp_path / "frontdesk.db", serving=False)
    try:
        with pytest.raises(ValueError, match=r"line|act"):
            await store.run(lambda tx: note(tx, "2026-11-25T10:00:00.000Z", *bad))
        assert await store.read(lambda r: list(r.audit.rows())) == []
    finally:
        await store.close()


# Is it whole?


Tamper = Callable[[sqlite3.Connection], object]


def _set(column: str) -> Tamper:
    sql = f"UPDATE audit SET {column} = {column} || 'x' WHERE number = 3"  # noqa: S608 - our names
    return lambda db: db.execute(sql)


def _swap(db: sqlite3.Connection) -> None:
    for sql in (
        "UPDATE audit SET number = -3 WHERE number = 3",
        "UPDATE audit SET number = 3 WHERE number = 4",
        "UPDATE audit SET number = 4 WHERE number = -3",
    ):
        db.execute(sql)


def _put_in(number: int) -> Tamper:
    return lambda db: db.execute(
        "INSERT INTO audit SELECT ?, at, actor, action, subject, fields, digest, previous, hash"
        " FROM audit WHERE number = 3",
        (number,),
    )


def _made_anew(db: sqlite3.Connection) -> None:
    """A changed row with a hash that fits it: the one after it tells."""
    row = AuditRow(*db.execute("SELECT * FROM audit WHERE number = 3").fetchone())
    row = row._replace(actor="cli:Somebody")
    db.execute("UPDATE audit SET actor = ?, hash = ? WHERE number = 3", (row.actor, row.sealed()))


TAMPERINGS: dict[str, tuple[int, Tamper]] = {
    **{
        column: (3, _set(column))
        for column in ("at", "actor", "action", "subject", "fields", "digest", "previous", "hash")
    },
    "deleted": (3, lambda db: db.execute("DELETE FROM audit WHERE number = 3")),
    "first deleted": (1, lambda db: db.execute("DELETE FROM audit WHERE number = 1")),
    "renumbered": (3, lambda db: db.execute("UPDATE audit SET number = 99 WHERE number = 3")),
    "swapped": (3, _swap),
    "cut": (4, lambda db: db.execute("DELETE FROM audit WHERE number > 3")),
    "all cut": (1, lambda db: db.execute("DELETE FROM audit")),
    "put in behind": (6, _put_in(6)),
    "put in before": (-1, _put_in(-1)),
    "put in long before": (-(2**63), _put_in(-(2**63))),
    "made anew": (4, _made_anew),
    "head's hash": (5, lambda db: db.execute("UPDATE audit_head SET hash = 'x'")),
    "head set back": (5, lambda db: db.execute("UPDATE audit_head SET count = 4")),
}


@pytest.fixture(scope="module")
def five(served: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("five")
    shutil.copy(served, folder / served.name)
    for typed in (("claim", "{0}", "--as", "Ana"), ("decline", "{1}"), ANSWERED):
        good(frontdesk(folder, *(w.format(reference(folder), reference(folder, 1)) for w in typed)))
    assert len(rows(folder)) == 5
    return folder / served.name


@pytest.mark.parametrize("how", TAMPERINGS)
def test_every_tampering_is_found_and_where(five: Path, tmp_path: Path, how: str) -> None:
    shutil.copy(five, tmp_path / five.name)
    assert "5 acts" in good(frontdesk(tmp_path, "audit"))
    number, tamper = TAMPERINGS[how]
    with closing(sqlite3.connect(tmp_path / five.name)) as database:
        tamper(database)
        database.commit()
    told = failed(frontdesk(tmp_path, "audit"))
    assert f"broken at row {number}," in told
    done = frontdesk(tmp_path, "audit", "--json")
    found = json.loads(done.out)
    assert (done.code, found["whole"], found["row"]) == (1, False, number)


def test_an_end_cut_off_with_its_head_is_told_by_a_noted_head(five: Path, tmp_path: Path) -> None:
    shutil.copy(five, tmp_path / five.name)
    number, noted = good(frontdesk(tmp_path, "audit", "--head")).split()
    assert number == "5"
    assert "is whole" in good(frontdesk(tmp_path, "audit", "--expect", noted))
    with closing(sqlite3.connect(tmp_path / five.name)) as database:
        database.execute("DELETE FROM audit WHERE number > 3")
        database.execute(
            "UPDATE audit_head SET count = 3, hash = (SELECT hash FROM audit WHERE number = 3)"
        )
        database.commit()
    assert "is whole" in good(frontdesk(tmp_path, "audit")), "nothing in the file tells it"
    assert "cut off" in failed(frontdesk(tmp_path, "audit", "--expect", noted))


def test_an_older_head_is_still_in_a_record_that_has_grown(five: Path, tmp_path: Path) -> None:
    shutil.copy(five, tmp_path / five.name)
    _, noted = good(frontdesk(tmp_path, "audit", "--head")).split()
    good(frontdesk(tmp_path, "queue"))
    assert good(frontdesk(tmp_path, "audit", "--head")).split()[1] != noted
    assert "6 acts" in good(frontdesk(tmp_path, "audit", "--expect", noted.upper()))
    assert "is whole" in good(frontdesk(tmp_path, "audit", "--expect", f"5 {noted}"))


def test_a_slip_in_a_noted_head_is_no_news_about_the_record(five: Path, tmp_path: Path) -> None:
    shutil.copy(five, tmp_path / five.name)
    _, noted = good(frontdesk(tmp_path, "audit", "--head")).split()
    told = failed(frontdesk(tmp_path, "audit", "--expect", noted[:-1]))
    assert "is no head" in told
    assert "cut off" not in told


def test_an_application_that_was_changed_behind_our_back_is_named(folder: Path) -> None:
    first = reference(folder)
    assert "2 applications" in good(frontdesk(folder, "audit"))
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        database.execute(
            "UPDATE records SET body = replace(body, 'service@', 'other@') WHERE reference = ?",
            (first,),
        )
        database.commit()
    assert f"Application {first} was changed since row 1" in failed(frontdesk(folder, "audit"))


def test_a_changed_application_is_not_hidden_by_taking_its_key(folder: Path) -> None:
    first = reference(folder)
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        database.execute(
            "UPDATE records SET body = replace(body, 'service@', 'other@') WHERE reference = ?",
            (first,),
        )
        database.execute("DELETE FROM audit_keys WHERE subject = ?", (first,))
        database.commit()
    told = failed(frontdesk(folder, "audit"))
    assert f"Application {first} lost the key of its seal since row 1" in told


def test_an_application_that_was_removed_behind_our_back_is_named(folder: Path) -> None:
    first, second = reference(folder), reference(folder, 1)
    good(frontdesk(folder, "erase", second, "--yes"))
    assert "1 application:" in good(frontdesk(folder, "audit")), "an erase is on record"
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        database.execute("DELETE FROM audit_keys WHERE subject = ?", (first,))
        database.execute("DELETE FROM records WHERE reference = ?", (first,))
        database.commit()
    told = failed(frontdesk(folder, "audit"))
    assert f"Application {first} was removed since row 1, by nothing that is on record" in told


# Erasing


WORDS = ("Siti Rahma", "service@lembayung.co.id", "Kemang", "QUITTENFELD", "Tannenohr")


def test_after_an_erase_the_record_is_whole_and_tells_nothing(folder: Path) -> None:
    first, database = reference(folder), folder / "frontdesk.db"
    said(folder, "me", "talk to a person", "what of QUITTENFELD?")
    good(frontdesk(folder, "answer", "2", "Tannenohr is no matter of ours."))
    good(frontdesk(folder, "request", first, "--field", "email", "Tannenohr: it bounces."))
    good(frontdesk(folder, "show", first))
    held = {needle for names in on_disk(database, WORDS).values() for needle in names}
    assert held == set(WORDS), "the search must be able to find them"
    with closing(sqlite3.connect(database)) as db:
        keys = [key for (key,) in db.execute("SELECT key FROM audit_keys WHERE conversation = 1")]
    assert len(keys) == 2, "one of the application, one of the question"

    good(frontdesk(folder, "erase", first, "--yes"))

    assert_gone(database, (*WORDS, *keys), wal=False)
    assert "is whole" in good(frontdesk(folder, "audit"))
    assert "1 application:" in good(frontdesk(folder, "audit"))
    past = good(frontdesk(folder, "audit", first))
    assert [line.split("\t")[3] for line in past.splitlines()[1:]] == [
        "submitted", "asked", "saw", "erased",
    ]  # fmt: skip
    assert "Tannenohr" not in past


def test_what_is_erased_by_its_silence_takes_the_keys_of_its_questions(folder: Path) -> None:
    good(frontdesk(folder, *ANSWERED))

    async def erase() -> None:
        store = await open_store(folder / "frontdesk.db", serving=False)
        await store.run(lambda tx: tx.forget_since(3, "2000-01-01", "retention", "2026-12-01"))
        await store.close()

    asyncio.run(erase())
    with closing(sqlite3.connect(folder / "frontdesk.db")) as db:
        assert db.execute("SELECT count(*) FROM escalations").fetchone() == (0,)
        subjects = [s for (s,) in db.execute("SELECT subject FROM audit_keys")]
    assert sorted(subjects) == sorted([reference(folder), reference(folder, 1)])
    assert "is whole" in good(frontdesk(folder, "audit"))


# Showing it


def test_the_history_names_the_questions_about_an_application(folder: Path) -> None:
    first = reference(folder)
    said(folder, "me", "please change my email to new@lembayung.co.id")
    good(frontdesk(folder, "answer", "2", "We have put it right."))
    past = [line.split("\t") for line in good(frontdesk(folder, "audit", first)).splitlines()]
    answered = [line for line in past if line[3] == "answered"]
    assert [line[4] for line in answered] == ["question-2"]
    assert "answered: We have put it right." in answered[0][5]


def test_what_was_done_before_there_was_a_record_is_shown_without_a_number(folder: Path) -> None:
    first = reference(folder)
    good(frontdesk(folder, "decline", first, "--as", "Ana", "--message", "Not now."))
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        database.execute("DELETE FROM audit")
        database.execute("UPDATE audit_head SET count = 0, hash = ?", ("0" * 64,))
        database.commit()
    past = [line.split("\t") for line in good(frontdesk(folder, "audit", first)).splitlines()[1:]]
    assert [(line[0], line[2], line[3], line[5]) for line in past] == [
        ("-", "applicant", "submitted", "version 1"),
        ("-", "cli:Ana", "declined", "Not now."),
    ]
    assert "is whole: 1 act." in good(frontdesk(folder, "audit")).replace("acts", "act")


def test_the_record_is_filtered_by_who_and_since(folder: Path) -> None:
    first = reference(folder)
    good(frontdesk(folder, *(word.format(first) for word in CLAIM)))
    good(frontdesk(folder, "release", first, "--as", "Ana"))
    for name in ("Ana", "cli:Ana"):
        found = json.loads(good(frontdesk(folder, "audit", "--by", name, "--json")))
        assert [(one["action"], one["subject"]) for one in found] == [
            ("claimed", first),
            ("released", first),
        ]
    assert "Nothing of that" in good(frontdesk(folder, "audit", "--since", "2999-01-01"))
    everything = json.loads(good(frontdesk(folder, "audit", "--since", "2000-01-01", "--json")))
    assert [one["number"] for one in everything] == [1, 2, 3, 4]
    one_of_them = json.loads(good(frontdesk(folder, "audit", first, "--by", "Ana", "--json")))
    assert [one["action"] for one in one_of_them] == ["claimed", "released"]


# At once


async def test_two_who_write_at_once_keep_the_chain_whole(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    store = await open_store(path, serving=False)
    await store.close()
    code = (
        "import asyncio, pathlib, sys\n"
        "from bot.audit import note\n"
        "from bot.store.sqlite import open_store\n"
        "async def main():\n"
        "    store = await open_store(pathlib.Path(sys.argv[1]), serving=False)\n"
        "    print(flush=True)\n"
        "    sys.stdin.readline()\n"
        "    for n in range(200):\n"
        "        at = '2026-11-25T10:00:00.000Z'\n"
        "        await store.run(lambda tx: note(tx, at, 'cli:' + sys.argv[2], 'saw', f'{n}'))\n"
        "    await store.close()\n"
        "asyncio.run(main())\n"
    )
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            str(path),
            name,
            cwd=Path(__file__).parents[1],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for name in ("Ana", "Ben")
    ]
    for process in running:
        assert process.stdout is not None
        assert await process.stdout.readline(), "it has opened the file"
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    assert [await process.wait() for process in running] == [0, 0]
    found = rows(tmp_path)
    for name in ("Ana", "Ben"):
        assert [row[2] for row in found if row[0] == f"cli:{name}"] == [str(n) for n in range(200)]
    assert await asyncio.to_thread(lambda: "400 acts" in good(frontdesk(tmp_path, "audit")))
