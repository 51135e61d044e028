"""Learning from staff: what becomes of an answer, by the commands, beside a program that serves."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.app import article_folders
from bot.config import Settings
from bot.judging import Ground, NotDone
from bot.learned import learned
from bot.store.rows import CandidateRow
from bot.store.sqlite import open_store
from bot.teaching import Wording, approve
from knowledge.article import Article
from knowledge.folder import load_articles
from knowledge.not_covered import read_not_covered
from knowledge.sources import ARTICLES
from tests.applications import STRAIGHT, holding
from tests.commands import frontdesk
from tests.play import house
from tests.terminals import PATIENCE, Terminal
from tests.test_cli import failed, good

NOW = "2026-11-25T18:00:00.000Z"
QUESTIONS = {
    "ann": "can two firms share one shop?",
    "bob": "may two companies use the same shop together?",
    "cid": "how much rent does a shop cost?",
    "dan": "is it allowed that two firms share a shop?",
}
ANSWER = "The page names no shared shop. Each firm needs its own staff there."
GENERAL = "can two businesses share a shop?"
IDS = {person: str(n) for n, person in enumerate(QUESTIONS, start=1)}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four questions that wait; Ann has told her name and that of her business."""
    path = tmp_path_factory.mktemp("learning") / "frontdesk.db"
    before = {"ann": STRAIGHT[: STRAIGHT.index("Indonesia")]}
    talks: list[tuple[str, str, Sequence[str]]] = [
        ("terminal", person, (*before.get(person, ()), "talk to a person", question))
        for person, question in QUESTIONS.items()
    ]
    holding(house(), path, *talks)
    return path


@pytest.fixture
def folder(served: Path, tmp_path: Path) -> Path:
    shutil.copy(served, tmp_path / served.name)
    return tmp_path


def knowledge(folder: Path, *arguments: str) -> str:
    return good(frontdesk(folder, "knowledge", *arguments))


def refused(folder: Path, *arguments: str) -> str:
    return failed(frontdesk(folder, "knowledge", *arguments))


def answered(folder: Path, person: str, text: str = ANSWER) -> str:
    """-> the question's id"""
    good(frontdesk(folder, "answer", IDS[person], text))
    return IDS[person]


def approved(folder: Path, *more: str) -> str:
    words = ("--title", "Shared shop", "--question", GENERAL, "--about", "O4")
    return knowledge(folder, "approve", "c1", *words, "--by", "Rina", "--role", "review", *more)


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "frontdesk.db")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


# --- answering several ---


def test_those_who_ask_the_same_are_shown_and_answered_where_they_are_named(folder: Path) -> None:
    said = good(frontdesk(folder, "answer", IDS["ann"], ANSWER))
    assert said.index("2\tterminal\tmay two companies") < said.index("Passed on to the applicant.")
    assert "--also 4,2, or --all-like-it" in said
    assert not re.search(r"\b(ann|bob|dan)\b", said)
    waiting = good(frontdesk(folder, "questions"))
    assert QUESTIONS["bob"] in waiting
    assert QUESTIONS["ann"] not in waiting
    said = good(frontdesk(folder, "answer", IDS["bob"], ANSWER, "--all-like-it"))
    assert "Passed on to 2 applicants." in said
    assert QUESTIONS["cid"] in good(frontdesk(folder, "questions"))
    assert rows(folder, "SELECT count(*) FROM escalations WHERE answered_at <> ''") == [(3,)]


@pytest.mark.parametrize(
    ("also", "says"),
    [
        ("99", "No question waits under 99, so nothing was sent."),
        ("2,x", '"2,x" is no list of ids.'),
        ("2;4", "is no list of ids."),
        ("\x1b[2J", "is no list of ids."),
        ("9" * 40, "is no list of ids."),
    ],
)
def test_ids_that_name_nothing_send_nothing(folder: Path, also: str, says: str) -> None:
    said = failed(frontdesk(folder, "answer", IDS["ann"], ANSWER, "--also", also))
    assert says in said
    assert "\x1b" not in said
    assert rows(folder, "SELECT count(*) FROM escalations WHERE answered_at <> ''") == [(0,)]


# --- teaching ---


def test_questions_that_ask_the_same_become_one_candidate(folder: Path) -> None:
    good(frontdesk(folder, "answer", IDS["ann"], ANSWER, "--also", IDS["bob"]))
    assert "Candidate c1 is made (asked 2 times)." in knowledge(folder, "teach", IDS["ann"])
    assert "in candidate c1 already" in refused(folder, "teach", IDS["bob"])
    answered(folder, "dan", "They may not.")
    grouped = knowledge(folder, "teach", IDS["dan"])
    assert "Candidate c1 asks the same; it counts this one too now (asked 3 times)." in grouped
    answered(folder, "cid", "No rent is named.")
    assert "Candidate c2 is made (asked once)." in knowledge(folder, "teach", IDS["cid"])
    shown = knowledge(folder, "candidates")
    assert shown.count(" waiting, asked ") == 2
    assert f"question: {QUESTIONS['ann']}" in shown
    assert shown.index(QUESTIONS["bob"]) < shown.index("answered: They may not.")


