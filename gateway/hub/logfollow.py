"""A log as it grows: its last lines, then what is added, until its server has ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from gateway.hub import logs

EVERY = 0.5
"""Seconds between two looks."""
CHUNK = 65536
"""Bytes that are read at a time."""
LONGEST = 16384
"""Bytes after which a line is told although its end has not come."""


async def follow(path: Path, lines: int, running: Callable[[], bool]) -> AsyncIterator[list[str]]:
    """The lines of each look; [] when there was nothing new. Ends after a look at what does not run any more."""
    reader = Reader(path)
    yield await asyncio.to_thread(reader.begin, lines)
    while True:
        last = not running()
        new = await asyncio.to_thread(reader.more, last)
        yield new
        if last and not reader.behind:
            return
        if not reader.behind:
            await asyncio.sleep(EVERY)


class Reader:
    """Where one reader of a log is. All methods block shortly."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._rest = b""
        self.behind = False
        """There is more than was read."""

    def begin(self, lines: int) -> list[str]:
        """The last lines; what is added from now on is new."""
        try:
            self._at = self._path.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            self._at = 0
        return logs.tail(self._path, lines)

    def more(self, last: bool) -> list[str]:
        """The lines that are complete since the last call; `last` = no end of a line will come."""
        data = b""
        try:
            with logs.opened(self._path) as file:
                size = os.fstat(file.fileno()).st_size
                if size < self._at:  # it was put aside; its end stands there
                    data, self._at = self._old_end(), 0
                file.seek(self._at)
                data += file.read(CHUNK)
                self._at = file.tell()
                self.behind = size > self._at
        except OSError:
            self.behind = False
        return self._lines(data, last and not self.behind)

    def _old_end(self) -> bytes:
        try:
            with logs.opened(logs.aside(self._path, 1)) as file:
                file.seek(self._at)
                return file.read(CHUNK)
        except OSError:
            return b""

    def _lines(self, data: bytes, last: bool) -> list[str]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        if self._rest and (last or len(self._rest) > LONGEST):
            whole.append(self._rest)
            self._rest = b""
        return [line.decode("utf-8", "replace").removesuffix("\r") for line in whole]
