from __future__ import annotations

import re

import pytest

from gateway.errors import TooMany
from gateway.hub.core import Hub
from tests.api.person import Person, proof


def chosen(text: str) -> list[str]:
    return re.findall(r'name="profile" value="(\w+)" required checked', text)


async def test_it_shows_and_starts_nothing(alice: Person, hub: Hub) -> None:
    for path in (
        "hub/spawn",
        "hub/spawn?opt-profile=slow",
        "hub/spawn/alice?profile=quick&start=1",
        "hub/spawn/alice/gpu",
    ):
        page = await alice.page(path)
        assert page.status_code == 200
        assert page.text.count('<button class="primary">') == 1
    assert not hub.servers.active()
    assert len(await hub.servers.of_user("alice")) == 1


async def test_the_choice(alice: Person, hub: Hub) -> None:
    page = await alice.page("hub/spawn")
    assert re.findall(r'name="profile" value="(\w+)"', page.text) == ["quick", "slow", "bad"]
    assert "Quick &amp; &lt;b&gt;bold" in page.text
    assert chosen(page.text) == ["quick"]
    assert chosen((await alice.page("hub/spawn?opt-profile=slow")).text) == ["slow"]
    assert chosen((await alice.page("hub/spawn?opt-profile=secret")).text) == ["quick"]
    await hub.servers.start("alice", "", "bad")
    await hub.servers.stopped("alice", "", 5)
    assert chosen((await alice.page("hub/spawn")).text) == ["bad"]


async def test_start(alice: Person, hub: Hub) -> None:
    result = await alice.submit("hub/spawn", {"profile": "quick"})
    assert (result.status_code, result.headers["Location"]) == (302, "/hub/spawn-pending/alice")
    assert (await hub.servers.wait("alice", "", 5)).state == "ready"
    result = await alice.submit("hub/spawn/alice/gpu", {"profile": "slow", "next": "/user/alice/gpu/lab?x=1"})
    assert result.headers["Location"] == "/hub/spawn-pending/alice/gpu?next=%2Fuser%2Falice%2Fgpu%2Flab%3Fx%3D1"


async def test_without_a_profile_the_default_starts(alice: Person, hub: Hub) -> None:
    assert (await alice.submit("hub/spawn", {})).status_code == 302
    assert (await hub.servers.wait("alice", "", 5)).profile == "quick"


async def test_a_running_server_is_opened(alice: Person, hub: Hub) -> None:
    await hub.servers.start("alice", "", "quick")
    await hub.servers.wait("alice", "", 5)
    assert (await alice.page("hub/spawn")).headers["Location"] == "/user/alice/"
    assert (await alice.page("hub/spawn?next=/user/alice/lab")).headers["Location"] == "/user/alice/lab"
    assert (await alice.page("hub/spawn?next=//evil")).headers["Location"] == "/user/alice/"


async def test_pressed_twice(alice: Person, hub: Hub) -> None:
    key = proof(await alice.page("hub/spawn"))
    for _ in range(2):
        result = await alice.post("hub/spawn", {"profile": "slow", "_xsrf": key})
        assert (result.status_code, result.headers["Location"]) == (302, "/hub/spawn-pending/alice")
    assert (await alice.page("hub/spawn?next=/a")).headers["Location"] == "/hub/spawn-pending/alice?next=%2Fa"
    assert len(hub.servers.active()) == 1


@pytest.mark.parametrize("profile", ["nothing", "secret", "<script>alert(1)</script>"])
async def test_a_profile_that_is_not_there(alice: Person, hub: Hub, profile: str) -> None:
    page = await alice.submit("hub/spawn", {"profile": profile, "next": "/a"})
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert 'name="next" value="/a"' in page.text
    assert "<script>alert" not in page.text
    assert not hub.servers.active()


async def test_a_full_queue(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> object:
        raise TooMany("The queue is full", retry_after=9)

    monkeypatch.setattr(hub.servers, "start", full)
    page = await alice.submit("hub/spawn", {"profile": "slow"})
    assert (page.status_code, page.headers["Retry-After"]) == (429, "9")
    assert "The queue is full" in page.text
    assert chosen(page.text) == ["slow"]


async def test_a_new_server_by_the_form_of_the_home_page(alice: Person) -> None:
    assert (await alice.page("hub/spawn?server=gpu")).headers["Location"] == "/hub/spawn/alice/gpu"
    page = await alice.page("hub/spawn?server=No%20Name")
    assert page.status_code == 400
    assert "server name must have" in page.text


async def test_an_admin_starts_for_somebody_else(root: Person, hub: Hub) -> None:
    page = await root.page("hub/spawn/alice")
    assert "A server of <strong><bdi>alice</bdi></strong>" in page.text
    assert (await root.submit("hub/spawn/alice", {"profile": "quick"})).status_code == 302
    assert (await hub.servers.wait("alice", "", 5)).state == "ready"
    assert (await root.page("hub/spawn/nobody")).status_code == 404


async def test_nobody_starts_for_others(alice: Person, hub: Hub) -> None:
    key = proof(await alice.page("hub/spawn"))
    for user in ("bob", "nobody"):
        assert (await alice.page(f"hub/spawn/{user}")).status_code == 404
        assert (await alice.post(f"hub/spawn/{user}", {"_xsrf": key})).status_code == 404
    assert not hub.servers.active()


async def test_a_stranger_is_asked_to_log_in(stranger: Person) -> None:
    for path in ("hub/spawn", "hub/spawn/alice", "hub/spawn/nobody/x"):
        result = await stranger.page(path)
        assert result.status_code == 302
        assert result.headers["Location"].startswith("/hub/login?next=")
