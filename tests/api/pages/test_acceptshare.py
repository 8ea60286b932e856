"""The page of an invitation: it shows, and only its button accepts."""

from __future__ import annotations

import re

import pytest

from gateway.hub.core import Hub
from gateway.hub.guesses import PER_ACCOUNT
from gateway.hub.shares import Wish
from tests.api.person import Person, proof


@pytest.fixture
async def code(hub: Hub) -> str:
    return (await hub.shares.create("bob", "", Wish())).code


async def guests(hub: Hub) -> list[str]:
    return [grant.user for grant in (await hub.shares.of_owner("bob"))[0]]


async def test_one_button(alice: Person, hub: Hub, code: str) -> None:
    page = await alice.page(f"hub/accept-share?code={code}")
    assert page.status_code == 200
    assert "<bdi>bob</bdi>" in page.text
    assert "<li>Use servers</li>" in page.text
    assert "does not run" in page.text
    assert page.headers["referrer-policy"] == "strict-origin"
    assert len(re.findall("<button", page.text)) == 1
    assert await guests(hub) == [], "looking is not accepting"
    fields = {"code": code, "_xsrf": proof(page)}
    done = await alice.post("hub/accept-share", fields)
    assert (done.status_code, done.headers["Location"]) == (302, "/user/bob/")
    assert done.headers["referrer-policy"] == "strict-origin"
    assert await guests(hub) == ["alice"]


async def test_to_look_on(alice: Person, hub: Hub) -> None:
    made = await hub.shares.create("bob", "", Wish(handler="view"))
    page = await alice.page(f"hub/accept-share?code={made.code}")
    assert "to look on" in page.text and "cannot run code" in page.text and "Use servers" not in page.text


async def test_one_path(alice: Person, hub: Hub) -> None:
    made = await hub.shares.create("bob", "", Wish(path="files/<b>my plots"))
    page = await alice.page(f"hub/accept-share?code={made.code}")
    assert "<bdi>files/&lt;b&gt;my plots</bdi>" in page.text and "nothing else of it" in page.text
    done = await alice.post("hub/accept-share", {"code": made.code, "_xsrf": proof(page)})
    assert done.headers["Location"] == "/user/bob/files/%3Cb%3Emy%20plots"


async def test_where_it_leads(alice: Person, hub: Hub, code: str) -> None:
    page = await alice.page(f"hub/accept-share?code={code}&next=/user/bob/lab%3Fx")
    assert 'value="/user/bob/lab?x"' in page.text
    for wanted, then in (("/user/bob/lab?x", "/user/bob/lab?x"), ("//evil.example", "/user/bob/")):
        done = await alice.post("hub/accept-share", {"code": code, "next": wanted, "_xsrf": proof(page)})
        assert done.headers["Location"] == then


async def test_who_is_not_logged_in_comes_back(stranger: Person, code: str) -> None:
    page = await stranger.page(f"hub/accept-share?code={code}")
    assert (page.status_code, page.headers["Location"]) == (
        302,
        f"/hub/login?next=%2Fhub%2Faccept-share%3Fcode%3D{code}",
    )


async def test_what_is_no_invitation(alice: Person, person: object, hub: Hub, code: str) -> None:
    assert (await alice.page("hub/accept-share")).status_code == 400
    assert (await alice.page("hub/accept-share?code=x")).status_code == 404
    mine = (await hub.shares.create("alice", "", Wish())).code
    assert (await alice.page(f"hub/accept-share?code={mine}")).status_code == 403
    key = proof(await alice.page("hub/spawn"))
    for wrong in ("", "x", mine):
        assert (await alice.post("hub/accept-share", {"code": wrong, "_xsrf": key})).status_code == 400
    assert await guests(hub) == []


async def test_an_expired_one(alice: Person, hub: Hub, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = hub.shares._clock
    monkeypatch.setattr(hub.shares, "_clock", lambda: clock() + 100_000)
    assert (await alice.page(f"hub/accept-share?code={code}")).status_code == 404
    key = proof(await alice.page("hub/spawn"))
    assert (await alice.post("hub/accept-share", {"code": code, "_xsrf": key})).status_code == 400


async def test_guesses_are_limited_here_too(alice: Person, hub: Hub, code: str) -> None:
    for number in range(PER_ACCOUNT):
        assert (await alice.page(f"hub/accept-share?code=x{number}")).status_code == 404
    assert (await alice.page(f"hub/accept-share?code={code}")).status_code == 429


async def test_no_other_page_presses_the_button(alice: Person, hub: Hub, code: str) -> None:
    """Attack 30: a prefetch, an image, a form of another site or of another user's server."""
    key = proof(await alice.page("hub/spawn"))
    await alice.page(f"hub/accept-share?code={code}", Sec_Purpose="prefetch")
    await alice.send("HEAD", f"hub/accept-share?code={code}")
    assert (await alice.post("hub/accept-share", {"code": code})).status_code == 403
    foreign = await alice.post("hub/accept-share", {"code": code, "_xsrf": key}, Origin="https://evil.example")
    assert foreign.status_code == 403
    assert await guests(hub) == []
