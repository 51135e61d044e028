"""Where applications go beyond the chat. A sink only carries: a parcel in, an outcome out. Order,
retries and dead letters are the courier's. To add one: a module here, its settings in
``bot/config.py``, a line in ``configured_sinks`` of ``bot/handoff.py``, and its name in the words
(``handoff.sink_<name>``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

from bot.export import as_json
from bot.messages import Outcome
from bot.store.rows import DeliveryRow, RecordRow

PATIENCE = 15.0
"""seconds for the other side to take one delivery, from connecting to its last word"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event of an application, with its record as it stands at this moment."""

    delivery: DeliveryRow
    record: RecordRow | None
    """None where it is erased"""

    @property
    def id(self) -> str:
        """The same at every attempt, so that a repeat is recognised."""
        return self.delivery.message

    def payload(self) -> dict[str, Any]:
        """``event``, ``reference`` and ``at``; unless it is erased, also ``version`` and all that a
        line of ``frontdesk export`` has."""
        delivery = self.delivery
        head = {
            "event": delivery.event,
            "reference": delivery.reference,
            "at": delivery.happened_at,
        }
        if self.record is None:
            return head
        return {**head, "version": delivery.version, **as_json(self.record)}

    def body(self) -> bytes:
        return json.dumps(self.payload(), ensure_ascii=False).encode()


class Sink(Protocol):
    name: str

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Never raises for what the other side answers. A reason is in our words: what the other
        side says may quote the application."""

    async def check(self) -> str:
        """One line for ``frontdesk check``; no application is sent. Raises ``ConfigError``."""

    async def close(self) -> None: ...
