"""Changing one's own password."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from gateway.hub.core import Hub
from tests.api.pages.test_login import notice
from tests.api.person import Person

OLD, NEW = "a long password of her own", "quite another password"
CHANGE = {"old": OLD, "password": NEW, "again": NEW}
Log = Callable[[str], Awaitable[Person]]


@pytest.fixture(autouse=True)
async def password(hub: Hub) -> None:
    await hub.authenticators[0].set_password("alice", OLD)


async def test_changed_here_and_out_everywhere_else(person: Log, alice: Person) -> None:
    other = await person("alice")
    page = await alice.submit("hub/password", CHANGE)
    assert page.status_code == 200
    assert "Your password is changed" in page.text
    assert (await alice.page("hub/home")).status_code == 200
    assert (await other.page("hub/home")).status_code == 302
    fields = {"username": "alice", "password": NEW, "authenticator": "native"}
    assert (await other.submit("hub/login", fields)).status_code == 302


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"old": "wrong"}, 403, "The old password is not right."),
        ({"again": "x"}, 400, "The two passwords differ."),
        ({"password": "short", "again": "short"}, 400, "at least 12 characters"),
        ({"password": OLD, "again": OLD}, 400, "is the old one"),
    ],
)
async def test_what_is_wrong_is_said(hub: Hub, alice: Person, fields: dict[str, str], status: int, words: str) -> None:
    page = await alice.submit("hub/password", CHANGE | fields)
    assert page.status_code == status
    assert words in notice(page.text)
    assert NEW not in page.text and OLD not in page.text


async def test_guesses_of_the_old_one_lock_it(alice: Person) -> None:
    assert (await alice.submit("hub/password", CHANGE | {"old": "wrong"})).status_code == 403
    page = await alice.submit("hub/password", CHANGE)
    assert page.status_code == 429
    assert "Too many" in notice(page.text)


async def test_not_for_strangers_nor_by_foreign_forms(stranger: Person, alice: Person) -> None:
    assert (await stranger.page("hub/password")).headers["Location"] == "/hub/login?next=%2Fhub%2Fpassword"
    assert (await alice.post("hub/password", CHANGE)).status_code == 403
    assert (await alice.page("hub/password", Sec_Fetch_Dest="iframe")).status_code == 403


async def test_the_account_page_leads_there(alice: Person) -> None:
    assert 'href="/hub/password"' in (await alice.page("hub/account")).text
