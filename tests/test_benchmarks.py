"""The benchmarks run and measure what they say. No figure is looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from telegram import Update
from telegram.ext import ExtBot

from tests.benchmarks import ours, peer
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
