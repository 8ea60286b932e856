from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from api.pages.tabs import TABS, tabs
from gateway.hub.core import Hub
from tests.api.person import Person

type Someone = Callable[[str], Awaitable[Person]]
ROLES = [{"name": "tutor", "scopes": ["admin-ui", "admin:users!group=team"], "users": ["carol"]}]


def test_who_sees_which() -> None:
    every = {tab.scope for tab in TABS}
    assert tabs(every) == () and tabs(every | {"admin-ui"}) == TABS
    some = tabs({"admin-ui", "list:users!group=team", "read:servers!user=alice", "list:groups!group=team"})
    assert [tab.name for tab in some] == ["servers", "users", "groups"]


async def test_each_leads_to_a_page_that_is_theirs(root: Person) -> None:
    page = (await root.page("hub/admin")).text
    nav = page.partition('class="tabs"')[2].partition("</nav>")[0]
    paths = re.findall(r'href="/([^"]+)"', nav)
    assert len(paths) == len(TABS)
    for path in paths:
        answer = await root.page(path)
        assert answer.status_code == 200
        assert f'href="/{path}" aria-current="page"' in answer.text


async def test_an_administrator_of_some_sees_no_page_that_would_refuse(root: Person, person: Someone, hub: Hub) -> None:
    await hub.groups.add(["team"], ["alice"])
    carol = await person("carol")
    page = (await carol.page("hub/admin/users")).text
    assert "New users" not in page and "New users" in (await root.page("hub/admin/users")).text
    nav = page.partition('class="tabs"')[2].partition("</nav>")[0]
    paths = re.findall(r'href="/([^"]+)"', nav)
    assert "hub/admin/users" in paths and "hub/admin/audit" not in paths
    for path in paths:
        assert (await carol.page(path)).status_code == 200
