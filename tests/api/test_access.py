"""JupyterHub's rules: 403 without credential or scope, 404 for what a filter hides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]


async def test_nobody(stranger: Person) -> None:
    result = await stranger.api("GET", "users/alice")
    assert (result.status_code, result.json) == (403, {"status": 403, "message": "Missing or invalid credentials."})


@pytest.mark.parametrize("user", ["bob", "nobody", "a%2Fb", "%00x".replace("%00", "zz")])
async def test_others_and_unknown_ones_look_the_same(alice: Person, user: str) -> None:
    results = [await alice.api("GET", f"users/{user}{more}") for more in ("", "/server", "/servers/x", "/tokens")]
    assert {result.status_code for result in results} == {404}
    assert {str(result.json) for result in results} == {
        "{'status': 404, 'message': 'No access to resources or resources not found'}"
    }


async def test_a_scope_that_is_not_held_at_all(program: Program) -> None:
    reader = await program("root", "list:users")
    result = await reader.api("DELETE", "users/bob")
    assert result.status_code == 403
    assert result.json["message"] == "Action is not authorized with current scopes; requires any of [delete:users]"


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ("read:servers", 200),
        ("read:servers!user=alice", 200),
        ("read:servers!server=alice/", 200),
        ("read:servers!group=students", 200),
        ("read:servers!user=bob", 404),
        ("read:servers!server=alice/gpu", 404),
        ("read:servers!group=teachers", 404),
        ("list:users", 403),
    ],
)
async def test_filters(hub: Hub, program: Program, monkeypatch: pytest.MonkeyPatch, scope: str, status: int) -> None:
    from dataclasses import replace

    get = hub.users.get

    async def in_group(name: str) -> Any:
        found = await get(name)
        return replace(found, groups=("students",)) if found and name == "alice" else found

    monkeypatch.setattr(hub.users, "get", in_group)
    caller = await program("root", scope)
    assert (await caller.api("GET", "users/alice/server")).status_code == status


async def test_a_token_that_was_revoked(hub: Hub, program: Program) -> None:
    caller = await program("alice")
    assert (await caller.api("GET", "user")).status_code == 200
    for token in await hub.tokens.of_user("alice"):
        await hub.tokens.revoke(token.id)
    assert (await caller.api("GET", "user")).status_code == 403
