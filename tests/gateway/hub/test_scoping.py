"""Scopes of users and tokens: a token never has more than its owner."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadInput
from gateway.hub.scoping import checked, named_users, of_token, of_user
from gateway.scopes import ROLES, SUBSCOPES, allows, expand

ALICE = of_user("alice", admin=False, role_scopes=())
ROOT = of_user("root", admin=True, role_scopes=())


def test_a_user_has_what_is_her_own() -> None:
    assert expand(["self"], "alice") == ALICE
    assert allows(ALICE, "access:servers", user="alice", server="gpu")
    assert not allows(ALICE, "access:servers", user="bob", server="")


def test_an_administrator_has_the_role_besides() -> None:
    assert expand(ROLES["admin"]) < ROOT
    assert allows(ROOT, "access:servers", user="bob", server="")


def test_given_roles_are_added() -> None:
    reader = of_user("alice", admin=False, role_scopes=("list:users", "read:servers!group=class"))
    assert reader - ALICE == expand(["list:users", "read:servers!group=class"])


def test_inherit_is_what_the_owner_holds_now() -> None:
    assert of_token(("inherit",), "alice", ALICE, {}) == ALICE


def test_a_token_is_cut_down_to_its_owner() -> None:
    assert of_token(("admin:groups", "access:servers!user=bob"), "alice", ALICE, {}) == frozenset()
    assert of_token(("access:servers",), "alice", ALICE, {}) == {"access:servers!user=alice"}
    narrow = of_token(("access:servers!server=alice/gpu",), "alice", ALICE, {})
    assert narrow == {"access:servers!server=alice/gpu"}
    assert of_token(("access:servers!user",), "alice", ALICE, {}) == {"access:servers!user=alice"}


def test_a_group_filter_covers_its_members() -> None:
    held = of_user("alice", admin=False, role_scopes=("access:servers!group=class",))
    assert of_token(("access:servers!user=bob",), "alice", held, {"bob": ("class",)}) == {"access:servers!user=bob"}
    assert not of_token(("access:servers!user=bob",), "alice", held, {"bob": ("others",)})


@given(st.lists(st.sampled_from([*SUBSCOPES, "servers!user=bob", "users!user", "access:servers!server=alice/"])))
def test_no_token_has_more_than_its_owner(scopes: list[str]) -> None:
    """Whatever was written into a token, every scope of it is one that the owner holds."""
    for scope in of_token(scopes, "alice", ALICE, {}):
        name, _, rest = scope.partition("!")
        server = rest.removeprefix("server=alice/") if rest.startswith("server=") else None
        assert allows(ALICE, name, user="alice", server=server)


def test_scopes_for_a_new_token() -> None:
    assert checked((), "alice", ALICE, {}) == ("inherit",)
    assert checked(("self", "self", "read:users!user"), "alice", ALICE, {}) == ("self", "read:users!user")
    assert checked(("(no_scope)",), "alice", ALICE, {}) == ("(no_scope)",)
    assert checked(("list:users",), "root", ROOT, {}) == ("list:users",)


@pytest.mark.parametrize(
    "scope", ["nonsense", "read:users!colour=red", "read:users!user=bob", "admin:users", "x" * 500]
)
def test_scopes_that_a_new_token_cannot_have(scope: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked(("self", scope), "alice", ALICE, {})
    assert len(caught.value.message) < 200


def test_whose_groups_matter() -> None:
    assert named_users(["servers!user=bob", "self"], ["access:servers!server=carol/gpu", "x!group=g"]) == {
        "bob",
        "carol",
    }
