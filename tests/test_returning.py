"""Silences in the pure dialog: who is reminded and when, what is announced, and what is erased.

``Clockwork`` is one person's conversation with its due row and a clock of its own. It plays what
people do with any time between, and notes what the bot said by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.acts import Act, Forget, Remind
from dialogs.events import Choice, Edited, Event, Left, Picked, Said, StaffReplied, Ticked
from dialogs.machine import step
from dialogs.returning import SILENCE
from dialogs.state import Phase, Script, State, Step
from tests.speaking import (
    NOTHING,
    in_phase,
    keys_of,
    onward,
    picked,
    replied,
    said,
    script,
    speech,
    stating,
    talk,
    token,
    until,
)

BEGIN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TWO_DAYS = 2 * DAY
FILLED = (Phase.FILLING, Phase.REVIEWING, Phase.STATING, Phase.PAUSED)


def at(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def dated(event: Event, moment: datetime) -> Event:
    return replace(event, at=at(moment))


@dataclass
class Clockwork:
    script: Script = field(default_factory=script)
    state: State = field(default_factory=State)
    now: datetime = BEGIN
    due: str = ""
    """when the row comes due; empty where none is set"""
    unasked: list[tuple[datetime, str, int]] = field(default_factory=list)
    """what the bot said by itself: when, which sentence, of which draft"""
    rows: int = 0
    """how often a due row was written"""
    erased: list[datetime] = field(default_factory=list)
    reachable: bool = True

    def takes(self, event: Event) -> Step:
        draft = self.state.draft.number if self.state.draft else 0
        done = step(self.script, self.state, dated(event, self.now))
        self.state = State.from_json(done.state.to_json())
        assert self.state == done.state
        for act in done.acts:
            if isinstance(act, Remind):
                assert act.kind == SILENCE
                self.due, self.rows = act.at, self.rows + 1
            if isinstance(act, Forget):
                self.erased.append(self.now)
                self.due = "" if not act.since else self.due
        if isinstance(event, Ticked):
            self.unasked += [(self.now, key, draft) for key in keys_of(done.acts)]
        assert self.due == self.state.wake, "the state knows when its row comes"
        if isinstance(event, Ticked) and event.kind == SILENCE:
            assert not self.due or self.due > at(self.now), "the clock does not strike for nothing"
        assert self.due or self.state.draft is None, "no draft is without one"
        return done

    def says(self, text: str) -> list[str]:
        return keys_of(self.takes(said(text)).acts)

    def passes(self, span: timedelta, *, asleep: bool = False) -> list[str]:
        """Time passes, and the row comes due, again and again; ``asleep``: the program does not
        run, and only looks at the end. -> what the bot said."""
        before, then = len(self.unasked), self.now + span
        while self.due and self.due <= at(then):
            due, self.due = self.due, ""
            self.now = then if asleep else max(self.now, datetime.fromisoformat(due))
            self.takes(Ticked(SILENCE, "", token(), self.reachable))
        self.now = then
        return [key for _, key, _ in self.unasked[before:]]


def filling(**more: object) -> Clockwork:
    clock = Clockwork(**more)  # type: ignore[arg-type]  # fields by name
    clock.says("apply")
    clock.says("yes")
    return clock


def kept_for(days: int) -> Script:
    return replace(script(), keep_days=days)


# The reminder


def test_two_days_of_silence_bring_one_reminder_and_no_second() -> None:
    clock = filling()
    assert clock.passes(TWO_DAYS - HOUR) == []
    assert clock.passes(HOUR) == ["remind.once"]
    assert clock.passes(50 * DAY) == []
    clock.says("yes")
    assert clock.passes(50 * DAY) == []


def test_an_answer_counts_the_silence_anew_without_another_row() -> None:
    clock = filling()
    for _ in range(5):
        assert clock.passes(TWO_DAYS - HOUR) == []
        clock.says("yes")
    assert clock.passes(TWO_DAYS) == ["remind.once"]
    assert clock.rows <= 1 + 5 + 1, "set anew when it came due, not at each answer"


def test_a_whole_application_sets_one_row() -> None:
    clock = Clockwork()
    while clock.state.phase is not Phase.SUBMITTED:
        clock.takes(onward(clock.state))
        clock.now += timedelta(minutes=1)
    assert clock.rows == 1
    assert clock.passes(400 * DAY) == []
    assert clock.due == "", "and nothing is left of it"


@pytest.mark.parametrize("word", ["cancel", "stop reminding", "no more reminders"])
def test_there_is_none_after_a_stop(word: str) -> None:
    clock = filling()
    clock.says(word)
    assert clock.passes(50 * DAY) == []


def test_whoever_goes_on_after_a_cancel_is_reminded_two_days_later() -> None:
    clock = filling()
    clock.says("cancel")
    clock.passes(40 * DAY)
    clock.says("continue")
    assert clock.passes(TWO_DAYS) == ["remind.once"]


def test_a_stop_holds_for_its_draft_and_the_next_one_has_its_own_reminder() -> None:
    clock = filling()
    clock.says("stop reminding")
    clock.says("start over")
    clock.says("yes")
    assert clock.passes(TWO_DAYS) == ["remind.once"]


def test_an_old_button_stops_no_reminder_of_another_draft() -> None:
    clock = filling()
    clock.says("start over")
    clock.says("yes")
    done = clock.takes(picked(Choice("order", "stop_reminding", "", 1)))
    assert keys_of(done.acts)[0] == "stale"
    assert clock.passes(TWO_DAYS) == ["remind.once"]


def test_while_all_that_is_left_is_with_staff_there_is_none() -> None:
    state = talk(until("experience"), "talk to a person", "How much shall I write?")
    clock = Clockwork(state=replace(state, watch=None, wake=""))
    clock.says("thanks")
    assert clock.passes(20 * DAY) == []
    clock.takes(replied("experience"))
    assert clock.passes(TWO_DAYS - HOUR) == []
    assert clock.passes(HOUR) == ["remind.once"]


def test_a_yes_after_a_reminder_confirms_nothing_from_before_it() -> None:
    clock = filling()
    clock.says("delete my data")
    assert clock.passes(TWO_DAYS) == ["remind.once"]
    clock.says("yes")
    assert clock.erased == []
    assert clock.state.draft is not None


@pytest.mark.parametrize("phase", FILLED)
def test_each_phase_of_a_draft_has_its_reminder_with_where_it_stands(phase: Phase) -> None:
    state = replace(in_phase(phase), watch=None, wake="")
    clock = Clockwork(state=state)
    clock.takes(Edited("x", "m0", "", token()))
    assert clock.passes(TWO_DAYS) == ["remind.once"]
    again = replace(clock.state, watch=replace(clock.state.watch, reminded=False))  # type: ignore[type-var]
    told = step(script(), again, Ticked(SILENCE, at(clock.now), token()))
    place = {"filling": "Legal name", "stating": "Statement of truth", "paused": "Business e-mail"}
    assert f"next: {place.get(phase.value, 'the summary')}." in speech(told.acts)
    assert told.state.phase is phase


# What is kept, and for how long


def test_the_end_is_announced_three_days_before_it_comes() -> None:
    clock = filling()
    clock.says("stop reminding")
    assert clock.passes(87 * DAY) == ["expiry.notice"]
    assert clock.passes(3 * DAY - HOUR) == []
    assert clock.passes(HOUR) == ["expiry.done"]
    assert clock.erased == [BEGIN + 90 * DAY]
    assert clock.state == State()


@pytest.mark.parametrize(
    "event",
    [
        said("hi"),
        picked(None),
        Edited("x", "m0", "", token()),
        replied(),
        picked(Choice("order", "resume")),
    ],
    ids=lambda event: event.is_,
)
def test_any_word_after_the_announcement_keeps_it_for_as_long_again(event: Event) -> None:
    clock = filling()
    clock.passes(88 * DAY)
    clock.takes(event)
    assert clock.passes(87 * DAY) == ["expiry.notice"]
    assert clock.passes(3 * DAY) == ["expiry.done"]


def test_whoever_slept_through_the_announcement_still_has_three_days() -> None:
    clock = filling()
    assert clock.passes(200 * DAY, asleep=True) == ["expiry.notice"]
    assert clock.passes(3 * DAY - HOUR) == []
    assert clock.passes(HOUR) == ["expiry.done"]


def test_where_the_announcement_comes_first_it_is_the_reminder_too() -> None:
    clock = filling(script=kept_for(4))
    assert clock.passes(3 * DAY + 23 * HOUR) == ["expiry.notice"]
    clock.says("yes")
    assert clock.passes(4 * DAY) == ["expiry.notice", "expiry.done"]


def test_for_ever_is_for_ever() -> None:
    clock = filling(script=kept_for(0))
    assert clock.passes(4000 * DAY) == ["remind.once"]
    assert clock.erased == []


def test_another_number_of_days_takes_hold_within_a_month() -> None:
    clock = filling(script=kept_for(0))
    clock.passes(100 * DAY)
    clock.script = kept_for(60)
    assert "expiry.notice" in clock.passes(30 * DAY)


def test_what_was_handed_off_stays_and_only_what_came_after_it_goes() -> None:
    clock = Clockwork(state=replace(stating(), watch=None, wake=""))
    clock.takes(onward(clock.state))
    sent = clock.state.submissions[-1]
    clock.passes(DAY)
    clock.says("apply")
    clock.passes(87 * DAY)
    clock.now, clock.due = clock.now + 3 * DAY, ""
    done = clock.takes(Ticked(SILENCE, "", token()))
    assert Forget(since=sent.at) in done.acts
    assert clock.state.submissions == (sent,)
    assert (clock.state.draft, clock.state.phase) == (None, Phase.SUBMITTED)


# A block


@pytest.mark.parametrize("told", [True, False], ids=["told of the block", "a refused message"])
def test_whoever_blocked_the_bot_hears_nothing_and_is_erased_all_the_same(told: bool) -> None:
    clock = filling()
    if told:
        clock.takes(Left("", token()))
    clock.reachable = told
    assert clock.passes(91 * DAY) == []
    assert clock.erased == [BEGIN + 90 * DAY]


def test_whoever_comes_back_after_a_block_is_as_everybody() -> None:
    clock = filling()
    clock.takes(Left("", token()))
    clock.passes(DAY)
    clock.says("hi")
    assert not clock.state.gone
    assert clock.passes(TWO_DAYS) == ["remind.once"]


# Clocks that are wrong, rows that are lost


def test_a_clock_that_jumps_back_brings_nothing_too_early_and_nothing_twice() -> None:
    clock = filling()
    clock.now -= 10 * DAY
    clock.takes(Ticked(SILENCE, "", token()))
    assert clock.unasked == []
    assert clock.passes(10 * DAY + TWO_DAYS) == ["remind.once"]
    clock.now -= 10 * DAY
    clock.takes(Ticked(SILENCE, "", token()))
    assert clock.passes(20 * DAY) == []


def test_a_message_that_comes_late_makes_the_silence_no_longer() -> None:
    clock = filling()
    clock.now += DAY
    clock.says("yes")
    late = Said("yes", "m1", at(BEGIN), token(), found=NOTHING)
    clock.state = step(script(), clock.state, late).state
    assert clock.passes(TWO_DAYS - HOUR) == []


def test_a_row_whose_turn_failed_is_set_anew_by_the_next_word() -> None:
    clock = filling()
    clock.due, clock.now = "", clock.now + 5 * DAY
    clock.says("yes")
    assert clock.passes(TWO_DAYS) == ["remind.once"]


def test_a_row_of_another_kind_changes_nothing() -> None:
    clock = filling()
    clock.now += 20 * DAY
    before = clock.state
    assert clock.takes(Ticked("another", "", token())) == (before, ())


# The greeting


@pytest.mark.parametrize("word", ["hi", "hello", "start", "I'm back", "continue"])
@pytest.mark.parametrize("paused", [False, True])
def test_a_greeting_after_a_long_silence_says_where_it_stands(word: str, paused: bool) -> None:
    clock = Clockwork(state=replace(until("locations.phone"), watch=None, wake=""))
    clock.says("pause" if paused else "thanks")
    clock.passes(12 * HOUR)
    done = clock.takes(said(word))
    assert "6 of 10 questions done, next: Phone." in speech(done.acts)
    assert keys_of(done.acts)[1:] == ["ask:locations.1.phone"]
    assert "7 of 10: What is the phone number" in speech(done.acts)
    assert clock.state.phase is Phase.FILLING


def test_in_the_self_check_its_own_questions_are_counted() -> None:
    clock = filling()
    clock.passes(DAY)
    assert "1 of 9 done in the check, next: Audited records." in speech(
        clock.takes(said("hi")).acts
    )


def test_a_greeting_soon_after_is_answered_as_ever() -> None:
    clock = filling()
    clock.passes(11 * HOUR)
    assert clock.says("hi")[0] == "chat.greeting"


# Any life whatever


def _willing(clock: Clockwork) -> Event:
    return onward(clock.state)


def _saying(text: str) -> Callable[[Clockwork], Event]:
    return lambda _: said(text)


DEEDS: dict[str, Callable[[Clockwork], Event]] = {
    "on": _willing,
    **{
        word: _saying(word)
        for word in (
            "hi",
            "thanks",
            "pause",
            "cancel",
            "continue",
            "apply",
            "start over",
            "yes",
            "talk to a person",
            "stop reminding",
            "delete my data",
            "skip the check",
            "withdraw",
        )
    },
    "tap": lambda _: picked(None),
    "staff": lambda _: replied(),
    "block": lambda _: Left("", token()),
}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*DEEDS, "on", "on", "on", "continue", "apply"]),
            st.sampled_from(
                [timedelta(minutes=1), 13 * HOUR, 47 * HOUR, 3 * DAY, 40 * DAY, 91 * DAY]
            ),
            st.booleans(),
        ),
        max_size=25,
    ),
    st.sampled_from([0, 4, 5, 90]),
)
@settings(max_examples=300, deadline=None)
def test_any_life_has_its_reminders_right(
    life: list[tuple[str, timedelta, bool]], days: int
) -> None:
    clock = Clockwork(script=kept_for(days))
    spoke, reminded = BEGIN, set[int]()
    lives = 0  # a draft's number begins anew with a forgotten person
    for deed, silence, asleep in life:
        event = DEEDS[deed](clock)
        erased = len(clock.erased)
        clock.takes(event)
        lives += len(clock.erased) - erased
        if not isinstance(event, Left):
            spoke = clock.now
        before, draft, since = clock.state, clock.state.draft, len(clock.unasked)
        erased = len(clock.erased)
        clock.passes(silence, asleep=asleep)
        came = clock.unasked[since:]
        reminders = [when for when, key, _ in came if key == "remind.once"]
        notices = [when for when, key, _ in came if key == "expiry.notice"]
        for when in reminders:
            assert when - spoke >= TWO_DAYS, "never within two days of a word"
            number = lives * 1000 + (draft.number if draft else 0)
            assert number not in reminded, "never a second for a draft"
            reminded.add(number)
        may = (
            before.watch is not None
            and not before.watch.reminded
            and not before.gone
            and before.phase in FILLED
            and not (
                before.phase is Phase.REVIEWING
                and draft is not None
                and script().form.open_at_staff(draft)
            )
        )
        if may and silence > TWO_DAYS:
            assert reminders or notices, "always one where it is silent"
        assert not reminders or may
        for when in clock.erased[erased:]:
            assert days, "never where it is kept for ever"
            assert when - spoke >= timedelta(days=days)
            if not before.gone:
                assert notices, "never unannounced"
                assert when - notices[-1] >= 3 * DAY
        lives += len(clock.erased) - erased


def test_the_life_above_meets_all_that_there_is() -> None:
    """The figures that make the test above worth something, over a fixed life."""
    clock = Clockwork()
    for deed, silence in [("apply", 3 * DAY), ("yes", 91 * DAY), ("apply", 3 * DAY)]:
        clock.takes(DEEDS[deed](clock))
        clock.passes(silence)
    keys = [key for _, key, _ in clock.unasked]
    assert keys == ["remind.once", "expiry.notice", "expiry.done", "remind.once"]


def acts_of(done: Step) -> tuple[type[Act], ...]:
    return tuple(type(act) for act in done.acts)


@pytest.mark.parametrize("kind", [Picked, StaffReplied])
def test_a_turn_without_a_draft_writes_no_row(kind: type[Event]) -> None:
    event = picked(None) if kind is Picked else replied()
    assert Remind not in acts_of(step(script(), State(), event))
