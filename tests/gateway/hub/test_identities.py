"""Who stands behind a credential: judged at each resolution, cached exactly until it changes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from gateway.channel.messages import Invalidate
from gateway.hub import credentials, identities
from gateway.hub.core import Hub
from gateway.hub.credentials import Found
from gateway.model import Grant, Identity, Server, Service, Session, digest
from gateway.store import grants, invitations, roles, servers, services, sessions, users
from gateway.store.work import Snapshot
from tests.gateway.hub.world import World, a_hub, settings

SESSION = digest("alice's session")
KNOWN = {"read:users:name!user=alice", "read:users:groups!user=alice"}
"""What every token of hers may know."""


async def with_session(hub: Hub, user: str = "alice", expires_at: float = 2000.0, value: str = SESSION) -> str:
    session = Session("", user, 1000.0, expires_at, 1000.0)
    await hub.changes.write(sessions.add, session, value)
    return value


async def resolved(hub: Hub, value: str = SESSION) -> Identity | None:
    return (await hub.identities.resolve("session", value))[0]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts what is really read from the store."""
    seen: list[str] = []
    real = credentials.by_session

    def counted(db: Snapshot, digest: str, now: float) -> Found:
        seen.append(digest)
        return real(db, digest, now)

    monkeypatch.setattr(credentials, "by_session", counted)
    return seen


async def test_a_session(hub: Hub) -> None:
    await with_session(hub)
    identity, revision = await hub.identities.resolve("session", SESSION)
    assert identity
    assert (identity.kind, identity.name, identity.credential, identity.digest) == ("user", "alice", "session", SESSION)
    assert identity.expires_at == 2000.0
    assert identity.revision == revision == hub.changes.revision
    assert "access:servers!user=alice" in identity.scopes
    assert not identity.admin


async def test_unknown_ones(hub: Hub, reads: list[str]) -> None:
    for _ in range(2):
        assert await hub.identities.resolve("session", digest("x")) == (None, hub.changes.revision)
    assert await hub.identities.resolve("token", SESSION) == (None, hub.changes.revision)
    assert len(hub.identities) == 0
    assert len(reads) == 2, "what is unknown is not remembered: strangers could fill the memory"


async def test_a_session_is_no_token_and_the_reverse(hub: Hub) -> None:
    await with_session(hub)
    assert await resolved(hub)
    assert (await hub.identities.resolve("token", SESSION))[0] is None
    value, _ = await hub.tokens.make("alice")
    assert (await hub.identities.resolve("token", digest(value)))[0]
    assert (await hub.identities.resolve("session", digest(value)))[0] is None


async def test_the_second_time_nothing_is_read(hub: Hub, reads: list[str]) -> None:
    await with_session(hub)
    assert await resolved(hub) == await resolved(hub)
    assert len(reads) == 1


async def test_a_change_of_somebody_else_costs_nothing(hub: Hub, reads: list[str]) -> None:
    await with_session(hub)
    await resolved(hub)
    await hub.users.set_admin("bob", True)
    await resolved(hub)
    assert len(reads) == 1


async def test_expiry_needs_no_push(hub: Hub, world: World) -> None:
    await with_session(hub)
    assert await resolved(hub)
    world.now = 1999.9
    assert await resolved(hub)
    world.now = 2000.0
    assert await resolved(hub) is None


@pytest.mark.parametrize(
    "change",
    [
        (users.set_disabled, "alice", True),
        (users.mark_removing, "alice"),
        (users.remove, "alice"),
        (sessions.remove, SESSION),
        (sessions.remove_all, "alice"),
    ],
    ids=lambda change: change[0].__name__,
)
async def test_every_way_out_is_in_force_at_once(hub: Hub, change: tuple[Any, ...]) -> None:
    await with_session(hub)
    assert await resolved(hub)
    await hub.changes.write(*change)
    assert await resolved(hub) is None
    assert len(hub.identities) == 0


async def test_what_it_means_is_judged_anew(hub: Hub) -> None:
    await with_session(hub)
    before = await resolved(hub)
    await hub.users.set_admin("alice", True)
    admin = await resolved(hub)
    assert before and admin and admin.admin and "admin:users" in admin.scopes - before.scopes
    await hub.users.set_admin("alice", False)
    await hub.changes.write(users.set_groups, "alice", ["class"])
    await hub.changes.write(roles.put, "reader", ["read:metrics!group=class", "list:groups"])
    await hub.changes.write(roles.assign, "reader", "group", ["class"])
    member = await resolved(hub)
    assert member and member.groups == ("class",) and "read:metrics!group=class" in member.scopes


