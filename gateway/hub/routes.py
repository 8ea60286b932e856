"""The route table: built from what the hub knows, published as it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from gateway.channel.messages import RoutesChanged
from gateway.clients import server_client
from gateway.hub.lifecycle import State, shown
from gateway.model import CustomRoute, Profile, Server
from gateway.routes import Route, RouteTable, base_segments, server_route_id, service_route_id

HUB_PATHS = (("hub", "hub"), ("hub-api", "api"))
"""The hub's two routes: their ids, and what they begin with below the base path."""


class Routes:
    def __init__(self, base_path: str, publish: Callable[[RoutesChanged], object]) -> None:
        self.table = RouteTable()
        self.base = base_segments(base_path)
        self._publish = publish
        self._of_user: dict[str, tuple[str, ...]] = {}
        """The ids of each user's published routes."""

    def set_hub(self, url: str) -> None:
        """Where the hub itself answers: `unix:/path` or `http://host:port`."""
        self._change([Route(id, "hub", (*self.base, path), url=url) for id, path in HUB_PATHS])

    def set_custom(self, routes: Iterable[CustomRoute]) -> None:
        """All custom routes. One that was made anew is another generation, whichever hub made it."""
        wanted = {}
        for each in routes:
            id = f"custom:{each.path}"
            prefix = (*self.base, *base_segments(each.path))
            wanted[id] = Route(id, "custom", prefix, int(each.created * 1000), url=each.target, access=each.access)
        gone = [id for id, route in self.table.by_id.items() if route.kind == "custom" and id not in wanted]
        self._change(wanted.values(), gone)

    def set_service(
        self, name: str, url: str = "", generation: int = 0, *, ready: bool = True, client: str = ""
    ) -> None:
        """Where a service answers; without `url` it answers nowhere. `ready` False = not at the moment."""
        id = service_route_id(name)
        if not url:
            self._change((), [id])
            return
        prefix = (*self.base, "services", name)
        state: Literal["ready", "stopped"] = "ready" if ready else "stopped"
        self._change([Route(id, "service", prefix, generation, state, url if ready else "", client=client)])

    def set_user(self, user: str, groups: Sequence[str], servers: Iterable[tuple[Server, Profile]]) -> None:
        """All of a user's servers. While none of them lives, there is no route to any."""
        servers = list(servers)
        if all(server.state == State.STOPPED for server, _ in servers):
            servers = []
        wanted = [self._of_server(server, profile, tuple(groups)) for server, profile in servers]
        before = self._of_user.pop(user, ())
        ids = tuple(route.id for route in wanted)
        if ids:
            self._of_user[user] = ids
        self._change(wanted, [id for id in before if id not in ids])

    def _of_server(self, server: Server, profile: Profile, groups: tuple[str, ...]) -> Route:
        target = server.target if server.state == State.READY else None
        return Route(
            id=server_route_id(server.user, server.name),
            kind="server",
            prefix=(*self.base, "user", server.user, *([server.name] if server.name else [])),
            generation=server.generation,
            state=shown(server.state),
            url=target.url if target else "",
            secret=target.secret if target and profile.auth == "token" else "",
            auth=profile.auth,
            client=server_client(server.user, server.name) if profile.auth == "jupyterhub" else "",
            owner=server.user,
            server=server.name,
            owner_groups=groups,
            upgrades=profile.upgrades,
            strip_prefix=profile.strip_prefix,
            message=server.message,
            max_body=profile.max_body,
            response_timeout=profile.response_timeout,
            idle_timeout=profile.idle_timeout,
        )

    def _change(self, wanted: Iterable[Route], gone: Iterable[str] = ()) -> None:
        """Swap the table and push the difference, if there is one."""
        put = tuple(route for route in wanted if self.table.by_id.get(route.id) != route)
        drop = tuple(id for id in gone if id in self.table.by_id)
        if put or drop:
            self.table = self.table.changed(put, drop)
            self._publish(RoutesChanged(0, put, drop))
