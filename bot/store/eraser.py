"""Erasing: all of a person, or what was said since a time. Only tombstones stay in its place."""

# ruff: noqa: S608 - what is put into a text is our own conditions, never a value
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from bot.store import TRACES, Transaction
from bot.store.audit import QUESTION_SUBJECT
from bot.store.desk import forget_cards
from bot.store.driver import Execute
from bot.store.lanes import OUTBOX, Lanes
from bot.store.learning import forget_asked
from bot.store.rows import ConversationRow, NewOutbox

PERSONS = (
    "audit_keys",
    "marks",
    "unmarked",
    "staff_notes",
    "question_cards",
    "escalations",
    "request_drafts",
    "versions",
    "requests",
    "decisions",
    "reviews",
    "records",
    "dues",
    "told",
    "untallied",
)
"""tables whose rows of a person go, those that point to others first"""

# All that follow take (conversation, since).
SAID = """(
    SELECT id FROM events WHERE conversation = ?
    AND CASE WHEN platform_at <> '' THEN platform_at ELSE received_at END > ?)"""
ASKED = "(SELECT id FROM escalations WHERE conversation = ? AND asked_at > ? AND reference = '')"
AMONG_SINCE = f"""(
    (case_kind = '' AND state <> 'waiting' AND event IN {SAID})
    OR (case_kind IN ('escalation', 'line') AND case_id IN (
        SELECT CAST(id AS TEXT) FROM {ASKED} AS asked))
    OR (case_kind = 'candidate' AND case_id IN (
        SELECT CAST(candidate AS TEXT) FROM candidate_sources WHERE escalation IN {ASKED})))"""


class Eraser:
    """Does what ``Transaction.forget`` and ``forget_since`` promise, inside the transaction."""

    def __init__(self, tx: Transaction, execute: Execute, lanes: Lanes) -> None:
        self._tx = tx
        self._do = execute
        self._lanes = lanes

    def forget(
        self, conversation: int, references: Sequence[str], by: str, at: str
    ) -> Sequence[str]:
        person = self._tx.conversation(conversation)
        if person is None:
            return ()
        handed_off = self._do(
            "SELECT reference FROM records WHERE conversation = ? ORDER BY number", (conversation,)
        )
        gone = dict.fromkeys([*references, *(row[0] for row in handed_off)]) or {"": None}

        self._forget_messages(person, at)
        self._do(
            "UPDATE events SET body = '', error = '', erased = 1 WHERE conversation = ?",
            (conversation,),
        )
        self._forget_strays(person)
        forget_asked(self._do, "conversation = ?", (conversation,))
        for side in ("one", "other"):
            self._do(
                f"DELETE FROM distinct_pairs WHERE {side} IN"
                " (SELECT reference FROM records WHERE conversation = ?)",
                (conversation,),
            )
        for table in PERSONS:
            self._do(f"DELETE FROM {table} WHERE conversation = ?", (conversation,))
        self._do(
            "DELETE FROM notices WHERE channel = ? AND chat = ?", (person.channel, person.chat)
        )
        self._tx.deliveries.forget((reference for reference in gone if reference), at)
        self._tx.save_state(conversation, "", at)
        self._bury(conversation, gone, by, at)
        return [reference for reference in gone if reference]

    def forget_since(self, conversation: int, since: str, by: str, at: str) -> None:
        person = self._tx.conversation(conversation)
        if person is None:
            return
        later = (conversation, since)
        self._forget_messages(person, at, AMONG_SINCE, (*later, *later, *later))
        self._do(f"UPDATE events SET body = '', error = '', erased = 1 WHERE id IN {SAID}", later)
        self._forget_strays(person)
        forget_asked(self._do, f"id IN {ASKED}", later)
        self._do(
            "DELETE FROM audit_keys WHERE subject IN"
            f" (SELECT '{QUESTION_SUBJECT}' || CAST(id AS TEXT) FROM {ASKED} AS asked)",
            later,
        )
        forget_cards(self._do, f"escalation IN {ASKED}", later)
        self._do(f"DELETE FROM escalations WHERE id IN {ASKED}", later)
        self._do(f"DELETE FROM told WHERE event IN {SAID}", later)
        self._bury(conversation, ("",), by, at)

    def forget_home(self, channel: str, person: str, chat: str, at: str) -> bool:
        opened = self._do(
            "DELETE FROM homes WHERE channel = ? AND person = ? RETURNING person", (channel, person)
        ).fetchone()
        if opened is None:
            return False
        lane = "channel = ? AND chat = ?"
        self._lanes.touch(OUTBOX, lane, (channel, chat))
        self._do(f"DELETE FROM outbox WHERE {lane}", (channel, chat))
        self._tx.set_meta(TRACES, f"home {at}")
        return True

    def _bury(self, conversation: int, references: Iterable[str], by: str, at: str) -> None:
        self._tx.set_meta(TRACES, f"{conversation} {at}")
        for reference in references:
            self._do(
                "INSERT INTO tombstones (conversation, reference, erased_at, erased_by)"
                " VALUES (?, ?, ?, ?)",
                (conversation, reference, at, by),
            )

    def _forget_messages(
        self,
        person: ConversationRow,
        at: str,
        among: str = "1 = 1",
        values: tuple[object, ...] = (),
    ) -> None:
        """What was sent about the person elsewhere gets a deletion; a card that the courier may
        hold this moment stays as an empty row, so that ``mark_sent`` can delete its message."""
        elsewhere = "(case_kind <> '' OR channel <> ? OR chat <> ?)"
        theirs = (person.id, *values, person.channel, person.chat)
        self._lanes.touch(OUTBOX, f"conversation = ? AND {among}", (person.id, *values))
        # Once each: a message that was changed has a row for each change.
        sent = self._do(
            "SELECT channel, chat, max(thread), message FROM outbox WHERE conversation = ?"
            f" AND {among} AND {elsewhere} AND state = 'sent' AND message <> ''"
            " GROUP BY channel, chat, message ORDER BY min(id)",
            theirs,
        ).fetchall()
        self._do(
            f"DELETE FROM outbox WHERE conversation = ? AND {among}"
            f" AND NOT ({elsewhere} AND state = 'waiting')",
            theirs,
        )
        self._do(
            "UPDATE outbox SET state = 'erased', conversation = NULL, event = NULL, body = '',"
            " choices = '[]', case_kind = '', case_id = '', reason = ''"
            f" WHERE conversation = ? AND {among}",
            (person.id, *values),
        )
        for channel, chat, thread, message in sent:
            post_deletion(self._tx, channel, chat, thread, message, at)

    def _forget_strays(self, person: ConversationRow) -> None:
        """Failed events that never found their conversation: those that name the person."""
        names = [re.escape(name) for name in (person.person, person.chat) if name]
        named = re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)")
        strays = self._do(
            "SELECT id, key, body, error FROM events WHERE error <> '' AND conversation IS NULL", ()
        ).fetchall()
        for id_, key, body, error in strays:
            if names and key.startswith(person.channel + ":") and named.search(f"{body}\n{error}"):
                self._do("UPDATE events SET body = '', error = '', erased = 1 WHERE id = ?", (id_,))


def post_deletion(
    tx: Transaction, channel: str, chat: str, thread: str, message: str, at: str
) -> None:
    """Have a message that was sent taken back."""
    body = json.dumps({"message": message})
    tx.post(NewOutbox(channel, chat, body, thread=thread, kind="delete"), at)
