"""What is counted, as Prometheus reads it. The only file that imports its client.

Labels are channels, kinds, fields of the form, codes and bands: sets that the program itself
bounds, and never anything that a person is or wrote. Counters are this process's own; the gauges at
the end are the store's, the same from every replica, read when somebody looks and at most every
``AGE`` seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot.house import utc_now
from bot.store import Store
from bot.store.rows import Backlog, StoreUnavailable
from dialogs.events import Finding
from dialogs.funnel import Count

AGE = 5.0
PATIENCE = 2.0
TURN_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONFIDENCE = tuple(tenth / 10 for tenth in range(1, 10))
TYPE = CONTENT_TYPE_LATEST

GAUGES = {
    "outbox_waiting": "Messages committed and neither sent nor given up",
    "outbox_oldest_seconds": "Age of the oldest of them; 0 where none waits",
    "outbox_dead": "Messages refused for good",
    "deliveries_waiting": "Hand-offs that are still to arrive",
    "deliveries_held": "Hand-offs that wait behind a dead one",
    "deliveries_dead": "Hand-offs given up",
    "failures": "Turns and updates that could not be handled and wait for an operator",
    "questions_open": "Questions that wait for staff",
}


class Metrics:
    """``bot.watch.Watch``, and the page of it."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._store: Store | None = None
        self._asked = asyncio.Lock()
        self._read_at = float("-inf")
        self._stored = _Stored()
        registry.register(self._stored)
        self._turns = Counter(
            "frontdesk_turns", "Turns committed", ("channel", "kind"), registry=registry
        )
        self._seconds = Histogram(
            "frontdesk_turn_seconds",
            "From an arrival's turn in its person's line to the commit",
            ("channel",),
            registry=registry,
            buckets=TURN_SECONDS,
        )
        self._duplicates = Counter(
            "frontdesk_duplicates",
            "Arrivals that were taken before, and changed nothing",
            ("channel",),
            registry=registry,
        )
        self._refusals = Counter(
            "frontdesk_refusals",
            "Answers that a field did not take",
            ("field", "code"),
            registry=registry,
        )
        self._failed = Counter(
            "frontdesk_failed_turns",
            "Turns that raised, each kept as a failure",
            ("channel",),
            registry=registry,
        )
        self._not_stored = Counter(
            "frontdesk_arrivals_not_stored",
            "Arrivals turned back, for the platform to send again",
            ("channel",),
            registry=registry,
        )
        self._confidence = Histogram(
            "frontdesk_question_confidence",
            "How surely the nearest article answers a question, 0 to 1",
            registry=registry,
            buckets=CONFIDENCE,
        )
        self._questions = Counter(
            "frontdesk_questions",
            "Questions by what became of them: answer, unsure, nothing",
            ("band",),
            registry=registry,
        )
        self._requests = Counter(
            "frontdesk_http_requests",
            "Requests answered, by path and status",
            ("path", "status"),
            registry=registry,
        )

    # what the door tells

    def turn(self, channel: str, kind: str, seconds: float, counts: Sequence[Count]) -> None:
        self._turns.labels(channel, kind).inc()
        self._seconds.labels(channel).observe(seconds)
        for count in counts:
            if count.what in {"refused", "refused_again"}:
                self._refusals.labels(count.field, count.detail).inc()

    def duplicate(self, channel: str) -> None:
        self._duplicates.labels(channel).inc()

    def question(self, finding: Finding) -> None:
        for each in [part.finding for part in finding.parts] or [finding]:
            self._questions.labels(each.band).inc()
            self._confidence.observe(each.matches[0].confidence if each.matches else 0.0)

    def failed(self, channel: str) -> None:
        self._failed.labels(channel).inc()

    def not_stored(self, channel: str) -> None:
        self._not_stored.labels(channel).inc()

    def request(self, path: str, status: int) -> None:
        """``path``: one of our own, or "other"."""
        self._requests.labels(path, status).inc()

    # what is read

    def watch(self, store: Store) -> None:
        self._store = store

    async def page(self, *, store_answers: bool) -> bytes:
        """The text; without the store's gauges where it does not answer."""
        async with self._asked:
            now = asyncio.get_running_loop().time()
            if now - self._read_at > AGE:
                self._stored.backlog = await self._backlog()
                self._read_at = now
        self._stored.up = store_answers
        return generate_latest(self._registry)

    async def _backlog(self) -> Backlog | None:
        if self._store is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._store.read(lambda reports: reports.backlog())
        except (StoreUnavailable, TimeoutError):
            return None


class _Stored(Collector):
    """The store's gauges, as they were last read."""

    def __init__(self) -> None:
        self.backlog: Backlog | None = None
        self.up = False

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("frontdesk_store_up", "Does the store answer? 1 or 0", int(self.up))
        if self.backlog is None:
            return
        values = asdict(self.backlog)
        values["outbox_oldest_seconds"] = _age(values.pop("oldest"))
        for name, said in GAUGES.items():
            yield GaugeMetricFamily(f"frontdesk_{name}", said, values[name])


def _age(at: str) -> float:
    """Seconds since then; 0 where that is empty or still to come."""
    if not at:
        return 0.0
    since = datetime.fromisoformat(utc_now()) - datetime.fromisoformat(at)
    return max(0.0, since.total_seconds())
