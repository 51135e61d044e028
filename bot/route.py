"""One channel's part of the outbox in memory: which row may go next, and when. No I/O; the theory
is in ``courier.py``. Times are the clock's seconds.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.channels import Sender
from bot.pacing import Meter, Pace
from bot.store.rows import OutboxRow

MAX_HELD = 5_000
"""rows of one channel in memory"""
MAX_LANE = 100
"""rows of one chat in memory"""
MAX_UNDER_WAY = 32
"""sends of one channel at a time"""
WINDOW = 10.0
"""two chats told to wait within so many seconds: it is the bot that is too fast, not a chat"""
SILENT = 3
"""so many chats in a row without an answer: the platform is down, not a chat"""
LONGEST_STALL = 60.0
_EPSILON = 1e-6


@dataclass(slots=True, eq=False)
class Lane:
    """One chat's rows, the oldest first."""

    chat: str
    rows: deque[OutboxRow] = field(default_factory=deque)
    sending: bool = False
    """the first row is with the platform, or its outcome not yet committed"""
    not_before: float = 0.0
    put_off: bool = False
    """the platform had the first row wait"""
    short: bool = False
    """the store may have more rows of this chat, behind these"""
    outdated: bool = False
    """the first row may have changed in the store since it went to the platform"""

    @property
    def in_hand(self) -> bool:
        return self.sending or bool(self.rows)