async def test_the_settings_are_judged_at_every_hub(world: World, tmp_path: Path) -> None:
    async with a_hub(world, settings(tmp_path), "alice") as hub:
        await with_session(hub)
        assert await resolved(hub)
    async with a_hub(world, settings(tmp_path, authenticator={"blocked_users": ["alice"]})) as hub:
        assert await resolved(hub) is None
    async with a_hub(world, settings(tmp_path, authenticator={"admin_users": ["alice"]})) as hub:
        identity = await resolved(hub)
        assert identity and identity.admin and "admin:users" in identity.scopes


async def test_tokens(hub: Hub, world: World) -> None:
    value, token = await hub.tokens.make("alice", ["access:servers!user"], "", 60)
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity and identity.scopes == {"access:servers!user=alice", *KNOWN}
    assert identity.credential_id == token.id and identity.expires_at == 1060.0
    world.now = 1060.0
    assert (await hub.identities.resolve("token", digest(value)))[0] is None


async def test_a_token_shrinks_with_its_owner(hub: Hub) -> None:
    await hub.users.set_admin("alice", True)
    value, _ = await hub.tokens.make("alice", ["list:users"])
    assert "list:users" in (await hub.identities.resolve("token", digest(value)))[0].scopes  # type: ignore[union-attr]
    await hub.users.set_admin("alice", False)
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity and identity.scopes == KNOWN


async def test_groups_of_others_that_a_scope_names_are_judged_anew(hub: Hub) -> None:
    """A token for bob's servers, held by way of a group: bob leaves it."""
    await hub.changes.write(users.set_groups, "bob", ["class"])
    await hub.changes.write(roles.put, "teacher", ["access:servers!group=class"])
    await hub.changes.write(roles.assign, "teacher", "user", ["alice"])
    value, _ = await hub.tokens.make("alice", ["access:servers!user=bob"])
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity and "access:servers!user=bob" in identity.scopes
    await hub.groups.remove_users("class", ["bob"])
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity and identity.scopes == KNOWN


# ── services ─────────────────────────────────────────────────────────────────


async def service(hub: Hub, *scopes: str, admin: bool = False, asked: list[str] | None = None) -> str:
    """The digest of a token of the service `culler`, which has a role with these scopes."""
    await hub.changes.write(services.put, Service("culler", admin=admin, created=1.0))
    await hub.changes.write(roles.put, "cull", scopes)
    await hub.changes.write(roles.assign, "cull", "service", ["culler"])
    value, _ = await hub.tokens.make("culler", asked, kind="service")
    return digest(value)


async def test_a_service_is_what_its_roles_say(hub: Hub) -> None:
    value = await service(hub, "list:users", "access:services!service", "self", "servers!user")
    identity, revision = await hub.identities.resolve("token", value)
    assert identity
    assert (identity.kind, identity.name, identity.admin, identity.groups) == ("service", "culler", False, ())
    assert identity.scopes == {"list:users", "read:users:name", "access:services!service=culler"}
    assert (identity.credential, identity.expires_at, identity.revision) == ("token", None, revision)


async def test_a_service_that_is_admin(hub: Hub) -> None:
    value = await service(hub, admin=True)
    identity, _ = await hub.identities.resolve("token", value)
    assert identity and identity.admin and {"admin:users", "shutdown"} <= identity.scopes
    await hub.changes.write(services.put, Service("culler"))
    identity, _ = await hub.identities.resolve("token", value)
    assert identity and not identity.admin and not identity.scopes


async def test_a_services_token_is_cut_down_to_what_the_service_holds(hub: Hub) -> None:
    value = await service(hub, "read:users", asked=["read:users:name!user=bob"])
    identity, _ = await hub.identities.resolve("token", value)
    assert identity and identity.scopes == {"read:users:name!user=bob"}
    await hub.changes.write(roles.put, "cull", [])
    identity, _ = await hub.identities.resolve("token", value)
    assert identity and not identity.scopes


async def test_a_service_is_no_user_of_its_name(hub: Hub) -> None:
    """Neither its tokens nor its roles pass to a user of that name, nor does a block of one hit the other."""
    await hub.users.add("culler")
    value = await service(hub, "admin:users")
    await hub.users.set_disabled("culler", True)
    identity, _ = await hub.identities.resolve("token", value)
    assert identity and identity.kind == "service" and "admin:users" in identity.scopes
    await hub.users.set_disabled("culler", False)
    mine, _ = await hub.tokens.make("culler")
    identity, _ = await hub.identities.resolve("token", digest(mine))
    assert identity and identity.kind == "user" and "admin:users" not in identity.scopes


