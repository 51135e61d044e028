"""The Telegram channel through python-telegram-bot against a local Bot API server, faults included.

The bot behind the channel is a ``Desk``, on which each commit is made by the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_intake import Pace
from bot.channels.telegram_payloads import compose
from bot.environment import ConfigError
from bot.messages import (
    Arrival,
    Block,
    Blocked,
    Button,
    Delivered,
    Incoming,
    Later,
    Notice,
    Outcome,
    Outgoing,
    Payload,
    Receipt,
    RefusedForGood,
    Span,
    StaffLine,
    StaffReply,
    Unreadable,
)
from bot.store.rows import OutboxRow, StoreUnavailable
from dialogs.events import Choice
from tests.fakes.telegram import Person, TelegramServer

TOKEN = "123456789:TEST-token-that-no-log-may-hold-0123"
QUICK = Pace(again=0.02, commit=0.01, first=0.01, most=0.02)
AMIRA, BEN, STAFF = 1001, 1002, -1001


@dataclass
class Desk:
    """What the channel hands its arrivals to. Commits at once, but for what is held."""

    arrivals: list[Arrival] = field(default_factory=list)
    holds: Callable[[Arrival], bool] = lambda _: False
    fails: int = 0
    """so many arrivals to come find the store away"""
    note: str = ""
    committed: list[str] = field(default_factory=list)
    held: list[tuple[Arrival, asyncio.Future[Receipt]]] = field(default_factory=list)

    def __call__(self, arrival: Arrival) -> asyncio.Future[Receipt]:
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self.arrivals.append(arrival)
        if self.fails:
            self.fails -= 1
            future.set_exception(StoreUnavailable("locked"))
        elif self.holds(arrival):
            self.held.append((arrival, future))
        else:
            self._commit(arrival, future)
        return future

    def _commit(self, arrival: Arrival, future: asyncio.Future[Receipt]) -> None:
        duplicate = arrival.key in self.committed
        self.committed.append(arrival.key)
        future.set_result(Receipt(duplicate=duplicate, note=self.note))

    def release(self) -> None:
        """Commit what is held, and hold no more."""
        self.holds = lambda _: False
        for arrival, future in self.held:
            self._commit(arrival, future)
        self.held.clear()

    def has(self, update: int) -> bool:
        """Whether this update is committed."""
        return f"telegram:{update}" in self.committed

    @property
    def texts(self) -> list[str]:
        """What was said, in the order in which it was handed over; each as often as it was."""
        return [each.text for each in self.arrivals if isinstance(each, Incoming)]

    def one(self) -> Arrival:
        (arrival,) = self.arrivals
        return arrival


@dataclass
class Log(logging.Handler):
    """Our log's lines as they would be written, and a way to wait for one."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._added = asyncio.Event()

    __hash__ = logging.Handler.__hash__

    def emit(self, record: logging.LogRecord) -> None:
        assert isinstance(record.msg, dict)
        self.lines.append(record.msg)
        self._added.set()

    def count(self, event: str) -> int:
        return sum(line["event"] == event for line in self.lines)

    async def shows(self, event: str, times: int = 1) -> None:
        async with asyncio.timeout(60):
            while self.count(event) < times:
                self._added.clear()
                await self._added.wait()


@pytest.fixture
def log() -> Iterator[Log]:
    handler = Log()
    ours = logging.getLogger("frontdesk.telegram")
    before = ours.level
    ours.setLevel(logging.DEBUG)
    ours.addHandler(handler)
    yield handler
    ours.removeHandler(handler)
    ours.setLevel(before)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(token=TOKEN) as server:
        yield server


@contextlib.asynccontextmanager
async def channel_to(server: TelegramServer, **more: Any) -> AsyncIterator[TelegramChannel]:
    options: dict[str, Any] = {"token": TOKEN, "base_url": server.url, "pace": QUICK} | more
    channel = TelegramChannel(**options)
    try:
        yield channel
    finally:
        await channel.close()


@contextlib.asynccontextmanager
async def listening(
    server: TelegramServer, desk: Desk, **more: Any
) -> AsyncIterator[TelegramChannel]:
    async with channel_to(server, **more) as channel:
        task = asyncio.create_task(channel.listen(desk))
        try:
            yield channel
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def confirmed(server: TelegramServer) -> None:
    await server.until(lambda: not server.pending)


def amira_of(server: TelegramServer) -> Person:
    return server.person(id=AMIRA, first_name="Amira")


