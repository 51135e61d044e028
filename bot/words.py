"""Reads ``dialogs/words/*.toml`` and gives the frozen wording; the only reader of those files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dialogs
from dialogs.wording import Wording, WordingError, build_wording

WORDS = Path(dialogs.__file__).parent / "words"


def read_words(
    fields: Iterable[str], commands: Iterable[str], folders: Iterable[Path] = (WORDS,)
) -> Wording:
    """The wording of all languages in these folders. Raises WordingError naming file and entry."""
    files: dict[str, dict[str, Any]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                parsed = tomllib.loads(path.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise WordingError(f"{path.name}: {error}") from None
            code = path.name.partition(".")[0]
            _merge(files.setdefault(code, {}), parsed, path.name)
    return build_wording(files, fields, commands)


def _merge(into: dict[str, Any], more: dict[str, Any], file: str) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key, {}), dict):
            _merge(into.setdefault(key, {}), value, file)
        elif key in into:
            raise WordingError(f"{file}: {key} stands in another file too")
        else:
            into[key] = value
