"""What happens to a server right now: its start, its end, or why it does not run."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import quote

from falcon.asgi import Response

from api.access import Access
from api.pages.rendering import Context, Renderer, redirect
from api.pages.words import plain
from api.request import Request
from api.urls import Urls
from gateway.errors import BadInput, NotFound
from gateway.hub.core import Hub
from gateway.hub.lifecycle import shown
from gateway.model import Progress, Server

LOG_LINES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerContext(Context):
    """What these pages have in common."""

    title: Annotated[str, "Which server; empty for the default one"]
    owner: Annotated[str, "Whose server, if it is not the reader's; else empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartingContext(ServerContext):
    template: ClassVar[str] = "starting.html"
    percent: Annotated[int, "How far it is, 0 to 100"]
    steps: Annotated[tuple[str, ...], "What has happened so far, the last one last"]
    position: Annotated[int, "Its place in the start queue; 0 when it does not wait"]
    events: Annotated[str, "Path of the stream of server-sent events"]
    then: Annotated[str, "The path to go to once it runs"]
    stop: Annotated[str, "Where a stop is posted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingContext(ServerContext):
    template: ClassVar[str] = "stopping.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedContext(ServerContext):
    template: ClassVar[str] = "stopped.html"
    failed: Annotated[bool, "Did it fail to start?"]
    message: Annotated[str, "Why it stopped or failed, or empty"]
    log: Annotated[str, "The last lines that it wrote, when something went wrong; else empty"]
    start: Annotated[str, "Where a start is posted; the same path shows the choice of profiles"]
    next: Annotated[str, "The path to go to once it runs, or empty"]


class PendingPage:
    """`/hub/spawn-pending/{user}[/{server}]`. Starts nothing, changes nothing."""

    def __init__(self, hub: Hub, access: Access, renderer: Renderer, urls: Urls) -> None:
        self._hub = hub
        self._access = access
        self._renderer = renderer
        self._urls = urls

    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        await self._access.require(req, "read:servers", user=user, server=server)
        record = await self._hub.servers.get(user, server) if await self._hub.users.get(user) else None
        if record is None:
            raise NotFound("No such server")
        then = self._urls.safe_next(req.query("next"))
        match shown(record.state):
            case "ready":
                redirect(resp, then or self._urls.server(user, server))
            case "starting":
                await self._starting(req, resp, record, then)
            case "stopping":
                context = StoppingContext(frame=self._renderer.frame(req), **_common(req, record))
                self._renderer.show(req, resp, context)
            case _:
                await self._stopped(req, resp, record, then)

    async def _starting(self, req: Request, resp: Response, record: Server, then: str) -> None:
        steps = await self._steps(record)
        frame = self._renderer.frame(req)
        context = StartingContext(
            frame=frame,
            **_common(req, record),
            percent=max((step.progress for step in steps), default=0),
            steps=tuple(plain(step.message) for step in steps),
            position=self._hub.servers.position(record.user, record.name) or 0,
            events=f"{self._urls.progress(record.user, record.name)}?_xsrf={quote(frame.xsrf)}",
            then=then or self._urls.server(record.user, record.name),
            stop=self._urls.page("stop", record.user, record.name),
        )
        self._renderer.show(req, resp, context)

    async def _stopped(self, req: Request, resp: Response, record: Server, then: str) -> None:
        failed = bool(record.message) and record.started is None
        log = await self._hub.servers.log_tail(record.user, record.name, LOG_LINES) if record.message else []
        context = StoppedContext(
            frame=self._renderer.frame(req),
            **_common(req, record),
            failed=failed,
            message=plain(record.message),
            log=plain("\n".join(log)),
            start=self._urls.page("spawn", record.user, record.name),
            next=then,
        )
        self._renderer.show(req, resp, context, 500 if failed else 200)

    async def _steps(self, record: Server) -> list[Progress]:
        """The steps of this start so far: what comes at once."""
        steps: list[Progress] = []
        with suppress(TimeoutError, BadInput):
            async with asyncio.timeout(0.05):
                async for step in self._hub.servers.progress(record.user, record.name):
                    steps.append(step)
        return steps


def _common(req: Request, record: Server) -> dict[str, str]:
    return {
        "title": plain(record.display_name or record.name),
        "owner": record.user if record.user != req.user else "",
    }
