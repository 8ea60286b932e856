"""No secret anywhere: people do all that takes secrets, and then every place that tells of it is searched for them.

A capture that hides nothing shows that the search would find them.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.client import Client
from tests.integration.echo import PROFILE
from tests.integration.harness import Gateway, eventually
from tests.integration.leaks import leaks, opened
from tests.integration.test_captures import Admin

pytestmark = pytest.mark.sockets

SERVICE_TOKEN = "a-services-own-token-that-nobody-may-see"
TYPED = "a-password-of-another-site-9z"
IN_A_QUERY = "a-token-in-a-query-4k"
SETTINGS: dict[str, Any] = {
    "gateway": {"workers": 2},
    "profiles": [PROFILE],
    "services": [{"name": "nobody", "api_token": SERVICE_TOKEN}],
    "traffic": {"log_file": "requests.jsonl", "access_log": True, "allow_unredacted": True},
    "sharing": {"users_may_share": True},
    "roles": [{"name": "forensics", "scopes": ["admin:traffic:unredacted"], "users": ["admin"]}],
}


@dataclass
class Story:
    """What was done, by whom, with which secrets, and under which captures."""

    gateway: Gateway
    admin: Admin
    captures: dict[str, str] = field(default_factory=dict)
    bare: str = ""
    """The capture that hides nothing."""
    people: dict[str, Client] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """By what they are."""
    heard: list[str] = field(default_factory=list)
    """What came by the stream of requests."""

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"token {self.secrets[f'token of {name}']}"}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with Gateway(tmp_path_factory.mktemp("gw"), SETTINGS) as gateway, contextlib.ExitStack() as stack:
        told = Story(gateway, Admin(gateway))
        stack.enter_context(told.admin.http)
        told.secrets |= {"admin's password": gateway.admin_password, "admin's token": told.admin.token}
        told.secrets |= {"service's token": SERVICE_TOKEN, "typed": TYPED, "in a query": IN_A_QUERY}
        for name in ("alice", "bob"):
            told.secrets[f"password of {name}"] = gateway.run("user", "add", name).stdout.strip()
            told.people[name] = stack.enter_context(Client(gateway))
        told.captures = {
            "hub": told.admin.start(path="/hub", seconds=600),
            "api": told.admin.start(path="/api", seconds=600),
            "alice": told.admin.start(server="alice/", seconds=600),
        }
        told.bare = told.admin.start(server="alice/", seconds=600, redact=False)
        for name, person in told.people.items():
            live(told, name, person)
        share(told)
        visit(told)
        told.secrets |= known(told)
        wrong(told)
        listen(told)
        yield told


def live(told: Story, name: str, person: Client) -> None:
    """Log in, make a token on the page and another one by the API."""
    password = told.secrets[f"password of {name}"]
    person.log_in(name, password)
    page = person.submit("hub/token", {"note": "mine", "expires": "week", "what": "all"})
    found = re.search(r'id="value"[^>]*>([^<]+)<', page.text)
    assert found, page.text
    told.secrets[f"token of {name}"] = found[1]
    made = person.http.post(f"hub/api/users/{name}/tokens", json={"note": "by API"}, headers=told.bearer(name))
    assert made.status_code == 201, made.text
    told.secrets[f"second token of {name}"] = made.json()["token"]


def share(told: Story) -> None:
    """Alice invites, bob looks who invites him, logs in again on the way, and accepts."""
    alice, bob = told.people["alice"], told.people["bob"]
    alice.start_server()
    made = alice.http.post("api/shares", json={"server_name": ""}, headers=told.bearer("alice"))
    assert made.status_code == 201, made.text
    code = told.secrets["share code"] = made.json()["code"]
    assert bob.http.get(f"api/shares/{code}", headers=told.bearer("bob")).status_code == 200
    stranger = httpx.Client(base_url=told.gateway.url(), headers={"Host": told.gateway.authority}, trust_env=False)
    with stranger:
        away = stranger.get(f"hub/accept-share?code={code}", headers={"Accept": "text/html"})
        assert away.status_code == 302
        assert stranger.get(away.headers["location"].lstrip("/")).status_code == 200
    assert bob.page(f"hub/accept-share?code={code}").status_code == 200
    accepted = bob.http.post(f"api/shares/{code}/accept", headers=told.bearer("bob"))
    assert accepted.status_code == 200, accepted.text


def visit(told: Story) -> None:
    """Requests to alice's server that carry everything that a browser or a script may send along."""
    alice, bob = told.people["alice"], told.people["bob"]
    code, origin = told.secrets["share code"], told.gateway.origin
    xsrf = {"X-XSRFToken": told.people["alice"].http.cookies.get("_xsrf", path="/hub/") or ""}
    for path in (
        f"hub/accept-share?code={code}",
        f"api/shares/{code}/accept",
        f"hub/login?next=%2Fhub%2Faccept-share%3Fcode%3D{code}",
    ):
        headers = {"Referer": f"{origin}/{path}"}
        assert bob.http.get("user/alice/came-from", headers=headers).status_code == 200
        assert alice.http.get(alice.server("came-from"), headers=headers | xsrf).status_code == 200
    fields = {"username": "x", "password": TYPED}
    assert alice.http.post(alice.server("form"), data=fields, headers=told.bearer("alice")).status_code == 200
    assert alice.http.post(alice.server("json"), json=fields, headers=told.bearer("alice")).status_code == 200
    assert alice.http.get(alice.server(f"query?token={IN_A_QUERY}")).status_code == 200
    told.secrets["identity"] = header(alice.http.get(alice.server("who")).json(), "x-hubgate-identity")
    with alice.websocket(alice.server("socket")) as socket:
        socket.recv(timeout=10)
        socket.send(json.dumps({"password": TYPED}))
        socket.recv(timeout=10)


