"""Who was told what from the articles, and what the articles said at each time.

A person relies on the latest that they were told of an article. Whether that still holds is a
comparison of substances, told and in force, never of versions or dates: where an article is put
back to its earlier words, those who read these are right again, and those who read what stood
there in between are not.
"""

# ruff: noqa: S608 - what is put into a text is our own column lists, never a value
from __future__ import annotations

from collections.abc import Sequence

from bot.store.driver import Execute
from bot.store.rows import ReliedRow, SeenRow, ToldRow

FALLBACK = "en"
"""what an article says where it has no words in a language"""

_TOLD = "t.id, t.conversation, t.article, t.language, t.version, t.substance, t.at"
_SEEN = (
    "article, language, version, substance, title, source, passage, first_seen_at, in_force_since,"
    " announced_at"
)
_OF_PERSON = (
    "SELECT 1 FROM told AS l WHERE l.conversation = t.conversation AND l.article = t.article"
)
# In two ranges: those who were told what is in force, mostly nearly all, are not even looked at.
_RELIED = f"""
SELECT {_TOLD}, c.channel, c.state, coalesce((
    SELECT r.reference FROM records AS r WHERE r.conversation = c.id AND r.state = 'submitted'
    ORDER BY r.number DESC LIMIT 1), '')
FROM told AS t JOIN conversations AS c ON c.id = t.conversation
WHERE t.article = ? AND t.language = ? AND t.substance {{}} ?
  AND NOT EXISTS ({_OF_PERSON} AND l.id > t.id)
"""
RELIED = f"{_RELIED.format('<')} UNION ALL {_RELIED.format('>')} ORDER BY 1"


class Told:
    """Over one connection's ``execute``; the caller holds the transaction or the snapshot."""

    def __init__(self, execute: Execute, lock: str = "") -> None:
        self._do = execute
        self._lock = lock

    def alone(self) -> None:
        """Until this transaction ends nobody else changes what is in force."""
        if self._lock:
            self._do("LOCK TABLE articles_seen IN SHARE ROW EXCLUSIVE MODE", ())

    # people
    def add(
        self,
        conversation: int,
        article: str,
        language: str,
        version: str,
        substance: str,
        at: str,
        event: int,
    ) -> int:
        """An answer was given in the turn of this event."""
        new: int = self._do(
            "INSERT INTO told (conversation, article, language, version, substance, at, event)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (conversation, article, language, version, substance, at, event),
        ).fetchone()[0]
        return new

    def latest(self, conversation: int, article: str) -> ToldRow | None:
        row = self._do(
            f"SELECT {_TOLD} FROM told AS t WHERE t.conversation = ? AND t.article = ?"
            " ORDER BY t.id DESC LIMIT 1",
            (conversation, article),
        ).fetchone()
        return ToldRow(*row) if row else None

    def relied(self, article: str) -> Sequence[ReliedRow]:
        """Everybody who was told, last, something else than what the article says now; all who
        were told of it where it is in force no more. In the order of the telling."""
        rows: list[ReliedRow] = []
        for language in self._languages(article):
            now = self.in_force(article, language)
            substance = now.substance if now is not None else ""
            found = self._do(RELIED, (article, language, substance) * 2)
            rows += [ReliedRow(ToldRow(*row[:7]), *row[7:]) for row in found]
        return sorted(rows, key=lambda row: row.told.id)

    # articles
    def seen(self, article: str) -> Sequence[SeenRow]:
        """Every version of the article that was ever in force, the earliest first."""
        rows = self._do(
            f"SELECT {_SEEN} FROM articles_seen WHERE article = ? ORDER BY first_seen_at, language",
            (article,),
        )
        return [SeenRow(*row) for row in rows]

    def articles(self) -> Sequence[str]:
        """Ids of all that was ever in force."""
        rows = self._do("SELECT DISTINCT article FROM articles_seen ORDER BY article", ())
        return [article for (article,) in rows]

    def all_in_force(self) -> Sequence[SeenRow]:
        rows = self._do(f"SELECT {_SEEN} FROM articles_seen WHERE in_force_since <> ''", ())
        return [SeenRow(*row) for row in rows]

    def in_force(self, article: str, language: str) -> SeenRow | None:
        """What the article says in the language, else in English; None where it is gone."""
        for code in dict.fromkeys((language, FALLBACK)):
            row = self._do(
                f"SELECT {_SEEN} FROM articles_seen"
                " WHERE article = ? AND language = ? AND in_force_since <> ''",
                (article, code),
            ).fetchone()
            if row:
                return SeenRow(*row)
        return None

    def put_in_force(self, row: SeenRow) -> None:
        """From now on (``row.in_force_since``) the article says this. A version seen before keeps
        when that was."""
        self.end_force(row.article, row.language)
        self._do(
            f"INSERT INTO articles_seen ({_SEEN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (article, language, version, substance) DO UPDATE SET"
            " title = excluded.title, source = excluded.source, passage = excluded.passage,"
            " in_force_since = excluded.in_force_since, announced_at = excluded.announced_at",
            (
                row.article,
                row.language,
                row.version,
                row.substance,
                row.title,
                row.source,
                row.passage,
                row.first_seen_at,
                row.in_force_since,
                row.announced_at,
            ),
        )

    def end_force(self, article: str, language: str) -> None:
        self._do(
            "UPDATE articles_seen SET in_force_since = '', announced_at = ''"
            " WHERE article = ? AND language = ? AND in_force_since <> ''",
            (article, language),
        )

    def announced(self, article: str, language: str, at: str) -> None:
        """Staff were told of what the article says now."""
        self._do(
            "UPDATE articles_seen SET announced_at = ?"
            " WHERE article = ? AND language = ? AND in_force_since <> ''",
            (at, article, language),
        )

    def _languages(self, article: str) -> Sequence[str]:
        rows = self._do(
            "SELECT DISTINCT language FROM articles_seen WHERE article = ? ORDER BY language",
            (article,),
        )
        return [language for (language,) in rows]
