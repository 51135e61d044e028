"""What all tests share: the search, trained once and kept where every process finds it."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests import postgres
from tests.play import house

# A run draws what the last one drew, so a change is judged by itself. For new examples:
# pytest --hypothesis-profile=default
settings.register_profile("repeated", derandomize=True)
settings.load_profile("repeated")


def pytest_configure(config: pytest.Config) -> None:
    """Before any worker starts: on a fresh machine each would train the search by itself, and a
    program under test would still be at it when its first question is due."""
    if not hasattr(config, "workerinput"):
        house().library.prepare()


def pytest_sessionfinish() -> None:
    """Nothing of a test is left open, nor a server of its own running."""
    postgres.close()
