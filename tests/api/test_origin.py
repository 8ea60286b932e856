from __future__ import annotations

import pytest

from api import origin


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("GET", {"accept": "text/html,*/*"}, True),
        ("HEAD", {"accept": "text/html"}, True),
        ("GET", {"accept": "*/*"}, False),
        ("GET", {}, False),
        ("GET", {"sec-fetch-mode": "navigate"}, True),
        ("GET", {"sec-fetch-mode": "cors", "accept": "text/html"}, False),
        ("POST", {"sec-fetch-mode": "navigate"}, False),
    ],
)
def test_navigation(method: str, headers: dict[str, str], expected: bool) -> None:
    assert origin.is_navigation(method, headers) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, True),
        ({"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, True),
        ({"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, False),
        ({"sec-fetch-mode": "navigate", "sec-fetch-dest": "object"}, False),
        ({"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}, False),
        ({"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, False),
    ],
)
def test_top_level(headers: dict[str, str], expected: bool) -> None:
    assert origin.is_top_level(headers) is expected


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"origin": "http://hub.example:8000"}, False),
        ({"origin": "https://hub.example:8000"}, False),
        ({"origin": "http://HUB.example:8000"}, False),
        ({"origin": "http://hub.example"}, True),
        ({"origin": "http://hub.example:8001"}, True),
        ({"origin": "http://evil.example:8000"}, True),
        ({"origin": "http://hub.example:8000.evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": ""}, True),
        ({"origin": "http://[::1"}, True),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        # Origin is the more exact word.
        ({"origin": "http://evil.example", "sec-fetch-site": "same-origin"}, True),
    ],
)
def test_foreign(headers: dict[str, str], foreign: bool) -> None:
    assert origin.unsafe_is_foreign(headers, "hub.example:8000") is foreign


def test_default_ports_need_not_be_said() -> None:
    assert not origin.unsafe_is_foreign({"origin": "https://hub.example"}, "hub.example:443")
    assert not origin.unsafe_is_foreign({"origin": "http://hub.example"}, "hub.example")
    assert not origin.unsafe_is_foreign({"origin": "http://[::1]:8000"}, "[::1]:8000")


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("GET", {}, True),
        ("HEAD", {"sec-fetch-mode": "cors"}, True),
        ("OPTIONS", {"sec-fetch-mode": "cors"}, True),
        ("GET", {"sec-fetch-mode": "navigate"}, True),
        ("GET", {"sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}, False),
        ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-site": "same-origin", "sec-fetch-dest": "image"}, True),
        ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-site": "cross-site", "sec-fetch-dest": "image"}, False),
        ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty"}, False),
        ("GET", {"sec-fetch-mode": "no-cors", "sec-fetch-site": "same-origin"}, False),
        ("POST", {}, False),
        ("DELETE", {"sec-fetch-mode": "navigate"}, False),
    ],
)
def test_what_the_api_lets_pass_without_proof(method: str, headers: dict[str, str], expected: bool) -> None:
    assert origin.needs_no_proof(method, headers) is expected


def test_prefetch() -> None:
    assert origin.is_prefetch({"sec-purpose": "prefetch;prerender"})
    assert origin.is_prefetch({"purpose": "prefetch"})
    assert not origin.is_prefetch({})
