"""The readers against the labelled data, and the report's own arithmetic.

The data is not part of the project; where it is absent, the goals are skipped, saying so.
"""

from __future__ import annotations

import random
from functools import cache

import pytest

from tests.accuracy import corpora, report
from tests.accuracy.corpora import Row
from tests.accuracy.fields import MEASURES, READERS, Seen, stays_itself
from tests.accuracy.goals import GOALS, Goal

MOST = 1500
"""rows of one measure looked at here; `make accuracy` looks at all"""

needs_data = pytest.mark.skipif(not corpora.present(), reason=corpora.ABSENT)


@cache
def seen(name: str) -> tuple[Seen, ...]:
    measure = next(m for m in MEASURES if m.name == name)
    rows = measure.rows()
    if len(rows) > MOST:
        rows = tuple(random.Random(7).sample(rows, MOST))
    return tuple(measure.see(row) for row in rows)


@needs_data
@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.what)
def test_a_reader_reaches_its_goal(goal: Goal) -> None:
    hits, n = goal.figure(seen(goal.measure))
    assert n > 0, "no row was looked at"
    assert goal.met(hits, n), f"{hits} of {n}"


@needs_data
@pytest.mark.parametrize("name", READERS)
def test_hostile_texts_neither_raise_nor_move(name: str) -> None:
    for row in corpora.rows("naughty"):
        assert stays_itself(READERS[name], row.input), ascii(row.input)


def row(valid: bool, klass: str = "k") -> Row:
    return Row("x", valid, klass, "", "")


SEEN = (
    Seen(row(True), True, False, "po_box"),
    Seen(row(True), False, True, "pmb"),
    Seen(row(False), True, False, "po_box"),
    Seen(row(False), False, True, "rural_route"),
    Seen(row(False), False, False, ""),
    Seen(row(False, "other"), False, False, ""),
)


@pytest.mark.parametrize(
    ("goal", "figure", "met"),
    [
        (Goal("", "", ("k",), True, "refused", 0.5), (1, 2), True),
        (Goal("", "", ("k",), True, "refused", 0.25), (1, 2), False),
        (Goal("", "", ("k",), True, "flagged", 0.5), (1, 2), True),
        (Goal("", "", ("k",), False, "refused", 0.5), (1, 3), False),
        (Goal("", "", ("k",), False, "caught", 0.6), (2, 3), True),
        (Goal("", "", ("k",), False, "refused", 0.5, beside="rural_route"), (1, 2), True),
        (Goal("", "", ("none",), False, "refused", 0.5), (0, 0), True),
    ],
)
def test_a_goal_counts_what_it_says(goal: Goal, figure: tuple[int, int], met: bool) -> None:
    assert goal.figure(SEEN) == figure
    assert goal.met(*figure) is met


def test_the_table_shows_good_and_bad_rows_of_each_class() -> None:
    lines = report.table("PO box", SEEN).split("\n")
    assert lines[0] == "PO box"
    assert lines[2].split() == ["k", "2", "1", "50.00", "1", "3", "1", "2"]
    assert lines[3].split() == ["other", "1", "0", "0"]
    assert lines[4].split()[0] == "all"


def test_a_half_hangs_on_the_text_alone() -> None:
    halves = {Row(str(n), True, "", "", "").half for n in range(50)}
    assert halves == {"a", "b"}
    assert Row("x", True, "k", "", "").half == Row("x", False, "other", "why", "GB").half


@pytest.mark.parametrize("section", ["fields", "hostile", "search"])
def test_where_the_data_is_absent_it_says_so_and_passes(
    section: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.accuracy.__main__ import SECTIONS, main

    monkeypatch.setattr(corpora, "FOLDER", corpora.FOLDER / "nowhere")
    monkeypatch.setattr("sys.argv", ["accuracy", "--only", section])
    main()
    title, _ = SECTIONS[section]
    said = capsys.readouterr().out
    assert said == f"\n== {title}\n\n{corpora.ABSENT}. Nothing to measure.\n"
