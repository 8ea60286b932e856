"""Apps at their own root: what they are asked, and how what they say becomes the client's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.cookies import inside
from gateway.proxy.prefixes import relocated, stripped
from gateway.routes import split

PREFIX = ("x", "user", "a b", "gpu")
PATH = "/x/user/a%20b/gpu"
HOSTS = ("hub.example.org", "127.0.0.1:9")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (f"{PATH}/", "/"),
        (f"{PATH}", "/"),
        (f"{PATH}?q=/a/b", "/?q=/a/b"),
        (f"{PATH}/lab/tree%2Fx?q=%20", "/lab/tree%2Fx?q=%20"),
        ("/x/us%65r/a%20b/gpu/a", "/a"),
        (f"{PATH}//evil.example/", "/evil.example/"),
        (f"{PATH}/a//b", "/a//b"),
    ],
)
def test_the_prefix_goes(target: str, expected: str) -> None:
    assert stripped(target.encode(), PREFIX) == expected.encode()


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/", f"{PATH}/"),
        ("/login?next=/a", f"{PATH}/login?next=/a"),
        ("/?x#y", f"{PATH}/?x#y"),
        ("login", "login"),
        ("?page=2", "?page=2"),
        ("../up", "../up"),
        ("", ""),
        (f"{PATH}/there", f"{PATH}/there"),
        (f"{PATH}?x", f"{PATH}?x"),
        ("http://hub.example.org/a", f"{PATH}/a"),
        ("https://HUB.example.org", f"{PATH}/"),
        ("//hub.example.org?x", f"{PATH}/?x"),
        ("http://127.0.0.1:9/a?b", f"{PATH}/a?b"),
        ("http://127.0.0.1:10/a", "http://127.0.0.1:10/a"),
        ("https://elsewhere.example/a", "https://elsewhere.example/a"),
        ("//elsewhere.example/a", "//elsewhere.example/a"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("/user/other/", f"{PATH}/user/other/"),
        (f"{PATH}/../../other/", f"{PATH}/x/user/a%20b/gpu/../../other/"),
    ],
)
def test_where_it_leads(location: str, expected: str) -> None:
    assert relocated(location.encode(), PREFIX, HOSTS) == expected.encode()


@given(st.text(st.sampled_from("/\\.%2e?#:@ahttp"), max_size=30))
def test_it_stays_inside_or_is_what_the_app_said(text: str) -> None:
    value = text.encode()
    moved = relocated(value, PREFIX, HOSTS)
    assert moved == value or moved.decode().startswith(f"{PATH}/") or inside(moved.decode().split("?")[0], PREFIX)


@given(st.text(st.sampled_from("/%2Fab?="), max_size=20))
def test_what_is_left_is_one_path_at_the_root(text: str) -> None:
    left = stripped(f"{PATH}/{text}".encode(), PREFIX).decode()
    assert left.startswith("/")
    assert not left.startswith("//")
    assert split(left.split("?")[0])[-1:] == split(f"/{text}".split("?")[0])[-1:]
