"""What every answer carries; the real answers are looked at in `test_middleware.py`."""

from __future__ import annotations

from typing import Any

from api.headers import ALWAYS, AlwaysHeaders


async def answered(*own: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    sent: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(own)})
        await send({"type": "http.response.body", "body": b"{}"})

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    await AlwaysHeaders(app)({"type": "http"}, None, send)  # type: ignore[arg-type]  # never called
    assert sent[1] == {"type": "http.response.body", "body": b"{}"}
    return list(sent[0]["headers"])


async def test_all_of_them_are_added() -> None:
    own = (b"content-type", b"text/html")
    assert await answered(own) == [own, *ALWAYS]


async def test_a_handlers_own_value_stays() -> None:
    own = (b"cache-control", b"max-age=3600")
    headers = await answered(own)
    assert [value for name, value in headers if name == own[0]] == [own[1]]
    assert len(headers) == len(ALWAYS)
