"""Captures by the API: who may, what is asked for, what is answered, what the audit says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.channel.messages import Captured
from gateway.hub import captures as hub_captures
from gateway.hub.core import Hub
from tests.api.person import Person
from tests.gateway.hub.test_tape import end, line, message

type Program = Callable[..., Awaitable[Person]]

PATH = "traffic/captures"
ENDPOINTS = (
    ("GET", PATH), ("POST", PATH), ("GET", f"{PATH}/ID"), ("DELETE", f"{PATH}/ID"), ("POST", f"{PATH}/ID/stop"),
    ("POST", f"{PATH}/ID/reconnect"), ("GET", f"{PATH}/ID/flows"), ("GET", f"{PATH}/ID/flows/1"),
    ("GET", f"{PATH}/ID/file/har"), ("GET", f"{PATH}/ID/file/mitmproxy"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_captures, "LAST_WORDS", 0.01)
    monkeypatch.setattr(hub_captures, "EVERY", 0.01)


@pytest.fixture
async def root(program: Program) -> Person:
    """An administrator's program."""
    return await program("root")


async def started(root: Person, **wish: Any) -> str:
    answer = await root.api("POST", PATH, json={"reason": "why not", "user": "alice", **wish})
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


async def filled(hub: Hub, capture: str) -> None:
    records = (
        line().replace('{"kind": "flow"', '{"kind":"flow"'),
        line(flow="a-2", websocket=True).replace('{"kind": "flow"', '{"kind":"flow"'),
        *(
            json.dumps({**json.loads(message("a-2", number)), "from_client": True, "text": True})
            for number in range(1, 6)
        ),
        end("a-2"),
    )
    hub.captures.received(Captured(capture, records, 3))
    async with asyncio.timeout(5):
        while hub.captures.get(capture).records < len(records):
            await asyncio.sleep(0.01)


async def test_from_start_to_end(hub: Hub, root: Person) -> None:
    capture = await started(root, seconds=5)
    await filled(hub, capture)
    found = (await root.api("GET", f"{PATH}/{capture}")).json
    assert (found["flows"], found["dropped"], found["users"], found["running"]) == (2, 3, ["alice"], True)
    flows = (await root.api("GET", f"{PATH}/{capture}/flows")).json
    assert [(each["number"], each["messages"]) for each in flows["items"]] == [(1, 0), (2, 5)]
    assert (await root.api("GET", f"{PATH}/{capture}/flows?after=1&limit=1")).json["items"][0]["flow"] == "a-2"
    flow = (await root.api("GET", f"{PATH}/{capture}/flows/2?after=2&limit=2")).json
    assert [each["number"] for each in flow["messages"]] == [3, 4]
    assert (flow["count"], flow["end"]["kind"]) == (5, "end")
    assert (await root.api("POST", f"{PATH}/{capture}/reconnect")).status_code == 202
    stopped = (await root.api("POST", f"{PATH}/{capture}/stop")).json
    assert (stopped["running"], stopped["why"]) == (False, "it was stopped")
    assert (await root.api("POST", f"{PATH}/{capture}/reconnect")).status_code == 409
    assert [each["id"] for each in (await root.api("GET", PATH)).json["items"]] == [capture]
    assert (await root.api("DELETE", f"{PATH}/{capture}")).status_code == 204
    assert (await root.api("GET", f"{PATH}/{capture}")).status_code == 404
    assert list((hub.settings.gateway.data_dir / "captures").iterdir()) == []
    told = [
        (each.actor, each.action, each.subject) for each in reversed(await hub.audit(50)) if "capture" in each.action
    ]
    assert told == [
        ("user:root", "capture.start", capture), ("user:root", "capture.cover", "alice"),
        ("user:root", "capture.read", capture), ("user:root", "capture.reconnect", capture),
        ("user:root", "capture.stop", capture), ("user:root", "capture.delete", capture),
    ]  # fmt: skip


