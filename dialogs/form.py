"""The form, read once from the model: which slots there are, and which is asked next.

The question being asked is never stored. It is *derived*: the slot that is being edited, else the
first applicable slot that is unasked. A repeat ("locations") has its items' slots and, after the
last item, a slot of its own, ``locations.more``: is there another one?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from dialogs.answers import Accepted, Choice, Flag, Known
from dialogs.application import Question, Repeat, Stage
from dialogs.doubts import across
from dialogs.slots import Answered, Draft, Parked
from dialogs.wording import Language

COUNTED: tuple[Stage, ...] = ("check", "form")
MORE = Question(Choice(("yes", "no")), ways=("person",))
"""the question after the last item of a repeat; "no" closes it"""
LAYOUTS = 256
"""shapes of drafts whose places are kept; there are few but for odd item numbers"""


@dataclass(frozen=True, slots=True)
class Field:
    """One leaf of the model. ``name`` has no item id: ``locations.phone``."""

    name: str
    group: str
    """the repeat or part that it belongs to: ``locations``; empty for the form's own"""
    repeats: bool
    type_: Any
    """the annotated type of the normalised value"""
    question: Question


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    repeat: Repeat | None
    """None: a part that stands once, like the self-check"""
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A concrete slot: a field at an item, or the ``more`` question of a repeat."""

    path: str
    name: str
    """under which its words stand: ``locations.phone``, ``locations.more``"""
    group: str
    item: str
    """the item's id; empty where the field does not repeat"""
    question: Question
    kind: Literal["field", "more"] = "field"


@dataclass(frozen=True, slots=True)
class _Layout:
    """The places of all drafts with the same items and the same repeats closed."""

    places: tuple[Place, ...]
    positions: Mapping[str, tuple[int, int]]
    """path -> (its place from 1, how many) among the questions of its stage"""


