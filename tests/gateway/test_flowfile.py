"""Records become mitmproxy's file, which mitmproxy reads again."""

from __future__ import annotations

import io
import json
from typing import Any

from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader

from gateway.flowfile import convert
from tests.gateway.test_flowfilter import record


def read(*groups: list[dict[str, Any]]) -> list[HTTPFlow]:
    text = "".join("".join(json.dumps(line) + "\n" for line in group) + "\n" for group in groups)
    out = io.BytesIO()
    convert(io.BytesIO(text.encode()), out)
    out.seek(0)
    found = list(FlowReader(out).stream())
    assert all(isinstance(each, HTTPFlow) for each in found)
    return found  # type: ignore[return-value]  # as was just seen


def test_a_request_and_its_answer() -> None:
    first, second = read([record()], [record(flow="a-2", response=None, error="gone")])
    assert first.request.pretty_url == "http://hub.example.org:8000/user/alice/api/x?y=1"
    assert first.request.text == '{"a": "b"}'
    assert first.server_conn.address == ("hub.example.org", 8000)
    assert first.response is not None
    assert (first.response.status_code, first.response.text) == (404, "Hello there")
    assert first.metadata == {"hubgate_user": "alice", "hubgate_route": "server:alice/"}
    assert second.response is None
    assert "gone" in second.comment


def test_what_was_unpacked_is_packed_again() -> None:
    made = record()
    made["response"]["headers"].append(["Content-Encoding", "gzip"])
    (found,) = read([made])
    assert found.response is not None
    assert found.response.raw_content is not None
    assert found.response.raw_content[:2] == b"\x1f\x8b"
    assert found.response.text == "Hello there"


def test_a_websocket() -> None:
    messages: list[dict[str, Any]] = [
        {"kind": "message", "from_client": True, "text": True, "time": 4.0, "data": "hällo"},
        {"kind": "message", "from_client": False, "text": False, "time": 5.0, "base64": "AHg="},
        {"kind": "message", "from_client": False, "text": True, "time": 5.0, "omitted": "it is too large"},
        {"kind": "end", "time": 6.0, "code": 1000, "reason": "done", "by_client": True},
    ]  # fmt: skip
    (found,) = read([record(websocket=True), *messages])
    assert found.websocket is not None
    assert [(each.from_client, each.content) for each in found.websocket.messages] == [
        (True, "hällo".encode()), (False, b"\0x"), (False, b""),
    ]  # fmt: skip
    assert (found.websocket.close_code, found.websocket.closed_by_client) == (1000, True)
