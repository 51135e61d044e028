"""What two applications have in common that may make them one: the same business, sent twice.

An application leaves *marks*: a rule, a key, and what a second look compares. Two applications are
looked at only where they have a key in common, so a store finds the few that may be one by an index
over the keys, however many there are. The rules:

* ``email``, ``phone``: the very same one;
* ``domain``: the same name that somebody registered, of the e-mail or the website; not those where
  anybody gets a mailbox or a page;
* ``address``: the same place, however it is written; every number counts, a town may be missing;
* ``name``: legal or trading names that are alike, in the same country. Legal forms do not count.
  Each word has its like in the other name, but for words of the trade ("repair", "komputer"), so
  branches of a chain are told apart by their town's name.

What a mark's key misses: a name of several words of which one of the first two is written quite
differently; one of a single word with slips at both ends; an address with another house number or
the street's name slipped in its first letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from rapidfuzz.distance import OSA

from dialogs.domains import is_social, mailbox_kind, owned
from dialogs.doubts import address_key, one_place
from dialogs.verdicts import fold, folded

Rule = Literal["email", "phone", "domain", "address", "name"]
RULES: tuple[Rule, ...] = ("email", "phone", "domain", "address", "name")
"""the surest first"""

Words = Mapping[str, tuple[str, ...]]

AFFIX = 3
"""letters of a word's beginning or end that a key holds: a slip spares one of the two"""
ONE_MORE, WRONG_LETTER, TWO_SLIPS = 4, 7, 10
"""letters of a word, from which on it may have such a slip"""
SHORTENED = 6
"""letters that are left of a word at least"""
NUMBERS = 3
"""of an address that keys are made of"""


@dataclass(frozen=True, slots=True)
class Mark:
    rule: Rule
    key: str
    value: str = ""
    """what a second look compares; empty: the key says it all"""


def marks_of(record: Mapping[str, Any], words: Words) -> tuple[Mark, ...]:
    """Of a record as ``dialogs.record`` makes it, each once; ``words``: a language's lists."""
    return tuple(dict.fromkeys(_marks(record, words)))


def alike(mark: Mark, value: str, trade: frozenset[str]) -> bool:
    """Does another application's mark of the same rule and key, with that value, say the same?
    ``trade``: ``trade_words`` of the lists that the marks were made with."""
    match mark.rule:
        case "name":
            return _same_name(mark.value.split(), value.split(), trade)
        case "address":
            one, other = frozenset(mark.value.split()), frozenset(value.split())
            return one_place(one, other, _written_alike)
        case _:
            return True


def trade_words(words: Words) -> frozenset[str]:
    """Those that tell nobody apart, folded."""
    return folded(words.get("trade_words", ()))


def _marks(record: Mapping[str, Any], words: Words) -> Iterator[Mark]:
    email, website = _told(record.get("email")).casefold(), _told(record.get("website"))
    if "@" in email:
        yield Mark("email", email)
    for host in (email.rpartition("@")[2], re.sub(r"^[a-z]+://", "", website.casefold())):
        if domain := _own_domain(re.split(r"[/:?#]", host)[0]):
            yield Mark("domain", domain)
    places = [place for place in record.get("locations", ()) if isinstance(place, Mapping)]
    countries = dict.fromkeys(_told(place.get("country")) for place in places) or {"": None}
    for place in places:
        number = re.sub(r"[^\d+]", "", _told(place.get("phone")).partition(";")[0])
        if number.startswith("+"):
            yield Mark("phone", number)
        country = _told(place.get("country"))
        yield from _address_marks(_told(place.get("address")), country, words)
    for field in ("legal_name", "dba"):
        yield from _name_marks(_told(record.get(field)), countries, words)


def _told(leaf: Any) -> str:
    """The answer, or what was kept against a rule."""
    if not isinstance(leaf, Mapping):
        return ""
    told = leaf.get("value" if leaf.get("status") == "answered" else "typed", "")
    return told if isinstance(told, str) else ""


def _own_domain(host: str) -> str:
    domain = owned(host)
    return "" if not domain or is_social(host) or mailbox_kind(domain) else domain


# Addresses


def _address_marks(address: str, country: str, words: Words) -> Iterator[Mark]:
    tokens = address_key(address, country, words)
    value = " ".join(sorted(tokens))
    plain = [token for token in fold(address).split() if token.isalpha() and len(token) > AFFIX]
    common = _common(words)
    streets = [token for token in plain if token in tokens and token not in common][:2]
    numbers = [token for token in sorted(tokens) if token[0].isdigit() and len(token) < 5]
    for number in numbers[:NUMBERS]:
        for street in streets:
            yield Mark("address", f"{country}:{number}:{street[:AFFIX]}", value)


