"""Applications handed on beyond the chat: once for each sink, in order, whatever becomes of it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from standardwebhooks import Webhook

from bot import courier
from bot.clock import stamp
from bot.messages import Later
from bot.sinks.files import FolderSink
from bot.store import Transaction
from bot.store.sqlite import open_store
from tests.applications import STRAIGHT
from tests.handoff_world import SECRET, Handoff, handing_on, mailbox, webhook
from tests.receivers import Receiver, mail_server, receiving

HOUR = 3600.0
ROOT = Path(__file__).parents[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "frontdesk.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "drop"
    made.mkdir()
    return made


def signed_well(receiver: Receiver, secret: str = SECRET) -> bool:
    """By a library that is not ours; of each request, whatever the time."""
    for request in receiver.got:
        at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
        mark = Webhook(secret).sign(request.id, at, request.body.decode())
        if mark not in request.headers["webhook-signature"].split(" "):
            return False
    return bool(receiver.got)


def events(receiver: Receiver) -> dict[str, list[str]]:
    """reference -> what was heard of it, in order"""
    heard: dict[str, list[str]] = defaultdict(list)
    for request in receiver.got:
        told = json.loads(request.body)
        heard[told["reference"]].append(told["event"])
    return heard


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


# --- the receiver is away


async def test_a_receiver_that_was_down_for_an_hour_hears_of_everything_once_and_in_order(
    path: Path,
) -> None:
    receiver = Receiver()
    async with handing_on(path, webhook(receiver)) as world:
        references = [await world.hand_in(str(person)) for person in range(5)]
        for person in (1, 3):
            await world.withdraw(str(person))
        await world.pass_(HOUR)
        assert receiver.got == []
        assert {state for _, state in world.stands()} == {"waiting"}
        await receiver.up()
        await world.until(world.all_sent)
        await world.pass_(HOUR)
        await receiver.down()
    assert events(receiver) == {
        reference: ["submitted", "withdrawn"] if n in (1, 3) else ["submitted"]
        for n, reference in enumerate(references)
    }
    assert len({request.id for request in receiver.got}) == len(receiver.got) == 7
    assert signed_well(receiver)
    assert world.cards() == []


async def test_what_was_handed_in_while_it_was_down_goes_within_minutes_of_its_return(
    path: Path,
) -> None:
    receiver = Receiver()
    async with handing_on(path, webhook(receiver)) as world:
        await world.hand_in()
        await world.pass_(HOUR)
        await receiver.up()
        back = world.clock.seconds()
        await world.until(world.all_sent)
        assert world.clock.seconds() - back <= courier.LONGEST_WAIT * 1.25 + 1
        await receiver.down()


async def test_attempts_become_rarer_and_end_in_a_dead_letter_that_staff_see(path: Path) -> None:
    async with receiving(answer=lambda _: 503) as receiver:
        with patch.object(courier, "MAX_ATTEMPTS", 8):
            async with handing_on(path, webhook(receiver)) as world:
                begun = world.clock.seconds()
                reference = await world.hand_in()
                await world.until(lambda: world.stands() == [("submitted", "dead")])
                took = world.clock.seconds() - begun
        assert len(receiver.got) == 8
        assert len({request.id for request in receiver.got}) == 1
        assert 127 <= took <= 127 * 1.25 + 8, "1, 2, 4, ... seconds, and a quarter more at most"
        (card,) = world.cards()
        assert reference in card
        assert "webhook: given up after 8 attempts: the receiver answers 503" in card


async def test_a_lost_answer_brings_the_same_delivery_again_with_the_same_id(path: Path) -> None:
    async with receiving() as receiver:
        receiver.answer = lambda _: "drop" if len(receiver.got) == 1 else 200
        async with handing_on(path, webhook(receiver)) as world:
            reference = await world.hand_in()
            await world.until(world.all_sent)
        first, again = receiver.got
        assert first.id == again.id
        assert first.id.startswith(f"{reference}_submitted_")
        assert first.body == again.body
        assert signed_well(receiver)


async def test_a_slow_receiver_is_cut_short_and_tried_again(path: Path, folder: Path) -> None:
    async with receiving(answer=lambda _: "hang") as receiver:
        slow = webhook(receiver, patience=0.3)
        async with handing_on(path, slow, FolderSink(folder)) as world:
            reference = await world.hand_in()
            await world.until(lambda: bool(world.sinks["webhook"].outcomes))
            assert world.sinks["webhook"].outcomes == [Later("no answer within 0 seconds")]
            assert (folder / f"{reference}.json").exists(), "the other sink did not wait for it"
            receiver.answer = lambda _: 200
            await world.until(world.all_sent)


async def test_of_two_sinks_the_dead_one_does_not_hold_the_other(path: Path, folder: Path) -> None:
    nobody = Receiver()
    async with (
        mail_server() as server,
        handing_on(path, webhook(nobody), mailbox(server), FolderSink(folder)) as world,
    ):
        references = [await world.hand_in(str(person)) for person in range(8)]
        await world.withdraw("1")
        await world.until(lambda: len(server.got) == 9)
        assert files(folder) == sorted(f"{reference}.json" for reference in references)
        assert {state for _, state in world.stands("webhook")} == {"waiting"}
        assert {state for _, state in world.stands("email")} == {"sent"}


async def test_what_one_application_waits_for_holds_no_other(path: Path) -> None:
    async with receiving() as receiver, handing_on(path, webhook(receiver)) as world:
        poisoned = await world.hand_in("1")
        await world.until(world.all_sent)
        receiver.answer = lambda request: 500 if poisoned in request.id else 200
        await world.withdraw("1")
        other = await world.hand_in("2")
        await world.until(lambda: "submitted" in events(receiver)[other])
        assert ("withdrawn", "waiting") in world.stands()


# --- the process ends


async def test_a_kill_between_the_commit_and_the_sending_loses_nothing(
    path: Path, tmp_path: Path
) -> None:
    script = """
