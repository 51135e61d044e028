"""The hour at which staff get their card of the day, in their own time zone. Pure.

Each date has one such moment, also where a clock change skips the hour (then it is as much later as
the clock jumps) or repeats it (then it is the first).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Morning:
    at: time
    zone: ZoneInfo

    def latest(self, now: datetime) -> datetime:
        """The latest of these moments that is not in the future; UTC."""
        today = now.astimezone(self.zone).date()
        # Tomorrow's too: where the clock goes back at midnight, its date begins twice.
        moments = [self._on(today + timedelta(days)) for days in (1, 0, -1, -2)]
        return max(moment for moment in moments if moment <= now)

    def shown(self, moment: datetime) -> str:
        """A moment as staff read it: ``2026-11-22 08:00``."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)
