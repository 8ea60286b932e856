"""The headers that every answer carries, whoever gave it.

They never change, so they are added as bytes where an answer leaves, and not one by one by Falcon.
"""

from __future__ import annotations

from typing import Any

import gateway
from api.paths import Asgi, Receive, Scope, Send

ALWAYS = tuple(
    (name.lower().encode(), value.encode())
    for name, value in (
        ("X-JupyterHub-Version", gateway.JUPYTERHUB_VERSION),
        ("X-Hubgate-Version", gateway.__version__),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        # Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Cache-Control", "no-store"),
    )
)


class AlwaysHeaders:
    """ASGI middleware: adds `ALWAYS`. A handler's own value stays."""

    def __init__(self, app: Asgi) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(event: dict[str, Any]) -> None:
            if event["type"] == "http.response.start":
                there = {name for name, _ in event["headers"]}
                event["headers"] += [header for header in ALWAYS if header[0] not in there]
            await send(event)

        await self.app(scope, receive, sending)
