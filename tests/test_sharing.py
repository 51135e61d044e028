"""Contact cards, pure: one's own answers the phone question, another's is asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogs.acts import Act
from dialogs.events import Choice, Said
from dialogs.machine import step
from dialogs.sharing import wants_number
from dialogs.slots import Answered
from dialogs.state import Pending, Phase, State, open_place
from tests.speaking import (
    AT,
    in_phase,
    keys_of,
    offers_of,
    picked,
    said,
    script,
    talk,
    token,
    until,
)

PHONE = "locations.1.phone"
NUMBER = "+44 113 496 0271"
OTHERS = "0113 496 0272"


def card(number: str, *, own: bool) -> Said:
    key = token()
    return Said(number, f"m{key}", AT, key, medium="contact", own=own)


def at_phone() -> State:
    return until("locations.phone")


def value(state: State) -> str:
    slot = state.draft.slots.get(PHONE) if state.draft else None
    return slot.value if isinstance(slot, Answered) else ""


def choice(acts: tuple[Act, ...], value: str) -> Choice:
    (found,) = (o.choice for o in offers_of(acts) if o.choice.value == value)
    return found


def test_one_s_own_card_answers_the_question_as_if_it_was_typed() -> None:
    event = card(NUMBER, own=True)
    state, acts = step(script(), at_phone(), event)
    assert state.draft is not None
    slot = state.draft.slots[PHONE]
    assert isinstance(slot, Answered)
    assert (slot.value, slot.typed, slot.messages) == ("+441134960271", NUMBER, (event.message,))
    assert keys_of(acts)[0] == "accepted.answer"


def test_one_s_own_card_answers_also_while_the_application_is_paused() -> None:
    state = step(script(), talk(at_phone(), "pause"), card(NUMBER, own=True)).state
    assert value(state) == "+441134960271"


def test_a_number_that_cannot_be_right_is_refused_like_a_typed_one() -> None:
    state, acts = step(script(), at_phone(), card("+44 1", own=True))
    assert value(state) == ""
    assert keys_of(acts)[0].startswith("refusals.")


def test_somebody_else_s_card_is_asked_about_and_a_yes_takes_it() -> None:
    state, acts = step(script(), at_phone(), card(OTHERS, own=False))
    assert value(state) == ""
    assert state.pending == Pending("contact", PHONE, OTHERS)
    assert keys_of(acts) == ["sharing.confirm"]
    for yes in (said("yes"), picked(choice(acts, "yes"))):
        assert value(step(script(), state, yes).state) == "+441134960272"


def test_a_no_leaves_the_question_open_and_puts_it_again() -> None:
    state, acts = step(script(), at_phone(), card(OTHERS, own=False))
    for no in (said("no"), picked(choice(acts, "no"))):
        after, told = step(script(), state, no)
        assert (after.pending, value(after)) == (None, "")
        assert keys_of(told) == ["dropped", f"ask:{PHONE}"]


def test_a_typed_number_is_the_answer_whatever_card_was_sent_before() -> None:
    state = step(script(), at_phone(), card(OTHERS, own=False)).state
    assert value(talk(state, NUMBER)) == "+441134960271"


def test_the_button_of_an_earlier_card_confirms_no_other_one() -> None:
    state, first = step(script(), at_phone(), card(OTHERS, own=False))
    state, _ = step(script(), state, card("0113 496 0273", own=False))
    after, acts = step(script(), state, picked(choice(first, "yes")))
    assert value(after) == ""
    assert keys_of(acts)[0] == "stale"


def test_a_confirmation_whose_question_is_gone_changes_nothing() -> None:
    state = step(script(), at_phone(), card(OTHERS, own=False)).state
    moved = replace(state, editing="legal_name")
    after, acts = step(script(), moved, said("yes"))
    assert after.draft == moved.draft
    assert keys_of(acts)[0] == "stale"


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("phase", Phase)
def test_a_card_that_was_not_asked_for_changes_nothing(phase: Phase, own: bool) -> None:
    state = in_phase(phase)
    place = open_place(script(), state)
    assert place is None or place.path != PHONE
    after, acts = step(script(), state, card(NUMBER, own=own))
    assert after == state
    assert keys_of(acts) == ["media.contact"]


def test_a_card_without_a_number_is_nothing_that_can_be_read() -> None:
    state, acts = step(script(), at_phone(), card("", own=True))
    assert value(state) == ""
    assert keys_of(acts) == ["media.other"]


def test_a_number_is_wanted_only_while_the_phone_question_is_being_asked() -> None:
    def wanted(state: State) -> str:
        return wants_number(state, open_place(script(), state))

    state = at_phone()
    assert wanted(state) == PHONE
    assert wanted(talk(state, "why", "thanks", "talk to a person")) == PHONE
    assert wanted(talk(state, "pause")) == ""
    assert wanted(talk(state, "pause", "continue")) == PHONE
    assert wanted(talk(state, "change the legal name")) == ""
    assert wanted(talk(state, NUMBER)) == ""
    assert wanted(talk(state, NUMBER, "change the phone")) == PHONE
    assert wanted(State()) == ""
