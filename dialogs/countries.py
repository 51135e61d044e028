"""A country: by name in any common language, ISO code, flag, or nickname, with typing slips.

The names come from CLDR (Babel): first those in English, Indonesian and the person's language;
when none fits, each territory's names in its own languages are loaded (about 0.15 s, once).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages
from rapidfuzz import fuzz, process

from dialogs.verdicts import Accepted, Known, Refused, fold, folded, prepare

# CLDR's two-letter codes that are no countries: groupings, tests, and parts of other countries.
_NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)

# Nicknames, parts and former names. Plain facts about the world, so no language's word list.
_NICKNAMES = {
    "AE": "UAE, U.A.E., UEA, Emirates, Dubai, Abu Dhabi",
    "AU": "Aussie, Oz",
    "BA": "Bosnia",
    "BN": "Brunei",
    "CF": "CAR",
    "CD": "DRC, DR Congo, Democratic Republic of the Congo, Zaire, Congo Kinshasa",
    "CG": "Republic of the Congo, Congo Republic, Congo Brazzaville",
    "CI": "Ivory Coast, Cote d Ivoire",
    "CN": "PRC, People's Republic of China, Mainland China, Tiongkok, Cina",
    "CH": "SUI",
    "CV": "Cape Verde",
    "CZ": "Czech Republic, Ceko",
    "DE": "GER",
    "DO": "Dominican Rep",
    "FM": "Micronesia",
    "GB": "UK, U.K., Britain, Great Britain, England, Scotland, Wales, "
    "Northern Ireland, Inggris, Britania, Skotlandia, Irlandia Utara",
    "HK": "HK, Hong Kong, Hongkong",
    "ID": "INA, RI, NKRI, Indo, Negara Kesatuan Republik Indonesia, Bali, Jawa",
    "IN": "Bharat, Hindustan",
    "IR": "Islamic Republic of Iran, Persia",
    "KP": "DPRK",
    "KR": "Republic of Korea, ROK, Korsel",
    "LA": "Lao, Lao PDR",
    "MK": "Macedonia, FYROM",
    "MM": "Burma, Birma",
    "MO": "Macau, Macao",
    "MY": "MAS",
    "NL": "Holland, The Netherlands, Belanda, NED",
    "NZ": "Aotearoa",
    "PH": "PHI, Pilipina, Pilipinas",
    "PS": "Palestine, Palestina",
    "RU": "Russian Federation",
    "SA": "Saudi, KSA",
    "SZ": "Swaziland",
    "TH": "ประเทศไทย",
    "TL": "East Timor, Timor Leste, Timor Timur",
    "TR": "Turkey, Turki",
    "TT": "Trinidad",
    "TW": "ROC, Taiwan ROC",
    "US": "USA, U.S., U.S.A., America, United States of America, the States, Amerika, Amrik",
    "VA": "Vatican, Holy See",
    "VN": "Viet Nam, VIE",
    "ZA": "RSA",
}

# Names that two countries share: asked about, never guessed.
_SHARED = {
    "korea": ("KR", "KP"),
    "congo": ("CD", "CG"),
    "kongo": ("CD", "CG"),
    "virgin islands": ("VG", "VI"),
    "kepulauan virgin": ("VG", "VI"),
    "saint martin": ("MF", "SX"),
    "yugoslavia": ("RS", "HR", "BA", "SI", "MK", "ME"),
    "czechoslovakia": ("CZ", "SK"),
}

# Codes that are as often typed for another country's short name ("as": Amerika Serikat).
_SHARED_CODES = {"as": ("AS", "US"), "sa": ("SA", "ZA")}

# Languages in which people write other countries' names ("Alemania"), looked at before any guess.
_WORLD = ("es", "fr", "pt", "de", "it", "nl", "ms", "ru", "ar", "zh", "hi", "tr", "vi", "th")

# Languages in which many people would write their own country; others' names are few and slow.
_NATIVE_TAGS = (
    "ar bg bn cs da de el es et fa fi fr he hi hr hu hy is it ja ka kk km ko lo lt lv mk mn "
    "ms my  nb ne nl pl pt ro ru si sk sl sq sr sv ta th tr uk ur uz vi zh zh_Hant "
)
_NATIVE = frozenset(tag for tag in _NATIVE_TAGS.split())
_NATIVE_ALIASES = {"no": "nb"}

_WORDS_OF_NAMES = frozenset({"and", "the", "of", "dan", "et", "y"})
_SHORT = frozenset({"uk", "usa", "uae"})
_SIDES = frozenset({"north", "south", "northern", "southern", "utara", "selatan", "us", "usa"})
_FORMS_OF_STATE = frozenset({"republic", "republik", "kingdom", "kerajaan", "state", "negara"})


def _key(name: str) -> str:
    """The name's key: without little words, so that "Trinidad & Tobago" is one with "and"."""
    tokens = ["saint" if t == "st" else t for t in fold(name).split()]
    return " ".join([t for t in tokens if t not in _WORDS_OF_NAMES] or tokens)


