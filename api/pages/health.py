"""`/hub/health`: the hub answers."""

from __future__ import annotations

from falcon.asgi import Response

from api.request import Request


class Health:
    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.content_type = "text/plain; charset=utf-8"
        resp.text = ""

    async def on_head(self, req: Request, resp: Response) -> None:
        await self.on_get(req, resp)
