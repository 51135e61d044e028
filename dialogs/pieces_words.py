"""The words of a text with their places, and what a language's lists say of them.

Phrases are compared word by word, never by a pattern made of them, so that every search is linear
in the text. The lists are ``[lists.paste]`` of ``words/<language>.paste.toml``; a list that a
language lacks is an empty one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from dialogs.addresses import Address
from dialogs.form import Form
from dialogs.wording import Language

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_STOP = re.compile(r"[.!?;\u2026\u3002\uff01\uff1f]+[)\"'\u201d\u2019]*\s")
LABEL_WORDS = 12
"""words that may stand before a colon and still name a field"""


@dataclass(frozen=True, slots=True)
class Word:
    key: str
    """in small letters, without apostrophes"""
    start: int
    end: int
    opens: bool
    """whether a sentence or a line begins with it"""
    gap: str
    """what stands between the word before and this one"""


@dataclass(frozen=True, slots=True)
class Label:
    """What the words before a colon name."""

    names: tuple[str, ...]
    """of fields, the likeliest first; () for what is no field of the form"""
    number: int = 0
    """of the item, as people count: "Location 2"; 0 where none was told"""
    part: bool = False
    """whether it names a part of an address ("City")"""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A language's lists, folded, as phrases of words."""

    labels: Mapping[str, tuple[str, ...]]
    cues: Mapping[str, tuple[str, ...]]
    """phrase -> the fields that it tells"""
    lists: Mapping[str, frozenset[str]]
    options: Mapping[str, Mapping[str, str]]
    """of each choice: folded words -> the key that they mean"""
    places: frozenset[str]
    """the fields whose label may stand for their whole item: "location 2" """
    longest: Mapping[str, int]
    """first word of any phrase -> how many words the longest that begins so has"""
    ordinals: tuple[str, ...]
    clitics: tuple[str, ...]

    def phrase_at(self, words: Sequence[Word], at: int, phrases: Iterable[str]) -> int:
        """How many words from ``at`` on are the longest of the phrases; 0 for none."""
        most = self.longest.get(words[at].key, 0) if at < len(words) else 0
        for size in range(min(most, len(words) - at), 0, -1):
            if " ".join(w.key for w in words[at : at + size]) in phrases:
                return size
        return 0

    def has(self, name: str, words: Sequence[Word], at: int) -> int:
        return self.phrase_at(words, at, self.lists.get(name, ())) if at < len(words) else 0

    def shortened(
        self, text: str, words: Sequence[Word], at: int
    ) -> tuple[int, tuple[str, ...]] | None:
        """ "Name's Acme Ltd": (how many words the label has, its names)."""
        for size in range(min(3, len(words) - at), 0, -1):
            last = words[at + size - 1]
            raw = text[last.start : last.end].replace("\u2019", "'").casefold()
            for clitic in self.clitics:
                if raw.endswith(clitic):
                    ending = last.key.removesuffix(clitic.replace("'", ""))
                    key = " ".join([*(w.key for w in words[at : at + size - 1]), ending])
                    # "The location's phone is ...": the label is "phone".
                    if key in self.labels and not self.phrase_at(words, at + size, self.labels):
                        return size, self.labels[key]
        return None

    def strong(self, said: str) -> bool:
        """Whether a cue surely names what follows: "registered as", not "we are"."""
        return _key(said) in self.lists["sure_cues"]

    def label(self, words: Sequence[Word], slips: bool = False) -> Label | None:
        """The field that these words name, all of them used up; None for other words."""
        if not words or len(words) > LABEL_WORDS:
            return None
        if " ".join(w.key for w in words) in self.lists["elsewhere"]:
            return Label(())
        number, spoken = self.number(words)
        names, part, whole = self._cover(spoken)
        if whole and (names or part):
            return Label(names, 0 if part else number, part)
        if not whole and slips:
            near = self._near(spoken)
            return Label(near, number) if near else None
        return None

    def number(self, words: Sequence[Word]) -> tuple[int, list[str]]:
        """(the number of an item, the other words)."""
        number, spoken = 0, []
        for word in words:
            if word.key.isdecimal() and len(word.key) <= 2:
                number = int(word.key)
            elif word.key in self.ordinals:
                number = self.ordinals.index(word.key) + 1
            elif word.key != "s":  # "Owner(s)"
                spoken.append(word.key)
        return number, spoken

    def _cover(self, keys: list[str]) -> tuple[tuple[str, ...], bool, bool]:
        """(the fields named, whether a part of an address, whether every word was known)."""
        whole = self.labels.get(" ".join(keys))
        if whole:
            return whole, False, True
        around, parts = self.lists["around"], self.lists["address_parts"]
        strong: list[tuple[str, ...]] = []
        weak: list[tuple[str, ...]] = []
        part, at = False, 0
        while at < len(keys):
            for size in range(min(6, len(keys) - at), 0, -1):
                phrase = " ".join(keys[at : at + size])
                if phrase in parts:
                    part = True
                elif phrase in around:
                    weak += [self.labels[phrase]] if phrase in self.labels else []
                elif phrase in self.labels:
                    strong.append(self.labels[phrase])
                else:
                    continue
                break
            else:
                return (), False, False
            at += size
        return self._agreed(strong) or (() if strong or part else self._agreed(weak)), part, True

    def _near(self, keys: list[str]) -> tuple[str, ...]:
        """The label that a slip of the keyboard may have made of these words."""
        around = self.lists["around"]
        while len(keys) > 1 and keys[0] in around:
            keys = keys[1:]
        said = " ".join(keys)
        if len(said) < 4 or len(said) > 40:
            return ()
        slips = 1 if len(said) < 9 else 2
        near: dict[str, tuple[str, ...]] = {}
        for label, names in self.labels.items():
            if len(label) >= 5 and OSA.distance(said, label, score_cutoff=slips) <= slips:
                near[label] = names
        return self._agreed(list(near.values()))

    def _agreed(self, found: list[tuple[str, ...]]) -> tuple[str, ...]:
        """The one field that all the labels mean; of a group ("shop phone") the one but address."""
        if not found:
            return ()
        common = [name for name in found[0] if all(name in names for names in found)]
        if common:
            return tuple(common)
        heads = [names[0] for names in found]
        groups = {head.partition(".")[0] if "." in head else "" for head in heads}
        if len(groups) == 1 and groups != {""}:
            other = [head for head in heads if head not in self.places]
            return (other[-1],) if len(set(other)) == 1 else ()
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A language as a cache's key: the same object, for its tables are too long to compare."""

    language: Language

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.language is self.language

    def __hash__(self) -> int:
        return id(self.language)