def row(
    body: Payload | dict[str, Any], chat: int = AMIRA, *, id: int = 812, **more: Any
) -> OutboxRow:
    content = {"body": body.body, "plain": body.plain} if isinstance(body, Payload) else body
    rest: dict[str, Any] = {"thread": "", "kind": "send", "attempts": 0, "due_at": ""} | more
    return OutboxRow(id=id, channel="telegram", chat=str(chat), body=json.dumps(content), **rest)


def question(text: str = "Is it a shop?", buttons: tuple[str, ...] = ("Yes", "No")) -> Payload:
    keys = tuple(Button(label, Choice("answer", "kind", label)) for label in buttons)
    (payload,) = compose(Outgoing((Block((Span(text, "strong"),)),), keys))
    return payload


# Receiving


async def test_messages_are_handed_over_in_the_order_of_their_ids(
    server: TelegramServer, desk: Desk
) -> None:
    amira, ben = amira_of(server), server.person(id=BEN)
    with server.batch(backwards=True):
        for text in ("one", "two", "three"):
            await amira.says(text)
            await ben.says(text)
    async with listening(server, desk):
        await confirmed(server)
    assert desk.texts == ["one", "one", "two", "two", "three", "three"]


async def test_what_each_update_means_comes_through(server: TelegramServer, desk: Desk) -> None:
    amira = amira_of(server)
    async with listening(server, desk):
        await amira.starts("apply")
        await amira.says("/help@frontdesk_test_bot")
        await amira.sends_document(caption="our records")
        await amira.sends_photo(media_group_id="album")
        await amira.sends_photo(media_group_id="album")
        await amira.sends_contact()
        await amira.edits(amira.chat[0], "/start again")
        await confirmed(server)
    got = [a for a in desk.arrivals if isinstance(a, Incoming)]
    assert [(a.kind, a.text, a.medium, a.album) for a in got] == [
        ("said", "/start apply", "text", ""),
        ("said", "/help", "text", ""),
        ("said", "our records", "document", ""),
        ("said", "", "photo", "album"),
        ("said", "", "photo", "album"),
        ("said", "+60312345678", "contact", ""),
        ("edited", "/start again", "text", ""),
    ]
    assert {(a.person, a.chat, a.language) for a in got} == {("1001", "1001", "en")}
    assert got[-1].message == got[0].message


