"""The Slack adapter through the real SDK, against the local server: order, acknowledgements,
faults, the staff form. The tests decide when an arrival is "committed"."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import pytest

from bot.channels import Posted
from bot.channels.slack import SlackChannel
from bot.channels.slack_blocks import SlackWords, answer_form, compose
from bot.channels.slack_waits import Waits
from bot.environment import ConfigError
from bot.messages import (
    Arrival,
    Block,
    Button,
    Delivered,
    Incoming,
    Later,
    Notice,
    Outgoing,
    Receipt,
    RefusedForGood,
    Span,
    StaffLine,
    StaffNote,
    StaffReply,
    Unreadable,
)
from bot.store.rows import OutboxRow, StoreUnavailable
from dialogs.events import Choice
from tests.fakes.slack import SlackServer
from tests.fakes.slack_channels import Channel, plain
from tests.fakes.slack_people import Person
from tests.fakes.slack_posting import signed
from tests.fakes.slack_world import Message

STAFF = "C0STAFF"
WORDS = SlackWords(
    answer="Answer",
    title="Answer the applicant",
    label="This goes to the applicant",
    submit="Send",
    cancel="Cancel",
    refused="Only members of the staff channel can answer.",
    see_dm="Let us go on in private.",
)
WAITS = Waits(backoff=(0.01, 0.05), ping=0.3, patience=5, grace=1, answer=5)


class Taking:
    """What the channel gave us, in order; committed at once, or (``held``) when the test says."""

    def __init__(self, server: SlackServer) -> None:
        self.server = server
        self.held = False
        self.answer: Callable[[Arrival], Receipt] = lambda _: Receipt()
        self.arrivals: list[Arrival] = []
        self.waiting: list[tuple[Arrival, asyncio.Future[Receipt]]] = []
        self._seen: set[str] = set()

    def __call__(self, arrival: Arrival) -> asyncio.Future[Receipt]:
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self.arrivals.append(arrival)
        if self.held:
            self.waiting.append((arrival, receipt))
        else:
            self._commit(arrival, receipt)
        # The server looks at its conditions after a call or an acknowledgement; this is neither.
        self.server.hub.tick()
        self.server._changed()
        return receipt

    def commit(self, number: int = 0) -> Arrival:
        """The waiting arrival with that number is committed."""
        arrival, receipt = self.waiting.pop(number)
        self._commit(arrival, receipt)
        return arrival

    def fail(self) -> None:
        self.waiting.pop(0)[1].set_exception(StoreUnavailable("the database is locked"))

    def _commit(self, arrival: Arrival, receipt: asyncio.Future[Receipt]) -> None:
        if arrival.key in self._seen:
            receipt.set_result(Receipt(duplicate=True))
        else:
            self._seen.add(arrival.key)
            receipt.set_result(self.answer(arrival))

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.arrivals if isinstance(one, Incoming | StaffReply)]


@dataclass
class Desk:
    """A server, our channel connected to it, and what it took."""

    server: SlackServer
    channel: SlackChannel
    take: Taking
    amira: Person
    ben: Person
    dana: Person
    staff: Channel
    clock: list[datetime]
    task: asyncio.Task[None] | None = None

    async def connect(self) -> Self:
        self.task = asyncio.create_task(self.channel.listen(self.take))
        await self.server.until(lambda: self.server.connections)
        return self

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
        await self.channel.close()

    async def until(self, predicate: Callable[[], Any]) -> Any:
        return await self.server.until(predicate)

    async def send(self, outgoing: Outgoing, **row: Any) -> Any:
        payloads = compose(outgoing, answer_label=WORDS.answer)
        bodies = [json.dumps({"body": one.body, "plain": one.plain}) for one in payloads]
        assert len(bodies) == 1
        return await self.channel.send(outbox(bodies[0], **row))


def outbox(body: str, **changed: Any) -> OutboxRow:
    row = OutboxRow(812, "slack", "U0100", "", "send", body, 0, "2026-11-22T18:00:00.000Z")
    return replace(row, **changed)


def text(*lines: str, labels: tuple[str, ...] = (), answer_to: str = "") -> Outgoing:
    buttons = tuple(Button(label, Choice("order", "help")) for label in labels)
    return Outgoing(tuple(Block((Span(line),)) for line in lines), buttons, answer_to=answer_to)


def make_desk(server: SlackServer, *, waits: Waits = WAITS, signing_secret: str = "") -> Desk:
    amira = server.person("U0100", name="Amira")
    ben = server.person("U0200", name="Ben")
    dana = server.person("U0900", name="Dana")
    staff = server.channel(STAFF, name="staff", members=[dana], private=True)
    clock = [datetime(2026, 11, 22, 18, tzinfo=UTC)]
    channel = SlackChannel(
        "xoxb-test",
        "xapp-test",
        words=WORDS,
        base_url=server.api_url,
        staff_chat=STAFF,
        now=lambda: clock[0],
        waits=waits,
        signing_secret=signing_secret,
    )
    return Desk(server, channel, Taking(server), amira, ben, dana, staff, clock)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with SlackServer() as server:
        found = make_desk(server)
        try:
            yield await found.connect()
        finally:
            await found.stop()


# -- receiving


async def test_a_message_is_taken_and_acknowledged(desk: Desk) -> None:
    ts = await desk.amira.says("we're at acme.com, +44 113 496 0271 & <more>")
    await desk.until(lambda: desk.server.settled and desk.take.arrivals)
    (said,) = desk.take.arrivals
    assert isinstance(said, Incoming)
    assert said.text == "we're at acme.com, +44 113 496 0271 & <more>"
    assert (said.person, said.chat, said.message) == ("U0100", "U0100", ts)


async def test_one_persons_messages_keep_their_order_and_others_do_not_wait(desk: Desk) -> None:
    desk.take.held = True
    for number in range(20):
        await desk.amira.says(f"a{number}")
        await desk.ben.says(f"b{number}")
    await desk.until(lambda: len(desk.take.waiting) == 40)
    for who in "ab":
        mine = [one for one in desk.take.texts if one.startswith(who)]
        assert mine == [f"{who}{number}" for number in range(20)]
    # The first of Amira's is slow: Ben's are committed and acknowledged meanwhile.
    slow = desk.take.waiting.pop(0)
    while desk.take.waiting:
        desk.take.commit()
    await desk.until(lambda: len(desk.server.acks) == 39)
    slow[1].set_result(Receipt())
    await desk.until(lambda: desk.server.settled)


async def test_nothing_is_acknowledged_before_the_commit(desk: Desk) -> None:
    desk.take.held = True
    await desk.amira.says("first")
    await desk.ben.says("second")
    await desk.until(lambda: len(desk.take.waiting) == 2)
    desk.take.commit(1)
    await desk.until(lambda: len(desk.server.acks) == 1)
    first, second = desk.server.envelopes
    assert (first.acked, second.acked) == (False, True)
    desk.take.commit()
    await desk.until(lambda: first.acked)


async def test_what_could_not_be_stored_is_sent_again_with_the_same_key(desk: Desk) -> None:
    desk.take.held = True
    await desk.amira.says("hello")
    await desk.until(lambda: desk.take.waiting)
    desk.take.fail()
    desk.take.held = False
    desk.server.advance(4)
    await desk.until(lambda: desk.server.settled)
    first, second = desk.take.arrivals
    assert first == second
    assert [one.attempt for one in desk.server.envelopes[0].deliveries] == [0, 1]
    assert desk.server.envelopes[0].acked


async def test_a_duplicate_has_the_same_key_and_is_acknowledged(desk: Desk) -> None:
    desk.server.duplicate_events()
    await desk.amira.says("once")
    await desk.until(lambda: len(desk.take.arrivals) == 2 and len(desk.server.acks) == 2)
    assert desk.take.arrivals[0] == desk.take.arrivals[1]


async def test_a_lost_acknowledgement_brings_the_same_event_again(desk: Desk) -> None:
    desk.server.lose_acks()
    await desk.amira.says("once")
    await desk.until(lambda: desk.server.hub.lost_acks)
    desk.server.advance(4)
    await desk.until(lambda: desk.server.settled)
    assert len({arrival.key for arrival in desk.take.arrivals}) == 1


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_refresh_loses_nothing(desk: Desk, reason: str) -> None:
    await desk.amira.says("before")
    await desk.until(lambda: desk.server.settled)
    desk.server.refresh(reason)
    await desk.amira.says("after")
    await desk.until(lambda: desk.server.settled and len(desk.take.arrivals) == 2)
    assert desk.take.texts == ["before", "after"]
    assert [one.number for one in desk.server.connections] == [2]


async def test_a_socket_killed_in_the_middle_loses_nothing(desk: Desk) -> None:
    desk.take.held = True
    await desk.amira.says("in the middle")
    await desk.until(lambda: desk.take.waiting)
    desk.server.drop_sockets()
    await desk.until(lambda: not desk.server.connections)
    desk.take.held = False
    desk.take.commit()
    await desk.until(lambda: desk.server.connections and desk.server.settled)
    assert {arrival.key for arrival in desk.take.arrivals} == {desk.take.arrivals[0].key}
    await desk.amira.says("and on")
    await desk.until(lambda: desk.server.settled and "and on" in desk.take.texts)


async def test_a_socket_cut_right_after_an_event_loses_nothing(desk: Desk) -> None:
    desk.server.cut_after_events()
    await desk.amira.says("cut")
    await desk.until(lambda: desk.server.settled)
    assert set(desk.take.texts) == {"cut"}
    assert desk.server.envelopes[0].acked


async def test_a_mention_comes_once_and_channel_talk_never(desk: Desk) -> None:
    lobby = desk.server.channel("C0LOBBY", name="lobby", members=[desk.amira, desk.ben])
    await desk.amira.says("just talking", channel=lobby)
    ts = await desk.amira.mentions_bot(lobby, "how do I apply?")
    await desk.amira.says("more", channel=lobby, thread_ts=ts)
    await lobby.other_bot_says("beep")
    await lobby.joins(desk.dana)
    await desk.until(lambda: len(desk.server.envelopes) == 6 and desk.server.settled)
    assert desk.take.arrivals == [
        Notice("slack", f"slack:C0LOBBY:{ts}", "C0LOBBY", "notices.mention", ts, once=False)
    ]


async def test_bots_and_our_own_messages_are_ignored(desk: Desk) -> None:
    await desk.send(text("hello"))
    dm = Channel(desk.server.world, desk.amira.dm)
    await dm.other_bot_says("beep")
    await dm.other_bot_says("beep", modern=True)
    await desk.until(lambda: len(desk.server.envelopes) == 3 and desk.server.settled)
    assert desk.take.arrivals == []


async def test_edits_are_told_and_link_previews_and_deletions_are_not(desk: Desk) -> None:
    ts = await desk.amira.says("acme.com")
    await desk.amira.unfurls(ts)
    await desk.amira.edits(ts, "acme.org")
    await desk.amira.unfurls(ts)
    await desk.amira.deletes(ts)
    await desk.until(lambda: len(desk.server.envelopes) == 5 and desk.server.settled)
    kinds = [(one.kind, one.text, one.message) for one in desk.take.arrivals]  # type: ignore[union-attr]  # all Incoming
    assert kinds == [("said", "acme.com", ts), ("edited", "acme.org", ts)]


async def test_files_are_media_with_a_caption(desk: Desk) -> None:
    await desk.amira.sends_file("application/pdf", "our audit", count=3)
    await desk.amira.sends_file("image/png")
    await desk.until(lambda: len(desk.take.arrivals) == 2)
    assert [(one.medium, one.text) for one in desk.take.arrivals] == [  # type: ignore[union-attr]  # all Incoming
        ("document", "our audit"),
        ("photo", ""),
    ]


async def test_a_broken_event_is_kept_and_the_next_one_comes(desk: Desk) -> None:
    world = desk.server.world
    shapeless = {"type": "event_callback", "event_id": "Ev9", "event": "no event", "team_id": 5}
    world.tell("events_api", shapeless, "Ev9")
    world.tell("events_api", {"type": "event_callback", "event_id": "Ev8", "event": 7}, "Ev8")
    world.emit({"type": "message", "channel": "D0100", "user": "U0100", "ts": "now"})
    await desk.amira.says("whole")
    await desk.until(lambda: desk.server.settled and len(desk.take.arrivals) == 4)
    *broken, said = desk.take.arrivals
    assert all(isinstance(one, Unreadable) for one in broken)
    assert [one.key for one in broken][:2] == ["slack:Ev9", "slack:Ev8"]
    assert isinstance(said, Incoming)


async def test_the_slash_command_points_to_the_direct_chat(desk: Desk) -> None:
    lobby = desk.server.channel("C0LOBBY", name="lobby", members=[desk.amira], bot_in=False)
    envelope = await desk.amira.slash("/apply", channel=lobby)
    await desk.until(lambda: envelope.settled)
    assert envelope.answer == {"response_type": "ephemeral", "text": WORDS.see_dm}
    (said,) = desk.take.arrivals
    assert isinstance(said, Incoming)
    assert (said.text, said.chat) == ("/apply", "U0100")
    outcome = await desk.send(text("Welcome"), chat=said.chat)
    assert outcome == Delivered(desk.amira.chat[-1].ts)
    # In the direct chat itself there is nowhere to point to.
    await desk.amira.says("hi")
    await desk.until(lambda: desk.server.settled)
    envelope = await desk.amira.slash("/apply")
    await desk.until(lambda: envelope.settled)
    assert not envelope.answer


async def test_a_tap_names_the_row_and_the_button(desk: Desk) -> None:
    await desk.send(text("Which?", labels=("Yes", "No")))
    await desk.amira.taps("No")
    await desk.amira.taps_data("pick-0", "99:x")
    await desk.until(lambda: len(desk.take.arrivals) == 2)
    picked, forged = desk.take.arrivals
    assert isinstance(picked, Incoming)
    assert isinstance(forged, Incoming)
    assert (picked.button, forged.button) == ((812, 1), None)
    assert picked.chat == "U0100"
    assert picked.message == desk.amira.chat[-1].ts


async def test_a_note_for_a_tap_is_shown_to_that_person_alone(desk: Desk) -> None:
    desk.take.answer = lambda _: Receipt(note="That is from an earlier step.")
    await desk.send(text("Which?", labels=("Yes",)))
    await desk.amira.taps("Yes")
    await desk.until(lambda: desk.amira.chat[-1].only_for == "U0100")
    assert desk.amira.chat[-1].text == "That is from an earlier step."


# -- the staff channel


async def card(desk: Desk) -> Message:
    outcome = await desk.send(text("Amira asks: how long?", answer_to="7"), chat=STAFF)
    assert isinstance(outcome, Delivered)
    return desk.staff.messages[-1]


async def test_the_staff_form_sends_one_answer(desk: Desk) -> None:
    shown = await card(desk)
    await desk.dana.taps("Answer", channel=STAFF)
    await desk.until(lambda: desk.dana.modal)
    assert desk.take.arrivals == []
    answer = await desk.dana.submits({"reply/text": "At least <two> years."})
    assert answer == {}
    assert desk.dana.modal is None
    (reply,) = desk.take.arrivals
    assert isinstance(reply, StaffReply)
    assert (reply.escalation, reply.by, reply.chat) == (7, "U0900", STAFF)
    assert (reply.text, reply.thread) == ("At least <two> years.", shown.ts)


async def test_the_form_closes_only_after_the_commit(desk: Desk) -> None:
    await card(desk)
    await desk.dana.taps("Answer", channel=STAFF)
    await desk.until(lambda: desk.dana.modal)
    desk.take.held = True
    submitting = asyncio.create_task(desk.dana.submits({"text": "Two years."}))
    await desk.until(lambda: desk.take.waiting)
    assert not desk.server.envelopes[-1].acked
    desk.take.commit()
    await submitting


async def test_a_form_whose_answer_is_not_stored_stays_open(desk: Desk) -> None:
    await card(desk)
    await desk.dana.taps("Answer", channel=STAFF)
    await desk.until(lambda: desk.dana.modal)
    desk.take.held = True
    submitting = asyncio.create_task(desk.dana.submits({"text": "Two years."}))
    await desk.until(lambda: desk.take.waiting)
    desk.take.fail()
    desk.server.advance(4)
    with pytest.raises(AssertionError, match="not acknowledged"):
        await submitting
    desk.take.held = False
    await desk.dana.submits({"text": "Two years."})
    first, second = desk.take.arrivals
    assert first.key == second.key, "one form, one answer"


async def test_a_late_answer_is_told_so_in_the_form(desk: Desk) -> None:
    desk.take.answer = lambda _: Receipt(note="Ola answered it already.")
    await card(desk)
    await desk.dana.taps("Answer", channel=STAFF)
    await desk.until(lambda: desk.dana.modal)
    answer = await desk.dana.submits({"text": "Two years."})
    assert answer["response_action"] == "update"
    assert desk.dana.modal is not None
    assert desk.dana.modal.blocks[0]["text"]["text"] == "Ola answered it already."


async def test_a_form_of_somebody_outside_of_the_staff_channel_is_refused(desk: Desk) -> None:
    forged = answer_form(WORDS, "7:1700000000.000100")
    desk.server.world.open_view("U0200", forged)
    answer = await desk.ben.submits({"text": "You are approved!"})
    assert answer["view"]["blocks"][0]["text"]["text"] == WORDS.refused
    assert desk.take.arrivals == []


async def test_a_form_with_forged_metadata_is_refused_also_from_staff(desk: Desk) -> None:
    desk.server.world.open_view("U0900", answer_form(WORDS, "7; drop"))
    answer = await desk.dana.submits({"text": "Two years."})
    assert answer["view"]["blocks"][0]["text"]["text"] == WORDS.refused
    assert desk.take.arrivals == []


async def test_who_left_the_staff_channel_cannot_answer_a_minute_later(desk: Desk) -> None:
    for text_ in ("first", "second"):
        await card(desk)
        await desk.dana.taps("Answer", channel=STAFF)
        await desk.until(lambda: desk.dana.modal)
        if text_ == "second":
            desk.staff.room.members.remove("U0900")
            desk.clock[0] += timedelta(seconds=61)
        await desk.dana.submits({"text": text_})
    assert desk.take.texts == ["first"]


async def test_while_slack_does_not_say_who_is_staff_nothing_is_taken(desk: Desk) -> None:
    await card(desk)
    await desk.dana.taps("Answer", channel=STAFF)
    await desk.until(lambda: desk.dana.modal)
    fault = desk.server.fault(method="conversations.members", kind="500", times=9)
    submitting = asyncio.create_task(desk.dana.submits({"text": "Two years."}))
    await desk.until(lambda: fault.hits)
    desk.server.advance(4)
    with pytest.raises(AssertionError, match="not acknowledged"):
        await submitting
    fault.end()
    await desk.dana.submits({"text": "Two years."})
    assert desk.take.texts == ["Two years."]


async def test_an_answer_button_outside_of_the_staff_channel_opens_nothing(desk: Desk) -> None:
    await desk.send(text("Which?", labels=("Yes",)))
    envelope = await desk.amira.taps_data("answer", "answer:7")
    await desk.until(lambda: envelope.acked)
    assert desk.server.made("views.open") == []
    (tapped,) = desk.take.arrivals
    assert isinstance(tapped, Incoming)
    assert tapped.button is None


async def test_a_form_that_does_not_open_is_no_failure(desk: Desk) -> None:
    await card(desk)
    desk.server.fault(method="views.open", kind="expired_trigger_id")
    envelope = await desk.dana.taps("Answer", channel=STAFF)
    await desk.until(lambda: envelope.acked)
    await desk.dana.taps("Answer", channel=STAFF)
    await desk.until(lambda: desk.dana.modal)


async def test_no_other_line_of_the_staff_channel_is_taken_for_an_answer(desk: Desk) -> None:
    shown = await card(desk)
    await desk.dana.says("I think two years", channel=STAFF, thread_ts=shown.ts)
    ts = await desk.dana.says("tell them two", channel=STAFF)
    await desk.dana.edits(ts, "tell them three", channel=STAFF)
    await desk.dana.mentions_bot(desk.staff, "tell them", thread_ts=shown.ts)
    await desk.dana.sends_file("application/pdf", "here", channel=STAFF, thread_ts=shown.ts)
    await desk.until(lambda: len(desk.server.envelopes) >= 6 and desk.server.settled)
    # What stands in a thread is noted, and what names the bot is said to it: neither is an answer.
    noted = [one.text for one in desk.take.arrivals if isinstance(one, StaffNote)]
    assert noted == ["I think two years", "here"]
    (line,) = (one for one in desk.take.arrivals if not isinstance(one, StaffNote))
    assert isinstance(line, StaffLine)
    assert (line.chat, line.by, line.text) == (STAFF, "U0900", "tell them")


# -- sending


async def test_hostile_text_is_sent_inert_and_unchanged(desk: Desk) -> None:
    hostile = "*bold* _i_ ~s~ `c` <!channel> <@U0900> <https://evil.example|bank> &amp; :tada:"
    assert isinstance(await desk.send(text(hostile)), Delivered)
    message = desk.amira.chat[-1]
    assert message.blocks[0]["elements"][0]["elements"] == [{"type": "text", "text": hostile}]
    assert plain(message.text) == hostile
    (call,) = desk.server.made("chat.postMessage")
    assert (call.params["mrkdwn"], call.params["unfurl_links"]) == (False, False)


async def test_the_answer_goes_into_the_thread_it_was_asked_in(desk: Desk) -> None:
    root = await desk.amira.says("hello")
    await desk.amira.says("in the thread", thread_ts=root)
    await desk.until(lambda: len(desk.take.arrivals) == 2)
    said = desk.take.arrivals[-1]
    assert isinstance(said, Incoming)
    assert said.thread == root
    await desk.send(text("answer"), thread=said.thread)
    assert desk.amira.chat[-1].thread_ts == root


async def test_a_thread_that_is_gone_does_not_keep_the_answer(desk: Desk) -> None:
    root = await desk.amira.says("hello")
    await desk.amira.deletes(root)
    assert isinstance(await desk.send(text("answer"), thread=root), Delivered)
    assert desk.amira.chat[-1].thread_ts is None


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
async def test_refused_blocks_go_as_plain_text_at_once(desk: Desk, error: str) -> None:
    desk.server.fault(method="chat.postMessage", kind=error)
    assert isinstance(await desk.send(text("a & b", labels=("Yes",))), Delivered)
    assert (desk.amira.chat[-1].text, desk.amira.chat[-1].blocks) == ("a &amp; b", [])


async def test_too_many_requests_are_tried_later_as_slack_says(desk: Desk) -> None:
    desk.server.fault(method="chat.postMessage", kind="429", retry_after=17)
    assert await desk.send(text("hi")) == Later("ratelimited", 17.0)
    assert len(desk.server.made("chat.postMessage")) == 1


@pytest.mark.parametrize("kind", ["500", "drop", "fatal_error"])
@pytest.mark.parametrize("method", ["chat.postMessage", "conversations.open"])
async def test_what_passes_is_tried_later(desk: Desk, method: str, kind: str) -> None:
    desk.server.fault(method=method, kind=kind)
    outcome = await desk.send(text("hi"))
    assert isinstance(outcome, Later)
    assert outcome.seconds is None
    assert isinstance(await desk.send(text("hi")), Delivered)
    assert len([one for one in desk.amira.chat if one.from_bot]) == 1


async def test_a_lost_response_is_sent_once_here_and_again_by_the_courier(desk: Desk) -> None:
    desk.server.fault(method="chat.postMessage", kind="lost")
    assert isinstance(await desk.send(text("hi")), Later)
    assert [one.text for one in desk.amira.chat] == ["hi"], "the SDK did not post it twice"


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "restricted_action"])
async def test_what_never_goes_is_refused_for_good(desk: Desk, error: str) -> None:
    desk.server.fault(method="chat.postMessage", kind=error)
    assert await desk.send(text("hi")) == RefusedForGood(error)


async def test_a_channel_that_the_bot_was_put_out_of_is_refused_for_good(desk: Desk) -> None:
    lobby = desk.server.channel("C0LOBBY", name="lobby", bot_in=False)
    assert await desk.send(text("hi"), chat=lobby.id) == RefusedForGood("not_in_channel")
    assert await desk.send(text("hi"), chat="U0999") == RefusedForGood("user_not_found")


async def test_a_message_is_deleted_also_when_it_is_gone_already(desk: Desk) -> None:
    sent = await desk.send(text("hi"))
    assert isinstance(sent, Delivered)
    body = json.dumps({"message": sent.message})
    for _ in range(2):
        assert await desk.channel.send(outbox(body, kind="delete")) == Delivered("")
    assert desk.amira.chat == []
    theirs = json.dumps({"message": await desk.amira.says("mine")})
    refused = await desk.channel.send(outbox(theirs, kind="delete"))
    assert refused == RefusedForGood("cant_delete_message")


# -- starting and stopping


async def test_a_server_that_is_down_at_the_start_is_tried_again() -> None:
    async with SlackServer() as server:
        server.fault(method="auth.test", kind="500", times=3)
        server.fault(method="apps.connections.open", kind="drop", times=2)
        server.fault(method="apps.connections.open", kind="429", retry_after=0)
        found = await make_desk(server).connect()
        await found.amira.says("hello")
        await found.until(lambda: found.take.arrivals)
        await found.stop()


class Spent(SlackServer):
    """Its first Socket Mode address was used already."""

    def _ticket(self) -> str:
        good = super()._ticket()
        return (
            good if self.made("apps.connections.open")[1:] else good.replace("ticket=", "ticket=x")
        )


async def test_a_socket_that_cannot_be_opened_is_replaced() -> None:
    async with Spent() as server:
        found = await make_desk(server, waits=replace(WAITS, patience=0.2)).connect()
        await found.amira.says("hello")
        await found.until(lambda: found.take.arrivals)
        await found.stop()


async def test_it_counts_as_connected_once_a_socket_was_open() -> None:
    async with SlackServer() as server:
        fault = server.fault(method="apps.connections.open", kind="500", times=1000)
        found = make_desk(server)
        listens = asyncio.create_task(found.channel.listen(found.take))
        await found.until(lambda: server.made("apps.connections.open")[1:])
        assert not found.channel.connected.is_set()
        fault.times = 0
        async with asyncio.timeout(10):
            await found.channel.connected.wait()
        server.drop_sockets()
        assert found.channel.connected.is_set(), "posts to other channels are taken on"
        found.task = listens
        await found.stop()


@pytest.mark.parametrize(
    ("bot_token", "app_token", "key"),
    [
        ("xoxb-wrong", "xapp-test", "FRONTDESK_SLACK_BOT_TOKEN"),
        ("xoxb-test", "xapp-wrong", "FRONTDESK_SLACK_APP_TOKEN"),
        ("xoxb-test", "xoxb-test", "FRONTDESK_SLACK_APP_TOKEN"),
    ],
)
async def test_a_refused_token_is_named_and_not_shown(
    bot_token: str, app_token: str, key: str
) -> None:
    async with SlackServer() as server:
        channel = SlackChannel(bot_token, app_token, words=WORDS, base_url=server.api_url)
        for attempt in (channel.listen(Taking(server)), channel.check()):
            with pytest.raises(ConfigError) as caught:
                await attempt
            assert caught.value.key == key
            assert "xox" not in caught.value.mend
        await channel.close()


async def test_check_says_whose_token_it_is_and_looks_for_the_staff_channel(desk: Desk) -> None:
    assert await desk.channel.check() == "Slack: frontdesk in Frontdesk test"
    desk.staff.expel_bot()
    with pytest.raises(ConfigError, match=r"staff\.chat: invite"):
        await desk.channel.check()
    desk.server.fault(method="conversations.info", kind="missing_scope")
    with pytest.raises(ConfigError, match=r"lacks a scope: compare it with slack-manifest\.yaml"):
        await desk.channel.check()
    desk.server.fault(method="auth.test", kind="500")
    with pytest.raises(ConfigError, match=r"slack\.base_url: .*cannot be reached"):
        await desk.channel.check()


async def test_a_stop_acknowledges_what_is_being_committed_and_takes_nothing_more(
    desk: Desk,
) -> None:
    desk.take.held = True
    await desk.amira.says("the last")
    await desk.until(lambda: desk.take.waiting)
    assert desk.task is not None
    desk.task.cancel()
    await asyncio.sleep(0)  # the stop has begun
    await desk.amira.says("too late")
    late = desk.server.envelopes[-1]
    await desk.until(lambda: late.deliveries)
    desk.take.commit()
    with pytest.raises(asyncio.CancelledError):
        await desk.task
    assert desk.server.envelopes[0].acked
    assert not late.acked
    assert desk.take.texts == ["the last"]


async def test_a_stop_waits_for_the_note_to_whoever_tapped_also_where_slack_posts() -> None:
    async with SlackServer() as server:
        found = make_desk(server, signing_secret="secret")
        found.take.answer = lambda _: Receipt(note="That is from an earlier step.")
        hook = found.channel.hook
        assert hook is not None
        listening = asyncio.create_task(found.channel.listen(found.take))
        await found.send(text("Which?", labels=("Yes",)))
        while not hook.ready:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        held = server.fault(method="chat.postEphemeral", kind="delay", until=asyncio.Event())
        payload = {
            "type": "block_actions",
            "user": {"id": "U0100"},
            "trigger_id": "13.37.ab",
            "container": {
                "type": "message",
                "message_ts": found.amira.chat[-1].ts,
                "channel_id": found.amira.chat[-1].room.id,
            },
            "actions": [{"action_id": "pick-0", "value": "812:0", "action_ts": "1700000001.5"}],
        }
        body = urlencode({"payload": json.dumps(payload)}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"} | {
            name.lower(): value for name, value in signed("secret", body).items()
        }
        assert (await hook.hear(Posted(headers, body))).status == 200
        await found.until(lambda: held.hits)
        listening.cancel()
        _, going_on = await asyncio.wait({listening}, timeout=0.2)
        assert going_on
        held.end()
        await asyncio.wait({listening})
        await found.channel.close()
        assert found.amira.chat[-1].text == "That is from an earlier step."


def test_the_manifest_asks_for_what_the_adapter_uses_and_no_more() -> None:
    file = Path(__file__).parent.parent / "slack-manifest.yaml"
    lines = [line.split("#")[0].rstrip() for line in file.read_text("utf-8").splitlines()]
    items = {line.removeprefix("      - ") for line in lines if line.startswith("      - ")}
    assert items == {
        *("app_home_opened", "app_mention", "message.im", "message.channels", "message.groups"),
        *("app_mentions:read", "chat:write", "commands", "im:history", "im:write"),
        "files:write",
        *("channels:read", "groups:read", "channels:history", "groups:history"),
    }
    assert {"    - command: /apply", "  socket_mode_enabled: true"} <= set(lines)
    assert "    home_tab_enabled: true" in lines
    assert lines[lines.index("  interactivity:") + 1] == "    is_enabled: true"
