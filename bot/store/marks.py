"""What may show that two applications are one (``dialogs.duplicates``): their marks by key, and the
pairs of which staff have said that they are two.

A mark's key begins with its rule. An erase takes the marks of the erased, and what was said of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.store.driver import Execute

# ``marks.reference`` names a record without a REFERENCES: an erase would look for the children of
# each record that it takes away.
TABLES = """
CREATE TABLE marks (
    id {serial},
    key TEXT NOT NULL,
    reference TEXT NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    value TEXT NOT NULL
) {strict};
CREATE INDEX marks_by_key ON marks (key, id);
CREATE INDEX marks_of_conversation ON marks (conversation);

CREATE TABLE unmarked (
    reference TEXT PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (id)
) {strict};
INSERT INTO unmarked (reference, conversation) SELECT reference, conversation FROM records;
CREATE INDEX unmarked_of_conversation ON unmarked (conversation);

CREATE TABLE distinct_pairs (
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    said_by TEXT NOT NULL,
    said_at TEXT NOT NULL,
    PRIMARY KEY (one, other)
) {strict};
CREATE INDEX distinct_pairs_of_other ON distinct_pairs (other);
"""

MOST = 200
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
