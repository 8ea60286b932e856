"""Asking for an account: what the page says, and that it says the same to everybody."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from falcon import testing

from gateway.hub.core import Hub
from plugins.authenticators.native import NativeAuthenticator
from tests.api.doors import house, settings
from tests.api.pages.test_login import notice
from tests.api.person import Person

PASSWORD = "a long password of her own"
ASKED = {"username": "eve", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NativeAuthenticator, "rounds", 4)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[tuple[Hub, testing.ASGIConductor]]:
    async with house(settings(tmp_path, {"native": {"signup": True}})) as (hub, conductor):
        yield hub, conductor


@pytest.fixture
def stranger(place: tuple[Hub, testing.ASGIConductor]) -> Person:
    return Person(place[1])


async def test_asked_and_told_to_wait(place: tuple[Hub, testing.ASGIConductor], stranger: Person) -> None:
    assert 'href="/hub/signup"' in (await stranger.page("hub/login")).text
    page = await stranger.submit("hub/signup", ASKED)
    assert page.status_code == 200
    assert "an administrator will decide" in page.text
    assert [each.name for each in await place[0].entrances.sign_ups.listing()] == ["eve"]
    fields = {"username": "eve", "password": PASSWORD, "authenticator": "native"}
    page = await stranger.submit("hub/login", fields)
    assert (page.status_code, notice(page.text)) == (403, "Invalid username or password")
    assert "hubgate-session" not in stranger.cookies


async def test_the_page_is_the_same_for_a_name_that_is_taken(stranger: Person) -> None:
    texts = set()
    for name in ("free", "alice", "root", "free"):
        page = await stranger.submit("hub/signup", ASKED | {"username": name})
        assert page.status_code == 200
        texts.add(re.sub(r'nonce="[^"]*"', "", page.text))
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"again": "another"}, "The two passwords differ."),
        ({"username": "a/b"}, "user name must"),
        ({"username": "<script>"}, "user name must"),
        ({"password": "short", "again": "short"}, "password must have at least 12 characters"),
        ({"password": "password1234", "again": "password1234"}, "password must not"),
    ],
)
async def test_what_is_wrong_is_said(stranger: Person, fields: dict[str, str], words: str) -> None:
    page = await stranger.submit("hub/signup", ASKED | fields)
    assert page.status_code == 400
    assert words in notice(page.text)
    assert "<script>" not in page.text
    assert PASSWORD not in page.text


async def test_nobody_decides(tmp_path: Path) -> None:
    async with house(settings(tmp_path, {"native": {"signup": True, "approval": False}})) as (_, conductor):
        person = Person(conductor)
        page = await person.submit("hub/signup", ASKED)
        assert "Your account is there" in page.text
        fields = {"username": "eve", "password": PASSWORD, "authenticator": "native"}
        assert (await person.submit("hub/login", fields)).status_code == 302
        assert (await person.page("hub/signup")).headers["Location"] == "/hub/home"
        page = await Person(conductor).submit("hub/signup", ASKED | {"username": "alice"})
        assert (page.status_code, "cannot be had" in notice(page.text)) == (409, True)


async def test_too_many(stranger: Person) -> None:
    fields = ASKED | {"username": "a/b"}
    for _ in range(41):
        page = await stranger.submit("hub/signup", fields)
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0


async def test_a_form_that_is_not_ours(place: tuple[Hub, testing.ASGIConductor], stranger: Person) -> None:
    assert (await stranger.post("hub/signup", ASKED)).status_code == 403
    page = await stranger.page("hub/signup")
    assert page.status_code == 200
    assert (await stranger.post("hub/signup", ASKED, Origin="https://evil.example")).status_code == 403
    assert await place[0].entrances.sign_ups.listing() == []


async def test_closed(tmp_path: Path) -> None:
    async with house(settings(tmp_path)) as (_, conductor):
        person = Person(conductor)
        assert (await person.page("hub/signup")).status_code == 404
        assert (await person.submit("hub/signup", ASKED, page="hub/login")).status_code == 404
        assert "hub/signup" not in (await person.page("hub/login")).text
