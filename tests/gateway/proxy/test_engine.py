"""mitmproxy's layer at work for one route; what it is used for is in `test_flows.py`."""

from __future__ import annotations

import pytest
from mitmproxy.connection import Client, ConnectionState, Server
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context

from gateway.proxy.engine import Engine
from gateway.proxy.mitm import Master
from gateway.proxy.passing import Ended

HEAD = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


def engine() -> Engine:
    client = Client(peername=("192.0.2.1", 1), sockname=("127.0.0.1", 2), state=ConnectionState.OPEN)
    return Engine(Context(client, Master().options), ("server:alice/", 1), ("127.0.0.1", 9))


def hooks(found: list[commands.Command]) -> list[commands.StartHook]:
    return [command for command in found if isinstance(command, commands.StartHook)]


def run_hooks(made: Engine, found: list[commands.Command]) -> list[commands.Command]:
    """Complete all hooks, until something else is wanted."""
    while waiting := hooks(found):
        found = [command for hook in waiting for command in made.completed(events.HookCompleted(hook))]
    return found


def test_one_flow_at_a_time() -> None:
    made = engine()
    assert not made.busy
    found = list(made.begin(("look",), HEAD))
    assert made.busy
    assert made.flow is not None
    assert made.flow.metadata == {"hubgate_addons": ["look"]}
    (connect,) = run_hooks(made, found)
    assert isinstance(connect, commands.OpenConnection)
    assert connect.connection.address == ("127.0.0.1", 9)
    assert made.servers == {connect.connection}


def test_a_connect_that_fails_is_not_mitmproxys_to_answer() -> None:
    made = engine()
    (connect,) = run_hooks(made, list(made.begin((), HEAD)))
    assert isinstance(connect, commands.OpenConnection)
    with pytest.raises(Ended) as caught:
        list(made.completed(events.OpenConnectionCompleted(connect, "timed out")))
    assert caught.value.refuse.status == 504


def test_a_closed_upstream_wears_it_out() -> None:
    made = engine()
    assert not made.worn
    server = Server(address=("127.0.0.1", 9))
    server.state = ConnectionState.OPEN
    made.servers.add(server)
    (close,) = made.shut(server)
    assert isinstance(close, commands.CloseConnection)
    assert made.worn
    assert made.servers == set()
    assert not server.connected


def test_a_wish_to_close_the_client_is_noted_and_not_done() -> None:
    made = engine()
    list(made.begin((), HEAD))
    found = list(made.closed(made._client))
    assert made.closed_client or not any(
        isinstance(command, commands.CloseConnection) and command.connection is made._client for command in found[:-1]
    )