def test_what_cannot_be_taught_says_why(folder: Path) -> None:
    assert "not answered yet" in refused(folder, "teach", IDS["ann"])
    assert "nothing of that number" in refused(folder, "teach", "404")
    assert knowledge(folder, "candidates") == "No candidate waits.\n"


def test_a_dismissed_one_never_comes_back(folder: Path) -> None:
    for person in ("ann", "bob"):
        answered(folder, person)
    knowledge(folder, "teach", IDS["ann"])
    assert "Dismissed: c1." in knowledge(folder, "dismiss", "c1", "--by", "Rina")
    assert knowledge(folder, "candidates") == "No candidate waits.\n"
    answered(folder, "dan")
    said = refused(folder, "teach", IDS["dan"])
    assert "Candidate c1 asks the same and was dismissed by Rina on" in said
    assert "was dismissed by Rina" in refused(folder, "dismiss", "c1", "--by", "Tono")
    assert "was dismissed by Rina" in refused(folder, "edit", "c1", "--title", "x")
    assert "dismissed by Rina" in knowledge(folder, "candidates", "--all")


def test_an_article_that_answers_a_question_like_it_is_named(folder: Path) -> None:
    answered(folder, "ann")
    knowledge(folder, "teach", IDS["ann"])
    approved(folder)
    answered(folder, "dan")
    assert 'The article "Shared shop" answers a question like it.' in (
        knowledge(folder, "teach", IDS["dan"])
    )


# --- approving ---


@pytest.fixture
def taught(folder: Path) -> Path:
    answered(folder, "ann")
    knowledge(folder, "teach", IDS["ann"])
    return folder


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (("--answer", "You will be accepted with a shared shop."), "promises acceptance"),
        (("--title", "You are approved"), "promises acceptance"),
        (("--answer", "Write to rina@shop.co.id."), "e-mail address"),
        (("--question", "is +62 21 7179 2345 a shared phone?"), "phone number"),
        (("--answer", "As for FD-7K3Q-X9MB, yes."), "one application's reference"),
        (("--answer", "See [this](https://other.example.com)."), "no address of the program"),
        (("--answer", "PT Lembayung Servis may."), "what one applicant told"),
        (("--answer", "Dear Siti, you may."), "what one applicant told"),
        (("--answer", "word " * 150), "at most 600"),
        (("--answer", ""), "cannot be shown: write the passage"),
        (("--answer", "# Yes"), "cannot be shown: remove a heading"),
        (("--answer", "<b>yes</b>"), "cannot be shown: remove HTML"),
        (("--answer", "yes\u202eon"), "invisible characters"),
        (("--about", "B9"), "There is no fact B9."),
        (("--about", "the page"), "There is no fact"),
        (("--title", " "), "Give a title"),
        (("--title", "x" * 61), "Give a title"),
        (("--title", "A title of twenty and more"), "longer than 19"),
        (("--button", "x" * 20), "longer than 19"),
        (("--question", "y" * 201), "A question is one line"),
        (("--question", " "), "A question is one line"),
        (("--question", "what about {colour}?"), "A question is one line"),
        (("--language", "tlh"), "no articles in tlh"),
        (("--by", " "), "Say who decides"),
        (("--by", "Rina\x1b[2J"), "Say who decides"),
        (("--answer", "no text: \udcff"), "What was typed is no text"),
        (("--role", "{role}"), "Say as what you approve it"),
    ],
)
def test_what_may_not_be_said_is_refused_by_its_reason(
    taught: Path, changed: tuple[str, str], says: str
) -> None:
    given = {
        "--title": "Shared shop", "--question": GENERAL, "--about": "O4", "--by": "Rina",
        "--role": "review", changed[0]: changed[1],
    }  # fmt: skip
    said = refused(taught, "approve", "c1", *(word for pair in given.items() for word in pair))
    assert says in said
    assert rows(taught, "SELECT state FROM candidates") == [("waiting",)]


def test_an_applicants_own_words_are_in_no_article(taught: Path) -> None:
    words = ("--title", "Shared shop", "--about", "O4", "--by", "Rina", "--role", "review")
    assert "in an applicant's own words" in refused(taught, "approve", "c1", *words)
    knowledge(taught, "edit", "c1", "--question", GENERAL)
    assert "(staff-shared-shop)" in knowledge(taught, "approve", "c1", *words)


