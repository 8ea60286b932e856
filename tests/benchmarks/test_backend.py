"""The backend's frames: taken whole, however they arrive."""

from __future__ import annotations

import pytest

from tests.benchmarks.backend import frame_head, take_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_a_frame_is_taken_whole(size: int) -> None:
    frame = frame_head(0x82, size, 0x80) + bytes(4) + bytes(size)
    buffer = bytearray(frame + b"next")
    assert take_frame(buffer) == (0x82, bytes(size))
    assert buffer == b"next"


@pytest.mark.parametrize("size", [3, 300, 70000])
def test_an_incomplete_one_waits(size: int) -> None:
    frame = frame_head(0x81, size, 0x80) + bytes(4) + bytes(size)
    for cut in (0, 1, 2, 5, len(frame) - 1):
        buffer = bytearray(frame[:cut])
        assert take_frame(buffer) is None
        assert buffer == frame[:cut]


def test_masks_are_undone() -> None:
    mask = b"\x01\x02\x03\x04"
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(b"hello"))
    assert take_frame(bytearray(b"\x81\x85" + mask + masked)) == (0x81, b"hello")
