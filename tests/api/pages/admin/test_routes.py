from __future__ import annotations

import pytest

from gateway.hub.core import Hub
from tests.api.person import Person

NEW = {"path": "/wiki/", "target": "http://127.0.0.1:4321", "access": "authenticated"}


async def test_make_and_remove(root: Person, hub: Hub) -> None:
    answer = await root.submit("hub/admin/routes", NEW)
    assert answer.headers["Location"] == "/hub/admin/routes?done=route-made"
    page = (await root.page("hub/admin/routes")).text
    assert "<code>/wiki/</code>" in page and "the hub" in page
    assert page.count('name="action" value="remove"') == 1
    await root.submit("hub/admin/routes", {"action": "remove", "path": "/wiki/"})
    assert "custom:/wiki/" not in hub.routes.table.by_id


@pytest.mark.parametrize("change", [{"path": "/hub/x"}, {"target": "nonsense"}, {"access": "x"}, {"path": ""}])
async def test_what_is_refused(root: Person, hub: Hub, change: dict[str, str]) -> None:
    page = await root.submit("hub/admin/routes", NEW | change)
    assert page.status_code == 400 and 'role="alert"' in page.text
    assert not [id for id in hub.routes.table.by_id if id.startswith("custom:")]
