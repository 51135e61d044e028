"""Simulated applicants reach the end that they declared, and what is handed off is true."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import phonenumbers
import pytest

from tests.applicants.halves import DATA, FILES, HALVES, Half, half_of, name_of, rows
from tests.applicants.people import Applicant, applicant, countries
from tests.applicants.platforms import apply_together
from tests.applicants.running import Outcome, languages, run, table

SEED = 1
PACKAGE = DATA.parent
BLIND = ("halves.py", "people.py", "phrases.py", "habits.py")
"""what the data passes through before it is said"""


def told(outcomes: Sequence[Outcome]) -> str:
    """The table and the first failures, each with the talk's end."""
    failed = [outcome for outcome in outcomes if not outcome.well]
    shown = [
        f"{o.number} {o.habit}: {o.declared} -> {o.reached} {o.trouble} {list(o.wrong)}"
        for o in failed[:20]
    ]
    return "\n".join([table(outcomes), *shown])


# The data


@pytest.mark.parametrize("name", FILES)
def test_every_entry_stands_in_the_half_that_its_hash_says(name: str) -> None:
    wrong = [
        f"{name_of(row)!r} belongs to {half_of(name_of(row))}"
        for half in HALVES
        for row in rows(name, half)
        if half_of(name_of(row)) != half
    ]
    assert wrong == []


@pytest.mark.parametrize("name", BLIND)
def test_the_people_know_nothing_of_the_bot(name: str) -> None:
    """Their data is judged by nobody's words but their own: no import, no look at its files."""
    source = (PACKAGE / name).read_text(encoding="utf-8")
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
            if (node.module or "").startswith("tests"):
                assert (node.module or "").startswith("tests.applicants"), node.module
    assert not imported & {"dialogs", "bot", "knowledge"}
    assert ".toml" not in source


def test_there_are_businesses_of_many_countries_and_kinds() -> None:
    found = [row for half in HALVES for row in rows("businesses", half)]
    assert len(found) >= 40
    assert len({place["country"] for row in found for place in row["locations"]}) >= 12
    assert {row["kind"] for row in found} == {
        "reseller",
        "service_business",
        "university_or_college",
    }
    assert {bool(row["dba"]) for row in found} == {True, False}


def test_there_are_enough_questions_and_odd_answers() -> None:
    assert sum(len(rows("questions", half)) for half in HALVES) >= 120
    assert sum(len(rows("odd", half)) for half in HALVES) >= 200
    for half in HALVES:
        assert len([row for row in rows("questions", half) if row["at"] == "any"]) >= 20


@pytest.mark.parametrize("half", HALVES)
def test_the_applicants_numbers_are_whole_and_of_their_country(half: Half) -> None:
    for number in range(200):
        for place in _applicant(number, half).locations:
            read = phonenumbers.parse(place["phone"].value, None)
            assert phonenumbers.is_possible_number(read), place["phone"]
            code = countries()[place["country"].value]["calling"]
            assert str(read.country_code) == code


def test_two_thousand_applicants_are_not_one_and_the_same() -> None:
    people = [_applicant(number, "tuning") for number in range(2000)]
    assert len({repr((p.one, p.owners, p.locations)) for p in people}) > 1900
    assert {len(p.locations) for p in people} == {1, 2, 3, 4, 5}
    assert {len(p.owners) for p in people} == {1, 2, 3}
    ends = Counter(p.end for p in people)
    assert min(ends["stops at consent"], ends["walks away"]) > 50


def _applicant(number: int, half: Half) -> Applicant:
    return applicant(number, SEED, half, ("en",))


# The talks


async def test_applicants_of_all_habits_reach_their_end_and_nothing_is_wrong() -> None:
    outcomes = [await run(number, SEED, "tuning") for number in range(104)]
    assert all(outcome.well for outcome in outcomes), told(outcomes)


async def test_the_straight_path_takes_no_more_messages_than_it_must() -> None:
    for number in range(40):
        outcome = await run(number, SEED, "tuning", "straight")
        if outcome.declared == outcome.reached == "submits":
            assert outcome.turns <= outcome.straight + 1, "\n".join(outcome.lines)


async def test_the_same_seed_gives_the_same_talk() -> None:
    first, again = [await run(3, SEED, "tuning", "chatterbox") for _ in range(2)]
    assert first == again
    assert first != await run(3, SEED + 1, "tuning", "chatterbox")


async def test_people_of_both_platforms_reach_their_end(tmp_path: Path) -> None:
    outcomes = await apply_together(range(16), SEED, "tuning", tmp_path / "desk.db", "slack")
    assert len(outcomes) == 16
    assert all(outcome.well for outcome in outcomes), told(outcomes)


@pytest.mark.soak
@pytest.mark.timeout(5400)
async def test_two_thousand_applicants() -> None:
    outcomes = [await run(number, SEED, "tuning") for number in range(2000)]
    print(f"\nhalf tuning, seed {SEED}, languages {languages()}\n{table(outcomes)}")
    assert all(outcome.well for outcome in outcomes), told(outcomes)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_many_people_of_both_platforms_at_once(tmp_path: Path) -> None:
    outcomes = await apply_together(range(64), SEED, "tuning", tmp_path / "desk.db", "telegram")
    print(f"\n64 people on both platforms, seed {SEED}\n{table(outcomes)}")
    assert all(outcome.well for outcome in outcomes), told(outcomes)
