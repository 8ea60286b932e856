"""A password set by the API: only by those who could be that user anyhow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.errors import Forbidden
from gateway.hookspecs import LoginRequest
from gateway.hub.core import Hub
from gateway.store import roles
from tests.api.person import Person

NEW = {"password": "quite another password"}
Program = Callable[..., Awaitable[Person]]


async def works(hub: Hub, name: str) -> bool:
    form = {"username": name, **NEW}
    try:
        return bool(await hub.sessions.log_in("native", form, LoginRequest("192.0.2.7", {}), ""))
    except Forbidden:
        return False


async def test_set_and_logged_out(program: Program, hub: Hub, alice: Person) -> None:
    root = await program("root")
    assert (await root.rest("PUT", "users/alice/password", NEW)).status_code == 204
    assert await works(hub, "alice")
    assert (await alice.page("hub/home")).status_code == 302


async def test_what_is_wrong(program: Program, hub: Hub) -> None:
    root = await program("root")
    for body in ({}, {"password": "short"}, {"password": "password1234"}, {"password": 7}, {**NEW, "x": 1}):
        assert (await root.rest("PUT", "users/alice/password", body)).status_code == 400
    assert (await root.rest("PUT", "users/nobody/password", NEW)).status_code == 404
    assert not await works(hub, "alice")


async def test_not_for_everybody(program: Program, hub: Hub, stranger: Person) -> None:
    callers = (
        await program("alice"),
        await program("root", "admin:users"),
        await program("root", "tokens", "read:users"),
        await program("root", "admin:users!user=bob", "tokens!user=bob"),
    )
    for caller in callers:
        assert (await caller.rest("PUT", "users/alice/password", NEW)).status_code == 403
    assert (await stranger.rest("PUT", "users/alice/password", NEW)).status_code == 401
    assert not await works(hub, "alice")
    assert (await callers[-1].rest("PUT", "users/bob/password", NEW)).status_code == 204


async def test_an_administrators_password_is_for_administrators(program: Program, hub: Hub) -> None:
    await hub.changes.write(roles.put, "helper", ["admin:users", "tokens"])
    await hub.changes.write(roles.assign, "helper", "user", ["bob"])
    helper = await program("bob")
    assert (await helper.rest("PUT", "users/alice/password", NEW)).status_code == 204
    assert (await helper.rest("PUT", "users/root/password", NEW)).status_code == 403
    assert not await works(hub, "root")
