"""A sentence as a vector: the forward pass of all-MiniLM-L6-v2, in numpy.

Six transformer layers of 384 numbers a word piece with 12 heads, as BERT has them (Devlin et al.
2019), then the mean over the pieces, of length 1 (Reimers and Gurevych 2019). A sentence of ten
words takes about 7 ms on one core. The weights are read through a memory map, so that processes of
one machine share them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Floats = NDArray[np.float32]

DIMENSIONS = 384
_LAYERS = 6
_HEADS = 12
_MOST_PIECES = 128  # of a text; the model was trained on no more
_BATCH = 32
_EPSILON = 1e-12


@dataclass(frozen=True, slots=True)
class _Layer:
    query: tuple[Floats, Floats]
    key: tuple[Floats, Floats]
    value: tuple[Floats, Floats]
    mixed: tuple[Floats, Floats]
    mixed_norm: tuple[Floats, Floats]
    wide: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    norm: tuple[Floats, Floats]


class MiniLM:
    """The model of a folder with ``model.safetensors`` and ``tokenizer.json``. Thread-safe.

    Raises OSError where a file cannot be read, and ValueError or KeyError where it holds another
    model.
    """

    def __init__(self, folder: Path) -> None:
        weights = _read(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MOST_PIECES)
        self._tokenizer.no_padding()

        def pair(name: str) -> tuple[Floats, Floats]:
            return weights[f"{name}.weight"], weights[f"{name}.bias"]

        def dense(name: str) -> tuple[Floats, Floats]:
            weight, bias = pair(name)
            return weight.T, bias

        self._pieces = weights["embeddings.word_embeddings.weight"]
        self._places = weights["embeddings.position_embeddings.weight"]
        self._segment = weights["embeddings.token_type_embeddings.weight"][0]
        self._norm = pair("embeddings.LayerNorm")
        self._layers = tuple(
            _Layer(
                query=dense(f"encoder.layer.{at}.attention.self.query"),
                key=dense(f"encoder.layer.{at}.attention.self.key"),
                value=dense(f"encoder.layer.{at}.attention.self.value"),
                mixed=dense(f"encoder.layer.{at}.attention.output.dense"),
                mixed_norm=pair(f"encoder.layer.{at}.attention.output.LayerNorm"),
                wide=dense(f"encoder.layer.{at}.intermediate.dense"),
                narrow=dense(f"encoder.layer.{at}.output.dense"),
                norm=pair(f"encoder.layer.{at}.output.LayerNorm"),
            )
            for at in range(_LAYERS)
        )
        if self._pieces.shape[1] != DIMENSIONS:
            raise ValueError(f"{folder} holds a model of another size")

    def encode(self, texts: Sequence[str]) -> Floats:
        """One row of length 1 a text: (len(texts), 384)."""
        pieces = [encoded.ids for encoded in self._tokenizer.encode_batch(list(texts))]
        rows = np.zeros((len(pieces), DIMENSIONS), np.float32)
        # Texts of like length together, so that little is computed for padding.
        order = sorted(range(len(pieces)), key=lambda at: len(pieces[at]))
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            longest = max(len(pieces[at]) for at in chosen)
            ids = np.zeros((len(chosen), longest), np.int64)
            mask = np.zeros((len(chosen), longest), np.float32)
            for row, at in enumerate(chosen):
                ids[row, : len(pieces[at])] = pieces[at]
                mask[row, : len(pieces[at])] = 1
            rows[chosen] = self._forward(ids, mask)
        return rows

    def _forward(self, ids: NDArray[np.int64], mask: Floats) -> Floats:
        texts, length = ids.shape
        x = _normal(self._pieces[ids] + self._places[:length] + self._segment, *self._norm)
        x = x.reshape(texts * length, DIMENSIONS)
        hidden = np.where(mask > 0, np.float32(0), np.float32(-1e9))[:, None, None, :]

        def heads(of: tuple[Floats, Floats]) -> Floats:
            size = DIMENSIONS // _HEADS
            return (x @ of[0] + of[1]).reshape(texts, length, _HEADS, size).swapaxes(1, 2)

        for layer in self._layers:
            scale = np.float32(1 / math.sqrt(DIMENSIONS // _HEADS))
            scores = heads(layer.query) @ heads(layer.key).swapaxes(-1, -2) * scale + hidden
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            seen = (scores / scores.sum(-1, keepdims=True)) @ heads(layer.value)
            seen = seen.swapaxes(1, 2).reshape(texts * length, DIMENSIONS)
            x = _normal(seen @ layer.mixed[0] + layer.mixed[1] + x, *layer.mixed_norm)
            wide = _gelu(x @ layer.wide[0] + layer.wide[1])
            x = _normal(wide @ layer.narrow[0] + layer.narrow[1] + x, *layer.norm)
        shares = mask[:, :, None]
        mean = (x.reshape(texts, length, DIMENSIONS) * shares).sum(1) / shares.sum(1)
        rows: Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return rows


def _read(file: Path) -> dict[str, Floats]:
    """The tensors of a safetensors file: 8 bytes with the header's length, the header (JSON: name,
    type, shape, place), then the numbers."""
    raw = np.memmap(file, dtype=np.uint8, mode="r")
    length = int(raw[:8].view("<u8")[0])
    head = json.loads(bytes(raw[8 : 8 + length]))
    tensors: dict[str, Floats] = {}
    for name, entry in head.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = (8 + length + at for at in entry["data_offsets"])
        tensors[name] = raw[start:end].view("<f4").reshape(entry["shape"])
    return tensors


def _normal(x: Floats, weight: Floats, bias: Floats) -> Floats:
    x = x - x.mean(-1, keepdims=True)
    spread = np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(_EPSILON))
    scaled: Floats = x / spread * weight + bias
    return scaled


def _gelu(x: Floats) -> Floats:
    """x times the share of a normal distribution below x; erf as in Abramowitz and Stegun 7.1.26,
    which is off by at most 1.5e-7."""
    scaled = np.abs(x) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * scaled)
    series = np.float32(1.061405429) * t - np.float32(1.453152027)
    for factor in (1.421413741, -0.284496736, 0.254829592):
        series = series * t + np.float32(factor)
    erf = np.sign(x) * (1 - series * t * np.exp(-scaled * scaled))
    half: Floats = np.float32(0.5) * x * (1 + erf)
    return half
