"""Running the gateway: what it is, its queue and workers, what it tells everybody, and its end."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from typing import Annotated, Any, TypedDict

from falcon.asgi import Response
from pydantic import Field

import gateway
from api.access import actor
from api.body import Body, read
from api.operation import Resource, operation
from api.request import Request
from api.resources.models import Stamp, stamp
from gateway.errors import BadInput
from gateway.hub.core import Shutdown
from gateway.hub.notices import Announcement, Starts

TEXT = 2000
"""Characters of what everybody is told."""


class InfoModel(TypedDict):
    version: str
    hubgate_version: str
    python: str
    system: str
    machine: str
    processors: int


class HubModel(InfoModel):
    authenticators: list[str]
    spawner: str
    profiles: list[str]
    plugins: list[str]
    base_path: str
    public_url: str
    workers: int
    limits: dict[str, Any]


class QueueModel(TypedDict):
    waiting: list[dict[str, Any]]
    length: int
    limit: int
    concurrent_starts: int


class WorkerModel(TypedDict):
    worker: str
    pid: int
    since: Stamp


class AnnouncementModel(TypedDict):
    text: str
    until: Stamp | None


class StartsModel(TypedDict):
    enabled: bool
    message: str
    drain: bool


class MessageModel(TypedDict):
    message: str


class NewAnnouncement(Body):
    """An empty text takes it away. `until` is an ISO 8601 time."""

    text: Annotated[str, Field(max_length=TEXT)]
    until: str | None = None


class NewStarts(Body):
    """`drain`: servers that run end once nobody has used them for five minutes, as long as starts are off."""

    enabled: bool
    message: Annotated[str, Field(max_length=TEXT)] = ""
    drain: bool = False


class ShutdownWish(Body):
    """`servers`: stop users' servers (default: as the settings say). `proxy`: end the workers, too."""

    servers: bool | None = None
    proxy: bool | None = None


class SystemInfo(Resource):
    """`/info` in our dialect."""

    @operation("Version and system", answers={200: InfoModel})
    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.media = _info()


class HubInfo(Resource):
    """`/hub/info`."""

    @operation("What the gateway is made of, without any secret", scopes=("read:hub",), answers={200: HubModel})
    async def on_get(self, _req: Request, resp: Response) -> None:
        settings = self.hub.settings
        resp.media = HubModel(
            **_info(),
            authenticators=[each.name for each in self.hub.authenticators],
            spawner=settings.spawner.plugin,
            profiles=[profile.name for profile in settings.profiles],
            plugins=sorted({offer.plugin for offer in self.hub.hooks.offers()}),
            base_path=settings.gateway.base_path,
            public_url=settings.public_url,
            workers=len(self.hub.workers),
            limits={
                "concurrent_starts": settings.spawner.concurrent_starts,
                "queue": settings.spawner.queue,
                "servers_per_user": settings.spawner.servers_per_user,
                "requests_per_second": settings.limits.requests_per_second,
                "session_max_age": settings.session.max_age,
                "token_max_age": settings.tokens.max_age,
                "max_body": settings.gateway.max_body,
            },
        )


class Queue(Resource):
    """`/hub/queue`."""

    @operation("The starts that wait", scopes=("read:hub",), answers={200: QueueModel})
    async def on_get(self, _req: Request, resp: Response) -> None:
        spawner = self.hub.settings.spawner
        waiting = [
            {"user": server.user, "server": server.name, "position": position}
            for server in self.hub.servers.active()
            if (position := self.hub.servers.position(server.user, server.name)) is not None
        ]
        resp.media = QueueModel(
            waiting=sorted(waiting, key=lambda each: each["position"]),
            length=len(waiting),
            limit=spawner.queue,
            concurrent_starts=spawner.concurrent_starts,
        )


class Workers(Resource):
    """`/hub/workers`."""

    @operation("The workers that are connected", scopes=("read:hub",), answers={200: list[WorkerModel]})
    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.media = [
            WorkerModel(worker=each.worker, pid=each.pid, since=stamp(each.since) or "")
            for each in self.hub.workers.listing()
        ]


class Announcements(Resource):
    """`/hub/announcement`."""

    @operation("What everybody is told on every page", answers={200: AnnouncementModel})
    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.media = self._model()

    @operation("Tell everybody something", scopes=("shutdown",), body=NewAnnouncement, answers={200: AnnouncementModel})
    async def on_put(self, req: Request, resp: Response) -> None:
        wish = await read(req, NewAnnouncement)
        until = _moment(wish.until) if wish.until is not None else None
        await self.hub.notices.announce(Announcement(wish.text.strip(), until), by=actor(req.caller))
        resp.media = self._model()

    def _model(self) -> AnnouncementModel:
        said = self.hub.notices.announcement
        return AnnouncementModel(text=said.text, until=stamp(said.until))


class StartsSwitch(Resource):
    """`/hub/starts`."""

    @operation("May servers be started?", answers={200: StartsModel})
    async def on_get(self, _req: Request, resp: Response) -> None:
        resp.media = self._model()

    @operation("Allow starts, or no more of them", scopes=("shutdown",), body=NewStarts, answers={200: StartsModel})
    async def on_put(self, req: Request, resp: Response) -> None:
        """What runs goes on, unless it is drained, and what waits in the queue is started."""
        wish = await read(req, NewStarts)
        starts = Starts(wish.enabled, wish.message.strip(), wish.drain)
        await self.hub.notices.set_starts(starts, by=actor(req.caller))
        resp.media = self._model()

    def _model(self) -> StartsModel:
        starts = self.hub.notices.starts
        return StartsModel(enabled=starts.enabled, message=starts.message, drain=starts.drain)


class End(Resource):
    """`/shutdown` as JupyterHub has it, `/hub/shutdown` in our dialect."""

    @operation("End the gateway", scopes=("shutdown",), body=ShutdownWish, answers={202: MessageModel})
    async def on_post(self, req: Request, resp: Response) -> None:
        """Answered first, then everything ends cleanly. With `proxy` false only the hub ends: workers go on
        serving what they know."""
        wish = await read(req, ShutdownWish)
        self.hub.on_shutdown(Shutdown(wish.servers, wish.proxy is not False))
        resp.status = 202
        resp.media = MessageModel(message="Shutting down Hub")


def _info() -> InfoModel:
    return InfoModel(
        version=gateway.JUPYTERHUB_VERSION,
        hubgate_version=gateway.__version__,
        python=sys.version,
        system=platform.system(),
        machine=platform.machine(),
        processors=os.cpu_count() or 1,
    )


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadInput("until should be an ISO 8601 time, or null") from None
