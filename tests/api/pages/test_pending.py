from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from html import unescape

import pytest

from gateway.hub.core import Hub
from gateway.hub.starts import Wish
from gateway.model import Said, Server
from gateway.store import servers
from tests.api.person import Person, proof
from tests.api.scripted import MARKUP

ROLES = [{"name": "onlookers", "scopes": ["read:servers!server=alice/"], "users": ["carol"]}]


async def started(hub: Hub, profile: str, name: str = "") -> None:
    await hub.servers.start("alice", name, profile)
    await hub.servers.wait("alice", name, 0.3 if profile == "slow" else 5)


async def test_a_running_server_is_opened(alice: Person, hub: Hub) -> None:
    await started(hub, "quick")
    assert (await alice.page("hub/spawn-pending/alice")).headers["Location"] == "/user/alice/"
    result = await alice.page("hub/spawn-pending/alice?next=/user/alice/lab")
    assert result.headers["Location"] == "/user/alice/lab"


async def test_a_start(alice: Person, hub: Hub) -> None:
    await started(hub, "slow", "gpu")
    page = await alice.page("hub/spawn-pending/alice/gpu")
    assert page.status_code == 200
    found = re.search(r'data-events="([^"]+)" data-then="([^"]+)"', page.text)
    assert found
    assert found[2] == "/user/alice/gpu/"
    assert unescape(found[1]) == f"/api/users/alice/servers/gpu/progress?_xsrf={proof(page)}"
    assert "Working on it &lt;script&gt;alert" in page.text
    assert "<script>alert" not in page.text
    assert '<progress max="100" value="20"' in page.text
    assert 'action="/hub/stop/alice/gpu"' in page.text
    page = await alice.page("hub/spawn-pending/alice/gpu?next=/user/alice/gpu/lab")
    assert 'data-then="/user/alice/gpu/lab"' in page.text


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/%5Cevil.example", "https://evil.example", "javascript:alert(1)"]
)
async def test_next_leads_nowhere_else(alice: Person, hub: Hub, wanted: str) -> None:
    await started(hub, "slow")
    page = (await alice.page(f"hub/spawn-pending/alice?next={wanted}")).text
    assert 'data-then="/user/alice/"' in page
    assert "evil" not in page
    await hub.servers.stop("alice")
    await hub.servers.stopped("alice", "", 5)
    await started(hub, "quick")
    result = await alice.page(f"hub/spawn-pending/alice?next={wanted}")
    assert result.headers["Location"] == "/user/alice/"


async def test_without_script_it_looks_again(alice: Person, hub: Hub) -> None:
    await started(hub, "slow")
    page = (await alice.page("hub/spawn-pending/alice")).text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    await hub.servers.stop("alice")
    assert await hub.servers.stopped("alice", "", 5)
    assert "is not running" in (await alice.page("hub/spawn-pending/alice")).text


async def test_each_step_but_the_last_has_taken_its_time(alice: Person, hub: Hub) -> None:
    await started(hub, "slow")
    page = (await alice.page("hub/spawn-pending/alice")).text
    took = r'(?:<span class="took">([\d.]+ sec)</span>)?'
    items = re.findall(rf'<li data-elapsed="([\d.]+)"><span>([^<]+)</span> {took}', page)
    assert [item[1] for item in items[:2]] == ["Server requested", "Starting the server"]
    assert [bool(item[2]) for item in items] == [True] * (len(items) - 1) + [False]
    assert [float(item[0]) for item in items] == sorted(float(item[0]) for item in items)


async def test_the_log_is_for_whoever_may_read_it(
    alice: Person, person: Callable[[str], Awaitable[Person]], hub: Hub
) -> None:
    """Who may only see the server sees how far it is, not what it writes."""
    await started(hub, "slow")
    carol = await person("carol")
    stream = "/hub/api/users/alice/server/log?follow=true"
    assert stream in (await alice.page("hub/spawn-pending/alice")).text
    page = (await carol.page("hub/spawn-pending/alice")).text
    assert "is starting" in page
    assert stream not in page and "log.js" not in page
    await hub.servers.stop("alice")
    await hub.servers.stopped("alice", "", 5)
    await started(hub, "bad")
    assert "the last words" in (await alice.page("hub/spawn-pending/alice")).text
    page = (await carol.page("hub/spawn-pending/alice")).text
    assert "could not start" in page
    assert "the last words" not in page and "/hub/log/" not in page


