"""The access log: one line of JSON a request, on the logger `hubgate.access`.

Written when a request has ended, a WebSocket at its close. What a query must not
reveal is replaced by `-`; nothing that a client sends can break a line or look
like another field, because JSON escapes it. Lines go out several at a time: a
system call for each would cost more than the line.
"""

from __future__ import annotations

import logging
import re
import time
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted

from gateway.log import ACCESS
from gateway.proxy.exchange import Exchange

SECRETS = frozenset(
    {"token", "code", "state", "password", "secret", "_xsrf", "access_token", "refresh_token", "id_token", "key"}
)
"""Arguments of a query whose values are not logged, in any spelling."""
LONGEST = 2048
"""Characters of a path that are logged."""
TOGETHER = 200
"""Lines that are written at once at the latest."""

_argument = re.compile(r"([^&=]+)=([^&]*)")


class AccessLog:
    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._log = logger or logging.getLogger(ACCESS)
        self._lines: list[str] = []

    def write(self, exchange: Exchange, now: float) -> None:
        self._lines.append(line(exchange, now))
        if len(self._lines) >= TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Called several times a second, and at the end."""
        if self._lines:
            self._log.info("%s", "\n".join(self._lines))
            self._lines.clear()


def line(exchange: Exchange, now: float) -> str:
    """One request as JSON. Times are in seconds, sizes in bytes without heads."""
    forward = exchange.forward
    return (
        f'{{"time":"{_utc(int(exchange.started))}.{int(exchange.started % 1 * 1000):03d}Z","id":"{exchange.id}"'
        f',"client":{quoted(exchange.peer)},"user":{quoted(exchange.user)}'
        f',"method":{quoted(exchange.head.method.decode("latin-1"))}'
        f',"path":{quoted(shown(exchange.head.target.decode("latin-1")))}'
        f',"status":{exchange.status},"sent":{exchange.sent},"received":{exchange.received}'
        f',"seconds":{now - exchange.started:.4f},"route":{quoted(forward.route.id) if forward else _NOBODY}'
        f',"lane":"{exchange.lane}"}}'
    )


def shown(target: str) -> str:
    """A request's target with the values of secret arguments replaced."""
    path, mark, query = target.partition("?")
    if mark:
        path = f"{path}?{_argument.sub(_hidden, query)}"
    return path if len(path) <= LONGEST else path[:LONGEST] + "…"


def _hidden(match: re.Match[str]) -> str:
    name = match[1]
    if "%" in name or "+" in name:
        return f"{name}=-"  # spelled to be overlooked
    return f"{name}=-" if name.lower() in SECRETS else match[0]


_NOBODY = '""'


@lru_cache(maxsize=4)
def _utc(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
