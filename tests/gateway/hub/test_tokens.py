"""API tokens: made within limits, shown once, gone when revoked."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import BadInput, HubgateError, NotFound
from gateway.hub.core import Hub
from gateway.model import Service, digest
from gateway.store import audit, roles, services
from tests.gateway.hub.world import World, a_hub, settings


async def test_make(hub: Hub) -> None:
    value, token = await hub.tokens.make("alice", note="for\nme", expires_in=60, by="user:root")
    assert len(value) == 43 and value.startswith(token.prefix) and len(token.prefix) < 10
    assert (token.owner, token.scopes, token.note) == ("alice", ("inherit",), "for\\nme")
    assert (token.created, token.expires_at, token.last_used) == (1000.0, 1060.0, None)
    assert await hub.tokens.of_user("alice") == [token]
    (row, *_) = await hub.store(audit.listing)
    assert (row.actor, row.action, row.subject) == ("user:root", "token.add", "alice")
    assert value not in row.detail


async def test_it_opens_at_once_and_closes_at_once(hub: Hub) -> None:
    value, token = await hub.tokens.make("alice")
    assert (await hub.identities.resolve("token", digest(value)))[0]
    await hub.tokens.revoke(token.id)
    assert (await hub.identities.resolve("token", digest(value)))[0] is None
    await hub.tokens.revoke(token.id)
    await hub.tokens.revoke("nonsense")


@pytest.mark.parametrize(
    ("owner", "changes", "error"),
    [
        ("nobody", {}, NotFound),
        ("alice", {"scopes": ["nonsense"]}, BadInput),
        ("alice", {"scopes": ["admin:users"]}, BadInput),
        ("alice", {"expires_in": 0}, BadInput),
        ("alice", {"expires_in": -5}, BadInput),
        ("alice", {"note": "x" * 256}, BadInput),
    ],
    ids=str,
)
async def test_refusals(hub: Hub, owner: str, changes: dict[str, object], error: type[HubgateError]) -> None:
    with pytest.raises(error):
        await hub.tokens.make(owner, **changes)  # type: ignore[arg-type]
    assert await hub.tokens.of_user(owner) == []


async def test_the_longest_lifetime(world: World, tmp_path: Path) -> None:
    async with a_hub(world, settings(tmp_path, tokens={"max_age": 100}), "alice") as hub:
        for expires_in in (101, 0, -1, -1e9, 0.5, float("nan"), float("inf")):
            with pytest.raises(BadInput):
                await hub.tokens.make("alice", expires_in=expires_in)
        assert await hub.tokens.of_user("alice") == []
        for given in (100, None):
            assert (await hub.tokens.make("alice", expires_in=given))[1].expires_at == 1100.0


async def test_scopes_by_roles(hub: Hub) -> None:
    await hub.changes.write(roles.put, "viewer", ["read:users!user", "read:servers!user"])
    assert (await hub.tokens.make("alice", roles=["viewer"]))[1].scopes == ("read:servers!user", "read:users!user")
    assert (await hub.tokens.make("alice", roles=["user", "token"]))[1].scopes == ("self", "inherit")
    assert (await hub.tokens.make("alice", roles=[]))[1].scopes == ()
    for wrong in ({"roles": ["nobody"]}, {"roles": ["admin"]}, {"roles": ["viewer"], "scopes": []}):
        with pytest.raises(BadInput):
            await hub.tokens.make("alice", **wrong)  # type: ignore[arg-type]


async def test_no_scopes_at_all_are_not_everything(hub: Hub) -> None:
    value, token = await hub.tokens.make("alice", [])
    assert token.scopes == ()
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity and identity.scopes == {"read:users:name!user=alice", "read:users:groups!user=alice"}


async def test_of_a_service(hub: Hub) -> None:
    await hub.changes.write(services.put, Service("culler"))
    with pytest.raises(NotFound, match="service 'alice'"):
        await hub.tokens.make("alice", kind="service")
    _, token = await hub.tokens.make("culler", note="mine", kind="service")
    assert (token.owner_kind, token.owner, token.scopes) == ("service", "culler", ("inherit",))
    assert await hub.tokens.of_service("culler") == [token]
    assert await hub.tokens.of_user("culler") == []
    with pytest.raises(BadInput):
        await hub.tokens.make("culler", ["list:users"], kind="service")
