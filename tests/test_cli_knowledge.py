"""What authors do at the command line: ask, evaluate, import."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from bot.check import check
from bot.config import Knowledge, Settings, Store
from bot.store.sqlite import open_store
from knowledge.folder import load_articles
from knowledge.sources import ARTICLES
from tests.commands import Done, frontdesk
from tests.play import house

CREDIT = "do I need a credit line?"
HOSTILE = [
    "",
    " ",
    "x" * 100_000,
    "\x1b[2J\x00\x07",
    "[red]credit[/red]",
    "{program}",
    "\ud800",
    "?",
]


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Three of the articles, in a folder of their own."""
    folder = tmp_path / "articles"
    (folder / "en").mkdir(parents=True)
    for name in ("credit-line", "website", "po-box"):
        text = (ARTICLES / "en" / f"{name}.md").read_text(encoding="utf-8")
        lines = [x if not x.startswith("related") else "related = []" for x in text.split("\n")]
        (folder / "en" / f"{name}.md").write_text("\n".join(lines), encoding="utf-8")
    shutil.copy(ARTICLES / "en" / "words.toml", folder / "en")
    return folder


def good(done: Done) -> str:
    assert (done.code, done.err) == (0, "")
    return done.out


def failed(done: Done, code: int = 1) -> str:
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("frontdesk: ")
    assert done.err.count("\n") == 1
    return done.err


# --- ask ---


def test_ask_gives_the_answer_its_source_and_what_else_came_near(tmp_path: Path) -> None:
    out = good(frontdesk(tmp_path, "ask", CREDIT))
    lines = out.splitlines()
    assert lines[0].startswith("Answers with credit-line (best confidence 0.")
    assert any(line.startswith("A credit line (a limit up to which") for line in lines)
    assert "Source: Business requirements, B3 (en/credit-line.md, " in out
    assert "Given from confidence 0." in out
    head = lines.index("confidence\tarticle\ttitle\tlikeness\tnearest question")
    best = lines[head + 1].split("\t")
    assert best[1:3] == ["credit-line", "Credit line"]
    assert best[4] == CREDIT
    assert 1 <= len(lines) - head - 1 <= 4
    assert list(tmp_path.iterdir()) == []  # asking leaves no database behind


def test_ask_says_what_it_would_do_without_an_answer(articles: Path) -> None:
    def said(question: str) -> str:
        return good(frontdesk(articles.parent, "ask", question, "--articles", "articles"))

    assert said("zebra").startswith("Says that it does not know, and offers to ask staff (nothing")
    unsure = said("must my bank know?")
    assert unsure.startswith("Asks which of these is meant (best confidence 0.")
    assert "\n- Credit line\n" in unsure
    assert "A credit line (a limit" not in unsure


def test_ask_in_json_is_one_object_with_all_of_it(articles: Path) -> None:
    def asked(*arguments: str) -> dict[str, object]:
        out = good(
            frontdesk(articles.parent, "ask", *arguments, "--articles", "articles", "--json")
        )
        assert out.count("\n") == 1
        found: dict[str, object] = json.loads(out)
        return found

    found = asked(CREDIT)
    assert found["band"] == "answer"
    answer, (best, *_) = found["answer"], found["candidates"]  # type: ignore[misc]
    assert isinstance(answer, dict)
    assert (answer["article"], answer["facts"]) == ("credit-line", ["B3"])
    assert best["nearest"] == CREDIT  # type: ignore[has-type]
    assert found["thresholds"]["unsure"] < found["thresholds"]["answer"]  # type: ignore[index]
    nothing = asked("zebra", "--language", "id")
    assert (nothing["answer"], nothing["language"]) == (None, "id")
    assert asked("and why?", "--previous", CREDIT)["previous"] == CREDIT


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_ask_takes_any_text(question: str, articles: Path) -> None:
    options = ("--articles", "articles", "--", question)
    out = good(frontdesk(articles.parent, "ask", *options))
    assert "\x1b" not in out
    assert len(out) < 5000
    assert json.loads(good(frontdesk(articles.parent, "ask", "--json", *options)))


def test_ask_in_a_language_without_articles_says_so(articles: Path) -> None:
    out = good(
        frontdesk(articles.parent, "ask", CREDIT, "--articles", "articles", "--language", "xx")
    )
    assert out.startswith('No article is in "xx": English is searched.\nAnswers with credit-line')


