"""Full, a part, only looking on: what is opened by each, for paths in any spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Admission, Identity
from gateway.proxy.facts import Facts, read
from gateway.proxy.gate import Forward
from gateway.proxy.rights import below, right
from tests.gateway.proxy.values import ALICE, NOW, PEER, SITE, ask, facts, head, refused, server, table, user

BOB = server("bob")
GPU = server("bob", "gpu")


def guest(*admissions: Admission) -> Identity:
    return user("alice", ALICE, admissions=admissions)


def admitted(path: str = "", **fields: object) -> Admission:
    return Admission("bob", "", path, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "opened"),
    [
        ("/user/bob/files/plots", True),
        ("/user/bob/files/plots/", True),
        ("/user/bob/files/plots/a/b.png?x=/../..", True),
        ("/user/bob/files/%70lots/a", True),
        ("/user/bob/files/plots/a%20b", True),
        ("/user/bob/files/plots2", False),
        ("/user/bob/files/plots%2Fa", False),
        ("/user/bob/files/plots/a%2Fb", False),
        ("/user/bob/files/plots/a%252Fb", False),
        ("/user/bob/files/plots/..;/secret", False),
        ("/user/bob/files/plots/..%3B/secret", False),
        ("/user/bob/files/plots//a", False),
        ("/user/bob/files//plots", False),
        ("/user/bob/files/Plots", False),
        ("/user/bob/files/plots/%ff", False),
        ("/user/bob/files", False),
        ("/user/bob/", False),
        ("/user/bob/lab", False),
        ("/user/bob/gpu/files/plots/a", False),
        ("/user/bobx/files/plots/a", False),
    ],
)
def test_one_path(path: str, opened: bool) -> None:
    verdict = ask(f"GET {path}", known=guest(admitted("files/plots")), routes=table(BOB, GPU))
    if opened:
        assert isinstance(verdict, Forward)
        assert verdict.right == "part"
    else:
        assert refused(verdict).reason in ("not-allowed", "path")


def test_steps_are_refused_for_everybody() -> None:
    for step in ("..", "%2e%2e", "%252e%252e", "a%2F..%2F..%2Fb"):
        read_ = read(head(f"GET /user/bob/files/plots/{step}/secret"), PEER, SITE, secure=False)
        assert not isinstance(read_, Facts)


def test_the_most_counts() -> None:
    both = guest(admitted(view_only=True), admitted("proxy/8050"))
    assert right(both, BOB, facts("GET /user/bob/lab")) == "view"
    assert right(both, BOB, facts("GET /user/bob/proxy/8050/x")) == "part"
    owner = user("bob", ALICE, admissions=(admitted(view_only=True),))
    assert right(owner, BOB, facts("GET /user/bob/lab")) == "full"
    assert right(guest(), BOB, facts("GET /user/bob/lab")) is None
    assert right(guest(Admission("bob", "gpu", view_only=True)), BOB, facts("GET /user/bob/lab")) is None


def test_of_jupyters_api_a_guest_of_a_path_sees_what_one_who_looks_on_sees() -> None:
    """As a grant may still say that was made when such a path could be shared."""
    old, both = guest(admitted("api/contents/a")), guest(admitted("api/contents/a"), admitted("files/a"))
    shown = ask("GET /user/bob/api/contents/a/b?content=1", known=old, routes=table(BOB))
    assert isinstance(shown, Forward) and shown.right == "view"
    for method, path in (("POST", "a"), ("PATCH", "a/b"), ("PUT", "a/b"), ("DELETE", "a/b")):
        assert refused(ask(f"{method} /user/bob/api/contents/{path}", known=old, routes=table(BOB))).status == 403
    assert refused(ask("GET /user/bob/api/contents/b", known=old, routes=table(BOB))).reason == "not-allowed"
    assert right(both, BOB, facts("GET /user/bob/api/contents/a/b")) == "view"
    assert right(both, BOB, facts("GET /user/bob/files/a/b")) == "part"
    assert right(guest(admitted()), BOB, facts("POST /user/bob/api/contents/a")) == "part"


def test_a_part_of_a_server_that_asks_who_comes_is_nothing() -> None:
    """Whenever it was shared; who may use all of it may."""
    aware = server("bob", auth="jupyterhub", secret="", client="jupyterhub-user-bob")
    for way in (admitted("files/plots"), admitted(view_only=True), admitted("lab", view_only=True), admitted()):
        for path in ("", "lab", "files/plots/a", "api/status"):
            assert right(guest(way), aware, facts(f"GET /user/bob/{path}")) is None
    whole = user("alice", ALICE, "access:servers!server=bob/", admissions=(admitted("lab"),))
    assert right(whole, aware, facts("GET /user/bob/files/plots/a")) == "full"
    seen = refused(ask("GET /user/bob/files/plots/a", known=guest(admitted("files/plots")), routes=table(aware)))
    assert (seen.status, seen.reason) == (403, "not-allowed")


def test_it_ends_by_itself() -> None:
    who = guest(admitted(view_only=True, until=NOW + 10))
    assert isinstance(ask("GET /user/bob/lab", known=who, routes=table(BOB)), Forward)
    refused(ask("GET /user/bob/lab", known=who, routes=table(BOB), now=NOW + 10))


def test_a_stopped_server_is_said_to_be_stopped_to_its_guests_alone() -> None:
    for routes in (table(), table(server("bob", state="stopped"))):
        seen = refused(ask("GET /user/bob/files/plots/a", known=guest(admitted("files/plots")), routes=routes))
        assert (seen.status, seen.hint) == (424, "Its owner can start it.")
        assert refused(ask("GET /user/bob/lab", known=guest(admitted("files/plots")), routes=routes)).status == 403
        assert refused(ask("GET /user/bob/lab", known=guest(), routes=routes)).status == 403
    named = guest(Admission("bob", "gpu", "lab"))
    assert refused(ask("GET /user/bob/gpu/lab", known=named, routes=table())).status == 424
    assert refused(ask("GET /user/bob/lab", known=named, routes=table())).status == 403


def test_no_scope_comes_of_it() -> None:
    """Neither the hub nor a service takes a guest of a part for one of the whole."""
    who = guest(admitted(view_only=True))
    assert not any("bob" in scope for scope in who.scopes)


@given(st.text("ab/.%2F5CeE;\\ \x7fü", max_size=16))
def test_what_is_opened_begins_with_the_path_for_every_reader(text: str) -> None:
    names = below("/user/bob/" + text.encode().decode("latin-1"), 2)
    if names is None:
        return
    for name in names[:-1]:
        assert name and name not in (".", "..") and not set(name) & set("/\\;")
