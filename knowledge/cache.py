"""Arrays in files, for the next start: only what can be computed again.

A file is named after its language and what it was made from, so that several databases, versions
and tests share a folder; of each language the `KEPT` used last stay.

Whatever is wrong with such a file (cut short, of another program, not readable), it is as if it
were not there.
"""

from __future__ import annotations

import contextlib
import secrets
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

_BROKEN = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


KEPT = 6


def read_arrays(folder: Path, language: str, key: str) -> Arrays | None:
    """What was kept under this key, else the newest of the language, else None."""
    for file in (_file(folder, language, key), *_newest(folder, language)[:1]):
        if (found := _read(file)) is not None:
            with contextlib.suppress(OSError):
                file.touch()  # what is used stays, whatever else is tried beside it
            return found
    return None


def write_arrays(folder: Path, language: str, key: str, arrays: Arrays) -> None:
    """Whole or not at all, also beside another process that does the same."""
    file = _file(folder, language, key)
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with contextlib.suppress(OSError):  # a folder that cannot be written costs time, no more
        folder.mkdir(parents=True, exist_ok=True)
        try:
            part.touch(0o600, exist_ok=False)  # it holds what staff taught
            with part.open("wb") as out:
                np.savez(out, allow_pickle=False, **dict(arrays))
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
        for old in _newest(folder, language)[KEPT:]:
            old.unlink(missing_ok=True)


def _file(folder: Path, language: str, key: str) -> Path:
    return folder / f"{language}-{key[:32]}.npz"


def _newest(folder: Path, language: str) -> list[Path]:
    times: list[tuple[float, Path]] = []
    with contextlib.suppress(OSError):  # the folder of somebody else
        for file in folder.glob(f"{language}-*.npz"):
            with contextlib.suppress(OSError):  # another process may have taken it away
                times.append((file.stat().st_mtime, file))
    return [file for _, file in sorted(times, reverse=True)]


def _read(file: Path) -> Arrays | None:
    try:
        # Opened here, since a file that is no archive would be left open there.
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except _BROKEN:
        return None
