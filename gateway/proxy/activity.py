"""When credentials and servers were last used, until the next batch for the hub. Pure."""

from __future__ import annotations

from gateway.channel.messages import Activity
from gateway.proxy.gate import Forward

KEPT = 50_000
"""Entries of each kind while the hub is away; what is used later tells again."""


class Used:
    def __init__(self) -> None:
        self._credentials: dict[str, float] = {}
        self._servers: dict[str, float] = {}

    def note(self, forward: Forward, now: float) -> None:
        """Somebody sent a request or a WebSocket frame that passed the gate."""
        if forward.credential is not None:
            _note(self._credentials, forward.credential.digest, now)
        route = forward.route
        if route.kind == "server":
            _note(self._servers, f"{route.owner}/{route.server}", now)

    def take(self) -> Activity | None:
        """What was used since the last call; None when nothing was."""
        if not self._credentials and not self._servers:
            return None
        batch = Activity(self._credentials, self._servers)
        self._credentials, self._servers = {}, {}
        return batch

    def give_back(self, batch: Activity) -> None:
        """It could not be sent: keep what has not been noted again since."""
        for mine, theirs in ((self._credentials, batch.credentials), (self._servers, batch.servers)):
            for key, at in theirs.items():
                if key not in mine:
                    _note(mine, key, at)


def _note(times: dict[str, float], key: str, at: float) -> None:
    if key in times or len(times) < KEPT:
        times[key] = at
