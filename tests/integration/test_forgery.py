"""Attacks 2, 4, 25: every call that changes something, forged in every way that a browser can be made to.

The calls are read off the app (`tests/api/urlmap.py`): a new route is attacked without a word here.
The headers are those that browsers add. The victim is an administrator, so it is never a scope that is missing.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.api.urlmap import FIELDS, Route, changing
from tests.integration.client import Client
from tests.integration.harness import Gateway, eventually
from tests.integration.hostile import PASSWORD
from tests.integration.wire import Reply, Wire, cookie

pytestmark = pytest.mark.sockets

NEEDS_NONE = {
    "POST hub/api/authorizations/token": "gone from JupyterHub: 404, whatever comes",
    "POST hub/api/authorizations/token/{token}": "gone from JupyterHub: 404, whatever comes",
    "POST hub/api/oauth2/token": "judged by the client's secret and a code in the body; the cookie is not looked at",
}
"""Refused in another way than as a forgery, and why."""
OWN_DOOR = ("POST hub/api/users/{user:user}/tokens", "POST api/users/{user:user}/tokens")
"""Takes a name and a password in its body from callers without a credential: who knows these needs no victim."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SETTINGS = {
    "authenticator": {
        "plugin": "dummy",
        "admin_users": ["admin"],
        "allowed_users": ["alice", "bob"],
        "dummy": {"password": PASSWORD},
    },
    "sharing": {"users_may_share": True},
    "profiles": [{"name": "idle", "command": [sys.executable, "-c", "import time; time.sleep(600)"], "auth": "none"}],
}
VOLATILE = ("last_seen", "last_activity", "last_used")
"""What passing by leaves behind, whoever sent it."""
FORGED = re.compile(
    rb"This form is not ours|Pages of the hub are opened by people|form invalid or expired|'_xsrf' argument missing|"
    rb"XSRF cookie does not match|Missing or invalid credentials|does not come from a page of this gateway|"
    rb"are for looking at, not for scripts"
)
"""What a refusal says."""

