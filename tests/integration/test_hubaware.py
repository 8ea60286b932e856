"""JupyterHub's own server behind the gate: no loop in any order of ends, a guest, and what is taken back."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from itertools import permutations

import httpx
import pytest

from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually
from tests.integration.hubaware import PASSWORD, bare, output, settings, start, stop

pytestmark = [pytest.mark.sockets, pytest.mark.conformance]

USERS = ("alice", "bob", "carol")
CACHE = 1
"""Seconds for which the server remembers what the hub said."""
MOST = 10
"""Redirects of the longest way in: OAuth and back are four."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    server = bare("bare", f"--HubOAuth.cache_max_age={CACHE}")
    more = settings(server, users=USERS, sharing={"users_may_share": True})
    with Gateway(tmp_path_factory.mktemp("gw"), more) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def admin(gateway: Gateway) -> dict[str, str]:
    """The headers of an administrator's program."""
    gateway.run("user", "add", "admin", "--admin", "--password-stdin", input=f"{PASSWORD}\n")
    return {"Authorization": f"token {gateway.run('token', 'admin').stdout.strip()}"}


@pytest.fixture(scope="module")
def alice(gateway: Gateway) -> Iterator[Client]:
    with Client(gateway) as client:
        client.log_in("alice", PASSWORD)
        start(client)
        yield client


def way_in(client: Client, path: str = "user/alice/") -> httpx.Response:
    """Go there as a browser does, until there is a page; it must not be a circle."""
    answer, seen = client.page(path), []
    while answer.status_code in (302, 303):
        seen.append(answer.headers["location"])
        assert len(seen) <= MOST, "\n".join(seen)
        answer = client.page(seen[-1].removeprefix("/"))
    return answer


def enter(client: Client) -> int:
    """Open alice's server; then its API answers so."""
    page = way_in(client)
    assert page.status_code in (200, 403), page.text
    return client.http.get("user/alice/api/status").status_code


# ── ends, in every order ─────────────────────────────────────────────────────


def log_out(client: Client, _admin: dict[str, str]) -> None:
    assert client.page("user/alice/logout").headers["location"] == "/hub/logout"
    assert client.page("hub/logout").headers["location"] == "/hub/login"
    assert client.page("user/alice/").headers["location"].startswith("/hub/login")
    client.log_in("alice", PASSWORD)


def restart(client: Client, _admin: dict[str, str]) -> None:
    """Its cookies are signed by a secret that is another one at each start, and its own token is new."""
    stop(client)
    start(client)


def expire(client: Client, admin: dict[str, str]) -> None:
    """The token in the server's cookie is good for nothing any more, as if its time were over."""
    where = "hub/api/users/alice/tokens"
    for token in client.http.get(where, headers=admin).json()["api_tokens"]:
        if token["session_id"]:
            assert client.http.delete(f"{where}/{token['id']}", headers=admin).status_code in (204, 404)
    # The server remembers for a second that it was good.
    eventually(lambda: client.http.get("user/alice/api/status").status_code == 403, CACHE + 5)


STEPS: dict[str, Callable[[Client, dict[str, str]], None]] = {
    "log-out": log_out,
    "restart": restart,
    "expiry": expire,
}


@pytest.mark.parametrize("order", list(permutations(STEPS)), ids=" then ".join)
def test_no_order_of_ends_makes_a_circle(alice: Client, admin: dict[str, str], order: tuple[str, ...]) -> None:
    assert enter(alice) == 200
    for step in order:
        STEPS[step](alice, admin)
        assert enter(alice) == 200, (step, output(alice.gateway, "alice"))


def test_another_person_in_the_same_browser_gets_nothing_of_the_first(alice: Client) -> None:
    """The first one's cookie of the server is still there; the session id tells that it means nothing."""
    assert enter(alice) == 200
    old = {cookie.name: cookie.value for cookie in alice.http.cookies.jar if cookie.name == "jupyterhub-user-alice"}
    assert alice.page("hub/logout").status_code == 302
    with Client(alice.gateway) as second:
        second.http.cookies = alice.http.cookies
        second.log_in("bob", PASSWORD)
        assert enter(second) == 403
        assert second.page("hub/logout").status_code == 302
    assert old
    alice.log_in("alice", PASSWORD)
    assert enter(alice) == 200


# ── a guest ──────────────────────────────────────────────────────────────────


