"""Log-in by the word of a trusted proxy: by itself, for nobody else, and not for longer than the proxy says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from falcon import testing

from gateway.hub.core import Hub
from plugins.authenticators.native import NativeAuthenticator
from tests.api.doors import BY_PROXY, house, settings
from tests.api.pages.test_login import notice
from tests.api.person import NAVIGATE, Person


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Hub, testing.ASGIConductor]]:
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)
    async with house(settings(tmp_path)) as (hub, conductor):
        yield hub, conductor


@pytest.fixture
def person(place: tuple[Hub, testing.ASGIConductor]) -> Person:
    return Person(place[1])


async def go(person: Person, path: str, name: str, **more: str) -> testing.Result:
    """As the proxy hands it on; `name` "" = it names nobody."""
    said = {"Remote-User": name} if name else {}
    more = {key.replace("_", "-"): value for key, value in more.items()}
    return await person.send("GET", path, headers=NAVIGATE | BY_PROXY | said | more)


async def test_the_log_in_page_lets_in_whom_the_proxy_names(person: Person) -> None:
    answer = await go(person, "hub/login?next=/hub/spawn", "Alice")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/hub/spawn")
    page = await go(person, "hub/home", "Alice")
    assert page.status_code == 200 and "alice" in page.text


@pytest.mark.parametrize("name", ["bob", "", "mallory"])
async def test_a_session_ends_where_the_proxy_names_somebody_else(person: Person, name: str) -> None:
    await go(person, "hub/login", "alice")
    answer = await go(person, "hub/home", name)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/hub/login?next=%2Fhub%2Fhome")
    answer = await go(person, "api/user", name)
    assert answer.status_code == 401


async def test_somebody_else_gets_a_session_of_his_own_and_the_old_one_is_over(
    place: tuple[Hub, testing.ASGIConductor], person: Person
) -> None:
    await go(person, "hub/login", "alice")
    old = person.cookies["hubgate-session"]
    assert (await go(person, "hub/login?next=/hub/home", "bob")).status_code == 302
    assert "bob" in (await go(person, "hub/home", "bob")).text
    assert await place[0].sessions.of_user("alice") == []
    person.cookies["hubgate-session"] = old
    assert (await go(person, "hub/home", "alice")).status_code == 302


async def test_a_session_by_password_does_not_hang_on_the_proxy(
    place: tuple[Hub, testing.ASGIConductor], person: Person
) -> None:
    await place[0].authenticators[0].set_password("alice", "a long password of her own")
    fields = {"username": "alice", "password": "a long password of her own", "authenticator": "native"}
    assert (await person.submit("hub/login", fields)).status_code == 302
    assert (await go(person, "hub/home", "")).status_code == 200


@pytest.mark.parametrize("name", ["mallory", "alice, root", "a/b", "x" * 300])
async def test_a_name_that_is_not_allowed(person: Person, name: str) -> None:
    page = await go(person, "hub/login", name)
    assert page.status_code == 403
    assert notice(page.text)
    assert "hubgate-session" not in person.cookies
    assert 'name="password"' in page.text, "the other ways in are still there"


async def test_a_header_from_anybody_else_is_refused(person: Person, caplog: pytest.LogCaptureFixture) -> None:
    """A worker takes the header away and says that it was there."""
    page = await person.page("hub/login", X_Hubgate_Unbelieved="remote-user")
    assert page.status_code == 403
    assert "not believed" in notice(page.text)
    assert "refused: the header remote-user does not come from one of gateway.trusted_proxies" in caplog.text
    assert "192.0.2.7" in caplog.text
    page = await person.page("hub/login", Remote_User="alice")
    assert (page.status_code, "hubgate-session" in person.cookies) == (200, False)


@pytest.mark.parametrize(
    "headers", [{"Sec_Fetch_Dest": "iframe"}, {"Sec_Fetch_Mode": "no-cors"}, {"Sec_Purpose": "prefetch"}], ids=str
)
async def test_only_a_person_is_logged_in(person: Person, headers: dict[str, str]) -> None:
    await go(person, "hub/login", "alice", **headers)
    assert "hubgate-session" not in person.cookies


async def test_log_out_does_not_lead_straight_back_in(place: tuple[Hub, testing.ASGIConductor], person: Person) -> None:
    await go(person, "hub/login", "alice")
    page = await go(person, "hub/logout", "alice")
    assert page.status_code == 200
    assert "You are logged out" in page.text
    assert "hubgate-session" not in person.cookies
    assert await place[0].sessions.of_user("alice") == []
