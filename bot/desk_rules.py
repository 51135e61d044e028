"""How the staff desk works, as the settings have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DeskRules:
    claim: timedelta = timedelta(minutes=30)
    """how long who takes a question has it"""
    ping: timedelta = timedelta(minutes=30)
    """after which a question that nobody has taken is named again; zero: never"""
    on_call: tuple[str, ...] = ()
    """``slack:U0123``, ``telegram:123``: whom it calls then, one after the other"""
    own: tuple[str, ...] = ()
    """the program's own addresses, which what the bot learns may name"""

    @property
    def most_pings(self) -> int:
        """Each on call is called once, and everybody three times at most."""
        return max(3, len(self.on_call))
