"""Two reviewers tap, an applicant answers, the clock goes on: what the taps make of an application
is what its table says, whichever way they interleave; and who is late is told who was first.

Through the door on a real store; what a platform would tap is found on the rows that it would show.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.clock import stamp
from bot.messages import Receipt
from dialogs.review import Action, Denied, Review, decide, holder_of, offered
from tests.taps import IDS, Taps, labels

REVIEWERS = st.sampled_from(["Ana", "Ben"])


LABELS: dict[Action, str] = {
    "claim": "Take it",
    "release": "Release",
    "request": "Ask for more",
    "approve": "Approve",
    "decline": "Decline",
}


class TwoReviewers(RuleBasedStateMachine):
    channel = "slack"

    @initialize()
    def submitted(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "frontdesk.db"
        self.taps = self.runner.run(Taps(path, self.channel).open())
        self.first = self.taps.record()
        self.review = self.runner.run(self.taps.review())
        self.asked = 0

    def teardown(self) -> None:
        if hasattr(self, "taps"):
            self.runner.run(self.taps.store.close())
            self.runner.close()
            self.folder.cleanup()

    def by(self, name: str) -> str:
        return f"{self.channel}:{IDS[self.channel][name]}"

    def does(self, name: str, *actions: Action) -> Denied | None:
        """What the table makes of it, one after the other; the first that it denies ends it."""
        for action in actions:
            done = decide(self.review, action, self.by(name), stamp(self.taps.now))
            if isinstance(done, Denied):
                return done
            self.review = done
        return None

    def told(self, receipt: Receipt, denied: Denied | None) -> None:
        """Who is late hears who was first, by name."""
        if denied is None:
            return
        assert "Nothing was done" in receipt.note or "nothing was done" in receipt.note
        if denied.by:
            (name,) = (n for n in ("Ana", "Ben") if self.by(n) == denied.by)
            assert name in receipt.note

    def tapped(self, name: str, action: Action) -> Receipt | None:
        """None: the card does not offer it."""
        if LABELS[action] not in labels(self.taps.record()):
            return None
        return self.runner.run(self.taps.tap(name, LABELS[action]))

    def allowed(self, name: str, action: Action) -> Denied | None:
        done = decide(self.review, action, self.by(name), stamp(self.taps.now))
        return done if isinstance(done, Denied) else None

    @rule(minutes=st.integers(1, 300))
    def time_passes(self, minutes: int) -> None:
        self.taps.now += timedelta(minutes=minutes)

    @rule(name=REVIEWERS, action=st.sampled_from(["claim", "release"]))
    def takes_it_or_lets_it_go(self, name: str, action: Action) -> None:
        receipt = self.tapped(name, action)
        if receipt is not None:
            self.told(receipt, self.does(name, action))

    @rule(name=REVIEWERS, verdict=st.sampled_from(["approve", "decline"]))
    def decides(self, name: str, verdict: Action) -> None:
        receipt = self.tapped(name, verdict)
        if receipt is None:
            return
        denied = self.allowed(name, verdict) or self.does(name, "claim")
        self.told(receipt, denied)
        if denied is None:
            self.told(self.confirms(name, receipt, verdict), self.does(name, verdict))

    def confirms(self, name: str, receipt: Receipt, verdict: Action) -> Receipt:
        return self.runner.run(self.taps.fill(name, receipt.form, {"message": "As we said."}))

    @rule(name=REVIEWERS)
    def asks(self, name: str) -> None:
        receipt = self.tapped(name, "request")
        if receipt is None:
            return
        denied = self.allowed(name, "request") or self.does(name, "claim")
        self.told(receipt, denied)
        if denied is None:
            self.asked += 1
            self.gives_reasons(name, receipt)
            assert self.does(name, "claim", "request") is None

    def gives_reasons(self, name: str, receipt: Receipt) -> None:
        self.runner.run(self.taps.fill(name, receipt.form, {"dba": f"Which one? {self.asked}"}))

    @rule()
    def the_applicant_answers(self) -> None:
        if self.review.stage.value == "needs_info":
            for line in (f"Door number {self.asked}", "send"):
                self.runner.run(self.taps.says(line))
            done = decide(self.review, "resubmit", "", stamp(self.taps.now))
            assert isinstance(done, Review)
            self.review = done

    @rule()
    def the_applicant_withdraws(self) -> None:
        if self.review.stage.value in ("submitted", "claimed"):
            for line in ("withdraw", "yes"):
                self.runner.run(self.taps.says(line))
            done = decide(self.review, "withdraw", "", stamp(self.taps.now))
            assert isinstance(done, Review)
            self.review = done

    @rule(name=REVIEWERS)
    def an_old_card_does_nothing(self, name: str) -> None:
        if self.review.version > 1:
            for label in ("Take it", "Ask for more", "Decline"):
                receipt = self.runner.run(self.taps.tap(name, label, self.first))
                assert receipt.form is None
                assert "anew since this card" in receipt.note

    @invariant()
    def it_stands_as_the_table_says(self) -> None:
        if hasattr(self, "review"):
            assert self.runner.run(self.taps.review()) == self.review

    @invariant()
    def the_newest_card_offers_what_the_table_allows(self) -> None:
        if not hasattr(self, "review") or self.review.stage.value == "withdrawn":
            return
        shown = [label for label in labels(self.taps.record()) if label in LABELS.values()]
        at = stamp(self.taps.now)
        claim = self.review.claim
        if claim is None or holder_of(self.review, at) is not None:
            assert shown == [LABELS[action] for action in offered(self.review, at)]


class TwoReviewersByReplies(TwoReviewers):
    """Where there are no forms."""

    channel = "telegram"

    def confirms(self, name: str, receipt: Receipt, verdict: Action) -> Receipt:
        words = f"{LABELS[verdict]} {self.taps.reference}?"
        return self.runner.run(self.taps.reply(name, "As we said.", words))

    def gives_reasons(self, name: str, receipt: Receipt) -> None:
        run, taps = self.runner.run, self.taps
        pick = "Tap the answers to ask about"
        run(taps.tap(name, "[ ] Trading name (DBA)", taps.card(pick)))
        run(taps.tap(name, "Write the reasons", taps.card(pick)))
        run(taps.reply(name, f"Which one? {self.asked}", "the reason for asking about"))
        run(taps.tap(name, "Send to the applicant", taps.card("To the applicant of")))


def run(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(
        machine, settings=settings(max_examples=15, stateful_step_count=25, deadline=None)
    )


def test_forms_do_what_the_table_says_however_two_reviewers_interleave() -> None:
    run(TwoReviewers)


def test_replies_do_what_the_table_says_however_two_reviewers_interleave() -> None:
    run(TwoReviewersByReplies)
