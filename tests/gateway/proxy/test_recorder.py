"""The recorder in the flow lane: what passes is kept, and passes unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.captures import Order, Scope
from gateway.hookspecs import Addon, Match
from gateway.proxy.conversation import LARGEST
from gateway.proxy.darkroom import Darkroom, Frame, Shot
from gateway.proxy.recorder import BUSY, Recorder
from tests.gateway.proxy.playbook import Talk, bearer, get, response
from tests.gateway.proxy.test_express_upgrade import SWITCHED, TEXT, UPGRADE
from tests.gateway.proxy.values import ALICE, ME, NOW, ORIGIN, OWN_TOKEN, SECRET, TOKEN


class Studio:
    """A conversation that is recorded, and a darkroom."""

    def __init__(self, *addons: Addon, **order: Any) -> None:
        self.talk = Talk(known=[ME, OWN_TOKEN], addons=addons)
        self.captures = self.talk.desk.captures
        self.shots: list[Shot] = []
        self.recorder = Recorder(self.captures, lambda: self.talk.now, self.shots.append, "channel-secret")
        self.talk._fences.append(self.recorder)  # type: ignore[arg-type]  # it comes after all others
        self.orders = [Order("c1", "key", NOW + 60, Scope(user="alice"), **order)]
        self.captures.set(self.orders)

    @property
    def records(self) -> list[Any]:
        darkroom = Darkroom()
        darkroom.set(self.orders)
        return [json.loads(record) for shot in self.shots for _, record in darkroom.develop(shot)]


def test_a_request_and_its_answer() -> None:
    studio = Studio()
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


def test_what_the_client_alone_has_is_hidden_in_what_others_say() -> None:
    studio = Studio()
    t = studio.talk
    t.client(get("/user/alice/x"))
    t.upstream().send(response("200 OK", "Content-Type: text/plain", body=f"{ALICE} {SECRET} channel-secret".encode()))
    (found,) = studio.records
    text = found["response"]["body"]["text"]
    assert len([word for word in text.split() if word.startswith("hidden-")]) == 3


def test_without_redaction() -> None:
    studio = Studio(redact=False)
    studio.talk.client(get("/user/alice/x?token=visible-as-it-is"))
    studio.talk.upstream().send(response(body=b"1"))
    (found,) = studio.records
    assert "visible-as-it-is" in found["request"]["target"]
    assert SECRET in json.dumps(found)


def test_a_long_body_passes_and_is_cut() -> None:
    studio = Studio(body=1000)
    studio.talk.client(get("/user/alice/x"))
    studio.talk.upstream().send(response(body=b"z" * 100_000))
    assert studio.talk.answer().endswith(b"z" * 100_000)
    (found,) = studio.records
    assert found["response"]["body"]["size"] == 100_000
    assert found["response"]["body"]["cut"]


def test_an_upstream_that_fails() -> None:
    studio = Studio()
    studio.talk.client(get("/user/alice/x"))
    studio.talk.upstream().leave()
    (found,) = studio.records
    assert found["response"] is None
    assert found["error"]


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


def test_the_hubs_bodies_are_not_recorded() -> None:
    studio = Studio()
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


def test_too_much_at_once_leaves_out_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.proxy.recorder.AT_ONCE", -1)
    studio = Studio()
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
