"""Doubts that no answer raises by itself: two answers that do not go together.

They are computed over the whole draft when it is handed off (``Form.doubts``), each at the answer
that the reviewer would look at, and never stop anybody. Doubts that one reader can see, because it
knows the answers beside its own, are its flags: an e-mail on another domain than the website
("domain_differs"), a phone of another country than the address ("other_country").

One phone for several addresses is no doubt: a head office answers for its branches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from dialogs.postal import postcode
from dialogs.slots import Draft
from dialogs.verdicts import Flag, fold, folded

Words = Mapping[str, tuple[str, ...]]
Found = Iterator[tuple[str, Flag]]


def across(draft: Draft, words: Words) -> dict[str, tuple[Flag, ...]]:
    """Path -> the doubts that belong there; ``words`` are a language's lists."""
    found: dict[str, tuple[Flag, ...]] = {}
    for rule in RULES:
        for path, flag in rule(draft, words):
            found[path] = (*found.get(path, ()), flag)
    return found


def _same_address(draft: Draft, words: Words) -> Found:
    """The later of two locations that are one place, however its address is written."""
    seen: list[tuple[int, str, frozenset[str]]] = []
    for number, id in enumerate(draft.ids("locations"), 1):
        address = draft.value(f"locations.{id}.address")
        if not address:
            continue
        country = draft.value(f"locations.{id}.country") or ""
        key = address_key(address, country, words)
        for first, where, other in seen:
            if where == country and one_place(key, other):
                yield f"locations.{id}.address", Flag("same_address", {"first": str(first)})
                break
        seen.append((number, country, key))


def address_key(address: str, country: str, words: Words) -> frozenset[str]:
    """Its words and numbers, each in one form ("rd" is "road"), without the postcode."""
    forms = _forms(words.get("address_forms", ()))
    shape = postcode(country)
    address = shape.sub(" ", address) if shape else address
    return frozenset(forms.get(token, token) for token in fold(address).split()) - {""}


def one_place(
    one: frozenset[str], other: frozenset[str], like: Callable[[str, str], bool] | None = None
) -> bool:
    """Whether one address says no more than the other does, a town apart.

    Every number counts (suites, floors) but for a long one that only the other has: a postcode.
    ``like``: words that it takes for one are the same word.
    """
    less, more = sorted((one, other), key=len)
    if like is not None:
        strange = more - less
        less = frozenset(
            next((m for m in strange if like(token, m)), token) if token not in more else token
            for token in less
        )
    beyond = [token for token in more - less if token[0].isdigit() and len(token) < 4]
    named = any(token.isalpha() and len(token) > 2 for token in less)
    numbered = any(token[0].isdigit() for token in less)
    return less <= more and not beyond and named and numbered


def _owner_is_business(draft: Draft, words: Words) -> Found:
    """An owner called as the business is: a sole trader, or a slip."""
    forms = folded(words.get("legal_forms", ()))
    names = {_bare(draft.value(path) or "", forms) for path in ("legal_name", "dba")} - {""}
    for id in draft.ids("owners"):
        path = f"owners.{id}.name"
        if _bare(draft.value(path) or "", forms) in names:
            yield path, Flag("owner_is_business")


def _bare(name: str, forms: frozenset[str]) -> str:
    """The name's key without legal forms; "" where nothing else is in it."""
    return " ".join(token for token in fold(name).split() if token not in forms)


@lru_cache(maxsize=8)
def _forms(pairs: tuple[str, ...]) -> dict[str, str]:
    """ "rd=road" -> {"rd": "road"}; "no=" is a word to leave out."""
    return {short: long for short, _, long in (pair.partition("=") for pair in pairs)}


RULES: tuple[Callable[[Draft, Words], Found], ...] = (_same_address, _owner_is_business)
