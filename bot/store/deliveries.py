"""What is handed on beyond the chat: one row a sink and event of an application.

A row says only that something happened, never what an application holds: the payload is made of the
record when it is sent. So an erase has nothing to search for in here.

The events of one application reach a sink in their order. Behind one that is dead the next ones
are *held*, until staff have the dead one tried again. ``begun`` counts the attempts of a row but
for one that was refused: where there is any, the sink may have heard of it, since an answer can be
lost and a process killed.
"""

# ruff: noqa: S608 - what is put into a text is our own column lists, never a value
from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from bot.store.driver import Execute
from bot.store.lanes import DELIVERIES, ONE_PROCESS, Channels, Lanes
from bot.store.rows import DeliveryRow, FailureRow, HandedOn, OutboxRow

SHOWN = 50
"""of those that have arrived, the latest"""

_DELIVERY = (
    "id, sink, reference, event, version, occasion, happened_at, due_at, state, attempts,"
    " settled_at, reason"
)
_EARLIER = (
    "SELECT 1 FROM deliveries AS p WHERE p.sink = deliveries.sink"
    " AND p.reference = deliveries.reference AND p.id < deliveries.id"
)
_BEFORE = "SELECT 1 FROM deliveries AS p WHERE p.sink = o.sink AND p.reference = o.reference"
_BEFORE += " AND p.id < o.id"


