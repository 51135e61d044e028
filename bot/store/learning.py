"""What staff answers have taught: candidates and the questions that they stem from, in SQL that
SQLite and PostgreSQL both take.

The words of a candidate are those of its *origin*, one of its sources, until a person puts them in
general words (``worded``). Where the origin is erased, the words go too, but for these: an answer
that was approved, and a question in general words that is not covered, or was dismissed.
"""

# ruff: noqa: S608 - what is put into a text is our own columns and conditions, never a value
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields, replace

from bot.store.driver import Execute
from bot.store.rows import ESCALATION, CandidateRow, EscalationRow

REVISION = "learnt"
"""in ``meta``: counts the changes of what is in force"""

_COLUMNS = [field.name for field in fields(CandidateRow)]
_CANDIDATE = ", ".join(_COLUMNS)
_VALUES = ", ".join("?" * (len(_COLUMNS) - 1))
_SET = ", ".join(f"{column} = ?" for column in _COLUMNS[1:])


class SqlLearning:
    """``bot.store.Learning`` over one connection's ``execute``."""

    def __init__(self, execute: Execute, lock: str = "") -> None:
        self._do = execute
        self._lock = lock

    def revision(self) -> int:
        row = self._do("SELECT value FROM meta WHERE key = ?", (REVISION,)).fetchone()
        return int(row[0]) if row else 0

    def candidate(self, id: int) -> CandidateRow | None:
        row = self._do(
            f"SELECT {_CANDIDATE} FROM candidates WHERE id = ?{self._lock}", (id,)
        ).fetchone()
        return CandidateRow(*row) if row else None

    def candidates(self, *states: str) -> Sequence[CandidateRow]:
        if self._lock:  # whoever looks for one like it may be about to add one
            self._do("LOCK TABLE candidates IN SHARE ROW EXCLUSIVE MODE", ())
        marks = ", ".join("?" * len(states))
        rows = self._do(
            f"SELECT {_CANDIDATE} FROM candidates WHERE state IN ({marks}) ORDER BY id", states
        )
        return [CandidateRow(*row) for row in rows]

    def sources(self, candidate: int) -> Sequence[EscalationRow]:
        rows = self._do(
            f"SELECT {ESCALATION} FROM escalations JOIN candidate_sources AS s"
            " ON s.escalation = id WHERE s.candidate = ? ORDER BY s.origin DESC, id",
            (candidate,),
        )
        return [EscalationRow(*row) for row in rows]

    def taught(self, escalation: int) -> CandidateRow | None:
        row = self._do(
            f"SELECT {_CANDIDATE} FROM candidates WHERE id IN"
            " (SELECT candidate FROM candidate_sources WHERE escalation = ?) ORDER BY id LIMIT 1",
            (escalation,),
        ).fetchone()
        return CandidateRow(*row) if row else None

    def answered_with(self, answer: str) -> Sequence[EscalationRow]:
        rows = self._do(
            f"SELECT {ESCALATION} FROM escalations WHERE answered_at <> '' AND answer = ?"
            " ORDER BY id LIMIT 500",
            (answer,),
        )
        return [EscalationRow(*row) for row in rows]

    def add_candidate(self, row: CandidateRow) -> int:
        new: int = self._do(
            f"INSERT INTO candidates ({', '.join(_COLUMNS[1:])}) VALUES ({_VALUES}) RETURNING id",
            astuple(row)[1:],
        ).fetchone()[0]
        self._note(row.state)
        return new

    def add_source(self, candidate: int, escalation: int) -> bool:
        there = self._do("SELECT 1 FROM candidate_sources WHERE candidate = ?", (candidate,))
        added = self._do(
            "INSERT INTO candidate_sources (candidate, escalation, origin) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (candidate, escalation, int(there.fetchone() is None)),
        ).rowcount
        if added == 1:
            self._do("UPDATE candidates SET asked = asked + 1 WHERE id = ?", (candidate,))
        return added == 1

    def save_candidate(self, row: CandidateRow, was: str) -> bool:
        saved = self._do(
            f"UPDATE candidates SET {_SET} WHERE id = ? AND state = ?",
            (*astuple(row)[1:], row.id, was),
        ).rowcount
        if saved == 1:
            self._note(row.state, was)
        return saved == 1

    def remove_candidate(self, row: CandidateRow) -> None:
        self._do("DELETE FROM candidates WHERE id = ?", (row.id,))
        self._note(row.state)

    def _note(self, *states: str) -> None:
        if "approved" in states:
            self._do(
                "INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key)"
                " DO UPDATE SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT)",
                (REVISION,),
            )


def forget_asked(execute: Execute, which: str, values: tuple[object, ...]) -> None:
    """Before these escalations are erased: take their words out of the candidates. ``which``: a
    condition on ``escalations`` that takes ``values``."""
    learning = SqlLearning(execute)
    erased = f"escalation IN (SELECT id FROM escalations WHERE {which})"
    origins = execute(
        f"SELECT candidate FROM candidate_sources WHERE origin = 1 AND {erased}", values
    ).fetchall()
    execute(f"DELETE FROM candidate_sources WHERE {erased}", values)
    for (id,) in origins:
        row = learning.candidate(id)
        assert row is not None  # its sources refer to it
        if row.worded and row.state != "waiting":
            if row.state == "dismissed" and row.kind == "answer":
                learning.save_candidate(replace(row, answer=""), row.state)
            continue
        _take_over(execute, learning, row)


def _take_over(execute: Execute, learning: SqlLearning, row: CandidateRow) -> None:
    """Give the candidate the words of another source; without one it goes."""
    others = learning.sources(row.id)
    if not others:
        learning.remove_candidate(row)
        return
    other = others[0]
    own = {"question": " ".join(other.question.split()), "title": "", "button": "", "worded": 0}
    if row.kind == "answer":
        own["answer"] = other.answer
    learning.save_candidate(replace(row, **own), row.state)  # type: ignore[arg-type]  # by name
    execute(
        "UPDATE candidate_sources SET origin = 1 WHERE candidate = ? AND escalation = ?",
        (row.id, other.id),
    )
