from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person

type Someone = Callable[[str], Awaitable[Person]]
ROLES = [
    {"name": "tutor", "scopes": ["admin-ui", "groups!group=team", "list:groups!group=team"], "users": ["carol"]},
    {"name": "cleaner", "scopes": ["admin-ui", "delete:groups!group=team"], "users": ["dave"]},
]
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
    page = (await root.submit(TEAM, {"action": "remove"})).text
    assert 'name="sure"' in page and "One user loses" in page
    assert await hub.groups.get("team")
    await root.submit(TEAM, {"action": "remove", "sure": "yes"})
    assert await hub.groups.get("team") is None


async def test_a_list_that_was_copied_from_a_table(root: Person, hub: Hub) -> None:
    await hub.groups.add(["team"])
    assert '<textarea name="users"' in (await root.page(TEAM)).text
    await root.submit(TEAM, {"action": "add", "users": "alice\r\nbob\r\n"})
    group = await hub.groups.get("team")
    assert group and group.users == ("alice", "bob")
    assert "Members (2)" in (await root.page(TEAM)).text


@pytest.mark.parametrize("name", ["", "x" * 300, "team"])
async def test_names_that_make_no_group(root: Person, hub: Hub, name: str) -> None:
    await hub.groups.add(["team"])
    page = await root.submit("hub/admin/groups", {"name": name})
    assert page.status_code in (400, 409) and 'role="alert"' in page.text


async def test_members_that_do_not_exist(root: Person, hub: Hub) -> None:
    await hub.groups.add(["team"])
    page = await root.submit(TEAM, {"action": "add", "users": "nobody"})
    assert page.status_code == 400 and "There is no user “nobody”." in page.text
    page = await root.submit(TEAM, {"action": "add", "users": "nobody, alice, none"})
    assert "There are no such users: nobody, none." in page.text and "nobody, alice, none</textarea>" in page.text
    assert "These cannot be names: a/b." in (await root.submit(TEAM, {"action": "add", "users": "alice\na/b"})).text
    assert (await root.submit(TEAM, {"action": "add", "users": ""})).status_code == 400
    assert (await root.submit(TEAM, {"action": "x"})).status_code == 400
    assert (await root.page("hub/admin/groups/none")).status_code == 404


async def test_by_name_and_only_those_that_one_may_see(root: Person, person: Someone, hub: Hub) -> None:
    await hub.groups.add(["team", "b", "a"])
    link = r'href="/hub/admin/groups/(\w+)"'
    assert re.findall(link, (await root.page("hub/admin/groups")).text) == ["a", "b", "team"]
    carol = await person("carol")
    assert re.findall(link, (await carol.page("hub/admin/groups")).text) == ["team"]
    assert (await carol.page("hub/admin/groups/a")).status_code in (403, 404)
    assert 'name="name"' in (await root.page("hub/admin/groups")).text
    assert 'name="name"' not in (await carol.page("hub/admin/groups")).text


async def test_who_may_remove_a_group_is_not_shown_its_members(person: Someone, hub: Hub) -> None:
    await hub.groups.add(["team"], ["alice"])
    dave = await person("dave")
    answer = await dave.submit(TEAM, {"action": "remove"}, "hub/token")
    assert answer.status_code in (403, 404) and "alice" not in answer.text
    assert (await dave.submit(TEAM, {"action": "remove", "sure": "yes"}, "hub/token")).status_code == 302
    assert await hub.groups.get("team") is None
