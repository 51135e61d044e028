"""Records made for exports, files of them, and what comes back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from bot.export import as_json, write_csv, write_jsonl, write_xlsx
from bot.importing import read_records
from bot.store.rows import RecordRow
from bot.tables import Tables
from dialogs.application import Application
from dialogs.exporting import ExportRequest
from dialogs.form import Form

FORM = Form(Application)
TABLES = Tables(FORM)
EVERYTHING = ExportRequest()
AT = "2026-11-25T08:00:00.000Z"
KINDS = ("jsonl", "csv", "xlsx")

NASTY = (
    "=mc Consulting", "-Ing", "@Home", "+62 811 1234 5678", "'quoted", "''=1+1", "'", "\"", "=",
    "-", "=HYPERLINK(\"http://a.example\",\"x\")", "=cmd|' /C calc'!A0", "  leading",
    "trailing  ", " ", "\ttab first", "tab\tinside", "\n", "line\nbreak", "carriage\rreturn",
    "both\r\nof them\r\n", "\r",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "\u05e9\u05dc\u05d5\u05dd (abc)", "\u202eoverride\u202c",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f1ee\U0001f1e9",
    "e\u0301 and \xe9", "\x00", "NUL \x00 in it", "\x01\x08\x0b\x0c\x0e\x1f\x7f\x85",
    "\ufeffmark", "\ufffe \uffff", "\U0010ffff", "_x0041_", "_x0041_x0042_", "_x005F_",
    "__x000D_", "_x000d_", "\x00_x0000_", "_xFFFF_x0000_", "<r>", "<r><t>x</t></r>",
    "<r></t></is></c><c t=\"n\"><v>1</v></c></r>", "a & b <c> ]]>", "0812", "1e5", "007", "TRUE",
    "2026-11-22", "12/11", "#N/A", "; ", "a; b", "kept: x", "null", "{\"typed\": 1}", "a,b;c\td",
    "http://www.example.org", "mailto:a@b.org", "internal:Sheet1!A1", "\u2028 \u2029",
    "x" * 50_000, "=" * 32_768, "\x01" * 10_000, "_x0041_" * 8_000, "😀" * 25_000,
)  # fmt: skip


def leaf(value: str, typed: str, *flags: dict[str, Any]) -> dict[str, Any]:
    return {"status": "answered", "value": value, "typed": typed, "flags": list(flags)}


def kept(typed: str) -> dict[str, Any]:
    return {"status": "kept", "typed": typed, "refusal": "no_street"}


def holding(text: str, number: int = 1) -> RecordRow:
    """A record that holds the text wherever a record can hold any."""
    body = {
        "schema": 1,
        "self_check": {"operating": {"status": "not_answered"}, "walk_in": leaf("yes", text)},
        "legal_name": kept(text),
        "dba": {"status": "skipped"},
        "owners": [{"id": "1", "name": kept(text)}, {"id": "4", "name": leaf("Siti", text)}],
        "locations": [
            {
                "id": "1",
                "country": leaf("ID", "Indonesia"),
                "address": kept(text),
                "phone": leaf("+62811123456", "0811", {"code": "x", "details": {"what": text}}),
            }
        ],
        "experience": leaf("fixed phones", text, {"code": text, "details": {}}),
    }
    return RecordRow(
        f"FD-2222-{number:04}",
        number,
        1,
        "telegram",
        "2026-11-22T08:30:00.000Z",
        "submitted",
        "2026-11-22T08:31:00.120Z",
        json.dumps(body, ensure_ascii=False),
    )


class Kept:
    """Rows as reports, without a database: what an export needs of it."""

    def __init__(self, rows: Sequence[RecordRow]) -> None:
        self._rows = rows

    def records(self, since: str = "", until: str = "", state: str = "") -> Iterator[RecordRow]:
        assert (since, until, state) == ("", "", "")
        return iter(self._rows)


def exported(rows: Sequence[RecordRow], folder: Path, kind: str) -> Path:
    """The file (CSV: the folder) that these rows are exported to."""
    reports: Any = Kept(rows)
    names = [f"{table.name}.csv" for table in TABLES.all] if kind == "csv" else [f"all.{kind}"]
    with ExitStack() as stack:
        files: list[BinaryIO] = [stack.enter_context((folder / name).open("wb")) for name in names]
        match kind:
            case "csv":
                write_csv(FORM, reports, EVERYTHING, files, lambda _: None)
            case "xlsx":
                write_xlsx(FORM, reports, EVERYTHING, files[0], AT, lambda _: None)
            case _:
                write_jsonl(reports, EVERYTHING, files[0], lambda _: None)
    return folder if kind == "csv" else folder / names[0]


def read_back(path: Path) -> list[RecordRow]:
    return [row for _, row in read_records(FORM, path)]


def as_lines(rows: Sequence[RecordRow]) -> bytes:
    file = io.BytesIO()
    reports: Any = Kept(rows)
    write_jsonl(reports, EVERYTHING, file, lambda _: None)
    return file.getvalue()


def told(row: RecordRow) -> str:
    return json.dumps(as_json(row), ensure_ascii=False)
