"""A street address in one text: refused only where nobody can walk in (a box without a street).

How a box is found. The text is folded (small letters, no accents, no punctuation but "," and "#"),
so that "P.O. Box", "p/o-box" and "POBOX" are one. Four word lists of words/*.toml are looked for:

- `po_box`: phrases that mean a box by themselves ("p o box", "postfach", "kotak pos");
- `po_box_numbered`: words that mean one only with a number after them, or alone between commas
  ("box 122"); a rural route's box ("RR 2, Box 5") is none of these;
- `po_box_leading`: the same, and only at the start of a part ("PO 123"; not "Via Po 12");
- `po_box_short_<cc>`: abbreviations of one country ("cp 1234" in Italy): a doubt, never a refusal.

These lists are whole languages' words, not the forms of somebody's test data; what a list misses is
a box accepted, which the reviewer still sees, so lists grow, and rules stay.

What is left without the box, its number, mail-room noise ("dept 12") and the postcode decides: a
street there makes it a flag, none makes it a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from dialogs import postal
from dialogs.verdicts import (
    Accepted,
    Flag,
    Known,
    Refused,
    has_letter,
    looks_like_email,
    looks_like_website,
    plain,
    prepare,
)

_NUMBER_WORD = r"(?:number|nomor|nummer|numero|nomer|num|nro|broj|no|nr|br|so|n|رقم|شماره|ที่)?"
_NUMBER = rf"\s*{_NUMBER_WORD}\s*#?\s*[a-z]?\d+(?:\s?-\s?\d+|[a-z]\b)*"
# Offices write letters before a box's number: "P.O. Box CT 123" in Accra, "HM 12" in Hamilton.
_LETTERED = r"\s+[a-z]{1,3}\s?\d+"
# British postcodes look like boxes: "PO1 3AX".
_NO_POSTCODE = r"(?!\w|\s*\d[a-z]{2}\b)"
# Where the country is unknown: a long number, or a short one before the town that ends the text.
_ANY_POSTCODE = re.compile(r"\b\d{4,7}(?:-\d{3,4})?\b|(?<=,)\s*\d{3}(?=(?: [^\W\d_]+)+,$)")
_TOWN = " # "
"""stands where a postcode was"""
_ALONE = r"(?<=,)\s*{0}\s*#?\s*(?=,)"
_ALL_LISTS = (
    "po_box",
    "po_box_numbered",
    "po_box_leading",
    "mailbox",
    "mail_shops",
    "rural_route",
    "rural_route_box",
    "mail_noise",
    "unit",
    "homes",
    "street",
    "street_short",
)


def _fold(text: str) -> str:
    """Plain small letters, digits, "#", "-" between digits, and "," for every break of a part."""
    text = re.sub(r"['’`´ʹʺʼʻ′]", "", plain(text))
    text = re.sub(r"[\n;,،、，]+", ",", text)
    text = re.sub(r"(?<!\d)[-‐‑–]|[-‐‑–](?!\d)|[^\w#,-]|_", " ", text)
    return "," + re.sub(r"\s+", " ", text).strip() + ","


_NEVER = r"(?!)"


def _edges(phrase: str) -> tuple[str, str]:
    """(what may stand before the phrase, the phrase and what may follow): any spacing inside, no
    letter of its kind before or after."""
    parts = _fold(phrase).strip(",").split()
    if not parts:
        return "", _NEVER
    body = r"\s*".join(re.escape(part) for part in parts)
    first, last = parts[0][0], parts[-1][-1]

    def edge(ch: str, template: str) -> str:
        if ch.isascii():
            return template.format("[a-z]")
        # Chinese, Japanese, Korean and Thai write no spaces between words.
        unspaced = ch > "\u2e80" or "\u0e00" <= ch <= "\u0eff"
        return "" if unspaced else template.format(r"[^\W\d_]")

    return edge(first, "(?<!{0})"), body + edge(last, "(?!{0})")


def _any(phrases: tuple[str, ...]) -> str:
    """Any of the phrases, the longest first; a pattern that never matches when there is none.

    What may stand before them is asked once for all that share it, and so at few places of a text:
    five times as fast. It follows from a phrase's first letter, so no order is lost.
    """
    by_edge: dict[str, list[str]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        before, rest = _edges(phrase)
        by_edge.setdefault(before, []).append(rest)
    kinds = [f"{before}(?:{'|'.join(rest)})" for before, rest in by_edge.items()]
    return f"(?:{'|'.join(kinds)})" if kinds else _NEVER


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The word lists of all languages together, compiled."""

    box: re.Pattern[str]
    plain_box: re.Pattern[str]
    mailbox: re.Pattern[str]
    shop: re.Pattern[str]
    rural: re.Pattern[str]
    noise: re.Pattern[str]
    unit: re.Pattern[str]
    street: re.Pattern[str]
    street_short: re.Pattern[str]
    suite: re.Pattern[str]
    street_ends: re.Pattern[str]
    unit_whole: re.Pattern[str]


