"""What an article's words may hold: a little Markdown, and settings.

A passage uses only the Markdown that every channel can show as spans. Each line stands for itself:
a paragraph, a `- ` list item or a `> ` quote, with `**strong**` and `[text](address)` inside. All
else (headings, HTML, code, pictures, emphasis) is refused by name, so that it never reaches a
person as stray marks.

Settings appear as `{program}`, `{company}`, `{brand}`, `{region}`, `{application_email}`, with a
capital letter at the start of a sentence (`{Company}`), and as a link's address
(`[the page]({learn_more_url})`). Where a setting is empty, its language's own words stand
instead, and a link without an address becomes plain words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

MAX_PASSAGE = 600  # characters before filling in: about what a phone shows at once

# Placeholder -> key of [program].
SETTINGS = MappingProxyType(
    {
        "program": "name",
        "company": "company",
        "brand": "brand",
        "region": "region",
        "application_email": "application_email",
    }
)
LINKS = ("certification_url", "learn_more_url")  # only as a link's address

INVISIBLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")
_LINK = re.compile(r"\[([^\[\]()]+)\]\(([^\s()]+)\)")
_STRONG = re.compile(r"\*\*(?=\S)([^*]+)(?<=\S)\*\*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_LINE_START = re.compile(r"^(?:- |> )(?=\S)")
# What is not ours to show, tried on a line without its links, strong marks and placeholders.
_FORBIDDEN = (
    (re.compile(r"^\s{0,3}#"), "a heading"),
    (re.compile(r"^\s+\S"), "an indented line"),
    (re.compile(r"^\d+[.)]\s"), "a numbered list"),
    (re.compile(r"^[-=_]{3,}\s*$"), "a rule"),
    (re.compile(r"`"), "code"),
    (re.compile(r"<"), "HTML or '<'"),
    (re.compile(r"\|"), "a table"),
    (re.compile(r"[*~\\]|^[+>-](?:\s|$)"), "a stray mark"),
    (re.compile(r"(?<!\w)_|_(?!\w)"), "emphasis with '_'"),
    (re.compile(r"[\[\]]|!x"), "a broken link or a picture"),
    (re.compile(r"[{}]"), "a stray brace"),
)


def line_fault(text: str) -> str | None:
    """Why this title, section or question cannot be used and how to mend it; None if it can."""
    for name in _PLACEHOLDER.findall(text):
        if name in LINKS:
            return f"use {{{name}}} only as a link's address in the passage: [words]({{{name}}})"
        if _key(name) is None:
            return f"there is no {{{name}}}; the settings are {', '.join((*SETTINGS, *LINKS))}"
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        return f"remove the stray brace in {text[:60]!r}"
    return None


def passage_fault(passage: str) -> str | None:
    """Why this passage cannot be used and how to mend it; None if it can."""
    if not passage:
        return "write the passage after the second +++"
    if len(passage) > MAX_PASSAGE:
        return f"{len(passage)} characters; shorten the passage to {MAX_PASSAGE}"
    if INVISIBLE.search(passage):
        return "remove tabs and invisible characters from the passage"
    for line in passage.split("\n"):
        text = _LINE_START.sub("", line)
        for words, address in _LINK.findall(text):
            if not _is_address(address):
                targets = " or ".join(f"{{{name}}}" for name in LINKS)
                return f"let the link {words!r} lead to https://... or to {targets}"
        text = _LINK.sub("x", text)
        if not (plain := _PLACEHOLDER.sub("x", text)).strip() and line.strip():
            return f"nothing is said in {line[:60]!r}"
        plain = _STRONG.sub("x", plain)
        for pattern, name in _FORBIDDEN:
            if pattern.search(plain):
                return (
                    f"remove {name} in {line[:60]!r}; a passage has paragraphs, '- ' items, "
                    "'> ' quotes, **strong** and [text](address) only"
                )
        if fault := line_fault(text):
            return fault
    return None


def markup_fault(text: str) -> str | None:
    """Why these are no plain words and how to mend it; None if they are."""
    if _LINK.search(text) or _STRONG.search(text) or _LINE_START.search(text):
        return f"write plain words, without links, marks and lists, in {text[:60]!r}"
    return None


def sentences(passage: str) -> tuple[str, ...]:
    """Its sentences of at least three words, without marks and addresses."""
    plain = _STRONG.sub(r"\1", _LINK.sub(r"\1", passage))
    lines = (_LINE_START.sub("", line) for line in plain.split("\n"))
    parts = (part for line in lines for part in _SENTENCE_END.split(line))
    return tuple(part for part in parts if len(part.split()) >= 3)


def setting_fault(key: str, value: str) -> str | None:
    """Why this setting cannot stand in a passage; None if it can (an empty one can)."""
    if key in LINKS:
        if value and not re.fullmatch(r"https?://[^\s()\[\]<>{}\x00-\x1f]+", value):
            return "write a whole web address (https://...), with ( and ) as %28 and %29"
    elif re.search(r"[*\[\]<>{}`|~\\\n]", value) or INVISIBLE.search(value):
        return "write plain words on one line, without markup"
    return None


def fill(text: str, program: Mapping[str, str], words: Mapping[str, str]) -> str:
    """`text` with settings in place of placeholders; `words` stand where `program` is empty."""

    def link(found: re.Match[str]) -> str:
        target = _PLACEHOLDER.fullmatch(found[2])
        if target is None:
            return found[0]
        address = program.get(target[1], "")
        return f"[{found[1]}]({address})" if address else words["link"].replace("{text}", found[1])

    def setting(found: re.Match[str]) -> str:
        key = _key(found[1])
        if key is None:
            return found[0]
        value = program.get(key, "").strip() or words[key]
        return value[0].upper() + value[1:] if found[1][0].isupper() else value

    # Links first: no setting holds a link, and no address holds a placeholder.
    return _PLACEHOLDER.sub(setting, _LINK.sub(link, text))


def plain(passage: str) -> str:
    """The passage as plain text: without marks; a link is its words and its address."""
    return _STRONG.sub(r"\1", _LINK.sub(r"\1 (\2)", passage))


def said(passage: str) -> str:
    """What it says, however it is laid out: without marks, lines and further spaces."""
    lines = (_LINE_START.sub("", line) for line in passage.split("\n"))
    return " ".join(unicodedata.normalize("NFC", plain("\n".join(lines))).split())


def _key(placeholder: str) -> str | None:
    return SETTINGS.get(placeholder[0].lower() + placeholder[1:])


def _is_address(address: str) -> bool:
    placeholder = _PLACEHOLDER.fullmatch(address)
    if placeholder:
        return placeholder[1] in LINKS
    return re.fullmatch(r"https://[^{}<>]+", address) is not None