async def test_one_broken_update_of_a_hundred_harms_no_other(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    with server.batch():
        for number in range(50):
            await amira.says(str(number))
        broken = server.push({"message": {"message_id": "seven", "text": "my secret"}})
        for number in range(50, 99):
            await amira.says(str(number))
    async with listening(server, desk):
        await confirmed(server)
    assert desk.texts == [str(number) for number in range(99)]
    (unreadable,) = [a for a in desk.arrivals if isinstance(a, Unreadable)]
    assert unreadable.key == f"telegram:{broken}"
    assert "message.message_id" in unreadable.error


async def test_a_repeated_update_comes_with_the_same_key(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    async with listening(server, desk):
        first = await amira.says("one")
        await confirmed(server)
        await amira.says("two")
        await confirmed(server)
        server.repeat(first)
        await confirmed(server)
        await amira.says("three")
        await confirmed(server)
    assert desk.texts == ["one", "two", "one", "three"]
    assert [each.key for each in desk.arrivals][2] == f"telegram:{first}"


async def test_an_update_that_comes_late_is_not_taken_for_an_old_one(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    with server.batch():
        late = await amira.says("late")
        await amira.says("early")
        server.withhold(late)
    async with listening(server, desk):
        await confirmed(server)
        server.repeat(late)
        await confirmed(server)
    assert desk.texts == ["early", "late"]


async def test_ids_that_start_anew_after_a_quiet_week_are_taken(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    server.next_update_id = 900_000
    async with listening(server, desk):
        await amira.says("before")
        await confirmed(server)
        body = {"update_id": 17, "message": amira.chat[0].to_json() | {"text": "after"}}
        server.push(body)
        await confirmed(server)
    assert desk.texts == ["before", "after"]


async def test_what_is_not_for_the_bot_is_confirmed_and_nothing_else(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    await amira.starts()
    async with listening(server, desk):
        await confirmed(server)
        await amira.unblocks()
        await amira.sends({"pinned_message": {}})
        server.push({"message": {**amira.chat[0].to_json(), "from": server.world.bot}})
        await confirmed(server)
    assert len(desk.arrivals) == 1
    assert all(call.method in {"getMe", "getUpdates"} for call in server.calls)


async def test_a_block_arrives_and_an_unblock_needs_no_word(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    async with listening(server, desk):
        await amira.blocks()
        await amira.unblocks()
        await confirmed(server)
    (arrival,) = desk.arrivals
    assert isinstance(arrival, Blocked)
    assert arrival.person == str(amira.id)


async def test_the_updates_wanted_are_named(server: TelegramServer, desk: Desk) -> None:
    async with listening(server, desk):
        (call, *_) = await server.until(lambda: server.calls_of("getUpdates"))
    wanted = {"message", "edited_message", "callback_query", "my_chat_member"}
    assert set(call.params["allowed_updates"]) == wanted


# Committing


async def test_nothing_is_confirmed_before_its_commit(server: TelegramServer, desk: Desk) -> None:
    amira = amira_of(server)
    desk.holds = lambda _: True
    async with listening(server, desk):
        first = await amira.says("one")
        second = await amira.says("two")
        await server.until(lambda: len(desk.held) == 2)
        polls = len(server.calls_of("getUpdates"))
        await server.until(lambda: len(server.calls_of("getUpdates")) > polls + 3)
        assert server.pending == [first, second]
        desk.release()
        await confirmed(server)
    assert desk.texts == ["one", "two"], "what is in hand is not taken again"


async def test_a_restart_takes_up_what_was_not_committed(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    desk.holds = lambda arrival: isinstance(arrival, Incoming) and arrival.text == "two"
    async with listening(server, desk):
        for text in ("one", "two", "three"):
            await amira.says(text)
        await server.until(lambda: len(desk.arrivals) == 3)
    again = Desk(committed=desk.committed)
    async with listening(server, again):
        await confirmed(server)
    assert again.texts == ["two", "three"], "the offset stood at the second"


async def test_a_slow_conversation_holds_up_nobody_else(server: TelegramServer, desk: Desk) -> None:
    amira, ben = amira_of(server), server.person(id=BEN)
    desk.holds = lambda arrival: isinstance(arrival, Incoming) and arrival.person == str(AMIRA)
    async with listening(server, desk):
        slow = await amira.says("slow")
        for text in ("one", "two", "three"):
            update = await ben.says(text)
            await server.until(partial(desk.has, update))
        assert server.pending[0] == slow
        assert desk.texts == ["slow", "one", "two", "three"]
        desk.release()
        await confirmed(server)


async def test_a_hundred_behind_a_slow_one_wait_and_none_is_lost(
    server: TelegramServer, desk: Desk
) -> None:
    amira, ben = amira_of(server), server.person(id=BEN)
    desk.holds = lambda arrival: isinstance(arrival, Incoming) and arrival.person == str(AMIRA)
    with server.batch():
        await amira.says("slow")
        for number in range(150):
            await ben.says(str(number))
    async with listening(server, desk):
        await server.until(lambda: len(desk.arrivals) == 100)
        polls = len(server.calls_of("getUpdates"))
        desk.release()
        await confirmed(server)
        assert len(server.calls_of("getUpdates")) <= polls + 3
    assert desk.texts == ["slow", *map(str, range(150))]


async def test_a_slow_one_is_not_asked_for_again_and_again(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    desk.holds = lambda _: True
    pace = Pace(again=1000, commit=0.01, first=0.01, most=0.02, typing=0.1)
    async with listening(server, desk, pace=pace):
        await amira.says("slow")
        await server.until(lambda: server.calls_of("sendChatAction"))  # 0.1 s are over
        assert len(server.calls_of("getUpdates")) <= 3
        desk.release()
        await confirmed(server)


async def test_with_telegram_s_own_limits_on_polling_it_is_the_same(desk: Desk) -> None:
    async with TelegramServer(token=TOKEN, polling_limits=True) as server:
        amira, ben = amira_of(server), server.person(id=BEN)
        desk.holds = lambda arrival: isinstance(arrival, Incoming) and arrival.person == str(AMIRA)
        async with listening(server, desk):
            await amira.says("slow")
            await server.until(lambda: desk.held)
            await ben.says("one")
            await ben.says("two")
            desk.release()
            await ben.says("three")
            await confirmed(server)
    assert list(dict.fromkeys(desk.texts)) == ["slow", "one", "two", "three"]


async def test_what_the_store_would_not_take_comes_again(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    amira = amira_of(server)
    desk.fails = 3
    async with listening(server, desk):
        update = await amira.says("one")
        await confirmed(server)
    assert desk.texts == ["one"] * 4
    assert desk.committed == [f"telegram:{update}"]
    assert log.count("update not committed") == 3


async def test_of_a_batch_only_what_was_lost_is_taken_again(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    desk.fails = 1
    with server.batch():
        for text in ("one", "two", "three"):
            await amira.says(text)
    async with listening(server, desk):
        await confirmed(server)
    assert desk.texts == ["one", "two", "three", "one"]


# Faults while receiving


@pytest.mark.parametrize("kind", ["429", "500", "drop", "lost", "malformed"])
@pytest.mark.parametrize("method", ["getUpdates", "getMe"])
async def test_a_failed_call_delays_and_loses_nothing(
    server: TelegramServer, desk: Desk, method: str, kind: Any
) -> None:
    amira = amira_of(server)
    await amira.says("one")
    server.fault(method, kind, times=2, retry_after=0)
    async with listening(server, desk):
        await amira.says("two")
        await confirmed(server)
    assert desk.texts == ["one", "two"]


async def test_a_flood_limit_is_kept_to(server: TelegramServer, desk: Desk) -> None:
    await amira_of(server).says("one")
    server.fault("getUpdates", "429", retry_after=1)
    async with listening(server, desk):
        await confirmed(server)
    assert not any(call.hasty for call in server.calls)


@pytest.mark.parametrize("status", [401, 404, 502, 504])
async def test_a_gateway_s_error_page_ends_nothing(
    server: TelegramServer, desk: Desk, status: int
) -> None:
    await amira_of(server).says("one")
    server.fault(None, "500", times=3, status=status)
    async with listening(server, desk):
        await confirmed(server)
    assert desk.texts == ["one"]


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_what_a_gateway_refuses_is_sent_again(server: TelegramServer, status: int) -> None:
    amira_of(server)
    page = '{"message": "Forbidden"}'
    server.fault("sendMessage", "500", status=status, page=page)
    assert isinstance(await sent_to_amira(server), Later)


async def test_a_telegram_that_is_down_at_the_start_is_waited_for(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    await amira_of(server).says("one")
    await server.goes_down()
    async with listening(server, desk):
        await log.shows("telegram does not answer")
        await server.comes_up()
        await confirmed(server)
    assert desk.texts == ["one"]
    assert log.count("telegram does not answer") == log.count("telegram answers again") == 1


async def test_an_outage_in_the_middle_is_waited_for(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    amira = amira_of(server)
    async with listening(server, desk):
        await amira.says("one")
        await confirmed(server)
        await server.goes_down()
        await log.shows("telegram does not answer")
        await amira.says("two")
        await server.comes_up()
        await confirmed(server)
    assert desk.texts == ["one", "two"]


async def test_a_webhook_is_named_once_with_its_mend_and_waited_out(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    told = []

    async def tell() -> None:
        told.append("staff")

    server.webhook = "https://example.com/hook"
    await amira_of(server).says("one")
    async with listening(server, desk, on_conflict=tell):
        await server.until(lambda: len(server.calls_of("getUpdates")) > 3)
        server.webhook = ""
        await confirmed(server)
    assert desk.texts == ["one"]
    assert told == ["staff"]
    (line,) = [line for line in log.lines if line["event"] == "a webhook takes this bot's updates"]
    assert "frontdesk telegram unregister" in line["mend"]
    assert not server.calls_of("deleteWebhook")


async def test_a_second_program_is_named_once_and_nothing_is_lost(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    amira, other = amira_of(server), Desk(committed=desk.committed)
    event = "another program fetches this bot's updates"
    async with listening(server, desk):
        async with listening(server, other):
            await log.shows(event, times=2)  # each of the two
            await amira.says("one")
            await confirmed(server)
        await amira.says("two")
        await confirmed(server)
    assert "two" in desk.texts
    assert {"one", "two"} == {*desk.texts, *other.texts}
    assert log.count(event) == 2


async def test_a_store_that_is_away_does_not_stop_the_naming_of_a_conflict(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    async def tell() -> None:
        raise StoreUnavailable("locked")

    server.webhook = "https://example.com/hook"
    async with listening(server, desk, on_conflict=tell):
        await log.shows("staff not told of the conflict")
        server.webhook = ""
        await amira_of(server).says("one")
        await confirmed(server)


@pytest.mark.parametrize("token", ["", "TEST", "123", "123:a b", "123:abc\n", "bot123:abc"])
def test_what_cannot_be_a_token_is_refused_at_once(token: str) -> None:
    with pytest.raises(ConfigError, match="FRONTDESK_TELEGRAM_TOKEN") as refused:
        TelegramChannel(token)
    assert not token.strip() or token not in str(refused.value)


async def test_a_refused_token_ends_it_and_names_its_key(
    server: TelegramServer, desk: Desk
) -> None:
    async with channel_to(server, token="123456789:another") as channel:
        with pytest.raises(ConfigError, match="FRONTDESK_TELEGRAM_TOKEN") as refused:
            await channel.listen(desk)
        assert "another" not in str(refused.value)


async def test_a_token_revoked_while_it_runs_ends_it(server: TelegramServer, desk: Desk) -> None:
    async with channel_to(server) as channel:
        listen = asyncio.create_task(channel.listen(desk))
        await server.until(lambda: server.calls_of("getUpdates"))
        server.token = "123456789:new"
        await server.goes_down()  # ends the poll
        await server.comes_up()
        with pytest.raises(ConfigError, match="FRONTDESK_TELEGRAM_TOKEN"):
            await listen


# Buttons


async def test_a_tap_names_what_was_sent_and_is_answered_after_its_commit(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    desk.note = "That is from an earlier step."
    async with listening(server, desk) as channel:
        await amira.starts()
        await confirmed(server)
        await channel.send(row(question(), id=812))
        desk.holds = lambda _: True
        tap = await amira.taps("No")
        await server.until(lambda: desk.held)
        polls = len(server.calls_of("getUpdates"))
        await server.until(lambda: len(server.calls_of("getUpdates")) > polls + 2)
        assert not tap.answered
        desk.release()
        await server.until(lambda: tap.answered)
    assert tap.answers == [("That is from an earlier step.", False)]
    picked = desk.arrivals[-1]
    assert isinstance(picked, Incoming)
    assert (picked.kind, picked.button, picked.person) == ("picked", (812, 1), "1001")


async def test_every_tap_is_answered(server: TelegramServer, desk: Desk) -> None:
    """A repeated one, a forged one, one in a group, one whose answer fails at first."""
    amira = amira_of(server)
    team = server.group(STAFF, "Staff", [amira])
    async with listening(server, desk, staff_chat=str(STAFF)) as channel:
        await amira.starts()
        await confirmed(server)
        await channel.send(row(question()))
        await channel.send(row(question(), chat=STAFF))
        server.fault("answerCallbackQuery", "500", times=2)
        tap = await amira.taps("Yes")
        await server.until(lambda: tap.answered)
        await amira.taps_data("812:0; drop table")
        await amira.taps_data("1" * 60)
        await amira.taps("Yes", group=team)
        server.fault("answerCallbackQuery", "429", retry_after=0)
        server.repeat(tap.update_id)
        await server.until(lambda: not server.unanswered and len(tap.answers) == 2)
        await confirmed(server)
    buttons = [a.button for a in desk.arrivals if isinstance(a, Incoming) and a.kind == "picked"]
    assert (buttons.count((812, 0)), buttons.count(None)) == (2, 2)
    assert {tap.text for tap in server.taps} == {""}


async def test_a_tap_too_old_to_be_answered_is_let_go(server: TelegramServer, desk: Desk) -> None:
    amira = amira_of(server)
    async with channel_to(server) as channel:
        await amira.starts()
        await channel.send(row(question()))
    await amira.taps("Yes")
    server.expire_taps()
    async with listening(server, desk):
        await confirmed(server)
        await server.until(lambda: server.calls_of("answerCallbackQuery"))
        await amira.says("two")
        await confirmed(server)
    assert len(server.calls_of("answerCallbackQuery")) == 1


async def test_a_long_note_is_cut_to_what_telegram_shows(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    desk.note = "n" * 300
    async with listening(server, desk) as channel:
        await amira.starts()
        await confirmed(server)
        await channel.send(row(question()))
        tap = await amira.taps("Yes")
        await server.until(lambda: tap.answered)
    assert tap.text == "n" * 200


async def test_a_slow_turn_shows_that_the_bot_is_at_it_and_a_quick_one_does_not(
    server: TelegramServer, desk: Desk
) -> None:
    amira, ben = amira_of(server), server.person(id=BEN)
    desk.holds = lambda arrival: isinstance(arrival, Incoming) and arrival.person == str(BEN)
    pace = Pace(again=0.02, commit=0.01, first=0.01, most=0.02, typing=0.03)
    server.fault("sendChatAction", "500")
    async with listening(server, desk, pace=pace):
        await amira.says("quick")
        await confirmed(server)
        await ben.says("slow")
        call = (await server.until(lambda: server.calls_of("sendChatAction")))[0]
        desk.release()
        await confirmed(server)
    assert (call.chat_id, call.params["action"]) == (BEN, "typing")
    assert not server.calls_of("sendChatAction", chat_id=AMIRA)


# Groups


async def test_a_group_that_speaks_to_the_bot_is_told_once_where_to_write(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    team = server.group(-500, "Shop", [amira], admin_bot=True)
    async with listening(server, desk):
        await amira.says("lunch?", group=team)
        update = await amira.says("/start@frontdesk_test_bot", group=team)
        await amira.says("/start@another_bot", group=team)
        await confirmed(server)
    assert desk.one() == Notice(
        "telegram", f"telegram:{update}", "-500", "notices.group", language="en"
    )


async def test_only_a_direct_reply_to_a_card_leaves_the_staff_group(
    server: TelegramServer, desk: Desk
) -> None:
    rosa = server.person(id=7, first_name="Rosa")
    team = server.group(STAFF, "Staff", [rosa], admin_bot=True)
    async with listening(server, desk, staff_chat=str(STAFF)) as channel:
        sent = await channel.send(row(question("How long must it exist?", ()), chat=STAFF))
        assert isinstance(sent, Delivered)
        await rosa.says("who takes this?", group=team)
        await rosa.says("me", group=team, reply_to=team.chat[-1])
        await rosa.says("@frontdesk_test_bot two years", group=team)
        await rosa.says("Two years.", group=team, reply_to=team.chat[0])
        await confirmed(server)
    line, reply = desk.arrivals
    assert isinstance(line, StaffLine)  # said to the bot itself
    assert (line.chat, line.text) == (str(STAFF), "two years")
    assert isinstance(reply, StaffReply)
    assert (reply.chat, reply.by, reply.text) == (str(STAFF), "7", "Two years.")
    assert reply.card == sent.message


async def test_a_staff_group_that_became_a_supergroup_is_followed(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    rosa = server.person(id=7, first_name="Rosa")
    team = server.group(STAFF, "Staff", [rosa])
    async with listening(server, desk, staff_chat=str(STAFF)) as channel:
        before = await channel.send(row(question("Before?", ()), chat=STAFF))
        await server.until(lambda: server.calls_of("getUpdates"))
        await team.moves_to(-1_000_000_000_777, by=rosa)
        after = await channel.send(row(question("After?", ()), chat=STAFF))
        assert isinstance(before, Delivered)
        assert isinstance(after, Delivered)
        assert after.message != before.message, "both chats count their messages from one"
        await rosa.says("Yes.", group=team, reply_to=team.chat[-1])
        await confirmed(server)
        again = await channel.send(row(question("Again?", ()), chat=STAFF))
        assert isinstance(again, Delivered)
        assert len(server.calls_of("sendMessage", chat_id=STAFF)) == 2, "learnt once"
    assert [message.text for message in team.chat if message.from_bot] == ["After?", "Again?"]
    reply = desk.one()
    assert isinstance(reply, StaffReply)
    assert (reply.chat, reply.card) == (str(STAFF), after.message)
    assert log.count("the staff group has a new id") == 1
    # a restart knows it before the first reply comes
    restarted = Desk()
    async with listening(server, restarted, staff_chat=str(STAFF)) as channel:
        await rosa.says("And yes.", group=team, reply_to=team.chat[-1])
        await confirmed(server)
        deleted = await channel.send(row({"message": after.message}, chat=STAFF, kind="delete"))
    assert getattr(restarted.one(), "card", "") == again.message
    assert deleted == Delivered("")
    assert "After?" not in [message.text for message in team.chat]


async def test_a_staff_group_without_the_bot_is_said_and_applicants_are_served(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    async with listening(server, desk, staff_chat=str(STAFF)):
        await amira_of(server).says("one")
        await confirmed(server)
    (line,) = log.lines
    assert line["event"] == "the staff group is out of reach"
    assert "staff.chat" in line["mend"]


# Sending


async def test_a_message_arrives_with_its_markup_and_buttons(server: TelegramServer) -> None:
    amira = amira_of(server)
    await amira.starts()
    async with channel_to(server) as channel:
        outcome = await channel.send(row(question("A & B <3?")))
    message = amira.chat[-1]
    assert outcome == Delivered(str(message.message_id))
    assert message.text == "A & B <3?"
    assert [entity["type"] for entity in message.entities] == ["bold"]
    assert message.buttons == [["Yes", "No"]]
    assert [key["callback_data"] for key in message.keys[0]] == ["812:0", "812:1"]


async def test_refused_markup_goes_at_once_without_it(server: TelegramServer, log: Log) -> None:
    amira = amira_of(server)
    await amira.starts()
    payload = question()
    broken = Payload({**payload.body, "text": "<b>Is it a shop?"}, payload.plain)
    async with channel_to(server) as channel:
        outcome = await channel.send(row(broken))
    message = amira.chat[-1]
    assert outcome == Delivered(str(message.message_id))
    assert (message.text, message.buttons) == ("Is it a shop?", [["Yes", "No"]])
    assert message.keys[0][0]["callback_data"] == "812:0"
    assert log.count("markup refused, sent without") == 1


async def sent_to_amira(server: TelegramServer, text: str = "hello") -> Outcome:
    async with channel_to(server) as channel:
        body = {"text": text, "parse_mode": "HTML"}
        return await channel.send(row({"body": body, "plain": {"text": text}}))


async def test_a_flood_limit_tells_when(server: TelegramServer) -> None:
    await amira_of(server).starts()
    server.fault("sendMessage", "429", retry_after=17)
    assert await sent_to_amira(server) == Later("flood limit", 17)


@pytest.mark.parametrize(
    ("kind", "more", "arrived"),
    [
        ("500", {}, False),
        ("500", {"status": 502}, False),
        ("500", {"status": 401}, False),
        ("drop", {}, False),
        ("lost", {}, True),
        ("malformed", {}, True),
    ],
)
async def test_what_is_unclear_is_tried_again_later(
    server: TelegramServer, kind: Any, more: dict[str, int], arrived: bool
) -> None:
    amira = amira_of(server)
    await amira.starts()
    server.fault("sendMessage", kind, **more)
    outcome = await sent_to_amira(server)
    assert isinstance(outcome, Later)
    assert outcome.seconds is None
    assert TOKEN not in outcome.reason
    assert [m.text for m in amira.chat if m.from_bot] == ["hello"] * arrived
    assert isinstance(await sent_to_amira(server), Delivered)
    assert [m.text for m in amira.chat if m.from_bot] == ["hello"] * (arrived + 1)


async def test_a_telegram_that_is_down_is_later(server: TelegramServer) -> None:
    await server.goes_down()
    assert await sent_to_amira(server) == Later("NetworkError (ConnectError)")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        ("blocked", "bot was blocked by the user"),
        ("deactivated", "user is deactivated"),
        ("unknown", "chat not found"),
        ("not started", "bot can't initiate conversation with a user"),
        ("long", "message is too long"),
        ("empty", "message text is empty"),
    ],
)
async def test_what_will_never_arrive_is_refused_with_its_reason(
    server: TelegramServer, happens: str, reason: str
) -> None:
    if happens != "unknown":
        amira = amira_of(server)
        if happens != "not started":
            await amira.starts()
        if happens == "blocked":
            await amira.blocks()
        if happens == "deactivated":
            amira.leaves_telegram()
    text = {"long": "x" * 4097, "empty": " "}.get(happens, "hello")
    assert await sent_to_amira(server, text) == RefusedForGood(reason)


async def test_a_reason_quotes_nobody(server: TelegramServer) -> None:
    await amira_of(server).starts()
    body = {"text": "<secret>hello", "parse_mode": "HTML"}
    async with channel_to(server) as channel:
        outcome = await channel.send(row({"body": body, "plain": body}))
    assert outcome == RefusedForGood("can't parse entities")


async def test_sends_wait_neither_for_each_other_nor_for_the_poll(
    server: TelegramServer, desk: Desk
) -> None:
    amira = amira_of(server)
    people = [server.person(id=2000 + number) for number in range(30)]
    for person in people:
        person.room.started = True
    stuck = server.fault("sendMessage", "delay", times=30)
    async with listening(server, desk) as channel:
        sends = [
            asyncio.create_task(channel.send(row(question(), chat=person.id))) for person in people
        ]
        await server.until(lambda: len(stuck.hits) == 30)
        await amira.says("one")
        await confirmed(server)
        assert desk.texts == ["one"]
        stuck.until.set()
        outcomes = await asyncio.gather(*sends)
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)


# Deleting


async def deleted(server: TelegramServer, message: object) -> Outcome:
    async with channel_to(server) as channel:
        return await channel.send(row({"message": str(message)}, kind="delete"))


async def test_a_message_is_deleted_and_one_that_is_gone_counts_as_deleted(
    server: TelegramServer,
) -> None:
    amira = amira_of(server)
    await amira.starts()
    sent = await sent_to_amira(server)
    assert isinstance(sent, Delivered)
    assert await deleted(server, sent.message) == Delivered("")
    assert [m.text for m in amira.chat] == ["/start"]
    assert await deleted(server, sent.message) == Delivered("")
    assert await deleted(server, 999) == Delivered("")


async def test_a_message_too_old_to_be_deleted_is_emptied(server: TelegramServer) -> None:
    amira = amira_of(server)
    await amira.starts()
    sent = await sent_to_amira(server, "Amira's address")
    assert isinstance(sent, Delivered)
    amira.chat[-1].date -= 49 * 3600
    assert await deleted(server, sent.message) == Delivered("")
    assert amira.chat[-1].text == "…"
    assert await deleted(server, sent.message) == Delivered("")


async def test_a_deletion_that_fails_is_tried_again(server: TelegramServer) -> None:
    amira = amira_of(server)
    await amira.starts()
    sent = await sent_to_amira(server)
    assert isinstance(sent, Delivered)
    server.fault("deleteMessage", "500")
    assert isinstance(await deleted(server, sent.message), Later)
    server.fault("deleteMessage", "429", retry_after=3)
    assert await deleted(server, sent.message) == Later("flood limit", 3)
    amira.chat[-1].date -= 49 * 3600
    server.fault("editMessageText", "500")
    assert isinstance(await deleted(server, sent.message), Later)


# The rest


async def test_the_menu_of_commands_is_set_and_its_failure_stops_nothing(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    menu = (("start", "Begin"), ("help", "What I can do"))
    other = (("start", "Mulai"),)
    async with listening(server, desk, menus={"": menu, "id": other}):
        await server.until(lambda: len(server.calls_of("setMyCommands")) == 2)
        one, two = server.calls_of("setMyCommands")
    assert one.params["commands"] == [
        {"command": "start", "description": "Begin"},
        {"command": "help", "description": "What I can do"},
    ]
    assert not one.params.get("language_code")
    assert two.params["commands"] == [{"command": "start", "description": "Mulai"}]
    assert two.params["language_code"] == "id"
    async with listening(server, desk, menus={"": (("Not A Command", "x"),)}):
        await log.shows("command menu not set")
        await amira_of(server).says("one")
        await confirmed(server)


async def test_check_says_whose_token_it_is(server: TelegramServer) -> None:
    server.group(STAFF, "Staff")
    async with channel_to(server) as channel:
        assert await channel.check() == "@frontdesk_test_bot"
    async with channel_to(server, staff_chat=str(STAFF)) as channel:
        assert await channel.check() == f"@frontdesk_test_bot, in the staff group {STAFF}"


async def test_check_names_what_the_operator_must_mend(server: TelegramServer) -> None:
    team = server.group(STAFF, "Staff", [rosa := server.person(id=7)])

    async def mend(**more: Any) -> str:
        async with channel_to(server, **more) as channel:
            with pytest.raises(ConfigError) as wrong:
                await channel.check()
        assert TOKEN not in str(wrong.value)
        return str(wrong.value)

    assert "FRONTDESK_TELEGRAM_TOKEN: " in await mend(token="123456789:another")
    assert "staff.chat: " in await mend(staff_chat="-42")
    await team.moves_to(-1_000_000_000_777, by=rosa)
    assert '"telegram:-1000000000777"' in await mend(staff_chat=str(STAFF))
    server.webhook = "https://example.com/hook"
    assert "frontdesk telegram unregister" in await mend()
    await server.goes_down()
    assert "telegram.base_url: " in await mend()


async def test_no_log_line_holds_the_token_or_what_people_write(
    server: TelegramServer, desk: Desk, log: Log
) -> None:
    amira = amira_of(server)
    await amira.starts()
    for method in ("getUpdates", "sendMessage", "answerCallbackQuery", "sendChatAction"):
        for kind in ("500", "drop", "malformed"):
            server.fault(method, kind)
    desk.fails = 2
    async with listening(server, desk, staff_chat="-42") as channel:
        await confirmed(server)
        for _ in range(4):
            await channel.send(row(question("Amira's address")))
        await amira.says("Amira's address")
        await amira.taps("Yes")
        server.push({"message": {"text": "Amira's address"}})
        await confirmed(server)
        await server.until(lambda: not server.unanswered)
    written = json.dumps(log.lines)
    assert len(log.lines) >= 4
    for secret in (TOKEN, TOKEN.partition(":")[2], "Amira", "address"):
        assert secret not in written
