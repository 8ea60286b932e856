"""What a Jupyter server says of its kernels and terminals, and what is believed of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.hub import working
from gateway.hub.working import last_work, worked
from gateway.model import Launch, Profile, Server, Target

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("answer", "times"),
    [
        ([], []),
        ([{"execution_state": "busy"}, {"execution_state": "idle"}], [NOW]),
        ([{"execution_state": "idle", "last_activity": "2027-01-15T07:59:50Z"}], [NOW - 10]),
        ([{"name": "1", "last_activity": "2027-01-15T07:59:50.000000+00:00"}], [NOW - 10]),
        ([{"last_activity": "2999-01-01T00:00:00Z"}], [NOW]),  # nobody was at work tomorrow
        ([{"last_activity": "2027-01-15T07:59:50"}], [NOW - 10]),
        ({"execution_state": "busy"}, []),
        ([None, 1, "busy", [], {"last_activity": 5}, {"last_activity": "x" * 1000}, {"execution_state": ["busy"]}], []),
        (None, []),
    ],
)
def test_what_counts(answer: Any, times: list[float]) -> None:
    assert worked(answer, NOW) == times


@contextlib.asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[Launch, list[bytes]]]:
    heard: list[bytes] = []
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(left.pop(0))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    record = Server("alice", "", "ready", target=Target(f"http://127.0.0.1:{port}", "secret"))
    async with server:
        yield Launch(record, Profile("lab", "Lab", ("x",)), "/user/alice/", log_file=""), heard


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body


@pytest.mark.sockets
async def test_it_is_asked_for_both_with_its_secret() -> None:
    async with answering(ok(b'[{"execution_state": "busy"}]'), ok(b"[]")) as (launch, heard):
        assert await last_work(launch, NOW) == NOW
    assert [each.split(b" ")[1] for each in heard] == [b"/user/alice/api/kernels", b"/user/alice/api/terminals"]
    assert all(b"\r\nAuthorization: token secret\r\n" in each for each in heard)


@pytest.mark.sockets
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense",
        b"HTTP/1.1 404 Not Found\r\n\r\n[]",
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n",
        ok(b"<html>"),
        ok(b"[" * 100_000),
        ok(b'["' + b"x" * working.LONGEST + b'"]'),
        ok(b"\xff\xfe\x00"),
    ],
)
async def test_nonsense_is_no_work(answer: bytes) -> None:
    async with answering(answer, answer) as (launch, _):
        assert await last_work(launch, NOW) is None


@pytest.mark.sockets
async def test_an_answer_that_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "PATIENCE", 0.2)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        record = Server(
            "alice", "", "ready", target=Target(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "")
        )
        async with asyncio.timeout(5):
            assert await last_work(Launch(record, Profile("lab", "Lab", ("x",)), "/", log_file=""), NOW) is None
