"""How a business is reached: phone, e-mail, website; each knows another's answer on sight."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import phonenumbers as pn
from email_validator import EmailNotValidError, validate_email
from pydantic import HttpUrl, TypeAdapter, ValidationError

from dialogs.domains import given_away, is_social, known_ending, mailbox_kind, registered
from dialogs.verdicts import (
    EMAIL_SHAPE,
    Accepted,
    Flag,
    Known,
    Refused,
    has_letter,
    looks_like_email,
    looks_like_phone,
    looks_like_website,
    prepare,
)

FEWEST = 7
"""digits that a whole number has at least, where it stands among words or beside another"""
_KINDS = {
    pn.PhoneNumberType.PREMIUM_RATE: "premium",
    pn.PhoneNumberType.PAGER: "pager",
    pn.PhoneNumberType.PERSONAL_NUMBER: "personal_number",
    pn.PhoneNumberType.VOICEMAIL: "voicemail",
}
_TOWN = re.compile(r"\d{4,6}\s+[^\W\d_][^\d]+")
_UNFIT = {
    pn.ValidationResult.INVALID_COUNTRY_CODE: "phone_country_code",
    pn.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "phone_local_only",
    pn.ValidationResult.TOO_SHORT: "phone_too_short",
    pn.ValidationResult.TOO_LONG: "phone_too_long",
    pn.ValidationResult.INVALID_LENGTH: "phone_length",
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number, national if the country is known; the value is E.164, "+62215551234", with
    ";ext=12" (RFC 3966) where an extension was given."""

    cap: int = 100
    lines: int = 2
    free: bool = True

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: phone_is_email, phone_is_website, phone_no_digits, phone_several,
        phone_needs_country, phone_not_number, and what `_UNFIT` names."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        if looks_like_email(text):
            return Refused("phone_is_email")
        if not any(ch.isdigit() for ch in text):
            return Refused("phone_is_website" if looks_like_website(text) else "phone_no_digits")
        country = known.values.get("country", "")
        if not pn.country_code_for_region(country):
            country = ""
        text = _spelled(text, known.words.get("phone_extensions", ()))
        if _TOWN.fullmatch(text) and not text.isupper():
            return Refused("phone_not_number")  # "69002 Lyon"; "0800 REPAIRS" is a number
        number = _parsed(text, country)
        valid = number is not None and pn.is_valid_number(number)
        whole = valid or (number is not None and number.extension)
        if not whole and _several(text, country):
            return Refused("phone_several")
        if number is None:
            if re.match(r"[+\uff0b]\s?\d", text) and looks_like_phone(text.replace("\uff0b", "+")):
                return Refused("phone_country_code")
            if not country and "+" not in text and "\uff0b" not in text:
                return Refused("phone_needs_country")
            return Refused("phone_not_number")
        value = pn.format_number(number, pn.PhoneNumberFormat.E164)
        if not valid:
            again = _tried(value, "")  # a run of noughts is read as one more prefix each time
            if again is None or pn.format_number(again, pn.PhoneNumberFormat.E164) != value:
                return Refused("phone_not_number")
            reason = pn.is_possible_number_with_reason(number)
            if reason != pn.ValidationResult.IS_POSSIBLE:
                if sum(ch.isalpha() for ch in text) > sum(ch.isdigit() for ch in text):
                    return Refused("phone_not_number")  # "12 Market Street"
                return Refused(_UNFIT.get(reason, "phone_not_number"))
        if number.extension:
            value += f";ext={number.extension}"
        return Accepted(value, tuple(self._doubts(number, country)))

    def show(self, value: str, language: str) -> str:
        """The number in groups: "+62 21 5551234 ext. 12"."""
        number = _tried(value, "")
        return pn.format_number(number, pn.PhoneNumberFormat.INTERNATIONAL) if number else value

    @staticmethod
    def _doubts(number: pn.PhoneNumber, country: str) -> list[Flag]:
        flags = []
        kind = pn.number_type(number)
        if kind == pn.PhoneNumberType.UNKNOWN:
            flags.append(Flag("possible_not_valid"))
        elif kind in _KINDS:
            flags.append(Flag(_KINDS[kind]))
        if country and number.country_code != pn.country_code_for_region(country):
            theirs = pn.region_code_for_country_code(number.country_code or 0)
            flags.append(Flag("other_country", {"phone_country": theirs, "country": country}))
        return flags


_SPAN = re.compile(r"[+＋(]?\d[\d\s().\-/–]*\d(?:\s*ext\. \d{1,9}\b)?", re.I)
# How an extension is written in any language's list, behind a whole number: "x12", "(pes. 12)".
_NUMBERED = r"[\s,;(/–-]*(?:{0})(?:\s*(?:no|nr))?[.:=\s]*(\d{{1,9}})(?!\d)\W*$"
_ALWAYS = (r"ext(?:ension|ensión|n)?", "x", "#", "int", "доб")
# Dialled before a country's code, in one country or another.
_ABROAD = ("00", "001", "011", "0011", "010")


