"""Records: bodies unpacked, cut and cleaned; binary ones as Base64."""

from __future__ import annotations

import base64
import gzip
import zlib
from typing import Any

from gateway.proxy.hiding import Hider
from gateway.proxy.records import SLACK, Part, Seen, as_text, record
from gateway.proxy.redaction import Redactor

SECRET = "hunter2hunter2"


def seen(body: bytes = b"", *headers: tuple[str, str], size: int | None = None, **more: Any) -> Seen:
    response = Part(headers, body, len(body) if size is None else size)
    return Seen(**{
        "id": "a-1", "user": "alice", "route": "server:alice/", "owner": "alice", "client": "10.0.0.7",
        "scheme": "http", "host": "hub", "method": "GET", "target": f"/x?token={SECRET}", "version": "HTTP/1.1",
        "request": Part([("Cookie", f"a={SECRET}")]), "status": 200, "response": response, "times": {"begin": 1.0},
        **more,
    })  # fmt: skip


def body(found: Seen, limit: int = 1000, redact: bool = True) -> dict[str, Any]:
    shown: dict[str, Any] = record(found, Redactor(Hider("k", "alice")) if redact else None, limit)["response"]["body"]
    return shown


TEXT = ("Content-Type", "text/plain")


def test_secrets_are_hidden_everywhere_and_nowhere_if_so_ordered() -> None:
    found = seen(SECRET.encode(), TEXT, reason=SECRET, error=SECRET)
    assert SECRET not in str(record(found, Redactor(Hider("k", "alice")), 1000))
    assert str(record(found, None, 1000)).count(SECRET) == 5


def test_a_secret_is_not_half_hidden_at_the_end() -> None:
    text = b"x" * 995 + SECRET.encode() + b"y" * 10
    assert "hunter" not in body(seen(text, TEXT))["text"]
    assert body(seen(text, TEXT))["cut"]
    assert body(seen(text[: SLACK + 1000], TEXT, size=10**6))["size"] == 10**6


def test_packed_bodies() -> None:
    for packed, name in ((gzip.compress(b"hello" * 10), "gzip"), (zlib.compress(b"hello" * 10), "deflate")):
        assert body(seen(packed, TEXT, ("Content-Encoding", name)))["text"] == "hello" * 10
    bomb = gzip.compress(b"\0" * 10_000_000)
    shown = body(seen(bomb, TEXT, ("Content-Encoding", "gzip")))
    assert (len(shown["text"]), shown["cut"]) == (1000, True)
    for name, data in (("br", b"x"), ("gzip, gzip", b"x"), ("gzip", b"no gzip")):
        assert "omitted" in body(seen(data, TEXT, ("Content-Encoding", name)))


def test_half_of_a_packed_body() -> None:
    packed = gzip.compress(bytes(range(256)) * 1000)
    shown = body(seen(packed[:50], TEXT, ("Content-Encoding", "gzip"), size=len(packed)))
    assert shown["cut"]


def test_bytes() -> None:
    data = b"\x89PNG\xff" + SECRET.encode() + bytes(range(256))
    shown = base64.b64decode(body(seen(data, ("Content-Type", "image/png")))["base64"])
    assert SECRET.encode() not in shown
    assert shown.startswith(b"\x89PNG\xff")
    assert shown.endswith(bytes(range(256)))
    assert base64.b64decode(body(seen(data, ("Content-Type", "image/png")), redact=False)["base64"]) == data


def test_what_says_it_is_text_and_is_none() -> None:
    assert "base64" in body(seen(b"\xff\xfe\x00", TEXT))


def test_half_a_character() -> None:
    assert as_text("ä".encode()[:1], cut=True) == ""
    assert as_text("ä".encode()[:1]) is None


def test_without_an_answer() -> None:
    assert record(seen(response=None, error="gone"), None, 10)["response"] is None
