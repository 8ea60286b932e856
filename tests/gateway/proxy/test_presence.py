"""A person, or a tab that was left open?"""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.presence import AGAIN, Listening, is_use, messages, unmasked
from tests.gateway.proxy.values import facts, server

PREFIX = server("alice").prefix
SCRIPT = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket"}


@pytest.mark.parametrize(
    ("line", "headers", "use"),
    [
        # What a JupyterLab tab does that nobody touches, seen over minutes.
        ("GET api/contents?content=1&hash=0&1795657441521", SCRIPT, False),
        ("PUT lab/api/workspaces/default?1795657442055", SCRIPT, False),
        ("GET api/kernels?1795657442065", SCRIPT, False),
        ("GET api/sessions?1795657442156", SCRIPT, False),
        ("GET api/terminals?1795657445070", SCRIPT, False),
        ("GET lab/api/workspaces?1795657445073", SCRIPT, False),
        ("GET api/kernels/1/channels", {**SCRIPT, **UPGRADE}, False),
        ("GET api/events/subscribe", UPGRADE, False),
        # The same by a program.
        ("GET api/kernels", {}, False),
        ("GET api/contents/notebook.ipynb", {}, False),
        ("POST events/get_events", SCRIPT, False),
        # A person.
        ("GET lab", PAGE, True),
        ("GET lab", {"Accept": "text/html"}, True),
        ("PUT api/contents/notebook.ipynb", SCRIPT, True),
        ("POST api/sessions", SCRIPT, True),
        ("DELETE api/kernels/1", SCRIPT, True),
        ("POST api/kernels/1/restart", {}, True),
        ("GET files/data.csv", {}, True),
        ("GET api", {}, True),
    ],
)
def test_requests(line: str, headers: dict[str, str], use: bool) -> None:
    method, _, path = line.partition(" ")
    assert is_use(facts(f"{method} /user/alice/{path}", headers), PREFIX) is use


def frame(payload: bytes, opcode: int = 1, mask: bytes = b"\x11\x22\x33\x44") -> bytes:
    size = len(payload)
    head = bytes([0x80 | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += bytes([0x80 | 126]) + struct.pack(">H", size)
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", size)
    return head + mask + unmasked(payload, mask)


def kernel(kind: str, **content: object) -> bytes:
    """A kernel message as JSON."""
    return json.dumps({"header": {"msg_id": "1", "msg_type": kind}, "content": content}).encode()


def binary(kind: str) -> bytes:
    """The same in `v1.kernel.websocket.jupyter.org`, its header behind offsets and channel."""
    return struct.pack("<2Q", 6, 56) + b"shell" + json.dumps({"msg_type": kind}, separators=(",", ":")).encode()


KERNEL, TERMINAL, ROOM = "api/kernels/1/channels", "terminals/websocket/1", "api/collaboration/room/x"


@pytest.mark.parametrize(
    ("path", "message", "use"),
    [
        (KERNEL, kernel("execute_request", code="6*7"), True),
        (KERNEL, kernel("complete_request"), True),
        (KERNEL, binary("execute_request"), True),
        (KERNEL, kernel("kernel_info_request"), False),
        (KERNEL, binary("kernel_info_request"), False),
        (KERNEL, kernel("comm_info_request"), False),
        (KERNEL, kernel("debug_request", command="debugInfo"), False),
        (KERNEL, kernel("debug_request", command="next"), True),
        (KERNEL, b"nonsense", True),
        (TERMINAL, b'["stdin", "ls\\r"]', True),
        (TERMINAL, b'["set_size", 24, 80]', False),
        (ROOM, b"\x01\x30somebody", False),
        (ROOM, b"\x00\x00state", False),
        (ROOM, b"\x00\x02change", True),
        ("anything", b"x", True),
    ],
)
def test_messages(path: str, message: bytes, use: bool) -> None:
    assert Listening(facts(f"GET /user/alice/{path}", UPGRADE), PREFIX).heard(frame(message), 1000.0) is use


def test_control_frames_are_nobodys_doing() -> None:
    listening = Listening(facts("GET /user/alice/ws", UPGRADE), PREFIX)
    assert not listening.heard(frame(b"x", opcode=10) + frame(b"", opcode=9), 1000.0)
    assert not listening.heard(frame(b"\x03\xe8", opcode=8), 1000.0)


def test_one_of_many_in_a_chunk() -> None:
    listening = Listening(facts(f"GET /user/alice/{KERNEL}", UPGRADE), PREFIX)
    info, run = frame(kernel("kernel_info_request")), frame(kernel("execute_request"))
    assert not listening.heard(info + info, 1000.0)
    assert listening.heard(info + run, 1001.0)
    assert not listening.heard(run, 1002.0)  # told already
    assert listening.heard(run, 1001.0 + AGAIN)


def test_what_is_cut_by_the_end_of_a_chunk_is_believed() -> None:
    info = frame(kernel("kernel_info_request"))
    for first, second in ((info[:30], info[30:]), (info[:1], info[1:]), (info + info[:30], info[30:] + info)):
        listening = Listening(facts(f"GET /user/alice/{KERNEL}", UPGRADE), PREFIX)
        assert listening.heard(first, 1000.0) or listening.heard(second, 1001.0)


@given(
    st.lists(
        st.tuples(st.binary(max_size=300), st.sampled_from([0, 1, 2, 8, 9, 10]), st.binary(min_size=4, max_size=4))
    )
)
def test_messages_are_found_again(sent: list[tuple[bytes, int, bytes]]) -> None:
    stream = b"".join(frame(*each) for each in sent)
    assert list(messages(stream)) == [payload for payload, opcode, _ in sent if 0 < opcode < 8]


@given(st.binary(max_size=200))
def test_nonsense_harms_nobody(data: bytes) -> None:
    list(messages(data))
    Listening(facts(f"GET /user/alice/{KERNEL}", UPGRADE), PREFIX).heard(data, 1.0)
