"""The benchmarks of replicas run and measure what they say. No figure is looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import postgres
from tests.benchmarks import ours, replicas, stored, weight
from tests.benchmarks.people import Person
from tests.benchmarks.replica import Took
from tests.places import KINDS, fresh, rows

TINY = replicas.Sizes(1, 5, (1,), 1, 3, (20, 40), 16, (1, 2))


@pytest.mark.parametrize("kind", KINDS)
async def test_stored_conversations_are_those_of_the_people_and_whole(
    kind: str, tmp_path: Path
) -> None:
    place = fresh(kind, tmp_path)
    await stored.fill(place, 50)
    whole = (
        "SELECT count(*), max(c.person) FROM conversations AS c"
        " JOIN events AS e ON e.conversation = c.id"
        " JOIN outbox AS o ON o.conversation = c.id AND o.chat = c.chat"
        " JOIN dues AS d ON d.conversation = c.id"
    )
    assert rows(place, whole) == [(50, str(Person(49).chat))]
    for table in ("conversations", "events", "outbox", "dues"):
        assert rows(place, f"SELECT count(*) FROM {table}") == [(50,)]  # noqa: S608 - ours


async def test_turns_beside_few_and_many_are_each_timed_with_commits_between(
    tmp_path: Path,
) -> None:
    cost = await stored.measure("", tmp_path, TINY.stored, TINY.turns, ours.house())
    assert (cost.few, cost.many) == TINY.stored
    assert len(cost.at_few) == len(cost.at_many) == TINY.turns - TINY.turns // 4
    assert len(cost.plain) == 2 * len(cost.at_few)
    assert rows(tmp_path / "plain.db", "SELECT count(*) FROM plain") == [(2 * TINY.turns,)]
    assert cost.ratio > 0


def test_a_process_of_its_own_takes_every_turn(tmp_path: Path) -> None:
    found = replicas.run("one", tmp_path / "one.db", 1, TINY, tmp_path / "plain.db")
    assert (found.turns, found.strays) == (8 * TINY.flying, 0)
    assert 0 < found.p50 <= found.p99


async def test_what_an_application_leaves_behind_is_counted() -> None:
    found = await weight.measure(postgres.fresh(), *TINY.weighed)
    assert found.tables["records"][0] == 1
    assert found.tables["conversations"][0] == 1
    assert found.turns > 15
    assert found.rows > found.turns


def test_processes_are_timed_from_the_first_begin_to_the_last_end() -> None:
    some = [Took(10.0, 12.0, [0.001] * 4, 0.5, 0), Took(11.0, 14.0, [0.003] * 3, 0.3, 1)]
    run = replicas._together("two", some, 100.0)
    assert (run.turns, run.strays, run.per_second) == (8, 1, 2.0)
    assert (run.p50, run.p99) == (1.0, 3.0)
    assert run.cpu == pytest.approx(100_000)


def test_the_report_holds_each_goal_against_what_was_measured() -> None:
    cost = stored.Cost("SQLite", 10, 20, 1.0, [1.0, 2.0], [1.0, 2.5], [0.5, 1.0])
    slow = stored.Cost("PostgreSQL", 10, 20, 1.0, [1.0, 2.0], [1.5, 2.5], [0.5, 1.0])
    left = weight.Weight(2, 20.0, {"outbox": (3.0, 4096.0)})
    runs = [replicas.Run("one", 50.0, 1.0, 2.0, 900.0, 8, 0, 100.0)]
    found = replicas.Replicated(TINY, runs, [cost, slow], left)
    verdicts = [goal.met for goal in found.goals]
    assert verdicts == [True, True, False]
    lines = found.text().split("\n")
    assert any(line.startswith("one ") and "0.50 (0.50..0.50)" in line for line in lines)
    assert sum(line.endswith("MISSED") for line in lines) == 1
    assert json.loads(json.dumps(found.json()))["goals"][1]["measured"]["median"] == 2.5
