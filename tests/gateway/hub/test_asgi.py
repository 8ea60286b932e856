"""The root: nobody without the secret gets past it, and nothing is looked at before."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.hub.asgi import Root, Scope

SECRET = "s" * 32


class Inside:
    """What lies behind the root, and what it sent."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.sent: list[Any] = []

    async def channel(self, receive: Any, send: Any) -> None:
        self.reached.append("channel")

    async def app(self, scope: Scope, receive: Any, send: Any) -> None:
        self.reached.append("app")

    async def call(self, kind: str, path: str, *secrets: bytes) -> None:
        async def receive() -> dict[str, Any]:
            raise AssertionError("nothing is read of a stranger")

        async def send(message: Any) -> None:
            self.sent.append(message)

        headers = [(b"x-hubgate-secret", secret) for secret in secrets]
        scope = {"type": kind, "path": path, "headers": [(b"host", b"x"), *headers]}
        await Root(SECRET, self.channel, self.app)(scope, receive, send)


@pytest.mark.parametrize(
    "secrets", [(), (b"",), (b"wrong",), (SECRET.encode() * 2,), (SECRET.encode(), b"x"), (b"\xff",)]
)
@pytest.mark.parametrize(("kind", "path"), [("http", "/hub/health"), ("websocket", "/channel"), ("websocket", "/x")])
async def test_strangers(kind: str, path: str, secrets: tuple[bytes, ...]) -> None:
    inside = Inside()
    await inside.call(kind, path, *secrets)
    assert inside.reached == []
    if kind == "websocket":
        assert inside.sent == [{"type": "websocket.close", "code": 1008}]
    else:
        assert [message.get("status") for message in inside.sent] == [403, None]
        assert inside.sent[1]["body"] == b"Forbidden"


async def test_workers() -> None:
    inside = Inside()
    await inside.call("http", "/hub/home", SECRET.encode())
    await inside.call("http", "/channel", SECRET.encode())
    await inside.call("websocket", "/channel", SECRET.encode())
    assert inside.reached == ["app", "app", "channel"]
    await inside.call("websocket", "/user/alice/api", SECRET.encode())
    assert inside.reached == ["app", "app", "channel"]
    assert inside.sent == [{"type": "websocket.close", "code": 1008}]
