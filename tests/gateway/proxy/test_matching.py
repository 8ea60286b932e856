"""Which requests are taken to the flow lane."""

from __future__ import annotations

import pytest

from gateway.hookspecs import Addon, Match
from gateway.proxy.gate import Forward
from gateway.proxy.matching import Matches, fits, media_type
from tests.gateway.proxy.values import TOKEN, facts, server, user

ME = user("alice", groups=("students",))
FORWARD = Forward(server("alice"), ME, None, upgrade=False)


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (Match(), True),
        (Match(path="/user/alice/a b"), True),
        (Match(path="/user/alice/other"), False),
        (Match(methods=("GET", "PUT")), True),
        (Match(methods=("PUT",)), False),
        (Match(users=("alice",)), True),
        (Match(users=("bob",)), False),
        (Match(groups=("teachers", "students")), True),
        (Match(groups=("teachers",)), False),
        (Match(users=("alice",), groups=("teachers",)), False),
        (Match(kinds=("server",)), True),
        (Match(kinds=("service", "hub")), False),
        (Match(content_types=("application/json",)), True),
        (Match(content_types=("application/*",)), True),
        (Match(content_types=("text/*",)), False),
        (Match(below=("a b",)), True),
        (Match(below=("x", "a b/x")), True),
        (Match(below=("a",)), False),
        (Match(below=("a b/x/y",)), False),
        (Match(response_types=("text/html",)), True),
    ],
)
def test_matches(match: Match, expected: bool) -> None:
    asked = facts("GET /user/alice/a%20b/x", {"Content-Type": "Application/JSON; charset=utf-8"})
    found = Matches([Addon("one", match, object())]).of(asked, FORWARD)
    assert found == (("one",) if expected else ())


@pytest.mark.parametrize("path", ["files/x", "%66iles/x", "/files/x", "files//x", "files"])
def test_below_is_found_however_it_is_written(path: str) -> None:
    matches = Matches([Addon("one", Match(below=("/files/",)), object())])
    assert matches.of(facts(f"GET /user/alice/{path}"), FORWARD) == ("one",)
    gpu = Forward(server("alice", "gpu"), ME, None, upgrade=False)
    assert matches.of(facts(f"GET /user/alice/gpu/{path}"), gpu) == ("one",)
    assert matches.of(facts("GET /user/alice/filesystem"), FORWARD) == ()
    deep = Matches([Addon("one", Match(below=("api/contents",)), object())])
    assert deep.of(facts("GET /user/alice/gpu/api%2Fcontents/x"), gpu) == ("one",)


def test_nobody_is_no_user() -> None:
    anonymous = Forward(server("alice"), None, None, upgrade=False)
    assert Matches([Addon("one", Match(users=("",)), object())]).of(facts("GET /x"), anonymous) == ("one",)
    for match in (Match(users=("", "alice"), groups=("students",)), Match(groups=("students",))):
        assert Matches([Addon("one", match, object())]).of(facts("GET /x"), anonymous) == ()
    assert Matches().of(facts("GET /x"), anonymous) == ()
    service = Forward(server("alice"), user("alice", TOKEN, kind="service"), None, upgrade=False)
    assert Matches([Addon("one", Match(users=("alice",)), object())]).of(facts("GET /x"), service) == ()


def test_media_types() -> None:
    assert media_type(b" Text/HTML ; charset=x") == "text/html"
    assert media_type(b"") == ""
    assert fits("text/html", ["*/*"])
    assert not fits("", ["text/*"])
