"""The administration's first page: the servers that are not stopped."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.language import Language
from api.pages.listing import Pager, at, offset, pager, part
from api.pages.page import AdminPage, title_of
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from gateway.hub.lifecycle import shown
from gateway.model import Server, normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    user: Annotated[str, "Whose it is"]
    user_page: Annotated[str, "The path of the page of that user"]
    title: Annotated[str, "The server's name; that of the default server in words"]
    profile: Annotated[str, "What runs there"]
    phase: Annotated[str, "starting, ready or stopping"]
    state: Annotated[str, "The same in words"]
    position: Annotated[int, "Its place in the start queue; 0 when it does not wait"]
    started: Annotated[str, "When it was started"]
    used: Annotated[str, "When it was used last"]
    address: Annotated[str, "The path of the server itself; empty if the reader may not enter it"]
    log: Annotated[str, "The path of the page with its log"]
    stop: Annotated[str, "Where its stop is posted; empty if it cannot be stopped now"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminServersContext(Context):
    template: ClassVar[str] = "admin_servers.html"
    servers: Annotated[tuple[RunningServer, ...], "A part of those that are not stopped, the newest first"]
    pager: Annotated[Pager, "Which part"]
    wanted: Annotated[str, "The part of a name that was looked for, or empty"]
    action: Annotated[str, "The path of this part of the list"]
    done: Annotated[str, "What was just done, or empty"]


class AdminServers(AdminPage):
    """`/hub/admin`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self.admit(req, "read:servers", "servers", "admin:servers", filters=True)
        frame, now = self.frame(req), time.time()
        wanted, begin = req.query("q").strip()[:255], offset(req.query("offset"))
        found = [server for server in self.hub.servers.active() if _fits(server, normalise(wanted))]
        visible = [s for s in found if await self.access.holds(req.caller, "read:servers", user=s.user, server=s.name)]
        visible.sort(key=lambda server: (-(server.started or now), server.user, server.name))
        rows = [await self._row(req, server, frame.language, now) for server in part(visible, begin)]
        context = AdminServersContext(
            frame=frame,
            servers=tuple(rows),
            pager=pager(self.urls.admin(), {"q": wanted}, begin, len(rows), len(visible)),
            wanted=plain(wanted),
            action=at(self.urls.admin(), {"q": wanted}, begin),
            done=self.done(req, frame),
        )
        self.show(req, resp, context)

    async def _row(self, req: Request, server: Server, language: Language, now: float) -> RunningServer:
        where = shown(server.state)
        enter = await self.access.holds(req.caller, "access:servers", user=server.user, server=server.name)
        may_stop = await self.access.holds(req.caller, "delete:servers", user=server.user, server=server.name)
        return RunningServer(
            user=server.user,
            user_page=self.urls.admin("users", server.user),
            title=title_of(server, language),
            profile=plain(server.profile),
            phase=where,
            state=language.say(f"state-{where}"),
            position=self.hub.servers.position(server.user, server.name) or 0,
            started=language.ago(server.started, now),
            used=language.ago(server.last_activity, now),
            address=self.urls.server(server.user, server.name) if enter and where == "ready" else "",
            log=self.urls.page("log", server.user, server.name),
            stop=self.urls.page("stop", server.user, server.name) if may_stop and where != "stopping" else "",
        )


def _fits(server: Server, wanted: str) -> bool:
    return not wanted or wanted in server.user or wanted in server.name
