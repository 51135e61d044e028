"""Which process sends in which chat, where several share one database.

A *lane* is a chat of a channel in which something waits to be sent (an application at a sink, for
the deliveries). Its row names the process that sends there, its *holder*, and counts what others
have written into it that the holder has not read. The row is there as long as something waits:

- Who posts into a chat without a lane makes one and holds it, so the usual turn costs one statement
  more, and no second transaction. A program that sends nothing leaves it without a holder.
- Who posts into another's lane counts it up. So does who erases what waits there.
- The holder lets go in the transaction that settles its last row.
- A lane without a holder is taken by the next sweep of any process that sends there.

All of this happens under the lock of the lane's row, taken before ids are given, so that in one
chat ids come in the order of the commits, and nothing can be posted between "nothing waits" and
"let go". A process says that it is alive by a row in ``replicas`` (``replica.py``); where that
grows old, its lanes lose their holder, whatever was under way.

SQLite has one process that serves a file, and uses none of this.
"""

# ruff: noqa: S608 - what is put into a text is our own tables, columns and conditions
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from bot.store.driver import Execute

OUTBOX, DELIVERIES = "outbox", "deliveries"
_PLACE = {OUTBOX: ("channel", "chat"), DELIVERIES: ("sink", "reference")}
"""table -> its columns that make a lane"""

AT_ONCE = 500
"""lanes taken by one sweep: the others take theirs; rows read from the server in one go"""

TABLES = """
CREATE TABLE replicas (
    id TEXT PRIMARY KEY,
    seen_at INTEGER NOT NULL
) {strict};

CREATE TABLE lanes (
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    chat TEXT NOT NULL,
    holder TEXT NOT NULL,
    missed INTEGER NOT NULL,
    PRIMARY KEY (kind, channel, chat)
) {strict};
CREATE INDEX lanes_of_holder ON lanes (holder, missed);
"""

Values = tuple[object, ...]
Channels = Collection[str] | None
"""None: all of them"""


class Lane(NamedTuple):
    channel: str
    chat: str
    holder: str
    missed: int


class Carries(NamedTuple):
    """What this process sends of a table."""

    channels: Sequence[str]
    reaches: Callable[[str, str], bool]


class Lanes(Protocol):
    def enter(self, table: str, channel: str, chat: str, *, offered: bool = True) -> bool:
        """A row is about to wait there. True: it may be sent by this process right after the
        commit, since nothing else waits there that is not in memory. ``offered``: whoever sends
        will be given the row; else it has to be read."""

    def touch(self, table: str, which: str, values: Values) -> None:
        """The waiting rows of this condition are about to go, or to change."""

    def lock(self, table: str, id: int) -> Lane | None:
        """The lane of a row that is about to be settled; None where the row is gone."""

    def leave(self, table: str, lane: Lane | None) -> bool:
        """The row is settled. True: the rows of its chat are to be read anew."""

    def take(
        self, table: str, limit: int, busy: Collection[tuple[str, str]], of: Channels = None
    ) -> tuple[str, Values]:
        """Before a sweep: take what has no holder. -> what the rows of this process have in
        common, as the end of a condition on the table called ``o``. ``of``: in these channels."""

    def by_and_by(self, execute: Execute, sql: str, values: Values) -> Iterable[tuple[Any, ...]]:
        """The rows of a SELECT, as far as they are gone through: a backlog is larger than what is
        taken of it, and than memory."""

    def astray(self, table: str) -> Sequence[tuple[str, str]]:
        """Lanes of this process that others have written into."""


class OneProcess:
    """Everything is its own."""

    def enter(self, table: str, channel: str, chat: str, *, offered: bool = True) -> bool:
        return True

    def touch(self, table: str, which: str, values: Values) -> None:
        pass

    def lock(self, table: str, id: int) -> Lane | None:
        return None

    def leave(self, table: str, lane: Lane | None) -> bool:
        return False

    def take(
        self, table: str, limit: int, busy: Collection[tuple[str, str]], of: Channels = None
    ) -> tuple[str, Values]:
        return "", ()

    def by_and_by(self, execute: Execute, sql: str, values: Values) -> Iterable[tuple[Any, ...]]:
        return execute(sql, values)

    def astray(self, table: str) -> Sequence[tuple[str, str]]:
        return ()


ONE_PROCESS = OneProcess()


