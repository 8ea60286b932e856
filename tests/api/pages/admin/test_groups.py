from __future__ import annotations

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person

TEAM = "hub/admin/groups/team"


async def test_make_change_and_remove(root: Person, hub: Hub) -> None:
    answer = await root.submit("hub/admin/groups", {"name": "team"})
    assert answer.headers["Location"] == "/hub/admin/groups/team?done=group-made"
    await root.submit(TEAM, {"action": "add", "users": "alice, bob"})
    page = (await root.page(TEAM)).text
    assert 'href="/hub/admin/users/alice"' in page
    await root.submit(TEAM, {"action": "take", "users": "bob"})
    group = await hub.groups.get("team")
    assert group and group.users == ("alice",)
    assert "team" in (await root.page("hub/admin/groups")).text
    await root.submit(TEAM, {"action": "remove"})
    assert await hub.groups.get("team") is None


@pytest.mark.parametrize("name", ["", "x" * 300, "team"])
async def test_names_that_make_no_group(root: Person, hub: Hub, name: str) -> None:
    await hub.groups.add(["team"])
    page = await root.submit("hub/admin/groups", {"name": name})
    assert page.status_code in (400, 409) and 'role="alert"' in page.text


async def test_members_that_do_not_exist(root: Person, hub: Hub) -> None:
    await hub.groups.add(["team"])
    page = await root.submit(TEAM, {"action": "add", "users": "nobody"})
    assert page.status_code == 400 and "nobody" in page.text
    assert (await root.submit(TEAM, {"action": "add", "users": ""})).status_code == 400
    assert (await root.submit(TEAM, {"action": "x"})).status_code == 400
    assert (await root.page("hub/admin/groups/none")).status_code == 404
