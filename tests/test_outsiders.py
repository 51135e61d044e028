"""Whoever is not staff can do nothing that staff can, whatever they tap, write, forge or guess.

Each way in (a button of each deed, a form, a reply, a line, a guessed button) is tried by each kind
of outsider, through the platform; of all of them none may be carried out. What counts
is what stands in the database: stages, claims, requests, decisions, answers, what is learnt, and
what was written into the staff chat or to the applicant. The deeds are read from their table, so a
new one is tried too.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.slack_blocks import ANSWER_BLOCK, ANSWER_INPUT, ANSWER_VIEW
from bot.channels.slack_forms import STAFF_VIEW
from bot.house import post
from bot.messages import Block, Button, Deed, Outgoing, Span
from bot.roles import Roles
from bot.taps import DEEDS
from tests.rig import SLACK_STAFF, TELEGRAM_STAFF, Platform, Rig, rigged
from tests.test_review_desk import received, reference
from tests.test_staff_chat import BOTH, asks

Attempt = Callable[[], Awaitable[Any]]

VALUES = {
    "review:decide": "1|declined|without",
    "review:cancel": "1|declined",
    "review:pick": "1|0|email",
    "review:fields": "1|0",
    "review:distinct": "1|FD-2222-2222",
}
"""what a deed's button says besides its application; the others name its version alone"""
TABLES = (
    "SELECT * FROM reviews",
    "SELECT * FROM requests",
    "SELECT * FROM request_drafts",
    "SELECT * FROM versions",
    "SELECT * FROM decisions",
    "SELECT reference, state, body FROM records",
    "SELECT id, answer, answered_by FROM escalations",
    "SELECT * FROM candidates",
    "SELECT * FROM colleagues",
)


class World:
    """An application and a question that wait, and a card with a button for every deed."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    async def set_up(self) -> World:
        rig = self.rig
        self.record, self.amira = await received(
            rig, "telegram" if rig.on == "telegram" else "slack"
        )
        self.reference = reference(self.record)
        self.question = await asks(rig, rig.applicant(rig.on or "slack", 5, "Cass"), "Is it fine?")
        staff = rig.house.staff
        assert staff is not None
        buttons = tuple(
            Button(f"deed {n}", Deed(verb, self.reference, VALUES.get(verb, "1")))
            for n, verb in enumerate(DEEDS)
        )
        about = {
            "decision": f"{self.reference}|1|declined",
            "reason": f"{self.reference}|1|email",
        }
        where = {"channel": staff.channel, "chat": staff.chat, "at": rig.house.now()}
        all_deeds = Outgoing((Block((Span("every deed"),)),), buttons)
        rows = await rig.app.store.run(lambda tx: post(rig.house, tx, all_deeds, **where))  # type: ignore[arg-type]  # texts
        for kind, id in about.items():
            says = Outgoing((Block((Span(f"reply with the {kind}"),)),))
            rows += await rig.app.store.run(
                lambda tx, says=says, case=(kind, id): post(rig.house, tx, says, case=case, **where)  # type: ignore[misc, arg-type]  # bound early
            )
        rig.app.courier.offer(rows)
        await rig.app.courier.drain()
        self.row = rows[0].id
        self.deeds = await rig.staff.card("every deed")
        self.prompts = [await rig.staff.card(f"reply with the {kind}") for kind in about]
        return self

    def lines(self) -> Iterator[str]:
        yield from ("queue", f"show {self.reference}", "show FD-2222-2222", "export", "export csv")

    def state(self, *, staff_chat: bool) -> Any:
        """All that an outsider may not change. ``staff_chat``: nor have anything written there."""
        rows = [self.rig.rows(table) for table in TABLES]
        where = "channel = ? AND chat = ?"
        chat = str(TELEGRAM_STAFF) if self.rig.on == "telegram" else SLACK_STAFF
        # That somebody who never wrote here cannot be answered is said there; it tells nothing.
        cards = " AND body NOT LIKE '%could not be delivered%'"
        if not staff_chat:
            cards = " AND (case_kind <> '' OR body LIKE '%\"export\":%')"
        query = f"SELECT body FROM outbox WHERE {where}{cards}"  # noqa: S608 - our own conditions
        return [*rows, self.rig.rows(query, self.rig.on, chat)]


async def tried(world: World, attempts: list[Attempt], *, staff_chat: bool = True) -> int:
    """How many were tried; none of them may have changed anything."""
    rig = world.rig
    await rig.taken()
    await rig.app.courier.drain()
    before = world.state(staff_chat=staff_chat)
    for attempt in attempts:
        await attempt()
    await rig.taken()
    await rig.app.courier.drain()
    after = world.state(staff_chat=staff_chat)
    assert after[:-1] == before[:-1]
    assert after[-1][len(before[-1]) :] == [], "written into the staff chat"
    return len(attempts)


# Telegram


_messages = itertools.count(50_000)


def telegram_user(id: int, *, bot: bool = False) -> dict[str, Any]:
    return {"id": id, "is_bot": bot, "first_name": "Eve", "language_code": "en"}


def telegram_attempts(world: World, user: dict[str, Any], chat: dict[str, Any]) -> list[Attempt]:
    """Everything that comes through Telegram's updates, from this user in this chat."""
    server, rig = world.rig.telegram, world.rig
    ours = rig.telegram.world.bot

    def tap(data: str, message_id: int) -> Attempt:
        async def push() -> None:
            shown = {"message_id": message_id, "chat": chat, "date": 1, "from": ours}
            query = {"id": str(next(_messages)), "from": user, "message": shown, "data": data}
            push_id = server.next_update_id
            server.push({"update_id": push_id, "callback_query": query | {"chat_instance": "1"}})

        return push

    def says(text: str, under: Any = None) -> Attempt:
        async def push() -> None:
            message = {"message_id": next(_messages), "from": user, "chat": chat, "date": 1}
            message |= {"text": text}
            if under is not None:
                message["reply_to_message"] = {"message_id": under.message_id, "from": ours}
            server.push({"update_id": server.next_update_id, "message": message})

        return push

    name = ours["username"]
    return [
        *(tap(f"{world.row}:{n}", world.deeds.message_id) for n in range(len(DEEDS))),
        *(
            tap(f"{row}:{n}", world.record.message_id)
            for row in range(1, world.row)
            for n in (0, 2)
        ),
        *(says(f"@{name} {line}") for line in world.lines()),
        *(says(f"/{line}@{name}") for line in ("queue", "export")),
        *(says("A reply", under) for under in (world.question, world.record, *world.prompts)),
    ]


