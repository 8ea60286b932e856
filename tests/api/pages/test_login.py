from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

import pytest

from gateway.errors import Unavailable
from gateway.hookspecs import LoginRequest
from gateway.hub.core import Hub
from gateway.model import Login
from tests.api.person import HOST, Person, proof
from tests.api.scripted import MARKUP

RIGHT = {"username": "alice", "password": "the shared password", "authenticator": "dummy"}
WRONG = RIGHT | {"password": "wrong"}


def notice(text: str) -> str:
    found = re.search(r'<p class="notice bad" role="alert">(.*?)</p>', text)
    return found[1] if found else ""


async def test_one_form_for_each_authenticator(stranger: Person) -> None:
    page = await stranger.page("hub/login")
    assert page.status_code == 200
    assert re.findall(r'name="authenticator" value="(\w+)"', page.text) == ["native", "dummy"]
    assert page.text.count("<form") == 2


async def test_in_and_out(stranger: Person) -> None:
    result = await stranger.submit("hub/login", RIGHT)
    assert (result.status_code, result.headers["Location"]) == (302, "/hub/home")
    session = result.cookies["hubgate-session"]
    assert (session.path, session.http_only, session.same_site, session.max_age) == ("/", True, "Lax", 1209600)
    assert re.fullmatch(r"[\w-]{43}", session.value)
    assert (await stranger.page("hub/home")).status_code == 200
    assert proof(await stranger.page("hub/spawn")) == stranger.cookies["_xsrf"]


async def test_the_first_authenticator_is_the_default(hub: Hub, stranger: Person) -> None:
    await hub.authenticators[0].set_password("alice", "a long password of her own")
    fields = {"username": " Alice ", "password": "a long password of her own"}
    assert (await stranger.submit("hub/login", fields)).status_code == 302


async def test_a_wrong_password(stranger: Person) -> None:
    page = await stranger.submit("hub/login?next=/hub/spawn", WRONG | {"next": "/hub/spawn"})
    assert page.status_code == 403
    assert notice(page.text) == "Invalid username or password"
    assert 'value="alice"' in page.text
    assert 'name="next" value="/hub/spawn"' in page.text
    assert "wrong" not in page.text
    assert "hubgate-session" not in stranger.cookies
    # The form that came back works.
    result = await stranger.post("hub/login", RIGHT | {"_xsrf": proof(page), "next": "/hub/spawn"})
    assert (result.status_code, result.headers["Location"]) == (302, "/hub/spawn")


async def test_unknown_names_look_like_known_ones(stranger: Person) -> None:
    texts = set()
    for name in ("alice", "nobody"):
        fields = WRONG | {"username": name, "authenticator": "native"}
        page = await stranger.submit("hub/login", fields)
        assert page.status_code == 403
        texts.add(re.sub(r'nonce="[^"]*"', "", page.text).replace(name, ""))
    assert len(texts) == 1


async def test_a_lock_out(hub: Hub, stranger: Person) -> None:
    await hub.authenticators[0].set_password("alice", "a long password of her own")
    fields = {"username": "alice", "password": "wrong", "authenticator": "native"}
    assert notice((await stranger.submit("hub/login", fields)).text) == "Invalid username or password"
    page = await stranger.submit("hub/login", fields | {"password": "a long password of her own"})
    assert page.status_code == 403
    assert "Too many" in notice(page.text)
    assert int(page.headers["Retry-After"]) > 0


