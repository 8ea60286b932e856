"""How long the hub takes for what it answers itself, by handler: JupyterHub's `request_duration_seconds`."""

from __future__ import annotations

import time

from falcon.asgi import Response

from api.request import Request
from gateway.hub.metrics import Metrics

NOBODY = "none"
"""Stands for what no handler answers."""


class Measure:
    """Middleware; the first one, so that it sees it all. A stream counts until its head is sent."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def process_request(self, req: Request, _resp: Response) -> None:
        req.context.began = time.monotonic()

    async def process_response(self, req: Request, resp: Response, resource: object, _succeeded: bool) -> None:
        kind = type(resource)
        handler = f"{kind.__module__}.{kind.__name__}" if resource is not None else NOBODY
        self._metrics.answered(req.method, handler, resp.status_code, time.monotonic() - req.context.began)
