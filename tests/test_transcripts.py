"""Every transcript, word for word, over the pure machine and over a real store of either kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogs.acts import Say, Submit
from tests.places import KINDS, fresh
from tests.play import PurePlayer
from tests.play_stored import stored
from tests.transcript import Player, Transcript, difference, load, names, parse, written

ALL = names()


async def follow(player: Player, transcript: Transcript) -> None:
    for turn in transcript.turns:
        got = await player.play(turn)
        assert got == turn.expected, difference(turn, got, transcript.name)


@pytest.mark.parametrize("name", ALL)
class TestEachTranscript:
    async def test_is_what_the_dialog_says(self, name: str) -> None:
        await follow(PurePlayer(), load(name))

    @pytest.mark.parametrize("kind", KINDS)
    async def test_is_what_a_store_keeps(self, name: str, kind: str, tmp_path: Path) -> None:
        async with stored(fresh(kind, tmp_path)) as player:
            await follow(player, load(name))

    def test_is_written_as_the_recorder_writes_it(self, name: str) -> None:
        transcript = load(name)
        text = written(transcript, (turn.expected for turn in transcript.turns))
        assert parse(name, text) == transcript

    def test_begins_with_its_title_and_shows_no_button_twice(self, name: str) -> None:
        transcript = load(name)
        assert isinstance(transcript.entries[0], str)
        assert transcript.entries[0].startswith("# ")
        for turn in transcript.turns:
            if turn.spoken and turn.spoken[-1].startswith("< ["):
                labels = turn.spoken[-1].removeprefix("< ").split("] [")
                assert len(set(labels)) == len(labels), difference(turn, (), name)


@pytest.mark.parametrize("name", [name for name in ALL if load(name).never_left])
async def test_nothing_of_an_erased_person_is_left_in_any_file(name: str, tmp_path: Path) -> None:
    transcript = load(name)
    words = [word.encode() for word in transcript.never_left]
    was_there: set[bytes] = set()
    async with stored(tmp_path / "desk.db") as player:
        for turn in transcript.turns:
            was_there |= {word for word in words if word in _bytes(tmp_path)}
            await player.play(turn)
        assert {word for word in words if word in _bytes(tmp_path)} == set()
    assert {word for word in words if word in _bytes(tmp_path)} == set()
    assert was_there == set(words), "else the search would find nothing anyway"


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


async def test_kept_answers_stand_in_the_record_with_the_rule_that_they_failed() -> None:
    player = PurePlayer()
    await follow(player, load("kept_answers"))
    (submit,) = [act for act in player.acts if isinstance(act, Submit)]
    location, site = submit.record["locations"][0], submit.record["website"]
    assert location["address"] == {
        "status": "kept",
        "typed": "PO Box 1277 Jakarta",
        "refusal": "po_box",
    }
    assert (location["phone"]["status"], location["phone"]["typed"]) == ("kept", "021")
    assert (site["status"], site["typed"]) == ("kept", "lakeside")
    assert submit.record["email"]["value"] == "maria@lakeside.co.id", "mended before the end"


@pytest.mark.parametrize("name", [name for name in ALL if name.startswith("bad_")])
async def test_ten_bad_answers_are_refused_each_time_in_other_words(name: str) -> None:
    player, refused, count, last = PurePlayer(), 0, 0, ""
    for turn in load(name).turns:
        before = len(player.acts)
        await player.play(turn)
        says = [act for act in player.acts[before:] if isinstance(act, Say)]
        refusals = [say for say in says if say.key.startswith("refusals.")]
        if not refusals:
            continue
        (refusal,) = refusals
        assert refusal.key != last, difference(turn, (), name)
        last, refused = refusal.key, refused + 1
        count = player.state.refusal.count if player.state.refusal is not None else 0
        offered = {offer.choice.target for say in says for offer in say.offers}
        assert ("person" in offered) == (count >= 2), difference(turn, (), name)
    assert refused >= 8, "ten answers, of which a few may be questions or commands"


@pytest.mark.parametrize(
    "line", ["hello", "<hello", "= rebooted", "< said before anything happened"]
)
def test_a_line_that_is_none_of_a_transcripts_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"tale\.txt:2"):
        parse("tale", f"# a tale\n{line}\n")
