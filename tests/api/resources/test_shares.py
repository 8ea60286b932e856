"""JupyterHub's shares, by an administrator, the owner, guests and strangers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.hub.core import Hub
from gateway.model import Server
from gateway.store import servers
from tests.api.person import Person
from tests.api.resources.sharing_world import ACCESS, PAGED, SERVER, class_of, shared_with

type Program = Callable[..., Awaitable[Person]]


async def test_shared_with_a_user(hub: Hub, program: Program) -> None:
    root = await program("root")
    made = await root.api("POST", "shares/alice/", {"user": "Bob"})
    assert made.status_code == 200
    model = made.json
    assert model.pop("created_at").endswith("Z")
    assert model == {
        "server": SERVER, "scopes": [ACCESS], "user": {"name": "bob"}, "group": None, "kind": "user",
    }  # fmt: skip
    more = await root.api("POST", "shares/alice/", {"user": "bob", "scopes": ["servers"]})
    assert more.json["scopes"] == [ACCESS, "servers!server=alice/"], "grants accumulate"
    bob = await program("bob")
    for person, path in ((bob, "users/bob/shared"), (root, "shares/alice"), (root, "shares/alice/")):
        result = await person.api("GET", path)
        assert result.json == {"items": [more.json], "_pagination": PAGED}, path
    assert (await bob.api("GET", "users/bob/shared/alice/")).json == more.json
    left = await root.api("PATCH", "shares/alice/", {"user": "bob", "scopes": ["servers!server=alice/"]})
    assert (left.status_code, left.json["scopes"]) == (200, [ACCESS])
    assert (await root.api("PATCH", "shares/alice/", {"user": "bob", "scopes": []})).json == {}
    assert await shared_with(bob, "bob") == []


async def test_shared_with_a_group(hub: Hub, program: Program) -> None:
    await class_of(hub, "bob")
    root, bob = await program("root"), await program("bob")
    made = await root.api("POST", "shares/alice/", {"group": "class"})
    assert (made.json["group"], made.json["user"], made.json["kind"]) == ({"name": "class"}, None, "group")
    assert await shared_with(bob, "bob") == [[ACCESS]]
    for path in ("groups/class/shared", "shares/alice/"):
        assert (await root.api("GET", path)).json["items"] == [made.json]
    assert (await root.api("GET", "groups/class/shared/alice/")).json == made.json
    assert (await bob.api("DELETE", "users/bob/shared/alice/")).status_code == 404, "it is not his own to leave"
    assert (await root.api("DELETE", "groups/class/shared/alice/")).status_code == 204
    assert await shared_with(bob, "bob") == []
    assert (await root.api("DELETE", "groups/class/shared/alice/")).status_code == 404
    assert (await root.api("GET", "groups/none/shared")).status_code == 404


async def test_a_guest_leaves(hub: Hub, program: Program) -> None:
    root, bob = await program("root"), await program("bob")
    await root.api("POST", "shares/alice/", {"user": "bob"})
    assert (await bob.api("DELETE", "users/bob/shared/alice/")).status_code == 204
    assert (await bob.api("DELETE", "users/bob/shared/alice/")).status_code == 404
    assert await shared_with(bob, "bob") == []


async def test_with_nobody_any_more(hub: Hub, program: Program) -> None:
    await hub.store(servers.put, Server("alice", "gpu"))
    root = await program("root")
    for server in ("", "gpu"):
        for guest in ("bob", "x y"):
            assert (await root.api("POST", f"shares/alice/{server}", {"user": guest})).status_code == 200
    assert (await root.api("DELETE", "shares/alice/gpu")).status_code == 204
    assert (await root.api("GET", "shares/alice/gpu")).json["items"] == []
    assert (await root.api("GET", "shares/alice?limit=1&offset=1")).json["_pagination"] == {
        "offset": 1, "limit": 1, "total": 2, "next": None,
    }  # fmt: skip
    assert (await root.api("GET", "shares/alice?limit=1")).json["_pagination"]["next"]["offset"] == 1


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("shares/alice/", {}, 400),
        ("shares/alice/", {"user": "bob", "group": "class"}, 400),
        ("shares/alice/", {"user": "bob", "more": 1}, 400),
        ("shares/alice/", {"user": "bob", "scopes": ["no-such"]}, 400),
        ("shares/alice/", {"user": "bob", "scopes": ["access:servers!user=alice"]}, 400),
        ("shares/alice/", {"user": "bob", "scopes": [1]}, 400),
        ("shares/alice/", {"user": "nobody"}, 400),
        ("shares/alice/", {"group": "nobodies"}, 400),
        ("shares/alice/none", {"user": "bob"}, 404),
        ("shares/nobody/", {"user": "bob"}, 404),
        ("shares/alice/", {"user": "bob", "scopes": ["admin-ui"]}, 200),
        ("shares/alice", {"user": "bob"}, 405),
    ],
)
async def test_what_cannot_be_shared(hub: Hub, program: Program, path: str, fields: Any, status: int) -> None:
    root = await program("root")
    assert (await root.api("POST", path, fields)).status_code == status


async def test_an_owner_gives_no_more_than_is_hers(hub: Hub, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.identities._scoping, "_extra", ("shares!user",))
    alice = await program("alice")
    refused = await alice.api("POST", "shares/alice/", {"user": "bob"})
    assert refused.status_code == 403
    assert "read:users:name" in refused.json["message"]
    await hub.changes.write(_role, "class-list", ["read:users:name"], "alice")
    assert (await alice.api("POST", "shares/alice/", {"user": "bob"})).status_code == 200
    greedy = await alice.api("POST", "shares/alice/", {"user": "bob", "scopes": ["admin:server_state"]})
    assert (greedy.status_code, "permission to grant" in greedy.json["message"]) == (403, True)
    assert (await alice.api("POST", "shares/bob/", {"user": "alice"})).status_code == 404


def _role(db: Any, name: str, scopes: list[str], user: str) -> None:
    from gateway.store import roles

    roles.put(db, name, scopes)
    roles.assign(db, name, "user", [user])


async def test_strangers(hub: Hub, program: Program) -> None:
    root, bob = await program("root"), await program("bob")
    await root.api("POST", "shares/alice/", {"user": "x y"})
    for method, path in (("POST", "shares/alice/"), ("PATCH", "shares/alice/"), ("DELETE", "shares/alice/")):
        assert (await bob.api(method, path, {"user": "bob"})).status_code == 403
    for path in ("shares/alice", "shares/alice/", "users/x%20y/shared", "users/x%20y/shared/alice/"):
        assert (await bob.api("GET", path)).status_code == 404
    assert (await bob.api("GET", "groups/class/shared")).status_code == 403
    assert (await root.api("PATCH", "shares/alice/", {"user": "nobody"})).json == {}
    assert (await root.api("PATCH", "shares/alice/none", {"user": "bob"})).status_code == 404


async def test_lists_in_our_own_dialect(hub: Hub, program: Program) -> None:
    root, bob = await program("root"), await program("bob")
    for name in ("alice", "root"):
        await root.api("POST", f"shares/{name}/", {"user": "bob"})
    result = await bob.send("GET", "api/users/bob/shared?limit=1")
    assert [share["server"]["url"] for share in result.json] == ["/user/alice/"]
    assert "offset=1" in result.headers["link"]
