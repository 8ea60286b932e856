"""Each form takes what it should, refuses the rest with what it expected, and takes its own result again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import forms

GOOD: list[tuple[Callable[[str], str], str, str]] = [
    (forms.base_path, "", "/"),
    (forms.base_path, "/", "/"),
    (forms.base_path, "x", "/x/"),
    (forms.base_path, "/x", "/x/"),
    (forms.base_path, "/x/", "/x/"),
    (forms.base_path, "/a/b-c_d.e~f/", "/a/b-c_d.e~f/"),
    (forms.host, "Hub.Example.org", "hub.example.org"),
    (forms.host, "hub.example.org:8443", "hub.example.org:8443"),
    (forms.host, "[::1]:8000", "[::1]:8000"),
    (forms.host, "[::1]", "[::1]"),
    (forms.network, "10.0.0.7", "10.0.0.7/32"),
    (forms.network, "10.0.0.0/8", "10.0.0.0/8"),
    (forms.network, "fd00::/8", "fd00::/8"),
    (forms.channel_bind, "", ""),
    (forms.channel_bind, "127.0.0.1:8100", "127.0.0.1:8100"),
    (forms.channel_bind, "localhost:8100", "localhost:8100"),
    (forms.channel_bind, "[::1]:8100", "[::1]:8100"),
    (forms.channel_bind, "unix:/run/hub.sock", "unix:/run/hub.sock"),
    (forms.channel_bind, "/run/hub.sock", "unix:/run/hub.sock"),
    (forms.channel_url, "", ""),
    (forms.channel_url, "http://127.0.0.1:8100/", "http://127.0.0.1:8100"),
    (forms.channel_url, "unix:hub.sock", "unix:hub.sock"),
    (forms.store_url, "sqlite:hub.sqlite", "sqlite:hub.sqlite"),
    (forms.store_url, "postgres://u:p@h/d", "postgresql://u:p@h/d"),
    (forms.profile_name, "py-3.13_x", "py-3.13_x"),
    (forms.relative_path, "/api/status", "api/status"),
    (forms.relative_path, "", ""),
    (forms.upgrade, "WebSocket", "websocket"),
    (forms.user_name, " Ünï ", "ünï"),
]

BAD: list[tuple[Callable[[str], object], str]] = [
    (forms.address, "8000"),
    (forms.address, ":8000"),
    (forms.address, "*:8000"),
    (forms.address, "127.0.0.1"),
    (forms.address, "127.0.0.1:"),
    (forms.address, "127.0.0.1:70000"),
    (forms.address, "127.0.0.1:-1"),
    (forms.address, "127.0.0.1:٣"),
    (forms.address, "::1:8000"),
    (forms.address, "[127.0.0.1]:8000"),
    (forms.address, "http://127.0.0.1:8000"),
    (forms.base_path, "/a/../b"),
    (forms.base_path, "/./"),
    (forms.base_path, "/a//b"),
    (forms.base_path, "/a%2Fb"),
    (forms.base_path, "/a;b"),
    (forms.base_path, "/a b"),
    (forms.base_path, "/ä"),
    (forms.base_path, "/a?b"),
    (forms.host, "http://hub.example.org"),
    (forms.host, "hub.example.org/"),
    (forms.host, "*.example.org"),
    (forms.host, "::1"),
    (forms.network, "10.0.0.7/8"),
    (forms.network, "localhost"),
    (forms.channel_bind, "0.0.0.0:8100"),
    (forms.channel_bind, "10.0.0.1:8100"),
    (forms.channel_bind, "hub.example.org:8100"),
    (forms.channel_bind, "127.0.0.1:0"),
    (forms.channel_bind, "unix:"),
    (forms.channel_url, "127.0.0.1:8100"),
    (forms.channel_url, "https://127.0.0.1:8100"),
    (forms.channel_url, "http://10.0.0.1:8100"),
    (forms.channel_url, "http:///run/hub.sock"),
    (forms.store_url, "mysql://h/d"),
    (forms.store_url, "sqlite:"),
    (forms.store_url, "sqlite::memory:"),
    (forms.store_url, "postgresql://h"),
    (forms.profile_name, ""),
    (forms.profile_name, "a/b"),
    (forms.profile_name, "-a"),
    (forms.relative_path, "a/../b"),
    (forms.relative_path, "a b"),
    (forms.upgrade, ""),
    (forms.upgrade, "a b"),
    (forms.user_name, "a/b"),
]


@pytest.mark.parametrize(("form", "value", "result"), GOOD)
def test_takes_and_normalises(form: Callable[[str], str], value: str, result: str) -> None:
    assert form(value) == result
    assert form(result) == result


@pytest.mark.parametrize(("form", "value"), BAD)
def test_refuses(form: Callable[[str], object], value: str) -> None:
    with pytest.raises(ValueError):
        form(value)


@pytest.mark.parametrize(
    ("value", "name", "port"),
    [("127.0.0.1:8000", "127.0.0.1", 8000), ("Hub:0", "hub", 0), ("[::1]:8000", "::1", 8000)],
)
def test_an_address_and_back(value: str, name: str, port: int) -> None:
    assert forms.address(value) == (name, port)
    assert forms.joined(name, port) == value.lower()


def test_every_address_is_reached_at_loopback() -> None:
    assert forms.reachable("0.0.0.0:80") == "127.0.0.1:80"
    assert forms.reachable("[::]:80") == "[::1]:80"
    assert forms.reachable("10.0.0.1:80") == "10.0.0.1:80"


@pytest.mark.parametrize(
    ("value", "base", "result"),
    [
        ("", "/", ""),
        ("https://Hub.Example.org", "/", "https://hub.example.org"),
        ("https://hub.example.org:443/", "/", "https://hub.example.org"),
        ("http://hub.example.org:8080", "/", "http://hub.example.org:8080"),
        ("https://hub.example.org/x/", "/x/", "https://hub.example.org"),
        ("http://[::1]:8000", "/", "http://[::1]:8000"),
    ],
)
def test_an_origin(value: str, base: str, result: str) -> None:
    assert forms.origin(value, base) == result
    assert forms.origin(result, base) == result


@pytest.mark.parametrize(
    "value",
    [
        "hub.example.org", "ftp://hub", "https://", "https://hub/y/", "https://hub/?a", "https://hub/#a",
        "https://a@hub", "https://hub:x", "javascript:alert(1)", "https://hub:70000", "https://a b",
    ],
)  # fmt: skip
def test_no_origin(value: str) -> None:
    with pytest.raises(ValueError):
        forms.origin(value, "/x/")


def test_where_one_side_finds_the_other() -> None:
    assert forms.place("") is None
    assert forms.place("unix:/run/hub.sock") == Path("/run/hub.sock")
    assert forms.place("[::1]:8100") == ("::1", 8100)


@pytest.mark.parametrize("values", [{"A B": ""}, {"": ""}, {"A=B": ""}, {"A": "\0"}, {"HUBGATE_X": ""}])
def test_variables_that_a_server_cannot_have(values: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        forms.environment(values)


@given(st.sampled_from([form for form, *_ in GOOD]), st.text())
def test_any_text_is_normalised_once_or_refused(form: Callable[[str], str], text: str) -> None:
    try:
        once = form(text)
    except ValueError:
        return
    assert form(once) == once


@pytest.mark.parametrize(
    ("value", "bytes_"),
    [(5, 5), ("5", 5), ("5K", 5120), ("1.5m", 1572864), ("2G", 2 * 1024**3), ("2GiB", 2 * 1024**3)],
)
def test_sizes(value: int | str, bytes_: int) -> None:
    assert forms.size(value) == bytes_


@pytest.mark.parametrize("value", ["", "G", "2 apples", "-1", "1e3", "2X"])
def test_no_sizes(value: str) -> None:
    with pytest.raises(ValueError, match="512M"):
        forms.size(value)


def test_statuses() -> None:
    assert [forms.status(value) for value in (0, 200, 599)] == [0, 200, 599]
    for value in (1, 99, 600, -1):
        with pytest.raises(ValueError, match="a status of HTTP"):
            forms.status(value)
