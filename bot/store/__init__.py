"""The store: what it must do, whichever database does it. Rows are in ``rows.py``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from bot.store.audit import Audit
from bot.store.colleagues import Colleagues
from bot.store.deliveries import Deliveries
from bot.store.desk import Desk
from bot.store.homes import Homes
from bot.store.lanes import Channels
from bot.store.marks import Marks
from bot.store.reviews import Reviews
from bot.store.rows import (
    QUESTION,
    Backlog,
    CandidateRow,
    ConversationRow,
    DueRow,
    EscalationRow,
    FailedEvent,
    FailureRow,
    NewOutbox,
    OutboxRow,
    RecordRow,
    TombstoneRow,
)
from bot.store.tallies import Tallies
from bot.store.told import Told

T = TypeVar("T")

TRACES = "traces"
"""in ``meta``: the latest erase, until ``Store.shrink`` has left no byte of it; then empty"""


class Learnt(Protocol):
    """What staff answers have taught, to be read."""

    def revision(self) -> int:
        """Another one whenever what is in force changed: approved, edited, withdrawn, erased."""

    def candidate(self, id: int) -> CandidateRow | None: ...

    def candidates(self, *states: str) -> Sequence[CandidateRow]:
        """In these states, oldest first."""

    def sources(self, candidate: int) -> Sequence[EscalationRow]:
        """The questions that it stems from, as far as they are kept; the one whose words it has
        comes first."""

    def taught(self, escalation: int) -> CandidateRow | None:
        """The candidate that this question is a source of."""

    def answered_with(self, answer: str) -> Sequence[EscalationRow]:
        """Questions that got exactly this answer, oldest first; at most 500."""


class Learning(Learnt, Protocol):
    """... and to be changed, inside a transaction."""

    def add_candidate(self, row: CandidateRow) -> int: ...

    def add_source(self, candidate: int, escalation: int) -> bool:
        """Counts it as asked once more. The first one is where the words come from. False where
        it is one already."""

    def save_candidate(self, row: CandidateRow, was: str) -> bool:
        """Write the row; False where it is no longer in the state ``was``."""


class Transaction(Protocol):
    """What one turn may do: all of it or nothing. Methods are synchronous and touch no network."""

    @property
    def told(self) -> Told: ...
    @property
    def learning(self) -> Learning: ...

    @property
    def tallies(self) -> Tallies: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def reviews(self) -> Reviews: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def homes(self) -> Homes: ...

    @property
    def marks(self) -> Marks: ...

    @property
    def colleagues(self) -> Colleagues: ...

    @property
    def desk(self) -> Desk: ...

    # a turn
    def add_event(
        self, key: str, conversation: int | None, body: str, platform_at: str, at: str
    ) -> int | None:
        """The event's id, or None where its key was seen before. Only an event that belongs to no
        applicant has no conversation: ``forget`` would not find it."""

    def find_conversation(self, channel: str, person: str) -> ConversationRow | None: ...

    def conversation(self, id: int) -> ConversationRow | None: ...

    def open_conversation(
        self, channel: str, person: str, chat: str, thread: str, at: str
    ) -> ConversationRow:
        """The person's conversation, made where there is none; chat and thread as they are now."""

    def save_state(self, conversation: int, state: str, at: str) -> None:
        """Also counts up the version."""

    def post(self, row: NewOutbox, at: str) -> int:
        """The new outbox row's id. Due at once."""

    def ours(self, row: int) -> bool:
        """``OutboxRow.ours`` of a row that was posted in this transaction."""

    def supersede(
        self, row: ConversationRow, by: int, *, most: int = QUESTION
    ) -> Mapping[int, str | None]:
        """Take back this conversation's prompts that wait in its chat and are older than the outbox
        row ``by``, which stands for them now: what a row says before its prompt is still sent, a
        row that is nothing else is not. ``most``: QUESTION; KEYBOARD takes back both kinds. Gives
        the changed rows: id -> its body now, or None where it is not to be sent."""

    def choice(self, row: int, index: int, channel: str, chat: str) -> str | None:
        """The meaning (JSON) of a button, if the row went to this very chat; else None."""

    def case(self, channel: str, chat: str, message: str) -> tuple[str, str] | None:
        """(case_kind, case_id) of the staff card that this sent message is; else None."""

    def add_escalation(
        self, conversation: int, kind: str, question: str, path: str, reference: str, at: str
    ) -> int: ...

    def escalation(self, id: int) -> EscalationRow | None: ...

    def questions(self) -> Sequence[EscalationRow]:
        """Waiting for an answer, oldest first."""

    def answer_escalation(self, id: int, answer: str, by: str, at: str) -> bool:
        """False where it was answered before."""

    def add_record(
        self, reference: str, conversation: int, number: int, body: str, at: str
    ) -> None:
        """Raises ``RecordExists`` where the reference, or this conversation's number, has one."""

    def take_record(self, row: RecordRow, at: str) -> Literal["taken", "there", "erased"]:
        """Take a record of another store as it is, with a conversation of its own (``IMPORTED``);
        ``row.conversation`` and ``number`` do not count. Changes nothing where the reference is
        there, or was erased here: what somebody had erased must not come back."""

    def remind(self, conversation: int, kind: str, due_at: str) -> None:
        """Replaces an earlier one of the kind; ``fire`` of the earlier one then gives False."""

    def due(self, now: str) -> Sequence[DueRow]:
        """What is due, longest overdue first; at most 500 at a time."""

    def fire(self, due: int) -> bool:
        """Take a due row away; False where it is gone already."""

    def noticed(self, channel: str, chat: str, words: str) -> bool:
        """Mark that this chat was given this notice; True where it was given before."""

    def add_failed_event(
        self,
        key: str,
        conversation: int | None,
        body: str,
        platform_at: str,
        at: str,
        error: str,
        kind: Literal["turn", "update"] = "turn",
    ) -> int | None:
        """Keep an event that could not be taken. Its key counts as seen. Where it failed before
        (a retry), the error is the new one. The event's id; None where it had been taken well."""

    def failed_event(self, id: int) -> FailedEvent | None: ...

    def clear_failure(self, id: int) -> bool:
        """Take the failed event away, key and all, so that it can be taken again in the same job.
        False where there is none."""

    def revive(self, id: int, at: str) -> bool:
        """Send a dead letter again. False where the row is not dead."""

    def forget(
        self, conversation: int, references: Sequence[str], by: str, at: str
    ) -> Sequence[str]:
        """Erase all that is kept of the person; gives the references of what is gone, these among
        them. What stays: tombstones, the record of what was done (``audit.py``), the dedupe keys
        (without bodies) so that nothing is taken twice, the conversation's row without its state,
        and unsent deletions of the messages about them in other chats (staff cards), and what a
        person has put into general words of their questions (approved answers). Whatever is
        posted before this in the same job goes too: post the goodbye after it. To leave no byte
        behind, call ``Store.shrink`` once it is committed."""

    def forget_since(self, conversation: int, since: str, by: str, at: str) -> None:
        """Erase what was said after that time: the bodies of its events, the messages that answered
        them (those not sent yet stay: they say something new), what was told with them from the
        articles, the questions that staff were asked about no application, with their cards.
        Records and what staff did with them stay, the state and the rest too, and so does a
        tombstone. As with ``forget``, call ``Store.shrink`` once it is committed."""

    def forget_home(self, channel: str, person: str, chat: str, at: str) -> bool:
        """Erase that somebody has looked at their home page, who has no conversation; ``chat``: the
        lane of its pages. False where they never did. Call ``Store.shrink`` here too."""

    # the courier
    def last_refusal(self, conversation: int) -> str:
        """Why the latest message to the person was refused for good; empty where it was sent."""

    def unsent(
        self, now: str, limit: int, busy: Collection[tuple[str, str]] = (), of: Channels = None
    ) -> Sequence[OutboxRow]:
        """Rows due, oldest first; within one chat only up to the first that is not due. ``busy``:
        (channel, chat) pairs to leave out, so that one slow chat starves no other. ``of``: ``busy``
        leaves out all but these channels, so their rows need not be read."""

    def astray(self) -> Sequence[tuple[str, str]]:
        """(channel, chat) of those that this process sends in and another one has written to."""

    def mark_sent(self, id: int, message: str, at: str) -> bool:
        """Where the row was erased while it was under way, posts the deletion of the message.
        True: the chat is astray, or another process has taken it: read its rows anew."""

    def mark_later(self, id: int, due_at: str, reason: str) -> bool:
        """Also counts up the attempts. False where the row waits no more (it was erased or taken
        back while it was under way): it must not be sent again."""

    def mark_dead(self, id: int, reason: str, at: str) -> bool:
        """As ``mark_sent``."""

    # small settings of the store itself
    def get_meta(self, key: str) -> str | None: ...

    def set_meta(self, key: str, value: str) -> None: ...


