"""The record of what was done: rows that are only added, each sealed with the one before it.

A row's hash covers all that stands in it and the hash of the row before, so whoever changes, adds
or removes one has to make all later ones anew; the head, a row of its own, tells where the chain
ends. Whoever can write the whole file can forge all of it: against that, a head that was noted
down elsewhere (``frontdesk audit --head``) is looked for in the chain.

No row holds a value. Where one matters, its digest is there, made with a random key of the row's
subject. The key is kept apart and goes when the subject is erased: then nobody can try values on
the digest, and the chain is as whole as before.

Rows are added in the transaction of the act. All who write wait for the head's row, so an act adds
its rows last.
"""

# ruff: noqa: S608 - what is put into a text is our own columns and conditions, never a value
from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.store.driver import Execute

GENESIS = "0" * 64
"""stands for the row before the first"""

# ``audit_head`` is one row for all who write: its lock puts them in order, and it tells where the
# chain ends, so that a cut end is seen. ``audit_keys``: what a subject's digests are made with.
TABLES = f"""
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    fields TEXT NOT NULL,
    digest TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) {{strict}};
CREATE INDEX audit_of_subject ON audit (subject, number);

CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL,
    hash TEXT NOT NULL
) {{strict}};
INSERT INTO audit_head (id, count, hash) VALUES (1, 0, '{GENESIS}');

CREATE TABLE audit_keys (
    subject TEXT PRIMARY KEY,
    conversation INTEGER REFERENCES conversations (id),
    key TEXT NOT NULL
) {{strict}};
CREATE INDEX audit_keys_of_conversation ON audit_keys (conversation);
"""

QUESTION_SUBJECT = "question-"
"""and the id of the escalation"""

PAGE = 10_000
"""rows read at a time"""


class AuditRow(NamedTuple):
    number: int
    """from 1, without gaps"""
    at: str
    actor: str
    """``slack:U1``, ``telegram:900``, ``cli:NAME``; "applicant"; "program" """
    action: str
    """one of ``bot.audit.ACTIONS``"""
    subject: str
    """a reference, ``question-12``, ``candidate-3``, ...: an id, never a name"""
    fields: str
    """JSON: the names of the fields, or ids, that it was about more closely"""
    digest: str
    """of what was written, with the subject's key; empty where nothing was"""
    previous: str
    """the hash of the row before"""
    hash: str = ""

    def sealed(self) -> str:
        """The hash that fits what stands in it."""
        text = json.dumps(self[:-1], ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class Head(NamedTuple):
    """Where the chain ends."""

    number: int
    """of the last row; 0: there is none yet"""
    hash: str


_ROW = ", ".join(AuditRow._fields)


class Audit:
    """Over one connection's ``execute``; the caller holds the transaction or the snapshot."""

    def __init__(self, execute: Execute) -> None:
        self._do = execute

    def add(
        self, at: str, actor: str, action: str, subject: str, fields: Sequence[str], digest: str
    ) -> AuditRow:
        # This takes the lock of the head; its hash is still that of the row before.
        number, previous = self._do(
            "UPDATE audit_head SET count = count + 1 WHERE id = 1 RETURNING count, hash", ()
        ).fetchone()
        listed = json.dumps(list(fields), ensure_ascii=False)
        row = AuditRow(number, at, actor, action, subject, listed, digest, previous)
        row = row._replace(hash=row.sealed())
        self._do(f"INSERT INTO audit ({_ROW}) VALUES ({', '.join('?' * len(row))})", row)
        self._do("UPDATE audit_head SET hash = ? WHERE id = 1", (row.hash,))
        return row

    def digest(self, subject: str, value: str) -> str:
        """Of a value of this subject. Empty where the subject is not there (any more), since its
        key could not be found when it is erased."""
        key = self._key(subject)
        if key is None:
            conversation = self._owner(subject)
            if conversation is None:
                return ""
            self._do(
                "INSERT INTO audit_keys (subject, conversation, key) VALUES (?, ?, ?)"
                " ON CONFLICT (subject) DO NOTHING",
                (subject, conversation or None, secrets.token_hex(32)),
            )
            key = self._key(subject)
        assert key is not None  # written above, or by another meanwhile
        return hmac.new(bytes.fromhex(key), value.encode(), hashlib.sha256).hexdigest()

    def fits(self, row: AuditRow, value: str) -> bool | None:
        """Is this what was written then? None where there is no digest, or its key is gone."""
        key = self._key(row.subject) if row.digest else None
        if key is None:
            return None
        made = hmac.new(bytes.fromhex(key), value.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(made, row.digest)

    def _key(self, subject: str) -> str | None:
        row = self._do("SELECT key FROM audit_keys WHERE subject = ?", (subject,)).fetchone()
        return str(row[0]) if row else None

    def _owner(self, subject: str) -> int | None:
        """The conversation that it is erased with; 0: of nobody's; None: it is not there."""
        kind, _, id = subject.partition("-")
        if kind == "candidate":
            return 0  # what is sealed of one was put into general words
        if subject.startswith(QUESTION_SUBJECT):
            asked, of = "SELECT conversation FROM escalations WHERE id = ?", int(id)
            row = self._do(asked, (of,)).fetchone()
        else:
            row = self._do(
                "SELECT conversation FROM records WHERE reference = ?", (subject,)
            ).fetchone()
        return int(row[0]) if row else None

    # what was done
    def head(self) -> Head:
        return Head(*self._do("SELECT count, hash FROM audit_head WHERE id = 1", ()).fetchone())

    def rows(self, since: str = "") -> Iterator[AuditRow]:
        """In their order, read by and by."""
        first = -(2**63)  # also before the first: somebody may have added one there
        while True:
            page = self._do(
                f"SELECT {_ROW} FROM audit WHERE number >= ? AND at >= ?"
                f" ORDER BY number LIMIT {PAGE}",
                (first, since),
            ).fetchall()
            yield from (AuditRow(*row) for row in page)
            if len(page) < PAGE:
                return
            first = page[-1][0] + 1

    def of(self, subjects: Sequence[str]) -> Sequence[AuditRow]:
        """What was done to these, in its order."""
        marks = ", ".join("?" * len(subjects))
        rows = self._do(
            f"SELECT {_ROW} FROM audit WHERE subject IN ({marks}) ORDER BY number",
            tuple(subjects),
        )
        return [AuditRow(*row) for row in rows]

    def vanished(self) -> tuple[str, int] | None:
        """A reference that was received and is not there, and the row that says so, where no row
        says that it was erased."""
        row = self._do(
            "SELECT subject, number FROM audit AS a WHERE action IN ('submitted', 'imported')"
            " AND NOT EXISTS (SELECT 1 FROM records AS r WHERE r.reference = a.subject)"
            " AND NOT EXISTS (SELECT 1 FROM audit AS e WHERE e.subject = a.subject"
            " AND e.action = 'erased') ORDER BY number LIMIT 1",
            (),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def asked_about(self, reference: str) -> Sequence[str]:
        """The subjects of the questions that were asked about this application and are kept."""
        rows = self._do("SELECT id FROM escalations WHERE reference = ? ORDER BY id", (reference,))
        return [f"{QUESTION_SUBJECT}{id}" for (id,) in rows]
