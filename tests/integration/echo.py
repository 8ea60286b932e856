"""A user server that says what it was sent: for tests that look at what arrives.

Started as `python echo.py IP PORT BASE_URL` by a profile (`PROFILE`), with the
secret in `JUPYTER_TOKEN`, as a Jupyter server gets it. An HTTP request is answered
with itself as JSON; `?status=` and `?header=Name:Value` (repeated) shape the
answer. A WebSocket gets its own request as the first message, then an echo.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

PROFILE = {
    "name": "echo",
    "command": [sys.executable, __file__, "{ip}", "{port}", "{base_url}"],
    "ready_path": "api",
}

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def told(scope: Scope, body: bytes = b"") -> bytes:
    """The request as JSON, header names as they came, bytes as Latin-1."""
    query = scope["query_string"].decode("latin-1")
    document = {
        "method": scope.get("method", "GET"),
        "target": scope["raw_path"].decode("latin-1") + (f"?{query}" if query else ""),
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
        "body": body.decode("latin-1"),
        "pid": os.getpid(),
    }
    return json.dumps(document).encode()


def allowed(scope: Scope) -> bool:
    token = os.environ.get("JUPYTER_TOKEN", "")
    return not token or (b"authorization", f"token {token}".encode()) in scope["headers"]


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        event = await receive()
        body, more = body + event.get("body", b""), event.get("more_body", False)
    query = parse_qs(scope["query_string"].decode("latin-1"))
    status = int(query.get("status", ["200"])[0]) if allowed(scope) else 403
    extra = [header.partition(":") for header in query.get("header", [])]
    headers = [(b"content-type", b"application/json"), *((n.encode(), v.strip().encode()) for n, _, v in extra)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": told(scope, body)})


async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if not allowed(scope):
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": told(scope).decode()})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await {"http": http, "websocket": websocket}[scope["type"]](scope, receive, send)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(
        app, host=sys.argv[1], port=int(sys.argv[2]), ws="websockets-sansio", lifespan="off", proxy_headers=False
    )
