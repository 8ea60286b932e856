"""The request log on disk: lines of JSON, a file a day, for some days.

What comes waits in memory, within a bound, and is written by a thread several times a
second. A disk that is slow or full costs lines, which are counted; it never holds up a
request or the hub.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path

log = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two writes."""
ROOM = 16 * 1024 * 1024
"""Characters that may wait."""


class RequestFile:
    def __init__(self, path: Path, days: int, clock: Callable[[], float]) -> None:
        self._path = path
        self._days = days
        """Whole days before today whose files stay."""
        self._clock = clock
        self._waiting: list[str] = []
        self._size = 0
        self._busy = asyncio.Lock()
        self._failing = False
        self._day: date | None = None
        """Of the last write; None = an earlier hub's, which the file itself tells."""
        self._whole = False
        """The file ends with a whole line."""
        self.dropped = 0
        """Lines that could not be written."""

    def add(self, worker: str, lines: Sequence[str]) -> None:
        head = f'{{"worker":{quoted(worker)},'
        for line in lines:
            if self._size + len(line) > ROOM:
                self.dropped += 1
                continue
            self._waiting.append(head + line[1:])
            self._size += len(line)

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(EVERY)
            await self.flush()

    async def flush(self) -> None:
        """Write what waits."""
        async with self._busy:
            lines, self._waiting, self._size = self._waiting, [], 0
            if not lines:
                return
            try:
                await asyncio.to_thread(self._write, "".join(f"{line}\n" for line in lines))
            except OSError as error:
                self.dropped += len(lines)
                self._whole = False
                if not self._failing:
                    log.error("the request log %s cannot be written: %s", self._path, error.strerror or error)
                self._failing = True
            else:
                if self._failing:
                    log.warning("the request log is written again; %d lines are missing", self.dropped)
                self._failing = False

    def _write(self, text: str) -> None:
        """Blocks. The file is opened anew each time: somebody else may have moved it away."""
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        self._turn(today)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self._path, flags, 0o600), "r+b", buffering=0) as file:
            os.fchmod(file.fileno(), 0o600)
            data = text.encode("ascii")
            if not self._whole and not _ends_whole(file.fileno()):
                data = b"\n" + data  # a hub was killed in the middle of a line
            self._whole = True
            while data:
                data = data[os.write(file.fileno(), data) :]

    def _turn(self, today: date) -> None:
        """Put yesterday's file aside, and remove those that are too old."""
        try:
            there = self._path.stat(follow_symlinks=False)
        except FileNotFoundError:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return
        finally:
            written, self._day = self._day, today
        day = written or datetime.fromtimestamp(there.st_mtime, UTC).date()
        if day < today:
            self._path.rename(self._free(day))
            self._whole = True
            self._clear(today)

    def _free(self, day: date) -> Path:
        """A name for that day's file that nobody has."""
        path, number = self._path.with_name(f"{self._path.name}.{day}"), 1
        while path.exists(follow_symlinks=False):
            path, number = self._path.with_name(f"{self._path.name}.{day}.{number}"), number + 1
        return path

    def _clear(self, today: date) -> None:
        oldest = today - timedelta(days=self._days)
        name = re.compile(re.escape(self._path.name) + r"\.(\d{4}-\d{2}-\d{2})(\.\d+)?")
        for path in self._path.parent.iterdir():
            if (found := name.fullmatch(path.name)) and date.fromisoformat(found[1]) < oldest:
                path.unlink(missing_ok=True)


def _ends_whole(fd: int) -> bool:
    size = os.fstat(fd).st_size
    return size == 0 or os.pread(fd, 1, size - 1) == b"\n"
