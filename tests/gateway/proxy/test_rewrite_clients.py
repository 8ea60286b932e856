"""What passes to servers and services that ask the hub themselves who comes, and what never does."""

from __future__ import annotations

import pytest

from gateway.model import digest
from gateway.proxy.cookies import kept_inside
from gateway.proxy.credentials import Credential, passed_cookies
from gateway.proxy.facts import Facts, read
from gateway.proxy.gate import Forward
from gateway.proxy.rewrite import request_head, response_headers
from gateway.routes import Route
from tests.gateway.proxy.values import ALICE, PEER, SITE, TOKEN, head, server, site, user

CLIENT = "jupyterhub-user-alice"
AWARE = server(auth="jupyterhub", client=CLIENT, secret="")
SERVICE = Route("service:who", "service", ("services", "who"), url="http://127.0.0.1:9", client="service-who")
BY_COOKIE, BY_TOKEN = Credential("session", digest(ALICE)), Credential("token", digest(TOKEN))
OWN = f"{CLIENT}=1; {CLIENT}-oauth-state=2; {CLIENT}-oauth-state-AbC=3; jupyterhub-session-id=4"
FOREIGN = "jupyterhub-user-alicex=5; jupyterhub-user-alice-gpu=6; JupyterHub-User-Bob=7"
COOKIES = f"_xsrf=0; {OWN}; {FOREIGN}; hubgate-session={ALICE}"


def sent(
    target: str,
    headers: dict[str, str],
    route: Route,
    credential: Credential,
    *,
    right: str = "full",
    where: object = SITE,
) -> dict[str, str]:
    asked = head(f"GET {target}", headers)
    found = read(asked, PEER, where, secure=False)  # type: ignore[arg-type]
    assert isinstance(found, Facts), found
    forward = Forward(route, user("alice"), credential, False, right)  # type: ignore[arg-type]
    first, *lines = request_head(found, asked, forward, request_id="r-1").decode("latin-1")[:-4].split("\r\n")
    names = [line.partition(": ")[0].lower() for line in lines]
    assert len(set(names)) == len(names)
    return {"": first, **{name: line.partition(": ")[2] for name, line in zip(names, lines, strict=True)}}


@pytest.mark.parametrize(
    ("client", "left"),
    [
        (CLIENT, f"_xsrf=0; {OWN}"),
        ("service-who", "_xsrf=0; jupyterhub-session-id=4"),
        ("", "_xsrf=0"),
        (None, f"_xsrf=0; {OWN}; {FOREIGN}"),
    ],
    ids=["its own", "a service", "a stock server", "the hub"],
)
def test_whose_cookies_pass(client: str | None, left: str) -> None:
    assert passed_cookies(COOKIES.encode(), client).decode() == left


def test_a_cookie_judges_and_no_authorization_passes() -> None:
    got = sent("/user/alice/x?token=abcdefgh&y=1", {"Cookie": COOKIES}, AWARE, BY_COOKIE)
    assert "authorization" not in got
    assert got["cookie"] == f"_xsrf=0; {OWN}"
    assert got[""] == "GET /user/alice/x?y=1 HTTP/1.1"  # nobody has judged that token


@pytest.mark.parametrize("route", [AWARE, SERVICE], ids=["server", "service"])
@pytest.mark.parametrize("scheme", ["token", "Bearer"])
def test_the_token_that_was_judged_passes(route: Route, scheme: str) -> None:
    prefix = "/" + "/".join(route.prefix)
    got = sent(f"{prefix}/x", {"Authorization": f"{scheme} {TOKEN}"}, route, BY_TOKEN)
    assert got["authorization"] == f"{scheme} {TOKEN}"


def test_a_token_in_the_url_passes_in_the_header() -> None:
    got = sent(f"/user/alice/x?token={TOKEN}", {}, AWARE, BY_TOKEN, where=site(token_in_url=True))
    assert got["authorization"] == f"token {TOKEN}"
    assert TOKEN not in got[""]


def test_what_repeats_an_old_secret_is_no_token_and_does_not_pass() -> None:
    echo = {"Authorization": "token server.0123456789", "Cookie": COOKIES}
    assert "authorization" not in sent("/user/alice/x", echo, AWARE, BY_COOKIE)


@pytest.mark.parametrize("right", ["part", "view"])
def test_whoever_may_only_see_a_part_shows_the_server_no_token(right: str) -> None:
    headers = {"Authorization": f"token {TOKEN}"}
    assert "authorization" not in sent("/user/alice/x", headers, AWARE, BY_TOKEN, right=right)


def test_stock_servers_and_routes_see_no_token() -> None:
    headers = {"Authorization": f"token {TOKEN}"}
    assert TOKEN not in sent("/user/alice/x", headers, server(), BY_TOKEN)["authorization"]
    plain = Route("service:x", "service", ("services", "x"), url="http://127.0.0.1:9")
    assert "authorization" not in sent("/services/x/", headers, plain, BY_TOKEN)


@pytest.mark.parametrize(
    ("name", "client", "passes"),
    [
        (CLIENT, CLIENT, True),
        (f"{CLIENT}-oauth-state", CLIENT, True),
        (f"{CLIENT}-oauth-state-AbC", CLIENT, True),
        ("jupyterhub-user-alice-gpu", CLIENT, False),
        ("jupyterhub-user-bob", CLIENT, False),
        ("jupyterhub-session-id", CLIENT, False),
        ("JUPYTERHUB-session-id", CLIENT, False),
        (CLIENT, "", False),
        ("jupyterhub-session-id", "", False),
        ("_xsrf", CLIENT, True),
        ("service-who", "service-who", True),
    ],
)
def test_a_server_sets_no_other_clients_cookies(name: str, client: str, passes: bool) -> None:
    header = f"{name}=x; Path=/user/alice/; HttpOnly".encode()
    assert (kept_inside(header, ("user", "alice"), client=client) is not None) is passes
    route = server(auth="jupyterhub" if client else "token", client=client)
    assert bool(response_headers(200, [(b"Set-Cookie", header)], route)) is passes
