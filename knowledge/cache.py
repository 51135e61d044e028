"""Arrays in a file, for the next start: only what can be computed again.

Whatever is wrong with such a file (cut short, of another program, not readable), it is as if it
were not there.
"""

from __future__ import annotations

import contextlib
import os
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


def read_arrays(file: Path) -> Arrays | None:
    try:
        with np.load(file, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except _BROKEN:
        return None


def write_arrays(file: Path, arrays: Arrays) -> None:
    """Whole or not at all, also beside another process that does the same."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("xb") as out:
                np.savez(out, **arrays)
            os.replace(part, file)
        finally:
            part.unlink(missing_ok=True)
