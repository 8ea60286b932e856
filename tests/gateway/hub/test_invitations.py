"""A handler finds its own invitations and no other's."""

from __future__ import annotations

from gateway.hub.core import Hub
from gateway.hub.invitations import KeptInvitations
from gateway.hub.shares import Wish


async def test_each_handler_finds_its_own(hub: Hub) -> None:
    made = await hub.shares.create("alice", "", Wish())
    found = await KeptInvitations(hub.store, "code").find(made.code)
    assert found is not None
    assert (found.id, found.code) == (made.id, "")
    assert await KeptInvitations(hub.store, "direct").find(made.code) is None
    assert await KeptInvitations(hub.store, "code").find("another") is None
