"""The program put together: serving, stopping, one platform down, and what goes wrong in a turn."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot import app as app_module
from bot.app import build, build_house
from bot.channels import Take
from bot.channels.configured import configured_channels
from bot.channels.slack import APP_TOKEN, BOT_TOKEN, SlackChannel
from bot.channels.telegram import TOKEN_KEY, TelegramChannel
from bot.config import Knowledge, Settings, Store
from bot.door import Door
from bot.environment import ConfigError, Secrets
from bot.messages import Outcome
from bot.platform_words import slack_words
from bot.store.rows import OutboxRow, StoreError, StoreUnavailable
from dialogs import machine
from dialogs.acts import Say
from dialogs.reading import Answers, Ticks
from dialogs.state import Phase, Step
from tests.applicant import applicant, apply
from tests.play import house
from tests.rig import (
    QUICK,
    SLACK_APP_TOKEN,
    SLACK_BOT_TOKEN,
    TELEGRAM_TOKEN,
    WAITS,
    Person,
    Rig,
    rigged,
    shown,
)

SORRY = "Something went wrong on our side"
FAILED = "A message could not be handled. See: frontdesk failures"
PAST = "2020-01-01T00:00:00.000Z"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """Serving, staff on Telegram."""
    async with rigged(tmp_path / "frontdesk.db", staff="telegram") as one:
        yield one


@pytest.fixture
async def still(tmp_path: Path) -> AsyncIterator[Rig]:
    """The same, not started."""
    async with rigged(tmp_path / "frontdesk.db", staff="telegram", start=False) as one:
        yield one


def both(rig: Rig) -> tuple[Person, Person]:
    return rig.applicant("telegram", 1), rig.applicant("slack", 2, "Ben")


class Silent:
    """A channel in which nobody ever says anything."""

    name = "terminal"

    async def listen(self, take: Take) -> None:
        await asyncio.Event().wait()

    async def send(self, row: OutboxRow) -> Outcome:
        raise NotImplementedError

    async def check(self) -> str:
        return self.name

    async def close(self) -> None: ...


# Wiring


def settings(tmp_path: Path, **secrets: str) -> Settings:
    kept = Secrets.model_construct(None, **{k: SecretStr(v) for k, v in secrets.items()})
    return Settings(store=Store(url=f"sqlite:///{tmp_path / 'frontdesk.db'}"), secrets=kept)


def test_slack_tokens_in_the_wrong_place_are_named_before_slack_is_asked(tmp_path: Path) -> None:
    swapped = settings(tmp_path, slack_bot_token="xapp-1", slack_app_token="xoxb-1")
    with pytest.raises(ConfigError, match=r"FRONTDESK_SLACK_BOT_TOKEN: .*begins otherwise"):
        configured_channels(swapped, build_house(swapped).script.wording)


async def test_only_one_program_serves_a_database_and_commands_work_beside_it(
    tmp_path: Path,
) -> None:
    serving = await build(settings(tmp_path), {}, serving=True)
    with pytest.raises(StoreError, match="being served"):
        await build(settings(tmp_path), {}, serving=True)
    beside = await build(settings(tmp_path), {}, serving=False)
    assert await beside.store.read(lambda reports: list(reports.reviews.queue())) == []
    await beside.close()
    await serving.close()


async def test_the_channels_are_those_whose_tokens_are_set(tmp_path: Path) -> None:
    wording = house().script.wording
    assert configured_channels(settings(tmp_path), wording) == {}
    tokens = {
        "telegram_token": TELEGRAM_TOKEN,
        "slack_bot_token": SLACK_BOT_TOKEN,
        "slack_app_token": SLACK_APP_TOKEN,
    }
    assert list(configured_channels(settings(tmp_path, **tokens), wording)) == ["telegram", "slack"]
    for name, missing in (("slack_bot_token", APP_TOKEN), ("slack_app_token", BOT_TOKEN)):
        with pytest.raises(ConfigError) as refused:
            configured_channels(settings(tmp_path, **{name: tokens[name]}), wording)
        assert refused.value.key == missing


def test_words_or_articles_that_cannot_be_read_are_the_operator_s_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        build_house(Settings(knowledge=Knowledge(articles=str(tmp_path))))
    assert refused.value.key == "articles"
    assert str(tmp_path) in refused.value.mend


# Serving and stopping


async def test_a_stop_finishes_what_was_taken_and_the_next_start_goes_on(rig: Rig) -> None:
    amira, ben = both(rig)
    for person in (amira, ben):
        await person.says("hello")
        await rig.hears(person)
    go = threading.Event()
    held = asyncio.ensure_future(rig.app.store.run(lambda _: go.wait(20)))
    for person in (amira, ben):
        await person.says("apply")
    await rig.until(lambda: rig.app.intake.people == 2)
    stopping = asyncio.create_task(rig.stop())
    await asyncio.sleep(0)  # it is cancelled before the database goes on
    go.set()
    await stopping
    await held
    (bens,) = (e for e in rig.slack.envelopes if e.payload["event"].get("text") == "apply")
    await rig.until(lambda: bens.acked)
    assert rig.rows("SELECT count(*) FROM events WHERE body LIKE '%apply%'") == [(2,)]
    assert rig.rows("SELECT count(*) FROM outbox WHERE event IS NOT NULL") == [(4,)]
    assert not rig.slack.connections

    await rig.start()
    await rig.until(lambda: amira.asked("1 of 9") and ben.asked("1 of 9"))
    await rig.taken()
    for person in (amira, ben):
        assert sum("1 of 9" in line for line in person.heard) == 1
        assert rig.written_to(person) == 2


async def test_after_a_stop_nothing_is_taken_and_no_task_is_left(rig: Rig) -> None:
    amira, ben = both(rig)
    await rig.stop()
    for person in (amira, ben):
        await person.says("hello")
    left = [task for task in asyncio.all_tasks() if "/bot/" in repr(task.get_coro())]
    assert left == []
    assert rig.telegram.pending
    assert not rig.slack.settled
    await rig.start()
    await rig.until(lambda: amira.heard and ben.heard)


async def test_telegram_down_at_the_start_stops_nobody_on_slack(still: Rig) -> None:
    amira, ben = both(still)
    await still.telegram.goes_down()
    await still.assemble()
    still.serve()
    await ben.says("hello")
    await still.hears(ben)
    await still.telegram.comes_up()
    await still.until(lambda: still.telegram.updates.polled)
    await amira.says("hello")
    await still.hears(amira)


async def test_slack_down_at_the_start_stops_nobody_on_telegram(still: Rig) -> None:
    amira, ben = both(still)
    down = still.slack.fault(kind="drop", times=10**9)
    await still.assemble()
    still.serve()
    await still.until(lambda: still.telegram.updates.polled and down.hits > 2)
    await amira.says("hello")
    await still.hears(amira)
    down.end()
    await ben.says("hello")
    await still.hears(ben)


@pytest.mark.parametrize("refused", ["telegram", "slack bot", "slack app"])
async def test_a_refused_token_ends_the_whole_and_is_named(still: Rig, refused: str) -> None:
    wrong = {"telegram": "42:refused-" + 30 * "x"}.get(refused, "xoxb-refused-000")
    still.channels = still.make_channels()
    words = slack_words(house().script.wording)
    if refused == "telegram":
        channel = TelegramChannel(wrong, base_url=still.telegram.url, pace=QUICK)
        still.channels["telegram"] = channel
    else:
        bot = wrong if refused == "slack bot" else SLACK_BOT_TOKEN
        app = wrong if refused == "slack app" else SLACK_APP_TOKEN
        url = still.slack.api_url
        still.channels["slack"] = SlackChannel(bot, app, words=words, base_url=url, waits=WAITS)
    await still.assemble()
    with pytest.raises(ConfigError) as error:
        await still.app.serve()
    keys = {"telegram": TOKEN_KEY, "slack bot": BOT_TOKEN, "slack app": APP_TOKEN}
    assert error.value.key == keys[refused]
    assert wrong not in str(error.value)
    assert [task for task in asyncio.all_tasks() if "/bot/" in repr(task.get_coro())] == []
    await still.until(lambda: not still.slack.connections)


# What goes wrong in a turn


async def test_an_update_that_cannot_be_read_is_kept_and_stops_nobody(rig: Rig) -> None:
    amira, ben = both(rig)
    with rig.telegram.batch():
        await amira.says("hello")
        broken = rig.telegram.push({"message": {"message_id": "seven", "text": "Kiosk 7"}})
        await amira.says("apply")
    await rig.hears(amira, "1 of 9")
    strange = rig.slack.world.emit({"type": "message", "channel": 7, "text": "Kiosk 8"})
    await ben.says("hello")
    await rig.until(lambda: ben.heard and strange.acked)
    await rig.until(lambda: len(rig.staff.cards(FAILED)) == 2)
    await rig.taken()
    first, second = await rig.app.store.read(lambda reports: list(reports.failures()))
    assert (first.kind, first.channel) == ("update", "telegram")
    assert (second.kind, second.channel) == ("update", "slack")
    assert "message" in first.error
    for failure in (first, second):
        assert "Kiosk" not in failure.error
    assert rig.rows("SELECT key FROM events WHERE kind = 'update'")[0] == (f"telegram:{broken}",)
    assert not any("Kiosk" in text for text in rig.staff.texts)


def failing(*_: Any) -> Any:
    raise RuntimeError("Lakeside Mobile Care Ltd cannot be taken")


@pytest.mark.parametrize("side", ["telegram", "slack"])
async def test_a_turn_that_raises_is_kept_apologised_for_and_can_be_retried(
    rig: Rig, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira, ben = both(rig)
    if side == "slack":
        amira, ben = ben, amira
    for does, asked in (
        ("apply", "1 of 9"),
        ("skip the check", "Do you agree"),
        ("I agree", "Which kind"),
        ("Service business", "the legal name of the business"),
    ):
        await amira.says(does)
        await rig.hears(amira, asked)
    with monkeypatch.context() as planted:
        planted.setitem(machine.TABLE[Phase.FILLING], Answers, failing)
        before = state_of(rig, amira)
        await amira.says("Lakeside Mobile Care Ltd")
        await rig.hears(amira, SORRY)
        await ben.says("hello")
        await rig.hears(ben)
        assert state_of(rig, amira) == before
        await rig.until(lambda: rig.staff.cards(FAILED))
        (card,) = rig.staff.messages
        assert "Lakeside" not in shown(card)
        (failure,) = await rig.app.store.read(lambda reports: list(reports.failures()))
        assert failure.error.startswith("RuntimeError at test_app.py:")
        assert (failure.kind, failure.channel) == ("turn", side)
        number = int(failure.id.removeprefix("turn-"))
        assert await rig.app.door.retry(number) is False
    await rig.taken()
    async with rig.beside() as beside:  # as `frontdesk retry` does it
        assert await beside.door.retry(number) is True
        assert await beside.door.retry(number) is None
    heard = await rig.hears(amira, "trading name")
    assert "Lakeside Mobile Care Ltd" in heard
    assert await rig.app.store.read(lambda reports: list(reports.failures())) == []
    assert sum(SORRY in line for line in amira.heard) == 1
    await amira.says("skip")
    await rig.hears(amira, "principal or owner")


async def test_a_state_that_cannot_be_read_fails_that_person_alone(rig: Rig) -> None:
    amira, ben = both(rig)
    for person in (amira, ben):
        await person.says("hello")
        await rig.hears(person)
    async with rig.beside() as beside:
        (row,) = await beside.store.read(
            lambda reports: list(reports.conversations_of("telegram", amira.id))
        )
        await beside.store.run(lambda tx: tx.save_state(row.id, '{"phase":"lost"}', PAST))
        await amira.says("apply")
        await ben.says("apply")
        await rig.until(lambda: amira.asked(SORRY) and ben.asked("1 of 9"))
        await beside.store.run(lambda tx: tx.save_state(row.id, row.state, PAST))
        (failure,) = await beside.store.read(lambda reports: list(reports.failures()))
        assert await beside.door.retry(int(failure.id.removeprefix("turn-"))) is True
    await rig.hears(amira, "1 of 9")


async def test_a_turn_that_raises_is_redelivered_without_another_apology(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira, ben = both(rig)
    with monkeypatch.context() as planted:
        planted.setitem(machine.ORDERS, "help", (failing,) * 6)
        update = await amira.human.says("help")
        await ben.says("help")
        await rig.until(lambda: amira.asked(SORRY) and ben.asked(SORRY))
    await rig.taken()
    rig.telegram.repeat(update)
    envelope = next(e for e in rig.slack.envelopes if "help" in str(e.payload.get("event")))
    rig.slack.redeliver(envelope)
    await rig.until(lambda: {d.envelope_id for d in envelope.deliveries} <= set(rig.slack.acks))
    await rig.taken()
    assert [rig.written_to(person) for person in (amira, ben)] == [1, 1]
    assert len(rig.staff.messages) == 2


def state_of(rig: Rig, person: Person) -> str:
    query = "SELECT state FROM conversations WHERE channel = ? AND person = ?"
    return str(rig.rows(query, person.channel, person.id)[0][0])


# A database that will not take anything


@contextlib.contextmanager
def locked(path: Path) -> Any:
    """Another program writes, and does not end."""
    other = sqlite3.connect(path, isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_while_the_database_is_locked_nothing_is_acknowledged_and_nothing_lost(
    tmp_path: Path,
) -> None:
    path = tmp_path / "frontdesk.db"
    async with rigged(path, staff="telegram", ack_timeout=0.2, retries=1000) as rig:
        amira, ben = both(rig)
        for person in (amira, ben):
            await person.says("hello")
            await rig.hears(person)
        await rig.taken()
        said = ("apply", "skip the check", "I agree", "Service business", "Lakeside Mobile Care")
        with locked(path):
            for text in said:
                await amira.says(text)
                await ben.says(text)
            waiting = [e for e in rig.slack.envelopes if not e.settled]
            # Each was tried, turned back, and came again.
            await rig.until(
                lambda: fetched_twice(rig) and all(len(e.deliveries) > 1 for e in waiting)
            )
            assert len(rig.telegram.pending) == len(waiting) == len(said)
            assert not any(envelope.acked for envelope in waiting)
            assert [rig.written_to(person) for person in (amira, ben)] == [1, 1]
        await rig.until(lambda: amira.asked("trading name") and ben.asked("trading name"))
        await rig.taken()
        for person in (amira, ben):
            query = (
                "SELECT json_extract(e.body, '$.text') FROM events e JOIN conversations c"
                " ON c.id = e.conversation WHERE c.channel = ? ORDER BY e.id"
            )
            assert [text for (text,) in rig.rows(query, person.channel)] == ["hello", *said]
            assert len(person.heard) == 1 + len(said)
        assert await rig.app.store.read(lambda reports: list(reports.failures())) == []
        assert rig.staff.messages == []


def fetched_twice(rig: Rig) -> bool:
    """Every waiting update was delivered in at least two answers of getUpdates."""
    given = [
        update["update_id"]
        for call in rig.telegram.calls_of("getUpdates")
        for update in (call.result if isinstance(call.result, list) else [])
    ]
    return all(given.count(id) > 1 for id in rig.telegram.pending)


async def test_a_whole_application_goes_through_while_another_program_locks_now_and_then(
    tmp_path: Path,
) -> None:
    path = tmp_path / "frontdesk.db"
    async with rigged(path, ack_timeout=0.1, retries=1000) as rig:
        turns = 0

        async def until(predicate: Callable[[], bool]) -> None:
            nonlocal turns
            await rig.until(predicate)
            turns += 1
            if turns % 6 == 0:
                threading.Thread(target=hold, args=(path,), daemon=True).start()

        amira = rig.applicant("telegram", 1)
        await apply(amira, applicant(4), until)
        assert rig.rows("SELECT count(*) FROM records") == [(1,)]


def hold(path: Path) -> None:
    with locked(path):
        threading.Event().wait(0.1)  # longer than the program waits for a lock


# What comes due


async def test_what_has_come_due_reaches_the_machine_and_the_person(
    still: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira, _ = both(still)
    await still.start()
    await amira.says("hello")
    await still.hears(amira)
    ((id,),) = still.rows("SELECT id FROM conversations")

    def remind(_: Any, state: Any, reading: Ticks, __: Any) -> Step:
        return Step(state, (Say("resume.nothing"),) if reading.kind == "nudge" else ())

    monkeypatch.setitem(machine.TABLE[Phase.VISITING], Ticks, remind)
    monkeypatch.setattr(app_module, "TICK", 0.02)
    await still.stop()
    await still.start()
    async with still.beside() as beside:
        await beside.store.run(lambda tx: tx.remind(id, "nudge", PAST))
    await still.hears(amira, "There is no unfinished application")
    assert still.rows("SELECT count(*) FROM dues") == [(0,)]
    assert still.rows("SELECT count(*) FROM events WHERE key LIKE 'due:%'") == [(1,)]


async def test_where_nothing_can_be_sent_any_more_the_whole_ends(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    served = await build(settings(tmp_path), {"terminal": Silent()}, serving=True)
    serving = asyncio.create_task(served.serve())
    broken = sqlite3.connect(path, timeout=10)
    broken.execute("ALTER TABLE outbox RENAME TO elsewhere")
    broken.close()
    with pytest.raises(ExceptionGroup) as caught:
        await serving
    assert caught.group_contains(sqlite3.OperationalError, match="no such table: outbox")
    await served.close()


async def test_a_locked_database_does_not_end_the_clock(
    still: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, looked = asyncio.Event(), asyncio.Event()

    async def tick(_: Door) -> None:
        if not tried.is_set():
            tried.set()
            raise StoreUnavailable("locked")
        looked.set()

    monkeypatch.setattr(Door, "tick", tick)
    monkeypatch.setattr(app_module, "TICK", 0.01)
    await still.start()
    await asyncio.wait_for(looked.wait(), 60)
