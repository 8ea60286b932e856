"""The access log: one line of JSON a request, on the logger `hubgate.access`.

Written when a request has ended, a WebSocket at its close. What a query must not
reveal is replaced by `-`; nothing that a client sends can break a line or look
like another field, because JSON escapes it.
"""

from __future__ import annotations

import json
import logging
import re
import time

from gateway.log import ACCESS
from gateway.proxy.exchange import Exchange

SECRETS = frozenset(
    {"token", "code", "state", "password", "secret", "_xsrf", "access_token", "refresh_token", "id_token", "key"}
)
"""Arguments of a query whose values are not logged, in any spelling."""
LONGEST = 2048
"""Characters of a path that are logged."""

_argument = re.compile(r"([^&=]+)=([^&]*)")
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class AccessLog:
    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._log = logger or logging.getLogger(ACCESS)

    def write(self, exchange: Exchange, now: float) -> None:
        self._log.info("%s", line(exchange, now))


def line(exchange: Exchange, now: float) -> str:
    """One request as JSON. Times are in seconds, sizes in bytes without heads."""
    forward, identity = exchange.forward, exchange.identity
    return _encode(
        {
            "time": _utc(exchange.started),
            "id": exchange.id,
            "client": exchange.peer,
            "user": identity.name if identity else "",
            "method": exchange.head.method.decode("latin-1"),
            "path": shown(exchange.head.target.decode("latin-1")),
            "status": exchange.status,
            "sent": exchange.sent,
            "received": exchange.received,
            "seconds": round(now - exchange.started, 4),
            "route": forward.route.id if forward else "",
            "lane": exchange.lane,
        }
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


def _utc(at: float) -> str:
    whole = int(at)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{int((at - whole) * 1000):03d}Z"
