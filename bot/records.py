"""Records as they stand in the store, read along the form: for ``queue``, ``show`` and export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dialogs.form import Field, Form


@dataclass(frozen=True, slots=True)
class Leaf:
    """One answer of a record."""

    field: Field
    number: int
    """the item's place in its repeat, from 1; 0 where the field does not repeat"""
    status: str
    """answered, kept, skipped or not_answered; empty where the record is older than the field"""
    value: str
    """the normalised value; of a kept answer what was typed; else empty"""
    typed: str
    refusal: str
    """the rule that a kept answer failed; else empty"""
    flags: tuple[tuple[str, dict[str, str]], ...]
    """(code, details) of each doubt"""

    @property
    def doubts(self) -> int:
        return len(self.flags) + (self.status == "kept")


def leaves(form: Form, record: Mapping[str, Any]) -> Iterator[Leaf]:
    """All answers in the order of the form; ``record`` is the parsed body of a ``RecordRow``."""
    for group in form.groups:
        inner = record.get(group.name, {})
        if group.repeat is not None:
            parts = list(enumerate(inner or [], 1))
        else:
            parts = [(0, record if group.name in form.fields else inner)]
        for number, part in parts:
            for field in group.fields:
                yield _leaf(field, number, part.get(field.name.rpartition(".")[2], {}))


def path_of(leaf: Leaf, record: Mapping[str, Any]) -> str:
    """The slot's path in the draft that the record was made of."""
    if not leaf.number:
        return leaf.field.name
    item = record[leaf.field.group][leaf.number - 1]["id"]
    return f"{leaf.field.group}.{item}.{leaf.field.name.rpartition('.')[2]}"


def _leaf(field: Field, number: int, leaf: Mapping[str, Any]) -> Leaf:
    typed = leaf.get("typed", "")
    kept = leaf.get("status") == "kept"
    return Leaf(
        field,
        number,
        leaf.get("status", ""),
        typed if kept else leaf.get("value", ""),
        typed,
        leaf.get("refusal", ""),
        tuple((flag["code"], flag["details"]) for flag in leaf.get("flags", ())),
    )
