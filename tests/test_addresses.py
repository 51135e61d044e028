"""Addresses: a box without a street is refused, every other doubt is kept."""

from __future__ import annotations

import re

import pytest

from dialogs.addresses import Address
from dialogs.answers import Accepted, Known, Refused
from tests.speaking import script

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


def real(country: str) -> Known:
    """What the form knows, with the word lists that are shipped."""
    return Known({"country": country}, words=script().wording.languages["en"].words)


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
def test_a_street_address_has_no_doubts_but_what_it_lacks(typed: str, country: str) -> None:
    verdict = read(typed, country)
    assert isinstance(verdict, Accepted)
    assert verdict.value == typed
    assert flags(typed, country) <= {"postcode_missing", "city_missing"}


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


def test_beside_a_street_an_abbreviation_counts_only_in_its_own_country() -> None:
    assert "maybe_box" not in flags("12 Market Street, CP 1234, Leeds", "GB")
    assert "maybe_box" in flags("CP 1234, Leeds", "GB")
    assert "maybe_box" in flags("CP 1234, Leeds")


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("12 Market Street, Leeds LS1 6DT", "GB"),
        ("12 Market Street, LS16DT", "GB"),
        ("Hauptstraße 5, 10115 Berlin", "DE"),
        ("Jl. Melawai Raya No. 12, Kebayoran Baru, Jakarta", "ID"),  # asks for no postcode
        ("12 Main Street, Springfield, IL 62701-1234", "US"),
        ("Rua das Naus, 83, 4538‑629 Barreiro", "PT"),
        ("Sheikh Zayed Road 12, Dubai", "AE"),  # has no postcodes
        ("12 Orchard Road, Singapore 238841", "SG"),
        ("12 Market Street", ""),  # nothing is known of the country
    ],
)
def test_a_whole_address_lacks_nothing(typed: str, country: str) -> None:
    assert not flags(typed, country) & {"postcode_missing", "city_missing", "postcode_unfit"}


@pytest.mark.parametrize(
    ("typed", "country", "missing"),
    [
        ("12 Market Street, Leeds", "GB", {"postcode_missing"}),
        ("12 Market Street", "GB", {"postcode_missing", "city_missing"}),
        ("12 Market Street, Apt 5", "GB", {"postcode_missing", "city_missing"}),
        ("1600 Main St NW", "US", {"postcode_missing", "city_missing"}),
        ("Hauptstraße 5", "DE", {"postcode_missing", "city_missing"}),
        ("Jl. Melawai Raya No. 12", "ID", {"city_missing"}),
    ],
)
def test_what_a_country_requires_and_is_not_there_is_a_doubt(
    typed: str, country: str, missing: set[str]
) -> None:
    assert flags(typed, country) >= missing


# The names of streets and places all over the world that sound like boxes.
HARD = """
    12 Box Hill Road, Tadworth|GB  45 Box Lane, Hemel Hempstead HP3 0DH|GB
    3 Box Street, Bristol|GB  1 Station Road, Box, Corsham SN13 8AE|GB
    7 Post Office Lane, Slough|GB  14 Postal Street, Houston, TX 77002|US  200 Drawer Street|US
    Postweg 12, 3511 AA Utrecht|NL  Poststraße 12, 10178 Berlin|DE  Am Postfenn 3, 14055 Berlin|DE
    Rue de la Poste 12, 75001 Paris|FR  12 Rue des Boîtes, Paris|FR  Calle Casilla 12, Madrid|ES
    Calle del Apartado 15, Ciudad de Mexico|MX  Avenida Casillas 44|GT
    Via della Posta 3, Milano|IT  Jalan Pos 2, Jakarta Pusat 10710|ID
    Jl. Kantor Pos No. 5, Bandung|ID  Jl. Kotak 5, Medan|ID  Postgatan 12, Göteborg|SE
    Boksveien 3, Oslo|NO  Postikatu 3, Tampere|FI  ul. Pocztowa 5, Wrocław|PL
    Poštanska 5, Zagreb|HR  Posta Sokak 12, Ankara|TR  Почтовая улица 5, Москва|RU  邮政路12号|CN
    郵便通り3|JP  12 Mailbox Lane|US  88 P O Boxwood Ave|US  5 Poboxer Street|US
    15 Caller Street, Peabody MA|US  400 General Delivery Road|US
    H.C. Andersens Boulevard 12, København|DK  5 CP Road, Leeds|GB  Fahrstraße 12|DE
    Boksburg North Road 12, Boksburg|ZA  12 Posbus Street|ZA  100 Bin Place|US  12 Po Lam Road|HK
    Corso Po 12, Torino|IT  34 PF Lane|GB  The Old Post Office, High Street, Box|GB
"""  # fmt: skip


@pytest.mark.parametrize("line", re.split(r"\s{2,}", HARD.strip()))
def test_a_street_that_sounds_like_a_box_is_not_refused(line: str) -> None:
    typed, _, country = line.partition("|")
    assert isinstance(Address().read(typed, real(country)), Accepted)


BOXES = """
    صندوق بريد رقم 123، عمان|JO  01 BP 1234 Abidjan 01|CI  Case postale 123, 1211 Genève 3|CH
    PO Box CT 123, Accra|GH  P O Box HM 12, Hamilton|BM  Apdo. 123-1000 San José|CR
    Casilla de Correo 12, Buenos Aires|AR  Caixa Postal 123, São Paulo - SP|BR
    Boks 12, 0101 Oslo|NO  Box 12, 101 21 Stockholm|SE  Poštovní přihrádka 12, 110 00 Praha 1|CZ
    Pf. 12, 1245 Budapest|HU  Căsuța poștală 12, București|RO  Пощенска кутия 12, София|BG
    а/я 12, 101000 Москва|RU  Τ.Θ. 1234, Αθήνα|GR  صندوق پستی 12345-678 تهران|IR
    পোস্ট বক্স ১২, ঢাকা|BD  ตู้ ปณ. 12 กรุงเทพฯ 10500|TH  Hộp thư số 12, TP HCM|VN  台北郵政第12號信箱|TW
    東京中央郵便局私書箱第12号|JP  광화문우체국 사서함 12호|KR  Peti Surat 12, 50700 Kuala Lumpur|MY
    Kotak Pos 1277 JKT 10012|ID  Tromol Pos 12, Bandung 40001|ID  Sanduku la Posta 12, Dodoma|TZ
    Pašto dėžutė 12, Vilnius|LT  Poštni predal 12, Ljubljana|SI  Kutia Postare 12, Tiranë|AL
    P. 0. Box 12|US  P.O. Drawer 12, Springfield, IL 62701|US  Freepost RTXX, Leeds LS1 1AA|GB
    Packstation 123, 10115 Berlin|DE
"""  # fmt: skip


@pytest.mark.parametrize("line", re.split(r"\s{2,}", BOXES.strip()))
def test_a_box_in_any_language_is_refused(line: str) -> None:
    typed, _, country = line.partition("|")
    assert Address().read(typed, real(country)) == Refused("po_box")


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
