"""Lines from a pipe, the messages that they make, and a database that takes nothing for a while."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.channels.terminal import TerminalChannel
from bot.channels.terminal_input import Fence, lines_of
from bot.channels.terminal_text import compose
from bot.messages import Arrival, Block, Button, Delivered, Incoming, Later, Outgoing, Receipt, Span
from bot.store.rows import OutboxRow, StoreUnavailable
from dialogs.events import Choice

WORDS = {"no_button": "No button {number}.", "begin": "", "end": "", "wait": "", "not_taken": ""}


class Pipes:
    """What is typed, and what is written."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        (read, write), (out, into) = os.pipe(), os.pipe()
        keep = self._stack.enter_context
        self.input = keep(os.fdopen(read, "r"))
        self._typing = keep(os.fdopen(write, "wb"))
        self.reading = keep(os.fdopen(out, "rb"))
        self.output = keep(os.fdopen(into, "w"))

    def types(self, data: bytes) -> None:
        self._typing.write(data)
        self._typing.close()

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):  # what nobody read any more
            self._stack.close()


@pytest.fixture
def pipes() -> Iterator[Pipes]:
    pipes = Pipes()
    yield pipes
    pipes.close()


class Bot:
    """Takes what comes; where ``busy``, only after so many refusals. Shows a message of its own
    for each arrival, as the courier would."""

    def __init__(self, channel: TerminalChannel, busy: int = 0, free: bool = False) -> None:
        self.arrivals: list[Incoming] = []
        self.keys: list[str] = []
        self._channel = channel
        self._busy = busy
        self._free = free

    def take(self, arrival: Arrival) -> asyncio.Future[Receipt]:
        assert isinstance(arrival, Incoming)
        self.keys.append(arrival.key)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        if self._busy:
            self._busy -= 1
            future.set_exception(StoreUnavailable("locked"))
        else:
            self.arrivals.append(arrival)
            future.set_result(Receipt())
        return future

    async def settled(self) -> None:
        buttons = tuple(Button(label, Choice("order", "help")) for label in ("Yes", "No"))
        await self._channel.send(row(len(self.arrivals), self._channel.person, buttons, self._free))


def row(
    id: int, chat: str, buttons: tuple[Button, ...] = (), free: bool = False, text: str = "Which?"
) -> OutboxRow:
    (payload,) = compose(Outgoing((Block((Span(text),)),), buttons, free=free))
    body = json.dumps({"body": payload.body, "plain": payload.plain})
    return OutboxRow(id, "terminal", chat, "", "send", body, 0, "")


async def heard(pipes: Pipes, data: bytes, *, busy: int = 0, free: bool = False) -> Bot:
    channel = TerminalChannel("amira", pipes.input, pipes.output, WORDS)
    bot = Bot(channel, busy, free)
    channel.settled = bot.settled
    pipes.types(data)
    await channel.listen(bot.take)
    return bot


async def all_lines(path: Path) -> list[str]:
    with path.open("rb") as file:
        return [line async for line in lines_of(file.fileno())]


async def test_lines_of_any_ending_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "typed"
    file.write_bytes("one\r\nzwei ü\n\n\xff".encode("latin-1").replace(b"\xfc", b"\xc3\xbc"))
    assert await all_lines(file) == ["one", "zwei ü", "", "\ufffd"]
    file.write_text("é" * 100_000 + "\nend")  # a letter across two reads, an end without a newline
    assert [len(line) for line in await all_lines(file)] == [100_000, 3]


@pytest.mark.parametrize(
    ("lines", "messages"),
    [
        (["one", "two"], ["one", "two"]),
        (['"""', "one", "", "two", '"""', "three"], ["one\n\ntwo", "three"]),
        (['"""one', 'two"""'], ["one\ntwo"]),
        (['"""one"""'], ["one"]),
        (['  """  ', "  one", '"""'], ["  one"]),
        (['"""', '"""'], [""]),
        (['say """', "two"], ['say """', "two"]),
    ],
)
def test_what_stands_between_fences_is_one_message(lines: list[str], messages: list[str]) -> None:
    fence = Fence()
    assert [text for line in lines if (text := fence.feed(line)) is not None] == messages
    assert not fence.open


async def test_numbers_pick_only_where_no_free_text_is_asked_for(pipes: Pipes) -> None:
    bot = await heard(pipes, b"1\n/2\nYes\n3\n/3\n\n/quit\nnever read\n")
    assert [(a.kind, a.text, a.button) for a in bot.arrivals] == [
        ("said", "/start", None),
        ("picked", "", (1, 0)),
        ("picked", "", (2, 1)),
        ("said", "Yes", None),
        ("said", "3", None),  # there is no third button: perhaps it is an answer
    ]
    pipes.output.close()
    assert b"No button 3." in pipes.reading.read()


async def test_a_button_whose_question_was_taken_back_is_numbered_as_shown_and_keeps_its_meaning(
    pipes: Pipes,
) -> None:
    channel = TerminalChannel("amira", pipes.input, pipes.output, WORDS)
    taken: list[Incoming] = []
    kept = (Button("Change that", Choice("order", "change"), 3),)

    def take(arrival: Arrival) -> asyncio.Future[Receipt]:
        assert isinstance(arrival, Incoming)
        taken.append(arrival)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        future.set_result(Receipt())
        return future

    async def settled() -> None:
        await channel.send(row(7, "amira", kept))

    channel.settled = settled
    pipes.types(b"/1\n/2\n/4\n")
    await channel.listen(take)
    assert [(a.kind, a.button) for a in taken] == [("said", None), ("picked", (7, 3))]
    pipes.output.close()
    shown = pipes.reading.read()
    assert b"1) Change that" in shown
    assert b"No button 4." in shown


async def test_a_bare_number_is_text_where_free_text_is_asked_for(pipes: Pipes) -> None:
    bot = await heard(pipes, b"1\n/1\n", free=True)
    assert [(a.kind, a.text, a.button) for a in bot.arrivals[1:]] == [
        ("said", "1", None),
        ("picked", "", (2, 0)),
    ]


async def test_keys_are_unique_over_runs(pipes: Pipes) -> None:
    bot = await heard(pipes, b"one\ntwo\n")
    others = Pipes()
    try:
        again = await heard(others, b"one\ntwo\n")
    finally:
        others.close()
    keys = [*bot.keys, *again.keys]
    assert len(set(keys)) == len(keys) == 6
    assert len({a.message for a in (*bot.arrivals, *again.arrivals)}) == 6


async def test_a_line_that_cannot_be_kept_is_given_again_and_nothing_overtakes_it(
    pipes: Pipes,
) -> None:
    bot = await heard(pipes, b"one\n", busy=2)
    assert [a.text for a in bot.arrivals] == ["/start", "one"]
    assert len(bot.keys) == 4
    assert len(set(bot.keys)) == 2


async def test_a_message_to_nobody_stays_with_the_courier(pipes: Pipes) -> None:
    channel = TerminalChannel("amira", pipes.input, pipes.output, WORDS)
    pipes.types(b"")
    await channel.listen(Bot(channel).take)
    assert channel.reaches("amira")
    assert not channel.reaches("bram")
    assert isinstance(await channel.send(row(1, "amira")), Delivered)
    pipes.reading.close()  # whoever read has gone
    assert isinstance(await channel.send(row(2, "amira")), Later)
    assert not channel.reaches("amira")
