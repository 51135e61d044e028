"""Countries: by name, code, flag and nickname, with slips; what is shared or unsure is asked."""

from __future__ import annotations

import pytest

from dialogs.answers import Accepted, Known, Refused
from dialogs.countries import Country

KNOWN = Known(
    words={
        "padding": ("we", "are", "in", "the", "it's", "its", "is"),
        "no": ("no", "nope"),
        "in": ("in", "di"),
    }
)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Indonesia", "ID"),
        ("  indonesia. ", "ID"),
        ("ID", "ID"),
        ("idn", "ID"),
        ("🇮🇩", "ID"),
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "GB"),
        ("uk", "GB"),
        ("U.S.A.", "US"),
        ("the United States", "US"),
        ("England", "GB"),
        ("Jerman", "DE"),
        ("Inggris Raya", "GB"),
        ("Deutschland", "DE"),
        ("日本", "JP"),
        ("Україна", "UA"),
        ("Côte d’Ivoire", "CI"),
        ("cote d'ivoire", "CI"),
        ("Trinidad & Tobago", "TT"),
        ("St. Lucia", "LC"),
        ("Viet Nam", "VN"),
        ("Guinea", "GN"),
        ("Niger", "NE"),
        ("Dominica", "DM"),
        ("indonesai", "ID"),
        ("Phillipines", "PH"),
        ("malasya", "MY"),
        ("we are in the UK", "GB"),
        ("Bandung, Indonesia", "ID"),
        ("Republic of Indonesia", "ID"),
        ("Republic of Korea", "KR"),
        ("indonsia", "ID"),
        ("NKRI", "ID"),
        ("jerman", "DE"),
        ("amerka serikat", "US"),
        ("untied states", "US"),
        ("🇮🇩 Indonesia", "ID"),
        ("we're in 🇫🇷", "FR"),
        ("in 🇺🇸", "US"),
        ("we operate in Singapore", "SG"),
        ("toko kami di Malaysia", "MY"),
        ("London UK", "GB"),
        ("Germany (Berlin)", "DE"),
        ("Alemania", "DE"),
        ("Etats-Unis", "US"),
        ("SA", "SA"),
        ("Congo (Brazzaville)", "CG"),
        ("Norway", "NO"),
        ("NO", "NO"),
        ("Kosovo", "XK"),
    ],
)
def test_a_country_is_read_to_its_code(typed: str, code: str) -> None:
    assert Country().read(typed, KNOWN) == Accepted(code)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("Korea", "KP KR"),
        ("Congo", "CG CD"),
        ("Virgin Islands", "VG VI"),
        ("Austrla", "AU AT"),
        ("Nigera", "NE NG"),
        ("Atlanta, Georgia", "GE US"),
        ("Indonesia or Malaysia", "ID MY"),
        ("no", "NO"),
        ("sa", "SA ZA"),
        ("as", "AS US"),
        ("Paris France", "FR"),
        ("New Jersey", "JE"),
        ("New Mexico", "MX"),
    ],
)
def test_what_may_be_several_is_asked_about_by_name(typed: str, codes: str) -> None:
    read = Country().read(typed, KNOWN)
    assert isinstance(read, Refused)
    assert (read.code, read.details["codes"]) == ("country_unclear", codes)
    assert read.details["options"].count(",") == codes.count(" ")


@pytest.mark.parametrize(
    "typed", ["Jakarta", "Mexico City", "xx", "yes", "12", "zzzzzz", "EU", "🇪🇺", "🙂", "Atlantis"]
)
def test_what_is_no_country_is_not_guessed(typed: str) -> None:
    assert Country().read(typed, KNOWN) == Refused("country_unknown")


@pytest.mark.parametrize("typed", ["New Jersey", "New Mexico"])
def test_a_country_inside_another_name_is_never_taken(typed: str) -> None:
    assert isinstance(Country().read(typed, KNOWN), Refused)


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Germany"), ("id", "Jerman"), ("pt-BR", "Alemanha"), ("tlh", "Germany")],
)
def test_a_country_is_shown_in_the_language_or_in_english(language: str, name: str) -> None:
    assert Country().show("DE", language) == name


def test_the_options_are_named_in_the_persons_language() -> None:
    read = Country().read("Korea", Known(language="id"))
    assert isinstance(read, Refused)
    assert read.details["options"] == "Korea Utara, Korea Selatan"
