from __future__ import annotations

from typing import Any

import pytest

from api.paging import OPT_IN
from gateway.hub.core import Hub
from tests.api.person import HOST, Person


@pytest.fixture
async def many(hub: Hub) -> None:
    for number in range(60):
        await hub.users.add(f"u{number:02}")


async def listed(person: Person, query: str, accept: str = "") -> Any:
    headers = {"Accept": accept} if accept else {}
    result = await person.api("GET", f"users?{query}", **headers)
    assert result.status_code == 200
    return result.json


@pytest.mark.usefixtures("many")
async def test_a_bare_list(root: Person) -> None:
    assert len(await listed(root, "")) == 66
    assert len(await listed(root, "limit=5")) == 5
    assert len(await listed(root, "limit=-5")) == 5
    assert len(await listed(root, "limit=0")) == 1
    assert len(await listed(root, "limit=100000")) == 66
    assert len(await listed(root, "offset=64")) == 2
    assert await listed(root, "offset=99999999999999999999") == []
    one, two = await listed(root, "limit=2&offset=3")
    assert [one["name"], two["name"]] == [user["name"] for user in (await listed(root, ""))[3:5]]


@pytest.mark.usefixtures("many")
async def test_with_where_it_goes_on(root: Person) -> None:
    first = await listed(root, "state=", f"text/html, {OPT_IN.upper()}")
    assert len(first["items"]) == 50
    assert first["_pagination"] == {
        "offset": 0,
        "limit": 50,
        "total": 66,
        "next": {"offset": 50, "limit": 50, "url": f"http://{HOST}/hub/api/users?state=&offset=50&limit=50"},
    }
    rest = await listed(root, "offset=50", OPT_IN)
    assert len(rest["items"]) == 16
    assert rest["_pagination"]["next"] is None


async def test_a_weight_is_no_opting_in(root: Person) -> None:
    assert isinstance(await listed(root, "", f"{OPT_IN};q=1"), list)


@pytest.mark.parametrize("query", ["limit=x", "offset=1.5", "limit=1e3", "offset=" + "9" * 5000])
async def test_no_number(root: Person, query: str) -> None:
    result = await root.api("GET", f"users?{query}")
    message = "Invalid argument type, offset and limit must be integers"
    assert (result.status_code, result.json["message"]) == (400, message)
