"""A program of its own for the hub, which does not know mitmproxy: records in, mitmproxy's file out.

    python -m gateway.flowfile < records > flows

A flow is its line of JSON, those of its messages, that of its end, and an empty line.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from mitmproxy.connection import Client, ConnectionState, Server
from mitmproxy.http import Headers, HTTPFlow, Request, Response
from mitmproxy.io import FlowWriter
from mitmproxy.net import encoding
from mitmproxy.websocket import WebSocketData, WebSocketMessage

type Json = dict[str, Any]

TEXT, BINARY = 1, 2
"""WebSocket opcodes."""


def main() -> None:
    convert(sys.stdin.buffer, sys.stdout.buffer)


def convert(records: BinaryIO, flows: BinaryIO) -> None:
    writer = FlowWriter(flows)
    for lines in _groups(records):
        writer.add(flow(lines[0], lines[1:]))
        flows.flush()


def _groups(records: BinaryIO) -> Iterator[list[Json]]:
    lines: list[Json] = []
    for line in records:
        if line.strip():
            lines.append(json.loads(line))
        elif lines:
            yield lines
            lines = []


def flow(record: Json, more: list[Json]) -> HTTPFlow:
    """A record and what belongs to it as mitmproxy would have kept it."""
    times = record["times"]
    client = Client(peername=(record["client"], 0), sockname=("", 0), state=ConnectionState.CLOSED)
    client.timestamp_start = times["begin"]
    made = HTTPFlow(client, Server(address=None), live=False)
    made.id = record["flow"]
    made.timestamp_created = times["begin"]
    made.request = _request(record["request"], times)
    made.server_conn.address = (made.request.host, made.request.port)
    if record["response"] is not None:
        made.response = _response(record["response"], times)
    made.comment = f"{record['user'] or 'nobody known'}, {record['route']}"
    made.metadata |= {"hubgate_user": record["user"], "hubgate_route": record["route"]}
    if record["error"]:
        made.comment += f", {record['error']}"
    if record["websocket"]:
        made.websocket = _websocket(more)
    return made


def _request(request: Json, times: Json) -> Request:
    host, _, port = request["host"].rpartition(":")
    secure = request["scheme"] == "https"
    return Request(
        host if port.isdecimal() else request["host"],
        int(port) if port.isdecimal() and host else (443 if secure else 80),
        _bytes(request["method"]),
        _bytes(request["scheme"]),
        b"",
        _bytes(request["target"]),
        _bytes(request["version"]),
        _headers(request),
        _content(request),
        None,
        times["begin"],
        times.get("sent"),
    )


def _response(response: Json, times: Json) -> Response:
    return Response(
        _bytes(response["version"]),
        response["status"],
        _bytes(response["reason"]),
        _headers(response),
        _content(response),
        None,
        times["first"],
        times.get("end"),
    )


def _headers(message: Json) -> Headers:
    return Headers([(_bytes(name), _bytes(value)) for name, value in message["headers"]])


def _content(message: Json) -> bytes:
    """The body, packed as its head says."""
    body = message["body"]
    data = base64.b64decode(body["base64"]) if "base64" in body else _bytes(body.get("text", ""))
    packing = next((value for name, value in message["headers"] if name.lower() == "content-encoding"), "")
    if data and packing.strip().lower() in {"gzip", "deflate"}:
        return encoding.encode(data, packing.strip().lower())
    return data


def _websocket(more: list[Json]) -> WebSocketData:
    made = WebSocketData()
    for line in more:
        if line["kind"] == "end":
            made.closed_by_client, made.close_code = line["by_client"], line["code"]
            made.close_reason, made.timestamp_end = line["reason"], line["time"]
            continue
        data = _bytes(line["data"]) if "data" in line else base64.b64decode(line.get("base64", ""))
        opcode = TEXT if line["text"] else BINARY
        made.messages.append(WebSocketMessage(opcode, line["from_client"], data, line["time"]))
    return made


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


if __name__ == "__main__":
    main()
