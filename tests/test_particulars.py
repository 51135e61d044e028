"""What belongs to one person or case, and what promises acceptance, is found before approval."""

from __future__ import annotations

import pytest

from bot.particulars import particular, theirs
from dialogs.slots import Answered, Draft, Kept
from dialogs.state import State
from knowledge.promises import promise_in

OWN = ("https://devices.example.com/certify", "apply@devices.example.com")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to rina@shop.co.id please", "email"),
        ("call +62 21 7179 2345", "phone"),
        ("call 0812 3456 7890", "phone"),
        ("number 44113496027", "phone"),
        ("as for fd-7k3q-x9mb, yes", "reference"),
        ("see https://other.example.com/a", "link"),
        ("see [here](https://other.example.com)", "link"),
        ("see shop.co.id", "link"),
        ("see devices.example.com/secret", "link"),
    ],
)
def test_what_belongs_to_one_case_is_named(text: str, kind: str) -> None:
    found = particular(text, OWN)
    assert found is not None
    assert found[0] == kind
    assert found[1] in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The page gives no number of years, e.g. two or three.",
        "since 2026-11-22, with 100 000 devices in 24 months",
        "see [the page](https://www.devices.example.com/certify/) or Apply@devices.example.com",
        "see [the page]({certification_url})",
        "O4-O7 and N1",
    ],
)
def test_what_is_everybodys_may_stand(text: str) -> None:
    assert particular(text, OWN) is None


DRAFT = Draft(
    number=1,
    slots={
        "legal_name": Answered("PT Lembayung Servis", "pt lembayung servis"),
        "owners.1.name": Answered("Siti Rahma", "siti rahma"),
        "locations.1.address": Kept("Jl Kemang Raya 45, Jakarta", "po_box"),
        "locations.1.country": Answered("ID", "indonesia"),
        "experience": Answered("repairs", "repairs"),
    },
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Yes, PT LEMBAYUNG-Servis may.", "PT Lembayung Servis"),
        ("Dear Siti, yes.", "Siti"),
        ("The shop at jl kemang raya 45 is fine.", "Jl Kemang Raya 45"),
        ("A shop in Indonesia that repairs phones may apply.", None),
        ("Lembayung means a colour of the sky.", None),
    ],
)
def test_what_an_applicant_told_about_themselves_is_known_again(
    text: str, words: str | None
) -> None:
    found = theirs(text, State(draft=DRAFT))
    assert (found or "").casefold() == (words or "").casefold()
    assert theirs(text, State(aside=(DRAFT,))) == found, "also what waits for another draft"
    assert theirs(text, State()) is None


@pytest.mark.parametrize(
    ("text", "language", "promised"),
    [
        ("You will be accepted.", "en", True),
        ("Your application is approved once you pay. You are accepted then.", "en", True),
        ("Acceptance is guaranteed.", "en", True),
        ("There is no guarantee that you are accepted.", "en", False),
        ("Staff decide whether your application is accepted.", "en", False),
        ("A kiosk is accepted as a location.", "en", False),
        ("You are not accepted by meeting them. You will be approved.", "en", True),
        ("Anda pasti diterima.", "id", True),
        ("Kami menjamin penerimaan.", "id", True),
        ("Tidak ada jaminan bahwa Anda diterima.", "id", False),
        ("You will be accepted.", "de", True),
    ],
)
def test_a_promise_of_acceptance_is_found(text: str, language: str, promised: bool) -> None:
    assert (promise_in(text, language) is not None) == promised
