"""The handler with real sockets: bounded, without deadlock, and nothing left behind."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from gateway.proxy.credentials import Credential
from gateway.proxy.frames import close_frame
from gateway.proxy.handler import WRITE_TIMEOUT, Handler
from gateway.proxy.wire import HIGH_WATER
from tests.gateway.proxy.plant import Plant, head_of, plant
from tests.gateway.proxy.playbook import bearer, get, response, status
from tests.gateway.proxy.test_express_upgrade import SWITCHED, UPGRADE
from tests.gateway.proxy.values import ORIGIN, OWN_TOKEN, server

MEGA = 1_000_000


async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        await head_of(reader)
        writer.write(response(body=b"hello"))


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await head_of(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (30 * MEGA))
    for _ in range(30):
        writer.write(b"x" * MEGA)
        await writer.drain()


async def switched(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await head_of(reader)
    writer.write(SWITCHED)


async def both_ways(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends 30 MB and reads 30 MB, neither waiting for the other."""
    await switched(reader, writer)

    async def send() -> None:
        for _ in range(30):
            writer.write(b"\x82\x7e\x03\xe8" + b"y" * 1000 + b"\x82\x7f" + (MEGA).to_bytes(8) + b"z" * MEGA)
            await writer.drain()

    sending = asyncio.create_task(send())
    await reader.readexactly(30 * MEGA)
    await sending


async def echo_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await switched(reader, writer)
    await reader.read()


def known(made: Plant) -> None:
    made.talk.replica.keep(Credential("token", OWN_TOKEN.digest), OWN_TOKEN, 1, made.talk.now)


def no_tasks(handler: Handler) -> bool:
    return not handler._tasks and not handler._connects and not handler.wires


async def test_a_request_and_its_end(tmp_path: Path) -> None:
    async with plant(tmp_path, hello) as p:
        handler, reader, writer = await p.connect()
        for _ in range(3):
            writer.write(get())
            assert status(await head_of(reader)) == 200
            assert await reader.readexactly(5) == b"hello"
        assert len(p.upstreams) == 1
        assert not handler._tasks  # nothing runs while nothing is waited for
        writer.close()
        await p.quiet()
        assert no_tasks(handler)
        assert handler.layer.over


async def test_an_upstream_that_is_not_there(tmp_path: Path) -> None:
    async with plant(tmp_path, hello) as p:
        (tmp_path / "upstream.sock").unlink()
        _, reader, writer = await p.connect()
        writer.write(get())
        assert status(await head_of(reader)) == 503


async def test_a_client_that_does_not_read_fills_no_memory(tmp_path: Path) -> None:
    async with plant(tmp_path, flood) as p:
        handler, reader, writer = await p.connect()
        reader._limit = 1  # type: ignore[attr-defined]  # asyncio's own buffer must not help
        writer.write(get())
        await asyncio.sleep(0.3)
        waiting = handler.client_wire.transport.get_write_buffer_size()
        assert 0 < waiting < MEGA
        assert all(wire.held for wire in handler.wires.values() if wire is not handler.client_wire)
        got = 0
        while got < 30 * MEGA:
            got += len(await reader.read(MEGA))
        assert not handler.client_wire.blocked


async def test_a_client_that_takes_nothing_is_dropped(tmp_path: Path) -> None:
    """Attack 17: also one that is being cut off."""
    async with plant(tmp_path, flood) as p:
        handler, reader, writer = await p.connect()
        reader._limit = 1  # type: ignore[attr-defined]
        writer.write(get())
        async with asyncio.timeout(5):
            while not handler.client_wire.blocked:
                await asyncio.sleep(0.01)
        handler.tick(1000)
        handler.tick(1000 + WRITE_TIMEOUT)
        assert p.edge.connections
        handler.tick(1001 + WRITE_TIMEOUT)
        await p.quiet()
        assert no_tasks(handler)


async def test_both_ways_at_once_without_a_deadlock(tmp_path: Path) -> None:
    """mitmproxy's own handler stops for ever at 11.7 MB of this."""
    async with plant(tmp_path, both_ways) as p:
        _, reader, writer = await p.connect()
        writer.write(get("/user/alice/ws", *UPGRADE, f"Origin: {ORIGIN}"))
        await head_of(reader)

        async def send() -> None:
            for _ in range(30):
                writer.write(b"x" * MEGA)
                await writer.drain()

        async with asyncio.timeout(20):
            sending = asyncio.create_task(send())
            got = 0
            while got < 30 * (1004 + MEGA + 10):
                got += len(await reader.read(MEGA))
            await sending


async def test_an_upload_waits_for_an_upstream_that_does_not_read(tmp_path: Path) -> None:
    async def lazy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        await asyncio.sleep(0.4)
        await reader.readexactly(20 * MEGA)
        writer.write(response())

    async with plant(tmp_path, lazy) as p:
        known(p)
        handler, reader, writer = await p.connect()
        writer.write(bearer("PUT /user/alice/file", f"Content-Length: {20 * MEGA}"))
        sending = asyncio.create_task(_send(writer, 20))
        await asyncio.sleep(0.3)
        assert handler.client_wire.held
        waiting = sum(wire.transport.get_write_buffer_size() for wire in handler.wires.values())
        assert waiting < MEGA
        await sending
        assert status(await head_of(reader)) == 200
        assert not handler.client_wire.held


async def _send(writer: asyncio.StreamWriter, times: int) -> None:
    for _ in range(times):
        writer.write(b"x" * MEGA)
        await writer.drain()


