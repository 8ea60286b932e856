"""The values' own rules: digests, what is last, what ends by itself, what a session is bound to."""

from __future__ import annotations

from gateway.model import Admission, Identity, Progress, Server, digest


def test_a_digest() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(digest("\ud800")) == 64


def test_small_things() -> None:
    assert Server("alice", "").full_name == "alice/"
    assert Server("alice", "gpu").full_name == "alice/gpu"
    assert [Progress(1, "", ready=ready, failed=failed).last for ready, failed in ((0, 0), (1, 0), (0, 1))] == [0, 1, 1]


def test_an_identity_loses_what_has_ended() -> None:
    who = Identity("user", "bob", frozenset({"a", "b", "c"}), "session", "d", "1", lapses=(("a", 10.0), ("b", 20.0)))
    assert who.at(9.0) is who
    assert not who.lapsed(9.0)
    assert who.lapsed(10.0)
    later = who.at(10.0)
    assert (later.scopes, later.lapses) == ({"b", "c"}, (("b", 20.0),))
    assert who.at(20.0).scopes == {"c"}
    assert not who.at(20.0).lapsed(1e9)


def test_a_session_that_a_proxy_vouches_for_is_good_with_the_same_header_only() -> None:
    said = {"remote-user": "alice"}
    free = Identity("user", "alice", frozenset(), "session", "d", "1")
    bound = Identity("user", "alice", frozenset(), "session", "d", "1", bound=f"remote-user:{digest('alice')}")
    assert free.fits(lambda _: "")
    assert bound.fits(lambda name: said.get(name, ""))
    assert not bound.fits(lambda _: "bob")
    assert not bound.fits(lambda _: "")


def test_an_identity_loses_the_way_into_a_server_that_has_ended() -> None:
    ways = (Admission("alice", "", until=10.0), Admission("alice", "gpu"))
    who = Identity("user", "bob", frozenset({"a"}), "session", "d", "1", admissions=ways)
    assert who.temporary and not Identity("user", "bob", frozenset(), "session", "d", "1").temporary
    assert who.at(9.0) is who
    assert who.lapsed(10.0)
    assert (who.at(10.0).admissions, who.at(10.0).scopes) == (ways[1:], {"a"})
