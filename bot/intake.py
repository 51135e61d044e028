"""The one door for what arrives: one person's arrivals in their order, different people's side by
side.

A person has a line only while something of theirs waits or is being handled; the line has one
task, which handles one arrival after the other. What could not be committed must come again from
the platform *before* what the person sent after it, so the rest of the line is turned back too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from bot.logs import logger
from bot.messages import (
    Arrival,
    Blocked,
    HomeOpened,
    Incoming,
    Notice,
    Receipt,
    StaffForm,
    StaffLine,
    StaffNote,
    StaffReply,
    StaffTap,
)
from bot.store.rows import StoreUnavailable

MAX_WAITING = 1_000
"""of one person; more is a flood, and waits at the platform"""

log = logger("intake")

_Person = tuple[str, str]
_Line = deque[tuple[Arrival, asyncio.Future[Receipt]]]


class Intake:
    """``handle`` turns an arrival into a committed receipt; it raises ``StoreUnavailable`` where
    that could not be, and nothing else. ``turned_back`` hears the channel of each arrival that
    must come again."""

    def __init__(
        self,
        handle: Callable[[Arrival], Awaitable[Receipt]],
        max_waiting: int = MAX_WAITING,
        turned_back: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._handle = handle
        self._turned_back = turned_back
        self._max_waiting = max_waiting
        self._lines: dict[_Person, _Line] = {}
        self._full: set[_Person] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def take(self, arrival: Arrival) -> asyncio.Future[Receipt]:
        """``bot.channels.Take``. Must be called in the event loop. Cancelling the future does not
        take the arrival back."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Receipt] = loop.create_future()
        if self._closed:
            self._turn_back(arrival, future, StoreUnavailable("the program is stopping"))
            return future
        person = _person(arrival)
        line = self._lines.get(person)
        if line is None:
            line = self._lines[person] = deque()
            task = loop.create_task(self._work_off(person, line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif person in self._full or len(line) >= self._max_waiting:
            # Until the line is empty, else a later message would overtake those turned back.
            if person not in self._full:
                log.warning("too many messages of one person wait", channel=person[0])
            self._full.add(person)
            self._turn_back(
                arrival, future, StoreUnavailable("too many messages of this person wait")
            )
            return future
        line.append((arrival, future))
        return future

    async def finish(self) -> None:
        """Take nothing any more, and wait until all that was taken is handled."""
        self._closed = True
        while self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def people(self) -> int:
        """How many have something waiting or being handled."""
        return len(self._lines)

    async def _work_off(self, person: _Person, line: _Line) -> None:
        try:
            while line:
                arrival, future = line.popleft()
                try:
                    receipt = await self._handle(arrival)
                except StoreUnavailable as error:
                    self._turn_back(arrival, future, error)
                    while line:
                        self._turn_back(*line.popleft(), error)
                except Exception as error:
                    # A defect of ours: `handle` promises not to. Whoever waits must still hear of
                    # it, and the person's next message must still be handled.
                    log.exception("an arrival was not handled", channel=arrival.channel)
                    self._turn_back(arrival, future, error)
                except BaseException:  # cancelled: nobody knows whether it was committed
                    line.appendleft((arrival, future))
                    raise
                else:
                    if not future.done():
                        future.set_result(receipt)
        finally:
            del self._lines[person]
            self._full.discard(person)
            for arrival, future in line:
                self._turn_back(arrival, future, StoreUnavailable("the program is stopping"))

    def _turn_back(
        self, arrival: Arrival, future: asyncio.Future[Receipt], error: Exception
    ) -> None:
        self._turned_back(arrival.channel)
        if not future.done():
            future.set_exception(error)
            future.exception()  # counts as seen: a channel may have gone; asyncio would complain


def _person(arrival: Arrival) -> _Person:
    """Whose line it stands in. What belongs to nobody stands in one of its own."""
    match arrival:
        case Incoming() | Blocked() | HomeOpened():
            return arrival.channel, arrival.person
        case StaffReply() | StaffLine() | StaffTap() | StaffForm():
            return arrival.channel, arrival.by
        case StaffNote():  # a line before its edit
            return arrival.channel, f"{arrival.chat}/{arrival.thread}"
        case Notice():
            return arrival.channel, arrival.chat
        case _:
            return arrival.channel, arrival.key
