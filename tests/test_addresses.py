"""Addresses: a box without a street is refused, every other doubt is kept."""

from __future__ import annotations

import pytest

from dialogs.addresses import Address
from dialogs.answers import Accepted, Known, Refused

WORDS = {
    "po_box": (
        "p o box",
        "p0 box",
        "post office box",
        "private bag",
        "postfach",
        "kotak pos",
        "skrytka pocztowa",
        "абонентский ящик",
        "ταχυδρομικη θυριδα",
        "信箱",
        "사서함",
        "ص ب",
    ),
    "po_box_numbered": ("box", "p o b", "lockbox", "apartado", "ת ד"),
    "po_box_leading": ("p o",),
    "po_box_short_it": ("cp", "c p"),
    "mailbox": ("pmb", "private mailbox"),
    "mail_shops": ("ups store",),
    "rural_route": ("rr", "rural route", "hc"),
    "rural_route_box": ("route", "rt"),
    "mail_noise": ("dept", "bin"),
    "unit": ("apt", "flat"),
    "homes": ("apartemen",),
    "street": ("street", "road", "jalan", "jl"),
    "street_short": ("st", "rd", "ave", "suite"),
}


def read(typed: str, country: str = "") -> Accepted | Refused:
    return Address().read(typed, Known({"country": country} if country else {}, words=WORDS))


def flags(typed: str, country: str = "") -> set[str]:
    verdict = read(typed, country)
    assert isinstance(verdict, Accepted), verdict
    return {flag.code for flag in verdict.flags}


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("Jl Kemang Raya 45, Jakarta Selatan 12730", "ID"),
        ("12 Market Street, Leeds LS1 6DT", "GB"),
        ("12 Market Street, Leeds ls16dt", "GB"),
        ("2403 Jefferson Ave N, Springfield, OH 44055", "US"),
        ("Hauptstraße 5, 10115 Berlin", "DE"),
        ("東京都千代田区丸の内1-1", "JP"),
        ("High Street, Portsmouth, PO1 3AX 2", "GB"),
        ("12 High Street, PO16 7DE", "GB"),
        ("12 Box Hill Road, Tadworth KT20 7JT", "GB"),
        ("176 Box Elder St", "US"),
        ("4400 Post Oak Parkway", "US"),
        ("Pool Lane 123", "GB"),
        ("An der alten Post 4", "DE"),
        ("Via Po 12, 10123 Torino", "IT"),
        ("2300 Route 309, Wilkes Barre, PA 18702", "US"),
        ("Rua do Apartado Velho 5", "PT"),
        ("5 Flatiron Street, Leeds", "GB"),
        ("Suite 2500, 6 Concourse Road, Atlanta", "US"),
    ],
)
def test_a_street_address_has_no_doubts(typed: str, country: str) -> None:
    assert read(typed, country) == Accepted(typed)


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("PO Box 1277 Jakarta", "ID"),
        ("P.O.Box 1277, Jakarta 10110", "ID"),
        ("p/o-box 5", ""),
        ("P0 BOX 12, Leeds LS1 6DT", "GB"),
        ("Ｐ.Ｏ. Ｂｏｘ １２", ""),
        ("PO 123", "US"),
        ("P.O.B. 123, Springfield", "US"),
        ("Box 122", "US"),
        ("dept 0669 po box 120001 dallas tx 75312", "US"),
        ("PO Box 98 St Joseph MI 49085-0098", "US"),
        ("Private Bag X12, Cape Town 8000", "ZA"),
        ("Postfach 11 02 03, 10115 Berlin", "DE"),
        ("Kotak Pos 12, Bandung 40115", "ID"),
        ("Skrytka pocztowa 7, 00-950 Warszawa", "PL"),
        ("абонентский ящик 12, 101000 Москва", "RU"),
        ("Ταχυδρομική Θυρίδα 12, 105 57 Αθήνα", "GR"),
        ("北京市信箱1234号", "CN"),
        ("사서함 1234, 서울", "KR"),
        ("ص.ب 1234 دبي", "AE"),
        ("ת.ד. 1234, 6100001 תל אביב", "IL"),
    ],
)
def test_a_box_without_a_street_is_refused(typed: str, country: str) -> None:
    assert read(typed, country) == Refused("po_box")


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("115 Harting Road, PO Box 7", "US", {"street_and_box"}),
        ("216 N. Pine P. O. Box 318", "US", {"street_and_box"}),
        ("Au 7, Postfach 3", "AT", {"street_and_box"}),
        ("P.O. Box 1234, Sheikh Zayed Road, Dubai", "AE", {"street_and_box"}),
        ("2100 Roswell Rd, Suite 200, PMB 214", "US", {"pmb"}),
        ("The UPS Store, 12 Market Street, Leeds", "GB", {"mail_shop"}),
        ("RR 2, Box 123", "US", {"rural_route"}),
        ("rt # 1 box 254 greenfield il 62044", "US", {"rural_route"}),
        ("CP 1234, 00187 Roma", "IT", {"maybe_box"}),
        ("Flat 14, 60 Saffron Road, London EC1N 8QX", "GB", {"unit"}),
        ("Apartemen Taman Anggrek 5, Jakarta 11470", "ID", {"unit"}),
        ("Behind the big market, Kano", "NG", {"no_digit"}),
        ("Jalan Kemang 45, Jakarta 127301", "ID", {"postcode_unfit"}),
        ("Riverfront Complex, Building 2", "US", {"no_street"}),
    ],
)
def test_a_doubt_is_kept_for_the_reviewer(typed: str, country: str, expected: set[str]) -> None:
    assert flags(typed, country) >= expected


def test_an_abbreviation_counts_only_in_its_own_country() -> None:
    assert "maybe_box" not in flags("CP 1234, Leeds", "GB")


def test_a_street_beside_an_abbreviated_box_is_never_refused() -> None:
    assert isinstance(read("C.P. 20, Via Roma 5, 00187 Roma", "IT"), Accepted)


def test_a_private_mailbox_without_a_street_is_refused() -> None:
    assert read("PMB 214, Atlanta, GA 30075", "US") == Refused("private_mailbox")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12345", "address_no_letters"),
        ("info@acme.com", "address_is_email"),
        ("https://goo.gl/maps/abc", "address_is_website"),
        ("www.acme.com", "address_is_website"),
    ],
)
def test_another_questions_answer_is_named(typed: str, code: str) -> None:
    assert read(typed) == Refused(code)


def test_lines_become_one() -> None:
    typed = "12 Market Street,\r\n\n  Leeds \nLS1 6DT"
    assert read(typed, "GB") == Accepted("12 Market Street, Leeds, LS1 6DT")


def test_the_worst_text_within_the_caps_is_read() -> None:
    for typed in ("box " * 125, "1 a," * 125, "#" * 499 + "a", "p o " * 125, "12 " * 166):
        read(typed, "US")
