"""The benchmarks run and measure what they say. No figure is looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from telegram import Update
from telegram.ext import ExtBot

from tests.accuracy import corpora
from tests.benchmarks import ours, peer, plans, search, search_report, shelves
from tests.benchmarks.commits import Commits, durable
from tests.benchmarks.hot import profile
from tests.benchmarks.measure import Figures, percentile
from tests.benchmarks.memory import resident
from tests.benchmarks.people import FIELDS, people
from tests.benchmarks.report import Goal, Report, Spread
from tests.benchmarks.rounds import LostAnswers, Side, Sizes, check, round_of
from tests.benchmarks.startup import Start, start
from tests.benchmarks.wire import TOKEN, Wire

TINY = Sizes(rounds=1, commits=3, warm=1, alone=1, flying=5, open=(2, 4), starts=1)


async def test_a_round_takes_every_answer_on_both_sides_into_the_database(tmp_path: Path) -> None:
    result = await round_of(TINY, tmp_path, ours.house())  # raises LostAnswers

    counted = {side: f.turns for side, f in result.items() if isinstance(f, Figures)}
    alone, flying = TINY.alone * len(FIELDS), TINY.flying * len(FIELDS)
    assert counted == {
        Side.PEER_ALONE: alone,
        Side.PEER_FLYING: flying,
        Side.TUNED_ALONE: alone,
        Side.TUNED_FLYING: flying,
        Side.OURS_ALONE: alone,
        Side.OURS_FLYING: flying,
        Side.ENGINE_ALONE: alone,
        Side.ENGINE_FLYING: flying,
    }
    report = Report(TINY, [result], (100, 150), [Start(1.0, 1.5, 0.5, 0.2)])
    assert all(side in report.text() for side in counted)
    assert json.loads(json.dumps(report.json()))["goals"][4]["measured"]["median"] == 1.5


def test_an_answer_that_is_not_in_the_database_voids_the_run() -> None:
    (person,) = people(1)
    kept = dict(zip(FIELDS, person.answers, strict=True))
    check([person], {person.chat: kept})

    with pytest.raises(LostAnswers):
        check([person], {person.chat: kept | {"phone": ""}})
    with pytest.raises(LostAnswers):
        check([person], {})


def test_both_sides_read_the_same_message_from_the_bytes() -> None:
    (person,) = people(1, first=7)
    for raw, ready, typed in zip(
        person.updates(), ours.arrivals(person), person.answers, strict=True
    ):
        update = Update.de_json(json.loads(raw), ExtBot(TOKEN, request=Wire()))
        assert update.effective_message is not None
        assert update.effective_message.text == ready.text == typed
        assert str(update.update_id) == ready.key.removeprefix("telegram:")


async def test_the_peer_asks_the_next_question_and_ends_with_a_summary(tmp_path: Path) -> None:
    (person,) = people(1)
    async with peer.Peer(tmp_path / "peer.db", [person]) as side:
        for raw in person.updates():
            await side.turn(raw)
        assert side.wire.sent == len(FIELDS)
        states = await side.persistence.get_conversations(peer.FORM)
    assert states == {(person.chat, person.chat): None}


def test_the_yardsticks_are_durable(tmp_path: Path) -> None:
    db = durable(tmp_path / "any.db")
    settings = [
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    ]
    db.close()
    assert settings == ["wal", 2]

    commits = Commits(tmp_path / "commits.db", warm=1)
    assert commits.rows(2) > 0
    assert commits.turns(2) > 0
    commits.close()


async def test_memory_is_that_of_a_process_with_open_conversations(tmp_path: Path) -> None:
    assert await resident(3, tmp_path) > 10_000_000


def test_a_start_is_timed_to_its_answer(tmp_path: Path) -> None:
    found = start(tmp_path)
    assert 0 < found.first_answer <= found.whole
    assert found.build_house > 0


async def test_the_profile_shows_the_turn_in_the_writers_thread(tmp_path: Path) -> None:
    assert "take_turn" in await profile("writer", 1, tmp_path, ours.house(), top=10_000)


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.99) == 4.0


def test_a_goal_is_held_against_the_median() -> None:
    spread = Spread.of([2.9, 3.0, 9.0])
    assert Goal("as fast", spread, least=3).met
    assert not Goal("as fast", spread, least=3.1).met
    assert Goal("as small", spread, most=3).met
    assert not Goal("as small", spread, most=2.9).met


@pytest.mark.parametrize("source", [shelves.PUBLIC, shelves.GENERATED])
def test_a_shelf_is_the_same_in_every_run_and_no_question_of_a_round_is_on_it(source: str) -> None:
    if source == shelves.PUBLIC and shelves.source() != source:
        pytest.skip(corpora.ABSENT)
    shelf = shelves.shelf(1000, 20, source)
    texts = [text for some in shelf for text in some]
    assert (len(shelf), len(texts), len(set(texts))) == (1000, 20_000, 20_000)
    assert shelf == shelves.shelf(1000, 20, source)
    questions = shelves.asked(300, source)
    assert len(set(questions)) == 300
    assert set(questions).isdisjoint(texts)
    assert questions == shelves.asked(300, source)


def test_a_library_is_built_and_asked_in_a_process_of_its_own() -> None:
    order = search.Order("ours", articles=3, examples=5, questions=4, rounds=2)
    built = search.in_its_own_process(order)
    assert isinstance(built, search.Built)
    assert len(built.ours) == len(built.rapidfuzz) == 2
    assert all(0 < asked.p50 <= asked.p99 for asked in (*built.ours, *built.rapidfuzz))
    assert 0 < built.before <= built.most
    assert built.seconds > 0


def test_a_library_that_cannot_be_built_is_told_with_the_reason() -> None:
    order = search.Order("ours", articles=3, examples=5)
    assert search.in_its_own_process(order, seconds=0.01) == "took more than 0 s"
    reason = search.in_its_own_process(replace(order, questions=10**6))
    assert isinstance(reason, str)
    assert "ValueError" in reason  # so many questions there are not


def test_the_search_report_shows_what_was_measured_and_why_something_was_not() -> None:
    asked = (search.Asked(1.0, 4.0), search.Asked(3.0, 8.0))
    peer = (search.Asked(2.0, 2.0), search.Asked(2.0, 2.0))
    plain = search.Built(1.5, 1.25, 100 * 2**20, 150 * 2**20, 400 * 2**20, asked, peer)
    cached = search.Built(0.25, 0.2, 100 * 2**20, 130 * 2**20, 400 * 2**20)
    small = search.Built(0.1, 0.1, 100 * 2**20, 101 * 2**20, 400 * 2**20)
    begun = Start(first_answer=2.0, whole=2.5, imports=1.0, build_house=0.5)
    found = search.Search(
        search.QUICK,
        shelves.GENERATED,
        [
            search.Case(30, 5, plain, plain, cached, small),
            search.Case(1000, 20, "more than 8 GB", "none", "none", small),
        ],
        [(begun, replace(begun, first_answer=1.0))],
    )
    lines = search_report.text(found).split("\n")
    cost, building = (line.split() for line in lines if line.startswith("30 x 5"))
    assert cost[3:] == ["2.00", "(1.00..3.00)", "6.00", "(4.00..8.00)", "2.00", "(2.00..2.00)",
                        "1.00", "(0.50..1.50)", "3.00", "(2.00..4.00)"]  # fmt: skip
    assert building[3:] == ["1.50", "1.25", "1.50", "0.25", "50", "400", "30", "1"]
    assert any(line.startswith("1,000 x 20") and "more than 8 GB" in line for line in lines)
    assert lines[-1].endswith("2.00 (2.00..2.00); again in the same 1.00 (1.00..1.00)")
    assert json.loads(json.dumps(found.json()))["cases"][0]["cached"]["seconds"] == 0.25


def test_the_plans_of_both_databases_are_judged_and_a_look_without_an_index_is_found(
    tmp_path: Path,
) -> None:
    found = list(plans.measure(3_000, tmp_path))
    assert [one.kind for one in found] == ["SQLite", "PostgreSQL"]
    for one in found:
        assert len(one.looks) > 40
        assert one.yardstick.wrong
        assert one.erase > 0
        assert "not by an index" in one.text()
