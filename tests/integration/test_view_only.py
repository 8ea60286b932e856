"""View only, with a real Jupyter server and a real kernel: what a guest sees, and that nothing of it changes."""

from __future__ import annotations

import contextlib
import json
import time
import uuid
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.integration.client import Client, Kernel
from tests.integration.harness import Gateway, eventually
from tests.integration.hostile import PASSWORD
from tests.integration.watching import NOTEBOOK, Place, Speaker, request, run
from tests.integration.wire import Wire, ask

pytestmark = pytest.mark.sockets

V1 = "v1.kernel.websocket.jupyter.org"
WORD = "for viewing only"
LIMIT = 1.0
"""Seconds from the end of the call that revokes to the end of the guest's last connection."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    settings = {
        "authenticator": {"plugin": "dummy", "allowed_users": ["alice", "bob"], "dummy": {"password": PASSWORD}},
        "sharing": {"users_may_share": True, "handlers": ["code", "direct", "view"]},
        "roles": [{"name": "sharer", "scopes": ["read:users:name"], "users": ["alice"]}],
    }
    with (
        Gateway(tmp_path_factory.mktemp("view"), settings) as gateway,
        Client(gateway) as alice,
        Client(gateway) as bob,
    ):
        alice.log_in("alice", PASSWORD)
        bob.log_in("bob", PASSWORD)
        alice.start_server()
        saved = alice.jupyter("PUT", "api/contents/nb.ipynb", json={"type": "notebook", "content": NOTEBOOK})
        assert saved.status_code == 201
        with alice.kernel() as kernel:
            kernel.execute("x = 'as it was'")
            made = Place(gateway, alice, bob, kernel)
            made.share(handler="view")
            eventually(lambda: ask(gateway, "/user/alice/api/status", made.headers()).status == 200, 3)
            yield made


# ── plain HTTP ───────────────────────────────────────────────────────────────


def test_pages_files_and_outputs_are_shown(place: Place) -> None:
    lab = ask(place.gateway, "/user/alice/lab/tree/nb.ipynb", place.headers())
    assert lab.status == 200 and b"jupyter-config-data" in lab.body
    shown = ask(place.gateway, "/user/alice/api/contents/nb.ipynb?content=1", place.headers())
    model = json.loads(shown.body)
    assert model["content"]["cells"][0]["outputs"][0]["text"] == "42\n"
    assert model["writable"] is False, "JupyterLab shows it as read-only"
    assert b"print(6*7)" in ask(place.gateway, "/user/alice/files/nb.ipynb", place.headers()).body
    for path in ("api/kernels", "api/sessions", "api/kernelspecs", "lab/api/settings", "lab/api/workspaces/default"):
        assert ask(place.gateway, f"/user/alice/{path}", place.headers()).status == 200, path


def test_the_servers_secrets_stay(place: Place) -> None:
    """With token or cookie, somebody on this machine could talk to the server past the gate."""
    owners = place.alice.page("user/alice/lab").text
    secret = json.loads(owners.partition('"token": ')[2].partition(",")[0])
    assert secret.startswith("server.") and len(secret) > 30
    for path in ("/user/alice/lab", "/user/alice/api/contents", "/user/alice/api/me"):
        reply = ask(place.gateway, path, place.headers() | {"Accept-Encoding": "gzip", "Range": "bytes=0-"})
        assert reply.status == 200
        assert secret.encode() not in reply.raw
        assert reply.all("set-cookie") == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "api/contents/nb.ipynb"),
        ("PUT", "api/contents/new.txt"),
        ("POST", "api/contents"),
        ("PATCH", "api/contents/nb.ipynb"),
        ("DELETE", "api/contents/nb.ipynb"),
        ("POST", "api/contents/nb.ipynb/checkpoints"),
        ("POST", "api/kernels"),
        ("POST", "api/kernels/{kernel}/interrupt"),
        ("POST", "api/kernels/{kernel}/restart"),
        ("DELETE", "api/kernels/{kernel}"),
        ("POST", "api/sessions"),
        ("POST", "api/terminals"),
        ("POST", "api/shutdown"),
        ("PUT", "lab/api/workspaces/default"),
        ("PUT", "lab/api/settings/@jupyterlab/apputils-extension:themes"),
        ("POST", "api/events"),
        ("GET", "terminals/new"),
        ("GET", "api/terminals"),
        ("GET", "nbconvert/html/nb.ipynb"),
        ("GET", "logout"),
        ("GET", "login"),
        ("GET", "proxy/22/"),
        ("GET", "lsp/status"),
        ("GET", "lab/api/extensions"),
        ("GET", "metrics"),
        ("OPTIONS", "api/contents"),
    ],
)
def test_nothing_changes_by_http(place: Place, method: str, path: str) -> None:
    """With all that Jupyter asks for, XSRF among it."""
    xsrf = place.alice.jupyter_xsrf() or "x"
    headers = place.headers()
    headers |= {"Cookie": f"{headers['Cookie']}; _xsrf={xsrf}", "X-XSRFToken": xsrf, "X-HTTP-Method-Override": "PUT"}
    body = b'{"type": "file", "format": "text", "content": "changed", "name": "python3", "path": "n"}'
    body = body if method in ("PUT", "POST", "PATCH") else b""
    target = f"/user/alice/{path.format(kernel=place.kernel.id)}"
    with Wire(place.gateway) as wire:
        reply = wire.ask(target, headers | {"Content-Type": "application/json"}, method, body)
    assert reply.status == 403
    assert WORD.encode() in reply.body


def test_all_is_as_it_was(place: Place) -> None:
    """After the attempts above."""
    assert place.alice.jupyter("GET", "api/contents/nb.ipynb").json()["content"]["cells"][0]["source"] == "print(6*7)"
    assert [each["name"] for each in place.alice.jupyter("GET", "api/contents").json()["content"]] == ["nb.ipynb"]
    assert place.alice.jupyter("GET", "api/terminals").json() == []
    assert [each["id"] for each in place.alice.jupyter("GET", "api/kernels").json()] == [place.kernel.id]
    assert place.value("x") == "as it was"


# ── kernel messages ──────────────────────────────────────────────────────────


WAYS = pytest.mark.parametrize("way", ["text", "binary", "v1"])


@contextlib.contextmanager
def speaking(place: Place, way: str) -> Iterator[Speaker]:
    chosen = [V1] if way == "v1" else None
    with place.listening(subprotocols=chosen, compression="deflate") as websocket:  # type: ignore[arg-type]
        assert websocket.subprotocol == (V1 if way == "v1" else None)
        assert websocket.protocol.extensions == [], "compression was offered, and not agreed to"
        speaker = Speaker(websocket, way)
        # The kernel answers: from here on nothing that it says is missed.
        speaker.until("kernel_info_reply", speaker.say(request("kernel_info_request")))
        yield speaker


@WAYS
def test_the_owners_output_arrives_and_the_guests_code_does_not_run(place: Place, way: str) -> None:
    with speaking(place, way) as guest:
        comms = guest.until("comm_info_reply", guest.say(request("comm_info_request")))
        assert comms["content"]["status"] == "ok"
        said = f"output {uuid.uuid4().hex}"
        place.kernel.execute(f"print({said!r})")
        assert guest.until("stream", text=said)["content"]["name"] == "stdout"
        for parts in (1, 3):
            number = guest.say(run("x = 'changed'"), parts)
            assert WORD in guest.until("error", number)["content"]["evalue"]
            assert guest.until("execute_reply", number)["content"]["status"] == "error"
            assert guest.until("status", number)["content"]["execution_state"] == "idle"
        # What comes after a refusal is heard, so what came before was dropped, not delayed.
        guest.until("kernel_info_reply", guest.say(request("kernel_info_request"), 5))
    assert place.value("x") == "as it was"


@WAYS
@pytest.mark.parametrize(
    "message",
    [
        request("debug_request", "control", type="request", seq=1, command="initialize", arguments={}),
        request("shutdown_request", "control", restart=False),
        request("interrupt_request", "control"),
        request("complete_request", code="x.", cursor_pos=2),
        request("inspect_request", code="x", cursor_pos=1, detail_level=0),
        request("history_request", hist_access_type="tail", n=9, output=False, raw=True),
        request("comm_open", comm_id="c", target_name="jupyter.widget", data={}),
        request("comm_msg", comm_id="c", data={}),
        request("input_reply", "stdin", value="x"),
        request("kernel_info_request", "stdin"),
        request("kernel_info_request", code="x = 1"),
    ],
    ids=lambda message: f"{message['header']['msg_type']}-{message['channel']}",
)
def test_other_messages_are_refused_with_a_word(place: Place, way: str, message: dict[str, Any]) -> None:
    """Attack 6."""
    with speaking(place, way) as guest:
        guest.say(message)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            heard = guest.hear()
            if WORD in json.dumps(heard["content"]):
                break
        else:
            raise AssertionError("no word")
    assert place.value("x") == "as it was"


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(run("x = 'changed'"))[:-1] + ', "header": {"msg_type": "kernel_info_request"}}',
        '{"channel": "control", ' + json.dumps(run("x = 'changed'"))[1:],
        json.dumps(run("x = 'changed'")) + "{}",
        "x" * (1024 * 1024 + 1),
        b"\0\0\0\2\0\0\0\x0c\0\0\0\x0c" + json.dumps(run("x = 'changed'")).encode(),
    ],
    ids=["a header twice", "a channel twice", "two in one", "too long", "odd offsets"],
)
def test_what_could_be_read_in_two_ways_ends_the_connection(place: Place, data: str | bytes) -> None:
    with place.listening() as websocket, pytest.raises(ConnectionClosed) as ended:
        websocket.send(data)
        while True:
            websocket.recv(timeout=10)
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code in (1008, 1009)
    assert place.value("x") == "as it was"


def test_a_frame_that_claims_to_be_compressed(place: Place) -> None:
    """Attack 5."""
    deflate = zlib.compressobj(wbits=-15)
    hidden = deflate.compress(json.dumps(run("x = 'changed'")).encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)
    with place.listening() as websocket:
        websocket.socket.sendall(bytes((0xC1, 0xFE)) + len(hidden[:-4]).to_bytes(2) + bytes(4) + hidden[:-4])
        with pytest.raises(ConnectionClosed):
            while True:
                websocket.recv(timeout=10)
    assert place.value("x") == "as it was"


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("", {"Sec-WebSocket-Version": "7"}),
        ("", {"Sec-WebSocket-Version": "8"}),
        ("", {"Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQCAAAAAAIAAAAA"}),
        ("", {"Upgrade": "tcp"}),
        ("terminals/websocket/1", {}),
        ("api/terminals/1", {}),
        ("lsp/ws/pylsp", {}),
        ("api/collaboration/room/x", {}),
        ("proxy/8888/", {}),
        ("api/kernels/x/y/channels", {}),
    ],
)
def test_no_other_upgrade(place: Place, path: str, change: dict[str, str]) -> None:
    """Attacks 5 and 6. What follows the head in the same packet is read by nobody as frames."""
    headers = place.headers() | {
        "Upgrade": "websocket", "Connection": "Upgrade, HTTP2-Settings", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    } | change  # fmt: skip
    target = f"/user/alice/{path}" if path else f"/{place.channels}"
    with Wire(place.gateway) as wire:
        reply = wire.ask(target, headers)
        assert reply.status == 403
        assert WORD.encode() in reply.body


def test_a_terminal_of_the_owners_is_not_shown(place: Place) -> None:
    made = place.alice.jupyter("POST", "api/terminals")
    assert made.status_code == 200
    name = made.json()["name"]
    try:
        for path in (f"terminals/websocket/{name}", f"terminals/{name}", f"api/terminals/{name}"):
            assert ask(place.gateway, f"/user/alice/{path}", place.headers()).status == 403
        with pytest.raises(Exception, match="403"), place.listening(f"user/alice/terminals/websocket/{name}"):
            pass
    finally:
        place.alice.jupyter("DELETE", f"api/terminals/{name}")


def test_a_guest_cannot_take_the_place_of_the_owner(place: Place) -> None:
    """Jupyter ends the connection that has the same `session_id`; it stands in every message."""
    sessions = f"{place.channels}?session_id=the-owners"
    with place.alice.websocket(sessions) as owner, place.listening(sessions):
        kernel = Kernel(owner, place.kernel.id)
        assert kernel.execute("print(1)") == "1\n"


# ── ends ─────────────────────────────────────────────────────────────────────


def gone(websocket: ClientConnection) -> float:
    """When it ended."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            websocket.recv(timeout=10)
    return time.monotonic()


