"""After a 101; most of it is in `test_express_upgrade.py`."""

from __future__ import annotations

from gateway.proxy.exchange import Exchange
from gateway.proxy.pipe import Pipe
from tests.gateway.proxy.playbook import Talk, get
from tests.gateway.proxy.test_express_upgrade import SWITCHED, UPGRADE
from tests.gateway.proxy.values import ORIGIN


def test_without_websocket_there_is_no_farewell() -> None:
    t = Talk()
    t.client(get("/user/alice/x"))
    assert isinstance(t.lane.exchange, Exchange)
    pipe = Pipe(t.lane, t.lane.exchange, t.upstream().connection, websocket=False)
    assert pipe.farewell(1008) == b""


def test_bytes_are_counted_both_ways() -> None:
    t = Talk()
    t.client(get("/user/alice/ws", *UPGRADE, f"Origin: {ORIGIN}"))
    t.upstream().send(SWITCHED)
    t.client(b"\x81\x80\x00\x00\x00\x00" * 10)
    t.upstream().send(b"\x81\x00" * 4)
    exchange = t.lane.exchange
    assert exchange is not None
    assert (exchange.received, exchange.sent) == (60, 8)


def test_after_the_servers_close_frame_there_is_no_second_one() -> None:
    t = Talk()
    t.client(get("/user/alice/ws", *UPGRADE, f"Origin: {ORIGIN}"))
    t.upstream().send(SWITCHED + b"\x88\x02\x03\xe8")
    assert t.lane.farewell(1001) == b""