def header(told: dict[str, Any], name: str) -> str:
    """What the echoing server got."""
    return next((value for key, value in told["headers"] if key.lower() == name), "")


def known(told: Story) -> dict[str, str]:
    """Cookies of everybody, and the secret of the server."""
    found = {}
    for name, person in told.people.items():
        for cookie in person.http.cookies.jar:
            found[f"cookie {cookie.name} of {name} at {cookie.path}"] = cookie.value or ""
    with contextlib.closing(sqlite3.connect(told.gateway.data_dir / "hubgate.sqlite")) as database:
        rows = database.execute("SELECT secret FROM servers WHERE secret <> ''").fetchall()
    return found | {f"secret of server {number}": str(row[0]) for number, row in enumerate(rows)}


def wrong(told: Story) -> None:
    """Secrets where they do no good: those of others, and old ones."""
    gateway, code = told.gateway, told.secrets["share code"]
    with Client(gateway) as client:
        refused = client.submit("hub/login", {"username": "bob", "password": told.secrets["password of alice"]})
        assert refused.status_code in (401, 403), refused.status_code
        for path in (f"hub/api/authorizations/token/{told.secrets['token of bob']}", f"nowhere?code={code}"):
            client.http.get(path, headers=told.bearer("alice"))
    assert told.people["alice"].http.delete(f"api/shares/{code}", headers=told.bearer("alice")).status_code == 204
    assert told.people["bob"].http.get(f"api/shares/{code}", headers=told.bearer("bob")).status_code == 404


def listen(told: Story) -> None:
    """To the stream of requests, from the first one on."""
    headers = {"Host": told.gateway.authority, "Authorization": f"token {told.admin.token}"}
    address = told.gateway.url("hub/api/traffic/requests/stream?after=0")
    with httpx.Client(trust_env=False, timeout=10, headers=headers) as http, http.stream("GET", address) as stream:
        told.heard.append(next(line for line in stream.iter_lines() if line.startswith("data:")))


