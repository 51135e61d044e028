"""``make accuracy``: every field's reader over the labelled data beside the project.

A section of the report is a function from the command's options to a text; a further one is one
more entry in SECTIONS.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tests.accuracy import corpora, report
from tests.accuracy.fields import MEASURES, READERS, Seen, stays_itself
from tests.benchmarks.progress import Progress


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy")
    parser.add_argument("--half", choices=("a", "b"), help="look at one half of each file only")
    parser.add_argument("--wrong", metavar="FIELD", help="list the rows that a field gets wrong")
    given = parser.parse_args()
    if not corpora.present():
        print(f"{corpora.ABSENT}. Nothing to measure.")
        return
    for title, section in SECTIONS.items():
        print(f"\n== {title}\n")
        print(section(given), flush=True)


def fields(given: argparse.Namespace) -> str:
    """A table a field, then the goals."""
    seen: dict[str, list[Seen]] = {}
    for measure in MEASURES:
        if given.wrong and not measure.name.startswith(given.wrong):
            continue
        rows = [row for row in measure.rows() if given.half in (None, row.half)]
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


def naughty(given: argparse.Namespace) -> str:
    """Every reader over every hostile text: what it takes must stay; one that raises ends it."""
    rows = corpora.rows("naughty")
    lines = []
    for name, reader in READERS.items():
        moved = [row for row in rows if not stays_itself(reader, row.input)]
        lines.append(f"{name:10}{len(rows)} texts read, {len(moved)} not stable")
    return "\n".join(lines)


SECTIONS: dict[str, Callable[[argparse.Namespace], str]] = {
    "Fields": fields,
    "Hostile texts": naughty,
}


if __name__ == "__main__":
    main()
