from __future__ import annotations

import re
from urllib.parse import quote

import falcon
import pytest

from gateway.hub.core import Hub
from tests.api.person import Person
from tests.api.scripted import MARKUP

STATUSES = (400, 401, 403, 404, 405, 409, 410, 413, 414, 424, 429, 431, 500, 502, 503, 504, 507)


async def test_it_says_what_to_do_next(stranger: Person, alice: Person) -> None:
    assert 'href="/hub/login">Log in' in (await stranger.page("hub/nothing")).text
    assert 'href="/hub/home">Home' in (await alice.page("hub/nothing")).text


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 409, 410, 413, 414, 424, 429, 431, 500, 502, 503, 504, 507]
)
@pytest.mark.parametrize("language", ["en", "de"])
async def test_each_names_what_happened_whose_move_it_is_and_its_number(
    alice: Person, hub: Hub, monkeypatch: pytest.MonkeyPatch, status: int, language: str
) -> None:
    async def failing(*_: object) -> None:
        raise falcon.HTTPError(status, description="Something in particular.")

    monkeypatch.setattr(hub.servers, "of_user", failing)
    page = await alice.page("hub/home", Accept_Language=language)
    assert page.status_code == status
    assert ("Something in particular." in page.text) == (status != 500)
    assert re.search(r"<h1>[^<]{8,}</h1>", page.text)
    assert re.search(r'<p class="move">[^<]{12,}\.</p>', page.text)
    assert "<code>request-1</code>" in page.text
    assert page.headers["X-Request-Id"] == "request-1"
    answer = await alice.send("GET", "hub/home", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["status"], answer.headers["X-Request-Id"]) == (status, status, "request-1")


async def test_a_message_is_text(alice: Person) -> None:
    page = await alice.page(f"hub/spawn/alice/{quote(MARKUP, safe='')}")
    assert page.status_code == 400
    assert "<script>alert" not in page.text


async def test_the_same_for_what_exists_and_what_does_not(alice: Person) -> None:
    """Nobody learns who else is here."""
    texts = []
    for path in ("hub/spawn/bob", "hub/spawn/nobody", "hub/spawn-pending/bob", "hub/spawn-pending/nobody/x"):
        page = await alice.page(path)
        assert page.status_code == 404
        texts.append(page.text.replace(page.headers["Content-Security-Policy"].split("'")[3][6:], ""))
    assert len(set(texts)) == 1
