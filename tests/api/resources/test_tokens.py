from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person, proof

type Program = Callable[..., Awaitable[Person]]


async def make(person: Person, name: str, **fields: Any) -> str:
    """A token's value, made with the browser's session."""
    key = proof(await person.page("hub/spawn"))
    result = await person.api("POST", f"users/{name}/tokens", fields, X_XSRFToken=key)
    assert result.status_code == 201, result.text
    return str(result.json["token"])


async def test_made_listed_used_revoked(alice: Person) -> None:
    value = await make(alice, "alice", note="for a script", expires_in=3600, scopes=["read:users!user=alice"])
    assert re.fullmatch(r"[\w-]{43}", value)
    (model,) = (await alice.api("GET", "users/alice/tokens")).json["api_tokens"]
    assert value not in str(model)
    assert model.keys() == {
        "user", "id", "kind", "roles", "scopes", "created", "last_activity", "expires_at", "note", "session_id",
        "oauth_client",
    }  # fmt: skip
    assert (model["user"], model["kind"], model["note"]) == ("alice", "api_token", "for a script")
    assert (await alice.api("GET", f"users/alice/tokens/{model['id']}")).json == model

    program = Person(alice.conductor, token=value)
    assert (await program.api("GET", "user")).json["token_id"] == model["id"]
    assert (await program.api("GET", "users/alice/server")).status_code == 403

    key = proof(await alice.page("hub/spawn"))
    assert (await alice.api("DELETE", f"users/alice/tokens/{model['id']}", X_XSRFToken=key)).status_code == 204
    assert (await program.api("GET", "user")).status_code == 403
    assert (await alice.api("DELETE", f"users/alice/tokens/{model['id']}", X_XSRFToken=key)).status_code == 404


async def test_the_notes(hub: Hub, program: Program) -> None:
    own, admin = await program("alice"), await program("root")
    assert (await own.api("POST", "users/alice/tokens")).json["note"] == "Requested via api"
    assert (await admin.api("POST", "users/alice/tokens")).json["note"] == "Requested via api by user root"


@pytest.mark.parametrize(
    "fields",
    [
        {"scopes": "read:users"},
        {"scopes": [1]},
        {"scopes": ["no:such"]},
        {"scopes": ["admin:users"]},
        {"scopes": ["read:users!user=bob"]},
        {"roles": ["admin"]},
        {"roles": ["nobody"]},
        {"roles": ["user"], "scopes": ["self"]},
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": True},
        {"expires_in": "60"},
        {"expires_in": 1.5},
        {"expires_in": 10**400},
        {"note": 1},
        {"note": "n" * 10_000},
    ],
)
async def test_what_cannot_be_asked_for(hub: Hub, program: Program, fields: object) -> None:
    caller = await program("alice")
    assert (await caller.api("POST", "users/alice/tokens", fields)).status_code == 400
    assert len(await hub.tokens.of_user("alice")) == 1


@pytest.mark.parametrize("name", ["bob", "nobody"])
async def test_somebody_elses(hub: Hub, program: Program, name: str) -> None:
    caller = await program("alice")
    results = [await caller.api("POST", f"users/{name}/tokens"), await caller.api("GET", f"users/{name}/tokens")]
    assert [result.status_code for result in results] == [403, 404]
    assert not await hub.tokens.of_user(name)


async def test_an_admin_and_a_user_who_is_not_there(program: Program) -> None:
    assert (await (await program("root")).api("POST", "users/nobody/tokens")).status_code == 403


async def test_a_token_of_another_user_by_ones_own_name(hub: Hub, program: Program) -> None:
    _, of_bob = await hub.tokens.make("bob")
    caller = await program("alice")
    assert (await caller.api("DELETE", f"users/alice/tokens/a{of_bob.id}")).status_code == 404
    assert await hub.tokens.of_user("bob") == [of_bob]


@pytest.mark.parametrize("wanted", ["a", "b1", "1", "a1%00", "a-1", "a%2F1"])
async def test_ids_that_are_none(program: Program, wanted: str) -> None:
    assert (await (await program("alice")).api("GET", f"users/alice/tokens/{wanted}")).status_code == 404