def test_another_right_is_a_cut_and_so_is_none(place: Place) -> None:
    """Looking on becomes full use, and the reverse; then nothing. Each within a second."""
    with place.listening() as channels, place.listening("user/alice/api/events/subscribe") as events_:
        number = place.share(handler="direct")
        begun = time.monotonic()
        assert max(gone(channels), gone(events_)) - begun < LIMIT
    with place.listening() as channels:
        channels.send(json.dumps(run("x = 'by a guest'")))
        eventually(lambda: place.value("x") == "by a guest", 10)
        begun = time.monotonic()
        assert place.call("DELETE", f"api/shares/{number}").status_code == 204
        assert gone(channels) - begun < LIMIT
    place.kernel.execute("x = 'as it was'")
    assert ask(place.gateway, f"/{place.channels}", place.headers()).status == 403


def test_revoked(place: Place) -> None:
    """Last of this module: it ends what all tests above stand on."""
    listed = place.call("GET", "api/shares").json()
    (mine,) = [each for each in listed if each["handler"] == "view"]
    assert (mine["view_only"], mine["guests"][0]["user"]) == (True, "bob")
    with place.listening() as channels, place.listening("user/alice/api/events/subscribe") as events_:
        assert place.call("DELETE", f"api/shares/{mine['id']}").status_code == 204
        begun = time.monotonic()
        assert max(gone(channels), gone(events_)) - begun < LIMIT
    assert ask(place.gateway, "/user/alice/lab", place.headers()).status == 403
