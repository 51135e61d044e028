"""Lines of the staff chat that ask for an export: what they mean, and which are refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.export import STATES
from dialogs.exporting import ExportRequest, NotRead, read_export
from tests.speaking import script

WORDS = script().wording.language("en").words
TODAY = date(2026, 11, 25)
"""a Wednesday"""


def read(line: str) -> ExportRequest | NotRead | None:
    return read_export(line, WORDS, STATES, TODAY)


def days(first: str, last: str) -> tuple[str, str]:
    return (
        f"{first}T00:00:00.000Z" if first else "",
        f"{last}T23:59:59.999Z" if last else "",
    )


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        ("export", "", ""),
        ("export all", "", ""),
        ("export today", "2026-11-25", "2026-11-25"),
        ("export yesterday", "2026-11-24", "2026-11-24"),
        ("export this week", "2026-11-23", "2026-11-29"),
        ("export last week", "2026-11-16", "2026-11-22"),
        ("export this month", "2026-11-01", "2026-11-30"),
        ("export last month", "2026-10-01", "2026-10-31"),
        ("export this year", "2026-01-01", "2026-12-31"),
        ("export last year", "2025-01-01", "2025-12-31"),
        ("export last 7 days", "2026-11-19", "2026-11-25"),
        ("export the past 2 weeks", "2026-11-12", "2026-11-25"),
        ("export 2026-11-22", "2026-11-22", "2026-11-22"),
        ("export 2026-02", "2026-02-01", "2026-02-28"),
        ("export 2025", "2025-01-01", "2025-12-31"),
        ("export 2026-11-01..2026-11-30", "2026-11-01", "2026-11-30"),
        ("export 2026-11-01 .. 2026-11-30", "2026-11-01", "2026-11-30"),
        ("export 2026-11-01\u20132026-11-30", "2026-11-01", "2026-11-30"),
        ("export 2026-11-01 - 2026-11-30", "2026-11-01", "2026-11-30"),
        ("export 2026-11-01 to 2026-11-30", "2026-11-01", "2026-11-30"),
        ("export from 2026-11-01 to 2026-11-30", "2026-11-01", "2026-11-30"),
        ("export between 2026-11-01 and 2026-11-30", "2026-11-01", "2026-11-30"),
        ("export 2026-10..2026-11", "2026-10-01", "2026-11-30"),
        ("export since 2026-11-01", "2026-11-01", ""),
        ("export until 2026-11-30", "", "2026-11-30"),
        ("export since 2026-11-01 until 2026-11-30", "2026-11-01", "2026-11-30"),
        ("export until 2026-11-30 since 2026-11", "2026-11-01", "2026-11-30"),
    ],
)
def test_a_period_is_whole_days(line: str, first: str, last: str) -> None:
    assert read(line) == ExportRequest("xlsx", *days(first, last))


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("/export xlsx last week", ExportRequest("xlsx", *days("2026-11-16", "2026-11-22"))),
        ("Export CSV", ExportRequest("csv")),
        ("export as json lines, please", ExportRequest("jsonl")),
        ("Please export the withdrawn applications.", ExportRequest(state="withdrawn")),
        (
            "export csv 2026-11-01..2026-11-30 submitted",
            ExportRequest("csv", *days("2026-11-01", "2026-11-30"), "submitted"),
        ),
        (
            "export submitted ones of last month in excel!",
            ExportRequest("xlsx", *days("2026-10-01", "2026-10-31"), "submitted"),
        ),
        ("export csv csv", ExportRequest("csv")),
        ("EXPORT  \u3000 xlsx", ExportRequest("xlsx")),
    ],
)
def test_form_and_state_stand_anywhere_in_the_line(line: str, request_: ExportRequest) -> None:
    assert read(line) == request_


@pytest.mark.parametrize(
    ("line", "code", "text"),
    [
        ("export pdf", "unknown", "pdf"),
        ("export xlsx last tuesday", "unknown", "last"),
        ("export claimed", "unknown", "claimed"),
        ("export since", "unknown", "since"),
        ("export ..", "unknown", ".."),
        ("export is broken", "unknown", "is"),
        ("export csv xlsx", "twice", "xlsx"),
        ("export submitted withdrawn", "twice", "withdrawn"),
        ("export last week this month", "twice", "this month"),
        ("export since 2026-11-01 last week", "twice", "last week"),
        ("export 2026-02-30", "no_day", "2026-02-30"),
        ("export 2026-13", "no_day", "2026-13"),
        ("export 0000", "no_day", "0000"),
        ("export last 0 days", "no_day", "last 0 days"),
        ("export last 99999 days", "no_day", "last 99999 days"),
        ("export 2026-11-01..2026-02-30", "no_day", "2026-02-30"),
        ("export 2026-11-30..2026-11-01", "backwards", "2026-11-30..2026-11-01"),
        ("export since 2026-11-30 until 2026-11-01", "backwards", "2026-11-30..2026-11-01"),
    ],
)
def test_what_is_not_clear_is_refused_with_the_words_that_are_meant(
    line: str, code: str, text: str
) -> None:
    found = read(line)
    assert found == NotRead(code, text)  # type: ignore[arg-type]  # one of the codes


@pytest.mark.parametrize(
    "line", ["", "   ", "hello", "exported", "the export", "..", "xlsx", "/exp"]
)
def test_a_line_that_asks_for_no_export_is_none(line: str) -> None:
    assert read(line) is None


def test_the_last_days_of_time_are_days_too() -> None:
    assert read("export 9999-12-31") == ExportRequest("xlsx", *days("9999-12-31", "9999-12-31"))
    assert read("export 9999-12") == ExportRequest("xlsx", *days("9999-12-01", "9999-12-31"))


PIECES = sorted(
    {word for key, words in WORDS.items() if key.startswith("staff_") for word in words}
)


@given(
    st.lists(
        st.sampled_from([*PIECES, "2026-11-01", "2026", "9999-99", "7", "x\u0000"]), max_size=9
    )
)
def test_any_such_line_is_a_request_or_names_what_was_not_read(pieces: list[str]) -> None:
    found = read(" ".join(["export", *pieces]))
    assert isinstance(found, ExportRequest | NotRead)
    if isinstance(found, ExportRequest) and found.since and found.until:
        assert found.since < found.until
    if isinstance(found, NotRead):
        assert found.text


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    read(text)
    read(f"export {text}")
