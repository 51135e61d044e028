"""A complete application as it is handed off: one record, the same everywhere (queue, export, API).

Every leaf stands as what it is: an answer with its value, what was typed and its flags; an answer
that the applicant kept against a rule; a question passed over. The JSON Schema follows from the
form's model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from dialogs.form import Form, Group
from dialogs.slots import Answered, Draft, Kept, Skipped, Slot

SCHEMA_VERSION = 1


class Incomplete(Exception):
    """The draft has slots that are unasked or open at staff; ``paths`` names them."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        super().__init__(f"{len(paths)} questions are open")
        self.paths = paths


class _Leaf(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FlagLeaf(_Leaf):
    code: str
    details: dict[str, str] = {}


class KeptLeaf(_Leaf):
    status: Literal["kept"] = "kept"
    typed: str
    refusal: str


class SkippedLeaf(_Leaf):
    status: Literal["skipped", "not_answered"]


def record_of(form: Form, draft: Draft) -> dict[str, Any]:
    """The record as JSON values. Raises Incomplete where anything is open."""
    asked = {place.path: draft.slots.get(place.path) for place in form.places(draft)}
    open_paths = tuple(
        path for path, slot in asked.items() if not isinstance(slot, Answered | Kept | Skipped)
    )
    if open_paths:
        raise Incomplete(open_paths)
    record: dict[str, Any] = {"schema": SCHEMA_VERSION}
    for group in form.groups:
        if group.repeat is not None:
            record[group.name] = [
                {"id": item, **_leaves(asked, group, item)} for item in draft.ids(group.name)
            ]
        elif group.name in form.fields:
            record |= _leaves(asked, group, "")
        else:
            record[group.name] = _leaves(asked, group, "")
    return record


def _leaves(asked: Mapping[str, Slot | None], group: Group, item: str) -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for field in group.fields:
        name = field.name.rpartition(".")[2]
        slot = asked.get(f"{group.name}.{item}.{name}" if item else field.name)
        match slot:
            case Answered():
                leaves[name] = {
                    "status": "answered",
                    "value": slot.value,
                    "typed": slot.typed,
                    "flags": [{"code": f.code, "details": dict(f.details)} for f in slot.flags],
                }
            case Kept():
                leaves[name] = {"status": "kept", "typed": slot.typed, "refusal": slot.refusal}
            case Skipped():
                leaves[name] = {"status": slot.reason}
            case _:  # a condition that does not hold: the question does not apply
                leaves[name] = {"status": "skipped"}
    return leaves


def record_model(form: Form) -> type[BaseModel]:
    """The record's pydantic model, made from the form's: for checking and for its JSON Schema."""
    members: dict[str, Any] = {"schema_": (Literal[1], Field(alias="schema"))}
    for group in form.groups:
        leaves = {
            f.name.rpartition(".")[2]: (_leaf_type(f.name, f.type_), ...) for f in group.fields
        }
        if group.repeat is not None:
            item = create_model(f"{group.name}_item", __base__=_Leaf, id=(str, ...), **leaves)  # type: ignore[call-overload]  # names come from the form
            members[group.name] = (
                Annotated[list[item], Field(min_length=1, max_length=group.repeat.most)],
                ...,
            )
        elif group.name in form.fields:
            members |= leaves
        else:
            members[group.name] = (create_model(group.name, __base__=_Leaf, **leaves), ...)  # type: ignore[call-overload]
    return create_model("Record", __base__=_Leaf, **members)


def _leaf_type(name: str, value: Any) -> Any:
    members: dict[str, Any] = {
        "status": (Literal["answered"], ...),
        "value": (value, ...),
        "typed": (str, ...),
        "flags": (list[FlagLeaf], ...),
    }
    answered = create_model(f"{name}_answered", __base__=_Leaf, **members)
    return Annotated[answered | KeptLeaf | SkippedLeaf, Field(discriminator="status")]
