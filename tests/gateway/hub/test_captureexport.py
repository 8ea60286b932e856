"""Downloads: whole, in pieces, and no child stays."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader

from gateway.errors import TooMany
from gateway.hub import captureexport
from gateway.hub.recording import Recording
from tests.gateway.hub.test_recording import compact, made
from tests.gateway.hub.test_tape import end, message


async def filled(folder: Path) -> Recording:
    one = made(folder, 10_000_000)
    texts = [
        json.dumps({**json.loads(message("a-2", number)), "from_client": True, "text": True}) for number in range(450)
    ]
    one.take([compact(), compact(flow="a-2", websocket=True), *texts, end("a-2")], 0)
    await one.write()
    return one


async def test_an_archive(tmp_path: Path) -> None:
    text = b"".join([piece async for piece in captureexport.archive(await filled(tmp_path))])
    first, second = json.loads(text)["log"]["entries"]
    assert "_webSocketMessages" not in first
    assert [len(each["data"]) for each in second["_webSocketMessages"]] == list(range(450))


async def test_mitmproxys_file(tmp_path: Path) -> None:
    one = await filled(tmp_path)
    data = b"".join([piece async for piece in captureexport.mitmproxy(one)])
    first, second = FlowReader(io.BytesIO(data)).stream()
    assert isinstance(first, HTTPFlow)
    assert isinstance(second, HTTPFlow)
    assert second.websocket is not None
    assert len(second.websocket.messages) == 450


async def test_not_many_at_once_and_none_that_nobody_waits_for(tmp_path: Path) -> None:
    one = await filled(tmp_path)
    running = [captureexport.mitmproxy(one) for _ in range(captureexport.CHILDREN)]
    for each in running:
        await anext(each)
    with pytest.raises(TooMany):
        await anext(captureexport.mitmproxy(one))
    for each in running:
        await each.aclose()  # type: ignore[attr-defined]  # it is a generator
    assert captureexport._children == 0
    assert await anext(captureexport.archive(one))
