"""The gateway itself: its workers and queue, what everybody is told, and whether servers may be started."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.page import AdminPage
from api.pages.rendering import Context
from api.pages.words import plain
from api.request import Request
from gateway.errors import BadInput, HubgateError
from gateway.hub.lifecycle import shown
from gateway.hub.notices import Announcement, Starts

TEXT = 2000
"""Characters of what everybody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    name: Annotated[str, "Its number"]
    pid: Annotated[int, "Its process"]
    since: Annotated[str, "Since when it is connected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    user: Annotated[str, "Whose server waits"]
    server: Annotated[str, "Its name; that of the default server in words"]
    position: Annotated[int, "Its place, from 1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminGatewayContext(Context):
    template: ClassVar[str] = "admin_gateway.html"
    workers: Annotated[tuple[WorkerRow, ...], "Those that are connected"]
    waiting: Annotated[tuple[Waiting, ...], "The start queue, the first one first"]
    limit: Annotated[int, "How many may wait"]
    running: Annotated[int, "How many servers are ready"]
    users: Annotated[int, "How many users there are"]
    announcement: Annotated[str, "What everybody is told, or empty"]
    until: Annotated[str, "Until when, as the form has it, or empty"]
    starts: Annotated[str, "What of starts: on, off, or drain"]
    reason: Annotated[str, "Why not, or empty"]
    action: Annotated[str, "Where the page's forms are posted"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "What was wrong with a form, or empty"]


class AdminGateway(AdminPage):
    """`/hub/admin/gateway`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self._show(req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        by = await self.admit(req, "shutdown")
        form = req.form
        try:
            match form.get("action", ""):
                case "announce":
                    said = _announcement(form.get("text", ""), form.get("until", ""))
                    await self.hub.notices.announce(said, by=by)
                case "starts":
                    await self.hub.notices.set_starts(_starts(form.get("starts", ""), form.get("reason", "")), by)
                case _:
                    raise BadInput("There is no such action", key="no-action")
        except BadInput as error:
            await self._show(req, resp, error)
            return
        self.back(resp, self.urls.admin("gateway"), "gateway-told")

    async def _show(self, req: Request, resp: Response, error: HubgateError | None = None) -> None:
        await self.admit(req, "read:hub")
        frame, now, notices = self.frame(req), time.time(), self.hub.notices
        # What was refused is put in once more, to be mended.
        form, again = req.form, error is not None and "text" in req.form
        active = self.hub.servers.active()
        places = [(self.hub.servers.position(server.user, server.name), server) for server in active]
        context = AdminGatewayContext(
            frame=frame,
            workers=tuple(
                WorkerRow(name=plain(each.worker), pid=each.pid, since=frame.language.ago(each.since, now))
                for each in self.hub.workers.listing()
            ),
            waiting=tuple(
                Waiting(user=server.user, server=server.name or frame.language.say("default-server"), position=place)
                for place, server in sorted((place, server) for place, server in places if place)
            ),
            limit=self.hub.settings.spawner.queue,
            running=sum(shown(server.state) == "ready" for server in active),
            users=await self.hub.users.count(),
            announcement=plain(form["text"] if again else notices.announcement.text),
            until=plain(form.get("until", "")) if again else _written(notices.announcement.until),
            starts="on" if notices.starts.enabled else "drain" if notices.starts.drain else "off",
            reason=plain(notices.starts.message),
            action=self.urls.admin("gateway"),
            done=self.done(req, frame),
            message=plain(frame.language.told(error)) if error else "",
        )
        self.show(req, resp, context, error.status if error else 200)


def _announcement(text: str, until: str) -> Announcement:
    """An end that is over is a slip, most often of UTC: it would take away at once what was written."""
    said = Announcement(_text(text), _moment(until))
    if said.text and said.until is not None and said.until <= time.time():
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
        raise BadInput(f"The end is over already; it is now {now} UTC", key="end-over", about={"now": now})
    return said


def _starts(what: str, reason: str) -> Starts:
    if what not in ("on", "off", "drain"):
        raise BadInput("starts must be on, off or drain", key="no-action")
    return Starts(what == "on", _text(reason), what == "drain")


def _text(text: str) -> str:
    if len(text) > TEXT:
        raise BadInput(f"At most {TEXT} characters", key="text-long", about={"most": TEXT})
    return text.strip()


def _moment(text: str) -> float | None:
    """A time as `<input type="datetime-local">` sends it, taken as UTC."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        raise BadInput("The end must be a date and a time", key="no-moment") from None


def _written(moment: float | None) -> str:
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M")
