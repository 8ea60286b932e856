"""Kernel messages: what Jupyter writes is read, what we write Jupyter reads, and nothing odd passes."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.kernel import CHANNELS, MAX_BUFFERS, V1, BadMessage, Message, Subprotocol, decode, encode

JUPYTER = pytest.importorskip("jupyter_server.services.kernels.connection.base", reason="JupyterLab is not installed")

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(max_size=8), VALUES, max_size=4)
MESSAGES = st.builds(
    Message,
    st.sampled_from(sorted(CHANNELS)),
    *(OBJECTS,) * 4,
    st.lists(st.binary(max_size=20), max_size=3).map(tuple),
)
SUBPROTOCOLS: list[Subprotocol] = ["", V1]

INFO: dict[str, Any] = {"header": {"msg_type": "kernel_info_request", "msg_id": "1"}, "content": {}, "channel": "shell"}


def text(**fields: Any) -> bytes:
    return json.dumps(INFO | fields).encode()


def v1(*segments: bytes, count: int | None = None, offsets: list[int] | None = None) -> bytes:
    places = [8 * (len(segments) + 2)]
    for segment in segments:
        places.append(places[-1] + len(segment))
    places = places if offsets is None else offsets
    return struct.pack(f"<{len(places) + 1}Q", count or len(places), *places) + b"".join(segments)


SEGMENTS = [b"shell", b'{"msg_type":"kernel_info_request"}', b"{}", b"{}", b"{}"]


@pytest.mark.parametrize("subprotocol", SUBPROTOCOLS)
@given(message=MESSAGES)
def test_what_is_written_is_read(subprotocol: Subprotocol, message: Message) -> None:
    data, is_text = encode(message, subprotocol)
    assert decode(data, text=is_text, subprotocol=subprotocol) == message


@given(message=MESSAGES)
def test_jupyter_reads_what_we_write(message: Message) -> None:
    channel, parts = JUPYTER.deserialize_msg_from_ws_v1(encode(message, V1)[0])
    assert channel == message.channel
    assert [json.loads(part) for part in parts[:4]] == [
        message.header, message.parent_header, message.metadata, message.content
    ]  # fmt: skip
    assert tuple(parts[4:]) == message.buffers
    data, is_text = encode(message, "")
    document = json.loads(data) if is_text else json.loads(data[4 * (len(message.buffers) + 2) :][: _first(data)])
    assert (document["channel"], document["content"]) == (message.channel, message.content)


def _first(data: bytes) -> int:
    """The length of a legacy binary message's first segment."""
    _, first, second = struct.unpack_from("!3I", data)
    return int(second - first)


@given(message=MESSAGES)
def test_we_read_what_jupyter_writes(message: Message) -> None:
    parts = [json.dumps(part).encode() for part in (message.header, message.parent_header, message.metadata)]
    content = json.dumps(message.content).encode()
    data = JUPYTER.serialize_msg_to_ws_v1([*parts, content, *message.buffers], message.channel)
    assert decode(data, text=False, subprotocol=V1) == message
    document = {
        "channel": message.channel, "header": message.header, "parent_header": message.parent_header,
        "metadata": message.metadata, "content": message.content, "buffers": list(message.buffers),
    }  # fmt: skip
    assert decode(JUPYTER.serialize_binary_message(document), text=False, subprotocol="") == message


def test_a_request_of_jupyterlab() -> None:
    message = decode(text(parent_header=None, buffers=[]), text=True, subprotocol="")
    assert (message.type, message.channel, message.parent_header) == ("kernel_info_request", "shell", {})


@pytest.mark.parametrize("header", [{}, {"msg_type": 5}, {"msg_type": None}])
def test_without_a_type(header: dict[str, Any]) -> None:
    assert decode(text(header=header), text=True, subprotocol="").type == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"x"',
        b"{",
        b"\xff",
        text(channel="nowhere"),
        text(channel=None),
        text(channel=["shell"]),
        text(header=[]),
        text(content="x"),
        text(buffers=["x"]),
        text(more=1),
        b'{"channel":"shell","header":{"msg_type":"kernel_info_request","msg_type":"execute_request"}}',
        b'{"channel":"shell","header":{"msg_type":"kernel_info_request"},"header":{"msg_type":"execute_request"}}',
        b'{"channel":"shell","ch\\u0061nnel":"control","header":{}}',
        b'{"channel":"shell","content":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_odd_text(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode(data, text=True, subprotocol="")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 4,
        struct.pack("!2I", 1, 7) + text(),
        struct.pack("!2I", 1, 9) + b" " + text(),
        struct.pack("!3I", 2, 12, 11) + text(),
        struct.pack("!3I", 2, 12, 2**31) + text(),
        struct.pack("!I", 2**31) + text(),
        struct.pack(f"!{MAX_BUFFERS + 3}I", MAX_BUFFERS + 2, *[4 * (MAX_BUFFERS + 3)] * (MAX_BUFFERS + 2)) + text(),
    ],
)
def test_odd_binary(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode(data, text=False, subprotocol="")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 8,
        v1(*SEGMENTS[:4]),
        v1(b"", *SEGMENTS[1:]),
        v1(b"\xff", *SEGMENTS[1:]),
        v1(*SEGMENTS, count=5),
        v1(*SEGMENTS, count=2**60),
        v1(*SEGMENTS) + b"more",
        v1(*SEGMENTS, offsets=[56, 61, 61, 97, 99, 101]),
        v1(*SEGMENTS, offsets=[56, 95, 61, 97, 99, 101]),
        v1(b"shell", b"[]", b"{}", b"{}", b"{}"),
        v1(b"shell", b'{"msg_type":"a","msg_type":"b"}', b"{}", b"{}", b"{}"),
    ],
)
def test_odd_v1(data: bytes) -> None:
    with pytest.raises(BadMessage):
        decode(data, text=False, subprotocol=V1)


def test_v1_is_binary() -> None:
    with pytest.raises(BadMessage):
        decode(text(), text=True, subprotocol=V1)


@given(st.binary(max_size=200), st.booleans(), st.sampled_from(SUBPROTOCOLS))
def test_garbage_is_a_message_or_bad(data: bytes, is_text: bool, subprotocol: Subprotocol) -> None:
    """Whatever comes, there is a message or `BadMessage`, and nothing else."""
    try:
        message = decode(data, text=is_text, subprotocol=subprotocol)
    except BadMessage:
        return
    again, again_text = encode(message, subprotocol)
    assert decode(again, text=again_text, subprotocol=subprotocol) == message
