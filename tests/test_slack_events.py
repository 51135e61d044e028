"""Slack's payloads -> arrivals: the table of what is said, edited, tapped, and what is nothing."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.slack_events import Heard, Opening, read
from bot.channels.slack_text import typed
from bot.messages import (
    Incoming,
    Notice,
    StaffForm,
    StaffLine,
    StaffNote,
    StaffReply,
    StaffTap,
    Unreadable,
)
from tests.fakes.slack_text import EMOJI, as_typed, named

Json = dict[str, Any]
NOW = "2026-11-22T18:00:00.000Z"
STAFF = "C0STAFF"
TS = "1700000000.123456"


def heard(payload: Json, *, staff_chat: str | None = STAFF) -> Heard:
    return read(payload, at=NOW, staff_chat=staff_chat)


def event(**changed: Any) -> Json:
    said = {
        "type": "message",
        "channel": "D0100",
        "channel_type": "im",
        "user": "U0100",
        "text": "hello",
        "ts": TS,
    }
    said = {name: value for name, value in (said | changed).items() if value is not None}
    return {"type": "event_callback", "event_id": "Ev01", "event": said, "team_id": "T1"}


def edit(before: str | None, after: str, **changed: Any) -> Json:
    now = {"type": "message", "user": "U0100", "text": after, "ts": TS} | changed
    told = event(subtype="message_changed", message=now, ts="1700000009.000200")
    told["event"].pop("user")
    if before is not None:
        told["event"]["previous_message"] = now | {"text": before}
    return told


def tap(value: str, channel: str = "D0100", **changed: Any) -> Json:
    return {
        "type": "block_actions",
        "user": {"id": "U0100", "team_id": "T1"},
        "trigger_id": "13.37.ab",
        "container": {"type": "message", "message_ts": TS, "channel_id": channel},
        "channel": {"id": channel},
        "actions": [
            {
                "type": "button",
                "action_id": "answer" if value.startswith("answer") else "pick-0",
                "value": value,
                "action_ts": "1700000001.500000",
            }
        ],
    } | changed


def form(metadata: str, text: str | None = "Two years.", **changed: Any) -> Json:
    view = {
        "id": "V0001",
        "callback_id": "frontdesk-answer",
        "private_metadata": metadata,
        "state": {"values": {"reply": {"text": {"type": "plain_text_input", "value": text}}}},
    }
    return {"type": "view_submission", "user": {"id": "U0900"}, "view": view | changed}


def arrival(payload: Json) -> Incoming:
    found = heard(payload).arrival
    assert isinstance(found, Incoming)
    return found


def test_a_direct_message_is_said_by_a_person_in_their_chat() -> None:
    assert heard(event()) == Heard(
        Incoming(
            channel="slack",
            key="slack:Ev01",
            person="U0100",
            chat="U0100",
            message=TS,
            at="2023-11-14T22:13:20.123Z",
            text="hello",
        ),
        where="D0100",
    )


def test_an_answer_in_a_thread_keeps_it_and_a_threads_first_message_is_in_none() -> None:
    assert arrival(event(thread_ts="1699999999.000100")).thread == "1699999999.000100"
    assert arrival(event(thread_ts=TS)).thread == ""
    broadcast = event(thread_ts="1699999999.000100", subtype="thread_broadcast")
    assert arrival(broadcast).thread == "1699999999.000100"


@pytest.mark.parametrize(
    ("file", "medium"),
    [
        ({"mimetype": "application/pdf"}, "document"),
        ({"mimetype": "image/jpeg"}, "photo"),
        ({"mimetype": "audio/mpeg"}, "voice"),
        ({"mimetype": "video/mp4", "subtype": "slack_audio"}, "voice"),
        ({"mimetype": "video/mp4"}, "video"),
        ({}, "document"),
    ],
)
def test_a_file_is_a_medium_and_its_caption_is_text(file: Json, medium: str) -> None:
    said = arrival(event(subtype="file_share", files=[file, file], text="our &lt;shop&gt;"))
    assert (said.medium, said.text) == (medium, "our <shop>")


def test_a_tap_in_the_staff_channel_is_one_of_staff() -> None:
    found = heard(tap("8:2", STAFF))
    assert isinstance(found.arrival, StaffTap)
    assert (found.arrival.by, found.arrival.card, found.arrival.button) == ("U0100", TS, (8, 2))
    assert found.trigger == "13.37.ab"
    forged = [{"action_id": "pick-0", "action_ts": TS, "value": "answer:7"}]
    found = heard(tap("answer:7", STAFF, actions=forged))
    assert isinstance(found.arrival, StaffTap)
    assert found.arrival.button is None, "and it opens no form"
    assert found.opening is None


def test_a_message_of_neither_text_nor_file_is_something_else() -> None:
    assert arrival(event(text="")).medium == "other"


def test_an_edit_is_one_when_the_text_differs() -> None:
    edited = arrival(edit("old", "new &amp; better", edited={"ts": "1700000008.000000"}))
    assert (edited.kind, edited.text, edited.message) == ("edited", "new & better", TS)
    assert edited.at == "2023-11-14T22:13:28.000Z"
    assert heard(edit("same", "same")).arrival is None, "a link preview"
    assert heard(edit("same", "same", edited={"ts": "1700000008.000000"})).arrival is None
    assert heard(edit(None, "new")).arrival is None
    assert heard(edit("see acme.com", "see <http://acme.com|acme.com>")).arrival is None
    files = {"subtype": "file_share", "files": [{"mimetype": "image/png"}]}
    assert heard(edit("a caption", "", **files)).arrival is None, "as on Telegram"
    caption = arrival(edit("a", "b", subtype="file_share", files=[{"mimetype": "image/png"}]))
    assert (caption.kind, caption.medium) == ("edited", "photo")


@pytest.mark.parametrize(
    "payload",
    [
        event(bot_id="B0OTHER"),
        event(subtype="bot_message", user=None, bot_id="B0OTHER"),
        event(subtype="message_deleted", user=None),
        event(subtype="channel_join"),
        event(user="USLACKBOT"),
        event(user=None),
        event(channel="C0100", channel_type="channel"),
        event(channel="G0100", channel_type="mpim"),
        event(channel=STAFF),
        event(channel=STAFF, thread_ts=TS),  # the thread's own first message
        event(channel=STAFF, thread_ts="1699999999.000100", text="<@U0200> do you know?"),
        event(channel=STAFF, thread_ts="1699999999.000100", bot_id="B0FRONTDESK"),
        event(channel="C0100", thread_ts="1699999999.000100"),
        edit("a", "b", bot_id="B0FRONTDESK"),
        edit("a", "This message was deleted.", subtype="tombstone"),
        event(type="app_mention"),  # in a direct chat the message says it already
        event(type="app_mention", channel="C0100", bot_id="B0OTHER"),
        event(type="reaction_added", channel=None, ts=None),
        {"type": "view_closed"},
        {"type": "hello"},
        {},
        tap("8:0", "C0100"),
        tap("answer:0", STAFF),
        tap("answer:x", STAFF),
        tap("answer:7 ", STAFF),
        tap("8:0", container={"type": "view", "view_id": "V1"}),
        form("7:1700000000.000100", callback_id="another"),
    ],
)
def test_everything_else_is_nothing_of_ours(payload: Json) -> None:
    assert heard(payload) == Heard()


THREAD = "1699999999.000100"


def noted(text: str = "It is.", **changed: Any) -> StaffNote:
    at = changed.pop("at", "2023-11-14T22:13:20.123Z")
    note = StaffNote("slack", "slack:Ev01", STAFF, TS, at, text, THREAD)
    return replace(note, **changed)


def test_a_line_in_a_thread_of_the_staff_channel_is_noted() -> None:
    raw = event(channel=STAFF, thread_ts=THREAD, text="It is &amp; <mailto:a@b.org|a@b.org>")
    assert heard(raw).arrival == noted("It is & a@b.org")


def test_an_edit_of_such_a_line_and_its_deletion_are_noted_too() -> None:
    raw = edit("It is.", "It is not.", thread_ts=THREAD)
    raw["event"]["channel"] = STAFF
    changed = heard(raw).arrival
    assert changed == noted("It is not.", kind="edited", at="2023-11-14T22:13:29.000Z")
    raw = edit("It is.", "<@U0200> is it?", thread_ts=THREAD)
    raw["event"]["channel"] = STAFF
    taken_back = heard(raw).arrival
    assert taken_back == noted("", kind="edited", at="2023-11-14T22:13:29.000Z")
    raw = event(channel=STAFF, subtype="message_deleted", user=None, text=None)
    raw["event"]["previous_message"] = event(thread_ts=THREAD)["event"]
    assert heard(raw).arrival == noted("", kind="deleted")


def test_a_mention_in_the_staff_channel_is_said_to_the_bot() -> None:
    raw = event(type="app_mention", channel=STAFF, text="<@U0BOT> export csv &amp; more")
    arrival = heard(raw).arrival
    assert isinstance(arrival, StaffLine)
    assert (arrival.chat, arrival.by, arrival.text) == (STAFF, "U0100", "export csv & more")
    assert heard(event(type="app_mention", channel=STAFF, bot_id="B1")) == Heard()
    elsewhere = heard(raw, staff_chat=None).arrival
    assert isinstance(elsewhere, Notice)


def test_a_mention_is_answered_in_its_thread_and_known_by_channel_and_ts() -> None:
    mention = event(type="app_mention", channel="C0100")
    assert heard(mention).arrival == Notice(
        "slack", f"slack:C0100:{TS}", "C0100", "notices.mention", thread=TS, once=False
    )
    again = mention | {"event_id": "Ev02"}
    assert heard(again) == heard(mention)
    inside = heard(event(type="app_mention", channel="C0100", thread_ts="1699999999.000100"))
    assert isinstance(inside.arrival, Notice)
    assert inside.arrival.thread == "1699999999.000100"


@pytest.mark.parametrize(
    ("value", "button"),
    [
        ("812:0", (812, 0)),
        ("812:12", (812, 12)),
        (":0", None),
        ("812", None),
        ("812:0:1", None),
        ("-1:0", None),
        ("812:-1", None),
        (" 812:0", None),
        ("812:0\n", None),
        ("٨١٢:٠", None),
        ("9" * 19 + ":0", None),
        ("answer:7", None),
        ("", None),
    ],
)
def test_a_taps_data_is_read_strictly(value: str, button: tuple[int, int] | None) -> None:
    tapped = arrival(tap(value))
    assert (tapped.kind, tapped.button) == ("picked", button)
    assert (tapped.person, tapped.chat, tapped.message) == ("U0100", "U0100", TS)
    assert tapped.at == "2023-11-14T22:13:21.500Z"


def test_a_tap_delivered_again_is_the_same_and_a_second_tap_is_another() -> None:
    first = arrival(tap("8:0"))
    assert arrival(copy.deepcopy(tap("8:0"))).key == first.key
    assert arrival(tap("8:0", trigger_id="13.38.cd")).key != first.key
    assert arrival(tap("8:0", user={"id": "U0200"})).key != first.key


def test_a_tap_knows_the_thread_that_its_message_is_in() -> None:
    where = {"type": "message", "message_ts": TS, "channel_id": "D0100"}
    inside = tap("8:0", container=where | {"thread_ts": "1699999999.000100"})
    assert arrival(inside).thread == "1699999999.000100"
    assert arrival(tap("8:0", message={"ts": TS, "thread_ts": TS})).thread == ""


def test_the_slash_command_is_said_in_the_persons_own_chat() -> None:
    command = {
        "command": "/apply",
        "text": "please",
        "user_id": "U0100",
        "channel_id": "C0777",
        "trigger_id": "13.39",
    }
    said = arrival(command)
    assert (said.text, said.chat, said.person, said.at) == ("/apply", "U0100", "U0100", NOW)
    assert (said.key, heard(command).where) == ("slack:13.39", "C0777")


def test_answer_on_a_staff_card_opens_the_form_only_in_the_staff_channel() -> None:
    opening = Opening(7, TS, "13.37.ab", "U0100")
    assert heard(tap("answer:7", STAFF)) == Heard(opening=opening)
    assert opening.metadata == f"7:{TS}"
    assert heard(tap("answer:7", "C0OTHER")) == Heard()
    elsewhere = arrival(tap("answer:7", "D0100"))
    assert elsewhere.button is None
    assert read(tap("answer:7", STAFF), at=NOW, staff_chat=None) == Heard()


def test_the_staff_form_is_one_answer_about_the_escalation_it_was_opened_for() -> None:
    reply = StaffReply(
        channel="slack",
        key="slack:V0001",
        chat=STAFF,
        by="U0900",
        message="V0001",
        at=NOW,
        text="Two <years> & *more*",
        escalation=7,
        thread=TS,
    )
    assert heard(form(f"7:{TS}", " Two <years> & *more*\n")).arrival == reply


@pytest.mark.parametrize("metadata", ["", "7", "7:", "0:1.1", "7:x", f"7:{TS}:8", "seven:1.1"])
def test_a_form_with_other_metadata_is_refused(metadata: str) -> None:
    assert heard(form(metadata)) == Heard(refused=True)


def test_a_form_without_a_staff_channel_is_refused() -> None:
    assert heard(form(f"7:{TS}"), staff_chat=None) == Heard(refused=True)


@pytest.mark.parametrize(
    "payload",
    [
        event(ts="yesterday"),
        event(ts=None),
        event(text=5),
        event(channel=["D1"]),
        event(user={"id": "U1"}),
        event() | {"event": "message"},
        event() | {"event_id": ""},
        {"type": "event_callback"},
        tap("8:0", actions=[]),
        tap("8:0", user="U0100"),
        {"type": "view_submission", "user": {"id": "U1"}},
        {"command": "/apply"},
    ],
)
def test_what_does_not_parse_is_kept_with_its_error_and_without_its_values(payload: Json) -> None:
    found = heard(payload).arrival
    assert isinstance(found, Unreadable)
    assert json.loads(found.raw) == payload
    assert found.error
    assert "yesterday" not in found.error
    assert found.key == heard(copy.deepcopy(payload)).arrival.key  # type: ignore[union-attr]  # as above
    assert found.key.startswith("slack:")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("a &amp; b &lt;c&gt; &amp;lt;", "a & b <c> &lt;"),
        ("<tel:+441134960271|+44 113 496 0271>", "+44 113 496 0271"),
        ("<tel:+441134960271>", "+441134960271"),
        ("mail <mailto:amira@acme.example|amira@acme.example> us", "mail amira@acme.example us"),
        ("<mailto:amira@acme.example|write me>", "write me (amira@acme.example)"),
        ("<mailto:amira@acme.example>", "amira@acme.example"),
        ("<http://acme.example|acme.example>", "acme.example"),
        ("<http://Acme.example/|acme.example>", "acme.example"),
        ("<https://acme.example/?a=1&amp;b=2>", "https://acme.example/?a=1&b=2"),
        ("<https://acme.example|our site>", "our site (https://acme.example)"),
        ("hi <@U123> and <@U123|amira>", "hi @U123 and @amira"),
        ("<#C1|general> <!here> <!subteam^S1|@team>", "#general @here @team"),
        ("<!date^1392734382^{date}^https://x.example|today>", "today"),
        ("&lt;http://x|y&gt;", "<http://x|y>"),
        ("a <b> c", "a <b> c"),
        ("half \ud83d a pair", "half \ufffd a pair"),
        ("", ""),
    ],
)
def test_what_slack_wrapped_is_unwrapped(sent: str, meant: str) -> None:
    assert typed(sent) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("👍", "👍"),
        ("👍🏽", "👍"),
        ("Café ☕ Repair", "Café ☕ Repair"),
        ("done ✅👌, thanks🙏!", "done ✅👌, thanks🙏!"),
        ("谢谢🙏", "谢谢🙏"),
        ("10:100:20 std::x::y a:b:c http://a:80:", "10:100:20 std::x::y a:b:c http://a:80:"),
        (":our_logo: :nothing:", ":our_logo: :nothing:"),
    ],
)
def test_an_emoji_is_the_one_that_was_typed(text: str, meant: str) -> None:
    assert typed(as_typed(text)) == meant


def test_what_staff_write_into_a_form_is_read_as_they_typed_it() -> None:
    sent, meant = f" {named('Yes 👍')} &amp; half \ud83d ", "Yes 👍 &amp; half \ufffd"
    reply = heard(form(f"7:{TS}", sent)).arrival
    assert isinstance(reply, StaffReply)
    assert reply.text == meant
    other = heard(form(f"8:0:{TS}", sent, callback_id="frontdesk-form")).arrival
    assert isinstance(other, StaffForm)
    assert other.values == (("text", meant),)


WORDS = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="".join(EMOJI))
)


@given(WORDS.filter(lambda text: text.count(":") < 2))
def test_whatever_is_typed_arrives_as_typed(text: str) -> None:
    assert typed(as_typed(text)) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(TS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.sampled_from([event(), edit("a", "b"), tap("8:0"), form(f"7:{TS}")]), st.data())
def test_a_payload_broken_anywhere_never_raises(payload: Json, data: st.DataObject) -> None:
    broken = copy.deepcopy(payload)
    part: Any = broken
    while True:
        key = data.draw(st.sampled_from(sorted(part)))
        if not isinstance(part[key], dict) or not part[key] or data.draw(st.booleans()):
            part[key] = data.draw(JSON)
            break
        part = part[key]
    found = heard(broken)
    assert found.arrival is None or found.arrival.key.startswith("slack:")
