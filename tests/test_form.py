"""The form as it is derived from a model: order, repeats, conditions, progress, doubts, words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel

from bot.words import WORDS, read_words
from dialogs.answers import Choice, FreeText, YesNo
from dialogs.application import Application, Line, Question, Repeat
from dialogs.contacts import Email, Phone, Website
from dialogs.form import Form
from dialogs.machine import ORDERS, step
from dialogs.slots import Answered, Draft, Kept, Parked, Skipped
from dialogs.state import Phase, Script, State, open_place
from dialogs.verdicts import Flag
from dialogs.wording import WordingError
from tests.speaking import said, script, talk, two_locations, until

FORM = script().form
ENGLISH = script().wording.language("en")
ORDER = [
    "self_check.operating",
    "self_check.audited",
    "self_check.credit",
    "self_check.promote",
    "self_check.walk_in",
    "self_check.reception",
    "self_check.workshop",
    "self_check.commercial",
    "self_check.technicians",
    "consent",
    "kind",
    "legal_name",
    "dba",
    "owners.1.name",
    "owners.more",
    "locations.1.country",
    "locations.1.address",
    "locations.1.phone",
    "locations.more",
    "email",
    "website",
    "experience",
    "truth",
]


def filled(draft: Draft, *paths: str) -> Draft:
    for path in paths:
        draft = draft.put(path, Answered("x", "x"))
    return draft


def test_the_questions_stand_in_the_order_of_the_model() -> None:
    assert [place.path for place in FORM.places(Draft())] == ORDER


def test_the_first_unasked_slot_is_asked_whatever_was_filled_before() -> None:
    draft = filled(Draft(), *ORDER[:12])
    place = FORM.next_place(draft)
    assert place is not None
    assert place.path == "dba"
    again = FORM.next_place(draft.clear("consent"))
    assert again is not None
    assert again.path == "consent"


def test_nothing_is_next_when_all_but_the_closing_is_filled() -> None:
    draft = filled(Draft(), *(p for p in ORDER[:-1] if not p.endswith(".more")))
    draft = draft.close("owners").close("locations")
    assert FORM.next_place(draft) is None
    closing = FORM.next_place(draft, "closing")
    assert closing is not None
    assert closing.path == "truth"


@pytest.mark.parametrize("slot", [Kept("t", "code"), Skipped(), Skipped("not_answered"), Parked()])
def test_whatever_fills_a_slot_it_is_not_asked_again(
    slot: Kept | Skipped | Parked,
) -> None:
    draft = Draft().put("self_check.operating", slot)
    place = FORM.next_place(draft)
    assert place is not None
    assert place.path == "self_check.audited"


# --- repeats ---


def test_a_repeat_begins_with_one_item_and_ends_by_its_mark() -> None:
    paths = [place.path for place in FORM.places(Draft().close("locations"))]
    assert "locations.more" not in paths
    assert "locations.1.phone" in paths


def test_a_further_item_is_asked_after_the_others_and_opens_the_repeat_again() -> None:
    draft = Draft().close("locations").add("locations")
    paths = [p.path for p in FORM.places(draft) if p.group == "locations"]
    assert paths == [
        *(f"locations.{i}.{leaf}" for i in "12" for leaf in ("country", "address", "phone")),
        "locations.more",
    ]


def test_an_id_is_never_given_twice() -> None:
    draft = Draft().add("locations").add("owners").remove("locations", "2").add("locations")
    assert draft.ids("locations") == ("1", "4")
    assert draft.ids("owners") == ("1", "3")


def test_removing_takes_the_slots_of_that_item_only() -> None:
    draft = filled(Draft().add("locations"), "locations.1.phone", "locations.2.phone", "email")
    left = draft.remove("locations", "1")
    assert set(left.slots) == {"locations.2.phone", "email"}
    assert left.ids("locations") == ("2",)


def test_removing_an_item_takes_none_whose_id_begins_alike() -> None:
    draft = Draft()
    for _ in range(10):
        draft = draft.add("locations")
    draft = filled(draft, "locations.1.phone", "locations.10.phone", "locations.11.phone")
    assert set(draft.remove("locations", "1").slots) == {"locations.10.phone", "locations.11.phone"}


def test_the_last_item_is_replaced_by_a_fresh_one() -> None:
    draft = filled(Draft(), "owners.1.name").remove("owners", "1")
    assert draft.ids("owners") == ("2",)
    assert draft.slots == {}


def test_a_place_is_found_by_its_path_and_only_if_it_is_there() -> None:
    draft = Draft().add("locations")
    for path in ("kind", "locations.2.phone", "locations.more", "self_check.credit"):
        place = FORM.place(draft, path)
        assert place is not None
        assert place.path == path
    for path in ("", "locations", "locations.3.phone", "locations.2", "locations.2.x", "nothing"):
        assert FORM.place(draft, path) is None


# --- where we are ---


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ("self_check.operating", (1, 9)),
        ("self_check.technicians", (9, 9)),
        ("consent", (0, 0)),
        ("kind", (1, 10)),
        ("locations.1.phone", (7, 10)),
        ("locations.more", (0, 0)),
        ("experience", (10, 10)),
        ("truth", (0, 0)),
        ("locations.9.phone", (0, 0)),
    ],
)
def test_a_question_knows_its_number(path: str, position: tuple[int, int]) -> None:
    assert FORM.position(Draft(), path) == position


def test_numbers_grow_with_the_items() -> None:
    draft = Draft().add("locations")
    assert FORM.position(draft, "locations.2.country") == (8, 13)
    assert FORM.position(draft, "email") == (11, 13)


def test_progress_counts_what_needs_nothing_more() -> None:
    draft = filled(Draft(), "kind", "self_check.audited", "consent")
    draft = draft.put("dba", Skipped()).put("email", Parked()).put("website", Kept("t", "c"))
    assert FORM.progress(draft) == (3, 10)
    assert [place.path for place in FORM.open_at_staff(draft)] == ["email"]


# --- what a reader may look at, and doubts ---


def test_a_reader_sees_its_own_items_answers_and_the_forms() -> None:
    state = two_locations()
    assert state.draft is not None
    place = FORM.place(state.draft, "locations.2.phone")
    assert place is not None
    values = FORM.known(state.draft, place, ENGLISH).values
    assert values["country"] == "ID"
    assert values["email"] == "service@lakesidecare.co.uk"
    assert "phone" not in values


def flags(draft: Draft | None, path: str) -> list[str]:
    slot = draft.slots[path] if draft else None
    assert isinstance(slot, Answered)
    return [flag.code for flag in slot.flags]


def test_doubts_are_computed_from_all_answers_as_they_stand() -> None:
    draft = Draft().put("email", Answered("info@acme.co.uk", "info@acme.co.uk"))
    draft = draft.put("website", Answered("https://other.co.uk", "other.co.uk"))
    doubted = FORM.doubts(draft, ENGLISH)
    assert flags(doubted, "email") == ["domain_differs"]
    assert flags(doubted, "website") == ["domain_differs"]
    mended = doubted.put("website", Answered("https://acme.co.uk", "acme.co.uk"))
    assert flags(FORM.doubts(mended, ENGLISH), "email") == []


def test_doubting_twice_changes_nothing_more() -> None:
    draft = Draft().put("email", Answered("info@acme.co.uk", "info@acme.co.uk"))
    draft = draft.put("website", Answered("https://other.co.uk", "other.co.uk"))
    once = FORM.doubts(draft, ENGLISH)
    assert FORM.doubts(once, ENGLISH) == once


def test_a_changed_country_is_seen_by_the_phone_beside_it() -> None:
    state = talk(two_locations(), "change the country of location 2 to France")
    assert flags(state.draft, "locations.2.phone") == ["other_country"]
    back = talk(state, "change the country of location 2 to Indonesia")
    assert flags(back.draft, "locations.2.phone") == []


def test_the_value_is_never_judged_again() -> None:
    odd = Draft().put("locations.1.phone", Answered("+999", "as it was", (), (Flag("old"),)))
    slot = FORM.doubts(odd, ENGLISH).slots["locations.1.phone"]
    assert isinstance(slot, Answered)
    assert slot.value == "+999"


# --- other models: conditions, and one more question ---


class Stall(BaseModel):
    days: Annotated[Line, Question(FreeText())]


def _reseller(values: Mapping[str, str]) -> bool:
    return values.get("kind") == "reseller"


class Small(BaseModel):
    kind: Annotated[Line, Question(Choice(("reseller", "other")))]
    permit: Annotated[Line, Question(FreeText(), when=_reseller)]
    stalls: Annotated[tuple[Stall, ...], Repeat(most=2)]
    last: Annotated[Line, Question(FreeText())]


@pytest.mark.parametrize(("kind", "next_"), [("reseller", "permit"), ("other", "stalls.1.days")])
def test_a_question_with_a_condition_is_asked_only_where_it_holds(kind: str, next_: str) -> None:
    form = Form(Small)
    place = form.next_place(Draft().put("kind", Answered(kind, kind)), "form")
    assert place is not None
    assert place.path == next_


def test_a_condition_that_no_longer_holds_takes_its_question_out() -> None:
    form = Form(Small)
    draft = filled(Draft().put("kind", Answered("reseller", "reseller")), "permit")
    assert "permit" in [place.path for place in form.places(draft)]
    changed = draft.put("kind", Answered("other", "other"))
    assert "permit" not in [place.path for place in form.places(changed)]


def test_a_field_without_its_question_is_named() -> None:
    class Bare(BaseModel):
        colour: str

    with pytest.raises(TypeError, match="colour"):
        Form(Bare)


class Longer(Application):
    """The form with one question more: the whole change in Python."""

    fleet: Annotated[Line, Question(YesNo(), fact="P1", ways=("person",))]


FLEET = """
[field.fleet]
ask = "Do you collect devices with cars of your own?"
ask_again = "do you collect devices yourselves?"
label = "Own cars"
why = "Staff plan pick-ups by it."
example = "Yes or No"
also_called = ["cars"]
"""


def test_one_more_field_needs_its_words_and_says_which() -> None:
    with pytest.raises(WordingError) as lacks:
        read_words(Form(Longer).names(), ORDERS)
    for entry in ("ask", "ask_again", "label", "why", "example", "also_called"):
        assert f"en: field.fleet.{entry}" in str(lacks.value)


def test_one_more_field_with_its_words_is_asked_shown_and_recorded(tmp_path: Path) -> None:
    form = Form(Longer)
    for code in script().wording.languages:
        (tmp_path / f"{code}.fleet.toml").write_text(FLEET, encoding="utf-8")
    longer = Script(form, read_words(form.names(), ORDERS, (WORDS, tmp_path)))
    # The new field stands behind the statement of truth in the model and is asked before it.
    state = step(longer, until("experience"), said("Since 2016.")).state
    place = open_place(longer, state)
    assert place is not None
    assert place.path == "fleet"
    review = step(longer, state, said("yes")).state
    assert review.phase is Phase.REVIEWING
    done = step(longer, step(longer, review, said("submit")).state, said("yes"))
    assert done.state.phase is Phase.SUBMITTED
    record = next(act.record for act in done.acts if hasattr(act, "record"))
    assert record["fleet"]["value"] == "yes"


def test_every_field_is_worded_in_every_language_file() -> None:
    files = {path.name.partition(".")[0] for path in WORDS.glob("*.toml")}
    assert files - {"all"} == set(script().wording.languages)
    for code, language in script().wording.languages.items():
        for name in FORM.names():
            for entry in ("ask", "ask_again", "label", "why", "example"):
                assert language.texts.get(f"field.{name}.{entry}", "").strip(), (code, name, entry)


def test_every_option_of_a_choice_has_a_label() -> None:
    for name, field in FORM.fields.items():
        if isinstance(field.question.reader, Choice):
            assert set(ENGLISH.options(name)) == set(field.question.reader.options)
    for repeat in FORM.repeats:
        assert set(ENGLISH.options(f"{repeat}.more")) == {"yes", "no"}


def test_each_question_of_the_check_has_the_requirement_that_a_no_is_told() -> None:
    for name in FORM.fields:
        if name.startswith("self_check."):
            assert ENGLISH.texts[f"field.{name}.requirement"]


FACTS = {
    "consent": "",
    "truth": "",
    "kind": "P2",
    "legal_name": "A1",
    "dba": "A1",
    "owners.name": "A2",
    "locations.country": "A3",
    "locations.address": "A3",
    "locations.phone": "A4",
    "email": "A5",
    "website": "A6",
    "experience": "A7",
    "self_check.operating": "B1",
    "self_check.audited": "B2",
    "self_check.credit": "B3",
    "self_check.promote": "B4",
    "self_check.walk_in": "O4",
    "self_check.reception": "O5",
    "self_check.workshop": "O6",
    "self_check.commercial": "O7",
    "self_check.technicians": "T1",
}


def test_the_form_asks_for_every_item_of_the_programs_page() -> None:
    assert {name: field.question.fact for name, field in FORM.fields.items()} == FACTS


def test_what_names_a_person_or_reaches_one_is_private() -> None:
    private = {name for name, field in FORM.fields.items() if field.question.private}
    assert private == {"owners.name", "locations.address", "locations.phone", "email"}


def test_readers_fit_their_fields() -> None:
    readers = {name: type(FORM.fields[name].question.reader) for name in ("email", "website")}
    assert readers == {"email": Email, "website": Website}
    assert type(FORM.fields["locations.phone"].question.reader) is Phone


def test_nothing_typed_before_the_consent_is_kept() -> None:
    state = talk(State(), "apply", "Lakeside Mobile Care Ltd", "yes", "skip the check")
    assert state.draft is not None
    assert "Lakeside" not in str(state.draft.slots)
