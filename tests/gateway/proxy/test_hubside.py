"""What the hub says takes effect on what is open."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.channel.messages import (
    Answer,
    Ask,
    Beat,
    FromWorker,
    Invalidate,
    RoutesChanged,
    SigningKey,
    Snapshot,
    Welcome,
)
from gateway.errors import ChannelError
from gateway.model import Identity
from gateway.proxy.asks import Asks
from gateway.proxy.exchange import Exchange
from gateway.proxy.hubside import HubSide
from tests.gateway.proxy.playbook import HUB_ROUTES, Talk, get
from tests.gateway.proxy.values import ME, NOW, server, user

KEY = (
    Ed25519PrivateKey.generate()
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
ROUTES = (*HUB_ROUTES, server("alice"), server("bob"))


class Scene:
    """A worker with alice's request in flight, and a hub that answers with `identity`."""

    def __init__(self, identity: Identity | None = ME) -> None:
        self.identity = identity
        self.revision = 100
        self.there = True
        self.cut: list[str] = []
        self.said: list[FromWorker] = []
        self.asked: list[Ask] = []
        self.complete = 0
        self.talk = Talk(known=[user(revision=1, expires_at=NOW + 1000)])
        desk = self.talk.desk
        self.asks = Asks(desk.replica, self.take, desk.clock)
        self.side = HubSide(
            desk,
            self.asks,
            worker="1",
            issuer="http://x/",
            cut=self.note,
            complete=self.completed,
            send=self.say,
        )
        self.talk.client(get())
        assert len(desk.live) == 1

    def say(self, message: FromWorker) -> bool:
        self.said.append(message)
        return True

    def take(self, ask: Ask) -> bool:
        self.asked.append(ask)
        if self.there:
            asyncio.get_running_loop().call_soon(self.side.receive, Answer(ask.id, self.identity, self.revision))
        return self.there

    def note(self, exchange: Exchange) -> None:
        self.cut.append(exchange.id)

    def completed(self) -> None:
        self.complete += 1

    async def push(self, message: Any) -> None:
        self.side.receive(message)
        for _ in range(8):
            await asyncio.sleep(0)


async def test_a_revoked_user_is_cut_off() -> None:
    scene = Scene(identity=None)
    await scene.push(Invalidate(1, 100, owners=("user:alice",)))
    assert len(scene.cut) == 1


async def test_who_may_stay_stays() -> None:
    scene = Scene(identity=user(expires_at=NOW + 9999))
    await scene.push(Invalidate(1, 100, owners=("user:alice",)))
    assert scene.cut == []
    assert len(scene.asked) == 1
    assert scene.talk.desk.live.expired(NOW + 2000) == []


async def test_who_lost_the_right_is_cut_off() -> None:
    scene = Scene(identity=user("alice", "a" * 43, "access:servers!server=alice/other"))
    await scene.push(Invalidate(1, 100, digests=(ME.digest,)))
    assert len(scene.cut) == 1


async def test_strangers_changes_ask_nothing() -> None:
    scene = Scene(identity=None)
    await scene.push(Invalidate(1, 100, owners=("user:bob",)))
    assert scene.asked == []


async def test_a_route_that_leads_elsewhere_is_left_at_once() -> None:
    scene = Scene()
    await scene.push(RoutesChanged(1, put=(server("bob", generation=3), server("alice", message="new words"))))
    assert scene.cut == []
    await scene.push(RoutesChanged(2, put=(server("alice", state="stopping", url=""),)))
    assert len(scene.cut) == 1


async def test_a_route_that_is_gone() -> None:
    scene = Scene()
    await scene.push(RoutesChanged(1, drop=("server:alice/",)))
    assert len(scene.cut) == 1


async def test_after_a_gap_everything_open_is_judged_again() -> None:
    scene = Scene(identity=None)
    scene.side.lost()
    await scene.push(Welcome("new", 7, False, KEY, "k"))
    await scene.push(Snapshot(ROUTES, last=True))
    assert scene.complete == 1
    assert len(scene.cut) == 1
    assert scene.talk.desk.signer is not None
    assert scene.side.hello().boot == "new"
    assert scene.side.hello().seq == 7


async def test_what_could_not_be_asked_is_asked_when_the_hub_is_back() -> None:
    """Attack 16: revoked, and the hub crashes before it is asked."""
    scene = Scene(identity=None)
    scene.there = False
    await scene.push(Invalidate(1, 100, owners=("user:alice",)))
    assert scene.cut == []
    scene.side.lost()
    scene.there = True
    await scene.push(Welcome("boot", 1, True, KEY, "k"))
    assert len(scene.cut) == 1


async def test_time_ends_it_with_the_hub_away() -> None:
    """Attack 18."""
    scene = Scene()
    scene.side.lost()
    scene.side.sweep(NOW + 999)
    assert scene.cut == []
    scene.side.sweep(NOW + 1000)
    assert len(scene.cut) == 1


async def test_the_grace_ends() -> None:
    scene = Scene()
    scene.talk.replica.grace = 10
    scene.side.lost()
    scene.side.sweep(NOW + 9)
    assert scene.cut == []
    scene.side.sweep(NOW + 11)
    assert len(scene.cut) == 1


async def test_a_stream_that_makes_no_sense() -> None:
    scene = Scene()
    with pytest.raises(ChannelError):
        scene.side.receive(Invalidate(5, 100))
    with pytest.raises(ChannelError):
        scene.side.receive(RoutesChanged(9))
    with pytest.raises(ChannelError):
        scene.side.receive(Welcome("b", 1, False, "no key", "k"))
    scene.side.receive(Beat())


async def test_a_new_key_signs_from_now_on() -> None:
    scene = Scene()
    desk = scene.talk.desk
    scene.side.receive(Welcome("boot", 0, True, KEY, "first"))
    before = desk.signer
    await scene.push(SigningKey(1, KEY, "second"))
    assert before and desk.signer and desk.signer is not before
    token = desk.signer.token(ME, server("alice"), NOW)
    assert jwt.get_unverified_header(token)["kid"] == "second"
    assert desk.replica.seq == 1
    with pytest.raises(ChannelError):
        scene.side.receive(SigningKey(3, KEY, "a gap"))


async def test_a_grant_ends_by_itself_with_the_hub_away() -> None:
    """Only what stood on it is cut; the guest's other requests go on without being asked anything."""
    grant = "access:servers!server=alice/"
    for scopes, cut in ((("users:activity", grant), 1), (("self", grant), 0)):
        scene = Scene()
        (exchange,) = scene.talk.desk.live
        forward = exchange.forward
        assert forward is not None
        guest = user("alice", "a" * 43, *scopes, lapses=((grant, NOW + 10),))
        scene.talk.desk.live.renew(exchange, replace(forward, identity=guest))
        scene.side.lost()
        scene.side.sweep(NOW + 9)
        assert scene.cut == []
        scene.talk.now = NOW + 10
        scene.side.sweep(NOW + 10)
        assert len(scene.cut) == cut
        scene.side.sweep(NOW + 11)
        assert len(scene.cut) == cut + cut, "what goes on is not looked at again"
        assert scene.asked == []


async def test_a_heartbeat_goes_back_as_it_came() -> None:
    scene = Scene()
    await scene.push(Beat())
    await scene.push(Beat(12.5))
    assert scene.said == [Beat(12.5)]