class Deliveries:
    """Over one connection's ``execute``; the caller holds the transaction or the snapshot."""

    def __init__(self, execute: Execute, lanes: Lanes = ONE_PROCESS) -> None:
        self._do = execute
        self._lanes = lanes

    def add(
        self, sink: str, reference: str, event: HandedOn, version: int, occasion: int, at: str
    ) -> OutboxRow | None:
        """Once for a sink, an event and an occasion, however often it is called. The row as the
        courier carries it; None where it was there, or is held."""
        row = self._do(
            "INSERT INTO deliveries"
            " (sink, reference, event, version, occasion, happened_at, due_at, state) VALUES"
            " (?, ?, ?, ?, ?, ?, ?, CASE WHEN EXISTS (SELECT 1 FROM deliveries"
            " WHERE sink = ? AND reference = ? AND state IN ('dead', 'held'))"
            " THEN 'held' ELSE 'waiting' END)"
            " ON CONFLICT (sink, reference, event, occasion) DO NOTHING RETURNING id, state",
            (sink, reference, event, version, occasion, at, at, sink, reference),
        ).fetchone()
        if row is None or row[1] == "held":
            return None
        ours = self._lanes.enter(DELIVERIES, sink, reference)
        return OutboxRow(row[0], sink, reference, "", "send", "", 0, at, ours=ours)

    def begin(self, id: int) -> DeliveryRow | None:
        """The delivery, which from now on counts as perhaps received; None where it is not its
        turn: it was erased, or is held, or an earlier one has not arrived."""
        row = self._do(
            "UPDATE deliveries SET begun = begun + 1 WHERE id = ? AND state = 'waiting'"
            f" AND NOT EXISTS ({_EARLIER} AND p.state <> 'sent') RETURNING {_DELIVERY}",
            (id,),
        ).fetchone()
        return DeliveryRow(*row) if row else None

    def revive(self, id: int, at: str) -> bool:
        """Send a dead one again, and after it those that it held. False where it is not dead."""
        lane = self._do(
            "UPDATE deliveries SET state = 'waiting', attempts = 0, due_at = ?, settled_at = '',"
            " reason = '' WHERE id = ? AND state = 'dead' RETURNING sink, reference",
            (at, id),
        ).fetchone()
        if lane is None:
            return False
        self._lanes.enter(DELIVERIES, *lane, offered=False)
        self._do(
            "UPDATE deliveries SET state = 'waiting', due_at = ?"
            " WHERE sink = ? AND reference = ? AND state = 'held'",
            (at, *lane),
        )
        return True

    def forget(self, references: Iterable[str], at: str) -> None:
        """These applications are erased: what has not arrived goes; each sink that may have heard
        of one hears that it is gone."""
        for reference in references:
            reached = self._do(
                "SELECT DISTINCT sink FROM deliveries"
                " WHERE reference = ? AND begun > 0 AND event <> 'erased' ORDER BY sink",
                (reference,),
            ).fetchall()
            self._lanes.touch(DELIVERIES, "reference = ?", (reference,))
            self._do(
                "DELETE FROM deliveries"
                " WHERE reference = ? AND state <> 'sent' AND event <> 'erased'",
                (reference,),
            )
            for (sink,) in reached:
                self.add(sink, reference, "erased", 0, 0, at)

    # the courier: as ``bot.store.Table`` says
    def unsent(
        self, now: str, limit: int, busy: Collection[tuple[str, str]] = (), of: Channels = None
    ) -> Sequence[OutboxRow]:
        condition, values = self._lanes.take(DELIVERIES, limit, busy, of)
        query = (
            "SELECT id, sink, reference, '', 'send', '', attempts, due_at FROM deliveries AS o"
            f" WHERE state = 'waiting' AND due_at <= ? AND NOT EXISTS ({_BEFORE}"
            " AND (p.state IN ('dead', 'held') OR p.state = 'waiting' AND p.due_at > ?))"
            f"{condition} ORDER BY id"
        )
        waiting = self._lanes.by_and_by(self._do, query, (now, now, *values))
        return first(waiting, limit, busy)

    def astray(self) -> Sequence[tuple[str, str]]:
        return self._lanes.astray(DELIVERIES)

    def mark_sent(self, id: int, message: str, at: str) -> bool:
        lane = self._lanes.lock(DELIVERIES, id)
        self._do(
            "UPDATE deliveries SET state = 'sent', settled_at = ?, reason = ''"
            " WHERE id = ? AND state = 'waiting' AND begun > 0",
            (at, id),
        )
        return self._lanes.leave(DELIVERIES, lane)

    def mark_later(self, id: int, due_at: str, reason: str) -> bool:
        return (
            self._do(
                "UPDATE deliveries SET attempts = attempts + 1, due_at = ?, reason = ?"
                " WHERE id = ? AND state = 'waiting'",
                (due_at, reason, id),
            ).rowcount
            == 1
        )

    def mark_dead(self, id: int, reason: str, at: str) -> bool:
        held = self._lanes.lock(DELIVERIES, id)
        lane = self._do(
            "UPDATE deliveries SET state = 'dead', begun = begun - 1, reason = ?, settled_at = ?"
            " WHERE id = ? AND state = 'waiting' RETURNING sink, reference",
            (reason, at, id),
        ).fetchone()
        if lane is not None:
            self._do(
                "UPDATE deliveries SET state = 'held' WHERE sink = ? AND reference = ?"
                " AND state = 'waiting'",
                tuple(lane),
            )
        return self._lanes.leave(DELIVERIES, held)

    # reports
    def failures(self) -> list[FailureRow]:
        rows = self._do(
            "SELECT id, sink, settled_at, reference, reason FROM deliveries WHERE state = 'dead'",
            (),
        )
        return [
            FailureRow(f"delivery-{id_}", "delivery", sink, at, f"{reference}: {reason}")
            for id_, sink, at, reference, reason in rows
        ]

    def listed(self) -> Sequence[DeliveryRow]:
        """All that have not arrived and the latest that have, oldest first."""
        rows = self._do(
            f"SELECT {_DELIVERY} FROM deliveries WHERE state <> 'sent' OR id IN ("
            "SELECT id FROM deliveries WHERE state = 'sent' ORDER BY settled_at DESC, id DESC"
            " LIMIT ?) ORDER BY id",
            (SHOWN,),
        )
        return [DeliveryRow(*row) for row in rows]

    def arrived(self) -> int:
        number: int = self._do(
            "SELECT count(*) FROM deliveries WHERE state = 'sent'", ()
        ).fetchone()[0]
        return number


def first(
    waiting: Iterable[tuple[Any, ...]], limit: int, busy: Collection[tuple[str, str]]
) -> list[OutboxRow]:
    """The first rows that are of no busy (channel, chat); read no further than needed."""
    rows: list[OutboxRow] = []
    for row in waiting:
        if len(rows) >= limit:
            break
        if not busy or (row[1], row[2]) not in busy:
            rows.append(OutboxRow(*row))
    return rows