import asyncio, os, signal, sys
from dataclasses import replace
from pathlib import Path
from bot.app import assemble
from bot.config import Settings
from bot.store.sqlite import open_store
from tests.applications import STRAIGHT, talk
from tests.play import house

async def main():
    store = await open_store(Path(sys.argv[1]), serving=True)
    app = assemble(Settings(), replace(house(), sinks=("webhook",)), store, {})
    await talk(app, "terminal", "1", STRAIGHT)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(path), cwd=tmp_path, env=environment
    )
    assert await killed.wait() == -signal.SIGKILL
    async with receiving() as receiver, handing_on(path, webhook(receiver)) as world:
        assert world.stands() == [("submitted", "waiting")]
        await world.until(world.all_sent)
        await world.pass_(HOUR)
        assert len(receiver.got) == 1


async def test_a_kill_between_the_sending_and_its_mark_repeats_it_with_the_same_id(
    path: Path,
) -> None:
    async with receiving(answer=lambda _: "hang") as receiver:
        async with handing_on(path, webhook(receiver)) as world:
            talking = asyncio.create_task(world.hand_in())
            await receiver.arrived.wait()
            await talking
            receiver.answer = lambda _: 200
            await world.restart()
            await world.until(world.all_sent)
        assert [request.id for request in receiver.got] == [receiver.got[0].id] * 2


# --- exactly one row


async def test_one_row_a_sink_and_event_however_often_a_turn_is_tried(path: Path) -> None:
    async with handing_on(path, webhook(Receiver()), start=False) as world:
        with patch("bot.conversation.record_card", side_effect=RuntimeError("a defect")):
            await world.says("1", *STRAIGHT)
        assert world.stands() == [], "the row goes with the turn that wrote it"
        ((failed,),) = world.rows("SELECT id FROM events WHERE error <> ''")
        assert await world.app.door.retry(failed) is True
        assert await world.app.door.retry(failed) is None
        for _ in range(2):
            await world.app.door.retry(failed)
            await world._say("1", f"1-{len(STRAIGHT) - 1}", "yes")  # the platform sends it again
        assert world.stands() == [("submitted", "waiting")]


async def test_the_same_event_twice_is_one_row(path: Path) -> None:
    async with handing_on(path, webhook(Receiver()), start=False) as world:

        def twice(tx: Transaction) -> list[bool]:
            at = stamp(world.clock.now())
            rows = [tx.deliveries.add("webhook", "FD-A", "submitted", 1, 7, at) for _ in range(2)]
            return [row is not None for row in rows]

        assert await world.store.run(twice) == [True, False]
        assert world.stands() == [("submitted", "waiting")]


async def test_without_sinks_nothing_is_written(path: Path) -> None:
    async with handing_on(path, start=False) as world:
        await world.hand_in()
        assert world.stands() == []


