"""A capture as an HTTP Archive (HAR 1.2), piece by piece. Pure.

WebSocket messages stand in `_webSocketMessages`, as Chrome writes them; what a kernel's
message says is added as `_kernel`. Bytes that stand in no record count as -1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import gateway

type Json = dict[str, Any]


def head() -> str:
    creator = {"name": "Hubgate", "version": gateway.__version__}
    return f'{{"log": {{"version": "1.2", "creator": {json.dumps(creator)}, "pages": [], "entries": ['


def tail() -> str:
    return "\n]}}\n"


def entry(record: Json, messages: Iterable[Json], *, first: bool = True, last: bool = True) -> str:
    """A flow with its messages; or with the `first` of them only, or some that follow, up to the `last`."""
    made = json.dumps(_entry(record))
    if not record["websocket"]:
        return made
    begin = f'{made[:-1]}, "_resourceType": "websocket", "_webSocketMessages": [' if first else ","
    return begin + ",".join(json.dumps(_message(message)) for message in messages) + ("]}" if last else "")


def _entry(record: Json) -> Json:
    times = record["times"]
    timings = _timings(times)
    return {
        "startedDateTime": datetime.fromtimestamp(times["begin"], UTC).isoformat(),
        "time": sum(value for value in timings.values() if value >= 0),
        "request": _request(record["request"]),
        "response": _response(record),
        "cache": {},
        "timings": timings,
        "_user": record["user"],
        "_route": record["route"],
    }


def _timings(times: Json) -> dict[str, float]:
    """In milliseconds; -1 = it does not apply."""
    begin, first = times["begin"], times.get("first")
    sent = times.get("sent", begin)
    sent = sent if first is None else min(sent, first)
    return {
        "blocked": -1,
        "dns": -1,
        "connect": 1000 * times["connect"] if times.get("connect", -1) >= 0 else -1,
        "send": max(0.0, 1000 * (sent - begin)),
        "wait": max(0.0, 1000 * (first - sent)) if first else 0,
        "receive": max(0.0, 1000 * (times.get("end", first) - first)) if first else 0,
        "ssl": -1,
    }


def _request(request: Json) -> Json:
    url = f"{request['scheme']}://{request['host']}{request['target']}"
    made: Json = {
        "method": request["method"],
        "url": url,
        "httpVersion": request["version"],
        "cookies": [
            {"name": name.strip(), "value": value}
            for pair in _all(request, "cookie", ";")
            for name, _, value in [pair.partition("=")]
        ],
        "headers": _headers(request),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": request["body"]["size"],
    }
    body = request["body"]
    if "text" in body or "base64" in body:
        made["postData"] = {"mimeType": _one(request, "content-type"), "params": [], "text": body.get("text", "")}
        if "base64" in body:
            made["postData"] |= {"text": body["base64"], "_encoding": "base64"}
    return made


def _response(record: Json) -> Json:
    response = record["response"]
    if response is None:
        return {
            "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": {"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
            "_error": record["error"],
        }  # fmt: skip
    body = response["body"]
    content: Json = {"size": body["size"], "mimeType": _one(response, "content-type")}
    if "text" in body:
        content["text"] = body["text"]
    if "base64" in body:
        content |= {"text": body["base64"], "encoding": "base64"}
    if "omitted" in body:
        content["comment"] = f"Not recorded: {body['omitted']}"
    elif body.get("cut"):
        content["comment"] = "The beginning only"
    return {
        "status": response["status"],
        "statusText": response["reason"],
        "httpVersion": response["version"],
        "cookies": [
            {"name": name.strip(), "value": value.partition(";")[0]}
            for cookie in _all(response, "set-cookie")
            for name, _, value in [cookie.partition("=")]
        ],
        "headers": _headers(response),
        "content": content,
        "redirectURL": _one(response, "location"),
        "headersSize": -1,
        "bodySize": body["size"],
    }


def _message(message: Json) -> Json:
    made: Json = {
        "type": "send" if message["from_client"] else "receive",
        "time": message["time"],
        "opcode": 1 if message["text"] else 2,
        "data": message.get("data", message.get("base64", "")),
    }
    if "kernel" in message:
        made["_kernel"] = message["kernel"]
    if "omitted" in message:
        made["_omitted"] = message["omitted"]
    return made


def _headers(message: Json) -> list[Json]:
    return [{"name": name, "value": value} for name, value in message["headers"]]


def _all(message: Json, name: str, cut: str = "") -> list[str]:
    found = [value for header, value in message["headers"] if header.lower() == name]
    return [part for value in found for part in value.split(cut)] if cut else found


def _one(message: Json, name: str) -> str:
    return next(iter(_all(message, name)), "")
