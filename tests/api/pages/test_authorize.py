"""The authorize endpoint as it is meant: who is asked, for what, and where the browser goes."""

from __future__ import annotations

import re

import pytest

from gateway.hub.core import Hub
from tests.api.oauthworld import OTHER, READ_ALL, VISITORS, WHO, Flow, me, sent, services
from tests.api.person import NAVIGATE, Person

ROLES = VISITORS

LAB = Flow("jupyterhub-user-alice", "", "/user/alice/oauth_callback")


@pytest.fixture(autouse=True)
async def _services(hub: Hub) -> None:
    await services(hub)


async def test_who_is_not_logged_in_goes_to_log_in_and_comes_back(stranger: Person) -> None:
    answer = await stranger.page(WHO.address())
    assert answer.status_code == 302
    there = answer.headers["location"]
    assert there.startswith("/hub/login?next=%2Fhub%2Fapi%2Foauth2%2Fauthorize%3Fclient_id%3Dservice-who")
    page = await stranger.page(there[1:])
    assert page.status_code == 200
    program = await stranger.send("GET", WHO.address())
    assert program.status_code == 302


async def test_a_page_says_who_wants_what_and_its_form_agrees(alice: Person) -> None:
    page = await alice.page(WHO.address())
    assert page.status_code == 200
    assert "<bdi>who</bdi>" in page.text
    assert "<bdi>alice</bdi>" in page.text
    assert "Read the account (user)" in page.text
    assert "read &lt;b&gt;things&lt;/b&gt;" in page.text
    assert re.findall(r'name="scopes" value="([^"]+)"', page.text) == ["custom:read", f"{READ_ALL}!user"]
    assert "form-action 'self';" in page.headers["content-security-policy"]
    answer = await alice.submit(WHO.address(), {"scopes": f"{READ_ALL}!user"})
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/services/who/oauth_callback?code=")
    assert sent(answer)["state"] == "of-the-client"


async def test_nothing_marked_is_the_name_alone(alice: Person) -> None:
    who = await me(alice, await WHO.token(alice))
    assert who["name"] == "alice"
    assert who["scopes"] == [
        "access:services!service=who",
        "read:users:groups!user=alice",
        "read:users:name!user=alice",
    ]
    assert "last_activity" not in who


async def test_whoever_has_agreed_is_not_asked_again_but_for_more(alice: Person) -> None:
    await WHO.token(alice, scope="identify")
    assert (await alice.page(WHO.address(scope="identify"))).status_code == 302
    assert (await alice.page(WHO.address())).status_code == 200


async def test_another_site_is_named_and_the_form_may_lead_there(alice: Person) -> None:
    page = await alice.page(OTHER.address())
    assert "You will be sent to another site: https://other.example" in page.text
    assert "form-action 'self' https://other.example;" in page.headers["content-security-policy"]
    assert (await OTHER.code(alice)).isalnum()


async def test_for_their_own_server_nobody_is_asked(hub: Hub, alice: Person) -> None:
    await hub.servers.start("alice", profile="aware")
    await hub.servers.wait("alice")
    answer = await alice.page(LAB.address())
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/user/alice/oauth_callback?code=")
    assert set(sent(answer)) == {"code", "state"}


async def test_who_may_not_use_it_gets_no_further(hub: Hub, person: object, root: Person) -> None:
    await hub.servers.start("alice", profile="aware")
    await hub.servers.wait("alice")
    bob = await person("bob")  # type: ignore[operator]
    answer = await bob.page(LAB.address())
    assert answer.status_code == 403
    assert "You do not have permission to access Server at /user/alice/" in answer.text
    assert (await root.page(LAB.address())).status_code == 200  # an administrator may, and is asked


async def test_with_the_server_its_client_goes(hub: Hub, alice: Person) -> None:
    await hub.servers.start("alice", profile="aware")
    await hub.servers.wait("alice")
    assert (await alice.page(LAB.address())).status_code == 302
    await hub.servers.stop("alice")
    await hub.servers.stopped("alice")
    answer = await alice.page(LAB.address())
    assert answer.status_code == 400
    assert "Invalid client_id parameter value" in answer.text


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"response_type": None}, "invalid_request", "Missing response_type parameter."),
        ({"response_type": "token"}, "unsupported_response_type", None),
        ({"response_type": "code token"}, "unauthorized_client", None),
        ({"scope": "no:such"}, "invalid_scope", None),
        ({"scope": "admin:users"}, "invalid_scope", None),
        ({"code_challenge_method": "S512"}, "invalid_request", "Transform algorithm not supported."),
    ],
)
async def test_other_mistakes_are_told_to_the_client(
    alice: Person, changes: dict[str, str | None], error: str, description: str | None
) -> None:
    answer = await alice.page(WHO.address(**changes))
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/services/who/oauth_callback?")
    told = sent(answer)
    assert told["error"] == error
    assert told["state"] == "of-the-client"
    assert "code" not in told
    if description:
        assert told["error_description"] == description


async def test_scopes_may_be_asked_for_by_a_roles_name(alice: Person) -> None:
    told = sent(await alice.page(WHO.address(scope="admin")))
    assert told["error"] == "invalid_scope"
    assert (await alice.page(WHO.address(scope="visitors"))).status_code == 302  # more than the client may


async def test_servers_notice_another_session_by_a_cookie(alice: Person) -> None:
    first = alice.cookies["jupyterhub-session-id"]
    assert len(first) == 32
    await alice.page("hub/logout")
    assert "jupyterhub-session-id" not in alice.cookies
    await alice.log_in("alice")
    assert alice.cookies["jupyterhub-session-id"] != first
    kept = alice.cookies.pop("jupyterhub-session-id")
    await alice.page(WHO.address())
    assert alice.cookies["jupyterhub-session-id"] == kept


async def test_only_people_open_it(alice: Person, program: object) -> None:
    framed = await alice.page(WHO.address(), Sec_Fetch_Dest="iframe")
    fetched = await alice.page(WHO.address(), Sec_Fetch_Mode="cors", Sec_Fetch_Dest="empty")
    assert (framed.status_code, fetched.status_code) == (403, 403)
    by_token = await program("alice")  # type: ignore[operator]
    assert (await by_token.send("GET", WHO.address(), headers=NAVIGATE)).status_code == 302  # to log in
