from __future__ import annotations

import pytest

from gateway.hub.core import Hub
from tests.api.person import NAVIGATE, Person


async def test_it_ends_the_session(alice: Person, hub: Hub) -> None:
    old = dict(alice.cookies)
    result = await alice.page("hub/logout")
    assert (result.status_code, result.headers["Location"]) == (302, "/hub/login")
    assert alice.cookies == {}
    assert not await hub.sessions.of_user("alice")
    thief = Person(alice.conductor)
    thief.cookies = old
    assert (await thief.page("hub/home")).status_code == 302
    assert (await thief.api("GET", "user")).status_code == 403


async def test_by_a_client_that_is_no_browser(alice: Person) -> None:
    assert (await alice.send("GET", "hub/logout")).status_code == 302
    assert alice.cookies == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Purpose": "prefetch"},
    ],
)
async def test_a_foreign_link_only_asks(alice: Person, headers: dict[str, str]) -> None:
    page = await alice.send("GET", "hub/logout", headers=NAVIGATE | headers)
    assert page.status_code == 200
    assert "Log out?" in page.text
    assert (await alice.page("hub/home")).status_code == 200


@pytest.mark.parametrize("dest", ["iframe", "image", "empty", "script"])
async def test_nothing_hidden_logs_anybody_out(alice: Person, dest: str) -> None:
    mode = "navigate" if dest == "iframe" else "no-cors"
    headers = NAVIGATE | {"Sec-Fetch-Dest": dest, "Sec-Fetch-Mode": mode}
    assert (await alice.send("GET", "hub/logout", headers=headers)).status_code == 403
    assert (await alice.page("hub/home")).status_code == 200


async def test_nobody_logs_out(stranger: Person) -> None:
    assert (await stranger.page("hub/logout")).headers["Location"] == "/hub/login"
