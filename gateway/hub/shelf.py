"""The records of every user who has a server that is not stopped: the route table is made of these.

A user's stopped servers stand here too, because their paths are answered from
memory while any of that user's servers lives. Memory grows with what runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.hub.lifecycle import State
from gateway.hub.profiles import of_record
from gateway.hub.routes import Routes
from gateway.model import Profile, Server


class Shelf:
    def __init__(self, routes: Routes, profiles: Sequence[Profile]) -> None:
        self._routes = routes
        self._profiles = profiles
        self._servers: dict[str, dict[str, Server]] = {}
        self._groups: dict[str, tuple[str, ...]] = {}

    def __contains__(self, user: str) -> bool:
        return user in self._servers

    def users(self) -> list[str]:
        return list(self._servers)

    def fill(self, user: str, groups: tuple[str, ...], servers: Iterable[Server]) -> None:
        """All that the store has of a user. What stands here already is newer and stays."""
        self._groups[user] = groups
        known = self._servers.setdefault(user, {})
        for server in servers:
            known.setdefault(server.name, server)

    def put(self, server: Server) -> None:
        """A record has changed: publish, and forget the user when nothing lives any more."""
        self._servers.setdefault(server.user, {})[server.name] = server
        self._publish(server.user)

    def drop(self, user: str, name: str) -> None:
        if self._servers.get(user, {}).pop(name, None):
            self._publish(user)

    def set_groups(self, user: str, groups: tuple[str, ...]) -> None:
        if user in self._servers and self._groups.get(user) != groups:
            self._groups[user] = groups
            self._publish(user)

    def of_user(self, user: str) -> dict[str, Server]:
        return dict(self._servers.get(user, {}))

    def _publish(self, user: str) -> None:
        servers = self._servers[user].values()
        groups = self._groups.get(user, ())
        self._routes.set_user(user, groups, [(server, of_record(self._profiles, server)) for server in servers])
        if all(server.state == State.STOPPED for server in servers):
            del self._servers[user]
            self._groups.pop(user, None)
