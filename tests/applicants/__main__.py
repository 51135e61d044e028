"""``python -m tests.applicants --seed 1 --count 2000 [--half tuning|held] [--show 3]``"""

from __future__ import annotations

import argparse
import asyncio
import sys

from tests.applicants.habits import HABITS
from tests.applicants.halves import HALVES
from tests.applicants.running import Outcome, run, table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--half", choices=HALVES, default="tuning")
    parser.add_argument("--habit", choices=list(HABITS), default="")
    parser.add_argument("--show", type=int, default=0, help="failures to show (tuning half only)")
    asked = parser.parse_args()

    async def all_of_them() -> list[Outcome]:
        return [
            await run(number, asked.seed, asked.half, asked.habit) for number in range(asked.count)
        ]

    outcomes = asyncio.run(all_of_them())
    print(f"half {asked.half}, seed {asked.seed}, {asked.count} applicants")
    print(table(outcomes))
    failed = [outcome for outcome in outcomes if not outcome.well]
    if asked.half == "tuning":  # the other half's failures are for nobody's eyes
        for outcome in failed[: asked.show]:
            print(
                f"\n--- {outcome.number} {outcome.habit}: {outcome.declared} -> {outcome.reached}"
            )
            print(f"    {outcome.trouble} {list(outcome.wrong)}")
            print("\n".join(f"    {line}" for line in outcome.lines))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
