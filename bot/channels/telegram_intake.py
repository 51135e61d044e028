"""From an answer of getUpdates to the bot: each update once, in order; then when to ask again. Or
from a single update that Telegram posted.

Nothing here waits for a turn: whoever is slow holds back the offset and nobody else.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from bot.channels import Take
from bot.channels.telegram_members import Members, Unsaid
from bot.channels.telegram_updates import Identity, Update, read
from bot.channels.telegram_window import Window
from bot.logs import logger
from bot.messages import Arrival, Incoming, Receipt, StaffLine, StaffReply, StaffTap
from bot.store.rows import StoreUnavailable

log = logger("telegram")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds."""

    poll: int = 25
    """how long Telegram holds an empty answer back"""
    again: float = 0.6
    """between two polls with one offset; within 0.5 Telegram gives a single update"""
    commit: float = 0.05
    """a commit mostly comes sooner; waiting for it spares a poll that brings the same again"""
    first: float = 1
    """back-off: doubled from here ..."""
    most: float = 30
    """... up to here"""
    typing: float = 0.5
    """a turn that takes longer shows "typing" """
    conflict: float = 600
    """a conflict that comes and goes is named once in this time"""

    def back_off(self, tries: int) -> float:
        """Between half and the whole, so that many do not come back at once."""
        whole = min(self.most, self.first * 2.0 ** min(tries, 16))
        return whole * random.uniform(0.5, 1)  # noqa: S311 - no secret


class Intake:
    def __init__(
        self,
        pace: Pace,
        clock: Callable[[], datetime],
        answer: Callable[[str, str], None],
        show_typing: Callable[[str], None],
        members: Members,
    ) -> None:
        """``answer(query, note)`` ends a tap's spinning, ``show_typing(chat)``; both return at
        once."""
        self._pace = pace
        self._clock = clock
        self._answer = answer
        self._show_typing = show_typing
        self._members = members
        self._window = Window()
        self._changed = asyncio.Event()  # something was committed or lost
        self._losses = 0  # in a row

    def ask(self) -> int:
        """The offset for the next getUpdates."""
        return self._window.ask()

    def hand_over(self, batch: list[Any], us: Identity, take: Take) -> None:
        """In the order of their ids, without an await; what is known already is left out."""
        numbered: dict[int, Any] = {}
        unnumbered: list[Any] = []
        for raw in batch:
            number = raw.get("update_id") if isinstance(raw, dict) else None
            if type(number) is int:  # True is an int too
                numbered[number] = raw
            else:
                unnumbered.append(raw)
        received_at = self._clock()
        new = self._window.admit(numbered)
        for raw in [*(numbered[number] for number in sorted(new)), *unnumbered]:
            self._hand_over(read(raw, us, received_at), take)

    def _hand_over(self, update: Update, take: Take) -> None:
        arrival = update.arrival
        if arrival is None:
            self._commit(update, "")
            return
        timer = self._typing_later(arrival)
        self._give(arrival, take).add_done_callback(partial(self._taken, update, timer))

    def _give(self, arrival: Arrival, take: Take) -> asyncio.Future[Receipt]:
        """What is staff's, only once Telegram says that whoever it comes from is in their group."""
        if isinstance(arrival, StaffTap | StaffReply | StaffLine):
            return self._members.take(arrival, take)
        return take(arrival)

    async def deliver(self, raw: Any, us: Identity, take: Take) -> None:
        """One update that Telegram posted to us; returns once it is committed. Runs without a wait
        down to ``take``. Raises ``StoreUnavailable``, ``Unsaid``: Telegram is to post it again."""
        update = read(raw, us, self._clock())
        note = ""
        if update.arrival is not None:
            timer = self._typing_later(update.arrival)
            try:
                note = (await asyncio.shield(self._give(update.arrival, take))).note
            finally:
                if timer is not None:
                    timer.cancel()
        if update.query:
            self._answer(update.query, note)

    def _typing_later(self, arrival: Arrival) -> asyncio.TimerHandle | None:
        if not isinstance(arrival, Incoming):
            return None
        loop = asyncio.get_running_loop()
        return loop.call_later(self._pace.typing, self._show_typing, arrival.chat)

    def _taken(
        self,
        update: Update,
        timer: asyncio.TimerHandle | None,
        future: asyncio.Future[Receipt],
    ) -> None:
        if timer is not None:
            timer.cancel()
        error = asyncio.CancelledError() if future.cancelled() else future.exception()
        if error is None:
            self._losses = 0
            self._commit(update, future.result().note)
        else:
            # Whatever it is, it is not confirmed: better twice (the store knows it) than never.
            tell = log.warning if isinstance(error, StoreUnavailable | Unsaid) else log.error
            tell("update not committed", update=update.id, error=type(error).__name__)
            if update.id is not None:
                self._window.lose(update.id)
        self._changed.set()

    def _commit(self, update: Update, note: str) -> None:
        if update.id is not None:
            self._window.commit(update.id)
        if update.query:
            self._answer(update.query, note)

    async def settle(self, began: float, asked: int) -> None:
        """Return when another poll is of use. ``began``: loop time of the last one, ``asked``: its
        offset."""
        loop = asyncio.get_running_loop()
        entered = loop.time()
        while True:
            self._changed.clear()
            if self._window.lossy:
                await asyncio.sleep(self._pace.back_off(self._losses))
                self._losses += 1
                return
            moved = self._window.offset != asked
            if moved and self._window.settled:
                return
            if self._window.full:  # only a commit can let anything new in
                await self._changed.wait()
                continue
            until = entered if self._window.settled else entered + self._pace.commit
            if not moved:
                until = max(until, began + self._pace.again)
            if loop.time() >= until:
                return
            try:
                async with asyncio.timeout_at(until):
                    await self._changed.wait()
            except TimeoutError:
                return
