"""Whoever loses a right loses what is open by it, within a second, in both lanes and every worker; nobody else does.

Each cause is tried on every kind of open request at once: a stream, a client that does
not read, a server that has not answered, a WebSocket, one in the middle of a frame.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.integration.bulk import SERVER, Bulk, bulk
from tests.integration.bulkserver import packed
from tests.integration.client import Client
from tests.integration.harness import eventually, free_port
from tests.integration.hostile import PASSWORD
from tests.integration.wire import Wire, cookie, head, upgrade

pytestmark = pytest.mark.sockets

LIMIT = 1.0
"""Seconds from the end of the call that revokes to the end of the last connection."""
VISITORS = ("carol", "dave", "erin")
SET_UP = """
async def act(hub):
    from gateway.store import roles
    for name in ("carol", "dave", "erin"):
        if await hub.users.get(name) is None:
            await hub.users.add(name, False, by="test")
    await hub.groups.add(["visitors"], ["carol", "dave", "erin"], by="test")
    await hub.changes.write(roles.put, "visit", ["access:servers!user=alice"])
    await hub.changes.write(roles.assign, "visit", "group", ["visitors"])
"""


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bulk]:
    allowed = {"authenticator": {"plugin": "dummy", "admin_users": ["admin"], "dummy": {"password": PASSWORD},
                                 "allowed_users": ["alice", "bob", *VISITORS]}}  # fmt: skip
    with bulk(tmp_path_factory.mktemp("revocation"), workers=2, settings=allowed) as made:
        made.command(SET_UP)
        yield made


# ── what is open ─────────────────────────────────────────────────────────────


def stream(wire: Wire, path: Callable[[str], str], who: Mapping[str, str]) -> None:
    wire.send(head(wire.gateway, path("events"), who))
    assert b" 200 " in wire.socket.recv(4096)


def unread(wire: Wire, path: Callable[[str], str], who: Mapping[str, str]) -> None:
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.send(head(wire.gateway, path("bytes?1000000000"), who))
    assert b" 200 " in wire.socket.recv(100)


def unanswered(wire: Wire, path: Callable[[str], str], who: Mapping[str, str]) -> None:
    wire.send(head(wire.gateway, path("silent"), who))


def uploading(wire: Wire, path: Callable[[str], str], who: Mapping[str, str]) -> None:
    wire.send(head(wire.gateway, path("sink"), {**who, "Transfer-Encoding": "chunked"}, "PUT") + b"5\r\nhello\r\n")


def websocket(wire: Wire, path: Callable[[str], str], who: Mapping[str, str]) -> None:
    assert wire.ask(path("ws"), {**who, **upgrade(wire.gateway)}).status == 101


def half_a_frame(wire: Wire, path: Callable[[str], str], who: Mapping[str, str]) -> None:
    websocket(wire, path, who)
    wire.send(packed(2, b"x" * 1000, masked=True)[:500])


KINDS = (stream, unread, unanswered, uploading, websocket, half_a_frame)


@contextlib.contextmanager
def all_kinds(plane: Bulk, lane: str, who: Mapping[str, str]) -> Iterator[list[Wire]]:
    """Each kind twice, so that both workers have some."""
    with contextlib.ExitStack() as stack:
        wires = []
        for open_it in KINDS * 2:
            wires.append(stack.enter_context(Wire(plane.gateway)))
            open_it(wires[-1], lambda what: plane.path(what, lane), who)
        yield wires


def there(plane: Bulk) -> list[set[int]]:
    """The clients' ports that each worker has open."""
    found = [worker.net_connections("tcp") for worker in plane.workers()]
    return [{each.raddr.port for each in of if each.raddr and each.status == "ESTABLISHED"} for of in found]


def ends(plane: Bulk, wires: list[Wire]) -> float:
    """Seconds from now until none of them is open any more."""
    ports, began = {wire.socket.getsockname()[1] for wire in wires}, time.monotonic()
    eventually(lambda: not any(ports & of for of in there(plane)), 10, "something stays open")
    return time.monotonic() - began


