"""What one turn adds to the counts: over random walks of several people everything adds up."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.figures import Figure, Standing, figures_of
from bot.store.rows import TallyRow
from bot.tallying import tallied
from dialogs.acts import LookUp, Submit
from dialogs.events import Event, Finding
from dialogs.funnel import SUMMARY, Count, bucket_of, counted, span_of, stand_of, steps
from dialogs.machine import step
from dialogs.slots import Draft
from dialogs.state import Phase, Stand, State
from tests.speaking import AT, NOTHING, article, said, script, talk, until
from tests.test_walks import Move, Walk, _moves, _with

STEPS = steps(script().form)


@dataclass
class Counting(Walk):
    """A walk, what it adds to the counts, and beside them what was simply seen."""

    counts: list[TallyRow] = field(default_factory=list)
    begun: int = 0
    submitted: int = 0

    def take(self, event: Event, finding: Finding = NOTHING) -> None:
        before = self.state
        super().take(event, finding)
        done = step(script(), before, event)
        if any(isinstance(act, LookUp) for act in done.acts):
            event = _with(event, finding)
            done = step(script(), before, event)
        counts = counted(script(), before, done.state, done.acts, event)
        self.counts += tallied(counts, done.state, "telegram")
        draft = done.state.draft
        if draft is not None and (before.draft is None or before.draft.number != draft.number):
            self.begun += 1
        self.submitted += sum(isinstance(act, Submit) for act in done.acts)

    @property
    def standing(self) -> list[Standing]:
        stand = self.state.stand
        assert (stand is None) == (self.state.draft is None)
        return [Standing(stand.front, stand.begun, AT)] if stand is not None else []


def figures(walks: list[Counting]) -> tuple[Figure, ...]:
    rows = [row for walk in walks for row in walk.counts]
    there = [one for walk in walks for one in walk.standing]
    return tuple(figures_of(script().form, rows, there, AT))


@given(st.lists(st.lists(_moves(), min_size=5, max_size=40), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_counts_add_up_and_never_grow_down_the_form(people: list[list[Move]]) -> None:
    walks = [Counting() for _ in people]
    for walk, moves in zip(walks, people, strict=True):
        walk.make(Move("run", number=1))
        for move in moves:
            walk.make(move)
    made = figures(walks)
    assert [figure.name for figure in made] == list(STEPS)
    assert made[0].reached == sum(walk.begun for walk in walks)
    assert made[-1].passed == sum(walk.submitted for walk in walks)
    for figure, following in itertools.pairwise(made):
        assert following.reached == figure.passed, "whoever passed one step has reached the next"
        assert following.reached <= figure.reached
    for figure in made:
        assert figure.refusing <= figure.refused
        assert figure.refusing <= figure.reached
        assert (figure.refusing == 0) == (figure.refused == 0)


def test_the_steps_are_the_questions_in_the_order_of_asking() -> None:
    form = script().form
    assert set(STEPS) == {*form.names(), SUMMARY}
    assert STEPS.index("locations.phone") + 1 == STEPS.index("locations.more")
    assert STEPS[-2:] == (SUMMARY, "truth")


@given(st.floats(0, 1e8))
def test_a_time_lies_in_its_bucket(seconds: float) -> None:
    begin, end = span_of(bucket_of(seconds))
    assert begin * 0.999 <= seconds <= end * 1.001
    assert end <= max(1, begin * 1.26)


def what_comes_of(state: State, text: str, found: Finding | None = None) -> list[Count]:
    event = said(text, found)
    after, acts = step(script(), state, event)
    return list(counted(script(), state, after, acts, event))


def test_a_question_is_counted_where_its_person_stands() -> None:
    state = until("email")
    (asked,) = what_comes_of(state, "do I need a credit line?", Finding("answer", (article(),)))
    assert (asked.field, asked.what, asked.detail) == ("email", "asked", article().article)
    (asked,) = what_comes_of(state, "do you like green tea?", NOTHING)
    assert (asked.field, asked.what) == ("email", "unknown")
    (asked,) = what_comes_of(State(), "do you like green tea?", NOTHING)
    assert (asked.field, asked.what, asked.day) == ("", "unknown", AT[:10])


def test_an_answer_that_is_refused_twice_is_of_one_person() -> None:
    state, whats = until("email"), []
    for text in ("lakeside@gmail.com", "lakeside@yahoo.com"):
        whats += [(c.field, c.what, c.detail) for c in what_comes_of(state, text)]
        state = talk(state, text)
    assert whats == [("email", "refused", "free_mail"), ("email", "refused_again", "free_mail")]


def test_going_back_and_answering_anew_counts_nothing_again() -> None:
    state = until("website")
    back = talk(state, "back")
    assert back.stand == state.stand
    assert what_comes_of(back, "other@lakesidecare.co.uk") == []


def test_a_pasted_application_passes_its_steps_without_a_time() -> None:
    state = until("kind")
    pasted = "Legal name: Lakeside Mobile Care Ltd\nTrading name: none\nOwner: Maria Santos"
    after = talk(state, pasted)
    assert after.stand is not None
    assert after.stand.front == "kind", "what comes first is asked first"
    counts = what_comes_of(after, "service business")
    passed = {count.field: (count.what, count.bucket >= 0) for count in counts}
    assert passed["kind"] == ("answered", True)
    assert passed["legal_name"] == ("answered", False)
    assert passed["dba"] == ("skipped", False)


def test_a_clock_that_goes_back_takes_no_time() -> None:
    state = until("email")
    assert state.stand is not None
    late = replace(state, stand=replace(state.stand, since="2036-01-01T00:00:00.000Z"))
    (count,) = what_comes_of(late, "service@lakesidecare.co.uk")
    assert (count.what, count.bucket) == ("answered", 0)


def test_a_front_that_the_form_no_longer_has_is_found_anew_and_counts_nothing() -> None:
    old = replace(until("email"), stand=Stand(1, "2026-01-01", "gone.field", AT))
    assert what_comes_of(old, "service@lakesidecare.co.uk") == []
    after = talk(old, "service@lakesidecare.co.uk")
    assert after.stand == Stand(
        1, "2026-01-01", "website", after.stand.since if after.stand else ""
    )


@pytest.mark.parametrize(
    ("state", "front"),
    [
        (State(phase=Phase.FILLING, draft=Draft()), STEPS[0]),
        (until("locations.more"), "locations.more"),
        (talk(until("locations.more"), "yes"), "locations.more"),
    ],
    ids=["nothing", "another", "the second location"],
)
def test_where_a_draft_stands(state: State, front: str) -> None:
    stand = stand_of(script(), state, state, said("x", None))
    assert stand is not None
    assert stand.front == front
