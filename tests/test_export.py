"""Exports, opened again and compared with what was typed."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.export import (
    ExportError,
    as_json,
    bare_cell,
    harmless_cell,
    line_model,
    whole_files,
    write_csv,
    write_jsonl,
)
from bot.period import period
from bot.store.rows import RecordRow
from bot.store.sqlite import open_store
from bot.tables import Tables
from dialogs.application import Application
from dialogs.exporting import ExportRequest
from dialogs.form import Form
from dialogs.record import record_model
from tests.applications import DOUBTFUL, STRAIGHT, holding
from tests.play import house

FORM = Form(Application)
NAMES = [table.name for table in Tables(FORM).all]
EVERYTHING = ExportRequest()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "frontdesk.db"
    holding(house(), path, ("terminal", "me", STRAIGHT), ("telegram", "1001", DOUBTFUL))
    return path


async def records(database: Path) -> list[RecordRow]:
    store = await open_store(database, serving=False)
    try:
        return await store.read(lambda reports: list(reports.records()))
    finally:
        await store.close()


class Kept:
    """Rows as reports, without a database: what export needs of it."""

    def __init__(self, rows: list[RecordRow]) -> None:
        self._rows = rows

    def records(self, since: str = "", until: str = "", state: str = "") -> Iterator[RecordRow]:
        assert (since, until, state) == ("", "", "")
        return iter(self._rows)


async def as_csv(
    database: Path, request: ExportRequest = EVERYTHING
) -> dict[str, list[dict[str, str]]]:
    """Each file's rows, read as any program reads CSV."""
    out = {name: io.BytesIO() for name in NAMES}
    store = await open_store(database, serving=False)
    try:
        files: list[Any] = list(out.values())
        await store.read(lambda r: write_csv(FORM, r, request, files, lambda _: None))
    finally:
        await store.close()
    return {name: parsed(file.getvalue()) for name, file in out.items()}


def parsed(written: bytes) -> list[dict[str, str]]:
    text = written.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


async def test_one_row_an_application_and_one_row_an_item(database: Path) -> None:
    files = await as_csv(database)
    assert list(files) == ["applications", "owners", "locations"]
    straight, doubtful = files["applications"]
    assert straight["legal_name"] == "PT Lembayung Servis"
    assert (straight["dba"], straight["dba.status"]) == ("", "skipped")
    assert straight["self_check.walk_in"] == "yes"
    assert straight["channel"] == "terminal"
    assert straight["locations"] == "1"
    assert straight["flags"] == ""
    assert doubtful["owners"] == "2"
    assert [(row["number"], row["name"]) for row in files["owners"][1:]] == [
        ("1", "Maria Santos"),
        ("2", "Jan de Vries"),
    ]
    assert doubtful["self_check.walk_in.status"] == "not_answered"
    assert "legal_name: no_legal_form" in doubtful["flags"].split("; ")
    assert doubtful["locations"] == "2"
    assert [(row["reference"], row["number"]) for row in files["locations"]] == [
        (straight["reference"], "1"),
        (doubtful["reference"], "1"),
        (doubtful["reference"], "2"),
    ]
    kept, answered = files["locations"][1:]
    assert kept["address"] == "PO Box 1277 in Jakarta"
    assert kept["address.status"].startswith("kept: ")
    assert (answered["country"], answered["phone"]) == ("GB", "'+441134960271")


async def test_columns_are_the_forms_fields_in_their_order(database: Path) -> None:
    files = await as_csv(database)
    single = [name for name, field in FORM.fields.items() if not field.repeats]
    columns = [c for c in files["applications"][0] if c in FORM.fields]
    assert columns == single
    assert {f"{name}.status" for name in single} <= files["applications"][0].keys()


async def test_cells_that_a_spreadsheet_would_run_get_an_apostrophe(database: Path) -> None:
    doubtful = (await as_csv(database))["applications"][1]
    assert doubtful["dba"] == "'+Plus Repairs"
    assert doubtful["experience"] == "'@home since 2016,\nand in the shop."


@given(st.text(max_size=20))
def test_no_cell_starts_with_what_a_spreadsheet_runs(text: str) -> None:
    cell = harmless_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in {text, f"'{text}"}
    assert bare_cell(cell) == text


@pytest.mark.parametrize("text", ["'quoted", "'=1", "''+1", "'", "", "' =1", "=1", "@", "-Ing"])
def test_an_apostrophe_that_was_typed_is_not_taken_for_ours(text: str) -> None:
    assert bare_cell(harmless_cell(text)) == text


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_comes_out_of_the_csv_as_it_went_in(text: str) -> None:
    leaf = {"status": "answered", "value": text, "typed": text, "flags": []}
    body = json.dumps({"schema": 1, "experience": leaf})
    row = RecordRow("FD-2222-3333", 1, 1, "terminal", "2026", "submitted", "2026", body)
    out = [io.BytesIO() for _ in NAMES]
    files: list[Any] = list(out)
    reports: Any = Kept([row])
    write_csv(FORM, reports, EVERYTHING, files, lambda _: None)
    (written,) = parsed(out[0].getvalue())
    assert bare_cell(written["experience"]) == text


