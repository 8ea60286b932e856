"""Grave actions of people without a password: a recent log-in, or the way to one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from falcon import testing

from gateway.hub.assurance import RECENT
from gateway.hub.core import Hub
from plugins.authenticators.native import NativeAuthenticator
from tests.api.doors import BY_PROXY, house, settings
from tests.api.person import FORM, HOST, NAVIGATE, Person, proof

ALICE, AGAIN, PASSWORD = "hub/admin/users/alice", "hub/again", "a long password of her own"


class Boss(Person):
    """Root, behind a proxy that names her in each request."""

    def added(self, headers: Mapping[str, str]) -> dict[str, str]:
        return super().added({**BY_PROXY, "Remote-User": "root", **headers})


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Hub, testing.ASGIConductor]]:
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)
    async with house(settings(tmp_path)) as (hub, conductor):
        yield hub, conductor


@pytest.fixture
async def root(place: tuple[Hub, testing.ASGIConductor]) -> Boss:
    person = Boss(place[1])
    assert (await person.page("hub/login")).status_code == 302
    return person


def later(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last log-in is no longer recent."""
    clock = hub.entrances.assurance._clock
    monkeypatch.setattr(hub.entrances.assurance, "_clock", lambda: clock() + RECENT + 1)


async def test_a_recent_log_in_is_enough(place: tuple[Hub, testing.ASGIConductor], root: Boss) -> None:
    asked = await root.submit(ALICE, {"action": "make-admin"})
    assert asked.status_code == 200 and 'type="password"' not in asked.text
    assert 'name="action" value="make-admin">Make' in asked.text
    user = await place[0].users.get("alice")
    assert user and not user.admin, "it is asked for once more"
    assert (await root.submit(ALICE, {"action": "make-admin", "password": ""})).status_code == 302
    user = await place[0].users.get("alice")
    assert user and user.admin


async def test_later_one_logs_in_again_and_comes_back(
    place: tuple[Hub, testing.ASGIConductor], root: Boss, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(place[0], monkeypatch)
    asked = await root.submit(ALICE, {"action": "remove"})
    assert f'action="/{AGAIN}"' in asked.text and f'name="next" value="/{ALICE}"' in asked.text
    for password in ("", "anything", PASSWORD):
        answer = await root.submit(ALICE, {"action": "remove", "password": password, "authenticator": "header"})
        assert answer.status_code == 403 and "Log in again" in answer.text
    assert await place[0].users.get("alice")
    before = root.cookies["hubgate-session"]
    answer = await root.submit(AGAIN, {"next": f"/{ALICE}"}, page=ALICE)
    assert answer.headers["Location"] == "/hub/login?next=%2Fhub%2Fadmin%2Fusers%2Falice"
    assert "hubgate-session" not in root.cookies
    assert await place[0].sessions.of_user("root") == []
    monkeypatch.undo()
    assert (await root.page("hub/login?next=%2Fhub%2Fadmin%2Fusers%2Falice")).headers["Location"] == f"/{ALICE}"
    assert root.cookies["hubgate-session"] != before
    assert (await root.submit(ALICE, {"action": "remove", "password": ""})).status_code == 302
    assert await place[0].users.get("alice") is None


async def test_with_a_password_a_recent_log_in_is_nothing(place: tuple[Hub, testing.ASGIConductor], root: Boss) -> None:
    """Nor is the proxy's word, which the authenticator `header` would take with any password."""
    await place[0].authenticators[0].set_password("root", PASSWORD)
    asked = await root.submit(ALICE, {"action": "remove"})
    assert 'type="password"' in asked.text
    for fields in ({"password": ""}, {"password": "x", "authenticator": "header"}):
        assert (await root.submit(ALICE, {"action": "remove", **fields})).status_code == 403
    assert await place[0].users.get("alice")
    assert (await root.submit(ALICE, {"action": "remove", "password": PASSWORD})).status_code == 302


async def test_setting_a_password_for_somebody(
    place: tuple[Hub, testing.ASGIConductor], root: Boss, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, fields = "hub/admin/signups", {"action": "password", "name": "alice", "password": PASSWORD}
    assert 'name="own"' not in (await root.page(page)).text
    later(place[0], monkeypatch)
    assert f'action="/{AGAIN}"' in (await root.page(page)).text
    assert (await root.submit(page, fields)).status_code == 403
    assert not await place[0].authenticators[0].has_password("alice")
    monkeypatch.undo()
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)
    assert (await root.submit(page, fields)).status_code == 302
    assert await place[0].authenticators[0].has_password("alice")


async def test_it_is_a_form_of_ours_and_for_people_who_are_in(root: Boss) -> None:
    key = proof(await root.page(ALICE))
    for fields in ({}, {"_xsrf": "x" * 64}):
        assert (await root.post(AGAIN, fields)).status_code == 403
    assert (await root.post(AGAIN, {"_xsrf": key}, Origin="http://evil.example")).status_code == 403
    assert (await root.page(AGAIN)).status_code == 405
    assert (await root.page("hub/home")).status_code == 200
    headers = NAVIGATE | {"Content-Type": FORM, "Origin": f"http://{HOST}"}
    assert (await Person(root.conductor).send("POST", AGAIN, "", headers)).status_code == 403
