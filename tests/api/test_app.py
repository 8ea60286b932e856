"""The URL map as a whole: base path, names of every kind, and every resource's shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from falcon import testing

from api.app import create_app
from tests.api.conftest import opened, settings
from tests.api.person import Person


@pytest.fixture
async def below(tmp_path: Path) -> AsyncIterator[Person]:
    """Alice at a gateway whose base path is `/x/y/`."""
    hub = await opened(settings(tmp_path, base_path="/x/y/"))
    async with testing.ASGIConductor(create_app(hub)) as conductor:  # type: ignore[arg-type]  # any ASGI app will do
        alice = Person(conductor, base="/x/y/")
        await alice.log_in("alice")
        yield alice
    await hub.close(stop_servers=True)


async def test_everything_is_below_the_base_path(below: Person) -> None:
    assert below.cookies.keys() == {"hubgate-session", "jupyterhub-session-id", "_xsrf"}
    for path in ("", "hub", "hub/"):
        assert (await below.page(path)).headers["Location"] == "/x/y/hub/home"
    home = await below.page("hub/home")
    assert home.status_code == 200
    assert 'href="/hub' not in home.text
    assert (await below.api("GET", "user")).json["name"] == "alice"
    assert (await below.submit("hub/spawn", {"profile": "slow"})).headers["Location"] == "/x/y/hub/spawn-pending/alice"
    assert (await below.page("hub/logout")).headers["Location"] == "/x/y/hub/login"
    outside = Person(below.conductor)
    for path in ("", "hub/home", "x/hub/home"):
        assert (await outside.page(path)).status_code == 404


@pytest.mark.parametrize("name", ["a@b.c", "x y", "ünï"])
async def test_names_in_every_place(name: str, conductor: testing.ASGIConductor) -> None:
    somebody = Person(conductor)
    await somebody.log_in(name)
    raw = quote(name, safe="")
    assert (await somebody.page("hub/home")).status_code == 200
    assert (await somebody.page(f"hub/spawn/{raw}")).status_code == 200
    result = await somebody.submit(f"hub/spawn/{raw}", {"profile": "slow"})
    pending = result.headers["Location"]
    assert pending == f"/hub/spawn-pending/{quote(name, safe='@~')}"
    page = await somebody.page(pending.removeprefix("/"))
    assert page.status_code == 200
    assert f"/api/users/{quote(name, safe='@~')}/server/progress" in page.text
    assert (await somebody.api("GET", f"users/{raw}/server")).json["pending"] == "spawn"
    assert (await somebody.submit(f"hub/stop/{raw}", {}, page=f"hub/spawn-pending/{raw}")).status_code == 302
    assert (await somebody.api("GET", f"users/{raw}/server")).json["stopped"] is True


@pytest.mark.parametrize(
    "path",
    [
        "hub/spawn/../x",
        "hub/spawn/..%2Fx",
        "hub/spawn/a%2Fb",
        "hub/spawn/a%252Fb",
        "hub/spawn/" + "n" * 300,
        "hub/spawn/%FF",
        "hub/spawn/%00",
        "hub/spawn//x",
        "hub/spawn/alice//",
        "hub/spawn/alice/a/b",
        "hub/spawn-pending/bob",
        "hub/spawn-pending/alice/%2E%2E",
        "hub/spawn-pending/alice/..%2F..%2Fbob",
        "hub/api/users/alice/servers/%2E%2E/server",
        "hub/api/users/..%2F..%2Fusers",
        "hub/static/..%2Fapp.py",
        "hub/static/%2Fetc%2Fpasswd",
        "hub//home",
        "hub/home/",
    ],
)
async def test_strange_paths_are_not_found(alice: Person, path: str) -> None:
    assert (await alice.page(path)).status_code == 404


async def test_a_server_name_that_none_may_have(alice: Person) -> None:
    for name in ("Gpu", "x%20y", "a--b", "%C3%BC"):
        result = await alice.page(f"hub/spawn/alice/{name}")
        assert result.status_code == 400
        assert "s name must have 1 to" in result.text


async def test_paths_are_compared_decoded(alice: Person) -> None:
    assert (await alice.page("%68ub/h%6Fme")).status_code == 200
