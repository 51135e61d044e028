"""What people type at a first try, and what must not come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dialogs.acts import Act, Escalate, Offer, Term
from dialogs.answers import Accepted, Refused
from dialogs.choices import YesNo
from dialogs.machine import step
from dialogs.slots import Skipped
from dialogs.state import Phase, State
from dialogs.verdicts import Known
from tests.speaking import offers_of, reviewing, said, script, speech, talk, until


def value(state: State, path: str) -> object:
    assert state.draft is not None
    return state.draft.value(path)


def escalated(acts: Sequence[Act]) -> int:
    return sum(isinstance(act, Escalate) for act in acts)


def indonesian(state: State) -> State:
    return replace(state, language="id")


# --- a yes, or something else ---


@pytest.mark.parametrize(
    ("language", "text", "is_yes"),
    [
        ("en", "yes we been running 6 yrs", True),
        ("en", "yes, 6 years in business", True),
        ("en", "yes, since 2016", True),
        ("id", "udah 5 thn", True),
        ("id", "ya, sejak 2018", True),
        ("en", "yes, in 6 months", False),
        ("en", "yes, 6 months from now", False),
        ("id", "ya, 3 bulan lagi", False),
        ("en", "yes, 2 of 3", False),
        ("en", "yes, 2 of the 3 years", False),
    ],
)
def test_a_time_until_today_makes_no_condition_of_a_yes(
    language: str, text: str, is_yes: bool
) -> None:
    known = Known(words=script().wording.language(language).words)
    outcome = YesNo(not_sure=True).read(text, known)
    assert (outcome == Accepted("yes")) == is_yes
    assert is_yes or (isinstance(outcome, Refused) and outcome.code == "hedged")


def test_a_time_is_a_yes_in_the_conversation_too() -> None:
    after = talk(until("self_check.operating"), "yes we been running 6 yrs")
    assert value(after, "self_check.operating") == "yes"


def test_who_wants_to_apply_has_not_said_yes_to_asking_staff() -> None:
    asked = talk(indonesian(State()), "biayanya berapa ya?")
    assert asked.pending is not None
    assert asked.pending.kind == "escalate"
    done = step(script(), asked, said("mau daftar"))
    assert done.state.phase is Phase.FILLING
    assert escalated(done.acts) == 0


@pytest.mark.parametrize("text", ["yes", "yes please", "ask staff", "yes, ask them", "ok"])
def test_a_yes_to_asking_staff_is_one(text: str) -> None:
    asked = talk(State(), "do you have a cat?")
    done = step(script(), asked, said(text))
    assert escalated(done.acts) == 1


def test_a_shop_is_no_home_whatever_stands_before_it() -> None:
    doubted = talk(until("locations.address"), "Flat 3, 12 High Street, Leeds LS1 6DT")
    assert doubted.pending is not None
    assert doubted.pending.kind == "home"
    after = talk(doubted, "no its a shop")
    assert value(after, "locations.1.address") == "Flat 3, 12 High Street, Leeds LS1 6DT"
    assert after.pending == doubted.pending
    assert value(talk(doubted, "no"), "locations.1.address") is None


# --- an answer that is not needed can go ---


@pytest.mark.parametrize("text", ["skip", "none", "there is none"])
def test_a_trading_name_is_taken_out_by_changing_it(text: str) -> None:
    given = talk(until("dba"), "Lakeside Repairs")
    changing = step(script(), given, said("change the trading name"))
    assert "Skip" in [label(offer) for offer in offers_of(changing.acts)]
    done = step(script(), changing.state, said(text))
    assert isinstance(slots(done.state)["dba"], Skipped)
    assert "Trading name (DBA): Lakeside Repairs → none" in speech(done.acts)
    back = talk(done.state, "undo")
    assert value(back, "dba") == "Lakeside Repairs"


def test_a_trading_name_is_taken_out_by_its_name() -> None:
    given = talk(until("email"), "change the trading name", "Lakeside Repairs")
    done = step(script(), given, said("remove the trading name"))
    assert isinstance(slots(done.state)["dba"], Skipped)
    assert "needs one" not in speech(done.acts)


def test_what_is_needed_stays() -> None:
    changing = talk(reviewing(), "change the website")
    before = slots(changing)["website"]
    assert slots(talk(changing, "skip"))["website"] == before
    assert slots(talk(reviewing(), "remove the website"))["website"] == before


def slots(state: State) -> dict[str, object]:
    assert state.draft is not None
    return dict(state.draft.slots)


def label(offer: Offer) -> str:
    assert isinstance(offer.label, Term)
    return script().wording.text("en", offer.label.key)


# --- what is shown ---


def test_what_stays_the_same_is_not_shown_as_a_change() -> None:
    given = talk(until("legal_name"), "Acme Ltd")
    done = step(script(), given, said("change the legal name"))
    done = step(script(), done.state, said("Acme Ltd"))
    assert "Legal name: Acme Ltd" in speech(done.acts)
    assert "→" not in speech(done.acts)