async def test_a_service_that_is_gone_takes_its_tokens_along(hub: Hub) -> None:
    value = await service(hub, "list:users")
    assert (await hub.identities.resolve("token", value))[0]
    await hub.changes.write(services.remove, "culler")
    assert (await hub.identities.resolve("token", value))[0] is None


# ── races with changes ───────────────────────────────────────────────────────


async def test_a_reading_that_a_change_has_overtaken_is_repeated(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change is known here already, but the answer comes from before it: it must not be believed."""
    await with_session(hub)
    real, stale = credentials.by_session, []

    def old(db: Snapshot, value: str, now: float) -> Found:
        found = real(db, value, now)
        stale.append(found)
        return dataclasses.replace(found, revision=found.revision - 1) if len(stale) == 1 else found

    monkeypatch.setattr(credentials, "by_session", old)
    hub.identities.forget(Invalidate(0, hub.changes.revision, ("user:alice",)))
    identity = await resolved(hub)
    assert identity and identity.revision == hub.changes.revision
    assert len(stale) == 2


async def test_an_old_answer_is_never_kept(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_session(hub)
    hub.identities.forget(Invalidate(0, hub.changes.revision + 10, ("user:alice",)))
    identity, revision = await hub.identities.resolve("session", SESSION)
    assert identity and revision < hub.changes.revision + 10
    assert len(hub.identities) == 0


async def test_the_cache_is_bounded_and_drops_the_least_used(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identities, "CACHED", 2)
    values = [await with_session(hub, value=digest(str(number))) for number in range(3)]
    for value in (values[0], values[1], values[0], values[2]):
        assert await resolved(hub, value)
    assert len(hub.identities) == 2
    assert {key[1] for key in hub.identities._cache} == {values[0], values[2]}
    hub.identities.forget(Invalidate(0, hub.changes.revision, ("user:alice",)))
    assert len(hub.identities) == 0
    assert hub.identities._of_owner == {}


# ── what others share ────────────────────────────────────────────────────────

GPU = "access:servers!server=bob/gpu"


async def shared(hub: Hub, expires_at: float | None, **guest: str) -> None:
    grant = Grant("bob", "gpu", (GPU,), created=1000.0, expires_at=expires_at, **guest)
    await hub.store(servers.put, Server("bob", "gpu"))
    await hub.changes.write(invitations.accept, grant, 1000.0)


async def test_a_grant_counts_until_it_ends(hub: Hub, world: World) -> None:
    await with_session(hub)
    await hub.changes.write(users.set_groups, "alice", ["class"])
    before = await resolved(hub)
    await hub.changes.write(users.set_groups, "bob", ["class"])
    await shared(hub, 1500.0, group="class")
    guest = await resolved(hub)
    assert before and guest
    assert guest.scopes == before.scopes | {GPU}
    assert guest.lapses == ((GPU, 1500.0),)
    world.now = 1500.0
    after = await resolved(hub)
    assert after and after.scopes == before.scopes and after.lapses == ()


async def test_a_grant_in_a_token(hub: Hub) -> None:
    await shared(hub, 1500.0, user="alice")
    value, _ = await hub.tokens.make("alice", [GPU])
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity and GPU in identity.scopes and identity.lapses == ((GPU, 1500.0),)
    await hub.users.set_admin("alice", True)
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity and GPU in identity.scopes and identity.lapses == (), "an administrator needs no grant"


async def test_a_grant_without_an_end(hub: Hub) -> None:
    await with_session(hub)
    await shared(hub, None, user="alice")
    guest = await resolved(hub)
    assert guest and GPU in guest.scopes and guest.lapses == ()
    await hub.changes.write(grants.withdraw, "bob", "gpu", user="alice")
    guest = await resolved(hub)
    assert guest and GPU not in guest.scopes


@pytest.mark.parametrize("may", [True, False])
async def test_who_may_share(world: World, tmp_path: Path, may: bool) -> None:
    async with a_hub(world, settings(tmp_path, sharing={"users_may_share": may}), "alice") as hub:
        await with_session(hub)
        identity = await resolved(hub)
        assert identity and ("shares!user=alice" in identity.scopes) is may
        assert "shares" not in identity.scopes
        if may:
            assert await hub.tokens.make("alice", ["shares!user"])
