"""Phone, e-mail and website: what passes, what teaches, what is kept as a doubt."""

from __future__ import annotations

import pytest

from dialogs.answers import Accepted, Known, Reader, Refused
from dialogs.contacts import Email, Phone, Website
from tests.speaking import script


def read(reader: Reader, typed: str, **values: str) -> Accepted | Refused:
    return reader.read(typed, Known(values))


def flags(verdict: Accepted | Refused) -> dict[str, dict[str, str]]:
    assert isinstance(verdict, Accepted), verdict
    return {flag.code: dict(flag.details) for flag in verdict.flags}


@pytest.mark.parametrize(
    ("typed", "country", "value"),
    [
        ("0113 496 0271", "GB", "+441134960271"),
        ("+44 (0)113 496-0271", "ID", "+441134960271"),
        ("tel: 0113 496 0271 thanks", "GB", "+441134960271"),
        ("call 0113 496 0271 ext. 5", "GB", "+441134960271;ext=5"),
        ("+441134960271;ext=5", "GB", "+441134960271;ext=5"),
        ("0113 496 0271 x123", "GB", "+441134960271;ext=123"),
        ("(021) 5085 5555", "ID", "+622150855555"),
        ("0062 21 5085 5555", "ID", "+622150855555"),
        ("٠٢١ ٥٠٨٥ ٥٥٥٥", "ID", "+622150855555"),
        ("06 698 12345", "IT", "+390669812345"),
        ("030/901820", "DE", "+4930901820"),
        ("+62 21 5085 5555", "", "+622150855555"),
        ("1-800-CALL-NOW", "US", "+18002255669"),
    ],
)
def test_a_phone_is_read_to_e164(typed: str, country: str, value: str) -> None:
    verdict = read(Phone(), typed, country=country)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.value == value


@pytest.mark.parametrize(
    "written",
    [
        "ext 12", "ext. 12", "ext12", "Ext: 12", "extension 12", ", extension no. 12", "x12",
        "x 12", "X12", "#12", "# 12", "(ext 12)", "; ext = 12", "\next 12", "/ ext 12",
        "- ext 12", "extn 12", "ekst. 12", "ekst 12", "pes. 12", "pesawat 12", "Durchwahl 12",
        "anexo 12", "ramal 12", "int. 12", "доб. 12", "内線12", "toestel 12",
    ],
)  # fmt: skip
def test_an_extension_is_read_however_it_is_written(written: str) -> None:
    known = Known({"country": "ID"}, words=script().wording.languages["en"].words)
    verdict = Phone().read(f"(021) 5085 5555 {written}", known)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.value == "+622150855555;ext=12"


@pytest.mark.parametrize(
    ("typed", "country", "value"),
    [
        ("WA 0812 3456 7890", "ID", "+6281234567890"),
        ("Telp. (021) 5085-5555", "ID", "+622150855555"),
        ("0812 3456 7890 (Siti)", "ID", "+6281234567890"),
        ("0113 496 0271, 9am-5pm", "GB", "+441134960271"),
        ("+62 (0) 21 5085 5555", "GB", "+622150855555"),
        ("001 62 21 5085 5555", "ID", "+622150855555"),
        ("62 21 5085 5555", "ID", "+622150855555"),
        ("०२१ ५०८५ ५५५५", "ID", "+622150855555"),
        ("０２１－５０８５－５５５５", "ID", "+622150855555"),
        ("tel:03-331-6005;phone-context=+64", "", "+6433316005"),
    ],
)
def test_a_number_is_found_among_its_labels_and_prefixes(
    typed: str, country: str, value: str
) -> None:
    verdict = read(Phone(), typed, country=country)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.value == value


