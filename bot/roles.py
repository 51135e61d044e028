"""Who of staff may do what.

The platform says who is in the staff chat; the settings say what its members may do, and who in it
may more, or less, than the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Role = Literal["answer", "review", "export", "admin"]
"""answer: questions of applicants. review: claim, ask for more, decide. export: take data out.
admin: what the bot says from then on (what it learns), and all else that changes it."""

ROLES: frozenset[Role] = frozenset(get_args(Role))


@dataclass(frozen=True, slots=True)
class Roles:
    members: frozenset[Role] = ROLES
    """what whoever is in the staff chat may do"""
    people: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    """"slack:U0123ABC" or "telegram:123456" -> what that person may do there instead"""

    def may(self, channel: str, person: str, role: Role) -> bool:
        """Of somebody in the staff chat; whether they are in it is the channel's to know."""
        return role in self.people.get(f"{channel}:{person}", self.members)
