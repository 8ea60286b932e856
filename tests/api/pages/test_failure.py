from __future__ import annotations

from urllib.parse import quote

from tests.api.person import Person
from tests.api.scripted import MARKUP


async def test_it_says_what_to_do_next(stranger: Person, alice: Person) -> None:
    assert 'href="/hub/login">Log in' in (await stranger.page("hub/nothing")).text
    assert 'href="/hub/home">Home' in (await alice.page("hub/nothing")).text


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
