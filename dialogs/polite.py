"""Polite padding around an answer: "ok so it's Acme Ltd, thanks!".

Only what is surely padding is cut off: words with a comma behind them, words with "it is" or a
label and "is" behind them, thanks after a comma or in small letters. "So Fine Ltd", "Thanks A Lot
Ltd" and "We Are Mobile Ltd" are names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogs.pieces_words import Vocabulary, Word, spoken, words_of
from dialogs.verdicts import has_letter, looks_like_email, looks_like_website
from dialogs.wording import Language

FEW = 3
"""words of an answer in small letters: "It's acme mobile" """
MOST_WORDS = 60
"""of a text that may be an answer with padding; a longer one is a letter"""
_COMMA = re.compile(r"[,;:\n\u2026\u2013\u2014]|\.\s|\.\.|\s-\s")
_SMILE = re.compile(
    r"\s(?:[:;]-?[)D(P]|[\u2600-\u27bf\U0001f300-\U0001f64f\U0001f680-\U0001faff\ufe0f\s])+$"
)


def bare(language: Language, text: str) -> tuple[int, int]:
    """The span of the answer without polite padding; the whole text where none is surely that."""
    whole = (0, len(text))
    if len(text) > 12 * MOST_WORDS or text.rstrip("!. ").endswith("?"):
        return whole
    vocabulary = spoken(language)
    words = words_of(text, vocabulary.lists["stops"])
    if not 1 < len(words) <= MOST_WORDS:
        return whole
    first = _opening(vocabulary, text, words)
    start = _left(text, words[first]) if first else 0
    end = without_thanks(vocabulary, text, start, len(text))
    smile = _SMILE.search(text, start) if end == len(text) else None
    if smile is not None and has_letter(text[start : smile.start()]):
        end = smile.start()
    if end < len(text) or start:
        while end > start and text[end - 1].isspace():
            end -= 1
    return start, end


def _left(text: str, word: Word) -> int:
    """Where the answer begins whose first word this is: "+" and "(" are part of it."""
    start = word.start
    while start and not text[start - 1].isspace() and text[start - 1] not in ",;:":
        start -= 1
    return start


def _opening(vocabulary: Vocabulary, text: str, words: Sequence[Word]) -> int:
    """Index of the answer's first word; 0 where nothing before it is padding."""
    at = cut = 0
    while at < len(words) - 1:
        size = vocabulary.has("openers", words, at)
        weak = 0 if size else vocabulary.has("lead_ins", words, at)
        if not size and not weak:
            break
        at += size or weak
        if not size or at >= len(words):
            continue
        if _ends(vocabulary, words, at - size, size) or _murmured(
            vocabulary, text, words[: at + 1]
        ):
            cut = at
    # The chain may have run into the label or the answer: the words before "is" decide.
    for start in range(at + 1):
        value = _behind_is(vocabulary, text, words, start)
        if value and (start == 0 or _chain(vocabulary, words, start)):
            return value
    return cut


def _murmured(vocabulary: Vocabulary, text: str, words: Sequence[Word]) -> bool:
    """ "hmm ok Table Mountain Tech": nothing but murmurs in small letters before a capital."""
    *murmurs, answer = words
    small = all(text[word.start].islower() for word in murmurs)
    known = all(word.key in vocabulary.lists["murmurs"] for word in murmurs)
    return small and known and text[answer.start].isupper()


def _ends(vocabulary: Vocabulary, words: Sequence[Word], at: int, size: int) -> bool:
    """Whether what stands behind the opener sets it apart from the answer."""
    gap = words[at + size].gap
    if vocabulary.has("hedges", words, at + size):  # "Yes, but only on weekdays"
        return False
    if _COMMA.search(gap):
        return True
    said = " ".join(word.key for word in words[at : at + size])
    lists = vocabulary.lists
    return "!" in gap and said in lists["moods.greeting"] | lists["moods.thanks"]


def _chain(vocabulary: Vocabulary, words: Sequence[Word], end: int) -> bool:
    """Whether all words up to this one are openers."""
    at = 0
    while at < end:
        size = max(vocabulary.has(name, words[:end], at) for name in ("openers", "lead_ins"))
        if not size:
            return False
        at += size
    return True


def _behind_is(vocabulary: Vocabulary, text: str, words: Sequence[Word], at: int) -> int:
    """Index of the word behind "it is" or "the name would be"; 0 where they do not stand here."""
    size = vocabulary.has("answers_are", words, at)
    value = at + size
    if not size:
        name = at
        while name < len(words) and name - at < 4 and words[name].key in vocabulary.lists["around"]:
            name += 1
        for start in range(name, at - 1, -1):
            length = vocabulary.phrase_at(words, start, vocabulary.labels)
            copula = vocabulary.has("copulas", words, start + length) if length else 0
            if copula:
                value, size = start + length + copula, copula
                break
            if named := vocabulary.shortened(text, words, start):
                value, size = start + named[0], named[0]
                break
    if not size or value >= len(words):
        return 0
    # "We Are Mobile Ltd": somebody who writes "Are" writes a name.
    written = [text[word.start] for word in words[at:value]]
    if any(letter.isupper() for letter in written[1:]):
        return 0
    if words[value].key in vocabulary.lists["not_values"]:
        return 0
    return value if _likely(vocabulary, text, words, value) else 0


def _likely(vocabulary: Vocabulary, text: str, words: Sequence[Word], value: int) -> bool:
    """Whether a value in small letters is one, where the sentence began with a capital."""
    rest = text[words[value].start :]
    if not rest[0].islower() or text[words[0].start].islower() or len(words) - value <= FEW:
        return True
    formal = any(word.key in vocabulary.lists["legal_forms"] for word in words[value:])
    return formal or any(ch.isdigit() or ch == "@" for ch in rest)


def without_thanks(vocabulary: Vocabulary, text: str, start: int, end: int) -> int:
    """Where the answer ends that begins at ``start``, without the polite words behind it."""
    words = words_of(text[start:end])
    last = len(words)
    while last > 1:
        size = _polite(vocabulary, text, start, words[:last])
        if not size:
            break
        last -= size
    if last == len(words):
        return end
    stop = start + words[last - 1].end
    gap = words[last].gap
    dotted = words[last - 1].key in vocabulary.lists["dotted"] or text[stop - 2] == "."
    if gap.startswith((")", '"', "\u201d")) or (gap.startswith(".") and dotted):
        stop += 1
    return stop


def _polite(vocabulary: Vocabulary, text: str, start: int, words: Sequence[Word]) -> int:
    """How many words at the end are polite ones, set apart from the answer."""
    for size in range(min(6, len(words) - 1), 0, -1):
        own = words[-size:]
        said = " ".join(word.key for word in own)
        if said not in vocabulary.lists["polite"]:
            continue
        if re.search(r"[,.!;\n\u2013\u2014(]|\s-\s", own[0].gap):
            return size
        before = words[-size - 1]
        chunk = text[start:][: before.end].rsplit(maxsplit=1)[-1]
        shaped = looks_like_email(chunk) or looks_like_website(chunk)
        digit = before.key[-1].isdigit()
        # A form may stand before the name: "CV Terima Kasih".
        behind = len(words) - size > 1 or text[start + own[0].start].islower()
        formal = behind and before.key in vocabulary.lists["legal_forms"]
        small = text[start + own[0].start].islower() and text[start + before.start].isupper()
        apart = shaped or digit or formal or (small and (len(words) - size > 1 or start > 0))
        if apart and said in vocabulary.lists["plain_thanks"]:
            return size
    return 0