@lru_cache(maxsize=8)
def _patterns(lists: tuple[tuple[str, ...], ...]) -> _Patterns:
    words = {name: _any(phrases) for name, phrases in zip(_ALL_LISTS, lists, strict=True)}
    numbered, leading = words["po_box_numbered"], words["po_box_leading"]
    rural = words["rural_route"]
    return _Patterns(
        box=re.compile(
            rf"{words['po_box']}(?:{_NUMBER}|{_LETTERED})?|(?<=,)\s*{leading}{_NUMBER}{_NO_POSTCODE}|{_ALONE.format(leading)}"
        ),
        plain_box=re.compile(rf"{numbered}{_NUMBER}|{_ALONE.format(numbered)}"),
        mailbox=re.compile(rf"{words['mailbox']}{_NUMBER}"),
        shop=re.compile(words["mail_shops"]),
        rural=re.compile(
            rf"{rural}{_NUMBER}|{rural}(?=\s*box)|{words['rural_route_box']}{_NUMBER}(?=\s*,?\s*box)"
        ),
        noise=re.compile(rf"{words['mail_noise']}(?:{_NUMBER})?"),
        unit=re.compile(
            rf"{words['unit']}\s*(?:no|nr|nomor)?\s*#?\s*(?:\d|[a-z]\b)|{words['homes']}"
        ),
        street=re.compile(words["street"]),
        street_short=re.compile(words["street_short"]),
        suite=re.compile(words["street_short"] + _NUMBER),
        unit_whole=re.compile(rf"{words['unit']}{_NUMBER}"),
        street_ends=re.compile(rf"(?:{words['street']}|{words['street_short']})$"),
    )


_Words = Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=256)
def _short(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_any(phrases) + _NUMBER)


def _every_short(words: _Words) -> tuple[str, ...]:
    """The abbreviations of all countries, but what means a flat ("apt" is a box in Barcelona)."""
    return tuple(
        word
        for name in sorted(words)
        if name.startswith("po_box_short_")
        for word in words[name]
        if word not in words.get("unit", ())
    )


_LISTS_KEPT = 16
_kept: dict[int, tuple[_Words, _Patterns, tuple[str, ...]]] = {}


def _compiled(words: _Words) -> tuple[_Patterns, tuple[str, ...]]:
    """(patterns, every country's abbreviations): one look-up where the lists are the same object,
    which a language's are; else by their contents."""
    held = _kept.get(id(words))
    if held is None or held[0] is not words:
        patterns = _patterns(tuple(words.get(name, ()) for name in _ALL_LISTS))
        if len(_kept) >= _LISTS_KEPT:
            _kept.clear()
        held = _kept[id(words)] = (words, patterns, _every_short(words))
    return held[1], held[2]


@dataclass(frozen=True, slots=True)
class Address:
    """A street address; the value is one line, the typed lines joined by ", "."""

    cap: int = 500
    lines: int = 8
    free: bool = True

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: address_no_letters, address_is_email, address_is_website, po_box,
        private_mailbox."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        if not has_letter(text):
            return Refused("address_no_letters")
        bare = text.rstrip(".,;")
        if looks_like_email(bare):
            return Refused("address_is_email")
        if looks_like_website(bare) and re.match(r"https?:|www\.", text, re.I):
            return Refused("address_is_website")
        parts = (line.strip().rstrip(",").rstrip() for line in text.split("\n"))
        value = ", ".join(part for part in parts if part) or text
        verdict = _doubts(value, known)
        return verdict if isinstance(verdict, Refused) else Accepted(value, verdict)

    def show(self, value: str, language: str) -> str:
        """The address as it is."""
        return value