# Slack


def slack_attempts(world: World, user: dict[str, Any], room: str, team: str) -> list[Attempt]:
    """Everything that comes through Slack's payloads, from this user in this channel."""
    slack = world.rig.slack.world
    envelopes: list[Any] = []

    def tell(payload: dict[str, Any]) -> Attempt:
        async def send() -> None:
            trigger = slack.new_id("1337.")
            whole = payload | {"team": {"id": team}, "user": user, "trigger_id": trigger}
            envelope = slack.tell("interactive", whole, trigger)
            await world.rig.until(lambda: envelope.settled)

        return send

    def tap(action: str, value: str, ts: str) -> Attempt:
        said = {"action_id": action, "block_id": "b", "type": "button", "value": value}
        said |= {"action_ts": f"17000000{len(envelopes)}0.000001"}
        container = {"type": "message", "message_ts": ts, "channel_id": room}
        return tell({"type": "block_actions", "container": container, "actions": [said]})

    def form(view: str, metadata: str, values: dict[str, dict[str, str]]) -> Attempt:
        state = {
            block: {name: {"type": "plain_text_input", "value": text} for name, text in one.items()}
            for block, one in values.items()
        }
        body = {"id": slack.new_id("V"), "callback_id": view, "private_metadata": metadata}
        return tell({"type": "view_submission", "view": body | {"state": {"values": state}}})

    def mention(text: str) -> Attempt:
        async def send() -> None:
            event = {"type": "app_mention", "user": user["id"], "channel": room}
            if user["id"] == "U0OTHERBOT":
                event["bot_id"] = "B0OTHER"
            ts = f"1700000001.{next(_messages):06d}"
            slack.emit(event | {"text": f"<@U0BOT> {text}", "ts": ts, "event_ts": ts})

        return send

    written = {"email": {"email": "It bounces."}, "message": {"message": "No."}}
    answers = {ANSWER_BLOCK: {ANSWER_INPUT: "Yes."}}
    ts = world.deeds.ts
    return [
        *(tap(f"pick-{n}", f"{world.row}:{n}", ts) for n in range(len(DEEDS))),
        *(tap("pick-0", f"{row}:{n}", ts) for row in range(1, world.row) for n in (0, 2)),
        *(form(STAFF_VIEW, f"{world.row}:{n}:{ts}", written) for n in range(len(DEEDS))),
        form(ANSWER_VIEW, f"1:{world.question.ts}", answers),
        tap("answer", "answer:1", world.question.ts),
        *(mention(line) for line in world.lines()),
    ]


