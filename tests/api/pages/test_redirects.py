"""Away to a provider and back: cookies, addresses, and a page that helps whoever is refused."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from falcon import testing

from gateway.errors import Forbidden
from gateway.hub.core import Hub
from gateway.model import Login
from plugins.authenticators.native import NativeAuthenticator
from tests.api.doors import house, settings
from tests.api.pages.test_login import notice
from tests.api.person import HOST, Person
from tests.gateway.hub.providers import Provider, Script

LOGIN, CALLBACK = "hub/auth/provider/login", "hub/auth/provider/callback"
BACK = {"Sec_Fetch_Site": "cross-site"}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    script = Script()
    monkeypatch.setattr(Provider, "script", script)
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)
    return script


@pytest.fixture
async def place(tmp_path: Path, script: Script) -> AsyncIterator[tuple[Hub, testing.ASGIConductor]]:
    async with house(settings(tmp_path)) as (hub, conductor):
        yield hub, conductor


@pytest.fixture
def stranger(place: tuple[Hub, testing.ASGIConductor]) -> Person:
    return Person(place[1])


async def away(person: Person, then: str = "") -> str:
    """The state that the browser is sent away with."""
    answer = await person.page(LOGIN + (f"?next={quote(then, safe='')}" if then else ""))
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


async def test_all_ways_in_stand_side_by_side_in_the_settings_order(stranger: Person) -> None:
    page = await stranger.page("hub/login?next=/hub/spawn")
    assert page.status_code == 200
    assert re.findall(r'aria-label="([^"]+)"', page.text)[-3:] == ["Password", "The Provider", "Single sign-on"]
    assert 'href="/hub/auth/provider/login?next=%2Fhub%2Fspawn"' in page.text
    assert "Log in with The Provider" in page.text
    assert page.text.count("<form") == 1


async def test_there_and_back(stranger: Person, script: Script) -> None:
    state = await away(stranger, "/hub/spawn")
    assert script.states == [state]
    mark = stranger.cookies["hubgate-login"]
    assert state not in mark
    answer = await stranger.page(f"{CALLBACK}?code=alice&state={state}", **BACK)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/hub/spawn")
    assert script.arrivals[0].query == {"code": "alice"}
    assert script.arrivals[0].callback_url == f"http://{HOST}/{CALLBACK}"
    assert (await stranger.page("hub/home")).status_code == 200
    # Who is in already is not logged in as somebody else.
    answer = await stranger.page(f"{CALLBACK}?code=bob&state=x", **BACK)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/hub/home")
    assert (await stranger.page(LOGIN)).headers["Location"] == "/hub/home"


async def test_the_cookie_of_a_browser_that_is_away(stranger: Person) -> None:
    answer = await stranger.page(LOGIN)
    cookie = answer.cookies["hubgate-login"]
    assert (cookie.path, cookie.http_only, cookie.same_site, cookie.max_age) == ("/hub/auth/", True, "Lax", 600)
    assert answer.headers["Location"].startswith("https://provider.example/authorize?")
    again = await stranger.page(LOGIN)
    assert again.cookies["hubgate-login"].value == cookie.value, "two tabs do not take it from each other"


async def test_the_public_url_is_what_the_provider_is_told(tmp_path: Path, script: Script) -> None:
    chosen = settings(tmp_path, public_url="https://hub.example.org", base_path="/x/")
    async with house(chosen) as (_, conductor):
        person = Person(conductor, base="/x/", scheme="https")
        state = await away(person)
        await person.page(f"{CALLBACK}?code=alice&state={state}", **BACK)
    assert script.arrivals[0].callback_url == "https://hub.example.org/x/hub/auth/provider/callback"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"},
        {"Sec_Purpose": "prefetch"},
    ],
    ids=str,
)
async def test_nobody_else_sends_a_browser_away(stranger: Person, script: Script, headers: dict[str, str]) -> None:
    answer = await stranger.page(f"{LOGIN}?next=/hub/spawn", **headers)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/hub/login?next=%2Fhub%2Fspawn")
    assert script.states == []


@pytest.mark.parametrize("then", ["//evil.example", "https://evil.example/", "/\\evil", "/hub/logout"])
async def test_a_foreign_next_is_forgotten(stranger: Person, then: str) -> None:
    state = await away(stranger, then)
    answer = await stranger.page(f"{CALLBACK}?code=alice&state={state}&next=//evil.example", **BACK)
    assert answer.headers["Location"] == "/hub/home"


@pytest.mark.parametrize("query", ["", "code=alice", "code=alice&state=", "code=alice&state=forged", "state=a&state=b"])
async def test_a_state_that_is_forged_or_missing(stranger: Person, script: Script, query: str) -> None:
    await away(stranger)
    page = await stranger.page(f"{CALLBACK}?{query}", **BACK)
    assert page.status_code == 403
    assert "not begun in this browser" in notice(page.text)
    assert "Log in with The Provider" in page.text, "and how to begin again"
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert script.arrivals == []
    assert "hubgate-session" not in stranger.cookies


async def test_a_state_given_twice_counts_for_nothing(stranger: Person) -> None:
    state = await away(stranger)
    assert (await stranger.page(f"{CALLBACK}?code=alice&state={state}&state={state}", **BACK)).status_code == 403


async def test_log_in_as_the_attacker(
    place: tuple[Hub, testing.ASGIConductor], stranger: Person, script: Script
) -> None:
    """Mallory's state and code, in the victim's browser."""
    mallory, victim = Person(place[1]), stranger
    state = await away(mallory)
    await away(victim)
    page = await victim.page(f"{CALLBACK}?code=alice&state={state}", **BACK)
    assert (page.status_code, script.arrivals) == (403, [])
    assert "hubgate-session" not in victim.cookies


async def test_a_code_that_is_played_again(stranger: Person, script: Script) -> None:
    state = await away(stranger)
    await stranger.page(f"{CALLBACK}?code=alice&state={state}", **BACK)
    await stranger.page("hub/logout")
    page = await stranger.page(f"{CALLBACK}?code=alice&state={state}", **BACK)
    assert page.status_code == 403
    assert len(script.arrivals) == 1


async def test_a_provider_that_is_down(stranger: Person, script: Script, caplog: pytest.LogCaptureFixture) -> None:
    state = await away(stranger)
    script.finish = ConnectionRefusedError("connect to provider.example:443 with code=to-be-hidden")
    page = await stranger.page(f"{CALLBACK}?code=to-be-hidden&state={state}", **BACK)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
    assert notice(page.text) == "Log-in does not work at the moment"
    assert "ConnectionRefusedError" in caplog.text and "provider" in caplog.text
    assert "to-be-hidden" not in caplog.text + page.text
    script.begin = TimeoutError("nothing there")
    page = await stranger.page(LOGIN)
    assert page.status_code == 503
    assert "Log in with The Provider" in page.text


async def test_a_name_that_is_not_allowed(stranger: Person) -> None:
    state = await away(stranger)
    page = await stranger.page(f"{CALLBACK}?code=mallory&state={state}", **BACK)
    assert page.status_code == 403
    assert notice(page.text) == "You are mallory, who may not use this gateway. An administrator can change that."
    assert "hubgate-session" not in stranger.cookies


async def test_a_refusal_in_words(stranger: Person, script: Script) -> None:
    state = await away(stranger)
    script.finish = Forbidden("Only <b>staff</b>.")
    page = await stranger.page(f"{CALLBACK}?error=access_denied&state={state}", **BACK)
    assert notice(page.text) == "Only &lt;b&gt;staff&lt;/b&gt;."


async def test_log_out_goes_on_to_the_provider(stranger: Person, script: Script) -> None:
    state = await away(stranger)
    script.finish = Login("alice", memory={"id_token_hint": "x"})
    await stranger.page(f"{CALLBACK}?code=c&state={state}", **BACK)
    script.log_out = "https://provider.example/logout"
    answer = await stranger.page("hub/logout")
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://provider.example/logout")
    assert "hubgate-session" not in stranger.cookies


@pytest.mark.parametrize("path", ["hub/auth/native/login", "hub/auth/nobody/login", "hub/auth/nobody/callback"])
async def test_no_such_provider(stranger: Person, path: str) -> None:
    assert (await stranger.page(path)).status_code == 404
