"""Keeps the logs of servers and services short: a long one is put aside, and its writer goes on in an empty file.

The writer has the file open and knows nothing of us, so it is copied and emptied. What is
written between the last look and the emptying, some microseconds, is lost.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from gateway.hub.logs import aside, opened

log = logging.getLogger(__name__)

EVERY = 10.0
"""Seconds between two looks."""
MOST = 8
"""Of a log that has become so many times as long as it should, only the end is kept."""


class LogFiles:
    def __init__(self, folders: Iterable[Path], size: int, keep: int) -> None:
        self._folders = tuple(folders)
        self._size = size
        self._keep = keep

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """Put aside what is too long now. Blocks."""
        for folder in self._folders:
            try:
                with os.scandir(folder) as entries:
                    long = [Path(entry) for entry in entries if entry.name.endswith(".log") and self._is_long(entry)]
            except FileNotFoundError:  # nobody has written yet
                continue
            except OSError as error:
                log.error("the logs in %s cannot be looked at: %s", folder, error.strerror)
                continue
            for path in long:
                try:
                    put_aside(path, self._size, self._keep)
                except OSError as error:
                    log.error("the log %s cannot be put aside: %s", path, error.strerror)

    def _is_long(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_size > self._size
        except FileNotFoundError:  # removed meanwhile
            return False


def put_aside(path: Path, size: int, keep: int) -> None:
    """`x.log` becomes `x.log.1`, which was `x.log.2` before …; `keep` of them stay."""
    for number in range(keep - 1, 0, -1):
        if aside(path, number).exists():
            aside(path, number).replace(aside(path, number + 1))
    with opened(path, write=True) as file:
        if keep:
            length = os.fstat(file.fileno()).st_size
            file.seek(max(0, length - size) if length > MOST * size else 0)
            descriptor = os.open(aside(path, 1), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as copy:
                shutil.copyfileobj(file, copy, 1024 * 1024)
        os.ftruncate(file.fileno(), 0)
