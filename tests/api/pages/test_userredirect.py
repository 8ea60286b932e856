from __future__ import annotations

import pytest

from tests.api.person import Person


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("lab/tree/a%20b.ipynb?reset&x=1", "/user/alice/lab/tree/a%20b.ipynb?reset&x=1"),
        ("git-pull?repo=https%3A%2F%2Fexample.org", "/user/alice/git-pull?repo=https%3A%2F%2Fexample.org"),
        ("/evil.example", "/user/alice/evil.example"),
    ],
)
async def test_everybody_comes_to_their_own_server(alice: Person, path: str, there: str) -> None:
    answer = await alice.page(f"hub/user-redirect/{path}")
    assert (answer.status_code, answer.headers["location"]) == (302, there)


async def test_after_the_log_in(stranger: Person) -> None:
    answer = await stranger.page("hub/user-redirect/lab?x=1")
    assert answer.headers["location"] == "/hub/login?next=%2Fhub%2Fuser-redirect%2Flab%3Fx%3D1"


async def test_older_links_to_servers(stranger: Person) -> None:
    answer = await stranger.page("hub/user/alice/lab?x=1")
    assert (answer.status_code, answer.headers["location"]) == (302, "/user/alice/lab?x=1")
