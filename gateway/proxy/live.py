"""What is open: requests in flight and upgraded connections, found by credential, owner and route.

Not client connections: a front proxy mixes users on one. The index says which
exchanges a change concerns; whether they may go on, the gate decides again. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from gateway.channel.messages import Invalidate
from gateway.proxy.credentials import Credential
from gateway.proxy.exchange import Exchange
from gateway.proxy.gate import Ask, Forward, Known, decide
from gateway.proxy.site import Site
from gateway.routes import RouteTable, same_target

type Index = dict[str, set[Exchange]]


class Live:
    def __init__(self) -> None:
        self._all: set[Exchange] = set()
        self._by_digest: Index = {}
        self._by_owner: Index = {}
        self._by_route: Index = {}

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, exchange: object) -> bool:
        return exchange in self._all

    def __iter__(self) -> Iterator[Exchange]:
        return iter(list(self._all))

    def add(self, exchange: Exchange) -> None:
        """`exchange.forward` is set and stays as it is."""
        self._all.add(exchange)
        for index, key in self._places(exchange):
            if key in index:
                index[key].add(exchange)
            else:
                index[key] = {exchange}

    def remove(self, exchange: Exchange) -> None:
        """Fine with one that was never added."""
        if exchange not in self._all:
            return
        self._all.discard(exchange)
        for index, key in self._places(exchange):
            there = index[key]
            there.discard(exchange)
            if not there:
                del index[key]

    def renew(self, exchange: Exchange, forward: Forward) -> None:
        """The identity was asked anew, and its expiry may be another."""
        if exchange in self._all:
            self.remove(exchange)
            exchange.forward = forward
            self.add(exchange)

    def touched(self, message: Invalidate) -> set[Exchange]:
        """Those whose identity is no longer known for sure."""
        if message.everything:
            return {exchange for exchange in self._all if _credential(exchange)}
        found: set[Exchange] = set()
        for digest in message.digests:
            found |= self._by_digest.get(digest, set())
        for owner in message.owners:
            found |= self._by_owner.get(owner, set())
        return found

    def of_credential(self, credential: Credential) -> list[Exchange]:
        found = self._by_digest.get(credential.digest, set())
        return [exchange for exchange in found if _credential(exchange) == credential]

    def of_routes(self, ids: Iterable[str]) -> list[Exchange]:
        return [exchange for route_id in ids for exchange in self._by_route.get(route_id, set())]

    def expired(self, now: float) -> list[Exchange]:
        """Those whose session or token has ended."""
        return [exchange for exchange in self._all if _expires(exchange) <= now]

    def lapsed(self, now: float) -> list[Exchange]:
        """Those whose identity holds less than it did, because a grant has ended."""
        return [each for each in self._all if (who := each.identity) and who.temporary and who.lapsed(now)]

    def _places(self, exchange: Exchange) -> list[tuple[Index, str]]:
        forward = exchange.forward
        if forward is None:
            return []
        found = [(self._by_route, forward.route.id)]
        if forward.credential is not None:
            found.append((self._by_digest, forward.credential.digest))
        if (identity := forward.identity) is not None:
            found.append((self._by_owner, f"{identity.kind}:{identity.name}"))
        return found


def credentials(exchanges: Iterable[Exchange]) -> set[Credential]:
    """The different ones behind `exchanges`."""
    return {credential for exchange in exchanges if (credential := _credential(exchange))}


def judged_again(exchange: Exchange, known: Known, table: RouteTable, now: float, site: Site) -> Forward | None:
    """The gate's verdict now, if it still lets the exchange pass to the same place in the same way; else None."""
    before, facts = exchange.forward, exchange.facts
    if before is None or facts is None:
        return None
    verdict = decide(facts, known, table.find(facts.segments), now, site)
    if isinstance(verdict, Ask):
        return before  # changed once more; whoever says so has it asked again
    return verdict if isinstance(verdict, Forward) and _same_place(before, verdict) else None


def leads_there(exchange: Exchange, table: RouteTable) -> bool:
    """Is the exchange's route still what it was?"""
    if exchange.forward is None:
        return False
    return same_target(exchange.forward.route, table.by_id.get(exchange.forward.route.id))


def _same_place(before: Forward, after: Forward) -> bool:
    return (
        before.route.id == after.route.id
        and before.route.generation == after.route.generation
        and before.upgrade == after.upgrade
        and before.right == after.right
    )


def _credential(exchange: Exchange) -> Credential | None:
    """Whose right the exchange stands on; the hub sees to its own."""
    forward = exchange.forward
    return forward.credential if forward is not None and forward.route.kind != "hub" else None


def _expires(exchange: Exchange) -> float:
    identity = exchange.identity
    return math.inf if identity is None or identity.expires_at is None else identity.expires_at
