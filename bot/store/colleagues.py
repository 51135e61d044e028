"""The names of staff, as the platforms last showed them. They are for staff alone."""

from __future__ import annotations

from bot.store.driver import Execute


class Colleagues:
    """Over one connection's ``execute``. A person is ``channel:id``, as in ``staff.people``."""

    def __init__(self, execute: Execute) -> None:
        self._do = execute

    def saw(self, person: str, name: str, at: str) -> None:
        """They are called so now."""
        self._do(
            "INSERT INTO colleagues (person, name, seen_at) VALUES (?, ?, ?)"
            " ON CONFLICT (person) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at",
            (person, name, at),
        )

    def name(self, person: str) -> str:
        """What others read for them: their name, or the text itself, where it is one already."""
        row = self._do("SELECT name FROM colleagues WHERE person = ?", (person,)).fetchone()
        return str(row[0]) if row and row[0] else person
