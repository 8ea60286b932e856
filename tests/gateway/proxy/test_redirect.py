"""Plain http beside https: one redirect to ourselves, never anywhere else."""

from __future__ import annotations

import asyncio
import socket

import pytest

from gateway.proxy import redirect
from gateway.proxy.entrance import Plain
from gateway.proxy.redirect import Redirects, answer
from tests.gateway.proxy.values import site

SITE = site(("127.0.0.1", 8443), tls=True)


def asked(head: str, where: object = SITE, port: int = 8443) -> tuple[str, str]:
    """Status line and Location."""
    said = answer(head.encode("latin-1"), where, port)  # type: ignore[arg-type]
    assert said is not None
    first, *lines = said.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers["Connection"] == "close"
    assert "Set-Cookie" not in headers
    return first.split(" ")[1], headers.get("Location", "")


@pytest.mark.parametrize(
    ("host", "port", "location"),
    [
        ("hub.example.org", 8443, "https://hub.example.org:8443/x?y=1"),
        ("hub.example.org:80", 443, "https://hub.example.org/x?y=1"),
        ("HUB.example.org:8080", 8443, "https://hub.example.org:8443/x?y=1"),
        ("127.0.0.1:8480", 8443, "https://127.0.0.1:8443/x?y=1"),
        ("[::1]:8480", 8443, "https://[::1]:8443/x?y=1"),
    ],
)
def test_the_same_path_by_https(host: str, port: int, location: str) -> None:
    assert asked(f"GET /x?y=1 HTTP/1.1\r\nHost: {host}\r\n\r\n", port=port) == ("308", location)


def test_the_public_address_where_there_is_one() -> None:
    public = site(("127.0.0.1", 8443), tls=True, public_url="https://hub.example.org:9443")
    assert asked("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", public) == ("308", "https://hub.example.org:9443/")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "421"),
        ("GET / HTTP/1.1\r\nHost: hub.example.org@evil.example\r\n\r\n", "421"),
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: hub.example.org\r\nHost: evil.example\r\n\r\n", "400"),
        ("GET https://evil.example/ HTTP/1.1\r\nHost: hub.example.org\r\n\r\n", "400"),
        ("GET /\x00 HTTP/1.1\r\nHost: hub.example.org\r\n\r\n", "400"),
        ("nonsense\r\n\r\n", "400"),
    ],
)
def test_nowhere_else(head: str, status: str) -> None:
    assert asked(head) == (status, "")


@pytest.mark.parametrize("target", ["//evil.example/", "/\\evil.example", "/@evil.example", "/%0d%0aSet-Cookie:x=y"])
def test_a_path_stays_one(target: str) -> None:
    status, location = asked(f"GET {target} HTTP/1.1\r\nHost: hub.example.org\r\n\r\n")
    assert status == "400" or location == f"https://hub.example.org:8443{target}"


def test_half_a_head_waits_and_a_long_one_is_refused() -> None:
    assert answer(b"GET / HTTP/1.1\r\nHost: hub", SITE, 443) is None
    assert asked("GET / HTTP/1.1\r\nX: " + "x" * redirect.LONGEST)[0] == "431"


@pytest.mark.sockets
async def test_connections_are_bounded_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirect, "OPEN", 1)
    monkeypatch.setattr(redirect, "PATIENCE", 0.2)
    redirects = Redirects(lambda: SITE, 8443)
    readers = []
    for _ in range(2):
        ours, theirs = socket.socketpair()
        await Plain(redirects)(theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
        readers.append((reader, writer))
    async with asyncio.timeout(5):
        assert await end(readers[0][0])  # it made room
        assert len(redirects.open) == 1
        readers[1][1].write(b"GET / HTTP/1.1\r\nHost: local")
        assert await end(readers[1][0])  # it took too long
    assert not redirects.open
    for _, writer in readers:
        writer.close()


async def end(reader: asyncio.StreamReader) -> bool:
    """Does the connection end without a word?"""
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True
