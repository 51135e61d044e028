"""Every transcript through the whole program, on Telegram and on Slack, in good and bad weather.

With nothing amiss all are played on both. Each trouble gets the long conversations, half of them on
either platform; `make soak` plays all of them everywhere.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests import postgres
from tests.play_channels import TROUBLES, Part, Trouble, perform
from tests.rig import Platform
from tests.transcript import Transcript, Turn, load, names

PLATFORMS: tuple[Platform, ...] = ("telegram", "slack")
ALL = [one for one in map(load, names()) if not one.not_on]
ALONE = [one for one in ALL if any(turn.kind == "restart" for turn in one.turns)]
TOGETHER = [one for one in ALL if one not in ALONE]
HINTED = [one for one in ALL if any(turn.kind == "language" for turn in one.turns)]
"""these begin with the language that Telegram names; Slack names none"""
LONG = [one for one in TOGETHER if not one.name.startswith("bad_")]


@pytest.mark.parametrize("half", [0, 1])
async def test_people_see_what_is_written(half: int, tmp_path: Path) -> None:
    parts = _everywhere(TOGETHER)
    mine = [part for number, part in enumerate(parts) if number // 2 % 2 == half]
    told = await perform(mine, tmp_path / "desk.db", "none", PLATFORMS[half])
    assert not told, told


async def test_people_see_the_same_on_postgresql() -> None:
    parts = [part for number, part in enumerate(_everywhere(TOGETHER)) if number % 18 < 2]
    told = await perform(parts, postgres.fresh(), "none", "slack")
    assert not told, told


@pytest.mark.parametrize("trouble", ["429", "lost"])
async def test_no_trouble_changes_a_word_on_postgresql(trouble: Trouble) -> None:
    parts: list[Part] = [
        (one, "telegram" if one in HINTED else PLATFORMS[number % 2])
        for number, one in enumerate(LONG)
    ][::12]
    told = await perform(parts, postgres.fresh(), trouble, "telegram")
    assert not told, told


@pytest.mark.parametrize("trouble", TROUBLES[1:])
async def test_no_trouble_changes_a_word(trouble: Trouble, tmp_path: Path) -> None:
    turn = TROUBLES.index(trouble)
    parts: list[Part] = [
        (one, "telegram" if one in HINTED else PLATFORMS[(number + turn) % 2])
        for number, one in enumerate(LONG)
    ]
    told = await perform(parts, tmp_path / "desk.db", trouble, PLATFORMS[turn // 2 % 2])
    assert not told, told


@pytest.mark.parametrize("trouble", ["none", "lost", "duplicates"])
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_restart_changes_no_word(
    platform: Platform, trouble: Trouble, tmp_path: Path
) -> None:
    for one in ALONE:
        told = await perform([(one, platform)], tmp_path / f"{one.name}.db", trouble, platform)
        assert not told, told


async def test_a_wrong_word_is_noticed(tmp_path: Path) -> None:
    straight = load("straight")
    wrong = Transcript("wrong", tuple(map(_without_buttons, straight.entries)))
    parts: list[Part] = [(wrong, platform) for platform in PLATFORMS]
    told = await perform(parts, tmp_path / "desk.db", "none", "slack")
    assert told.count("wrong.txt:4: > hi") == 2


def _everywhere(transcripts: list[Transcript]) -> list[Part]:
    parts: list[Part] = []
    for one in transcripts:
        parts += [(one, on) for on in PLATFORMS if on == "telegram" or one not in HINTED]
    return parts


def _without_buttons(entry: str | Turn) -> str | Turn:
    return entry if isinstance(entry, str) else replace(entry, expected=entry.expected[:-1])


@pytest.mark.soak
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("staff", PLATFORMS)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_all_of_them_everywhere(trouble: Trouble, staff: Platform, tmp_path: Path) -> None:
    parts = _everywhere(TOGETHER)
    told = await perform(parts, tmp_path / "desk.db", trouble, staff)
    assert not told, told