def test_ask_uses_the_folder_of_the_settings(articles: Path) -> None:
    (articles.parent / "config.toml").write_text(
        '[knowledge]\narticles = "articles"\n', encoding="utf-8"
    )
    file = articles / "en" / "credit-line.md"
    file.write_text(file.read_text(encoding="utf-8").rpartition("+++\n")[0] + "+++\nOurs.\n")
    assert "\nOurs.\n" in good(frontdesk(articles.parent, "ask", CREDIT))


def test_broken_articles_are_named(articles: Path) -> None:
    (articles / "en" / "website.md").write_text("", encoding="utf-8")
    told = failed(frontdesk(articles.parent, "ask", "x", "--articles", "articles"), code=2)
    assert "articles: en/website.md: is empty" in told
    told = failed(frontdesk(articles.parent, "ask", "x", "--articles", "nowhere"), code=2)
    assert "nowhere: cannot be read" in told


# --- evaluate ---


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [
        {"question": CREDIT, "article": "credit-line"},
        {"question": "must we have a website?", "article": "website"},
        {"question": "can I use a PO box?", "article": "website", "also": ["po-box"]},
        {"question": "is a line of credit required?", "article": "website"},
        {"question": "zebra", "article": None},
    ]
    file = tmp_path / "labelled.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def test_evaluate_counts_and_names_the_confusions(articles: Path, labelled: Path) -> None:
    out = good(
        frontdesk(
            articles.parent, "knowledge", "evaluate", "labelled.jsonl", "--articles", "articles"
        )
    )
    measures, confusions = out.split("\n\n")
    assert "75.0%\tof the given answers are right\t3 of 4" in measures.splitlines()
    assert "100.0%\tof the unknown questions refused\t1 of 1" in measures.splitlines()
    assert "1.000\tAUROC, known against unknown\t4 known, 1 unknown" in measures.splitlines()
    (row,) = confusions.splitlines()[1:]
    assert row.split("\t")[1:] == ["is a line of credit required?", "website", "credit-line", "yes"]


