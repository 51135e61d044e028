"""Records as tables of texts, and back: what CSV and XLSX have in common. Columns follow the form.

``applications`` has one row an application; every repeat (owners, locations) has a table of its
own, one row an item, with the reference and the item's number. Beside each answer stands its
``.status`` (answered, kept: <rule>, skipped, not_answered; empty where the record is older than the
question); ``flags`` names the doubts of the row, for reading.

``rest`` is for reading back: as JSON, what the other cells do not say, by field: what was ``typed``
where that is not the value, the ``flags`` with their details, an item's ``id`` where that is not
its number. So the tables hold all that the record holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.store.rows import RecordRow
from dialogs.form import Form, Group

APPLICATIONS = "applications"
HEAD = ("reference", "submitted_at", "state", "changed_at", "channel", "schema")
ITEM_HEAD = ("reference", "number")
JOINT = "; "
KEPT = "kept: "
OWN_STATUSES = ("skipped", "not_answered")

Cells = dict[str, str]
"""a row by its columns"""


class Misfit(Exception):
    """A row that no record was written as; the text says which cell and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[str, ...]


class Tables:
    """The tables of a form: ``applications`` first, then its repeats."""

    def __init__(self, form: Form) -> None:
        self._single = [group for group in form.groups if group.repeat is None]
        self._repeats = [group for group in form.groups if group.repeat is not None]
        self._groups = {group.name: group for group in form.groups}
        self._own = frozenset(form.fields)
        fields = [field.name for group in self._single for field in group.fields]
        counts = [group.name for group in self._repeats]
        self.all: tuple[Table, ...] = (
            Table(APPLICATIONS, (*HEAD, *_pairs(fields), *counts, "flags", "rest")),
            *(
                Table(group.name, (*ITEM_HEAD, *_pairs(_leaf_names(group)), "flags", "rest"))
                for group in self._repeats
            ),
        )

    # -- to cells

    def rows(self, row: RecordRow) -> Iterator[tuple[int, Sequence[str]]]:
        """(index of the table in ``all``, cells) of one record."""
        record = json.loads(row.body)
        mine = _Row()
        for group in self._single:
            part = record if group.name in self._own else record.get(group.name, {})
            for field in group.fields:
                mine.add(field.name, part.get(field.name.rpartition(".")[2]))
        counts = [str(len(record[g.name])) if g.name in record else "" for g in self._repeats]
        head = [row.reference, row.submitted_at, row.state, row.changed_at, row.channel]
        yield 0, [*head, str(record["schema"]), *mine.cells, *counts, mine.doubts, mine.rest]
        for index, group in enumerate(self._repeats, 1):
            for number, item in enumerate(record.get(group.name, ()), 1):
                own = _Row({} if item["id"] == str(number) else {"id": item["id"]})
                for name in _leaf_names(group):
                    own.add(name, item.get(name))
                yield index, [row.reference, str(number), *own.cells, own.doubts, own.rest]

    # -- and back

    def record(self, cells: Cells, items: Mapping[str, Sequence[Cells]]) -> dict[str, Any]:
        """The answers of one record. ``items``: a repeat's name -> its rows. Raises Misfit."""
        record: dict[str, Any] = {}
        rest = _rest(cells)
        for name, group in self._groups.items():
            if group.repeat is not None:
                if cells.get(name):
                    record[name] = _items(group, cells[name], items.get(name, ()))
                elif items.get(name):
                    raise Misfit(f"{name} is empty, but there are rows of it in that table")
                continue
            answers = {
                field.name.rpartition(".")[2]: leaf
                for field in group.fields
                if (leaf := _leaf(field.name, cells, rest)) is not None
            }
            if name in self._own:
                record |= answers
            elif answers:
                record[name] = answers
        if rest:
            raise Misfit(f"rest tells of {next(iter(rest))}, which is no answer of this row")
        return record


class _Row:
    """The cells of the answers of one row, as they come."""

    def __init__(self, rest: dict[str, Any] | None = None) -> None:
        self.cells: list[str] = []
        self._flags: list[str] = []
        self._rest: dict[str, Any] = rest or {}

    def add(self, name: str, leaf: Mapping[str, Any] | None) -> None:
        if leaf is None:
            self.cells += ["", ""]
            return
        match leaf["status"]:
            case "answered":
                self.cells += [leaf["value"], "answered"]
                more: dict[str, Any] = {}
                if leaf["typed"] != leaf["value"]:
                    more["typed"] = leaf["typed"]
                if leaf["flags"]:
                    more["flags"] = leaf["flags"]
                    self._flags += [f"{name}: {flag['code']}" for flag in leaf["flags"]]
                if more:
                    self._rest[name] = more
            case "kept":
                self.cells += [leaf["typed"], f"{KEPT}{leaf['refusal']}"]
            case status:
                self.cells += ["", status]

    @property
    def doubts(self) -> str:
        return JOINT.join(self._flags)

    @property
    def rest(self) -> str:
        return json.dumps(self._rest, ensure_ascii=False) if self._rest else ""


def _rest(cells: Cells) -> dict[str, Any]:
    text = cells.get("rest", "")
    if not text:
        return {}
    try:
        rest = json.loads(text)
    except ValueError:
        rest = None
    if not isinstance(rest, dict):
        raise Misfit("rest is not what was exported; export again and leave that column alone")
    return rest


def _leaf(name: str, cells: Cells, rest: dict[str, Any]) -> dict[str, Any] | None:
    """An answer from its cells; takes what it uses out of ``rest``."""
    value, status = cells.get(name, ""), cells.get(f"{name}.status", "")
    if status == "answered":
        more = rest.pop(name, {})
        if not isinstance(more, dict) or more.keys() - {"typed", "flags"}:
            raise Misfit(f"rest tells of {name} what is not exported so")
        return {
            "status": "answered",
            "value": value,
            "typed": more.get("typed", value),
            "flags": more.get("flags", []),
        }
    if status.startswith(KEPT):
        return {"status": "kept", "typed": value, "refusal": status.removeprefix(KEPT)}
    if value:
        raise Misfit(f'{name} has an answer, so {name}.status has to be "answered" or "kept: ..."')
    if status and status not in OWN_STATUSES:
        allowed = ", ".join(("answered", f"{KEPT}...", *OWN_STATUSES))
        raise Misfit(f"{name}.status is none of: {allowed}")
    return {"status": status} if status else None


def _items(group: Group, count: str, rows: Sequence[Cells]) -> list[dict[str, Any]]:
    ordered = sorted(rows, key=lambda cells: cells.get("number", "").rjust(9))
    numbers = [cells.get("number", "") for cells in ordered]
    if numbers != [str(number) for number in range(1, len(ordered) + 1)] or count != str(len(rows)):
        raise Misfit(
            f"{group.name} says {count[:9]}, but the rows of that table are not numbered 1 to that"
        )
    items = []
    for cells in ordered:
        rest = _rest(cells)
        item: dict[str, Any] = {"id": rest.pop("id", cells["number"])}
        for name in _leaf_names(group):
            leaf = _leaf(name, cells, rest)
            if leaf is not None:
                item[name] = leaf
        if rest:
            raise Misfit(f"rest in {group.name} tells of {next(iter(rest))}, which is no answer")
        items.append(item)
    return items


def _leaf_names(group: Group) -> list[str]:
    return [field.name.rpartition(".")[2] for field in group.fields]


def _pairs(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from (name, f"{name}.status")
