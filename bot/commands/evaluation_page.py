"""An evaluation as one page of HTML: nothing outside of it is loaded, light and dark, for a phone
too. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bot.channels.terminal_text import harmless
from bot.commands.plot import plot
from knowledge.evaluation import Evaluation, Outcome, Share

MOST = 200
"""rows of a table; a page is to be read"""

STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfb; --card: #fff; --ink: #1d2329; --dim: #5c6670;
  --rule: #dfe3e6; --line: #1f6f8b; --mark: #c2410c; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181c; --card: #1b2126; --ink: #e8ebed;
  --dim: #9aa5ae; --rule: #323b43; --line: #62b6cb; --mark: #fb923c; --bad: #ff9c90; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 58rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; }
p { margin: .25rem 0 1rem; color: var(--dim); max-width: 42rem; }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem;
  margin: 1.5rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--rule); border-radius: .6rem;
  padding: .75rem .9rem; }
.tiles b { display: block; font-size: 1.6rem; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
.tiles span { display: block; font-size: .875rem; }
.tiles small { color: var(--dim); font-size: .8rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: .6rem;
  padding: .75rem; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
.rule { stroke: var(--rule); } .tick { fill: var(--dim); font-size: 14px; }
.axis { fill: var(--dim); font-size: 14px; } .label { fill: var(--ink); font-size: 15px;
  font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 5px; }
.curve { fill: none; stroke: var(--line); stroke-width: 2.5; stroke-linejoin: round;
  stroke-linecap: round; }
.mark { fill: var(--mark); stroke: var(--card); stroke-width: 2; }
.drop { stroke: var(--mark); stroke-dasharray: 4 4; }
table { width: 100%; border-collapse: collapse; font-size: .925rem; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: .8rem; }
th, td { padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--rule);
  vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, .short { white-space: nowrap; }
td.wrong { color: var(--bad); }
@media (max-width: 36rem) {
  .tiles { grid-template-columns: 1fr 1fr; }
  figure { padding: .25rem; } .tick, .axis, .label { font-size: 20px; }
  .stacks thead { display: none; }
  .stacks tr { display: block; border-bottom: 1px solid var(--rule); padding: .6rem 0; }
  .stacks td { display: flex; justify-content: space-between; gap: 1rem; border: 0;
    padding: .1rem 0; text-align: right; }
  .stacks td::before { content: attr(data-label); color: var(--dim); flex: none; }
  .stacks td.whole { display: block; text-align: left; font-weight: 600; }
  .stacks td.whole::before { content: none; }
}
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What was evaluated."""

    file: str
    articles: str
    """the folder"""
    encoder: str
    thresholds: tuple[float, float]
    """of the first language: titles are offered from, the article is given from"""
    made: str
    """``2026-11-22 18:22 UTC``"""


def measures(found: Evaluation) -> list[tuple[str, str, str, str]]:
    """(key, what, result, of how many): the rows of every report."""
    rows: list[tuple[str, str, str, str]] = []
    for key, what, share in (
        ("given_right", "of the given answers are right", found.given_right),
        ("answered_right", "of the known questions answered right", found.answered_right),
        ("refused", "of the unknown questions refused", found.refused),
        ("accuracy", "of the known questions: right article first", found.accuracy),
        ("offered", "of the known, not answered: right title offered", found.offered),
    ):
        rows.append((key, what, percent(share), f"{share.part} of {share.whole}"))
    told = "none" if found.auroc is None else f"{found.auroc:.3f}"
    counts = f"{found.known} known, {found.unknown} unknown"
    rows.append(("auroc", "AUROC, known against unknown", told, counts))
    return rows


def percent(share: Share) -> str:
    return "none" if share.value is None else f"{share.value:.1%}"


def page(found: Evaluation, subject: Subject) -> str:
    """The whole document."""
    offered, answered = subject.thresholds
    wrong = found.confusions[:MOST]
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>Evaluation of {_text(subject.file)}</title><style>{STYLE}</style></head><body>",
        f"<h1>How well {_text(subject.file)} is answered</h1>",
        f"<p>Articles: {_text(subject.articles)}. Encoder: {_text(subject.encoder)}. "
        f"Articles are given from confidence {answered:.2f}, titles offered from {offered:.2f}. "
        f"Made {_text(subject.made)}.</p>",
        '<ul class="tiles">',
        *(
            f"<li><b>{result}</b><span>{_text(what)}</span><small>{counts}</small></li>"
            for _, what, result, counts in measures(found)
        ),
        "</ul>",
        *_curve(found),
        "<h2>What became of the questions</h2>",
        _table(
            (("outcome", ""), ("known", "number"), ("unknown", "number")),
            [
                (what, str(found.bands[band][0]), str(found.bands[band][1]))
                for band, what in (
                    ("answer", "answered"),
                    ("unsure", "asked which title is meant"),
                    ("nothing", "said so, and offered to ask staff"),
                )
            ],
        ),
        "<h2>Worst confusions</h2>",
        f"<p>Answered wrongly first, then by confidence{_of(len(wrong), len(found.confusions))}."
        "</p>",
        _table(
            (
                ("question", "whole"),
                ("wanted", ""),
                ("given", "wrong"),
                ("confidence", "number"),
                ("outcome", "short"),
            ),
            [_confusion(outcome) for outcome in wrong],
            "stacks",
        ),
        "<h2>Confused most often</h2>",
        f"<p>Pairs of articles{_of(len(found.pairs[:MOST]), len(found.pairs))}.</p>",
        _table(
            (("wanted", ""), ("given", ""), ("how often", "number")),
            [(wanted or NONE, given, str(count)) for wanted, given, count in found.pairs[:MOST]],
        ),
        "</body></html>\n",
    ]
    return "\n".join(parts)


NONE = "(no answer)"


def _curve(found: Evaluation) -> list[str]:
    if not found.curve:
        return []
    point = found.in_force
    label = "" if point is None else (f"{point.coverage:.0%} answered, {point.precision:.0%} right")
    picture = plot(
        [(p.coverage, p.precision) for p in found.curve],
        (point.coverage, point.precision) if point else None,
        label,
        ("known questions answered", "given answers that are right"),
    )
    return [
        "<h2>Answering more, or answering surely</h2>",
        "<p>Each point of the line is a threshold: a lower one answers more questions (to the "
        "right) and is wrong more often (down). The dot is the one in force.</p>",
        f"<figure>{picture}</figure>",
    ]


def _confusion(outcome: Outcome) -> tuple[str, ...]:
    wanted = ", ".join(outcome.right) or NONE
    what = "answered" if outcome.answered else "not answered"
    return (outcome.question, wanted, outcome.best, f"{outcome.confidence:.3f}", what)


def _table(
    columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], kind: str = ""
) -> str:
    """`columns`: (title, CSS class)."""
    if not rows:
        return "<p>None.</p>"
    head = "".join(f'<th class="{css}">{_text(title)}</th>' for title, css in columns)
    body = "\n".join(
        "<tr>"
        + "".join(
            f'<td class="{css}" data-label="{title}">{_text(cell)}</td>'
            for (title, css), cell in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _of(shown: int, all_: int) -> str:
    return "" if shown == all_ else f"; the first {shown} of {all_}"


def _text(text: str) -> str:
    return escape(" ".join(harmless(text).split()))
