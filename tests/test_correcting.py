"""Corrections: only the answer that is meant changes, whatever words say so."""

from __future__ import annotations

import pytest

from dialogs.correcting import correction
from dialogs.readings import Orders
from dialogs.state import State
from tests.speaking import script, talk, two_locations, until

CORRECTIONS = [
    # what was answered last, the text, (about, value); None: no correction
    ("legal_name", "no, I meant Acme Ltd", ("legal_name", "Acme Ltd")),
    ("legal_name", "No I meant: Acme Ltd", ("legal_name", "Acme Ltd")),
    ("legal_name", "sorry, I meant Acme Ltd", ("legal_name", "Acme Ltd")),
    ("legal_name", "actually it's Acme Ltd", ("legal_name", "Acme Ltd")),
    ("legal_name", "correction: Acme Ltd", ("legal_name", "Acme Ltd")),
    ("legal_name", "oh wait its Acme Ltd", ("legal_name", "Acme Ltd")),
    ("legal_name", "oh, I meant Acme Ltd", ("legal_name", "Acme Ltd")),
    ("legal_name", "the name is wrong", ("the name", "")),
    ("legal_name", "the name is wrong, it's Acme Ltd", ("the name", "Acme Ltd")),
    ("legal_name", "name was wrong - should be Acme Ltd", ("name", "Acme Ltd")),
    ("legal_name", "wait, the name should be PT Acme not CV Acme", ("the name", "PT Acme")),
    ("legal_name", "my legal name should be Acme Ltd", ("my legal name", "Acme Ltd")),
    ("locations.phone", "the address is wrong, its 9 High St", ("the address", "9 High St")),
    ("locations.phone", "the address has a typo: 9 High St", ("the address", "9 High St")),
    ("locations.phone", "oops, 0113 496 0272", ("locations.1.phone", "0113 496 0272")),
    ("locations.phone", "phone changed to 0113 496 0272", ("phone", "0113 496 0272")),
    ("legal_name", "oops, acme ltd", ("legal_name", "acme ltd")),
    ("legal_name", "No Limits Ltd", None),
    ("legal_name", "no, that was all", None),
    ("legal_name", "Sorry Not Sorry Ltd", None),
    ("legal_name", "I Mean Business Ltd", None),
    ("legal_name", "Wrong Turn Repairs", None),
    ("legal_name", "is the name wrong?", None),
    ("legal_name", "the phone is wrong", None),
    ("legal_name", "The Right One Ltd", None),
    ("legal_name", "Actually Good Repairs", None),
    ("legal_name", "wait", None),
    ("legal_name", "sorry", None),
]


def answered(name: str) -> State:
    """Just after this field was answered."""
    names = {"legal_name": "Acme Limited", "locations.phone": "0113 496 0271"}
    return talk(until(name), names[name])


@pytest.mark.parametrize(("name", "text", "expected"), CORRECTIONS)
def test_a_correction_names_its_answer(
    name: str, text: str, expected: tuple[str, str] | None
) -> None:
    found = correction(script(), answered(name), script().wording.language("en"), text)
    assert found == (Orders("change", *expected) if expected else None)


def test_a_correction_changes_its_answer_and_no_other() -> None:
    before = two_locations()
    after = talk(before, "the website is wrong, it's northside.co.uk")
    assert before.draft is not None
    assert after.draft is not None
    changed = {p for p, s in after.draft.slots.items() if s != before.draft.slots.get(p)}
    assert changed == {"website"}
    assert after.draft.value("website") == "https://northside.co.uk"


def test_which_of_two_is_asked_not_guessed() -> None:
    before = two_locations()
    after = talk(before, "the phone is wrong, it's 0113 496 0272")
    assert after.draft == before.draft
    assert after.pending is not None
    assert after.pending.kind == "choose"


def test_no_correction_before_anything_is_filled() -> None:
    assert correction(script(), State(), script().wording.language("en"), "no, I meant x") is None
