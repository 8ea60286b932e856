from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.hub.core import Hub
from gateway.store import roles, users
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]


async def test_all_roles(hub: Hub, program: Program) -> None:
    await hub.changes.write(roles.put, "reader", ["list:users"], "may look")
    await hub.changes.write(users.set_groups, "alice", ["staff"])
    await hub.changes.write(roles.assign, "reader", "user", ["bob"])
    await hub.changes.write(roles.assign, "reader", "group", ["staff"])
    found = {role["name"]: role for role in (await (await program("root")).send("GET", "api/roles")).json}
    assert found.keys() == {"admin", "reader", "server", "token", "user"}
    assert found["reader"] == {
        "name": "reader",
        "description": "may look",
        "scopes": ["list:users"],
        "users": ["bob"],
        "groups": ["staff"],
        "services": [],
    }
    assert found["admin"]["users"] == ["root"] and "admin:users" in found["admin"]["scopes"]
    assert found["user"]["scopes"] == ["self"]


async def test_who_may_not(program: Program) -> None:
    assert (await (await program("alice")).send("GET", "api/roles")).status_code == 403
    assert (await (await program("root", "read:roles!user=alice")).send("GET", "api/roles")).status_code == 403
    assert (await (await program("root")).api("GET", "roles")).status_code == 404
