"""What Slack makes of the text that a person types: escaping, automatic links, the rich_text block.

Slack keeps an emoji by its name, escapes only `&`, `<` and `>`, and wraps what looks like an
address: an e-mail address becomes `<mailto:a@b.org|a@b.org>`, a bare host name
`<http://b.org|b.org>`, a phone number `<tel:+1555..|+1 555 ..>`. A bot that matches such text
without unwrapping it fails here as there.
"""

import re
from typing import Any

Json = dict[str, Any]

# Slack knows them all; these are enough for tests.
EMOJI = {
    "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}": ":+1::skin-tone-4:",
    "\N{THUMBS UP SIGN}": ":+1:",
    "\N{OK HAND SIGN}": ":ok_hand:",
    "\N{WHITE HEAVY CHECK MARK}": ":white_check_mark:",
    "\N{PERSON WITH FOLDED HANDS}": ":pray:",
    "\N{HOT BEVERAGE}": ":coffee:",
}

# Slack knows every top-level domain; these are enough for tests.
_TLDS = "com|org|net|edu|gov|io|info|biz|coop|us|ca|uk|mx|de|fr|es|ch|at|in|au|nz"
_LINKABLE = re.compile(
    r"(?P<url>https?://[^\s<>|]+[^\s<>|.,;:!?)'\"])"
    r"|(?P<mail>[\w.+'-]+@(?:[\w-]+\.)+[a-z]{2,})"
    rf"|(?<![\w@./-])(?P<host>(?:[a-z0-9-]+\.)+(?:{_TLDS})(?:/[^\s<>|]*)?)(?![\w@.-]*\w)"
    r"|(?<![\w+&#])(?P<phone>\+\d[\d ().-]{6,}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w-])",
    re.IGNORECASE,
)


def escape(text: str) -> str:
    """`text` as Slack stores it: `&`, `<`, `>` as entities and nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_typed(text: str) -> str:
    """`text` as a person types it -> as it arrives in an event: escaped, addresses wrapped,
    emoji named."""

    def wrap(found: re.Match[str]) -> str:
        seen = found.group()
        match found.lastgroup:
            case "url":
                return f"<{seen}>"
            case "mail":
                return f"<mailto:{seen}|{seen}>"
            case "host":
                return f"<http://{seen}|{seen}>"
            case _:
                return f"<tel:{re.sub(r'[^+0-9]', '', seen)}|{seen}>"

    return named(_LINKABLE.sub(wrap, escape(text)))


def named(text: str) -> str:
    """`text` with its emoji by name, as they stand in what a form comes back with too."""
    for emoji, name in EMOJI.items():
        text = text.replace(emoji, name)
    return text


def rich_text(text: str, block_id: str) -> Json:
    """The block that Slack's clients add to a message a person typed; its text is not escaped."""
    words = [{"type": "text", "text": text}] if text else []
    section = {"type": "rich_text_section", "elements": words}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}
