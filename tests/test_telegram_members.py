"""Who is in Telegram's staff group: asked of Telegram, believed for a minute, never guessed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels import Posted
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_members import TelegramWords
from bot.channels.telegram_webhook import Registration
from bot.messages import Delivered, Notice, StaffReply, StaffTap
from tests.fakes.telegram import Group, Person, TelegramServer
from tests.fakes.telegram_posting import SECRET
from tests.test_telegram_channel import (
    STAFF,
    TOKEN,
    Desk,
    confirmed,
    listening,
    question,
    row,
)

WORDS = TelegramWords("Only members of the staff chat can do that.", "Telegram does not say.")


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(token=TOKEN) as one:
        yield one


@pytest.fixture
def rosa(server: TelegramServer) -> Person:
    return server.person(id=7, first_name="Rosa", last_name="Lim")


@pytest.fixture
def team(server: TelegramServer, rosa: Person) -> Group:
    return server.group(STAFF, "Staff", [rosa], admin_bot=True)


class Open:
    """The channel, listening, with a card in the staff group and a clock."""

    def __init__(self, server: TelegramServer) -> None:
        self.server, self.desk = server, Desk()
        self.now = datetime(2026, 11, 22, 18, tzinfo=UTC)

    def listening(self) -> Any:
        return listening(
            self.server,
            self.desk,
            staff_chat=str(STAFF),
            words=WORDS,
            clock=lambda: self.now,
        )

    async def card(self, channel: Any) -> Any:
        sent = await channel.send(row(question(), chat=STAFF))
        assert isinstance(sent, Delivered)
        return self.server.world.chats[STAFF].visible[-1]

    async def taps(self, person: Person, card: Any) -> str:
        tap = await person.taps("Yes", on=card)
        await self.server.until(lambda: tap.answered)
        return tap.text


async def test_a_member_s_tap_is_taken_with_their_name(
    server: TelegramServer, rosa: Person, team: Group
) -> None:
    one = Open(server)
    async with one.listening() as channel:
        assert await one.taps(rosa, await one.card(channel)) == ""
    tap = one.desk.one()
    assert isinstance(tap, StaffTap)
    assert (tap.by, tap.name, tap.button) == ("7", "Rosa Lim", (812, 0))


async def test_who_was_never_in_a_public_group_and_who_left_it_are_refused(
    server: TelegramServer, rosa: Person, team: Group
) -> None:
    one = Open(server)
    eve = server.person(id=8, first_name="Eve")
    async with one.listening() as channel:
        card = await one.card(channel)
        assert await one.taps(eve, card) == WORDS.refused
        assert await one.taps(rosa, card) == ""
        team.leaves(rosa)
        one.now += timedelta(seconds=60)
        assert await one.taps(rosa, card) == "", "a yes is believed for a minute"
        one.now += timedelta(seconds=1)
        assert await one.taps(rosa, card) == WORDS.refused
        team.joins(rosa)
        assert await one.taps(rosa, card) == "", "a no is never remembered"
    assert len(one.desk.arrivals) == 3


@pytest.mark.parametrize("kind", ["429", "500", "drop", "lost"])
async def test_while_telegram_does_not_say_a_tap_does_nothing_and_says_so(
    server: TelegramServer, rosa: Person, team: Group, kind: Any
) -> None:
    one = Open(server)
    async with one.listening() as channel:
        card = await one.card(channel)
        server.fault("getChatMember", kind)
        assert await one.taps(rosa, card) == WORDS.unsaid
        assert one.desk.arrivals == []
        assert await one.taps(rosa, card) == ""
    assert len(one.desk.arrivals) == 1


@pytest.mark.parametrize("kind", ["429", "500", "drop"])
async def test_while_telegram_does_not_say_a_reply_waits_and_is_not_lost(
    server: TelegramServer, rosa: Person, team: Group, kind: Any
) -> None:
    one = Open(server)
    async with one.listening() as channel:
        card = await one.card(channel)
        server.fault("getChatMember", kind, 2)
        await rosa.says("Two years.", group=team, reply_to=card)
        await confirmed(server)
    (reply,) = one.desk.arrivals
    assert isinstance(reply, StaffReply)
    assert (reply.text, reply.name) == ("Two years.", "Rosa Lim")


async def test_while_telegram_does_not_say_a_posted_reply_is_to_be_posted_again(
    server: TelegramServer, rosa: Person, team: Group
) -> None:
    one, hook = Open(server), Registration("https://bot.example.com/telegram", "secret-0123456789")
    channel = TelegramChannel(TOKEN, base_url=server.url, staff_chat=str(STAFF), webhook=hook)
    assert channel.hook is not None
    listens = asyncio.create_task(channel.listen(one.desk))
    await server.until(lambda: server.calls_of("getWebhookInfo"))
    await rosa.says("Two years.", group=team, reply_to=await one.card(channel))
    headers = {SECRET.lower(): hook.secret, "content-type": "application/json"}
    posted = Posted(headers, json.dumps(server.updates.made[server.pending[-1]]).encode())
    server.fault("getChatMember", "500")
    assert (await channel.hook.hear(posted)).status == 503
    assert one.desk.arrivals == []
    assert (await channel.hook.hear(posted)).status == 200
    assert isinstance(one.desk.one(), StaffReply)
    listens.cancel()
    await asyncio.gather(listens, return_exceptions=True)
    await channel.close()


async def test_where_telegram_never_says_the_group_is_told_what_to_do(
    server: TelegramServer, rosa: Person
) -> None:
    team = server.group(STAFF, "Staff", [rosa])
    team.room.hides_members = True
    one = Open(server)
    async with one.listening() as channel:
        card = await one.card(channel)
        await rosa.says("Two years.", group=team, reply_to=card)
        await confirmed(server)
        assert await one.taps(rosa, card) == WORDS.unsaid
    notice = one.desk.one()
    assert isinstance(notice, Notice)
    assert (notice.chat, notice.words, notice.once) == (
        str(STAFF),
        "notices.members_unsaid",
        False,
    )


async def test_a_member_s_taps_are_taken_in_their_order_also_while_telegram_is_asked(
    server: TelegramServer, rosa: Person, team: Group
) -> None:
    one = Open(server)
    async with one.listening() as channel:
        card = await one.card(channel)
        fault = server.fault("getChatMember", "delay")
        taps = [await rosa.taps(label, on=card) for label in ("Yes", "No", "No", "Yes")]
        await server.until(lambda: server.calls_of("getChatMember"))
        fault.until.set()
        await server.until(lambda: all(tap.answered for tap in taps))
    buttons = [arrival.button for arrival in one.desk.arrivals if isinstance(arrival, StaffTap)]
    assert buttons == [(812, 0), (812, 1), (812, 1), (812, 0)]
    assert len(server.calls_of("getChatMember")) == 1
