"""Bodies are found to their last byte, however they are cut into packets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.bodies import LAST_CHUNK, BadBody, Chunked, Empty, Sized, UntilClose, chunk


def taken(body: Chunked, data: bytes, size: int) -> tuple[bytes, bytes]:
    """Feed `data` in packets of `size`; gives the body and what followed it."""
    out = rest = b""
    for start in range(0, len(data), size):
        packet = data[start : start + size]
        if body.done:
            rest += packet
            continue
        part, rest = body.take(packet)
        out += part
    return out, rest


def test_no_body() -> None:
    assert Empty().take(b"next") == (b"", b"next")
    assert Empty().done


def test_by_length() -> None:
    body = Sized(5)
    assert body.take(b"abc") == (b"abc", b"")
    assert not body.done
    assert body.take(b"denext") == (b"de", b"next")
    assert body.done


def test_until_the_end() -> None:
    body = UntilClose()
    assert body.take(b"abc") == (b"abc", b"")
    body.finish()
    assert body.done


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(1, 50), st.sampled_from([b"", b"X-T: 1\r\n"])
)
def test_chunks_come_out_as_they_went_in(parts: list[bytes], size: int, trailers: bytes) -> None:
    """Body and what follows are found, whatever the packets are."""
    data = b"".join(map(chunk, parts)) + LAST_CHUNK[:3] + trailers + b"\r\n" + b"GET /next"
    body = Chunked()
    assert taken(body, data, size) == (b"".join(parts), b"GET /next")
    assert body.done


def test_extensions_and_trailers_are_dropped() -> None:
    assert taken(Chunked(), b'3;a="b"\r\nabc\r\n0;x\r\nA: b\r\nX-Hubgate-User: c\r\n\r\nrest', 1000) == (
        b"abc",
        b"rest",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"zz\r\n",
        b"+3\r\nabc\r\n", b"0x3\r\nabc\r\n", b"3\nabc\r\n", b"3 \r\nabc\r\n", b"3\r\nabcd\r\n", b"3\r\nabc\n0\r\n\r\n",
        b"\r\n", b"1" * 16 + b"\r\n", b"3;\x00\r\nabc", b"3;" + b"x" * 1100 + b"\r\n", b"3" + b";x" * 600,
        b"0\r\n" + b"X: " + b"y" * 20_000, b"0\r\n" + b"X: y\r\n" * 4000,
        (b"1;" + b"x" * 900 + b"\r\na\r\n") * 80,
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1000000, 7])
def test_broken_chunks(data: bytes, size: int) -> None:
    with pytest.raises(BadBody):
        taken(Chunked(), data, size)