NAVIGATE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
SCRIPT = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
SILENT = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}
FRAME = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
HERE = {"Origin": "{origin}", "Sec-Fetch-Site": "same-origin", "Referer": "{origin}/user/mallory/trap"}
PLACES = {
    "another site": {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
    "another site that says it is ours": {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    "a sibling host": {"Origin": "http://evil.{host}", "Sec-Fetch-Site": "same-site"},
    "another port": {"Origin": "http://{name}:1", "Sec-Fetch-Site": "same-site"},
    "a sandbox": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "another site, without Origin": {"Sec-Fetch-Site": "cross-site"},
    "a sibling host, without Origin": {"Sec-Fetch-Site": "same-site"},
}
"""Refused even with the right proof."""
SCRIPTS = {"fetch": SCRIPT, "fetch without cors": SILENT, "a frame": FRAME, "a form": NAVIGATE}
"""By a page of another user, on our origin: it has no proof, and cannot read one."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gw"), SETTINGS) as gateway:
        yield gateway


class Victim:
    """An administrator, logged in, and what stands in the forms of others."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.client = Client(gateway)
        self.wrong = {"none": "", "made up": "0" * 64}
        with Client(gateway) as other, Client(gateway) as bob, Client(gateway) as stranger:
            other.log_in("admin", PASSWORD)
            bob.log_in("bob", PASSWORD)
            self.wrong["of another session of hers"] = _proof(other)
            self.wrong["of another person"] = _proof(bob)
            self.wrong["from before log-in"] = _proof(stranger, "hub/login")
        self.renew()

    def renew(self) -> None:
        """Log in, if that is over."""
        if self.client.page("hub/home").status_code != 200:
            self.client.http.cookies.clear()
            self.client.log_in("admin", PASSWORD)
        self.cookie, self.right = cookie(self.client), _proof(self.client)

    def send(self, route: Route, headers: dict[str, str], proof: str, kind: str = "", json: str = "{}") -> Reply:
        """With the proof wherever one is looked for: in the query, in a header, in the body if it is a form."""
        kind = kind or (JSON if route.of_api else FORM)
        origin = {"origin": self.gateway.origin, "host": self.gateway.authority, "name": "127.0.0.1"}
        said = {name: value.format(**origin) for name, value in headers.items()}
        said |= {"Cookie": f"{self.cookie}; _xsrf={proof or 'tossed'}", "Content-Type": kind, "Accept": "text/html"}
        body, query = json if kind != FORM else "x=1", ""
        if proof:
            said["X-XSRFToken"], query = proof, f"?_xsrf={proof}"
            body += f"&_xsrf={proof}" if kind == FORM else ""
        with Wire(self.gateway) as wire:
            wire.socket.settimeout(60)  # a start may take ten seconds until it is called one that goes on
            return wire.ask(f"/{route.path()}{query}", said, route.method, body.encode())


def _proof(client: Client, page: str = "hub/token") -> str:
    found = re.search(r'name="_xsrf" value="([^"]+)"', client.page(page).text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def victim(gateway: Gateway) -> Iterator[Victim]:
    """With something in place of each name that the paths have."""
    victim = Victim(gateway)
    token = gateway.run("token", "admin").stdout.strip()
    with Client(gateway) as bob, Client(gateway) as client:
        bob.log_in("bob", PASSWORD)
        client.log_in("alice", PASSWORD)
        headers = {"Authorization": f"Bearer {token}"}
        for method, path, body in (
            ("POST", f"groups/{FIELDS['group']}", {"users": ["alice", "bob"]}),
            ("POST", f"services/{FIELDS['service']}", {"url": "http://127.0.0.1:9"}),
            ("POST", "proxy", {"path": f"/{FIELDS['path']}", "target": "http://127.0.0.1:9"}),
            ("POST", "users/alice/tokens", {}),
        ):
            answer = client.http.request(method, f"api/{path}", headers=headers, json=body)
            assert answer.status_code < 300, (path, answer.text)
    # The first use of a token is written down a moment later.
    eventually(lambda: any("'token.used'" in row for row in state(gateway)), 10)
    yield victim
    victim.client.http.close()


def state(gateway: Gateway) -> list[str]:
    """All that the gateway keeps."""
    file = f"file:{gateway.data_dir / 'hubgate.sqlite'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        found = []
        for table in tables:
            columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")') if row[1] not in VOLATILE]
            chosen = ", ".join(f'"{column}"' for column in columns)
            found += [f"{table} {row!r}" for row in db.execute(f'SELECT {chosen} FROM "{table}" ORDER BY 1')]
    return found


CALLS = [route for route in changing() if str(route) not in NEEDS_NONE]


@pytest.mark.parametrize("route", CALLS, ids=str)
def test_a_forged_call_is_refused_and_changes_nothing(gateway: Gateway, victim: Victim, route: Route) -> None:
    before = state(gateway)
    for name, proof in victim.wrong.items():
        refused(route, victim.send(route, NAVIGATE | HERE, proof), f"proof {name}")
    for name, place in PLACES.items():
        how = SCRIPT if route.of_api else NAVIGATE
        refused(route, victim.send(route, how | place, victim.right), f"the right proof from {name}")
    for name, how in SCRIPTS.items():
        for kind in (FORM, JSON, "text/plain"):
            reply = victim.send(route, how | HERE, "", kind)
            # What is no form is not even read by a page.
            if route.of_api or kind == FORM or reply.status != 415:
                refused(route, reply, f"{name} of another user, {kind}")
    if not route.of_api:
        reply = victim.send(route, SCRIPT | HERE, victim.right)
        refused(route, reply, "a script with the right proof, where only people go")
    assert state(gateway) == before


def refused(route: Route, reply: Reply, how: str) -> None:
    expected = (401, 403, 400) if str(route) in OWN_DOOR else (401, 403)
    assert reply.status in expected, (how, reply.status, reply.body[:500])
    assert FORGED.search(reply.body) or reply.status == 400, (how, reply.body[:500])
    assert not [each for each in reply.all("set-cookie") if "hubgate-session" in each], how


@pytest.mark.parametrize("name", NEEDS_NONE)
def test_what_needs_no_proof_does_nothing_by_a_cookie(gateway: Gateway, victim: Victim, name: str) -> None:
    (route,) = [each for each in changing() if str(each) == name]
    before = state(gateway)
    for how in SCRIPTS.values():
        for kind in (FORM, JSON):
            assert victim.send(route, how | HERE, victim.right, kind).status in (400, 401, 403, 404, 415)
    assert state(gateway) == before


@pytest.mark.parametrize("route", CALLS, ids=str)
def test_the_same_call_from_our_own_page_is_let_through(gateway: Gateway, victim: Victim, route: Route) -> None:
    """So what was refused above was refused for where it came from."""
    victim.renew()
    how = SCRIPT if route.of_api else NAVIGATE
    ours = {"Origin": "{origin}", "Sec-Fetch-Site": "same-origin", "Referer": "{origin}/hub/home"}
    # The gateway is still needed: its end is asked for in a way that cannot be read.
    json = "[" if "shutdown" in route.template else "{}"
    reply = victim.send(route, how | ours, victim.right, json=json)
    assert not FORGED.search(reply.body), reply.body[:500]
    assert reply.status != 401


def test_the_table_is_whole() -> None:
    """It has calls of each kind, and no route of the app that changes something is left out."""
    names = {str(route) for route in changing()}
    pages = {"POST hub/token", "POST hub/admin/users/{user:user}", "POST hub/api/oauth2/authorize"}
    calls = {"DELETE api/users/{user:user}", "PATCH hub/api/users/{user:user}", "PUT api/hub/starts"}
    assert pages | calls <= names
    assert NEEDS_NONE.keys() <= names
    assert len(names) > 90
