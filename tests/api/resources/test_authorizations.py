from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from gateway.hub.core import Hub
from tests.api.person import SESSION, Person

type Program = Callable[..., Awaitable[Person]]


async def test_whose_a_token_is(program: Program) -> None:
    alice, asking = await program("alice"), await program("root", "read:hub")
    result = await asking.api("GET", f"authorizations/token/{alice.token}")
    assert (result.status_code, result.json["kind"], result.json["name"]) == (200, "user", "alice")
    assert "created" not in result.json
    assert "created" in (await alice.api("GET", f"authorizations/token/{alice.token}")).json


async def test_whose_a_session_is(program: Program, alice: Person) -> None:
    asking = await program("root")
    value = alice.cookies[SESSION]
    assert (await asking.api("GET", f"authorizations/cookie/{SESSION}/{value}")).json["name"] == "alice"
    assert (await asking.api("GET", f"authorizations/cookie/other/{value}")).status_code == 404


@pytest.mark.parametrize("path", ["token/nobody-has-this", f"cookie/{SESSION}/nobody-has-this"])
async def test_of_an_unknown_one_there_is_nothing_to_say(program: Program, path: str) -> None:
    assert (await (await program("alice")).api("GET", f"authorizations/{path}")).status_code == 404


async def test_only_who_has_a_token_is_answered(program: Program, alice: Person, stranger: Person) -> None:
    token = (await program("root")).token
    for person in (alice, stranger):
        assert (await person.api("GET", f"authorizations/token/{token}")).status_code == 403


async def test_a_token_that_has_ended_is_nobodys(hub: Hub, program: Program) -> None:
    asking = await program("root")
    value, token = await hub.tokens.make("alice", [])
    await hub.tokens.revoke(token.id)
    assert (await asking.api("GET", f"authorizations/token/{value}")).status_code == 404


@pytest.mark.parametrize("path", ["token", "token/alice"])
async def test_tokens_are_made_elsewhere(stranger: Person, path: str) -> None:
    result = await stranger.api("POST", f"authorizations/{path}")
    assert (result.status_code, result.json["status"]) == (404, 404)
    assert "/hub/api/users/:user/tokens" in result.json["message"]


async def test_admin_access_is_refused_to_everybody(program: Program) -> None:
    for name, status in (("root", 403), ("alice", 404)):
        assert (await (await program(name)).api("POST", "users/bob/admin-access")).status_code == status
