"""Groups while the gateway runs: names and users are checked, and each change is in force at its end."""

from __future__ import annotations

import pytest

from gateway.errors import BadInput, Conflict, NotFound
from gateway.hub.core import Hub
from gateway.hub.groups import PROPERTIES
from gateway.model import Group, Session, digest
from gateway.store import audit, roles, sessions

SESSION = digest("alice's session")


async def test_from_made_to_removed(hub: Hub) -> None:
    made = await hub.groups.add(["staff", "staff", "Org/Team"], [" ALICE ", "alice"], by="user:root")
    assert made == [Group("staff", ("alice",)), Group("Org/Team", ("alice",))]
    assert (await hub.groups.add_users("staff", ["bob"])).users == ("alice", "bob")
    assert (await hub.groups.remove_users("staff", ["alice"])).users == ("bob",)
    assert (await hub.groups.set_properties("staff", {"room": 7})).properties == {"room": 7}
    assert await hub.groups.listing(0, 1) == ([await hub.groups.get("staff")], 2)
    assert await hub.groups.listing(among=["Org/Team"]) == ([made[1]], 1)
    await hub.groups.remove("staff", by="user:root")
    assert await hub.groups.get("staff") is None
    rows = [(row.actor, row.action, row.subject) for row in await hub.store(audit.listing)]
    assert ("user:root", "group.add", "Org/Team") in rows and ("user:root", "group.remove", "staff") in rows


async def test_a_member_is_judged_anew_at_once(hub: Hub) -> None:
    await hub.changes.write(sessions.add, Session("", "alice", 1000.0, 2000.0, 1000.0), SESSION)
    await hub.groups.add(["staff"])
    await hub.changes.write(roles.put, "metrics", ["read:metrics"])
    await hub.changes.write(roles.assign, "metrics", "group", ["staff"])

    async def may() -> tuple[bool, tuple[str, ...]]:
        identity, _ = await hub.identities.resolve("session", SESSION)
        assert identity
        return "read:metrics" in identity.scopes, identity.groups

    assert await may() == (False, ())
    await hub.groups.add_users("staff", ["alice"])
    assert await may() == (True, ("staff",))
    await hub.groups.remove_users("staff", ["alice"])
    assert await may() == (False, ())
    await hub.groups.add_users("staff", ["alice"])
    await hub.groups.remove("staff")
    assert await may() == (False, ())


@pytest.mark.parametrize(
    "name", ["", " ", "a ", " a", ".", "..", "a\0b", "a\nb", "\u202e", "\ud800", "\ufffd", "x" * 256, "ü" * 128]
)
async def test_names_that_are_none(hub: Hub, name: str) -> None:
    with pytest.raises(BadInput, match="group name"):
        await hub.groups.add(["fine", name])
    assert await hub.groups.listing() == ([], 0)


async def test_all_or_none(hub: Hub) -> None:
    await hub.groups.add(["b"])
    with pytest.raises(Conflict, match="Group b already exists"):
        await hub.groups.add(["a", "b", "c"])
    with pytest.raises(BadInput, match="No such user: nobody"):
        await hub.groups.add(["d"], ["alice", "nobody"])
    assert [group.name for group in (await hub.groups.listing())[0]] == ["b"]
    before = len(await hub.store(audit.listing))
    with pytest.raises(NotFound):
        await hub.groups.add_users("nobody", ["alice"])
    assert len(await hub.store(audit.listing)) == before


async def test_properties_are_bounded(hub: Hub) -> None:
    await hub.groups.add(["a"])
    with pytest.raises(BadInput, match="65536"):
        await hub.groups.set_properties("a", {"x": "y" * PROPERTIES})
    assert await hub.groups.get("a") == Group("a")
