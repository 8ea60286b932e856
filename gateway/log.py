"""Logging of every process: one line a record on stderr, and nothing in it that a stranger could forge.

Names, paths and headers come from outside. Control characters in them (line
breaks, terminal sequences, direction marks) are escaped here, in one place.
"""

from __future__ import annotations

import logging
import sys
import time
import unicodedata
from typing import TextIO

ACCESS = "hubgate.access"
"""Its records are lines of JSON, one or many, of visible ASCII by their making; they are written as they are."""

QUIET = ("asyncio", "httpx", "mitmproxy", "multipart", "oauthlib", "uvicorn", "websockets")
"""They tell at level INFO what we tell ourselves, or what nobody needs."""

UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def escaped(text: str) -> str:
    """`text` on one line, with every character visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in UNSAFE else char for char in text
    )


class Lines(logging.Formatter):
    """`2026-01-31T12:00:00.000Z worker-1 WARNING gateway.proxy.worker: message`

    The lines of a traceback follow, each behind `| `, which begins no record.
    """

    def __init__(self, role: str) -> None:
        super().__init__()
        self.role = role

    def format(self, record: logging.LogRecord) -> str:
        clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        head = f"{clock}.{int(record.msecs):03}Z {self.role} {record.levelname} {record.name}: "
        lines = [head + escaped(record.getMessage())]
        if record.exc_info:
            lines += self.formatException(record.exc_info).split("\n")
        if record.stack_info:
            lines += record.stack_info.split("\n")
        return "\n| ".join([lines[0], *map(escaped, lines[1:])])


def set_up(role: str, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Once in each process. `role` is what it is: supervisor, hub, worker-1, …"""
    _only_handler(logging.getLogger(), Lines(role), stream, level)
    access = logging.getLogger(ACCESS)
    _only_handler(access, logging.Formatter(), stream, logging.INFO)
    access.propagate = False
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(True)


def _only_handler(logger: logging.Logger, formatter: logging.Formatter, stream: TextIO | None, level: int) -> None:
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    for old in list(logger.handlers):
        logger.removeHandler(old)
    logger.addHandler(handler)
    logger.setLevel(level)
