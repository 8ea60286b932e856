"""The administration's page of sign-ups and lost passwords."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from falcon import testing

from gateway.hub.core import Hub
from gateway.store import changes
from plugins.authenticators.native import NativeAuthenticator
from tests.api.doors import house, settings
from tests.api.pages.test_login import notice
from tests.api.person import Person
from tests.gateway.hub.natives import REQUEST

PASSWORD, NEW = "a long password of her own", "quite another password"
PAGE = "hub/admin/signups"


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Hub, testing.ASGIConductor]]:
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)
    people = {"native": {"signup": True}, "admin_users": ["boss"]}
    async with house(settings(tmp_path, people)) as (hub, conductor):
        for name in ("root", "alice"):
            await hub.authenticators[0].set_password(name, PASSWORD)
        for name in ("eve", "mallory", "boss"):
            await hub.entrances.sign_ups.ask(name, PASSWORD, REQUEST)
        yield hub, conductor


@pytest.fixture
async def root(place: tuple[Hub, testing.ASGIConductor]) -> Person:
    return await logged_in(place[1], "root")


async def logged_in(conductor: testing.ASGIConductor, name: str) -> Person:
    person = Person(conductor)
    fields = {"username": name, "password": PASSWORD, "authenticator": "native"}
    assert (await person.submit("hub/login", fields)).status_code == 302
    return person


async def act(person: Person, action: str, name: str, more: Mapping[str, str] | None = None) -> testing.Result:
    return await person.submit(PAGE, {"action": action, "name": name, **(more or {})})


async def test_let_in_and_turned_down(place: tuple[Hub, testing.ASGIConductor], root: Person) -> None:
    page = await root.page(PAGE)
    assert page.status_code == 200
    assert "eve" in page.text and "mallory" in page.text and "192.0.2.7" in page.text
    answer = await act(root, "approve", "eve")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{PAGE}?done=signup-approved")
    assert "The account is made" in (await root.page(f"{PAGE}?done=signup-approved")).text
    assert (await act(root, "refuse", "mallory")).status_code == 302
    assert await logged_in(place[1], "eve")
    assert [each.name for each in await place[0].entrances.sign_ups.listing()] == ["boss"]
    page = await act(root, "approve", "eve")
    assert (page.status_code, notice(page.text)) == (404, "Nobody has asked for an account of that name.")


async def test_a_name_that_the_settings_make_an_administrator_is_marked(root: Person) -> None:
    page = await root.page(PAGE)
    assert page.text.count('<span class="tag">') == 1


async def test_a_lost_password(place: tuple[Hub, testing.ASGIConductor], root: Person) -> None:
    alice = await logged_in(place[1], "alice")
    fields = {"password": NEW, "own": PASSWORD}
    assert (await act(root, "password", "Alice", fields)).headers["Location"] == f"/{PAGE}?done=password-set"
    assert (await alice.page("hub/home")).status_code == 302
    fields = {"username": "alice", "password": NEW, "authenticator": "native"}
    assert (await alice.submit("hub/login", fields)).status_code == 302


@pytest.mark.parametrize(
    ("name", "fields", "status", "words"),
    [
        ("alice", {"password": NEW, "own": "wrong"}, 403, "Invalid username or password"),
        ("alice", {"password": NEW}, 403, "Invalid username or password"),
        ("alice", {"password": "short", "own": PASSWORD}, 400, "at least 12 characters"),
        ("nobody", {"password": NEW, "own": PASSWORD}, 404, "There is no user “nobody”."),
    ],
)
async def test_what_is_wrong_is_said(root: Person, name: str, fields: dict[str, str], status: int, words: str) -> None:
    page = await act(root, "password", name, fields)
    assert page.status_code == status
    assert words in notice(page.text)
    assert NEW not in page.text


async def test_not_for_everybody(place: tuple[Hub, testing.ASGIConductor], root: Person) -> None:
    alice = await logged_in(place[1], "alice")
    assert (await alice.page(PAGE)).status_code == 403
    for action in ("approve", "refuse", "password", "nonsense"):
        answer = await alice.submit(PAGE, {"action": action, "name": "eve", "password": NEW}, page="hub/token")
        assert answer.status_code in (400, 403)
    assert (await root.post(PAGE, {"action": "approve", "name": "eve"})).status_code == 403
    assert (await act(root, "nonsense", "eve")).status_code == 400
    assert len(await place[0].entrances.sign_ups.listing()) == 3


async def test_an_administrator_of_some_users_does_not_learn_who_asks(
    place: tuple[Hub, testing.ASGIConductor], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, conductor = place
    monkeypatch.setattr(hub.identities._scoping, "_extra", ("admin-ui", "admin:users!group=team"))
    await hub.changes.write(changes.note)
    page = await (await logged_in(conductor, "alice")).page(PAGE)
    assert page.status_code == 200
    assert "mallory" not in page.text and "192.0.2.7" not in page.text
