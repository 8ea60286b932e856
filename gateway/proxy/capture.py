"""Which captures run, as a worker knows it, and what they cover. Pure.

Each request is looked at by itself, whatever came before on its connection: a front proxy
mixes people on one. Time counts here as well, so a capture ends without the hub.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from gateway.captures import Order
from gateway.proxy.exchange import Exchange

EXPECTED = 1000
"""Requests on their way to the recorder."""


class Captures:
    def __init__(self) -> None:
        self.orders: tuple[Order, ...] = ()
        """Those that run."""
        self.on_change: Callable[[Sequence[Order]], None] = lambda _orders: None
        self._expected: OrderedDict[str, Exchange] = OrderedDict()

    def set(self, orders: Sequence[Order]) -> None:
        """These, and no others, run from now on."""
        self.orders = tuple(orders)
        self.on_change(self.orders)

    def find(self, capture: str) -> Order | None:
        return next((each for each in self.orders if each.id == capture), None)

    def covering(self, exchange: Exchange, now: float) -> list[Order]:
        return [each for each in self.orders if covers(each, exchange, now)]

    def expects(self, exchange: Exchange, now: float) -> bool:
        """Is this request to be recorded? Then `taken` gives it to the recorder."""
        if not self.covering(exchange, now):
            return False
        self._expected[exchange.id] = exchange
        if len(self._expected) > EXPECTED:
            self._expected.popitem(last=False)
        return True

    def taken(self, exchange_id: str) -> Exchange | None:
        return self._expected.pop(exchange_id, None)


def covers(order: Order, exchange: Exchange, now: float) -> bool:
    """Is this request for this capture, its filter aside?"""
    forward, facts = exchange.forward, exchange.facts
    if forward is None or facts is None or now >= order.until:
        return False
    return order.scope.covers(user_of(exchange), forward.route.id, "/" + "/".join(facts.segments))


def user_of(exchange: Exchange) -> str:
    """The user who sends it; "" for nobody known, and for services."""
    identity = exchange.identity
    return identity.name if identity is not None and identity.kind == "user" else ""
