"""Every sentence a person can see and every word list, read once from ``words/``.

``<language>.toml`` and ``<language>.<part>.toml`` make one language; ``all.<part>.toml`` holds the
lists that every language uses.

Nested tables become dotted keys: ``[field.email] ask`` is ``field.email.ask``. Text leaves are
sentences, list leaves are word lists. What is missing is named when the wording is built, never
when somebody waits for an answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

FIELD_ENTRIES = ("ask", "ask_again", "label", "why", "example")
OWN_LISTS = frozenset({"called", "called_in_phrases"})
"""lists that a language may do without: its ``name`` is enough to be asked for"""
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""letters and digits that are not mistaken for one another when read out"""


_MARKS = re.compile(r"[^\w\s+&@]|_")


class WordingError(Exception):
    """A language file lacks entries, or an entry is of the wrong kind; the text names them."""


@lru_cache(maxsize=64)  # a turn folds what was typed several times
def fold(text: str) -> str:
    """What two ways of writing the same words have in common: case, accents' form, punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = folded.replace("i\u0307", "i")  # what the Turkish capital dotted I becomes
    return " ".join(_MARKS.sub(" ", folded.replace("'", "").replace("\u2019", "")).split())


@dataclass(frozen=True)
class Language:
    """One language's sentences and lists."""

    code: str
    name: str
    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]

    @cached_property
    def called(self) -> frozenset[str]:
        """Folded names by which people ask for this language."""
        return frozenset(map(fold, (self.name, *self.lists.get("called", ()))))

    @cached_property
    def commands(self) -> Mapping[str, str]:
        """Folded phrase -> command: "start over" -> start_over. A command's own name means it in
        every language, since "/start_over" stands in a platform's menu."""
        names = (key.removeprefix("commands.") for key in self.lists if key.startswith("commands."))
        return {fold(name): name for name in names} | {
            fold(phrase): key.removeprefix("commands.")
            for key, phrases in self.lists.items()
            if key.startswith("commands.")
            for phrase in phrases
        }

    @cached_property
    def labels(self) -> Mapping[str, tuple[str, ...]]:
        """Folded label or synonym -> names of the fields that it may mean."""
        found: dict[str, list[str]] = {}
        for key, text in self.texts.items():
            match = re.fullmatch(r"field\.(.+)\.label", key)
            if match and ".options." not in key:
                name = match[1]
                for phrase in (text, *self.lists.get(f"field.{name}.also_called", ())):
                    names = found.setdefault(fold(phrase), [])
                    if name not in names:
                        names.append(name)
        for ending in self.words.get("label_endings", ()):  # "alamatnya": the address, its address
            found = {f"{phrase}{ending}": names for phrase, names in found.items()} | found
        return {phrase: tuple(names) for phrase, names in found.items()}

    @cached_property
    def named_with_verb(self) -> Mapping[str, frozenset[str]]:
        """A field's name -> its labels with a verb behind them: "email is", "name would be"."""
        found: dict[str, set[str]] = {}
        for label, names in self.labels.items():
            for name in names:
                verbs = self.folded("paste.copulas")
                found.setdefault(name, set()).update(f"{label} {verb}" for verb in verbs)
        return {name: frozenset(phrases) for name, phrases in found.items()}

    @cached_property
    def words(self) -> Mapping[str, tuple[str, ...]]:
        """The readers' lists (``[lists]``), without their prefix."""
        prefix = "lists."
        return {k.removeprefix(prefix): v for k, v in self.lists.items() if k.startswith(prefix)}

    @cached_property
    def question_starts(self) -> tuple[str, ...]:
        """How a folded question may begin, each with the space after it."""
        return tuple(f"{opener} " for opener in self.words.get("question_openers", ()))

    def folded(self, name: str) -> frozenset[str]:
        """A list's phrases as ``fold`` gives them."""
        return self._folded.get(name, frozenset())

    @cached_property
    def _folded(self) -> Mapping[str, frozenset[str]]:
        return {
            name: frozenset(folded for phrase in phrases if (folded := fold(phrase)))
            for name, phrases in self.words.items()
        }

    def options(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """A choice field's keys -> label and words that mean it."""
        return self._options.get(name, MappingProxyType({}))

    @cached_property
    def _options(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for key, text in self.texts.items():
            match = re.fullmatch(r"field\.(.+)\.options\.(\w+)\.label", key)
            if match:
                words = self.lists.get(f"field.{match[1]}.options.{match[2]}.words", ())
                found.setdefault(match[1], {})[match[2]] = (text, *words)
        return found


@dataclass(frozen=True)
class Wording:
    """All languages. A language that is not there is answered in the first one, English."""

    languages: Mapping[str, Language]

    def language(self, code: str) -> Language:
        return self.languages.get(code) or self.languages["en"]

    def text(self, code: str, key: str) -> str:
        """The sentence; raises KeyError where no language has it."""
        text = self.language(code).texts.get(key)
        return text if text is not None else self.languages["en"].texts[key]

    @cached_property
    def asked_for(self) -> Mapping[str, str]:
        """Folded phrase -> the code of the language that it asks for; "" where it names none."""
        found: dict[str, str] = {}
        spoken = self.languages.values()
        frames = [frame for each in spoken for frame in each.words.get("language_phrases", ())]
        for each in spoken:
            found |= {fold(phrase): "" for phrase in each.lists["commands.language"]}
        for each in spoken:
            names = (*each.called, *each.lists.get("called_in_phrases", ()))
            found |= {fold(f.replace("{}", name)): each.code for f in frames for name in names}
            found |= dict.fromkeys((*each.called, f"language {fold(each.code)}"), each.code)
        return found

    def has(self, key: str) -> bool:
        return key in self.languages["en"].texts


def build_wording(
    files: Mapping[str, Mapping[str, Any]], fields: Iterable[str], commands: Iterable[str]
) -> Wording:
    """Language code -> its parsed TOML, to the frozen catalogue.

    Raises WordingError naming every entry that a field, a command or another language has and
    this one lacks.
    """
    common = _language("all", files.get("all", {}))
    languages = {
        code: _language(code, parsed, common.lists)
        for code, parsed in files.items()
        if code != "all"
    }
    if "en" not in languages:
        raise WordingError("words/en.toml is missing: English is the language of last resort")
    names, orders = tuple(fields), tuple(commands)
    missing: list[str] = []
    for language in languages.values():
        wanted = {f"field.{name}.{entry}" for name in names for entry in FIELD_ENTRIES}
        wanted |= {f"buttons.{command}" for command in orders}  # a guess is named by its button
        wanted |= set(languages["en"].texts)
        lists = {f"commands.{command}" for command in orders}
        lists |= {f"field.{name}.also_called" for name in names}
        lists |= set(languages["en"].lists) - OWN_LISTS
        missing += [f"{language.code}: {key}" for key in sorted(wanted - set(language.texts))]
        missing += [f"{language.code}: {key}" for key in sorted(lists - set(language.lists))]
    if missing:
        raise WordingError("the wording lacks: " + "; ".join(missing))
    return Wording(MappingProxyType(languages))


def _language(
    code: str,
    parsed: Mapping[str, Any],
    common: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> Language:
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = dict(common)
    waiting: list[tuple[str, Any]] = [(key, value) for key, value in parsed.items()]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [(f"{key}.{inner}", deeper) for inner, deeper in value.items()]
        elif isinstance(value, str):
            texts[key] = value.strip("\n")
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            lists[key] = tuple(value)
        else:
            raise WordingError(f"{code}: {key} must be a text or a list of texts")
    name = texts.pop("language", code)
    return Language(code, name, MappingProxyType(texts), MappingProxyType(lists))
