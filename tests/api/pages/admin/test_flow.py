"""One recorded request: everything that is in it, as text."""

from __future__ import annotations

import json

import pytest

from api.pages.admin.flow import spans
from gateway.hub import captures as hub_captures
from gateway.hub.core import Hub
from tests.api.pages.admin.test_capture import PAGE, recorded, said, started
from tests.api.person import Person
from tests.api.scripted import MARKUP
from tests.gateway.hub.test_tape import end, line


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_captures, "EVERY", 0.01)


def kernel(**content: object) -> dict[str, object]:
    return {
        "kernel": {
            "channel": "shell", "type": "execute_request", "header": {"msg_id": "m-1"}, "parent_header": {},
            "metadata": {}, "content": content, "buffers": [],
        },
        "data": "{}",
    }  # fmt: skip


async def test_heads_bodies_and_times(hub: Hub, root: Person) -> None:
    capture = await started(hub)
    whole = json.loads(line(times={"begin": 1.0, "sent": 1.1, "first": 1.5, "end": 2.0}))
    whole["request"]["body"] = {"size": 9, "text": '{"a":"b"}'}
    whole["request"]["headers"] = [["Content-Type", "application/json"], ["X-Mine", "yes"]]
    await recorded(hub, capture, json.dumps(whole))
    text = (await root.page(f"{PAGE}/{capture}/1")).text
    assert '<th scope="row">X-Mine</th><td>yes</td>' in text
    assert "&#34;a&#34;: &#34;b&#34;" in text
    assert '<rect class="wait" x="100" y="0" width="400" height="20"/>' in text
    assert "waited 400.0 ms" in text


async def test_a_conversation_with_a_kernel(hub: Hub, root: Person) -> None:
    capture = await started(hub)
    socket = line(flow="a-1", websocket=True)
    reply = {**kernel(), "from_client": False}
    await recorded(hub, capture, socket, said("a-1", 1, **kernel(code="print(6*7)")), said("a-1", 2, **reply))
    await recorded(hub, capture, said("a-1", 3, **kernel(code="a = 1\nb = 2")))
    await recorded(hub, capture, end("a-1"))
    text = (await root.page(f"{PAGE}/{capture}/1")).text
    assert "shell · execute_request" in text
    assert '<code class="gist" dir="auto">print(6*7)</code>' in text
    assert '<pre class="log gist" dir="auto">a = 1\nb = 2</pre>' in text
    assert text.index("from the browser") < text.index("from the server")
    assert "The WebSocket was closed. 1000" in text


async def test_a_long_conversation_part_by_part(hub: Hub, root: Person) -> None:
    capture = await started(hub)
    socket = line(flow="a-1", websocket=True)
    await recorded(hub, capture, socket, *(said("a-1", number) for number in range(1, 121)))
    text = (await root.page(f"{PAGE}/{capture}/1?offset=100")).text
    assert text.count('<li class="card sent">') == 20
    assert "101–120 of 120" in text


@pytest.mark.parametrize("number", ["0", "2", "x", "-1", "9999999999", "1%2F1"])
async def test_what_is_not_there(hub: Hub, root: Person, number: str) -> None:
    capture = await started(hub)
    await recorded(hub, capture, line())
    assert (await root.page(f"{PAGE}/{capture}/{number}")).status_code == 404
    assert (await root.page(f"{PAGE}/../../etc/1")).status_code == 404


async def test_markup_is_text(hub: Hub, root: Person) -> None:
    """Attack 32: whatever field it stands in."""
    capture = await started(hub)
    hostile = json.loads(line(user=MARKUP, route=MARKUP, client=MARKUP, websocket=True, error=MARKUP))
    for half in ("request", "response"):
        hostile[half]["headers"] = [[MARKUP, MARKUP], ["Content-Type", "text/html"]]
        hostile[half]["body"] = {"size": 5, "text": MARKUP, "omitted": MARKUP}
    hostile["request"] |= {"method": MARKUP, "target": MARKUP, "host": MARKUP, "version": MARKUP}
    hostile["response"] |= {"reason": MARKUP}
    flow = hostile["flow"]
    messages = [said(flow, 1, **kernel(code=MARKUP)), said(flow, 2, data=MARKUP), said(flow, 3, omitted=MARKUP)]
    messages += [said(flow, 4, kernel={"channel": MARKUP, "type": MARKUP, "content": {MARKUP: MARKUP}})]
    closed = json.dumps({**json.loads(end(flow)), "reason": MARKUP})
    await recorded(hub, capture, json.dumps(hostile), *messages, closed)
    text = (await root.page(f"{PAGE}/{capture}/1")).text
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert") > 12


def test_spans_stay_on_their_bar() -> None:
    found = spans({"begin": 1.0, "sent": 0.5, "first": 9.0, "end": 2.0})
    assert [(each.begin, each.width) for each in found] == [(0, 2), (0, 1000), (998, 2)]
    assert spans({"begin": 1.0}) == ()
