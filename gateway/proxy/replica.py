"""What a worker knows of the hub: the routes, and who stands behind the credentials it has seen. Pure.

Everything is bounded. `find` answers from memory; None means that the hub must be
asked. An answer that is older than what was pushed about the same person or
credential is not believed (`keep` says so), however the two crossed on the way.
"""

from __future__ import annotations

from collections import OrderedDict

from gateway.channel.messages import Invalidate, RoutesChanged, Snapshot, Welcome
from gateway.errors import ChannelError
from gateway.model import Identity
from gateway.proxy.credentials import Credential
from gateway.proxy.gate import AWAY, UNKNOWN, Known
from gateway.routes import Route, RouteTable, same_target

IDENTITIES = 50_000
NEGATIVES = 50_000
NEGATIVE_SECONDS = 600.0
"""How long "no such credential" is believed. What makes one known is pushed, so this need not be short."""
REVISIONS = 10_000
"""Owners and credentials whose last invalidation is remembered."""


class Replica:
    def __init__(self, grace: float) -> None:
        self.grace = grace
        """Seconds for which known people are served while the hub is away."""
        self.table = RouteTable()
        self.complete = False
        """A whole table was here once."""
        self.connected = False
        """Pushes arrive, so what is here is true."""
        self.boot = ""
        self.seq = 0
        self._lost = 0.0
        self._identities: OrderedDict[Credential, Identity] = OrderedDict()
        self._of_owner: dict[str, set[Credential]] = {}
        self._stale: set[Credential] = set()
        """Known from before a gap: true enough while the hub is away, else to be asked anew."""
        self._negatives: OrderedDict[Credential, float] = OrderedDict()
        self._revisions: OrderedDict[str, int] = OrderedDict()
        self._floor = 0
        """The last invalidation of everything."""
        self._incoming: list[Route] = []

    # ── identities ───────────────────────────────────────────────────────────

    def find(self, credential: Credential, now: float) -> Known:
        """Who it is; None = ask the hub. Whether it has expired, the gate looks."""
        if (identity := self._identities.get(credential)) is not None:
            self._identities.move_to_end(credential)
            if self.connected:
                return None if credential in self._stale else identity
            return AWAY if self.grace_over(now) else identity
        until = self._negatives.get(credential)
        if until is not None and now < until:
            return UNKNOWN
        return None if self.connected else AWAY

    def keep(self, credential: Credential, identity: Identity | None, revision: int, now: float) -> bool:
        """Take the hub's answer. False = it is older than what was pushed since: ask again."""
        owner = _owner(identity) if identity else ""
        if revision < max(self._floor, self._revisions.get(credential.digest, 0), self._revisions.get(owner, 0)):
            return False
        self._forget(credential)
        if identity is None:
            _put(self._negatives, credential, now + NEGATIVE_SECONDS, NEGATIVES)
            return True
        self._negatives.pop(credential, None)
        self._identities[credential] = identity
        self._of_owner.setdefault(owner, set()).add(credential)
        if len(self._identities) > IDENTITIES:
            self._forget(next(iter(self._identities)))
        return True

    def invalidate(self, message: Invalidate) -> None:
        """Forget what is older than this message.

        Whom an unknown credential would belong to, nobody can tell, so a change of any
        person has all those asked again: who may log in once more must not wait for it.
        A log-in or a new token concerns itself alone, and tabs left open stay unknown.
        """
        if message.everything or message.owners:
            self._negatives.clear()
        if message.everything:
            self._floor = max(self._floor, message.revision)
            self._identities.clear()
            self._of_owner.clear()
            self._stale.clear()
            return
        for key in (*message.owners, *message.digests):
            _put(self._revisions, key, max(message.revision, self._revisions.get(key, 0)), REVISIONS)
        for owner in message.owners:
            for credential in list(self._of_owner.get(owner, ())):
                self._forget(credential)
        for digest in message.digests:
            for credential in (Credential("session", digest), Credential("token", digest)):
                self._forget(credential)
                self._negatives.pop(credential, None)

    def _forget(self, credential: Credential) -> None:
        self._stale.discard(credential)
        if (identity := self._identities.pop(credential, None)) is not None:
            owner = _owner(identity)
            self._of_owner[owner].discard(credential)
            if not self._of_owner[owner]:
                del self._of_owner[owner]

    # ── the connection to the hub ────────────────────────────────────────────

    def lost(self, now: float) -> None:
        """The channel is gone, or the hub is silent."""
        if self.connected:
            self.connected = False
            self._lost = now
        self._incoming = []

    def grace_over(self, now: float) -> bool:
        return not self.connected and now - self._lost > self.grace

    def welcome(self, message: Welcome) -> None:
        """Connected again. Unless the hub resumes, what is here counts only when it was asked anew."""
        if message.resumed:
            if message.boot != self.boot:
                raise ChannelError("the hub resumes what never was")
            self.connected = True
            return
        self.boot = message.boot
        self.seq = message.seq
        self._stale = set(self._identities)
        self._negatives.clear()
        self._revisions.clear()
        self._floor = 0
        self._incoming = []

    def snapshot(self, message: Snapshot) -> list[str]:
        """Collect a part of the table; with the last one it is in force. Gives the routes that are now different."""
        self._incoming += message.routes
        if not message.last:
            return []
        before, self.table = self.table, RouteTable.of(self._incoming)
        self._incoming = []
        self.complete = self.connected = True
        return [route_id for route_id in before.by_id if _moved(before, self.table, route_id)]

    def routes_changed(self, message: RoutesChanged) -> list[str]:
        """Swap in the next table. Gives the routes that are gone or lead elsewhere."""
        before, self.table = self.table, self.table.changed(message.put, message.drop)
        touched = {*message.drop, *(route.id for route in message.put)}
        return [route_id for route_id in touched if _moved(before, self.table, route_id)]

    def count(self, seq: int) -> None:
        """Pushes are numbered without gaps; after a gap nothing here can be trusted."""
        if seq != self.seq + 1:
            expected, self.boot, self.seq = self.seq + 1, "", 0
            raise ChannelError(f"push {seq} came where {expected} was expected")
        self.seq = seq


def _moved(before: RouteTable, after: RouteTable, route_id: str) -> bool:
    old, new = before.by_id.get(route_id), after.by_id.get(route_id)
    return old is not None and not same_target(old, new)


def _owner(identity: Identity) -> str:
    return f"{identity.kind}:{identity.name}"


def _put[K, V](cache: OrderedDict[K, V], key: K, value: V, size: int) -> None:
    """Put it last; the oldest makes room."""
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > size:
        cache.popitem(last=False)
