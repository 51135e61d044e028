"""Raw updates of the Bot API and what is made of them; and which offset follows from commits."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram_updates import MEDIA, Identity, Update, button_of, card_id, read
from bot.channels.telegram_window import LIMIT, Window
from bot.messages import Blocked, Incoming, Notice, StaffLine, StaffReply, StaffTap, Unreadable
from tests.fakes.telegram import update_bytes

STAFF = -1001
US = Identity(123, "frontdesk_test_bot", {STAFF: str(STAFF)})
NOW = datetime(2026, 11, 22, 18, 30, 0, 125_999, tzinfo=UTC)
DATE = 1_795_000_000

AMIRA = {"id": 1001, "is_bot": False, "first_name": "Amira", "language_code": "id"}
PRIVATE = {"id": 1001, "type": "private", "first_name": "Amira"}
OUR_CARD = {"message_id": 40, "from": {"id": 123, "is_bot": True}, "chat": {}, "date": 0}


def message(chat: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    base = {"message_id": 7, "from": AMIRA, "chat": chat or PRIVATE, "date": DATE}
    return {"update_id": 81, "message": base | fields}


def edited(**fields: Any) -> dict[str, Any]:
    body = message(**fields)
    body["edited_message"] = body.pop("message") | {"edit_date": DATE + 60}
    return body


def tapped(data: object = "812:3", **fields: Any) -> dict[str, Any]:
    shown = {"message_id": 40, "chat": PRIVATE, "date": 0}
    query = {"id": "q1", "from": AMIRA, "message": shown, "data": data, "chat_instance": "1"}
    return {"update_id": 81, "callback_query": query | fields}


def group(id: int = -500, kind: str = "group") -> dict[str, Any]:
    return {"id": id, "type": kind, "title": "Staff"}


def understood(raw: object) -> Update:
    return read(raw, US, NOW)


def incoming(raw: object) -> Incoming:
    arrival = understood(raw).arrival
    assert isinstance(arrival, Incoming)
    return arrival


def test_a_text_in_private_is_said() -> None:
    assert incoming(message(text="hello")) == Incoming(
        channel="telegram",
        key="telegram:81",
        person="1001",
        chat="1001",
        message="7",
        at=datetime.fromtimestamp(DATE, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        text="hello",
        language="id",
    )


def test_the_bytes_of_a_real_update_are_read() -> None:
    arrival = incoming(json.loads(update_bytes(9, 1001, 5, "Lakeside Repairs", DATE)))
    assert (arrival.key, arrival.text) == ("telegram:9", "Lakeside Repairs")


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("/start apply", "/start apply"),
        ("/help@frontdesk_test_bot", "/help"),
        ("/help@FrontDesk_Test_Bot now", "/help now"),
        ("/help@another_bot", "/help@another_bot"),
        ("write to /help@frontdesk_test_bot", "write to /help@frontdesk_test_bot"),
        ("me@frontdesk_test_bot", "me@frontdesk_test_bot"),
    ],
)
def test_a_command_loses_our_name_and_nothing_else(typed: str, read_as: str) -> None:
    assert incoming(message(text=typed)).text == read_as


@pytest.mark.parametrize("name", [medium for medium in MEDIA if medium != "contact"])
def test_each_medium_is_told_and_its_caption_is_text(name: str) -> None:
    arrival = incoming(message(**{name: {"file_id": "f"}}, caption="our shop"))
    assert (arrival.medium, arrival.text) == (MEDIA[name], "our shop")
    assert incoming(message(**{name: {"file_id": "f"}})).text == ""


@pytest.mark.parametrize(
    ("card", "text", "own"),
    [
        ({"phone_number": "60312345678", "user_id": 1001}, "+60312345678", True),
        ({"phone_number": "+60312345678", "user_id": 1001}, "+60312345678", True),
        ({"phone_number": "03-1234 5678", "user_id": 1002}, "03-1234 5678", False),
        ({"phone_number": "03-1234 5678"}, "03-1234 5678", False),
        ({"phone_number": "+60312345678", "user_id": -1001}, "+60312345678", False),
        ({"phone_number": "", "user_id": 1001}, "", False),
        ({"phone_number": "/start apply", "user_id": 1001}, "", False),
        ({"phone_number": "1" * 5000, "user_id": 1001}, "", False),
        ({"phone_number": "+60 3\u202e12\n345", "user_id": 1001}, "", False),
        ({"phone_number": "+١٢٣٤٥٦٧٨", "user_id": 1001}, "", False),
        ({"first_name": "Ben"}, "", False),
    ],
)
def test_a_contact_s_number_is_read_and_whether_it_is_the_sender_s(
    card: dict[str, Any], text: str, own: bool
) -> None:
    arrival = incoming(message(contact=card))
    assert (arrival.medium, arrival.text, arrival.own) == ("contact", text, own)


@pytest.mark.parametrize(
    "card", [{"phone_number": 60312345678}, {"phone_number": "1", "user_id": "1001"}, [], "x"]
)
def test_a_contact_that_is_none_harms_nothing_else(card: object) -> None:
    read_as = understood(message(contact=card))
    assert isinstance(read_as.arrival, Unreadable)


def test_a_venue_is_a_location_and_an_animation_a_video() -> None:
    assert incoming(message(location={}, venue={})).medium == "location"
    assert incoming(message(animation={}, document={})).medium == "video"


def test_the_items_of_an_album_share_their_id() -> None:
    assert incoming(message(photo=[], media_group_id="a1")).album == "a1"


def test_an_edit_has_the_message_s_id_and_the_time_of_the_change() -> None:
    arrival = incoming(edited(text="+44 113 496 0271"))
    assert (arrival.kind, arrival.message, arrival.text) == ("edited", "7", "+44 113 496 0271")
    assert arrival.at > incoming(message(text="x")).at


def test_an_edit_without_a_text_is_nothing() -> None:
    assert understood(edited(location={"latitude": 1.5, "longitude": 2})).arrival is None


@pytest.mark.parametrize(
    "fields",
    [
        {"pinned_message": {}},
        {"message_auto_delete_timer_changed": {}},
        {"text": "hi", "from": {"id": 5, "is_bot": True}},
        {"text": "hi", "from": None},
        {"text": "hi", "chat": {"id": -7, "type": "channel"}},
        {"new_chat_members": [AMIRA], "chat": group()},
        {"migrate_to_chat_id": -1002, "chat": group(STAFF)},
    ],
)
def test_what_nobody_said_to_the_bot_is_nothing(fields: dict[str, Any]) -> None:
    assert understood(message(**fields)) == Update(81, None)


def test_updates_of_other_kinds_are_nothing() -> None:
    assert understood({"update_id": 3, "my_chat_member": {"odd": 1}}) == Update(3, None)
    assert understood({"update_id": 3, "not_invented_yet": []}) == Update(3, None)


def change(status: str, kind: str = "private") -> dict[str, Any]:
    chat = {"id": 1001 if kind == "private" else -7, "type": kind}
    us = {"id": 123, "is_bot": True, "first_name": "Frontdesk"}
    old = {"status": "member", "user": us}
    new = {"status": status, "user": us, "until_date": 0}
    fields = {"chat": chat, "from": AMIRA, "date": DATE}
    return {
        "update_id": 9,
        "my_chat_member": {**fields, "old_chat_member": old, "new_chat_member": new},
    }


def test_a_person_s_block_is_told_and_an_unblock_is_nothing() -> None:
    at = datetime.fromtimestamp(DATE, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert understood(change("kicked")) == Update(9, Blocked("telegram", "telegram:9", "1001", at))
    assert understood(change("member")) == Update(9, None)
    assert understood(change("kicked", "supergroup")) == Update(9, None)


# Taps


def test_a_tap_names_the_row_and_the_index_and_must_be_answered() -> None:
    update = understood(tapped())
    assert update.query == "q1"
    assert isinstance(update.arrival, Incoming)
    assert (update.arrival.kind, update.arrival.button) == ("picked", (812, 3))
    assert (update.arrival.message, update.arrival.chat) == ("40", "1001")
    assert update.arrival.at == "2026-11-22T18:30:00.125Z"


def test_the_largest_row_of_a_database_is_a_row() -> None:
    assert button_of("9223372036854775807:999") == (9223372036854775807, 999)


@pytest.mark.parametrize(
    "data",
    [
        "", ":", "812", "812:", ":3", "812:3:", "812:3\n", " 812:3", "0:0", "-1:0", "+1:0",
        "0812:3", "812:03", "812:1000", "9223372036854775808:0", "812:٣", "١:0", "８12:3",
        "812.0:3", "1e3:0", "812:3;DROP", "9" * 60,
    ],
)  # fmt: skip
def test_forged_data_is_a_tap_of_no_button(data: str) -> None:
    update = understood(tapped(data))
    assert isinstance(update.arrival, Incoming)
    assert update.arrival.button is None
    assert update.query == "q1"


def test_a_tap_in_the_staff_group_is_one_of_staff() -> None:
    shown = {"message_id": 40, "chat": group(STAFF), "date": 0}
    tap = understood(tapped("812:3", message=shown)).arrival
    assert isinstance(tap, StaffTap)
    assert (tap.chat, tap.by, tap.card, tap.button) == (str(STAFF), "1001", "40", (812, 3))


def test_a_tap_in_another_group_or_under_an_inline_message_is_only_answered() -> None:
    shown = {"message_id": 40, "chat": group(-5005), "date": 0}
    assert understood(tapped(message=shown)) == Update(81, None, "q1")
    assert understood(tapped(message=None)) == Update(81, None, "q1")


# Groups


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "/start"},
        {"text": "/start@frontdesk_test_bot apply"},
        {"text": "what does @Frontdesk_Test_Bot do?"},
        {"text": "and you?", "reply_to_message": OUR_CARD},
        {"photo": [], "caption": "@frontdesk_test_bot"},
    ],
)
def test_a_group_is_told_to_write_in_private_when_it_speaks_to_the_bot(
    fields: dict[str, Any],
) -> None:
    arrival = understood(message(group(), **fields)).arrival
    assert arrival == Notice("telegram", "telegram:81", "-500", "notices.group", language="id")


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "lunch?"},
        {"text": "/start@another_bot"},
        {"text": "@frontdesk_test_bot2 hi"},
        {"text": "mail me@frontdesk_test_bot.com"},
        {"text": "yes", "reply_to_message": OUR_CARD | {"from": AMIRA}},
        {"text": "@frontdesk_test_bot", "from": {"id": 5, "is_bot": True}},
    ],
)
def test_other_lines_of_a_group_are_nothing(fields: dict[str, Any]) -> None:
    assert understood(message(group(), **fields)) == Update(81, None)


def test_a_topic_of_a_group_is_kept() -> None:
    raw = message(group(kind="supergroup"), text="/start", message_thread_id=9)
    assert getattr(understood(raw).arrival, "thread", None) == ""
    raw["message"]["is_topic_message"] = True
    assert getattr(understood(raw).arrival, "thread", None) == "9"


def test_a_direct_reply_to_a_card_in_the_staff_group_is_an_answer() -> None:
    raw = message(group(STAFF), text="Yes, two years.", reply_to_message=OUR_CARD)
    assert understood(raw).arrival == StaffReply(
        channel="telegram",
        key="telegram:81",
        chat="-1001",
        by="1001",
        message="7",
        at=incoming(message(text="x")).at,
        text="Yes, two years.",
        card="40",
        name="Amira",
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "who takes this?"},
        {"text": "export xlsx"},
        {"text": "/export@other_bot xlsx"},
        {"text": "@frontdesk_test_bot export", "from": {"id": 5, "is_bot": True}},
        {"text": "I do", "reply_to_message": OUR_CARD | {"from": AMIRA}},
        {"text": "I do", "reply_to_message": OUR_CARD, "from": {"id": 5, "is_bot": True}},
    ],
)
def test_every_other_line_of_the_staff_group_stays_there(fields: dict[str, Any]) -> None:
    assert understood(message(group(STAFF), **fields)) == Update(81, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/export xlsx last week", "/export xlsx last week"),
        ("/export@frontdesk_test_bot csv", "/export csv"),
        ("@frontdesk_test_bot export jsonl", "export jsonl"),
        ("please @Frontdesk_Test_Bot export", "please  export"),
    ],
)
def test_a_line_of_the_staff_group_that_names_the_bot_is_said_to_it(text: str, said: str) -> None:
    raw = message(group(STAFF), text=text)
    at = incoming(message(text="x")).at
    line = StaffLine("telegram", "telegram:81", "-1001", "1001", "7", at, said)
    assert understood(raw) == Update(81, line)


def test_an_administrator_may_answer_as_the_group() -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    fields = {"from": anonymous, "sender_chat": group(STAFF), "reply_to_message": OUR_CARD}
    arrival = understood(message(group(STAFF), text="Yes.", **fields)).arrival
    assert isinstance(arrival, StaffReply)
    assert arrival.by == "-1001"


def test_a_staff_group_that_moved_keeps_its_name_and_its_cards_apart() -> None:
    us = Identity(123, "frontdesk_test_bot", {STAFF: "-1001", -2002: "-1001"})
    raw = message(group(-2002, "supergroup"), text="Yes.", reply_to_message=OUR_CARD)
    arrival = read(raw, us, NOW).arrival
    assert isinstance(arrival, StaffReply)
    assert (arrival.chat, arrival.card) == ("-1001", "-2002/40")
    assert arrival.card == card_id("-2002", "-1001", 40) != card_id("-1001", "-1001", 40)


# What cannot be read


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (message(text=5), "message.text"),
        (message(text="hi", date="today"), "message.date"),
        (message(text="hi", date=10**15), "message.date"),
        (message(text="hi", date=-1), "message.date"),
        (message(text="hi", chat={"type": "private"}), "message.chat.id"),
        ({"update_id": 81, "message": []}, "message"),
        ({"update_id": 81, "message": {}}, "message.message_id"),
        (tapped(data=5), "callback_query.data"),
    ],
)
def test_a_broken_update_is_unreadable_and_says_where(raw: dict[str, Any], where: str) -> None:
    update = understood(raw)
    assert update.id == 81
    assert isinstance(update.arrival, Unreadable)
    assert update.arrival.key == "telegram:81"
    assert where in update.arrival.error
    assert json.loads(update.arrival.raw) == raw
    assert update.arrival.at == "2026-11-22T18:30:00.125Z"


def test_the_error_of_a_broken_update_quotes_nobody() -> None:
    arrival = understood(message(text=["Amira's secret"], date="secret")).arrival
    assert isinstance(arrival, Unreadable)
    assert "secret" not in arrival.error


def test_a_broken_tap_is_answered_all_the_same() -> None:
    assert understood(tapped(data=5)).query == "q1"


@pytest.mark.parametrize("raw", [None, [], "text", 5, {}, {"update_id": "81"}, {"update_id": True}])
def test_without_an_id_it_is_known_by_its_content(raw: object) -> None:
    update = understood(raw)
    assert update.id is None
    assert isinstance(update.arrival, Unreadable)
    assert update.arrival.key == getattr(understood(raw).arrival, "key", None)
    assert update.arrival.key != getattr(understood(["other"]).arrival, "key", None)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(["message", "edited_message", "callback_query"]), st.data())
def test_nothing_that_arrives_raises(kind: str, data: st.DataObject) -> None:
    whole = {
        "message": message(text="hi", reply_to_message=OUR_CARD, sender_chat=group())["message"],
        "edited_message": edited(text="hi")["edited_message"],
        "callback_query": tapped()["callback_query"],
    }[kind]
    broken = dict(whole)
    for name in data.draw(st.lists(st.sampled_from(sorted(whole)), max_size=3)):
        broken[name] = data.draw(anything)
    assert understood({"update_id": 81, kind: broken}).id == 81


# The window


def test_the_offset_is_the_lowest_update_that_is_not_committed() -> None:
    window = Window()
    assert window.admit([5, 6, 7]) == {5, 6, 7}
    assert window.offset == 5
    window.commit(6)
    assert window.ask() == 5
    assert window.admit([5, 6, 7, 8]) == {8}, "what is known is not taken twice"
    window.commit(5)
    assert window.ask() == 7
    window.commit(8)
    window.commit(7)
    assert window.settled
    assert window.ask() == 9


def test_a_lost_update_holds_the_offset_and_is_taken_again() -> None:
    window = Window()
    window.admit([5, 6])
    window.lose(5)
    window.commit(6)
    before = window.lossy
    assert window.ask() == 5
    assert window.admit([5, 6]) == {5}
    assert (before, window.lossy) == (True, False)
    window.commit(5)
    assert window.ask() == 7


def test_ids_that_start_anew_at_a_lower_number_are_taken() -> None:
    window = Window()
    window.admit([9000])
    window.commit(9000)
    assert window.ask() == 9001
    assert window.admit([17, 18]) == {17, 18}
    assert window.offset == 17
    window.commit(17)
    window.commit(18)
    assert window.ask() == 19
    assert window.admit([9000]) == {9000}, "an id may come again after a year: the store knows"


def test_the_window_is_full_when_an_answer_could_hold_nothing_new() -> None:
    window = Window()
    window.admit(range(1, LIMIT))
    for number in range(2, LIMIT):
        window.commit(number)
    full = [window.full]
    window.admit([LIMIT])
    full.append(window.full)
    window.commit(1)
    full.append(window.full)
    assert full == [False, True, False]


@settings(deadline=None)
@given(st.data())
def test_no_update_is_ever_confirmed_before_its_commit(data: st.DataObject) -> None:
    """Against a queue that forgets what is below the offset and gives a few from it on."""
    window = Window()
    queue = set(range(1, 30))
    pending: list[int] = []
    committed: set[int] = set()
    for _ in range(60):
        deed = data.draw(st.sampled_from(["poll", "commit", "commit", "lose"]))
        if deed == "poll":
            offset = window.ask()
            queue = {number for number in queue if number >= offset}
            assert set(range(1, 30)) - queue <= committed
            answer = sorted(queue)[: data.draw(st.sampled_from([1, 3, 100]))]
            pending += sorted(window.admit(answer))
        elif pending:
            number = pending.pop(data.draw(st.integers(0, len(pending) - 1)))
            if deed == "commit":
                committed.add(number)
                window.commit(number)
            else:
                window.lose(number)
    while queue:  # and with a store that is well all come through
        offset = window.ask()
        queue = {number for number in queue if number >= offset}
        pending += window.admit(sorted(queue)[:3])
        while pending:
            number = pending.pop()
            committed.add(number)
            window.commit(number)
    assert committed == set(range(1, 30))
