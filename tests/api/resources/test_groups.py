from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest

from gateway.hub.core import Hub
from gateway.model import Group
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]

ODD = ["ünï", "org/team", "100%", "a_b", "O'Brien", "x;y", "名前", "Case", "a b"]


async def groups(hub: Hub) -> list[Group]:
    return (await hub.groups.listing())[0]


async def test_from_made_to_removed(program: Program) -> None:
    root = await program("root")
    made = await root.api("POST", "groups/staff", {"users": ["alice"]})
    whole = {"kind": "group", "name": "staff", "users": ["alice"], "roles": [], "properties": {}}
    assert (made.status_code, made.json) == (201, whole)
    assert (await root.api("POST", "groups/staff/users", {"users": ["BOB", "alice"]})).json["users"] == ["alice", "bob"]
    gone = await root.api("DELETE", "groups/staff/users", {"users": ["alice"]})
    assert (gone.status_code, gone.json["users"]) == (200, ["bob"])
    kept = await root.api("PUT", "groups/staff/properties", {"room": {"n": [1, None]}})
    assert (kept.status_code, kept.json["properties"]) == (200, {"room": {"n": [1, None]}})
    assert (await root.api("GET", "groups/staff")).json == kept.json
    assert (await root.api("GET", "groups")).json == [kept.json]
    assert (await root.api("DELETE", "groups/staff")).status_code == 204
    assert (await root.api("GET", "groups/staff")).status_code == 404
    assert (await root.api("DELETE", "groups/staff")).status_code == 404


async def test_in_our_dialect(program: Program) -> None:
    root = await program("root")
    for name in ("a", "b", "c"):
        assert (await root.send("POST", f"api/groups/{name}", '{"users": ["alice"]}')).status_code == 201
    page = await root.send("GET", "api/groups?limit=2")
    assert [group["name"] for group in page.json] == ["a", "b"]
    assert page.headers["link"] == "<http://hub.example:8000/api/groups?limit=2&offset=2>; rel=next"
    assert (await root.send("POST", "api/groups/a/users", '{"users": ["bob"]}')).json["users"] == ["alice", "bob"]
    assert (await root.send("DELETE", "api/groups/a/users", '{"users": ["bob"]}')).json["users"] == ["alice"]
    assert (await root.send("DELETE", "api/groups/a")).status_code == 204
    assert (await root.send("POST", "api/groups/b")).json == {
        "status": 409,
        "message": "Conflict: Group b already exists",
    }


async def test_several_at_once_or_none(hub: Hub, program: Program) -> None:
    root = await program("root")
    made = await root.api("POST", "groups", {"groups": ["a", "b"], "users": ["alice"]})
    assert (made.status_code, [group["name"] for group in made.json]) == (201, ["a", "b"])
    for body in ({"groups": ["c", "a"]}, {"groups": ["c"], "users": ["x"]}, {"groups": []}, {}, {"groups": ["c", ""]}):
        assert (await root.api("POST", "groups", body)).status_code in (400, 409)
    assert [group.name for group in await groups(hub)] == ["a", "b"]


async def test_pages(program: Program) -> None:
    root = await program("root")
    await root.api("POST", "groups", {"groups": ["a", "b", "c"]})
    page = await root.api("GET", "groups?limit=1&offset=1", Accept="application/jupyterhub-pagination+json")
    assert [group["name"] for group in page.json["items"]] == ["b"]
    assert page.json["_pagination"]["total"] == 3 and page.json["_pagination"]["next"]["offset"] == 2


@pytest.mark.parametrize("name", ODD)
async def test_names(program: Program, name: str) -> None:
    root = await program("root")
    where = f"groups/{quote(name, safe='')}"
    assert (await root.api("POST", where)).json["name"] == name
    assert (await root.api("POST", f"{where}/users", {"users": ["alice"]})).json["users"] == ["alice"]
    assert [group["name"] for group in (await root.api("GET", "groups")).json] == [name]
    assert (await root.api("DELETE", where)).status_code == 204


@pytest.mark.parametrize(
    ("scopes", "fields"),
    [
        (["read:groups"], {"kind", "name", "users", "properties"}),
        (["read:groups:name"], {"kind", "name"}),
        (["read:roles:groups"], {"kind", "name", "roles"}),
        (["read:groups!group=staff"], {"kind", "name", "users", "properties"}),
        (["admin:groups"], {"kind", "name", "users", "properties", "roles"}),
    ],
)
async def test_fields_by_scope(hub: Hub, program: Program, scopes: list[str], fields: set[str]) -> None:
    await hub.groups.add(["staff"], ["alice"])
    caller = await program("root", *scopes)
    assert (await caller.api("GET", "groups/staff")).json.keys() == fields


