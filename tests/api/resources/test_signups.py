"""Sign-ups by the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from falcon import testing

from gateway.hub.core import Hub
from gateway.store import roles
from plugins.authenticators.native import NativeAuthenticator
from tests.api.doors import house, settings
from tests.api.person import Person
from tests.gateway.hub.natives import PASSWORD, REQUEST, log_in


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Hub, testing.ASGIConductor]]:
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)
    people = {"native": {"signup": True}, "admin_users": ["boss"]}
    async with house(settings(tmp_path, people)) as (hub, conductor):
        for name in ("eve", "mallory", "boss"):
            await hub.entrances.sign_ups.ask(name, PASSWORD, REQUEST)
        yield hub, conductor


async def program(place: tuple[Hub, testing.ASGIConductor], name: str, *scopes: str) -> Person:
    value, _ = await place[0].tokens.make(name, scopes or None)
    return Person(place[1], token=value)


async def test_listed_approved_and_refused(place: tuple[Hub, testing.ASGIConductor]) -> None:
    root = await program(place, "root")
    found = (await root.rest("GET", "signups")).json
    assert [each["name"] for each in found] == ["eve", "mallory", "boss"]
    assert {key: found[0][key] for key in ("authenticator", "address")} == {
        "authenticator": "native",
        "address": "192.0.2.7",
    }
    assert (await root.rest("GET", "signups/EVE")).json == found[0]
    assert (await root.rest("POST", "signups/eve")).status_code == 201
    assert (await log_in(place[0], "eve")).session.user == "eve"
    assert (await root.rest("DELETE", "signups/mallory")).status_code == 204
    for method in ("GET", "POST", "DELETE"):
        assert (await root.rest(method, "signups/mallory")).status_code == 404
    await place[0].users.add("boss")
    assert (await root.rest("POST", "signups/boss")).status_code == 409


async def test_whoever_makes_an_administrator_is_one(place: tuple[Hub, testing.ASGIConductor]) -> None:
    hub = place[0]
    await hub.users.add("helper")
    await hub.changes.write(roles.put, "helper", ["admin:users"])
    await hub.changes.write(roles.assign, "helper", "user", ["helper"])
    helper = await program(place, "helper")
    assert (await helper.rest("GET", "signups")).status_code == 200
    assert (await helper.rest("POST", "signups/boss")).status_code == 403
    assert (await helper.rest("POST", "signups/eve")).status_code == 201


async def test_not_for_everybody(place: tuple[Hub, testing.ASGIConductor]) -> None:
    for caller in (await program(place, "alice"), await program(place, "root", "list:users")):
        for method, path in (("GET", "signups"), ("POST", "signups/eve"), ("DELETE", "signups/eve")):
            assert (await caller.rest(method, path)).status_code == 403
    assert (await Person(place[1]).rest("GET", "signups")).status_code == 401
