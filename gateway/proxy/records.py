"""What a capture keeps of a request: one plain JSON value, its secrets hidden. Pure.

Bodies are kept up to the order's limit, unpacked where they were compressed. A little more
than is kept is looked at, so that a secret does not stand half hidden at the end.
"""

from __future__ import annotations

import base64
import codecs
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.proxy.redaction import FORM, Headers, Redactor

type Record = dict[str, Any]

SLACK = 4096
"""Bytes of a body that are looked at beyond what is kept."""
TEXTUAL = ("text/", "application/json", "application/javascript", "application/xml", "multipart/", FORM)


@dataclass(slots=True)
class Part:
    """One message of HTTP as it passed."""

    headers: Headers
    kept: bytes = b""
    """The body's beginning."""
    size: int = 0
    """The whole body, as it was sent."""
    omitted: str = ""
    """Why there is no body, in words."""


@dataclass(slots=True)
class Seen:
    """One request and what became of it."""

    id: str
    user: str
    route: str
    owner: str
    client: str
    scheme: str
    host: str
    method: str
    target: str
    version: str
    request: Part
    status: int = 0
    reason: str = ""
    response: Part | None = None
    error: str = ""
    websocket: bool = False
    times: dict[str, float] = field(default_factory=dict)
    """POSIX seconds: `begin`, `sent`, `first`, `end`, and `connect` for how long that took."""


def record(seen: Seen, redactor: Redactor | None, limit: int) -> Record:
    """The record of a flow. Without a redactor, everything as it was."""
    parts = [(seen.request, True)] + ([(seen.response, False)] if seen.response is not None else [])
    bodies = [_unpacked(part, limit + SLACK) for part, _ in parts]
    texts = [seen.target, seen.error, seen.reason]
    heads = [part.headers for part, _ in parts]
    if redactor is not None:
        texts[0] = redactor.target(seen.target)
        heads = [redactor.headers(each) for each in heads]
        for body, (part, sent) in zip(bodies, parts, strict=True):
            if body.textual:
                body.text = redactor.body(body.text, _type(part.headers), sent)
        texts, heads = _cleaned(redactor, texts, heads, bodies)
    shown = [
        {"headers": [list(pair) for pair in head], "body": body.shown(limit)}
        for head, body in zip(heads, bodies, strict=True)
    ]
    return {
        "kind": "flow", "flow": seen.id, "user": seen.user, "route": seen.route, "owner": seen.owner,
        "client": seen.client, "times": seen.times, "websocket": seen.websocket, "error": texts[1],
        "request": {
            "method": seen.method, "scheme": seen.scheme, "host": seen.host, "target": texts[0],
            "version": seen.version, **shown[0],
        },
        "response": {"status": seen.status, "reason": texts[2], "version": "HTTP/1.1", **shown[1]}
        if seen.response is not None else None,
    }  # fmt: skip


def _cleaned(
    redactor: Redactor, texts: list[str], heads: Sequence[Headers], bodies: Sequence[_Body]
) -> tuple[list[str], list[Headers]]:
    """All of it searched at once for what is known to be secret."""
    flat = [*texts, *(text for head in heads for pair in head for text in pair), *(body.text for body in bodies)]
    clean = iter(redactor.hide.cleaned(flat))
    texts = [next(clean) for _ in texts]
    heads = [[(next(clean), next(clean)) for _ in head] for head in heads]
    for body in bodies:
        body.text = next(clean)
    return texts, heads


@dataclass(slots=True)
class _Body:
    text: str
    textual: bool
    """Else each character stands for a byte."""
    size: int
    cut: bool
    omitted: str = ""

    def shown(self, limit: int) -> Record:
        shown: Record = {"size": self.size}
        if self.omitted:
            shown["omitted"] = self.omitted
        elif self.text:
            kept = self.text[:limit]
            if self.textual:
                shown["text"] = kept
            else:
                shown["base64"] = base64.b64encode(kept.encode("latin-1", "replace")).decode()
            if self.cut or len(kept) < len(self.text):
                shown["cut"] = True
        return shown


def _unpacked(part: Part, most: int) -> _Body:
    if part.omitted:
        return _Body("", True, part.size, False, part.omitted)
    data, cut = part.kept[:most], part.size > len(part.kept)
    packing = [value.strip().lower() for name, value in part.headers if name.lower() == "content-encoding"]
    if data and packing and packing != ["identity"]:
        try:
            data, more = _inflated(data, packing, most)
        except (zlib.error, ValueError):
            return _Body("", True, part.size, False, f"its encoding ({packing[0][:20]}) is not read")
        cut = cut or more
    text = as_text(data, cut) if _is_text(_type(part.headers), data) else None
    return _Body(data.decode("latin-1") if text is None else text, text is not None, part.size, cut)


def _inflated(data: bytes, packing: Sequence[str], most: int) -> tuple[bytes, bool]:
    """Unpacked up to `most` bytes; is there more?"""
    if len(packing) > 1 or packing[0] not in {"gzip", "x-gzip", "deflate"}:
        raise ValueError("no encoding that can be unpacked piece by piece")
    unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, as its head says
    return unpacker.decompress(data, most), bool(unpacker.unconsumed_tail) or not unpacker.eof


def _type(headers: Headers) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _is_text(kind: str, data: bytes) -> bool:
    media = kind.partition(";")[0].strip().lower()
    if media.startswith(TEXTUAL) or media.endswith(("+json", "+xml")):
        return True
    return not media and b"\0" not in data[:1024]


def as_text(data: bytes, cut: bool = False) -> str | None:
    """UTF-8 as text; None if it is none. Half a character at the end of what was cut is left out."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=not cut)
    except UnicodeDecodeError:
        return None
