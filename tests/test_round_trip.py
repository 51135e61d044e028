"""What is exported and imported again is what it was, whatever anybody typed; and no spreadsheet
takes any of it for more than a text."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.tables import APPLICATIONS
from bot.workbook import CELL_LIMIT, CUT, escaped, parts, unescaped
from tests.accuracy import corpora
from tests.exported import (
    KINDS,
    NASTY,
    TABLES,
    as_lines,
    exported,
    holding,
    kept,
    read_back,
    told,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=80)
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.mark.parametrize("kind", KINDS)
def test_every_nasty_text_comes_back_as_it_went(kind: str, tmp_path: Path) -> None:
    rows = [holding(text, number) for number, text in enumerate(NASTY, 1)]
    back = read_back(exported(rows, tmp_path, kind))
    for text, row, same in zip(NASTY, rows, back, strict=True):
        assert told(same) == told(row), text[:40]
    assert as_lines(back) == as_lines(rows)


@pytest.mark.parametrize("kind", KINDS)
def test_every_naughty_string_of_the_collection_comes_back(kind: str, tmp_path: Path) -> None:
    if not corpora.present():
        pytest.skip(corpora.ABSENT)
    texts = [row.input for row in corpora.rows("naughty")]
    assert len(texts) > 300
    rows = [holding(text, number) for number, text in enumerate(texts, 1)]
    assert as_lines(read_back(exported(rows, tmp_path, kind))) == as_lines(rows)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=st.lists(TEXT, min_size=1, max_size=4))
def test_any_texts_come_back_as_they_went(kind: str, texts: list[str]) -> None:
    rows = [holding(text, number) for number, text in enumerate(texts, 1)]
    with TemporaryDirectory() as folder:
        back = read_back(exported(rows, Path(folder), kind))
    assert as_lines(back) == as_lines(rows)


@given(st.text(st.characters(), max_size=60))
def test_the_escapes_of_xml_are_taken_off_again(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not re.search("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]", escaped(text))


@given(st.text(st.sampled_from("_x0041\x01\r"), max_size=60))
@example("_x0000\r")
def test_escapes_that_overlap_are_taken_off_again(text: str) -> None:
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", [text for text in NASTY if len(text) > 2_000])
def test_parts_of_a_long_text_fit_and_make_the_whole(text: str) -> None:
    pieces = list(parts(text))
    assert "".join(pieces) == text
    assert all(len(escaped(piece).encode("utf-16-le")) // 2 <= CELL_LIMIT for piece in pieces)


def test_another_program_reads_texts_only_and_the_very_texts(tmp_path: Path) -> None:
    rows = [holding(text, number) for number, text in enumerate(NASTY, 1)]
    book = openpyxl.load_workbook(exported(rows, tmp_path, "xlsx"))
    assert book.sheetnames == [*(table.name for table in TABLES.all), "long", "about"]
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value]
    assert len(cells) > 1_000
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    head, *lines = book[APPLICATIONS].iter_rows(values_only=True)
    column = head.index("legal_name")
    for text, line in zip(NASTY, lines, strict=True):
        if not text:
            continue
        shown = unescaped(str(line[column]))
        # A line break in XML is one character, also "\r\n"; a single "\r" is escaped.
        assert shown == text or (shown.endswith(CUT) and text.startswith(shown[:200])), text[:40]
    about = dict(book["about"].iter_rows(values_only=True, max_col=2))
    assert about["frontdesk export"] == "1"
    assert about["applications"] == str(len(NASTY))
    assert about["owners"] == str(2 * len(NASTY))
    assert int(str(about["cells continued in the sheet long"])) > 5
    book.close()


def test_no_formula_stands_in_the_file_itself(tmp_path: Path) -> None:
    rows = [holding(text, number) for number, text in enumerate(NASTY, 1)]
    with zipfile.ZipFile(exported(rows, tmp_path, "xlsx")) as packed:
        sheets = [name for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 5
        for name in sheets:
            xml = packed.read(name).decode()
            assert re.search(r"<f[ >/]|<v>|<hyperlink", xml) is None
            assert {match[1] for match in re.finditer(r'<c [^>]*t="(\w+)"', xml)} == {"inlineStr"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_that_is_older_than_questions_comes_back_as_old(kind: str, tmp_path: Path) -> None:
    row = holding("x")
    body = json.loads(row.body)
    (location,) = body["locations"]
    del location["phone"]
    old = {"schema": 1, "legal_name": kept("x"), "locations": [location]}
    rows = [row, replace(holding("y", 2), body=json.dumps(old))]
    assert as_lines(read_back(exported(rows, tmp_path, kind))) == as_lines(rows)


def office(folder: Path, source: Path, target: str) -> Path:
    """What LibreOffice makes of the file when it opens and saves it."""
    assert OFFICE is not None
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [
            *(OFFICE, "--headless", "--norestore", f"-env:UserInstallation={profile}"),
            *("--convert-to", target, "--outdir", str(folder / "out"), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    (made,) = (folder / "out").glob(f"{source.stem}.*")
    return made


SHORT = tuple(text for text in NASTY if len(text) < 2_000)
OFFICE_CHANGES = ("both\r\nof them\r\n", "_x0041_x0042_", "_xFFFF_x0000_")
"""what LibreOffice itself writes otherwise than it read it: line ends, and escapes that overlap"""


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not on this machine")
def test_libreoffice_evaluates_nothing_in_a_workbook_and_saves_it_as_it_was(
    tmp_path: Path,
) -> None:
    texts = [text for text in SHORT if text not in OFFICE_CHANGES]
    rows = [holding(text, number) for number, text in enumerate(texts, 1)]
    saved = office(tmp_path, exported(rows, tmp_path, "xlsx"), "xlsx")
    book = openpyxl.load_workbook(saved)
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    book.close()
    back = read_back(saved)
    wrong = [
        text for text, row, same in zip(texts, rows, back, strict=True) if told(row) != told(same)
    ]
    assert wrong == []


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not on this machine")
def test_libreoffice_evaluates_nothing_in_csv(tmp_path: Path) -> None:
    rows = [holding(text, number) for number, text in enumerate(SHORT, 1)]
    exported(rows, tmp_path, "csv")
    book = openpyxl.load_workbook(office(tmp_path, tmp_path / "applications.csv", "xlsx"))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value]
    assert len(cells) > 500
    assert [cell.value for cell in cells if cell.data_type in ("f", "e")] == []
    book.close()
