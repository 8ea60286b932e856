"""Attack 5 in the flow lane: what a guest's frames make the upstream get, however they are cut, claimed or hurried."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, TextMessage

from gateway.model import Admission
from gateway.proxy.handshake import accept_value
from gateway.proxy.kernel import V1, Subprotocol, decode, encode
from gateway.proxy.onlooker import LONGEST, PASSED, WHY
from gateway.proxy.watched import SILENT
from tests.gateway.proxy.playbook import Talk, fields, get, response, status
from tests.gateway.proxy.test_onlooker import ID, message, spoken
from tests.gateway.proxy.values import ALICE, ORIGIN, SECRET, server, user

GUEST = user("alice", ALICE, admissions=(Admission("bob", "", view_only=True),))
PATH = "/user/bob/api/kernels/2f/channels"
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", f"Origin: {ORIGIN}", "Sec-WebSocket-Version: 13",
           f"Sec-WebSocket-Key: {KEY.decode()}")  # fmt: skip


class Guest:
    """A WebSocket client at the lane, and the server behind it."""

    def __init__(self, subprotocol: Subprotocol = "", path: str = PATH, *more: str) -> None:
        self.talk = Talk(server("bob"), known=(GUEST,))
        self.talk.client(get(path, *UPGRADE, *more))
        self.asked = self.talk.upstream().take()
        lines = [f"Sec-WebSocket-Accept: {accept_value(KEY).decode()}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Protocol: {subprotocol}"] if subprotocol else []
        self.talk.upstream().send(response("101 Switching Protocols", *lines, length=False))
        self.answered = self.talk.answer()
        self.client = Connection(ConnectionType.CLIENT)
        self.server = Connection(ConnectionType.SERVER)

    def say(self, data: bytes, *, text: bool = True, parts: int = 1) -> None:
        size = -(-len(data) // parts) or 1
        pieces = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
        for number, piece in enumerate(pieces, 1):
            last = number == len(pieces)
            event = TextMessage(piece.decode("latin-1"), message_finished=last) if text else BytesMessage(
                piece, message_finished=last
            )  # fmt: skip
            self.talk.client(self.client.send(event))

    def heard(self) -> list[tuple[bytes, bool]]:
        """Whole messages that reached the server, which may be told of an end as well."""
        self.server.receive_data(self.talk.upstream().take())
        return [each for each in whole(self.server) if not each[0].startswith(b"close")]

    def told(self) -> list[tuple[bytes, bool]]:
        self.client.receive_data(self.talk.answer())
        return whole(self.client)


def whole(connection: Connection) -> list[tuple[bytes, bool]]:
    found: list[tuple[bytes, bool]] = []
    parts: list[str | bytes] = []
    for event in connection.events():
        if isinstance(event, Message):
            parts.append(event.data)
            if event.message_finished:
                data = [part.encode() if isinstance(part, str) else bytes(part) for part in parts]
                found.append((b"".join(data), isinstance(event.data, str)))
                parts = []
        elif isinstance(event, CloseConnection):
            found.append((b"close %d %s" % (event.code, (event.reason or "").encode()), True))
    return found


INFO = encode(message(), "")[0]
RUN = encode(message("execute_request", code="1"), "")[0]


@pytest.mark.parametrize(("subprotocol", "text"), [("", True), ("", False), (V1, False)])
@pytest.mark.parametrize("parts", [1, 2, 7])
def test_questions_pass_and_code_does_not(subprotocol: Subprotocol, text: bool, parts: int) -> None:
    guest = Guest(subprotocol)
    assert status(guest.answered) == 101
    for kind, passes in (("execute_request", False), ("kernel_info_request", True), ("debug_request", False)):
        guest.say(encode(message(kind), subprotocol, text=text)[0], text=text, parts=parts)
        heard = guest.heard()
        assert len(heard) == passes
        if passes:
            made = decode(heard[0][0], text=heard[0][1], subprotocol=subprotocol)
            assert (made.type, heard[0][1]) == (kind, text)
        else:
            told = guest.told()
            assert told and WHY.encode() in b"".join(data for data, _ in told)
    assert len(guest.talk.desk.live) == 1


def test_what_the_kernel_says_arrives_with_the_guests_own_ids() -> None:
    guest = Guest()
    guest.say(INFO)
    asked = json.loads(guest.heard()[0][0])
    assert asked["header"]["msg_id"] != ID
    reply = json.dumps({"parent_header": asked["header"], "content": {"text": "ü" * 50}}, ensure_ascii=False)
    guest.talk.upstream().send(guest.server.send(TextMessage(reply)))
    assert json.loads(guest.told()[0][0])["parent_header"]["msg_id"] == ID
    output = json.dumps({"parent_header": {"msg_id": "owners"}, "content": {"text": "42\n"}})
    guest.talk.upstream().send(guest.server.send(TextMessage(output)))
    assert guest.told() == [(output.encode(), True)]


def test_no_compression() -> None:
    """It is not offered, and a frame that claims it ends the connection with nothing passed."""
    guest = Guest("", PATH, "Sec-WebSocket-Extensions: permessage-deflate")
    assert "sec-websocket-extensions" not in fields(guest.asked)
    deflate = zlib.compressobj(wbits=-15)
    hidden = deflate.compress(RUN) + deflate.flush(zlib.Z_SYNC_FLUSH)
    guest.talk.client(bytes((0xC1, 0xFE)) + len(hidden).to_bytes(2) + b"\0\0\0\0" + hidden)
    assert guest.heard() == []
    assert guest.talk.closed


def test_an_extension_of_the_server_is_refused() -> None:
    talk = Talk(server("bob"), known=(GUEST,))
    talk.client(get(PATH, *UPGRADE))
    talk.upstream().send(
        response("101 Switching Protocols", f"Sec-WebSocket-Accept: {accept_value(KEY).decode()}",
                 "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Extensions: permessage-deflate", length=False)
    )  # fmt: skip
    assert status(talk.answer()) == 502


@pytest.mark.parametrize("chosen", ["v2.kernel.websocket.jupyter.org", f"{V1}, x"])
def test_a_subprotocol_that_nobody_here_knows(chosen: str) -> None:
    guest = Guest(chosen)  # type: ignore[arg-type]
    assert status(guest.answered) == 502


@pytest.mark.parametrize("data", [b"{", b'{"channel":"shell","channel":"control"}', b"x" * (LONGEST + 1)])
def test_what_is_no_message_ends_the_connection(data: bytes) -> None:
    guest = Guest()
    guest.say(data)
    assert guest.heard() == []
    assert guest.talk.answer().startswith(b"\x88")
    assert guest.talk.closed


def test_fragments_without_end() -> None:
    guest = Guest()
    guest.talk.client(bytes((0x01, 0x80)) + b"\0\0\0\0" + (bytes((0x00, 0x80)) + b"\0\0\0\0") * 5000)
    assert guest.talk.closed
    assert guest.heard() == []


def test_a_message_within_a_ping_within_a_message() -> None:
    guest = Guest()
    guest.talk.client(guest.client.send(TextMessage(INFO[:9].decode(), message_finished=False)))
    guest.talk.client(guest.client.send(Ping(RUN[:100])))
    guest.talk.client(guest.client.send(TextMessage(INFO[9:].decode())))
    (heard,) = guest.heard()
    assert json.loads(heard[0])["header"]["msg_type"] == "kernel_info_request"


def test_frames_sent_with_the_handshake_are_judged() -> None:
    guest = Talk(server("bob"), known=(GUEST,))
    early = Connection(ConnectionType.CLIENT).send(TextMessage(RUN.decode()))
    guest.client(get(PATH, *UPGRADE) + early)
    guest.upstream().take()
    guest.upstream().send(
        response("101 Switching Protocols", f"Sec-WebSocket-Accept: {accept_value(KEY).decode()}",
                 "Upgrade: websocket", "Connection: Upgrade", length=False)
    )  # fmt: skip
    assert guest.upstream().take() == b""
    assert WHY.encode() in guest.answer()


def test_events_are_for_listening() -> None:
    guest = Guest("", "/user/bob/api/events/subscribe")
    guest.talk.upstream().send(guest.server.send(TextMessage('{"schema_id": "x"}')))
    assert guest.told() == [(b'{"schema_id": "x"}', True)]
    guest.say(b"{}")
    assert guest.heard() == []
    assert guest.told() == [(f"close 1008 {SILENT}".encode(), True)]
    assert guest.talk.closed


def test_a_page_does_not_hold_the_secret_in_either_lane() -> None:
    for view_only in (True, False):
        who = user("alice", ALICE, admissions=(Admission("bob", "", "lab", view_only=view_only),))
        talk = Talk(server("bob"), known=(who,))
        talk.client(get("/user/bob/lab", "Accept-Encoding: gzip", "Range: bytes=0-9"))
        asked = fields(talk.upstream().take())
        assert "accept-encoding" not in asked and "range" not in asked and SECRET in asked["authorization"]
        page = b'{"token": "%b"}' % SECRET.encode()
        answer = response("200 OK", "Connection: close", "X-Said: " + SECRET, length=False)
        talk.upstream().send(answer + page[:20])
        talk.upstream().send(page[20:])
        talk.upstream().end()
        got = talk.answer()
        assert b"server.0000" in got and SECRET.encode() not in got
        assert got.endswith(b"0\r\n\r\n")


def test_what_is_compressed_all_the_same_is_not_passed_on() -> None:
    talk = Talk(server("bob"), known=(GUEST,))
    talk.client(get("/user/bob/lab"))
    talk.upstream().send(response("200 OK", "Content-Encoding: gzip", body=b"x"))
    assert status(talk.answer()) == 502


@given(st.data(), st.sampled_from(["", V1]), st.integers(1, 4))
def test_of_any_frames_two_questions_reach_the_upstream(
    data: st.DataObject, subprotocol: Subprotocol, parts: int
) -> None:
    guest = Guest(subprotocol)
    for frame, text in data.draw(st.lists(spoken(subprotocol), max_size=4)):
        if guest.talk.closed:
            break
        guest.say(frame, text=text and frame.isascii(), parts=parts)
    for heard, is_text in guest.heard():
        made = decode(heard, text=is_text, subprotocol=subprotocol)
        assert made.type in PASSED
        assert encode(made, subprotocol, text=is_text)[0] == heard