# ── why it ends ──────────────────────────────────────────────────────────────


@dataclass
class Cause:
    who: str
    """Whose rights end; the others on the same route are alice's."""
    act: Callable[[Bulk, Client], object]
    undo: str = ""


def log_out(_: Bulk, client: Client) -> None:
    assert client.page("hub/logout").status_code in (200, 302)


def remove_user(plane: Bulk, _: Client) -> None:
    removed = plane.gateway.run("user", "remove", "erin")
    assert removed.returncode == 0, removed.stderr


CAUSES = {
    "log-out": Cause("carol", log_out),
    "group": Cause(
        "dave",
        lambda plane, _: plane.command('act = lambda hub: hub.groups.remove_users("visitors", ["dave"], by="test")'),
        'act = lambda hub: hub.groups.add_users("visitors", ["dave"], by="test")',
    ),
    "disabled": Cause(
        "dave",
        lambda plane, _: plane.command('act = lambda hub: hub.users.set_disabled("dave", True, by="test")'),
        'act = lambda hub: hub.users.set_disabled("dave", False, by="test")',
    ),
    "role": Cause(
        "dave",
        lambda plane, _: plane.command(
            'from gateway.store import roles\nact = lambda hub: hub.changes.write(roles.put, "visit", [])'
        ),
        'from gateway.store import roles\n'
        'act = lambda hub: hub.changes.write(roles.put, "visit", ["access:servers!user=alice"])',
    ),
    "removed": Cause("erin", remove_user),
}  # fmt: skip


@pytest.mark.parametrize("lane", ["express", "flow"])
@pytest.mark.parametrize("name", [name for name in CAUSES if name != "removed"])
def test_a_right_that_ends_ends_what_is_open_by_it(plane: Bulk, name: str, lane: str) -> None:
    revoked(plane, CAUSES[name], lane)


def test_a_user_who_is_removed_is_gone_at_once(plane: Bulk) -> None:
    revoked(plane, CAUSES["removed"], "express")


def revoked(plane: Bulk, cause: Cause, lane: str) -> None:
    with Client(plane.gateway) as client, all_kinds(plane, lane, plane.bearer()) as others:
        client.log_in(cause.who, PASSWORD)
        with all_kinds(plane, lane, {"Cookie": cookie(client), "Origin": plane.gateway.origin}) as wires:
            assert all(there(plane)), "one worker has everything"
            cause.act(plane, client)
            took = ends(plane, wires)
        still_there(plane, others)
    if cause.undo:
        plane.command(cause.undo)
    assert took < LIMIT, took


def still_there(plane: Bulk, wires: list[Wire]) -> None:
    open_ports = set().union(*there(plane))
    assert {wire.socket.getsockname()[1] for wire in wires} <= open_ports
    for wire in wires[KINDS.index(websocket) :: len(KINDS)]:
        wire.send(packed(1, b"still here", masked=True))
        assert wire.socket.recv(100).endswith(b"still here")


@pytest.mark.parametrize("lane", ["express", "flow"])
def test_a_token_that_is_deleted(plane: Bulk, lane: str) -> None:
    value = plane.gateway.run("token", "alice", "--note", "doomed").stdout.strip()
    listed = plane.people["admin"].http.get("hub/api/users/alice/tokens", headers=plane.bearer("admin")).json()
    (doomed,) = [token["id"] for token in listed["api_tokens"] if token["note"] == "doomed"]
    bearer = {"Authorization": f"Bearer {value}"}
    with all_kinds(plane, lane, plane.bearer()) as others, all_kinds(plane, lane, bearer) as wires:
        gone = plane.people["admin"].http.delete(f"hub/api/users/alice/tokens/{doomed}", headers=plane.bearer("admin"))
        assert gone.status_code == 204, gone.text
        assert ends(plane, wires) < LIMIT
        still_there(plane, others)


