"""``make accuracy``: the fields' readers and the search, over labelled data.

A section of the report is a function from the command's options to a text; a further one is one
more entry in SECTIONS.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tests.accuracy import corpora, report, search
from tests.accuracy.fields import MEASURES, READERS, Seen, stays_itself
from tests.accuracy.messages import messages
from tests.accuracy.program import program
from tests.benchmarks.progress import Progress


def main() -> None:
    given = options().parse_args()
    only = "fields" if given.wrong else given.only
    for name, (title, section) in SECTIONS.items():
        if only in (None, name):
            print(f"\n== {title}\n")
            print(section(given), flush=True)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy")
    parser.add_argument(
        "--half",
        choices=("a", "b", "held"),
        help="fields: look at one half of each file only. The kept-apart half of the questions "
        "about the program is read with `held` alone",
    )
    parser.add_argument("--only", choices=tuple(SECTIONS), help="one section")
    parser.add_argument("--wrong", metavar="FIELD", help="list the rows that a field gets wrong")
    topics = parser.add_argument_group("search")
    topics.add_argument(
        "--corpus", metavar="FOLDER", help="train.csv and test.csv (text,category) of another set"
    )
    for name, usual, of in (
        ("--draws", search.DRAWS, "of examples, topics held out and questions"),
        ("--questions", search.QUESTIONS, "test questions of each draw"),
    ):
        topics.add_argument(name, type=_some, default=usual, metavar="N", help=f"{of} ({usual})")
    return parser


def _some(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number of 1 or more")
    return number


def fields(given: argparse.Namespace) -> str:
    """A table a field, then the goals."""
    if not corpora.present():
        return NOTHING
    seen: dict[str, list[Seen]] = {}
    half = "b" if given.half == "held" else given.half
    for measure in MEASURES:
        if given.wrong and not measure.name.startswith(given.wrong):
            continue
        rows = [row for row in measure.rows() if half in (None, row.half)]
        progress = Progress(measure.name, len(rows))
        found = seen[measure.name] = []
        for nth, row in enumerate(rows):
            found.append(measure.see(row))
            progress.to(nth + 1)
        progress.done()
    texts = [report.table(name, found) for name, found in seen.items()]
    if given.wrong:
        return "\n".join(
            [*texts, *(line for found in seen.values() for line in report.wrong(found))]
        )
    return "\n\n".join([*texts, report.summary(seen)])


def naughty(_: argparse.Namespace) -> str:
    """Every reader over every hostile text: what it takes must stay; one that raises ends it."""
    if not corpora.present():
        return NOTHING
    rows = corpora.rows("naughty")
    lines = []
    for name, reader in READERS.items():
        moved = [row for row in rows if not stays_itself(reader, row.input)]
        lines.append(f"{name:10}{len(rows)} texts read, {len(moved)} not stable")
    return "\n".join(lines)


NOTHING = f"{corpora.ABSENT}. Nothing to measure."

SECTIONS: dict[str, tuple[str, Callable[[argparse.Namespace], str]]] = {
    "fields": ("Fields", fields),
    "hostile": ("Hostile texts", naughty),
    "search": ("Search over a public set of questions", search.search),
    "program": ("Questions about the program", program),
    "messages": ("Several questions in one message, and follow-up questions", messages),
}


if __name__ == "__main__":
    main()
