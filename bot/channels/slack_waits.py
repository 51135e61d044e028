"""How long the Slack adapter waits for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds. ``backoff``: first and longest wait while Slack cannot be reached; ``ping``: how
    soon a broken socket is noticed; ``patience``: how long one may stay broken; ``grace``: how long
    a stop waits for the last commits, to acknowledge them; ``answer``: for the answer to a call."""

    backoff: tuple[float, float] = (1.0, 60.0)
    ping: float = 5.0
    patience: float = 60.0
    grace: float = 3.0
    answer: float = 30.0


USUAL = Waits()
