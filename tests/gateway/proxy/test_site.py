"""Which names are ours, what an origin is, and whom we believe."""

from __future__ import annotations

import pytest

from gateway.proxy.site import host_name
from gateway.targets import address
from tests.gateway.proxy.values import HOST, site


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8000", True),
        ("localhost:8000", True),
        ("[::1]:8000", True),
        ("127.0.0.1", False),
        ("127.0.0.1:8001", False),
        ("127.0.0.2:8000", False),
        ("evil.example:8000", False),
        ("localhost.evil.example:8000", False),
        ("localhost.:8000", False),
        (HOST, True),
        (f"{HOST}:8000", True),
        (f"{HOST}:1", True),
        (f"x.{HOST}", False),
        ("", False),
    ],
)
def test_names(host: str, ours: bool) -> None:
    assert site().ours(host) is ours


def test_an_allowed_host_with_a_port_is_that_port_only() -> None:
    here = site(allowed_hosts=["Hub.Example.org:8443"])
    assert [here.ours(f"hub.example.org{port}") for port in (":8443", "", ":8000")] == [True, False, False]


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_listening_everywhere_names_nothing(everywhere: str) -> None:
    here = site((everywhere, 8000))
    assert here.ours("localhost:8000")
    assert not here.ours("192.0.2.1:8000")
    assert not here.ours(f"{everywhere}:8000")


@pytest.mark.parametrize(
    ("bound", "host"),
    [("192.0.2.9", "192.0.2.9:8000"), ("2001:db8::1", "[2001:db8::1]:8000"), ("fe80::1%eth0", "[fe80::1]:8000")],
)
def test_a_bound_address_is_ours(bound: str, host: str) -> None:
    assert site((bound, 8000)).ours(host)


def test_the_default_port_may_be_left_out() -> None:
    assert site(("127.0.0.1", 80)).ours("localhost")
    assert site(("127.0.0.1", 80)).ours("localhost:80")
    assert not site(("127.0.0.1", 443)).ours("localhost")
    assert site(("127.0.0.1", 443), tls=True).ours("localhost")


@pytest.mark.parametrize(
    ("public_url", "scheme", "host", "origin"),
    [
        ("", "http", "localhost:8000", "http://localhost:8000"),
        ("", "http", "hub.example.org:80", "http://hub.example.org"),
        ("", "https", "hub.example.org:443", "https://hub.example.org"),
        ("", "http", "hub.example.org:443", "http://hub.example.org:443"),
        ("https://Hub.Example.org/", "http", "hub.example.org", "https://hub.example.org"),
        ("https://hub.example.org", "http", "hub.example.org:443", "https://hub.example.org"),
        ("https://hub.example.org:8443", "http", "hub.example.org:8443", "https://hub.example.org:8443"),
        ("https://hub.example.org", "http", "localhost:8000", "http://localhost:8000"),
    ],
)
def test_origins(public_url: str, scheme: str, host: str, origin: str) -> None:
    here = site(public_url=public_url)
    assert here.ours(host)
    assert here.origin(scheme, host) == origin


@pytest.mark.parametrize(
    ("base_path", "public_url", "tls", "cookie", "secure"),
    [
        ("/", "", False, b"hubgate-session", False),
        ("/", "", True, b"__Host-hubgate-session", True),
        ("/", "https://hub.example.org", False, b"__Host-hubgate-session", True),
        ("/", "http://hub.example.org", False, b"hubgate-session", False),
        ("/x/", "", True, b"hubgate-session", True),
    ],
)
def test_the_session_cookie(base_path: str, public_url: str, tls: bool, cookie: bytes, secure: bool) -> None:
    here = site(base_path=base_path, public_url=public_url, tls=tls)
    assert (here.cookie, here.secure) == (cookie, secure)


def test_base_path() -> None:
    assert site().base == ()
    assert site(base_path="/x/y/").base == ("x", "y")


@pytest.mark.parametrize(
    ("peer", "believed"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("11.1.2.3", False), ("::1", True), ("", False), ("x", False)],
)
def test_trusted_peers(peer: str, believed: bool) -> None:
    here = site(trusted_proxies=["10.0.0.0/8", "::1"])
    assert here.trusts(peer) is believed
    assert not site().trusts(peer)


def test_addresses_and_names() -> None:
    assert str(address("::ffff:127.0.0.1")) == "127.0.0.1"
    assert address("localhost") is None
    assert host_name("[::1]:80") == "[::1]"
    assert host_name("a:80") == host_name("a") == "a"
