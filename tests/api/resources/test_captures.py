"""Captures by the API: who may, what is asked for, what is answered, what the audit says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.resources.captures import UNREDACTED
from gateway.channel.messages import Captured
from gateway.hub import captures as hub_captures
from gateway.hub.core import Hub
from tests.api.person import Person
from tests.gateway.hub.test_tape import end, line, message

type Program = Callable[..., Awaitable[Person]]

ROLES = [{"name": "forensics", "scopes": ["admin:traffic", UNREDACTED], "users": ["detective"]}]
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


async def filled(hub: Hub, capture: str, **more: Any) -> None:
    records = (
        line(**more).replace('{"kind": "flow"', '{"kind":"flow"'),
        line(flow="a-2", websocket=True, **more).replace('{"kind": "flow"', '{"kind":"flow"'),
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


@pytest.mark.parametrize(
    ("who", "setting", "status", "says"),
    [
        ("root", False, 403, UNREDACTED), ("root", True, 403, UNREDACTED),
        ("detective", False, 400, "allow_unredacted"), ("detective", True, 201, '"redact":false'),
    ],
)  # fmt: skip
async def test_unredacted_needs_a_scope_and_a_setting(
    hub: Hub, program: Program, who: str, setting: bool, status: int, says: str
) -> None:
    """Neither does alone. What comes about is named in the audit, as is who reads it."""
    object.__setattr__(hub.settings.traffic, "allow_unredacted", setting)
    caller = await program(who)
    answer = await caller.api("POST", PATH, json={"reason": "a case", "user": "alice", "redact": False})
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    started = [row for row in await hub.audit(50) if row.action == "capture.start"]
    if status != 201:
        assert (started, hub.captures.listing()) == ([], [])
        return
    (row,) = started
    assert (row.actor, row.subject) == (f"user:{who}", answer.json["id"])
    assert "UNREDACTED" in row.detail and row.detail.endswith(": a case")
    assert (await caller.api("GET", f"{PATH}/{row.subject}/flows")).status_code == 200
    (read,) = [each for each in await hub.audit(50) if each.action == "capture.read"]
    assert (read.actor, "UNREDACTED" in read.detail) == (f"user:{who}", True)
    object.__setattr__(hub.settings.traffic, "allow_unredacted", False)
    assert (await caller.api("GET", f"{PATH}/{row.subject}/flows")).status_code == 403


@pytest.mark.parametrize("name", ["..%2F..%2Fx", "x", "0123456789abcdef", "%00", "."])
@pytest.mark.parametrize("below", ["", "/flows", "/flows/1", "/file/har"])
async def test_there_is_no_other(root: Person, name: str, below: str) -> None:
    assert (await root.api("GET", f"{PATH}/{name}{below}")).status_code in {404, 400}


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "1e1", "²", "99999999999"])
async def test_there_is_no_such_flow(hub: Hub, root: Person, number: str) -> None:
    capture = await started(root)
    await filled(hub, capture)
    assert (await root.api("GET", f"{PATH}/{capture}/flows/{number}")).status_code == 404


async def test_one_administrator_records_another(
    hub: Hub, root: Person, person: Callable[[str], Awaitable[Person]]
) -> None:
    """It is in the audit for both, and the one who is recorded sees by whom and why, during it and after."""
    await hub.users.add("chief", admin=True)
    chief = await person("chief")
    capture = await started(root, user="chief")
    await filled(hub, capture, user="chief", owner="chief")
    told = {(row.actor, row.action, row.subject): row.detail for row in await hub.audit(50) if "capture" in row.action}
    assert told["user:root", "capture.start", capture] == "user chief, 600 s: why not"
    assert told["user:root", "capture.cover", "chief"] == f"{capture}: why not"
    for query in ("actor=user:root&action=capture", "subject=chief&action=capture"):
        (found, *_) = (await root.api("GET", f"audit?{query}")).json["items"]
        assert (found["actor"], found["action"], found["subject"]) == ("user:root", "capture.cover", "chief")
    home = (await chief.page("hub/home")).text
    assert "<bdi>root</bdi> records requests of yours: “<bdi>why not</bdi>”" in home
    assert "records requests of yours" not in (await (await person("alice")).page("hub/home")).text
    await root.api("DELETE", f"{PATH}/{capture}")
    home = (await chief.page("hub/home")).text
    assert "records requests of yours" not in home
    assert "<bdi>root</bdi>: <bdi>why not</bdi>" in home
