"""The parts of a message: what answers, what asks, and the polite words around both.

A message is cut only where a part surely begins a question; everything else stays whole, since a
dot is more often an abbreviation's ("Ltd.", "Jl.") than a sentence's.
"""

from __future__ import annotations

import re
from typing import Literal

from dialogs.wording import Language, fold

_FIRST_PERSON = re.compile(r"\bI\b")
MARKS = ("?", "\uff1f", "\u061f")
"""question marks: Latin, full-width, Arabic"""
_BORDER = re.compile(r"(?:[.!?;,\n\u3002\uff01\uff1f]+|\s[-\u2013\u2014])\s*|\s+")
_STRONG = re.compile(r"[.!;\n\u3002\uff01]\s*$|\s[-\u2013\u2014]\s*$")
SHORTEST = 3
"""words of a question that bears no mark"""
LONGEST_SMALL = 15
MODAL = 5
"""words in small letters that ask, behind "can"; fewer may be a name"""
LONGEST = 80
"""words in a question; a longer text tells something"""


def reads_as_question(language: Language, text: str) -> Literal["surely", "maybe", ""]:
    """By its mark or its first words; a mark alone asks nothing."""
    if not any(char.isalnum() for char in text):
        return ""
    if text.rstrip("!. \u201d\"'").endswith(MARKS):
        return "surely"
    return "maybe" if f"{fold(text)} ".startswith(language.question_starts) else ""


def begins_like_question(language: Language, text: str) -> bool:
    """ "Is 2 years enough", "who counts as owner": small letters after a question's first word."""
    words = fold(text).split()
    lead = [language.folded(name) for name in ("and_words", "asides", "wish_openers")]
    while words and any(words[0] in known for known in lead):
        del words[0]
    typed = _FIRST_PERSON.sub("i", text[1:])
    small = typed == typed.lower()
    if len(words) > LONGEST_SMALL or not small or text.rstrip().endswith("."):
        return False
    if f"{fold(text)} ".startswith(tuple(f"{o} " for o in language.folded("asking_openers"))):
        return True
    if " ".join(words).endswith(tuple(f" {c}" for c in language.folded("question_closers"))):
        return True
    if len(words) < SHORTEST:
        return False
    if words[0] in language.folded("be_words"):
        return True
    if len(words) >= MODAL and words[0] in language.folded("modal_words"):
        return not any(len(w) > 2 and w in language.folded("legal_forms") for w in words)
    about = words[1] in language.folded("question_subjects") or words[1][0].isdigit()
    return words[0] in language.folded("wh_words") or (
        words[0] in language.folded("question_words") and about
    )


def ends_with_question(language: Language, text: str) -> bool:
    """ "We had a loss last year, does that matter": what stands behind the last comma asks."""
    if text == text.lower() and any(
        f" {phrase} " in f" {fold(text)} " for phrase in language.folded("asks_you")
    ):
        return True  # "my phone is broken can you fix it"
    head, comma, last = text.rpartition(",")
    return bool(comma and head.strip()) and begins_like_question(language, last.strip())


def without_tag(language: Language, text: str) -> str:
    """ "01134960998 ok?" -> "01134960998": the mark asks only whether the answer will do."""
    bare = text.rstrip("?!. ")
    if not text.rstrip().endswith(MARKS):
        return text
    for tag in sorted(language.folded("tag_questions"), key=len, reverse=True):
        before = bare[: -len(tag)]
        answer = before.rstrip(" ,\t\n")
        if answer and answer != before and fold(bare[-len(tag) :]) == tag:
            return answer
    return text


def could_be_question(language: Language, text: str) -> bool:
    """Does an answer begin as a question might ("Who's Who Inc."), or bear a mark inside?"""
    first = fold(text).partition(" ")[0]
    marked = any(mark in text for mark in MARKS)
    return marked or first in language.folded("question_words")


