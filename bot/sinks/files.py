"""A folder: one JSON file an application (0600), whole or not at all. A later event replaces it, so
the file of an application that was erased says that and nothing more."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from bot.environment import ConfigError
from bot.export import ExportError, whole_files
from bot.messages import Delivered, Later, Outcome
from bot.sinks import Parcel

KEY = "handoff.folder"


class FolderSink:
    name = "files"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, parcel: Parcel) -> Outcome:
        path = self._folder / f"{parcel.delivery.reference}.json"
        try:
            await asyncio.to_thread(self._write, path, parcel.body())
        except (OSError, ExportError) as error:
            cause = error if isinstance(error, OSError) else error.__context__
            reason = os.strerror(cause.errno or 0) if isinstance(cause, OSError) else "not written"
            return Later(f"the folder cannot be written ({reason})")
        return Delivered("")

    def _write(self, path: Path, body: bytes) -> None:
        with whole_files([path]) as (file,):
            file.write(body + b"\n")
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # the name too must outlast a power cut before it counts as delivered
        finally:
            os.close(folder)

    async def check(self) -> str:
        try:
            await asyncio.to_thread(self._try)
        except FileNotFoundError:
            raise ConfigError(KEY, f"make the folder {self._folder} first") from None
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise ConfigError(KEY, f"{self._folder} cannot be written ({reason})") from None
        return f"{self._folder} can be written"

    def _try(self) -> None:
        with tempfile.TemporaryFile(dir=self._folder):
            pass

    async def close(self) -> None:
        """Nothing is held open."""