class Store(Protocol):
    @property
    def name(self) -> str:
        """As people may see it: a path, or an address without a password."""

    @property
    def shared(self) -> bool:
        """Several processes may serve it."""

    @property
    def awake(self) -> bool:
        """False: others may count this process as gone and send what it was to send."""

    @property
    def living(self) -> int:
        """How many processes serve it at the moment, this one counted."""

    def carry(
        self,
        table: str,
        channels: Collection[str],
        reaches: Callable[[str, str], bool],
        wake: Callable[[], None],
    ) -> None:
        """From now on, until it is closed, this process sends what waits in these channels of the
        table, as far as it ``reaches`` (channel, chat). ``wake`` is called, in the loop, when
        others have left something to it. Of several processes one at a time has a chat."""

    async def run(self, job: Callable[[Transaction], T]) -> T:
        """Run the job in a transaction, or in its own savepoint of one. Resolves after the COMMIT.
        What the job raises rolls back the job alone and comes out here. Raises
        ``StoreUnavailable`` where the database would not take it. The job runs on another thread,
        perhaps beside others, and again where the transaction failed: it must change nothing but
        the transaction. Cancelling the caller does not take back a job that is queued."""

    async def changed(self, watcher: str = "") -> bool:
        """Has another process written, since this watcher's last call, what it is not woken for,
        or has this one what it was never told of? May say so once too often, never too seldom."""

    async def read(self, query: Callable[[Reports], T]) -> T:
        """Run a report off the writer, on one snapshot. Iterators must be used up inside it."""

    async def shrink(self, patience: float = 10.0) -> None:
        """After an erase: leave no old page in the write-ahead log. Tried for ``patience``
        seconds while readers are busy, then raises ``StoreUnavailable``, and ``TRACES`` stays. It
        stays too where this held everybody up for long just now: a later call is to do it then."""

    async def close(self) -> None:
        """Finish what is queued, then let go of the files."""