@lru_cache(maxsize=8)
def _extension(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(_NUMBERED.format("|".join((*longest_first, *_ALWAYS))), re.I)


def _spelled(text: str, words: tuple[str, ...]) -> str:
    """The text with its extension, however it was written, behind "ext."."""
    found = _extension(words).search(text)
    if found and _digits(text[: found.start()]) >= FEWEST:
        return f"{text[: found.start()]} ext. {found[1]}"
    return text


def _digits(text: str) -> int:
    return sum(ch.isdigit() for ch in text)


def _parsed(text: str, country: str) -> pn.PhoneNumber | None:
    """The number in the text; words before and after it do not matter."""
    if "phone-context=" in text:  # RFC 3966 says the country apart from the number
        return _tried(text, country)
    # Three letters after a number make a vanity number ("1-800-CALL-NOW") of it for the library,
    # so what stands around a number that is complete without them is cut off first.
    spans = [span for span in _SPAN.findall(text) if _digits(span) >= FEWEST]
    number = _tried(spans[0] if len(spans) == 1 else text, country)
    # "0062...": 00 is typed for "+" also where the country's own prefix is another.
    if number and text.startswith("0") and not pn.is_valid_number(number):
        packed = re.sub(r"\W", "", text)
        for prefix in _ABROAD:
            abroad = _tried("+" + packed.removeprefix(prefix), "") if packed[:3] != "000" else None
            if packed.startswith(prefix) and abroad and pn.is_valid_number(abroad):
                return abroad
    return number


def _tried(text: str, country: str) -> pn.PhoneNumber | None:
    try:
        return pn.parse(text, country or None)
    except pn.NumberParseException:
        return None


def _several(text: str, country: str) -> bool:
    """Whether a text that is no whole number holds two, or one and the end of another ("/ 56")."""
    for gap in re.finditer(r"[^\d+＋]+", text):
        left, right = text[: gap.start()], text[gap.start() :]
        if _digits(left) < FEWEST:
            continue
        if "/" in gap[0] and re.fullmatch(r"\W*\d{1,6}\W*", right):
            return True
        if _digits(right) < FEWEST:
            continue
        one, two = _parsed(left, country), _parsed(right.lstrip(" \n-–/,;.&|"), country)
        # Digits that are only grouped can be cut into two possible numbers anywhere.
        sure = (
            pn.is_possible_number if re.search(r"[,;/\n]|[^\W\d_]", gap[0]) else pn.is_valid_number
        )
        if one and two and sure(one) and sure(two):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address on the business's own domain; the value has its domain in small letters."""

    cap: int = 320
    lines: int = 1
    free: bool = True

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: free_mail, throwaway_mail (details: domain), and what `_unlike_email` says."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        # A message comes here trimmed; a line break that is still there is part of the address.
        if any(end in typed for end in "\r\n\u2028\u2029"):
            return Refused("email_space")
        if text[:7].lower() == "mailto:":
            text = text[7:]
        try:
            found = validate_email(text, check_deliverability=False, strict=True)
        except EmailNotValidError:
            return _unlike_email(text)
        host = found.domain
        if len(found.ascii_domain.rpartition(".")[2]) < 2:  # there is no such ending
            return Refused("email_domain", {"domain": host})
        kind = mailbox_kind(found.ascii_domain)
        if kind in ("free", "throwaway"):
            return Refused("free_mail" if kind == "free" else "throwaway_mail", {"domain": host})
        flags = [Flag("isp_mail", {"domain": host})] if kind == "isp" else []
        if not known_ending(found.ascii_domain):
            flags.append(Flag("unknown_ending", {"ending": host.rpartition(".")[2]}))
        elif given_away(found.ascii_domain):
            flags.append(Flag("given_away", {"domain": host}))
        website = _host(known.values.get("website", ""))
        flags += _differs(found.ascii_domain, website)
        return Accepted(found.normalized, tuple(flags))

    def show(self, value: str, language: str) -> str:
        """The address as it is."""
        return value


def _unlike_email(text: str) -> Refused:
    """What is wrong with a text that is no e-mail address."""
    if "@" not in text:
        if looks_like_website(text):
            return Refused("email_is_website", {"host": _host(text) or text})
        return Refused("email_is_phone" if looks_like_phone(text) else "email_no_at")
    inside = list(dict.fromkeys(found.rstrip(".!?'\"") for found in EMAIL_SHAPE.findall(text)))
    if len(inside) > 1:
        return Refused("email_several")
    if inside and re.search(r"\s\S|<|:", text) and _is_email(inside[0]):
        return Refused("email_extra_words", {"found": inside[0]})
    if re.search(r"\s", text):
        return Refused("email_space")
    local, _, host = text.rpartition("@")
    if not local:
        return Refused("email_no_name")
    if "." not in host.strip("."):
        return Refused("email_domain", {"domain": host})
    if ".." in text or local.startswith(".") or local.endswith(".") or host.strip(".") != host:
        return Refused("email_dots")
    return Refused("email_characters")


def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return False
    return True


def _differs(one: str, other: str) -> list[Flag]:
    """A flag if two hosts were registered under different names; none where one is unknown."""
    mine, theirs = registered(one), registered(other) if other else ""
    if not mine or not theirs or mine == theirs:
        return []
    return [Flag("domain_differs", {"this": mine, "other": theirs})]


_URL = TypeAdapter(HttpUrl)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_OTHER_SCHEMES = re.compile(r"(mailto|javascript|data|tel|sms|file|ftps?|blob|about):", re.I)


@dataclass(frozen=True, slots=True)
class Website:
    """The business's website; the value is an http(s) URL, "https://acme.co.uk"."""

    cap: int = 500
    lines: int = 1
    free: bool = True

    def read(self, typed: str, known: Known) -> Accepted | Refused:
        """Refused: website_is_email, website_is_phone, website_several, website_extra_words,
        website_scheme, website_login, website_port, website_ip, website_name, website_ending,
        website_no_domain."""
        text = prepare(typed, self.cap, self.lines)
        if isinstance(text, Refused):
            return text
        refusal = _unlike_website(text)
        if refusal is not None:
            return refusal
        host, url = _url(text)
        if isinstance(url, Refused):
            return url
        flags = [Flag("social_page", {"site": registered(host)})] if is_social(host) else []
        if not flags:
            _, _, mail = known.values.get("email", "").rpartition("@")
            flags += _differs(host, _url(mail)[0])  # both in ASCII
        return Accepted(url, tuple(flags))

    def show(self, value: str, language: str) -> str:
        """The address without its scheme, its name in its own letters: "acme.co.uk/shop"."""
        try:
            shown = HttpUrl(value).unicode_string()
        except ValidationError:
            return value
        return re.sub(r"^https?://", "", shown).removesuffix("/")


def _unlike_website(text: str) -> Refused | None:
    """The refusal of a text that cannot be one web address; None where it may be one."""
    if looks_like_email(text):
        return Refused("website_is_email", {"host": text.rpartition("@")[2]})
    if looks_like_phone(text) and text.count(".") != 3:
        return Refused("website_is_phone")
    scheme = re.match(r"([a-z][a-z0-9+.-]*)://", text, re.I)
    if _OTHER_SCHEMES.match(text) or (scheme and scheme[1].lower() not in ("http", "https")):
        return Refused("website_scheme")
    pieces = [piece.strip(".,;:()<>\"'") for piece in re.split(r"[\s,;]+", text)]
    hosts = list(dict.fromkeys(piece for piece in pieces if looks_like_website(piece)))
    if re.search(r"\s", text) or (len(hosts) > 1 and not text.count("/")):
        if len(hosts) > 1:
            return Refused("website_several")
        return Refused("website_extra_words", {"found": hosts[0]}) if hosts else _no_domain(text)
    return None


def _no_domain(text: str) -> Refused:
    return Refused("website_no_domain" if has_letter(text) else "website_name")


def _url(text: str) -> tuple[str, str | Refused]:
    """The host (in ASCII) and the normalised URL of a text without spaces, or why it is none."""
    rest = re.sub(r"^https?:/*|^//", "", text, flags=re.I).rstrip(".,;")
    secure = not re.match(r"http:", text, re.I)
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if "@" in authority:
        return "", Refused("website_login")
    if "[" in authority:
        return "", Refused("website_ip")
    name, colon, port = authority.partition(":")
    if colon and port != ("443" if secure else "80"):
        return "", Refused("website_port")
    if "." not in name.strip("."):
        return "", _no_domain(name)
    if re.search(r"[<>\"]", rest):  # markup pasted with a link
        return "", Refused("website_name")
    try:
        url = _URL.validate_python(("https://" if secure else "http://") + rest)
    except ValidationError:
        return "", Refused("website_name")
    host = (url.host or "").removesuffix(".")
    if _is_ip(host):
        return "", Refused("website_ip")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        return "", Refused("website_name")
    if not registered(host):
        ending = name.rstrip(".").rpartition(".")[2]
        unknown = not known_ending(host)
        return "", Refused("website_ending" if unknown else "website_no_domain", {"ending": ending})
    shown = str(url)
    if url.path == "/" and not url.query and not url.fragment:
        shown = f"{url.scheme}://{host}"
    return host, shown


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _host(text: str) -> str:
    """The host in a URL or a bare web address; "" where there is none."""
    try:
        return (urlsplit(text if "://" in text else f"//{text}").hostname or "").lower()
    except ValueError:  # its documented error for brackets that do not match
        return ""
