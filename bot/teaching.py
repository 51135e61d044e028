"""How a staff answer becomes something that the bot says by itself.

    answered question -> candidate (waiting) -> approved: an article, served at once
                                             -> dismissed: never proposed again
    any question      -> not covered: the bot knows that it does not know

Questions that ask the same become one candidate that counts them. An applicant's words are never
in an article: whoever approves one puts the question in general words, and what they overlooked of
one case is refused (``judging.py``). Every function works inside the store's transaction, so
that of two decisions at once the first counts and the other is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.judging import Ground, NotDone, check_answer, check_not_covered, named
from bot.likeness import language_of, state_of
from bot.store import Transaction
from bot.store.rows import CandidateRow, EscalationRow
from dialogs.state import State
from knowledge.alike import alike
from knowledge.article import Article

_SURROGATE = re.compile("[\ud800-\udfff]")
"""what a command line makes of bytes that are no text"""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a person gives for a candidate; None leaves what there is."""

    questions: tuple[str, ...] | None = None
    answer: str | None = None
    title: str | None = None
    button: str | None = None
    facts: tuple[str, ...] | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Taught:
    candidate: CandidateRow
    grouped: bool
    """it asks the same as a candidate that was there"""
    like: tuple[str, ...]
    """titles of the articles, shipped or approved, that answer a question like it"""
    uncovered: tuple[CandidateRow, ...]
    """what says that a question like it is not covered"""


def teach(tx: Transaction, id: int, by: str, at: str, ground: Ground) -> Taught:
    """Make an answered question a candidate, or count it into the one that asks the same."""
    escalation = tx.escalation(id)
    if escalation is None:
        raise NotDone("unknown")
    if not escalation.answered_at:
        raise NotDone("unanswered")
    question = " ".join(escalation.question.split())
    if not question:
        raise NotDone("wordless")
    if (known := tx.learning.taught(id)) is not None:
        raise NotDone("taught", row=known)
    language = language_of(tx.conversation(escalation.conversation))
    like = _alike_candidates(tx, question, language)
    if dismissed := [row for row in like if (row.kind, row.state) == ("answer", "dismissed")]:
        raise NotDone("dismissed_before", row=dismissed[0])
    waiting = [row for row in like if row.state == "waiting"]
    if waiting:
        candidate = waiting[0].id
    else:
        candidate = tx.learning.add_candidate(
            CandidateRow(
                0, "answer", "waiting", language, question, escalation.answer, made_at=at,
                made_by=named(by, "by"),
            )
        )  # fmt: skip
    tx.learning.add_source(candidate, id)
    for other in _answered_alike(tx, escalation, question, language):
        tx.learning.add_source(candidate, other)
    approved = [row for row in like if row.state == "approved"]
    titles = [row.title for row in approved if row.kind == "answer"]
    uncovered = tuple(row for row in approved if row.kind == "not_covered")
    titles += _alike_articles(question, language, ground.articles)
    row = tx.learning.candidate(candidate)
    assert row is not None  # written above
    return Taught(row, bool(waiting), tuple(dict.fromkeys(titles)), uncovered)


def approve(
    tx: Transaction, id: int, wording: Wording, by: str, role: str, at: str, ground: Ground
) -> CandidateRow:
    """Serve it. Raises NotDone, also where it was decided before."""
    row = _answer_in(tx, id, "waiting")
    return _settle(tx, row, wording, by, role, at, ground)


def edit(
    tx: Transaction, id: int, wording: Wording, by: str, role: str, at: str, ground: Ground
) -> CandidateRow:
    """Change a waiting one. One in force is held against all rules and approved anew."""
    row = tx.learning.candidate(id)
    if row is not None and row.kind == "not_covered":
        return _edit_not_covered(tx, row, wording, by, at, ground)
    row = _answer_in(tx, id, "waiting", "approved")
    if wording == Wording():
        raise NotDone("nothing")
    if row.state == "approved":
        return _settle(tx, row, wording, by, role, at, ground)
    return _saved(tx, _worded(row, wording), row.state)


def dismiss(tx: Transaction, id: int, by: str, at: str) -> CandidateRow:
    """Propose it no more; one in force is taken out of it."""
    row = tx.learning.candidate(id)
    if row is None:
        raise NotDone("unknown")
    if row.state == "dismissed":
        raise NotDone("decided", row=row)
    name = named(by, "by")
    return _saved(tx, replace(row, state="dismissed", decided_by=name, decided_at=at), row.state)


def not_covered(
    tx: Transaction,
    escalation: int,
    candidate: int,
    question: str,
    instead: str,
    by: str,
    at: str,
    ground: Ground,
) -> CandidateRow:
    """Say that the program does not answer it: the question of an escalation, or a candidate (the
    other is 0). Without ``question`` it is learnt in the words of whoever asked, and is gone when
    these are erased."""
    asked = tx.escalation(escalation) if escalation else None
    row = tx.learning.taught(escalation) if asked else tx.learning.candidate(candidate)
    if asked is None and row is None:
        raise NotDone("unknown")
    if row is not None and (row.kind == "not_covered" or row.state == "approved"):
        raise NotDone("not_covered" if row.kind == "not_covered" else "decided", row=row)
    if row is not None:
        words, language = row.question, row.language
    else:
        assert asked is not None  # one of the two was found
        words = " ".join(asked.question.split())
        language = language_of(tx.conversation(asked.conversation))
    new = CandidateRow(
        row.id if row else 0, "not_covered", "approved", language,
        " ".join(question.split()) or words, " ".join(instead.split()),
        worded=int(bool(question)) or (row.worded if row else 0), asked=row.asked if row else 0,
        made_at=row.made_at if row else at, made_by=row.made_by if row else named(by, "by"),
        decided_at=at, decided_by=named(by, "by"),
    )  # fmt: skip
    if row is not None:
        check_not_covered(new, ground, _asked_by(tx, row))
        return _saved(tx, new, row.state)
    state = state_of(tx, asked) if asked is not None and new.worded else None
    check_not_covered(new, ground, [state] if state is not None else [])
    id = tx.learning.add_candidate(new)
    tx.learning.add_source(id, escalation)
    return replace(new, id=id, asked=1)


