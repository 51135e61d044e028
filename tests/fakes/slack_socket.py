"""Socket Mode: which envelope goes to which connection, what was acknowledged, what is sent again.

The rules, from Slack's documentation and field reports:

* each envelope goes to any ONE of the open connections (here: in turn), at most ten of them;
* an event not acknowledged in time is sent again with a new envelope_id, the same event_id and
  retry_attempt + 1, up to three times; an event that finds no connection waits, and arrives marked
  as a retry: for such an event the retry is the only delivery there is;
* an acknowledgement counts on whichever connection it arrives;
* interactions (taps, modals, slash commands) are not retried after a timeout: the person sees a
  warning. Slack also gives up on one that finds no connection, or loses it; `keep_interactions` has
  them wait for the next one instead, for tests that are not about the person tapping again.
"""

import asyncio
import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

Json = dict[str, Any]
Kind = Literal["events_api", "interactive", "slash_commands"]
MOST_CONNECTIONS = 10


class Clock:
    """Real time (or, if set, the moment at which it stands), plus what a test has skipped."""

    def __init__(self) -> None:
        self.stands_at: float | None = None
        self.skipped = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return (time.time() if self.stands_at is None else self.stands_at) + self.skipped


@dataclass(frozen=True, slots=True)
class Delivery:
    """One sending of an envelope: its id, attempt and connection, when (epoch seconds)."""

    envelope_id: str
    attempt: int
    reason: str
    connection: int
    at: float


@dataclass(slots=True)
class Ack:
    """An acknowledgement as it came in. `times` counts repeats with the same envelope_id."""

    envelope_id: str
    event_id: str
    kind: Kind
    attempt: int
    payload: Json | None
    at: float
    times: int = 1


@dataclass(slots=True, eq=False)
class Envelope:
    """Something Slack wants to tell the app; `key` is its event_id (an interaction's trigger_id).

    `state` runs waiting -> sent -> acked, back to waiting for another try, or to failed (given up).
    `on_ack` carries out the answer and says what was wrong with it, which becomes `trouble`.
    """

    kind: Kind
    payload: Json
    key: str
    on_ack: Callable[[Json], str | None] | None = None
    state: Literal["waiting", "sent", "acked", "failed"] = "waiting"
    attempt: int = 0
    reason: str = ""
    timeouts: int = 0
    deadline: float = 0.0
    connection: "Connection | None" = None
    deliveries: list[Delivery] = field(default_factory=list)
    answer: Json | None = None
    trouble: str | None = None

    @property
    def acked(self) -> bool:
        return self.state == "acked"

    @property
    def settled(self) -> bool:
        return self.state in {"acked", "failed"}


class Connection:
    """One WebSocket of the app. Messages leave in order; `leaving` gets no more envelopes."""

    def __init__(self, number: int, ws: web.WebSocketResponse, request: web.Request) -> None:
        self.number = number
        self.leaving = False
        self._ws = ws
        self._transport = request.transport
        self._outbox: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def send(self, message: Json, *, cut: bool = False) -> None:
        """Queue one message; with `cut` the line is dropped right after it."""
        self._outbox.put_nowait(("cut" if cut else "send", json.dumps(message)))

    def close(self) -> None:
        """Close with a close frame, after what is queued."""
        self.leaving = True
        self._outbox.put_nowait(("close", ""))

    def abort(self) -> None:
        """Drop the line at once, without a close frame."""
        self.leaving = True
        if self._transport is not None:
            self._transport.abort()

    async def write(self) -> None:
        """Send what is queued until the line is gone."""
        while True:
            what, text = await self._outbox.get()
            try:
                if what == "close":
                    await self._ws.close()
                    return
                await self._ws.send_str(text)
            except ConnectionError:  # the app has gone; the reading side notices and tidies up
                return
            if what == "cut":
                self.abort()
                return


