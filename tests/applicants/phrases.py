"""What people say, picked by a seed from one half of the data."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tests.applicants.halves import Half, rows, shared

PLAIN = {
    "en": {
        "apply": "apply",
        "yes": "yes",
        "no": "no",
        "not_sure": "not sure",
        "reseller": "reseller",
        "service_business": "service business",
        "university_or_college": "university",
        "none": "none",
        "skip": "skip",
        "change": "change",
        "add owners": "add an owner",
        "add locations": "add a location",
    },
    "id": {
        "apply": "daftar",
        "yes": "ya",
        "no": "tidak",
        "not_sure": "tidak tahu",
        "reseller": "reseller",
        "service_business": "bisnis servis",
        "university_or_college": "universitas",
        "none": "tidak ada",
        "skip": "lewati",
        "change": "ubah",
        "add owners": "tambah pemilik",
        "add locations": "tambah lokasi",
    },
}
"""what anybody says who was not understood the first time"""


@cache
def _kinds(half: Half) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows("phrasings", half):
        found.setdefault((row["kind"], row["lang"]), []).append(row["text"])
    return {key: tuple(texts) for key, texts in found.items()}


@cache
def nouns(field: str, language: str) -> tuple[str, ...]:
    """What people call the field when they speak of it."""
    return next(
        (
            tuple(r["texts"])
            for r in shared("nouns")
            if (r["field"], r["lang"]) == (field, language)
        ),
        (),
    )


@cache
def questions(half: Half, language: str, field: str) -> tuple[str, ...]:
    """Real questions of somebody who is asked for this field: about it, then of any kind."""
    found = [r for r in rows("questions", half) if r["lang"] == language]
    own = [r["text"] for r in found if r["at"] == field]
    return (*own, *(r["text"] for r in found if r["at"] == "any"))


@dataclass(frozen=True)
class Phrases:
    half: Half
    language: str
    rng: random.Random

    def pick(self, kind: str, **values: str) -> str:
        """Raises KeyError where this half has no phrase of the kind in the language."""
        return fill(self.rng.choice(_kinds(self.half)[kind, self.language]), **values)

    def has(self, kind: str) -> bool:
        return (kind, self.language) in _kinds(self.half)

    def noun(self, field: str) -> str:
        return self.rng.choice(nouns(field, self.language))

    def label(self, field: str) -> str:
        """What stands before the value in an e-mail."""
        kind = f"label.{field}"
        if self.has(kind):
            return self.pick(kind)
        return self.noun(field).capitalize()

    def question(self, field: str) -> str:
        all_: Sequence[str] = questions(self.half, self.language, field)
        own = len(all_) - len(questions(self.half, self.language, ""))
        if own and self.rng.random() < 0.5:
            return all_[self.rng.randrange(own)]
        return self.rng.choice(all_)


def fill(template: str, **values: str) -> str:
    """``{v}`` and its like, without a look at braces in the values."""
    for name in values:
        template = template.replace(f"{{{name}}}", f"\0{name}\0")
    for name, value in values.items():
        template = template.replace(f"\0{name}\0", value)
    return template