@lru_cache(maxsize=8)
def _said_of_places(*lists: tuple[str, ...]) -> frozenset[str]:
    pairs, *others = lists
    long = {pair.partition("=")[2] for pair in pairs}
    return frozenset().union(long, *(folded(words) for words in others))


def _common(words: Words) -> frozenset[str]:
    """Words that many streets have: no key is made of one."""
    names = ("address_forms", "street", "street_short")
    return _said_of_places(*(words.get(name, ()) for name in names))


# Names


def _name_marks(name: str, countries: Mapping[str, None], words: Words) -> Iterator[Mark]:
    tokens = bare(name, words)
    if not tokens:
        return
    value = " ".join(tokens)
    trade = trade_words(words)
    own = [token for token in tokens if token not in trade] or tokens
    for country in countries:
        for key in _name_keys(own):
            yield Mark("name", f"{country}:{key}", value)


def _name_keys(own: Sequence[str]) -> Iterator[str]:
    """Of the words that are not of the trade, in their order."""
    yield "".join(own)
    yield " ".join(sorted(own))
    if len(own) == 1:
        yield from (f"1{affix}" for affix in _affixes(own[0]))
        return
    for one in _affixes(own[0]):
        for other in _affixes(own[1]):
            yield "2" + " ".join(sorted((one, other)))


def _affixes(token: str) -> Iterator[str]:
    yield f"{token[:AFFIX]}-"
    yield f"-{token[-AFFIX:]}"


def bare(name: str, words: Words) -> list[str]:
    """The words of a business's name without its legal form, at either end: ["acme", "repairs"] of
    "P.T. ACME Repairs, Tbk."."""
    tokens = fold(name.replace("&", " ")).split()
    forms = _forms(words.get("legal_forms", ()), words.get("institutions", ()))
    left = tokens
    while end := _form_at_end(left, forms):
        left = left[:-end]
    while end := _form_at_end(left[::-1], forms, backwards=True):
        left = left[end:]
    small = folded(words.get("and", ()))
    return [token for token in left if token not in small] or tokens


@lru_cache(maxsize=8)
def _forms(forms: tuple[str, ...], institutions: tuple[str, ...]) -> frozenset[str]:
    """Joined; what says what an organisation is, a university say, belongs to its name."""
    return frozenset(key.replace(" ", "") for key in folded(forms) - folded(institutions))


def _form_at_end(tokens: Sequence[str], forms: frozenset[str], *, backwards: bool = False) -> int:
    """How many of the last words are a legal form; never all of them."""
    for count in range(min(4, len(tokens) - 1), 0, -1):
        run = tokens[-count:]
        if "".join(reversed(run) if backwards else run) in forms:
            return count
    return 0


def _same_name(one: Sequence[str], other: Sequence[str], trade: frozenset[str]) -> bool:
    if "".join(one) == "".join(other):
        return True
    left = list(other)
    for token in one:
        like = next((o for o in left if token == o), None)
        like = like or next((o for o in left if _slipped(token, o)), None)
        if like is not None:
            left.remove(like)
        elif token not in trade:
            return False
    own = [token for token in one if token not in trade]
    return all(token in trade for token in left) and bool(own)


def _slipped(one: str, other: str) -> bool:
    """The same word but for a slip of the pen: a letter too many or two that changed places, in a
    long word a wrong one, in a very long one two. In a short word a wrong letter is another word:
    "Putra" is not "Putri", nor "Müller" "Möller". Numbers are exact."""
    if not (one.isalpha() and other.isalpha()):
        return False
    shorter = min(len(one), len(other))
    wrong_letter = len(one) == len(other) and sorted(one) != sorted(other)
    if shorter < (WRONG_LETTER if wrong_letter else ONE_MORE):
        return False
    most = 2 if shorter >= TWO_SLIPS else 1
    return OSA.distance(one, other, score_cutoff=most) <= most


def _written_alike(one: str, other: str) -> bool:
    """... or shortened: "hauptstr" for "hauptstrasse"."""
    short, long = sorted((one, other), key=len)
    return (len(short) >= SHORTENED and long.startswith(short)) or _slipped(one, other)
