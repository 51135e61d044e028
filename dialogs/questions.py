"""The questions in a message: where one ends and the next begins, and what follows up on another.

A message is cut where a sentence or line ends, at the numbers of a list, and at "and" or a comma
inside a sentence. Two halves that belong together are worse than two questions taken for one:

- inside a sentence it is cut only where both parts have three words and more, and each asks by
  itself: "do I need a credit line, and audited records?" is one question;
- a sentence that asks nothing ("I rent my shop.") is no question, but belongs to the short one
  behind it that points at it ("Is that allowed?");
- what is only the end of a question ("Why?", "and by post?") belongs to the one before;
- greetings, thanks and what merely announces a question are none.

A follow-up is a question that needs the one before to be understood: "and for universities?". Only
the library can tell whether it does, so what may be one is looked up with the other and without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from dialogs import moods
from dialogs.events import Finding, Part, Question
from dialogs.sentences import MARKS, begins_like_question, reads_as_question
from dialogs.wording import Language, fold

MOST = 4
"""questions of one message that are answered; more are asked for in another message"""
LEAST = 3
"""words of each part where a sentence is cut inside"""
FRAGMENT = 1
"""words behind which a mark makes no question of its own"""
LEANS = 5
"""words up to which "is that ok?" points at the sentence before"""
FOLLOWS = 8
"""words of a follow-up that begins with "and", "what about"; fewer where it does not"""
ABBREVIATED = 3
"""letters of a word whose dot ends no sentence, where it begins with a capital"""
LONGEST = 80
"""words of a part; a longer one tells something"""

_TOUCHED = 0.15
_TOUCHED_BY_A_NAME = 0.25
"""confidence of the nearest article; company names that read like questions mostly have less"""

_END = re.compile(rf"[{''.join(MARKS)}!]+[\"')\u201d]*\s*|[.:;\u3002]+\s+")
_LISTED = re.compile(r"(?:^|(?<=\s))\(?(?:\d{1,2}[.):]|[A-Ha-h]\)|[-*\u2022\u2013])\s+")
_WORD = re.compile(r"\S+")
_EDGES = " \t\n,;.:-\u2013\u2022*"


def several(language: Language, text: str) -> tuple[str, ...]:
    """The questions of a message that holds two and more, in their order, as they were typed; ()
    where it holds one or none."""
    found: list[str] = []
    told = ""
    for piece in _pieces(language, text):
        words = _own_words(language, piece)
        if not words:
            continue
        if moods.mood_of(language, piece) or " ".join(words) in language.folded("lead_ins"):
            continue
        marked = piece.endswith(MARKS)
        if marked and _is_fragment(language, piece, words):
            if told:
                found.append(_behind(told, piece))
            elif found:
                found[-1] = f"{found[-1]} {piece}"
            elif len(words) > FRAGMENT:
                found.append(piece)
            told = ""
        elif not (marked or _asks(language, piece)) or len(words) > LONGEST:
            told = piece
        else:
            inside = [_without_joint(language, part) for part in _cut(language, piece)]
            if told and (len(words) <= LEAST or _points(language, words)):
                inside[0] = _behind(told, inside[0])
            found += inside
            told = ""
    once = tuple({fold(part): part for part in found}.values())
    return once if len(once) > 1 else ()


def in_order(language: Language, parts: tuple[str, ...], previous: str) -> tuple[Question, ...]:
    """The parts that are answered, each with the question that it may follow up on: the part before
    it, and for the first one ``previous``."""
    asked: list[Question] = []
    for part in parts[:MOST]:
        before = asked[-1].text if asked else previous
        asked.append(Question(part, before if follows_up(language, part) else ""))
    return tuple(asked)


def follows_up(language: Language, text: str) -> bool:
    """May it be a follow-up? "Why?", "and for universities?", "is that free?"; not "is it true
    that exams are free for providers?"."""
    phrase = fold(text)
    words = phrase.split()
    if not words or len(words) > FOLLOWS:
        return False
    if phrase in language.folded("follow_ups"):
        return True
    if any(f"{phrase} ".startswith(f"{o} ") for o in language.folded("follow_openers")):
        return True
    if not (text.rstrip().endswith(MARKS) or _asks(language, text)):
        return False
    return len(words) < LEAST or _points(language, words)


def taken_apart(finding: Finding) -> tuple[Part, ...]:
    """The parts, where something can be said to one of them that the whole as one question does
    not say; () where the whole stands. Where only the whole is sure of its answer and one part is
    about the same, the answer is that part's."""
    parts = finding.parts
    known = any(answers(part.finding) for part in parts)
    told = known or any(part.finding.instead for part in parts)
    if not told or known or not answers(finding):
        return parts if told else ()
    sure = replace(finding, parts=())
    about = [part for part in parts if _first(part.finding) == _first(sure)]
    if len(about) != 1:
        return ()
    return tuple(replace(part, finding=sure) if part is about[0] else part for part in parts)


def _first(finding: Finding) -> str:
    return finding.matches[0].article if finding.matches else ""


def answers(finding: Finding) -> bool:
    return finding.band == "answer" and bool(finding.matches)


def best_band(finding: Finding) -> Literal["answer", "unsure", "nothing"]:
    """The best that was found, for the whole or a part of it."""
    bands = [finding.band, *(part.finding.band for part in finding.parts)]
    return "answer" if "answer" in bands else "unsure" if "unsure" in bands else "nothing"


