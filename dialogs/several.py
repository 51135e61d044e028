"""Several questions in one message: each answered under its own words, in one message; then one
line that names those that are not known, with one button that passes them all to staff.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.acts import Act, Cite, Offer, Say
from dialogs.asking import confirm, put_back
from dialogs.events import Choice, Found, Part
from dialogs.offers import QUOTED, ask_staff, brief, named, onward, titles, topic_of
from dialogs.questions import MOST, answers, several
from dialogs.state import Pending, Script, State, Step

ROOM = 900
"""characters of articles in one message; what goes beyond is offered by its title"""


def each(
    script: Script, state: State, text: str, parts: tuple[Part, ...], mine: tuple[Offer, ...]
) -> Step:
    """Answer the parts of ``text``; ``mine``: the button that makes the whole text an answer."""
    known = [part for part in parts if answers(part.finding)]
    left = [part for part in parts if part not in known]
    if known:
        last = known[-1]
        state = replace(state, topic=topic_of(last.question, last.finding.matches[0]))
    says = [*_articles(known, alone=not left), *_insteads(left)]
    waits = bool(put_back(script, state))
    language = script.wording.language(state.language)
    beyond = several(language, text)[MOST:]
    if beyond:
        values = {"most": str(MOST), "question": brief(beyond[0], QUOTED)}
        says.append(Say("question.too_many", values))
    if left:
        state, asking = _ask_about(state, left, waits=waits)
        says += asking
    else:
        says[-1] = _with_offers(says[-1], ask_staff(text))
    says[-1] = _with_offers(says[-1], (*onward(state), *mine))
    return Step(state, (*says, *put_back(script, state)))


def _articles(known: list[Part], *, alone: bool) -> list[Act]:
    """Each article once, under the questions that it answers; what has no room, by its title."""
    asked: dict[str, list[str]] = {}
    found: dict[str, Found] = {}
    for part in known:
        best = part.finding.matches[0]
        found.setdefault(best.article, best)
        asked.setdefault(best.article, []).append(brief(part.question.text, QUOTED))
    says: list[Act] = []
    hidden: list[Offer] = []
    room = ROOM
    for id, one in found.items():
        if says and len(one.passage) > room:
            hidden.append(Offer(one.title[:40], Choice("article", id)))
            continue
        room -= len(one.passage)
        quoted = () if alone and len(found) == 1 else tuple(asked[id])
        says.append(Cite(one, (), quoted))
    if hidden:
        says.append(Say("question.others", {}, tuple(hidden)))
    return says


def _insteads(left: list[Part]) -> list[Act]:
    """What authors wrote to say to a question that is known to be not covered."""
    return [
        Say(
            "question.instead_of",
            {"question": brief(part.question.text, QUOTED), "instead": part.finding.instead},
        )
        for part in left
        if part.finding.instead
    ]


def _ask_about(state: State, left: list[Part], *, waits: bool) -> tuple[State, tuple[Say, ...]]:
    """The line that names what is not known, with one button that passes it all to staff. Where a
    question of the form waits, no other one is opened."""
    asked = [part.question for part in left]
    texts = [question.text for question in asked]
    # What stands there by itself names nothing a second time.
    text = "\n".join(named(replace(q, previous="") if q.previous in texts else q) for q in asked)
    if len(left) == 1 and left[0].finding.band == "unsure" and left[0].finding.matches:
        values = {"question": brief(asked[0].text, QUOTED)}
        offers = titles(left[0].finding, asked[0])
        pending = Pending("which", proposal=text)
        key = "question.maybe_of" if waits else "question.unsure_of"
    else:
        unknown = [part.question.text for part in left if not part.finding.instead]
        quoted = " ".join(f'"{brief(one, QUOTED)}"' for one in unknown)
        values = {"questions": quoted}
        pending = Pending("escalate", proposal=text)
        offers = ask_staff(text)
        key = "question.unknown_of" if unknown else "question.not_covered"
    if waits:
        return state, (Say(key, values, offers),)
    state = replace(state, pending=pending)
    if pending.kind == "which":
        return state, (Say(key, values, offers),)
    return state, (Say(key, values), Say("question.shall_i", {}, (*offers, confirm(pending)[1])))


def _with_offers(act: Act, offers: tuple[Offer, ...]) -> Act:
    return replace(act, offers=(*act.offers, *offers)) if isinstance(act, Say | Cite) else act
