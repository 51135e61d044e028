"""Taking an export back: into an empty store, beside what is there, and never over it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from bot.importing import Unfit, read_records
from tests.applications import DOUBTFUL, STRAIGHT, holding
from tests.commands import Done, frontdesk
from tests.exported import FORM, exported, told
from tests.exported import holding as record_with
from tests.play import house

KINDS = ("jsonl", "csv", "xlsx", "zip")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of two applications, and its exports in every form."""
    folder = tmp_path_factory.mktemp("full")
    talks = (("terminal", "me", STRAIGHT), ("telegram", "1001", DOUBTFUL))
    holding(house(), folder / "frontdesk.db", *talks)
    for kind, name in (("jsonl", "all.jsonl"), ("csv", "csv"), ("xlsx", "all.xlsx")):
        assert frontdesk(folder, "export", "--format", kind, "--output", name).code == 0
    with zipfile.ZipFile(folder / "all.zip", "w") as packed:
        for file in (folder / "csv").iterdir():
            packed.write(file, file.name)
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with a database that holds nothing."""
    holding(house(), tmp_path / "frontdesk.db")
    return tmp_path


def place(full: Path, kind: str) -> str:
    return str(full / ("csv" if kind == "csv" else f"all.{kind}"))


def out(done: Done) -> list[str]:
    assert (done.code, done.err) == (0, "")
    return done.out.splitlines()


def refused(folder: Path, path: Path) -> str:
    """Why; and nothing was written."""
    for options in ((), ("--dry-run",)):
        done = frontdesk(folder, "import", str(path), *options)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("frontdesk: ")
        assert done.err.count("\n") == 1
    assert frontdesk(folder, "export").out == ""
    return done.err


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_exported_is_imported_and_exported_byte_for_byte(
    full: Path, empty: Path, kind: str
) -> None:
    assert out(frontdesk(empty, "import", place(full, kind))) == ["2 applications imported."]
    again = frontdesk(empty, "export").out
    assert again.encode() == (full / "all.jsonl").read_bytes()
    queue = [line.split("\t")[4:6] for line in frontdesk(empty, "queue").out.splitlines()[1:]]
    assert queue == [["terminal", "PT Lembayung Servis"], ["telegram", "Lakeside Repairs"]]
    reference = json.loads(again.splitlines()[1])["reference"]
    shown = frontdesk(empty, "show", reference).out
    assert shown == frontdesk(full, "show", reference).out


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    full: Path, empty: Path, kind: str
) -> None:
    done = frontdesk(empty, "import", place(full, kind), "--dry-run")
    assert out(done) == ["2 applications would be imported."]
    assert frontdesk(empty, "export").out == ""


def test_what_is_there_stays_as_it_is(full: Path, empty: Path) -> None:
    out(frontdesk(empty, "import", place(full, "jsonl")))
    before = frontdesk(empty, "export").out
    first, second = before.splitlines()
    changed = json.loads(second)
    changed["application"]["dba"]["value"] = "Other"
    changed["state"] = "withdrawn"
    third = json.loads(first) | {"reference": "FD-2222-3333"}
    (empty / "more.jsonl").write_text(
        "\n".join(map(json.dumps, (json.loads(first), changed, third)))
    )
    reference, other = json.loads(first)["reference"], changed["reference"]
    said = [
        "1 application {}.",
        f"1 application there already, just the same: {reference}.",
        f"1 application there already, but not the same, so what is here stays: {other}.",
    ]
    looked = out(frontdesk(empty, "import", "more.jsonl", "--dry-run"))
    assert looked == [said[0].format("would be imported"), *said[1:]]
    assert out(frontdesk(empty, "import", "more.jsonl")) == [said[0].format("imported"), *said[1:]]
    after = frontdesk(empty, "export").out.splitlines()
    assert set(after) == {first, second, json.dumps(third, ensure_ascii=False)}


def test_what_was_erased_is_not_taken_back(full: Path, empty: Path) -> None:
    out(frontdesk(empty, "import", place(full, "jsonl")))
    reference = json.loads((full / "all.jsonl").read_text().splitlines()[0])["reference"]
    erased = out(frontdesk(empty, "erase", reference, "--yes"))
    assert erased == ["Erased. A note that it was done, without any content, stays."]
    assert len(frontdesk(empty, "export").out.splitlines()) == 1
    for options, done in (((), "imported"), (("--dry-run",), "would be imported")):
        said = out(frontdesk(empty, "import", place(full, "xlsx"), *options))
        assert said[0] == f"0 applications {done}."
        assert f"erased here on request, so not taken back: {reference}." in said[2]
    assert len(frontdesk(empty, "export").out.splitlines()) == 1


def test_an_imported_application_is_decided_on_where_it_came_from(full: Path, empty: Path) -> None:
    out(frontdesk(empty, "import", place(full, "jsonl")))
    reference = json.loads(frontdesk(empty, "export").out.splitlines()[0])["reference"]
    for command in (("decline", reference), ("request", reference, "--field", "email", "Why?")):
        done = frontdesk(empty, *command)
        assert (done.code, done.out) == (1, "")
        assert f"{reference} was imported" in done.err


def test_an_imported_application_is_nobodys_to_write_to(full: Path, empty: Path) -> None:
    out(frontdesk(empty, "import", place(full, "jsonl")))
    with sqlite3.connect(empty / "frontdesk.db") as db:
        rows = db.execute("SELECT channel, person, chat FROM conversations ORDER BY id").fetchall()
    references = [line["reference"] for line in lines(full)]
    assert rows == [("import", references[0], "terminal"), ("import", references[1], "telegram")]
    out(frontdesk(empty, "erase", f"import:{references[1]}", "--yes"))
    with sqlite3.connect(empty / "frontdesk.db") as db:
        assert db.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
        assert db.execute("SELECT reference FROM records").fetchall() == [(references[0],)]
    db.close()


def test_an_import_breaks_into_no_conversation_of_the_same_people(
    full: Path, tmp_path: Path
) -> None:
    shutil.copy(full / "frontdesk.db", tmp_path)
    before = frontdesk(tmp_path, "export").out
    said = out(frontdesk(tmp_path, "import", place(full, "csv")))
    assert [line[:32] for line in said] == [
        "0 applications imported.",
        "2 applications there already, ju",
    ]
    assert frontdesk(tmp_path, "export").out == before


# --- what is refused ---


def lines(full: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (full / "all.jsonl").read_text().splitlines()]


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda line: line.update(schema=2), "its schema is not 1"),
        (lambda line: line.update(schema=True), "its schema is not 1"),
        (lambda line: line.pop("schema"), "its schema is not 1"),
        (lambda line: line.pop("channel"), "it lacks 'channel'"),
        (lambda line: line.update(more=1), "it has 'more'"),
        (lambda line: line.update(reference="FD-1"), "reference has to be a reference such as"),
        (lambda line: line.update(reference=["FD-2222-3333"]), "reference has to be"),
        (lambda line: line.update(reference="FD-2222-3333\n"), "reference has to be"),
        (lambda line: line.update(submitted_at="2026-11-22"), "submitted_at has to be a time"),
        (lambda line: line.update(changed_at="2026-13-22T08:30:00.000Z"), "changed_at has to be"),
        (
            lambda line: line.update(state="claimed"),
            "state has to be one of: submitted, approved, declined, withdrawn",
        ),
        (lambda line: line.update(channel="x'; DROP TABLE"), "channel has to be a channel such as"),
        (lambda line: line.update(application={}), "application has no answers"),
        (lambda line: line.update(application=[1]), "application has no answers"),
        (
            lambda line: line["application"].update(age={}),
            "application.age is no field of the form",
        ),
        (lambda line: line["application"].update(consent=5), "application.consent "),
        (
            lambda line: line["application"]["consent"].update(value="no"),
            "application.consent.value",
        ),
        (lambda line: line["application"]["dba"].update(typed=5), "application.dba.typed"),
        (lambda line: line["application"]["dba"].update(more=5), "application.dba.more"),
        (lambda line: line["application"]["legal_name"].update(value=""), "legal_name.value"),
        (lambda line: line["application"]["legal_name"]["flags"][0].pop("details"), "name is not"),
        (lambda line: line["application"].update(locations=[]), "locations is no list of 1 to 50"),
        (lambda line: line["application"].update(locations={}), "locations is no list of 1 to 50"),
        (lambda line: line["application"]["locations"][1].update(id="1"), "locations.2 has no id"),
        (lambda line: line["application"]["locations"][1].pop("id"), "locations.2 has no id"),
        (
            lambda line: line["application"]["locations"][1]["phone"].update(value="1"),
            "locations.2.phone",
        ),
        (
            lambda line: line["application"].update(self_check=[]),
            "self_check is no group of answers",
        ),
    ],
)
def test_a_line_that_is_no_record_is_named_and_nothing_is_imported(
    full: Path, empty: Path, change: Change, told: str
) -> None:
    first, second = lines(full)
    change(second)
    path = empty / "wrong.jsonl"
    path.write_text(f"{json.dumps(first)}\n\n{json.dumps(second)}\n")
    why = refused(empty, path)
    assert "wrong.jsonl, line 3: " in why
    assert told in why


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name,phone\nA,1\n", "line 1: it is no JSON of an export"),
        (b"[1, 2]\n", "line 1: it is no record"),
        (b"\xff\xfe{\x00}\x00", "line 1: it is no JSON"),
        (b'{"schema": 1, "x": "\\ud800"}\n', "line 1: it is no JSON"),
        (b'{"schema": NaN}\n', "line 1: it is no JSON"),
        (b"[" * 100_000, "line 1: it is no JSON"),
        (b"9" * 10_000, "line 1: it is no JSON"),
        (b"PK\x03\x04 and then nothing", "it is damaged"),
        (b"\x00" * 1000, "line 1: it is no JSON"),
    ],
)  # fmt: skip
def test_a_file_of_something_else_is_refused(empty: Path, content: bytes, told: str) -> None:
    path = empty / "wrong.jsonl"
    path.write_bytes(content)
    assert told in refused(empty, path)


@pytest.mark.parametrize("kind", ["zip", "xlsx"])
def test_any_byte_that_was_changed_on_the_way_is_survived(
    full: Path, empty: Path, kind: str
) -> None:
    """Most of a packed file is compressed, where one byte makes nonsense of all that follows."""
    whole, path, chance = Path(place(full, kind)).read_bytes(), empty / "changed", Random(kind)
    why = []
    for _ in range(60):
        changed = bytearray(whole)
        changed[chance.randrange(4, len(whole))] = chance.randrange(256)
        path.write_bytes(changed)
        try:
            list(read_records(FORM, path))
        except Unfit as error:
            why.append(str(error))
    assert len([reason for reason in why if "damaged" in reason]) > 10


def test_a_schema_of_another_kind_of_number_comes_out_as_ours(full: Path, empty: Path) -> None:
    first, _ = lines(full)
    (empty / "one.jsonl").write_text(json.dumps(first | {"schema": 1.0}) + "\n")
    assert out(frontdesk(empty, "import", "one.jsonl")) == ["1 application imported."]
    assert json.loads(frontdesk(empty, "export").out) == first
    assert '"schema": 1,' in frontdesk(empty, "export").out


def test_the_same_reference_twice_is_refused(full: Path, empty: Path) -> None:
    first, _ = lines(full)
    path = empty / "twice.jsonl"
    path.write_text(f"{json.dumps(first)}\n{json.dumps(first)}\n")
    assert f"line 2: {first['reference']} stands already at" in refused(empty, path)


def test_a_file_that_is_not_there_is_named(empty: Path) -> None:
    assert "none.jsonl: it cannot be read (No such file" in refused(empty, empty / "none.jsonl")


def test_what_can_be_read_but_once_is_refused(empty: Path) -> None:
    os.mkfifo(empty / "pipe")
    assert "write it to a file, and import that" in refused(empty, empty / "pipe")


def test_an_empty_file_imports_nothing(empty: Path) -> None:
    (empty / "none.jsonl").touch()
    assert out(frontdesk(empty, "import", "none.jsonl")) == ["0 applications imported."]


def test_one_table_of_csv_alone_is_refused_with_what_to_give(full: Path, empty: Path) -> None:
    why = refused(empty, full / "csv" / "applications.csv")
    assert "import its folder" in why
    lonely = empty / "lonely"
    lonely.mkdir()
    shutil.copy(full / "csv" / "applications.csv", lonely)
    assert "owners.csv is not there; give all that the export wrote" in refused(empty, lonely)


def set_cell(file: Path, row: int, column: str, value: str) -> None:
    with file.open(encoding="utf-8-sig", newline="") as given:
        table = list(csv.reader(given))
    table[row][table[0].index(column)] = value
    with file.open("w", encoding="utf-8-sig", newline="") as written:
        csv.writer(written).writerows(table)


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "told"),
    [
        ("applications", 0, "dba", "brand", "applications.csv, line 1: it has a column 'brand'"),
        ("applications", 0, "state", "dba", "line 1: it has the column 'dba' twice"),
        ("applications", 1, "schema", "one", "applications.csv, line 2: its schema is not 1"),
        ("applications", 2, "dba.status", "", "line 3: dba has an answer, so dba.status has to be"),
        ("applications", 1, "dba.status", "maybe", "line 2: dba.status is none of: answered"),
        ("applications", 1, "rest", "{", "line 2: rest is not what was exported"),
        ("applications", 1, "rest", '{"x": 1}', "line 2: rest tells of x"),
        ("applications", 1, "rest", '{"email": 1}', "line 2: rest tells of email"),
        ("applications", 1, "locations", "3", "locations says 3"),
        ("applications", 1, "locations", "", "locations is empty, but there are rows"),
        ("applications", 1, "submitted_at", "22/11/2026 08:30", "submitted_at has to be a time"),
        ("locations", 1, "number", "7", "locations says 1"),
        ("locations", 1, "reference", "FD-2222-9999", "locations says 1"),
        ("locations", 2, "phone", "113", "application.locations."),
        ("owners", 1, "rest", '{"id": 5}', "owners.1 has no id of its own"),
    ],
)  # fmt: skip
def test_a_changed_cell_that_fits_no_record_is_named(
    full: Path, empty: Path, table: str, row: int, column: str, value: str, told: str
) -> None:
    shutil.copytree(full / "csv", empty / "csv")
    set_cell(empty / "csv" / f"{table}.csv", row, column, value)
    assert told in refused(empty, empty / "csv")


def test_rows_of_an_application_that_is_not_there_are_refused(full: Path, empty: Path) -> None:
    shutil.copytree(full / "csv", empty / "csv")
    lines = (empty / "csv" / "applications.csv").read_bytes().splitlines(keepends=True)
    (empty / "csv" / "applications.csv").write_bytes(b"".join(lines[:2]))
    assert "which applications.csv has not" in refused(empty, empty / "csv")


def test_a_mended_answer_and_rows_in_another_order_are_taken(full: Path, empty: Path) -> None:
    shutil.copytree(full / "csv", empty / "csv")
    set_cell(empty / "csv" / "applications.csv", 1, "experience", "We have mended phones.")
    file = empty / "csv" / "locations.csv"
    head, *rows = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([head, *reversed(rows)]))
    assert out(frontdesk(empty, "import", "csv")) == ["2 applications imported."]
    before, after = (
        lines(full),
        [json.loads(s) for s in frontdesk(empty, "export").out.splitlines()],
    )
    before[0]["application"]["experience"]["value"] = "We have mended phones."
    after[0]["application"]["experience"]["typed"] = before[0]["application"]["experience"]["typed"]
    assert after == before


def test_a_workbook_of_somebody_else_is_refused(empty: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("applications")
    book.save(empty / "other.xlsx")
    book.close()
    assert "does not say that this program exported it" in refused(empty, empty / "other.xlsx")
    with zipfile.ZipFile(empty / "other.zip", "w") as packed:
        packed.writestr("readme.txt", "x")
    assert "it has no sheets" in refused(empty, empty / "other.zip")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (5, "sheet applications, cell"),
        ("=1+1", "it holds a formula"),
        (True, "it holds no text, but a number"),
    ],
)
def test_a_cell_that_is_no_text_any_more_is_named(
    full: Path, empty: Path, value: Any, told: str
) -> None:
    book = openpyxl.load_workbook(full / "all.xlsx")
    sheet = book["applications"]
    column = [cell.value for cell in sheet[1]].index("dba") + 1
    sheet.cell(3, column).value = value
    book.save(empty / "changed.xlsx")
    book.close()
    assert told.replace("sheet ", "") in refused(empty, empty / "changed.xlsx")


def test_a_workbook_that_another_program_saved_is_read(full: Path, empty: Path) -> None:
    book = openpyxl.load_workbook(full / "all.xlsx")
    book.save(empty / "saved.xlsx")
    book.close()
    assert out(frontdesk(empty, "import", "saved.xlsx")) == ["2 applications imported."]
    assert frontdesk(empty, "export").out.encode() == (full / "all.jsonl").read_bytes()


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("part", "change", "told"),
    [
        ("xl/workbook.xml", lambda xml: xml.replace("?>", f"?>{ENTITIES}", 1), "a document type"),
        ("xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2], "it is damaged"),
        ("xl/worksheets/sheet1.xml", lambda xml: xml.replace('r="A2"', 'r="ZZZZZZ2"'), "damaged"),
        ("xl/worksheets/sheet1.xml", lambda xml: xml.replace('r="A2"', 'r="2"'), "damaged"),
        (
            "xl/worksheets/sheet1.xml",
            lambda xml: xml.replace('<row r="2"', '<row r="x"'),
            "damaged",
        ),
        ("xl/workbook.xml", lambda xml: xml.replace("rId1", "rId99"), "it has no sheets"),
    ],
)
def test_a_hostile_or_broken_workbook_is_refused(
    full: Path, empty: Path, part: str, change: Callable[[str], str], told: str
) -> None:
    with (
        zipfile.ZipFile(full / "all.xlsx") as source,
        zipfile.ZipFile(empty / "wrong.xlsx", "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            xml = source.read(name).decode()
            changed = change(xml) if name == part else xml
            assert name != part or changed != xml
            target.writestr(name, changed)
    assert told in refused(empty, empty / "wrong.xlsx")


def test_more_than_can_be_unpacked_is_refused(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = exported([record_with("x" * 100_000)], empty, "xlsx")
    monkeypatch.setattr("bot.workbook_reading.MOST", 50_000)
    assert "it unpacks to more than" in refused(empty, path)


def test_many_are_imported_in_parts(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.commands.transfer.BATCH", 7)
    rows = [record_with("x", number) for number in range(1, 31)]
    path = exported(rows, empty, "jsonl")
    assert out(frontdesk(empty, "import", path.name)) == ["30 applications imported."]
    assert frontdesk(empty, "export").out.splitlines() == list(map(told, rows))
    again = out(frontdesk(empty, "import", path.name))
    assert again[1].startswith("30 applications there already, just the same: FD-2222-0001, ")
    assert again[1].endswith(" and 25 more.")


def test_the_schema_is_printed_with_every_field() -> None:
    printed = frontdesk(Path.cwd(), "schema")
    described = json.loads(printed.out)
    assert described["$schema"].endswith("2020-12/schema")
    answers = described["$defs"]["Record"]["properties"]
    assert set(answers) == {group.name for group in FORM.groups}
