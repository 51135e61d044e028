"""``python -m tests.applicants --seed 1 --count 2000 [--half tuning|held] [--show 3] [--matrices]``

The held half gives its figures and nothing else: whoever sees what failed in it would mend that.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from tests.applicants.correcting import by_words, pairs, ways
from tests.applicants.digressing import digressions, odd_answers
from tests.applicants.habits import HABITS
from tests.applicants.halves import HALVES, Half
from tests.applicants.running import Outcome, languages, run, table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--half", choices=HALVES, default="tuning")
    parser.add_argument("--habit", choices=list(HABITS), default="", help="one habit for all")
    parser.add_argument("--show", type=int, default=0, help="failures to show (tuning half only)")
    parser.add_argument("--matrices", action="store_true", help="the matrices, not the applicants")
    asked = parser.parse_args()
    print(f"half {asked.half}, seed {asked.seed}, languages {' '.join(languages())}")
    if asked.matrices:
        return _matrices(asked.half, asked.seed, asked.show if asked.half == "tuning" else 0)

    async def all_of_them() -> list[Outcome]:
        return [
            await run(number, asked.seed, asked.half, asked.habit) for number in range(asked.count)
        ]

    outcomes = asyncio.run(all_of_them())
    print(table(outcomes))
    failed = [outcome for outcome in outcomes if not outcome.well]
    for outcome in failed[: asked.show if asked.half == "tuning" else 0]:
        print(f"\n--- {outcome.number} {outcome.habit}: {outcome.declared} -> {outcome.reached}")
        print(f"    {outcome.trouble} {list(outcome.wrong)}")
        print("\n".join(f"    {line}" for line in outcome.lines))
    return bool(failed)


def _matrices(half: Half, seed: int, show: int) -> int:
    failed = 0
    for language in languages():
        found = list(digressions(half, seed, language))
        bad = [row for row in found if not row.well]
        asked = sum(len(row.asked) for row in found)
        polluted = sum(bool(row.polluted) for row in found)
        print(
            f"side questions, {language}: {asked} in {len(found)} rows;"
            f" {polluted} filled a field, {len(bad) - polluted} answers not taken afterwards"
        )
        failed += len(bad)
        _shown([row.lines for row in bad[:show]])
    taken = list(odd_answers(half))
    otherwise = [each for each in taken if not each.well]
    lost = [each for each in otherwise if not each.undone]
    share = len(otherwise) / len(taken)
    print(f"odd answers: {len(taken)}; {len(otherwise)} taken otherwise ({share:.1%}),", end=" ")
    print(f"{len(lost)} of them not undone with one tap")
    failed += len(lost) + (share > 0.01)
    _shown([each.lines for each in otherwise[:show]])
    found_ = [by_words(half, at, of, way) for at, of in pairs() for way in range(ways(half))]
    wrong = [each for each in found_ if each.trouble]
    print(f"corrections by words: {len(found_)}; {len(wrong)} wrong")
    _shown([(each.trouble, *each.lines) for each in wrong[:show]])
    return bool(failed + len(wrong))


def _shown(talks: Sequence[Sequence[str]]) -> None:
    for lines in talks:
        print("\n".join(f"    {line}" for line in lines), end="\n\n")


if __name__ == "__main__":
    sys.exit(main())
