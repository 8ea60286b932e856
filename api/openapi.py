"""OpenAPI 3.1 of each dialect, from the declarations that stand beside the responders. Pure.

What every call may answer (no credential, no scope, not found, …) is added here, so that a
declaration names only what is its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

import gateway
from api.dialect import JUPYTERHUB, Dialect, Varies
from api.operation import Download, Empty, Events, Operation, Resource, operations

type Json = dict[str, Any]

FIELD = re.compile(r"{(\w+)(?::\w+)?}")
ERROR: Json = {
    "type": "object",
    "properties": {"status": {"type": "integer"}, "message": {"type": ["string", "null"]}},
    "required": ["status", "message"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One entry of the URL map: a path of a dialect, as the router takes it, and what answers there."""

    dialect: Dialect
    path: str
    """Below the dialect's own path, `/` in front: `/users/{user:user}`."""
    resource: Resource


def document(dialect: Dialect, base: str, endpoints: Iterable[Endpoint]) -> Json:
    """The whole document of one dialect."""
    schemas: Json = {"Error": ERROR}
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        if endpoint.dialect is dialect:
            path = FIELD.sub(r"{\1}", endpoint.path)
            paths[path] = {
                method: _operation(path, method, operation, endpoint, schemas)
                for method, operation in operations(endpoint.resource)
            }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Hubgate's API, {'as JupyterHub has it' if dialect is JUPYTERHUB else 'its own dialect'}",
            "version": gateway.JUPYTERHUB_VERSION if dialect is JUPYTERHUB else gateway.__version__,
        },
        "servers": [{"url": f"{base}{dialect.path}"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _security(base)},
    }


def _security(base: str) -> Json:
    return {
        "token": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer X` or `token X`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "hubgate-session",
            "description": f"A browser's session at {base}; calls that change something carry `_xsrf` as well.",
        },
    }


def _operation(path: str, method: str, declared: Operation, endpoint: Endpoint, schemas: Json) -> Json:
    dialect = endpoint.dialect
    result: Json = {
        "operationId": _id(method, path),
        "tags": [path.split("/")[1] or "root"],
        "summary": declared.summary,
        "parameters": [*_fields(path), *_query(declared)],
        "responses": dict(_answers(path, declared, dialect, schemas)),
    }
    if about := "\n\n".join(part for part in (declared.about, _scopes(declared)) if part):
        result["description"] = about
    if declared.open_to_all:
        result["security"] = []
    body = Varies.of(declared.body, dialect)
    if body is not None:
        result["requestBody"] = {"content": {"application/json": {"schema": _schema(body, schemas)}}}
    return result


def _id(method: str, path: str) -> str:
    """A path that ends in a slash names the default server, and is another one than without."""
    words = re.sub(r"\W+", "_", f"{method}{path}").rstrip("_")
    return f"{words}_default" if path[1:].endswith("/") else words


def _scopes(declared: Operation) -> str:
    if not declared.scopes:
        return ""
    return f"Needs {'one of ' if declared.scopes[1:] else ''}{', '.join(f'`{scope}`' for scope in declared.scopes)}."


def _fields(path: str) -> Iterator[Json]:
    for name in FIELD.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(declared: Operation) -> Iterator[Json]:
    for each in declared.query:
        yield {"name": each.name, "in": "query", "description": each.about, "schema": dict(each.schema)}


# ── answers ──────────────────────────────────────────────────────────────────


def _answers(path: str, declared: Operation, dialect: Dialect, schemas: Json) -> Iterator[tuple[str, Json]]:
    own = {status: declared.answer(status, dialect) for status in declared.answers}
    for status in sorted(own.keys() | set(_usual(path, declared, dialect))):
        answer: Json = {"description": HTTPStatus(status).phrase}
        shape = own.get(status)
        if status >= HTTPStatus.BAD_REQUEST and shape is None:
            answer["content"] = _content("application/json", {"$ref": "#/components/schemas/Error"})
        elif shape is not Empty:
            shapes = shape if isinstance(shape, tuple) else (shape,)
            answer["content"] = {kind: each for one in shapes for kind, each in _shaped(one, schemas).items()}
        yield str(status), answer


def _shaped(shape: Any, schemas: Json) -> Json:
    # OpenAPI 3.1 has no schema for the events of a stream.
    if shape is Download:
        return {"*/*": {}}
    return {"text/event-stream": {}} if shape is Events else _content("application/json", _schema(shape, schemas))


def _usual(path: str, declared: Operation, dialect: Dialect) -> Iterator[int]:
    """The errors that any such call may answer."""
    yield from (500, 503)
    if declared.open_to_all:
        return
    yield from (400, 403, 429)
    if dialect.anonymous != HTTPStatus.FORBIDDEN:
        yield dialect.anonymous
    if "{" in path:
        yield 404
    if declared.body is not None:
        yield from (413, 415)


def _content(kind: str, schema: Json) -> Json:
    return {kind: {"schema": schema}}


def _schema(shape: Any, schemas: Json) -> Json:
    """The JSON Schema of a type; what it refers to goes into `schemas`."""
    made = TypeAdapter(shape).json_schema(ref_template="#/components/schemas/{model}")
    for name, definition in made.pop("$defs", {}).items():
        schemas[name] = _strict(definition)
    return _strict(made)


def _strict(schema: Json) -> Json:
    """Objects with known keys have no others; titles that only repeat a name go."""
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
        for each in schema["properties"].values():
            each.pop("title", None)
    return schema


def by_path(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    """`(path, method, operation)`, in the document's order."""
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            yield path, method, each
