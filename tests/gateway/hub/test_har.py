"""An HTTP Archive: valid, and what stands in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from gateway.hub import har
from tests.gateway.test_flowfilter import record

SCHEMA = json.loads(Path(__file__).with_name("har-1.2.json").read_text())


def archive(*pieces: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(har.head() + ",".join(pieces) + har.tail())
    Draft202012Validator(SCHEMA).validate(found)
    return found


def message(**more: Any) -> dict[str, Any]:
    return {
        "kind": "message",
        "flow": "a-1",
        "number": 1,
        "time": 5.0,
        "from_client": True,
        "text": True,
        "data": "hi",
        **more,
    }


def test_a_request() -> None:
    made = record()
    made["request"]["headers"] += [["Cookie", "a=1; b=2"]]
    made["response"]["headers"] += [["Set-Cookie", "c=3; Path=/"], ["Location", "/x"]]
    (entry,) = archive(har.entry(made, []))["log"]["entries"]
    assert entry["request"]["url"] == "http://hub.example.org:8000/user/alice/api/x?y=1"
    assert entry["request"]["queryString"] == [{"name": "y", "value": "1"}]
    assert entry["request"]["cookies"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    assert entry["request"]["postData"]["text"] == '{"a": "b"}'
    assert entry["response"]["cookies"] == [{"name": "c", "value": "3"}]
    assert (entry["response"]["redirectURL"], entry["response"]["content"]["text"]) == ("/x", "Hello there")
    assert (entry["timings"]["wait"], entry["timings"]["receive"], entry["time"]) == (1000, 1000, 2000)


def test_odd_ones() -> None:
    made = record()
    made["response"]["body"] = {"size": 5, "base64": "AAA=", "cut": True}
    made["request"]["body"] = {"size": 5, "base64": "AAA="}
    without = record(response=None, error="gone", times={"begin": 1.0})
    omitted = record()
    omitted["response"]["body"] = {"size": 5, "omitted": "too much"}
    first, second, third = archive(*(har.entry(each, []) for each in (made, without, omitted)))["log"]["entries"]
    assert first["response"]["content"]["encoding"] == "base64"
    assert second["response"]["_error"] == "gone"
    assert "too much" in third["response"]["content"]["comment"]


def test_a_websocket_in_pieces() -> None:
    made = record(websocket=True)
    pieces = [
        har.entry(made, [message()], last=False),
        har.entry(made, [message(from_client=False, text=False)], first=False, last=False),
        har.entry(made, [message(kernel={"type": "stream"}), message(omitted="large")], first=False),
    ]
    (entry,) = archive("".join(pieces))["log"]["entries"]
    sent = entry["_webSocketMessages"]
    assert [(each["type"], each["opcode"]) for each in sent] == [("send", 1), ("receive", 2), ("send", 1), ("send", 1)]
    assert sent[2]["_kernel"] == {"type": "stream"}
    assert entry["_resourceType"] == "websocket"


def test_nothing() -> None:
    assert archive()["log"]["entries"] == []