# --- what is refused for good


async def test_a_refused_recipient_is_a_dead_letter_at_once_and_goes_after_a_retry(
    path: Path,
) -> None:
    async with (
        mail_server(rcpt="550 5.1.1 no such person as Siti Rahma") as server,
        handing_on(path, mailbox(server)) as world,
    ):
        reference = await world.hand_in()
        await world.until(lambda: world.stands() == [("submitted", "dead")])
        (card,) = world.cards()
        assert card == (
            f"Application {reference} could not be handed on, e-mail: the mail server refuses the"
            " recipient (550). See: frontdesk failures"
        )
        await world.withdraw()
        await world.pass_(HOUR)
        assert world.stands() == [("submitted", "dead"), ("withdrawn", "held")]

        server.rcpt = "250 OK"
        (failure,) = await world.store.read(lambda reports: reports.failures())
        assert (failure.id, failure.channel) == ("delivery-1", "email")
        assert await revive(world, 1)
        world.app.deliverer.recheck()
        await world.until(world.all_sent)
        said = [str(mail.get_body(("plain",))).partition("\n\n")[2] for mail in server.got]
        assert "new application" in said[0]
        assert "withdrew" in said[1], "what came later did not overtake it"
        assert await world.store.read(lambda reports: reports.failures()) == []


async def revive(world: Handoff, id: int) -> bool:
    at = stamp(world.clock.now())
    return await world.store.run(lambda tx: tx.deliveries.revive(id, at))


async def test_only_what_is_dead_can_be_revived(path: Path) -> None:
    async with receiving() as receiver, handing_on(path, webhook(receiver)) as world:
        await world.hand_in()
        await world.until(world.all_sent)
        assert not await revive(world, 1)
        assert not await revive(world, 2)


async def test_a_retry_by_another_process_is_seen_and_keeps_the_order(path: Path) -> None:
    async with receiving(answer=lambda _: 410) as receiver:
        async with handing_on(path, webhook(receiver)) as world:
            reference = await world.hand_in()
            await world.until(lambda: world.stands() == [("submitted", "dead")])
            await world.withdraw()
            receiver.answer = lambda _: 200
            beside = await open_store(path, serving=False)
            at = stamp(world.clock.now())
            assert await beside.run(lambda tx: tx.deliveries.revive(1, at))
            await beside.close()
            await world.until(world.all_sent)
        assert events(receiver)[reference] == ["submitted", "submitted", "withdrawn"]


async def test_another_process_s_writing_is_seen_by_each_who_looks(path: Path) -> None:
    async with handing_on(path, start=False) as world:
        beside = await open_store(path, serving=False)
        await beside.run(lambda tx: tx.set_meta("a", "1"))
        await beside.close()
        watchers = ("outbox", "deliveries")
        assert [await world.store.changed(one) for one in watchers] == [True, True]
        assert [await world.store.changed(one) for one in watchers] == [False, False]


# --- erasing


async def test_of_an_erased_person_the_undelivered_goes_and_who_had_it_hears_so(
    path: Path, folder: Path
) -> None:
    nobody = Receiver()
    async with mail_server(rcpt="550 no") as server:
        sinks = (webhook(nobody), mailbox(server), FolderSink(folder))
        async with handing_on(path, *sinks, start=False) as world:
            # the webhook has never been tried, the mail server has refused, the folder has it
            world.start()
            reference = await world.hand_in()
            await world.until(
                lambda: (
                    world.stands("files") == [("submitted", "sent")]
                    and world.stands("email") == [("submitted", "dead")]
                )
            )
            await world.crash()
            world.change("UPDATE deliveries SET begun = 0, attempts = 0 WHERE sink = 'webhook'")
            await world.restart()
            await world.erase()
            await world.until(
                lambda: world.stands("files") == [("submitted", "sent"), ("erased", "sent")]
            )
        assert world.stands("webhook") == world.stands("email") == []
        file = json.loads((folder / f"{reference}.json").read_text())
        assert file.keys() == {"event", "reference", "at"}
        assert (file["event"], file["reference"]) == ("erased", reference)


