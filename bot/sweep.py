"""Reading the outbox back into memory without breaking the order of a chat. Why and when is in
``courier.py``.

While the store is being read, turns go on committing and sends go on landing. So a sweep notes
what changed meanwhile: rows taken directly, rows that had to be left, lanes that were let go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.route import Lane, Route
from bot.store import Carried
from bot.store.rows import OutboxRow

PAGE = 2_000
"""rows of one sweep"""
EVER = "9999-12-31T23:59:59.999Z"


@dataclass(frozen=True, slots=True)
class Waiting:
    rows: Sequence[OutboxRow]
    everything: bool
    """all that waits, due or not, but for the chats in hand; else a page of what is due"""


@dataclass(frozen=True, slots=True)
class _Tails:
    """What was known of a route when the sweep began."""

    lanes: frozenset[Lane]
    """nothing in hand, something perhaps in the store"""
    lost: int


class Sweep:
    def __init__(self, routes: Mapping[str, Route], reaches: Callable[[str, str], bool]) -> None:
        """``routes``: those that have room, by channel. ``reaches``: as in ``Courier``."""
        self.outdated = False
        self._routes = routes
        self._reaches = reaches
        self._tails = {
            name: _Tails(
                frozenset(lane for lane in route.lanes.values() if not lane.in_hand), route.lost
            )
            for name, route in routes.items()
        }
        self._taken: set[int] = set()
        self._left: list[OutboxRow] = []
        self._doubted: set[tuple[str, str]] = set()

    def note_taken(self, row: OutboxRow) -> None:
        """The row was offered and taken while the store was being read."""
        self._taken.add(row.id)

    def note_left(self, row: OutboxRow) -> None:
        """The row was offered and could not be taken while the store was being read."""
        self._left.append(row)
        if len(self._left) > PAGE:
            self.outdated = True

    def note_doubt(self, channel: str, chat: str) -> None:
        """That chat's rows may have changed after they were read."""
        self._doubted.add((channel, chat))

    def read(self, carried: Carried, now: str) -> Waiting:
        """On the store's writer, between two commits: so a row whose outcome is not committed yet
        belongs to a lane in hand, and is left out."""
        open_ = [*self._routes]
        rows = carried.unsent(EVER, PAGE, _InHand(self._routes, self._reaches), open_)
        if len(rows) < PAGE:
            return Waiting(rows, everything=True)
        rows = carried.unsent(now, PAGE, _InHand(self._routes, self._reaches), open_)
        return Waiting(rows, everything=False)

    def take_in(self, waiting: Waiting, not_before: Callable[[OutboxRow], float]) -> set[int]:
        """Put the rows into their lanes; the ids of those that there was room for."""
        held: set[int] = set()
        seen = {row.id for row in waiting.rows}
        for name, route in self._routes.items():
            tails = self._tails[name]
            everything = waiting.everything and route.lost == tails.lost
            rows = [row for row in waiting.rows if row.channel == name]
            if everything:
                rows += [
                    row
                    for row in self._left
                    if row.channel == name
                    and row.id not in seen
                    and self._follows(route.lanes.get(row.chat), tails)
                ]
            full = {chat for channel, chat in self._doubted if channel == name}
            for row in rows:
                if row.id in self._taken:
                    continue
                if row.chat not in full and route.refill(row, not_before(row)):
                    held.add(row.id)
                else:
                    full.add(row.chat)
            if everything:
                route.caught_up(tails.lanes)
            route.mark_short(full if everything else {row.chat for row in rows})
        return held

    @staticmethod
    def _follows(lane: Lane | None, tails: _Tails) -> bool:
        """Nothing of the lane's chat is in the store and was not read."""
        return lane is None or not lane.short or lane in tails.lanes


class _InHand(Collection[tuple[str, str]]):
    """The (channel, chat) pairs that a sweep leaves out: chats with rows in memory, chats that this
    process cannot reach, and every chat of a channel that is full or not served here. Only what is
    in memory can be listed.

    It is looked into from the writer's thread while the loop goes on, so each chat's first answer
    stays: else a lane that ends between two rows would show its chat without its oldest rows."""

    def __init__(self, routes: Mapping[str, Route], reaches: Callable[[str, str], bool]) -> None:
        self._routes = routes
        self._reaches = reaches
        self._said: dict[object, bool] = {}

    def __contains__(self, pair: object) -> bool:
        said = self._said.get(pair)
        if said is None:
            said = self._said[pair] = isinstance(pair, tuple) and self._leaves_out(*pair)
        return said

    def _leaves_out(self, channel: str, chat: str) -> bool:
        route = self._routes.get(channel)
        if route is None or not self._reaches(channel, chat):
            return True
        lane = route.lanes.get(chat)
        return lane is not None and lane.in_hand

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for name, route in self._routes.items():
            for lane in list(route.lanes.values()):
                if lane.in_hand:
                    yield name, lane.chat

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True  # also with nothing in hand there are channels to leave out


class Lately:
    """Row ids of the last 30 to 60 seconds."""

    def __init__(self) -> None:
        self._new, self._old = set[int](), set[int]()
        self._since = 0.0

    def __contains__(self, id: int) -> bool:
        return id in self._new or id in self._old

    def add(self, ids: Iterable[int]) -> None:
        self._new.update(ids)

    def passes(self, now: float) -> bool:
        """Let go of the oldest, twice a minute: True then. ``now``: seconds."""
        if now - self._since <= 30.0:
            return False
        self._new, self._old, self._since = set[int](), self._new, now
        return True
