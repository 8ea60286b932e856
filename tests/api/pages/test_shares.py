"""The page of shares: made, shown, taken back and left by forms; nothing of others' servers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateway.hub.core import Hub
from gateway.hub.shares import Wish
from gateway.model import Grant
from gateway.store import changes
from tests.api.person import Person
from tests.api.scripted import MARKUP

NEW = {"server": "", "with": "code", "who": "", "expires": "day", "uses": "", "path": ""}


@pytest.fixture
async def sharer(alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Person:
    """alice, who may share her servers, and knows people's names."""
    extra = ("shares!user", "read:users:name", "read:groups:name")
    monkeypatch.setattr(hub.identities._scoping, "_extra", extra)
    await hub.changes.write(changes.note)
    return alice


async def grants(hub: Hub, owner: str = "alice") -> list[Grant]:
    return (await hub.shares.of_owner(owner))[0]


def link(page: Any) -> str:
    found = re.search(r'<output id="value">([^<]+)</output>', page.text)
    assert found, page.text
    return found[1]


async def test_a_link_is_shown_once_and_works(sharer: Person, hub: Hub) -> None:
    page = await sharer.submit("hub/shares", NEW | {"view": "1", "path": "/files/plots/", "uses": "2"})
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    shown = link(page)
    assert shown.startswith(hub.public_url + "hub/accept-share?code=")
    code = shown.rpartition("=")[2]
    grant = await hub.shares.accept(code, "bob", "192.0.2.1")
    assert (grant.view_only, grant.path, grant.user) == (True, "files/plots", "bob")
    again = await sharer.page("hub/shares")
    assert code not in again.text and code[:4] in again.text
    for text in ("<bdi>bob</bdi>", "to look on", "<bdi>files/plots</bdi>", "1 / 2"):
        assert text in again.text


async def test_revoked_as_a_whole_or_one_guest(sharer: Person, hub: Hub) -> None:
    made = await hub.shares.create("alice", "", Wish())
    for guest in ("bob", "x y"):
        await hub.shares.accept(made.code, guest, "192.0.2.1")
    one = await sharer.submit("hub/shares/withdraw", {"kind": "user", "who": "bob", "server": ""}, "hub/shares")
    assert (one.status_code, one.headers["Location"]) == (302, "/hub/shares?done=share-revoked")
    assert [grant.user for grant in await grants(hub)] == ["x y"]
    assert "not shared any more" in (await sharer.page("hub/shares?done=share-revoked")).text
    await sharer.submit(f"hub/shares/{made.id}/revoke", {}, "hub/shares")
    assert await grants(hub) == []
    assert await hub.shares.find(made.id) is None


async def test_by_name(sharer: Person, hub: Hub) -> None:
    done = await sharer.submit("hub/shares", NEW | {"with": "user", "who": "Bob", "expires": "never"})
    assert (done.status_code, done.headers["Location"]) == (302, "/hub/shares?done=share-made")
    await hub.groups.add(["class"], ["x y"], by="test")
    await sharer.submit("hub/shares", NEW | {"with": "group", "who": "class", "view": "1"})
    assert [(grant.user, grant.group, grant.view_only) for grant in await grants(hub)] == [
        ("bob", "", False),
        ("", "class", True),
    ]
    await sharer.submit("hub/shares/withdraw", {"kind": "group", "who": "class", "server": ""}, "hub/shares")
    assert [grant.user for grant in await grants(hub)] == ["bob"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"with": "user"}, "Say who it is for"),
        ({"who": "bob"}, "Say who it is for"),
        ({"with": "x", "who": "bob"}, "Say who it is for"),
        ({"with": "user", "who": "nobody"}, "There is no user"),
        ({"with": "user", "who": MARKUP}, "There is no user"),
        ({"expires": "never"}, "must end some time"),
        ({"expires": "aeon"}, "how long it lasts"),
        ({"uses": "many"}, "must be a number"),
        ({"uses": "0"}, "uses must be"),
        ({"path": "a/../b"}, "path must be"),
        ({"path": "api/contents/plots"}, "Share a folder as files/"),
        ({"server": "none"}, "There is no such server"),
    ],
)
async def test_what_is_wrong_stands_on_the_page(sharer: Person, hub: Hub, fields: dict[str, str], message: str) -> None:
    page = await sharer.submit("hub/shares", NEW | fields)
    assert page.status_code in (400, 404)
    assert message in page.text and MARKUP not in page.text
    assert await grants(hub) == []


async def test_who_may_not_share_is_told_which_setting_allows_it(alice: Person, hub: Hub) -> None:
    page = await alice.page("hub/shares")
    assert "users_may_share" in page.text and 'name="expires"' not in page.text
    refused = await alice.post("hub/shares", NEW)
    assert refused.status_code == 403
    key = re.search(r'name="_xsrf" value="([^"]+)"', (await alice.page("hub/token")).text)
    assert key
    for path in ("hub/shares", "hub/shares/withdraw"):
        fields = NEW | {"_xsrf": key[1], "kind": "user", "who": "bob"}
        assert (await alice.post(path, fields)).status_code == 403
    theirs = await hub.shares.create("bob", "", Wish())
    assert (await alice.post(f"hub/shares/{theirs.id}/revoke", {"_xsrf": key[1]})).status_code == 404
    assert await hub.shares.find(theirs.id) is not None


async def test_what_is_shared_with_me_can_be_left(alice: Person, hub: Hub) -> None:
    await hub.shares.create("bob", "", Wish(handler="direct", user="alice", expires_in=None))
    await hub.groups.add(["class"], ["alice"], by="test")
    await hub.shares.create("x y", "", Wish(handler="view", group="class", path="lab"))
    page = await alice.page("hub/shares")
    assert 'href="/user/bob/"' in page.text and 'href="/user/x%20y/lab"' in page.text
    assert page.text.count("shares/leave") == 1, "what a group has is not one member's to leave"
    left = await alice.submit("hub/shares/leave", {"who": "bob", "server": ""}, "hub/shares")
    assert left.headers["Location"] == "/hub/shares?done=share-left"
    assert await grants(hub, "bob") == []
    for who in ("bob", "x y", "", "nobody"):
        assert (await alice.submit("hub/shares/leave", {"who": who, "server": ""}, "hub/token")).status_code == 404
    assert len(await grants(hub, "x y")) == 1


async def test_each_page_leads_there(alice: Person) -> None:
    assert 'href="/hub/shares"' in (await alice.page("hub/home")).text
