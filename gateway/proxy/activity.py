"""When credentials and servers were last used, until the next batch for the hub. Pure."""

from __future__ import annotations

from gateway.channel.messages import Activity, Visit
from gateway.proxy.gate import Forward
from gateway.routes import Route

KEPT = 50_000
"""Entries of each kind while the hub is away; what is used later tells again."""
AGAIN = 600.0
"""Seconds after which a visit, or a token's address, is told again."""


class Used:
    def __init__(self) -> None:
        self._credentials: dict[str, float] = {}
        self._servers: dict[str, float] = {}
        self._visits: list[Visit] = []
        self._addresses: list[tuple[str, str]] = []
        self._told: dict[tuple[str, str], float] = {}
        """Visits and addresses, and when they were told of last."""

    def note(self, forward: Forward, now: float, address: str = "", *, use: bool = True) -> None:
        """A request or WebSocket message from `address` has passed the gate.

        Is it use of the server (`gateway.proxy.presence`)?
        """
        if (credential := forward.credential) is not None:
            _note(self._credentials, credential.digest, now)
            if credential.kind == "token" and self._is_new(credential.digest, address, now):
                self._addresses.append((credential.digest, address))
        route = forward.route
        if route.kind == "server":
            if use:
                _note(self._servers, f"{route.owner}/{route.server}", now)
            self._visited(forward, route, now)

    def _visited(self, forward: Forward, route: Route, now: float) -> None:
        who = forward.identity
        if who is None or (who.kind == "user" and who.name == route.owner):
            return
        name = f"{who.kind}:{who.name}"
        if self._is_new(name, route.id, now):
            self._visits.append(Visit(name, f"{route.owner}/{route.server}", who.credential, who.admin))

    def _is_new(self, who: str, where: str, now: float) -> bool:
        """Was it not told of lately?"""
        last = self._told.get((who, where))
        if last is not None and now - last < AGAIN:
            return False
        if len(self._told) >= KEPT:
            self._told.clear()
        self._told[who, where] = now
        return True

    def take(self) -> Activity | None:
        """What was used since the last call; None when nothing was."""
        if not self._credentials and not self._servers:
            return None
        addresses: dict[str, tuple[str, ...]] = {}
        for digest, address in self._addresses:
            addresses[digest] = (*addresses.get(digest, ()), address)
        batch = Activity(self._credentials, self._servers, tuple(self._visits), addresses)
        self._credentials, self._servers = {}, {}
        self._visits, self._addresses = [], []
        return batch

    def give_back(self, batch: Activity) -> None:
        """It could not be sent: keep what has not been noted again since."""
        for mine, theirs in ((self._credentials, batch.credentials), (self._servers, batch.servers)):
            for key, at in theirs.items():
                if key not in mine:
                    _note(mine, key, at)
        self._visits = [*batch.visits, *self._visits][:KEPT]
        back = [(digest, address) for digest, many in batch.addresses.items() for address in many]
        self._addresses = [*back, *self._addresses][:KEPT]


def _note(times: dict[str, float], key: str, at: float) -> None:
    if key in times or len(times) < KEPT:
        times[key] = at
