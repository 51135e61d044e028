"""SVG to PNG, where the renderer is installed: it is small, but few need it, so it is an extra."""

from __future__ import annotations

from bot.funnel_picture import FONTS

SCALE = 2.0
"""pixels of the picture for one of its own; phones have two or three"""

_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">{}</svg>'
_LETTER = f'<text x="2" y="16" font-size="16" font-family="{FONTS}">M</text>'


class NoRaster(Exception):
    """A picture cannot be made of pixels here; the text says what to do."""


def png(svg: str) -> bytes:
    """The picture in its light colours, on its own background. Raises NoRaster."""
    try:
        from resvg_py import svg_to_bytes  # noqa: PLC0415 - an extra
    except ImportError:
        raise NoRaster(
            "No PNG was written: what draws it is not installed. Install it with "
            'pip install "frontdesk[picture]", or take --svg, which every browser shows.'
        ) from None
    # The renderer leaves out letters that no font has, without a word.
    if svg_to_bytes(_PROBE.format(_LETTER)) == svg_to_bytes(_PROBE.format("")):
        raise NoRaster(
            "No PNG was written: none of the usual fonts is here. Install one (on Debian or "
            "Ubuntu: apt-get install fonts-dejavu-core), or take --svg, which every browser shows."
        )
    return bytes(svg_to_bytes(svg, zoom=SCALE))
