"""What all tests share: the search, trained once and kept where every process finds it."""

from __future__ import annotations

import pytest

from tests import postgres
from tests.play import house


def pytest_configure(config: pytest.Config) -> None:
    """Before any worker starts: on a fresh machine each would train the search by itself, and a
    program under test would still be at it when its first question is due."""
    if not hasattr(config, "workerinput"):
        house().library.prepare()


def pytest_sessionfinish() -> None:
    """Nothing of a test is left open, nor a server of its own running."""
    postgres.close()
