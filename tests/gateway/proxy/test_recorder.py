"""The recorder, along the express lane and in the flow lane: what passes is kept, and passes unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.captures import Order, Scope
from gateway.hookspecs import Addon, Match
from gateway.proxy.conversation import LARGEST
from gateway.proxy.darkroom import Darkroom, Frame, Shot
from gateway.proxy.recorder import BUSY, GONE, Recorder
from tests.gateway.proxy.playbook import Talk, bearer, get, response
from tests.gateway.proxy.test_express_upgrade import SWITCHED, TEXT, UPGRADE
from tests.gateway.proxy.values import ALICE, ME, NOW, ORIGIN, OWN_TOKEN, SECRET, TOKEN, server


class Studio:
    """A conversation that is recorded, and a darkroom."""

    def __init__(
        self, *addons: Addon, lane: str = "express", upgrades: tuple[str, ...] = ("websocket",), **order: Any
    ) -> None:
        """In the flow lane is what others want as a flow; here, everything."""
        self.talk = Talk(server("alice", upgrades=upgrades), known=[ME, OWN_TOKEN], addons=addons)
        self.captures = self.talk.desk.captures
        self.shots: list[Shot] = []
        self.recorder = Recorder(self.captures, lambda: self.talk.now, self.shots.append, "channel-secret")
        self.talk.desk.recorder = self.recorder if lane == "express" else None
        self.talk._fences.append(self.recorder)  # type: ignore[arg-type]  # it comes after all others
        self.orders = [Order("c1", "key", NOW + 60, Scope(user="alice"), **order)]
        self.captures.set(self.orders)

    @property
    def records(self) -> list[Any]:
        darkroom = Darkroom()
        darkroom.set(self.orders)
        return [json.loads(record) for shot in self.shots for _, record in darkroom.develop(shot)]


@pytest.fixture(params=["express", "flow"])
def lane(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_request_and_its_answer(lane: str) -> None:
    studio = Studio(lane=lane)
    t = studio.talk
    t.client(bearer("POST /user/alice/x?y=1", "Content-Length: 10", "Content-Type: text/plain", body=b"a" * 10))
    assert t.upstream().take().endswith(b"\r\n\r\n" + b"a" * 10)
    t.upstream().send(response("201 Created", "Set-Cookie: a=a-secret-cookie", body=b"hello"))
    assert t.answer().endswith(b"hello")
    (found,) = studio.records
    assert (found["user"], found["owner"], found["route"]) == ("alice", "alice", "server:alice/")
    assert (found["request"]["method"], found["request"]["target"]) == ("POST", "/user/alice/x?y=1")
    assert found["request"]["body"] == {"size": 10, "text": "a" * 10}
    assert (found["response"]["status"], found["response"]["body"]["size"]) == (201, 5)
    for secret in (TOKEN, SECRET, "a-secret-cookie", "channel-secret"):
        assert secret not in json.dumps(found)
    assert f'"lane":"{lane}"' in t.book.lines[-1]


def test_another_protocol_passes_as_it_does_unrecorded() -> None:
    """mitmproxy puts the messages of WebSockets together, and would refuse this."""
    studio = Studio(upgrades=("tcp",))
    t = studio.talk
    t.client(get("/user/alice/x", "Connection: Upgrade", "Upgrade: tcp", f"Origin: {ORIGIN}"))
    t.upstream().take()
    t.upstream().send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nHTTP/9 hi")
    assert t.answer().endswith(b"\r\n\r\nHTTP/9 hi")
    t.client(b"anything")
    assert t.upstream().take() == b"anything"
    t.upstream().leave()
    (found,) = studio.records
    assert (found["response"]["status"], found["response"]["body"].get("text", "")) == (101, "")


def test_both_lanes_record_the_same() -> None:
    made = []
    for each in ("express", "flow"):
        studio = Studio(lane=each)
        t = studio.talk
        t.client(bearer("POST /user/alice/x?y=1", "Transfer-Encoding: chunked", "Content-Type: text/plain"))
        t.client(b"3\r\nabc\r\n")
        t.client(b"2\r\nde\r\n0\r\n\r\n")
        t.upstream().send(
            b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n5\r\nhello\r\n"
        )
        t.upstream().send(b"6\r\n world\r\n0\r\n\r\n")
        (found,) = studio.records
        made.append({key: value for key, value in found.items() if key not in ("flow", "times")})
        for message in (made[-1]["request"], made[-1]["response"]):
            message["headers"] = [pair for pair in message["headers"] if pair[0] != "X-Request-Id"]
    assert made[0] == made[1]
    assert made[0]["request"]["body"] == {"size": 5, "text": "abcde"}
    assert made[0]["response"]["body"] == {"size": 11, "text": "hello world"}


def test_what_the_client_alone_has_is_hidden_in_what_others_say(lane: str) -> None:
    studio = Studio(lane=lane)
    t = studio.talk
    t.client(get("/user/alice/x"))
    t.upstream().send(response("200 OK", "Content-Type: text/plain", body=f"{ALICE} {SECRET} channel-secret".encode()))
    (found,) = studio.records
    text = found["response"]["body"]["text"]
    assert len([word for word in text.split() if word.startswith("hidden-")]) == 3


def test_without_redaction(lane: str) -> None:
    studio = Studio(lane=lane, redact=False)
    studio.talk.client(get("/user/alice/x?token=visible-as-it-is"))
    studio.talk.upstream().send(response(body=b"1"))
    (found,) = studio.records
    assert "visible-as-it-is" in found["request"]["target"]
    assert SECRET in json.dumps(found)


def test_a_long_body_passes_and_is_cut(lane: str) -> None:
    studio = Studio(lane=lane, body=1000)
    studio.talk.client(get("/user/alice/x"))
    studio.talk.upstream().send(response(body=b"z" * 100_000))
    assert studio.talk.answer().endswith(b"z" * 100_000)
    (found,) = studio.records
    assert found["response"]["body"]["size"] == 100_000
    assert found["response"]["body"]["cut"]


def test_an_upstream_that_fails(lane: str) -> None:
    studio = Studio(lane=lane)
    studio.talk.client(get("/user/alice/x"))
    studio.talk.upstream().leave()
    (found,) = studio.records
    assert found["response"] is None
    assert found["error"]


def test_what_comes_before_the_answer_is_none() -> None:
    studio = Studio()
    studio.talk.client(get("/user/alice/x"))
    studio.talk.upstream().send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    studio.talk.upstream().send(response("404 Not Here", body=b"hello"))
    (found,) = studio.records
    assert (found["response"]["status"], found["response"]["reason"]) == (404, "Not Here")


def test_a_request_that_is_sent_again_is_recorded_once() -> None:
    studio = Studio()
    t = studio.talk
    t.client(get("/user/alice/first"))
    t.upstream().send(response(body=b"1"))
    t.client(get("/user/alice/second"))
    t.upstream().leave()
    t.upstream().send(response(body=b"22"))
    first, second = studio.records
    assert first["response"]["body"]["text"] == "1"
    assert (second["request"]["target"], second["response"]["body"]["text"]) == ("/user/alice/second", "22")
    assert len(second["request"]["headers"]) == len(first["request"]["headers"])


def test_an_answer_that_is_cut_short() -> None:
    studio = Studio()
    studio.talk.client(get("/user/alice/x"))
    studio.talk.upstream().send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel")
    studio.talk.upstream().leave()
    (found,) = studio.records
    assert found["error"]
    assert found["response"]["body"] == {"size": 3, "text": "hel"}


def test_a_client_that_leaves() -> None:
    studio = Studio()
    studio.talk.client(get("/user/alice/x"))
    studio.talk.client_leaves()
    (found,) = studio.records
    assert (found["error"], found["response"]) == (GONE, None)


def test_what_ends_after_the_capture_is_not_told() -> None:
    studio = Studio()
    studio.talk.client(get("/user/alice/x"))
    studio.captures.set([])
    studio.talk.upstream().send(response(body=b"hello"))
    assert studio.records == []


def opened(studio: Studio) -> None:
    studio.talk.client(get("/user/alice/ws", *UPGRADE, f"Origin: {ORIGIN}"))
    studio.talk.upstream().send(SWITCHED)


def test_a_websocket() -> None:
    studio = Studio()
    t = studio.talk
    opened(studio)
    t.client(TEXT)
    t.upstream().send(b"\x81\x05world")
    t.client(b"\x88\x82\0\0\0\0\x03\xe8")
    t.upstream().send(b"\x88\x02\x03\xe8")
    kinds = [each["kind"] for each in studio.records]
    assert kinds == ["flow", "message", "message", "end"]
    first, second = studio.records[1:3]
    assert (first["from_client"], first["data"], first["number"]) == (True, "hello", 1)
    assert (second["from_client"], second["data"], second["number"]) == (False, "world", 2)
    assert studio.records[3]["code"] == 1000


def test_an_open_websocket_is_recorded_no_longer_than_its_capture_runs() -> None:
    studio = Studio()
    opened(studio)
    studio.talk.now += 61
    studio.talk.client(TEXT)
    assert [each["kind"] for each in studio.records] == ["flow"]
    assert len(studio.talk.upstream().take()) > 0
    studio = Studio()
    opened(studio)
    studio.captures.set([])
    studio.talk.client(TEXT)
    assert [each["kind"] for each in studio.records] == ["flow"]


def test_which_open_sockets_it_misses() -> None:
    studio = Studio()
    studio.captures.set([])
    opened(studio)
    studio.captures.set([Order("c1", "key", NOW + 60, Scope(user="alice"))])
    live = studio.talk.desk.live
    assert [each.id for each in studio.recorder.missed("c1", live)] == [each.id for each in live]
    assert studio.recorder.missed("nobody", live) == []
    seen = Studio()
    opened(seen)
    assert seen.recorder.missed("c1", seen.talk.desk.live) == []


def test_beside_another_addon() -> None:
    class Changer:
        def requestheaders(self, flow: Any) -> None:
            flow.request.stream = False

        def responseheaders(self, flow: Any) -> None:
            flow.response.stream = lambda data: data.upper()

    studio = Studio(Addon("changer", Match(), Changer()))
    studio.talk.client(bearer("POST /user/alice/x", "Content-Length: 5", "Content-Type: text/plain", body=b"whole"))
    studio.talk.upstream().send(response(body=b"hello"))
    assert studio.talk.answer().endswith(b"HELLO")
    (found,) = studio.records
    assert found["request"]["body"]["text"] == "whole"
    assert found["response"]["body"]["text"] == "hello"


def test_the_hubs_bodies_are_not_recorded(lane: str) -> None:
    studio = Studio(lane=lane)
    studio.orders = [Order("c1", "key", NOW + 60, Scope(path="/hub"))]
    studio.captures.set(studio.orders)
    body = b"username=alice&password=hunter2hunter2"
    studio.talk.client(
        b"POST /hub/login HTTP/1.1\r\nHost: hub.example.org\r\nOrigin: " + ORIGIN.encode()
        + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )  # fmt: skip
    studio.talk.upstream().send(response(body=b"a page"))
    (found,) = studio.records
    assert "omitted" in found["request"]["body"]
    assert "omitted" in found["response"]["body"]
    assert found["request"]["body"]["size"] == len(body)


def test_too_much_at_once_leaves_out_bodies(monkeypatch: pytest.MonkeyPatch, lane: str) -> None:
    monkeypatch.setattr("gateway.proxy.recorder.AT_ONCE", -1)
    studio = Studio(lane=lane)
    studio.talk.client(get("/user/alice/x"))
    studio.talk.upstream().send(response(body=b"hello"))
    assert studio.talk.answer().endswith(b"hello")
    (found,) = studio.records
    assert found["response"]["body"] == {"size": 5, "omitted": BUSY}


def test_a_message_that_is_too_large_is_not_passed_on() -> None:
    studio = Studio()
    opened(studio)
    large = b"x" * (LARGEST + 1)
    studio.talk.upstream().send(b"\x82\x7f" + len(large).to_bytes(8) + large)
    frame = studio.shots[-1]
    assert isinstance(frame, Frame)
    assert (frame.data, frame.size) == (b"", len(large))
    assert "omitted" in studio.records[-1]
