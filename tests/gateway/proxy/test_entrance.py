"""Between `accept` and the handler: a handshake that is bounded in time and number."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path
from typing import cast

import pytest

from gateway import listen, tls
from gateway.proxy import entrance, server
from gateway.proxy.entrance import Secure
from gateway.proxy.redirect import Redirects
from gateway.proxy.server import Door
from gateway.settings import TlsFiles
from tests.certificates import certificate
from tests.gateway.proxy.values import site

pytestmark = pytest.mark.sockets


class Here(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(b"welcome")


class Place:
    """A door with TLS."""

    def __init__(self, folder: Path) -> None:
        files = TlsFiles(*certificate(folder))
        context = tls.context(files)
        (self.listener,) = listen.open_all(["127.0.0.1:0"])
        self.address: tuple[str, int] = self.listener.getsockname()
        redirects = Redirects(lambda: site(self.address, tls=True), self.address[1])
        self.door = Door(self.listener, Secure(Here, lambda: context, redirects))
        self.trust = ssl.create_default_context(cafile=str(files.cert))

    async def greeting(self) -> bytes:
        reader, writer = await asyncio.open_connection(*self.address, ssl=self.trust, server_hostname="localhost")
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() is None
        said = await reader.readexactly(7)
        writer.transport.abort()
        return said


async def ended(sock: socket.socket) -> bool:
    sock.setblocking(False)
    try:
        async with asyncio.timeout(5):
            return await asyncio.get_running_loop().sock_recv(sock, 100) == b""
    except ConnectionResetError:
        return True


async def test_a_handshake_then_the_protocol(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert await place.greeting() == b"welcome"
    place.door.close()


async def test_silence_and_half_a_handshake_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "HANDSHAKE", 0.2)
    place = Place(tmp_path)
    with socket.create_connection(place.address) as silent, socket.create_connection(place.address) as half:
        half.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert await ended(silent)
        assert await ended(half)
    with socket.create_connection(place.address) as gone:
        gone.shutdown(socket.SHUT_WR)
        assert await ended(gone)
    assert await place.greeting() == b"welcome"
    place.door.close()


async def test_the_slowest_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ENTERING", 3)
    place = Place(tmp_path)
    silent = [socket.create_connection(place.address) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert await place.greeting() == b"welcome"
    assert await ended(silent[0])
    silent[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        silent[1].recv(1)
    for each in silent:
        each.close()
    place.door.close()
    await asyncio.sleep(0.05)


async def test_plain_http_is_led_to_https(tmp_path: Path) -> None:
    place = Place(tmp_path)
    reader, writer = await asyncio.open_connection(*place.address)
    writer.write(b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    said = await asyncio.wait_for(reader.read(), 5)
    assert said.startswith(b"HTTP/1.1 308 ")
    assert f"\r\nLocation: https://localhost:{place.address[1]}/x\r\n".encode() in said
    writer.close()
    place.door.close()
