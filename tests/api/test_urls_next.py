"""Attack 29: `next` never leaves the site, at whichever page it is given, by query or form.

The pages are read off the app: one that learns to take a `next` is asked, too.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from falcon import testing

from api.urls import Urls
from gateway.errors import Conflict
from gateway.hub.core import Hub
from tests.api.doors import house, settings
from tests.api.person import Person, proof
from tests.api.urlmap import Route, changing, pages
from tests.gateway.hub.providers import Provider, Script

EVIL = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example",
    "\\/evil.example", "/\\/evil.example", "//evil.example/%2e%2e", "/\t/evil.example", "/\n/evil.example",
    "/\r/evil.example", "\t//evil.example", " //evil.example", "\x00//evil.example", "\u3000//evil.example",
    "/%09/evil.example", "/%5cevil.example", "/%2f/evil.example", "/%2F%2Fevil.example", "/.//evil.example",
    "/..//evil.example", "/hub/..//evil.example", "/hub/%2e%2e//evil.example", "/./\\evil.example",
    "/hub/../../\\evil.example", "https:evil.example", "https:/evil.example", "https://evil.example",
    "http:///evil.example", "HTTP://EVIL.EXAMPLE", "https:\\\\evil.example", "ht\ntps://evil.example",
    "ftp://evil.example", "//evil.example:80", "//hub.example:8000@evil.example",
    "https://hub.example:8000@evil.example", "https://hub.example:8000.evil.example/",
    "//hub.example:8000\\@evil.example", "hub.example:8000@evil.example", "@evil.example", ".evil.example", ":80",
    "evil.example", "evil", "?x", "#x", "", "javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)",
    "javascript://%0aalert(1)", "\x01javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
    "blob:x", "file:///etc/passwd", "about:blank", "view-source:x", "/\r\nLocation: http://evil.example",
    "/%0d%0aLocation: http://evil.example", "/hub/home\r\nSet-Cookie: a=b", "/\x85/evil.example",
    "\uff0f\uff0fevil.example", "/\uff0fevil.example", "/\uff3cevil.example", "\u2044\u2044evil.example",
    "/\u2215/evil.example", "/\u29f5evil.example", "/\u202e//evil.example", "\ufeff//evil.example",
    "/\u200b/evil.example", "//\u24d4vil.example", "/\ud800/evil.example", "//[::1]", "//127.0.0.1", "//2130706433",
    "//0x7f.1", "/" + "/" * 5000 + "evil.example", "/hub/logout", "/hub/log%6fut", "/hub/login?next=//evil.example",
]  # fmt: skip
OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\x9f]*")
"""What browsers take for a path of the site where they are."""
HANDED_ON = ("hub/user-redirect/{rest:path}", "hub/user/{rest:path}")
"""Whose query is for a user's server, which may mean anything by it."""
FINE = "hub/fine"
PROVIDER = "https://provider.example/authorize?"


def inside(address: str) -> bool:
    parts = [each for segment in urlsplit(address).path.split("/") for each in (segment, segment.replace("%2e", "."))]
    return bool(OURS.fullmatch(address)) and address.isascii() and ".." not in parts