async def test_an_authenticator_that_fails(hub: Hub, stranger: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> object:
        raise Unavailable("Log-in does not work at the moment", retry_after=30)

    monkeypatch.setattr(hub.sessions, "log_in", away)
    page = await stranger.submit("hub/login", RIGHT)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
    assert "Log-in does not work at the moment" in page.text


async def test_who_may_not_enter(hub: Hub, stranger: Person) -> None:
    await hub.users.set_disabled("bob", True)
    for name in ("bob", "nobody", "a/b", "..", "", "x\0y", "n" * 1_000_000):
        page = await stranger.submit("hub/login", RIGHT | {"username": name})
        assert page.status_code in (400, 403, 413)
        assert len(page.text) < 10_000
    assert "hubgate-session" not in stranger.cookies


@pytest.mark.parametrize("fields", [{}, {"username": "alice"}, {"password": "x"}, {"authenticator": "no such"}])
async def test_a_form_with_holes(stranger: Person, fields: dict[str, str]) -> None:
    assert (await stranger.submit("hub/login", fields)).status_code == 403


async def test_markup_is_text(stranger: Person) -> None:
    page = await stranger.submit("hub/login", {"username": MARKUP, "password": "x", "authenticator": MARKUP})
    assert page.status_code == 403
    assert "&lt;script&gt;alert" in page.text
    assert "<script>alert" not in page.text


# ── forged ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["", "wrong", None])
async def test_a_form_that_is_not_ours_comes_back_fresh(stranger: Person, key: str | None) -> None:
    await stranger.page("hub/login")
    page = await stranger.post("hub/login", RIGHT if key is None else RIGHT | {"_xsrf": key})
    assert page.status_code == 403
    assert notice(page.text) == "Login form invalid or expired. Try again."
    assert (await stranger.post("hub/login", RIGHT | {"_xsrf": proof(page)})).status_code == 302


async def test_a_form_without_the_cookie(stranger: Person) -> None:
    key = proof(await stranger.page("hub/login"))
    stranger.cookies.clear()
    assert (await stranger.post("hub/login", RIGHT | {"_xsrf": key})).status_code == 403


async def test_a_form_from_a_sibling_who_tossed_a_pair_of_its_own(stranger: Person) -> None:
    key = proof(await stranger.page("hub/login"))
    for headers in ({"Origin": "http://sibling.example"}, {"Origin": "", "Sec_Fetch_Site": "same-site"}):
        assert (await stranger.post("hub/login", RIGHT | {"_xsrf": key}, **headers)).status_code == 403
    assert (await stranger.post("hub/login", RIGHT | {"_xsrf": key}, Origin=f"http://{HOST}")).status_code == 302


# ── sessions ─────────────────────────────────────────────────────────────────


async def test_a_new_log_in_ends_the_old_session(stranger: Person, hub: Hub) -> None:
    await stranger.log_in("alice")
    old = dict(stranger.cookies)
    key = proof(await stranger.page("hub/spawn"))
    result = await stranger.post("hub/login", RIGHT | {"username": "bob", "_xsrf": key})
    assert result.status_code == 302
    assert stranger.cookies["hubgate-session"] != old["hubgate-session"]
    assert "bob" in (await stranger.page("hub/home")).text
    thief = Person(stranger.conductor)
    thief.cookies = old
    assert (await thief.page("hub/home")).headers["Location"].startswith("/hub/login")
    assert not await hub.sessions.of_user("alice")


async def test_a_session_that_somebody_planted_is_not_used(stranger: Person) -> None:
    stranger.cookies["hubgate-session"] = "p" * 43
    await stranger.log_in("alice")
    assert stranger.cookies["hubgate-session"] != "p" * 43


async def test_where_and_with_what(stranger: Person, hub: Hub) -> None:
    key = proof(await stranger.page("hub/login"))
    await stranger.post("hub/login", RIGHT | {"_xsrf": key}, User_Agent=f"{MARKUP}{'x' * 5000}")
    (session,) = await hub.sessions.of_user("alice")
    assert session.address == "192.0.2.7"
    assert session.device.startswith(MARKUP)
    assert len(session.device) < 400


async def test_what_an_authenticator_is_told(stranger: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The form without what is ours, and a request without credentials."""
    told: list[tuple[Mapping[str, str], LoginRequest]] = []

    async def listen(form: Mapping[str, str], request: LoginRequest) -> Login | None:
        told.append((form, request))
        return Login("alice")

    monkeypatch.setattr(hub.authenticators[1], "authenticate", listen)
    await stranger.log_in("alice")
    await stranger.post(
        "hub/login", RIGHT | {"next": "/a", "otp": "1", "_xsrf": proof(await stranger.page("hub/spawn"))}
    )
    form, request = told[1]
    assert form == {"username": "alice", "password": "the shared password", "otp": "1"}
    assert request.address == "192.0.2.7"
    assert "sec-fetch-mode" in request.headers
    assert not [name for name in request.headers if "hubgate" in name or name in ("cookie", "authorization")]


# ── where to go ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/hub/spawn?opt-profile=quick", "/hub/spawn?opt-profile=quick"),
        ("/user/mallory/", "/user/mallory/"),
        ("//evil.example", "/hub/home"),
        ("/\\evil.example", "/hub/home"),
        ("https://evil.example/", "/hub/home"),
        ("/%0d%0aSet-Cookie:a=b", "/%0d%0aSet-Cookie:a=b"),
        ("/\r\nSet-Cookie:a=b", "/hub/home"),
        ("javascript:alert(1)", "/hub/home"),
        ("/hub/logout", "/hub/home"),
        ("", "/hub/home"),
    ],
)
async def test_next(stranger: Person, wanted: str, location: str) -> None:
    result = await stranger.submit("hub/login", RIGHT | {"next": wanted})
    assert (result.status_code, result.headers["Location"]) == (302, location)
    # Now that she is logged in, the page leads there at once.
    result = await stranger.page(f"hub/login?next={quote(wanted, safe='')}")
    assert (result.status_code, result.headers["Location"]) == (302, location)


async def test_next_in_the_page(stranger: Person) -> None:
    assert 'name="next" value="/hub/spawn?a=b"' in (await stranger.page("hub/login?next=/hub/spawn%3Fa=b")).text
    assert 'name="next"' not in (await stranger.page("hub/login?next=//evil.example")).text
    assert 'value="bob"' in (await stranger.page("hub/login?username=bob")).text
