"""Accepting connections: mitmproxy's server instance with our sockets and our handler."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from mitmproxy.proxy.mode_specs import ProxyMode

from gateway import listen
from gateway.proxy.server import MODE, Arrival, HubgateInstance, HubgateMode, plain
from tests.gateway.proxy.plant import head_of, plant
from tests.gateway.proxy.playbook import get, response, status


def test_the_mode() -> None:
    assert isinstance(ProxyMode.parse("hubgate"), HubgateMode)
    assert MODE.type_name == "hubgate"
    with pytest.raises(ValueError, match="no arguments"):
        ProxyMode.parse("hubgate:x")


@pytest.mark.parametrize(
    ("address", "expected"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("::1", "::1")],
)
def test_addresses_are_plain(address: str, expected: str) -> None:
    assert plain(address) == expected


class Gone:
    aborted = False

    def get_extra_info(self, name: str) -> None:
        return None

    def abort(self) -> None:
        self.aborted = True


def test_a_client_that_is_gone_before_it_came() -> None:
    transport = Gone()
    Arrival(lambda context: pytest.fail("no handler is needed")).connection_made(transport)  # type: ignore[arg-type]
    assert transport.aborted


@pytest.mark.sockets
async def test_connections_are_taken_until_it_stops(tmp_path: Path) -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got = await head_of(reader)
        assert b"X-Forwarded-For: 127.0.0.1" in got
        writer.write(response(body=b"hello"))
        await reader.read()

    async with plant(tmp_path, hello) as p:
        (listener,) = listen.open_all(["127.0.0.1:0"])
        place = listener.getsockname()
        instance = HubgateInstance([listener], p.edge.welcome)
        await instance.start()
        assert instance.is_running
        reader, writer = await asyncio.open_connection(*place)
        writer.write(get())
        assert status(await head_of(reader)) == 200
        (handler,) = p.edge.connections.values()
        assert handler.client.peername == writer.get_extra_info("sockname")
        await instance.stop()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*place)
        assert await reader.readexactly(5) == b"hello"  # who is in stays in
        writer.close()
        await writer.wait_closed()