def _edit_not_covered(
    tx: Transaction, row: CandidateRow, wording: Wording, by: str, at: str, ground: Ground
) -> CandidateRow:
    if row.state == "dismissed":
        raise NotDone("decided", row=row)
    if wording.questions is None and wording.answer is None:
        raise NotDone("nothing")
    new = replace(_worded(row, wording), decided_by=named(by, "by"), decided_at=at)
    check_not_covered(new, ground, _asked_by(tx, new))
    return _saved(tx, new, row.state)


def _answer_in(tx: Transaction, id: int, *states: str) -> CandidateRow:
    row = tx.learning.candidate(id)
    if row is None:
        raise NotDone("unknown")
    if row.kind != "answer":
        raise NotDone("not_covered", row=row)
    if row.state not in states:
        raise NotDone("decided", row=row)
    return row


def _settle(
    tx: Transaction,
    row: CandidateRow,
    wording: Wording,
    by: str,
    role: str,
    at: str,
    ground: Ground,
) -> CandidateRow:
    new = _worded(row, wording)
    if not new.worded:
        raise NotDone("raw")
    new = replace(
        new, state="approved", button=new.button or new.title,
        section=_section(new, ground.articles), decided_at=at, decided_by=named(by, "by"),
        decided_role=named(role, "role"),
    )  # fmt: skip
    if not new.article:
        new = replace(new, article=_article_id(tx, new, ground.articles))
    check_answer(new, ground, _asked_by(tx, new))
    return _saved(tx, new, row.state)


def _asked_by(tx: Transaction, row: CandidateRow) -> list[State]:
    states = (state_of(tx, source) for source in tx.learning.sources(row.id))
    return [state for state in states if state is not None]


def _worded(row: CandidateRow, wording: Wording) -> CandidateRow:
    given: dict[str, str | int] = {}
    if wording.questions is not None:
        lines = [" ".join(question.split()) for question in wording.questions]
        given["question"] = "\n".join(dict.fromkeys(line for line in lines if line))
        given["worded"] = 1
        if not given["question"]:
            raise NotDone("question", "")
    if wording.answer is not None:
        given["answer"] = wording.answer
    if wording.title is not None:
        given["title"] = " ".join(wording.title.split())
        given["button"] = ""
    if wording.button is not None:
        given["button"] = " ".join(wording.button.split())
    if wording.facts is not None:
        given["facts"] = " ".join(dict.fromkeys(fact.strip().upper() for fact in wording.facts))
    if wording.language is not None:
        given["language"] = wording.language
    if any(_SURROGATE.search(str(text)) for text in given.values()):
        raise NotDone("bytes")
    row = replace(row, **given)  # type: ignore[arg-type]  # fields by name
    return replace(row, answer=_tidy(row.answer))


def _tidy(text: str) -> str:
    """A passage as it is written: no blanks at the ends of lines, one empty line between two."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _section(row: CandidateRow, articles: Sequence[Article]) -> str:
    """As the articles about the same facts have it."""
    about = row.facts.split()[:1]
    mine = [a for a in articles if a.language == row.language and set(about) & set(a.facts)]
    every = mine or [a for a in articles if set(about) & set(a.facts)]
    fewest = min(every, key=lambda article: len(article.facts), default=None)
    return fewest.section if fewest else ""


def _article_id(tx: Transaction, row: CandidateRow, articles: Sequence[Article]) -> str:
    """Made of the title, for good: buttons and files bear it."""
    plain = unicodedata.normalize("NFKD", row.title).encode("ascii", "ignore").decode().casefold()
    slug = "-".join(["staff", *re.findall(r"[a-z0-9]+", plain)[:6]])[:48].rstrip("-")
    taken = {article.id for article in articles}
    taken |= {other.article for other in tx.learning.candidates("approved", "dismissed")}
    return slug if slug not in taken and slug != "staff" else f"{slug}-{row.id}"


def _alike_candidates(tx: Transaction, question: str, language: str) -> list[CandidateRow]:
    """Candidates with a question that asks the same, the likest first."""
    rows = tx.learning.candidates("waiting", "approved", "dismissed")
    asked = [(row, text) for row in rows if row.language == language for text in row.questions]
    found = alike(question, [text for _, text in asked], language)
    return list({asked[at][0].id: asked[at][0] for at in found}.values())


def _alike_articles(question: str, language: str, articles: Sequence[Article]) -> list[str]:
    asked = [(a.title, text) for a in articles if a.language == language for text in a.questions]
    return [asked[at][0] for at in alike(question, [text for _, text in asked], language)]


def _answered_alike(
    tx: Transaction, escalation: EscalationRow, question: str, language: str
) -> list[int]:
    """Questions that ask the same and were answered together with this one."""
    others = [
        other
        for other in tx.learning.answered_with(escalation.answer)
        if other.id != escalation.id
        and tx.learning.taught(other.id) is None
        and language_of(tx.conversation(other.conversation)) == language
    ]
    return [others[at].id for at in alike(question, [o.question for o in others], language)]


def _saved(tx: Transaction, row: CandidateRow, was: str) -> CandidateRow:
    if not tx.learning.save_candidate(row, was):
        raise NotDone("decided", row=tx.learning.candidate(row.id))
    return row
