"""`/hub/docs`: the API for people to read, from the same declarations as its OpenAPI documents.

Rendered here, with nothing from elsewhere, so that it works without the Internet and under
the pages' Content-Security-Policy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from falcon.asgi import Response

from api.dialect import Dialect
from api.openapi import by_path
from api.pages.rendering import Context, Renderer
from api.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: Annotated[str, "GET, POST, …"]
    path: Annotated[str, "The whole path, with its fields in braces"]
    anchor: Annotated[str, "What a link within the page leads to"]
    summary: Annotated[str, "What it does"]
    about: Annotated[str, "More of it, and the scopes that it needs"]
    query: Annotated[tuple[tuple[str, str], ...], "Names and meanings of the query's fields"]
    body: Annotated[str, "JSON Schema of what is sent, or empty"]
    answers: Annotated[tuple[tuple[str, str, str], ...], "Statuses, their words, and JSON Schemas of successes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    title: Annotated[str, "The dialect"]
    address: Annotated[str, "The path of its OpenAPI document"]
    calls: Annotated[tuple[Call, ...], "All of its calls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsContext(Context):
    template: ClassVar[str] = "docs.html"
    chapters: Annotated[tuple[Chapter, ...], "One for each dialect"]
    shapes: Annotated[tuple[tuple[str, str], ...], "Names and JSON Schemas that the calls refer to"]


class DocsPage:
    def __init__(
        self, renderer: Renderer, dialects: Mapping[str, Dialect], document: Callable[[Dialect], Mapping[str, Any]]
    ) -> None:
        """`dialects` by the path where the document of each can be had."""
        self._renderer = renderer
        self._dialects = dialects
        self._document = document

    async def on_get(self, req: Request, resp: Response) -> None:
        documents = {address: self._document(dialect) for address, dialect in self._dialects.items()}
        shapes: dict[str, str] = {}
        for document in documents.values():
            schemas = document["components"]["schemas"]
            shapes |= {name: _shown(schema) for name, schema in schemas.items()}
        context = DocsContext(
            frame=self._renderer.frame(req),
            chapters=tuple(_chapter(address, document) for address, document in documents.items()),
            shapes=tuple(sorted(shapes.items())),
        )
        self._renderer.show(req, resp, context)


def _chapter(address: str, document: Mapping[str, Any]) -> Chapter:
    base = document["servers"][0]["url"]
    calls = tuple(_call(base, path, method, each) for path, method, each in by_path(document))
    return Chapter(title=document["info"]["title"], address=address, calls=calls)


def _call(base: str, path: str, method: str, each: Mapping[str, Any]) -> Call:
    body = each.get("requestBody")
    return Call(
        method=method.upper(),
        path=base + path,
        anchor=f"{base.strip('/').replace('/', '-')}-{each['operationId']}",
        summary=each["summary"],
        about=each.get("description", ""),
        query=tuple((field["name"], field["description"]) for field in each["parameters"] if field["in"] == "query"),
        body=_shown(body["content"]["application/json"]["schema"]) if body else "",
        answers=tuple(
            (status, answer["description"], _answer(status, answer)) for status, answer in each["responses"].items()
        ),
    )


def _answer(status: str, answer: Mapping[str, Any]) -> str:
    content = answer.get("content", {}).get("application/json")
    return _shown(content["schema"]) if content and status < "400" else ""


def _shown(schema: Any) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False).replace("#/components/schemas/", "")
