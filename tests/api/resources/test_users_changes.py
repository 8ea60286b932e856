"""Users made by the dozen, listed in parts, renamed, disabled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.hub.core import Hub
from gateway.store import roles, users
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]


@pytest.fixture
async def manager(program: Program) -> Person:
    return await program("root")


# ── many ─────────────────────────────────────────────────────────────────────


async def test_make_many(manager: Person, hub: Hub) -> None:
    result = await manager.api("POST", "users", {"usernames": ["Dora", "alice", "eve", "dora"]})
    assert result.status_code == 201
    assert [user["name"] for user in result.json] == ["dora", "eve"]
    assert (await manager.api("POST", "users", {"usernames": ["dora", "eve"]})).status_code == 409
    result = await manager.api("POST", "users", {"usernames": ["frank"], "admin": True})
    assert result.json[0]["admin"] is True


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "Must specify at least one user to create"),
        ({"usernames": []}, "Must specify at least one user to create"),
        ({"usernames": "x"}, "usernames should be a valid list"),
        ({"usernames": ["x", 1]}, "usernames.1 should be a valid string"),
        ({"usernames": ["x"], "more": 1}, "Invalid JSON keys: more"),
        ({"usernames": ["x", "a/b"]}, "Invalid username: a/b"),
        (
            {"usernames": ["x", "..", "a\u202eb", "n" * 300]},
            f"Invalid usernames: .., a\\u202eb, {'n' * 40}… (300 characters)",
        ),
        ({"usernames": ["u"] * 1001}, "usernames: List should have at most 1000 items after validation, not 1001"),
    ],
)
async def test_all_or_none(manager: Person, hub: Hub, body: Any, message: str) -> None:
    result = await manager.api("POST", "users", body)
    assert (result.status_code, result.json["message"]) == (400, message)
    assert await hub.users.get("x") is None
    assert await hub.users.get("u") is None


async def test_a_filtered_scope_makes_nobody(program: Program, hub: Hub, manager: Person) -> None:
    caller = await program("root", "admin:users!user=eve")
    assert (await caller.api("POST", "users", {"usernames": ["eve", "dora"]})).status_code == 403
    assert await hub.users.get("dora") is None


# ── lists ────────────────────────────────────────────────────────────────────


async def names(caller: Person, query: str) -> list[str]:
    result = await caller.api("GET", f"users{query}")
    assert result.status_code == 200
    return [user["name"] for user in result.json]


async def test_filters_and_order(manager: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "gpu", "quick")
    await hub.servers.wait("alice", "gpu", 5)
    await hub.servers.start("bob", "", "slow")
    assert await names(manager, "?state=active") == ["alice", "bob"]
    assert await names(manager, "?state=ready") == ["alice"]
    assert "alice" not in await names(manager, "?state=inactive")
    assert await names(manager, "?name_filter=AL") == ["alice"]
    assert await names(manager, "?name_filter=%25") == []
    assert (await names(manager, "?sort=-name"))[-1] == "a@b.c"
    assert await names(manager, "?sort=name&limit=1&offset=1") == ["alice"]
    user = (await manager.api("GET", "users?name_filter=alice&include_stopped_servers")).json[0]
    assert user["servers"].keys() == {"", "gpu"}
    assert user["servers"]["gpu"]["ready"] is True


@pytest.mark.parametrize("query", ["?state=x", "?sort=x", "?sort=name%20desc", "?sort=--id", "?state=active%00"])
async def test_filters_that_are_none(manager: Person, query: str) -> None:
    assert (await manager.api("GET", f"users{query}")).status_code == 400


async def test_a_filtered_scope_shows_whom_it_covers(program: Program, hub: Hub) -> None:
    await hub.changes.write(users.set_groups, "bob", ["students"])
    assert await names(await program("root", "list:users!user=alice"), "") == ["alice"]
    caller = await program("root", "list:users!user=alice", "list:users!group=students")
    assert await names(caller, "") == ["alice", "bob"]
    assert await names(caller, "?name_filter=root") == []


# ── one ──────────────────────────────────────────────────────────────────────


async def test_rename(manager: Person, hub: Hub, program: Program, person: Callable[[str], Awaitable[Person]]) -> None:
    await hub.users.set_admin("bob", True)
    bob, browser = await program("bob"), await person("bob")
    result = await manager.api("PATCH", "users/bob", {"name": "Robert"})
    assert (result.status_code, result.json["name"], result.json["admin"]) == (200, "robert", True)
    assert await hub.users.get("bob") is None
    assert (await bob.api("GET", "user")).json["name"] == "robert"
    assert (await browser.api("GET", "user")).json["name"] == "robert"


async def test_a_password_goes_with_its_user(manager: Person, hub: Hub) -> None:
    native = hub.authenticators[0]
    await native.set_password("bob", "a long enough password")
    await native.set_password("robert", "left behind by somebody")
    assert (await manager.api("PATCH", "users/bob", {"name": "robert"})).status_code == 200
    assert not await native.has_password("bob")
    form = {"username": "robert", "password": "a long enough password"}
    assert await native.authenticate(form, None)  # type: ignore[arg-type]  # where from is for the log


async def test_the_same_name_is_no_change(manager: Person, hub: Hub) -> None:
    result = await manager.api("PATCH", "users/bob", {"name": "bob", "admin": True})
    assert (result.status_code, result.json["name"], result.json["admin"]) == (200, "bob", True)
    assert result.json["auth_state"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"name": "alice"},
        {"name": "a/b"},
        {"name": ""},
        {"name": 5},
        {"admin": "yes"},
        {"groups": ["x"]},
        {"auth_state": {"x": 1}},
        {"disabled": True},
    ],
)
async def test_changes_that_are_refused(manager: Person, hub: Hub, body: Any) -> None:
    assert (await manager.api("PATCH", "users/bob", body)).status_code == 400
    assert await hub.users.get("bob")


async def test_nobody_is_renamed_while_a_server_runs(manager: Person, hub: Hub) -> None:
    await hub.servers.start("bob", "", "slow")
    result = await manager.api("PATCH", "users/bob", {"name": "robert"})
    assert (result.status_code, result.json["message"]) == (400, "first stop the user's servers")
    assert (await manager.api("PATCH", "users/nobody", {"name": "x"})).status_code == 404


async def test_a_disabled_user_is_out_for_good(
    manager: Person, hub: Hub, program: Program, person: Callable[[str], Awaitable[Person]]
) -> None:
    bob, browser = await program("bob"), await person("bob")
    result = await manager.send("PATCH", "api/users/bob", '{"disabled": true}')
    assert (result.status_code, result.json["disabled"]) == (200, True)
    for gone in (bob, browser):
        assert (await gone.send("GET", "api/user")).status_code == 401
    result = await manager.send("PATCH", "api/users/bob", '{"disabled": false}')
    assert (result.status_code, result.json["disabled"]) == (200, False)
    for gone in (bob, browser):
        assert (await gone.send("GET", "api/user")).status_code == 401
    assert (await (await program("bob")).send("GET", "api/user")).status_code == 200


async def test_nobody_disables_themselves(manager: Person) -> None:
    assert (await manager.send("PATCH", "api/users/root", '{"disabled": true}')).status_code == 400


async def test_who_is_no_admin_touches_no_admin(hub: Hub, program: Program) -> None:
    await hub.changes.write(roles.put, "helper", ["admin:users", "read:users"])
    await hub.changes.write(roles.assign, "helper", "user", ["alice"])
    helper = await program("alice")
    assert (await helper.api("PATCH", "users/root", {"name": "x"})).status_code == 403
    assert (await helper.api("PATCH", "users/bob", {"admin": True})).status_code == 403
    assert (await helper.api("POST", "users", {"usernames": ["x"], "admin": True})).status_code == 403
    assert (await helper.api("PATCH", "users/bob", {"admin": False})).status_code == 200
    hub.users._entry._admins = frozenset({"chief"})  # as the settings may have it
    for method, path, body in (
        ("POST", "users/chief", None),
        ("POST", "users", {"usernames": ["chief"]}),
        ("PATCH", "users/bob", {"name": "chief"}),
    ):
        assert (await helper.api(method, path, body)).status_code == 403
    assert await hub.users.get("chief") is None
