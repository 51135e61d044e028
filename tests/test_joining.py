"""Second parts: what reads as the continuation of the answer before, and what never does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogs.form import Place
from dialogs.joining import SOON, continues, soon
from dialogs.machine import step
from dialogs.slots import Answered
from dialogs.state import State
from tests.speaking import AT, keys_of, reviewing, said, script, talk, two_locations, until

CONTINUES = [
    # field, what was typed before, the next message, is it the continuation?
    ("locations.address", "12 Market Street", "Leeds LS1 6DT", True),
    ("locations.address", "Jl Kemang Raya 45", "Jakarta Selatan 12730", True),
    ("locations.address", "Jl Kemang Raya 45", "jakarta", True),
    ("locations.address", "Cumhuriyet Bulvarı 140, 35210 Konak", "İzmir", True),
    ("locations.address", "12 Market Street", "2nd floor", True),
    ("locations.address", "12 Market Street", "LS1 6DT", True),
    ("locations.address", "12 Market Street", "do not have one yet", False),
    ("locations.address", "12 Market Street", "no", False),
    ("locations.address", "12 Market Street", "yes", False),
    ("locations.address", "12 Market Street", "what is next?", False),
    ("locations.address", "12 Market Street", "0113 496 0271", False),
    ("locations.address", "12 Market Street", "office@lakeside.co.uk", False),
    ("locations.address", "12 Market Street", "lakeside.co.uk", False),
    ("locations.address", "12 Market Street", "our phone is broken at the moment", False),
    ("legal_name", "Lakeside Mobile Care", "Ltd", True),
    ("legal_name", "Lakeside Mobile Care", "Pty Ltd.", True),
    ("legal_name", "Lakeside Mobile Care", "& Sons", True),
    ("legal_name", "Lakeside Mobile Care", "and partners", True),
    ("legal_name", "Lakeside Mobile Care", "Lakeside Repairs", False),
    ("legal_name", "Lakeside Mobile Care", "none", False),
    ("owners.name", "Maria", "Santos", True),
    ("owners.name", "Maria", "no", False),
    ("owners.name", "Maria Santos", "Hartono", False),
    ("owners.name", "Maria", "Budi Hartono", False),
    ("locations.phone", "0113 496 0271", "ext 12", True),
    ("locations.phone", "0113 496 0271", "x12", True),
    ("locations.phone", "0113 496 0271", "0113 496 0272", False),
    ("locations.phone", "0113 496 0271", "no", False),
    ("experience", "We repair phones.", "also tablets", True),
    ("experience", "We repair phones.", "And since 2019 laptops too.", True),
    ("experience", "We repair phones.", "with four technicians in two shops", True),
    ("experience", "We repair phones.", "looks good", False),
    ("experience", "We repair phones.", "is that enough?", False),
    ("email", "office@lakeside.co.uk", "and info@lakeside.co.uk", False),
    ("website", "lakeside.co.uk", "and more", False),
]


def place(name: str) -> Place:
    state = until(name)
    found = script().form.next_place(state.draft) if state.draft else None
    assert found is not None
    assert found.name == name
    return found


@pytest.mark.parametrize(("name", "before", "text", "expected"), CONTINUES)
def test_what_reads_as_a_continuation(name: str, before: str, text: str, expected: bool) -> None:
    reader = place(name).question.reader
    assert continues(reader, before, text, script().wording.language("en")) is expected


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("2026-03-04T05:06:07Z", True),
        ("2026-03-04T05:06:22.000Z", True),
        ("2026-03-04T05:06:22.001Z", False),
        ("2026-03-04T05:06:06Z", False),  # out of order: it was sent before
        ("2026-03-05T05:06:07Z", False),
        ("", False),
        ("soon", False),
        ("2026-03-04T05:06:09", False),  # without a zone it cannot be told
    ],
)
def test_soon_is_fifteen_seconds_by_the_platforms_clock(later: str, expected: bool) -> None:
    assert SOON.total_seconds() == 15
    assert soon(AT, later) is expected


def value(state: State, path: str) -> str | None:
    return state.draft.value(path) if state.draft else None


def test_a_joined_answer_keeps_both_messages_and_one_tap_takes_the_part_off() -> None:
    state = talk(until("locations.address"), "12 Market Street")
    first = state.draft.slots["locations.1.address"] if state.draft else None
    part = said("Leeds LS1 6DT")
    done = step(script(), state, part)
    slot = done.state.draft.slots["locations.1.address"] if done.state.draft else None
    assert isinstance(slot, Answered)
    assert isinstance(first, Answered)
    assert slot.value == "12 Market Street, Leeds LS1 6DT"
    assert slot.messages == (*first.messages, part.message)
    assert slot.parts == ("12 Market Street", "Leeds LS1 6DT")
    assert keys_of(done.acts) == ["accepted.changed", "ask:locations.1.phone"]
    assert value(talk(done.state, "undo"), "locations.1.address") == "12 Market Street"


def test_after_fifteen_seconds_nothing_joins() -> None:
    state = talk(until("owners.name"), "Maria")
    late = replace(said("Santos"), at="2026-03-04T05:07:07Z")
    done = step(script(), state, late)
    assert keys_of(done.acts)[0].startswith("refusals.")
    assert value(done.state, "owners.1.name") == "Maria"


def test_the_rest_of_an_address_that_was_asked_for_joins_at_any_time() -> None:
    state = talk(until("locations.address"), "12 Market Street")
    assert state.pending is not None
    late = replace(said("Leeds LS1 6DT"), at="2026-03-05T05:06:07Z")
    after = step(script(), state, late).state
    assert value(after, "locations.1.address") == "12 Market Street, Leeds LS1 6DT"


def test_a_valid_answer_to_the_open_question_never_joins() -> None:
    state = talk(until("locations.address"), "12 Market Street", "0113 496 0271")
    assert value(state, "locations.1.address") == "12 Market Street"
    assert value(state, "locations.1.phone") == "+441134960271"


def test_three_answers_at_once_land_in_their_own_fields() -> None:
    state = talk(until("legal_name"), "Acme Ltd", "Acme Repairs", "Maria Santos")
    paths = ("legal_name", "dba", "owners.1.name")
    assert [value(state, path) for path in paths] == ["Acme Ltd", "Acme Repairs", "Maria Santos"]


def test_more_experience_joins_at_the_summary_and_never_at_the_statement_of_truth() -> None:
    state = talk(reviewing(), "also tablets")
    assert (value(state, "experience") or "").endswith("\nalso tablets")
    stating = talk(reviewing(), "submit", "also tablets and phones")
    assert value(stating, "experience") == value(reviewing(), "experience")
    assert value(talk(two_locations(), "yes"), "experience") == value(reviewing(), "experience")
