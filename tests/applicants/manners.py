"""Habits at work: what somebody does before, or instead of, answering plainly.

Each gives the bot's answer to what was said last, or None where nothing special was done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.applicants import mending
from tests.applicants.memory import TEXTS, plain_name
from tests.applicants.phrases import fill
from tests.applicants.talk import Seen

if TYPE_CHECKING:
    from tests.applicants.person import Person

LATER = ("email", "website", "legal_name", "owners.name")
"""what people give before they are asked"""


async def at(person: Person, name: str) -> Seen | None:
    """At this question, by its name."""
    habit, rng = person.habit, person.rng
    if rng.random() < habit.leaves:
        return await _leaves(person, name)
    if rng.random() < habit.asks:
        for _ in range(rng.randint(1, habit.most)):
            here = person.open
            seen = await person.aside(person.say.question(name))
            if person.open != here or seen.asked != here:
                return seen
        return seen
    if name not in TEXTS:
        if name == "kind" and habit.pastes:
            return await _pastes(person)
        if name in ("kind", "locations.country") and rng.random() < habit.bursts:
            return await _bursts(person, name)
        if name in ("kind", "locations.country") and rng.random() < habit.wrong:
            mending.err(person)
        return None
    if rng.random() < habit.chats:
        return await person.aside(person.say.pick("small_talk"))
    if rng.random() < habit.ahead:
        return await _gives_another(person, name)
    if name != "experience" and rng.random() < habit.joins and person.text(person.open):
        text = fill(
            person.say.pick("answer_and_question"),
            a=person.text(person.open),
            q=person.say.question(name),
        )
        person.joined.add(person.open)
        person.memory.told[person.open] = text
        person.tries[person.open] += 1
        return await person.says(text)
    if rng.random() < habit.bursts:
        return await _bursts(person, name)
    if rng.random() < habit.wrong:
        mending.err(person)
    return None


async def _leaves(person: Person, name: str) -> Seen:
    """Off for some days; back with a greeting, or with the answer."""
    said = await person.aside(person.say.pick("leave")) if person.rng.random() < 0.4 else None
    seen = await person.stage.wait(person.rng.choice((1, 2, 3, 5, 9, 16)))
    if said is not None and said.asked and said.asked != person.open:
        return said
    if person.rng.random() < 0.5:
        return await person.aside(person.say.pick("greet_back"))
    return await person.answers(seen)


async def _gives_another(person: Person, name: str) -> Seen | None:
    """By the way: the answer to another field."""
    later = [
        other
        for other in LATER
        if other != name and not any(plain_name(p) == other for p in person.memory.told)
    ]
    if not later:
        return None
    other = person.rng.choice(later)
    answer = person.memory.truth(other if "." not in other else "owners.1.name")
    return await person.aside(person.say.pick("ahead", f=person.say.noun(other), v=answer.typed))


async def _bursts(person: Person, name: str) -> Seen:
    """The answer in parts, or with what comes next, within seconds."""
    here = person.open
    typed = "" if name == "kind" else person.text(here)
    parts = [typed or person.plain("none")]
    one = person.who.one
    match name:
        case "locations.address" if (cut := parts[0].rfind(",")) > 0:
            parts = [parts[0][:cut], parts[0][cut + 1 :].strip()]
        case "locations.country":
            parts.append(person.memory.place(here)["address"].typed)
        case "email":
            parts.append(one["website"].typed)
        case "kind":
            parts = [person.plain(one["kind"].value), one["legal_name"].typed]
        case "legal_name" if one["dba"].typed:
            parts.append(person.say.pick("dba", v=one["dba"].typed))
        case "experience":
            pass
        case _:
            parts.append(
                person.rng.choice((person.say.question("any"), person.say.pick("small_talk")))
            )
    person.memory.told[here] = parts[0]
    person.tries[here] += 1
    seen = Seen()
    for seen in await person.bursts(parts):
        if seen.asked:
            person.meets(seen.asked)
    return seen


async def _pastes(person: Person) -> Seen:
    """The old application e-mail: everything at once, in their own order and words."""
    who, say, rng = person.who, person.say, person.rng
    one, whole = who.one, rng.random() < 0.6
    mark = rng.choice((": ", ": ", " - ", ":", " = "))
    groups = [[(name, one[name].typed)] for name in ("legal_name", "dba", "email", "website")]
    groups.append([("experience", one["experience"].typed)])
    owners = who.owners if whole else who.owners[:1]
    groups.append([("owners.name", owner.typed) for owner in owners])
    places = who.locations if whole else who.locations[:1]
    person.memory.pasted = {"owners": len(owners), "locations": len(places)}
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
    return await person.says(block)