@pytest.mark.parametrize(
    "typed",
    [
        "021 5085 5555 / 0812 3456 7890",
        "021 5085 5555 & 0812 3456 7890",
        "021 5085 5555 - 0812 3456 7890",
        "021 5085 5555 0812 3456 7890",
        "Office +62 21 5085 5555 (WA 0812 3456 7890)",
        "T 021 5085 5555 F 021 5085 5556",
        "021 5085 5555 / 5556",
        "021 5085 5555/6",
        "021 5085 5555\n0812 3456 7890",
    ],
)
def test_two_numbers_are_seen_however_they_are_joined(typed: str) -> None:
    assert read(Phone(), typed, country="ID") == Refused("phone_several")


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("none", "ID", "phone_no_digits"),
        ("info@acme1.co.id", "ID", "phone_is_email"),
        ("www.acme.co.id", "ID", "phone_is_website"),
        ("021 5085 5555", "", "phone_needs_country"),
        ("021 5085 5555", "XX", "phone_needs_country"),
        ("021 5085 5555 or 0812 3456 7890", "ID", "phone_several"),
        ("0113 496 0271, 0113 496 0272", "GB", "phone_several"),
        ("+44 113", "GB", "phone_too_short"),
        ("0113 496 0271 99999", "GB", "phone_too_long"),
        ("555 1234", "US", "phone_local_only"),
        ("+999 1234 5678", "ID", "phone_country_code"),
        ("12 Market Street 7", "GB", "phone_not_number"),
        ("1" * 60, "ID", "phone_not_number"),
    ],
)
def test_what_cannot_be_called_is_refused_by_kind(typed: str, country: str, code: str) -> None:
    assert read(Phone(), typed, country=country) == Refused(code)


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("+44 7781 123", "GB", "possible_not_valid"),
        ("+1 900 212 3456", "US", "premium"),
        ("07640 123456", "GB", "pager"),
        ("070 1234 5678", "GB", "personal_number"),
        ("+65 6521 8000", "ID", "other_country"),
    ],
)
def test_a_doubtful_phone_is_kept(typed: str, country: str, code: str) -> None:
    assert code in flags(read(Phone(), typed, country=country))


def test_countries_that_share_a_code_are_not_foreign_to_each_other() -> None:
    assert flags(read(Phone(), "+1 416 555 0123", country="US")).keys() <= {"possible_not_valid"}


def test_a_phone_is_shown_in_groups() -> None:
    assert Phone().show("+441134960271", "en") == "+44 113 496 0271"
    assert Phone().show("+441134960271;ext=5", "id") == "+44 113 496 0271 x5"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("info@Lakeside-Repairs.COM", "info@lakeside-repairs.com"),
        ("mailto:info@acme.co.id", "info@acme.co.id"),
        ("first.last+tag@mail.acme.co.uk", "first.last+tag@mail.acme.co.uk"),
        ("büro@müller.de", "büro@müller.de"),
        ("a@xn--mller-kva.de", "a@müller.de"),
    ],
)
def test_a_business_address_is_accepted_without_doubts(typed: str, value: str) -> None:
    assert read(Email(), typed) == Accepted(value)


@pytest.mark.parametrize(
    ("typed", "code", "details"),
    [
        ("bob@gmail.com", "free_mail", {"domain": "gmail.com"}),
        ("bob@Yahoo.co.id", "free_mail", {"domain": "yahoo.co.id"}),
        ("bob@tuta.com", "free_mail", {"domain": "tuta.com"}),
        ("bob@live.nl", "free_mail", {"domain": "live.nl"}),
        ("bob@mailinator.com", "throwaway_mail", {"domain": "mailinator.com"}),
        ("bob@x.mailinator.com", "throwaway_mail", {"domain": "x.mailinator.com"}),
        ("acme.co.id", "email_is_website", {"host": "acme.co.id"}),
        ("https://www.acme.co.id/", "email_is_website", {"host": "www.acme.co.id"}),
        ("+62 21 5085 5555", "email_is_phone", {}),
        ("we have none", "email_no_at", {}),
        ("my mail is info@acme.com", "email_extra_words", {"found": "info@acme.com"}),
        ("Bob <info@acme.com>", "email_extra_words", {"found": "info@acme.com"}),
        ("a@acme.com, b@acme.com", "email_several", {}),
        ("info @acme.com", "email_space", {}),
        ("@acme.com", "email_no_name", {}),
        ("info@acme", "email_domain", {"domain": "acme"}),
        ("z@co.c", "email_domain", {"domain": "co.c"}),
        ("info@acme.com\n", "email_space", {}),
        ("bob@passmail.net", "free_mail", {"domain": "passmail.net"}),
        ("bob@my-tempmail.shop", "throwaway_mail", {"domain": "my-tempmail.shop"}),
        ("info@acme..com", "email_dots", {}),
        (".info@acme.com", "email_dots", {}),
        ("in(fo@acme.com", "email_characters", {}),
    ],
)
def test_an_email_refusal_names_what_is_wrong(
    typed: str, code: str, details: dict[str, str]
) -> None:
    assert read(Email(), typed) == Refused(code, details)


