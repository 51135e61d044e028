"""Times as they arrive in events: ISO 8601 text in UTC, so that text order is time order."""

from __future__ import annotations

from datetime import datetime, timedelta


def after(at: str, span: timedelta) -> str:
    """The time so much later; both ISO 8601, UTC."""
    moment = datetime.fromisoformat(at) + span
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
