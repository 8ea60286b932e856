from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.dialect import DIALECTS, OURS, Dialect
from gateway.hub.core import Hub
from gateway.model import digest
from gateway.store import roles, services, tokens
from tests.api.person import Person

type Program = Callable[..., Awaitable[Person]]

URL = "http://127.0.0.1:9"
TOKEN = "0123456789abcdef"
FULL = {"kind", "name", "admin", "roles", "url", "prefix", "command", "pid", "info", "display"}


@pytest.fixture
async def made(hub: Hub) -> Hub:
    """`docs` can be visited, `ci` cannot."""
    await hub.services.add("docs", URL, info={"a": 1})
    await hub.services.add("ci", admin=True, display=False)
    await hub.store(roles.put, "reader", ["list:users"])
    await hub.store(roles.assign, "reader", "service", ["docs"])
    return hub


async def test_jupyterhubs_models(made: Hub, program: Program) -> None:
    root = await program("root")
    found = (await root.api("GET", "services")).json
    assert found == {
        "docs": {
            "kind": "service", "name": "docs", "admin": False, "roles": ["reader"], "url": URL,
            "prefix": "/services/docs/", "command": [], "pid": 0, "info": {"a": 1}, "display": True,
        },
        "ci": {
            "kind": "service", "name": "ci", "admin": True, "roles": ["admin"], "url": "",
            "prefix": "", "command": [], "pid": 0, "info": {}, "display": False,
        },
    }  # fmt: skip
    assert (await root.api("GET", "services/docs")).json == found["docs"]


async def test_our_models_say_more(made: Hub, program: Program) -> None:
    root = await program("root")
    ci, docs = (await root.send("GET", "api/services")).json
    assert docs.keys() == FULL | {"managed"}
    assert (docs["managed"], docs["info"]) == (False, {"a": 1, "status": "unknown"})
    assert (await root.send("GET", "api/services/ci")).json == ci


@pytest.mark.parametrize(
    ("scopes", "names", "keys"),
    [
        (["list:services"], ["ci", "docs"], {"kind", "name", "admin"}),
        (["list:services!service=ci"], ["ci"], {"kind", "name", "admin"}),
        (["list:services", "read:roles:services"], ["ci", "docs"], {"kind", "name", "admin", "roles"}),
        (["list:services", "read:services"], ["ci", "docs"], FULL - {"roles"}),
    ],
)
async def test_a_list_shows_what_the_scopes_do(
    made: Hub, program: Program, scopes: list[str], names: list[str], keys: set[str]
) -> None:
    caller = await program("root", *scopes)
    found = (await caller.api("GET", "services")).json
    assert sorted(found) == names
    assert {frozenset(model) for model in found.values()} == {frozenset(keys)}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_who_has_no_such_scope(made: Hub, program: Program, method: str) -> None:
    alice, filtered = await program("alice"), await program("root", "read:services!service=ci")
    assert (await alice.api(method, "services/docs")).status_code == 403
    assert (await alice.api(method, "services/none")).status_code == 403
    assert (await filtered.send(method, "api/services/docs")).status_code == 403
    status = 404 if method == "GET" else 403
    assert (await filtered.api(method, "services/docs")).status_code == status
    assert (await filtered.api("GET", "services/ci")).status_code == 200
    assert (await filtered.api("GET", "services")).status_code == 403


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_made_and_removed(hub: Hub, program: Program, dialect: Dialect) -> None:
    root = await program("root")
    path = f"{dialect.path}/services/x"
    body = f'{{"url": "{URL}/", "admin": true, "api_token": "{TOKEN}", "info": {{"k": [1]}}, "display": false}}'
    made = await root.send("POST", path, body)
    assert made.status_code == 201
    assert made.json == (await root.send("GET", path)).json
    kept = await hub.store(services.get, "x")
    assert kept and (kept.url, kept.admin, kept.display, kept.info) == (URL, True, False, {"k": [1]})
    assert await hub.store(tokens.find, digest(TOKEN), 0.0)
    assert TOKEN not in made.text
    program_of_x = Person(root.conductor, token=TOKEN)
    assert (await program_of_x.api("GET", "users")).status_code == 200
    assert (await root.send("POST", path, body)).status_code == 409
    gone = await root.send("DELETE", path)
    assert (gone.status_code, gone.text) == (204 if dialect is OURS else 200, "")
    assert (await root.send("GET", path)).status_code == 404
    assert (await root.send("DELETE", path)).status_code == 404
    assert (await program_of_x.api("GET", "users")).status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        None,
        {},
        {"url": 1},
        {"url": "ftp://x"},
        {"url": "http://127.0.0.1:9/path"},
        {"admin": "yes"},
        {"more": 1},
        {"api_token": "short"},
        {"command": ["x"]},
        {"url": URL, "environment": {"A": "b"}},
        {"url": URL, "user": "root"},
        {"url": URL, "oauth_client_id": "x"},
        {"url": URL, "oauth_redirect_uri": "//evil.example"},
        {"url": URL, "oauth_client_allowed_scopes": ["no:such"]},
        {"url": URL, "info": [1]},
        {"url": URL, "info": {"x": "y" * 70_000}},
    ],
)
async def test_what_cannot_be_made(hub: Hub, program: Program, fields: Any) -> None:
    root = await program("root")
    result = await root.api("POST", "services/x", fields)
    assert result.status_code == 400
    assert result.json["message"]
    assert hub.services.listing() == []


