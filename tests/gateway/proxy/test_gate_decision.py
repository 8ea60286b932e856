"""The decision: whose scope lets them in, what is said of servers that do not answer, and which upgrades pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Identity
from gateway.proxy.facts import Facts, Refuse, read
from gateway.proxy.gate import AWAY, UNKNOWN, Forward, Known, Redirect, decide
from gateway.routes import Route, RouteTable, Segments
from tests.gateway.proxy.values import (
    ALICE,
    ALL,
    BEARER,
    COOKIE,
    ME,
    NOW,
    ORIGIN,
    PAGE,
    PEER,
    SITE,
    WEBSOCKET,
    anonymous,
    ask,
    head,
    refused,
    sent_to,
    server,
    table,
    user,
)

# ── custom routes ────────────────────────────────────────────────────────────


def custom(access: Any) -> RouteTable:
    return table(Route("custom:/x/", "custom", ("x",), url="http://192.0.2.1:1", access=access))


@pytest.mark.parametrize(
    ("access", "who", "passes"),
    [
        ("public", None, True),
        ("public", user(), True),
        ("authenticated", None, False),
        ("authenticated", user(), True),
        ("admin", None, False),
        ("admin", user(), False),
        ("admin", user(admin=True), True),
    ],
)
def test_who_may_use_a_custom_route(access: str, who: Identity | None, passes: bool) -> None:
    routes = custom(access)
    verdict = ask("GET /x/y", known=who, routes=routes) if who else anonymous("GET /x/y", routes=routes)
    assert isinstance(verdict, Forward) is passes
    if isinstance(verdict, Forward):
        assert verdict.identity == who


def test_a_public_route_needs_neither_hub_nor_valid_session() -> None:
    for known in (UNKNOWN, AWAY):
        verdict = ask("GET /x/y", known=known, routes=custom("public"))
        assert isinstance(verdict, Forward)
        assert (verdict.identity, verdict.credential) == (None, None)
    refused(ask("GET /x/y", BEARER, UNKNOWN, custom("public")))


# ── may they ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("scopes", "target", "status"),
    [
        (["self"], "/user/alice/lab", 200),
        (["self"], "/user/bob/lab", 403),
        (["access:servers"], "/user/bob/lab", 200),
        (["access:servers!user=bob"], "/user/bob/lab", 200),
        (["access:servers!server=bob/"], "/user/bob/lab", 200),
        (["access:servers!server=bob/gpu"], "/user/bob/lab", 403),
        (["access:servers!group=students"], "/user/bob/lab", 200),
        (["access:servers!group=staff"], "/user/bob/lab", 403),
        (["access:servers!server=alice/"], "/user/alice/old/lab", 403),
        (["access:servers!server=alice/old"], "/user/alice/old/lab", 424),
        (["read:servers", "servers", "tokens"], "/user/alice/lab", 403),
        (["(no_scope)"], "/user/alice/lab", 403),
        (["access:services"], "/services/culler/", 200),
        (["access:services!service=culler"], "/services/culler/", 200),
        (["access:services!service=other"], "/services/culler/", 403),
        (["access:services!service=other"], "/services/nothing/", 403),
        (["access:services"], "/services/nothing/", 404),
        (["access:services!service=nothing"], "/services/nothing/", 404),
        (["self"], "/services/culler/", 403),
        (["(no_scope)"], "/docs/", 200),
    ],
)
def test_scopes(scopes: list[str], target: str, status: int) -> None:
    verdict = ask(f"GET {target}", known=user("alice", ALICE, *scopes))
    assert (200 if isinstance(verdict, Forward) else refused(verdict).status) == status


@pytest.mark.parametrize("headers", [{}, PAGE, WEBSOCKET])
def test_a_stranger_learns_nothing_from_a_name(headers: dict[str, str]) -> None:
    targets = [
        "/user/alice/lab", "/user/alice/", "/user/alice", "/user/alice/gpu/", "/user/alice/gpu", "/user/alice/old/x",
        "/user/alice/going/", "/user/nobody/", "/user/nobody", "/user/Alice/", "/user/alicex/", "/user/nobody/gpu/lab",
        "/services/culler/", "/services/nothing/", "/services/nothing",
    ]  # fmt: skip
    answers = {ask(f"GET {target}", headers, known=user("mallory")) for target in targets}
    assert len(answers) == 1
    assert refused(answers.pop()).status == 403
    assert len({anonymous(f"GET {target}", headers) for target in targets}) == (len(targets) if headers is PAGE else 1)


@pytest.mark.parametrize("name", ["mallory", "ALICE", "alic", "alicee", "alice/", "*", ""])
def test_no_other_name_gets_to_alice(name: str) -> None:
    assert refused(ask("GET /user/alice/lab", known=user(name))).status == 403


# ── in which state ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("line", ["GET /user/alice/old/lab", "POST /user/alice/old/api/x", "GET websocket"])
def test_a_stopped_server_is_answered_from_memory(line: str) -> None:
    headers = {"Origin": ORIGIN, "X-XSRFToken": "1", "Cookie": f"{COOKIE['Cookie']}; _xsrf=1"}
    if line == "GET websocket":
        line, headers = "GET /user/alice/old/api/kernels/1/channels", headers | WEBSOCKET
    verdict = refused(ask(line, headers))
    assert verdict.status == 424
    assert verdict.retry_after
    assert verdict.message == "The server is not running. It ran out of memory."
    assert verdict.hint == "Start it at /hub/spawn/alice/old."
    assert [link.url for link in verdict.links] == ["/hub/spawn/alice/old", "/hub/spawn-pending/alice/old", "/hub/home"]


def test_a_page_offers_to_start_and_come_back() -> None:
    verdict = refused(ask("GET /user/alice/old/lab?a=b", PAGE))
    assert verdict.links[0].url == "/hub/spawn/alice/old?next=%2Fuser%2Falice%2Fold%2Flab%3Fa%3Db"


def test_who_may_not_start_is_not_told_to() -> None:
    guest = user("bob", ALICE, "access:servers!server=alice/old")
    verdict = refused(ask("GET /user/alice/old/", PAGE, known=guest))
    assert verdict.hint == "Its owner can start it."
    assert [link.url for link in verdict.links] == ["/hub/home"]


def test_a_starting_server() -> None:
    assert ask("GET /user/alice/gpu/lab", PAGE) == Redirect(
        "/hub/spawn-pending/alice/gpu?next=%2Fuser%2Falice%2Fgpu%2Flab"
    )
    assert refused(ask("GET /user/alice/gpu/lab")).status == 424
    guest = user("bob", ALICE, "access:servers!server=alice/gpu")
    assert refused(ask("GET /user/alice/gpu/lab", PAGE, known=guest)).retry_after == 2


def test_a_stopping_server() -> None:
    verdict = refused(ask("GET /user/alice/going/lab", PAGE))
    assert (verdict.status, verdict.reason) == (424, "stopping")


@pytest.mark.parametrize(
    ("scopes", "target", "start"),
    [
        (["self"], "/user/alice/lab", "/hub/spawn/alice"),
        (["self"], "/user/alice/", "/hub/spawn/alice"),
        (["self"], "/user/alice", "/hub/spawn/alice"),
        (["access:servers!server=alice/gpu", "start:servers!user=alice"], "/user/alice/gpu/", "/hub/spawn/alice/gpu"),
        (["access:servers", "servers"], "/user/nobody/", "/hub/spawn/nobody"),
        (["access:servers", "servers"], "/user/x%20y/", "/hub/spawn/x%20y"),
        (["access:servers", "servers"], "/user/a@b.c/", "/hub/spawn/a@b.c"),
    ],
)
def test_when_none_of_a_users_servers_runs(scopes: list[str], target: str, start: str) -> None:
    verdict = refused(ask(f"GET {target}", known=user("alice", ALICE, *scopes), routes=table()))
    assert (verdict.status, verdict.links[0].url) == (424, start)


def test_a_service_that_is_away() -> None:
    routes = table(Route("custom:/docs/", "custom", ("docs",), state="stopped"))
    verdict = refused(ask("GET /docs/", routes=routes))
    assert (verdict.status, verdict.retry_after) == (503, 30)


# ── upgrades ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("route", "protocol", "passes"),
    [
        (server(), "websocket", True),
        (server(), "WebSocket", True),
        (server(), "h2c", False),
        (server(), "websocket, h2c", False),
        (server(upgrades=()), "websocket", False),
        (server(upgrades=("websocket", "spdy/3.1")), "SPDY/3.1", True),
        (server(upgrades=("",)), "", False),
    ],
)
def test_only_listed_upgrades_pass(route: Route, protocol: str, passes: bool) -> None:
    verdict = ask("GET /user/alice/x", {**WEBSOCKET, "Upgrade": protocol}, routes=table(route))
    assert isinstance(verdict, Forward)
    assert verdict.upgrade is passes


def test_nothing_is_upgraded_to_the_hub() -> None:
    verdict = ask("GET /hub/channel", WEBSOCKET)
    assert isinstance(verdict, Forward)
    assert not verdict.upgrade


# ── for all ──────────────────────────────────────────────────────────────────

names = st.sampled_from(["alice", "bob", "ünï", "nobody", "gpu", "old", "", "hub", "docs", "culler"])
roots = st.sampled_from(["user", "hub", "api", "services", "docs", "x", ""])
scopes = st.lists(
    st.sampled_from(["self", "access:servers!user=bob", "access:servers!server=alice/gpu", "access:services"]),
    max_size=3,
)


@given(roots, st.lists(names, max_size=4), scopes, st.sampled_from([None, UNKNOWN, AWAY, ME]), st.booleans())
def test_nobody_reaches_a_server_without_the_scope(
    root: str, rest: list[str], held: list[str], state: Known, by_page: bool
) -> None:
    """Whatever the path, what is forwarded to a server is of somebody known who holds access to just that server."""
    path = "/" + "/".join([root, *rest])
    found = read(head(f"GET {path.encode().decode('latin-1')}", COOKIE | (PAGE if by_page else {})), PEER, SITE, False)
    if isinstance(found, Refuse):
        return
    known = user("alice", ALICE, *held) if state is ME else state
    verdict = decide(found, known, ALL.find(found.segments), NOW, SITE)
    if isinstance(verdict, Forward) and verdict.route.kind == "server":
        assert isinstance(known, Identity)
        owner, name = verdict.route.owner, verdict.route.server
        grants = {"access:servers", f"access:servers!user={owner}", f"access:servers!server={owner}/{name}"}
        assert grants & known.scopes
        assert _is_prefix(verdict.route.prefix, found)


def _is_prefix(prefix: Segments, found: Facts) -> bool:
    return found.segments[: len(prefix)] == prefix


def test_a_guest_reaches_what_was_shared_and_nothing_else_until_it_ends() -> None:
    shared = "access:servers!server=bob/"
    guest = user("alice", ALICE, "self", shared, lapses=((shared, NOW + 10),))
    assert sent_to(ask("GET /user/bob/lab", known=guest)) == "server:bob/"
    assert refused(ask("GET /user/bob/lab", known=guest, now=NOW + 10)).status == 403
    assert sent_to(ask("GET /user/alice/lab", known=guest, now=NOW + 10)) == "server:alice/"
    gpu = table(server("bob"), server("bob", "gpu"))
    assert refused(ask("GET /user/bob/gpu/lab", known=guest, routes=gpu)).status == 403
    verdict = ask("GET /user/bob/lab", known=guest, routes=table(server("bob", state="stopped")))
    assert refused(verdict).status == 424
    assert "owner" in refused(verdict).hint
