"""A record's review: read from the store, moved by the table of ``dialogs.review``, written back.

Everything happens inside the caller's transaction, so of two who act at once the second meets what
the first has written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.store import Transaction
from bot.store.rows import RecordRow, ReviewRow
from dialogs.review import Action, Claim, Denied, Review, Stage, decide


@dataclass(frozen=True, slots=True)
class Moved:
    """It was carried out."""

    before: ReviewRow
    review: Review


def carry_out(
    tx: Transaction, reference: str, action: Action, by: str, at: str
) -> Moved | Denied | None:
    """Do it, if the table allows it. None: there is no such record."""
    row = tx.reviews.get(reference)
    if row is None:
        return None
    done = decide(review_of(row), action, by, at)
    if isinstance(done, Denied):
        return done
    if action != "claim" or row.claimed_by != by:
        tx.reviews.drop_draft(reference)  # what its reviewer was about to ask is overtaken
    tx.reviews.save(_row_of(row.record, done), at)
    return Moved(row, done)


def review_of(row: ReviewRow) -> Review:
    claim = Claim(row.claimed_by, row.claimed_until) if row.claimed_by else None
    return Review(Stage(row.stage), row.since, row.acted_by, claim, row.version)


def named(review: Review, name: Callable[[str], str]) -> Review:
    """The review for people: ``name`` gives what somebody of staff is called."""
    claim = review.claim
    if claim is not None:
        claim = replace(claim, by=name(claim.by))
    return replace(review, by=name(review.by) if review.by else "", claim=claim)


def _row_of(record: RecordRow, review: Review) -> ReviewRow:
    claim = review.claim
    return ReviewRow(
        record,
        review.stage.value,
        review.since,
        review.by,
        claim.by if claim is not None else "",
        claim.until if claim is not None else "",
        review.version,
    )