@pytest.fixture
async def world(tmp_path: Path, staff: Platform) -> AsyncIterator[World]:
    async with rigged(tmp_path / "frontdesk.db", staff=staff) as rig:
        yield await World(rig).set_up()


async def former_member(world: World) -> Any:
    """Somebody who has just been of staff, and is not any more: a minute has passed."""
    rig = world.rig
    gone = rig.staff.people[2]
    rig.staff.room.leaves(gone)
    return gone


@BOTH
async def test_no_outsider_does_anything_that_staff_do(world: World) -> None:
    rig, number = world.rig, 0
    gone = await former_member(world)
    if rig.on == "telegram":
        lobby = rig.telegram.group(-3003, "Lobby", [gone], admin_bot=True)
        rig.telegram.person(666, "Eve")
        applicant, chat = telegram_user(int(world.amira.id)), rig.staff.room.room.to_json()
        users = (applicant, telegram_user(666), telegram_user(gone.id), telegram_user(77, bot=True))
        for user in users:
            private = {"id": user["id"], "type": "private", "first_name": "Eve"}
            for where in (chat, private, lobby.room.to_json()):
                number += await tried(world, telegram_attempts(world, user, where))
    else:
        lobby_room = rig.slack.channel("C0LOBBY", name="lobby", members=[gone])
        own = rig.slack.person("U0666", name="Eve")
        users_and_teams = (
            (world.amira.id, world.amira.human.dm.id, "T0TEAM"),
            (own.id, own.dm.id, "T0TEAM"),
            (gone.id, gone.dm.id, "T0TEAM"),
            ("U0ABROAD", "D0ABROAD", "T0OTHER"),
            ("U0OTHERBOT", "D0OTHERBOT", "T0TEAM"),
        )
        for id, direct, team in users_and_teams:
            person = {"id": id, "name": "eve", "team_id": team}
            for room in (SLACK_STAFF, direct, lobby_room.id):
                number += await tried(world, slack_attempts(world, person, room, team))
    assert number > 500
    print(f"{rig.on}: carried out 0 of {number}")


@pytest.fixture
async def powerless(tmp_path: Path, staff: Platform) -> AsyncIterator[World]:
    path = tmp_path / "frontdesk.db"
    async with rigged(path, staff=staff, roles=Roles(frozenset())) as rig:
        yield await World(rig).set_up()


@BOTH
async def test_staff_without_the_role_do_nothing_and_are_told(powerless: World) -> None:
    world, rig = powerless, powerless.rig
    member = rig.staff.people[0]
    if rig.on == "telegram":
        chat = rig.staff.room.room.to_json()
        attempts = telegram_attempts(world, telegram_user(member.id), chat)
    else:
        user = {"id": member.id, "name": "staff0", "team_id": "T0TEAM"}
        attempts = slack_attempts(world, user, SLACK_STAFF, "T0TEAM")
    number = await tried(world, attempts, staff_chat=False)
    print(f"{rig.on}, without a role: carried out 0 of {number}")
    await rig.staff.taps(rig.staff.now(world.record), "Take it", 1)
    await rig.until(lambda: any("review applications here" in one for one in rig.staff.told(1)))


@BOTH
async def test_the_same_is_done_for_staff(world: World) -> None:
    """Else the tests above could not fail."""
    rig = world.rig
    member = rig.staff.people[0]
    if rig.on == "telegram":
        chat = rig.staff.room.room.to_json()
        attempts = telegram_attempts(world, telegram_user(member.id), chat)
    else:
        user = {"id": member.id, "name": "staff0", "team_id": "T0TEAM"}
        attempts = slack_attempts(world, user, SLACK_STAFF, "T0TEAM")
    before = world.state(staff_chat=True)
    for attempt in attempts:
        await attempt()
    await rig.taken()
    after = world.state(staff_chat=True)
    assert [a != b for a, b in zip(before, after, strict=True)].count(True) >= 5
    assert rig.rows("SELECT verdict FROM decisions") != []
    assert rig.rows("SELECT answer FROM escalations WHERE answer <> ''") != []