async def test_a_cut_websocket_gets_a_close_frame_and_then_nothing(tmp_path: Path) -> None:
    async with plant(tmp_path, echo_nothing) as p:
        _, reader, writer = await p.connect()
        writer.write(get("/user/alice/ws", *UPGRADE, f"Origin: {ORIGIN}"))
        await head_of(reader)
        (exchange,) = p.talk.desk.live
        before = asyncio.get_running_loop().time()
        p.edge.cut(exchange)
        p.edge.cut(exchange)
        assert await reader.readexactly(4) == close_frame(1008)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        assert 0.2 < asyncio.get_running_loop().time() - before < 1
        await p.quiet()
        assert len(p.talk.desk.live) == 0
        assert '"status":101' in p.talk.book.lines[0]


async def test_a_request_in_flight_is_cut_at_once(tmp_path: Path) -> None:
    async with plant(tmp_path, flood) as p:
        _, reader, writer = await p.connect()
        writer.write(get())
        await head_of(reader)
        (exchange,) = p.talk.desk.live
        p.edge.cut(exchange)
        await p.quiet()
        assert len(p.talk.desk.live) == 0


async def test_what_was_under_way_comes_too_late_for_a_cut_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 17: the lane waits for a connect, which succeeds while the client has its last moment."""
    seen = b""

    async def keep(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        nonlocal seen
        seen += await reader.read()

    async with plant(tmp_path, keep) as p:
        dial, go_on = p.edge.dial, asyncio.Event()

        async def slow(handler: Handler, connection: Any) -> None:
            await go_on.wait()
            await dial(handler, connection)

        monkeypatch.setattr(p.edge, "dial", slow)
        handler, reader, writer = await p.connect()
        writer.write(get())
        await asyncio.sleep(0.05)
        assert len(p.talk.desk.live) == 1
        handler.cut(b"last words")
        go_on.set()
        assert await reader.read() == b"last words"
        await p.quiet()
    assert seen == b""


async def test_a_client_that_leaves_ends_a_connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled = asyncio.Event()

    async def never(*_: Any) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with plant(tmp_path, hello) as p:
        monkeypatch.setattr(p.edge, "dial", never)
        handler, _, writer = await p.connect()
        writer.write(get())
        await asyncio.sleep(0.05)
        writer.close()
        await asyncio.sleep(0.05)
        assert not cancelled.is_set()  # it may have said all and be waiting
        p.talk.now += 16
        handler.tick(p.talk.now)
        await asyncio.wait_for(cancelled.wait(), 1)
        await p.quiet()
        await asyncio.sleep(0)
        assert no_tasks(handler)


async def test_a_connect_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("gateway.proxy.handler.CONNECT_TIMEOUT", 0.05)
    async with plant(tmp_path, hello) as p:
        monkeypatch.setattr(p.edge, "dial", never)
        _, reader, writer = await p.connect()
        writer.write(get())
        assert status(await head_of(reader)) == 504


async def test_a_bug_closes_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with plant(tmp_path, hello) as p:
        handler, reader, writer = await p.connect()
        monkeypatch.setattr(p.talk.desk, "replica", None)
        with caplog.at_level(logging.ERROR):
            writer.write(get())
            await reader.read()
        assert "has failed" in caplog.text
        await p.quiet()
        assert no_tasks(handler)


async def test_draining(tmp_path: Path) -> None:
    async with plant(tmp_path, hello) as p:
        handler, reader, _ = await p.connect()
        handler.drain()
        assert await reader.read() == b""
        await p.quiet()


async def test_an_answer_is_not_eaten_by_a_reset(tmp_path: Path) -> None:
    async with plant(tmp_path, hello) as p:
        known(p)
        _, reader, writer = await p.connect()
        writer.write(bearer("PUT /user/bob/file", f"Content-Length: {100 * MEGA}"))
        sending = asyncio.create_task(_send(writer, 1))
        assert status(await head_of(reader)) == 403
        await sending
        await reader.read()
        writer.close()
        await p.quiet()


async def test_who_takes_no_answers_is_asked_no_more(tmp_path: Path) -> None:
    """Attacks 36, 37: requests by the thousand that are answered from memory, and a client that does not read."""
    async with plant(tmp_path, hello) as p:
        p.talk.replica.table = p.talk.replica.table.changed(put=[server("alice", state="stopped", url="")])
        handler, reader, writer = await p.connect()
        count = 20_000
        sending = asyncio.create_task(_send_all(writer, get("/user/alice/api/status") * count))
        for _ in range(100):
            await asyncio.sleep(0.005)
        assert handler.client_wire.blocked
        assert handler.client_wire.held
        assert handler.client_wire.transport.get_write_buffer_size() < HIGH_WATER + 20_000
        answers = 0
        while answers < count:
            answers += (await asyncio.wait_for(reader.read(MEGA), 5)).count(b"X-Request-Id")
        await sending


async def _send_all(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def test_many_requests_at_once_leave_others_their_turn(tmp_path: Path) -> None:
    async with plant(tmp_path, hello) as p:
        handler, reader, writer = await p.connect()
        writer.write(get("/user/alice/x") + get("/hub/health?worker=1") * 400)
        turns = 0
        await reader.readuntil(b"hello")
        while handler.layer.inbox:
            turns += 1
            await asyncio.sleep(0)
        assert turns >= 400 / 4 / 2