async def test_files(hub: Hub, root: Person) -> None:
    capture = await started(root)
    await filled(hub, capture)
    har = await root.api("GET", f"{PATH}/{capture}/file/har")
    assert har.headers["content-disposition"] == f'attachment; filename="capture-{capture}.har"'
    assert [len(each.get("_webSocketMessages", ())) for each in har.json["log"]["entries"]] == [0, 5]
    assert (await root.api("GET", f"{PATH}/{capture}/file/mitmproxy")).content.count(b"alice") > 1
    assert (await root.api("GET", f"{PATH}/{capture}/file/html")).status_code == 404
    downloads = [each.detail for each in await hub.audit(50) if each.action == "capture.download"]
    assert downloads == ["mitmproxy", "har"]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
async def test_who_may_not_cannot(
    hub: Hub, root: Person, stranger: Person, alice: Person, program: Program, method: str, path: str
) -> None:
    capture = await started(root)
    await filled(hub, capture)
    callers = [
        stranger, alice, await program("alice"), await program("root", "read:traffic", "read:audit", "admin:users"),
        await program("root", "admin:servers"), await program("root", "access:servers"),
    ]  # fmt: skip
    body = {"json": {"reason": "x", "user": "bob"}} if method == "POST" else {}
    for caller in callers:
        assert (await caller.api(method, path.replace("ID", capture), **body)).status_code == 403
    assert hub.captures.get(capture).running
    assert len(hub.captures.listing()) == 1


@pytest.mark.parametrize(
    "wish",
    [
        {"reason": ""}, {"reason": "  "}, {"reason": "x\ny"}, {"reason": "x" * 301}, {"user": ""}, {"user": "nobody"},
        {"user": "", "path": "/"}, {"user": "", "path": "x"}, {"server": "a/b/c"}, {"server": "nobody/"},
        {"seconds": 0}, {"seconds": 3601}, {"size": 1}, {"size": 10**12}, {"body": -1}, {"body": 10**9}, {"hide": [""]},
        {"filter": "~nothing"}, {"filter": "~u ["}, {"id": "../x"}, {"seconds": "5"}, {"path": "/a\u202eb"},
    ],
)  # fmt: skip
async def test_wishes_that_mean_nothing(root: Person, wish: dict[str, Any]) -> None:
    answer = await root.api("POST", PATH, json={"reason": "why", "user": "alice", **wish})
    assert answer.status_code == 400, answer.text
    assert (await root.api("GET", PATH)).json["items"] == []


async def test_no_more_than_so_many_at_a_time(root: Person) -> None:
    for _ in range(4):
        await started(root)
    assert (await root.api("POST", PATH, json={"reason": "x", "user": "bob"})).status_code == 409


async def test_unredacted_needs_a_scope_and_a_setting(hub: Hub, root: Person) -> None:
    wish = {"reason": "why", "user": "alice", "redact": False}
    assert (await root.api("POST", PATH, json=wish)).status_code == 403
    with pytest.raises(Exception, match="allow_unredacted"):
        await hub.captures.start("why", hub_captures.Scope(user="alice"), by="user:root", redact=False)


@pytest.mark.parametrize("name", ["..%2F..%2Fx", "x", "0123456789abcdef", "%00", "."])
@pytest.mark.parametrize("below", ["", "/flows", "/flows/1", "/file/har"])
async def test_there_is_no_other(root: Person, name: str, below: str) -> None:
    assert (await root.api("GET", f"{PATH}/{name}{below}")).status_code in {404, 400}


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "1e1", "²", "99999999999"])
async def test_there_is_no_such_flow(hub: Hub, root: Person, number: str) -> None:
    capture = await started(root)
    await filled(hub, capture)
    assert (await root.api("GET", f"{PATH}/{capture}/flows/{number}")).status_code == 404


async def test_one_administrator_records_another(hub: Hub, root: Person) -> None:
    await hub.users.add("chief", admin=True)
    await started(root, user="chief")
    (row,) = await hub.captures.history("chief")
    assert (row.actor, row.subject, row.detail.partition(": ")[2]) == ("user:root", "chief", "why not")
    assert [capture.reason for capture in hub.captures.covering("chief")] == ["why not"]
    assert hub.captures.covering("alice") == []
