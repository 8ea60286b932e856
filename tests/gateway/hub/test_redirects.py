"""Log-ins at a provider: the state is good once, soon, in one browser; all else is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.errors import Forbidden, HubgateError, NotFound, TooMany, Unavailable
from gateway.hookspecs import Arrival, Departure, LoginRequest
from gateway.hub import redirects as module
from gateway.hub.core import Hub
from gateway.hub.redirects import LIFETIME, STALE
from gateway.hub.sessions import NewSession
from gateway.model import Login, digest
from gateway.store import audit
from tests.gateway.hub.providers import VERIFIER, Script, opened
from tests.gateway.hub.world import World

REQUEST = LoginRequest("192.0.2.7", {})
CALLBACK = "http://hub.example/hub/auth/provider/callback"
BROWSER = "b" * 43


@pytest.fixture
async def hub(world: World, tmp_path: Path, script: Script) -> AsyncIterator[Hub]:
    hub = await opened(world, tmp_path)
    await hub.users.add("alice")
    yield hub
    await hub.close()


async def begin(hub: Hub, then: str = "", name: str = "provider") -> str:
    """The state that went to the provider."""
    url = await hub.entrances.redirects.begin(name, BROWSER, then, CALLBACK, REQUEST)
    (state,) = parse_qs(urlsplit(url).query)["state"]
    assert len(state) == 43
    return state


async def finish(hub: Hub, state: str, *browsers: str, name: str = "provider", **query: str) -> tuple[NewSession, str]:
    fields = {"code": "alice", "state": state, **query}
    return await hub.entrances.redirects.finish(name, fields, browsers or (BROWSER,), REQUEST, "Firefox")


async def refused(hub: Hub, state: str, *browsers: str, **more: str) -> HubgateError:
    with pytest.raises(HubgateError) as caught:
        await finish(hub, state, *browsers, **more)
    assert await hub.sessions.of_user("alice") == []
    return caught.value


async def test_there_and_back(hub: Hub, script: Script) -> None:
    new, then = await finish(hub, await begin(hub, "/hub/spawn"))
    assert then == "/hub/spawn"
    assert (new.session.user, new.session.authenticator, new.session.device) == ("alice", "provider", "Firefox")
    assert script.arrivals == [Arrival({"code": "alice"}, CALLBACK, {"verifier": VERIFIER})]
    assert (await hub.identities.resolve("session", digest(new.value)))[0]
    assert len(hub.entrances.redirects) == 0


@pytest.mark.parametrize("state", ["", "x" * 43, "\ud800"], ids=repr)
async def test_a_state_that_is_forged_or_missing(hub: Hub, script: Script, state: str) -> None:
    await begin(hub)
    assert (await refused(hub, state)).message == STALE
    assert script.arrivals == [], "the provider is not asked"
    (row, *_) = await hub.store(audit.listing)
    assert (row.action, row.detail) == ("login.refused", "192.0.2.7")


@pytest.mark.parametrize("browsers", [("c" * 43,), ("", "c" * 43)], ids=str)
async def test_the_state_of_another_browser(hub: Hub, script: Script, browsers: tuple[str, ...]) -> None:
    state = await begin(hub)
    assert (await refused(hub, state, *browsers)).message == STALE
    assert (await refused(hub, state)).message == STALE, "and now it is good for nobody"
    assert script.arrivals == []


async def test_a_browser_without_a_mark(hub: Hub) -> None:
    state = await begin(hub)
    with pytest.raises(Forbidden, match="begin again"):
        await hub.entrances.redirects.finish("provider", {"code": "alice", "state": state}, (), REQUEST, "")


async def test_a_browser_with_two_marks_of_which_one_is_right(hub: Hub) -> None:
    assert await finish(hub, await begin(hub), "c" * 43, BROWSER)


async def test_a_code_that_is_played_again(hub: Hub, script: Script) -> None:
    state = await begin(hub)
    new, _ = await finish(hub, state)
    await hub.sessions.log_out(digest(new.value))
    assert (await refused(hub, state)).message == STALE
    assert len(script.arrivals) == 1


async def test_a_refusal_uses_the_state_up_too(hub: Hub, script: Script) -> None:
    state = await begin(hub)
    script.finish = Forbidden("Not you.")
    assert (await refused(hub, state)).message == "Not you."
    script.finish = Login("alice")
    assert (await refused(hub, state)).message == STALE


async def test_one_that_took_too_long(hub: Hub, world: World) -> None:
    state = await begin(hub)
    world.now += LIFETIME + 1
    assert (await refused(hub, state)).message == STALE


async def test_the_state_of_another_provider(hub: Hub, script: Script) -> None:
    state = await begin(hub)
    assert (await refused(hub, state, name="other")).message == STALE
    assert script.arrivals == []


async def test_a_restart_costs_a_log_in_and_admits_nobody(
    world: World, hub: Hub, tmp_path: Path, script: Script
) -> None:
    state = await begin(hub)
    await hub.close()
    again = await opened(world, tmp_path)
    assert (await refused(again, state)).message == STALE
    assert script.arrivals == []
    assert (await finish(again, await begin(again)))[0].session.user == "alice"
    await again.close()


@pytest.mark.parametrize("name", ["mallory", "disabled"])
async def test_somebody_who_may_not_enter(hub: Hub, name: str, caplog: pytest.LogCaptureFixture) -> None:
    await hub.users.add("disabled")
    await hub.users.set_disabled("disabled", True)
    error = await refused(hub, await begin(hub), code=name)
    assert isinstance(error, Forbidden)
    assert name in error.message and "may not use this gateway" in error.message
    assert f"log-in of '{name}' from 192.0.2.7 by provider refused" in caplog.text


async def test_nobody_came_back(hub: Hub) -> None:
    state = await begin(hub)
    with pytest.raises(Forbidden, match="did not confirm"):
        await hub.entrances.redirects.finish(
            "provider", {"error": "access_denied", "state": state}, (BROWSER,), REQUEST, ""
        )


@pytest.mark.parametrize(
    "what",
    [ConnectionRefusedError("down"), "alice", Login("alice", admin=1), "hang"],
    ids=repr,  # type: ignore[arg-type]
)
async def test_a_provider_that_is_down_or_talks_nonsense(
    hub: Hub, script: Script, what: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "FINISH", 0.05)
    monkeypatch.setattr(module, "BEGIN", 0.05)
    state = await begin(hub)
    script.finish = what
    assert isinstance(await refused(hub, state, code="a-code-to-steal"), Unavailable)
    assert "authenticator provider failed (finish)" in caplog.text
    script.begin = what
    with pytest.raises(Unavailable):
        await begin(hub)
    assert len(hub.entrances.redirects) == 0
    for secret in (state, VERIFIER, "a-code-to-steal", *script.states):
        assert secret not in caplog.text


@pytest.mark.parametrize("url", ["/hub/home", "javascript:alert(1)", "https://u:p@x/"])
async def test_a_provider_that_sends_people_nowhere(hub: Hub, script: Script, url: str) -> None:
    script.begin = Departure(url)
    with pytest.raises(Unavailable):
        await begin(hub)


async def test_one_that_is_not_there(hub: Hub) -> None:
    for name in ("door", "nobody", ""):
        with pytest.raises(NotFound):
            await begin(hub, name=name)
        with pytest.raises(NotFound):
            await finish(hub, "x", name=name)


async def test_what_is_on_its_way_is_bounded(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PENDING", 3)
    states = [await begin(hub) for _ in range(4)]
    assert len(hub.entrances.redirects) == 3
    assert (await refused(hub, states[0])).message == STALE
    assert (await finish(hub, states[3]))[0]


async def test_an_address_may_begin_so_often(hub: Hub) -> None:
    with pytest.raises(TooMany) as caught:
        for _ in range(300):
            await begin(hub)
    assert caught.value.retry_after
    assert await hub.entrances.redirects.begin("provider", BROWSER, "", CALLBACK, LoginRequest("192.0.2.8", {}))
