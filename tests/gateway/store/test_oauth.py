from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.clients import Client, Code
from gateway.errors import Conflict, NotFound
from gateway.model import Server, Service, Session, Token, digest
from gateway.store import changes, oauth, servers, services, sessions, tokens, users
from gateway.store.store import Store

LAB = Client("jupyterhub-user-alice", "/user/alice/oauth_callback", "secret", ("read:users",), user="alice")
WHO = Client("service-who", "/services/who/oauth_callback", "own", no_confirm=True, description="Who", service="who")
TOKEN = Token("", "user", "alice", "abcd", ("access:servers!server=alice/",), "", 10.0, 90.0, None)


@pytest.fixture
async def session(store: Store) -> str:
    """alice's, with her server and a service beside it."""
    await store(users.add, "alice", False, 1.0)
    await store(servers.put, Server("alice", ""))
    await store(services.put, Service("who"))
    kept = await store(sessions.add, Session("", "alice", 1.0, 100.0, 1.0), "cookie")
    return kept.id


def code(session: str, client: Client = LAB) -> Code:
    return Code(client.id, "alice", session, client.redirect_uri, ("read:users!user",), 50.0, "challenge", "S256")


async def test_a_servers_client_proves_itself_by_the_secret_it_was_given(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    assert await store(oauth.client, LAB.id) == LAB
    changed = replace(LAB, secret="another", scopes=())
    await store(oauth.put, changed, 6.0)
    assert await store(oauth.client, LAB.id) == changed
    assert await store(oauth.client, "jupyterhub-user-bob") is None


async def test_a_services_secret_is_its_own_token_and_without_one_there_is_no_client(
    store: Store, session: str
) -> None:
    await store(oauth.put, WHO, 5.0)
    assert await store(oauth.client, WHO.id) is None
    await store(services.own_token, "who", "own", replace(TOKEN, owner_kind="service", owner="who"))
    assert await store(oauth.client, WHO.id) == WHO
    assert await store(oauth.of_services) == {"who": WHO.id}
    await store(services.remove, "who")
    assert await store(oauth.client, WHO.id) is None


async def test_nobody_takes_anothers_id(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    with pytest.raises(Conflict):
        await store(oauth.put, replace(WHO, id=LAB.id), 5.0)
    with pytest.raises(NotFound):
        await store(oauth.put, replace(LAB, id="x", server="gpu"), 5.0)
    with pytest.raises(NotFound):
        await store(oauth.put, replace(WHO, id="x", service="nobody"), 5.0)


async def test_a_code_is_found_until_its_hour_and_with_its_session(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    await store(oauth.add_code, code(session), "c")
    found = await store(oauth.code, "c", 49.0)
    assert found == replace(code(session), session_expires_at=100.0)
    assert await store(oauth.code, "c", 50.0) is None
    assert await store(oauth.code, "other", 49.0) is None
    await store(sessions.remove, "cookie")
    assert await store(oauth.code, "c", 49.0) is None
    with pytest.raises(NotFound):
        await store(oauth.add_code, code(session), "d")


async def test_a_used_code_names_its_token_which_can_be_taken_back(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    await store(oauth.add_code, code(session), "c")
    await store(oauth.use_code, "c", TOKEN, "t")
    used = await store(oauth.code, "c", 49.0)
    assert used is not None
    assert used.token == "t"
    found = await store(tokens.find, "t", 49.0)
    assert found is not None
    assert found[0].session == session
    assert await store(oauth.agreed, "alice", LAB.id, 49.0) == {"access:servers!server=alice/"}
    assert await store(oauth.agreed, "alice", LAB.id, 90.0) == frozenset()
    before = await store(changes.revision)
    await store(oauth.spoil, used)
    assert await store(tokens.find, "t", 49.0) is None
    assert (await store(changes.since, before)).digests == ("t",)


async def test_of_many_tokens_in_one_session_the_newest_stay(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    for number in range(oauth.AT_ONCE + 2):
        await store(oauth.add_code, code(session), f"c{number}")
        await store(oauth.use_code, f"c{number}", TOKEN, f"t{number}")
    assert await store(tokens.find, "t1", 20.0) is None
    assert len(await store(tokens.of_owner, "user", "alice")) == oauth.AT_ONCE


async def test_of_many_codes_in_one_session_the_newest_stay(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    for number in range(oauth.AT_ONCE + 2):
        await store(oauth.add_code, code(session), f"c{number}")
    found = [await store(oauth.code, f"c{number}", 20.0) is not None for number in range(oauth.AT_ONCE + 2)]
    assert found == [False, False, *[True] * oauth.AT_ONCE]


async def test_with_the_session_its_tokens_end_and_everybody_hears_it(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    await store(oauth.add_code, code(session), "c")
    await store(oauth.use_code, "c", TOKEN, "t")
    before = await store(changes.revision)
    await store(sessions.remove, "cookie")
    assert await store(tokens.find, "t", 49.0) is None
    assert set((await store(changes.since, before)).digests) == {"cookie", "t"}


async def test_with_the_client_all_of_its_tokens_end_and_everybody_hears_it(store: Store, session: str) -> None:
    await store(tokens.add, TOKEN, "secret")
    await store(tokens.add, TOKEN, digest("mine"))
    await store(oauth.put, LAB, 5.0)
    await store(oauth.add_code, code(session), "c")
    await store(oauth.use_code, "c", TOKEN, "t")
    before = await store(changes.revision)
    await store(oauth.remove, LAB.id)
    assert [await store(tokens.find, each, 49.0) for each in ("secret", "t")] == [None, None]
    assert await store(tokens.find, digest("mine"), 49.0) is not None
    assert await store(oauth.client, LAB.id) is None
    assert await store(oauth.code, "c", 49.0) is None
    assert set((await store(changes.since, before)).digests) == {"secret", "t"}
    await store(oauth.remove, LAB.id)


async def test_the_clients_of_a_user_go_together(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    await store(oauth.remove_of_user, "bob")
    assert await store(oauth.client, LAB.id) is not None
    await store(oauth.remove_of_user, "alice")
    assert await store(oauth.client, LAB.id) is None


async def test_a_user_can_be_removed_with_all_of_it(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    await store(oauth.add_code, code(session), "c")
    await store(oauth.use_code, "c", TOKEN, "t")
    await store(users.remove, "alice")
    assert await store(oauth.client, LAB.id) is None
    assert await store(tokens.find, "t", 20.0) is None


async def test_one_token_taken_back_takes_the_clients_others_along(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    for number in range(2):
        await store(oauth.add_code, code(session), f"c{number}")
        await store(oauth.use_code, f"c{number}", TOKEN, f"t{number}")
    own = await store(tokens.add, TOKEN, "own")
    first, *_ = [token for token in await store(tokens.of_owner, "user", "alice") if token.session]
    await store(tokens.remove, first.id)
    assert [token.id for token in await store(tokens.of_owner, "user", "alice")] == [own.id]


async def test_old_codes_go(store: Store, session: str) -> None:
    await store(oauth.put, LAB, 5.0)
    await store(oauth.add_code, code(session), "c")
    assert await store(oauth.purge, 49.0) == 0
    assert await store(oauth.purge, 50.0) == 1


async def test_with_a_service_the_tokens_end_that_users_let_it_have_and_everybody_hears_it(
    store: Store, session: str
) -> None:
    await store(oauth.put, WHO, 5.0)
    await store(oauth.add_code, code(session, WHO), "c")
    await store(oauth.use_code, "c", TOKEN, "t")
    before = await store(changes.revision)
    await store(services.remove, "who")
    assert await store(tokens.find, "t", 49.0) is None
    assert "t" in (await store(changes.since, before)).digests