def parted(language: Language, text: str) -> tuple[str, str]:
    """ "It's Acme Ltd. Do you accept PO boxes?" -> (the first part, the question). ("", text) where
    it is all question, (text, "") where it asks nothing that can be told apart."""
    if reads_as_question(language, text) != "surely" or len(text.split()) > LONGEST:
        return _unmarked(language, text)
    if f"{fold(text)} ".startswith(language.question_starts):
        first = re.match(rf"[^{''.join(MARKS)}]*[{''.join(MARKS)}]+", text)
        rest = text[first.end() :].strip() if first else ""
        # "Do you take cards? It's Acme Ltd. And cash?" is rare: all of it is asked.
        apart = rest[:1].isupper() or rest[:1].isdigit()  # "How much? about 3000 a year" is one
        if first is None or not apart or reads_as_question(language, rest):
            return "", text
        return rest, first[0]
    for border in _BORDER.finditer(text):
        before, after = _before(language, text, border), text[border.end() :].strip()
        strong = bool(_STRONG.search(text[: border.end()])) or "\n" in border[0]
        asks = f"{fold(after)} ".startswith(language.question_starts) or (
            strong and fold(after).partition(" ")[0] in language.folded("question_words")
        )
        if not before or not asks:
            continue
        comma = border[0].lstrip().startswith(",")
        joined = fold(before).rpartition(" ")[2] in language.folded("and_words")
        if strong or comma or joined:
            return _without_joint(language, before), after
    return "", text


def _without_lead(language: Language, text: str) -> str:
    """ "Also, what does DBA mean" -> "what does DBA mean"."""
    first, comma, rest = text.strip().partition(",")
    leads = language.folded("and_words") | language.folded("asides")
    return rest.strip() if comma and fold(first) in leads else text


def _before(language: Language, text: str, border: re.Match[str]) -> str:
    """What stands before the question."""
    before = text[: border.start()].strip()
    return _dotted(language, before) if border[0].startswith(".") else before


def _dotted(language: Language, before: str) -> str:
    """The dot of "Sp. z o.o." and "Ltd." stays with it."""
    last = fold(before.rpartition(" ")[2]).replace(" ", "")
    forms = {form.replace(" ", "") for form in language.folded("legal_forms")}
    return f"{before}." if last in forms else before


def _unmarked(language: Language, text: str) -> tuple[str, str]:
    """A question that bears no mark counts only as a line or sentence of its own at the end; and
    one that ends with its mark and is followed by the answer: "do you take cards? It's Acme"."""
    for mark in MARKS:
        asked, found, rest = text.partition(mark)
        apart = rest.strip()[:1].isupper() or rest.strip()[:1].isdigit()
        if found and apart and f"{fold(asked)} ".startswith(language.question_starts):
            return rest.strip(" !.,;\n"), (asked + mark).strip()
    for aside in language.words.get("asides", ()):
        told, found, asked = text.partition(f" {aside} ")
        if found and told.strip() and begins_like_question(language, asked.strip()):
            return told.rstrip(" ,;-"), asked.strip()
    for end in _BORDER.finditer(text):
        before, after = _before(language, text, end), text[end.end() :].strip()
        strong = bool(_STRONG.search(text[: end.end()]))
        if strong and before and begins_like_question(language, after):
            return before, after
    head, border, last = text.rpartition("\n")
    if not border:
        head, border, last = text.rpartition(". ")
    last = _without_lead(language, last)
    sure = len(last.split()) > 2 and f"{fold(last)} ".startswith(language.question_starts)
    if not border or not head.strip() or not sure:
        return text, ""
    return (_dotted(language, head.strip()) if border == ". " else head.strip()), last.strip()


def _without_joint(language: Language, before: str) -> str:
    """ "It's Acme Ltd and" -> "It's Acme Ltd"."""
    words = before.rstrip(" ,;-\u2013\u2014")
    head, _, last = words.rpartition(" ")
    return head.rstrip(" ,;") if head and fold(last) in language.folded("and_words") else words
