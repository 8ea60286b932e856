"""`/hub/metrics`: the numbers, for Prometheus."""

from __future__ import annotations

from falcon.asgi import Response

from api.operation import Resource, operation
from api.request import Request


class Metrics(Resource):
    """`/hub/metrics`. Not of the API, but judged like it: a program comes with a token."""

    @operation("Metrics", scopes=("read:metrics",), answers={200: str})
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type, resp.data = await self.hub.metrics.exposition(req.lower.get("accept", ""))
