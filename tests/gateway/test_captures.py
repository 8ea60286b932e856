"""Whom a capture's scope covers."""

from __future__ import annotations

import pytest

from gateway.captures import Scope


@pytest.mark.parametrize(
    ("scope", "user", "route", "path", "covered"),
    [
        (Scope(user="alice"), "alice", "server:bob/", "/user/bob/x", True),
        (Scope(user="alice"), "bob", "server:alice/", "/user/alice/x", False),
        (Scope(user="alice"), "", "hub", "/hub/login", False),
        (Scope(server="alice/"), "bob", "server:alice/", "/user/alice/x", True),
        (Scope(server="alice/"), "alice", "server:alice/gpu", "/user/alice/gpu", False),
        (Scope(server="alice/gpu"), "alice", "server:alice/gpu", "/user/alice/gpu", True),
        (Scope(path="/user/alice"), "alice", "server:alice/", "/user/alice", True),
        (Scope(path="/user/alice"), "alice", "server:alice/", "/user/alice/x", True),
        (Scope(path="/user/alice"), "alicex", "server:alicex/", "/user/alicex/x", False),
        (Scope(path="/user/alice/"), "alice", "server:alice/", "/user/alice/x", True),
        (Scope(user="alice", path="/user/alice/x"), "alice", "server:alice/", "/user/alice/y", False),
        (Scope(user="alice", server="bob/"), "alice", "server:alice/", "/user/alice/", False),
    ],
)
def test_all_that_is_said_counts_at_once(scope: Scope, user: str, route: str, path: str, covered: bool) -> None:
    assert scope.covers(user, route, path) is covered


def test_whom_it_concerns() -> None:
    assert Scope(user="alice").concerns("alice")
    assert not Scope(user="alice").concerns("bob")
    assert Scope(server="alice/gpu").concerns("alice")
    assert Scope(user="bob", server="alice/").concerns("alice")
    assert Scope(path="/user").concerns("anybody")