class SharedLanes:
    """Over one connection's ``execute``, of PostgreSQL. ``me``: this process, as a holder; empty
    where it sends nothing, or may be counted as gone."""

    def __init__(self, execute: Execute, me: str, carried: Mapping[str, Carries]) -> None:
        self._do = execute
        self._me = me
        self._carried = carried
        self._looks = 0

    def enter(self, table: str, channel: str, chat: str, *, offered: bool = True) -> bool:
        mine = self._carried.get(table)
        me = (
            self._me
            if mine is not None and channel in mine.channels and mine.reaches(channel, chat)
            else ""
        )
        read = int(not (me and offered))
        holder, missed = self._do(
            "INSERT INTO lanes (kind, channel, chat, holder, missed) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, channel, chat) DO UPDATE SET"
            " missed = CASE WHEN lanes.holder = excluded.holder"
            " THEN lanes.missed + excluded.missed ELSE lanes.missed + 1 END,"
            " holder = CASE WHEN lanes.holder = '' THEN excluded.holder ELSE lanes.holder END"
            " RETURNING holder, missed",
            (table, channel, chat, me, read),
        ).fetchone()
        return bool(me) and holder == me and missed == 0

    def touch(self, table: str, which: str, values: Values) -> None:
        channel, chat = _PLACE[table]
        self._do(
            "UPDATE lanes SET missed = missed + 1 WHERE kind = ? AND (channel, chat) IN"
            f" (SELECT {channel}, {chat} FROM {table} WHERE {which} AND state = 'waiting')",
            (table, *values),
        )

    def lock(self, table: str, id: int) -> Lane | None:
        channel, chat = _PLACE[table]
        row = self._do(
            "SELECT channel, chat, holder, missed FROM lanes WHERE kind = ? AND (channel, chat) ="
            f" (SELECT {channel}, {chat} FROM {table} WHERE id = ?) FOR UPDATE",
            (table, id),
        ).fetchone()
        return Lane(*row) if row else None

    def leave(self, table: str, lane: Lane | None) -> bool:
        if lane is None:  # the row was erased meanwhile, and others of its chat with it
            return True
        mine = lane.holder == self._me
        if mine:
            self._let_go(table, [lane[:2]])
        return not mine or lane.missed > 0

    def take(
        self, table: str, limit: int, busy: Collection[tuple[str, str]], of: Channels = None
    ) -> tuple[str, Values]:
        if table not in self._carried:
            return "", ()
        if not self._me:
            return " AND 1 = 0", ()
        channels, reaches = self._carried[table]
        if of is not None:
            channels = [channel for channel in channels if channel in of]
        free = self._do(
            "SELECT channel, chat FROM lanes WHERE kind = ? AND holder = ''"
            " AND channel = ANY(?::text[]) LIMIT ? FOR UPDATE SKIP LOCKED",
            (table, list(channels), min(limit, AT_ONCE)),
        ).fetchall()
        taken = [lane for lane in free if lane not in busy and reaches(*lane)]
        in_hand = _columns(busy)
        rest = "NOT EXISTS (SELECT 1 FROM unnest(?::text[], ?::text[]) AS b (channel, chat) WHERE"
        # What a turn is writing into this moment is locked by it, and counted when it is done.
        astray = self._do(
            "SELECT channel, chat FROM lanes AS l WHERE kind = ? AND holder = ? AND missed > 0 AND"
            f" {rest} b.channel = l.channel AND b.chat = l.chat) FOR UPDATE SKIP LOCKED",
            (table, self._me, *in_hand),
        ).fetchall()
        if taken or astray:
            self._do(
                "UPDATE lanes SET holder = ?, missed = 0 WHERE kind = ? AND (channel, chat) IN"
                " (SELECT * FROM unnest(?::text[], ?::text[]))",
                (self._me, table, *_columns([*taken, *astray])),
            )
            self._let_go(table, [*taken, *astray])
        channel, chat = (f"o.{column}" for column in _PLACE[table])
        condition = (
            f" AND EXISTS (SELECT 1 FROM lanes AS l WHERE l.kind = ? AND l.channel = {channel}"
            f" AND l.chat = {chat} AND l.holder = ?)"
            f" AND {rest} b.channel = {channel} AND b.chat = {chat})"
            f" AND {channel} = ANY(?::text[])"
        )
        return condition, (table, self._me, *in_hand, list(channels))

    def by_and_by(self, execute: Execute, sql: str, values: Values) -> Iterable[tuple[Any, ...]]:
        self._looks += 1
        name = f"waiting_{self._looks}"
        execute(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", values)
        while page := execute(f"FETCH {AT_ONCE} FROM {name}", ()).fetchall():
            yield from page
        execute(f"CLOSE {name}", ())

    def astray(self, table: str) -> Sequence[tuple[str, str]]:
        rows = self._do(
            "SELECT channel, chat FROM lanes WHERE kind = ? AND holder = ? AND missed > 0",
            (table, self._me),
        )
        return [(channel, chat) for channel, chat in rows]

    def _let_go(self, table: str, lanes: Collection[tuple[str, str]]) -> None:
        """Of these lanes those in which nothing waits."""
        channel, chat = _PLACE[table]
        self._do(
            "DELETE FROM lanes AS l WHERE kind = ? AND holder = ? AND (channel, chat) IN"
            " (SELECT * FROM unnest(?::text[], ?::text[])) AND NOT EXISTS"
            f" (SELECT 1 FROM {table} AS o WHERE o.{channel} = l.channel AND o.{chat} = l.chat"
            " AND o.state = 'waiting')",
            (table, self._me, *_columns(lanes)),
        )


def _columns(pairs: Collection[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """For ``unnest``."""
    pairs = list(pairs)
    return [channel for channel, _ in pairs], [chat for _, chat in pairs]


def note_waiting(execute: Execute) -> None:
    """A lane for whatever waits without one: moved here from elsewhere, or posted by hand."""
    for table, (channel, chat) in _PLACE.items():
        execute(
            "INSERT INTO lanes (kind, channel, chat, holder, missed)"
            f" SELECT DISTINCT ?, {channel}, {chat}, '', 1 FROM {table}"
            " WHERE state = 'waiting' ON CONFLICT DO NOTHING",
            (table,),
        )
