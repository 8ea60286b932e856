"""The documents themselves: whole, valid, and of every route that there is."""

from __future__ import annotations

from typing import Any

import falcon.inspect
import pytest
from jsonschema import Draft202012Validator

from api.app import create_app
from api.dialect import DIALECTS, JUPYTERHUB, OURS, Dialect
from api.openapi import FIELD, by_path
from gateway.hub.core import Hub
from tests.api.documented import described
from tests.api.person import Person

AUTOMATIC = {"OPTIONS"}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_every_route_and_method_is_described(hub: Hub, dialect: Dialect) -> None:
    found = set()
    for route in falcon.inspect.inspect_routes(create_app(hub).app.app):
        path = FIELD.sub(r"{\1}", route.path)
        if path.startswith(f"/{dialect.path}/") or path == f"/{dialect.path}":
            methods = {each.method for each in route.methods if not each.internal} - AUTOMATIC
            found |= {(path.removeprefix(f"/{dialect.path}") or "/", method.lower()) for method in methods}
    found -= {("/oauth2/authorize", method) for method in ("get", "post")}  # a page
    assert found == {(path, method) for path, method, _ in by_path(described(dialect))}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_it_is_for_everybody(stranger: Person, dialect: Dialect) -> None:
    result = await stranger.send("GET", f"{dialect.path}/openapi.json")
    assert result.status_code == 200
    assert result.json == described(dialect)
    assert result.json["servers"] == [{"url": f"/{dialect.path}"}]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_it_hangs_together(dialect: Dialect) -> None:
    document = described(dialect)
    for path, _, operation in by_path(document):
        assert operation["summary"]
        fields = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert fields == set(FIELD.findall(path))
    ids = [operation["operationId"] for _, _, operation in by_path(document)]
    assert len(set(ids)) == len(ids)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for name in references(document):
        assert name in document["components"]["schemas"]


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return found.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_a_dialect_says_what_it_alone_answers() -> None:
    def answers(dialect: Dialect) -> Any:
        return described(dialect)["paths"]["/users/{user}/tokens"]["get"]["responses"]

    assert "401" in answers(OURS)
    assert "401" not in answers(JUPYTERHUB)
    assert answers(OURS)["200"]["content"]["application/json"]["schema"]["type"] == "array"
