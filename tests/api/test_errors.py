from __future__ import annotations

import logging

import pytest

from gateway.errors import Unavailable
from gateway.hub.core import Hub
from tests.api.person import FETCH, HOST, NAVIGATE, Person

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize("headers", [NAVIGATE, HTML])
@pytest.mark.parametrize("path", ["hub/nothing", "hub/home/", "hub/login/x", "nothing", "hub/users/alice/"])
async def test_people_see_a_page(stranger: Person, path: str, headers: dict[str, str]) -> None:
    result = await stranger.send("GET", path, headers=headers)
    assert result.status_code == 404
    assert result.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "There is nothing here" in result.text


@pytest.mark.parametrize("headers", [{}, FETCH, FETCH | HTML, {"Accept": "*/*"}])
async def test_programs_get_json(stranger: Person, headers: dict[str, str]) -> None:
    result = await stranger.send("GET", "hub/nothing", headers=headers)
    assert (result.status_code, result.json) == (404, {"status": 404, "message": "Not Found"})


@pytest.mark.parametrize("headers", [{}, NAVIGATE, HTML])
async def test_the_api_always_says_json(stranger: Person, headers: dict[str, str]) -> None:
    for path in ("hub/api/nothing", "hub/api/users/alice", "api/nothing"):
        result = await stranger.send("GET", path, headers=headers)
        assert result.headers["Content-Type"].startswith("application/json")
        assert result.json["status"] == result.status_code


@pytest.mark.parametrize(("method", "path"), [("PUT", "hub/api/user"), ("POST", "hub/api/info"), ("DELETE", "hub/api")])
async def test_a_method_that_is_not_there(root: Person, method: str, path: str) -> None:
    root.token = ""
    result = await root.send(method, path, headers={"X-Hubgate-Credential": ""})
    assert (result.status_code, result.json["status"]) == (405, 405)
    assert "GET" in result.headers["Allow"]


async def test_log_in_is_asked_for_and_leads_back(stranger: Person) -> None:
    result = await stranger.page("hub/spawn/x%20y/gpu?opt-profile=quick&next=%2Fa")
    assert result.status_code == 302
    assert result.headers["Location"] == (
        "/hub/login?next=%2Fhub%2Fspawn%2Fx%2520y%2Fgpu%3Fopt-profile%3Dquick%26next%3D%252Fa"
    )


async def test_a_program_is_not_sent_to_log_in(stranger: Person) -> None:
    result = await stranger.send("GET", "hub/home", headers=FETCH)
    assert (result.status_code, result.json["message"]) == (403, "Missing or invalid credentials.")


async def test_a_posted_form_is_not_sent_to_log_in(stranger: Person) -> None:
    result = await stranger.submit("hub/stop/alice", {}, page="hub/login")
    assert result.status_code == 403
    assert "/hub/login" in result.text


async def test_a_forged_host_leads_nobody_away(stranger: Person, alice: Person) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    for person, path in (
        (stranger, ""),
        (stranger, "hub/home"),
        (alice, ""),
        (alice, "hub/login"),
        (alice, "hub/logout"),
    ):
        result = await person.send("GET", path, headers=NAVIGATE | forged)
        assert result.status_code == 302
        assert result.headers["Location"].startswith("/hub/")
    page = await stranger.send("GET", "hub/login", headers=NAVIGATE | forged)
    assert "evil" not in page.text
    assert HOST not in page.text


async def test_a_bug_is_logged_and_not_told(
    hub: Hub, stranger: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> object:
        raise ZeroDivisionError("a secret in a message")

    monkeypatch.setattr(hub.keys, "jwks", broken)
    with caplog.at_level(logging.ERROR):
        result = await stranger.api("GET", "jwks.json")
    assert (result.status_code, result.json) == (500, {"status": 500, "message": "Internal Server Error"})
    assert "request 'request-1' failed: GET '/hub/api/jwks.json'" in caplog.text
    assert "ZeroDivisionError: a secret in a message" in caplog.text


async def test_a_bug_in_a_page(hub: Hub, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_user: str) -> object:
        raise ZeroDivisionError("a secret in a message")

    monkeypatch.setattr(hub.servers, "of_user", broken)
    result = await alice.page("hub/home")
    assert result.status_code == 500
    assert "request-1" in result.text
    assert "secret" not in result.text


async def test_a_part_that_is_away(hub: Hub, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> object:
        raise Unavailable("The database cannot be reached", retry_after=7)

    monkeypatch.setattr(hub.servers, "of_user", away)
    result = await alice.page("hub/home")
    assert (result.status_code, result.headers["Retry-After"]) == (503, "7")
    assert "The database cannot be reached" in result.text
    # Even when nobody can be looked up there is a page, not a stack of errors.
    monkeypatch.setattr(hub.identities, "resolve", away)
    result = await alice.page("hub/home")
    assert (result.status_code, result.headers["Retry-After"]) == (503, "7")
    assert result.headers["X-JupyterHub-Version"]
