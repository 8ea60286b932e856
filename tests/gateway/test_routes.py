"""Paths to segments, segments to routes, and tables that are swapped whole."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routes import (
    DEEPEST,
    Route,
    RouteTable,
    base_segments,
    escape,
    server_route_id,
    server_url,
    session_cookie,
    split,
)


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/", ("",)),
        ("", ("",)),
        ("/a", ("a",)),
        ("/a/", ("a", "")),
        ("/user/a%20b/", ("user", "a b", "")),
        ("/a%2Fb/c", ("a/b", "c")),
        ("/a%252Fb", ("a%2Fb",)),
        ("/a+b", ("a+b",)),
        ("/%", ("%",)),
        ("/%zz", ("%zz",)),
        ("/%ff", ("\ufffd",)),
        ("/\xc3\xbc", ("ü",)),
        ("/u%CC%88", ("ü",)),
        ("//a", ("", "a")),
    ],
)
def test_split(path: str, segments: tuple[str, ...]) -> None:
    assert split(path) == segments


@given(st.text(max_size=30))
def test_a_name_survives_its_path(name: str) -> None:
    """Any name without lone surrogates, escaped as one segment, is one segment, and is that name in NFC."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    assert split(f"/user/{escape(name)}/x") == ("user", unicodedata.normalize("NFC", name), "x")
    assert set(escape(name)).isdisjoint("/?#\\; ")
    assert escape(name).isascii()


def test_addresses_of_servers() -> None:
    assert server_url("/", "a@b.c") == "/user/a@b.c/"
    assert server_url("/x/", "ü n", "gpu") == "/x/user/%C3%BC%20n/gpu/"
    assert server_route_id("alice") == "server:alice/"
    assert server_route_id("alice", "gpu") == "server:alice/gpu"
    assert base_segments("/") == ()
    assert base_segments("/x/y/") == ("x", "y")


def test_the_session_cookies_name() -> None:
    assert session_cookie("/", True) == "__Host-hubgate-session"
    assert session_cookie("/x/", True) == session_cookie("/", False) == "hubgate-session"


def route(name: str, *prefix: str) -> Route:
    return Route(name, "custom", prefix)


def test_the_longest_prefix_wins_and_whole_segments_count() -> None:
    table = RouteTable.of([route("root"), route("a", "a"), route("ab", "a", "b"), route("x", "x", "y")])
    found = {
        path: table.find(split(path)) for path in ("/", "/a", "/a/", "/a/b", "/a/b/c", "/a/bc", "/ab", "/x", "/x/y/")
    }
    assert {path: match.id for path, match in found.items() if match} == {
        "/": "root", "/a": "a", "/a/": "a", "/a/b": "ab", "/a/b/c": "ab", "/a/bc": "a", "/ab": "root", "/x": "root",
        "/x/y/": "x",
    }  # fmt: skip
    assert RouteTable.of([route("a", "a")]).find(("b",)) is None


def test_a_prefix_may_be_deep_but_not_without_end() -> None:
    deep = ["d"] * DEEPEST
    assert RouteTable.of([route("deep", *deep)]).find((*deep, "x", "y")) is not None


def test_a_change_makes_another_table() -> None:
    before = RouteTable.of([route("a", "a"), route("b", "b")])
    after = before.changed(put=[route("c", "c"), route("a", "A")], drop=["b", "nothing"])
    assert sorted(before.by_id) == ["a", "b"]
    assert set(before.by_prefix) == {("a",), ("b",)}
    assert sorted(after.by_id) == ["a", "c"]
    assert set(after.by_prefix) == {("A",), ("c",)}


def test_two_routes_can_trade_places() -> None:
    before = RouteTable.of([route("a", "1"), route("b", "2")])
    after = before.changed(put=[route("a", "2"), route("b", "1")])
    assert {prefix: found.id for prefix, found in after.by_prefix.items()} == {("2",): "a", ("1",): "b"}


def test_a_route_that_takes_a_place_keeps_it_when_the_old_one_goes() -> None:
    table = RouteTable.of([route("a", "1")]).changed(put=[route("b", "1")]).changed(drop=["a"])
    assert table.by_prefix[("1",)].id == "b"


changes = st.lists(
    st.tuples(st.sampled_from("abcd"), st.one_of(st.none(), st.sampled_from([("1",), ("2",), ("3",), ()]))), max_size=12
)


@given(changes)
def test_a_table_grown_by_changes_equals_one_made_at_once(steps: list[tuple[str, tuple[str, ...] | None]]) -> None:
    """After any changes that give each prefix to one route, the table is that of its routes made anew."""
    table, routes = RouteTable(), dict[str, Route]()
    for name, prefix in steps:
        if prefix is None:
            routes.pop(name, None)
            table = table.changed(drop=[name])
        elif not any(other.prefix == prefix and other.id != name for other in routes.values()):
            routes[name] = route(name, *prefix)
            table = table.changed(put=[routes[name]])
    assert table == RouteTable.of(routes.values())
