"""Which paths and targets a custom route may have, and that no spelling of a forbidden one helps."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from gateway.errors import BadInput, Conflict, NotFound
from gateway.hub import customroutes
from gateway.hub.core import Hub
from gateway.hub.customroutes import checked_path, own_ports
from gateway.model import CustomRoute
from gateway.settings import Settings
from gateway.store import audit


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/tools", "/tools/"),
        ("/tools/", "/tools/"),
        ("/a%20b", "/a%20b/"),
        ("/u%CC%88", "/%C3%BC/"),
        ("/Tools/%41", "/Tools/A/"),
        ("/a/b/c/", "/a/b/c/"),
        ("/users", "/users/"),
    ],
)
def test_one_spelling(path: str, kept: str) -> None:
    assert checked_path(path) == kept


@pytest.mark.parametrize(
    "path",
    [
        "", "tools", "/", "//", "/hub", "/hub/", "/hub/x", "/HUB/x",
        "/%68ub", "/api", "/api/x", "/user/alice/", "/services/x",
        "/a/../hub", "/a/./b", "/a/%2e%2e/b", "/..", "/a//b", "/a%2Fb", "/a%252Fb",
        "/a\\b", "/a%5Cb", "/a%00", "/a;b", "/a%0Ab",
        "/a%FF", "/a?b", "/a#b", "/" + "a/" * 9, "/" + "a" * 1000, "/a\u202eb",
    ],
)  # fmt: skip
def test_paths_that_none_may_have(path: str) -> None:
    with pytest.raises(BadInput, match="path must"):
        checked_path(path)


async def test_kept_published_and_gone(hub: Hub) -> None:
    made = await hub.custom_routes.add(CustomRoute("/tools", "http://192.0.2.1:9000/", access="public"), by="user:root")
    assert (made.path, made.target) == ("/tools/", "http://192.0.2.1:9000")
    route = hub.routes.table.by_id["custom:/tools/"]
    assert (route.url, route.access, route.prefix) == ("http://192.0.2.1:9000", "public", ("tools",))
    with pytest.raises(Conflict):
        await hub.custom_routes.add(CustomRoute("/tools/", "http://192.0.2.1:9001"))
    await hub.custom_routes.remove("/tools", by="user:root")
    assert "custom:/tools/" not in hub.routes.table.by_id
    for path in ("/tools/", "/hub/", "//", "x"):
        with pytest.raises(NotFound):
            await hub.custom_routes.remove(path)
    entries = [(row.actor, row.action, row.subject) for row in await hub.store(audit.listing)]
    assert entries[:2] == [("user:root", "route.remove", "/tools/"), ("user:root", "route.add", "/tools/")]


@pytest.fixture
def port(hub: Hub) -> int:
    """One of the gateway's own."""
    return int(hub.settings.gateway.bind[0].rpartition(":")[2])


HERE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "127.9.9.9",
]
ANY_PORT = [
    "0.0.0.0",
    "[::]",
    "0",
    "169.254.169.254",
    "[fe80::1]",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "224.0.0.1",
]


@pytest.mark.parametrize("host", HERE)
async def test_not_back_to_the_gateway(hub: Hub, port: int, host: str) -> None:
    with pytest.raises(BadInput, match=r"no target|must be an address"):
        await hub.custom_routes.add(CustomRoute("/x", f"http://{host}:{port}"))
    assert not [id for id in hub.routes.table.by_id if id.startswith("custom:")]


@pytest.mark.parametrize("host", ANY_PORT)
async def test_out_of_bounds(hub: Hub, host: str) -> None:
    with pytest.raises(BadInput, match=r"no target|must be an address"):
        await hub.custom_routes.add(CustomRoute("/x", f"http://{host}:9000"))


@pytest.mark.parametrize(
    "target",
    ["", "x", "ftp://h:1", "https://h:1", "http://h:0", "http://h:99999", "http://u:p@h:1", "http://h:1/x", "http://h:1?q",
     "unix:/run/hub.sock", "file:///etc/passwd", "http://", "http://h h:1", "http://h\n:1", "http://" + "a" * 2000],
)  # fmt: skip
async def test_what_is_no_target(hub: Hub, target: str) -> None:
    with pytest.raises(BadInput, match="target must be an address"):
        await hub.custom_routes.add(CustomRoute("/x", target))


async def test_a_name_that_means_the_gateway(hub: Hub, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def rebound(_host: str, _port: int) -> list[str]:
        return ["192.0.2.1", "127.0.0.1"]

    monkeypatch.setattr(customroutes, "_addresses", rebound)
    with pytest.raises(BadInput, match="it is the gateway itself"):
        await hub.custom_routes.add(CustomRoute("/x", f"http://evil.example:{port}"))


async def test_a_name_that_means_nothing_yet(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    async def unknown(*_args: Any, **_more: Any) -> Any:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    await hub.custom_routes.add(CustomRoute("/x", "http://later.example:1"))


def test_the_database_is_the_gateways_own() -> None:
    chosen = Settings.model_validate({"store": {"url": "postgresql://u:p@localhost:6000/x"}})
    assert 6000 in own_ports(chosen)
    chosen = Settings.model_validate({"store": {"url": "postgresql://u:p@db.example/x"}})
    assert 5432 in own_ports(chosen)