@lru_cache(maxsize=64)
def _territories(language: str) -> dict[str, str]:
    """Country code -> its name in a language; {} where CLDR does not know the language."""
    try:
        names = Locale.parse(language.replace("-", "_")).territories
    except (UnknownLocaleError, ValueError):
        return {}
    return {
        code: name
        for code, name in ((str(code), str(name)) for code, name in names.items())
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    }


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """ISO alpha-2 and alpha-3 codes in small letters -> alpha-2."""
    codes = {code.lower(): code for code in _territories("en")}
    for alias, targets in get_global("territory_aliases").items():
        if (
            len(alias) == 3
            and alias.isalpha()
            and len(targets) == 1
            and targets[0] in codes.values()
        ):
            codes[alias.lower()] = targets[0]
    return codes


def _gather(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, code in pairs:
        key = _key(name)
        if len(key) > 1 or (key and not key.isascii()):
            found.setdefault(key, set()).add(code)
    found.update({_key(name): set(codes) for name, codes in _SHARED.items()})
    return {key: frozenset(codes) for key, codes in found.items()}


@lru_cache(maxsize=8)
def _names(language: str) -> dict[str, frozenset[str]]:
    """Key of a name -> the countries that bear it."""
    pairs = [(name, code) for code, names in _NICKNAMES.items() for name in names.split(", ")]
    for tag in dict.fromkeys(("en", "id", language)):
        for code, name in _territories(tag).items():
            pairs.append((name, code))
            # "Myanmar (Burma)", "Hong Kong SAR China": the first name alone too.
            pairs.append((re.split(r" \(| SAR ", name)[0], code))
    return _gather(pairs)


@lru_cache(maxsize=1)
def _native_names() -> dict[str, frozenset[str]]:
    """The same for each country's names in its own languages."""
    pairs = []
    for code in _territories("en"):
        for spoken in get_official_languages(code, regional=False, de_facto=True):
            tag = _NATIVE_ALIASES.get(spoken, spoken)
            name = _territories(tag).get(code) if tag in _NATIVE else None
            if name:
                pairs.append((name, code))
    return _gather(pairs)


@lru_cache(maxsize=1)
def _world_names() -> dict[str, frozenset[str]]:
    """The same for every country's name in the languages that are read most."""
    return _gather((name, code) for tag in _WORLD for code, name in _territories(tag).items())


@lru_cache(maxsize=8)
def _all_names(language: str) -> tuple[dict[str, frozenset[str]], list[str]]:
    names = {**_native_names(), **_names(language)}
    return names, [key for key in names if len(key) >= 4]


def _flag(text: str) -> str:
    """The code of the one flag emoji in the text, or ""."""
    codes = {"GB" for _ in re.findall("\U0001f3f4\U000e0067\U000e0062", text)}  # England, Wales
    codes |= {
        "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in flag)
        for flag in re.findall("[\U0001f1e6-\U0001f1ff]{2}", text)
    }
    return codes.pop() if len(codes) == 1 else ""


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory; the value is its ISO 3166 alpha-2 code (and XK, Kosovo)."""

    cap: int = 100
    lines: int = 1
    free: bool = False

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: country_unclear (details: options, codes), country_unknown."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        codes = _codes()
        flag = _flag(typed)
        if flag.lower() in codes:
            return Accepted(codes[flag.lower()])
        said = fold(text)
        code = codes.get(said.replace(" ", "")) if len(said) <= 5 else None
        if code:
            if said in _SHARED_CODES and (text != code or known.language != "en"):
                return self._unclear(_SHARED_CODES[said], known)
            # "no" is Norway's code and an answer to another question.
            if said in folded(known.words.get("no", ())) and text != code:
                return self._unclear({code}, known)
            return Accepted(code)
        key = _key(text)
        found = _names(known.language).get(key) or self._within(text, known)
        if not found:
            names, keys = _all_names(known.language)
            found, sure = names.get(key) or _world_names().get(key) or frozenset(), True
            if not found:
                found, sure = self._nearly(key, names, keys)
            if not sure:
                found = self._ending(text, known) or found
            if not found:
                return Refused("country_unknown")
            if not sure:
                return self._unclear(found, known)
        return Accepted(next(iter(found))) if len(found) == 1 else self._unclear(found, known)

    def show(self, value: str, language: str) -> str:
        """The country's name in the language, or in English, or the code."""
        return (
            _territories(language).get(value)
            or _territories(language.partition("-")[0]).get(value)
            or _territories("en").get(value, value)
        )

    def _unclear(self, codes: Iterable[str], known: Known) -> Refused:
        ordered = sorted(codes, key=lambda code: self.show(code, "en"))
        options = ", ".join(self.show(code, known.language) for code in ordered)
        return Refused("country_unclear", {"options": options, "codes": " ".join(ordered)})

    @staticmethod
    def _within(text: str, known: Known) -> frozenset[str]:
        """The country named in a phrase ("we are in the UK") or after a town.

        Any other words around a name make it something else ("New Jersey", "Mexico City").
        """
        names = _names(known.language)
        padding = folded(known.words.get("padding", ()))
        tokens = [t for t in fold(text).split() if t not in padding and t not in _FORMS_OF_STATE]
        found = names.get(_key(" ".join(tokens)), frozenset())
        if not found and len(tokens) == 1 and len(tokens[0]) == 3 and tokens[0].upper() in text:
            code = _codes().get(tokens[0])
            found = frozenset({code}) if code else found
        tokens = fold(text).split()
        # "we work in Singapore", "kami di Malaysia", "London UK".
        for at, token in reversed(list(enumerate(tokens[:-1]))):
            if not found and token in folded(known.words.get("in", ())):
                found = names.get(_key(" ".join(tokens[at + 1 :])), frozenset())
        if not found and len(tokens) > 1 and tokens[-1] in _SHORT:
            found = names[tokens[-1]]
        outer = re.fullmatch(r"([^()]+)\(([^()]+)\)\W*", text)
        if not found and outer and not folded((outer[2],)) & _SIDES:
            found = names.get(_key(outer[1]), frozenset()) | names.get(_key(outer[2]), frozenset())
        _, comma, last = text.rpartition(",")
        if not found and comma:
            found = names.get(_key(last), frozenset())
            if found == {"GE"}:  # "Atlanta, Georgia"
                return frozenset({"GE", "US"})
        if not found:
            halves = re.split(r"\s+(?:or|and|atau|dan)\s+|[/&;]", text)
            each = [names.get(_key(half), frozenset()) for half in halves]
            if len(each) > 1 and all(each):
                return frozenset().union(*each)
        return found

    @staticmethod
    def _ending(text: str, known: Known) -> frozenset[str]:
        """The country named last, after other words: "Paris France" (and "New Jersey": ask)."""
        tokens = fold(text).split()
        names = _names(known.language)
        for start in range(max(1, len(tokens) - 4), len(tokens)):
            found = names.get(_key(" ".join(tokens[start:])))
            if found:
                return found
        return frozenset()

    @staticmethod
    def _nearly(
        key: str, names: dict[str, frozenset[str]], keys: list[str]
    ) -> tuple[frozenset[str], bool]:
        """The countries that a slip of the keyboard may mean, and whether it is surely the one."""
        near = process.extract(key, keys, scorer=fuzz.ratio, score_cutoff=75, limit=8)
        if len(key) < 4 or not near:
            return frozenset(), False
        best = near[0][1]
        close = {code for name, score, _ in near if score >= best - 8 for code in names[name]}
        return frozenset(sorted(close)[:4]), best >= 80 and len(close) == 1


def named(text: str, language: str) -> str:
    """The code of the one country that bears exactly this name, else "".

    Neither codes nor slips count, and no "Georgia", which ends American addresses too.
    """
    codes = _names(language).get(_key(text), frozenset())
    return next(iter(codes)) if len(codes) == 1 and codes != {"GE"} else ""
