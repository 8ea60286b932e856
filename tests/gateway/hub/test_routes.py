"""The route table: what is published of servers, and that only differences are pushed."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.channel.messages import RoutesChanged
from gateway.hub.routes import Routes
from gateway.model import CustomRoute, Profile, Server, Target
from gateway.routes import Route

LAB = Profile("lab", "Lab", (), upgrades=("websocket", "tcp"))
TARGET = Target("http://127.0.0.1:5", "server.s")


class Wire:
    def __init__(self, base_path: str = "/") -> None:
        self.pushes: list[RoutesChanged] = []
        self.routes = Routes(base_path, self.pushes.append)

    def set(self, groups: tuple[str, ...] = (), **states: str) -> None:
        """alice's servers by name (`default` is ""), each in that state."""
        servers = [
            Server("alice", "" if name == "default" else name, state, 3, target=TARGET, secret="server.s", message="m")
            for name, state in states.items()
        ]
        self.routes.set_user("alice", groups, [(server, LAB) for server in servers])

    @property
    def shown(self) -> Mapping[str, str]:
        return {id: route.state for id, route in self.routes.table.by_id.items()}


def test_the_hub_has_two_routes() -> None:
    wire = Wire("/x/y/")
    wire.routes.set_hub("unix:/run/hub.sock")
    assert wire.pushes == [
        RoutesChanged(
            0,
            (
                Route("hub", "hub", ("x", "y", "hub"), url="unix:/run/hub.sock"),
                Route("hub-api", "hub", ("x", "y", "api"), url="unix:/run/hub.sock"),
            ),
        )
    ]


def test_a_ready_server() -> None:
    wire = Wire("/x/")
    wire.set(("staff",), gpu="ready")
    assert wire.routes.table.by_id["server:alice/gpu"] == Route(
        id="server:alice/gpu",
        kind="server",
        prefix=("x", "user", "alice", "gpu"),
        generation=3,
        state="ready",
        url="http://127.0.0.1:5",
        secret="server.s",
        auth="token",
        owner="alice",
        server="gpu",
        owner_groups=("staff",),
        upgrades=("websocket", "tcp"),
        message="m",
    )


def test_only_a_ready_server_has_an_address_and_a_secret() -> None:
    wire = Wire()
    for state in ("queued", "spawning", "booting", "stopping", "killing"):
        wire.set(default=state)
        route = wire.routes.table.by_id["server:alice/"]
        assert (route.prefix, route.url, route.secret) == (("user", "alice"), "", "")


def test_while_one_lives_all_of_the_users_routes_are_there() -> None:
    wire = Wire()
    wire.set(default="stopped", gpu="stopped")
    assert wire.shown == {}
    wire.set(default="stopped", gpu="queued")
    assert wire.shown == {"server:alice/": "stopped", "server:alice/gpu": "starting"}
    wire.set(default="ready", gpu="killing")
    assert wire.shown == {"server:alice/": "ready", "server:alice/gpu": "stopping"}
    wire.set(default="stopped", gpu="stopped")
    assert wire.shown == {}
    assert wire.pushes[-1] == RoutesChanged(0, (), ("server:alice/", "server:alice/gpu"))


def test_a_record_that_is_removed_loses_its_route() -> None:
    wire = Wire()
    wire.set(default="ready", gpu="stopped")
    wire.set(default="ready")
    assert wire.shown == {"server:alice/": "ready"}


def test_what_is_the_same_is_not_pushed() -> None:
    wire = Wire()
    wire.set(default="spawning", gpu="ready")
    wire.set(default="booting", gpu="ready")
    assert len(wire.pushes) == 1
    wire.set(default="ready", gpu="ready")
    assert [route.id for route in wire.pushes[-1].put] == ["server:alice/"]
    wire.set(("new",), default="ready", gpu="ready")
    assert len(wire.pushes[-1].put) == 2


def test_custom_routes() -> None:
    wire = Wire("/x/")
    wire.routes.set_custom(
        [CustomRoute("/grafana/", "http://10.0.0.1:3000", 5.0), CustomRoute("/b/", "http://10.0.0.2:1", 6.0)]
    )
    assert wire.routes.table.by_id["custom:/grafana/"] == Route(
        "custom:/grafana/", "custom", ("x", "grafana"), 5000, url="http://10.0.0.1:3000"
    )
    wire.routes.set_custom([CustomRoute("/grafana/", "http://10.0.0.9:3000", 7.5)])
    assert wire.shown == {"custom:/grafana/": "ready"}
    assert wire.routes.table.by_id["custom:/grafana/"].generation == 7500
    wire.routes.set_custom([CustomRoute("/grafana/", "http://10.0.0.9:3000", 7.5)])
    assert len(wire.pushes) == 2


def test_a_service_comes_pauses_and_goes() -> None:
    wire = Wire("/x/")
    wire.routes.set_service("docs", "http://127.0.0.1:9", 4)
    wire.routes.set_service("docs", "http://127.0.0.1:9", 4)
    wire.routes.set_service("docs", "http://127.0.0.1:9", 5, ready=False)
    wire.routes.set_service("docs")
    wire.routes.set_service("never")
    prefix = ("x", "services", "docs")
    assert wire.pushes == [
        RoutesChanged(0, (Route("service:docs", "service", prefix, 4, url="http://127.0.0.1:9"),)),
        RoutesChanged(0, (Route("service:docs", "service", prefix, 5, state="stopped"),)),
        RoutesChanged(0, (), ("service:docs",)),
    ]
