"""The table of requests: what anybody may have sent, as text; filters; who may look."""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable

import pytest

from gateway.captures import Scope
from gateway.hub.core import Hub
from tests.api.person import Person
from tests.api.resources.test_traffic import line
from tests.api.scripted import MARKUP

ROLES = [{"name": "readers", "scopes": ["read:traffic"], "users": ["reader"]}]
PAGE = "hub/admin/traffic"

type Program = Callable[..., Awaitable[Person]]


async def test_the_newest_first_and_filtered(hub: Hub, root: Person) -> None:
    hub.requests.add("1", [line("alice", path="/first"), line("bob", 503, path="/second")])
    text = (await root.page(PAGE)).text
    assert text.index("/second") < text.index("/first")
    assert 'class="status s5"' in text
    text = (await root.page(f"{PAGE}?user=alice&status=2xx")).text
    assert "/first" in text and "/second" not in text
    assert 'name="user" value="alice"' in text
    assert "requests/stream?user=alice&amp;status=2xx&amp;after=2&amp;_xsrf=" in text


async def test_what_is_remarkable_is_counted(hub: Hub, root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Of the last" not in (await root.page(PAGE)).text
    hub.requests.add("1", [line(status=503), line(status=404), line(status=403, seconds=1.5), line(lane="flow")])
    text = (await root.page(f"{PAGE}?user=bob")).text
    assert "Of the last 4:" in text
    found = re.findall(rf'href="/{PAGE}\?(\S+)">[^<]+<strong>(\d+)</strong>', text)
    assert found == [("status=5xx", "1"), ("status=4xx", "2"), ("slower=1", "1"), ("lane=flow", "1")]
    for query, _ in found:
        assert (await root.page(f"{PAGE}?{query}")).status_code == 200
    monkeypatch.setattr("api.pages.admin.traffic.COUNTED", 2)
    assert "Of the last 2:" in (await root.page(PAGE)).text


async def test_from_the_log_to_a_capture(hub: Hub, root: Person, person: Callable[[str], Awaitable[Person]]) -> None:
    """The filter says whom to record; what records already is said on top."""
    assert "Record these" not in (await root.page(f"{PAGE}?status=5xx&path=lab")).text
    text = (await root.page(f"{PAGE}?user=alice&path=%2Fuser%2Falice&status=5xx")).text
    assert 'href="/hub/admin/captures?user=alice&amp;path=%2Fuser%2Falice"' in text
    assert "Recording" not in text
    capture = await hub.captures.start(MARKUP, Scope(user="alice"), by="user:root")
    text = (await root.page(PAGE)).text
    assert "Recording" in text and f'href="/hub/admin/captures/{capture.id}"' in text
    assert "<script>alert" not in text
    text = (await (await person("reader")).page(f"{PAGE}?user=alice")).text
    assert "Recording" not in text and "/hub/admin/captures" not in text


async def test_markup_is_text(hub: Hub, root: Person) -> None:
    """Attacks 33 and 34: in whatever somebody sent."""
    hostile = MARKUP + "\u202e\x1b[31m\x00"
    hub.requests.add(
        "1", [line(hostile, path="/" + hostile, method=hostile, route=hostile, client=hostile, id=hostile)]
    )
    text = (await root.page(PAGE)).text
    assert "<script>alert" not in text
    assert html.escape("<script>alert('x')</script>", quote=False).replace("'", "&#39;") in text
    assert not set("\u202e\x1b\x00") & set(text)


async def test_a_filter_that_means_nothing_is_said(root: Person) -> None:
    page = await root.page(f"{PAGE}?status=abc&user=%3Cb%3E")
    assert page.status_code == 400
    assert "status must be a number" in page.text
    assert 'data-events=""' in page.text
    assert 'value="&lt;b&gt;"' in page.text


@pytest.mark.parametrize("path", [PAGE, "hub/admin/audit", "hub/admin/audit/export"])
async def test_who_may_not_look_cannot(stranger: Person, alice: Person, program: Program, path: str) -> None:
    assert (await stranger.page(path)).status_code == 302
    assert (await alice.page(path)).status_code == 403
    assert (await (await program("root")).page(path)).status_code == 302, "no page opens by a token"


async def test_who_may_look_without_being_an_administrator(
    hub: Hub, person: Callable[[str], Awaitable[Person]]
) -> None:
    assert (await (await person("root")).page(PAGE)).status_code == 200
    await hub.users.set_admin("root", False)
    assert (await (await person("root")).page(PAGE)).status_code == 403
