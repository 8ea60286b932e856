"""Scopes of users, services and tokens: a token never has more than its owner."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadInput
from gateway.hub.credentials import Found
from gateway.hub.entry import Entry
from gateway.hub.scoping import Scoping
from gateway.model import Admission, Grant, Service, Token, User
from gateway.scopes import ROLES, SUBSCOPES, allows, expand
from gateway.settings import AuthenticatorSettings

SCOPING = Scoping(Entry(AuthenticatorSettings(admin_users=("chief",))))
KNOWN = {"read:users:name!user=alice", "read:users:groups!user=alice"}


def alice(*role_scopes: str, granted: tuple[Grant, ...] = (), **groups: tuple[str, ...]) -> Found:
    return Found(1, User("alice"), role_scopes=role_scopes, granted=granted, groups=groups)


def by_bob(*scopes: str, expires_at: float | None = None, view_only: bool = False) -> Grant:
    return Grant("bob", "gpu", scopes, user="alice", expires_at=expires_at, view_only=view_only)


def held(found: Found) -> frozenset[str]:
    return SCOPING.held(found)


def of_token(scopes: tuple[str, ...], found: Found) -> frozenset[str]:
    return SCOPING.of_token(scopes, found, held(found))


def test_a_user_has_what_is_her_own() -> None:
    assert held(alice()) == expand(["self"], "alice")
    assert allows(held(alice()), "access:servers", user="alice", server="gpu")
    assert not allows(held(alice()), "access:servers", user="bob", server="")


@pytest.mark.parametrize("owner", [User("root", admin=True), User("chief"), Service("bot", admin=True)])
def test_an_administrator_has_the_role_besides(owner: User | Service) -> None:
    assert expand(ROLES["admin"]) <= held(Found(1, owner))
    assert SCOPING.is_admin(owner)


def test_given_roles_and_what_is_shared_are_added() -> None:
    reader = alice("list:users", "read:servers!group=class", granted=(by_bob("access:servers!server=bob/gpu"),))
    added = expand(["list:users", "read:servers!group=class", "access:servers!server=bob/gpu"])
    assert held(reader) - held(alice()) == added


def test_a_service_has_nothing_but_what_it_is_given() -> None:
    assert held(Found(1, Service("bot"))) == frozenset()
    bot = Found(1, Service("bot"), role_scopes=("self", "servers!user", "access:services!service", "list:users"))
    assert held(bot) == {"access:services!service=bot", "list:users", "read:users:name"}


def test_nobody_has_nothing() -> None:
    assert held(Found(1)) == of_token(("inherit",), Found(1)) == frozenset()
    assert SCOPING.checked(["admin:users"], Found(1), frozenset()) == ()


def test_inherit_is_what_the_owner_holds_now() -> None:
    assert of_token(("inherit",), alice()) == held(alice())
    assert of_token(("inherit", "admin:users"), alice()) == held(alice())


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        (("admin:groups", "access:servers!user=bob"), set()),
        (("access:servers",), {"access:servers!user=alice"}),
        (("access:servers!server=alice/gpu",), {"access:servers!server=alice/gpu"}),
        (("access:servers!user",), {"access:servers!user=alice"}),
        (("(no_scope)",), set()),
        ((), set()),
    ],
)
def test_a_token_is_cut_down_to_its_owner_and_knows_the_name(scopes: tuple[str, ...], expected: set[str]) -> None:
    assert of_token(scopes, alice()) == expected | KNOWN


def test_a_group_filter_covers_its_members() -> None:
    bobs = "access:servers!user=bob"
    assert bobs in of_token((bobs,), alice("access:servers!group=class", bob=("class",)))
    assert bobs not in of_token((bobs,), alice("access:servers!group=class", bob=("others",)))


@given(st.lists(st.sampled_from([*SUBSCOPES, "servers!user=bob", "users!user", "access:servers!server=alice/"])))
def test_no_token_has_more_than_its_owner(scopes: list[str]) -> None:
    """Whatever was written into a token, every scope of it is one that the owner holds."""
    for scope in of_token(tuple(scopes), alice()):
        name, _, rest = scope.partition("!")
        server = rest.removeprefix("server=alice/") if rest.startswith("server=") else None
        assert allows(held(alice()), name, user="alice", server=server)


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [((), ()), (("self", "self", "read:users!user"), ("self", "read:users!user")), (("inherit",), ("inherit",))],
)
def test_scopes_for_a_new_token(scopes: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert SCOPING.checked(scopes, alice(), held(alice())) == expected


@pytest.mark.parametrize(
    "scope",
    [
        "nonsense", "read:users!colour=red", "read:users!", "read:users!user=", "read:users!group",
        "read:users!user=bob", "admin:users", "custom:undeclared", "(no_scope)", "x" * 500, "tokens!user=" + "x" * 500,
        "\n", "self!user=bob",
    ],
)  # fmt: skip
def test_scopes_that_a_new_token_cannot_have(scope: str) -> None:
    with pytest.raises(BadInput) as caught:
        SCOPING.checked(("self", scope, "inherit"), alice(), held(alice()))
    assert len(caught.value.message) < 500 and "\n" not in caught.value.message


SHARED, OWNS = "access:servers!server=bob/gpu", "servers!server=bob/gpu"


def lapses(found: Found, *token: str) -> dict[str, float]:
    """Of alice's session, or of a token of hers."""
    if token:
        found = replace(found, credential=Token("1", "user", "alice", "", token, "", 0.0, None, None))
    scopes = of_token(token, found) if token else held(found)
    return dict(SCOPING.lapses(found, scopes))


