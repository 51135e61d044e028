"""The life of a submitted application, as a table: ``decide(review, action, by, at)``.

Theory. An application is in one of seven stages. What somebody wants to do with it is an *action*;
the pair (action, stage) names one cell of ``TABLE``. A cell moves it to a stage or says why not; a
cell is never missing. Two things lie across the table:

- *The claim* is a lock. While it is in force nobody but its holder acts for staff; everybody else
  is told who holds it, and until when. It ends by itself at its time, which is compared with the
  time of the action: there is no clock here. After that its holder may still go on, as long as
  nobody else has taken it. It never stops the applicant.
- *Acting takes it.* Who asks for information holds the claim from then on, so that the new version
  comes back to them: the claim is renewed by the resubmission. A decision needs no lock any more.

To approve, one must hold the claim: nobody approves what they did not take up. To ask and to
decline it is enough that nobody else holds it.

``since`` is the time from which the application waits: for staff from the (re)submission, for the
applicant from the request; a claim moves no one forward in the queue and does not touch it.

Two people who act at once are two actions one after the other, each on what the one before left;
the second is refused, with the name of the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from dialogs.times import after

HELD = timedelta(hours=4)
"""how long a claim holds, from the latest thing that its holder did"""


class Stage(StrEnum):
    SUBMITTED = "submitted"
    """nobody has taken it up"""
    CLAIMED = "claimed"
    NEEDS_INFO = "needs_info"
    """the applicant is asked about some fields"""
    RESUBMITTED = "resubmitted"
    """they have answered; it waits for staff again"""
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """the applicant took it back"""


OPEN = (Stage.SUBMITTED, Stage.CLAIMED, Stage.NEEDS_INFO, Stage.RESUBMITTED)
CLOSED = (Stage.APPROVED, Stage.DECLINED, Stage.WITHDRAWN)

Action = Literal["claim", "release", "request", "resubmit", "approve", "decline", "withdraw"]
OF_APPLICANT = ("resubmit", "withdraw")
"""what is the applicant's own to do; the rest is for staff"""

Reason = Literal["held", "unclaimed", "not_asked", "decided", "withdrawn"]
"""why not: another person holds it; the actor does not; nothing was asked; it was decided; it was
withdrawn"""


@dataclass(frozen=True, slots=True)
class Claim:
    by: str
    until: str
    """ISO 8601, UTC; the lock is in force before it"""


@dataclass(frozen=True, slots=True)
class Review:
    """Where one application stands. Closed stages have no claim; "claimed" always has one."""

    stage: Stage = Stage.SUBMITTED
    since: str = ""
    """from when it waits, or when it was decided; ISO 8601, UTC"""
    by: str = ""
    """who of staff asked or decided last; empty where nobody did, or the applicant acted since"""
    claim: Claim | None = None
    version: int = 1
    """of the application: 1, and one more with each resubmission"""

    def __post_init__(self) -> None:
        if self.stage is Stage.CLAIMED and self.claim is None:
            raise ValueError("what is claimed is claimed by somebody")
        if self.stage in CLOSED and self.claim is not None:
            raise ValueError("what is decided is claimed by nobody")


@dataclass(frozen=True, slots=True)
class Denied:
    """Nothing has changed."""

    reason: Reason
    by: str = ""
    """held: who holds it; decided: who decided; empty where that is not known, or nobody"""
    at: str = ""
    """held: until when; decided, withdrawn: when it was"""


@dataclass(frozen=True, slots=True)
class Move:
    """A cell that allows the action."""

    to: Stage | None
    """None: back to where it waits for staff, ``submitted`` or ``resubmitted`` by its version"""
    claim: Literal["take", "renew", "drop"]
    """take: the actor holds it; renew: who held it last does, anew"""
    holder: bool = False
    """only for who holds the claim"""


_CLAIM = Move(Stage.CLAIMED, "take")
_TAKE_OVER = Move(Stage.NEEDS_INFO, "take")
_BACK = Move(None, "drop", holder=True)
_LET_GO = Move(Stage.NEEDS_INFO, "drop", holder=True)
_ASK = Move(Stage.NEEDS_INFO, "take")
_ANSWER = Move(Stage.RESUBMITTED, "renew")
_APPROVE = Move(Stage.APPROVED, "drop", holder=True)
_DECLINE = Move(Stage.DECLINED, "drop")
_WITHDRAW = Move(Stage.WITHDRAWN, "drop")
_nobodys: Reason = "unclaimed"
_unasked: Reason = "not_asked"
_over: Reason = "decided"
_gone: Reason = "withdrawn"

