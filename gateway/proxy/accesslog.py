"""The access log: one line of JSON a request, on the logger `hubgate.access` and to the hub.

Written when a request has ended, a WebSocket at its close. What a target must not
reveal is replaced by `-`; nothing that a client sends can break a line or look
like another field, because JSON escapes it. Lines go out several at a time: a
system call for each would cost more than the line.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted

from gateway.channel.messages import Requests
from gateway.proxy import secretnames
from gateway.proxy.exchange import Exchange

SECRETS = frozenset(
    {"token", "code", "state", "password", "secret", "_xsrf", "access_token", "refresh_token", "id_token", "key"}
)
"""Arguments of a query whose values are not logged, in any spelling."""
LONGEST = 2048
"""Characters of a path that are logged."""
METHOD = 32
"""Characters of a method."""
TOGETHER = 200
"""Lines that are written at once at the latest."""

UNTOLD = 5000
"""Lines that wait for the hub while it is away; what comes after is counted."""
FRAME = 500
"""Lines told in one message."""

_argument = re.compile(r"(?<![^&=])([^&=]+)=([^&]*)")
_segment = secretnames.SEGMENT
_escaped_letter = re.compile(r"%(4[1-9a-fA-F]|5[0-9aA]|6[1-9a-fA-F]|7[0-9aA]|2[dDfF]|5[fF])")
_nested = re.compile(r"(?i)(\?|%(?:25)*3f).*")
"""The query of a path that is itself an argument, such as log-in's `next`."""


type Tell = Callable[[Requests], bool]
"""Sends it to the hub; False when it cannot be sent now."""


class AccessLog:
    def __init__(self, logger: logging.Logger | None, tell: Tell) -> None:
        self.logger = logger
        """None = the hub alone gets to know."""
        self._tell = tell
        self._lines: list[str] = []
        self._untold: list[str] = []
        self._lost = 0

    def write(self, exchange: Exchange, now: float) -> None:
        self._lines.append(line(exchange, now))
        if len(self._lines) >= TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Called several times a second, and at the end."""
        lines, self._lines = self._lines, []
        if lines and self.logger is not None:
            self.logger.info("%s", "\n".join(lines))
        room = UNTOLD - len(self._untold)
        self._untold += lines[:room]
        self._lost += len(lines[room:])
        while self._untold and self._tell(Requests(tuple(self._untold[:FRAME]), self._lost)):
            del self._untold[:FRAME]
            self._lost = 0


def line(exchange: Exchange, now: float) -> str:
    """One request as JSON. Times are in seconds, sizes in bytes without heads."""
    forward = exchange.forward
    return (
        f'{{"time":"{_utc(int(exchange.started))}.{int(exchange.started % 1 * 1000):03d}Z","id":"{exchange.id}"'
        f',"client":{quoted(exchange.peer)},"user":{quoted(exchange.user)}'
        f',"method":{quoted(exchange.head.method[:METHOD].decode("latin-1"))}'
        f',"path":{quoted(shown(exchange.head.target.decode("latin-1")))}'
        f',"status":{exchange.status},"sent":{exchange.sent},"received":{exchange.received}'
        f',"seconds":{now - exchange.started:.4f},"route":{quoted(forward.route.id) if forward else _NOBODY}'
        f',"lane":"{exchange.lane}"}}'
    )


def shown(target: str) -> str:
    """A request's target with secrets of its path and the values of secret arguments replaced."""
    path, mark, query = target.partition("?")
    read = _plain(path) if "%" in path else path
    if _segment.search(read):
        path = _segment.sub(r"\1-", read)
    if mark and "/hub/auth/" in read:
        path = f"{path}?-"  # what providers send along, whatever they call it
    elif mark:
        path = f"{path}?{_argument.sub(_hidden, query)}"
    return path if len(path) <= LONGEST else path[:LONGEST] + "…"


def _hidden(match: re.Match[str]) -> str:
    name = match[1]
    if "%" in name or "+" in name:
        return f"{name}=-"  # spelled to be overlooked
    return f"{name}=-" if name.lower() in SECRETS else _nested.sub(r"\1-", match[0])


def _plain(path: str) -> str:
    """The path with its escaped letters and slashes as such, so that a secret's place is found in any spelling."""
    return _escaped_letter.sub(lambda found: chr(int(found[1], 16)), path)


_NOBODY = '""'


@lru_cache(maxsize=4)
def _utc(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