async def test_a_sink_that_is_being_told_at_that_moment_hears_of_the_erase_after_it(
    path: Path,
) -> None:
    async with receiving(answer=lambda _: "hang") as receiver:
        async with handing_on(path, webhook(receiver)) as world:
            talking = asyncio.create_task(world.hand_in())
            await receiver.arrived.wait()
            reference = await talking
            await world.erase()
            assert world.stands() == [("erased", "waiting")]
            assert len(receiver.got) == 1, "it does not overtake what is under way"
            receiver.answer = lambda _: 200
            receiver.go_on.set()
            await world.until(world.all_sent)
        assert events(receiver)[reference] == ["submitted", "erased"]
        assert set(json.loads(receiver.got[1].body)) == {"event", "reference", "at"}


async def test_an_answer_that_was_lost_counts_as_heard(path: Path) -> None:
    async with receiving(answer=lambda _: "drop") as receiver:
        async with handing_on(path, webhook(receiver)) as world:
            reference = await world.hand_in()
            await world.until(lambda: len(receiver.got) >= 2)
            receiver.answer = lambda _: 200
            await world.erase()
            await world.until(world.all_sent)
            await world.pass_(HOUR)
        assert set(events(receiver)[reference][:-1]) == {"submitted"}
        assert events(receiver)[reference][-1] == "erased"


async def test_an_erase_twice_is_told_once(path: Path) -> None:
    async with receiving() as receiver, handing_on(path, webhook(receiver)) as world:
        reference = await world.hand_in()
        await world.until(world.all_sent)
        await world.erase()
        await world.erase()
        await world.until(world.all_sent)
        await world.pass_(HOUR)
        assert events(receiver)[reference] == ["submitted", "erased"]


async def test_a_row_holds_nothing_of_what_was_answered(path: Path) -> None:
    async with handing_on(path, webhook(Receiver()), start=False) as world:
        await world.hand_in()
        ((*row,),) = world.rows("SELECT * FROM deliveries")
        assert [v for v in row if isinstance(v, str) and "embayung" in v.casefold()] == []


# --- the folder


async def test_the_folder_gets_one_whole_file_an_application_for_its_owner_only(
    path: Path, folder: Path
) -> None:
    async with handing_on(path, FolderSink(folder)) as world:
        reference = await world.hand_in()
        await world.until(world.all_sent)
        file = folder / f"{reference}.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        told = json.loads(file.read_text(encoding="utf-8"))
        assert told["event"] == "submitted"
        assert told["version"] == 1
        assert told["state"] == "submitted"
        assert told["application"]["legal_name"]["value"] == "PT Lembayung Servis"
        await world.withdraw()
        await world.until(world.all_sent)
        told = json.loads(file.read_text(encoding="utf-8"))
        assert (told["event"], told["state"]) == ("withdrawn", "withdrawn")
        assert files(folder) == [file.name]


async def test_a_folder_that_is_not_there_is_waited_for(path: Path, folder: Path) -> None:
    missing = folder / "later"
    async with handing_on(path, FolderSink(missing)) as world:
        reference = await world.hand_in()
        await world.pass_(60)
        assert world.stands() == [("submitted", "waiting")]
        ((reason,),) = world.rows("SELECT reason FROM deliveries")
        assert reason == "the folder cannot be written (No such file or directory)"
        missing.mkdir()
        await world.until(world.all_sent)
        assert (missing / f"{reference}.json").exists()


# --- size


async def test_a_huge_application_arrives_everywhere(path: Path, folder: Path) -> None:
    async with receiving() as receiver, mail_server() as server:
        sinks = (webhook(receiver), mailbox(server), FolderSink(folder))
        async with handing_on(path, *sinks, start=False) as world:
            reference = await world.hand_in()
            ((body,),) = world.rows("SELECT body FROM records")
            world.change("UPDATE records SET body = ?", huge(json.loads(body)))
            world.start()
            await world.until(world.all_sent)
        (request,) = receiver.got
        assert len(request.body) > 2_000_000
        assert json.loads(request.body) == json.loads((folder / f"{reference}.json").read_text())
        (mail,) = server.got
        (attached,) = mail.iter_attachments()
        assert json.loads(attached.get_content()) == json.loads(request.body)
        text = mail.get_body(("plain",))
        assert text is not None
        assert "Location 50" in text.get_content()


def huge(record: dict[str, Any]) -> str:
    """The record with fifty locations of twenty thousand characters each."""
    (location,) = record["locations"]
    long = {**location["address"], "value": "Jl Kemang " + "ü" * 20_000}
    locations = [{**location, "id": str(n), "address": long} for n in range(50)]
    return json.dumps({**record, "locations": locations}, ensure_ascii=False)
