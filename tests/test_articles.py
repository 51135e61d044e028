"""The shipped articles say every fact of the program, plainly, and promise nothing.

Also: what a broken file says to its author.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import passages
from knowledge.article import Article, ArticleError, parse
from knowledge.checks import known_facts
from knowledge.folder import load_articles
from knowledge.not_covered import load_not_covered
from tests.reading_grade import reading_grade

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
FACTS = frozenset(
    [f"P{n}" for n in range(1, 5)]
    + [f"B{n}" for n in range(1, 5)]
    + [f"O{n}" for n in range(1, 8)]
    + [f"T{n}" for n in range(1, 6)]
    + [f"A{n}" for n in range(8)]
    + ["N1", "N2", "L1"]
)
OVERVIEWS = frozenset(
    [
        "requirements",
        "business-requirements",
        "operational-requirements",
        "certification",
        "application-details",
    ]
)
# Facts that the program's page leaves vague: (article, what it must not hide).
VAGUE = {
    "time-in-business": "gives no number",
    "audited-records": "does not say for how many years",
    "credit-line": "names no amount",
    "promote-brand": "does not say how",
    "service-standards": "gives no figures",
    "audits-reviews": "does not say how often",
    "reception-area": "gives no size",
    "workshop-area": "gives no size",
    "certified-technicians": "does not say how many",
    "exam-fees": "does not say what an exam costs",
    "experience": "does not say how much",
    "website": "names no exception",
    "location-phone": "does not say whether",
}
SETTINGS = {
    "name": "the Repair Partner scheme",
    "company": "Example Devices",
    "brand": "Examplo",
    "region": "Southeast Asia",
    "learn_more_url": "https://devices.example/programs",
    "certification_url": "https://devices.example/exams",
    "application_email": "apply@devices.example",
}
ARTICLES = load_articles(KNOWLEDGE / "articles", {})
NOT_COVERED = load_not_covered(KNOWLEDGE / "not_covered", {})
ENGLISH = [article for article in ARTICLES if article.language == "en"]


def in_english(articles: Iterable[Article]) -> dict[str, Article]:
    return {article.id: article for article in articles if article.language == "en"}


def plain(passage: str) -> str:
    """The passage as a person reads it: no marks, no addresses."""
    words = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", passage).replace("**", "")
    return re.sub(r"^[->] ", "", words, flags=re.MULTILINE)


def test_every_fact_is_cited_and_no_other() -> None:
    assert known_facts().keys() == FACTS
    assert {fact for article in ENGLISH for fact in article.facts} <= FACTS
    own = {fact for article in ENGLISH if article.id not in OVERVIEWS for fact in article.facts}
    assert own == FACTS, "an overview alone does not answer a question about a fact"


def test_the_table_of_facts_is_the_programs() -> None:
    page = KNOWLEDGE.parent.parent / "shared" / "PROGRAM.md"
    if not page.exists():
        pytest.skip("the program's page is not beside this checkout")
    found = re.findall(r"^\| ([A-Z]\d) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert frozenset(found) == FACTS


@pytest.mark.parametrize("article", ENGLISH, ids=lambda article: article.id)
class TestEachArticle:
    def test_reads_easily(self, article: Article) -> None:
        assert reading_grade(plain(article.passage)) <= 8

    def test_fits_on_a_phone_with_the_settings_of_a_real_company(self, article: Article) -> None:
        filled = load_articles(KNOWLEDGE / "articles", SETTINGS)
        longest = next(a for a in filled if a.id == article.id and a.language == "en")
        assert len(longest.passage) <= 600
        assert len(article.passage) <= 600
        assert len(article.button) < 20

    def test_speaks_calmly(self, article: Article) -> None:
        said = "\n".join((article.title, article.button, article.passage))
        assert "!" not in said
        assert said.isascii(), "no emoji, no typographic marks"
        for heading in (article.title, article.button, article.section):
            rest = re.sub(r"\b(?:DBA|PO)\b", "", heading)[1:]
            assert rest == rest.lower(), "sentence case"

    def test_is_asked_in_eighteen_or_more_ways(self, article: Article) -> None:
        assert len({question.casefold() for question in article.questions}) >= 18

    def test_offers_few_other_articles_and_all_exist(self, article: Article) -> None:
        assert len(article.related) <= (8 if article.id in OVERVIEWS else 2)
        assert set(article.related) <= {other.id for other in ENGLISH}

    def test_leaves_no_placeholder_and_no_dead_link(self, article: Article) -> None:
        words = (article.title, article.section, article.passage, *article.questions)
        assert not any(re.search(r"[{}]|\]\(\)", text) for text in words)

    def test_starts_each_paragraph_with_a_capital(self, article: Article) -> None:
        for line in article.passage.split("\n"):
            assert line.startswith("- ") or not line[:1].islower(), line


@pytest.mark.parametrize(("id", "words"), VAGUE.items(), ids=VAGUE.keys())
def test_a_vague_fact_is_said_to_be_vague_and_staff_are_offered(id: str, words: str) -> None:
    passage = next(article.passage for article in ENGLISH if article.id == id)
    assert words in passage
    assert "I can ask staff." in passage


def test_no_number_is_stated_that_the_page_does_not_give() -> None:
    for article in ENGLISH:
        assert not re.search(r"\d", article.passage), article.id


def test_acceptance_is_never_promised_where_it_is_asked_about() -> None:
    for article in ENGLISH:
        if article.id in {"no-guarantee", "how-to-apply", "requirements"}:
            said = re.search(r"not guarantee acceptance|there is no guarantee", article.passage)
            assert said, article.id


def test_no_question_is_asked_twice() -> None:
    """Nearly so: tests/test_checks.py."""
    asked = Counter(q.casefold().strip(" ?.") for a in ENGLISH for q in a.questions)
    asked.update(item.question.casefold().strip(" ?.") for item in NOT_COVERED["en"])
    assert [question for question, times in asked.items() if times > 1] == []


def test_every_language_has_every_article() -> None:
    ids = {article.id for article in ENGLISH}
    for language in {article.language for article in ARTICLES}:
        assert {a.id for a in ARTICLES if a.language == language} == ids


OTHERS = [article for article in ARTICLES if article.language != "en"]


@pytest.mark.parametrize("article", OTHERS, ids=lambda article: f"{article.language}-{article.id}")
class TestEachTranslation:
    def test_says_what_the_english_one_says(self, article: Article) -> None:
        """The same facts and ways on, as many items, links and strong words, and no number."""
        english = in_english(ARTICLES)[article.id]
        assert (article.facts, article.related) == (english.facts, english.related)
        for mark in (r"^- ", r"^> ", r"\*\*", r"\]\(", r"@"):
            found = [
                len(re.findall(mark, text, re.MULTILINE))
                for text in (article.passage, english.passage)
            ]
            assert found[0] == found[1], mark
        assert not re.search(r"\d", article.passage)

    def test_fits_on_a_phone_and_speaks_calmly(self, article: Article) -> None:
        filled = load_articles(KNOWLEDGE / "articles", SETTINGS)
        longest = next(a for a in filled if (a.language, a.id) == (article.language, article.id))
        assert len(longest.passage) <= 600
        assert len(article.button) < 20
        assert "!" not in article.passage
        assert not re.search(r"[{}]|\]\(\)", "".join((article.title, article.passage)))

    def test_is_asked_as_nothing_else_is(self, article: Article) -> None:
        shelf = [a for a in ARTICLES if a.language == article.language and a.id != article.id]
        others = {question.casefold() for other in shelf for question in other.questions}
        others |= {item.question.casefold() for item in NOT_COVERED[article.language]}
        own = [question.casefold() for question in article.questions]
        assert len(own) == len(set(own)) >= 18
        assert set(own) & others == set()


def test_a_vague_fact_is_said_to_be_vague_in_indonesian_too() -> None:
    vague = {article.id for article in ENGLISH if "I can ask staff." in article.passage}
    for article in OTHERS:
        if article.language == "id" and article.id in vague:
            assert "aya bisa menanyakannya kepada staf." in article.passage, article.id
            if "does not say" in in_english(ARTICLES)[article.id].passage:
                assert "tidak menyebut" in article.passage, article.id


def test_acceptance_is_never_promised_in_indonesian() -> None:
    for article in OTHERS:
        if article.id in {"no-guarantee", "how-to-apply", "requirements"}:
            assert re.search(r"tidak menjamin penerimaan|tidak ada jaminan", article.passage)
        rest = re.sub(r"tidak menjamin|tidak ada jaminan", "", article.passage)
        assert not re.search(r"\bjamin|menjamin|pasti|dijamin|otomatis", rest), article.id


def test_settings_replace_the_neutral_words() -> None:
    filled = in_english(load_articles(KNOWLEDGE / "articles", SETTINGS))
    neutral = in_english(ARTICLES)
    assert filled["about-program"].passage.startswith("The Repair Partner scheme is for")
    assert neutral["about-program"].passage.startswith("The Service Provider program is for")
    assert "Example Devices's Finance team in Southeast Asia" in filled["credit-line"].passage
    assert "the company's Finance team in the right region" in neutral["credit-line"].passage
    assert "apply@devices.example" in filled["how-to-apply"].passage
    assert "do I have to promote Examplo?" in filled["promote-brand"].questions
    assert filled["credit-line"].version == neutral["credit-line"].version


def test_a_link_without_an_address_becomes_plain_words() -> None:
    filled = in_english(load_articles(KNOWLEDGE / "articles", SETTINGS))
    neutral = in_english(ARTICLES)
    for name, words, address in (
        ("exam-preparation", "the certification page", SETTINGS["certification_url"]),
        ("other-programs", "the programs page", SETTINGS["learn_more_url"]),
    ):
        assert f"[{words}]({address})" in filled[name].passage
        assert f"{words} (staff can give you the address)" in neutral[name].passage
        assert "[" not in neutral[name].passage


# A broken file ---------------------------------------------------------------------------------

GOOD = """+++
title = "Credit line"
button = "Credit line"
section = "Business requirements"
facts = ["B3"]
related = []
updated = 2026-11-22
questions = ["a one", "b two", "c three", "d four", "e five"]
+++
A **credit line** is required by {company}. See [the page]({learn_more_url}).