def test_no_secret_anywhere(story: Story) -> None:
    gateway, admin = story.gateway, story.admin
    with Client(gateway) as chief:
        chief.log_in()
        texts = places(story, chief)
        # A page carries the proof that belongs to its own reader.
        texts |= {f"page {path}": seen(chief, path) for path in pages(story)}
    assert min((len(text), where) for where, text in texts.items())[0] > 300
    assert len(story.secrets) >= 14, story.secrets.keys()
    assert all(len(secret) > 10 for secret in story.secrets.values()), story.secrets
    assert leaks(texts, story.secrets.values()) == []
    assert admin.get(f"/{story.bare}")["redact"] is False


def places(story: Story, chief: Client) -> dict[str, str]:
    gateway, admin = story.gateway, story.admin
    bearer = {"Authorization": f"token {admin.token}"}
    texts = {
        "the log": gateway.log(10**8),
        "the log file": (gateway.folder / "requests.jsonl").read_text("utf-8"),
        "the stream": "".join(story.heard),
        "the ring": chief.http.get("hub/api/traffic/requests?limit=1000", headers=bearer).text,
        "the audit": chief.http.get("hub/api/audit", headers=bearer).text,
        "the audit's file": seen(chief, "hub/admin/audit/export"),
        "the audit by the command": gateway.run("audit", "export").stdout,
        "the metrics": chief.http.get("hub/metrics", headers=bearer).text,
    }
    for name, capture in story.captures.items():
        for flow in admin.flows(capture, 3):
            texts[f"{name}, {flow['target']}"] = json.dumps(admin.flow(capture, flow["number"]))
        texts[f"{name}, HAR"] = admin.file(capture, "har").decode()
        texts[f"{name}, mitmproxy"] = opened(gateway.folder / capture, admin.file(capture, "mitmproxy"))
        texts |= {f"{name}, {file.name}": file.read_text("utf-8") for file in on_disk(gateway, capture)}
    return texts


def seen(person: Client, path: str) -> str:
    answer = person.page(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.text


def on_disk(gateway: Gateway, capture: str) -> list[Path]:
    found = list((gateway.data_dir / "captures" / capture).iterdir())
    assert {file.name for file in found} == {"capture.json", "records.jsonl"}
    return found


def pages(story: Story) -> list[str]:
    """What administrators are shown of it."""
    return [
        "hub/home", "hub/admin", "hub/admin/traffic", "hub/admin/audit", "hub/admin/captures", "hub/admin/users/alice",
        *(f"hub/admin/captures/{capture}" for capture in story.captures.values()),
        *(f"hub/admin/captures/{story.captures['alice']}/{number}" for number in (1, 2, 3)),
    ]  # fmt: skip


def test_people_are_told_without_secrets(story: Story) -> None:
    """Each on their own page, where only their own proof stands."""
    for name, person in story.people.items():
        text = person.page("hub/home").text
        assert "a test" in text
        own = f"cookie _xsrf of {name}"
        others = [secret for what, secret in story.secrets.items() if not what.startswith(own)]
        assert leaks({name: text}, others) == []


def test_the_search_would_find_them(story: Story) -> None:
    """All that alice's server was sent stands in the capture that hides nothing."""
    eventually(lambda: story.admin.get(f"/{story.bare}")["flows"] >= 10, 15)
    text = opened(story.gateway.folder / story.bare, story.admin.file(story.bare, "mitmproxy"))
    expected = ["typed", "in a query", "share code", "token of alice", "identity", "secret of server 0"]
    expected += [what for what in story.secrets if what.startswith("cookie hubgate-session")]
    assert len(expected) == 8
    found = {what for what in expected if leaks({"bare": text}, [story.secrets[what]])}
    # The gateway keeps its own cookies and tokens to itself: no server gets them, so no capture has them.
    assert found == {"typed", "in a query", "share code", "identity", "secret of server 0"}
