"""What a setting must be: each function takes it and gives it back, or raises ValueError with the
mend."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address
from pathlib import PurePath
from urllib.parse import parse_qs, urlsplit

SQLITE = "sqlite:///"
POSTGRES = "postgresql://"


def web_address(text: str) -> str:
    """Empty, or an http(s) address."""
    if text and not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise ValueError('must be a web address such as "https://example.com"')
    return text


def email_address(text: str) -> str:
    """Empty, or one address and nothing beside it: it becomes a header of the mails."""
    try:
        plain = text.isascii() and not re.search(
            r"\s", text
        )  # other letters: few servers take them
        fits = not text or (plain and Address(addr_spec=text).domain)
    except (ValueError, MessageError):
        fits = False
    if not fits:
        raise ValueError(
            'must be an e-mail address such as "apply@example.com" (a domain with other letters: '
            "in its xn-- form)"
        )
    return text


LOCAL = ("localhost", "127.0.0.1", "[::1]", "::1")
"""hosts to which nothing need be encrypted, since nothing leaves the machine"""


def receiver(text: str) -> str:
    """Empty, or where applications may be sent to: nobody on the way can read them."""
    if not text:
        return text
    address = re.fullmatch(r"(https?)://([^\s/?#@]+?)(?::\d{1,5})?(?:[/?][^\s#]*)?", text)
    if address is None or (address[1] == "http" and address[2] not in LOCAL):
        raise ValueError(
            'must be an address such as "https://example.com/hooks", without a user or password in '
            "it; http:// only on this very machine"
        )
    return text


def listen_address(text: str) -> str:
    """Empty, or ``host:port``."""
    found = re.fullmatch(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})", text)
    if text and (found is None or int(found[1]) > 65535):
        raise ValueError(
            'must be an address of this machine and a port, such as "127.0.0.1:8080", "[::1]:8080" '
            'or, for all addresses, "0.0.0.0:8080"; "" for none'
        )
    return text


def telegram_hook(text: str) -> str:
    """Empty, or an address that Telegram can post to and that leads to our path."""
    pattern = r"https://[^\s/?#@:]+(?::(?:443|80|88|8443))?(?:/[^\s?#]*)?/telegram"
    if text and not re.fullmatch(pattern, text):
        raise ValueError(
            'must be an https address that ends in /telegram ("https://bot.example.com/telegram"), '
            "on port 443, 80, 88 or 8443: Telegram posts to no other"
        )
    return text


def keep_days(days: int) -> int:
    """0 for ever, else long enough for the announcement, which comes three days before."""
    if days != 0 and not 4 <= days <= 3650:
        raise ValueError(
            "must be from 4 to 3650 days, since it is announced three days before, or 0 to keep "
            "unfinished applications for ever"
        )
    return days


def database(url: str) -> str:
    if url.startswith(POSTGRES):
        parts = urlsplit(url)
        if parts.password or "password" in parse_qs(parts.query):
            raise ValueError(
                "must hold no password: take it out, and put it into the environment variable "
                "FRONTDESK_DATABASE_PASSWORD"
            )
        return url
    if not url.startswith(SQLITE) or PurePath(url.removeprefix(SQLITE)).name in {"", ":memory:"}:
        raise ValueError(
            'must be an SQLite file ("sqlite:///frontdesk.db" is one in the folder that the '
            'program starts in, "sqlite:////var/lib/frontdesk/frontdesk.db" one anywhere) or a '
            'PostgreSQL database ("postgresql://frontdesk@db.example.com/frontdesk")'
        )
    return url