- one item
> one quote
"""


def test_a_good_file_is_read_whole() -> None:
    article = parse(GOOD, id="credit-line", language="en")
    assert (article.id, article.language, article.title) == ("credit-line", "en", "Credit line")
    assert article.facts == ("B3",)
    assert article.questions == ("a one", "b two", "c three", "d four", "e five")
    assert article.updated == "2026-11-22"
    assert article.passage.startswith("A **credit line**")
    assert re.fullmatch(r"[0-9a-f]{12}", article.version)


def test_the_version_follows_the_content_and_not_the_line_ends() -> None:
    one = parse(GOOD, id="x", language="en")
    assert parse(GOOD.replace("\n", "\r\n"), id="x", language="en") == one
    assert parse(GOOD.replace("one item", "an item"), id="x", language="en").version != one.version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "Credit line"', 'title = "The credit line"'),
        ('button = "Credit line"', 'button = "Credit"'),
        ('section = "Business requirements"', 'section = "Business"'),
        ("related = []", 'related = ["audits"]'),
        ("2026-11-22", "2027-01-01"),
        ('"e five"', '"e five", "f six"'),
        ("**credit line**", "credit line"),
        ("is required by", "is\nrequired  by"),
        ("- one item\n> one quote", "one item\n\n- one quote"),
        ('["B3"]', '["B3", "B3"]'),
    ],
)
def test_the_substance_stays_where_nothing_is_said_otherwise(old: str, new: str) -> None:
    assert old in GOOD
    before = parse(GOOD, id="x", language="en")
    after = parse(GOOD.replace(old, new), id="x", language="en")
    assert after.version != before.version
    assert after.substance == before.substance


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("is required", "is not required"),
        ("one item", "two items"),
        ("[the page]", "[a page]"),
        ("({learn_more_url})", "(https://example.com)"),
        ('["B3"]', '["B3", "B2"]'),
    ],
)
def test_the_substance_changes_with_what_is_said(old: str, new: str) -> None:
    before = parse(GOOD, id="x", language="en")
    after = parse(GOOD.replace(old, new), id="x", language="en")
    assert re.fullmatch(r"[0-9a-f]{12}", before.substance)
    assert after.substance != before.substance


@pytest.mark.parametrize("key", ["company", "learn_more_url"])
def test_the_substance_changes_with_a_setting_that_the_passage_names(key: str, shelf: Path) -> None:
    (before,) = load_articles(shelf, SETTINGS)
    (after,) = load_articles(shelf, {**SETTINGS, key: SETTINGS[key] + "x"})
    (other,) = load_articles(shelf, {**SETTINGS, "region": "Elsewhere"})
    assert after.version == before.version
    assert after.substance != before.substance == other.substance


def test_a_passage_as_plain_text_keeps_its_lines_and_shows_addresses() -> None:
    text = "A **credit line**. See [the page](https://example.com/a).\n- one\n> two"
    shown = "A credit line. See the page (https://example.com/a).\n- one\n> two"
    assert passages.plain(text) == shown


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (GOOD, "", "is empty"),
        (GOOD, " \n ", "is empty"),
        (GOOD, "Just words.", "between two lines"),
        (GOOD, GOOD + "x" * 20_000, "at most 20000"),
        ("\n+++\nA", "\nA", "between two lines"),
        ("title = ", "title ", "is not TOML"),
        ("facts = ", "facts = " + "[" * 5000, "is not TOML"),
        ("facts = ", "facts = " + "9" * 5000 + " #", "is not TOML"),
        ('title = "Credit line"\n', "", "missing key title"),
        ("updated = 2026-11-22\n", "", "missing key updated"),
        ("related = []", 'related = []\ncolour = "red"', "unknown key colour"),
        ('title = "Credit line"', "title = 5", "`title` must be one line"),
        ('title = "Credit line"', 'title = " "', "`title` must be one line"),
        ('title = "Credit line"', 'title = "a\\nb"', "`title` must be one line"),
        ('button = "Credit line"', 'button = "A much too long label"', "shorten `button`"),
        ('button = "Credit line"', 'button = "{company}"', "write `button` without settings"),
        ('facts = ["B3"]', "facts = []", "`facts` holds"),
        ('facts = ["B3"]', 'facts = "B3"', "`facts` must be a list"),
        ('facts = ["B3"]', 'facts = ["three"]', "`facts` holds"),
        ('"e five"', '"A ONE"', "at least 5 different"),
        ('"e five"', "5", "`questions` must be a list"),
        ('"e five"', '"e {five}"', "there is no {five}"),
        ("related = []", 'related = ["credit-line"]', "`related` names up to"),
        ("related = []", 'related = ["a", "a"]', "`related` names up to"),
        ("2026-11-22", '"22.11.2026"', "as a date without quotes"),
        (GOOD[GOOD.index("A **") :], "", "write the passage"),
        (GOOD[GOOD.index("A **") :], "word " * 130, "shorten the passage"),
        ("- one item", "# A heading", "a heading"),
        ("- one item", "<b>bold</b>", "HTML"),
        ("- one item", "`code`", "code"),
        ("- one item", "1. first", "a numbered list"),
        ("- one item", "* one item", "a stray mark"),
        ("- one item", "+ one item", "a stray mark"),
        ("- one item", "-", "a stray mark"),
        ("- one item", "  - nested", "an indented line"),
        ("- one item", "---", "a rule"),
        ("- one item", "a | b", "a table"),
        ("- one item", "so *very* good", "a stray mark"),
        ("- one item", "so _very_ good", "emphasis"),
        ("- one item", "**never closed", "a stray mark"),
        ("- one item", "** spaced **", "a stray mark"),
        ("- one item", "![x](https://a.example/x.png)", "picture"),
        ("- one item", "[half a link](https://a.example", "broken link"),
        ("- one item", "{company", "a stray brace"),
        ("- one item", "{learn_more_url}", "only as a link's address"),
        ("- one item", "{colour}", "there is no {colour}"),
        ("- one item", "[a](javascript:x)", "lead to https"),
        ("- one item", "[a](http://a.example)", "lead to https"),
        ("- one item", "[a]({company})", "lead to https"),
        ("- one item", "a\tb", "invisible"),
        ("- one item", "a\u202eb", "invisible"),
    ],
)
def test_a_broken_file_is_refused_and_named(old: str, new: str, said: str) -> None:
    with pytest.raises(ArticleError, match=re.escape(said)) as refusal:
        parse(GOOD.replace(old, new), id="credit-line", language="en")
    assert str(refusal.value).startswith("en/credit-line.md: ")


@pytest.mark.parametrize("id", ["", "Credit-Line", "a b", "a--b", "-a", "../a", "ä"])
def test_a_file_name_that_makes_no_id_is_refused(id: str) -> None:
    with pytest.raises(ArticleError, match="name the file"):
        parse(GOOD, id=id, language="en")


@given(st.text(max_size=300), st.integers(0, len(GOOD)), st.integers(0, 40))
def test_no_text_breaks_the_reader_in_another_way(noise: str, at: int, cut: int) -> None:
    said = "en/x.md: "
    try:
        parse(GOOD[:at] + noise + GOOD[at + cut :], id="x", language="en")
    except ArticleError as refusal:
        said = str(refusal)
    assert said.startswith("en/x.md: ")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with one good article and its language's words."""
    english = tmp_path / "en"
    english.mkdir()
    words = (KNOWLEDGE / "articles" / "en" / "words.toml").read_text(encoding="utf-8")
    (english / "words.toml").write_text(words, encoding="utf-8")
    (english / "credit-line.md").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_a_folder_is_loaded_with_all_its_languages(shelf: Path) -> None:
    (shelf / "id").mkdir()
    for name in ("words.toml", "credit-line.md"):
        (shelf / "id" / name).write_bytes((shelf / "en" / name).read_bytes())
    loaded = load_articles(shelf, SETTINGS)
    assert [(a.language, a.id) for a in loaded] == [("en", "credit-line"), ("id", "credit-line")]


