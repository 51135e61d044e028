"""Slack's posts, signed, over real HTTP, through the whole program; and several sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr

from bot.app import assemble
from bot.channels import hooks_of
from bot.channels.configured import configured_channels
from bot.channels.slack import SlackChannel
from bot.config import Settings
from bot.environment import ConfigError, Secrets
from bot.platform_words import slack_words
from tests.applicant import applicant, apply, value_at
from tests.fakes.slack_posting import Request, signed
from tests.places import open_at
from tests.play import house
from tests.rig import SLACK_APP_TOKEN, SLACK_BOT_TOKEN, WAITS, Person, rigged
from tests.test_staff_chat import asks
from tests.web_rig import SIGNING, WebRig, web_rigged

QUESTION = "Could somebody look at my old case 4711?"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[WebRig]:
    async with web_rigged(tmp_path / "frontdesk.db") as rig:
        yield rig


def event(number: int, text: str = "hello", user: str = "U0777") -> dict[str, Any]:
    said = {
        "type": "message",
        "channel": f"D{user[1:]}",
        "channel_type": "im",
        "user": user,
        "text": text,
        "ts": f"1700000000.{number:06d}",
    }
    return {"type": "event_callback", "event_id": f"Ev{number:04d}", "event": said}


async def post(
    rig: WebRig, body: bytes, headers: dict[str, str], kind: str = "application/json"
) -> httpx.Response:
    given = {"Content-Type": kind} | headers
    raw = [(k.encode(), v.encode("latin-1")) for k, v in given.items()]
    async with httpx.AsyncClient() as client:
        return await client.post(f"{rig.url}/slack/events", content=body, headers=raw)


async def test_an_application_goes_by_posts_to_two_replicas_and_no_socket_is_opened(
    rig: WebRig,
) -> None:
    await rig.replica()
    amira, one = rig.applicant("slack", 1), applicant(3)
    await apply(amira, one, rig.until)
    await rig.taken()
    ((body,),) = rig.rows("SELECT body FROM records")
    record = json.loads(body)
    assert {field: value_at(record, field) for field in one.truth} == one.truth
    assert all(replica.line.requests for replica in rig.replicas)
    assert not rig.slack.made("apps.connections.open")


async def test_slash_command_tap_and_form_work_by_posts(tmp_path: Path) -> None:
    async with web_rigged(tmp_path / "frontdesk.db", staff="slack") as rig:
        amira = rig.applicant("slack")
        card = await asks(rig, amira, QUESTION)
        told = await rig.staff.answer(card, "Yes, tomorrow at ten.")
        assert told
        await rig.until(lambda: any("tomorrow at ten" in text for text in amira.heard))
        heard = len(amira.heard)
        await amira.human.slash("/apply")
        await rig.until(lambda: len(amira.heard) > heard)
        opened = rig.slack.made("views.open")
        assert opened
        assert all(call.ok for call in opened)


async def test_slack_is_answered_its_challenge_before_anything_runs(tmp_path: Path) -> None:
    async with web_rigged(tmp_path / "frontdesk.db") as rig:
        await rig.slack.until(lambda: rig.slack.calls)
        body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
        answer = await post(rig, body, signed(SIGNING, body))
        assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aB"})
        assert (await post(rig, body, signed("another", body))).status_code == 401
        assert rig.events() == 0


BODY = json.dumps(event(1)).encode()
GOOD = signed(SIGNING, BODY)
NOW = int(time.time())
UNSIGNED: dict[str, dict[str, str]] = {
    "none": {},
    "no time": {"X-Slack-Signature": GOOD["X-Slack-Signature"]},
    "no signature": {"X-Slack-Request-Timestamp": GOOD["X-Slack-Request-Timestamp"]},
    "a time that is no number": GOOD | {"X-Slack-Request-Timestamp": "abc"},
    "a number beyond all times": GOOD | {"X-Slack-Request-Timestamp": "9" * 400},
    "an endless number": GOOD | {"X-Slack-Request-Timestamp": "9" * 5000},
    "an underlined number": GOOD | {"X-Slack-Request-Timestamp": "1_0"},
    "not a number": GOOD | {"X-Slack-Request-Timestamp": "nan"},
    "infinity": GOOD | {"X-Slack-Request-Timestamp": "inf"},
    "a bad signature": GOOD | {"X-Slack-Signature": "v0=" + "0" * 64},
    "a signature with other letters": GOOD | {"X-Slack-Signature": "v0=\xe9\xff"},
    "another secret": signed("another secret", BODY),
    "another body": signed(SIGNING, BODY + b" "),
    "too old": signed(SIGNING, BODY, NOW - 3600),
    "of the future": signed(SIGNING, BODY, NOW + 3600),
    "a time next to the signed one": GOOD | {"X-Slack-Request-Timestamp": str(NOW - 7)},
}


@pytest.mark.parametrize("name", UNSIGNED)
async def test_what_is_not_signed_is_401_and_nothing_happens(rig: WebRig, name: str) -> None:
    answer = await post(rig, BODY, UNSIGNED[name])
    assert (answer.status_code, answer.content) == (401, b"")
    assert rig.events() == 0
    assert not rig.slack.made("chat.postMessage")


HOSTILE: dict[str, tuple[bytes, str, int]] = {
    "no utf-8": (b"\xff\xfe\xfd", "application/json", 401),  # what is signed is text
    "empty": (b"", "application/json", 400),
    "cut off": (BODY[:-5], "application/json", 400),
    "nested without end": (b"[" * 200_000, "application/json", 400),
    "another kind": (BODY, "text/plain", 415),
    "a form of too many fields": (urlencode([("a", "1")] * 10_000).encode(), FORM, 400),
    "a form with no payload of Slack's": (b"payload=%7B", FORM, 400),
    "a form that is no utf-8": (b"payload=%ff%fe", FORM, 400),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_signed_and_no_payload_is_refused(rig: WebRig, name: str) -> None:
    body, kind, status = HOSTILE[name]
    answer = await post(rig, body, _signed(body), kind)
    assert (answer.status_code, answer.content) == (status, b"")
    assert rig.events() == 0
    amira = rig.applicant("slack")
    await amira.says("hello")
    await rig.hears(amira)


def _signed(body: bytes) -> dict[str, str]:
    return signed(SIGNING, body)


ODD: dict[str, Any] = {
    "10,000 keys": {f"key{n}": n for n in range(10_000)},
    "a list": [1, 2],
    "a number": 7,
    "nothing": None,
    "an event of another shape": {"type": "event_callback", "event": "message"},
    "a tap of another shape": {"type": "block_actions", "actions": []},
    "half a letter": event(9, "\ud800 half"),
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_payload_counts_as_handled_and_harms_nobody(rig: WebRig, name: str) -> None:
    body = json.dumps(ODD[name]).encode()
    for _ in range(2):
        assert (await post(rig, body, _signed(body))).status_code == 200
    assert rig.events() <= 1
    amira = rig.applicant("slack")
    await amira.says("hello")
    await rig.hears(amira)


async def test_that_slack_drops_events_is_told_to_the_operator(
    rig: WebRig, caplog: pytest.LogCaptureFixture
) -> None:
    body = json.dumps({"type": "app_rate_limited", "minute_rate_limited": 1518467820}).encode()
    assert (await post(rig, body, _signed(body))).status_code == 200
    assert [r for r in caplog.records if "drops events" in str(r.msg) and r.levelname == "ERROR"]


def all_heard(people: list[Person], messages: int) -> bool:
    return all(len(person.heard) == messages for person in people)


async def test_a_thumb_is_a_yes_on_slack_as_on_telegram(rig: WebRig) -> None:
    both = [rig.applicant("slack"), rig.applicant("telegram")]
    for answered, said in enumerate(("apply", "\N{THUMBS UP SIGN}"), start=1):
        for person in both:
            await person.says(said)
        await rig.until(partial(all_heard, both, answered))
    states = [json.loads(state) for (state,) in rig.rows("SELECT state FROM conversations")]
    one, other = (state["draft"]["slots"] for state in states)
    assert one.keys() == other.keys()
    assert one


async def test_a_replay_within_the_five_minutes_changes_nothing(tmp_path: Path) -> None:
    """Every request of a whole talk, of staff too, posted again as it was, three at a time."""
    async with web_rigged(tmp_path / "frontdesk.db", staff="slack") as rig:
        amira = rig.applicant("slack")
        card = await asks(rig, amira, QUESTION)
        await rig.staff.answer(card, "Yes, tomorrow at ten.")
        await rig.until(lambda: any("tomorrow at ten" in text for text in amira.heard))
        heard = len(amira.heard)
        await amira.human.slash("/apply")
        await rig.until(lambda: len(amira.heard) > heard)
        await rig.taken()
        line = rig.replicas[0].line
        kinds = {request.headers["Content-Type"] for request in line.requests}
        assert kinds == {FORM, "application/json"}
        before = rig.rows("SELECT id, body FROM events"), rig.rows("SELECT id, body FROM outbox")
        assert rig.staff.people[0].modal is None
        for request in list(line.requests):
            again = [line.post(Request(request.body, request.headers)) for _ in range(3)]
            answered = await asyncio.gather(*again)
            assert {one.status for one in answered} == {200}
        assert rig.staff.people[0].modal is None
        after = rig.rows("SELECT id, body FROM events"), rig.rows("SELECT id, body FROM outbox")
        assert before == after


async def test_slacks_own_repeats_change_nothing(rig: WebRig) -> None:
    amira = rig.applicant("slack")
    rig.slack.duplicate_events(2)
    await amira.says("hello")
    await amira.says("apply")
    await rig.until(lambda: len(amira.heard) >= 2)
    await rig.taken()
    repeats = [r for r in rig.replicas[0].line.requests if "X-Slack-Retry-Num" in r.headers]
    assert len(repeats) == 2
    assert rig.events() == 2


async def test_while_the_store_is_away_slack_posts_again_and_it_is_taken_once(
    rig: WebRig,
) -> None:
    amira = rig.applicant("slack")
    with rig.locked():
        await amira.says("hello")
        await rig.until(lambda: any(r.status == 503 for r in rig.replicas[0].line.requests))
        assert rig.events() == 0
    await rig.hears(amira)
    await rig.taken()
    assert rig.events() == 1


async def test_a_replica_that_stops_loses_and_doubles_nothing(rig: WebRig) -> None:
    await rig.replica()
    people = [rig.applicant("slack", n, f"P{n}") for n in range(5)]
    for number in range(4):
        for person in people:
            await person.says(f"hello {number}")
    await rig.end(rig.replicas[0])
    await rig.taken()
    assert rig.events() == 20


def configured(**secrets: str) -> dict[str, Any]:
    kept = Secrets.model_construct(None, **{k: SecretStr(v) for k, v in secrets.items()})
    return dict(configured_channels(Settings(secrets=kept), house().script.wording))


def test_with_the_signing_secret_no_app_token_is_needed_and_the_bots_still_is() -> None:
    by_posts = configured(slack_bot_token=SLACK_BOT_TOKEN, slack_signing_secret=SIGNING)
    assert [hook.path for hook in hooks_of(by_posts)] == ["/slack/events"]
    for wrong in ({"slack_signing_secret": SIGNING}, {"slack_bot_token": SLACK_BOT_TOKEN}):
        with pytest.raises(ConfigError, match="FRONTDESK_SLACK_"):
            configured(**wrong)
    assert configured(slack_bot_token=SLACK_BOT_TOKEN, slack_app_token=f"{SLACK_APP_TOKEN}\r")
    with pytest.raises(ConfigError, match="FRONTDESK_SLACK_APP_TOKEN"):  # blank is none
        configured(slack_bot_token=SLACK_BOT_TOKEN, slack_signing_secret="  ")


async def test_several_sockets_share_what_arrives(tmp_path: Path) -> None:
    """Two programs, each with a Socket Mode connection of its own, on one database."""
    async with rigged(tmp_path / "frontdesk.db") as rig:
        store = await open_at(rig.path, serving=False)
        second = SlackChannel(
            SLACK_BOT_TOKEN,
            SLACK_APP_TOKEN,
            words=slack_words(house().script.wording),
            base_url=rig.slack.api_url,
            waits=WAITS,
        )
        app = assemble(Settings(), rig.house, store, {"slack": second})
        serving = asyncio.create_task(app.serve())
        try:
            await rig.until(lambda: len(rig.slack.connections) == 2)
            amira, one = rig.applicant("slack", 1), applicant(2)
            await apply(amira, one, rig.until)
            await rig.taken()
            used = {d.connection for e in rig.slack.envelopes for d in e.deliveries}
            assert len(used) == 2
            ((body,),) = rig.rows("SELECT body FROM records")
            record = json.loads(body)
            assert {field: value_at(record, field) for field in one.truth} == one.truth
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            await app.close()