class Hub:
    """All connections and envelopes of the one app."""

    def __init__(
        self,
        clock: Clock,
        *,
        ack_timeout: float,
        retries: int,
        keep_interactions: bool,
        changed: Callable[[], None],
    ) -> None:
        self.connections: list[Connection] = []
        self.envelopes: list[Envelope] = []
        self.acks: dict[str, Ack] = {}
        self.lost_acks: list[str] = []
        self.on_ack: list[Callable[[Ack], None]] = []
        self.lose_acks = self.cut_after = self.duplicate = 0
        self._clock, self._changed = clock, changed
        self._ack_timeout, self._retries = ack_timeout, retries
        self._keep_interactions = keep_interactions
        self._waiting: deque[Envelope] = deque()
        self._sent: dict[str, tuple[Envelope, Delivery]] = {}
        self._pending: dict[Envelope, None] = {}  # sent and not yet acknowledged, in their order
        self._numbers, self._ids, self._turn = itertools.count(1), itertools.count(1), 0
        self._wake = asyncio.Event()

    def offer(self, envelope: Envelope) -> Envelope:
        """Take an envelope for delivery, now or when the app connects."""
        self.envelopes.append(envelope)
        if not self._open():
            if not self._keeps(envelope):
                envelope.state = "failed"
                return envelope
            envelope.attempt, envelope.reason = 1, "connection_failed"
        self._waiting.append(envelope)
        self._pump()
        return envelope

    def again(self, envelope: Envelope) -> None:
        """Deliver an envelope once more, acknowledged or not: same event_id, next attempt."""
        if envelope not in self._waiting:
            envelope.attempt += 1
            envelope.reason = "timeout"
            self._waiting.append(envelope)
        self._pump()

    def add(self, ws: web.WebSocketResponse, request: web.Request) -> Connection:
        """A new connection: greeted, then given what waits; one too many is sent away."""
        connection = Connection(next(self._numbers), ws, request)
        if len(self.connections) >= MOST_CONNECTIONS:
            connection.send({"type": "disconnect", "reason": "too_many_websockets"})
            connection.close()
            return connection
        self.connections.append(connection)
        connection.send(
            {
                "type": "hello",
                "num_connections": len(self.connections),
                "debug_info": {"host": "local", "approximate_connection_time": 18060},
                "connection_info": {"app_id": "A0APP"},
            }
        )
        self._pump()
        self._changed()
        return connection

    def remove(self, connection: Connection) -> None:
        """A connection is gone; what it had not acknowledged goes back to the head of the queue."""
        if connection not in self.connections:
            return
        self.connections.remove(connection)
        held = [e for e in self._unacknowledged() if e.connection is connection]
        for envelope in reversed(held):
            envelope.connection = None
            if self._keeps(envelope):
                envelope.state = "waiting"
                envelope.attempt += 1
                envelope.reason = "connection_failed"
                self._waiting.appendleft(envelope)
            else:
                envelope.state = "failed"
        self._pump()
        self._changed()

    def receive(self, data: Json) -> None:
        """A message from the app: an acknowledgement, the only thing it may say."""
        envelope_id = str(data.get("envelope_id"))
        if self.lose_acks > 0:
            self.lose_acks -= 1
            self.lost_acks.append(envelope_id)
            self._changed()
            return
        if envelope_id not in self._sent:
            return
        envelope, delivery = self._sent[envelope_id]
        if envelope_id in self.acks:
            self.acks[envelope_id].times += 1
            return
        ack = Ack(
            envelope_id,
            envelope.key,
            envelope.kind,
            delivery.attempt,
            data.get("payload"),
            self._clock.now(),
        )
        self.acks[envelope_id] = ack
        if envelope.state in {"sent", "waiting"}:
            envelope.state, envelope.connection = "acked", None
            self._pending.pop(envelope, None)
            envelope.answer = ack.payload
            if envelope in self._waiting:
                self._waiting.remove(envelope)
            if envelope.on_ack is not None:
                envelope.trouble = envelope.on_ack(ack.payload or {})
        for listener in self.on_ack:
            listener(ack)
        self._changed()

    def refused(self, envelope_id: str) -> None:
        """It was posted, and answered with no 2xx: as if its time were over."""
        envelope, _ = self._sent[envelope_id]
        if envelope.state == "sent":
            self._overdue(envelope)
            self._pump()

    def join(self, connection: Connection) -> None:
        """One that is no socket, and is greeted by nobody."""
        self.connections.append(connection)
        self._pump()
        self._changed()

    def refresh(self, reason: str, *, close: bool) -> None:
        """Tell every connection to go and come back; with `close` Slack closes it as well."""
        for connection in list(self.connections):
            connection.send({"type": "disconnect", "reason": reason, "debug_info": {}})
            connection.leaving = True
            if close:
                connection.close()

    def tick(self) -> None:
        """The clock was moved."""
        self._wake.set()

    async def watch(self) -> None:
        """Send again what is not acknowledged in time; runs as long as the server."""
        while True:
            now = self._clock.now()
            for envelope in self._unacknowledged():
                if envelope.deadline <= now:
                    self._overdue(envelope)
            self._pump()
            ends = min((e.deadline for e in self._unacknowledged()), default=None)
            self._wake.clear()
            wait = None if ends is None else max(0.0, ends - self._clock.now())
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                continue

    def _overdue(self, envelope: Envelope) -> None:
        envelope.timeouts += 1
        if envelope.kind != "events_api" or envelope.timeouts > self._retries:
            envelope.state = "failed"
        else:
            envelope.state, envelope.reason = "waiting", "timeout"
            envelope.attempt += 1
            self._waiting.append(envelope)
        self._changed()

    def _unacknowledged(self) -> list[Envelope]:
        self._pending = {e: None for e in self._pending if e.state == "sent"}
        return list(self._pending)

    def _keeps(self, envelope: Envelope) -> bool:
        return envelope.kind == "events_api" or self._keep_interactions

    def _open(self) -> list[Connection]:
        return [connection for connection in self.connections if not connection.leaving]

    def _pump(self) -> None:
        while self._waiting and (connections := self._open()):
            self._turn += 1
            self._deliver(self._waiting.popleft(), connections[self._turn % len(connections)])

    def _deliver(self, envelope: Envelope, connection: Connection) -> None:
        envelope_id = f"e-{next(self._ids):06d}"
        now = self._clock.now()
        delivery = Delivery(envelope_id, envelope.attempt, envelope.reason, connection.number, now)
        envelope.deliveries.append(delivery)
        self._sent[envelope_id] = (envelope, delivery)
        if not envelope.settled:
            envelope.state, envelope.connection = "sent", connection
            envelope.deadline = now + self._ack_timeout
            if not self._pending:
                self._wake.set()  # the watch knows of no deadline; later ones end later
            self._pending.pop(envelope, None)
            self._pending[envelope] = None
        message: Json = {
            "envelope_id": envelope_id,
            "type": envelope.kind,
            "payload": envelope.payload,
            "accepts_response_payload": envelope.kind != "events_api",
        }
        event = envelope.kind == "events_api"
        if event:
            message |= {"retry_attempt": envelope.attempt, "retry_reason": envelope.reason}
        cut = event and self.cut_after > 0
        self.cut_after -= cut
        if cut:
            connection.leaving = True
        connection.send(message, cut=cut)
        self._changed()
        if event and self.duplicate > 0 and len(envelope.deliveries) == 1 and not cut:
            self.duplicate -= 1
            self.again(envelope)
