"""What may show that two applications are one (``dialogs.duplicates``): their marks by key, and the
pairs of which staff have said that they are two.

A mark's key begins with its rule. An erase takes the marks of the erased, and what was said of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.store.driver import Execute

MOST = 500
"""applications with one key that are looked at, those that were marked last: a key that more have
tells little"""

LIKE = (
    "SELECT reference, value FROM marks WHERE key = ? AND reference <> ? ORDER BY id DESC LIMIT ?"
)


class Marks:
    """Over one connection's ``execute``; the caller holds the transaction or the snapshot."""

    def __init__(self, execute: Execute) -> None:
        self._do = execute

    def put(self, reference: str, conversation: int, marks: Iterable[tuple[str, str]]) -> None:
        """The marks (key, value) of an application, in place of those that it had."""
        self._do(
            "DELETE FROM marks WHERE conversation = ? AND reference = ?", (conversation, reference)
        )
        for key, value in marks:
            self._do(
                "INSERT INTO marks (key, reference, conversation, value) VALUES (?, ?, ?, ?)",
                (key, reference, conversation, value),
            )

    def like(self, reference: str, key: str) -> Iterator[tuple[str, str]]:
        """(reference, value) of the others that have this key."""
        yield from self._do(LIKE, (key, reference, MOST))

    # two, not one
    def part(self, one: str, other: str, by: str, at: str) -> bool:
        """Remember that these two are not one; False where that was said before."""
        one, other = sorted((one, other))
        added = self._do(
            "INSERT INTO distinct_pairs (one, other, said_by, said_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (one, other, by, at),
        ).rowcount
        return added == 1

    def parted(self, reference: str) -> Sequence[str]:
        """The others of which that was said."""
        rows = self._do(
            "SELECT other FROM distinct_pairs WHERE one = ?"
            " UNION ALL SELECT one FROM distinct_pairs WHERE other = ?",
            (reference, reference),
        )
        return [other for (other,) in rows]

    # what was before there were marks
    def unmarked(self, limit: int) -> Sequence[str]:
        rows = self._do("SELECT reference FROM unmarked ORDER BY reference LIMIT ?", (limit,))
        return [reference for (reference,) in rows]

    def claim(self, reference: str) -> bool:
        """Take it off that list; False where it is not, or no longer, there."""
        return self._do("DELETE FROM unmarked WHERE reference = ?", (reference,)).rowcount == 1
