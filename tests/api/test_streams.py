"""Streams: what an answer begins with, and places that are taken and given back."""

from __future__ import annotations

import pytest
from falcon.asgi import Response, SSEvent

from api.streams import AGAIN, Places, Stream, begin
from gateway.errors import TooMany


async def two() -> Stream:
    yield SSEvent(data=b"1")
    yield None


def test_nobody_on_the_way_holds_events_back() -> None:
    resp, stream = Response(), two()
    begin(resp, stream)
    assert resp.get_header("X-Accel-Buffering") == "no"
    assert resp.get_header("Cache-Control") == "no-cache"
    assert resp.sse is stream


async def test_a_place_is_held_as_long_as_the_stream_lasts() -> None:
    places = Places(1, "one is here already")
    places.check()
    stream = places.held(two())
    assert await anext(stream) is not None
    assert places.full
    with pytest.raises(TooMany, match="one is here already") as caught:
        places.check()
    assert caught.value.retry_after == AGAIN
    assert [event async for event in stream] == [None]
    assert not places.full


async def test_a_client_that_leaves_gives_its_place_back() -> None:
    places = Places(1, "one is here already")
    stream = places.held(two())
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    places.check()
