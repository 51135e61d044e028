"""Telegram's posts, over real HTTP, through the whole program."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.telegram_webhook import state, trouble
from tests.applicant import applicant, apply, value_at
from tests.fakes.telegram_posting import SECRET
from tests.web_rig import HOOK, WebRig, web_rigged

GOOD = {SECRET: HOOK.secret, "Content-Type": "application/json"}


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[WebRig]:
    async with web_rigged(tmp_path / "frontdesk.db") as rig:
        yield rig


def update(number: int, text: Any = "hello", person: int = 77) -> dict[str, Any]:
    who = {"id": person, "first_name": "Mallory", "is_bot": False}
    chat = {"id": person, "type": "private"}
    message = {"message_id": number, "from": who, "chat": chat, "date": 1_700_000_000, "text": text}
    return {"update_id": number, "message": message}


async def post(rig: WebRig, content: bytes, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(f"{rig.url}/telegram", content=content, headers=headers)


async def test_an_application_goes_by_posts_to_two_replicas_and_nothing_is_fetched(
    rig: WebRig,
) -> None:
    await rig.replica()
    people = [rig.applicant("telegram", number, f"P{number}") for number in range(2)]
    who = [applicant(number) for number in range(2)]
    await asyncio.gather(*(apply(p, w, rig.until) for p, w in zip(people, who, strict=True)))
    await rig.taken()
    records = [json.loads(body) for (body,) in rig.rows("SELECT body FROM records")]
    for one in who:
        (record,) = [r for r in records if value_at(r, "email") == one.truth["email"]]
        assert {field: value_at(record, field) for field in one.truth} == one.truth
    await rig.until(lambda: not rig.telegram.unanswered)  # every tap
    assert not rig.telegram.calls_of("getUpdates")
    (registered,) = rig.telegram.calls_of("setWebhook")
    assert registered.params["max_connections"] == 40
    assert registered.params["drop_pending_updates"] is False
    assert "callback_query" in registered.params["allowed_updates"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SECRET: ""},
        {SECRET: HOOK.secret[:-1]},
        {SECRET: HOOK.secret + "0"},
        {SECRET: HOOK.secret.upper()},
        {SECRET: "\xe9" * 10},
        {"Authorization": HOOK.secret},
    ],
)
async def test_without_the_secret_nothing_happens(rig: WebRig, headers: dict[str, str]) -> None:
    raw = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
    raw.append((b"Content-Type", b"application/json"))
    body = json.dumps(update(5)).encode()
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{rig.url}/telegram", content=body, headers=raw)
    assert (answer.status_code, answer.content) == (401, b"")
    assert rig.events() == 0
    assert not rig.telegram.calls_of("sendMessage")


HOSTILE = {
    "empty": (b"", 400),
    "cut off": (json.dumps(update(5)).encode()[:-9], 400),
    "no utf-8": (b'{"update_id": 5, "message": "\xff\xfe\xfd"}', 400),
    "nested without end": (b"[" * 200_000, 400),
    "nested and closed": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "a number of a million digits": (b'{"update_id": ' + b"9" * 900_000 + b"}", 400),
    "too large": (b'"' + b"a" * 1_100_000 + b'"', 413),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_update_is_refused_and_harms_nobody(rig: WebRig, name: str) -> None:
    body, status = HOSTILE[name]
    answer = await post(rig, body, GOOD)
    assert (answer.status_code, answer.content) == (status, b"")
    assert rig.events() == 0
    amira = rig.applicant("telegram")
    await amira.says("hello")
    await rig.hears(amira)


ODD = {
    "10,000 keys": {**{f"key{n}": n for n in range(10_000)}, "update_id": 6},
    "no object": [1, 2, 3],
    "nothing": None,
    "another shape": {"update_id": "six", "message": []},
    "half a letter": update(6, "\ud800 half"),
    "a text that is none": update(6, {"text": "x"}),
    "an id out of every range": {"update_id": 10**40},
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_update_counts_as_handled_and_harms_nobody(rig: WebRig, name: str) -> None:
    body = json.dumps(ODD[name]).encode()
    assert (await post(rig, body, GOOD)).status_code == 200
    assert (await post(rig, body, GOOD)).status_code == 200
    assert rig.events() <= 1
    amira = rig.applicant("telegram")
    await amira.says("hello")
    await rig.hears(amira)


async def test_another_content_type_is_refused(rig: WebRig) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        headers = {SECRET: HOOK.secret, "Content-Type": kind}
        assert (await post(rig, json.dumps(update(5)).encode(), headers)).status_code == 415
    assert rig.events() == 0


async def test_the_same_update_at_once_and_again_is_taken_once(rig: WebRig) -> None:
    rig.telegram.posting.copies = 6
    amira = rig.applicant("telegram")
    await amira.says("hello")
    await rig.hears(amira)
    await rig.taken()
    body = json.dumps(rig.telegram.updates.made[rig.telegram.posting.posts[0].update]).encode()
    for _ in range(3):  # replayed later by whoever has the secret
        assert (await post(rig, body, GOOD)).status_code == 200
    assert (rig.events(), rig.written_to(amira)) == (1, 1)


async def test_updates_out_of_order_are_each_taken_once(rig: WebRig) -> None:
    rig.telegram.posting.orderly = False
    amira = rig.applicant("telegram")
    with rig.telegram.batch(backwards=True):
        for number in range(8):
            await amira.says(f"hello {number}")
    await rig.taken()
    keys = [key for (key,) in rig.rows("SELECT key FROM events")]
    assert len(keys) == len(set(keys)) == 8


async def test_two_replicas_keep_the_order_of_each_person(rig: WebRig) -> None:
    await rig.replica()
    people = [rig.applicant("telegram", n, f"P{n}") for n in range(4)]
    for word in ("hello", "apply", "yes", "Rossi Repairs", "help"):
        for person in people:
            await person.says(word)
    await rig.taken()
    addresses = {post.address for post in rig.telegram.posting.posts}
    assert len(addresses) == 2
    for person in people:
        texts = rig.rows(
            "SELECT e.body FROM events AS e JOIN conversations AS c ON c.id = e.conversation"
            " WHERE c.person = ? ORDER BY e.id",
            person.id,
        )
        said = [json.loads(body)["text"] for (body,) in texts]
        assert said == ["hello", "apply", "yes", "Rossi Repairs", "help"]


async def test_while_the_store_is_away_telegram_posts_again_and_it_is_taken_once(
    rig: WebRig,
) -> None:
    amira = rig.applicant("telegram")
    with rig.locked():
        await amira.says("hello")
        await amira.says("apply")
        await rig.until(lambda: [p for p in rig.telegram.posting.posts if p.status == 503])
        assert rig.events() == 0
    await rig.taken()
    bodies = [json.loads(b)["text"] for (b,) in rig.rows("SELECT body FROM events ORDER BY id")]
    assert bodies == ["hello", "apply"]
    assert {p.status for p in rig.telegram.posting.posts} == {200, 503}


async def test_a_replica_that_stops_loses_and_doubles_nothing(rig: WebRig) -> None:
    """A rolling restart: one after the other goes and comes back while people write."""
    await rig.replica()
    people = [rig.applicant("telegram", n, f"P{n}") for n in range(6)]

    async def talk() -> None:
        for number in range(10):
            for person in people:
                await person.says(f"hello {number}")
            await asyncio.sleep(0.02)

    talking = asyncio.create_task(talk())
    await rig.until(lambda: len(rig.telegram.posting.posts) > 10)
    await rig.end(rig.replicas[1])
    await rig.replica()
    await talking
    await rig.taken()
    assert rig.events() == 60
    for person in people:
        texts = rig.rows(
            "SELECT e.body FROM events AS e JOIN conversations AS c ON c.id = e.conversation"
            " WHERE c.person = ? ORDER BY e.id",
            person.id,
        )
        assert [json.loads(b)["text"] for (b,) in texts] == [f"hello {n}" for n in range(10)]


def test_where_telegram_posts_is_compared_with_where_it_should() -> None:
    assert trouble({"url": HOOK.url}, HOOK.url) == ""
    assert "frontdesk telegram register" in trouble({"url": ""}, HOOK.url)
    assert "elsewhere" in trouble({"url": "https://other.example/telegram"}, HOOK.url)
    assert "frontdesk telegram unregister" in trouble({"url": HOOK.url}, "")
    assert trouble({"url": ""}, "") == trouble([], "") == ""


def test_a_failed_try_of_telegrams_is_news_for_ten_minutes() -> None:
    info = {
        "pending_update_count": 3,
        "last_error_date": 1000,
        "last_error_message": "Wrong response from the webhook: 401 Unauthorized",
    }
    assert state(info, 1100.0) == (
        ", 3 updates wait at Telegram, its last try failed: "
        "Wrong response from the webhook: 401 Unauthorized"
    )
    assert state(info, 2000.0) == ", 3 updates wait at Telegram"
    assert state(None, 0) == ""