def direct(gateway: Gateway, admin: dict[str, str], client: Client) -> httpx.Response:
    """What the server itself says to this browser, without the gate before it."""
    model = httpx.get(gateway.url("hub/api/users/alice/server"), headers=admin | {"Host": gateway.authority}).json()
    cookies = client.http.build_request("GET", "user/alice/api/status").headers["cookie"]
    return httpx.get(
        f"http://127.0.0.1:{model['state']['port']}/user/alice/api/status",
        headers={"Cookie": cookies, "Host": gateway.authority},
        trust_env=False,
    )


def test_a_guest_comes_by_code_and_is_out_at_once(gateway: Gateway, alice: Client, admin: dict[str, str]) -> None:
    """At the gate within a second, at the server itself when it has forgotten what the hub said."""
    made = alice.http.post("api/shares", json={}, headers={"Origin": gateway.origin, "X-XSRFToken": xsrf(alice)})
    assert made.status_code == 201, made.text
    with Client(gateway) as bob:
        bob.log_in("bob", PASSWORD)
        assert bob.page("user/alice/").status_code == 403
        address = f"hub/accept-share?code={made.json()['code']}"
        assert bob.submit("hub/accept-share", {"code": made.json()["code"]}, address).status_code == 302
        asked = way_in(bob)
        assert asked.status_code == 200
        assert asked.url.path == "/hub/api/oauth2/authorize"
        agreed = bob.submit(f"hub/api/oauth2/authorize?{asked.url.query.decode()}", {})
        assert agreed.headers["location"].startswith("/user/alice/oauth_callback?code=")
        assert bob.page(agreed.headers["location"].removeprefix("/")).status_code == 302
        assert bob.http.get("user/alice/api/status").status_code == 200
        assert direct(gateway, admin, bob).status_code == 200
        me = bob.http.get("user/alice/api/me").json()["identity"]
        assert me["username"] == "bob"
        tokens = httpx.get(gateway.url("hub/api/users/bob/tokens"), headers=admin | {"Host": gateway.authority}).json()
        scopes = [set(token["scopes"]) for token in tokens["api_tokens"]]
        assert scopes == [{"access:servers!server=alice/", "read:users:name!user=bob", "read:users:groups!user=bob"}]

        gone = alice.http.delete(
            f"api/shares/{made.json()['code']}", headers={"Origin": gateway.origin, "X-XSRFToken": xsrf(alice)}
        )
        assert gone.status_code == 204, gone.text
        began = time.monotonic()
        eventually(lambda: refused(bob), 5)
        assert time.monotonic() - began < 1
        eventually(lambda: direct(gateway, admin, bob).status_code == 403, CACHE + 2)


def refused(client: Client) -> bool:
    """A request that is under way at that moment is cut."""
    try:
        return client.http.get("user/alice/api/status").status_code == 403
    except httpx.TransportError:
        return False


def xsrf(client: Client) -> str:
    found = re.search(r'name="_xsrf" value="([^"]+)"', client.page("hub/home").text)
    assert found
    return found[1]


# ── what reaches the server ──────────────────────────────────────────────────


def test_a_program_comes_with_a_token_that_has_the_access_scope(
    gateway: Gateway, alice: Client, admin: dict[str, str]
) -> None:
    def status(token: str) -> int:
        headers = {"Authorization": f"token {token}", "Host": gateway.authority}
        return httpx.get(gateway.url("user/alice/api/status"), headers=headers, trust_env=False).status_code

    def token(user: str, *scopes: str) -> str:
        body = {"scopes": list(scopes)} if scopes else {}
        made = httpx.post(
            gateway.url(f"hub/api/users/{user}/tokens"), json=body, headers=admin | {"Host": gateway.authority}
        )
        assert made.status_code == 201, made.text
        value: str = made.json()["token"]
        return value

    with Client(gateway) as carol:
        carol.log_in("carol", PASSWORD)
    assert status(token("alice")) == 200
    assert status(token("alice", "access:servers!server=alice/")) == 200
    assert status(token("alice", "read:users!user=alice")) == 403
    assert status(token("carol")) == 403
    assert status(admin["Authorization"].removeprefix("token ")) == 200
    assert enter(alice) == 200
    cookies = alice.http.build_request("GET", "user/alice/").headers["cookie"].split("; ")
    own = [cookie for cookie in cookies if cookie.startswith("jupyterhub-user-alice=")]
    assert len(own) == 1
    headers = {"Cookie": own[0], "Host": gateway.authority}
    alone = httpx.get(gateway.url("user/alice/api/status"), headers=headers, trust_env=False)
    assert alone.status_code == 403  # a server's cookie is nothing to the gate
