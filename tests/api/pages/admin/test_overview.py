from __future__ import annotations

from gateway.hub.core import Hub
from tests.api.person import Person


async def test_services(root: Person, hub: Hub) -> None:
    assert "There are no services." in (await root.page("hub/admin/services")).text
    await hub.services.add("docs", "http://127.0.0.1:9")
    page = (await root.page("hub/admin/services")).text
    assert 'href="/services/docs/"' in page and "at an address" in page and "calls the API" not in page
    await hub.services.add("ci", "")
    page = (await root.page("hub/admin/services")).text
    assert "calls the API" in page and page.count('class="state') == 1


async def test_roles(root: Person) -> None:
    page = (await root.page("hub/admin/roles")).text
    assert "<h2>admin</h2>" in page and "admin-ui" in page
