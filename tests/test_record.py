"""The record of a complete application: what stands in it, and that nothing incomplete does."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ValidationError

from dialogs.acts import Submit
from dialogs.answers import Choice, FreeText
from dialogs.application import Line, Question
from dialogs.form import Form
from dialogs.machine import step
from dialogs.record import Incomplete, record_model, record_of
from dialogs.slots import Answered, Draft, Kept, Parked, Skipped
from dialogs.state import State
from dialogs.verdicts import Flag
from tests.speaking import reviewing, said, script, straight, talk, two_locations

FORM = script().form
RECORD = record_model(FORM)


def handed_off(state: State) -> dict[str, Any]:
    """The record of the application that is at its summary in this state."""
    done = step(script(), talk(state, "submit"), said("yes"))
    submit = done.acts[0]
    assert isinstance(submit, Submit)
    return dict(submit.record)


def complete() -> Draft:
    """The draft behind the summary, with its statement of truth."""
    draft = reviewing().draft
    assert draft is not None
    return draft.put("truth", Answered("yes", "yes"))


def test_the_record_of_a_straight_application() -> None:
    record = handed_off(reviewing())
    assert set(record) == {
        "schema", "self_check", "consent", "kind", "legal_name", "dba", "owners", "locations",
        "email", "website", "experience", "truth",
    }  # fmt: skip
    assert record["schema"] == 1
    assert record["legal_name"] == {
        "status": "answered",
        "value": "Lakeside Mobile Care Ltd",
        "typed": "Lakeside Mobile Care Ltd",
        "flags": [],
    }
    assert record["locations"][0]["id"] == "1"
    assert record["locations"][0]["phone"]["value"] == "+441134960271"
    assert record["locations"][0]["phone"]["typed"] == "+44 113 496 0271"
    assert record["locations"][0]["country"]["value"] == "GB"
    assert [answer["value"] for answer in record["self_check"].values()] == ["yes"] * 9


def test_each_location_stands_with_its_own_answers_in_order() -> None:
    locations = handed_off(two_locations())["locations"]
    assert [place["id"] for place in locations] == ["1", "2"]
    assert [place["country"]["value"] for place in locations] == ["GB", "ID"]


def test_a_removed_location_leaves_nothing_behind() -> None:
    record = handed_off(talk(two_locations(), "remove location 1"))
    assert [place["id"] for place in record["locations"]] == ["2"]
    assert "Leeds" not in str(record)


def test_kept_and_skipped_stand_as_what_they_are() -> None:
    draft = complete().put("email", Kept("a@gmail.com", "free_mail", ("m1",)))
    draft = draft.put("dba", Skipped()).put("self_check.credit", Skipped("not_answered"))
    record = record_of(FORM, draft)
    assert record["email"] == {"status": "kept", "typed": "a@gmail.com", "refusal": "free_mail"}
    assert record["dba"] == {"status": "skipped"}
    assert record["self_check"]["credit"] == {"status": "not_answered"}
    RECORD.model_validate(record, strict=True)


def test_doubts_stand_beside_the_answer() -> None:
    flagged = Answered("Acme", "Acme", (), (Flag("no_legal_form"), Flag("x", {"k": "v"})))
    record = record_of(FORM, complete().put("legal_name", flagged))
    assert record["legal_name"]["flags"] == [
        {"code": "no_legal_form", "details": {}},
        {"code": "x", "details": {"k": "v"}},
    ]
    RECORD.model_validate(record, strict=True)


def test_no_message_id_is_in_the_record() -> None:
    assert "messages" not in str(handed_off(reviewing()))


def test_what_is_open_is_named() -> None:
    with pytest.raises(Incomplete) as nothing:
        record_of(FORM, Draft())
    assert nothing.value.paths[0] == "self_check.operating"
    assert len(nothing.value.paths) == 23
    with pytest.raises(Incomplete) as one:
        record_of(FORM, complete().clear("website").put("email", Parked()))
    assert one.value.paths == ("email", "website")


def test_an_open_repeat_is_not_complete() -> None:
    with pytest.raises(Incomplete) as more:
        record_of(FORM, complete().add("locations"))
    assert more.value.paths == (
        "locations.2.country",
        "locations.2.address",
        "locations.2.phone",
        "locations.more",
    )


WRONG: list[tuple[tuple[str | int, ...], object]] = [
    (("schema",), 2),
    (("kind", "value"), "bakery"),
    (("consent", "value"), "no"),
    (("truth", "value"), "no"),
    (("legal_name", "value"), ""),
    (("legal_name", "status"), "parked"),
    (("legal_name", "flags"), None),
    (("locations",), []),
    (("locations", 0, "country", "value"), "Indonesia"),
    (("locations", 0, "phone", "value"), "0113 496 0271"),
    (("owners", 0, "id"), 1),
    (("self_check", "credit", "value"), "maybe"),
    (("email",), None),
]


@pytest.mark.parametrize(("place", "value"), WRONG)
def test_a_record_of_another_shape_is_refused(place: tuple[str | int, ...], value: object) -> None:
    record: Any = handed_off(reviewing())
    inner = record
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    with pytest.raises(ValidationError):
        RECORD.model_validate(record)


def test_a_field_that_is_none_of_ours_is_refused() -> None:
    record = handed_off(reviewing())
    with pytest.raises(ValidationError):
        RECORD.model_validate({**record, "approved": True})
    missing = {key: value for key, value in record.items() if key != "email"}
    with pytest.raises(ValidationError):
        RECORD.model_validate(missing)


def test_a_record_reads_back_as_it_was_written() -> None:
    record = handed_off(two_locations())
    model = RECORD.model_validate_json(RECORD.model_validate(record).model_dump_json(by_alias=True))
    assert model.model_dump(by_alias=True) == record


def test_the_schema_names_every_field_and_each_way_it_may_stand() -> None:
    schema = RECORD.model_json_schema(by_alias=True)
    assert set(schema["required"]) == set(handed_off(reviewing()))
    assert schema["additionalProperties"] is False
    for name, field in FORM.fields.items():
        leaf = schema["$defs"][f"{name.rpartition('.')[2]}_answered"]
        assert set(leaf["required"]) == {"status", "value", "typed", "flags"}
        assert leaf["properties"]["status"]["const"] == "answered"
        assert field.question is not None
    ways = schema["properties"]["email"]["discriminator"]["mapping"]
    assert set(ways) == {"answered", "kept", "skipped", "not_answered"}
    assert schema["properties"]["locations"]["minItems"] == 1
    assert schema["properties"]["locations"]["maxItems"] == 50


class Small(BaseModel):
    kind: Annotated[Line, Question(Choice(("reseller", "other")))]
    permit: Annotated[
        Line, Question(FreeText(), when=lambda values: values.get("kind") == "reseller")
    ]


def test_a_question_that_does_not_apply_stands_as_skipped() -> None:
    form = Form(Small)
    draft = Draft().put("kind", Answered("reseller", "r")).put("permit", Answered("P-1", "P-1"))
    assert record_of(form, draft)["permit"]["value"] == "P-1"
    with pytest.raises(Incomplete):
        record_of(form, draft.clear("permit"))
    other = draft.clear("permit").put("kind", Answered("other", "o"))
    record = record_of(form, other)
    assert record["permit"] == {"status": "skipped"}
    record_model(form).model_validate(record)


def test_an_answer_to_a_question_that_no_longer_applies_is_not_handed_off() -> None:
    form = Form(Small)
    draft = Draft().put("kind", Answered("other", "o")).put("permit", Answered("P-1", "P-1"))
    assert record_of(form, draft)["permit"] == {"status": "skipped"}


def test_every_hand_off_of_many_is_valid_and_has_its_own_reference() -> None:
    state, references = State(), set()
    for number in range(1, 6):
        done = straight(state)[-1]
        submit = done.acts[0]
        assert isinstance(submit, Submit)
        RECORD.model_validate(submit.record, strict=True)
        assert submit.number == number
        references.add(submit.reference)
        state = done.state
    assert len(references) == 5
