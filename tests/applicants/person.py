"""A person: somebody who applies, in the manner of their habit.

They read only what the bot shows. They answer the question that is put, say it otherwise when they
are not understood, notice when something of theirs was taken for an answer, and undo that. Their
patience has an end: whoever needs more turns than that is trapped.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.messages import Button
from tests.applicants.habits import Habit
from tests.applicants.people import Answer, Applicant, countries
from tests.applicants.phrases import Phrases, fill
from tests.applicants.talk import Seen, Stage

PLAIN = {
    "en": {
        "yes": "yes",
        "no": "no",
        "not_sure": "not sure",
        "reseller": "reseller",
        "service_business": "service business",
        "university_or_college": "university",
        "none": "none",
        "skip": "skip",
    },
    "id": {
        "yes": "ya",
        "no": "tidak",
        "not_sure": "tidak tahu",
        "reseller": "reseller",
        "service_business": "bisnis servis",
        "university_or_college": "universitas",
        "none": "tidak ada",
        "skip": "lewati",
    },
}
"""what anybody says who is asked a second time"""
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
LATER = ("email", "website", "legal_name", "owners.name")
"""what people give before they are asked"""
TRIES = 5
"""answers to one question before somebody gives up"""
ASIDE = ("start_over", "withdraw", "delete_data", "person", "escalate", "which")
"""confirmations that nobody here wants: a question or a name was misunderstood"""


def plain_name(path: str) -> str:
    """``locations.2.phone`` -> ``locations.phone``"""
    return ".".join(part for part in path.split(".") if not part.isdigit())


@dataclass
class Person:
    who: Applicant
    habit: Habit
    say: Phrases
    rng: random.Random
    stage: Stage
    patience: int = 0
    """turns; set from the straight path's length"""
    turns: int = 0
    open: str = ""
    """the question that they were asked last"""
    tries: Counter[str] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    """questions at which the habit had its way"""
    misread: list[str] = field(default_factory=list)
    """what was said aside and taken for an answer"""
    rephrased: list[str] = field(default_factory=list)
    """answers that had to be said otherwise"""
    trouble: str = ""
    items: dict[str, list[str]] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """path -> the message in which its answer was given"""
    wrong: dict[str, Answer] = field(default_factory=dict)
    """path -> what they said instead"""
    mend: list[tuple[str, str, int]] = field(default_factory=list)
    """(path, manner, answers to come before): wrong answers to correct"""

    def __post_init__(self) -> None:
        self.items = {"owners": ["1"], "locations": ["1"]}
        self.patience = self.patience or 60 + 6 * self.who.straight

    async def live(self) -> str:
        """To the end that they reach: a declared one, ``trapped`` or ``gave up``."""
        seen = await self._says(self.say.pick("start"))
        while self.turns < self.patience:
            if seen.reference:
                return "submits"
            if self.who.end == "stops at consent" and "consent" in self.tries and not self.open:
                return "stops at consent"
            if self.who.end == "walks away" and self._is_late(seen):
                return "walks away"
            if self.trouble:
                return "gave up"
            seen = await self._turn(seen)
        self.trouble = self.trouble or f"no end after {self.turns} turns, at {self.open}"
        return "trapped"

    def _is_late(self, seen: Seen) -> bool:
        """As far as they meant to come, or further, where the bot knew more already."""
        if seen.button("order", "submit"):
            return True
        name = plain_name(seen.asked)
        return name in TEXTS and TEXTS.index(name) >= TEXTS.index(self.who.leaves_at)

    # One turn: whatever is at hand.

    async def _turn(self, seen: Seen) -> Seen:
        if seen.button("confirm"):
            return await self._decide(seen)
        if seen.asked:
            self._meets(seen.asked)
        submit = seen.button("order", "submit")
        if submit is not None:
            return await self._review(submit)
        if not self.open:
            return await self._begins(seen)
        if mine := self._mine(seen):
            return await self._taps(mine)
        due = [each for each in self.mend if each[2] <= 0]
        if due:
            return await self._corrects(due[0])
        name = plain_name(self.open)
        if self.open not in self.asked:
            self.asked.add(self.open)
            if (done := await self._habitually(name)) is not None:
                return done
            if self.open not in self.asked:
                return await self._says(self._text(self.open))
        return await self._answers(seen)

    def _meets(self, path: str) -> None:
        group, _, rest = path.partition(".")
        item = rest.partition(".")[0]
        if group in self.items and item.isdigit() and item not in self.items[group]:
            self.items[group].append(item)
        if path != self.open:
            self.tries[path] = 0
            self.mend = [(p, how, left - 1) for p, how, left in self.mend]
        self.open = path

    async def _begins(self, seen: Seen) -> Seen:
        button = seen.button("order", "apply")
        if button is not None and self.rng.random() >= self.habit.types / 2:
            return await self._taps(button)
        return await self._says("apply" if self.who.language == "en" else "daftar")

    def _mine(self, seen: Seen) -> Button | None:
        """[That is my answer], where they gave one and the bot took it for something else."""
        text = plain_name(self.open) in TEXTS
        told = self.told.get(self.open, "") if text else ""
        button = seen.button("answer", self.open)
        if button is None or not told or button.choice.value != told:
            return None
        return button

    async def _decide(self, seen: Seen) -> Seen:
        """A yes or no is asked about."""
        yes, no = seen.button("confirm", "", "yes"), seen.button("confirm", "", "no")
        kind = (yes or no or seen.buttons[0]).choice.target.partition(" ")[0]
        if mine := self._mine(seen):
            return await self._taps(mine)
        if kind == "check_no":
            self._meets("")
            if yes is None or self.rng.random() < self.habit.types:
                return await self._says(self.say.pick("go_on"))
            return await self._taps(yes)
        if kind in ASIDE:
            text_open = plain_name(self.open) in TEXTS and self.open in self.told
            if kind not in ("escalate", "which"):
                self.misread.append(f"{self.open}: asked to confirm {kind}")
            if no is None or (text_open and self.rng.random() < 0.3):
                return await self._answers(seen)
            return await self._taps(no)
        right = any(value in seen.text for value in self._values())
        button = yes if right else no
        return await self._taps(button or yes or seen.buttons[0])

    async def _review(self, submit: Button) -> Seen:
        """The summary: what is still wrong is corrected, then it is sent."""
        self.open = ""
        if self.mend:
            return await self._corrects(self.mend[0])
        for group, have in (("owners", self.who.owners), ("locations", self.who.locations)):
            if len(self.items[group]) < len(have) and self.tries[f"add {group}"] < TRIES:
                self.tries[f"add {group}"] += 1
                return await self._says(self.say.pick(f"add_more.{group}"))
        self.tries["submit"] += 1
        if self.rng.random() < self.habit.types and self.tries["submit"] == 1:
            return await self._says(self.say.pick("submit"))
        return await self._taps(submit)

    # The habit.

    async def _habitually(self, name: str) -> Seen | None:
        """What they do before, or instead of, answering plainly; None: nothing special."""
        habit, rng = self.habit, self.rng
        if rng.random() < habit.leaves:
            return await self._leaves(name)
        if rng.random() < habit.asks:
            for _ in range(rng.randint(1, habit.most)):
                here = self.open
                seen = await self._aside(self.say.question(name))
                if self.open != here or seen.asked != here:
                    return seen
            return seen
        if name not in TEXTS:
            if name == "kind" and habit.pastes:
                return await self._pastes()
            if name in ("kind", "locations.country") and rng.random() < habit.bursts:
                return await self._bursts(name)
            if name in ("kind", "locations.country") and rng.random() < habit.wrong:
                self._errs(name)
            return None
        if rng.random() < habit.chats:
            return await self._aside(self.say.pick("small_talk"))
        if rng.random() < habit.ahead:
            return await self._gives_another(name)
        if name != "experience" and rng.random() < habit.joins and self._text(self.open):
            text = fill(
                self.say.pick("answer_and_question"),
                a=self._text(self.open),
                q=self.say.question(name),
            )
            self.told[self.open] = text
            self.tries[self.open] += 1
            return await self._says(text)
        if rng.random() < habit.bursts:
            return await self._bursts(name)
        if rng.random() < habit.wrong:
            self._errs(name)
        return None

    async def _leaves(self, name: str) -> Seen:
        said = await self._aside(self.say.pick("leave")) if self.rng.random() < 0.4 else None
        seen = await self.stage.wait(self.rng.choice((1, 2, 3, 5, 9, 16)))
        if said is not None and said.asked and said.asked != self.open:
            return said
        if self.rng.random() < 0.5:
            return await self._aside(self.say.pick("greet_back"))
        return await self._answers(seen)

    async def _gives_another(self, name: str) -> Seen | None:
        later = [
            other
            for other in LATER
            if other != name and not any(plain_name(p) == other for p in self.told)
        ]
        if not later:
            return None
        other = self.rng.choice(later)
        answer = self._truth(other if "." not in other else "owners.1.name")
        return await self._aside(self.say.pick("ahead", f=self.say.noun(other), v=answer.typed))

    async def _bursts(self, name: str) -> Seen:
        here = self.open
        typed = "" if name == "kind" else self._text(here)
        parts = [typed or self._plain("none")]
        one = self.who.one
        match name:
            case "locations.address" if (cut := parts[0].rfind(",")) > 0:
                parts = [parts[0][:cut], parts[0][cut + 1 :].strip()]
            case "locations.country":
                parts.append(self._place(here)["address"].typed)
            case "email":
                parts.append(one["website"].typed)
            case "kind":
                parts = [self._plain(one["kind"].value), one["legal_name"].typed]
            case "legal_name" if one["dba"].typed:
                parts.append(self.say.pick("dba", v=one["dba"].typed))
            case "experience":
                pass
            case _:
                parts.append(
                    self.rng.choice((self.say.question("any"), self.say.pick("small_talk")))
                )
        self.told[here] = parts[0]
        self.tries[here] += 1
        seen = Seen()
        for number, part in enumerate(parts):
            seen = await self._says(part, after=4 if number else 60)
            if seen.asked:
                self._meets(seen.asked)
        return seen

    async def _pastes(self) -> Seen:
        who, say, rng = self.who, self.say, self.rng
        one, whole = who.one, rng.random() < 0.6
        mark = rng.choice((": ", ": ", " - ", ":", " = "))
        groups = [[(name, one[name].typed)] for name in ("legal_name", "dba", "email", "website")]
        groups.append([("experience", one["experience"].typed)])
        owners = who.owners if whole else who.owners[:1]
        groups.append([("owners.name", owner.typed) for owner in owners])
        places = who.locations if whole else who.locations[:1]
        located = [
            (f"locations.{name}", place[name].plainer or place[name].typed)
            for place in places
            for name in ("country", "address", "phone")
        ]
        order = [0, 1, 5, 6, 2, 3, 4]
        groups.append(located)
        if rng.random() < 0.4:
            rng.shuffle(order)
        labels = {name: say.label(name) for group in groups for name, _ in group}
        block = "\n".join(
            f"{labels[name]}{mark}{value}" for at in order for name, value in groups[at] if value
        )
        if rng.random() < 0.7:
            block = f"{say.pick('paste_intro')}\n{block}"
        if rng.random() < 0.7:
            end = say.pick("paste_end", o=who.owners[0].typed, l=one["legal_name"].typed)
            block = f"{block}\n\n{end}"
        return await self._says(block)

    # Wrong first, right later.

    def _errs(self, name: str) -> None:
        answer, right = self._other(name), self._truth(self.open)
        if not answer.typed or answer.value == right.value or not right.value:
            return
        self.wrong[self.open] = answer
        hows = ["now", "field", "field", "change", "tap", "edit"]
        if name == "kind":
            hows = ["change", "tap"]
        how = self.rng.choice(hows)
        wait = 1 if how == "now" else self.rng.choice((1, 1, 2))
        self.mend.append((self.open, how, wait))

    def _other(self, name: str) -> Answer:
        """A wrong answer that somebody might give."""
        who, rng = self.who, self.rng
        index = self._index(self.open)
        match name:
            case "kind":
                other = rng.choice([k for k in PLAIN["en"] if "_" in k and k != "not_sure"])
                return Answer(other, other)
            case "locations.country":
                row = rng.choice(list(countries().values()))
                name_ = row[who.language][0]
                return Answer(name_, row["code"], name_)
            case "locations.phone":
                right = self._place(self.open)["phone"]
                last = (int(right.value[-1]) + 1) % 10
                wrong = f"{right.value[:-1]}{last}"
                return Answer(wrong, wrong)
            case "locations.address":
                text = self._place(self.open)["address"].typed
                wrong = re.sub(r"(\d+)", lambda m: f"{m[1]}1", text, count=1)
                return Answer(wrong, wrong)
            case "email":
                local, _, domain = who.one["email"].typed.partition("@")
                return Answer(f"x{local}@{domain}", f"x{local}@{domain}")
            case "website":
                bare = f"my{who.one['website'].value}"
                return Answer(bare, bare)
            case "owners.name":
                wrong = f"Bo {who.owners[min(index, len(who.owners) - 1)].typed}"
                return Answer(wrong, wrong)
            case "legal_name" | "dba":
                wrong = f"Old {who.one[name].typed}"
                return Answer(wrong, wrong)
            case _:
                return Answer("", "")

    async def _corrects(self, mend: tuple[str, str, int]) -> Seen:
        path, how, _ = mend
        self.mend.remove(mend)
        wrong = self.wrong.pop(path)
        right, name = self._truth(path), plain_name(path)
        value = right.plainer or right.typed
        here = self.open
        if how == "edit":
            before = self.told[path]
            after = before.replace(wrong.typed, value)
            self.told[path] = after
            self.turns += 1
            seen = await self.stage.edit(before, after)
            return await self._noticed(seen, here, path, f"(edit) {after}")
        if how == "tap":
            button = self._change_button(path)
            if button is not None:
                self.told.pop(path, None)
                return await self._taps(button)
            how = "change"
        kind = {"now": "correct_now", "field": "correct_field"}.get(how, "change_cmd")
        text = self.say.pick(kind, f=self.say.noun(name), v=value, w=wrong.typed)
        seen = await self._says(text)
        choice = next(
            (b for b in seen.buttons if b.choice.verb == "order" and b.choice.value == path), None
        )
        if choice is not None and not seen.asked:
            seen = await self._taps(choice)
        return await self._noticed(seen, here, path, text)

    def _change_button(self, path: str) -> Button | None:
        return self.last.button("order", "change", path)

    # Talking.

    async def _aside(self, text: str) -> Seen:
        """Say what is no answer, and look whether it was taken for one."""
        here = self.open
        return await self._noticed(await self._says(text), here, here, text)

    async def _noticed(self, seen: Seen, here: str, meant: str, text: str) -> Seen:
        moved = (seen.asked and seen.asked not in (here, meant)) or seen.reference
        if not moved or not here:
            return seen
        self.misread.append(f"{here}: {text}")
        for button in seen.buttons:
            choice = button.choice
            named = choice.value.partition(" ")[0]
            if choice.target == "was_question" and named == here:
                return await self._taps(button)
        undo = seen.button("order", "change", here) or seen.button("order", "undo")
        if undo is not None:
            return await self._taps(undo)
        return seen

    async def _answers(self, seen: Seen) -> Seen:
        path, name = self.open, plain_name(self.open)
        self.tries[path] += 1
        if self.tries[path] > TRIES and path not in self.wrong:
            self.trouble = f"{path} is refused: {self.told.get(path)!r}"
            return seen
        if self.tries[path] > 1:
            self.rephrased.append(f"{path}: {self.told.get(path, '')}")
        if name in TEXTS:
            text = self._text(path)
            if not text:
                text = self.say.pick("dba_none") if self.tries[path] == 1 else self._plain("none")
            self.told[path] = text
            return await self._says(text)
        return await self._chooses(seen, path, name)

    async def _chooses(self, seen: Seen, path: str, name: str) -> Seen:
        value = self._choice(path)
        first = self.tries[path] == 1
        if not value:  # a check that they pass over
            skip = seen.button("order", "skip_check")
            if skip is not None and self.rng.random() >= self.habit.types:
                return await self._taps(skip)
            text = self.say.pick("skip_check") if first else self._plain("skip")
            self.told[path] = text
            return await self._says(text)
        if name == "locations.country":
            text = self._text(path)
            self.told[path] = text
            return await self._says(text)
        button = seen.button("answer", path, value)
        if button is not None and (not first or self.rng.random() >= self.habit.types):
            self.told[path] = value
            return await self._leaving(path, value, await self._taps(button))
        kind = {
            "kind": f"kind.{value}",
            "consent": f"consent_{value}",
            "truth": "truth_yes",
            "owners.more": f"more_{value}.owners",
            "locations.more": f"more_{value}.locations",
        }.get(name, value)
        text = self.say.pick(kind) if first else self._plain(value)
        self.told[path] = text
        return await self._leaving(path, value, await self._says(self._slipped(text)))

    async def _leaving(self, path: str, value: str, seen: Seen) -> Seen:
        still = seen.asked or seen.button("answer", "consent") or seen.button("confirm")
        if path == "consent" and value == "no" and not still:
            self.open = ""
        return seen

    async def _says(self, text: str, after: float = 60) -> Seen:
        self.turns += 1
        self.last = await self.stage.say(text, after)
        return self.last

    async def _taps(self, button: Button) -> Seen:
        self.turns += 1
        self.last = await self.stage.tap(button)
        return self.last

    last: Seen = field(default_factory=Seen)

    # What they know.

    def _plain(self, value: str) -> str:
        return PLAIN[self.who.language][value]

    def _index(self, path: str) -> int:
        group, _, rest = path.partition(".")
        item = rest.partition(".")[0]
        return self.items[group].index(item) if item in self.items.get(group, ()) else 0

    def _place(self, path: str) -> Mapping[str, Answer]:
        """The location that is asked for; the last one, where the bot wants more than there are."""
        return self.who.locations[min(self._index(path), len(self.who.locations) - 1)]

    def _truth(self, path: str) -> Answer:
        name = plain_name(path)
        if name == "owners.name":
            return self.who.owners[min(self._index(path), len(self.who.owners) - 1)]
        if name.startswith("locations."):
            return self._place(path)[name.removeprefix("locations.")]
        return self.who.one[name]

    def _values(self) -> list[str]:
        """Everything true of them, as it may be shown to them."""
        answers = [*self.who.one.values(), *self.who.owners]
        answers += [answer for place in self.who.locations for answer in place.values()]
        return [a.typed for a in answers if len(a.typed) > 3]

    def _choice(self, path: str) -> str:
        name = plain_name(path)
        if path in self.wrong:
            return self.wrong[path].value
        if name.startswith("self_check."):
            return self.who.check.get(name.partition(".")[2], "")
        match name:
            case "consent":
                return "no" if self.who.end == "stops at consent" else "yes"
            case "truth":
                return "yes"
            case "owners.more" | "locations.more":
                group = name.partition(".")[0]
                have = len(self.who.owners if group == "owners" else self.who.locations)
                return "yes" if len(self.items[group]) < have else "no"
            case _:
                return self._truth(path).value

    def _text(self, path: str) -> str:
        """What they write for a text field or a country, padded or not."""
        name = plain_name(path)
        answer = self.wrong.get(path) or self._truth(path)
        if not answer.typed:
            return ""
        tries = self.tries[path]
        if tries > 2 and answer.plainer:
            return answer.plainer
        text = answer.typed
        if name == "locations.country" and tries <= 1 and self.rng.random() < self.habit.slips:
            text = self.rng.choice(countries()[answer.value]["typos"])
        if name == "experience" or tries > 1 or self.rng.random() >= self.habit.pads:
            return text
        return self.say.pick(name.replace("owners.name", "owner").rpartition(".")[2], v=text)

    def _slipped(self, text: str) -> str:
        """Two letters change places in a longer word, now and then."""
        if len(text) < 6 or self.tries[self.open] > 1 or self.rng.random() >= self.habit.slips:
            return text
        at = self.rng.randrange(1, len(text) - 2)
        if not text[at : at + 2].isalpha():
            return text
        return f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"