async def test_the_place_in_the_queue(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await started(hub, "slow")
    monkeypatch.setattr(hub.servers, "position", lambda *_: 3)
    assert "Number 3 in the queue" in (await alice.page("hub/spawn-pending/alice")).text


async def test_a_start_that_failed(alice: Person, hub: Hub) -> None:
    await started(hub, "bad")
    page = await alice.page("hub/spawn-pending/alice?next=/a")
    assert page.status_code == 500
    assert "could not start" in page.text
    assert "It would not: &lt;script&gt;" in page.text
    assert "What to try" in page.text and 'href="/hub/log/alice"' in page.text
    assert "Server requested" in page.text
    assert "the last words\n&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "\x1b" not in page.text
    # One button starts it again as it was.
    result = await alice.post("hub/spawn/alice", {"_xsrf": proof(page), "next": "/a"})
    assert result.headers["Location"] == "/hub/spawn-pending/alice?next=%2Fa"
    assert (await hub.servers.wait("alice", "", 5)).profile == "bad"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said("start-ended", {"code": 3}), "Der Server endete, bevor er geantwortet hat (Exit-Code 3)."),
        (Said("start-slow", {"seconds": 0.5}), "Der Server war nach 0,5 Sekunden nicht gestartet."),
        (
            Said("stopped-idle", {"count": 90, "unit": "minute"}),
            "Der Server wurde gestoppt, weil ihn 90 Minuten lang niemand benutzt hat.",
        ),
        (
            Said("start-no-folder", {"folder": MARKUP}),
            f"Das Arbeitsverzeichnis des Servers gibt es nicht: {MARKUP}",
        ),
        # A plugin's, for which there are no words here, or which brings others than they take.
        (Said("of-a-plugin"), "It ended."),
        (Said("start-ended"), "It ended."),
        (Said("start-ended", {"code": 3, "code more": 4, "self": "x"}), "It ended."),
        (Said("stopped-idle", {"count": 1, "unit": "moon"}), "It ended."),
    ],
)
async def test_why_it_failed_in_german(alice: Person, hub: Hub, said: Said, words: str) -> None:
    await hub.servers.make(Wish("alice", "gpu"))
    record = Server("alice", "gpu", message="It ended.", said=said, created=1.0)
    await hub.store(servers.put, record)
    page = await alice.page("hub/spawn-pending/alice/gpu", Accept_Language="de")
    assert page.status_code == 500
    for text in (page.text, (await alice.page("hub/home", Accept_Language="de")).text):
        assert words in unescape(text)
        assert "<script>alert" not in text


async def test_nothing_runs(alice: Person, hub: Hub) -> None:
    page = await alice.page("hub/spawn-pending/alice")
    assert page.status_code == 200
    assert "is not running" in page.text
    assert 'action="/hub/spawn/alice"' in page.text
    assert "log" not in re.findall(r'<pre class="(\w+)"', page.text)
    assert not hub.servers.active()


async def test_a_server_that_died_later(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def died(_user: str, _name: str = "") -> Server:
        return Server("alice", "", started=1.0, message=f"The server ended by itself (exit code 1). {MARKUP}")

    monkeypatch.setattr(hub.servers, "get", died)
    page = await alice.page("hub/spawn-pending/alice")
    assert page.status_code == 200
    assert "The server ended by itself (exit code 1). &lt;script&gt;" in page.text


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("user:alice", "You stopped it just now."),
        ("user:root", "root stopped it just now."),
        ("service:culler", "culler stopped it just now."),
        ("command line", "command line stopped it just now."),
        ("hub:idle", "It ended just now."),
        ("", "It ended just now."),
    ],
)
async def test_who_stopped_it(alice: Person, hub: Hub, by: str, said: str) -> None:
    await started(hub, "quick", "gpu")
    await hub.servers.stop("alice", "gpu", by=by, reason="Because.")
    await hub.servers.stopped("alice", "gpu", 5)
    page = (await alice.page("hub/spawn-pending/alice/gpu?next=/user/alice/gpu/lab")).text
    assert said in page
    assert "Because." in page
    assert 'name="next" value="/user/alice/gpu/lab"' in page
    await hub.servers.remove("alice", "gpu")
    await hub.servers.make(Wish("alice", "gpu"))
    assert "stopped it" not in (await alice.page("hub/spawn-pending/alice/gpu")).text


async def test_a_server_that_stops(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stopping(_user: str, _name: str = "") -> Server:
        return Server("alice", "", "stopping", display_name=MARKUP)

    monkeypatch.setattr(hub.servers, "get", stopping)
    page = await alice.page("hub/spawn-pending/alice")
    assert page.status_code == 200
    assert 'http-equiv="refresh"' in page.text
    assert "<script>alert" not in page.text


async def test_servers_that_are_not_there(alice: Person, root: Person) -> None:
    assert (await alice.page("hub/spawn-pending/alice/gpu")).status_code == 404
    assert (await root.page("hub/spawn-pending/nobody")).status_code == 404
    assert (await root.page("hub/spawn-pending/alice")).status_code == 200
