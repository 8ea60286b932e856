"""Scopes: what includes what, who may, and that an intersection never adds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.scopes import (
    CUSTOM,
    JUPYTERHUB,
    OURS,
    ROLES,
    SELF,
    SUBSCOPES,
    allows,
    expand,
    intersect,
    known,
    limits,
    parse,
    reduced,
)

GROUPS = {"alice": ("students",), "bob": ("students", "staff"), "eve": ()}


def test_all_names_are_there() -> None:
    assert len(JUPYTERHUB) == 48
    assert not set(JUPYTERHUB) & set(OURS)
    assert {sub for subs in SUBSCOPES.values() for sub in subs} <= set(SUBSCOPES)
    assert {parse(scope)[0] for role in ROLES.values() for scope in role} | set(SELF) <= set(SUBSCOPES)


def test_self() -> None:
    assert expand(["self"], "alice") == {
        f"{name}!user=alice"
        for name in (
            "access:servers", "servers", "read:servers", "start:servers", "delete:servers", "tokens", "read:tokens",
            "read:users", "read:users:name", "read:users:groups", "read:users:activity", "users:activity",
            "users:shares", "read:users:shares", "read:shares",
        )
    }  # fmt: skip
    assert expand(["self"]) == frozenset()


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        (["tokens"], {"tokens", "read:tokens"}),
        (["tokens!user"], {"tokens!user=alice", "read:tokens!user=alice"}),
        (["tokens!user=bob"], {"tokens!user=bob", "read:tokens!user=bob"}),
        (["read:groups!group=staff"], {"read:groups!group=staff", "read:groups:name!group=staff"}),
        (["read:servers!server=alice/gpu"], {"read:servers!server=alice/gpu"}),
        (["access:servers!server=alice/"], {"access:servers!server=alice/"}),
        (["access:services!service=x", "proxy"], {"access:services!service=x", "proxy"}),
        (["access:servers!user=a!b=c"], {"access:servers!user=a!b=c"}),
        (["nonsense", "nonsense!user=alice", ""], set()),
        (["access:servers!", "access:servers!=x", "access:servers!foo=bar", "access:servers!User=x"], set()),
        (["access:servers!server", "access:servers!server=", "access:services!service", "groups!group"], set()),
        (["self!user=bob", "self!"], {"self!user=bob"}),
        (["read:users!server=alice/", "read:servers!server=alice/"], {"read:servers!server=alice/"}),
        (["users:shares!server=alice/x"], {"users:shares!server=alice/x"}),
        (["tokens!user=bob", "tokens"], {"tokens", "read:tokens"}),
    ],
)  # fmt: skip
def test_expand(scopes: list[str], expected: set[str]) -> None:
    assert expand(scopes, "alice") == expected


def test_what_is_the_bearers_own() -> None:
    own = ["access:servers!server", "access:services!service", "tokens!user", "self"]
    assert expand(own, service="x") == {"access:services!service=x"}
    assert expand(own[:1], server="alice/") == {"access:servers!server=alice/"}
    assert expand(["admin:servers!server"], "alice", server="alice/x") == {
        f"{name}!server=alice/x"
        for name in (
            "admin:servers",
            "admin:server_state",
            "servers",
            "read:servers",
            "start:servers",
            "delete:servers",
        )
    }


def test_custom_scopes() -> None:
    table = {**SUBSCOPES, "custom:a:*": ("custom:a:read",), "custom:a:read": ("custom:a:*",)}
    assert expand(["custom:a:*!user"], "alice", table=table) == {"custom:a:*!user=alice", "custom:a:read!user=alice"}
    assert known("custom:a:read!group=x", table)
    assert not known("custom:a:read")
    assert expand(["custom:a:read"]) == frozenset()


@pytest.mark.parametrize("name", ["custom:ab", "custom:a:b", "custom:9_*", "custom:grades:read", "custom:a-b"])
def test_names_of_custom_scopes(name: str) -> None:
    assert CUSTOM.fullmatch(name) or len(name) < len("custom:abc")


@pytest.mark.parametrize(
    "name", ["custom:", "custom:a", "custom:A:b", "custom:-a:b", "custom:a:", "custom:a:-", "grades:read", "custom:ä:b"]
)
def test_names_that_are_none(name: str) -> None:
    assert not CUSTOM.fullmatch(name)


def test_the_shortest_form() -> None:
    assert reduced({"tokens", "tokens!user=alice", "users!user=bob"}) == {"tokens", "users!user=bob"}
    assert intersect({"tokens", "tokens!user=alice"}, {"tokens"}, GROUPS.__getitem__) == {"tokens"}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("access:servers", True),
        ("access:servers!user", True),
        ("access:servers!user=bob", True),
        ("(no_scope)", True),
        ("access:servers!", False),
        ("access:servers!=x", False),
        ("access:servers!foo=x", False),
        ("access:servers!user=", False),
        ("access:servers!group", False),
        ("access:servers!service", True),
        ("access:serverz", False),
        ("", False),
    ],
)
def test_known(scope: str, expected: bool) -> None:
    assert known(scope) is expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ("access:servers", True),
        ("access:servers!user=bob", True),
        ("access:servers!server=bob/gpu", True),
        ("access:servers!group=staff", True),
        ("access:servers!user=alice", False),
        ("access:servers!user=bo", False),
        ("access:servers!server=bob/", False),
        ("access:servers!server=bob/gpu2", False),
        ("access:servers!server=alice/gpu", False),
        ("access:servers!group=students", False),
        ("access:servers!service=bob", False),
        ("access:services", False),
        ("servers", False),
    ],
)
def test_allows(held: str, expected: bool) -> None:
    assert allows({held}, "access:servers", user="bob", server="gpu", groups=["staff"]) is expected


def test_the_default_server_is_a_server_and_a_user_is_none() -> None:
    assert allows({"access:servers!server=bob/"}, "access:servers", user="bob", server="")
    assert not allows({"access:servers!server=bob/"}, "access:servers", user="bob")
    assert not allows({"access:servers!user="}, "access:servers")
    assert allows({"access:services!service=x"}, "access:services", service="x")


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("tokens", "tokens", "tokens"),
        ("tokens", "tokens!user=alice", "tokens!user=alice"),
        ("tokens!group=students", "tokens!user=alice", "tokens!user=alice"),
        ("tokens!group=staff", "tokens!user=alice", ""),
        ("access:servers!user=alice", "access:servers!server=alice/x", "access:servers!server=alice/x"),
        ("access:servers!group=students", "access:servers!server=alice/x", "access:servers!server=alice/x"),
        ("access:servers!user=bob", "access:servers!server=alice/x", ""),
        ("tokens!user=alice", "tokens!user=bob", ""),
        ("tokens", "read:tokens", ""),
        ("access:services!service=x", "access:services", "access:services!service=x"),
    ],
)
def test_intersect(left: str, right: str, expected: str) -> None:
    assert intersect({left}, {right}, GROUPS.__getitem__) == ({expected} - {""})
    assert intersect({right}, {left}, GROUPS.__getitem__) == ({expected} - {""})


scope_sets = st.frozensets(
    st.tuples(
        st.sampled_from(["access:servers", "servers", "tokens", "read:users"]),
        st.sampled_from([
            "", "!user=alice", "!user=bob", "!server=alice/", "!server=alice/gpu", "!server=bob/", "!group=students",
            "!group=staff",
        ]),
    ).map("".join),
    max_size=4,
).map(expand)  # fmt: skip
resources = st.tuples(st.sampled_from(sorted(GROUPS)), st.sampled_from([None, "", "gpu"]))


@given(scope_sets, scope_sets, st.sampled_from(["access:servers", "start:servers", "read:users:name"]), resources)
def test_an_intersection_allows_what_both_allow(
    left: frozenset[str], right: frozenset[str], name: str, resource: tuple[str, str | None]
) -> None:
    """What the intersection allows, both allow; and the reverse, unless two groups were needed for it."""
    user, server = resource

    def may(scopes: frozenset[str]) -> bool:
        return allows(scopes, name, user=user, server=server, groups=GROUPS[user])

    both = intersect(left, right, GROUPS.__getitem__)
    assert both == intersect(right, left, GROUPS.__getitem__)
    assert not may(both) or (may(left) and may(right))
    if may(left) and may(right) and not (_by_group(left, name) and _by_group(right, name)):
        assert may(both)


def _by_group(scopes: frozenset[str], name: str) -> bool:
    return any(scope.startswith(f"{name}!group=") for scope in scopes)


@given(scope_sets)
def test_expanding_twice_changes_nothing(scopes: frozenset[str]) -> None:
    """What is expanded is whole: expanding it again adds and loses nothing."""
    assert expand(scopes) == scopes
    assert intersect(scopes, scopes, GROUPS.__getitem__) == scopes


@given(scope_sets, st.sampled_from(sorted(SUBSCOPES)), resources)
def test_a_wider_scope_allows_what_a_narrower_does(
    scopes: frozenset[str], name: str, resource: tuple[str, str | None]
) -> None:
    """Dropping the filters of a set never takes anything away."""
    user, server = resource
    wide = expand(parse(scope)[0] for scope in scopes)
    if allows(scopes, name, user=user, server=server, groups=GROUPS[user]):
        assert allows(wide, name, user=user, server=server)


def test_what_a_scope_is_limited_to() -> None:
    held = ("list:groups!group=a=b", "list:groups", "list:groups:name!group=c", "groups!group=d")
    assert limits(held, "list:groups") == [("group", "a=b"), ("", "")]
