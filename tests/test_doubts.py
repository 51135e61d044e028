"""Doubts between answers: seen at hand-off, kept for the reviewer, in nobody's way."""

from __future__ import annotations

import pytest

from dialogs.doubts import across
from dialogs.slots import Answered, Draft
from tests.speaking import script

FORM = script().form
ENGLISH = script().wording.language("en")


def draft(**values: str) -> Draft:
    """A draft with these answers; "a__2__b" is the path a.2.b."""
    filled = Draft()
    for name, value in values.items():
        path = name.replace("__", ".")
        if path.startswith("locations.2.") and "2" not in filled.ids("locations"):
            filled = filled.add("locations")
        filled = filled.put(path, Answered(value, value))
    return filled


def codes(filled: Draft) -> dict[str, list[str]]:
    found = across(filled, ENGLISH.words)
    return {path: [flag.code for flag in flags] for path, flags in found.items()}


def two(first: str, second: str, country: str = "GB") -> Draft:
    return draft(
        locations__1__country="GB",
        locations__1__address=first,
        locations__2__country=country,
        locations__2__address=second,
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("12 Market Street, Leeds LS1 6DT", "12 market st., LEEDS, LS1 6DT"),
        ("Jl. Melawai Raya No. 12, Jakarta 12160", "Jalan Melawai Raya 12, Jakarta"),
        ("12 Market Street, Leeds LS1 6DT", "12 Market Street, Leeds"),
        ("12 Market Street, Leeds", "Leeds, 12 Market Street, United Kingdom"),
        ("Jl Kemang Raya 45, Jakarta Selatan 12730", "Jl Kemang Raya 45 Jakarta Selatan"),
    ],
)
def test_the_same_address_twice_is_seen_at_the_later_one(first: str, second: str) -> None:
    assert codes(two(first, second)) == {"locations.2.address": ["same_address"]}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("12 Market Street, Leeds", "14 Market Street, Leeds"),
        ("12 Market Street, Leeds", "12 Market Street, Leeds, Unit 5"),
        ("12 Market Street, Leeds", "12 Market Street, York"),
        ("12 Market Street, Leeds", "12 Market Road, Leeds"),
        ("Central market", "Central market"),  # says too little to be sure of
    ],
)
def test_neighbours_are_two_places(first: str, second: str) -> None:
    assert codes(two(first, second)) == {}


def test_the_same_street_in_another_country_is_another_place() -> None:
    assert codes(two("12 Market Street", "12 Market Street", country="US")) == {}


def test_a_location_without_an_address_yet_is_passed_over() -> None:
    assert codes(draft(locations__1__country="GB", locations__2__address="12 High Street")) == {}


def test_one_phone_for_two_addresses_is_no_doubt() -> None:
    filled = two("12 Market Street, Leeds", "5 High Street, York")
    for id in ("1", "2"):
        filled = filled.put(f"locations.{id}.phone", Answered("+441134960271", "0113 496 0271"))
    assert codes(filled) == {}


@pytest.mark.parametrize(
    ("legal", "dba", "owner", "seen"),
    [
        ("Maria Santos", "Lakeside Repairs", "maria santos", True),
        ("CV Budi Jaya", "Fix It", "Budi Jaya", True),
        ("Acme Ltd", "Siti Rahma", "Siti Rahma", True),
        ("Santos Repairs Ltd", "Fix It", "Maria Santos", False),
        ("Ltd", "Fix It", "PT", False),
    ],
)
def test_an_owner_with_the_name_of_the_business_is_seen(
    legal: str, dba: str, owner: str, seen: bool
) -> None:
    found = codes(draft(legal_name=legal, dba=dba, owners__1__name=owner))
    assert found == ({"owners.1.name": ["owner_is_business"]} if seen else {})


def test_the_form_puts_them_beside_the_readers_doubts_and_takes_them_back() -> None:
    filled = two("12 Market Street, Leeds", "12 Market St, Leeds")
    doubted = FORM.doubts(filled, ENGLISH)
    slot = doubted.slots["locations.2.address"]
    assert isinstance(slot, Answered)
    assert {flag.code: dict(flag.details) for flag in slot.flags} == {
        "postcode_missing": {"country": "GB"},
        "same_address": {"first": "1"},
    }
    moved = doubted.put("locations.1.address", Answered("5 High Street, York", "5 High Street"))
    mended = FORM.doubts(moved, ENGLISH).slots["locations.2.address"]
    assert isinstance(mended, Answered)
    assert "same_address" not in {flag.code for flag in mended.flags}