class Reports(Protocol):
    """What staff and operators look at; works beside a serving process."""

    @property
    def told(self) -> Told: ...
    @property
    def learning(self) -> Learnt: ...

    @property
    def tallies(self) -> Tallies: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def reviews(self) -> Reviews: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def marks(self) -> Marks: ...

    @property
    def colleagues(self) -> Colleagues: ...

    @property
    def desk(self) -> Desk: ...

    def record(self, reference: str) -> RecordRow | None: ...

    def records(self, since: str = "", until: str = "", state: str = "") -> Iterator[RecordRow]:
        """In the order of their submission; both times belong to what is given, and an empty text
        is no condition."""

    def count_records(self, since: str = "", until: str = "", state: str = "") -> int: ...

    def questions(self) -> Sequence[EscalationRow]:
        """Waiting for an answer, oldest first."""

    def escalation(self, id: int) -> EscalationRow | None: ...

    def conversation(self, id: int) -> ConversationRow | None: ...

    def conversations_of(self, channel: str, person: str) -> Sequence[ConversationRow]: ...

    def failures(self) -> Sequence[FailureRow]: ...

    def waiting(self) -> int:
        """How many outbox rows are neither sent nor dead."""

    def backlog(self) -> Backlog:
        """What waits; costs as much as waits, not as much as is stored."""

    def open_by_conversation(self, conversation: int) -> Sequence[RecordRow]:
        """Of one conversation what staff have, oldest first."""

    def tombstone(self, reference: str) -> TombstoneRow | None:
        """The latest, where that application was erased."""


class Carried(Protocol):
    """What a courier needs of the rows that it carries; ``Transaction`` says what each means."""

    def unsent(
        self, now: str, limit: int, busy: Collection[tuple[str, str]] = (), of: Channels = None
    ) -> Sequence[OutboxRow]: ...

    def astray(self) -> Sequence[tuple[str, str]]: ...

    def mark_sent(self, id: int, message: str, at: str) -> bool: ...

    def mark_later(self, id: int, due_at: str, reason: str) -> bool: ...

    def mark_dead(self, id: int, reason: str, at: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a courier empties."""

    name: str
    of: Callable[[Transaction], Carried]


OUTBOX = Table("outbox", lambda tx: tx)
DELIVERIES = Table("deliveries", lambda tx: tx.deliveries)
"""a row's channel is its sink, its chat the application's reference"""
