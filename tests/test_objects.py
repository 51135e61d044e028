"""What a command is about: words to the slots and items that they mean."""

from __future__ import annotations

import pytest

from dialogs.machine import step
from dialogs.objects import objects_of, split_value, subject_draft, where
from dialogs.state import State
from tests.speaking import said, script, submitted, talk, two_locations, until

ENGLISH = script().wording.language("en")


def named(phrase: str, state: State | None = None) -> tuple[str, ...]:
    return objects_of(script(), state or two_locations(), ENGLISH, phrase)


PHRASES: list[tuple[str, tuple[str, ...]]] = [
    ("website", ("website",)),
    ("the website", ("website",)),
    ("my web address", ("website",)),
    ("our e-mail address", ("email",)),
    ("E-MAIL", ("email",)),
    ("name of the business", ("legal_name",)),
    ("company name", ("legal_name",)),
    ("kind of organisation", ("kind",)),
    ("dba", ("dba",)),
    ("owner", ("owners.1.name",)),
    ("phone", ("locations.1.phone", "locations.2.phone")),
    ("phone number", ("locations.1.phone", "locations.2.phone")),
    ("phone of location 2", ("locations.2.phone",)),
    ("phone 2", ("locations.2.phone",)),
    ("2nd phone", ("locations.2.phone",)),
    ("second phone", ("locations.2.phone",)),
    ("the phone of the first location", ("locations.1.phone",)),
    ("the last phone", ("locations.2.phone",)),
    ("the phone of the last location", ("locations.2.phone",)),
    ("country of location 1", ("locations.1.country",)),
    ("location 2", ("locations.2.address",)),
    ("address 2", ("locations.2.address",)),
    ("2", ("locations.2",)),
    ("the second one", ("locations.2",)),
    ("phone of location 3", ()),
    ("third phone", ()),
    ("location 0", ("locations.1.address", "locations.2.address")),
    ("99999 phone", ()),
    ("phone repairs ltd", ()),
    ("management partners ltd", ()),
    ("the", ()),
    ("", ()),
    ("፩", ()),
    ("²", ("locations.2",)),
    ("locations.2", ("locations.2",)),
    ("locations.2.phone", ("locations.2.phone",)),
    ("locations.9.phone", ()),
    ("no.such.path", ()),
]


@pytest.mark.parametrize(("phrase", "paths"), PHRASES)
def test_words_name_slots_only_where_all_of_them_are_used_up(
    phrase: str, paths: tuple[str, ...]
) -> None:
    assert named(phrase) == paths


def test_a_number_counts_what_is_there_now_not_ids() -> None:
    state = talk(two_locations(), "remove location 1", "add location", "Georgia")
    assert state.draft is not None
    assert state.draft.ids("locations") == ("2", "3")
    assert named("phone 1", state) == ("locations.2.phone",)
    assert named("last phone", state) == ("locations.3.phone",)


def test_nothing_is_named_before_anything_was_begun() -> None:
    assert named("website", State()) == ()
    assert subject_draft(State()) is None


def test_after_submission_the_one_with_staff_is_meant() -> None:
    assert subject_draft(submitted()) == submitted().submissions[0].draft
    begun = talk(submitted(), "apply")
    assert subject_draft(begun) == begun.draft
    assert subject_draft(talk(begun, "cancel")) == submitted().submissions[0].draft


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("change my phone to +62 21 555", ("change my phone", "+62 21 555")),
        ("the website should be a.example", ("the website", "a.example")),
        ("change name to Back to Basics Ltd", ("change name", "Back to Basics Ltd")),
        ("change my phone", ("change my phone", "")),
        ("change my phone to ", ("change my phone to ", "")),
    ],
)
def test_a_wish_is_split_from_its_new_value(text: str, split: tuple[str, str]) -> None:
    assert split_value(ENGLISH, text) == split


def test_a_change_with_its_value_is_made_at_once() -> None:
    done = step(script(), two_locations(), said("change the phone of location 2 to 021 555 9999"))
    assert done.state.draft is not None
    assert done.state.draft.value("locations.2.phone") == "+62215559999"
    assert done.state.draft.value("locations.1.phone") == "+441134960271"


def test_a_change_with_a_refused_value_keeps_the_old_one() -> None:
    state = talk(two_locations(), "change email to lakeside@gmail.com")
    assert state.draft is not None
    assert state.draft.value("email") == "service@lakesidecare.co.uk"
    assert state.editing == "email"


def test_where_an_item_stands_is_said_only_among_several() -> None:
    draft = two_locations().draft
    assert draft is not None
    form = script().form
    second, owner = form.place(draft, "locations.2.phone"), form.place(draft, "owners.1.name")
    assert second is not None
    assert owner is not None
    assert where(script(), draft, second) == "2"
    assert where(script(), draft, owner) == ""


def test_an_opener_without_an_answer_of_that_name_is_a_name() -> None:
    state = talk(until("legal_name"), "Fix Mobile")
    assert state.draft is not None
    assert state.draft.value("legal_name") == "Fix Mobile"
