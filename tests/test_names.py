"""Names of businesses and people: kept as typed, odd ones flagged, almost none refused."""

from __future__ import annotations

import pytest

from dialogs.answers import Accepted, Known
from dialogs.names import CompanyName, PersonName

KNOWN = Known(
    words={
        "legal_forms": ("Ltd", "S.A.", "GmbH", "PT", "LLC", "株式会社", "d.o.o."),
        "dba_marks": ("doing business as", "d/b/a", "dba", "t/a"),
        "placeholders": ("n/a", "none", "null", "test"),
        "and": ("and", "dan"),
    }
)


def flags(reader: CompanyName | PersonName, typed: str) -> set[str]:
    read = reader.read(typed, KNOWN)
    assert isinstance(read, Accepted), read
    return {flag.code for flag in read.flags}


@pytest.mark.parametrize(
    "typed",
    [
        "PT Lembayung Servis",
        "Why Not Plumbing Ltd",
        "Toys “R” Us S.A.",
        "3M GmbH",
        "7-Eleven Ltd.",
        "Amazon.com LLC",
        "株式会社トヨタ",
        "Müller & Söhne GmbH",
        "Who's Who? Ltd",
        "ACME d.o.o.",
        "Baker + Sons, Ltd",
    ],
)
def test_a_good_company_name_is_kept_as_typed_without_doubts(typed: str) -> None:
    assert CompanyName().read(typed, KNOWN) == Accepted(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Lakeside Repairs", {"no_legal_form"}),
        ("n/a", {"placeholder", "no_legal_form"}),
        ("12345", {"only_digits", "no_legal_form"}),
        ("Аcme Ltd", {"mixed_scripts"}),
        ("<b>Acme</b> Ltd", {"markup"}),
        ("Ltdx", {"no_legal_form"}),
    ],
)
def test_an_odd_company_name_is_kept_with_its_doubt(typed: str, expected: set[str]) -> None:
    assert flags(CompanyName(), typed) == expected


def test_a_trading_name_needs_no_legal_form() -> None:
    assert flags(CompanyName(legal=False), "Lakeside Repairs") == set()


@pytest.mark.parametrize(
    ("typed", "legal", "dba"),
    [
        ("Acme Ltd d/b/a Fix It", "Acme Ltd", "Fix It"),
        ("Acme Ltd, doing business as Bob's", "Acme Ltd", "Bob's"),
        ("Acme Ltd (DBA: Fix It)", "Acme Ltd", "Fix It"),
        ("Acme Ltd T/A Fix It", "Acme Ltd", "Fix It"),
    ],
)
def test_a_trading_name_inside_the_legal_name_is_offered_apart(
    typed: str, legal: str, dba: str
) -> None:
    read = CompanyName().read(typed, KNOWN)
    assert isinstance(read, Accepted)
    assert read.value == typed
    assert [dict(f.details) for f in read.flags if f.code == "dba_inside"] == [
        {"legal": legal, "dba": dba}
    ]


@pytest.mark.parametrize("typed", ["Adba Ltd", "Fruit/apple Ltd", "dba Ltd"])
def test_letters_that_only_look_like_dba_split_nothing(typed: str) -> None:
    assert "dba_inside" not in flags(CompanyName(), typed)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("!!!", "name_no_letters"),
        ("🙂", "name_no_letters"),
        ("info@acme.com", "name_is_email"),
        ("https://acme.com", "name_is_website"),
        ("Acme Ltd\nBox 5", "too_many_lines"),
    ],
)
def test_what_is_no_company_name_is_refused_by_kind(typed: str, code: str) -> None:
    read = CompanyName().read(typed, KNOWN)
    assert not isinstance(read, Accepted)
    assert read.code == code


@pytest.mark.parametrize(
    "typed",
    [
        "Siti Rahma",
        "Mary-Jane O’Brien Jr.",
        "Gerard 't Hooft",
        "Brian O`Brien",
        "Devi d/o Krishnan",
        "Lim Ah Kow @ Lim Kow",
        "佐藤英樹",
        "김",
        "Нина Ким",
        "lower case person",
        "Anderson Sandy",
    ],
)
def test_a_good_person_name_is_kept_as_typed_without_doubts(typed: str) -> None:
    assert PersonName().read(typed, KNOWN) == Accepted(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Sukarno", {"one_word"}),
        ("Null", {"one_word", "placeholder"}),
        ("Nigel Tufnel 3rd", {"digits"}),
        ("Siti Rahma and Budi Santoso", {"two_people"}),
        ("Siti & Budi", {"two_people"}),
        ("Siti Rahma / Budi Santoso", {"two_people"}),
        ("Nіna Kim", {"mixed_scripts"}),
    ],
)
def test_an_odd_person_name_is_kept_with_its_doubt(typed: str, expected: set[str]) -> None:
    assert flags(PersonName(), typed) == expected


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0812", "person_no_letters"),
        ("<script>alert(1)</script>", "person_markup"),
        ("=cmd|' /C calc'!A0", "person_markup"),
        ("siti@acme.com", "person_is_email"),
        ("https://acme.com/siti", "person_markup"),
    ],
)
def test_what_is_no_person_name_is_refused_by_kind(typed: str, code: str) -> None:
    read = PersonName().read(typed, KNOWN)
    assert not isinstance(read, Accepted)
    assert read.code == code
