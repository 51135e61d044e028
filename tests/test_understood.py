"""The page that shows what is understood: fresh, whole, and one with the other tests' tables."""

from __future__ import annotations

import pytest

from dialogs.doubting import DOUBTS
from dialogs.machine import ORDERS
from tests import understood
from tests import understood_rows as rows
from tests.speaking import script
from tests.test_reading import READINGS

UNRAISED = {"text_too_short"}
"""a reader can refuse for it only with a minimum, which no field sets"""


def codes(table: str) -> set[str]:
    """Every code that is worded under ``[refusals]`` or ``[flags]``."""
    keys = script().wording.language("en").texts
    return {key.split(".")[1] for key in keys if key.startswith(f"{table}.")}


def test_the_page_is_what_the_program_does() -> None:
    page = understood.PAGE.read_text(encoding="utf-8")
    assert understood.placed(page) == page, "stale: python -m tests.understood --write"


def test_its_readings_are_rows_of_the_tests() -> None:
    known = {(open_, text) for open_, text, _ in READINGS}
    shown = [row for name, many in rows.READ.items() if name != "questions" for row in many]
    assert [row for row in shown if row not in known] == []


def test_every_refusal_is_shown() -> None:
    shown = {outcome.code for _, _, outcome in understood.refused()}
    assert shown == codes("refusals") - UNRAISED


def test_every_flag_is_shown() -> None:
    shown = {flag.code for _, _, flags in understood.flagged() for flag in flags}
    assert shown == codes("flags")


def test_every_refusal_is_of_the_row_that_is_the_first_to_show_it() -> None:
    """A row that shows what another one shows is one too many."""
    shown = [outcome.code for _, _, outcome in understood.refused()]
    assert len(shown) == len(set(shown))


def test_every_doubt_and_command_is_shown() -> None:
    assert set(rows.DOUBTED) == set(DOUBTS)
    page = understood.PAGE.read_text(encoding="utf-8")
    for command in ORDERS:
        assert f"| {understood.command(command)} |" in page


@pytest.mark.parametrize(
    "change",
    [
        ("<!-- made: answers -->", "<!-- made: replies -->"),
        ("<!-- made: answers -->", ""),
        ("<!-- made: names -->", "<!-- made: answers -->"),
    ],
)
def test_a_page_whose_marks_are_others_is_refused(change: tuple[str, str]) -> None:
    page = understood.PAGE.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="marks"):
        understood.placed(page.replace(*change))


def test_a_stale_table_is_seen() -> None:
    page = understood.PAGE.read_text(encoding="utf-8")
    assert understood.placed(page.replace("the answer **Acme Ltd**", "nothing")) == page


def test_words_of_people_become_no_markup() -> None:
    assert understood.plain("a|b *c* <d>\n\n_e_") == "a\\|b \\*c\\* \\<d\\><br>\\_e\\_"
    assert understood.typed("a|b\nc") == "`a\\|b` / `c`"