class Form:
    """``Form(Application)``; raises TypeError where a field has no ``Question``."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model
        self.groups: tuple[Group, ...] = tuple(_groups(model))
        self.fields: dict[str, Field] = {f.name: f for g in self.groups for f in g.fields}
        self.repeats: dict[str, Group] = {g.name: g for g in self.groups if g.repeat is not None}
        self._conditional = any(f.question.when is not None for f in self.fields.values())
        self._layouts: dict[object, _Layout] = {}

    def names(self) -> tuple[str, ...]:
        """Every name that must be worded, ``more`` questions among them."""
        return (*self.fields, *(f"{name}.more" for name in self.repeats))

    def places(self, draft: Draft) -> tuple[Place, ...]:
        """Every applicable slot of the draft in the order of asking."""
        return self._layout(draft).places

    def place(self, draft: Draft, path: str) -> Place | None:
        """The slot of this path, or None where the draft has no such slot."""
        if draft.asked and all(asked.path != path for asked in draft.asked):
            return None
        head, _, tail = path.partition(".")
        if tail == "more" and head in self.repeats:
            return Place(path, path, head, "", MORE, "more")
        if head in self.repeats:
            item, _, leaf = tail.partition(".")
            field = self.fields.get(f"{head}.{leaf}")
            return _place(field, item) if field and item in draft.ids(head) else None
        field = self.fields.get(path)
        return _place(field, "") if field and not field.repeats else None

    def next_place(self, draft: Draft, *stages: Stage) -> Place | None:
        """The first unasked slot of these stages (all but the closing one where none is named)."""
        wanted = stages or ("check", "consent", "form")
        slots = draft.slots
        for place in self.places(draft):
            if place.path not in slots and place.question.stage in wanted:
                return place
        return None

    def open_at_staff(self, draft: Draft) -> tuple[Place, ...]:
        return tuple(p for p in self.places(draft) if isinstance(draft.slots.get(p.path), Parked))

    def position(self, draft: Draft, path: str) -> tuple[int, int]:
        """(its place from 1, how many) among the questions of its stage.

        (0, 0) for what is not counted: "is there another?", the consent, the statement of truth.
        What staff ask is counted as one, whatever its stage.
        """
        return self._layout(draft).positions.get(path, (0, 0))

    def progress(self, draft: Draft) -> tuple[int, int]:
        """(questions of the form's stage that need nothing more, how many there are)."""
        form = [
            p
            for p in self.places(draft)
            if p.kind == "field" and (draft.asked or p.question.stage == "form")
        ]
        done = [p for p in form if not isinstance(draft.slots.get(p.path), Parked | None)]
        return len(done), len(form)

    def known(self, draft: Draft, place: Place, language: Language) -> Known:
        """What the slot's reader may look at: the item's own answers, then the form's."""
        values = {
            path: slot.value
            for path, slot in draft.slots.items()
            if isinstance(slot, Answered) and "." not in path
        }
        if place.item:
            prefix = f"{place.group}.{place.item}."
            for path, slot in draft.slots.items():
                if path.startswith(prefix) and isinstance(slot, Answered):
                    values[path[len(prefix) :]] = slot.value
        values.pop(place.name.rpartition(".")[2], None)
        return Known(values, language.options(place.name), language.words, language.code)

    def doubts(self, draft: Draft, language: Language) -> Draft:
        """The draft with every answer's flags computed anew from all answers as they stand now.

        A flag that only the typed text could raise (a shape lost by normalising) is kept.
        """
        beside = across(draft, language.words)
        for place in self.places(draft):
            slot = draft.slots.get(place.path)
            if not place.question.reader.free or not isinstance(slot, Answered):
                continue
            known = self.known(draft, place, language)
            flags: dict[str, Flag] = {}
            for text in (slot.value, slot.typed):
                read = place.question.reader.read(text, known)
                if isinstance(read, Accepted) and read.value == slot.value:
                    flags |= {flag.code: flag for flag in read.flags}
            flags |= {flag.code: flag for flag in beside.get(place.path, ())}
            if tuple(flags.values()) != slot.flags:
                draft = draft.put(
                    place.path,
                    Answered(slot.value, slot.typed, slot.messages, tuple(flags.values())),
                )
        return draft

    @cached_property
    def stages(self) -> dict[Stage, int]:
        """How many fields each stage has, repeats counted once."""
        counts: dict[Stage, int] = {}
        for field in self.fields.values():
            counts[field.question.stage] = counts.get(field.question.stage, 0) + 1
        return counts

    def _layout(self, draft: Draft) -> _Layout:
        # It hangs on little, and is asked for several times a turn: one for all drafts of a shape.
        asked = frozenset(asked.path for asked in draft.asked)
        shape = (tuple(draft.items.items()), draft.closed, asked)
        layout = self._layouts.get(shape)
        if layout is None:
            if len(self._layouts) >= LAYOUTS:
                self._layouts.clear()
            places = tuple(p for p in self._all_places(draft) if not asked or p.path in asked)
            layout = self._layouts[shape] = _layout(places, together=bool(asked))
        if not self._conditional:
            return layout
        values = {p: slot.value for p, slot in draft.slots.items() if isinstance(slot, Answered)}
        return _layout(
            tuple(
                place
                for place in layout.places
                if place.question.when is None or place.question.when(values)
            ),
            together=bool(asked),
        )

    def _all_places(self, draft: Draft) -> Iterator[Place]:
        """The places of a draft of this shape, whether their conditions hold or not."""
        for group in self.groups:
            for item in draft.ids(group.name) if group.repeat else ("",):
                for field in group.fields:
                    yield _place(field, item)
            if group.repeat and group.name not in draft.closed:
                more = f"{group.name}.more"
                yield Place(more, more, group.name, "", MORE, "more")


def _layout(places: tuple[Place, ...], *, together: bool = False) -> _Layout:
    """``together``: all are counted as one stage."""
    counted: dict[Stage | None, list[str]] = {}
    for place in places:
        if place.kind == "field" and place.question.stage in COUNTED:
            stage = None if together else place.question.stage
            counted.setdefault(stage, []).append(place.path)
    positions = {
        path: (nth, len(paths)) for paths in counted.values() for nth, path in enumerate(paths, 1)
    }
    return _Layout(places, positions)


def _place(field: Field, item: str) -> Place:
    leaf = field.name.rpartition(".")[2]
    path = f"{field.group}.{item}.{leaf}" if item else field.name
    return Place(path, field.name, field.group, item, field.question)


def _groups(model: type[BaseModel]) -> Iterator[Group]:
    """The model's leaves in runs: its own fields one by one, its parts and repeats as groups."""
    for name, info in model.model_fields.items():
        repeat = next((m for m in info.metadata if isinstance(m, Repeat)), None)
        inner = info.annotation
        if repeat is not None:
            inner = get_args(inner)[0]
        if isinstance(inner, type) and get_origin(inner) is None and issubclass(inner, BaseModel):
            fields = tuple(
                _field(f"{name}.{leaf}", name, repeat is not None, sub.annotation, sub.metadata)
                for leaf, sub in inner.model_fields.items()
            )
            yield Group(name, repeat, fields)
        else:
            field = _field(name, "", False, info.annotation, info.metadata)
            yield Group(name, None, (field,))


def _field(name: str, group: str, repeats: bool, type_: Any, metadata: list[Any]) -> Field:
    question = next((m for m in metadata if isinstance(m, Question)), None)
    if question is None:
        raise TypeError(f"field {name!r} has no Question(...) in its Annotated type")
    shape = Annotated[(type_, *metadata)]  # put together at run time
    return Field(name, group, repeats, shape, question)
