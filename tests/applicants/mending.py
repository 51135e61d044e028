"""Wrong first, right later: how somebody corrects what they said.

A correction that is not understood is tried again another way; at the summary, over its button.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages import Button
from tests.applicants.memory import plain_name
from tests.applicants.talk import Seen

if TYPE_CHECKING:
    from tests.applicants.person import Person

KINDS = {"now": "correct_now", "field": "correct_field", "change": "change_cmd"}
HOWS = ("now", "field", "field", "change", "tap", "edit")
FAR = 10**6
TIMES = 4
"""attempts at one correction"""


@dataclass
class Mend:
    path: str
    how: str
    wait: int
    """questions to come before they notice"""
    tried: int = 0


def haste(mend: Mend) -> bool:
    """ "No, I meant ..." comes before any other word; False sorts first."""
    return mend.how != "now"


def err(person: Person) -> None:
    """The open question will be answered wrongly, and that be corrected one or two questions on."""
    path = person.open
    wrong = person.memory.mistake(path, person.rng)
    if not wrong.typed:
        return
    person.memory.wrong[path] = wrong
    how = person.rng.choice(("change", "tap") if path == "kind" else HOWS)
    person.mend.append(Mend(path, how, 1 if how == "now" else person.rng.choice((1, 1, 2))))


async def correct(person: Person, mend: Mend) -> Seen:
    path, here = mend.path, person.open
    mend.tried += 1
    if mend.tried > TIMES:
        person.mend.remove(mend)
        person.trouble = f"{path} cannot be corrected"
        return person.last
    wrong, right = person.memory.wrong[path], person.memory.truth(path)
    value = right.plainer or right.typed
    how = mend.how if mend.tried == 1 else "change"
    if mend.tried > 1:
        person.rephrased.append(f"correction of {path} ({mend.how})")
    if how == "edit" and wrong.typed in person.memory.told.get(path, ""):
        before = person.memory.told[path]
        said = before.replace(wrong.typed, value)
        person.memory.told[path] = said
        seen = await _confirmed(person, await person.edits(before, said))
    elif how == "tap" and (button := person.last.button("order", "change", path)) is not None:
        said, seen = f"[{button.label}]", await person.taps(button)
    else:
        kind = KINDS.get(how, "change_cmd")
        noun = person.say.noun(plain_name(path))
        said = person.say.pick(kind, f=noun, v=value, w=wrong.typed)
        seen = await _chosen(person, await person.says(said), path)
    if not here and seen.button("order", "submit") is None and seen.asked != path:
        seen = await _chosen(person, await _from_summary(person), path)
    elsewhere = here and seen.asked not in ("", here, path)  # it was taken for an answer there
    told = any(shown in seen.text for shown in (value, right.typed))
    if seen.asked == path or (told and not elsewhere):
        del person.memory.wrong[path]
        person.mend.remove(mend)
        person.met.add(path)
    else:
        mend.wait = FAR  # it is looked at again at the summary
    return await person.noticed(seen, here, path, said)


async def _confirmed(person: Person, seen: Seen) -> Seen:
    """ "Shall it say ... now?" Yes."""
    yes = seen.button("confirm", "edit", "yes")
    return seen if yes is None else await person.taps(yes)


async def _chosen(person: Person, seen: Seen, path: str) -> Seen:
    """ "Which one?": the button of the one that is meant, or of the location that it is in."""
    for _ in range(2):
        button = None if seen.asked else _named(seen, path)
        if button is None:
            break
        seen = await person.taps(button)
    return seen


def _named(seen: Seen, path: str) -> Button | None:
    """The most exact one."""
    orders = [b for b in seen.buttons if b.choice.target == "change" and b.choice.value]
    fitting = [b for b in orders if f"{path}.".startswith(f"{b.choice.value}.")]
    return max(fitting, key=lambda button: len(button.choice.value), default=None)


async def _from_summary(person: Person) -> Seen:
    """Over [Change an answer], where words did not do."""
    return await person.says(person.plain("change"))
