"""The local Telegram against python-telegram-bot's own `Bot`: what the other tests stand on."""

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from tests.fakes.telegram import Person, TelegramServer, parse_html, update_bytes, utf16

TOKEN = "123:TEST"
AMIRA = 1001


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(token=TOKEN) as server:
        yield server


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=f"{server.url}/bot") as bot:
        yield bot


@pytest.fixture
async def amira(server: TelegramServer) -> Person:
    """Somebody who has pressed Start: update 1, message 1."""
    amira = server.person(id=AMIRA, first_name="Amira", language_code="en")
    await amira.starts()
    return amira


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=f"12:{i}")] for i, label in enumerate(labels)]
    )


async def fetch(bot: Bot, **params: Any) -> list[dict[str, Any]]:
    """The updates as they travel, unparsed."""
    updates: list[dict[str, Any]] = await bot.do_api_request("getupdates", api_kwargs=params)
    return updates


async def ids(bot: Bot, **params: Any) -> list[int]:
    return [update["update_id"] for update in await fetch(bot, **params)]


# Talking


async def test_a_conversation_is_seen_from_both_sides(bot: Bot, amira: Person) -> None:
    await amira.says("my mail is amira@example.com")
    start, said = await bot.get_updates()
    assert start.message
    assert start.message.from_user
    assert start.message.from_user.language_code == "en"
    assert start.message.text == "/start"
    assert [entity.type for entity in start.message.entities] == ["bot_command"]
    assert said.message
    assert said.update_id == start.update_id + 1
    assert said.message.parse_entity(said.message.entities[0]) == "amira@example.com"
    sent = await bot.send_message(AMIRA, " Hello <b>Amira 😀</b> &amp; all\n", parse_mode="HTML")
    assert sent.text == "Hello Amira 😀 & all"
    assert sent.parse_entity(sent.entities[0]) == "Amira 😀"
    assert [(m.message_id, m.from_bot) for m in amira.chat] == [(1, False), (2, False), (3, True)]
    assert amira.chat[-1].html == " Hello <b>Amira 😀</b> &amp; all\n"


