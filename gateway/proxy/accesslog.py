"""The access log: one line of JSON a request, on the logger `hubgate.access` and to the hub.

Noted when a request has ended, a WebSocket at its close. What a target must not
reveal is replaced by `-`; nothing that a client sends can break a line or look
like another field, because JSON escapes it. Lines are made and go out many at a
time, which costs a fraction of the same one by one; a worker that is killed takes
those of its last 200 ms along.
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
TOGETHER = 500
"""Lines that are written at once at the latest, and told in one message."""
AT_ONCE = 64 * 1024
"""Bytes of targets that are put into words at once at the latest: nobody is served meanwhile."""
REMEMBERED = 512
"""Bytes of a target without a query up to which it is remembered how it is shown; a query is seldom the same again."""

UNTOLD = 5000
"""Lines that wait for the hub while it is away; what comes after is counted."""

_argument = re.compile(r"(?<![^&=])([^&=]+)=([^&]*)")
_segment = secretnames.SEGMENT
_escaped_letter = re.compile(r"%(4[1-9a-fA-F]|5[0-9aA]|6[1-9a-fA-F]|7[0-9aA]|2[dDfF]|5[fF])")
_nested = re.compile(r"(?i)(\?|%(?:25)*3f).*")
"""The query of a path that is itself an argument, such as log-in's `next`."""


type Ended = tuple[float, float, str, str, str, bytes, bytes, int, int, int, str, str]
"""What is kept of a request until its line is made: what `line` takes apart, in that order.

A plain tuple, because it is made while the request is served; one with names takes thrice as long.
"""
type Tell = Callable[[Requests], bool]
"""Sends it to the hub; False when it cannot be sent now."""


class AccessLog:
    def __init__(self, logger: logging.Logger | None, tell: Tell) -> None:
        self.logger = logger
        """None = the hub alone gets to know."""
        self._tell = tell
        self._ended: list[Ended] = []
        self._size = 0
        """Bytes of their targets."""
        self._untold: list[str] = []
        self._lost = 0

    def write(self, exchange: Exchange, now: float) -> None:
        self._ended.append(ended(exchange, now))
        self._size += len(exchange.head.target)
        if len(self._ended) >= TOGETHER or self._size >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Called several times a second, and at the end."""
        lines, self._ended, self._size = [line(each) for each in self._ended], [], 0
        if lines and self.logger is not None:
            self.logger.info("%s", "\n".join(lines))
        room = UNTOLD - len(self._untold)
        self._untold += lines[:room]
        self._lost += len(lines[room:])
        while self._untold and self._tell(Requests(tuple(self._untold[:TOGETHER]), self._lost)):
            del self._untold[:TOGETHER]
            self._lost = 0


def ended(exchange: Exchange, now: float) -> Ended:
    """Much less than the exchange itself, whose head may be large."""
    forward, head = exchange.forward, exchange.head
    return (
        exchange.started,
        now,
        exchange.id,
        exchange.peer,
        exchange.user,
        head.method,
        head.target,
        exchange.status,
        exchange.sent,
        exchange.received,
        forward.route.id if forward is not None else "",
        exchange.lane,
    )


def line(request: Ended) -> str:
    """One request as JSON. Times are in seconds, sizes in bytes without heads."""
    started, now, its_id, client, user, method, target, status, sent, received, route, lane = request
    seldom = len(target) > REMEMBERED or b"?" in target
    asked = (_put if seldom else _asked)(client, user, method, target)
    return (
        f'{{"time":"{_utc(int(started * 1000))}Z","id":"{its_id}"{asked}'
        f',"status":{status},"sent":{sent},"received":{received}'
        f',"seconds":{now - started:.4f},"route":{_quoted(route)},"lane":"{lane}"}}'
    )


def _put(client: str, user: str, method: bytes, target: bytes) -> str:
    """Who asked for what."""
    return (
        f',"client":{quoted(client)},"user":{quoted(user)}'
        f',"method":{quoted(method[:METHOD].decode("latin-1"))}'
        f',"path":{quoted(shown(target.decode("latin-1")))}'
    )


_asked = lru_cache(maxsize=1024)(_put)
_quoted = lru_cache(maxsize=1024)(quoted)


def shown(target: str) -> str:
    """A request's target with secrets of its path and the values of secret arguments replaced."""
    path, mark, query = target.partition("?")
    cut = max(len(path), len(query)) > LONGEST
    path, query = path[:LONGEST], query[:LONGEST]
    read = _plain(path) if "%" in path else path
    if _segment.search(read):
        path = _segment.sub(r"\1-", read)
    if mark and "/hub/auth/" in read:
        path = f"{path}?-"  # what providers send along, whatever they call it
    elif mark:
        path = f"{path}?{_argument.sub(_hidden, query)}"
    return path[:LONGEST] + "…" if cut or len(path) > LONGEST else path


def _hidden(match: re.Match[str]) -> str:
    name = match[1]
    if "%" in name or "+" in name:
        return f"{name}=-"  # spelled to be overlooked
    return f"{name}=-" if name.lower() in SECRETS else _nested.sub(r"\1-", match[0])


def _plain(path: str) -> str:
    """The path with its escaped letters and slashes as such, so that a secret's place is found in any spelling."""
    return _escaped_letter.sub(lambda found: chr(int(found[1], 16)), path)


@lru_cache(maxsize=16)
def _utc(milliseconds: int) -> str:
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03d}"


@lru_cache(maxsize=4)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
