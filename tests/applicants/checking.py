"""What was handed off against what is true, value by value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dialogs.slots import Answered, Draft
from tests.applicants.people import CHECK, Answer, Applicant, countries


def wrong_fields(who: Applicant, record: Mapping[str, Any]) -> list[str]:
    """``field: stored instead of true``, one each."""
    return [
        f"{name}: {stored!r} for {true!r}"
        for name, stored, true in _pairs(who, record)
        if not same(name, stored, true)
    ]


def wrong_in_draft(who: Applicant, draft: Draft, own: Collection[str]) -> list[str]:
    """The same of a draft that was left: only what is answered can be wrong. ``own``: paths of
    mistakes that the person made and had not corrected when they left."""
    found = []
    for path, slot in draft.slots.items():
        if path in own:
            continue
        true = _true_at(who, draft, path)
        if isinstance(slot, Answered) and true is not None:
            name = ".".join(part for part in path.split(".") if not part.isdigit())
            if not same(name, slot.value, true):
                found.append(f"{path}: {slot.value!r} for {true!r}")
    return found


def same(name: str, stored: str, true: str) -> bool:
    match name.rpartition(".")[2]:
        case "website":
            return _host(stored) == _host(true)
        case "email":
            return stored.lower() == true.lower()
        case "address":
            # In parts or in one, with or without the country that was asked before.
            return true_address(stored) == true_address(true)
        case "legal_name" | "dba":
            # Whether a full stop ends the name or the sentence, nobody can tell.
            return _spaced(stored).rstrip(".") == _spaced(true).rstrip(".")
        case _:
            return _spaced(stored) == _spaced(true)


def true_address(text: str) -> str:
    words = re.sub(r"[\s,]+", " ", unicodedata.normalize("NFC", text)).strip(" .")
    for row in countries().values():
        for name in row["en"]:
            if len(name) > 3 and words.lower().endswith(f" {name.lower()}"):
                return words[: -len(name) - 1].strip(" .")
    return words


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _host(url: str) -> str:
    return re.sub(r"^\w+://", "", url).rstrip("/").lower().removeprefix("www.")


def _pairs(who: Applicant, record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    asked = {name: record["self_check"][name] for name in CHECK}
    for name, leaf in asked.items():
        yield f"self_check.{name}", _stored(leaf), who.check.get(name, "")
    for name, answer in who.one.items():
        yield name, _stored(record[name]), answer.value
    yield "owners", str(len(record["owners"])), str(len(who.owners))
    yield "locations", str(len(record["locations"])), str(len(who.locations))
    for item, owner in zip(record["owners"], who.owners, strict=False):
        yield "owners.name", _stored(item["name"]), owner.value
    for item, place in zip(record["locations"], who.locations, strict=False):
        for name, answer in place.items():
            yield f"locations.{name}", _stored(item[name]), answer.value


def _stored(leaf: Mapping[str, Any]) -> str:
    if leaf["status"] == "kept":
        return f"(kept) {leaf['typed']}"
    return str(leaf.get("value", ""))


def _true_at(who: Applicant, draft: Draft, path: str) -> str | None:
    group, _, rest = path.partition(".")
    if group == "self_check":
        return who.check.get(rest, "")
    if group not in ("owners", "locations"):
        answer = who.one.get(path)
        return answer.value if answer is not None else None
    item, _, leaf = rest.partition(".")
    ids = draft.ids(group)
    index = ids.index(item) if item in ids else len(ids)
    try:
        found: Answer = who.owners[index] if group == "owners" else who.locations[index][leaf]
    except (IndexError, KeyError):
        return ""
    return found.value
