"""The values of the form's fields that a text holds: a pasted application, "my email is ...".

``pieces`` finds labelled values first, then in what is left those that a sentence tells by clear
words, then addresses and numbers by their shape. Every piece is a span of the text; whether it is
a good answer is for its field's reader to say. Where nothing tells the field, nothing is taken.

Pieces of the same name and item are parts of one value ("Street: ...", "City: ..."), to be joined
in their order.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.form import Form
from dialogs.pieces_items import counted
from dialogs.pieces_page import page_of
from dialogs.pieces_prose import told
from dialogs.pieces_values import labelled
from dialogs.polite import bare
from dialogs.wording import Language

__all__ = ["Piece", "bare", "pieces"]

MOST = 20_000
"""characters that are looked at"""


@dataclass(frozen=True, slots=True)
class Piece:
    """One value found in a text: ``text[start:end]``, as the person typed it."""

    name: str
    """as in ``Form.fields``: "legal_name", "locations.phone" """
    nth: int
    """for a repeat: 0 for the first item that the text tells of; else 0"""
    number: int
    """of the item as the text tells it, from 1 ("the phone of location 2"); 0 where it does not"""
    start: int
    end: int
    label: str
    """the words that named it, as typed; "" where its place or shape told"""
    sure: bool
    """False: to be shown as doubtful"""


def pieces(form: Form, language: Language, text: str, open_name: str = "") -> tuple[Piece, ...]:
    """In the order of the text, none inside another; () where nothing is told. Never raises.

    open_name: the field being asked, for labels that may mean it: "the name would be ...".
    """
    text = text[:MOST]
    page = page_of(form, language, text)
    found, signed, taken = labelled(page, open_name)
    found += told(page, open_name, found, taken)
    found += [f for f in signed if all(f.name != other.name for other in found)]
    return tuple(
        Piece(f.name, nth, f.number, f.start, f.end, f.label, f.sure)
        for f, nth in counted(page, found)
    )
