"""Everything that is wrong with what the bot would say, named at once, for those who write it.

`load_articles` refuses what cannot be served and stops at that; this finds it all, and also what
could be served and would still be a mistake: a fact that the program does not have, an article that
one language lacks, two places that claim one question.

Two examples are near-same from a likeness of 92 on: rapidfuzz's ratio over the words in
alphabetical order (its token_sort_ratio), without marks and capitals. Of the shipped questions the
likest pair that means two things has 90 ("alamat email mana yang diperlukan?", "alamat mana yang
diperlukan?"), while a copy with a word turned or an ending changed has 93 and more.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.article import Article
from knowledge.folder import read_articles
from knowledge.not_covered import NotCovered, read_not_covered
from knowledge.passages import MAX_PASSAGE
from knowledge.promises import guarded_languages

FACTS = Path(__file__).parent / "facts.toml"
NEAR_SAME = 92  # of 100

_ROWS = 500  # compared with all others at once, so that many thousand take little memory


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and each fault as "file: what is wrong and the mend", by file."""

    faults: tuple[str, ...]
    articles: tuple[Article, ...]
    not_covered: Mapping[str, Sequence[NotCovered]]


def check_knowledge(folder: Path, not_covered: Path, program: Mapping[str, str]) -> Report:
    """All articles of `folder` and all lists of `not_covered` (which need not exist).

    `program`: the settings, as in `load_articles`; a passage has to fit with them too.
    """
    articles, unusable = read_articles(folder, program)
    lists, wrong = read_not_covered(not_covered, program, folder)
    faults = [
        *unusable,
        *wrong,
        *_languages(folder, not_covered),
        *_unknown_facts(articles),
        *_long_passages(articles),
    ]
    for language in sorted({article.language for article in articles}):
        shelf = [article for article in articles if article.language == language]
        faults += near_same(shelf, lists.get(language, ()), f"{not_covered.name}/{language}.md")
    by_file = sorted(dict.fromkeys(faults), key=lambda fault: fault.partition(": ")[0])
    return Report(tuple(by_file), articles, lists)


def known_facts() -> Mapping[str, str]:
    """Fact id -> its gist."""
    return tomllib.loads(FACTS.read_text(encoding="utf-8"))


def near_same(
    shelf: Sequence[Article], not_covered: Sequence[NotCovered], list_name: str
) -> Iterator[str]:
    """The faults of one language: examples so near that two answers would claim one question."""
    asked = [(f"{a.language}/{a.id}.md", text) for a in shelf for text in a.questions]
    asked += [(list_name, item.question) for item in not_covered]
    bare = [_bare(text) for _, text in asked]
    for start in range(0, len(bare), _ROWS):
        rows = bare[start : start + _ROWS]
        likeness = process.cdist(rows, bare, scorer=fuzz.ratio, score_cutoff=NEAR_SAME)
        for row, other in np.argwhere(likeness):
            (file, text), (where, like) = asked[start + row], asked[other]
            if other > start + row and file != where:
                yield f"{file}: {text!r} is nearly {like!r} of {where}; keep one of them"


def _bare(text: str) -> str:
    """Its words in alphabetical order, without capitals and marks."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("'", "")
    return " ".join(sorted(re.findall(r"\w+", plain)))


def _languages(folder: Path, not_covered: Path) -> Iterator[str]:
    """Articles that a language lacks, and languages in which no promise would be noticed."""
    shelves = {
        path.parent.name: {file.stem for file in path.parent.glob("*.md")}
        for pattern in ("*/words.toml", "*/*.md")
        for path in folder.glob(pattern)
    }
    ids = set[str]().union(*shelves.values())
    for language, own in sorted(shelves.items()):
        for id in sorted(ids - own):
            yield f"{language}/{id}.md: is missing; other languages have it, so translate it"
    spoken = shelves.keys() | {file.stem for file in not_covered.glob("*.md")}
    for language in sorted(spoken - guarded_languages()):
        yield (
            f"promises.toml: there is no table [{language}]; write down how that language would "
            "promise acceptance"
        )


def _unknown_facts(articles: Sequence[Article]) -> Iterator[str]:
    known = known_facts()
    for article in articles:
        for fact in article.facts:
            if fact not in known:
                yield (
                    f"{article.language}/{article.id}.md: the program has no fact {fact!r}; "
                    f"facts.toml names {', '.join(known)}"
                )


def _long_passages(articles: Sequence[Article]) -> Iterator[str]:
    """With the settings in place; without them `parse` has counted already."""
    for article in articles:
        if (length := len(article.passage)) > MAX_PASSAGE:
            yield (
                f"{article.language}/{article.id}.md: {length} characters with the settings of "
                f"[program]; shorten the passage to {MAX_PASSAGE}"
            )
