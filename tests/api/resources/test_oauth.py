"""The token endpoint as it is meant; how it is attacked stands in `test_authorize_attacks`."""

from __future__ import annotations

import pytest

from gateway.hub.core import Hub
from tests.api.oauthworld import VISITORS, WHO, services
from tests.api.person import Person

ROLES = VISITORS


@pytest.fixture(autouse=True)
async def _services(hub: Hub) -> None:
    await services(hub)


async def test_a_code_gives_a_token(hub: Hub, alice: Person, stranger: Person) -> None:
    given = await WHO.exchange(stranger, await WHO.code(alice, scope="read:users!user"))
    assert given.status_code == 200
    assert given.headers["content-type"] == "application/json"
    assert (given.headers["cache-control"], given.headers["pragma"]) == ("no-store", "no-cache")
    answer = given.json
    assert answer.keys() == {"access_token", "expires_in", "token_type", "scope"}
    assert answer["token_type"] == "Bearer"
    assert len(answer["access_token"]) == 43
    session = (await hub.sessions.of_user("alice"))[0]
    assert session.expires_at - session.created - 60 < answer["expires_in"] <= 1209600
    assert set(answer["scope"].split()) == {
        "access:services!service=who",
        "read:users:groups!user",
        "read:users:name!user",
    }


async def test_the_api_shows_whose_token_it_is_and_ends_all_of_the_client(alice: Person) -> None:
    for _ in range(2):
        await WHO.token(alice)
    tokens = (await alice.api("GET", "users/alice/tokens")).json["api_tokens"]
    assert [(each["oauth_client"], each["note"]) for each in tokens] == [("Service who", "OAuth for Service who")] * 2
    assert all(each["session_id"] for each in tokens)
    xsrf = {"X-XSRFToken": alice.cookies["_xsrf"]}
    gone = await alice.send("DELETE", f"hub/api/users/alice/tokens/{tokens[0]['id']}", headers=xsrf)
    assert gone.status_code == 204
    assert (await alice.api("GET", "users/alice/tokens")).json["api_tokens"] == []


async def test_a_shorter_life_by_the_settings(
    hub: Hub, alice: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(hub.oauth._terms), "token_max_age", 60, raising=False)
    given = await WHO.exchange(stranger, await WHO.code(alice))
    assert given.json["expires_in"] == 60
