"""Requests that a cookie vouches for: which pages may send them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.proxy import source
from gateway.proxy.facts import Refuse
from tests.gateway.proxy.values import ALICE, HUB, ORIGIN, SITE, facts, server, site, table

SAME, CROSS, SIBLING = "same-origin", "cross-site", "same-site"
SHOP = "http://shop.example.org"
WEBSOCKET = {"Upgrade": "websocket", "Connection": "Upgrade"}
TREE = table(server("alice"), server("bob", auth="none", secret=""))
XSRF = "2|53cd7f91|d38c16d20da62e74a674d3e16d345785|1795478384"
"""As Tornado made it; `MASKED` is the same token under another mask."""
MASKED = "2|00000000|804169435e6b51e5f5b9ac703ef92814|1795478399"


def judged(line: str, headers: dict[str, str] | None = None, cookies: str = "", where: Any = SITE) -> Refuse | None:
    found = facts(line, {"Cookie": f"hubgate-session={ALICE}{cookies}", **(headers or {})}, where)
    return source.refused(found, TREE.find(found.segments), where)


def fetch(site: str = "", mode: str = "", dest: str = "", origin: str = "") -> dict[str, str]:
    said = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest, "Origin": origin}
    return {name: value for name, value in said.items() if value}


@pytest.mark.parametrize("ask", ["POST /user/bob/x", "DELETE /user/bob/x", "PROPFIND /user/bob/", "GET websocket"])
@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        (fetch(origin=ORIGIN), True),
        (fetch(origin=ORIGIN.upper()), True),
        (fetch(origin=ORIGIN, site=CROSS), True),  # Origin is what counts; no browser says both
        (fetch(origin=SHOP), False),
        (fetch(origin="null"), False),
        (fetch(origin="null", site=SAME), False),
        (fetch(origin=SHOP, site=SAME), False),
        (fetch(origin=f"{ORIGIN}:8000"), False),
        (fetch(origin=f"{ORIGIN}.evil.example"), False),
        (fetch(origin=f"{ORIGIN}/"), False),
        (fetch(origin="https://hub.example.org"), False),
        ({"Origin": f"{ORIGIN}, {SHOP}"}, False),
        (fetch(site=SAME), True),
        (fetch(site="none", mode="navigate"), True),
        (fetch(site="none"), False),
        (fetch(site=SIBLING), False),
        (fetch(site=CROSS, mode="navigate", dest="document"), False),
        ({"Sec-WebSocket-Origin": ORIGIN}, False),
        ({"Referer": f"{ORIGIN}/user/bob/"}, False),
        ({}, False),
    ],
)
def test_what_changes_something_must_come_from_our_own_page(ask: str, headers: dict[str, str], passes: bool) -> None:
    if ask == "GET websocket":
        ask, headers = "GET /user/bob/api/kernels/1/channels", headers | WEBSOCKET
    assert (judged(ask, headers) is None) is passes


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        (fetch(site=SAME, mode="cors", dest="empty"), True),
        (fetch(site=SAME, mode="navigate", dest="iframe"), True),
        (fetch(site="none", mode="navigate", dest="document"), True),
        (fetch(site=CROSS, mode="navigate", dest="document"), True),
        (fetch(site=SIBLING, mode="navigate", dest="document"), True),
        (fetch(site=CROSS, mode="navigate", dest="iframe"), False),
        (fetch(site=CROSS, mode="navigate"), False),
        (fetch(site=CROSS, mode="no-cors", dest="script"), False),
        (fetch(site=CROSS, mode="no-cors", dest="image"), False),
        (fetch(site=SIBLING, mode="cors", dest="empty", origin=SHOP), False),
        (fetch(site="something"), False),
        (fetch(origin=ORIGIN), True),
        (fetch(origin=SHOP), False),  # plain http: a browser says no Sec-Fetch-*
    ],
)
def test_a_foreign_page_may_lead_here_but_not_embed(method: str, headers: dict[str, str], passes: bool) -> None:
    assert (judged(f"{method} /user/alice/lab", headers) is None) is passes


def test_the_public_origin_counts_behind_a_proxy_that_changes_host() -> None:
    here = site(public_url="https://hub.example.org")
    headers = {"Host": "localhost:8000", "Origin": "https://hub.example.org"}
    assert judged("POST /user/bob/x", headers, where=here) is None
    assert judged("POST /user/bob/x", {**headers, "Origin": "http://hub.example.org"}, where=here)


# ── Jupyter's double submit ──────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "headers", "cookie", "passes"),
    [
        ("PUT /user/alice/api/contents/a", {"X-XSRFToken": XSRF}, f"; _xsrf={XSRF}", True),
        ("PUT /user/alice/api/contents/a", {"X-CSRFToken": XSRF}, f"; _xsrf={XSRF}", True),
        ("PUT /user/alice/api/contents/a?_xsrf=abc", {}, "; _xsrf=abc", True),
        ("PUT /user/alice/api/contents/a", {"X-XSRFToken": MASKED}, f"; _xsrf={XSRF}", True),
        ("PUT /user/alice/api/contents/a", {"X-XSRFToken": XSRF}, f'; _xsrf="{XSRF}"', True),
        ("PUT /user/alice/api/contents/a", {"X-XSRFToken": "abc"}, "; _xsrf=abc; _xsrf=of-a-jupyter-beside", True),
        ("PUT /user/alice/api/contents/a", {"X-XSRFToken": "abd"}, "; _xsrf=abc", False),
        ("PUT /user/alice/api/contents/a", {}, "; _xsrf=abc", False),
        ("PUT /user/alice/api/contents/a", {"X-XSRFToken": "abc"}, "", False),
        ("PUT /user/alice/api/contents/a", {"X-XSRFToken": ""}, "; _xsrf=", False),
        ("PUT /user/alice/api/contents/a", {"X-XSRFToken": "2|broken"}, "; _xsrf=2|broken", False),
        ("PUT /user/alice/api/contents/a", {"Referer": f"{ORIGIN}/user/alice/lab"}, "", False),
        ("POST /user/alice/api/security/csp-report", {}, "", True),
        ("POST /user/alice/api/security/csp-report/x", {}, "", False),
        ("POST /user/alice/rstudio/rpc", {"Referer": f"{ORIGIN}/user/alice/rstudio/"}, "", True),
        ("POST /user/alice/rstudio/rpc", {"Referer": f"{ORIGIN}/user/mallory/"}, "", False),
        ("POST /user/alice/rstudio/rpc", {"Referer": f"{ORIGIN}/user/alicex/"}, "", False),
        ("POST /user/alice/rstudio/rpc", {"Referer": f"{ORIGIN}/?/user/alice/"}, "", False),
        ("POST /user/alice/rstudio/rpc", {"Referer": f"{SHOP}/user/alice/"}, "", False),
        ("POST /user/alice/rstudio/rpc", {"Referer": ORIGIN}, "", False),
        ("POST /user/alice/rstudio/rpc", {}, "", False),
        ("POST /user/bob/anything", {}, "", True),  # auth = "none": the server has its own ways
    ],
)
def test_jupyters_double_submit(line: str, headers: dict[str, str], cookie: str, passes: bool) -> None:
    refused = judged(line, {"Origin": ORIGIN, **headers}, cookie)
    assert refused is None if passes else refused is not None and refused.reason == "xsrf"


def test_a_websocket_has_no_double_submit() -> None:
    assert judged("GET /user/alice/api/kernels/1/channels", {"Origin": ORIGIN, **WEBSOCKET}) is None


# ── the hub's pages ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "headers", "passes"),
    [
        ("GET /hub/token", fetch(site=SAME, mode="navigate", dest="document"), True),
        ("POST /hub/token", fetch(site=SAME, mode="navigate", dest="document", origin=ORIGIN), True),
        ("GET /hub/token", {}, True),
        ("GET /hub/token", fetch(site=SAME, mode="cors", dest="empty"), False),
        ("GET /hub/token", fetch(site=SAME, mode="no-cors", dest="script"), False),
        ("GET /hub/token", fetch(site=SAME, mode="navigate", dest="iframe"), False),
        ("POST /hub/token", fetch(site=SAME, mode="cors", dest="empty", origin=ORIGIN), False),
        ("POST /hub", fetch(site=SAME, mode="cors", dest="empty", origin=ORIGIN), False),
        ("GET /hub/apix", fetch(site=SAME, mode="cors", dest="empty"), False),
        ("GET /hub/api/user", fetch(site=SAME, mode="cors", dest="empty"), True),
        ("GET /hub/static/style.css", fetch(site=SAME, mode="no-cors", dest="style"), True),
        ("GET /hub/health", fetch(site=SAME, mode="cors", dest="empty"), True),
        ("GET /api/user", fetch(site=SAME, mode="cors", dest="empty"), True),
        ("GET /user/hub/token", fetch(site=SAME, mode="cors", dest="empty"), True),
    ],
)
def test_pages_of_the_hub_are_for_people(line: str, headers: dict[str, str], passes: bool) -> None:
    assert HUB[0].prefix == ("hub",)
    assert (judged(line, headers) is None) is passes
