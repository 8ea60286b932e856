"""TLS by the gateway itself, with real clients: both lanes, revocation, a new certificate in the middle of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import certificate
from tests.integration.bulk import MIB, Bulk, bulk
from tests.integration.bulkserver import packed
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually, free_port
from tests.integration.hostile import PASSWORD
from tests.integration.test_mishaps import refused
from tests.integration.test_revocation import LIMIT, all_kinds, ends, still_there
from tests.integration.wire import Wire, cookie, head, upgrade

pytestmark = pytest.mark.sockets


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bulk]:
    folder = tmp_path_factory.mktemp("tls")
    cert, key = certificate(folder)
    tls = {
        "tls_cert": str(cert),
        "tls_key": str(key),
        "http_redirect_bind": f"127.0.0.1:{free_port()}",
        "trusted_proxies": ["127.0.0.9"],
    }
    with bulk(folder, workers=2, settings={"gateway": tls}) as made:
        yield made


def shown(gateway: Gateway) -> bytes:
    """The certificate that a new client sees."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", gateway.port), 5) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as made,
    ):
        return made.getpeercert(binary_form=True) or b""


def test_the_address_and_the_cookies_are_those_of_https(plane: Bulk) -> None:
    assert f"Hubgate is ready at https://127.0.0.1:{plane.gateway.port}/" in plane.gateway.printed()
    with Client(plane.gateway) as client:
        answer = client.log_in("alice", PASSWORD)
    (session,) = [
        each for each in answer.headers.get_list("set-cookie") if "hubgate-session=" in each and "Max-Age=" in each
    ]
    assert session.startswith("__Host-hubgate-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(session.split("; "))


def test_old_protocols_are_refused(plane: Bulk) -> None:
    context = ssl.create_default_context(cafile=plane.gateway.certificate)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", plane.gateway.port), 5) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw, server_hostname="127.0.0.1")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(plane: Bulk) -> None:
    told = subprocess.run(
        ["curl", "-sS", "-w", "%{http_code} %{http_version} %{redirect_url}", "--cacert", plane.gateway.certificate,
         plane.gateway.url("hub/health"), "-o", "/dev/null"],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert told.stdout == "200 1.1 ", told.stderr
    plain = plane.gateway.settings["gateway"]["http_redirect_bind"]
    for address in (f"http://{plain}/hub/login?x=1", plane.gateway.url("hub/login?x=1").replace("https:", "http:")):
        told = subprocess.run(
            ["curl", "-sS", "-w", "%{http_code} %{redirect_url}", address, "-o", "/dev/null"],
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        assert told.stdout == f"308 {plane.gateway.url('hub/login?x=1')}", told.stderr


@pytest.mark.parametrize("lane", ["express", "flow"])
def test_bytes_pass_whole_in_both_lanes(plane: Bulk, lane: str) -> None:
    client = plane.people["alice"]
    got = client.http.get(plane.path(f"bytes?{8 * MIB}", lane))
    assert len(got.content) == 8 * MIB
    sent = client.http.put(plane.path("sink", lane), content=bytes(8 * MIB), headers={"Origin": plane.gateway.origin})
    assert sent.status_code == 200
    assert str(8 * MIB) in sent.text
    with client.websocket(plane.path("ws", lane)[1:]) as talk:
        talk.send(b"x" * 300_000)
        assert talk.recv(timeout=10) == b"x" * 300_000


def test_who_is_trusted_is_believed_behind_tls_too(plane: Bulk) -> None:
    """A proxy in front that speaks TLS to the gateway."""
    forwarded = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https", **plane.bearer()}
    for size, source, expected in ((11111, "127.0.0.9", "198.51.100.7"), (22222, "127.0.0.8", "127.0.0.8")):
        with Wire(plane.gateway, source=source) as wire:
            assert wire.ask(plane.path(f"bytes?{size}"), forwarded).status == 200
        eventually(lambda sent=size, wanted=expected: (sent, wanted) in served(plane), 5)  # type: ignore[misc]


def served(plane: Bulk) -> set[tuple[int, str]]:
    """Bytes and client of the last requests."""
    answer = plane.people["admin"].http.get("hub/api/traffic/requests", headers=plane.bearer("admin"))
    assert answer.status_code == 200, answer.text
    document = answer.json()
    return {(each["sent"], each["client"]) for each in document["items"]}


@pytest.mark.parametrize("lane", ["express", "flow"])
def test_a_right_that_ends_ends_what_is_open(plane: Bulk, lane: str) -> None:
    with Client(plane.gateway) as client, all_kinds(plane, lane, plane.bearer()) as others:
        client.log_in("alice", PASSWORD)
        with all_kinds(plane, lane, {"Cookie": cookie(client), "Origin": plane.gateway.origin}) as wires:
            assert client.page("hub/logout").status_code in (200, 302)
            assert ends(plane, wires) < LIMIT
        still_there(plane, others)


def test_a_new_certificate_while_a_download_and_a_websocket_are_open(plane: Bulk) -> None:
    """A bad one first: the one before stays, and what is wrong is said."""
    gateway = plane.gateway
    before = shown(gateway)
    cert = Path(gateway.certificate)
    old = cert.read_bytes()
    with Wire(gateway) as down, Wire(gateway) as talk:
        down.send(head(gateway, plane.path(f"bytes?{32 * MIB}"), plane.bearer()))
        assert talk.ask(plane.path("ws"), {**plane.bearer(), **upgrade(gateway)}).status == 101
        cert.write_text("nonsense")
        hang_up(gateway)
        eventually(lambda: f"{cert} holds no certificate" in gateway.log(), 10)
        assert shown(gateway) == before
        cert.write_bytes(old)
        fresh_cert, fresh_key = certificate(cert.parent, "fresh")
        fresh_key.replace(cert.with_suffix(".key"))
        fresh_cert.replace(cert)
        hang_up(gateway)
        for _ in plane.workers():
            eventually(lambda: shown(gateway) != before, 10)
        eventually(lambda: gateway.log().count("certificate read again") >= 2, 10)
        talk.send(packed(1, b"still here", masked=True))
        assert talk.socket.recv(100).endswith(b"still here")
        rest = bytearray()
        while len(rest) < 32 * MIB and (data := down.socket.recv(65536)):
            rest += data
        assert len(rest.partition(b"\r\n\r\n")[2]) == 32 * MIB
    eventually(gateway.healthy, 60)


def hang_up(gateway: Gateway) -> None:
    os.kill(gateway.pid("supervisor"), signal.SIGHUP)
    time.sleep(0.1)


def test_a_certificate_that_cannot_be_used_is_one_clear_error(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, {"gateway": {"tls_cert": str(tmp_path / "none.pem")}})
    (tmp_path / "hubgate.toml").write_text(
        f'[gateway]\nbind = "127.0.0.1:0"\ndata_dir = "data"\ntls_cert = "{tmp_path}/none.pem"\n', "utf-8"
    )
    told = refused(gateway, 2, f"hubgate.toml: gateway.tls_cert: {tmp_path}/none.pem cannot be read: No such file")
    assert len(told.splitlines()) == 1
