"""What happens to a server right now: its start, its end, or why it does not run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, ClassVar
from urllib.parse import quote

from falcon.asgi import Response

from api.pages.language import Language
from api.pages.page import Page
from api.pages.rendering import Context, redirect
from api.pages.words import plain
from api.request import Request
from gateway.errors import BadInput, NotFound
from gateway.hub.lifecycle import shown
from gateway.model import AuditEntry, Progress, Server

LOG_LINES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    message: Annotated[str, "What was done"]
    took: Annotated[str, "How long it took; empty while it lasts"]
    elapsed: Annotated[float, "Seconds from the start's first step to this one"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerContext(Context):
    """What these pages have in common."""

    title: Annotated[str, "Which server; empty for the default one"]
    owner: Annotated[str, "Whose server, if it is not the reader's; else empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartingContext(ServerContext):
    template: ClassVar[str] = "starting.html"
    percent: Annotated[int, "How far it is, 0 to 100"]
    steps: Annotated[tuple[Step, ...], "What has happened so far, the last one last"]
    position: Annotated[int, "Its place in the start queue; 0 when it does not wait"]
    events: Annotated[str, "Path of the stream of server-sent events"]
    then: Annotated[str, "The path to go to once it runs"]
    stop: Annotated[str, "Where a stop is posted"]
    log: Annotated[str, "The last lines that it wrote"]
    log_events: Annotated[str, "Path of the stream of what it writes; empty for who may not read its log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingContext(ServerContext):
    template: ClassVar[str] = "stopping.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedContext(ServerContext):
    template: ClassVar[str] = "stopped.html"
    failed: Annotated[bool, "Did it fail to start?"]
    message: Annotated[str, "Why it stopped or failed, or empty"]
    ended: Annotated[str, "When it stopped, and who stopped it; or empty"]
    steps: Annotated[tuple[Step, ...], "What its start came to, when that failed a moment ago"]
    log: Annotated[str, "The last lines that it wrote, when something went wrong; else empty"]
    log_page: Annotated[str, "The page with all of its log; empty for who may not read it"]
    start: Annotated[str, "Where a start is posted; the same path shows the choice of profiles"]
    next: Annotated[str, "The path to go to once it runs, or empty"]


class PendingPage(Page):
    """`/hub/spawn-pending/{user}[/{server}]`. Starts nothing, changes nothing."""

    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        await self.access.require(req, "read:servers", user=user, server=server)
        record = await self.hub.servers.get(user, server) if await self.hub.users.get(user) else None
        if record is None:
            raise NotFound("No such server", key="no-server")
        then = self.urls.safe_next(req.query("next"))
        match shown(record.state):
            case "ready":
                redirect(resp, then or self.urls.server(user, server))
            case "starting":
                await self._starting(req, resp, record, then)
            case "stopping":
                self.show(req, resp, StoppingContext(frame=self.frame(req), **_common(req, record)))
            case _:
                await self._stopped(req, resp, record, then)

    async def _starting(self, req: Request, resp: Response, record: Server, then: str) -> None:
        user, name, frame = record.user, record.name, self.frame(req)
        steps = await self._steps(record)
        reads = await self._reads_log(req, record)
        context = StartingContext(
            frame=frame,
            **_common(req, record),
            percent=max((step.progress for step in steps), default=0),
            steps=_told(steps, frame.language),
            position=self.hub.servers.position(user, name) or 0,
            events=f"{self.urls.steps(user, name)}?_xsrf={quote(frame.xsrf)}",
            then=then or self.urls.server(user, name),
            stop=self.urls.page("stop", user, name),
            log=await self._log(record) if reads else "",
            log_events=self.urls.log(user, name, LOG_LINES, frame.xsrf) if reads else "",
        )
        self.show(req, resp, context)

    async def _stopped(self, req: Request, resp: Response, record: Server, then: str) -> None:
        frame = self.frame(req)
        failed = bool(record.message) and record.started is None
        reads = await self._reads_log(req, record)
        context = StoppedContext(
            frame=frame,
            **_common(req, record),
            failed=failed,
            message=plain(frame.language.why(record)),
            ended="" if failed else _ended(await self.hub.servers.ended(record), req.user, frame.language),
            steps=_told(await self._steps(record), frame.language, frame.language.why(record)) if failed else (),
            log=await self._log(record) if record.message and reads else "",
            log_page=self.urls.page("log", record.user, record.name) if reads else "",
            start=self.urls.page("spawn", record.user, record.name),
            next=then,
        )
        self.show(req, resp, context, 500 if failed else 200)

    async def _steps(self, record: Server) -> list[Progress]:
        """The steps of this start so far: what comes at once."""
        steps: list[Progress] = []
        with suppress(TimeoutError, BadInput):
            async with asyncio.timeout(0.05):
                async for step in self.hub.servers.progress(record.user, record.name):
                    steps.append(step)
        return steps

    async def _reads_log(self, req: Request, record: Server) -> bool:
        return await self.access.holds(req.caller, "servers", user=record.user, server=record.name)

    async def _log(self, record: Server) -> str:
        return plain("\n".join(await self.hub.servers.log_tail(record.user, record.name, LOG_LINES)))


def _ended(entry: AuditEntry | None, reader: str, language: Language) -> str:
    if entry is None:
        return ""
    ago = language.ago(entry.time, time.time())
    kind, _, name = entry.actor.partition(":")
    if kind == "hub" or not entry.actor:
        return language.say("ended", ago=ago)
    if kind == "user" and name == reader:
        return language.say("ended-by-you", ago=ago)
    return language.say("ended-by", who=plain(name or kind), ago=ago)


def _told(steps: Sequence[Progress], language: Language, failure: str = "") -> tuple[Step, ...]:
    """`failure` is what the last step says where the start failed."""
    took = [language.seconds(after.elapsed - step.elapsed) for step, after in pairwise(steps)]
    return tuple(
        Step(
            message=plain((step.failed and failure) or step.message),
            took=took[number] if number < len(took) else "",
            elapsed=step.elapsed,
        )
        for number, step in enumerate(steps)
    )


def _common(req: Request, record: Server) -> dict[str, str]:
    return {
        "title": plain(record.display_name or record.name),
        "owner": record.user if record.user != req.user else "",
    }
