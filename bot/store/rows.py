"""The store's rows as values. Times are ISO 8601 UTC with milliseconds and "Z"; JSON is text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class StoreUnavailable(Exception):
    """The database is locked, full, read-only or gone. Not the message's fault: try again later.
    The text names the mend for the operator and nothing that a person wrote."""


class StoreError(Exception):
    """The operator's to mend before anything runs: a newer schema, a file that is no database, a
    second serving process. The text names what to do."""


class RecordExists(Exception):
    """The reference, or this conversation's number, was handed off already. Raised inside the
    job: let it end the job, since PostgreSQL takes no further statement after it."""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    id: int
    channel: str
    person: str
    chat: str
    thread: str
    state: str
    """``dialogs.state.State`` as JSON; empty for a new conversation"""
    version: int
    """counts the turns"""


QUESTION = 1
"""``NewOutbox.prompt``: it ends in a question; a later question takes its place"""
KEYBOARD = 2
"""... it goes with the open question, and is needless only once that one is no longer open"""


@dataclass(frozen=True, slots=True)
class NewOutbox:
    """A message committed and not yet sent."""

    channel: str
    chat: str
    body: str
    """JSON of the payload: {"body": ..., "plain": ...}, and where something is said before the
    prompt {..., "said": {the same without the prompt}}; of a deletion: {"message": "..."}"""
    conversation: int | None = None
    """the applicant's whose turn made it, also for a staff card; None for a notice"""
    thread: str = ""
    kind: Literal["send", "delete"] = "send"
    choices: str = "[]"
    """JSON: the meanings of its buttons, by index"""
    prompt: int = 0
    """0, QUESTION or KEYBOARD"""
    case_kind: str = ""
    """staff cards: "escalation" or "record"; empty for everything else"""
    case_id: str = ""
    event: int | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    id: int
    channel: str
    chat: str
    thread: str
    kind: Literal["send", "delete"]
    body: str
    attempts: int
    due_at: str
    case_kind: str = ""
    case_id: str = ""
    conversation: int | None = None


@dataclass(frozen=True, slots=True)
class EscalationRow:
    id: int
    conversation: int
    kind: Literal["question", "person", "change"]
    question: str
    path: str
    reference: str
    asked_at: str
    answer: str
    """empty while it waits"""
    answered_at: str
    answered_by: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One application handed off."""

    reference: str
    conversation: int
    number: int
    channel: str
    submitted_at: str
    state: Literal["submitted", "approved", "declined", "withdrawn"]
    """submitted: staff have it; what they do with it is in ``ReviewRow``"""
    changed_at: str
    body: str
    """JSON of ``dialogs.record``; of the latest version"""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """Where a record stands in its review."""

    record: RecordRow
    stage: str
    """of ``dialogs.review.Stage``"""
    since: str
    """from when it waits for staff or for the applicant; or when it was closed"""
    acted_by: str
    """who of staff asked or decided; empty where nobody did, or the applicant acted since"""
    claimed_by: str
    """whose lock it is, or was if its time is over; empty: nobody's"""
    claimed_until: str
    version: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    reference: str
    number: int
    body: str
    submitted_at: str
    request: int
    """the id of the request that it answers; 0 for the first version"""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """Staff asked about some answers."""

    id: int
    reference: str
    version: int
    """of the record that they had read"""
    asked: str
    """JSON: [path, reason] of each"""
    asked_at: str
    asked_by: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    reference: str
    verdict: Literal["approved", "declined"]
    message: str
    """as the applicant read it under the decision; empty: none"""
    decided_at: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class FailureRow:
    """Something that did not go as it should: a turn that raised, an update that did not parse,
    a message that will not be delivered."""

    id: str
    """``turn-12``, ``update-13``, ``send-140``: what ``frontdesk retry`` takes"""
    kind: Literal["turn", "update", "send"]
    channel: str
    at: str
    error: str


@dataclass(frozen=True, slots=True)
class DueRow:
    id: int
    conversation: int
    kind: str
    due_at: str


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """What ``frontdesk retry turn-12`` takes up again."""

    id: int
    key: str
    kind: Literal["turn", "update"]
    conversation: int | None
    body: str
    """the event as stored; of an update, the raw text that did not parse"""
    platform_at: str
    received_at: str
    error: str


@dataclass(frozen=True, slots=True)
class ToldRow:
    """An article that a person was told."""

    id: int
    conversation: int
    article: str
    language: str
    """of the words that they read"""
    version: str
    substance: str
    """``knowledge.article.Article.substance`` of it as it was then"""
    at: str


@dataclass(frozen=True, slots=True)
class ReliedRow:
    """A person who was told of an article, last, something else than what is in force now."""

    told: ToldRow
    channel: str
    state: str
    """``dialogs.state.State`` as JSON"""
    reference: str
    """of their latest application that staff have; empty where they have none"""


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A version of an article that was in force once, as people read it."""

    article: str
    language: str
    version: str
    substance: str
    title: str
    source: str
    passage: str
    first_seen_at: str
    in_force_since: str = ""
    """empty where it is in force no more"""
    announced_at: str = ""
    """when staff were told that people had been told something else; empty where they were not"""


@dataclass(frozen=True, slots=True)
class TombstoneRow:
    """What stays of an erased person: that it was done."""

    conversation: int
    reference: str
    """empty where nothing had been handed off"""
    erased_at: str
    erased_by: str
