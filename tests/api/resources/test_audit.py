"""The audit by the API, page by page."""

from __future__ import annotations

import pytest

from gateway.hub.core import Hub
from gateway.store import audit
from tests.api.person import Person


async def test_pages(hub: Hub, root: Person) -> None:
    everything = (await root.api("GET", "audit")).json["items"]
    numbers = [each["number"] for each in everything]
    assert numbers == sorted(numbers, reverse=True)
    assert {each["subject"] for each in everything if each["action"] == "user.add"} >= {"alice", "ünï", "root"}
    first = (await root.api("GET", "audit?limit=3")).json["items"]
    second = (await root.api("GET", f"audit?limit=3&before={first[-1]['number']}")).json["items"]
    assert [each["number"] for each in first + second] == numbers[:6]


@pytest.mark.parametrize("query", ["before=x", "limit=-1", "before=1e3", "limit=99999999999"])
async def test_numbers_that_are_none(root: Person, query: str) -> None:
    assert (await root.api("GET", f"audit?{query}")).status_code == 400


async def test_filters(hub: Hub, root: Person) -> None:
    await hub.store(audit.add, 1.8e9, "user:eve", "server.enter", "alice/gpu", "")
    for query in ("actor=user:eve", "action=server.enter", "action=server", "subject=alice/"):
        items = (await root.api("GET", f"audit?{query}")).json["items"]
        assert [each["action"] for each in items] == ["server.enter"], query
    assert (await root.api("GET", "audit?action=serv")).json["items"] == []