def _doubts(value: str, known: Known) -> tuple[Flag, ...] | Refused:
    country = known.values.get("country", "")
    words: _Words = known.words
    patterns, every = _compiled(words)
    text = _fold(value)
    codes: list[str] = []

    rural = patterns.rural.search(text)
    rest, boxes = patterns.box.subn(" , ", text)
    if not rural:
        rest, more = patterns.plain_box.subn(" , ", rest)
        boxes += more
    rest, mailboxes = patterns.mailbox.subn(" , ", rest)
    if boxes or mailboxes:
        if not _has_street(patterns.noise.sub(" , ", rest), country, patterns):
            return Refused("po_box" if boxes else "private_mailbox")
        codes.append("street_and_box" if boxes else "pmb")
    if rural:
        codes.append("rural_route")
    own = words.get(f"po_box_short_{country.lower()}", ())
    if not boxes and _abbreviated(text, country, own, every, patterns):
        codes.append("maybe_box")
    if patterns.shop.search(text):
        codes.append("mail_shop")
    if patterns.unit.search(text):
        codes.append("unit")
    if not any(ch.isdigit() for ch in text):
        codes.append("no_digit")
    elif country == "US" and not codes and not _us_street(value):
        codes.append("no_street")
    rest = patterns.unit_whole.sub(" ", patterns.suite.sub(" ", text))
    lacks = postal.doubts(value, rest, country, patterns.street_ends)
    return (*map(Flag, codes), *(Flag(code, {"country": country}) for code in lacks))


def _abbreviated(
    text: str,
    country: str,
    own: tuple[str, ...],
    every: tuple[str, ...],
    patterns: _Patterns,
) -> bool:
    """Whether letters that may mean a box stand with a number.

    Beside a street only the country's own count ("CP" is a box in Italy, and in Leeds nothing).
    With no street those of every country do: nothing else is there to walk to.
    """
    if own and _short(own).search(text):
        return True
    shape = postal.postcode(country)
    text = shape.sub(" , ", text) if shape else text  # "Bethel, AK 99559"
    found = _short(every).search(text) if every else None
    if found is None:
        return False
    rest = f"{text[: found.start()]} , {text[found.end() :]}"
    return not _has_street(rest, country, patterns)


def _has_street(rest: str, country: str, patterns: _Patterns) -> bool:
    """Whether what is left beside a box names a street.

    A street's word is enough ("Sheikh Zayed Road"); a short one ("st") or none needs a number that
    is not the postcode: "115 harting", or outside America "au 7".
    """
    if patterns.street.search(rest):
        return True
    postcode = postal.postcode(country)
    rest = (postcode or _ANY_POSTCODE).sub(_TOWN, rest)
    for part in rest.split(","):
        if not re.search(r"\d", part):
            continue
        if patterns.street_short.search(part) or re.match(
            r"\s*\d{1,6}\w?\s+(?:[^\W\d_]\s+)*[^\W\d_]{2,}", part
        ):
            return True
        # "Au 7" is a street, "1211 Genève 3" and "Abidjan 01" are towns with a district's number.
        if country in ("US", "CA") or _TOWN in part:
            continue
        if re.match(r"\s*[^\W\d_]{2,}[^\d]*\s[1-9]\d{0,4}\w?\s*$", part):
            return True
    return False


def _us_street(value: str) -> bool:
    """Whether usaddress finds a house number and a street; True where it cannot tell."""
    import usaddress  # noqa: PLC0415  # loads its model when imported

    try:
        found, _ = usaddress.tag(value)
    except usaddress.RepeatedLabelError:
        return True
    return "AddressNumber" in found and any(label.startswith("StreetName") for label in found)
