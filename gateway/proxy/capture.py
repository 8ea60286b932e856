"""Which captures run, as a worker knows it, and what they cover. Pure.

Each request is looked at by itself, whatever came before on its connection: a front proxy
mixes people on one. Time counts here as well, so a capture ends without the hub.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from gateway import flowfilter
from gateway.captures import Order
from gateway.errors import BadInput
from gateway.proxy import secretnames
from gateway.proxy.exchange import Exchange
from gateway.proxy.hiding import Hider
from gateway.proxy.redaction import Redactor
from gateway.proxy.reel import Reel

PEOPLE = 256
"""Whose hidden values are remembered, of one capture; the ones seen last."""
EXPECTED = 1000
"""Requests on their way to the recorder."""


@dataclass(eq=False)
class Running:
    """A capture at work."""

    order: Order
    wanted: flowfilter.Test | None

    def __post_init__(self) -> None:
        self._hiders: OrderedDict[str, Hider] = OrderedDict()

    def covers(self, exchange: Exchange, now: float) -> bool:
        forward, facts = exchange.forward, exchange.facts
        if forward is None or facts is None or now >= self.order.until:
            return False
        return self.order.scope.covers(user_of(exchange), forward.route.id, "/" + "/".join(facts.segments))

    def redactor(self, exchange: Exchange, secret: str) -> Redactor | None:
        """For this request; None = nothing is hidden. `secret` is the channel's."""
        if not self.order.redact:
            return None
        user, forward = user_of(exchange), exchange.forward
        hider = self._hiders.pop(user, None) or Hider(self.order.key, user, (secret,) if secret else ())
        self._hiders[user] = hider
        if len(self._hiders) > PEOPLE:
            self._hiders.popitem(last=False)
        if forward is not None:
            hider.learn(forward.route.secret)
        redactor = Redactor(hider, self.order.fields)
        _learn_head(redactor, exchange)
        return redactor


class Captures:
    def __init__(self, reel: Reel | None = None) -> None:
        self.reel = reel or Reel(lambda _message: False, lambda: False)
        self.running: tuple[Running, ...] = ()
        self._expected: OrderedDict[str, Exchange] = OrderedDict()

    def set(self, orders: Sequence[Order]) -> None:
        """These, and no others, run from now on. One that goes on is the same."""
        known = {each.order: each for each in self.running}
        self.running = tuple(known.get(order) or Running(order, _test(order)) for order in orders)
        self.reel.keep_only({order.id for order in orders})

    def find(self, capture: str) -> Running | None:
        return next((each for each in self.running if each.order.id == capture), None)

    def covering(self, exchange: Exchange, now: float) -> list[Running]:
        return [each for each in self.running if each.covers(exchange, now)]

    def expects(self, exchange: Exchange, now: float) -> bool:
        """Is this request to be recorded? Then `taken` gives it to the recorder."""
        if not self.running or not self.covering(exchange, now):
            return False
        self._expected[exchange.id] = exchange
        if len(self._expected) > EXPECTED:
            self._expected.popitem(last=False)
        return True

    def taken(self, exchange_id: str) -> Exchange | None:
        return self._expected.pop(exchange_id, None)


def user_of(exchange: Exchange) -> str:
    """The user who sends it; "" for nobody known, and for services."""
    identity = exchange.identity
    return identity.name if identity is not None and identity.kind == "user" else ""


def _test(order: Order) -> flowfilter.Test | None:
    if not order.scope.filter:
        return None
    try:
        return flowfilter.parse(order.scope.filter)
    except BadInput:
        return lambda _record: False  # the hub reads it as we do; if not, too little is better than too much


def _learn_head(redactor: Redactor, exchange: Exchange) -> None:
    """What the client sent and its upstream never sees: the gateway's cookie, its tokens."""
    head = exchange.head
    for raw, value in head.headers:
        name = raw.decode("latin-1")
        if secretnames.of_header(name):
            redactor.headers([(name, value.decode("latin-1"))])
    redactor.target(head.target.decode("latin-1"))