async def test_what_is_not_known_is_passed_over_by_jupyterhub_and_refused_by_us(program: Program) -> None:
    caller = await program("alice")
    assert (await caller.api("POST", "users/alice/tokens", {"more": 1})).status_code == 201
    ours = await caller.send("POST", "api/users/alice/tokens", '{"more": 1}')
    assert (ours.status_code, ours.json["message"]) == (400, "Bad Request: Invalid JSON keys: more")


async def test_our_list_is_a_list(hub: Hub, program: Program) -> None:
    caller = await program("alice")
    made = await caller.send("POST", "api/users/alice/tokens", '{"note": "mine", "scopes": ["read:users!user"]}')
    assert made.status_code == 201
    listed = (await caller.send("GET", "api/users/alice/tokens")).json
    assert [token["note"] for token in listed] == ["", "mine"]
    assert "token" not in listed[1] and made.json["token"] not in str(listed)


async def test_scopes_are_shown_as_they_are_at_this_moment(hub: Hub, program: Program) -> None:
    caller = await program("root")
    made = (await caller.api("POST", "users/root/tokens", {"scopes": ["tokens!user", "list:users"]})).json
    known = ["read:users:groups!user=root", "read:users:name"]
    assert made["scopes"] == sorted(["list:users", "read:tokens!user=root", "tokens!user=root", *known])
    await hub.users.set_admin("root", False)
    shown = (await caller.api("GET", f"users/root/tokens/{made['id']}")).json
    assert shown["scopes"] == sorted(["read:tokens!user=root", "tokens!user=root", known[0], known[1] + "!user=root"])


async def test_roles_in_place_of_scopes(program: Program) -> None:
    caller = await program("alice")
    made = (await caller.api("POST", "users/alice/tokens", {"roles": ["user"]})).json
    assert "servers!user=alice" in made["scopes"] and made["roles"] == []
    nothing = (await caller.api("POST", "users/alice/tokens", {"scopes": []})).json
    assert nothing["scopes"] == ["read:users:groups!user=alice", "read:users:name!user=alice"]


GOOD = {"username": "alice", "password": "the shared password", "authenticator": "dummy"}


async def test_a_password_in_the_body_in_place_of_a_credential(hub: Hub, stranger: Person) -> None:
    made = await stranger.api("POST", "users/alice/tokens", {"auth": GOOD, "note": "x"})
    assert made.status_code == 201 and made.json["note"] == "x"
    assert Person(stranger.conductor, token=made.json["token"])
    assert not await hub.sessions.of_user("alice")
    assert (await stranger.api("POST", "users/bob/tokens", {"auth": GOOD})).status_code == 403
    root = {"auth": {**GOOD, "username": "root"}}
    assert (await stranger.api("POST", "users/bob/tokens", root)).json["note"] == "Requested via api by user root"


@pytest.mark.parametrize(
    "auth",
    [
        {**GOOD, "password": "wrong"},
        {**GOOD, "username": "nobody"},
        {**GOOD, "authenticator": "none"},
        {**GOOD, "password": ["the shared password"]},
        {"username": "alice"},
        {},
        None,
        "alice",
        [GOOD],
        7,
    ],
)
async def test_what_proves_nothing(hub: Hub, stranger: Person, auth: object) -> None:
    result = await stranger.api("POST", "users/alice/tokens", {"auth": auth})
    assert (result.status_code, result.json["status"]) == (403, 403)
    assert not await hub.tokens.of_user("alice") and await hub.users.get("nobody") is None


async def test_a_blocked_users_password_makes_no_token(hub: Hub, stranger: Person) -> None:
    await hub.users.set_disabled("alice", True)
    assert (await stranger.api("POST", "users/alice/tokens", {"auth": GOOD})).status_code == 403


async def test_in_our_dialect_a_password_is_no_credential(hub: Hub, stranger: Person) -> None:
    body = '{"auth": {"username": "alice", "password": "the shared password", "authenticator": "dummy"}}'
    result = await stranger.send("POST", "api/users/alice/tokens", body)
    assert (result.status_code, result.headers["www-authenticate"]) == (401, "Bearer")
    assert not await hub.tokens.of_user("alice")


async def test_a_password_does_not_stand_in_for_the_cookies_proof(hub: Hub, alice: Person) -> None:
    """A browser that is logged in must show its `_xsrf`, whatever the body says."""
    assert (await alice.api("POST", "users/alice/tokens", {"auth": GOOD})).status_code == 403
    assert not await hub.tokens.of_user("alice")