async def test_a_filter_lists_what_it_names(hub: Hub, program: Program) -> None:
    await hub.groups.add(["a", "b", "c"])
    caller = await program("root", "list:groups!group=c", "list:groups!group=nobody", "read:groups!group=a")
    listed = await caller.api("GET", "groups", Accept="application/jupyterhub-pagination+json")
    assert [group["name"] for group in listed.json["items"]] == ["c"] and listed.json["_pagination"]["total"] == 1
    other = await program("root", "list:groups!user=alice")
    assert (await other.api("GET", "groups")).status_code == 403


async def test_who_may_not(hub: Hub, program: Program) -> None:
    await hub.groups.add(["a", "b"])
    alice, narrow = await program("alice"), await program("root", "admin:groups!group=a", "list:groups!group=a")
    calls: list[tuple[str, str, Any]] = [
        ("GET", "groups", None),
        ("POST", "groups", {"groups": ["x"]}),
        ("GET", "groups/b", None),
        ("POST", "groups/x", {}),
        ("DELETE", "groups/b", None),
        ("POST", "groups/b/users", {"users": ["alice"]}),
        ("DELETE", "groups/b/users", {"users": ["alice"]}),
        ("PUT", "groups/b/properties", {}),
    ]
    assert [(await alice.api(*call)).status_code for call in calls] == [403] * 8
    assert [(await narrow.api(*call)).status_code for call in calls[1:]] == [403] + [404] * 6
    ours = [
        (await narrow.send(method, f"api/{path}", json.dumps(body or {}))).status_code for method, path, body in calls
    ]
    assert ours == [200] + [403] * 7
    assert await groups(hub) == [Group("a"), Group("b")]


DEEP = "[" * 100_000
WRONG: list[tuple[str, str, str | bytes]] = [
    ("POST", "groups/new", '{"users": "alice"}'),
    ("POST", "groups/new", '{"users": [1]}'),
    ("POST", "groups/new", '{"users": [null]}'),
    ("POST", "groups/new", '{"users": ["%"]}'),
    ("POST", "groups/new", '{"users": ["ali\\u0000ce"]}'),
    ("POST", "groups/new", '{"users": ["\\ud800"]}'),
    ("POST", "groups/new", '{"users": ["a"], "users": ["alice"]}'),
    ("POST", "groups/new", '{"colour": 1}'),
    ("POST", "groups/new", '["alice"]'),
    ("POST", "groups/new", "{"),
    ("POST", "groups/new", DEEP),
    ("POST", "groups/new", b"\xff"),
    ("POST", "groups/%2e%2e", ""),
    ("POST", "groups/a%0ab", ""),
    ("POST", "groups/" + "x" * 300, ""),
    ("POST", "groups/%EF%BF%BD", ""),
    ("POST", "groups", '{"groups": "abc"}'),
    ("POST", "groups", '{"groups": [["a"]]}'),
    ("POST", "groups", '{"groups": ["a\\n"]}'),
    ("POST", "groups/staff/users", "{}"),
    ("POST", "groups/staff/users", '{"users": null}'),
    ("POST", "groups/staff/users", '{"users": ["bob", "nobody"]}'),
    ("DELETE", "groups/staff/users", '{"users": ["alice", "%"]}'),
    ("PUT", "groups/staff/properties", "[]"),
    ("PUT", "groups/staff/properties", ""),
    ("PUT", "groups/staff/properties", "null"),
    ("PUT", "groups/staff/properties", '{"a": NaN}'),
    ("PUT", "groups/staff/properties", '{"a": "\\u0000"}'),
    ("PUT", "groups/staff/properties", '{"a": ' + DEEP + "}"),
    ("PUT", "groups/staff/properties", '{"a": "' + "x" * 70_000 + '"}'),
]


@pytest.mark.parametrize(("method", "path", "body"), WRONG, ids=range(len(WRONG)))
async def test_what_is_wrong_is_said_and_changes_nothing(
    hub: Hub, program: Program, method: str, path: str, body: str | bytes
) -> None:
    await hub.groups.add(["staff"], ["alice"])
    root = await program("root")
    result = await root.send(method, f"hub/api/{path}", body)
    assert result.status_code == 400, result.text
    assert 0 < len(result.json["message"]) < 500
    assert await groups(hub) == [Group("staff", ("alice",))]


async def test_a_body_that_is_too_large(hub: Hub, program: Program) -> None:
    result = await (await program("root")).send("PUT", "hub/api/groups/a/properties", "[" + " " * 1024 * 1024 + "]")
    assert result.status_code == 413


@pytest.mark.parametrize("name", ["a%00b", "", "a/b/c"])
async def test_paths_that_name_no_group(program: Program, name: str) -> None:
    assert (await (await program("root")).api("DELETE", f"groups/{name}")).status_code in (404, 405)