def test_a_token_that_expires_while_the_hub_is_stopped(plane: Bulk) -> None:
    """Attack 18: nobody has to say so."""
    value = plane.gateway.run("token", "alice", "--expires-in", "4").stdout.strip()
    until, bearer = time.time() + 4, {"Authorization": f"Bearer {value}"}
    with all_kinds(plane, "express", plane.bearer()) as others, all_kinds(plane, "express", bearer) as wires:
        plane.hub().suspend()
        try:
            ends(plane, wires)
            assert -2 < time.time() - until < 1.5  # the command took a moment to say it
            still_there(plane, others)
        finally:
            plane.hub().resume()
    eventually(plane.gateway.healthy, 20)


def test_what_is_revoked_while_the_hub_is_stopped_ends_when_it_is_back(plane: Bulk) -> None:
    """Attack 16: the change is in the store; the channel was cut meanwhile."""
    with Client(plane.gateway) as client, all_kinds(plane, "express", plane.bearer()) as others:
        client.log_in("dave", PASSWORD)
        with all_kinds(plane, "express", {"Cookie": cookie(client), "Origin": plane.gateway.origin}) as wires:
            plane.hub().suspend()
            try:
                plane.command('act = lambda hub: hub.users.set_disabled("dave", True, by="test")')
                time.sleep(7)  # by now the workers have given the hub up
                assert len(wires) == len(KINDS) * 2
                still_there(plane, wires)
            finally:
                plane.hub().resume()
            assert ends(plane, wires) < 6  # they come back by themselves
        still_there(plane, others)
    plane.command('act = lambda hub: hub.users.set_disabled("dave", False, by="test")')


@pytest.mark.parametrize("lane", ["express", "flow"])
def test_a_server_that_is_stopped(plane: Bulk, lane: str) -> None:
    """And its route with it; other routes stay."""
    server = "servers/flow" if lane == "flow" else "server"
    bob = {**plane.bearer("bob")}
    with contextlib.ExitStack() as stack:
        mine = stack.enter_context(all_kinds(plane, lane, plane.bearer()))
        other = stack.enter_context(Wire(plane.gateway))
        websocket(other, lambda what: plane.path(what, lane, "bob"), bob)
        answer = plane.people["admin"].http.delete(f"hub/api/users/alice/{server}", headers=plane.bearer("admin"))
        assert answer.status_code in (202, 204), answer.text
        assert ends(plane, mine) < LIMIT
        other.send(packed(1, b"still here", masked=True))
        assert other.socket.recv(100).endswith(b"still here")
    plane.people["alice"].start_server("flow" if lane == "flow" else "")


def test_a_route_that_is_deleted(plane: Bulk) -> None:
    """A custom one; what is open elsewhere stays."""
    port = free_port()
    admin, who = plane.people["admin"].http, plane.bearer("bob")
    server = subprocess.Popen([sys.executable, str(SERVER), "127.0.0.1", str(port), "/tools/bulk/"])
    try:
        wish = {"path": "/tools/bulk", "target": f"http://127.0.0.1:{port}"}
        assert admin.post("api/proxy", json=wish, headers=plane.bearer("admin")).status_code == 201
        get = plane.people["bob"].http.get
        eventually(lambda: get("tools/bulk/bytes?1", headers=who).status_code == 200, 20)
        with contextlib.ExitStack() as stack:
            others = stack.enter_context(all_kinds(plane, "express", who | plane.bearer()))
            wires = [stack.enter_context(Wire(plane.gateway)) for _ in KINDS * 2]
            for wire, open_it in zip(wires, KINDS * 2, strict=True):
                open_it(wire, lambda what: f"/tools/bulk/{what}", who)
            assert admin.delete("api/proxy/tools/bulk", headers=plane.bearer("admin")).status_code == 204
            assert ends(plane, wires) < LIMIT
            still_there(plane, others)
        assert get("tools/bulk/bytes?1", headers=who).status_code == 404
    finally:
        server.terminate()
        server.wait(10)