async def test_a_button_is_tapped_and_answered_once_per_query(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    await bot.send_message(AMIRA, "Old?", reply_markup=keyboard("Yes"))
    await bot.send_message(AMIRA, "New?", reply_markup=keyboard("Yes", "No"))
    assert amira.chat[-1].buttons == [["Yes"], ["No"]]
    tap = await amira.taps("Yes")
    query = (await bot.get_updates(offset=2))[0].callback_query
    assert query
    assert isinstance(query.message, Message)
    assert (query.data, query.message.text) == ("12:0", "New?")
    assert not tap.answered
    assert server.unanswered == [tap]
    await bot.answer_callback_query(query.id, text="Noted")
    assert tap.answers == [("Noted", False)]
    assert server.unanswered == []
    with pytest.raises(LookupError, match="Maybe"):
        await amira.taps("Maybe")


async def test_a_reply_keyboard_stays_until_it_is_taken_away(bot: Bot, amira: Person) -> None:
    share = ReplyKeyboardMarkup(
        [[KeyboardButton("Share", request_contact=True), "No"]], one_time_keyboard=True
    )
    with pytest.raises(LookupError):
        await amira.taps_key("Share")
    sent = await bot.send_message(AMIRA, "Number?", reply_markup=share)
    assert sent.reply_markup is None
    assert (amira.keyboard, amira.chat[-1].buttons) == ([["Share", "No"]], [])
    await bot.send_message(AMIRA, "Meanwhile", reply_markup=keyboard("Yes"))
    assert amira.keyboard == [["Share", "No"]]
    await amira.taps_key("Share", phone_number="60312345678")
    await amira.taps_key("No")
    contact, text = [update.message for update in await bot.get_updates(offset=2)]
    assert contact
    assert contact.contact
    assert text
    assert (contact.contact.phone_number, contact.contact.user_id) == ("60312345678", AMIRA)
    assert (text.text, amira.room.folded) == ("No", True)
    await bot.send_message(AMIRA, "Thank you", reply_markup=ReplyKeyboardRemove())
    assert amira.keyboard == []


async def test_a_reply_keyboard_that_telegram_would_not_take_is_refused(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    server.group(-77, "Staff", [amira], admin_bot=True)
    share = ReplyKeyboardMarkup([[KeyboardButton("Share", request_contact=True)]])
    with pytest.raises(BadRequest, match="in private chats only"):
        await bot.send_message(-77, "Number?", reply_markup=share)
    with pytest.raises(BadRequest, match="must be non-empty"):
        await bot.send_message(AMIRA, "?", reply_markup=ReplyKeyboardMarkup([[" "]]))
    sent = await bot.send_message(AMIRA, "?", reply_markup=keyboard("Yes"))
    with pytest.raises(BadRequest, match="nline keyboard expected"):
        await bot.do_api_request(
            "editmessagetext",
            api_kwargs={
                "chat_id": AMIRA,
                "message_id": sent.message_id,
                "text": "!",
                "reply_markup": share.to_dict(),
            },
        )
    assert amira.keyboard == []


async def test_a_query_cannot_be_answered_when_unknown_or_too_old(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    await bot.send_message(AMIRA, "?", reply_markup=keyboard("Yes"))
    tap = await amira.taps_data("forged:9")
    assert tap.data == "forged:9"
    server.expire_taps()
    for query_id in (tap.query_id, "77"):
        with pytest.raises(BadRequest, match="Query is too old and response timeout expired"):
            await bot.answer_callback_query(query_id)


async def test_a_button_on_a_deleted_message_arrives_without_its_text(
    bot: Bot, amira: Person
) -> None:
    await bot.send_message(AMIRA, "?", reply_markup=keyboard("Yes"))
    old = amira.chat[-1]
    await bot.delete_message(AMIRA, old.message_id)
    assert old.deleted
    assert old not in amira.chat
    await amira.taps("Yes", on=old)
    query = (await bot.get_updates(offset=2))[0].callback_query
    assert query
    assert isinstance(query.message, Message)  # the library makes no InaccessibleMessage of it
    assert (query.message.date.timestamp(), query.message.text) == (0, None)


async def test_everything_that_is_no_text_parses(bot: Bot, amira: Person) -> None:
    await amira.sends_photo(caption="a caption", media_group_id="7")
    await amira.sends_photo(media_group_id="7")
    await amira.sends_voice()
    await amira.sends_document()
    await amira.sends_contact(user_id=5)
    await amira.sends_sticker()
    await amira.sends_location()
    updates = await bot.get_updates(offset=2)
    messages = [update.message for update in updates if update.message]
    assert [m.effective_attachment is not None for m in messages] == [True] * 7
    assert [m.media_group_id for m in messages] == ["7", "7", None, None, None, None, None]
    assert (messages[0].caption, messages[0].text) == ("a caption", None)
    assert messages[4].contact
    assert messages[4].contact.user_id == 5


async def test_an_edit_keeps_the_message_id(bot: Bot, amira: Person) -> None:
    await amira.edits(1, "/start apply")
    edited = (await bot.get_updates(offset=2))[0].edited_message
    assert edited
    assert (edited.message_id, edited.text) == (1, "/start apply")
    assert edited.edit_date


async def test_a_text_above_the_limit_leaves_the_app_in_pieces(bot: Bot, amira: Person) -> None:
    await amira.says("😀" * 2048 + "x")
    texts = [update.message.text for update in await bot.get_updates(offset=2) if update.message]
    assert texts == ["😀" * 2048, "x"]


async def test_blocking_is_told_and_forbids_sending(bot: Bot, amira: Person) -> None:
    await amira.blocks()
    change = (await bot.get_updates(offset=2))[0].my_chat_member
    assert change
    assert change.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(AMIRA, "Are you there?")
    await amira.unblocks()
    await bot.send_message(AMIRA, "Welcome back")
    amira.leaves_telegram()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_chat_action(AMIRA, "typing")


async def test_a_bot_cannot_write_first_nor_to_nobody(server: TelegramServer, bot: Bot) -> None:
    server.person(id=5)
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(5, "Hello")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(6, "Hello")


# Groups


async def test_privacy_mode_hides_all_but_commands_and_replies(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    group = server.group(id=-1001234567890, title="Staff", members=[amira])
    sent = await bot.send_message(group.id, "A card")
    assert await amira.says("among ourselves", group=group) == 0
    assert await amira.says("/help@some_other_bot", group=group) == 0
    assert await amira.says("@frontdesk_test_bot hello", group=group) == 0
    shown = [
        await amira.says("/help", group=group),
        await amira.says("/help@frontdesk_test_bot", group=group),
        await amira.says("an answer", group=group, reply_to=sent.message_id),
    ]
    group.another_bot_speaks()
    assert await amira.says("/help", group=group) == 0
    updates = await bot.get_updates(offset=2)
    assert [update.update_id for update in updates] == shown
    assert updates[-1].message
    assert updates[-1].message.reply_to_message
    assert updates[-1].message.reply_to_message.text == "A card"
    assert updates[-1].message.chat.type == "supergroup"
    assert len(group.chat) == 8


async def test_an_administrator_bot_sees_everything(server: TelegramServer, amira: Person) -> None:
    group = server.group(id=-1001234567890, title="Staff", members=[amira], admin_bot=True)
    assert await amira.says("among ourselves", group=group)
    with pytest.raises(ValueError, match="not in Staff"):
        await server.person(id=5, first_name="Ben").says("hello", group=group)


async def test_a_group_that_moved_names_its_new_id(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    group = server.group(id=-42, title="Staff", members=[amira])
    await group.moves_to(-1001234567890, by=amira)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(-42, "A card")
    assert caught.value.new_chat_id == group.id
    moved = [update.message for update in await bot.get_updates(offset=2) if update.message]
    assert moved[0].migrate_to_chat_id == moved[1].chat.id == group.id
    await group.kicks_bot(by=amira)
    with pytest.raises(Forbidden, match="kicked from the supergroup"):
        await bot.send_message(group.id, "A card")


async def test_members_and_chats_can_be_looked_up(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    ben = server.person(id=5, first_name="Ben")
    group = server.group(id=-1001234567890, title="Staff", members=[amira], admin_bot=True)
    statuses = [
        (await bot.get_chat_member(group.id, user)).status for user in (amira.id, ben.id, bot.id)
    ]
    assert statuses == ["member", "left", "administrator"]
    with pytest.raises(BadRequest, match="User not found"):
        await bot.get_chat_member(group.id, 777)
    assert (await bot.get_chat(group.id)).title == "Staff"
    assert (await bot.get_chat(AMIRA)).first_name == "Amira"


# What the API refuses


async def test_text_limits_count_utf16_after_parsing(bot: Bot, amira: Person) -> None:
    await bot.send_message(AMIRA, "<b>" + "😀" * 2048 + "</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(AMIRA, "😀" * 2048 + "x")
    for empty in ("", " \n", "<b></b>"):
        with pytest.raises(BadRequest, match="Message text is empty"):
            await bot.send_message(AMIRA, empty, parse_mode="HTML")
    assert utf16(amira.chat[-1].text) == 4096
    assert len(amira.chat) == 2


@pytest.mark.parametrize("data", ["", "x" * 65, "é" * 33])
async def test_button_data_is_one_to_64_bytes(
    server: TelegramServer, amira: Person, data: str
) -> None:
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": data}]]}
    body = {"chat_id": AMIRA, "text": "?", "reply_markup": markup}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{TOKEN}/sendMessage", json=body) as response,
    ):
        assert response.status == 400
        assert (await response.json())["description"] == "Bad Request: BUTTON_DATA_INVALID"
    assert len(amira.chat) == 1


async def test_button_data_of_64_bytes_and_an_answer_of_200_are_fine(
    bot: Bot, amira: Person
) -> None:
    button = InlineKeyboardButton("Go", callback_data="é" * 32)
    await bot.send_message(AMIRA, "?", reply_markup=InlineKeyboardMarkup([[button]]))
    tap = await amira.taps("Go")
    with pytest.raises(BadRequest):
        await bot.answer_callback_query(tap.query_id, text="x" * 201)
    assert await bot.answer_callback_query(tap.query_id, text="x" * 200, show_alert=True)
    assert tap.answers == [("x" * 200, True)]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("é<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x"', 'Unclosed start tag "a" at byte offset 0'),
        ("Q & A", 'Unescaped "&" at byte offset 2: write "&amp;"'),
        ("&nbsp;", 'Unescaped "&" at byte offset 0: write "&amp;"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_wrong_markup_is_refused_whole(
    bot: Bot, amira: Person, source: str, reason: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        await bot.send_message(AMIRA, source, parse_mode="HTML")
    # The library writes its messages with one capital letter only.
    assert caught.value.message == f"can't parse entities: {reason}".capitalize()
    assert len(amira.chat) == 1


def test_markup_becomes_entities_in_utf16_units() -> None:
    text, entities = parse_html(
        '😀 <b>bold <i>both</i></b> <a href="https://example.com/?a=1&amp;b=2">link</a> '
        "<blockquote expandable>&lt;q&gt;</blockquote> <tg-spoiler>&#x27;</tg-spoiler><b></b>"
        '<pre><code class="language-python">x</code></pre>'
    )
    assert text == "😀 bold both link <q> 'x"
    assert [(e["type"], e["offset"], e["length"]) for e in entities] == [
        ("bold", 3, 9),
        ("italic", 8, 4),
        ("text_link", 13, 4),
        ("blockquote", 18, 3),
        ("spoiler", 22, 1),
        ("code", 23, 1),
        ("pre", 23, 1),
    ]
    assert entities[2]["url"] == "https://example.com/?a=1&b=2"


async def test_a_reply_needs_its_message_unless_told_otherwise(bot: Bot, amira: Person) -> None:
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(AMIRA, "x", reply_parameters=ReplyParameters(99))
    lone = ReplyParameters(99, allow_sending_without_reply=True)
    sent = await bot.send_message(AMIRA, "x", reply_parameters=lone)
    assert sent.reply_to_message is None
    sent = await bot.send_message(AMIRA, "y", reply_parameters=ReplyParameters(1))
    assert sent.reply_to_message
    assert sent.reply_to_message.text == "/start"
    assert amira.chat[-1].reply_to is amira.chat[0]


async def test_edits_by_the_bot(bot: Bot, amira: Person) -> None:
    sent = await bot.send_message(AMIRA, "One", reply_markup=keyboard("Yes"))
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("One", AMIRA, sent.id, reply_markup=keyboard("Yes"))
    await bot.edit_message_reply_markup(AMIRA, sent.id, reply_markup=keyboard("Yes", "No"))
    assert amira.chat[-1].labels == ["Yes", "No"]
    await bot.edit_message_text("<i>Two</i>", AMIRA, sent.id, parse_mode="HTML")
    assert (amira.chat[-1].text, amira.chat[-1].labels) == ("Two", [])
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(AMIRA, sent.id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", AMIRA, 99)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", AMIRA, 1)


async def test_deleting_has_its_limits(server: TelegramServer, bot: Bot, amira: Person) -> None:
    old, new = await bot.send_message(AMIRA, "old"), await bot.send_message(AMIRA, "new")
    amira.chat[1].date -= 49 * 3600
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(AMIRA, old.id)
    assert await bot.delete_messages(AMIRA, [1, new.id, 99])
    assert [message.text for message in amira.chat] == ["old"]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(AMIRA, new.id)
    group = server.group(id=-1001234567890, title="Staff", members=[amira])
    await amira.says("mine", group=group)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(group.id, 1)


async def test_a_document_is_uploaded_with_its_caption(bot: Bot, amira: Person) -> None:
    sent = await bot.send_document(AMIRA, b"a,b\n", filename="q.csv", caption="Your data")
    assert sent.document
    assert (sent.document.file_name, sent.document.file_size) == ("q.csv", 4)
    assert (amira.chat[-1].text, amira.chat[-1].file) == ("Your data", b"a,b\n")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_document(AMIRA, b"x", caption="x" * 1025)
    again = await bot.send_document(AMIRA, sent.document.file_id)
    assert again.document


async def test_the_commands_menu(bot: Bot) -> None:
    await bot.set_my_commands([("start", "Begin"), ("help", "What I can do")])
    await bot.set_my_commands([("start", "Mula")], language_code="ms")
    assert [command.command for command in await bot.get_my_commands()] == ["start", "help"]
    assert (await bot.get_my_commands(language_code="ms"))[0].description == "Mula"
    for wrong in (("Start", "Begin"), ("start", "")):
        with pytest.raises(BadRequest, match=r"(?i)bot_command"):
            await bot.do_api_request(
                "setmycommands",
                api_kwargs={"commands": [{"command": wrong[0], "description": wrong[1]}]},
            )


async def test_tokens_and_unknown_methods(server: TelegramServer, bot: Bot) -> None:
    assert (await bot.get_me()).username == "frontdesk_test_bot"
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendTelepathy")
    assert server.calls[-1].status == 404
    other = Bot("123:WRONG", base_url=f"{server.url}/bot")
    with pytest.raises(InvalidToken):
        await other.initialize()
    await other.shutdown()
    async with aiohttp.ClientSession() as session:
        for token, status in (("123:WRONG", 401), ("nonsense", 404)):
            async with session.get(f"{server.url}/bot{token}/getMe") as response:
                assert (response.status, (await response.json())["ok"]) == (status, False)


async def test_form_json_and_query_parameters_mean_the_same(
    server: TelegramServer, amira: Person
) -> None:
    url = f"{server.url}/bot{TOKEN}/sendmessage"
    params = {"chat_id": str(AMIRA), "text": "12"}
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        await session.post(url, json=params)
        await session.post(url, data=params)
        await session.get(url, params=params)
    assert [m.text for m in amira.chat] == ["/start", "12", "12", "12"]
    assert server.calls_of("sendMessage", chat_id=AMIRA) == server.calls


# getUpdates


async def test_updates_wait_until_confirmed_by_a_higher_offset(bot: Bot, amira: Person) -> None:
    for text in "abc":
        await amira.says(text)
    assert await ids(bot) == await ids(bot, offset=1) == [1, 2, 3, 4]
    assert await ids(bot, limit=2) == [1, 2]
    assert await ids(bot, offset=3) == await ids(bot) == [3, 4]
    assert await ids(bot, offset=-1) == await ids(bot) == [4]
    assert await ids(bot, offset=5) == []


async def test_ids_start_where_told() -> None:
    async with TelegramServer(token=TOKEN, first_update_id=900) as server:
        amira = server.person(id=AMIRA)
        assert await amira.says("a") == 900
        server.next_update_id = 17  # as after a week of silence
        assert await amira.says("b") == 17


async def test_a_long_poll_ends_with_the_first_update(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    poll = asyncio.create_task(ids(bot, offset=2, timeout=50))
    await server.until(lambda: server.updates.polled)
    second = await amira.says("hello")
    assert await poll == [second]


async def test_the_older_of_two_polls_ends_with_a_conflict(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    older = asyncio.create_task(ids(bot, offset=2, timeout=50))
    await server.until(lambda: server.updates.polled)
    async with Bot(TOKEN, base_url=f"{server.url}/bot") as other:
        newer = asyncio.create_task(ids(other, offset=2, timeout=50))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await older
        second = await amira.says("hello")
        assert await newer == [second]


async def test_a_webhook_forbids_polling(server: TelegramServer, bot: Bot, amira: Person) -> None:
    await bot.set_webhook("https://example.com/hook")
    with pytest.raises(Conflict, match="use deleteWebhook to delete the webhook first"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook()
    assert await ids(bot) == server.pending == [1]
    await bot.delete_webhook(drop_pending_updates=True)
    assert await ids(bot) == []


async def test_only_the_allowed_kinds_are_kept(bot: Bot, amira: Person) -> None:
    await bot.get_updates(offset=2, allowed_updates=["message"])
    assert await amira.edits(1, "changed") == 0
    assert await amira.says("hello") == 2
    await fetch(bot)  # the previous setting stays
    assert await amira.edits(1, "changed again") == 0
    await bot.get_updates(allowed_updates=[])
    assert await amira.edits(1, "and again") == 3


async def test_asking_too_often_is_slowed_and_yields_one_update_at_a_time() -> None:
    async with (
        TelegramServer(token=TOKEN, polling_limits=True) as server,
        Bot(TOKEN, base_url=f"{server.url}/bot") as bot,
    ):
        server.updates.time = lambda: 0.0  # no time passes
        ben = server.person(id=5)
        for text in "abc":
            await ben.says(text)
        assert await ids(bot, offset=1) == [1, 2, 3]
        assert await ids(bot, offset=1) == [1]
        assert await ids(bot, offset=4) == []
        slowed = asyncio.create_task(ids(bot, offset=4))
        await server.until(lambda: server.updates.polled)
        await ben.says("d")
        assert await slowed == [4]


# Faults


# The library's own constructor of RetryAfter warns about its future type.
@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_429_says_how_long_and_who_does_not_wait_is_noted(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    fault = server.fault("sendMessage", "429", retry_after=7, chat_id=AMIRA)
    with pytest.raises(RetryAfter, match="Retry in 7 seconds"):
        await bot.send_message(AMIRA, "x")
    await bot.send_message(AMIRA, "x")
    assert [(c.status, c.hasty) for c in server.calls_of("sendMessage")] == [
        (429, False),
        (200, True),
    ]
    assert fault.hits == server.calls_of("sendMessage")[:1]
    assert len(amira.chat) == 2


async def test_errors_of_the_server_and_of_a_gateway_before_it(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    server.fault("sendMessage", "500", skip=1)
    server.fault("sendMessage", "500", status=502, skip=1)
    await bot.send_message(AMIRA, "one")
    for reason in ("Internal Server Error", "Bad Gateway"):
        with pytest.raises(NetworkError, match=reason):
            await bot.send_message(AMIRA, "two")
    await bot.send_message(AMIRA, "two")
    assert [m.text for m in amira.chat] == ["/start", "one", "two"]


@pytest.mark.parametrize(
    ("kind", "arrived"), [("drop", False), ("lost", True), ("malformed", True)]
)
async def test_lost_answers_differ_in_what_was_done(
    server: TelegramServer, bot: Bot, amira: Person, kind: Any, arrived: bool
) -> None:
    server.fault("sendMessage", kind, times=2)
    for _ in range(2):
        with pytest.raises(TelegramError):
            await bot.send_message(AMIRA, "x")
    await bot.send_message(AMIRA, "y")
    assert [m.text for m in amira.chat[1:]] == (["x", "x", "y"] if arrived else ["y"])
    assert [c.took_effect for c in server.calls_of("sendMessage")] == [arrived, arrived, True]


async def test_a_delayed_call_waits_for_its_event_while_others_pass(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    fault = server.fault(None, "delay", where=lambda call: call.params.get("text") == "slow")
    slow = asyncio.create_task(bot.send_message(AMIRA, "slow"))
    await server.until(lambda: fault.hits)
    await bot.send_message(AMIRA, "quick")
    assert server.calls_of("sendMessage")[0].status is None
    fault.until.set()
    await slow
    assert [m.text for m in amira.chat[1:]] == ["quick", "slow"]


async def test_updates_whose_answer_was_lost_come_again(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    await fetch(bot, offset=2)
    server.repeat(1)
    server.fault("getUpdates", "lost")
    with pytest.raises(NetworkError):
        await fetch(bot, offset=2)
    assert await ids(bot, offset=2) == [1]
    assert await ids(bot, offset=2) == []


async def test_a_confirmed_update_can_be_delivered_again(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    first = await fetch(bot)
    await amira.says("next")
    await fetch(bot, offset=3)
    server.repeat(1)
    assert await fetch(bot, offset=3) == first
    assert await ids(bot, offset=3) == []


async def test_a_batch_arrives_at_once_with_a_broken_update_inside(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    poll = asyncio.create_task(fetch(bot, offset=2, timeout=50))
    await server.until(lambda: server.updates.polled)
    with server.batch():
        await amira.says("before")
        await asyncio.sleep(0)
        server.push({"message": "not an object"})
        await amira.says("after")
    updates = await poll
    assert [update["update_id"] for update in updates] == [2, 3, 4]
    with pytest.raises((AttributeError, TypeError)):
        Update.de_json(updates[1], bot)
    assert Update.de_json(updates[2], bot).message


async def test_updates_can_arrive_out_of_order(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    with server.batch(backwards=True):
        for text in "abc":
            await amira.says(text)
    late = await amira.says("late")
    server.withhold(late)
    last = await amira.says("last")
    assert await ids(bot, offset=2) == [4, 3, 2, last]
    server.repeat(late)
    assert await ids(bot, offset=last + 1) == [late]
    assert server.push({"update_id": 2, "message": "not an object"}) == 2
    assert await ids(bot, offset=last + 1) == [2]


async def test_an_outage_keeps_everything(server: TelegramServer, bot: Bot, amira: Person) -> None:
    poll = asyncio.create_task(fetch(bot, offset=2, timeout=50))
    await server.until(lambda: server.updates.polled)
    url = server.url
    await server.goes_down()
    with pytest.raises(NetworkError):
        await poll
    with pytest.raises(NetworkError):
        await bot.send_message(AMIRA, "x")
    await amira.says("anybody there?")
    await server.comes_up()
    assert server.url == url
    assert await ids(bot, offset=2) == [2]


# The test's own tools


async def test_waiting_ends_with_the_call_or_with_what_happened_instead(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    sending = asyncio.create_task(bot.send_message(AMIRA, "hello"))
    assert await server.until(lambda: amira.chat[1].text) == "hello"
    await sending
    with pytest.raises(AssertionError, match=r"(?s)not within.*sendMessage 200.*Amira: '/start'"):
        await server.until(lambda: amira.chat[2], timeout=0.01)


async def test_the_log_holds_every_call_in_order(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    await bot.send_chat_action(AMIRA, "typing")
    await bot.send_message(AMIRA, "true", reply_markup=keyboard("Yes"))
    with pytest.raises(BadRequest):
        await bot.send_chat_action(AMIRA, "pondering")
    assert [(c.method, c.status, c.chat_id) for c in server.calls] == [
        ("getMe", 200, None),
        ("sendChatAction", 200, AMIRA),
        ("sendMessage", 200, AMIRA),
        ("sendChatAction", 400, AMIRA),
    ]
    assert server.calls[2].params["text"] == "true"
    assert server.calls[2].params["reply_markup"]["inline_keyboard"][0][0]["text"] == "Yes"
    assert all(a.at <= b.at for a, b in itertools.pairwise(server.calls))


async def test_a_bot_in_another_process_is_killed_while_it_polls(
    server: TelegramServer, bot: Bot, amira: Person
) -> None:
    await fetch(bot, offset=2)
    url = f"{server.url}/bot{TOKEN}/getUpdates?timeout=50"
    code = f"from urllib.request import urlopen; urlopen({url!r})"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    try:
        await server.until(lambda: server.updates.polled)
    finally:
        process.kill()
        await process.wait()
    server.repeat(1)  # must not go to the dead
    assert await ids(bot, offset=2, timeout=50) == [1]


def test_the_bytes_for_benchmarks_parse_as_a_message() -> None:
    update = Update.de_json(json.loads(update_bytes(7, AMIRA, 3, "hello", 1_700_000_000)), None)
    assert update.message
    assert update.message.from_user
    assert (update.update_id, update.message.message_id, update.message.text) == (7, 3, "hello")
    assert update.message.chat.id == update.message.from_user.id == AMIRA
