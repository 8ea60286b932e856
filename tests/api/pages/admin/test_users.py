from __future__ import annotations

import re

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person


def names(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]+"><bdi>([^<]+)</bdi>', text)


async def test_all_users_by_name(root: Person) -> None:
    page = (await root.page("hub/admin/users")).text
    assert names(page) == ["a@b.c", "alice", "bob", "root", "x y", "ünï"]
    assert names((await root.page("hub/admin/users?sort=-name")).text)[0] == "ünï"


async def test_search(root: Person, hub: Hub) -> None:
    assert names((await root.page("hub/admin/users?q=LI")).text) == ["alice"]
    assert names((await root.page("hub/admin/users?q=%25")).text) == []
    await hub.servers.start("bob", "", "quick")
    await hub.servers.wait("bob", "", 5)
    assert names((await root.page("hub/admin/users?state=active")).text) == ["bob"]
    assert names((await root.page("hub/admin/users?state=nonsense&sort=nonsense&offset=x")).text)[0] == "a@b.c"


async def test_parts(root: Person, hub: Hub) -> None:
    await hub.users.add_many([f"user{number:03}" for number in range(60)])
    page = (await root.page("hub/admin/users?q=user")).text
    assert len(names(page)) == 50 and "1–50 of 60" in page
    assert 'href="/hub/admin/users?q=user&amp;offset=50"' in page
    assert len(names((await root.page("hub/admin/users?q=user&offset=50")).text)) == 10


async def test_new_users(root: Person, hub: Hub) -> None:
    answer = await root.submit("hub/admin/users", {"names": "carol, dave\nerin\n"})
    assert answer.headers["Location"] == "/hub/admin/users?done=users-made"
    assert all([await hub.users.get(name) for name in ("carol", "dave", "erin")])


@pytest.mark.parametrize("text", ["", " ,\n", "good, a/b", ",".join(f"n{i}" for i in range(1001)), "alice"])
async def test_names_that_make_nobody(root: Person, hub: Hub, text: str) -> None:
    before = await hub.users.count()
    page = await root.submit("hub/admin/users", {"names": text})
    assert page.status_code in (400, 409) and 'role="alert"' in page.text
    assert await hub.users.count() == before


async def test_not_for_everybody(alice: Person) -> None:
    for path in ("", "/users", "/users/bob", "/groups", "/services", "/roles", "/routes", "/gateway"):
        assert (await alice.page(f"hub/admin{path}")).status_code == 403
        answer = await alice.submit(f"hub/admin{path}", {"action": "remove"}, page="hub/token")
        assert answer.status_code in (403, 405)
    assert "/hub/admin" not in (await alice.page("hub/home")).text
