"""Where an answer ends and a question begins."""

from __future__ import annotations

import pytest

from dialogs.sentences import could_be_question, parted
from tests.speaking import script

PARTED = [
    ("It's Acme Ltd. Do you accept PO boxes?", "It's Acme Ltd.", "Do you accept PO boxes?"),
    ("Acme Ltd, can I change it later?", "Acme Ltd", "can I change it later?"),
    ("Acme Ltd and do you accept PO boxes?", "Acme Ltd", "do you accept PO boxes?"),
    ("Acme Ltd\nis there a fee?", "Acme Ltd", "is there a fee?"),
    ("Acme Ltd - how long does it take?", "Acme Ltd", "how long does it take?"),
    ("12 Market St. Leeds. Is parking needed?", "12 Market St. Leeds", "Is parking needed?"),
    ("Do you accept PO boxes? It's Acme Ltd", "It's Acme Ltd", "Do you accept PO boxes?"),
    ("yes. how much is it?", "yes", "how much is it?"),
    ("Acme Ltd\nwhat is a credit line", "Acme Ltd", "what is a credit line"),
    ("Do you accept PO boxes?", "", "Do you accept PO boxes?"),
    ("Do you accept PO boxes? And homes?", "", "Do you accept PO boxes? And homes?"),
    ("Really?", "", "Really?"),
    ("What's Up Repairs", "What's Up Repairs", ""),
    ("Who's Who Inc.", "Who's Who Inc.", ""),
    ("Acme Ltd", "Acme Ltd", ""),
    ("We can do it. We repair phones.", "We can do it. We repair phones.", ""),
    ("", "", ""),
    ("?", "?", ""),
]


@pytest.mark.parametrize(("text", "told", "asked"), PARTED)
def test_a_message_is_cut_only_where_a_question_surely_begins(
    text: str, told: str, asked: str
) -> None:
    assert parted(script().wording.language("en"), text) == (told, asked)


@pytest.mark.parametrize(
    "text", ["Who's Who Inc.", "Why Not Plumbing LLC", "Can Do Ltd", "Eh? Ltd"]
)
def test_an_answer_that_could_have_been_a_question(text: str) -> None:
    assert could_be_question(script().wording.language("en"), text)


@pytest.mark.parametrize("text", ["Acme Ltd", "Maria Santos", "12 Why Street", "Wherefore Ltd"])
def test_an_answer_that_could_not(text: str) -> None:
    assert not could_be_question(script().wording.language("en"), text)
