"""``frontdesk knowledge``: ``teach``, ``candidates``, ``approve``, ``edit``, ``dismiss``,
``not-covered`` and ``export``. What staff answers teach, at the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from bot import teaching
from bot.app import article_folders, article_values
from bot.audit import note, note_candidate, question
from bot.channels.terminal_text import harmless
from bot.clock import minute
from bot.commands.common import Failure, console, opened, operator
from bot.config import Settings
from bot.environment import ConfigError
from bot.house import utc_now
from bot.judging import MAX_INSTEAD, MAX_NAME, MAX_QUESTION, MAX_TITLE, Code, Ground, NotDone
from bot.learned import learned
from bot.lesson_files import FileInTheWay, write_lessons
from bot.store import Reports, Transaction
from bot.store.rows import CandidateRow, EscalationRow
from bot.teaching import Wording
from knowledge.article import MAX_BUTTON, ArticleError
from knowledge.passages import MAX_PASSAGE

T = TypeVar("T")

_QUOTED = {"promise", "email", "phone", "link", "reference", "theirs", "button"}

IN_FORCE = "A serving process answers with it within a few seconds."

_WHY: dict[Code, str] = {
    "unknown": "There is nothing of that number. See: frontdesk knowledge candidates, or "
    "frontdesk questions",
    "unanswered": "The question is not answered yet. First: frontdesk answer ID TEXT",
    "wordless": "The question has no words of its own, so nothing can be learnt from it.",
    "taught": "The question is in candidate {id} already ({state}).",
    "dismissed_before": "Candidate {id} asks the same and was dismissed by {by} on {on}, so it is "
    "not proposed again.",
    "decided": "Candidate {id} was {state} by {by} on {on}. Nothing was changed.",
    "raw": "The question stands there in an applicant's own words. Put it in general words, as "
    'anybody would ask it: --question "..." (once or several times)',
    "language": "There are no articles in {what}. Name a language that has some: --language en",
    "title": f"Give a title of 1 to {MAX_TITLE} characters on one line: --title",
    "button": f"The button {{what}} is longer than {MAX_BUTTON} characters. Give one: --button",
    "about": "Say which facts of the program it is about: --about B1. There are: {what}",
    "fact": "There is no fact {what}. Those that there are, each with its article, stand in the "
    "articles' front matter; say one: --about B1",
    "question": f"A question is one line of 1 to {MAX_QUESTION} characters, without braces: "
    '--question "..."',
    "answer": "The answer cannot be shown: {what} (--answer)",
    "long": f"The answer has {{what}} characters, and a passage at most {MAX_PASSAGE}. "
    "Shorten it: --answer",
    "promise": "{what} promises acceptance, and only staff decide that. Say what is required, or "
    "who decides.",
    "email": "{what} is somebody's e-mail address. Leave it out.",
    "phone": "{what} looks like a phone number. Leave it out.",
    "link": "{what} is no address of the program. Leave it out, or set it in [program].",
    "reference": "{what} is one application's reference. Leave it out.",
    "theirs": "{what} is what one applicant told about themselves. Put it in general words.",
    "article": "It makes no article: {what}",
    "not_covered": "Candidate {id} is a question that is not covered. To change it: "
    "frontdesk knowledge edit {id}; to take it out: frontdesk knowledge dismiss {id}",
    "by": f"Say who decides, in 1 to {MAX_NAME} characters: --by NAME",
    "role": "Say as what you approve it, for the source line: --role review",
    "instead": f"What the bot says instead is one line of at most {MAX_INSTEAD} characters.",
    "bytes": "What was typed is no text: type it again, in UTF-8.",
    "nothing": "Nothing to change was given. See: frontdesk knowledge edit --help",
}


async def teach(settings: Settings, escalation: int, by: str) -> None:
    ground = _ground(settings)

    def job(tx: Transaction) -> teaching.Taught:
        taught = teaching.teach(tx, escalation, by, utc_now(), ground)
        note_candidate(
            tx, utc_now(), operator(by), "taught", taught.candidate, (question(escalation),)
        )
        return taught

    taught = await _done(settings, job)
    row = taught.candidate
    asked = f"asked {row.asked} times" if row.asked > 1 else "asked once"
    if taught.grouped:
        print(f"Candidate {_id(row)} asks the same; it counts this one too now ({asked}).")
    else:
        print(f"Candidate {_id(row)} is made ({asked}).")
    for title in taught.like:
        print(f'The article "{title}" answers a question like it.')
    for other in taught.uncovered:
        print(f"{_id(other)} says that a question like it is not covered; dismiss that one first.")
    print(f"To serve it: frontdesk knowledge approve {_id(row)} --help")


async def candidates(settings: Settings, everything: bool) -> None:
    states = ("waiting", "approved", "dismissed") if everything else ("waiting",)

    def query(reports: Reports) -> list[tuple[CandidateRow, Sequence[EscalationRow]]]:
        rows = reports.learning.candidates(*states)
        return [(row, reports.learning.sources(row.id)) for row in rows]

    async with opened(settings) as store:
        found = await store.read(query)
        if found:
            await store.run(lambda tx: note(tx, utc_now(), operator(), "saw", "candidates"))
    if not found:
        print("No candidate." if everything else "No candidate waits.")
        return
    screen = console()
    for row, sources in found:
        for line in _lines(row, sources):
            screen.print(harmless(line), soft_wrap=True)


def _lines(row: CandidateRow, sources: Sequence[EscalationRow]) -> list[str]:
    """A candidate, and under it the others that ask the same."""
    kind = "not covered, " if row.kind == "not_covered" else ""
    decided = f" by {row.decided_by} on {row.decided_at[:10]}" if row.decided_at else ""
    times = "once" if row.asked == 1 else f"{row.asked} times"
    lines = [f"{_id(row)}  {row.language}  {kind}{row.state}{decided}, asked {times}"]
    for name, text in (
        ("title", row.title),
        ("about", row.facts),
        *(("question", one) for one in row.questions),
        ("instead" if row.kind == "not_covered" else "answer", row.answer),
    ):
        if text:
            lines.append(f"    {name}: " + text.replace("\n", "\n        "))
    if not row.worded:
        lines.append("    (the question is in an applicant's own words)")
    for source in sources:
        said = " ".join(source.question.split())
        if said in row.questions:
            continue
        lines.append(f"    also asked ({source.id}, {minute(source.asked_at)} UTC): {said}")
        if source.answer not in ("", row.answer):
            lines.append(f"        answered: {' '.join(source.answer.split())}")
    return lines


async def approve(settings: Settings, id: str, wording: Wording, by: str, role: str) -> None:
    number, ground = _number(id), _ground(settings)

    def job(tx: Transaction) -> CandidateRow:
        row = teaching.approve(tx, number, wording, by, role, utc_now(), ground)
        note_candidate(tx, utc_now(), operator(by), "approved", row)
        return row

    row = await _done(settings, job)
    print(f'Approved: {_id(row)} is the article "{row.title}" ({row.article}). {IN_FORCE}')


async def edit(settings: Settings, id: str, wording: Wording, by: str, role: str) -> None:
    number, ground = _number(id), _ground(settings)

    def job(tx: Transaction) -> CandidateRow:
        row = teaching.edit(tx, number, wording, by, role, utc_now(), ground)
        note_candidate(
            tx,
            utc_now(),
            operator(by),
            "changed",
            row,
            [k for k, v in asdict(wording).items() if v is not None],
        )
        return row

    row = await _done(settings, job)
    print(f"Changed: {_id(row)}." + (f" {IN_FORCE}" if row.state == "approved" else ""))


async def dismiss(settings: Settings, id: str, by: str) -> None:
    number = _number(id)

    def job(tx: Transaction) -> CandidateRow:
        row = teaching.dismiss(tx, number, by, utc_now())
        note_candidate(tx, utc_now(), operator(by), "dismissed", row)
        return row

    row = await _done(settings, job)
    print(f"Dismissed: {_id(row)}. What asks the same is not proposed again.")


async def not_covered(settings: Settings, which: str, asked: str, instead: str, by: str) -> None:
    """``which``: a question's id, or a candidate's (``c3``)."""
    ground = _ground(settings)
    from_ = _number(which) if which.strip().lower().startswith("c") else 0
    escalation = 0 if from_ else _number(which)

    def job(tx: Transaction) -> CandidateRow:
        row = teaching.not_covered(tx, escalation, from_, asked, instead, by, utc_now(), ground)
        note_candidate(tx, utc_now(), operator(by), "not_covered", row)
        return row

    row = await _done(settings, job)
    print(f"Not covered: {_id(row)}. {IN_FORCE.replace('answers with', 'knows of')}")
    if not row.worded:
        print(
            "It is in the applicant's own words, and is gone when these are erased. In general "
            f'words it stays: frontdesk knowledge edit {_id(row)} --question "..."'
        )


async def export(settings: Settings, folder: Path) -> None:
    folders = article_folders(settings)
    async with opened(settings) as store:
        await store.run(lambda tx: note(tx, utc_now(), operator(), "exported", "articles"))
        taught = await store.read(learned)
        rows = await store.read(lambda reports: reports.learning.candidates("approved"))
    raw = {row.question for row in rows if row.kind == "not_covered" and not row.worded}
    general = tuple(each for each in taught.not_covered if each.question not in raw)
    try:
        written = write_lessons(folder, taught.articles, general, folders.articles)
    except FileInTheWay as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"{error.filename or folder}: cannot be written ({error.strerror})") from None
    print(f"Articles: {len(taught.articles)}. Questions that are not covered: {len(general)}.")
    for path in written:
        print(f"  {path}")
    if raw:
        print(
            f"Left out, being in applicants' own words: {len(raw)}. See: frontdesk knowledge edit"
        )


async def _done(settings: Settings, job: Callable[[Transaction], T]) -> T:
    async with opened(settings) as store:
        try:
            return await store.run(job)
        except NotDone as refused:
            raise Failure(_why(refused)) from None


def _why(refused: NotDone) -> str:
    row = refused.row
    values = {"what": f'"{refused.what}"' if refused.code in _QUOTED else refused.what}
    if row is not None:
        values |= {
            "id": _id(row), "state": row.state, "by": row.decided_by, "on": row.decided_at[:10]
        }  # fmt: skip
    return harmless(_WHY[refused.code].format(**values))


def _ground(settings: Settings) -> Ground:
    program = article_values(settings)
    try:
        articles = article_folders(settings).read().articles
    except ArticleError as error:
        raise ConfigError("articles", str(error)) from None
    own = ("learn_more_url", "certification_url", "application_email")
    return Ground(articles, tuple(program[key] for key in own if program.get(key)))


def _id(row: CandidateRow) -> str:
    return f"c{row.id}"


def _number(id: str) -> int:
    digits = id.strip().lower().removeprefix("c")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise Failure(
            f'"{harmless(id)}" is no id. A candidate\'s looks like c3: '
            "frontdesk knowledge candidates"
        )
    return int(digits)
