"""Frames are followed through any packets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Ping

from gateway.proxy.frames import Frames, close_frame


@given(st.lists(st.sampled_from([0, 1, 125, 126, 65535, 65536]), max_size=4), st.integers(1, 9), st.booleans())
def test_the_stream_stands_between_frames_where_they_end(sizes: list[int], pieces: int, client: bool) -> None:
    """`between` is true just at the ends of frames, and data frames are counted."""
    peer = Connection(ConnectionType.CLIENT if client else ConnectionType.SERVER)
    frames = Frames()
    for size in sizes:
        for event in (BytesMessage(b"x" * size), Ping(b"?")):
            data = peer.send(event)
            step = max(1, len(data) // pieces)
            for start in range(0, len(data), step):
                frames.feed(data[start : start + step])
                assert frames.between is (start + step >= len(data))
    assert frames.data_frames == len(sizes)


def test_many_frames_in_one_packet() -> None:
    frames = Frames()
    frames.feed(b"\x81\x02hi" * 1000 + b"\x81")
    assert frames.data_frames == 1000
    assert not frames.between
    frames.feed(b"\x00")
    assert frames.between


def test_a_close_frame() -> None:
    frames = Frames()
    frames.feed(close_frame(1008))
    assert frames.closed
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(close_frame(1008))
    (event,) = client.events()
    assert isinstance(event, CloseConnection)
    assert event.code == 1008