def touches(finding: Finding, text: str) -> bool:
    """Does the text come near anything that is asked of the program, answered or not? Only what
    reads like a question is asked that: a firm may be called "Is It Broken", with capitals."""
    least = _TOUCHED if text == text.lower() else _TOUCHED_BY_A_NAME
    found = (finding, *(part.finding for part in finding.parts))
    return any(each.band != "nothing" or sure_of(each) >= least for each in found)


def sure_of(finding: Finding) -> float:
    return max((match.confidence for match in finding.matches), default=0.0)


def _pieces(language: Language, text: str) -> Iterator[str]:
    """What stands between two ends of sentences or the numbers of a list. The end of a question
    stays with it."""
    for line in _LISTED.sub("\n", text).split("\n"):
        at = 0
        for end in _END.finditer(line):
            if not (end[0].startswith(".") and _is_short_for(language, line[at : end.start()])):
                yield line[at : end.end()].strip().rstrip(".:;").strip()
                at = end.end()
        yield line[at:].strip().rstrip(".:;").strip()


def _is_short_for(language: Language, before: str) -> bool:
    """Is the dot that of "Dr.", "No." or "Ltd."?"""
    last = before.rpartition(" ")[2]
    return fold(last) in language.folded("legal_forms") or (
        len(last) <= ABBREVIATED and last.istitle()
    )


def _cut(language: Language, piece: str) -> list[str]:
    """A sentence's questions: "how do I apply and what does it cost" -> two."""
    tokens = list(_WORD.finditer(piece))
    joints = language.folded("and_words")
    conditions = tuple(f" {opener}" for opener in language.folded("follow_openers"))
    for n in range(LEAST, len(tokens) - LEAST + 1):
        token = tokens[n]
        comma = piece[: token.start()].rstrip().endswith((",", ";"))
        joint = fold(token[0]) in joints
        first = n
        while first < len(tokens) and fold(tokens[first][0]) in joints:
            first += 1
        if not (joint or comma):
            continue
        before = piece[: token.start()].rstrip(_EDGES)
        if f" {fold(before)}".endswith(conditions):  # "... and if so, which ones?"
            continue
        after = piece[tokens[first].start() :] if first < len(tokens) else ""
        if len(before.split()) < LEAST or len(_own_words(language, after)) < LEAST:
            continue
        if _asks(language, before) and _asks_anew(language, before, after, joint=joint):
            return [before, *_cut(language, after)]
    return [piece]


def _asks(language: Language, text: str) -> bool:
    """Does it ask, mark or none? "When I tried it" begins a sentence that tells."""
    text = _without_joint(language, text)
    if reads_as_question(language, text):
        return True
    first, *then = fold(text).split() or [""]
    if first in language.folded("wh_words"):
        clause = not language.folded("clause_subjects").isdisjoint(then[:1])
        if clause or first in language.folded("clause_starts"):
            return False
    return begins_like_question(language, text[:1].lower() + text[1:])


def _asks_anew(language: Language, before: str, after: str, *, joint: bool) -> bool:
    """Does a question of its own begin behind the joint? "... and how we store parts" is one more
    clause, and "what if I rent, is that fine" one question."""
    words = fold(after).split()
    wh = words[0] in language.folded("wh_words")
    if wh and words[1] in language.folded("clause_subjects"):
        return any(
            f"{fold(before)} ".startswith(f"{o} ") for o in language.folded("asking_openers")
        )
    if wh:
        return True
    return joint and f"{fold(after)} ".startswith(language.question_starts)


def _own_words(language: Language, text: str) -> list[str]:
    """Its words without the polite ones at its end: "di mana ya kak" -> di, mana."""
    words = fold(text).split()
    while len(words) > 1 and words[-1] in language.folded("wish_closers"):
        words.pop()
    return words


def _behind(told: str, asked: str) -> str:
    return f"{told} {asked}" if told.endswith("!") else f"{told}. {asked}"


def _is_fragment(language: Language, piece: str, words: list[str]) -> bool:
    """ "Why?", "and by post?", "if so, how much?"; "who decides?" is a question of its own."""
    phrase = " ".join(words)
    if len(words) <= FRAGMENT or phrase in language.folded("follow_ups"):
        return True
    opens = any(f"{phrase} ".startswith(f"{o} ") for o in language.folded("follow_openers"))
    rest = _without_joint(language, piece)
    anew = rest != piece and (
        _asks(language, rest.rstrip("".join(MARKS))) or len(rest.split()) > LEAST
    )
    return opens and not anew and len(words) <= LEANS


def _points(language: Language, words: list[str]) -> bool:
    """Is it short, and about what "that" means?"""
    return len(words) <= LEANS and not language.folded("leaning_words").isdisjoint(words)


def _without_joint(language: Language, text: str) -> str:
    """ "And do I need a shop?" -> "do I need a shop?"; a follow-up keeps its joint."""
    first, _, rest = text.partition(" ")
    if fold(first) in language.folded("and_words") and len(rest.split()) >= LEAST:
        rest = rest.lstrip(_EDGES)
        asks = rest.endswith(MARKS) or f"{fold(rest)} ".startswith(language.question_starts)
        return rest if asks or begins_like_question(language, rest) else text
    return text
