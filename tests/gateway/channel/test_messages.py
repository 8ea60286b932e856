"""Messages: each one survives the wire; what is none is refused in one clear way."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.channel import messages
from gateway.channel.messages import (
    Activity,
    Answer,
    Ask,
    Beat,
    Captured,
    FromHub,
    FromWorker,
    Hello,
    Invalidate,
    Requests,
    RoutesChanged,
    SigningKey,
    Snapshot,
    Welcome,
    decode_from_hub,
    decode_from_worker,
    encode,
    packed,
)
from gateway.errors import ChannelError
from gateway.model import Identity
from gateway.routes import Route

IDENTITY = Identity(
    "user", "ünï", frozenset({"access:servers!user=ünï", "tokens"}), "session", "d" * 64, "7", True, ("a", "b"), 1.5, 9
)
ROUTE = Route(
    "server:ünï/gpu", "server", ("x", "user", "ünï", "gpu"), 3, "ready", "http://127.0.0.1:9", "server.s", "token",
    "ünï", "gpu", ("students",), upgrades=("websocket", "spdy/3.1"), message="It stopped: \"'\n",
)  # fmt: skip

OF_WORKERS: list[FromWorker] = [
    Hello("worker-1", 42),
    Hello("worker-1", 42, "boot", 7),
    Ask(1, "session", "d" * 64),
    Activity({"d" * 64: 1.25}, {"ünï/": 2.5}),
    Activity(),
    Requests(('{"path":"/ünï"}', "{}"), 3),
    Beat(),
]
OF_THE_HUB: list[FromHub] = [
    Welcome("boot", 7, True, "PEM", "key-1"),
    Snapshot((ROUTE, Route("hub", "hub", ("hub",))), last=False),
    Snapshot((), last=True),
    Answer(1, IDENTITY, 9),
    Answer(2, None, 9),
    RoutesChanged(8, (ROUTE,), ("server:bob/",)),
    Invalidate(9, 10, ("user:ünï",), ("d" * 64,)),
    Invalidate(9, 10, everything=True),
    SigningKey(8, "PEM", "kid"),
    Beat(),
]


@pytest.mark.parametrize("message", OF_WORKERS, ids=lambda message: message.kind)
def test_a_workers_message_survives(message: FromWorker) -> None:
    assert decode_from_worker(encode(message)) == message
    assert decode_from_worker(encode(message).encode()) == message
    assert decode_from_worker(packed(message)) == message


@pytest.mark.parametrize(
    "told",
    [Requests(('{"kind":"flow"}', '{"kind":"end","reason":"ü"}'), 3), Captured("c1", ('{"kind":"flow"}', "ü"), 3)],
    ids=lambda message: message.kind,
)
def test_lines_stand_below_their_message(told: Requests | Captured) -> None:
    frame = packed(told)
    assert isinstance(frame, bytes)
    lines = told.lines if isinstance(told, Requests) else told.records
    assert frame.endswith("\n".join(("", *lines)).encode())
    assert decode_from_worker(frame) == told


@pytest.mark.parametrize("below", [b"\xff", b""])
def test_nothing_else_has_lines_below(below: bytes) -> None:
    with pytest.raises(ChannelError, match="records"):
        decode_from_worker(encode(Beat()).encode() + b"\n" + below)


@pytest.mark.parametrize("bare", [Requests(()), Captured("c1", ())], ids=lambda message: message.kind)
def test_lines_are_text(bare: Requests | Captured) -> None:
    with pytest.raises(ChannelError, match="UTF-8"):
        decode_from_worker(encode(bare).encode() + b"\n\xff")


@pytest.mark.parametrize("message", OF_THE_HUB, ids=lambda message: message.kind)
def test_the_hubs_message_survives(message: FromHub) -> None:
    assert decode_from_hub(encode(message)) == message


def test_what_is_decoded_is_frozen_like_what_was_encoded() -> None:
    answer = decode_from_hub(encode(Answer(1, IDENTITY, 9)))
    assert isinstance(answer, Answer)
    assert answer.identity is not None
    assert isinstance(answer.identity.scopes, frozenset)
    assert hash(answer.identity) == hash(IDENTITY)


def test_a_later_field_is_no_mistake() -> None:
    frame = json.loads(encode(Beat())) | {"mood": "good"}
    assert decode_from_hub(json.dumps(frame)) == Beat()


@pytest.mark.parametrize(
    "frame",
    [
        "", "null", "[]", "{}", "nonsense", '{"kind":"nonsense"}', '{"kind":"ask"}', '{"kind":"ask","id":"x"}',
        '{"kind":"ask","id":1,"credential":"password","digest":"x"}', '{"kind":"hello","worker":1,"pid":1}',
        '{"kind":"beat"', "\ud800", b"\xff\xfe", '{"kind":"ask","id":null,"credential":"token","digest":""}',
    ],
)  # fmt: skip
def test_what_is_no_message(frame: str | bytes) -> None:
    with pytest.raises(ChannelError):
        decode_from_worker(frame)
    with pytest.raises(ChannelError):
        decode_from_hub(frame)


def test_each_side_takes_only_what_the_other_may_say() -> None:
    with pytest.raises(ChannelError):
        decode_from_worker(encode(Answer(1, IDENTITY, 9)))
    with pytest.raises(ChannelError):
        decode_from_hub(encode(Ask(1, "token", "d")))


def test_a_mistake_does_not_repeat_what_was_sent() -> None:
    frame = '{"kind":"welcome","boot":"b","seq":"x","resumed":true,"signing_key":"-----BEGIN","signing_key_id":"k"}'
    with pytest.raises(ChannelError) as caught:
        decode_from_hub(frame)
    assert "BEGIN" not in caught.value.message
    assert "seq" in caught.value.message


def test_frames_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = encode(Beat())
    monkeypatch.setattr(messages, "MAX_FRAME", len(frame))
    assert decode_from_hub(frame) == Beat()
    for longer in (frame + " ", frame.encode() + b"\n"):
        with pytest.raises(ChannelError, match="bytes"):
            decode_from_worker(longer)


def test_deep_nesting_is_a_mistake_and_no_crash() -> None:
    with pytest.raises(ChannelError):
        decode_from_worker('{"kind":' + "[" * 100_000 + "]" * 100_000 + "}")


json_texts = st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps)


@given(st.one_of(st.text(), st.binary(), json_texts))
def test_no_frame_breaks_the_decoding(frame: str | bytes) -> None:
    """Whatever comes, it is a message or a ChannelError."""
    for decode in (decode_from_worker, decode_from_hub):
        with contextlib.suppress(ChannelError):
            decode(frame)
