"""The local Slack against the real SDKs: AsyncWebClient, and AsyncApp in Socket Mode."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import SlackServer
from tests.fakes.slack_channels import plain
from tests.fakes.slack_people import Person
from tests.fakes.slack_text import as_typed

Json = dict[str, Any]
BOT = "U0BOT"


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer(bot_token="xoxb-test", app_token="xapp-test") as server:
        yield server


@pytest.fixture
def amira(server: SlackServer) -> Person:
    return server.person("U100", name="Amira")


@pytest.fixture
def client(server: SlackServer) -> AsyncWebClient:
    """The SDK's client without its own retry, so that a test sees each fault."""
    return AsyncWebClient("xoxb-test", base_url=server.api_url, retry_handlers=[])


class Bot:
    """A small bot: writes down the events it is given, answers what `answer` returns."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.app = AsyncApp(client=client, process_before_response=True)
        self.heard: list[Json] = []
        self.answer: Callable[[Json], Awaitable[None]] | None = None
        for kind in ("message", "app_mention", "app_home_opened", "member_joined_channel"):
            self.app.event(kind)(self._hear)

    async def _hear(self, body: Json) -> None:
        self.heard.append(body)
        if self.answer is not None:
            await self.answer(body["event"])

    @property
    def events(self) -> list[Json]:
        return [body["event"] for body in self.heard]

    @asynccontextmanager
    async def running(self, ping: float = 10) -> AsyncIterator[None]:
        """Connected; `ping` is also how soon the SDK notices a line that broke off."""
        handler = AsyncSocketModeHandler(self.app, "xapp-test", ping_interval=ping)
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt's own
            yield
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # slack_bolt's own


@pytest.fixture
def idle_bot(client: AsyncWebClient) -> Bot:
    return Bot(client)


@pytest.fixture
async def bot(idle_bot: Bot) -> AsyncIterator[Bot]:
    async with idle_bot.running():
        yield idle_bot


def button(label: str, **more: str) -> Json:
    return {"type": "button", "text": {"type": "plain_text", "text": label}} | more


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}} | more


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements)} | more


def text_input(block_id: str, **more: Any) -> Json:
    label = {"type": "plain_text", "text": "Your answer"}
    element = {"type": "plain_text_input", "action_id": "text"} | more
    return {"type": "input", "block_id": block_id, "label": label, "element": element}


def modal(title: str, *blocks: Json, **more: Any) -> Json:
    texts = {
        name: {"type": "plain_text", "text": text}
        for name, text in {"title": title, "submit": "Send"}.items()
    }
    return {"type": "modal", "callback_id": "form", "blocks": list(blocks)} | texts | more


async def refusal(call: Awaitable[object]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


# -- tokens, messages, conversations


async def test_tokens_are_checked(server: SlackServer, client: AsyncWebClient) -> None:
    assert (await client.auth_test())["user_id"] == BOT
    assert await refusal(client.auth_test(token="xoxb-other")) == "invalid_auth"
    assert await refusal(client.auth_test(token="xapp-test")) == "not_allowed_token_type"
    opened = client.apps_connections_open(app_token="xoxb-test")
    assert await refusal(opened) == "not_allowed_token_type"
    assert await refusal(client.api_call("no.suchMethod")) == "unknown_method"


async def test_what_the_bot_posts_is_seen_and_logged(
    server: SlackServer, client: AsyncWebClient, amira: Person
) -> None:
    opened = await client.conversations_open(users="U100")
    channel = opened["channel"]["id"]
    sent = await client.chat_postMessage(channel=channel, text="1 &lt; 2", blocks=[section("*1*")])
    by_user_id = await client.chat_postMessage(channel="U100", text="again")
    assert [message.text for message in amira.chat] == ["1 &lt; 2", "again"]
    assert by_user_id["channel"] == channel == amira.dm.id
    assert sent["message"]["blocks"][0]["block_id"]
    assert sent["message"]["bot_id"]
    last = server.made("chat.postMessage")[-1]
    assert (last.status, last.ok, last.done, last.params["text"]) == (200, True, True, "again")


async def test_form_bodies_are_read_like_json(server: SlackServer, amira: Person) -> None:
    form = {"channel": "U100", "text": "x", "blocks": '[{"type":"divider"}]', "token": "xoxb-test"}
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{server.api_url}chat.postMessage", data=form) as answer:
            assert (await answer.json())["ok"]
        form["blocks"] = "[{"
        async with session.post(f"{server.api_url}chat.postMessage", data=form) as answer:
            assert (await answer.json())["error"] == "invalid_blocks_format"
    assert amira.chat[0].blocks[0]["type"] == "divider"


async def test_a_post_is_refused_with_slacks_reason(
    server: SlackServer, client: AsyncWebClient, amira: Person
) -> None:
    foreign = server.channel("C1", name="foreign", bot_in=False)
    hidden = server.channel("C2", name="hidden", bot_in=False, private=True)
    old = server.channel("C3", name="old")
    old.archive()
    post = client.chat_postMessage
    assert await refusal(post(channel="C404", text="x")) == "channel_not_found"
    assert await refusal(post(channel=foreign.id, text="x")) == "not_in_channel"
    assert await refusal(post(channel=hidden.id, text="x")) == "channel_not_found"
    assert await refusal(post(channel=old.id, text="x")) == "is_archived"
    blank = client.api_call("chat.postMessage", json={"channel": "U100", "text": " "})
    assert await refusal(blank) == "no_text"
    assert await refusal(post(channel="U100", text="x", thread_ts="1.000001")) == "thread_not_found"
    top = await post(channel="U100", text="top")
    reply = await post(channel="U100", text="reply", thread_ts=top["ts"])
    nested = post(channel="U100", text="x", thread_ts=reply["ts"])
    assert await refusal(nested) == "thread_not_found"
    assert len(amira.chat) == 2


async def test_long_text_is_cut_when_posted_and_refused_when_updated(
    server: SlackServer, client: AsyncWebClient, amira: Person
) -> None:
    sent = await client.chat_postMessage(channel="U100", text="x" * 40_001)
    assert sent["warning"] == "message_truncated"
    assert len(amira.chat[0].text) == 40_000
    update = client.chat_update(channel=amira.dm.id, ts=sent["ts"], text="é" * 2_001)
    assert await refusal(update) == "msg_too_long"


OPTION = {"text": {"type": "plain_text", "text": "x"}, "value": "x"}
BAD_BLOCKS: dict[str, list[Json]] = {
    "51 blocks": [{"type": "divider"}] * 51,
    "section text": [section("x" * 3001)],
    "empty section": [{"type": "section"}],
    "ten fields": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "26 elements": [actions(*[button("x", action_id=str(n)) for n in range(26)])],
    "no elements": [actions()],
    "button text": [actions(button("x" * 76))],
    "button markup": [actions({"type": "button", "text": {"type": "mrkdwn", "text": "x"}})],
    "button value": [actions(button("x", value="x" * 2001))],
    "button style": [actions(button("x", style="loud"))],
    "button property": [actions(button("x", colour="red"))],
    "action_id": [actions(button("x", action_id="x" * 256))],
    "same action_id": [actions(button("x", action_id="a"), button("y", action_id="a"))],
    "same block_id": [section("x", block_id="b"), section("y", block_id="b")],
    "header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "context": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "option": [actions({"type": "radio_buttons", "options": [OPTION] * 11})],
    "accessory": [section("x", accessory=button("x" * 76))],
    "unknown": [{"type": "carousel"}],
    "text object": [section("x") | {"text": "x"}],
}


@pytest.mark.parametrize("blocks", BAD_BLOCKS.values(), ids=BAD_BLOCKS.keys())
async def test_blocks_beyond_the_limits_are_refused(
    client: AsyncWebClient, amira: Person, blocks: list[Json]
) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="U100", text="x", blocks=blocks)
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"]
    assert amira.chat == []


async def test_blocks_at_the_limits_are_taken(client: AsyncWebClient, amira: Person) -> None:
    row = actions(*[button("x" * 75, action_id=f"{n:0255}") for n in range(25)])
    blocks = [
        section("x" * 3000, accessory=button("y", value="x" * 2000)),
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150}},
        *[{"type": "divider"}] * 48,
    ]
    await client.chat_postMessage(channel="U100", text="x", blocks=[row])
    await client.chat_postMessage(channel="U100", text="x", blocks=blocks)
    assert [len(message.blocks) for message in amira.chat] == [1, 50]
    together = [section("x" * 2900) for _ in range(5)]
    post = client.chat_postMessage(channel="U100", text="x", blocks=together)
    assert await refusal(post) == "msg_blocks_too_long"


async def test_updates_keep_what_is_not_given_and_touch_only_the_bots_own(
    client: AsyncWebClient, amira: Person
) -> None:
    hers = await amira.says("mine")
    sent = await client.chat_postMessage(channel="U100", text="a", blocks=[section("a")])
    place: Json = {"channel": amira.dm.id, "ts": sent["ts"]}
    await client.chat_update(**place, text="b")
    assert (amira.chat[-1].text, len(amira.chat[-1].blocks)) == ("b", 1)
    await client.chat_update(**place, text="c", blocks=[])
    assert amira.chat[-1].blocks == []
    theirs: Json = {"channel": amira.dm.id, "ts": hers}
    assert await refusal(client.chat_update(**theirs, text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(**theirs)) == "cant_delete_message"
    seen = amira.chat[-1]
    await client.chat_delete(**place)
    assert seen.deleted
    assert [message.ts for message in amira.chat] == [hers]
    assert await refusal(client.chat_update(**place, text="x")) == "message_not_found"


async def test_a_ts_is_unique_in_its_channel_only(
    server: SlackServer, client: AsyncWebClient
) -> None:
    server.clock.stands_at = 1_700_000_000.5
    people = [server.person(f"U{n}", name=f"P{n}") for n in range(2)]
    stamps = [[await person.says("x") for _ in range(3)] for person in people]
    assert stamps[0] == stamps[1]
    assert len(set(stamps[0])) == 3


async def test_threads_history_and_members_are_read_back(
    server: SlackServer, client: AsyncWebClient, amira: Person
) -> None:
    staff = server.channel("C900", name="staff", members=[amira])
    top = await client.chat_postMessage(channel="#staff", text="card")
    await amira.says("reply", thread_ts=top["ts"], channel=staff)
    for n in range(3):
        await client.chat_postMessage(channel=staff.id, text=f"m{n}")
    await client.chat_postEphemeral(channel=staff.id, user="U100", text="only you")
    page = await client.conversations_history(channel=staff.id, limit=2)
    assert [m["text"] for m in page["messages"]] == ["m2", "m1"]
    cursor = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=staff.id, limit=2, cursor=cursor)
    assert [m["text"] for m in rest["messages"]] == ["m0", "card"]
    assert rest["messages"][1]["reply_count"] == 1
    thread = await client.conversations_replies(channel=staff.id, ts=top["ts"])
    assert [m["text"] for m in thread["messages"]] == ["card", "reply"]
    assert [m.text for m in staff.thread(top["ts"])] == ["reply"]
    members = await client.conversations_members(channel=staff.id)
    assert members["members"] == ["U100", BOT]
    assert (await client.conversations_info(channel=staff.id))["channel"]["name"] == "staff"
    assert (await client.users_info(user="U100"))["user"]["real_name"] == "Amira"
    assert await refusal(client.users_info(user="U404")) == "user_not_found"
    assert amira.sees(staff)[-1].text == "only you"
    assert "only you" not in [m.text for m in staff.messages]
    outside = client.chat_postEphemeral(channel=staff.id, user="U404", text="x")
    assert await refusal(outside) == "user_not_in_channel"
    await client.reactions_add(channel=staff.id, timestamp=top["ts"], name="eyes")
    twice = client.reactions_add(channel=staff.id, timestamp=top["ts"], name="eyes")
    assert await refusal(twice) == "already_reacted"


# -- events


async def test_a_direct_message_is_heard_and_answered(
    server: SlackServer, bot: Bot, amira: Person
) -> None:
    async def answer(event: Json) -> None:
        await bot.app.client.chat_postMessage(
            channel=event["channel"], text="hi", thread_ts=event.get("thread_ts")
        )

    bot.answer = answer
    ts = await amira.says("AT&T <b>")
    await server.until(lambda: len(amira.chat) == 2 and server.settled)
    body = bot.heard[0]
    event = body["event"]
    assert event["text"] == "AT&amp;T &lt;b&gt;"
    assert (event["channel_type"], event["channel"], event["user"]) == ("im", "D100", "U100")
    assert (event["ts"], event["event_ts"]) == (ts, ts)
    assert event["client_msg_id"]
    assert body["authorizations"][0]["user_id"] == BOT
    assert body["event_id"].startswith("Ev")
    assert amira.chat[1].from_bot
    assert len(bot.heard) == 1, "the bot's own message comes back, and bolt passes it by"
    assert len(server.envelopes) == 2

    await amira.says("more", thread_ts=ts)
    await server.until(lambda: len(amira.chat) == 4)
    assert bot.events[1]["thread_ts"] == ts == amira.chat[-1].thread_ts
    assert bot.events[1]["parent_user_id"] == "U100"


@pytest.mark.parametrize(
    ("typed", "arrives"),
    [
        ("a@b.org", "<mailto:a@b.org|a@b.org>"),
        ("see https://x.example/a?b=1&c=2.", "see <https://x.example/a?b=1&amp;c=2>."),
        ("Farm.coop", "<http://Farm.coop|Farm.coop>"),
        ("+1 (555) 010-9999", "<tel:+15550109999|+1 (555) 010-9999>"),
        ("555-010-9999 & co", "<tel:5550109999|555-010-9999> &amp; co"),
        ("12 Main St. Suite 4", "12 Main St. Suite 4"),
    ],
)
def test_typed_text_is_escaped_and_linked(typed: str, arrives: str) -> None:
    assert as_typed(typed) == arrives
    assert plain(arrives) == typed


async def test_edits_and_previews_are_message_changed(
    server: SlackServer, bot: Bot, amira: Person
) -> None:
    ts = await amira.says("see example.org")
    await amira.unfurls(ts)
    await amira.edits(ts, "new")
    await amira.deletes(ts)
    await server.until(lambda: len(bot.heard) == 4)
    said, preview, edit, gone = bot.events
    assert {e.get("subtype") for e in (preview, edit)} == {"message_changed"}
    assert preview["message"]["text"] == preview["previous_message"]["text"] == said["text"]
    assert preview["message"]["attachments"]
    assert (edit["previous_message"]["text"], edit["message"]["text"]) == (said["text"], "new")
    assert edit["message"]["edited"]["user"] == "U100"
    assert (edit["message"]["ts"], edit["hidden"], edit["ts"] != ts) == (ts, True, True)
    assert (gone["subtype"], gone["deleted_ts"]) == ("message_deleted", ts)


async def test_files_need_the_token(server: SlackServer, bot: Bot, amira: Person) -> None:
    await amira.sends_file(mimetype="image/png", text="our logo", content=b"PNG", count=2)
    await server.until(lambda: bot.heard)
    event = bot.events[0]
    assert (event["subtype"], event["text"], len(event["files"])) == ("file_share", "our logo", 2)
    link = event["files"][0]["url_private_download"]
    async with aiohttp.ClientSession() as session:
        async with session.get(link) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
        async with session.get(link, headers={"Authorization": "Bearer xoxb-test"}) as answer:
            assert await answer.read() == b"PNG"


async def test_a_mention_in_a_channel_is_heard_twice(
    server: SlackServer, bot: Bot, amira: Person
) -> None:
    general = server.channel("C1", name="general", members=[amira])
    ts = await amira.mentions_bot(general, "hello")
    await server.until(lambda: len(bot.heard) == 2)
    assert {event["type"] for event in bot.events} == {"message", "app_mention"}
    assert {event["ts"] for event in bot.events} == {ts}
    assert {event["channel"] for event in bot.events} == {"C1"}
    assert len({body["event_id"] for body in bot.heard}) == 2
    assert bot.events[0]["text"] == f"<@{BOT}> hello"


async def test_channels_other_bots_and_joining(
    server: SlackServer, bot: Bot, amira: Person
) -> None:
    ben = server.person("U200", name="Ben")
    deaf = server.channel("C2", name="deaf", members=[ben], bot_in=False)
    await ben.says("unheard", channel=deaf)
    general = server.channel("C1", name="general", members=[amira])
    await general.other_bot_says("beep")
    await general.other_bot_says("boop", modern=True)
    await general.joins(ben)
    await server.until(lambda: len(bot.heard) == 3)
    old, modern, joined = bot.events
    assert (old["subtype"], old["channel_type"], "user" in old) == ("bot_message", "channel", False)
    assert modern["bot_id"]
    assert "subtype" not in modern
    assert (joined["type"], joined["user"]) == ("member_joined_channel", "U200")


async def test_the_home_tab(server: SlackServer, bot: Bot, amira: Person) -> None:
    async def publish(event: Json) -> None:
        view = {"type": "home", "blocks": [section("hi"), actions(button("Start"))]}
        await bot.app.client.views_publish(user_id=event["user"], view=view)

    taps: list[Json] = []
    bot.answer = publish
    await amira.opens_home()
    home = await server.until(lambda: amira.home)
    assert home is not None
    assert home.buttons == ["Start"]
    assert (bot.events[0]["tab"], bot.events[0]["channel"]) == ("home", "D100")

    async def tapped(ack: Any, body: Json) -> None:
        taps.append(body)
        await ack()

    bot.app.action(str(home.blocks[1]["elements"][0]["action_id"]))(tapped)
    envelope = await amira.taps("Start", view=home)
    await server.until(lambda: envelope.acked)
    assert taps[0]["view"]["id"] == home.id
    stale = bot.app.client.views_publish(
        user_id="U100", view={"type": "home", "blocks": []}, hash="old"
    )
    assert await refusal(stale) == "hash_conflict"


# -- interactions


async def test_taps_carry_the_message_and_answer_by_response_url(
    server: SlackServer, bot: Bot, client: AsyncWebClient, amira: Person
) -> None:
    taps: list[Json] = []

    async def tapped(ack: Any, body: Json, respond: Any) -> None:
        taps.append(body)
        await ack()
        await respond("done", replace_original=True)

    bot.app.action("pick")(tapped)
    choice = actions(button("Yes", action_id="pick", value="7:0"), button("No", action_id="other"))
    for text in ("old", "new"):
        await client.chat_postMessage(channel="U100", text=text, blocks=[choice])
    newest = amira.chat[-1]
    assert newest.buttons == ["Yes", "No"]
    envelope = await amira.taps("Yes")
    await server.until(lambda: newest.text == "done" and envelope.acked)
    body = taps[0]
    assert body["actions"][0]["value"] == "7:0"
    assert body["container"]["message_ts"] == body["message"]["ts"] == newest.ts
    assert body["channel"]["id"] == "D100"
    assert body["user"]["id"] == "U100"
    assert body["message"]["text"] == "new"
    assert newest.buttons == []
    assert amira.chat[-2].text == "old"
    with pytest.raises(AssertionError, match="sees no button"):
        await amira.taps("Maybe")
    await amira.taps_data("pick", "999:9")
    await server.until(lambda: len(taps) == 2)
    assert taps[1]["actions"][0]["value"] == "999:9"


async def test_a_button_beside_a_section_in_an_ephemeral_message(
    server: SlackServer, bot: Bot, client: AsyncWebClient, amira: Person
) -> None:
    taps: list[Json] = []

    async def tapped(ack: Any, body: Json, respond: Any) -> None:
        taps.append(body)
        await ack()
        await respond(delete_original=True)

    bot.app.action("go")(tapped)
    block = section("x", accessory=button("Go", action_id="go"))
    await client.chat_postEphemeral(channel=amira.dm.id, user="U100", text="x", blocks=[block])
    await amira.taps("Go")
    await server.until(lambda: amira.chat == [])
    assert "message" not in taps[0]
    assert taps[0]["container"]["is_ephemeral"]


async def test_a_response_url_works_five_times_within_half_an_hour(
    server: SlackServer, amira: Person
) -> None:
    urls = [(await amira.slash("/apply")).payload["response_url"] for _ in range(2)]
    async with aiohttp.ClientSession() as session:
        for n in range(6):
            async with session.post(urls[0], json={"text": f"n{n}"}) as answer:
                assert answer.status == (200 if n < 5 else 404)
        server.advance(1801)
        async with session.post(urls[1], json={"text": "late"}) as answer:
            assert (await answer.json())["error"] == "expired_url"
    assert [m.text for m in amira.chat] == ["n0", "n1", "n2", "n3", "n4"]
    assert {m.only_for for m in amira.chat} == {"U100"}


async def test_a_slash_command_opens_one_modal_in_three_seconds(
    server: SlackServer, bot: Bot, client: AsyncWebClient, amira: Person
) -> None:
    given: list[Json] = []

    async def apply(ack: Any, command: Json) -> None:
        given.append(command)
        await ack("Opening.")

    bot.app.command("/apply")(apply)
    for text in ("a", "b"):
        await amira.slash("/apply", text)
    await server.until(lambda: len(amira.chat) == 2)
    assert (amira.chat[0].text, amira.chat[0].only_for) == ("Opening.", "U100")
    assert (given[0]["command"], given[0]["text"], given[0]["user_id"]) == ("/apply", "a", "U100")
    form = modal("Form", text_input("q"))
    first, second = (command["trigger_id"] for command in given)
    opened = await client.views_open(trigger_id=first, view=form)
    assert amira.modal is not None
    assert amira.modal.id == opened["view"]["id"]
    again = client.views_open(trigger_id=first, view=form)
    assert await refusal(again) == "exchanged_trigger_id"
    server.advance(3.1)
    assert await refusal(client.views_open(trigger_id=second, view=form)) == "expired_trigger_id"
    assert await refusal(client.views_open(trigger_id="1.2", view=form)) == "invalid_trigger_id"


BAD_MODALS: dict[str, Json] = {
    "title": modal("x" * 25),
    "submit": modal("x", submit={"type": "plain_text", "text": "x" * 25}),
    "close": modal("x", close={"type": "plain_text", "text": "x" * 25}),
    "private_metadata": modal("x", private_metadata="x" * 3001),
    "label": modal("x", text_input("q") | {"label": {"type": "plain_text", "text": "x" * 2001}}),
    "no submit": {k: v for k, v in modal("x", text_input("q")).items() if k != "submit"},
    "same block_id": modal("x", text_input("q"), text_input("q")),
}


@pytest.mark.parametrize("view", BAD_MODALS.values(), ids=BAD_MODALS.keys())
async def test_modals_beyond_the_limits_are_refused(
    client: AsyncWebClient, server: SlackServer, amira: Person, view: Json
) -> None:
    trigger_id = server.world.trigger("U100")
    assert await refusal(client.views_open(trigger_id=trigger_id, view=view)) == "invalid_arguments"
    assert amira.modal is None


async def test_a_modal_answers_its_submission(
    server: SlackServer, bot: Bot, client: AsyncWebClient, amira: Person
) -> None:
    answers: list[Json] = [
        {"response_action": "errors", "errors": {"q": "Too short."}},
        {"response_action": "update", "view": modal("Two", text_input("q"))},
        {"response_action": "push", "view": modal("Three", text_input("q"))},
        {},
        {"response_action": "clear"},
    ]
    views: list[Json] = []

    async def submitted(ack: Any, view: Json) -> None:
        views.append(view)
        await ack(**answers[len(views) - 1])

    bot.app.view("form")(submitted)
    picked = text_input("kind") | {
        "element": {"type": "radio_buttons", "action_id": "pick", "options": [OPTION]}
    }
    first = modal("One", text_input("q", max_length=9), picked, private_metadata="case 7")
    await client.views_open(trigger_id=server.world.trigger("U100"), view=first)
    with pytest.raises(AssertionError, match="must be filled"):
        await amira.submits({"kind/pick": "x"})
    with pytest.raises(AssertionError, match="takes 0 to 9"):
        await amira.submits({"q/text": "x" * 10, "kind/pick": "x"})
    assert views == []
    assert await amira.submits({"q/text": "hi", "kind/pick": "x"}) == answers[0]
    assert views[0]["state"]["values"]["q"]["text"] == {"type": "plain_text_input", "value": "hi"}
    assert views[0]["state"]["values"]["kind"]["pick"]["selected_option"] == OPTION
    assert views[0]["private_metadata"] == "case 7"

    def on_screen() -> tuple[str, dict[str, str]] | None:
        return (amira.modal.title, amira.modal.errors) if amira.modal else None

    assert on_screen() == ("One", {"q": "Too short."})
    await amira.submits({"q/text": "hi", "pick": "x"})
    assert on_screen() == ("Two", {})
    await amira.submits({"text": "hi"})
    assert on_screen() == ("Three", {})
    assert await amira.submits({"text": "hi"}) == {}
    assert on_screen() == ("Two", {})
    assert amira.modal is not None
    await client.views_update(view_id=amira.modal.id, view=modal("Four", text_input("q")))
    assert on_screen() == ("Four", {})
    await amira.submits({"text": "hi"})
    assert on_screen() is None


# -- faults of the Web API


async def test_rate_limits_and_server_errors(
    server: SlackServer, client: AsyncWebClient, amira: Person
) -> None:
    server.fault(method="chat.postMessage", kind="429", retry_after=30)
    server.fault(method="chat.postMessage", kind="500", times=2)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="U100", text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "30"
    assert caught.value.response["error"] == "ratelimited"
    for _ in range(2):
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel="U100", text="x")
    await client.chat_postMessage(channel="U100", text="x")
    assert [call.status for call in server.calls] == [429, 500, 500, 200]
    assert len(amira.chat) == 1
    client.retry_handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)]
    server.fault(method="chat.postMessage", kind="429", retry_after=0)
    await client.chat_postMessage(channel="U100", text="y")
    assert amira.chat[-1].text == "y"


async def test_dropped_connections_and_lost_responses(
    server: SlackServer, client: AsyncWebClient, amira: Person
) -> None:
    fault = server.fault(method="chat.postMessage", kind="drop", channel="U100")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="U100", text="dropped")
    assert amira.chat == []
    assert (fault.hits, server.calls[0].status, server.calls[0].done) == (1, None, False)
    server.fault(method="chat.postMessage", kind="lost")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="U100", text="lost")
    assert [message.text for message in amira.chat] == ["lost"]
    assert (server.calls[1].status, server.calls[1].done) == (None, True)
    # What the SDK's default retry makes of a lost response: the message stands there twice.
    server.fault(method="chat.postMessage", kind="lost")
    retrying = AsyncWebClient("xoxb-test", base_url=server.api_url)
    await retrying.chat_postMessage(channel="U100", text="twice")
    assert [message.text for message in amira.chat] == ["lost", "twice", "twice"]


async def test_delays_and_error_codes(
    server: SlackServer, client: AsyncWebClient, amira: Person
) -> None:
    go = asyncio.Event()
    server.fault(method="chat.postMessage", kind="delay", until=go)
    waiting = asyncio.create_task(client.chat_postMessage(channel="U100", text="slow"))
    await server.until(lambda: server.calls)
    await client.chat_postMessage(channel="U100", text="fast")
    go.set()
    await waiting
    assert [message.text for message in amira.chat] == ["fast", "slow"]
    fault = server.fault(kind="account_inactive", times=99)
    assert await refusal(client.chat_postMessage(channel="U100", text="x")) == "account_inactive"
    assert await refusal(client.auth_test()) == "account_inactive"
    fault.end()
    await client.auth_test()


# -- Socket Mode


async def test_hello_tickets_and_the_limit_of_ten(server: SlackServer, amira: Person) -> None:
    client = AsyncWebClient(base_url=server.api_url)
    heard: list[Json] = []
    async with aiohttp.ClientSession() as session:
        sockets = []
        for n in range(11):
            url = (await client.apps_connections_open(app_token="xapp-test"))["url"]
            sockets.append(await session.ws_connect(url))
            heard.append(await sockets[-1].receive_json())
            if n == 0:
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await session.ws_connect(url)
        assert [hello.get("num_connections") for hello in heard[:10]] == list(range(1, 11))
        assert heard[10] == {"type": "disconnect", "reason": "too_many_websockets"}
        for _ in range(10):
            await amira.says("x")
        ids = []
        for one in sockets[:10]:  # in turn: each connection got exactly one of the ten
            envelope = await one.receive_json()
            ids.append(envelope["payload"]["event_id"])
            await one.send_json({"envelope_id": envelope["envelope_id"]})
        assert len(set(ids)) == 10
        await server.until(lambda: server.settled)
        for one in sockets:
            await one.close()
    await server.until(lambda: not server.connections)


async def test_the_acknowledgement_comes_after_the_listener(
    server: SlackServer, bot: Bot, amira: Person
) -> None:
    entered, go = asyncio.Event(), asyncio.Event()

    async def answer(_: Json) -> None:
        entered.set()
        await go.wait()

    bot.answer = answer
    heard_before_ack: list[bool] = []
    server.on_ack.append(lambda ack: heard_before_ack.append(go.is_set()))
    await amira.says("x")
    await entered.wait()
    assert server.acks == {}
    go.set()
    await server.until(lambda: server.settled)
    (ack,) = server.acks.values()
    assert ack.event_id == bot.heard[0]["event_id"]
    assert heard_before_ack == [True]


async def test_an_event_not_acknowledged_in_time_comes_again(
    server: SlackServer, bot: Bot, amira: Person
) -> None:
    server.lose_acks(4)
    await amira.says("x")
    (envelope,) = server.envelopes
    for attempt in range(4):
        await server.until(lambda n=attempt: len(server.hub.lost_acks) == n + 1)  # type: ignore[misc]  # bound now
        server.advance(3)
    await server.until(lambda: envelope.settled)
    assert envelope.state == "failed", "after three retries Slack gives up"
    assert len({body["event_id"] for body in bot.heard}) == 1
    assert [delivery.attempt for delivery in envelope.deliveries] == [0, 1, 2, 3]
    assert len({delivery.envelope_id for delivery in envelope.deliveries}) == 4
    assert envelope.deliveries[1].reason == "timeout"
    await amira.says("y")
    await server.until(lambda: server.envelopes[1].acked)


async def test_the_same_event_twice(server: SlackServer, bot: Bot, amira: Person) -> None:
    server.duplicate_events()
    await amira.says("x")
    await amira.says("y")
    await server.until(lambda: len(server.acks) == 3)
    server.redeliver(server.envelopes[1])
    await server.until(lambda: len(server.acks) == 4)
    ids = [body["event_id"] for body in bot.heard]
    assert sorted(ids) == sorted([e.key for e in server.envelopes] * 2)


async def test_events_wait_for_a_connection_and_come_as_retries(
    server: SlackServer, idle_bot: Bot, amira: Person
) -> None:
    for text in ("one", "two"):
        await amira.says(text)
    async with idle_bot.running():
        await server.until(lambda: server.settled)
    assert [event["text"] for event in idle_bot.events] == ["one", "two"]
    assert [e.deliveries[0].attempt for e in server.envelopes] == [1, 1]


async def test_a_broken_line_brings_the_event_again(
    server: SlackServer, idle_bot: Bot, amira: Person
) -> None:
    async with idle_bot.running(ping=0.6):
        server.cut_after_events()
        await amira.says("cut")
        await server.until(lambda: not server.connections)
        await server.until(lambda: server.settled)
        assert [d.connection for d in server.envelopes[0].deliveries] == [1, 2]
        server.drop_sockets()
        await server.until(lambda: not server.connections)
        await amira.says("missed")
        await server.until(lambda: server.settled)
    assert {event["text"] for event in idle_bot.events} == {"cut", "missed"}
    assert server.envelopes[0].deliveries[-1].reason == "connection_failed"


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_app_reconnects_when_asked(
    server: SlackServer, bot: Bot, amira: Person, reason: str
) -> None:
    server.refresh(reason)
    await amira.says("x")
    await server.until(lambda: server.settled)
    assert server.envelopes[0].deliveries[-1].connection > 1
    assert bot.events[-1]["text"] == "x"
    assert len(server.made("apps.connections.open")) >= 2


async def test_a_tap_without_acknowledgement_is_not_repeated(
    server: SlackServer, bot: Bot, client: AsyncWebClient, amira: Person
) -> None:
    async def tapped(ack: Any) -> None:
        await ack()

    bot.app.action("go")(tapped)
    block = actions(button("Go", action_id="go"))
    await client.chat_postMessage(channel="U100", text="x", blocks=[block])
    await server.until(lambda: server.settled)
    server.lose_acks()
    envelope = await amira.taps("Go")
    await server.until(lambda: server.hub.lost_acks)
    server.advance(3)
    await server.until(lambda: envelope.settled)
    assert (envelope.state, len(envelope.deliveries)) == ("failed", 1)


@pytest.mark.parametrize("keep", [True, False])
async def test_a_command_while_the_bot_is_away(client: AsyncWebClient, keep: bool) -> None:
    async with SlackServer(keep_interactions=keep) as server:
        amira = server.person("U100", name="Amira")
        bot = Bot(AsyncWebClient("xoxb-test", base_url=server.api_url))

        async def apply(ack: Any) -> None:
            await ack("Opening.")

        bot.app.command("/apply")(apply)
        envelope = await amira.slash("/apply")
        async with bot.running():
            await server.until(lambda: envelope.settled)
        assert envelope.state == ("acked" if keep else "failed")


PROCESS = """
import asyncio, sys
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

async def main():
    client = AsyncWebClient("xoxb-test", base_url=sys.argv[1])
    app = AsyncApp(client=client, process_before_response=True)

    @app.event("message")
    async def hear(event):
        await client.chat_postMessage(channel=event["channel"], text="got " + event["text"])
        if event["text"] == "stall":
            await asyncio.Event().wait()

    await AsyncSocketModeHandler(app, "xapp-test").start_async()

asyncio.run(main())
"""


async def test_a_bot_in_another_process_is_killed_and_comes_back(
    server: SlackServer, amira: Person
) -> None:
    def answers() -> list[str]:
        return [message.text for message in amira.chat if message.from_bot]

    await amira.says("stall")
    for wanted in (1, 2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROCESS, server.api_url, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await server.until(lambda n=wanted: len(answers()) == n, timeout=20)  # type: ignore[misc]  # bound now
        finally:
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
        await server.until(lambda: not server.connections)
    assert answers() == ["got stall", "got stall"]
    assert server.envelopes[0].state == "waiting"
    assert len(server.envelopes[0].deliveries) == 2
