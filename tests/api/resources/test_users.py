from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from gateway.hub.core import Hub
from gateway.model import Identity
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]


async def test_who_am_i_by_token(program: Program) -> None:
    me = (await (await program("alice")).api("GET", "user")).json
    assert me["token_id"].startswith("a")
    assert "access:servers!user=alice" in me["scopes"]
    assert {k: me[k] for k in ("kind", "name", "admin", "groups", "roles", "server", "pending", "servers")} == {
        "kind": "user",
        "name": "alice",
        "admin": False,
        "groups": [],
        "roles": ["user"],
        "server": None,
        "pending": None,
        "servers": {},
    }
    assert me["created"].endswith("Z")


async def test_who_am_i_by_cookie(alice: Person) -> None:
    me = (await alice.api("GET", "user")).json
    assert (me["name"], me["token_id"], me["session_id"]) == ("alice", None, None)


async def test_a_narrow_token_still_tells_whose_it_is(program: Program) -> None:
    me = (await (await program("alice", "access:servers!server=alice/")).api("GET", "user")).json
    assert me.keys() == {"kind", "name", "user_info", "admin", "groups", "token_id", "session_id", "scopes"}
    assert me["scopes"] == [
        "access:servers!server=alice/",
        "read:users:groups!user=alice",
        "read:users:name!user=alice",
    ]


@pytest.mark.parametrize("name", ["alice", "a@b.c", "x y", "ünï"])
async def test_names(root: Person, name: str) -> None:
    result = await root.api("GET", f"users/{quote(name)}")
    assert (result.status_code, result.json["name"]) == (200, name)


async def test_names_are_compared_as_they_are_kept(root: Person) -> None:
    assert (await root.api("GET", "users/Alice")).json["name"] == "alice"
    assert (await root.api("GET", "users/u%CC%88ni%CC%88")).json["name"] == "ünï"


async def test_all_of_them(root: Person, alice: Person) -> None:
    users = (await root.api("GET", "users")).json
    assert {user["name"] for user in users} == {"alice", "bob", "a@b.c", "x y", "ünï", "root"}
    assert {user["name"] for user in users if user["admin"]} == {"root"}
    assert (await alice.api("GET", "users")).status_code == 403


async def test_make_and_remove(root: Person, program: Program, hub: Hub) -> None:
    caller = await program("root")
    result = await caller.api("POST", "users/Carol%40X.org")
    assert (result.status_code, result.json["name"], result.json["admin"]) == (201, "carol@x.org", False)
    assert (await caller.api("POST", "users/carol@x.org")).status_code == 409
    assert (await caller.api("DELETE", "users/carol@x.org")).status_code == 204
    assert await hub.users.get("carol@x.org") is None
    assert (await caller.api("DELETE", "users/carol@x.org")).status_code == 404


@pytest.mark.parametrize(
    "name", ["a%2Fb", "a%252Fb", "..%2Fx", "%2E", "%2E%2E", "a%5Cb", "%01", "%E2%80%AEx", "n" * 300]
)
async def test_names_that_nobody_may_have(program: Program, name: str) -> None:
    result = await (await program("root")).api("POST", f"users/{name}")
    assert result.status_code == 400
    assert "user name" in result.json["message"]


@pytest.mark.parametrize("name", ["%00", "a%00b", "%20"])
async def test_names_that_lead_nowhere(program: Program, name: str) -> None:
    result = await (await program("root")).api("POST", f"users/{name}")
    assert result.status_code == 404


@pytest.mark.parametrize("body", [{"admin": "yes"}, {"admin": 1}, {"admin": None}, {"name": "x"}, {"groups": []}])
async def test_bodies_that_are_not_understood(program: Program, hub: Hub, body: object) -> None:
    result = await (await program("root")).api("POST", "users/carol", body)
    assert result.status_code == 400
    assert await hub.users.get("carol") is None


async def test_only_admins_make_admins(program: Program, hub: Hub) -> None:
    assert (await (await program("root")).api("POST", "users/carol", {"admin": True})).json["admin"] is True
    assert (await (await program("alice")).api("POST", "users/eve", {"admin": True})).status_code == 403


async def test_a_role_that_makes_users_makes_no_admins(
    hub: Hub, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = hub.identities.resolve

    async def manager(credential: Any, digest: str) -> tuple[Identity | None, int]:
        found, revision = await resolve(credential, digest)
        return found and replace(found, scopes=found.scopes | {"admin:users", "read:users"}), revision

    monkeypatch.setattr(hub.identities, "resolve", manager)
    caller = await program("alice")
    result = await caller.api("POST", "users/eve", {"admin": True})
    assert (result.status_code, result.json["message"]) == (403, "Only admins can grant admin permissions")
    assert await hub.users.get("eve") is None
    assert (await caller.api("POST", "users/eve", {"admin": False})).status_code == 201


async def test_nobody_removes_themselves(program: Program, hub: Hub) -> None:
    result = await (await program("root")).api("DELETE", "users/root")
    assert (result.status_code, result.json["message"]) == (400, "Cannot delete yourself!")
    assert await hub.users.get("root")


async def test_servers_in_the_model(root: Person, hub: Hub, program: Program) -> None:
    await hub.servers.start("alice", "gpu", "quick")
    await hub.servers.wait("alice", "gpu", 5)
    servers = (await root.api("GET", "users/alice")).json["servers"]
    assert servers.keys() == {"gpu"}
    assert servers["gpu"]["state"] == {"running": True}
    both = (await root.api("GET", "users/alice?include_stopped_servers")).json["servers"]
    assert both.keys() == {"", "gpu"}
    assert (await root.api("GET", "users/alice?include_stopped_servers=0")).json["servers"].keys() == {"gpu"}
    mine = (await (await program("alice")).api("GET", "users/alice")).json["servers"]
    assert "state" not in mine["gpu"]
