"""What staff ask again about a sent application, at every point that its person can be at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogs.acts import Ask, Forget, LookUp, Resubmit, Submit, Withdraw
from dialogs.amendment import askable, whole
from dialogs.events import Choice, Decided, Edited, Erased, Event, Finding, InfoRequested, Ticked
from dialogs.machine import PHASES, step
from dialogs.record import record_of
from dialogs.returning import SILENCE
from dialogs.slots import Answered, Asked, Draft, Kept, Skipped
from dialogs.state import WITH_STAFF, Phase, State, Step, submission
from tests.speaking import (
    AT,
    NOTHING,
    TRUE,
    article,
    in_phase,
    keys_of,
    offers_of,
    onward,
    picked,
    replied,
    said,
    script,
    speech,
    straight,
    submitted,
    talk,
    token,
    two_locations,
    unworded,
)
from tests.test_walks import JUNK, QUESTIONS, SMALL_TALK, WISHES

PHONE, EMAIL = "locations.1.phone", "email"
WHY = {PHONE: "Nobody answers there.", EMAIL: "It bounces."}
FORM = script().form


def reference(state: State) -> str:
    return state.submissions[0].reference


def asks(state: State, *paths: str, at: str = AT) -> Step:
    fields = tuple(Asked(path, WHY.get(path, f"Why {path}?")) for path in paths)
    return step(script(), state, InfoRequested(reference(state), fields, at, token()))


def decides(state: State, verdict: str = "approved", message: str | None = None) -> Step:
    event = Decided(reference(state), verdict, message, AT, token())  # type: ignore[arg-type]  # one of the two
    return step(script(), state, event)


def sent(state: State, ref: str = "") -> Draft:
    found = submission(state, ref or reference(state))
    assert found is not None
    return found.draft


def after_submission() -> dict[str, State]:
    """An application with staff, and all that its person may be doing meanwhile."""
    again = talk(submitted(), "apply", "skip the check", "I agree", "reseller", "Second Shop Ltd")
    full = straight(talk(submitted(), "apply"), 60)
    reviewing = next(done.state for done in full if done.state.phase is Phase.REVIEWING)
    return {
        "nothing": submitted(),
        "a second application": again,
        "a second one paused": talk(again, "pause"),
        "a second one cancelled": talk(again, "cancel"),
        "a second one at its summary": reviewing,
        "its statement of truth": talk(reviewing, "submit"),
        "a second one sent": full[-1].state,
        "about to withdraw": talk(submitted(), "withdraw"),
        "about to erase": talk(submitted(), "delete my data"),
        "about to erase in the middle": talk(again, "delete my data"),
        "about to tell staff something": talk(submitted(), "talk to a person"),
        "about to change something": talk(submitted(), "change the phone"),
    }


@cache
def everywhere() -> dict[str, State]:
    return after_submission()


BUSY = [name for name in after_submission() if name not in ("nothing", "a second one sent")]

# --- the request ---


@pytest.mark.parametrize("name", ["nothing", "a second one sent"])
def test_who_fills_nothing_is_asked_at_once(name: str) -> None:
    done = asks(everywhere()[name], PHONE, EMAIL)
    assert keys_of(done.acts) == ["amend.asked", f"ask:{PHONE}"]
    assert done.state.phase is Phase.FILLING
    assert WHY[PHONE] in speech(done.acts)
    assert WHY[EMAIL] not in speech(done.acts), "one question at a time"
    assert submission(done.state, reference(done.state)).status == "needs_info"  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize("name", BUSY)
def test_who_is_in_the_middle_of_something_is_told_and_left_there(name: str) -> None:
    before = everywhere()[name]
    done = asks(before, PHONE, EMAIL)
    assert keys_of(done.acts)[0] == "amend.asked_aside"
    assert WHY[PHONE] in speech(done.acts)
    assert WHY[EMAIL] in speech(done.acts)
    for kept in ("draft", "pending", "phase", "editing"):
        assert getattr(done.state, kept) == getattr(before, kept), kept
    assert "answer_staff" in {offer.choice.target for offer in offers_of(done.acts)}
    taken = talk(done.state, "answer now")
    assert taken.draft is not None
    assert taken.draft.reference == reference(before)


def test_a_yes_after_the_request_still_confirms_what_was_asked_before_it() -> None:
    erased = talk(asks(everywhere()["about to erase"], PHONE).state, "yes, delete it all")
    assert erased.submissions == ()
    assert erased.aside == ()


@pytest.mark.parametrize("status", ["withdrawn", "declined"])
def test_what_is_over_is_not_asked_about(status: str) -> None:
    over = (
        talk(submitted(), "withdraw", "yes")
        if status == "withdrawn"
        else decides(submitted(), status).state
    )
    assert asks(over, PHONE) == (over, ())
    assert decides(over) == (over, ())


def test_what_is_none_of_theirs_is_not_asked_about() -> None:
    state = submitted()
    event = InfoRequested("FD-2222-2222", (Asked(PHONE, "Why?"),), AT, token())
    assert step(script(), state, event) == (state, ())
    for path in ("consent", "truth", "owners.more", "locations.9.phone", "no.such"):
        assert asks(state, path) == (state, ())


def test_a_second_request_takes_the_place_of_the_first() -> None:
    first = talk(asks(submitted(), PHONE, EMAIL).state, "+44 113 496 0999")
    done = asks(first, EMAIL)
    assert keys_of(done.acts) == ["amend.asked", f"ask:{EMAIL}"]
    assert done.state.aside == ()
    last = talk(done.state, "info@lakesidecare.co.uk", "send")
    assert sent(last).value(PHONE) == sent(first).value(PHONE), "that was not sent"
    assert sent(last).value(EMAIL) == "info@lakesidecare.co.uk"


# --- walking through what is asked ---


def test_only_what_is_asked_is_asked_and_nothing_else_changes() -> None:
    state = straight(two_locations())[-1].state
    before, paths = sent(state), ["locations.2.phone", EMAIL]
    done = asks(state, *paths)
    questions = [act.path for act in done.acts if isinstance(act, Ask)]
    for text in ("why", "do you need audits?", "+62 21 555 9999", "info@lakesidecare.co.uk"):
        done = step(script(), done.state, said(text))
        questions += [act.path for act in done.acts if isinstance(act, Ask)]
    assert set(questions) == set(paths)
    assert keys_of(done.acts)[-1] == "amend.summary"
    done = step(script(), done.state, said("send"))
    (act,) = [act for act in done.acts if isinstance(act, Resubmit)]
    after = sent(done.state)
    assert {p for p in before.slots if content(before, p) != content(after, p)} == set(paths)
    assert (after.items, after.closed, after.number) == (before.items, before.closed, before.number)
    assert act.record == record_of(FORM, after)
    assert done.state.submissions[0].version == 2
    assert not any(isinstance(act, Submit) for act in done.acts), "it is the same application"


def test_an_amendment_has_no_other_places_and_gives_no_other_answers() -> None:
    state = asks(submitted(), PHONE).state
    amendment, application = state.draft, state.submissions[0]
    assert amendment is not None
    assert [place.path for place in FORM.places(amendment)] == [PHONE]
    assert FORM.place(amendment, PHONE) is not None
    for path in sent(state).slots.keys() - {PHONE}:
        assert FORM.place(amendment, path) is None
    other = amendment.put("website", Skipped()).put(PHONE, Skipped())
    assert whole(application, other) == sent(state).put(PHONE, Skipped())


def content(draft: Draft, path: str) -> object:
    """Without the flags, which follow from all answers."""
    slot = draft.slots.get(path)
    return (slot.value, slot.typed) if isinstance(slot, Answered) else slot


def test_the_question_counts_what_is_asked_whatever_its_kind() -> None:
    done = asks(submitted(), "self_check.credit", PHONE)
    (ask,) = [act for act in done.acts if isinstance(act, Ask)]
    assert (ask.path, ask.number, ask.total) == ("self_check.credit", 1, 2)
    done = step(script(), done.state, said("not sure"))
    (ask,) = [act for act in done.acts if isinstance(act, Ask)]
    assert (ask.path, ask.number, ask.total) == (PHONE, 2, 2)
    assert "check.done" not in keys_of(done.acts)


@pytest.mark.parametrize(
    "text",
    [
        "change the website",
        "change website to https://other.example",
        "my website is https://other.example",
        "remove the owner",
        "add a location",
        "add an owner",
        "the website should be https://other.example",
    ],
)
def test_a_wish_to_change_something_else_is_answered_and_not_done(text: str) -> None:
    asked = asks(submitted(), PHONE).state
    done = step(script(), asked, said(text))
    assert "amend.only" in keys_of(done.acts), keys_of(done.acts)
    assert done.state.draft is not None
    assert done.state.draft == asked.draft


def test_an_old_button_of_the_application_answers_nothing() -> None:
    state = submitted()
    done = asks(state, "kind")
    for choice in (
        Choice("answer", "kind", "reseller", 1),
        Choice("order", "change", "website", 1),
        Choice("order", "submit", "", 1),
    ):
        tapped = step(script(), done.state, picked(choice))
        assert keys_of(tapped.acts)[0] == "stale"
        assert tapped.state.draft == done.state.draft


def test_a_message_of_the_sent_application_that_is_edited_changes_nothing() -> None:
    slot = sent(submitted()).slots["website"]
    assert isinstance(slot, Answered)
    edited = Edited("other.example", slot.messages[0], AT, token())
    done = step(script(), asks(submitted(), PHONE).state, edited)
    assert keys_of(done.acts)[0] == "edited.submitted"


def test_what_was_kept_or_skipped_can_stay_so() -> None:
    state = submitted()
    draft = sent(state).put(EMAIL, Kept("maria at home", "no_email")).put("dba", Skipped())
    state = replace(state, submissions=(replace(state.submissions[0], draft=draft),))
    last = talk(asks(state, "dba", EMAIL).state, "keep what i sent", "as i sent it", "send")
    assert sent(last).slots[EMAIL] == Kept("maria at home", "no_email")
    assert sent(last).slots["dba"] == Skipped()
    assert last.submissions[0].version == 2


def test_what_is_told_at_a_question_of_the_check_is_taken_at_once() -> None:
    """It waits for no consent: that was given with the application."""
    asked = asks(submitted(), "self_check.credit", EMAIL).state
    done = step(script(), asked, said("my email is info@lakesidecare.co.uk"))
    assert done.state.draft is not None
    assert done.state.draft.value(EMAIL) == "info@lakesidecare.co.uk"
    assert keys_of(done.acts)[-1] == "ask:self_check.credit"


def test_never_mind_answers_nothing() -> None:
    asked = talk(asks(submitted(), PHONE, EMAIL).state, "+44 113 496 0999")
    for text in ("never mind", "change"):
        done = step(script(), asked, said(text))
        left = talk(done.state, "never mind")
        assert left.draft == asked.draft
    assert keys_of(step(script(), asked, said("never mind")).acts) == [f"ask:{EMAIL}"]


def test_starting_over_asks_the_same_again() -> None:
    state = talk(asks(submitted(), PHONE, EMAIL).state, "+44 113 496 0999", "start over", "yes")
    assert state.draft is not None
    assert [one.path for one in state.draft.asked] == [PHONE, EMAIL]
    assert PHONE not in state.draft.slots
    assert EMAIL not in state.draft.slots


def test_a_second_application_can_be_begun_meanwhile() -> None:
    done = step(script(), asks(submitted(), PHONE).state, said("apply"))
    assert keys_of(done.acts)[:2] == ["amend.later", "apply.again"]
    assert done.state.draft is not None
    assert not done.state.draft.asked
    again = talk(done.state, "answer now", "+44 113 496 0999", "send")
    assert again.draft is not None
    assert not again.draft.asked, "the application comes back"
    assert again.submissions[0].version == 2


def test_the_end_of_a_second_application_leads_on_to_what_is_asked() -> None:
    asked = asks(everywhere()["its statement of truth"], PHONE).state
    done = step(script(), asked, said("yes"))
    assert any(isinstance(act, Submit) for act in done.acts)
    assert keys_of(done.acts) == ["receipt.done", "amend.next", f"ask:{PHONE}"]


def test_two_applications_can_be_asked_about_at_once() -> None:
    state = everywhere()["a second one sent"]
    first = asks(state, PHONE).state
    event = InfoRequested(state.submissions[1].reference, (Asked(EMAIL, "Why?"),), AT, token())
    both = step(script(), first, event)
    assert keys_of(both.acts)[0] == "amend.asked_aside"
    done = step(script(), talk(both.state, "+44 113 496 0999"), said("send"))
    assert keys_of(done.acts) == ["amend.sent", "amend.next", f"ask:{EMAIL}"]
    last = talk(done.state, "info@lakesidecare.co.uk", "send")
    assert [s.version for s in last.submissions] == [2, 2]
    assert sent(last).value(EMAIL) != "info@lakesidecare.co.uk"


def test_an_answer_of_staff_about_what_waits_aside_opens_it_again() -> None:
    parked = talk(asks(submitted(), PHONE).state, "talk to a person", "Which number?", "apply")
    assert [path for d in parked.aside for path in d.slots if path == PHONE] == [PHONE]
    done = step(script(), parked, replied(PHONE, question="Which number?"))
    assert PHONE not in done.state.aside[0].slots
    assert done.state.draft == parked.draft


def test_a_condition_of_the_form_is_asked_before_it_is_sent() -> None:
    """An answer that another one made necessary is no gap in the new version."""
    state = submitted()
    lacking = replace(state.submissions[0], draft=sent(state).clear("website"))
    state = asks(replace(state, submissions=(lacking,)), PHONE).state
    done = step(script(), talk(state, "+44 113 496 0999"), said("send"))
    assert [act.path for act in done.acts if isinstance(act, Ask)] == ["website"]
    last = talk(done.state, "lakesidecare.co.uk", "send")
    assert last.submissions[0].version == 2


# --- taken back, erased, decided ---


@pytest.mark.parametrize("phase", ["asked", "paused", "stopped", "summary"])
def test_withdrawing_ends_what_is_asked(phase: str) -> None:
    words = {"paused": ("pause",), "stopped": ("cancel",), "summary": ("+44 113 496 0999",)}
    state = talk(asks(submitted(), PHONE).state, *words.get(phase, ()))
    done = step(script(), talk(state, "withdraw"), said("yes"))
    assert [act for act in done.acts if isinstance(act, Withdraw)]
    assert done.state.draft is None
    assert done.state.aside == ()
    assert done.state.phase is Phase.VISITING


def test_what_was_to_be_withdrawn_stays_so_whatever_staff_ask_meanwhile() -> None:
    """The question is put again, and it is about the same application."""
    older = asks(everywhere()["a second one sent"], PHONE).state
    done = asks(talk(older, "withdraw"), EMAIL)
    assert keys_of(done.acts) == ["amend.asked_aside", "withdraw.ask"]
    assert reference(older) in speech(done.acts[-1:])
    last = step(script(), done.state, said("yes"))
    assert [act.reference for act in last.acts if isinstance(act, Withdraw)] == [reference(older)]


def test_erasing_ends_everything() -> None:
    for name, state in everywhere().items():
        done = step(script(), asks(state, PHONE).state, Erased(AT, token()))
        assert done.state == State(), name
        assert isinstance(done.acts[0], Forget)


@pytest.mark.parametrize("verdict", ["approved", "declined"])
@pytest.mark.parametrize("name", after_submission())
def test_a_decision_is_told_wherever_the_person_is(name: str, verdict: str) -> None:
    for state in (everywhere()[name], asks(everywhere()[name], PHONE).state):
        done = decides(state, verdict)
        assert keys_of(done.acts)[:2] == [f"decision.{verdict}", f"decision.{verdict}_message"]
        assert submission(done.state, reference(state)).status == verdict  # type: ignore[union-attr]  # it is there
        drafts = [d for d in (done.state.draft, *done.state.aside) if d is not None]
        assert not any(d.reference == reference(state) for d in drafts)
        assert "guarantee" not in speech(done.acts) or "not guarantee" in speech(done.acts)


def test_a_decision_says_what_staff_wrote_or_nothing_besides() -> None:
    own = decides(submitted(), "declined", "Your *papers* are {missing}.")
    assert "Your *papers* are {missing}." in speech(own.acts)
    assert keys_of(own.acts) == ["decision.declined", "decision.own"]
    assert keys_of(decides(submitted(), "declined", "").acts) == ["decision.declined"]


@pytest.mark.parametrize("verdict", ["approved", "declined"])
def test_after_a_decision_it_is_too_late_to_withdraw_and_a_new_one_can_begin(verdict: str) -> None:
    state = decides(submitted(), verdict).state
    assert state.phase is Phase.VISITING
    late = step(script(), state, said("withdraw"))
    assert keys_of(late.acts)[0] == "withdraw.late"
    assert any(isinstance(act, Submit) for act in straight(state)[-1].acts)


def test_a_yes_that_comes_after_the_decision_withdraws_nothing() -> None:
    asked = step(script(), submitted(), said("withdraw"))
    decided = decides(asked.state, "declined")
    assert keys_of(decided.acts)[-1] == "withdraw.late"
    for event in (said("yes"), picked(offers_of(asked.acts)[0].choice)):
        done = step(script(), decided.state, event)
        assert not any(isinstance(act, Withdraw) for act in done.acts)


def test_the_status_shows_the_public_name_and_what_is_asked() -> None:
    asked = talk(asks(submitted(), PHONE, EMAIL).state, "+44 113 496 0999")
    shown = speech(step(script(), asked, said("status")).acts)
    for part in ("Waiting for you", "+44 113 496 0999 (answered, not sent yet)", WHY[EMAIL]):
        assert part in shown
    for verdict, name in (("approved", "Approved"), ("declined", "Declined")):
        assert name in speech(step(script(), decides(asked, verdict).state, said("status")).acts)
    last = talk(asked, "info@lakesidecare.co.uk", "send")
    assert "Under review" in speech(step(script(), last, said("status")).acts)


# --- silence ---


def ticked(state: State, at: str) -> Step:
    return step(script(), state, Ticked(SILENCE, at, token()))


def test_what_staff_ask_is_reminded_of_once_and_never_erased() -> None:
    done = asks(submitted(), PHONE)
    assert done.state.wake
    reminded = ticked(done.state, "2026-03-07T05:06:07Z")
    assert keys_of(reminded.acts) == ["remind.asked"]
    for at in ("2026-05-07T05:06:07Z", "2026-09-07T05:06:07Z", "2027-09-07T05:06:07Z"):
        assert ticked(reminded.state, at).acts == ()
    assert talk(reminded.state, "+44 113 496 0999", "send").submissions[0].version == 2


def test_an_application_that_was_left_for_it_still_ends() -> None:
    asked = asks(everywhere()["a second application"], PHONE).state
    state = talk(asked, "answer now")
    announced = ticked(state, "2026-06-01T05:06:07Z")
    assert keys_of(announced.acts) == ["expiry.notice"]
    assert "1 of 10" not in speech(announced.acts)
    gone = ticked(announced.state, "2026-06-06T05:06:07Z")
    assert keys_of(gone.acts) == ["expiry.done_sent"]
    assert gone.state.draft is not None
    assert gone.state.draft.asked, "what staff ask stays"
    assert gone.state.aside == ()


# --- conversations of an earlier version ---


@pytest.mark.parametrize("phase", PHASES)
def test_a_state_that_knows_nothing_of_this_still_loads(phase: Phase) -> None:
    state = in_phase(phase)

    def earlier(value: object) -> object:
        if isinstance(value, dict):
            drop = {"aside"} | ({"asked", "reference"} if "slots" in value else set())
            drop |= {"version"} if "changed_at" in value else set()
            return {k: earlier(v) for k, v in value.items() if k not in drop}
        return [earlier(v) for v in value] if isinstance(value, list) else value

    old = json.dumps(earlier(json.loads(state.to_json())))
    assert "aside" not in old
    assert State.from_json(old) == state


# --- whatever happens ---


@dataclass
class Walk:
    """One conversation whose person and whose staff do anything."""

    state: State = field(default_factory=submitted)
    seen: list[Choice] = field(default_factory=list)

    def take(self, event: Event) -> None:
        before = self.state
        done = step(script(), before, event)
        if done.acts and isinstance(done.acts[0], LookUp):
            found = Finding("answer", (article(),))
            done = step(script(), before, replace(event, found=found))  # type: ignore[arg-type]  # what a person did
        assert State.from_json(done.state.to_json()) == done.state
        assert list(unworded(done.acts)) == []
        self._nothing_else_changed(before, done)
        for draft in drafts(done.state):
            self._is_whole(done.state, draft)
        self.seen = [offer.choice for offer in offers_of(done.acts)] + self.seen[:30]
        self.state = done.state

    def _nothing_else_changed(self, before: State, done: Step) -> None:
        again = {act.reference: act for act in done.acts if isinstance(act, Resubmit)}
        for was in before.submissions:
            now = submission(done.state, was.reference)
            if now is None:
                continue
            act = again.get(was.reference)
            if act is None:
                assert (now.draft, now.version) == (was.draft, was.version)
                continue
            assert was.status == "needs_info"
            assert (now.status, now.version) == ("submitted", was.version + 1)
            asked = {one.path for one in act.asked}
            assert was.draft.slots.keys() == now.draft.slots.keys()
            for path in was.draft.slots.keys() - asked:
                assert content(was.draft, path) == content(now.draft, path)

    def _is_whole(self, state: State, draft: Draft) -> None:
        found = submission(state, draft.reference)
        assert found is not None
        assert found.status == "needs_info"
        paths = {place.path for place in FORM.places(draft)}
        assert paths == {one.path for one in draft.asked}
        merged = whole(found, draft)
        assert {p for p in merged.slots if merged.slots[p] != found.draft.slots.get(p)} <= paths
        assert set(askable(FORM, draft)) == paths


def drafts(state: State) -> Iterator[Draft]:
    """The amendments; as many as are asked about, and one application at most."""
    found = [d for d in (state.draft, *state.aside) if d is not None]
    assert len([d for d in found if not d.reference]) <= 1
    asked = [d for d in found if d.reference]
    assert sorted(d.reference for d in asked) == sorted(
        s.reference for s in state.submissions if s.status == "needs_info"
    )
    if state.phase in (Phase.FILLING, Phase.REVIEWING, Phase.STATING, Phase.PAUSED):
        assert state.draft is not None
    if state.phase is Phase.SUBMITTED:
        assert any(s.status in WITH_STAFF for s in state.submissions)
    return iter(asked)


PATHS = askable(FORM, sent(submitted()))
TEXTS = [
    *TRUE.values(), *WISHES, *JUNK, *QUESTIONS, *SMALL_TALK, "send", "submit", "answer now",
    "keep what i sent", "pause", "continue", "cancel", "withdraw", "apply", "start over", "back",
    "undo", "skip", "why", "status", "my data", "talk to a person", "never mind", "list", "add",
]  # fmt: skip
MOVES = st.one_of(
    *[st.tuples(st.just("on"), st.integers(1, 3))] * 4,
    st.tuples(st.just("say"), st.sampled_from(TEXTS)),
    st.tuples(st.just("say"), st.sampled_from(["send", "yes", "answer now", "keep what i sent"])),
    st.tuples(st.just("tap"), st.integers(0, 8)),
    st.tuples(st.just("tap"), st.integers(0, 30)),
    st.tuples(st.just("ask"), st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)),
    st.tuples(st.just("decide"), st.sampled_from(["approved", "declined"])),
    st.tuples(st.just("reply"), st.sampled_from(PATHS)),
)


@given(st.lists(MOVES, min_size=10, max_size=40), st.sampled_from(list(after_submission())))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_only_what_is_asked_changes(
    moves: list[tuple[str, object]], start: str
) -> None:
    walk = Walk(everywhere()[start])
    walk.take(_request(walk.state, [PHONE, EMAIL]))
    for kind, what in moves:
        match kind:
            case "on":  # as a willing person does
                for _ in range(int(str(what))):
                    walk.take(onward(walk.state))
            case "say":
                walk.take(said(str(what), None if str(what).endswith("?") else NOTHING))
            case "tap" if walk.seen:
                walk.take(picked(walk.seen[int(str(what)) % len(walk.seen)], None))
            case "ask" if walk.state.submissions:
                walk.take(_request(walk.state, list(dict.fromkeys(what))))  # type: ignore[call-overload]  # paths
            case "decide" if walk.state.submissions:
                ref = walk.state.submissions[-1].reference
                walk.take(Decided(ref, what, None, AT, token()))  # type: ignore[arg-type]  # one of the two
            case "reply":
                walk.take(replied(str(what)))
    straight(walk.state)


def _request(state: State, paths: list[str]) -> InfoRequested:
    fields = tuple(Asked(path, f"Why {path}?") for path in paths)
    return InfoRequested(state.submissions[-1].reference, fields, AT, token())


@pytest.mark.parametrize(
    "text",
    ["change the phone to +44 113 496 0999", "the phone should be +44 113 496 0999",
     "my phone is +44 113 496 0999", "+44 113 496 0999"],
)  # fmt: skip
def test_what_is_asked_is_answered_in_any_of_the_forms_words(text: str) -> None:
    for state in (asks(submitted(), PHONE).state, asks(submitted(), EMAIL, PHONE).state):
        done = talk(state, text)
        assert done.draft is not None
        assert done.draft.value(PHONE) == "+441134960999"
