"""What goes with an answer to a person's question, or with the lack of one: the buttons, the words
quoted back, and what is remembered of it.
"""

from __future__ import annotations

from dialogs.acts import Offer, Term
from dialogs.asking import offer
from dialogs.events import Choice, Finding, Found, Question
from dialogs.state import Phase, State, Topic

RELATED = 2
"""articles that are offered under one"""
REMEMBERED = 200
"""characters of a question that are kept for its follow-ups"""
QUOTED = 100
"""characters of a question that are quoted back"""


def related(found: Found) -> tuple[Offer, ...]:
    """Under an article: the nearest others, and the way to the rest of an overview's."""
    near = tuple(Offer(label, Choice("article", id)) for id, label in found.related[:RELATED])
    if len(found.related) <= RELATED:
        return near
    return (*near, Offer(Term("buttons.more_articles"), Choice("article", found.article, "rest")))


def rest_of(found: Found) -> tuple[Offer, ...]:
    return tuple(Offer(label, Choice("article", id)) for id, label in found.related[RELATED:])


def topic_of(asked: Question, found: Found) -> Topic:
    """A follow-up is no good beginning of the next one; its article's title is."""
    own = asked.text and not asked.previous
    return Topic(brief(asked.text if own else found.title, REMEMBERED), found.article)


def ask_staff(text: str) -> tuple[Offer, ...]:
    """[Ask staff]. The button names its question: tapped late, it passes on no other one."""
    return (Offer(Term("buttons.ask_staff"), Choice("escalate", value=text)),) if text else ()


def titles(finding: Finding, asked: Question) -> tuple[Offer, ...]:
    """What may be meant, and [None of these], which passes the question on at once."""
    meant = (Offer(one.title[:40], Choice("article", one.article)) for one in finding.matches[:3])
    none = Offer(Term("buttons.none_of_these"), Choice("escalate", value=named(asked)))
    return (*meant, none)


def onward(state: State) -> tuple[Offer, ...]:
    """The way to the form, for a visitor."""
    if state.phase is not Phase.VISITING:
        return ()
    return (offer("resume" if state.draft is not None else "apply"),)


def named(asked: Question) -> str:
    """As staff read it: a follow-up says nothing without the question before it."""
    return f"{asked.previous} \u2192 {asked.text}" if asked.previous else asked.text


def brief(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
