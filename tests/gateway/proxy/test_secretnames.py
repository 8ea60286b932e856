"""Which names are those of secrets."""

from __future__ import annotations

import pytest

from gateway.proxy import secretnames


@pytest.mark.parametrize(
    "name", ["token", "Token", "access_token", "code", "state", "api-key", "_xsrf", "passwd", "pwd"]
)
def test_arguments(name: str) -> None:
    assert secretnames.of_argument(name)


@pytest.mark.parametrize("name", ["password", "newPassword1", "client_secret", "accessToken", "tokens", "X-XSRFToken"])
def test_keys(name: str) -> None:
    assert secretnames.of_key(name)


@pytest.mark.parametrize("name", ["code", "state", "key", "text", "name", "tokenize", "path"])
def test_keys_that_are_none(name: str) -> None:
    assert not secretnames.of_key(name)


@pytest.mark.parametrize(
    "name", ["X-Api-Key", "X-Hubgate-Secret", "X-Auth-Request", "X-Hubgate-Identity", "X-Session-Id"]
)
def test_headers(name: str) -> None:
    assert secretnames.of_header(name)


@pytest.mark.parametrize("name", ["Access-Control-Allow-Credentials", "Content-Type", "Sec-WebSocket-Key", "ETag"])
def test_headers_that_are_none(name: str) -> None:
    assert not secretnames.of_header(name)


def test_a_name_may_be_long() -> None:
    long = "x" * 100_000
    for _ in range(2):
        assert secretnames.of_key(long + "_token")
        assert not secretnames.of_key(long)