async def test_json_lines_are_the_records_exactly(database: Path) -> None:
    rows = await records(database)
    file = io.BytesIO()
    told: list[int] = []
    reports: Any = Kept(rows)
    assert write_jsonl(reports, EVERYTHING, file, told.append) == 2
    lines = [json.loads(line) for line in file.getvalue().decode().splitlines()]
    model = record_model(FORM)
    for line, row in zip(lines, rows, strict=True):
        assert {"schema": line["schema"], **line["application"]} == json.loads(row.body)
        model.model_validate({"schema": line["schema"], **line["application"]})
        assert (line["reference"], line["state"]) == (row.reference, "submitted")
        assert (line["submitted_at"], line["channel"]) == (row.submitted_at, row.channel)
    assert told == [1, 2]


async def test_only_what_was_received_in_the_period(database: Path) -> None:
    first, second = await records(database)
    for request, wanted in (
        (ExportRequest(since=second.submitted_at), [second]),
        (ExportRequest(until=first.submitted_at), [first]),
        (ExportRequest(since=first.submitted_at, until=second.submitted_at), [first, second]),
        (ExportRequest(until="2000-01-01T23:59:59.999Z"), []),
        (ExportRequest(state="withdrawn"), []),
        (ExportRequest(state="submitted"), [first, second]),
    ):
        files = await as_csv(database, request)
        references = [row.reference for row in wanted]
        assert [row["reference"] for row in files["applications"]] == references
        assert {row["reference"] for row in files["locations"]} == set(references)


async def test_the_schema_describes_the_lines(database: Path) -> None:
    model = line_model(FORM)
    for row in await records(database):
        model.model_validate_json(json.dumps(as_json(row)))
    described = model.model_json_schema(by_alias=True)
    assert described["additionalProperties"] is False
    assert list(as_json(row)) == described["required"]
    assert described["properties"]["state"]["enum"] == [
        "submitted",
        "approved",
        "declined",
        "withdrawn",
    ]
    with pytest.raises(ValueError, match="schema"):
        model.model_validate_json(json.dumps({**as_json(row), "schema": 2}))


async def test_a_record_older_than_a_field_leaves_its_cells_empty(database: Path) -> None:
    row, _ = await records(database)
    body = json.loads(row.body)
    del body["website"]
    reports: Any = Kept([replace(row, body=json.dumps(body))])
    out = [io.BytesIO() for _ in NAMES]
    files: list[Any] = list(out)
    write_csv(FORM, reports, EVERYTHING, files, lambda _: None)
    (written,) = parsed(out[0].getvalue())
    assert (written["website"], written["website.status"]) == ("", "")
    assert written["experience"].startswith("We have repaired")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("", "", ""),
        ("2026-11-22", "2026-11-22T00:00:00.000Z", "2026-11-22T23:59:59.999Z"),
        ("2026-11-22T08:30:00+02:00", "2026-11-22T06:30:00.000Z", "2026-11-22T06:30:00.000Z"),
        ("2026-11-22T08:30:00Z", "2026-11-22T08:30:00.000Z", "2026-11-22T08:30:00.000Z"),
        ("2026-11-22 08:30", "2026-11-22T08:30:00.000Z", "2026-11-22T08:30:00.000Z"),
        ("20261122", "2026-11-22T00:00:00.000Z", "2026-11-22T23:59:59.999Z"),
        ("9999-12-31", "9999-12-31T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_days_are_whole_and_times_are_taken(text: str, first: str, last: str) -> None:
    assert period(text, "") == (first, "")
    assert period("", text) == ("", last)
    assert period(text, text) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01",
        "22.11.2026",
        "2026-11-22T25:00",
        "0001-01-01T00:00+14:00",
        "2026-W47",
        "2026-W47-1",
    ],
)
def test_what_is_no_date_says_what_would_be_one(text: str) -> None:
    for since, until in ((text, ""), ("", text)):
        with pytest.raises(ExportError, match="2026-11-22"):
            period(since, until)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ExportError, match="--since"):
        period("2026-11-22", "2026-11-21")


def test_files_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "applications.csv"
    path.write_text("before")

    def breaks_off() -> None:
        with whole_files([path, tmp_path / "locations.csv"]) as files:
            files[0].write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks_off()
    assert [p.name for p in tmp_path.iterdir()] == ["applications.csv"]
    assert path.read_text() == "before"
    with whole_files([path]) as files:
        files[0].write(b"after")
    assert path.read_text() == "after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    def fills_up() -> None:
        with whole_files([tmp_path / "all.jsonl"]) as (file,):
            file.write(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(ExportError, match=r"all\.jsonl cannot be written whole .*make room"):
        fills_up()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "a.jsonl"
    with pytest.raises(ExportError, match="nowhere"), whole_files([path]):
        pass
