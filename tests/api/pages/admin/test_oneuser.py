from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person

type Someone = Callable[[str], Awaitable[Person]]
ALICE = "hub/admin/users/alice"
ROLES = [
    {"name": "assistant", "scopes": ["admin-ui", "read:users!group=team"], "users": ["carol"]},
    {"name": "locksmith", "scopes": ["admin-ui", "tokens!group=team"], "users": ["dave"]},
]
PASSWORD = {"password": "the shared password", "authenticator": "dummy"}


async def test_what_is_shown(root: Person, hub: Hub) -> None:
    await hub.groups.add(["team"], ["alice"])
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    page = (await root.page(ALICE)).text
    assert 'href="/hub/admin/traffic?user=alice"' in page and 'href="/hub/admin/audit?subject=alice"' in page
    assert "team" in page and 'href="/user/alice/"' in page and 'action="/hub/stop/alice"' in page
    assert (await root.page("hub/admin/users/nobody")).status_code == 404


async def test_why_a_server_did_not_start(root: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "bad")
    await hub.servers.wait("alice", "", 5)
    server = await hub.servers.get("alice", "")
    assert server and server.message.startswith("It would not: ")
    assert "It would not: &lt;script&gt;" in (await root.page(ALICE)).text


async def test_shut_out_and_let_in(root: Person, alice: Person, hub: Hub) -> None:
    page = (await root.submit(ALICE, {"action": "disable"})).text
    assert "Shut <bdi>alice</bdi> out?" in page and 'type="password"' not in page
    assert (await alice.page("hub/home")).status_code == 200
    answer = await root.submit(ALICE, {"action": "disable", "password": ""})
    assert answer.headers["Location"] == "/hub/admin/users/alice?done=disable"
    assert (await alice.page("hub/home")).status_code == 302
    await root.submit(ALICE, {"action": "enable"})
    user = await hub.users.get("alice")
    assert user and not user.disabled


@pytest.mark.parametrize("action", ["remove", "make-admin"])
async def test_grave_actions_ask_for_the_password(root: Person, hub: Hub, action: str) -> None:
    asked = await root.submit(ALICE, {"action": action})
    assert asked.status_code == 200 and 'name="password"' in asked.text
    wrong = await root.submit(ALICE, {"action": action, **PASSWORD, "password": "guess"})
    assert wrong.status_code == 403 and 'name="password"' in wrong.text
    user = await hub.users.get("alice")
    assert user and not user.admin
    done = await root.submit(ALICE, {"action": action, **PASSWORD})
    assert done.status_code == 302
    user = await hub.users.get("alice")
    assert user is None if action == "remove" else user and user.admin


async def test_end_everything(root: Person, alice: Person, hub: Hub) -> None:
    await hub.tokens.make("alice")
    await root.submit(ALICE, {"action": "end-sessions"})
    assert (await alice.page("hub/home")).status_code == 302
    await root.submit(ALICE, {"action": "revoke-tokens"})
    assert len(await hub.tokens.of_user("alice")) == 1
    await root.submit(ALICE, {"action": "revoke-tokens", "password": ""})
    assert await hub.tokens.of_user("alice") == []


@pytest.mark.parametrize("action", ["remove", "disable", "unmake-admin"])
async def test_not_to_oneself(root: Person, hub: Hub, action: str) -> None:
    answer = await root.submit("hub/admin/users/root", {"action": action, **PASSWORD})
    assert answer.status_code == 400
    user = await hub.users.get("root")
    assert user and user.admin and not user.disabled


async def test_nonsense(root: Person) -> None:
    assert (await root.submit(ALICE, {"action": "explode"})).status_code == 400
    assert (await root.submit("hub/admin/users/nobody", {"action": "disable"}, page=ALICE)).status_code == 404


async def test_who_may_see_some_users_sees_no_others(person: Someone, hub: Hub) -> None:
    await hub.groups.add(["team"], ["x y"])
    carol = await person("carol")
    page = await carol.page("hub/admin/users/x%20y")
    assert page.status_code == 200 and "hub/admin/audit" not in page.text
    for name in ("alice", "nobody"):
        assert (await carol.page(f"hub/admin/users/{name}")).status_code in (403, 404)


async def test_why_it_failed_is_not_for_who_may_not_see_servers(person: Someone, hub: Hub) -> None:
    await hub.groups.add(["team"], ["x y"])
    await hub.servers.start("x y", "", "bad")
    await hub.servers.wait("x y", "", 5)
    assert "It would not" not in (await (await person("carol")).page("hub/admin/users/x%20y")).text


async def test_who_may_revoke_tokens_is_not_shown_the_rest(person: Someone, hub: Hub) -> None:
    await hub.groups.add(["team"], ["alice"])
    dave = await person("dave")
    answer = await dave.submit(ALICE, {"action": "revoke-tokens"}, "hub/token")
    assert answer.status_code in (403, 404) and "team" not in answer.text
    assert (await dave.submit(ALICE, {"action": "revoke-tokens", "password": ""}, "hub/token")).status_code == 302
