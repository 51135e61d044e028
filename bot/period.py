"""The period of an export, as it is given at the command line: days or ISO times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from bot.clock import stamp
from bot.export import ExportError

_DAY = re.compile("[0-9]{4}-?[0-9]{2}-?[0-9]{2}")
_LAST = timedelta(days=1) - timedelta(milliseconds=1)


def period(since: str, until: str) -> tuple[str, str]:
    """Both times as the store keeps them, and both included: of a day the first and the last
    moment, UTC; of a time without a zone UTC; "" stays "". Raises ExportError."""
    first, last = _moment(since), _moment(until)
    if last is not None and _DAY.fullmatch(until):
        last += _LAST
    if first is not None and last is not None and first > last:
        raise ExportError(f'"{since}" is after "{until}": give the earlier one to --since')
    return (stamp(first) if first else "", stamp(last) if last else "")


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        if "W" in text:  # ISO's weeks: of one without its day only the Monday would be taken
            raise ValueError
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ExportError(
            f'"{text}" is no date: write a day (2026-11-22) or an ISO time '
            "(2026-11-22T08:30:00+02:00)"
        ) from None
