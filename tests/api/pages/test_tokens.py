from __future__ import annotations

import re

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person
from tests.api.scripted import MARKUP

NEW = {"note": "robot", "expires": "week", "what": "all"}


async def made(person: Person, **fields: str) -> str:
    page = await person.submit("hub/token", NEW | fields)
    assert page.status_code == 200, page.text
    found = re.search(r'<output id="value">([^<]+)</output>', page.text)
    assert found
    return found[1]


async def test_a_token_is_shown_once_and_works(alice: Person, conductor: object) -> None:
    value = await made(alice)
    assert value not in (await alice.page("hub/token")).text
    robot = Person(alice.conductor, token=value)
    answer = await robot.api("GET", "user")
    assert answer.json["name"] == "alice"
    assert "robot" in (await alice.page("hub/token")).text


async def test_the_page_with_the_value_is_not_kept(alice: Person) -> None:
    page = await alice.submit("hub/token", NEW)
    assert "no-store" in page.headers["Cache-Control"]


async def test_only_what_was_ticked(alice: Person) -> None:
    value = await made(alice, what="some", more="read:users:name!user", **{"scope-access:servers": "1"})
    scopes = (await Person(alice.conductor, token=value).api("GET", "user")).json["scopes"]
    assert "access:servers!user=alice" in scopes and "read:users:name!user=alice" in scopes
    assert "tokens!user=alice" not in scopes
    page = (await alice.page("hub/token")).text
    assert "Use servers (user alice)" in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"what": "some"}, "Choose at least one"),
        ({"what": "some", "more": "admin:users"}, "admin:users"),
        ({"what": "some", "more": "no:such"}, "no:such"),
        ({"expires": "aeon"}, "Choose how long"),
        ({"what": "some", "more": "x " * 60}, "At most 50"),
    ],
)
async def test_what_cannot_be_made(alice: Person, hub: Hub, fields: dict[str, str], message: str) -> None:
    page = await alice.submit("hub/token", NEW | fields)
    assert page.status_code == 400 and message in page.text
    assert await hub.tokens.of_user("alice") == []


async def test_revoke(alice: Person, hub: Hub) -> None:
    value = await made(alice)
    (token,) = await hub.tokens.of_user("alice")
    answer = await alice.submit(f"hub/token/{token.id}/revoke", {}, page="hub/token")
    assert answer.status_code == 302
    assert "The token is revoked." in (await alice.page(answer.headers["Location"].lstrip("/"))).text
    assert (await Person(alice.conductor, token=value).api("GET", "user")).status_code == 403


async def test_other_peoples_tokens_are_out_of_reach(alice: Person, hub: Hub) -> None:
    _, token = await hub.tokens.make("bob")
    answer = await alice.submit(f"hub/token/{token.id}/revoke", {}, page="hub/token")
    assert answer.status_code == 404
    assert len(await hub.tokens.of_user("bob")) == 1


async def test_markup_in_a_note_is_text(alice: Person) -> None:
    await made(alice, note=MARKUP)
    assert MARKUP not in (await alice.page("hub/token")).text


async def test_only_our_own_form_makes_tokens(alice: Person, hub: Hub) -> None:
    assert (await alice.post("hub/token", NEW)).status_code == 403
    assert (await alice.post("hub/token", {**NEW, "_xsrf": "x" * 43})).status_code == 403
    assert await hub.tokens.of_user("alice") == []


async def test_a_message_of_the_query_is_one_of_ours(alice: Person) -> None:
    page = (await alice.page("hub/token?done=<script>&done=hacked")).text
    assert "hacked" not in page and "<script>&" not in page
