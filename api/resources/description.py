"""`/openapi.json`: the API as OpenAPI 3.1, made once of what the responders declare."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import falcon
from falcon.asgi import Response

from api.dialect import Dialect
from api.openapi import Endpoint, document
from api.operation import Api, Resource, operation
from api.request import Request


class Description(Resource):
    def __init__(self, api: Api, endpoints: Sequence[Endpoint]) -> None:
        """`endpoints` may still grow until the first call."""
        super().__init__(api)
        self._endpoints = endpoints
        self.of = cache(self._of)
        self._text = cache(self._encoded)

    @operation("This description, as OpenAPI 3.1", open_to_all=True, answers={200: dict[str, Any]})
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_JSON
        resp.data = self._text(req.dialect)

    def _of(self, dialect: Dialect) -> dict[str, Any]:
        return document(dialect, self.urls.base, self._endpoints)

    def _encoded(self, dialect: Dialect) -> bytes:
        return json.dumps(self.of(dialect)).encode()
