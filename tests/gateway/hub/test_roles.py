"""Roles and groups of the settings: what a start makes of the store, and what each role means then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.hub.core import Hub
from gateway.hub.roles import defined, table
from gateway.model import Group, Identity, Role, digest
from gateway.scopes import ROLES, SUBSCOPES
from gateway.settings import Settings
from gateway.store import changes, roles
from tests.gateway.hub.world import World, a_hub, settings

READER = {
    "name": "reader",
    "description": "may look",
    "scopes": ["read:users", "list:users"],
    "users": ["Carol", "alice"],
    "groups": ["staff"],
    "services": ["bot"],
}
SERVICES = [{"name": "bot"}, {"name": "boss", "admin": True}]


def made(**sections: Any) -> Settings:
    return Settings.model_validate(sections)


async def of(hub: Hub, name: str, scopes: list[str] | None = None, **more: Any) -> Identity:
    value, _ = await hub.tokens.make(name, scopes, **more)
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity
    return identity


def test_the_default_roles() -> None:
    assert {name: set(role.scopes) for name, role in defined(Settings()).items()} == {
        name: set(scopes) for name, scopes in ROLES.items()
    }


def test_an_entry_changes_only_what_it_names() -> None:
    found = defined(
        made(roles=[{"name": "user", "scopes": ["self", "list:users"]}, {"name": "token", "description": "mine"}])
    )
    assert found["user"].scopes == ("list:users", "self") and found["user"].description.startswith("Standard")
    assert found["token"] == Role("token", "mine", ("inherit",))
    assert defined(made(roles=[{"name": "server", "scopes": []}]))["server"].scopes == ()


def test_scopes_of_the_settings() -> None:
    found = table(made(custom_scopes={"custom:a:b": {"description": "x", "subscopes": ["custom:a:b"]}}))
    assert found["custom:a:b"] == ("custom:a:b",) and len(found) == len(SUBSCOPES) + 1


async def test_a_start_makes_what_is_missing(world: World, tmp_path: Path) -> None:
    chosen = settings(tmp_path, roles=[READER], services=SERVICES, groups=[{"name": "Class", "users": ["dave"]}])
    async with a_hub(world, chosen) as hub:
        assert sorted(user.name for user in await hub.users.listing()) == ["alice", "carol", "dave"]
        carol = await hub.users.account("carol")
        assert carol and list(carol.roles) == ["reader"] and hub.users.may_log_in(carol.user, "carol")
        assert await hub.groups.get("staff") == Group("staff", (), ("reader",))
        assert await hub.groups.get("Class") == Group("Class", ("dave",))
        listed = {role.name: role for role in await hub.roles.listing()}
        assert listed["reader"] == Role(
            "reader", "may look", ("list:users", "read:users"), ("alice", "carol"), ("staff",), ("bot",)
        )
        assert listed["admin"].services == ("boss",)
        assert "list:users" in (await of(hub, "carol")).scopes
        assert "list:users" in (await of(hub, "bot", kind="service")).scopes
        assert "list:users" not in (await of(hub, "dave")).scopes
        await hub.groups.add_users("staff", ["dave"])
        assert "list:users" in (await of(hub, "dave")).scopes


async def test_membership_is_exact_at_every_start_and_what_left_is_gone(world: World, tmp_path: Path) -> None:
    async with a_hub(world, settings(tmp_path, roles=[READER], services=SERVICES)) as hub:
        await hub.changes.write(roles.assign, "reader", "user", ["alice"])
        await hub.changes.write(roles.put, "made up", ["shutdown"])
        await hub.changes.write(roles.assign, "made up", "user", ["alice"])
    async with a_hub(world, settings(tmp_path, roles=[{**READER, "users": ["carol"]}], services=SERVICES)) as hub:
        assert "list:users" in (await of(hub, "carol")).scopes
        assert not {"list:users", "shutdown"} & (await of(hub, "alice")).scopes
    async with a_hub(world, settings(tmp_path)) as hub:
        assert [role.name for role in await hub.roles.listing()] == ["admin", "server", "token", "user"]
        assert "list:users" not in (await of(hub, "carol")).scopes
        assert [group.name for group in (await hub.groups.listing())[0]] == ["staff"]


async def test_a_start_that_finds_all_as_it_should_be_changes_nothing(world: World, tmp_path: Path) -> None:
    chosen = settings(tmp_path, roles=[READER], services=[SERVICES[0]], groups=[{"name": "c", "users": ["dave"]}])
    async with a_hub(world, chosen) as hub:
        await hub.groups.add_users("c", ["alice"])
        before = await hub.store(changes.revision)
        await hub.roles.begin()
        assert await hub.store(changes.revision) == before
        assert await hub.groups.get("c") == Group("c", ("alice", "dave"))


async def test_the_role_of_everybody(world: World, tmp_path: Path) -> None:
    chosen = settings(tmp_path, roles=[{"name": "user", "scopes": ["self", "read:hub"]}])
    async with a_hub(world, chosen, "alice", start=False) as hub:
        assert "read:hub" in (await of(hub, "alice")).scopes, "a command knows it before any start"


async def test_the_role_of_tokens(world: World, tmp_path: Path) -> None:
    chosen = settings(tmp_path, roles=[{"name": "token", "scopes": ["read:users!user"]}])
    async with a_hub(world, chosen, "alice") as hub:
        assert "servers!user=alice" not in (await of(hub, "alice")).scopes
        assert "servers!user=alice" in (await of(hub, "alice", ["inherit"])).scopes


async def test_administrators_by_the_role(world: World, tmp_path: Path) -> None:
    async with a_hub(world, settings(tmp_path)) as hub:
        await hub.users.add("old", admin=True)
    chosen = settings(tmp_path, roles=[{"name": "admin", "users": ["new"]}], authenticator={"admin_users": ["chief"]})
    async with a_hub(world, chosen, "chief") as hub:
        assert [user.name for user in await hub.users.listing() if user.admin] == ["chief", "new"]
        (admin,) = (role for role in await hub.roles.listing() if role.name == "admin")
        assert admin.users == ("chief", "new")
    async with a_hub(world, settings(tmp_path, roles=[{"name": "admin", "groups": ["staff"]}])) as hub:
        await hub.users.add("eve")
        await hub.groups.add_users("staff", ["eve"])
        eve = await of(hub, "eve")
        assert "admin:users" in eve.scopes and not eve.admin
        assert [user.name for user in await hub.users.listing() if user.admin] == ["new"], "without `users` all stay"


async def test_custom_scopes(world: World, tmp_path: Path) -> None:
    chosen = settings(
        tmp_path,
        custom_scopes={
            "custom:grades:*": {"description": "all", "subscopes": ["custom:grades:read"]},
            "custom:grades:read": {"description": "read"},
        },
        roles=[{"name": "teacher", "scopes": ["custom:grades:*!group=class"], "users": ["alice"]}],
    )
    async with a_hub(world, chosen) as hub:
        held = {scope for scope in (await of(hub, "alice")).scopes if scope.startswith("custom:")}
        assert held == {"custom:grades:*!group=class", "custom:grades:read!group=class"}
        narrow = await of(hub, "alice", ["custom:grades:read!group=class"])
        assert "custom:grades:read!group=class" in narrow.scopes
    async with a_hub(world, settings(tmp_path)) as hub:
        assert not [scope for scope in (await of(hub, "alice")).scopes if scope.startswith("custom:")]
