"""The root of the hub's one socket: workers only, the channel here, everything else to the API."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from gateway.channel.messages import PATH, SECRET_HEADER

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]

NAME = SECRET_HEADER.encode()


class Root:
    """Whoever does not have the channel's secret learns nothing, not even what is here."""

    def __init__(self, secret: str, channel: Callable[[Receive, Send], Awaitable[None]], app: App) -> None:
        self._secret = secret.encode()
        self._channel = channel
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = scope["type"] == "websocket"
        if not self._is_ours(scope):
            await _refuse(send, websocket)
        elif not websocket:
            await self._app(scope, receive, send)
        elif scope["path"] == PATH:
            await self._channel(receive, send)
        else:
            await _refuse(send, websocket)

    def _is_ours(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == NAME]
        return len(given) == 1 and hmac.compare_digest(given[0], self._secret)


async def _refuse(send: Send, websocket: bool) -> None:
    if websocket:
        # Before it is accepted, a close is the answer 403.
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"9"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"Forbidden"})
