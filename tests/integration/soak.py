"""Mixed traffic for as long as one likes: each role is a thread that does one thing again and again.

A role raises when something is wrong. What breaks because a worker or the hub has just
been restarted on purpose is excused, for as long as the restart may take, and counted.
"""

from __future__ import annotations

import math
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable

from tests.integration.bulk import MIB, Bulk
from tests.integration.bulkserver import packed
from tests.integration.client import Client
from tests.integration.hostile import PASSWORD
from tests.integration.wire import Wire, ask, cookie, head, upgrade

WORKER_BACK = 5.0
HUB_BACK = 10.0
"""Seconds from the moment when it is back in which what depends on it may still fail."""
PART = b"x" * MIB


class Soak:
    def __init__(self, plane: Bulk) -> None:
        self.plane = plane
        self.over = threading.Event()
        self.done: Counter[str] = Counter()
        self.excused: Counter[str] = Counter()
        self.errors: list[str] = []
        self._hub_settled = self._worker_settled = 0.0
        """Until then what depends on it may fail; for ever while it is away."""
        self._threads: list[threading.Thread] = []

    def start(self, *roles: Callable[[Soak], None], needs_hub: bool = False) -> None:
        for role in roles:
            thread = threading.Thread(target=self._again_and_again, args=(role, needs_hub), name=role.__name__)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join(60)
            if thread.is_alive():
                self.errors.append(f"{thread.name} hangs")

    def restarting(self, name: str) -> None:
        self._settles(name, math.inf)

    def restarted(self, name: str) -> None:
        self._settles(name, time.monotonic() + (HUB_BACK if name == "hub" else WORKER_BACK))

    def _settles(self, name: str, at: float) -> None:
        if name == "hub":
            self._hub_settled = at
        else:
            self._worker_settled = at

    def _again_and_again(self, role: Callable[[Soak], None], needs_hub: bool) -> None:
        while not self.over.is_set() and len(self.errors) < 10:
            began = time.monotonic()
            try:
                role(self)
            except Exception:  # noqa: BLE001  # whatever a role fails with is kept, and is the result
                if began > max(self._worker_settled, self._hub_settled if needs_hub else 0.0):
                    self.errors.append(f"{role.__name__}: {traceback.format_exc()}")
                self.excused[role.__name__] += 1
                self.over.wait(0.2)
            else:
                self.done[role.__name__] += 1


# ── roles ────────────────────────────────────────────────────────────────────


def small_requests(soak: Soak) -> None:
    plane = soak.plane
    with Wire(plane.gateway) as wire:
        for lane in ("express", "flow"):
            for _ in range(100):
                status = wire.ask(plane.path("x", lane, "bob"), plane.bearer("bob")).status
                assert status == 200, status
                soak.over.wait(0.005)


def downloads(soak: Soak) -> None:
    plane = soak.plane
    with Wire(plane.gateway) as wire:
        for lane in ("express", "flow"):
            reply = wire.ask(plane.path(f"bytes?{8 * MIB}", lane), plane.bearer())
            assert (reply.status, len(reply.body)) == (200, 8 * MIB)
    soak.over.wait(0.3)


def uploads(soak: Soak) -> None:
    plane = soak.plane
    with Wire(plane.gateway) as wire:
        for lane in ("express", "flow"):
            reply = wire.ask(plane.path("sink", lane), plane.bearer(), "PUT", PART * 8)
            assert (reply.status, reply.body) == (200, b"%d" % (8 * MIB))
    soak.over.wait(0.3)


def websockets(soak: Soak) -> None:
    """Ten that are quiet most of the time."""
    plane, message = soak.plane, packed(1, b"hello", masked=True)
    wires = [Wire(plane.gateway) for _ in range(10)]
    try:
        for number, wire in enumerate(wires):
            path = plane.path("ws", "flow" if number % 2 else "express", "bob")
            status = wire.ask(path, {**plane.bearer("bob"), **upgrade(plane.gateway)}).status
            assert status == 101, status
        for _ in range(20):
            for wire in wires:
                wire.send(message)
                assert wire.socket.recv(100) == packed(1, b"hello")
            if soak.over.wait(0.5):
                break
    finally:
        for wire in wires:
            wire.socket.close()


def events(soak: Soak) -> None:
    plane = soak.plane
    with Wire(plane.gateway) as wire:
        wire.send(head(plane.gateway, plane.path("events"), plane.bearer()))
        for _ in range(50):
            assert wire.socket.recv(4096), "the stream has ended"


def gone_clients(soak: Soak) -> None:
    """They ask for much and leave."""
    plane = soak.plane
    for what in ("bytes?100000000", "silent", "hold"):
        with Wire(plane.gateway) as wire:
            wire.send(head(plane.gateway, plane.path(what), plane.bearer()))
            soak.over.wait(0.1)
    soak.over.wait(0.5)


def log_ins(soak: Soak) -> None:
    """Log in, open a WebSocket, log out: it ends within a second."""
    plane = soak.plane
    with Client(plane.gateway) as client, Wire(plane.gateway) as wire:
        client.log_in("alice", PASSWORD)
        assert client.page("hub/home").status_code == 200
        mine = {"Cookie": cookie(client), **upgrade(plane.gateway)}
        assert wire.ask(plane.path("ws"), mine).status == 101
        assert client.page("hub/logout").status_code in (200, 302)
        wire.socket.settimeout(1)
        told = wire.socket.recv(100)
        assert told in (b"", b"\x88\x02\x03\xf0"), told
    assert ask(plane.gateway, plane.path("x"), {"Cookie": mine["Cookie"]}).status == 403
    soak.over.wait(1)


def tokens(soak: Soak) -> None:
    """Made, used, deleted, refused."""
    plane, http = soak.plane, soak.plane.people["bob"].http
    made = http.post("hub/api/users/bob/tokens", headers=plane.bearer("bob"), json={"note": "soak"})
    assert made.status_code == 201, made.text
    mine = {"Authorization": f"Bearer {made.json()['token']}"}
    with Wire(plane.gateway) as wire:
        assert wire.ask(plane.path("x", user="bob"), mine).status == 200
        gone = http.delete(f"hub/api/users/bob/tokens/{made.json()['id']}", headers=plane.bearer("bob"))
        assert gone.status_code == 204, gone.text
        time.sleep(0.3)
        assert wire.ask(plane.path("x", user="bob"), mine).status == 403
    soak.over.wait(1)


def servers(soak: Soak) -> None:
    """Routes come and go."""
    plane, admin = soak.plane, soak.plane.bearer("admin")
    http = plane.people["admin"].http
    started = http.post("hub/api/users/bob/servers/brief", headers=admin)
    if "already running" in started.text:  # since a round that a restart has ended
        http.delete("hub/api/users/bob/servers/brief", headers=admin)
        soak.over.wait(1)
        return
    if started.status_code not in (201, 202):
        raise AssertionError(f"{started.text}\n{http.get('hub/api/users/bob/servers/brief/log', headers=admin).text}")
    came_to(soak, 200)
    stopped = http.delete("hub/api/users/bob/servers/brief", headers=admin)
    assert stopped.status_code in (202, 204), stopped.text
    came_to(soak, 424)
    soak.over.wait(2)


def came_to(soak: Soak, wanted: int) -> None:
    """The brief server answers so, before long."""
    plane, until = soak.plane, time.monotonic() + 20
    while (status := ask(plane.gateway, "/user/bob/brief/x", plane.bearer("bob")).status) != wanted:
        assert status in (200, 424, 503), status
        assert time.monotonic() < until, f"{status} instead of {wanted}"
        time.sleep(0.1)
