"""What was recorded of a message, made readable: JSON laid out, forms field by field, bytes in hexadecimal. Pure.

All of it comes from whoever sent it. It is text for the page, never markup, and no image of
it is shown.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from api.pages.words import plain

LONGEST = 100_000
"""Characters of a body that are shown."""
BYTES = 512
"""Bytes that are shown in hexadecimal."""
WIDTH = 16
FORM = "application/x-www-form-urlencoded"

type Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyView:
    kind: Annotated[str, "json, form, text or bytes; none when there is nothing to show"]
    text: Annotated[str, "What is shown"]
    size: Annotated[int, "Bytes as they were sent"]
    cut: Annotated[bool, "Is this the beginning only?"]
    omitted: Annotated[str, "Why it was not recorded, or empty"]


def view(body: Record, content_type: str = "") -> BodyView:
    """A body, or a message of a WebSocket, as it was recorded."""
    kind, text = _shown(body, content_type.partition(";")[0].strip().lower())
    return BodyView(
        kind=kind,
        text=text[:LONGEST],
        size=int(body.get("size", 0)),
        cut=bool(body.get("cut")) or len(text) > LONGEST,
        omitted=plain(str(body.get("omitted", ""))),
    )


def _shown(body: Record, media: str) -> tuple[str, str]:
    if isinstance(encoded := body.get("base64"), str):
        return "bytes", dump(encoded)
    text = body.get("text", body.get("data"))
    if not isinstance(text, str) or not text:
        return "none", ""
    if media == FORM:
        return "form", plain("\n".join(f"{name} = {value}" for name, value in parse_qsl(text, keep_blank_values=True)))
    if media.endswith("json") or text[:1] in ("{", "["):
        laid = laid_out(text)
        return ("json", laid) if laid else ("text", plain(text))
    return "text", plain(text)


def laid_out(text: str) -> str:
    """JSON with its parts below each other; "" if it is none, or too deep."""
    try:
        return written(json.loads(text))
    except (ValueError, RecursionError):
        return ""


def written(value: Any) -> str:
    """Laid out as far as it is shown: what is nested deeply would become a thousand times as long."""
    parts, size = [], 0
    for part in _encoder.iterencode(value):
        parts.append(part)
        size += len(part)
        if size > LONGEST:
            break
    return plain("".join(parts))


_encoder = json.JSONEncoder(indent=2, ensure_ascii=False)


def dump(encoded: str) -> str:
    """The first bytes, as a hexadecimal editor shows them."""
    try:
        data = base64.b64decode(encoded[: 2 * BYTES], validate=True)[:BYTES]
    except (binascii.Error, ValueError):
        return ""
    lines = []
    for place in range(0, len(data), WIDTH):
        part = data[place : place + WIDTH]
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        lines.append(f"{place:06x}  {part.hex(' '):<{3 * WIDTH}} {letters}")
    return "\n".join(lines)


def gist(message: Record) -> str:
    """What a kernel's message is about: code, a text that it shows, an error, else how it went; "" if nothing of it."""
    content = message.get("content")
    if not isinstance(content, Mapping):
        return ""
    data = content.get("data")
    shown = data.get("text/plain") if isinstance(data, Mapping) else None
    error = f"{content.get('ename', '')}: {content['evalue']}" if isinstance(content.get("evalue"), str) else None
    tried = (
        content.get("code"),
        content.get("text"),
        shown,
        error,
        content.get("execution_state"),
        content.get("status"),
    )
    found = next((text for text in tried if text is not None), "")
    return plain(found)[:LONGEST] if isinstance(found, str) else ""