class Route:
    def __init__(self, channel: Sender, pace: Pace) -> None:
        self.channel = channel
        self.lanes: dict[str, Lane] = {}
        self.held = 0
        self.lost = 0
        """counts the lanes that were let go although the store has rows of theirs"""
        self.whole = False
        """every chat without a lane has nothing waiting in the store"""
        self.bell = asyncio.Event()
        """something may have become ready"""
        self._meter = Meter(pace)
        self._ready: list[tuple[float, int, Lane]] = []
        self._count = 0
        self._under_way = 0
        self._stalled_until = 0.0
        self._waits: dict[str, float] = {}
        self._silent: set[str] = set()
        self._stalls = 0

    # -- rows coming in

    def offer(self, row: OutboxRow) -> bool:
        """Take a row that was committed just now; False: it is left to a sweep."""
        lane = self.lanes.get(row.chat)
        if lane is None:
            if not self.whole:
                return False
            if self.held >= MAX_HELD:
                self.whole = False
                return False
            lane = self.lanes[row.chat] = Lane(row.chat)
        elif lane.short:
            return False
        elif len(lane.rows) >= MAX_LANE or self.held >= MAX_HELD:
            lane.short = True
            return False
        self._append(lane, row)
        return True

    def leave(self, chat: str) -> None:
        """A row of the chat was committed that is left to a sweep, of this process or another."""
        if chat in self.lanes:
            self.lanes[chat].short = True

    def refill(self, row: OutboxRow, not_before: float) -> bool:
        """Take a row that a sweep found; False: there is no room for it."""
        if self.held >= MAX_HELD:
            return False
        lane = self.lanes.get(row.chat)
        if lane is None:
            lane = self.lanes[row.chat] = Lane(row.chat)
        elif len(lane.rows) >= MAX_LANE:
            return False
        if not lane.in_hand:
            # What was put off may have been taken back since: its chat waits all the same.
            lane.put_off = lane.put_off or (row.attempts > 0 and not_before > 0)
            lane.not_before = max(lane.not_before, not_before)
        self._append(lane, row)
        return True

    def caught_up(self, tails: Iterable[Lane]) -> None:
        """All that the store had is in memory; ``tails``: the lanes that were empty and short."""
        self.whole = True
        for lane in tails:
            if self.lanes.get(lane.chat) is lane:
                lane.short = False
                if not lane.in_hand:
                    del self.lanes[lane.chat]

    def mark_short(self, chats: Iterable[str]) -> None:
        """The store has, or may have, more of these chats than there was room for."""
        for chat in chats:
            if chat in self.lanes:
                self.lanes[chat].short = True
            else:
                self.whole = False

    @property
    def has_room(self) -> bool:
        return self.held <= MAX_HELD // 2

    def _append(self, lane: Lane, row: OutboxRow) -> None:
        lane.rows.append(row)
        self.held += 1
        if len(lane.rows) > 1 and row.id < lane.rows[-2].id:  # written first by another process
            first = [lane.rows.popleft()] if lane.sending else []
            lane.rows = deque([*first, *sorted(lane.rows, key=lambda one: one.id)])
        if len(lane.rows) == 1:
            self._queue(lane)

    def change(self, lane: Lane, bodies: Mapping[int, str | None]) -> None:
        """Some of its rows have another body now, or (None) are not to be sent. A lane that is left
        empty stays: the row that takes their place comes next, and waits as long as they had to."""
        rows: deque[OutboxRow] = deque()
        for n, row in enumerate(lane.rows):
            body = bodies.get(row.id, row.body)
            if n == 0 and lane.sending:
                lane.outdated = lane.outdated or body != row.body
                rows.append(row)
            elif body is not None:
                rows.append(row if body is row.body else replace(row, body=body))
        self.held -= len(lane.rows) - len(rows)
        lane.rows = rows

    def forget(self, lane: Lane) -> None:
        """Its rows may no longer be what the store has: drop what is not under way."""
        keep = 1 if lane.sending else 0
        lane.outdated = lane.sending
        while len(lane.rows) > keep:
            lane.rows.pop()
            self.held -= 1
        lane.short = True

    # -- rows going out

    def next(self, now: float, among: int = 1) -> Lane | float | None:
        """The lane whose first row goes now (it counts as under way); or in how many seconds to
        ask again; or None: not before the bell rings. ``among``: as in ``Meter``."""
        self._meter.among = among
        while self._ready and self._under_way < (1 if self._stalls else MAX_UNDER_WAY):
            lane = self._ready[0][2]
            at = max(self._ready[0][0], self._stalled_until, self._meter.free_at())
            if at > now + _EPSILON:
                return at - now
            heapq.heappop(self._ready)
            if lane.sending or not lane.rows:
                continue  # an entry from before the lane was dropped or filled anew
            if self._ready_at(lane) > now + _EPSILON:
                self._queue(lane)
                continue
            lane.sending = True
            lane.put_off = False
            self._under_way += 1
            self._meter.count(lane.chat, now)
            return lane
        return None

    def answered(self) -> None:
        """The platform answered one send, or failed to."""
        self._under_way -= 1
        self.bell.set()

    def done(self, lane: Lane) -> None:
        """The outcome of the lane's first row is committed: on with the next."""
        lane.rows.popleft()
        self.held -= 1
        lane.sending = lane.outdated = False
        lane.not_before = 0.0
        if lane.rows:
            self._queue(lane)
        elif not lane.short:
            del self.lanes[lane.chat]

    def put_off(self, lane: Lane, row: OutboxRow, until: float) -> None:
        """The lane's first row, as it is now in the store, waits. Where not all is in memory, the
        waiting rows make room: the store shows them again when they are due. Where the row may
        have changed meanwhile, it is read anew."""
        lane.sending = False
        if lane.outdated:
            self.held -= len(lane.rows)
            lane.rows.clear()
            lane.outdated, lane.short = False, True
            lane.not_before, lane.put_off = until, True
            return
        if not self.whole:
            self.lost += 1
            self.held -= len(lane.rows)
            lane.rows.clear()
            del self.lanes[lane.chat]
            return
        lane.rows[0] = row
        lane.not_before = until
        lane.put_off = True
        self._queue(lane)

    def _queue(self, lane: Lane) -> None:
        self._count += 1
        heapq.heappush(self._ready, (self._ready_at(lane), self._count, lane))
        self.bell.set()

    def _ready_at(self, lane: Lane) -> float:
        return max(lane.not_before, self._meter.chat_free_at(lane.chat))

    def taken_back(self, lane: Lane, until: float) -> None:
        """The lane's first row is not to be sent again; what comes after it waits like it."""
        self.done(lane)
        lane.not_before = until
        lane.put_off = True

    # -- how the platform is

    def well(self) -> None:
        """It took a message, or refused one for a reason of its own."""
        self._silent.clear()
        self._stalls = 0

    def told_to_wait(self, chat: str, seconds: float, now: float) -> None:
        """A chat was told to wait so long. One chat's wait is its own; two chats' is the bot's."""
        self._waits = {key: at for key, at in self._waits.items() if at > now - WINDOW}
        self._waits[chat] = now
        if len(self._waits) > 1:
            self._stalled_until = max(self._stalled_until, now + seconds)

    def no_answer(self, chat: str, now: float) -> None:
        """A send failed without the platform saying why, or when to try again."""
        self._silent.add(chat)
        if len(self._silent) >= SILENT and now >= self._stalled_until:
            self._stalled_until = now + min(LONGEST_STALL, 2.0**self._stalls)
            self._stalls = min(self._stalls + 1, 10)

    def idle(self, now: float) -> bool:
        """Nothing is under way, and nothing can be but what the platform has had put off."""
        lanes = self.lanes.values()
        if any(lane.sending for lane in lanes):
            return False
        stalled = self._stalled_until > now
        return stalled or all(lane.put_off for lane in lanes if lane.rows)

    @property
    def unsure(self) -> bool:
        """The store may hold rows of this channel that are not in memory and could go."""
        return not self.whole or any(not lane.in_hand for lane in self.lanes.values())

    def tidy(self, now: float) -> None:
        self._meter.tidy(now)
