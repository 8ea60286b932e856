"""Plugins' policies: what the gate would let pass, they may refuse. None of them lets anybody in.

A policy that raises, takes too long or answers nonsense has refused: nobody knows what
it would have said. One that is late is not asked again for a while, so that it cannot
hold up the worker; until then it refuses everything.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gateway.bounded import TookTooLong, bounded
from gateway.hookspecs import Denial, Place, Visit
from gateway.model import Identity
from gateway.pluginmanager import Policy
from gateway.proxy.exchange import Exchange
from gateway.proxy.facts import Facts, Refuse
from gateway.proxy.matching import media_type
from gateway.routes import Route

log = logging.getLogger(__name__)

LIMIT = 0.25
"""Seconds that one policy may take for one request."""
REST = 10.0
"""Seconds for which a late policy is not asked."""
SAID = 10.0
"""Seconds between two lines of the log about the same policy's failures."""
LOOK = 15.0
"""Seconds between two looks at open connections: working hours end for them, too."""
AT_A_TIME = 100
"""Open connections that are judged at a time, so that thousands do not hold up the others."""
SECRET = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"x-xsrftoken", b"x-csrftoken"})
WORD = re.compile(r"[a-z0-9-]{1,32}")
MESSAGE = 300
WITHOUT_WORDS = "A rule of this gateway does not allow this."
BROKEN = Refuse(503, "A rule of this gateway could not be judged, so this is refused.", "policy-broken")


class Policies:
    def __init__(self, policies: Sequence[Policy] = ()) -> None:
        self._policies = tuple(policies)
        self._resting: dict[str, float] = {}
        self._said: dict[str, float] = {}
        self._unlogged: dict[str, int] = {}
        self._looked = 0.0
        self._pending: list[Exchange] = []

    def __bool__(self) -> bool:
        return bool(self._policies)

    def refusal(self, facts: Facts, identity: Identity | None, route: Route, now: float) -> Refuse | None:
        """The first refusal; None = no policy has anything against it."""
        seen = {"request": _visit(facts, now), "identity": identity, "route": _place(route)}
        for policy in self._policies:
            if (refuse := self._asked(policy, seen, now)) is not None:
                return refuse
        return None

    def refused_by_now(self, live: Iterable[Exchange], now: float) -> Iterator[Exchange]:
        """Upgraded connections that would be refused now; a part of them at each call, all of them in turn."""
        if not self._policies:
            return
        if not self._pending and now >= self._looked + LOOK:
            self._looked = now
            self._pending = [exchange for exchange in live if exchange.upgraded]
        batch, self._pending = self._pending[:AT_A_TIME], self._pending[AT_A_TIME:]
        for exchange in batch:
            forward, facts = exchange.forward, exchange.facts
            if forward is None or facts is None:
                continue
            if self.refusal(facts, forward.identity, forward.route, now) is not None:
                yield exchange

    def _asked(self, policy: Policy, seen: Mapping[str, Any], now: float) -> Refuse | None:
        if now < self._resting.get(policy.plugin, 0):
            return BROKEN
        given = {name: seen.get(name, policy.options) for name in policy.asks_for}
        try:
            said = bounded(LIMIT, policy.function, **given)
        except TookTooLong as late:
            self._resting[policy.plugin] = now + REST
            self._said.pop(policy.plugin, None)  # this one is said in any case
            return self._failed(policy, f"{late}; it is not asked for {REST:g} s, and all is refused", now)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # named and refused
            return self._failed(policy, f"it raised {error!r}", now)
        if said is None:
            return None
        if not isinstance(said, Denial):
            if hasattr(said, "close"):
                said.close()  # a coroutine that nobody will await
            return self._failed(policy, f"it answered {said!r:.100}, which is neither a Denial nor None", now)
        word, message = _words(said)
        log.info("policy %r refuses %s %s: %s", policy.plugin, seen["request"].method, seen["route"].path, word)
        return Refuse(403, message, f"policy-{word}")

    def _failed(self, policy: Policy, why: str, now: float) -> Refuse:
        plugin = policy.plugin
        if now < self._said.get(plugin, 0) + SAID:
            self._unlogged[plugin] = self._unlogged.get(plugin, 0) + 1
            return BROKEN
        more = self._unlogged.pop(plugin, 0)
        self._said[plugin] = now
        before = f" ({more} more failures before)" if more else ""
        log.error("policy %r has failed, so the request is refused: %s%s", plugin, why, before)
        return BROKEN


def _visit(facts: Facts, now: float) -> Visit:
    headers = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in facts.fields.items() if name not in SECRET
    }
    return Visit(
        method=facts.method,
        path="/" + "/".join(facts.segments),
        client=facts.client,
        host=facts.host,
        origin=facts.origin,
        navigation=facts.navigation,
        upgrade=facts.upgrade,
        content_type=media_type(facts.fields.get(b"content-type", b"")),
        headers=MappingProxyType(headers),
        now=now,
    )


def _place(route: Route) -> Place:
    return Place(
        kind=route.kind,
        path="/" + "/".join(route.prefix),
        owner=route.owner,
        server=route.server,
        service=route.id.partition(":")[2] if route.kind == "service" else "",
        owner_groups=route.owner_groups,
    )


def _words(denial: Denial) -> tuple[str, str]:
    """What a plugin wrote, as it may stand in a log and on a page. A refusal it is in any case."""
    word = denial.word if isinstance(denial.word, str) and WORD.fullmatch(denial.word) else "denied"
    message = denial.message if isinstance(denial.message, str) and denial.message.isprintable() else ""
    return word, message[:MESSAGE] or WITHOUT_WORDS