def test_a_byte_order_mark_is_harmless(shelf: Path) -> None:
    file = shelf / "en" / "credit-line.md"
    before = load_articles(shelf, {})
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_articles(shelf, {}) == before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("credit-line.md", b"\xff\xfe\x00", "en/credit-line.md: save the file as UTF-8"),
        ("credit-line.md", b"x" * 200_000, "en/credit-line.md: too large"),
        ("credit-line.md", GOOD.replace("[]", '["gone"]').encode(), "no en/gone.md"),
        ("Bad Name.md", GOOD.encode(), "en/Bad Name.md: name the file"),
        ("words.toml", b"company = 1", "en/words.toml: must hold exactly"),
        ("words.toml", b"company", "en/words.toml: is not TOML"),
        ("words.toml", b"company = " + b"[" * 5000, "en/words.toml: is not TOML"),
        ("words.toml", b"company = " + b"9" * 5000, "en/words.toml: is not TOML"),
        ("words.toml", None, "en/words.toml: is missing"),
    ],
)
def test_a_broken_folder_names_the_file(
    shelf: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is None:
        (shelf / "en" / name).unlink()
    else:
        (shelf / "en" / name).write_bytes(content)
    with pytest.raises(ArticleError, match=re.escape(said)):
        load_articles(shelf, {})


def test_a_folder_without_articles_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="holds no articles"):
        load_articles(tmp_path, {})
    with pytest.raises(ArticleError, match="cannot be read"):
        load_articles(tmp_path / "gone", {})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("company", "**Bold**"),
        ("brand", "[a](b)"),
        ("name", "two\nlines"),
        ("region", "<i>"),
        ("company", "{brand}"),
        ("learn_more_url", "devices.example"),
        ("learn_more_url", "javascript:alert(1)"),
        ("certification_url", "https://a.example/x(1)"),
        ("certification_url", "https://a.example/ x"),
    ],
)
def test_a_setting_that_would_break_a_passage_is_named(shelf: Path, key: str, value: str) -> None:
    with pytest.raises(ArticleError, match=rf"^program\.{key}: "):
        load_articles(shelf, {key: value})