class _Ways(HTMLParser):
    """Every address to which a page could lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        names = [name for name in given if name in ("href", "src", "action", "formaction", "data-then", "data-events")]
        self.found += [given[name] for name in names if given[name] and not given[name].startswith("#")]
        if tag == "input" and given.get("name") == "next":
            self.found.append(given.get("value", ""))
        if tag == "meta" and "url=" in given.get("content", "").lower():
            self.found.append(given["content"].lower().partition("url=")[2])


def ways(result: testing.Result) -> Iterator[str]:
    if "Location" in result.headers:
        yield result.headers["Location"]
    if result.headers.get("Content-Type", "").startswith("text/html"):
        yield from _Ways(result.text).found


def escaped(result: testing.Result) -> list[str]:
    """Ways out of the site."""
    return [way for way in ways(result) if not inside(way) and not way.startswith(PROVIDER)]


def nested(result: testing.Result) -> list[str]:
    """Those that wait in the `next` of a way that is inside."""
    return [
        then
        for way in ways(result)
        for then in parse_qs(urlsplit(way).query, keep_blank_values=True).get("next", [])
        if not inside(then)
    ]


def both(result: testing.Result) -> list[str]:
    return escaped(result) + nested(result)


@pytest.mark.parametrize("value", EVIL, ids=ascii)
def test_what_leads_away_or_around_is_no_next(value: str) -> None:
    urls = Urls("/")
    found = urls.safe_next(value, "/hub/home")
    assert inside(found), found
    assert urlsplit(found).netloc == ""


@pytest.mark.parametrize("value", ["/", "/hub/home", "/user/alice/lab/tree/a%20b.ipynb?x=1&y=a/b#c", "/user/älice/ü"])
def test_what_is_ours_passes(value: str) -> None:
    assert Urls("/").safe_next(value) == quote(value, safe="/?&=#%")


def test_a_base_path_is_not_left() -> None:
    for value in ("/", "/x", "/other/", "/x/../y/", "/x/%2e%2e/y/", "//x/", "/X/"):
        assert Urls("/x/").safe_next(value) == ""
    assert Urls("/x/").safe_next("/x/hub/home") == "/x/hub/home"


async def test_no_page_leads_away_by_its_query(hub: Hub, root: Person, stranger: Person) -> None:
    """Each is asked with a `next` that is fine: those which make anything of it are asked with all the others."""
    await hub.servers.start("alice", "", "quick")
    await hub.servers.start("alice", "gpu", "slow")
    await hub.servers.wait("alice", "", 5)
    takers = set()
    for route in sorted(pages(), key=lambda route: route.template == "hub/logout"):
        judged = escaped if route.template in HANDED_ON else both
        for person in (stranger, root):
            takes = any(FINE in unquote(way) for way in ways(await person.page(f"{route.path()}?next=/{FINE}")))
            if takes:
                takers.add(route.template)
            for value in EVIL if takes else EVIL[:5]:
                query = quote(value.encode("utf-8", "surrogatepass"), safe="")
                assert judged(await person.page(f"{route.path()}?next={query}")) == [], (str(route), value)
    own = {"hub/login", "hub/spawn", "hub/spawn/{user:user}", "hub/spawn-pending/{user:user}/{server:server}"}
    assert own <= takers


async def test_no_form_leads_away(hub: Hub, root: Person) -> None:
    takers = set()

    async def sent(route: Route, value: str) -> testing.Result:
        if (await root.page("hub/token")).status_code != 200:
            await root.log_in("root")
        key = proof(await root.page("hub/token"))
        fields = {"_xsrf": key, "next": value, "profile": "quick"}
        return await root.post(f"{route.path()}?next={quote(value, safe='')}", fields)

    for route in changing():
        if route.of_api:
            continue
        # What makes the server that another asks for comes before it in no order: it is made each time.
        with contextlib.suppress(Conflict):
            await hub.servers.start("alice", "", "quick")
        takes = any(FINE in unquote(way) for way in ways(await sent(route, f"/{FINE}")))
        if takes:
            takers.add(route.template)
        for value in EVIL if takes else EVIL[:5]:
            result = await sent(route, value.encode("utf-8", "replace").decode())
            assert both(result) == [], (str(route), value)
    assert {"hub/spawn/{user:user}", "hub/stop/{user:user}", "hub/again"} <= takers


# ── where people are sent after log-in ───────────────────────────────────────


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[testing.ASGIConductor]:
    monkeypatch.setattr(Provider, "script", Script())
    async with house(settings(tmp_path)) as (_, conductor):
        yield conductor


async def test_nobody_is_led_away_after_log_in(hub: Hub, stranger: Person) -> None:
    for value in EVIL:
        person = Person(stranger.conductor)
        fields = {"username": "alice", "password": "the shared password", "authenticator": "dummy"}
        key = proof(await person.page("hub/login"))
        sent = value.encode("utf-8", "replace").decode()
        result = await person.post("hub/login", {**fields, "next": sent, "_xsrf": key})
        assert result.status_code == (400 if "\0" in value else 302)
        assert both(result) == [], value


async def test_nobody_is_led_away_by_way_of_a_provider(place: testing.ASGIConductor) -> None:
    for value in EVIL[:60]:
        person = Person(place)
        query = quote(value.encode("utf-8", "surrogatepass"), safe="")
        answer = await person.page(f"hub/auth/provider/login?next={query}")
        assert both(answer) == []
        state = parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]
        back = await person.page(f"hub/auth/provider/callback?code=alice&state={state}", Sec_Fetch_Site="cross-site")
        assert back.status_code == 302
        assert both(back) == [], value


async def test_no_host_of_a_request_is_a_way(root: Person) -> None:
    """A forged `Host`, which a worker would have refused, is in no address even here."""
    for route in sorted(pages(), key=lambda route: route.template == "hub/logout"):
        assert both(await root.page(route.path(), X_Forwarded_Host="evil.example")) == [], str(route)
