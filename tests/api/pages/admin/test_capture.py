"""One capture: its requests, its end, and that what is unredacted is for few."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.resources.captures import UNREDACTED
from gateway.captures import Scope
from gateway.channel.messages import Captured
from gateway.hub import captures as hub_captures
from gateway.hub.core import Hub
from tests.api.person import Person
from tests.api.scripted import MARKUP
from tests.gateway.hub.test_tape import end, line, message

ROLES = [{"name": "forensics", "scopes": ["admin:traffic", UNREDACTED], "users": ["detective"]}]
PAGE = "hub/admin/captures"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_captures, "LAST_WORDS", 0.01)
    monkeypatch.setattr(hub_captures, "EVERY", 0.01)


async def started(hub: Hub, **more: Any) -> str:
    return (await hub.captures.start("why not", Scope(user="alice"), by="user:root", **more)).id


async def recorded(hub: Hub, capture: str, *records: str) -> None:
    told = tuple(record.replace('{"kind": "flow"', '{"kind":"flow"') for record in records)
    before = hub.captures.get(capture).records
    hub.captures.received(Captured(capture, told, 0))
    async with asyncio.timeout(5):
        while hub.captures.get(capture).records < before + len(told):
            await asyncio.sleep(0.01)


def said(flow: str, number: int, **more: Any) -> str:
    return json.dumps({**json.loads(message(flow, number)), "from_client": True, "text": True, **more})


async def test_its_requests(hub: Hub, root: Person) -> None:
    capture = await started(hub)
    assert "Nothing has come yet" in (await root.page(f"{PAGE}/{capture}")).text
    socket = line(flow="a-2", websocket=True)
    await recorded(hub, capture, line(), socket, said("a-2", 1), said("a-2", 2), end("a-2"))
    text = (await root.page(f"{PAGE}/{capture}")).text
    assert f'href="/{PAGE}/{capture}/1"' in text
    assert "WebSocket, 2 messages" in text
    assert f'href="/hub/api/traffic/captures/{capture}/file/har"' in text


async def test_what_one_looks_for_first(hub: Hub, root: Person) -> None:
    """By path and by kind, both at once; numbers stay those of the capture."""
    capture = await started(hub)
    whole = json.loads(line(flow="a-3", times={"begin": 1.0, "sent": 1.1, "first": 1.5, "end": 4.0}))
    whole["request"]["target"], whole["response"]["status"] = "/user/alice/api/slow?x=1", 503
    fine = {**json.loads(line())["response"], "status": 200}
    first, second = line(response=fine), line(flow="a-2", websocket=True, response={**fine, "status": 101})
    await recorded(hub, capture, first, second, json.dumps(whole))

    async def numbers(query: str) -> list[str]:
        text = (await root.page(f"{PAGE}/{capture}?{query}")).text
        return re.findall(rf'href="/{PAGE}/{capture}/(\d)"', text)

    assert await numbers("") == await numbers("kind=nonsense") == ["1", "2", "3"]
    assert await numbers("kind=websocket") == ["2"]
    assert await numbers("kind=failed") == await numbers("kind=slow&path=api%2Fslow") == ["3"]
    assert await numbers("kind=websocket&path=api%2Fslow") == []
    page = await root.page(f"{PAGE}/{capture}?path=%3Cb%3E")
    assert 'value="&lt;b&gt;"' in page.text and "No request of this kind" in page.text
    assert f'href="/{PAGE}/{capture}?kind=failed&amp;path=%3Cb%3E"' in page.text
    assert "WebSockets 1" in (await root.page(f"{PAGE}/{capture}")).text


async def test_its_end(hub: Hub, root: Person) -> None:
    capture = await started(hub)
    page = f"{PAGE}/{capture}"
    assert (await root.submit(page, {"action": "reconnect"})).headers["Location"].endswith("done=capture-reconnected")
    await root.submit(page, {"action": "stop"})
    assert not hub.captures.get(capture).running
    assert 'value="stop"' not in (await root.page(page)).text
    assert (await root.submit(page, {"action": "replay"})).status_code == 400
    await root.submit(page, {"action": "delete"})
    assert hub.captures.listing() == []
    assert (await root.page(page)).status_code == 404
    actions = [entry.action for entry in await hub.audit(20) if entry.action.startswith("capture.")]
    assert actions == [
        "capture.delete", "capture.stop", "capture.reconnect", "capture.read", "capture.cover", "capture.start",
    ]  # fmt: skip


async def test_secrets_are_not_shown_to_those_who_may_not_see_them(hub: Hub, root: Person) -> None:
    traffic = hub.settings.traffic.model_copy(update={"allow_unredacted": True})
    hub.captures._settings = traffic
    capture = await started(hub, redact=False)
    await recorded(hub, capture, line())
    for path in (f"{PAGE}/{capture}", f"{PAGE}/{capture}/1"):
        assert (await root.page(path)).status_code == 403
    assert "with secrets" in (await root.page(PAGE)).text


async def test_that_nothing_is_hidden_is_said_on_every_page_of_it(
    hub: Hub, root: Person, person: Callable[[str], Awaitable[Person]]
) -> None:
    object.__setattr__(hub.settings.traffic, "allow_unredacted", True)
    detective, alice, warning = await person("detective"), await person("alice"), "Nothing is hidden"
    hidden = await started(hub)
    await recorded(hub, hidden, line())
    for path in (f"{PAGE}/{hidden}", f"{PAGE}/{hidden}/1"):
        assert warning not in (await detective.page(path)).text
    assert "tokens and passwords are hidden" in (await alice.page("hub/home")).text
    await hub.captures.stop(hidden, "user:root")
    bare = await started(hub, redact=False)
    await recorded(hub, bare, line())
    for path in (f"{PAGE}/{bare}", f"{PAGE}/{bare}/1"):
        assert warning in (await detective.page(path)).text
    home = (await alice.page("hub/home")).text
    assert warning in home and "tokens and passwords are hidden" not in home


async def test_markup_is_text(hub: Hub, root: Person) -> None:
    capture = await started(hub)
    hostile = json.loads(line(user=MARKUP, route=MARKUP))
    hostile["request"] |= {"method": MARKUP, "target": f"/{MARKUP}"}
    hostile["response"]["headers"] = [["Content-Type", MARKUP]]
    await recorded(hub, capture, json.dumps(hostile))
    text = (await root.page(f"{PAGE}/{capture}")).text
    assert "<script>" not in text.replace('<script type="module"', "")
    assert "&lt;script&gt;alert" in text
