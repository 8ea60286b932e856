"""The provider's own promises; `tests/api/pages/test_authorize*` shows the flow."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Forbidden, TooMany
from gateway.hub.core import Hub
from gateway.hub.provider import PER_ADDRESS, Sent
from gateway.hub.serviceclients import Wanted
from gateway.model import Identity, Session, digest
from gateway.store import sessions

URI = "/hub/api/oauth2/authorize?client_id=service-who&response_type=code"
TOKEN = "/hub/api/oauth2/token"
SECRET = "a-secret-of-the-service"


@pytest.fixture
async def alice(hub: Hub) -> Identity:
    await hub.services.add("who", "http://127.0.0.1:9", api_token=SECRET, client=Wanted(no_confirm=True))
    await hub.users.set_admin("alice", True)
    now = hub.oauth._clock()
    await hub.changes.write(sessions.add, Session("", "alice", now, now + 1000, now), digest("cookie"))
    identity, _ = await hub.identities.resolve("session", digest("cookie"))
    assert identity is not None
    return identity


def form(code: str) -> str:
    return f"client_id=service-who&client_secret={SECRET}&grant_type=authorization_code&code={code}"


async def test_of_many_who_bring_the_same_code_at_once_one_gets_a_token(hub: Hub, alice: Identity) -> None:
    """And what the others show is that somebody has copied it, so that one ends too."""
    sent = await hub.oauth.begin(URI, alice)
    assert isinstance(sent, Sent)
    code = sent.location.partition("code=")[2]
    given = await asyncio.gather(*(hub.oauth.token(TOKEN, form(code), "192.0.2.1") for _ in range(5)))
    assert sorted(each.status for each in given) == [200, 400, 400, 400, 400]
    assert [token for token in await hub.tokens.of_user("alice") if token.session] == []


async def test_only_a_browser_can_agree(hub: Hub, alice: Identity) -> None:
    value, _ = await hub.tokens.make("alice")
    program, _ = await hub.identities.resolve("token", digest(value))
    assert program is not None
    with pytest.raises(Forbidden):
        await hub.oauth.begin(URI, program)
    with pytest.raises(Forbidden):
        await hub.oauth.agree(URI, program, ())


async def test_what_was_agreed_to_stands_in_the_audit(hub: Hub, alice: Identity) -> None:
    await hub.oauth.begin(URI, alice)
    entry = (await hub.audit(1))[0]
    assert (entry.actor, entry.action, entry.subject) == ("user:alice", "oauth.agree", "Service who")
    assert "access:services!service=who" in entry.detail


@pytest.mark.parametrize("secret", ["wrong", SECRET])
async def test_who_guesses_waits_and_nobody_else(hub: Hub, alice: Identity, secret: str) -> None:
    """Secrets by the address, codes by the client: who guesses secrets keeps no client at the same address away."""
    guess = form("guessed").replace(SECRET, secret)
    for _ in range(int(PER_ADDRESS)):
        assert (await hub.oauth.token(TOKEN, guess, "192.0.2.1")).status == (400 if secret == SECRET else 401)
    with pytest.raises(TooMany) as refused:
        await hub.oauth.token(TOKEN, guess, "192.0.2.1" if secret == "wrong" else "192.0.2.2")
    assert refused.value.retry_after
    if secret == SECRET:
        return
    for _ in range(int(PER_ADDRESS) + 1):
        sent = await hub.oauth.begin(URI, alice)
        assert isinstance(sent, Sent)
        given = await hub.oauth.token(TOKEN, form(sent.location.partition("code=")[2]), "192.0.2.1")
        assert given.status == 200
