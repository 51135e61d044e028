"""Side questions fill nothing, odd answers are taken, a correction changes one answer, and nothing
that is typed breaks anything: over all fields, on the half of the data that may be read.
"""

from __future__ import annotations

from itertools import islice

import pytest

from tests.applicants.correcting import Correction, by_button, by_editing, by_words, pairs, ways
from tests.applicants.digressing import Row, Taken, digressions, odd_answers
from tests.applicants.halves import rows
from tests.applicants.naughty import CORPUS, corpus, everywhere, random_texts, trouble_with
from tests.applicants.running import languages

SEED = 1
SOAK = pytest.mark.soak


def troubles(found: list[Row]) -> str:
    bad = [row for row in found if not row.well]
    shown = [f"{row.path}: {row.polluted or f'{row.asked} then {row.deaf}'}" for row in bad[:40]]
    return "\n".join([f"{len(bad)} of {len(found)} rows of questions", *shown])


def wrong_ones(found: list[Correction]) -> str:
    bad = [each for each in found if each.trouble]
    shown = [f"at {c.at}, {c.of} by {c.way!r}: {c.trouble}" for c in bad[:40]]
    return "\n".join([f"{len(bad)} of {len(found)} corrections", *shown])


# Side questions


@pytest.mark.parametrize("language", languages())
def test_questions_in_a_row_fill_nothing_and_the_answer_is_taken(language: str) -> None:
    """At least 20 at every field (all, where there are fewer), one to six in a row."""
    found = list(digressions("tuning", SEED, language, most=21))
    assert all(row.well for row in found), troubles(found)


@SOAK
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", languages())
def test_all_questions_at_all_fields(language: str) -> None:
    found = [row for seed in range(5) for row in digressions("tuning", seed, language)]
    print(f"\n{language}: {sum(len(row.asked) for row in found)} questions in {len(found)} rows")
    assert all(row.well for row in found), troubles(found)


# Odd answers


def test_true_answers_that_look_like_something_else_are_taken() -> None:
    found = list(odd_answers("tuning"))
    assert len(found) == len(rows("odd", "tuning"))
    otherwise = [taken for taken in found if not taken.well]
    assert len(otherwise) <= len(found) / 100, "\n".join(map(_named, otherwise))


def test_what_is_taken_otherwise_is_undone_with_one_tap() -> None:
    lost = [taken for taken in odd_answers("tuning") if not taken.undone]
    assert lost == [], "\n".join(map(_named, lost))


def _named(taken: Taken) -> str:
    return f"{taken.field}: {taken.text!r}\n" + "\n".join(f"    {line}" for line in taken.lines)


# Corrections


def test_a_button_corrects_any_earlier_answer_and_nothing_else() -> None:
    found = [by_button(at, of) for at, of in pairs()]
    assert not any(each.trouble for each in found), wrong_ones(found)


def test_editing_the_message_corrects_any_earlier_answer_and_nothing_else() -> None:
    found = [by_editing(at, of) for at, of in pairs()]
    assert not any(each.trouble for each in found), wrong_ones(found)


def test_words_correct_any_earlier_answer_and_nothing_else() -> None:
    found = [by_words("tuning", at, of, 7 * number) for number, (at, of) in enumerate(pairs())]
    assert not any(each.trouble for each in found), wrong_ones(found)


@SOAK
@pytest.mark.timeout(1800)
def test_all_words_correct_any_earlier_answer() -> None:
    found = [by_words("tuning", at, of, way) for at, of in pairs() for way in range(ways("tuning"))]
    print(f"\n{len(found)} corrections by words")
    assert not any(each.trouble for each in found), wrong_ones(found)


# Naughty


def naughty() -> tuple[str, ...]:
    if not CORPUS.exists():
        pytest.skip(f"no {CORPUS.name}: the corpora are not part of the repository")
    return corpus()


def test_random_texts_are_stored_as_sent_and_shown_as_text() -> None:
    texts = tuple(random_texts(SEED, 20))
    found = [
        (*each, wrong) for each in everywhere(texts, languages()) if (wrong := trouble_with(*each))
    ]
    assert found == []


def test_a_sample_of_naughty_texts_is_stored_as_sent_and_shown_as_text() -> None:
    sample = islice(everywhere(naughty(), languages()), 0, None, 23)
    assert [(*each, wrong) for each in sample if (wrong := trouble_with(*each))] == []


@SOAK
@pytest.mark.timeout(3600)
def test_ten_thousand_naughty_and_random_texts() -> None:
    texts = (*naughty(), *random_texts(SEED, 150))
    count, found = 0, []
    for each in everywhere(texts, languages()):
        count += 1
        if wrong := trouble_with(*each):
            found.append((*each, wrong))
    print(f"\n{count} texts, {len(found)} in trouble")
    assert count >= 10_000
    assert found == []
