"""What the recorder saw becomes records: secrets hidden, messages decoded, filters asked. Pure.

This takes milliseconds for a body, so it is done beside the worker (`developing`), in the
order in which things were seen. What is sent back is plain JSON.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway import flowfilter
from gateway.captures import Order
from gateway.errors import BadInput
from gateway.proxy import secretnames
from gateway.proxy.conversation import Conversation
from gateway.proxy.hiding import Hider
from gateway.proxy.records import Record, Seen, record
from gateway.proxy.redaction import Headers, Redactor

PEOPLE = 256
"""Whose hidden values are remembered, of one capture; the ones seen last."""
SOCKETS = 2000
"""Conversations that are remembered; the ones opened last."""


@dataclass(slots=True)
class Exposure:
    """A request that has ended, or become a WebSocket."""

    captures: tuple[str, ...]
    seen: Seen
    subprotocol: str = ""
    sent: Headers = ()
    """The client's own headers: of what its server never gets, the values are known to be secret."""
    secrets: tuple[str, ...] = ()
    """The gateway's own: of the channel, of the server."""


@dataclass(slots=True)
class Frame:
    """A WebSocket's message."""

    captures: tuple[str, ...]
    flow: str
    number: int
    time: float
    from_client: bool
    text: bool
    data: bytes
    """Empty where it is too large to be read."""
    size: int


@dataclass(slots=True)
class End:
    """Of a WebSocket."""

    captures: tuple[str, ...]
    flow: str
    time: float
    code: int | None
    reason: str
    by_client: bool


type Shot = Exposure | Frame | End


@dataclass(slots=True)
class _Running:
    order: Order
    wanted: flowfilter.Test | None
    hiders: OrderedDict[str, Hider] = field(default_factory=OrderedDict)
    conversations: OrderedDict[str, tuple[Conversation, Redactor | None]] = field(default_factory=OrderedDict)
    """Of the WebSockets that it wants, by flow."""


class Darkroom:
    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}

    def set(self, orders: Sequence[Order]) -> None:
        """These captures run, and no others."""
        known = self._running
        self._running = {order.id: known.get(order.id) or _Running(order, _test(order)) for order in orders}

    def develop(self, shot: Shot) -> Iterator[tuple[str, str]]:
        """The records of what was seen: capture and JSON."""
        for capture in shot.captures:
            if (running := self._running.get(capture)) is None:
                continue
            match shot:
                case Exposure():
                    made = _exposed(running, shot)
                case Frame():
                    made = _framed(running, shot)
                case End():
                    made = _ended(running, shot)
            if made is not None:
                yield capture, json.dumps(made, separators=(",", ":"))


def _exposed(running: _Running, shot: Exposure) -> Record | None:
    order, seen = running.order, shot.seen
    redactor = _redactor(running, shot) if order.redact else None
    made = record(seen, redactor, order.body)
    if running.wanted is not None and not running.wanted(made):
        return None
    if seen.websocket:
        conversation = Conversation(seen.target, shot.subprotocol, redactor, order.body)
        _put(running.conversations, seen.id, (conversation, redactor), SOCKETS)
    return made


def _redactor(running: _Running, shot: Exposure) -> Redactor:
    """One that knows what is known to be secret of this person, and of this request."""
    user = shot.seen.user
    hider = running.hiders.get(user) or Hider(running.order.key, user)
    _put(running.hiders, user, hider, PEOPLE)
    redactor = Redactor(hider, running.order.fields)
    for secret in shot.secrets:
        hider.learn(secret)
    redactor.headers([pair for pair in shot.sent if secretnames.of_header(pair[0])])
    return redactor


def _framed(running: _Running, shot: Frame) -> Record | None:
    if (found := running.conversations.get(shot.flow)) is None:
        return None
    return {
        "kind": "message", "flow": shot.flow, "number": shot.number, "time": shot.time,
        "from_client": shot.from_client, "text": shot.text,
        **found[0].message(shot.data, text=shot.text, from_client=shot.from_client, size=shot.size),
    }  # fmt: skip


def _ended(running: _Running, shot: End) -> Record | None:
    if (found := running.conversations.pop(shot.flow, None)) is None:
        return None
    redactor, reason = found[1], shot.reason
    if redactor is not None:
        (reason,) = redactor.hide.cleaned([redactor.text(reason)])
    return {
        "kind": "end", "flow": shot.flow, "time": shot.time, "code": shot.code, "reason": reason,
        "by_client": shot.by_client,
    }  # fmt: skip


def _test(order: Order) -> flowfilter.Test | None:
    if not order.scope.filter:
        return None
    try:
        return flowfilter.parse(order.scope.filter)
    except BadInput:
        return lambda _record: False  # the hub reads it as we do; if not, too little is better than too much


def _put[K, V](cache: OrderedDict[K, V], key: K, value: V, size: int) -> None:
    """Put it last; the oldest makes room."""
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > size:
        cache.popitem(last=False)
