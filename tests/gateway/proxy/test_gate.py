"""The decision: one table a question, and what must hold for all of them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.model import Identity, digest
from gateway.proxy.credentials import BadCredential, Credential
from gateway.proxy.gate import AWAY, UNKNOWN, Ask, Forward, Health, Known, Redirect
from gateway.routes import SECRET_MARK, RouteTable
from tests.gateway.proxy.values import (
    ALICE,
    ALL,
    BEARER,
    BOB,
    COOKIE,
    HUB,
    ME,
    NOW,
    ORIGIN,
    OWN_TOKEN,
    PAGE,
    SECRET,
    TOKEN,
    anonymous,
    ask,
    judge,
    refused,
    sent_to,
    server,
    site,
    table,
    user,
)

# ── where to ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("target", "route"),
    [
        ("/user/alice/", "server:alice/"),
        ("/user/alice/lab/tree/x", "server:alice/"),
        ("/user/%61lice/lab", "server:alice/"),
        ("/hub/home", "hub"),
        ("/hub/", "hub"),
        ("/hub/user/alice/", "hub"),
        ("/api/users", "hub:api"),
        ("/api", "hub:api"),
        ("/docs/x", "custom:/docs/"),
    ],
)
def test_routes(target: str, route: str) -> None:
    assert sent_to(ask(f"GET {target}")) == route


def test_a_path_in_either_normal_form_leads_to_the_same_server() -> None:
    me = user("ünï")
    assert sent_to(ask("GET /user/%C3%BCn%C3%AF/", known=me)) == "server:ünï/"
    assert sent_to(ask("GET /user/u%CC%88ni%CC%88/", known=me)) == "server:ünï/"


@pytest.mark.parametrize(
    "target", ["/", "/hub", "/hub?x=1", "/?next=//evil.example"]
)  # `?next=` there is not ours to follow
def test_the_front_door(target: str) -> None:
    assert ask(f"GET {target}") == Redirect("/hub/home")
    found = anonymous(f"GET {target}")
    assert isinstance(found, Redirect)
    assert urlsplit(found.location).path == "/hub/login"


@pytest.mark.parametrize(
    ("target", "location"),
    [("/", "/x/"), ("/x", "/x/hub/home"), ("/x/", "/x/hub/home"), ("/x/hub", "/x/hub/home")],
)
def test_the_front_door_below_a_base_path(target: str, location: str) -> None:
    assert ask(f"GET {target}", where=site(base_path="/x/")) == Redirect(location)


@pytest.mark.parametrize("target", ["/y/", "/hub/home", "/user/alice/", "/xx/", "/X/"])
def test_outside_the_base_path_there_is_nothing(target: str) -> None:
    assert refused(ask(f"GET {target}", where=site(base_path="/x/"), routes=RouteTable())).status == 404


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
def test_the_front_door_is_for_reading(method: str) -> None:
    for base_path, target in (("/", "/"), ("/x/", "/x"), ("/x/", "/x/"), ("/x/", "/")):
        verdict = ask(f"{method} {target}", {"Origin": ORIGIN}, where=site(base_path=base_path), routes=RouteTable())
        assert refused(verdict).status == 404


@pytest.mark.parametrize("target", ["/favicon.ico", "/user", "/user/", "/user//lab", "/services/", "/users/alice/"])
def test_an_unknown_path_is_nothing_for_everybody(target: str) -> None:
    assert refused(ask(f"GET {target}")).status == 404
    assert refused(anonymous(f"GET {target}", PAGE)).status == 404


def test_a_path_without_its_last_slash() -> None:
    assert ask("GET /user/alice?a=b%20c&d") == Redirect("/user/alice/?a=b%20c&d")
    assert ask("HEAD /docs") == Redirect("/docs/")
    submitted = {"Origin": ORIGIN, "X-XSRFToken": "1", "Cookie": f"{COOKIE['Cookie']}; _xsrf=1"}
    assert sent_to(ask("DELETE /user/alice", submitted)) == "server:alice/"
    assert refused(ask("GET /user/alice", known=user("bob"))).status == 403
    assert ask("GET /user/%c3%bcn\xc3\xaf?\xe9", known=user("ünï")) == Redirect("/user/%c3%bcn%C3%AF/?%E9")


def test_without_the_hubs_routes_the_hub_is_away() -> None:
    verdict = refused(ask("GET /hub/home", routes=RouteTable()))
    assert (verdict.status, verdict.retry_after) == (503, 5)


def test_the_workers_own_health() -> None:
    assert anonymous("GET /hub/health?worker=1") == Health()
    assert sent_to(anonymous("GET /hub/health")) == "hub"
    assert anonymous("GET /x/hub/health?worker=1") != Health()


# ── who ──────────────────────────────────────────────────────────────────────


def test_without_a_credential() -> None:
    found = anonymous("GET /user/alice/lab?a=b&c=%20", PAGE)
    assert isinstance(found, Redirect)
    assert found.status == 302
    parts = urlsplit(found.location)
    assert (parts.path, parse_qs(parts.query)) == ("/hub/login", {"next": ["/user/alice/lab?a=b&c=%20"]})
    assert refused(anonymous("GET /user/alice/lab")).status == 403
    assert refused(anonymous("POST /user/alice/lab", PAGE)).status == 403


def test_a_very_long_address_is_not_carried_to_the_log_in() -> None:
    assert anonymous("GET /user/alice/lab?" + "x" * 9000, PAGE) == Redirect("/hub/login")


@pytest.mark.parametrize("target", ["/user/alice/", "/user/nobody/", "/services/x/", "/docs/"])
def test_a_credential_is_asked_about(target: str) -> None:
    assert ask(f"GET {target}", known=None) == Ask(Credential("session", digest(ALICE)))
    assert ask(f"GET {target}", BEARER, known=None) == Ask(Credential("token", digest(TOKEN)))


@pytest.mark.parametrize("known", [None, UNKNOWN, AWAY, ME])
def test_the_hub_judges_for_itself(known: Known) -> None:
    verdict = ask("GET /hub/home", known=known)
    assert verdict == Forward(HUB[0], None, Credential("session", digest(ALICE)), upgrade=False)
    assert anonymous("GET /hub/login") == Forward(HUB[0], None, None, upgrade=False)


def test_an_unknown_cookie_is_no_cookie_and_an_unknown_token_a_mistake() -> None:
    assert isinstance(ask("GET /user/alice/lab", PAGE, known=UNKNOWN), Redirect)
    assert refused(ask("GET /user/alice/lab", known=UNKNOWN)).status == 403
    assert refused(ask("GET /user/alice/lab", {**BEARER, **PAGE}, known=UNKNOWN)).status == 403


def test_when_the_hub_is_away() -> None:
    verdict = refused(ask("GET /user/alice/lab", known=AWAY))
    assert verdict.status == 503
    assert verdict.retry_after


@pytest.mark.parametrize(("expires_at", "passes"), [(None, True), (NOW + 1, True), (NOW, False), (NOW - 1, False)])
def test_expiry(expires_at: float | None, passes: bool) -> None:
    verdict = ask("GET /user/alice/lab", known=user("alice", expires_at=expires_at))
    assert isinstance(verdict, Forward) is passes
    token = user("alice", TOKEN, credential="token", expires_at=expires_at)
    assert isinstance(ask("GET /user/alice/lab", BEARER, known=token), Forward) is passes


@pytest.mark.parametrize("known", [user("alice", BOB), user("alice", ALICE, credential="token"), user("alice", TOKEN)])
def test_an_identity_of_another_credential_is_not_believed(known: Identity) -> None:
    assert ask("GET /user/alice/lab", known=known) == Ask(Credential("session", digest(ALICE)))


@pytest.mark.parametrize("authorization", ["Basic YTpi", "token x", f"token {TOKEN}, token {TOKEN}", ""])
@pytest.mark.parametrize("target", ["/user/alice/lab", "/hub/api/user", "/docs/", "/services/culler/", "/user/nobody/"])
def test_a_bad_authorization_is_not_retried_by_cookie(authorization: str, target: str) -> None:
    verdict = refused(ask(f"GET {target}", {**COOKIE, "Authorization": authorization}))
    assert (verdict.status, verdict.bearer) == (403, False)


def test_in_the_api_dialect_a_bad_authorization_is_401() -> None:
    verdict = refused(ask("GET /api/user", {"Authorization": "token x"}))
    assert (verdict.status, verdict.bearer) == (401, True)


def test_a_good_token_beside_a_bad_cookie() -> None:
    headers = {**BEARER, "Cookie": "hubgate-session=x"}
    assert sent_to(ask("DELETE /user/alice/x", headers, known=OWN_TOKEN)) == "server:alice/"


# ── JupyterLab repeats its server's secret ───────────────────────────────────

OLD_SECRET = SECRET_MARK + "o" * 43
PLAIN = table(server("alice", secret="as-the-profile-says"))


@pytest.mark.parametrize(
    ("secret", "routes"), [(SECRET, ALL), (OLD_SECRET, ALL), (OLD_SECRET, table()), ("as-the-profile-says", PLAIN)]
)
def test_a_servers_secret_is_nobodys_credential(secret: str, routes: RouteTable) -> None:
    echo = {"Authorization": f"token {secret}"}
    assert judge("GET /user/alice/api", {**COOKIE, **echo}, routes) == Credential("session", digest(ALICE))
    assert refused(anonymous("GET /user/alice/api", echo, routes)).reason == "anonymous"
    by_cookie = ask("GET /user/alice/api", {**COOKIE, **echo}, routes=routes)
    assert isinstance(by_cookie, Forward) or refused(by_cookie).status == 424


def test_a_servers_secret_does_not_excuse_from_the_source() -> None:
    echo = {**COOKIE, "Authorization": f"token {SECRET}", "Origin": "http://evil.example"}
    assert refused(ask("POST /user/alice/api/kernels", echo)).reason == "source"
    assert refused(ask("POST /user/alice/api/kernels", {**echo, "Origin": ORIGIN})).reason == "xsrf"


@pytest.mark.parametrize("target", ["/hub/home", "/hub/api/user", "/docs/", "/services/culler/"])
def test_a_servers_secret_elsewhere_is_out_of_place(target: str) -> None:
    echo = {**COOKIE, "Authorization": f"token {SECRET}"}
    assert isinstance(judge(f"GET {target}", echo), BadCredential)
    assert refused(ask(f"GET {target}", echo)).status == 403


def test_another_servers_secret_without_the_mark_is_a_bad_token() -> None:
    routes = table(server("alice", secret="secret-of-alice"), server("bob", secret="secret-of-bob"))
    echo = {**COOKIE, "Authorization": "token secret-of-bob"}
    assert judge("GET /user/alice/api", echo, routes) == Credential("token", digest("secret-of-bob"))
