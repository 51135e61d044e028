"""What a person was told from the articles: remembered, listed, and put right where it changes.

The state holds the latest answers, for the person's own list. Who was told which version of an
article, for staff, is the shell's to keep: it sees every ``Cite``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dialogs.acts import Act, Cite, Lines, Offer, Say, Value
from dialogs.asking import offer, put_back
from dialogs.events import Choice, Event
from dialogs.readings import Corrects, Orders
from dialogs.state import Cited, Script, State, Step
from dialogs.switching import put_again

LATEST = 10
"""answers that are remembered"""


def remembered(state: State, acts: Iterable[Act], at: str) -> State:
    """The state after a turn that gave these answers. An article told again moves to the end."""
    told = [act.found for act in acts if isinstance(act, Cite)]
    cited = state.cited
    for found in told:
        others = [earlier for earlier in cited if earlier.article != found.article]
        newest = Cited(found.article, found.version, found.title, at)
        cited = (*others, newest)[-LATEST:]
    return replace(state, cited=cited) if told else state


def was_told(script: Script, state: State, reading: Orders, event: Event) -> Step:
    """The latest answers with their dates, newest first, and a button each for what it says now."""
    if not state.cited:
        return Step(state, (Say("told.nothing"), *put_back(script, state)))
    newest = state.cited[::-1]
    lines = [Say("told.line", {"title": c.title, "date": c.at[:10]}) for c in newest]
    offers = tuple(Offer(c.title, Choice("article", c.article)) for c in newest)
    says = Say("told.list", {"lines": Lines(tuple(lines))}, offers)
    return Step(state, (says, *put_back(script, state)))


def correct(script: Script, state: State, reading: Corrects, event: Event) -> Step:
    """What an answer says now, and what was open before it, once more."""
    informed = reading.informed
    values: dict[str, Value] = {"title": informed.now.title, "date": informed.told_at[:10]}
    says = (Say("told.changed", values), Cite(informed.now, (offer("person"),)))
    if state.pending is None:
        return Step(state, (*says, *put_back(script, state)))
    again = put_again(script, state, event)
    return Step(again.state, (*says, *again.acts))
