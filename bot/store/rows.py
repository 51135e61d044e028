"""The store's rows as values. Times are ISO 8601 UTC with milliseconds and "Z"; JSON is text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


class StoreUnavailable(Exception):
    """The database is locked, full, read-only or gone. Not the message's fault: try again later.
    The text names the mend for the operator and nothing that a person wrote."""


class StoreError(Exception):
    """The operator's to mend before anything runs: a newer schema, a file that is no database, a
    second serving process. The text names what to do."""


class HalfFilled(StoreError):
    """Another database is being moved into this one, and that was interrupted."""

    def __init__(self, name: str, source: str) -> None:
        super().__init__(
            f"{name} is half filled from {source}: run `frontdesk move` again, which goes on."
        )


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


IMPORTED = "import"
"""channel of the conversations of imported records: nobody is behind one, and no process
serves it. ``person`` is the reference, ``chat`` the channel that the record first came through"""

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
    prompt {..., "said": {the same without the prompt}}; of an edit {..., "edit": the message that
    becomes this one}; of a deletion: {"message": "..."}; of a file that is made when it is sent:
    {"export": {...}}; of a home page: {"home": ...}"""
    conversation: int | None = None
    """the applicant's whose turn made it, also for a staff card; None for a notice"""
    thread: str = ""
    kind: Literal["send", "delete"] = "send"
    choices: str = "[]"
    """JSON: the meanings of its buttons, by index"""
    prompt: int = 0
    """0, QUESTION or KEYBOARD"""
    case_kind: str = ""
    """staff cards: "escalation" or "record"; what only tells of an escalation: "line"; what waits
    for a reply of staff: "decision" or "reason"; what did, and is "over"; empty for everything
    else"""
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
    ours: bool = True
    """False: another process sends in this chat, or has written there what this one has not read"""
    lasts: bool = True
    """False, of a row posted just now: nothing but a prompt, which a later turn may take back"""


ESCALATION = (
    "id, conversation, kind, question, path, reference, asked_at, answer, answered_at, answered_by"
)
"""the columns of an ``EscalationRow``"""


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


RecordState = Literal["submitted", "approved", "declined", "withdrawn"]


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One application handed off."""

    reference: str
    conversation: int
    number: int
    channel: str
    """that it came through, also where it was imported since"""
    submitted_at: str
    state: RecordState
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
class RequestDraft:
    """What a reviewer is about to ask an applicant, and has not sent."""

    reference: str
    version: int
    """of the application that they look at"""
    by: str
    asked: str
    """JSON: [[path, reason], ...]; a reason that is not written yet is empty"""


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
    a message that will not be delivered, an application that could not be handed on."""

    id: str
    """``turn-12``, ``update-13``, ``send-140``, ``delivery-7``: what ``frontdesk retry`` takes"""
    kind: Literal["turn", "update", "send", "delivery"]
    channel: str
    """for a delivery: its sink"""
    at: str
    error: str


HandedOn = Literal["submitted", "resubmitted", "approved", "declined", "withdrawn", "erased"]
"""what sinks hear of an application; each has a sentence ``handoff.<event>`` in the words"""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One event of an application on its way to one sink."""

    id: int
    sink: str
    reference: str
    event: HandedOn
    version: int
    """of the application as handed off, from 1; 0 where it is erased"""
    occasion: int
    """the stored event whose turn it was; 0 where it is erased"""
    happened_at: str
    due_at: str
    state: Literal["waiting", "held", "sent", "dead"]
    """held: behind a dead one of the same application"""
    attempts: int
    """that failed"""
    settled_at: str
    reason: str
    """of the latest failure, in our words; empty once it is sent"""

    @property
    def message(self) -> str:
        """The same at every attempt and at every sink, so that a repeat is recognised."""
        return f"{self.reference}_{self.event}_{self.occasion}"


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


class TallyRow(NamedTuple):
    """How often something happened: ``dialogs.funnel.Count``, and where."""

    day: str
    """empty in a sum over days"""
    field: str
    what: str
    detail: str
    bucket: int
    language: str
    channel: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class DraftRow:
    channel: str
    state: str
    """``dialogs.state.State`` as JSON"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, for whom and since when."""

    outbox_waiting: int
    oldest: str
    """when the oldest waiting message was written; empty where none waits"""
    outbox_dead: int
    deliveries_waiting: int
    deliveries_held: int
    deliveries_dead: int
    failures: int
    """turns and updates that could not be handled"""
    questions_open: int


@dataclass(frozen=True, slots=True)
class TombstoneRow:
    """What stays of an erased person: that it was done."""

    conversation: int
    reference: str
    """empty where nothing had been handed off"""
    erased_at: str
    erased_by: str


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A possible article made from a staff answer, or a question that is said to be not covered."""

    id: int
    """0 where it is not stored yet"""
    kind: Literal["answer", "not_covered"]
    state: Literal["waiting", "approved", "dismissed"]
    language: str
    question: str
    """ways to ask it, one a line"""
    answer: str
    """not covered: what the bot says instead; empty for its general sentence"""
    title: str = ""
    button: str = ""
    section: str = ""
    facts: str = ""
    """ids with a blank between: ``B1 N2``"""
    article: str = ""
    """the article's id, given with the approval"""
    worded: int = 0
    """1: the question is in a person's general words, no more in those of an applicant"""
    asked: int = 0
    """how many have asked it; stays when one of them is erased"""
    made_at: str = ""
    made_by: str = ""
    decided_at: str = ""
    decided_by: str = ""
    decided_role: str = ""

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(self.question.split("\n")) if self.question else ()
