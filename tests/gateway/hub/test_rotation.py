"""A new key signs at once, the one before is known until its tokens are over."""

from __future__ import annotations

import json

import pytest

from gateway.channel.messages import Hello, SigningKey, decode_from_hub
from gateway.hub import rotation
from gateway.hub.core import Hub
from gateway.hub.rotation import EVERY, OVERLAP
from gateway.proxy.identitytoken import LIFETIME
from gateway.settings import Settings
from gateway.store import audit, keys
from tests.gateway.hub.world import World, a_hub, eventually


def published(hub: Hub) -> list[str]:
    return [key["kid"] for key in hub.keys.jwks()["keys"]]


def test_old_keys_are_published_longer_than_tokens_live() -> None:
    assert OVERLAP >= 2 * LIFETIME


async def test_a_new_key_goes_to_every_worker_and_the_old_one_stays_published(hub: Hub) -> None:
    link = hub.workers.join(Hello("1", 1), hub.routes.table, (hub.keys.signing_key, hub.keys.signing_key_id), 0.0)
    old = hub.keys.signing_key_id
    new = await hub.rotation.rotate(by="user:root")
    await eventually(lambda: hub.keys.signing_key_id == new)
    assert published(hub) == [new, old]
    frames: list[str] = [frame for frame, _ in link.outbox._frames]
    (push,) = [m for frame in frames if isinstance(m := decode_from_hub(frame), SigningKey)]
    assert (push.signing_key, push.signing_key_id) == (hub.keys.signing_key, new)
    entry = (await hub.store(audit.listing))[0]
    assert (entry.actor, entry.action) == ("user:root", "keys.rotate")


async def test_another_process_may_rotate(hub: Hub, world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen, start=False) as command:
        new = await command.rotation.rotate()
    await eventually(lambda: hub.keys.signing_key_id == new)


async def test_all_are_known_after_a_restart(world: World, chosen: Settings) -> None:
    async with a_hub(world, chosen) as hub:
        old = hub.keys.signing_key_id
        new = await hub.rotation.rotate()
    async with a_hub(world, chosen, start=False) as hub:
        assert published(hub) == [new, old]


async def test_housekeeping_renews_an_old_key_and_drops_what_is_over(hub: Hub, world: World) -> None:
    first = hub.keys.signing_key_id
    world.now += EVERY - 1
    await hub.rotation.tidy()
    assert published(hub) == [first]
    world.now += 1
    await hub.rotation.tidy()
    await eventually(lambda: len(published(hub)) == 2)
    second = hub.keys.signing_key_id
    world.now += hub.settings.gateway.hub_grace + OVERLAP
    await hub.rotation.tidy()
    assert published(hub) == [second, first]
    world.now += 1
    await hub.rotation.tidy()
    assert published(hub) == [second]
    assert len(json.dumps(hub.keys.jwks())) > 10


async def test_a_database_that_is_away_is_asked_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "AGAIN", 0.01)
    tries: list[int] = []

    def broken(db: object) -> None:
        tries.append(1)
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(keys, "signing", broken)
        new = await hub.rotation.rotate()
        await eventually(lambda: len(tries) > 2)
    await eventually(lambda: hub.keys.signing_key_id == new)
