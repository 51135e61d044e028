"""What a person knows of themselves, and remembers of the talk."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.applicants.people import Answer, Applicant, countries

TEXTS = (
    "legal_name",
    "dba",
    "owners.name",
    "locations.address",
    "locations.phone",
    "email",
    "website",
    "experience",
)
"""what is asked for in people's own words, in the order of asking"""
KINDS = ("reseller", "service_business", "university_or_college")


def plain_name(path: str) -> str:
    """``locations.2.phone`` -> ``locations.phone``"""
    return ".".join(part for part in path.split(".") if not part.isdigit())


@dataclass
class Memory:
    who: Applicant
    items: dict[str, list[str]] = field(
        default_factory=lambda: {"owners": ["1"], "locations": ["1"]}
    )
    """what the bot calls the owners and locations that they were asked for, in order"""
    pasted: dict[str, int] = field(default_factory=dict)
    """how many owners and locations stood in what they pasted"""
    told: dict[str, str] = field(default_factory=dict)
    """path -> the message in which its answer was given"""
    wrong: dict[str, Answer] = field(default_factory=dict)
    """path -> what they said instead"""

    def meets(self, path: str) -> None:
        """They are asked this: an item that they did not know of is the next one."""
        group, item = self._item(path)
        if item and item not in self.items[group]:
            self.items[group].append(item)

    def surplus(self, path: str) -> bool:
        """Is it about an owner or a location that they do not have?"""
        group, item = self._item(path)
        return bool(item) and self.items[group].index(item) >= self.have(group)

    def forget(self, path: str) -> None:
        """The item was taken back."""
        group, item = self._item(path)
        self.items[group].remove(item)

    def have(self, group: str) -> int:
        return len(self.who.owners if group == "owners" else self.who.locations)

    def lacks(self, group: str) -> bool:
        """Is there another one that the bot does not know of?"""
        return max(len(self.items[group]), self.pasted.get(group, 1)) < self.have(group)

    def _item(self, path: str) -> tuple[str, str]:
        group, _, rest = path.partition(".")
        item = rest.partition(".")[0]
        return group, item if group in self.items and item.isdigit() else ""

    def index(self, path: str) -> int:
        group, item = self._item(path)
        return self.items[group].index(item) if item and item in self.items[group] else 0

    def place(self, path: str) -> Mapping[str, Answer]:
        """The location that is asked for; the last one, where the bot wants more than there are."""
        return self.who.locations[min(self.index(path), len(self.who.locations) - 1)]

    def truth(self, path: str) -> Answer:
        name = plain_name(path)
        if name == "owners.name":
            return self.who.owners[min(self.index(path), len(self.who.owners) - 1)]
        if name.startswith("locations."):
            return self.place(path)[name.removeprefix("locations.")]
        return self.who.one[name]

    def answer(self, path: str) -> Answer:
        """What they say there: for now, perhaps, a wrong one."""
        return self.wrong.get(path) or self.truth(path)

    def values(self) -> list[str]:
        """Everything true of them, as it may be shown to them."""
        answers = [*self.who.one.values(), *self.who.owners]
        answers += [answer for place in self.who.locations for answer in place.values()]
        return [each.typed for each in answers if len(each.typed) > 3]

    def choice(self, path: str) -> str:
        """Which of the options is theirs; empty: a check that they pass over."""
        name = plain_name(path)
        if name.startswith("self_check."):
            return self.who.check.get(name.partition(".")[2], "")
        match name:
            case "consent":
                return "no" if self.who.end == "stops at consent" else "yes"
            case "truth":
                return "yes"
            case "owners.more" | "locations.more":
                return "yes" if self.lacks(name.partition(".")[0]) else "no"
            case _:
                return self.answer(path).value

    def mistake(self, path: str, rng: random.Random) -> Answer:
        """A wrong answer that somebody might give there; without text where there is none."""
        name, true = plain_name(path), self.truth(path)
        match name:
            case "kind":
                other = rng.choice([kind for kind in KINDS if kind != true.value])
                wrong = Answer(other, other)
            case "locations.country":
                row = rng.choice(list(countries().values()))
                typed = row[self.who.language][0]
                wrong = Answer(typed, row["code"], typed)
            case "locations.phone":
                number = f"{true.value[:-1]}{(int(true.value[-1]) + 1) % 10}"
                wrong = Answer(number, number)
            case "locations.address":
                text = re.sub(r"(\d+)", lambda m: f"{m[1]}1", true.typed, count=1)
                wrong = Answer(text, text)
            case "email":
                wrong = Answer(f"x{true.typed}", f"x{true.typed}")
            case "website":
                wrong = Answer(f"my{true.value}", f"my{true.value}")
            case "owners.name" | "legal_name" | "dba" if true.typed:
                wrong = Answer(f"Old {true.typed}", f"Old {true.typed}")
            case _:
                return Answer("", "")
        return wrong if wrong.value != true.value else Answer("", "")