def test_evaluate_writes_a_page_and_prints_one_object(articles: Path, labelled: Path) -> None:
    command = ("knowledge", "evaluate", "labelled.jsonl", "--articles", "articles")
    out = good(frontdesk(articles.parent, *command, "--html", "page.html", "--json"))
    found = json.loads(out)
    assert out.count("\n") == 1
    assert found["given_right"] == {"share": 0.75, "part": 3, "of": 4}
    assert found["in_force"] == {"coverage": 1.0, "precision": 0.75}
    assert found["pairs"] == [{"wanted": "website", "given": "credit-line", "count": 1}]
    page = (articles.parent / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "is a line of credit required?" in page
    assert "page.html" in good(frontdesk(articles.parent, *command, "--html", "page.html"))
    told = failed(frontdesk(articles.parent, *command, "--html", "nowhere/page.html"))
    assert "nowhere/page.html cannot be written" in told


def test_evaluate_refuses_what_it_cannot_measure(articles: Path, labelled: Path) -> None:
    def refused(text: str) -> str:
        labelled.write_text(text, encoding="utf-8")
        return failed(
            frontdesk(
                articles.parent, "knowledge", "evaluate", "labelled.jsonl", "--articles", "articles"
            )
        )

    assert "labelled.jsonl, line 1: is no JSON object" in refused("{")
    assert "no article 'zebra' (line 1)" in refused('{"question": "q?", "article": "zebra"}')


# --- import ---

SHEET = "text,category\n" + "".join(
    f'"what about {topic}, case {number}?",{topic.replace(" ", "_")}\n'
    for topic in ("card fees", "lost cards", "PIN codes")
    for number in range(5)
)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    file = tmp_path / "sheet.csv"
    file.write_text(SHEET + "once?,rare\n", encoding="utf-8")
    return file


def imported(folder: Path, *options: str) -> Done:
    return frontdesk(folder, "knowledge", "import", "sheet.csv", *options)


def test_import_makes_articles_and_says_the_next_command_which_works(sheet: Path) -> None:
    folder = sheet.parent
    out = good(imported(folder, "--to", "mine"))
    assert out.startswith("3 articles, 15 questions: mine/en\n\nLeft out: 1 questions\n")
    assert "1\t'rare'\thas fewer than 5 different questions" in out
    loaded = load_articles(folder / "mine", {})
    assert [article.id for article in loaded] == ["card-fees", "lost-cards", "pin-codes"]
    assert {article.facts for article in loaded} == {("X1",)}
    assert sorted(path.name for path in folder.iterdir()) == ["mine", "sheet.csv"]
    _, ask, evaluate = out.splitlines()[-3:]
    program, *asked = shlex.split(ask)
    assert program == "frontdesk"
    assert good(frontdesk(folder, *asked)).startswith("Answers with card-fees")
    assert evaluate == "frontdesk knowledge evaluate --articles mine --language en FILE"


def test_import_writes_over_nothing_unless_it_is_told_to(sheet: Path) -> None:
    folder = sheet.parent
    good(imported(folder, "--to", "mine"))
    own = folder / "mine" / "en" / "card-fees.md"
    words = folder / "mine" / "en" / "words.toml"
    own.write_text("my own", encoding="utf-8")
    words.write_text(words.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    told = failed(imported(folder, "--to", "mine"))
    assert "mine/en has card-fees.md, lost-cards.md, pin-codes.md already; --force" in told
    assert own.read_text(encoding="utf-8") == "my own"
    good(imported(folder, "--to", "mine", "--force", "--fact", "B7"))
    assert load_articles(folder / "mine", {})[0].facts == ("B7",)
    assert words.read_text(encoding="utf-8").endswith("# mine\n")


def test_import_puts_a_second_language_beside_the_first(sheet: Path) -> None:
    folder = sheet.parent
    good(imported(folder, "--to", "deep/mine"))
    good(imported(folder, "--to", "deep/mine", "--language", "id"))
    loaded = load_articles(folder / "deep" / "mine", {})
    assert [article.language for article in loaded] == ["en"] * 3 + ["id"] * 3


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--to", "mine", "--language", "../x"), '--language: "../x" is no code'),
        (("--to", "mine", "--fact", "x"), '--fact: "x" is no fact id'),
        (("--to", "sheet.csv"), "sheet.csv cannot be written"),
    ],
)
def test_import_refuses_before_it_writes(options: tuple[str, ...], told: str, sheet: Path) -> None:
    assert told in failed(imported(sheet.parent, *options))
    assert [path.name for path in sheet.parent.iterdir()] == ["sheet.csv"]


def test_import_of_nothing_usable_writes_nothing(sheet: Path) -> None:
    sheet.write_text("text,category\nonce?,rare\n", encoding="utf-8")
    done = imported(sheet.parent, "--to", "mine")
    assert done.code == 1
    assert "No article could be made" in done.err
    assert [path.name for path in sheet.parent.iterdir()] == ["sheet.csv"]


# --- check ---


async def articles_line(folder: Path) -> tuple[bool, str]:
    """What `frontdesk check` says of the articles."""
    settings = Settings(
        knowledge=Knowledge(articles=str(folder / "articles")),
        store=Store(url=f"sqlite:///{folder / 'frontdesk.db'}"),
    )
    findings = [finding async for finding in check(settings) if finding.what == "articles"]
    return findings[0].good, findings[0].told


async def test_check_counts_the_articles_and_names_the_encoder(articles: Path) -> None:
    (articles / "id").mkdir()
    for name in ("credit-line.md", "words.toml"):
        shutil.copy(articles / "en" / name, articles / "id" / name)
    library = house().library
    told = (
        f"3 in English ({library.encoder_name('en')}), "
        f"1 in Bahasa Indonesia ({library.encoder_name('id')})"
    )
    assert await articles_line(articles.parent) == (True, told)


async def test_check_says_of_broken_articles_that_the_old_ones_answer_where_it_is_so(
    articles: Path,
) -> None:
    (articles / "en" / "website.md").write_text("", encoding="utf-8")
    good, told = await articles_line(articles.parent)
    assert not good
    assert told == "en/website.md: is empty; start with the line +++"
    store = await open_store(articles.parent / "frontdesk.db", serving=True)
    try:
        good, served = await articles_line(articles.parent)
    finally:
        await store.close()
    assert not good
    assert served == f"{told} (the running process answers from the ones it read before)"