def vocabulary(form: Form, language: Language) -> Vocabulary:
    """The form's own labels; made once."""
    return _vocabulary(form, _Same(language))


def spoken(language: Language) -> Vocabulary:
    """The same without a form: every label counts."""
    return _vocabulary(None, _Same(language))


_LISTS = (
    "abbreviations", "address_parts", "around", "breaks", "clitics", "closings", "copulas",
    "dotted", "answers_are", "elsewhere", "headers", "lead_ins", "no_country_after", "not_values",
    "murmurs", "openers", "particles", "plain_thanks", "polite", "quoted", "short_countries",
    "sure_cues", "titles", "vague",
)  # fmt: skip


_COMMON = (
    "and", "change_openers", "dba_marks", "hedges", "legal_forms", "moods.greeting", "moods.thanks",
    "no", "none_words", "question_openers", "remove_openers", "street", "street_short", "unit",
)  # fmt: skip
"""lists that the readers and the reading of messages use too"""


@lru_cache(maxsize=16)
def _vocabulary(form: Form | None, key: _Same) -> Vocabulary:
    language, raw = key.language, key.language.words
    fields = form.fields if form is not None else {}
    wanted = [name for name, field in fields.items() if field.question.stage == "form"]
    if form is None:
        wanted = sorted({name for names in language.labels.values() for name in names})
    named: dict[str, list[str]] = {}
    for name in wanted:
        own = [label for label, names in language.labels.items() if name in names]
        for label in dict.fromkeys(map(_key, (*own, *raw.get(f"paste.labels.{name}", ())))):
            named.setdefault(label, []).append(name)
    lists = {name: frozenset(map(_key, raw.get(f"paste.{name}", ()))) for name in _LISTS}
    lists |= {name: frozenset(map(_key, raw.get(name, ()))) for name in _COMMON}
    stops = lists["abbreviations"] | lists["street_short"] | lists["unit"]
    lists["stops"] = stops - lists["legal_forms"]
    cues: dict[str, list[str]] = {}
    for name in wanted:
        for phrase in raw.get(f"paste.cues.{name}", ()):
            cues.setdefault(_key(phrase), []).append(name)
    options = {
        name: {_key(w): key for key, words in language.options(name).items() for w in words}
        for name in wanted
    }
    return Vocabulary(
        labels={label: tuple(names) for label, names in named.items()},
        cues={phrase: tuple(names) for phrase, names in cues.items()},
        lists=lists,
        options=options,
        places=frozenset(n for n, f in fields.items() if isinstance(f.question.reader, Address)),
        longest=_longest([named, cues, *lists.values(), *options.values()]),
        ordinals=tuple(map(_key, raw.get("ordinals", ()))),
        clitics=tuple(raw.get("paste.clitics", ())),
    )


def _longest(known: Iterable[Iterable[str]]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for phrases in known:
        for phrase in phrases:
            words = phrase.split()
            if words:
                sizes[words[0]] = max(sizes.get(words[0], 0), len(words))
    return sizes


def _key(phrase: str) -> str:
    return " ".join(word.key for word in words_of(phrase))


def words_of(text: str, abbreviations: Iterable[str] = ()) -> list[Word]:
    """Every word of the text. A full stop after an abbreviation or an initial ends no sentence."""
    found: list[Word] = []
    before, last = 0, ""
    for match in _WORD.finditer(text):
        gap = text[before : match.start()]
        opens = not found or "\n" in gap
        if not opens and (stop := _STOP.search(gap)):
            initial = len(last) == 1 and text[before - 1].isupper()
            short = stop[0][0] == "." and (initial or last in abbreviations)
            opens = not short
        last = _folded(match[0])
        found.append(Word(last, match.start(), match.end(), opens, gap))
        before = match.end()
    return found


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower().replace("'", "")
    word = unicodedata.normalize("NFKC", word).casefold()
    return word.replace("'", "").replace("\u2019", "")