def test_a_brand_that_is_a_word_is_free_mail_only_under_country_endings() -> None:
    assert isinstance(read(Email(), "a@live.events"), Accepted)


def test_email_doubts() -> None:
    other = flags(read(Email(), "a@acme.com", website="https://www.other.co.uk/x"))
    assert other == {"domain_differs": {"this": "acme.com", "other": "other.co.uk"}}
    assert flags(read(Email(), "a@mail.acme.co.uk", website="https://acme.co.uk")) == {}
    assert flags(read(Email(), "a@пример.рф", website="https://xn--e1afmkfd.xn--p1ai")) == {}
    assert flags(read(Website(), "пример.рф", email="a@пример.рф")) == {}
    assert flags(read(Email(), "a@acme.con")) == {"unknown_ending": {"ending": "con"}}
    assert flags(read(Email(), "a@acme.tk")) == {"given_away": {"domain": "acme.tk"}}
    assert flags(read(Email(), "a@telkomsa.net")) == {"isp_mail": {"domain": "telkomsa.net"}}
    assert flags(read(Email(), "a@acme.com", website="not a site at [")) == {}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("acme.co.uk", "https://acme.co.uk"),
        ("WWW.Acme.CO.UK/", "https://www.acme.co.uk"),
        ("http://acme.com", "http://acme.com"),
        ("https:/acme.com", "https://acme.com"),
        ("acme.com:443", "https://acme.com"),
        ("acme.com.", "https://acme.com"),
        ("acme.com/shop?id=5", "https://acme.com/shop?id=5"),
        ("müller.de", "https://xn--mller-kva.de"),
        ("пример.рф", "https://xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_a_website_is_read_to_a_url(typed: str, value: str) -> None:
    assert read(Website(), typed) == Accepted(value)


@pytest.mark.parametrize(
    ("typed", "code", "details"),
    [
        ("info@acme.com", "website_is_email", {"host": "acme.com"}),
        ("+62 21 5085 5555", "website_is_phone", {}),
        ("acme.com and acme.id", "website_several", {}),
        ("our site is acme.com", "website_extra_words", {"found": "acme.com"}),
        ("ftp://acme.com", "website_scheme", {}),
        ("javascript:alert(1)", "website_scheme", {}),
        ("https://bob:pw@acme.com", "website_login", {}),
        ("acme.com:8080", "website_port", {}),
        ("192.168.0.1", "website_ip", {}),
        ("http://[::1]/", "website_ip", {}),
        ("http://3628126748", "website_name", {}),
        ("-acme-.com", "website_name", {}),
        ("ac_me.com", "website_name", {}),
        ("acme.com/<script>", "website_name", {}),
        ("acme.con", "website_ending", {"ending": "con"}),
        ("co.uk", "website_no_domain", {"ending": "uk"}),
        ("acme", "website_no_domain", {}),
        ("we have none", "website_no_domain", {}),
        ("localhost", "website_no_domain", {}),
    ],
)
def test_a_website_refusal_names_what_is_wrong(
    typed: str, code: str, details: dict[str, str]
) -> None:
    assert read(Website(), typed) == Refused(code, details)


@pytest.mark.parametrize(
    "typed",
    [
        "facebook.com/acme",
        "https://www.instagram.com/acme",
        "shopee.co.id/acme",
        "sites.google.com/x",
    ],
)
def test_a_page_on_somebody_elses_site_is_kept_with_a_doubt(typed: str) -> None:
    assert flags(read(Website(), typed, email="a@acme.com")).keys() == {"social_page"}


def test_a_website_of_another_domain_than_the_email_is_kept_with_a_doubt() -> None:
    assert flags(read(Website(), "acme.com", email="a@other.co.uk")) == {
        "domain_differs": {"this": "acme.com", "other": "other.co.uk"}
    }
    assert flags(read(Website(), "www.acme.com", email="a@mail.acme.com")) == {}


def test_a_website_is_shown_in_its_own_letters() -> None:
    assert Website().show("https://xn--mller-kva.de", "en") == "müller.de"
    assert Website().show("http://acme.com/shop", "en") == "acme.com/shop"