def test_of_two_grants_the_later_end_counts() -> None:
    both = alice(granted=(by_bob(SHARED, expires_at=10.0), by_bob(SHARED, expires_at=20.0), by_bob(OWNS)))
    assert {SHARED, "start:servers!server=bob/gpu"} <= held(both)
    assert not any(scope.startswith("read:users") for scope in held(both) - held(alice()))
    assert lapses(both) == {SHARED: 20.0}
    assert lapses(alice(granted=(by_bob(SHARED, expires_at=10.0), by_bob(SHARED)))) == {}


@pytest.mark.parametrize("less", [{"view_only": True}, {"path": "lab"}])
def test_what_is_less_than_a_server_is_no_scope(less: dict[str, Any]) -> None:
    """A scope would open all of it, and every call of the API that asks for it."""
    grant = replace(by_bob(SHARED, expires_at=10.0), **less)
    guest = alice(granted=(grant,))
    assert held(guest) == held(alice())
    admission = Admission("bob", "gpu", **less, until=10.0)
    assert SCOPING.admissions(guest) == (admission,)
    assert SCOPING.admissions(alice(granted=(by_bob(SHARED),))) == ()
    assert SCOPING.admissions(alice(granted=(replace(grant, scopes=(OWNS,)),))) == ()
    for asked, admits in (
        (("inherit",), True),
        (("access:servers",), True),
        ((SHARED,), True),
        (("access:servers!user=bob",), True),
        (("access:servers!user",), False),
        (("access:servers!server=bob/",), False),
        (("self",), False),
        ((), False),
    ):
        token = Token("1", "user", "alice", "", asked, "", 0.0, None, None)
        assert SCOPING.admissions(replace(guest, credential=token)) == ((admission,) if admits else ())


def test_what_is_held_by_a_role_too_does_not_lapse() -> None:
    grant = by_bob(SHARED, expires_at=10.0)
    assert lapses(alice(granted=(grant,)), SHARED) == {SHARED: 10.0}
    assert lapses(alice("access:servers!user=bob", granted=(grant,)), SHARED) == {}


@given(st.lists(st.sampled_from(sorted(SUBSCOPES)).map(lambda name: f"{name}!server=bob/gpu"), max_size=4))
def test_nothing_of_a_token_outlives_the_grant_that_it_came_from(asked: list[str]) -> None:
    guest = alice(granted=(by_bob(SHARED, OWNS, expires_at=10.0),))
    after = of_token(tuple(asked), guest) - lapses(guest, *asked).keys() if asked else frozenset()
    assert after <= of_token(tuple(asked), alice())
