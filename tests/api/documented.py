"""Holds every answer of the API in the tests against what its documentation says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from falcon import testing
from jsonschema import Draft202012Validator

from api.app import rest
from api.dialect import Dialect, dialect_of
from api.openapi import Endpoint, by_path, document
from api.operation import Api
from api.paths import routable, unslashed
from api.resources.description import Description
from api.urls import AUTHORIZE, Urls

FIELDS = {"{path}": ".+"}
WITHOUT_ROUTE = (403, 404, 405, 401, 500, 503)


@cache
def described(dialect: Dialect) -> dict[str, Any]:
    """The document of a dialect at the base path `/`."""
    api = Api(cast(Any, None), cast(Any, None), Urls("/"))
    endpoints: list[Endpoint] = []
    endpoints += rest(api, Description(api, endpoints))
    return document(dialect, "/", endpoints)


def check(method: str, path: str, result: testing.Result) -> None:
    """`path` is below the base path, without its query."""
    target = routable("/" + path)
    dialect = dialect_of(target, "/")
    if dialect is None or path == AUTHORIZE:  # a page
        return
    below = unslashed(target).removeprefix(f"/{dialect.path}") or "/"
    operation = _found(dialect, method.lower(), below)
    where = f"{method} {path}: {result.status_code} {result.text[:500]}"
    if operation is None:
        assert method == "OPTIONS" or result.status_code in WITHOUT_ROUTE, f"undocumented: {where}"
        if method != "HEAD" and result.status_code >= 400:
            _fits(dialect, {"$ref": "#/components/schemas/Error"}, result, where)
        return
    answer = operation["responses"].get(str(result.status_code))
    assert answer, f"undocumented status: {where}"
    content = answer.get("content")
    if content is None:
        assert result.text == "", where
    elif "application/json" in content:
        assert result.headers["content-type"].startswith("application/json"), where
        _fits(dialect, content["application/json"]["schema"], result, where)
    else:
        assert "*/*" in content or result.headers["content-type"] in content, where


def _fits(dialect: Dialect, schema: Any, result: testing.Result, where: str) -> None:
    whole = {**schema, "components": described(dialect)["components"]}
    errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(result.json)]
    assert not errors, f"{where}\n" + "\n".join(errors)


def _found(dialect: Dialect, method: str, below: str) -> Any:
    for pattern, of, operation in _patterns(dialect):
        if of == method and pattern.fullmatch(below):
            return operation
    return None


@cache
def _patterns(dialect: Dialect) -> list[tuple[re.Pattern[str], str, Any]]:
    """Those with fewer fields first: `/servers/` before `/servers/{server}`."""
    return sorted(_compiled(dialect), key=lambda each: each[0].pattern.count("+"))


def _compiled(dialect: Dialect) -> Iterator[tuple[re.Pattern[str], str, Any]]:
    for path, method, operation in by_path(described(dialect)):
        parts = re.split(r"({\w+})", path)
        pattern = "".join(FIELDS.get(part, "[^/]+") if part[:1] == "{" else re.escape(part) for part in parts)
        yield re.compile(pattern), method, operation
