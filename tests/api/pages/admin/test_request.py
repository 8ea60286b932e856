"""One request of the log: its own fields and its neighbours; recorded, it is seen in the capture."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from api.resources.captures import UNREDACTED
from gateway.captures import Scope
from gateway.hub import captures as hub_captures
from gateway.hub.core import Hub
from tests.api.pages.admin.test_capture import recorded
from tests.api.person import Person
from tests.api.resources.test_traffic import line
from tests.api.scripted import MARKUP
from tests.gateway.hub.test_tape import line as flow

type Logged = Callable[[str], Awaitable[Person]]

ROLES = [
    {"name": "readers", "scopes": ["read:traffic"], "users": ["reader"]},
    {"name": "forensics", "scopes": ["admin:traffic", UNREDACTED], "users": ["detective"]},
]
PAGE = "hub/admin/traffic"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_captures, "LAST_WORDS", 0.01)
    monkeypatch.setattr(hub_captures, "EVERY", 0.01)


def now(**more: Any) -> str:
    """A line of a request that is being made."""
    moment = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return line(time=moment, **more)


async def captured(hub: Hub, **more: Any) -> str:
    capture = (await hub.captures.start("why", Scope(user="alice"), by="user:root", **more)).id
    await recorded(hub, capture, flow(flow="z-9"), flow(flow="a-1"))
    return capture


async def test_what_the_log_knows(hub: Hub, root: Person) -> None:
    hub.requests.add("2", [line(status=424, sent=1500), line(id="a-2", time="2027-01-15T08:00:00.300Z", path="/next")])
    text = (await root.page(f"{PAGE}/a-1")).text
    for shown in ("GET /user/alice/lab", "2027-01-15 08:00:00.250", "424 Failed Dependency", "1.5 kB", "10.0.0.7"):
        assert shown in text
    assert 'href="/hub/admin/captures?user=alice&amp;server=alice%2F"' in text
    assert f'href="/{PAGE}?user=alice"' in text
    assert "+0.050 s" in text and f'href="/{PAGE}/a-2"' in text
    assert '<rect class="receive" x="400" y="0" width="200" height="20"/>' in text


async def test_no_answer_is_said(hub: Hub, root: Person) -> None:
    hub.requests.add("2", [line(status=0), line(status=799, id="a-2")])
    assert "none, the client was gone" in (await root.page(f"{PAGE}/a-1")).text
    assert "<bdi>799</bdi>" in (await root.page(f"{PAGE}/a-2")).text


async def test_what_is_recorded_is_seen_there(hub: Hub, root: Person) -> None:
    capture = await captured(hub)
    hub.requests.add("1", [now(), now(id="a-3")])
    assert f'href="/{PAGE}/a-1"' in (await root.page(PAGE)).text
    assert (await root.page(f"{PAGE}/a-1")).headers["location"] == f"/hub/admin/captures/{capture}/2"
    assert (await root.page(f"{PAGE}/a-3")).status_code == 200
    await hub.captures.stop(capture, "user:root")
    assert (await root.page(f"{PAGE}/a-1")).status_code == 302
    await hub.captures.remove(capture, "user:root")
    assert (await root.page(f"{PAGE}/a-1")).status_code == 200


async def test_to_look_for_it_is_not_to_look_at_it(hub: Hub, root: Person) -> None:
    await captured(hub)
    hub.requests.add("1", [now()])
    await root.page(f"{PAGE}/a-1")
    assert "capture.read" not in [entry.action for entry in await hub.audit(20)]


async def test_another_time_is_another_request(hub: Hub, root: Person) -> None:
    """Not every capture is read for every request."""
    await captured(hub)
    hub.requests.add("1", [line(time="2020-01-15T08:00:00.250Z")])
    assert (await root.page(f"{PAGE}/a-1")).status_code == 200


async def test_who_may_not_read_captures_sees_the_log(hub: Hub, person: Logged) -> None:
    await captured(hub)
    hub.requests.add("1", [now()])
    page = await (await person("reader")).page(f"{PAGE}/a-1")
    assert page.status_code == 200
    assert "/hub/admin/captures" not in page.text


async def test_what_is_unredacted_is_for_few(hub: Hub, root: Person, person: Logged) -> None:
    object.__setattr__(hub.settings.traffic, "allow_unredacted", True)
    capture = await captured(hub, redact=False)
    hub.requests.add("1", [now()])
    detective = await person("detective")
    assert (await root.page(f"{PAGE}/a-1")).status_code == 200
    assert (await detective.page(f"{PAGE}/a-1")).headers["location"] == f"/hub/admin/captures/{capture}/2"
    object.__setattr__(hub.settings.traffic, "allow_unredacted", False)
    assert (await detective.page(f"{PAGE}/a-1")).status_code == 200


@pytest.mark.parametrize("name", ["a", "a-11", "%2e%2e", "-", "%00", "x" * 3000])
async def test_what_is_not_there(hub: Hub, root: Person, name: str) -> None:
    hub.requests.add("1", [line()])
    assert (await root.page(f"{PAGE}/{name}")).status_code == 404


async def test_markup_is_text(hub: Hub, root: Person) -> None:
    """Attacks 33 and 34: in whatever somebody sent."""
    hostile = MARKUP + "\u202e\x1b[31m\x00"
    fields = dict.fromkeys(("method", "route", "client", "user", "lane"), hostile)
    hub.requests.add("1", [json.dumps({**json.loads(line(path=f"/{hostile}")), **fields})])
    text = (await root.page(f"{PAGE}/a-1")).text
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert") > 6
    assert not set("\u202e\x1b\x00") & set(text)