@pytest.mark.parametrize("name", ["a%2Fb", "..", "%00", "x" * 65, "%C3%BC", "a b"])
async def test_names_that_are_none(hub: Hub, program: Program, name: str) -> None:
    root = await program("root")
    result = await root.api("POST", f"services/{name}", {"url": URL})
    assert result.status_code in (400, 404)
    assert hub.services.listing() == []


async def test_nobody_gives_a_service_more_than_he_has(hub: Hub, program: Program) -> None:
    caller = await program("root", "admin:services")
    assert (await caller.api("POST", "services/x", {"url": URL, "admin": True})).status_code == 400
    greedy = {"url": URL, "oauth_client_allowed_scopes": ["tokens"]}
    assert (await caller.api("POST", "services/x", greedy)).status_code == 400
    fair = {"url": URL, "oauth_client_allowed_scopes": ["read:services"]}
    assert (await caller.api("POST", "services/x", fair)).status_code == 201


async def test_defaults_of_what_cannot_be_set_do_no_harm(hub: Hub, program: Program) -> None:
    root = await program("root")
    fields = {"name": "another", "url": URL, "command": [], "oauth_no_confirm": False}
    made = await root.api("POST", "services/x", fields)
    assert (made.status_code, made.json["name"]) == (201, "x")


async def test_an_oauth_client_that_is_taken(hub: Hub, program: Program) -> None:
    root = await program("root")
    fields = {"url": URL, "oauth_client_id": "service-z", "oauth_no_confirm": True}
    assert (await root.api("POST", "services/x", fields)).status_code == 201
    assert (await root.api("POST", "services/y", fields)).status_code == 409
    assert (await root.api("POST", "services/z", {"url": URL})).status_code == 409
    assert hub.routes.table.by_id["service:x"].client == "service-z"
    assert hub.services.get("y") is None


async def test_a_token_that_is_taken(made: Hub, program: Program) -> None:
    root = await program("root")
    assert (await root.api("POST", "services/x", {"api_token": TOKEN})).status_code == 201
    assert (await root.api("POST", "services/y", {"api_token": TOKEN})).status_code == 409


async def test_what_stands_in_the_settings_stays(made: Hub, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = made.services.get("docs")
    assert shown
    monkeypatch.setitem(made.services._known, "docs", dataclasses.replace(shown.service, from_settings=True))
    root = await program("root")
    for path in ("hub/api/services/docs", "api/services/docs"):
        assert (await root.send("DELETE", path)).status_code == 405
    assert made.services.get("docs")