def test_what_is_approved_says_by_whom_and_is_found(taught: Path) -> None:
    assert "the article" in approved(taught, "--question", "is a shared shop ok?")
    article = in_force(taught)[0]
    assert article.passage == ANSWER
    assert article.source.startswith("Staff answer, approved by review on 20")
    assert article.source.endswith(", about O4")
    assert article.questions == (GENERAL, "is a shared shop ok?")
    assert article.section == "Operational requirements"


def in_force(folder: Path) -> list[Article]:
    async def read() -> list[Article]:
        store = await open_store(folder / "frontdesk.db", serving=False)
        try:
            taught = await store.read(learned)
        finally:
            await store.close()
        names = {(article.language, article.id) for article in taught.articles}
        served = taught.beside(article_folders(Settings())).articles
        return [article for article in served if (article.language, article.id) in names]

    return asyncio.run(read())


def test_an_edit_of_what_is_in_force_is_held_against_the_same_rules(taught: Path) -> None:
    approved(taught)
    assert "promises" in refused(
        taught, "edit", "c1", "--answer", "You will be approved.", "--by", "T", "--role", "lead"
    )
    assert "Say as what" in refused(taught, "edit", "c1", "--answer", "It may.", "--by", "T")
    knowledge(taught, "edit", "c1", "--answer", "It may.", "--by", "T", "--role", "lead")
    (article,) = in_force(taught)
    assert article.passage == "It may."
    assert "approved by lead on" in article.source
    assert "Nothing to change" in refused(taught, "edit", "c1")
    knowledge(taught, "dismiss", "c1", "--by", "T")
    assert in_force(taught) == []


async def test_of_two_approvals_at_once_one_wins_and_the_other_is_told(taught: Path) -> None:
    ground = Ground(load_articles(ARTICLES, {}))
    stores = [await open_store(taught / "frontdesk.db", serving=False) for _ in range(2)]

    async def approving(number: int) -> CandidateRow | NotDone:
        wording = Wording(questions=(GENERAL,), title=f"Title {number}", facts=("O4",))
        try:
            return await stores[number].run(
                lambda tx: approve(tx, 1, wording, f"P{number}", "review", NOW, ground)
            )
        except NotDone as refusal:
            return refusal

    done = await asyncio.gather(approving(0), approving(1))
    for store in stores:
        await store.close()
    (winner,) = [each for each in done if isinstance(each, CandidateRow)]
    (loser,) = [each for each in done if isinstance(each, NotDone)]
    assert loser.code == "decided"
    assert loser.row == winner
    assert rows(taught, "SELECT decided_by FROM candidates") == [(winner.decided_by,)]


def test_two_articles_of_one_title_have_ids_of_their_own(taught: Path) -> None:
    approved(taught)
    answered(taught, "cid", "No rent is named.")
    knowledge(taught, "teach", IDS["cid"])
    words = ("--question", "how much is the rent?", "--about", "o4", "--by", "R", "--role", "r")
    assert "(staff-shared-shop-2)" in (
        knowledge(taught, "approve", "c2", "--title", "Shared shop", *words)
    )


@pytest.mark.parametrize("id", ["", "c", "c-1", "one", "c" + "9" * 30, "\x1b[2J", "c1; DROP"])
def test_an_id_that_is_none_is_no_crash(folder: Path, id: str) -> None:
    said = refused(folder, "dismiss", id, "--by", "Rina")
    assert "is no id" in said
    assert "\x1b" not in said
    assert "nothing of that number" in refused(folder, "dismiss", "c404", "--by", "Rina")


# --- not covered ---


def test_a_question_that_is_not_covered_stays_in_general_words_alone(folder: Path) -> None:
    said = knowledge(folder, "not-covered", IDS["cid"])
    assert "in the applicant's own words" in said
    assert QUESTIONS["cid"] in good(frontdesk(folder, "questions")), "they still wait"
    assert "is a question that is not covered" in refused(folder, "not-covered", IDS["cid"])
    assert "Left out, being in applicants' own words: 1." in knowledge(folder, "export", "out")
    knowledge(folder, "edit", "c1", "--question", "what is the rent?", "--answer", "None is named.")
    knowledge(folder, "export", "out")
    listed, _ = read_not_covered(folder / "out" / "not_covered", {}, ARTICLES)
    assert [(item.question, item.instead) for item in listed["en"]] == [
        ("what is the rent?", "None is named.")
    ]
    assert "\n> None is named.\n- what is the rent?\n" in (
        (folder / "out" / "not_covered" / "en.md").read_text(encoding="utf-8")
    )
    good(frontdesk(folder, "erase", "terminal:cid", "--yes"))
    assert rows(folder, "SELECT question FROM candidates") == [("what is the rent?",)]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--question", "is +62 21 7179 2345 yours?"), "phone number"),
        (("--question", "x" * 201), "A question is one line"),
        (("--instead", "You will be accepted."), "promises acceptance"),
        (("--instead", "x" * 161), "at most 160"),
        (("--by", ""), "Say who decides"),
    ],
)
def test_what_is_not_covered_is_held_against_the_rules_too(
    folder: Path, given: tuple[str, str], says: str
) -> None:
    assert says in refused(folder, "not-covered", IDS["cid"], *given)
    assert rows(folder, "SELECT count(*) FROM candidates") == [(0,)]


