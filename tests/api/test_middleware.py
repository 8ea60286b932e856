"""Forged requests (pages and API), who is calling, and the headers of every answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from gateway.hub.core import Hub
from tests.api.person import FETCH, FORM, HOST, NAVIGATE, Person, proof

type Someone = Callable[[str], Awaitable[Person]]

STOP = "hub/stop/alice"


# ── pages ────────────────────────────────────────────────────────────────────


async def test_our_own_form(alice: Person) -> None:
    key = proof(await alice.page("hub/spawn"))
    assert (await alice.post(STOP, {"_xsrf": key})).status_code == 302


@pytest.mark.parametrize("where", ["query", "X-XSRFToken", "X-CSRFToken"])
async def test_the_proof_may_come_elsewhere(alice: Person, where: str) -> None:
    key = proof(await alice.page("hub/spawn"))
    if where == "query":
        result = await alice.post(f"{STOP}?_xsrf={key}", {})
    else:
        result = await alice.post(STOP, {}, **{where: key})
    assert result.status_code == 302


@pytest.mark.parametrize("key", ["", "x", "0" * 64, "é"])
async def test_no_proof(alice: Person, key: str) -> None:
    result = await alice.post(STOP, {"_xsrf": key} if key else {})
    assert result.status_code == 403
    assert "This form is not ours" in result.text


async def test_the_proof_of_another_session(alice: Person, person: Someone) -> None:
    for name in ("alice", "bob"):
        other = await person(name)
        key = proof(await other.page("hub/spawn"))
        assert (await alice.post(STOP, {"_xsrf": key})).status_code == 403


async def test_the_proof_from_before_log_in(alice: Person, stranger: Person) -> None:
    key = proof(await stranger.page("hub/login"))
    alice.cookies["_xsrf"] = key
    assert (await alice.post(STOP, {"_xsrf": key})).status_code == 403


async def test_the_proof_of_a_session_that_has_ended(alice: Person) -> None:
    key = proof(await alice.page("hub/spawn"))
    await alice.page("hub/logout")
    alice.cookies["_xsrf"] = key
    assert (await alice.post(STOP, {"_xsrf": key})).status_code == 403
    await alice.log_in("alice")
    assert (await alice.post(STOP, {"_xsrf": key})).status_code == 403


async def test_a_cookie_tossed_by_a_neighbour_changes_nothing(alice: Person) -> None:
    key = proof(await alice.page("hub/spawn"))
    cookie = {"Cookie": f"_xsrf=tossed; _xsrf={alice.cookies['_xsrf']}"}
    assert (await alice.post(STOP, {"_xsrf": "tossed"}, **cookie)).status_code == 403
    assert (await alice.post(STOP, {"_xsrf": key}, **cookie)).status_code == 302


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": ""}, 302),
        ({"Origin": f"http://{HOST}"}, 302),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://sibling.hub.example:8000"}, 403),
        ({"Origin": "", "Sec_Fetch_Site": "same-site"}, 403),
        ({"Origin": "", "Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"}, 403),
        ({"Sec_Fetch_Dest": "iframe"}, 403),
        ({"Sec_Fetch_Mode": "", "Sec_Fetch_Dest": "", "Sec_Fetch_Site": ""}, 302),
    ],
)
async def test_where_a_form_comes_from(alice: Person, headers: dict[str, str], status: int) -> None:
    key = proof(await alice.page("hub/spawn"))
    assert (await alice.post(STOP, {"_xsrf": key}, **headers)).status_code == status


@pytest.mark.parametrize("path", ["hub/home", "hub/spawn", "hub/login", "hub/spawn-pending/alice", "hub/logout"])
async def test_scripts_and_frames_get_no_page(alice: Person, path: str) -> None:
    for headers in (FETCH, FETCH | {"Sec-Fetch-Mode": "no-cors"}, NAVIGATE | {"Sec-Fetch-Dest": "iframe"}):
        result = await alice.send("GET", path, headers=headers)
        assert result.status_code == 403
        assert "_xsrf" not in result.text
    assert (await alice.page("hub/home")).status_code == 200


async def test_files_and_health_are_for_scripts_too(alice: Person) -> None:
    for path in ("hub/static/hubgate.css", "hub/health"):
        assert (await alice.send("GET", path, headers=FETCH)).status_code == 200


async def test_no_page_opens_by_a_token(hub: Hub, stranger: Person) -> None:
    stranger.token, _ = await hub.tokens.make("alice")
    assert (await stranger.page("hub/home")).status_code == 302
    assert (await stranger.api("GET", "user")).status_code == 200


# ── the API, called with the session cookie ──────────────────────────────────


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_changes_need_proof(alice: Person, method: str) -> None:
    result = await alice.api(method, "users/alice/server")
    assert (result.status_code, result.json["message"]) == (403, f"'_xsrf' argument missing from {method}")
    result = await alice.api(method, "users/alice/server?_xsrf=wrong")
    assert (result.status_code, result.json["message"]) == (403, f"XSRF cookie does not match {method} argument")


async def test_reading_needs_proof_from_scripts_of_a_page(alice: Person) -> None:
    key = proof(await alice.page("hub/spawn"))
    assert (await alice.send("GET", "hub/api/user", headers=FETCH)).status_code == 403
    assert (await alice.send("GET", "hub/api/user", headers=NAVIGATE)).status_code == 200
    assert (await alice.send("GET", f"hub/api/user?_xsrf={key}", headers=FETCH)).status_code == 200
    assert (await alice.send("GET", "hub/api/user", headers=FETCH | {"X-XSRFToken": key})).status_code == 200


async def test_the_version_needs_none(alice: Person) -> None:
    assert (await alice.send("GET", "hub/api", headers=FETCH)).status_code == 200


@pytest.mark.parametrize("type_", [FORM, "text/plain", "multipart/form-data; boundary=x", "text/json"])
async def test_what_a_form_can_send_is_not_authenticated(alice: Person, type_: str) -> None:
    key = proof(await alice.page("hub/spawn"))
    result = await alice.api("POST", f"users/alice/tokens?_xsrf={key}", Content_Type=type_)
    assert (result.status_code, result.json["message"]) == (403, "Missing or invalid credentials.")


@pytest.mark.parametrize("type_", ["", "application/json", "Application/JSON; charset=utf-8"])
async def test_json_is(alice: Person, type_: str) -> None:
    key = proof(await alice.page("hub/spawn"))
    headers = {"Content_Type": type_} if type_ else {}
    assert (await alice.api("POST", f"users/alice/tokens?_xsrf={key}", **headers)).status_code == 201


async def test_tokens_need_no_proof(hub: Hub, stranger: Person) -> None:
    stranger.token, _ = await hub.tokens.make("alice")
    assert (await stranger.api("POST", "users/alice/tokens", Content_Type="text/plain", Origin="x")).status_code == 201


@pytest.mark.parametrize("path", ["users", "users/alice", "users/alice/server", "user", "info", "users/alice/tokens"])
async def test_preflights(stranger: Person, path: str) -> None:
    result = await stranger.api("OPTIONS", path, Origin="https://elsewhere.example")
    assert (result.status_code, result.text) == (200, "")
    assert result.headers["Access-Control-Allow-Headers"] == "accept, content-type, authorization"
    assert "Access-Control-Allow-Origin" not in result.headers


# ── who is calling ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("header", ["", "session", "session ", "token x", "x " + "0" * 64, "session " + "0" * 64])
async def test_credentials_that_are_none(stranger: Person, header: str) -> None:
    result = await stranger.send("GET", "hub/api/user", headers={"X-Hubgate-Credential": header})
    assert result.status_code == 403


async def test_a_digest_of_the_other_kind(alice: Person) -> None:
    value = alice.credential()["X-Hubgate-Credential"].removeprefix("session ")
    result = await alice.send("GET", "hub/api/user", headers={"X-Hubgate-Credential": f"token {value}"})
    assert result.status_code == 403


async def test_a_disabled_user_is_nobody(hub: Hub, alice: Person) -> None:
    await hub.users.set_disabled("alice", True)
    assert (await alice.page("hub/home")).headers["Location"].startswith("/hub/login")


# ── headers ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    ["", "hub/login", "hub/home", "hub/nothing", "hub/api", "hub/api/user", "hub/api/nothing", "hub/health", "api/x"],
)
async def test_every_answer(stranger: Person, path: str) -> None:
    headers = (await stranger.page(path)).headers
    assert headers["X-JupyterHub-Version"] == "6.1.1"
    assert headers["X-Hubgate-Version"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_each_page_has_a_nonce_of_its_own(stranger: Person) -> None:
    policies = {(await stranger.page("hub/login")).headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


async def test_the_worker_learns_who_called(stranger: Person, alice: Person) -> None:
    assert "x-hubgate-caller" not in (await stranger.api("GET", "user")).headers
    assert (await alice.api("GET", "user")).headers["x-hubgate-caller"] == "alice"
    assert (await alice.page("hub/home")).headers["x-hubgate-caller"] == "alice"
