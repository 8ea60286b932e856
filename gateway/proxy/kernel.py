"""Jupyter's kernel messages as they cross a WebSocket, read strictly and written anew. Pure.

Two subprotocols (jupyter_server, `services/kernels/connection/base.py`):

    ""   text: one JSON object; binary: count and offsets (32 bit, big-endian), then that
         object, then its buffers
    v1   binary: count and offsets (64 bit, little-endian), then channel, header,
         parent_header, metadata, content, and buffers, each by itself

Two readers can differ about a message that is odd (a key that comes twice, offsets that
overlap). So what is odd is refused, and who lets a message pass by what it says must pass
on `encode`'s bytes and never the ones that came.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

type Subprotocol = Literal["", "v1.kernel.websocket.jupyter.org"]

V1: Subprotocol = "v1.kernel.websocket.jupyter.org"
CHANNELS = frozenset({"shell", "iopub", "stdin", "control"})
PARTS = ("header", "parent_header", "metadata", "content")
MAX_BUFFERS = 64


class BadMessage(ValueError):
    """This is no kernel message, or one that could be read in two ways."""


@dataclass(frozen=True, slots=True)
class Message:
    channel: str
    header: Mapping[str, Any]
    parent_header: Mapping[str, Any]
    metadata: Mapping[str, Any]
    content: Mapping[str, Any]
    buffers: tuple[bytes, ...] = ()

    @property
    def type(self) -> str:
        """`execute_request`, `stream`, …; "" when the header has none."""
        found = self.header.get("msg_type", "")
        return found if isinstance(found, str) else ""


def decode(data: bytes, *, text: bool, subprotocol: Subprotocol) -> Message:
    """One whole WebSocket message, decompressed; `BadMessage` says what is wrong with it."""
    if subprotocol == V1:
        if text:
            raise BadMessage("this subprotocol has binary messages only")
        return _v1(data)
    segments = [data] if text else _segments(data, *_legacy_offsets(data))
    document = _object(segments[0], "message")
    channel = document.pop("channel", None)
    buffers = document.pop("buffers", [])
    if buffers != []:
        raise BadMessage("buffers do not stand in the JSON")
    if set(document) - set(PARTS):
        raise BadMessage("a message has header, parent_header, metadata, content, channel and buffers only")
    return _message(channel, [document.get(part, {}) for part in PARTS], segments[1:])


def encode(message: Message, subprotocol: Subprotocol, *, text: bool = True) -> tuple[bytes, bool]:
    """The message's one spelling, and whether it is text, which it is where it can be unless `text` is not wanted."""
    parts = {part: getattr(message, part) for part in PARTS}
    if subprotocol == V1:
        segments = [message.channel.encode(), *(_json(part) for part in parts.values()), *message.buffers]
        return _packed(segments, "<", "Q", ends=True), False
    document = _json({**parts, "channel": message.channel, **({} if message.buffers else {"buffers": []})})
    if text and not message.buffers:
        return document, True
    return _packed([document, *message.buffers], "!", "I", ends=False), False


# ── from segments ────────────────────────────────────────────────────────────


def _v1(data: bytes) -> Message:
    channel, *segments = _segments(data, *_v1_offsets(data))
    if len(segments) < len(PARTS):
        raise BadMessage("a message has at least channel, header, parent_header, metadata and content")
    documents = [_object(segment, part) for part, segment in zip(PARTS, segments, strict=False)]
    return _message(_text(channel), documents, segments[len(PARTS) :])


def _message(channel: object, documents: Sequence[object], buffers: Sequence[bytes]) -> Message:
    if not isinstance(channel, str) or channel not in CHANNELS:
        raise BadMessage(f"channel must be one of {', '.join(sorted(CHANNELS))}")
    if len(buffers) > MAX_BUFFERS:
        raise BadMessage(f"at most {MAX_BUFFERS} buffers are taken")
    found: dict[str, dict[str, Any]] = {}
    for part, document in zip(PARTS, documents, strict=True):
        # A request has no parent; some clients say so by null.
        document = {} if document is None else document  # noqa: PLW2901
        if not isinstance(document, dict):
            raise BadMessage(f"{part} must be an object")
        found[part] = document
    return Message(channel, **found, buffers=tuple(buffers))


def _legacy_offsets(data: bytes) -> tuple[int, list[int]]:
    """Where the segments begin, after how many bytes of table; the last one ends with the data."""
    (count,) = _unpacked("!I", data, 0, 1)
    if not 0 < count <= MAX_BUFFERS + 1:
        raise BadMessage("the number of segments is out of range")
    return 4 * (count + 1), [*_unpacked("!I", data, 4, count), len(data)]


def _v1_offsets(data: bytes) -> tuple[int, list[int]]:
    (count,) = _unpacked("<Q", data, 0, 1)
    if not 1 < count <= MAX_BUFFERS + len(PARTS) + 2:
        raise BadMessage("the number of offsets is out of range")
    return 8 * (count + 1), list(_unpacked("<Q", data, 8, count))


def _unpacked(kind: str, data: bytes, start: int, count: int) -> tuple[int, ...]:
    form = f"{kind[0]}{count}{kind[1]}"
    if len(data) < start + struct.calcsize(form):
        raise BadMessage("the message is shorter than its table of offsets")
    return struct.unpack_from(form, data, start)


def _segments(data: bytes, begin: int, offsets: list[int]) -> list[bytes]:
    """The pieces between offsets, which must cover the data without gap or overlap."""
    if offsets[0] != begin or offsets[-1] != len(data) or offsets != sorted(offsets):
        raise BadMessage("the offsets do not cover the message one after the other")
    return [data[start:stop] for start, stop in pairwise(offsets)]


def _packed(segments: Sequence[bytes], order: str, size: str, *, ends: bool) -> bytes:
    """Count, offsets and segments; `ends` = the end of the last one is an offset as well."""
    count = len(segments) + ends
    offsets = [struct.calcsize(f"={size}") * (count + 1)]
    for segment in segments:
        offsets.append(offsets[-1] + len(segment))
    return struct.pack(f"{order}{count + 1}{size}", count, *offsets[:count]) + b"".join(segments)


# ── JSON ─────────────────────────────────────────────────────────────────────


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(_text(data), object_pairs_hook=_without_doubles)
    except RecursionError:
        raise BadMessage(f"{what} is nested too deeply") from None
    except ValueError as error:
        raise BadMessage(f"{what} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadMessage(f"{what} must be an object")
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadMessage("a key comes twice")
    return found


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise BadMessage("a text is not UTF-8") from None


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
