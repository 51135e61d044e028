"""What a person typed, out of what Slack made of it.

Slack keeps an emoji by its name (``:+1:``), whether it was typed so or picked, in messages and in
the fields of forms. In messages it escapes ``& < >`` too, and wraps what looks like an address.
"""

from __future__ import annotations

import re

from rich.emoji import Emoji

_WRAPPED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_ENTITY = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_EMOJI = re.compile(r"(?<![0-9:/])(?::[a-z0-9_+-]{1,60}:)+(?![0-9A-Za-z:/])")
"""one or several by name; not what stands between the colons of ``10:100:20`` or ``a:b:c``"""
_NAME = re.compile(r":[a-z0-9_+-]+:")
_TONE = re.compile(r"(?<=:):skin-tone-[2-6]:")


def typed(text: str) -> str:
    """Of a message: ``&amp;``, ``<tel:+1555|555>``, ``<mailto:a@b.org|a@b.org>``,
    ``<http://b.org|b.org>``, ``<@U1|amira>``."""
    unwrapped = _WRAPPED.sub(_unwrap, text)
    return _plain(re.sub("&(?:amp|lt|gt);", lambda entity: _ENTITY[entity[0]], unwrapped))


def entered(text: str) -> str:
    """Of a form's field, which Slack neither escapes nor wraps; without the space around it."""
    return _plain(text).strip()


def _plain(text: str) -> str:
    shown = _EMOJI.sub(lambda run: _NAME.sub(_emoji, _TONE.sub("", run[0])), text)
    # JSON can hold half a character (a lone surrogate), which no database takes.
    return shown.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _emoji(name: re.Match[str]) -> str:
    """A name that is none, or a workspace's own, stays as it is."""
    return Emoji.replace(name[0])


def _unwrap(found: re.Match[str]) -> str:
    target, label = found[1], found[2] or ""
    if not re.match(r"[@#!]|[a-z][a-z0-9+.-]*:", target):
        return found[0]
    if target[:1] in {"@", "#", "!"}:
        mark = "#" if target[0] == "#" else "@"
        if target.startswith("!date"):
            return label
        return mark + (label or target[1:]).removeprefix(mark)
    bare = re.sub(r"^(?:mailto:|tel:|https?://)", "", target)
    if not label:
        return bare if target.startswith(("mailto:", "tel:")) else target
    if target.startswith("tel:") or bare.rstrip("/").casefold() in label.casefold():
        return label
    return f"{label} ({target.removeprefix('mailto:')})"
