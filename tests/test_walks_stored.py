"""The same random conversation on both stores: whatever people type and tap, and staff answer, it
is answered in the same words, leads to the same state, and no turn fails on one of them alone.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.places import fresh, rows
from tests.play_stored import StoredPlayer, stored
from tests.speaking import TRUE
from tests.test_walks import HEDGES, JUNK, QUESTIONS, SMALL_TALK, WISHES
from tests.transcript import Turn

MOVES = 45
ODD = ["\x00", "a\x00b Plumbing", "%s ? %", "O'Hara; --", "\u2028", "Ω≈ç√ 田中さん", "x" * 9000]
TEXTS = [*JUNK, *HEDGES, *QUESTIONS, *SMALL_TALK, *WISHES, *ODD, *TRUE.values(), "apply"]


def texts() -> list[str]:
    """No channel lets half a character through."""
    return [text for text in TEXTS if not any("\ud800" <= letter <= "\udfff" for letter in text)]


async def walk(player: StoredPlayer, seed: int) -> list[tuple[str, ...]]:
    chance, told = random.Random(seed), []
    for number in range(MOVES):
        labels = player.paper.sent[-1][2] if player.paper.sent else []
        if number == 0:
            turn = Turn("said", 0, (), "apply")
        elif labels and chance.random() < 0.4:
            turn = Turn("picked", 0, (), chance.choice(labels))
        elif player.effects.escalations and chance.random() < 0.05:
            waits = rows(player.place, "SELECT count(*) FROM escalations WHERE answered_at = ''")
            turn = Turn("staff" if waits[0][0] else "said", 0, (), "They are 30 days\x00 long.")
        elif chance.random() < 0.05:
            turn = Turn("restart", 0, ())
        else:
            turn = Turn("said", 0, (), chance.choice(texts()))
        told.append((turn.kind, turn.text, *await player.play(turn)))
    return told


@pytest.mark.parametrize("seed", range(4))
async def test_both_stores_take_the_same_walk(seed: int, tmp_path: Path) -> None:
    walks, states = [], []
    for kind in ("sqlite", "postgresql"):
        place = fresh(kind, tmp_path)
        async with stored(place) as player:
            walks.append(await walk(player, seed))
        failed = rows(place, "SELECT error FROM events WHERE error <> ''")
        assert failed == [], kind
        states.append(rows(place, "SELECT length(state), version FROM conversations"))
    assert walks[0] == walks[1]
    assert states[0] == states[1]
