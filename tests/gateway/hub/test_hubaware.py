"""What a hub-aware server is given, and when it is taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import BadInput
from gateway.hub import starts
from gateway.hub.core import Hub
from gateway.hub.profiles import of_record
from gateway.hub.shares import Wish
from gateway.model import Launch, Server, Target, digest
from gateway.settings import Settings
from gateway.store import oauth
from tests.gateway.hub import world as worlds
from tests.gateway.hub.world import World, a_hub, settings

CLIENT = "jupyterhub-user-alice"


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    given = settings(tmp_path)
    profile = given.profiles[0].model_copy(
        update={"auth": "jupyterhub", "oauth_client_allowed_scopes": ("access:servers!server", "read:users!user")}
    )
    return given.model_copy(update={"profiles": (profile,)})


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> list[Launch]:
    """What the spawner got to start."""
    seen: list[Launch] = []
    spawner = worlds.Scripted
    start = spawner.start

    async def remembered(self: object, launch: Launch, report: object) -> Target:
        seen.append(launch)
        return await start(self, launch, report)  # type: ignore[arg-type]

    monkeypatch.setattr(spawner, "start", remembered)
    return seen


async def started(hub: Hub) -> Server:
    await hub.servers.start("alice")
    return await hub.servers.wait("alice", timeout=5)


async def test_it_gets_a_token_that_may_tell_activity_and_who_may_come(hub: Hub, launches: list[Launch]) -> None:
    server = await started(hub)
    (launch,) = launches
    value = launch.env["JUPYTERHUB_API_TOKEN"]
    identity, _ = await hub.identities.resolve("token", digest(value))
    assert identity is not None
    assert identity.scopes == {
        "access:servers!server=alice/",
        "users:activity!user=alice",
        "read:users:activity!user=alice",
        "read:users:groups!user=alice",
        "read:users:name!user=alice",
    }
    client = await hub.store(oauth.client, CLIENT)
    assert client is not None
    assert (client.secret, client.redirect_uri) == (digest(value), "/user/alice/oauth_callback")
    assert client.scopes == ("access:servers!server=alice/", "read:users!user")
    assert value not in repr(server)
    (token,) = await hub.tokens.of_user("alice")
    assert token.note == "Server at /user/alice/"
    assert "token" not in launch.profile.env


async def test_at_its_stop_token_and_client_are_gone(hub: Hub, launches: list[Launch]) -> None:
    await started(hub)
    await hub.servers.stop("alice")
    await hub.servers.stopped("alice", timeout=5)
    assert await hub.store(oauth.client, CLIENT) is None
    assert await hub.tokens.of_user("alice") == []
    await started(hub)
    first, second = (launch.env["JUPYTERHUB_API_TOKEN"] for launch in launches)
    assert first != second
    assert len(await hub.tokens.of_user("alice")) == 1


async def test_a_start_that_fails_leaves_none_either(hub: Hub, world: World) -> None:
    world.behaviour["start"] = "fail"
    await started(hub)
    assert await hub.store(oauth.client, CLIENT) is None
    assert await hub.tokens.of_user("alice") == []


async def test_the_next_hub_finds_both(hub: Hub, world: World, chosen: Settings, launches: list[Launch]) -> None:
    await started(hub)
    await hub.close()
    async with a_hub(world, chosen) as later:
        value = launches[0].env["JUPYTERHUB_API_TOKEN"]
        identity, _ = await later.identities.resolve("token", digest(value))
        assert identity is not None
        assert await later.store(oauth.client, CLIENT) is not None


async def test_one_that_resumes_keeps_its_token_and_says_so(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, launches: list[Launch]
) -> None:
    monkeypatch.setattr(worlds.Scripted, "will_resume", True)
    await started(hub)
    kept = launches[0].env["JUPYTERHUB_API_TOKEN"]
    await hub.servers.stop("alice")
    await hub.servers.stopped("alice", timeout=5)
    assert (await hub.identities.resolve("token", digest(kept)))[0] is not None
    start = worlds.Scripted.start

    async def resumed(self: object, launch: Launch, report: object) -> Target:
        return replace(await start(self, launch, report), api_token=kept)  # type: ignore[arg-type]

    monkeypatch.setattr(worlds.Scripted, "start", resumed)
    await started(hub)
    unused = launches[-1].env["JUPYTERHUB_API_TOKEN"]
    assert unused != kept
    assert (await hub.identities.resolve("token", digest(unused)))[0] is None
    assert (await hub.identities.resolve("token", digest(kept)))[0] is not None
    client = await hub.store(oauth.client, CLIENT)
    assert client is not None
    assert client.secret == digest(kept)


async def test_a_server_whose_profile_is_gone_is_still_hub_aware(hub: Hub, launches: list[Launch]) -> None:
    server = await started(hub)
    assert of_record((), server).auth == "jupyterhub"


async def test_it_is_shared_as_a_whole_however_it_stands(hub: Hub, launches: list[Launch]) -> None:
    """It would not let such a guest in, who has no scope of its owner's to show."""
    made = await hub.servers.make(starts.Wish("alice", "made"))
    await started(hub)
    await hub.servers.stop("alice")
    await hub.servers.stopped("alice")
    for name in (made.name, ""):
        for wish in (Wish(path="lab"), Wish(path="lab", handler="view"), Wish(handler="view")):
            with pytest.raises(BadInput, match="as a whole"):
                await hub.shares.create("alice", name, wish)
        assert (await hub.shares.create("alice", name, Wish())).path == ""


async def test_its_route_names_its_client(hub: Hub, launches: list[Launch]) -> None:
    await started(hub)
    route = hub.routes.table.by_id["server:alice/"]
    assert (route.auth, route.client, route.secret) == ("jupyterhub", CLIENT, "")
