"""Sharing: what handlers say is checked, kept, in force at once, and gone at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import BadInput, Gone, NotFound, PluginError, TooMany, Unavailable
from gateway.hookspecs import NoOptions, ShareHandler
from gateway.hub.core import Hub
from gateway.hub.guesses import PER_ACCOUNT
from gateway.hub.shares import Wish, known_scopes
from gateway.model import Admission, Grant, Invitation, Server, ShareRequest, User
from gateway.scopes import SUBSCOPES
from gateway.store import audit, grants, invitations, servers
from tests.gateway.hub.test_invitations import KeptInvitations
from tests.gateway.hub.world import World
from tests.plugins.storage import MemoryStorage

ACCESS = "access:servers!server=alice/"
HERE = "192.0.2.1"


async def held(hub: Hub, user: str = "bob") -> list[str]:
    found, _ = await hub.shares.of_user(user)
    return [scope for grant in found for scope in grant.scopes]


async def test_by_code(hub: Hub, world: World) -> None:
    made = await hub.shares.create("alice", "", Wish(), by="user:root")
    assert (made.scopes, made.expires_at, made.handler) == ((ACCESS,), 1000.0 + 86400, "code")
    assert made.code.startswith(made.prefix) and len(made.prefix) == 4
    assert replace(made, code="") == await hub.shares.find(made.id) == await hub.shares.look(made.code, "user:x", HERE)
    assert await held(hub) == []
    grant = await hub.shares.accept(made.code, "bob", HERE)
    assert (grant.user, grant.scopes, grant.expires_at, grant.created) == ("bob", (ACCESS,), made.expires_at, 1000.0)
    assert await hub.shares.accept(made.code, "bob", HERE) == grant
    assert await held(hub) == [ACCESS]
    assert [fact for fact in world.told if fact[0] == "accepted"] == [("accepted", "bob")]
    for text in [row.detail + row.subject for row in await hub.store(audit.listing)]:
        assert made.code not in text
    await hub.shares.withdraw(made, by="user:alice")
    assert await held(hub) == []
    with pytest.raises(NotFound):
        await hub.shares.accept(made.code, "bob", HERE)
    actions = [row.action for row in await hub.store(audit.listing)]
    assert [action for action in actions if action.startswith("share")] == [
        "share.remove",
        "share.accept",
        "share.add",
    ]


async def test_it_ends(hub: Hub, world: World) -> None:
    made = await hub.shares.create("alice", "", Wish(expires_in=60))
    await hub.shares.accept(made.code, "bob", HERE)
    world.now += 60
    assert await held(hub) == []
    with pytest.raises(Gone):
        await hub.shares.look(made.code, "user:bob", HERE)
    with pytest.raises(Gone):
        await hub.shares.accept(made.code, "bob", HERE)


async def test_what_is_refused(hub: Hub) -> None:
    made = await hub.shares.create("alice", "", Wish(max_uses=1))
    with pytest.raises(BadInput, match="yourself"):
        await hub.shares.accept(made.code, "alice", HERE)
    for code in ("", "no-such-code", "x" * 1_000_000, "\0", "\ud800", "ü"):
        with pytest.raises(NotFound):
            await hub.shares.accept(code, "bob", HERE)
        with pytest.raises(NotFound):
            await hub.shares.look(code, "user:carol", HERE)
        assert await hub.shares.with_code(code) is None
    with pytest.raises(NotFound):
        await hub.shares.accept(made.code, "nobody", HERE)


async def test_guesses_are_counted_before_anything_is_looked_up(hub: Hub) -> None:
    """Attack 30: after so many even the right code is refused, so guesses tell nothing."""
    made = await hub.shares.create("alice", "", Wish())
    for number in range(PER_ACCOUNT):
        with pytest.raises(NotFound):
            await hub.shares.accept(f"guess-{number}", "bob", HERE)
    for call in (hub.shares.accept(made.code, "bob", HERE), hub.shares.look(made.code, "user:bob", HERE)):
        with pytest.raises(TooMany):
            await call
    assert await held(hub) == []


async def test_directly(hub: Hub) -> None:
    made = await hub.shares.create("alice", "", Wish(handler="direct", user="bob", expires_in=None))
    assert (made.code, made.prefix, made.grants[0].user) == ("", "", "bob")
    assert await held(hub) == [ACCESS]
    page, total = await hub.shares.of_owner("alice")
    assert (len(page), total) == (1, 1)
    assert await hub.shares.invitations("alice") == ([], 0)
    assert (await hub.shares.invitations("alice", codes_only=False))[1] == 1
    await hub.shares.withdraw_grants("alice", "", user="bob", by="user:bob")
    assert await held(hub) == []


@pytest.mark.parametrize(
    ("owner", "server", "wish", "error"),
    [
        ("nobody", "", Wish(), NotFound),
        ("alice", "gpu", Wish(), NotFound),
        ("alice", "", Wish(handler="nothing"), BadInput),
        ("alice", "", Wish(path="a/../b"), BadInput),
        ("alice", "", Wish(path="lab", scopes=["servers"]), BadInput),
        ("alice", "", Wish(path="/api/contents/plots/"), BadInput),
        ("alice", "", Wish(path="API", handler="direct", user="bob"), BadInput),
        ("alice", "", Wish(path="lab", scopes=["access:servers", "servers"], handler="direct", user="bob"), BadInput),
        ("alice", "", Wish(expires_in=59), BadInput),
        ("alice", "", Wish(expires_in=31_536_001), BadInput),
        ("alice", "", Wish(max_uses=0), BadInput),
        ("alice", "", Wish(scopes=["no-such"]), BadInput),
        ("alice", "", Wish(handler="direct", user="nobody"), BadInput),
        ("alice", "", Wish(handler="direct", group="nobodies"), BadInput),
    ],
)
async def test_what_cannot_be_shared(hub: Hub, owner: str, server: str, wish: Wish, error: type[Exception]) -> None:
    with pytest.raises(error):
        await hub.shares.create(owner, server, wish)
    assert await hub.shares.invitations("alice", codes_only=False) == ([], 0)


async def test_a_removed_servers_guests_have_nothing_of_the_next(hub: Hub) -> None:
    await hub.store(servers.put, Server("alice", "gpu"))
    made = await hub.shares.create("alice", "gpu", Wish())
    await hub.shares.accept(made.code, "bob", HERE)
    await hub.servers.remove("alice", "gpu")
    await hub.store(servers.put, Server("alice", "gpu"))
    assert await held(hub) == []
    with pytest.raises(NotFound):
        await hub.shares.accept(made.code, "bob", HERE)


# ── handlers that cannot be trusted ──────────────────────────────────────────

GOOD = Grant("alice", "", (ACCESS,), user="bob")


class Rogue(ShareHandler):
    """Does what the test says."""

    name = "rogue"
    made: Any = Invitation("alice", "", (ACCESS,), 1000.0, code="c" * 32)
    given: Any = GOOD
    failure: Exception | None = None
    slow = False

    async def create(self, server: Server, request: ShareRequest) -> Invitation:
        await self._hang()
        found: Invitation = self.made
        return found

    async def accept(self, code: str, user: User) -> Grant | None:
        await self._hang()
        found: Grant = self.given
        return found

    async def revoke(self, grant: Grant) -> None:
        await self._hang()
        if self.failure:
            raise self.failure

    async def _hang(self) -> None:
        if self.slow:
            await asyncio.sleep(60)


@pytest.fixture
def rogue(hub: Hub) -> Rogue:
    made = Rogue(NoOptions(), MemoryStorage(), KeptInvitations(hub.store, "rogue"))
    hub.shares.handlers = {"rogue": made}
    return made


def changed(**fields: Any) -> Callable[[Any], Any]:
    return lambda value: replace(value, **fields)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "nonsense",
        changed(owner="bob"),
        changed(scopes=("access:servers!server=carol/",)),
        changed(grants=(replace(GOOD, scopes=("admin:users",)),)),
        changed(path="lab", grants=(GOOD,)),
        changed(view_only=True, grants=(GOOD,)),
        changed(grants=(replace(GOOD, group="class"),)),
        changed(code="ü"),
    ],
)
async def test_an_invitation_to_something_else_is_refused(hub: Hub, rogue: Rogue, change: Callable[[Any], Any]) -> None:
    rogue.made = change(rogue.made)
    with pytest.raises(PluginError, match="'rogue'"):
        await hub.shares.create("alice", "", Wish(handler="rogue"))
    assert await hub.shares.invitations("alice", codes_only=False) == ([], 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "nonsense",
        changed(user="carol"),
        changed(user=""),
        changed(scopes=()),
        changed(scopes=("access:servers",)),
        changed(scopes=("access:servers!server=alice/gpu",)),
        changed(view_only=True, scopes=(ACCESS, "servers!server=alice/")),
        changed(path="lab", scopes=("servers!server=alice/",)),
    ],
)
async def test_a_grant_of_something_else_lets_nobody_in(hub: Hub, rogue: Rogue, change: Callable[[Any], Any]) -> None:
    rogue.given = change(rogue.given)
    with pytest.raises(PluginError, match="'rogue'"):
        await hub.shares.accept("a-code", "bob", HERE)
    assert await held(hub) == []


async def test_less_is_offered_than_what_a_handler_makes_of_it(hub: Hub, rogue: Rogue) -> None:
    """What was asked for is one path; a handler that knows of no paths must not give the whole server."""
    with pytest.raises(PluginError, match="more than was asked"):
        await hub.shares.create("alice", "", Wish(handler="rogue", path="files/plots"))
    rogue.made = replace(rogue.made, path="files/plots/a", view_only=True)
    made = await hub.shares.create("alice", "", Wish(handler="rogue", path="files/plots"))
    assert (made.path, made.view_only) == ("files/plots/a", True)
    for more in ({}, {"path": "files/plots/a"}, {"view_only": True}, {"path": "files/plots", "view_only": True}):
        rogue.given = replace(GOOD, invitation=made.id, **more)  # type: ignore[arg-type]
        with pytest.raises(PluginError, match="more than it had offered"):
            await hub.shares.accept("a-code", "bob", HERE)
    rogue.given = replace(GOOD, invitation=made.id, path="files/plots/a/b", view_only=True)
    assert (await hub.shares.accept("a-code", "bob", HERE)).path == "files/plots/a/b"


async def test_one_path(hub: Hub) -> None:
    made = await hub.shares.create("alice", "", Wish(path="/files/my plots/"))
    assert (made.path, replace(made, code="")) == ("files/my%20plots", await hub.shares.find(made.id))
    grant = await hub.shares.accept(made.code, "bob", HERE)
    assert (grant.path, grant.view_only, grant.scopes) == ("files/my%20plots", False, (ACCESS,))
    who = await hub.identities.of_user("bob")
    assert who and who.admissions == (Admission("alice", "", "files/my%20plots", until=made.expires_at),)
    assert ACCESS not in who.scopes
    for user, path in (("bob", "proxy/8050"), ("bob", "proxy/8050"), ("bob", "")):
        await hub.shares.create("alice", "", Wish(handler="direct", user=user, path=path, expires_in=None))
    found, total = await hub.shares.of_owner("alice")
    assert (total, [(each.path, each.expires_at is None) for each in found]) == (
        3, [("files/my%20plots", False), ("proxy/8050", True), ("", True)],
    )  # fmt: skip
    await hub.shares.withdraw_grants("alice", "", user="bob")
    assert await held(hub) == []


async def test_a_handler_may_know_its_codes_from_elsewhere(hub: Hub, rogue: Rogue) -> None:
    await hub.shares.accept("a-voucher", "bob", HERE)
    assert await held(hub) == [ACCESS]


async def test_what_is_withdrawn_is_gone_even_if_its_handler_fails(
    hub: Hub, rogue: Rogue, caplog: pytest.LogCaptureFixture
) -> None:
    await hub.shares.accept("a-voucher", "bob", HERE)
    rogue.failure = ZeroDivisionError("a bug")
    await hub.shares.withdraw_grants("alice", "", user="bob")
    assert await held(hub) == []
    assert "'rogue' failed to revoke" in caplog.text


async def test_a_handler_that_hangs_holds_nobody_up(
    hub: Hub, rogue: Rogue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await hub.shares.accept("a-voucher", "bob", HERE)
    monkeypatch.setattr("gateway.hub.shares.PATIENCE", 0.01)
    rogue.slow = True
    for call in (
        hub.shares.create("alice", "", Wish(handler="rogue")),
        hub.shares.accept("another", "bob", HERE),
    ):
        with pytest.raises(Unavailable):
            await call
    await hub.shares.withdraw_grants("alice", "", user="bob")
    assert await held(hub) == []
    assert caplog.text.count("'rogue' has not answered within 0.01 seconds") == 3


async def test_over_ones_are_dropped(hub: Hub, world: World) -> None:
    made = await hub.shares.create("alice", "", Wish(expires_in=60))
    await hub.shares.accept(made.code, "bob", HERE)
    assert await hub.store(grants.purge, world.now + 60) == 1
    assert await hub.store(invitations.purge, world.now + 60 + invitations.REMEMBERED) == 1


# ── which scopes ─────────────────────────────────────────────────────────────


def test_scopes_get_the_servers_filter() -> None:
    assert known_scopes([], "alice", "", SUBSCOPES) == (ACCESS,)
    twice = ["access:servers", ACCESS, "servers"]
    assert known_scopes(twice, "alice", "", SUBSCOPES) == (ACCESS, "servers!server=alice/")


def test_scopes_of_the_settings_can_be_shared_too() -> None:
    table = {**SUBSCOPES, "custom:grades:read": ()}
    assert known_scopes(["custom:grades:read"], "alice", "", table) == ("custom:grades:read!server=alice/",)
    with pytest.raises(BadInput):
        known_scopes(["custom:grades:write"], "alice", "", table)


@pytest.mark.parametrize(
    "scope",
    ["nonsense", "self", "inherit", "", "access:servers!user=alice", "access:servers!server=bob/", "access:servers!x"],
)
def test_other_filters_and_other_scopes(scope: str) -> None:
    with pytest.raises(BadInput):
        known_scopes([scope], "alice", "", SUBSCOPES)
