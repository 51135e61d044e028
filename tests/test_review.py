"""The review table: every cell written out again, and a model that two reviewers play with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.clock import stamp
from dialogs.review import (
    CLOSED,
    HELD,
    OF_APPLICANT,
    OPEN,
    STAGES,
    TABLE,
    Action,
    Claim,
    Denied,
    Review,
    Stage,
    decide,
    holder_of,
    internal,
    public,
    seen,
)
from tests.speaking import script

BEGIN = datetime(2026, 11, 22, 10, tzinfo=UTC)
NOW = stamp(BEGIN)
BEFORE, LATER = stamp(BEGIN - timedelta(hours=1)), stamp(BEGIN + HELD)
AGO = stamp(BEGIN - timedelta(days=2))


def held_by(name: str, until: str = LATER) -> Claim:
    return Claim(name, until)


def at_stage(stage: Stage, claim: Claim | None = None) -> Review:
    """A review at this stage; open ones of version 1, but for what was sent again."""
    if stage is Stage.CLAIMED:
        claim = claim or held_by("Ana")
    version = 2 if stage is Stage.RESUBMITTED else 1
    return Review(stage, AGO, "Ana" if stage not in OPEN else "", claim, version)


# --- the table is whole ---


def test_every_stage_has_a_cell_for_every_action() -> None:
    assert set(TABLE) == set(Stage) == set(STAGES)
    actions = set(get_args(Action))
    assert {stage: set(row) for stage, row in TABLE.items()} == dict.fromkeys(Stage, actions)
    assert set(OPEN) | set(CLOSED) == set(Stage)
    assert set(OF_APPLICANT) < actions


EXPECTED = {
    # What becomes of what Ana does while she holds it ("Ben": he does; "-": nobody does).
    # stage, who holds it: claim, release, request, resubmit, approve, decline, withdraw
    ("submitted", "-"): "claimed unclaimed needs_info not_asked unclaimed declined withdrawn",
    ("claimed", "Ana"): "claimed submitted needs_info not_asked approved declined withdrawn",
    ("claimed", "Ben"): "held held held not_asked held held withdrawn",
    ("needs_info", "-"): "needs_info unclaimed needs_info resubmitted unclaimed declined withdrawn",
    ("needs_info", "Ana"): "needs_info needs_info needs_info resubmitted approved declined"
    " withdrawn",
    ("needs_info", "Ben"): "held held held resubmitted held held withdrawn",
    ("resubmitted", "-"): "claimed unclaimed needs_info not_asked unclaimed declined withdrawn",
    ("resubmitted", "Ana"): "claimed resubmitted needs_info not_asked approved declined withdrawn",
    ("resubmitted", "Ben"): "held held held not_asked held held withdrawn",
    ("approved", "-"): "decided " * 7,
    ("declined", "-"): "decided " * 7,
    ("withdrawn", "-"): "withdrawn! " * 7,
}
ACTIONS: tuple[Action, ...] = get_args(Action)


@pytest.mark.parametrize(("stage", "holder"), EXPECTED)
@pytest.mark.parametrize("action", ACTIONS)
def test_what_ana_may_do(stage: str, holder: str, action: Action) -> None:
    review = at_stage(Stage(stage), None if holder == "-" else held_by(holder))
    by = "" if action in OF_APPLICANT else "Ana"
    done = decide(review, action, by, NOW)
    wanted = EXPECTED[stage, holder].split()[ACTIONS.index(action)]
    if isinstance(done, Denied):
        marked = f"{done.reason}!" if done.reason == "withdrawn" else done.reason
        assert marked == wanted
    else:
        assert done.stage.value == wanted


def test_the_expected_table_has_each_stage() -> None:
    assert {Stage(stage) for stage, _ in EXPECTED} == set(Stage)


# --- the lock ---


@pytest.mark.parametrize("stage", [Stage.CLAIMED, Stage.NEEDS_INFO, Stage.RESUBMITTED])
@pytest.mark.parametrize("action", ["claim", "request", "decline"])
def test_a_claim_ends_at_its_time_and_anybody_may_go_on(stage: Stage, action: Action) -> None:
    review = at_stage(stage, held_by("Ana", NOW))
    assert not isinstance(decide(review, action, "Ben", NOW), Denied)
    still = at_stage(stage, held_by("Ana", LATER))
    assert decide(still, action, "Ben", NOW) == Denied("held", "Ana", LATER)


def test_who_held_it_last_goes_on_while_nobody_else_took_it() -> None:
    review = at_stage(Stage.CLAIMED, held_by("Ana", BEFORE))
    done = decide(review, "approve", "Ana", NOW)
    assert isinstance(done, Review)
    assert done.stage is Stage.APPROVED
    assert decide(review, "approve", "Ben", NOW) == Denied("unclaimed")


def test_a_claim_that_ran_out_is_shown_as_none() -> None:
    review = at_stage(Stage.CLAIMED, held_by("Ana", NOW))
    assert seen(review, BEFORE) == review
    assert seen(review, NOW) == Review(Stage.SUBMITTED, AGO)
    again = at_stage(Stage.RESUBMITTED, held_by("Ana", NOW))
    claimed = decide(again, "claim", "Ben", NOW)
    assert isinstance(claimed, Review)
    assert seen(claimed, LATER).stage is Stage.RESUBMITTED, "it had been answered before"


def test_the_new_version_comes_back_to_who_asked_however_long_it_took() -> None:
    asked = decide(at_stage(Stage.SUBMITTED), "request", "Ana", AGO)
    assert isinstance(asked, Review)
    assert holder_of(asked, NOW) is None
    sent = decide(asked, "resubmit", "", NOW)
    assert isinstance(sent, Review)
    assert (sent.stage, sent.version, sent.since) == (Stage.RESUBMITTED, 2, NOW)
    assert holder_of(sent, NOW) == Claim("Ana", LATER)


def test_a_claim_moves_nobody_in_the_queue() -> None:
    for action in ("claim", "release"):
        done = decide(at_stage(Stage.CLAIMED), action, "Ana", NOW)
        assert isinstance(done, Review)
        assert done.since == AGO


def test_of_two_who_act_at_once_the_second_hears_of_the_first() -> None:
    first = decide(at_stage(Stage.SUBMITTED), "claim", "Ana", NOW)
    assert isinstance(first, Review)
    assert decide(first, "claim", "Ben", NOW) == Denied("held", "Ana", LATER)
    declined = decide(first, "decline", "Ana", NOW)
    assert isinstance(declined, Review)
    assert decide(declined, "approve", "Ben", NOW) == Denied("decided", "Ana", NOW)


def test_what_cannot_be_is_no_review() -> None:
    with pytest.raises(ValueError, match="claimed by somebody"):
        Review(Stage.CLAIMED)
    with pytest.raises(ValueError, match="claimed by nobody"):
        Review(Stage.APPROVED, claim=held_by("Ana"))


@pytest.mark.parametrize("code", list(script().wording.languages))
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_a_name_for_staff_and_one_for_the_applicant(
    stage: Stage, code: str
) -> None:
    for key in (internal(stage), public(stage)):
        assert script().wording.languages[code].texts[key]


def test_the_applicant_does_not_see_who_works_on_it() -> None:
    text = script().wording.text
    under_review = {
        text("en", public(stage)) for stage in (Stage.SUBMITTED, Stage.CLAIMED, Stage.RESUBMITTED)
    }
    assert under_review == {"Under review"}


# --- two reviewers, an applicant and a clock ---

NAMES = st.sampled_from(["Ana", "Ben"])


class Desk(RuleBasedStateMachine):
    """The table against a plain account of what happened: who took it when, what is asked."""

    @initialize()
    def submitted(self) -> None:
        self.now = BEGIN
        self.review = Review(since=stamp(BEGIN))
        self.closed = ""
        self.decided_by = ""
        self.asked = False
        self.taken: tuple[str, datetime] | None = None
        """who took it last, and when"""
        self.sent = 1
        self.waits_since = BEGIN
        self.last: Review | Denied = self.review

    def _locked_for(self, name: str) -> bool:
        return self.taken is not None and self.taken[0] != name and self.now < self.taken[1] + HELD

    def _do(self, action: Action, by: str) -> bool:
        """Carried out?"""
        before = self.review
        self.last = decide(before, action, by, stamp(self.now))
        if isinstance(self.last, Denied):
            return False
        self.review = self.last
        return True

    @rule(minutes=st.integers(1, 300))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(name=NAMES)
    def claims(self, name: str) -> None:
        allowed = not self.closed and not self._locked_for(name)
        assert self._do("claim", name) == allowed
        if allowed:
            self.taken = (name, self.now)

    @rule(name=NAMES)
    def releases(self, name: str) -> None:
        allowed = not self.closed and self.taken is not None and self.taken[0] == name
        assert self._do("release", name) == allowed
        if allowed:
            self.taken = None

    @rule(name=NAMES)
    def asks(self, name: str) -> None:
        allowed = not self.closed and not self._locked_for(name)
        assert self._do("request", name) == allowed
        if allowed:
            self.taken, self.asked, self.waits_since = (name, self.now), True, self.now

    @rule()
    def answers(self) -> None:
        allowed = not self.closed and self.asked
        assert self._do("resubmit", "") == allowed
        if allowed:
            self.asked, self.sent, self.waits_since = False, self.sent + 1, self.now
            if self.taken is not None:
                self.taken = (self.taken[0], self.now)

    @rule(name=NAMES)
    def approves(self, name: str) -> None:
        allowed = not self.closed and self.taken is not None and self.taken[0] == name
        assert self._do("approve", name) == allowed
        if allowed:
            self._close("approved", name)

    @rule(name=NAMES)
    def declines(self, name: str) -> None:
        allowed = not self.closed and not self._locked_for(name)
        assert self._do("decline", name) == allowed
        if allowed:
            self._close("declined", name)

    @rule()
    def withdraws(self) -> None:
        allowed = not self.closed
        assert self._do("withdraw", "") == allowed
        if allowed:
            self._close("withdrawn", "")

    def _close(self, how: str, name: str) -> None:
        self.closed, self.decided_by, self.taken, self.asked = how, name, None, False
        self.waits_since = self.now

    @invariant()
    def it_stands_as_was_told(self) -> None:
        assert self.review.version == self.sent
        assert self.review.since == stamp(self.waits_since)
        holder = holder_of(self.review, stamp(self.now))
        in_force = self.taken is not None and self.now < self.taken[1] + HELD
        assert (holder.by if holder else None) == (
            self.taken[0] if in_force and self.taken else None
        )
        if self.closed:
            assert self.review.stage.value == self.closed
            return
        stage = seen(self.review, stamp(self.now)).stage
        if self.asked:
            assert stage is Stage.NEEDS_INFO
        elif not in_force:
            assert stage is (Stage.SUBMITTED if self.sent == 1 else Stage.RESUBMITTED)
        else:
            assert stage in (Stage.CLAIMED, Stage.RESUBMITTED)

    @invariant()
    def who_loses_is_told_who_won(self) -> None:
        if not isinstance(self.last, Denied):
            return
        if self.last.reason == "held":
            assert self.taken is not None
            assert (self.last.by, self.last.at) == (
                self.taken[0],
                stamp(self.taken[1] + HELD),
            )
        if self.last.reason == "decided":
            assert self.last.by == self.decided_by != ""

    @precondition(lambda self: not self.closed)
    @rule()
    def there_is_always_a_way_on(self) -> None:
        able = [n for n in ("Ana", "Ben") if not self._locked_for(n)]
        assert able
        for name in able:
            assert isinstance(decide(self.review, "decline", name, stamp(self.now)), Review)
            claimed = decide(self.review, "claim", name, stamp(self.now))
            assert isinstance(claimed, Review)
            assert isinstance(decide(claimed, "approve", name, stamp(self.now)), Review)


def test_the_table_does_what_was_told_however_two_reviewers_interleave() -> None:
    from hypothesis import settings

    run_state_machine_as_test(
        Desk, settings=settings(max_examples=200, stateful_step_count=30, deadline=None)
    )
