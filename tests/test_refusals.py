"""Refused again and again, the bot never says the same words twice in a row, and always teaches."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dialogs.acts import Say
from dialogs.machine import step
from tests.speaking import said, script, speech, until

# Field -> answers that are refused, in the order sent: the same one, and others between.
REFUSED = {
    "legal_name": ("!!!", "!!!", "!!!", "!!!"),
    "owners.name": ("0812", "0812", "0812", "<b>Siti</b>", "<b>Siti</b>", "<b>Siti</b>"),
    "locations.country": ("Atlantis", "Atlantis", "Atlantis", "korea", "korea", "korea"),
    "locations.address": ("PO Box 12, Leeds", "PO Box 13, Leeds", "PO Box 14, Leeds", "12345"),
    "locations.phone": ("+44 113", "+44 113", "+44 113", "0113 496 0271 / 0113 496 0272"),
    "email": ("bob@gmail.com", "bob@gmail.com", "bob@yahoo.com", "bob@yahoo.com", "bob"),
    "website": ("acme.con", "acme.con", "acme.con", "192.168.0.1"),
    "experience": ("2015", "2015", "2016", "2017"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_no_two_refusals_in_a_row_are_the_same_words(name: str) -> None:
    state, heard = until(name), []
    for text in REFUSED[name]:
        done = step(script(), state, said(text))
        first = done.acts[0]
        assert isinstance(first, Say)
        assert first.key.startswith("refusals."), (text, first.key)
        heard.append(speech((first,)).split("\n")[0])
        state = done.state
    assert all(one != other for one, other in pairwise(heard)), heard


def test_no_two_codes_say_the_same() -> None:
    texts = script().wording.language("en").texts
    said_ = [text for key, text in texts.items() if key.startswith("refusals.")]
    assert len(said_) == len(set(said_))
