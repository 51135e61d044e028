"""``knowledge ...``: what is wrong with the articles and the lists of what they do not cover."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bot.app import article_values
from bot.channels.terminal_text import harmless
from bot.commands.checking import tell
from bot.commands.common import console
from bot.config import Settings
from knowledge.checks import Report, check_knowledge
from knowledge.sources import ARTICLES, NOT_COVERED


def check(settings: Settings, folder: Path | None) -> bool:
    """Whether everything is good. ``folder``: other articles than the shipped ones; their lists
    are the ``not_covered`` beside it, if there is one."""
    lists = NOT_COVERED if folder is None else folder.absolute().parent / NOT_COVERED.name
    report = check_knowledge(folder or ARTICLES, lists, article_values(settings))
    for fault in report.faults:
        file, _, told = harmless(fault).partition(": ")
        tell(file, False, told)
    if report.faults:
        many = len(report.faults)
        console().print(f"{many} {'fault' if many == 1 else 'faults'} to mend", soft_wrap=True)
        return False
    for language in sorted({article.language for article in report.articles}):
        tell(language, True, _counted(report, language))
    return True


def _counted(report: Report, language: str) -> str:
    shelf = [article for article in report.articles if article.language == language]
    asked = sum(len(article.questions) for article in shelf)
    refused = report.not_covered.get(language, ())
    topics = len(Counter(item.topic for item in refused))
    return (
        f"{len(shelf)} articles, asked in {asked} ways; "
        f"{len(refused)} questions not covered, on {topics} topics"
    )