def test_a_candidate_becomes_one_that_is_not_covered(taught: Path) -> None:
    knowledge(taught, "not-covered", "c1", "--question", GENERAL, "--by", "Rina")
    assert rows(taught, "SELECT kind, state, question, asked FROM candidates") == [
        ("not_covered", "approved", GENERAL, 1)
    ]
    assert "is a question that is not covered" in refused(
        taught, "approve", "c1", "--by", "R", "--role", "r"
    )


def test_what_somebody_told_is_in_no_list_that_stays(folder: Path) -> None:
    words = "may PT Lembayung Servis share a shop?"
    said = refused(folder, "not-covered", IDS["ann"], "--question", words)
    assert "what one applicant told" in said
    knowledge(folder, "not-covered", IDS["ann"])
    assert "what one applicant told" in refused(folder, "edit", "c1", "--question", words)


def test_an_answer_to_what_is_said_to_be_not_covered_is_named_and_not_held_up(
    folder: Path,
) -> None:
    knowledge(folder, "not-covered", IDS["bob"], "--question", QUESTIONS["bob"])
    answered(folder, "ann")
    answered(folder, "dan", "They may not.")
    assert "c1 says that a question like it is not covered" in (
        knowledge(folder, "teach", IDS["ann"])
    )
    knowledge(folder, "dismiss", "c1", "--by", "Rina")
    assert "Candidate c2 asks the same" in knowledge(folder, "teach", IDS["dan"])


# --- erasing ---


def test_erasing_takes_what_waits_and_leaves_what_was_approved(taught: Path) -> None:
    good(frontdesk(taught, "answer", IDS["cid"], "No rent is named."))
    knowledge(taught, "teach", IDS["cid"])
    approved(taught)
    for person in ("ann", "cid"):
        good(frontdesk(taught, "erase", f"terminal:{person}", "--yes"))
    assert rows(taught, "SELECT state, question FROM candidates") == [("approved", GENERAL)]
    database = (taught / "frontdesk.db").read_bytes()
    for person in ("ann", "cid"):
        assert QUESTIONS[person].encode() not in database
    assert QUESTIONS["bob"].encode() in database


# --- as files ---


def test_what_is_exported_is_read_as_what_is_served(taught: Path) -> None:
    approved(taught)
    said = knowledge(taught, "export", "out")
    assert said.splitlines()[0] == "Articles: 1. Questions that are not covered: 0."
    assert knowledge(taught, "export", "out") == said, "again, over its own files"
    (article,) = load_articles(taught / "out" / "articles", {})
    assert [article] == in_force(taught)


def test_a_file_of_somebody_else_is_not_written_over(taught: Path) -> None:
    approved(taught)
    knowledge(taught, "not-covered", IDS["cid"], "--question", "what is the rent?")
    file = taught / "out" / "not_covered" / "en.md"
    file.parent.mkdir(parents=True)
    file.write_text("# Mine\n", encoding="utf-8")
    assert "was not written by this command" in refused(taught, "export", "out")
    assert file.read_text(encoding="utf-8") == "# Mine\n"
    assert not (taught / "out" / "articles").exists()
    (taught / "blocked").write_text("", encoding="utf-8")
    assert "cannot be written" in refused(taught, "export", "blocked")


# --- beside a program that serves ---


def test_a_running_chat_answers_with_it_at_once(taught: Path) -> None:
    with Terminal(["chat", "--as", "eve"], taught) as screen:
        screen.prompt()
        screen.types(GENERAL)
        screen.until("> ")
        assert "Staff answer" not in screen.text
        approved(taught)
        deadline = time.monotonic() + 6 * PATIENCE  # the search is trained anew
        while "Staff answer, approved by review on" not in screen.text:
            assert time.monotonic() < deadline
            screen.types(GENERAL)
            screen.prompt()
        assert ANSWER.split(".", maxsplit=1)[0] in screen.text
        assert "about O4" in screen.text
    with Terminal(["chat", "--as", "fay"], taught) as screen:  # and after a restart
        screen.prompt()
        screen.types(GENERAL)
        screen.until("Staff answer, approved by review on")