STAGES = (*OPEN, *CLOSED)

# fmt: off
_ROWS: dict[Action, tuple[Move | Reason, ...]] = {
    # action     submitted  claimed    needs info   resubmitted approved declined withdrawn
    "claim":    (_CLAIM,    _CLAIM,    _TAKE_OVER,  _CLAIM,     _over,   _over,   _gone),
    "release":  (_nobodys,  _BACK,     _LET_GO,     _BACK,      _over,   _over,   _gone),
    "request":  (_ASK,      _ASK,      _ASK,        _ASK,       _over,   _over,   _gone),
    "resubmit": (_unasked,  _unasked,  _ANSWER,     _unasked,   _over,   _over,   _gone),
    "approve":  (_nobodys,  _APPROVE,  _APPROVE,    _APPROVE,   _over,   _over,   _gone),
    "decline":  (_DECLINE,  _DECLINE,  _DECLINE,    _DECLINE,   _over,   _over,   _gone),
    "withdraw": (_WITHDRAW, _WITHDRAW, _WITHDRAW,   _WITHDRAW,  _over,   _over,   _gone),
}
# fmt: on

TABLE: dict[Stage, dict[Action, Move | Reason]] = {
    stage: {action: row[column] for action, row in _ROWS.items()}
    for column, stage in enumerate(STAGES)
}


def decide(review: Review, action: Action, by: str, at: str) -> Review | Denied:
    """The review after the action of ``by`` (empty for the applicant) at that time, or why not."""
    cell = TABLE[review.stage][action]
    holder = holder_of(review, at)
    if action not in OF_APPLICANT and holder is not None and holder.by != by:
        return Denied("held", holder.by, holder.until)
    if isinstance(cell, str):
        closed = review.stage in CLOSED
        return Denied(cell, review.by, review.since) if closed else Denied(cell)
    if cell.holder and (review.claim is None or review.claim.by != by):
        return Denied("unclaimed")
    waits = action in ("claim", "release")  # it goes on waiting as it did
    return Review(
        cell.to or (Stage.SUBMITTED if review.version == 1 else Stage.RESUBMITTED),
        review.since if waits else at,
        review.by if waits else by,
        _claim(review.claim, cell, by, at),
        review.version + (action == "resubmit"),
    )


def holder_of(review: Review, at: str) -> Claim | None:
    """The claim that is in force at that time."""
    return review.claim if review.claim is not None and at < review.claim.until else None


def offered(review: Review, at: str) -> tuple[Action, ...]:
    """What a card of it shows at that time, in the order of the table: what its holder may do, but
    for taking what they have; where nobody holds it, what anybody may do."""
    holder = holder_of(review, at)
    by = holder.by if holder is not None else ""
    return tuple(
        action
        for action in _ROWS
        if action not in OF_APPLICANT
        and not (holder is not None and action == "claim")
        and not isinstance(decide(review if holder else seen(review, at), action, by, at), Denied)
    )


def seen(review: Review, at: str) -> Review:
    """As a queue shows it at that time: a claim that has run out is none."""
    if review.claim is None or holder_of(review, at) is not None:
        return review
    stage = review.stage
    if stage is Stage.CLAIMED:
        stage = Stage.SUBMITTED if review.version == 1 else Stage.RESUBMITTED
    return replace(review, stage=stage, claim=None)


def public(stage: Stage) -> str:
    """The entry of the words that names the stage to the applicant."""
    return f"review.public.{stage.value}"


def internal(stage: Stage) -> str:
    """... to staff."""
    return f"review.internal.{stage.value}"


def _claim(claim: Claim | None, cell: Move, by: str, at: str) -> Claim | None:
    match cell.claim:
        case "take":
            return Claim(by, after(at, HELD))
        case "renew":
            return Claim(claim.by, after(at, HELD)) if claim is not None else None
        case "drop":
            return None
