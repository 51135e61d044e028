"""A complete application as it is handed off: one record, the same everywhere (queue, export, API).

Every leaf stands as what it is: an answer with its value, what was typed and its flags; an answer
that the applicant kept against a rule; a question passed over. The JSON Schema follows from the
form's model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

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


def record_model(form: Form, *, versioned: bool = True) -> type[BaseModel]:
    """The record's pydantic model, made from the form's: for checking and for its JSON Schema.
    ``versioned``: with the schema's version in it."""
    members: dict[str, Any] = {}
    if versioned:
        members["schema_"] = (Literal[1], Field(alias="schema"))
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


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something is no record of the form."""

    path: str
    """``locations.2.phone``, by numbers; empty: the whole"""
    reason: str
    """in English; never what stands there"""


class Check:
    """Tells a record of this form from anything else, also from elsewhere and from a hostile hand.

    A field may be missing: the record is older than the question. What is there has to be exactly
    as ``record_of`` writes it.
    """

    def __init__(self, form: Form) -> None:
        self._groups = {group.name: group for group in form.groups}
        self._own = frozenset(form.fields)
        self._leaves: dict[str, TypeAdapter[Any]] = {
            field.name: TypeAdapter(_leaf_type(field.name, field.type_))
            for field in form.fields.values()
        }

    def fault(self, record: Any) -> Fault | None:
        """The first one; ``record``: parsed JSON, without its version."""
        if not isinstance(record, dict) or not record:
            return Fault("", "has no answers")
        return next(self._faults(record), None)

    def _faults(self, record: dict[str, Any]) -> Iterator[Fault]:
        for name, value in record.items():
            group = self._groups.get(name)
            if group is None:
                yield Fault(name, "is no field of the form")
            elif group.repeat is not None:
                yield from self._repeat_faults(group, group.repeat.most, value)
            elif name in self._own:
                yield from self._leaf_faults(name, name, value)
            else:
                yield from self._part_faults(name, name, value)

    def _repeat_faults(self, group: Group, most: int, value: Any) -> Iterator[Fault]:
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            yield Fault(group.name, f"is no list of 1 to {most}")
            return
        ids: set[str] = set()
        for number, item in enumerate(value, 1):
            path = f"{group.name}.{number}"
            id = item.get("id") if isinstance(item, dict) else None
            if not isinstance(id, str) or not id or id in ids:
                yield Fault(path, "has no id of its own")
                return
            ids.add(id)
            rest = {name: leaf for name, leaf in item.items() if name != "id"}
            yield from self._part_faults(group.name, path, rest)

    def _part_faults(self, group: str, path: str, value: Any) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(path, "is no group of answers")
            return
        for name, leaf in value.items():
            yield from self._leaf_faults(f"{group}.{name}", f"{path}.{name}", leaf)

    def _leaf_faults(self, name: str, path: str, leaf: Any) -> Iterator[Fault]:
        adapter = self._leaves.get(name)
        if adapter is None:
            yield Fault(path, "is no field of the form")
            return
        try:
            answer = adapter.validate_python(leaf)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join([path, *(str(part) for part in first["loc"][1:])])
            yield Fault(where, first["msg"][:1].lower() + first["msg"][1:])
            return
        if adapter.dump_python(answer, mode="json") != leaf:
            yield Fault(path, "is not as an answer is kept")
