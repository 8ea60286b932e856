"""Captures: all of them, and a form that starts one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.access import actor
from api.pages.language import Language
from api.pages.page import Page, shortened
from api.pages.rendering import Context, redirect
from api.pages.words import plain
from api.request import Request
from gateway.captures import Scope
from gateway.errors import BadInput, Conflict, HubgateError
from gateway.hub.capturefolder import Capture

SCOPE = "admin:traffic"
FIELDS = ("reason", "user", "server", "path", "filter", "minutes", "megabytes")
MINUTES, MEGABYTES = "10", "64"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    page: Annotated[str, "The path of its page"]
    reason: Annotated[str, "Why it was started"]
    what: Annotated[str, "Whom and what it covers"]
    by: Annotated[str, "Who started it"]
    running: Annotated[bool, "Does it still record?"]
    when: Annotated[str, "When it was started, and when it ends or why it ended"]
    flows: Annotated[int, "How many requests it has"]
    size: Annotated[str, "How much room it takes"]
    unredacted: Annotated[bool, "Are secrets in it as they were?"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminCapturesContext(Context):
    template: ClassVar[str] = "admin_captures.html"
    captures: Annotated[tuple[CaptureRow, ...], "The newest first"]
    chosen: Annotated[Mapping[str, str], "The form's fields, as they were filled in"]
    action: Annotated[str, "Where the form is posted"]
    done: Annotated[str, "What was just done, or empty"]
    message: Annotated[str, "What was wrong with the form, or empty"]


class AdminCaptures(Page):
    """`/hub/admin/captures`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        await self.access.require(req, SCOPE)
        # A link may fill in whom to record.
        chosen = {name: req.query(name)[:200] for name in ("user", "server", "path")}
        self._show(req, resp, chosen)

    async def on_post(self, req: Request, resp: Response) -> None:
        """Secrets are always hidden in what is started here; anything else takes the API."""
        by = actor(await self.access.require(req, SCOPE))
        form = {name: req.form.get(name, "").strip() for name in FIELDS}
        try:
            capture = await self.hub.captures.start(
                form["reason"],
                Scope(form["user"], form["server"], form["path"], form["filter"]),
                by=by,
                seconds=60 * _number(form["minutes"], "Minutes"),
                size=1_000_000 * _number(form["megabytes"], "Megabytes"),
            )
        except (BadInput, Conflict) as error:
            self._show(req, resp, form, error)
            return
        redirect(resp, self.urls.admin("captures", capture.id))

    def _show(self, req: Request, resp: Response, form: Mapping[str, str], error: HubgateError | None = None) -> None:
        frame, now = self.frame(req), time.time()
        defaults = {**dict.fromkeys(FIELDS, ""), "minutes": MINUTES, "megabytes": MEGABYTES}
        context = AdminCapturesContext(
            frame=frame,
            captures=tuple(
                row(each, self.urls.admin("captures", each.id), frame.language, now)
                for each in self.hub.captures.listing()
            ),
            chosen={name: plain(form.get(name, default)) for name, default in defaults.items()},
            action=self.urls.admin("captures"),
            done=self.done(req, frame),
            message=plain(frame.language.told(error)) if error else "",
        )
        self.show(req, resp, context, error.status if error else 200)


def row(capture: Capture, page: str, language: Language, now: float) -> CaptureRow:
    began = language.ago(capture.started, now)
    if capture.running:
        end = language.say("capture-until", time=language.until(capture.until, now))
    else:
        end = language.say("capture-ended", why=plain(capture.why))
    scope = capture.scope
    parts = ((scope.user, "user-name"), (scope.server, "traffic-server"), (scope.path, "traffic-path"))
    what = [f"{language.say(message)} {plain(value)}" for value, message in parts if value]
    return CaptureRow(
        page=page,
        reason=plain(capture.reason),
        what=shortened(" · ".join([*what, *([plain(scope.filter)] if scope.filter else [])]), 300),
        by=plain(capture.by),
        running=capture.running,
        when=f"{began}, {end}",
        flows=capture.flows,
        size=language.size(capture.bytes),
        unredacted=not capture.redact,
    )


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise BadInput(f"{what}: a whole number", key="capture-number", about={"what": what})
    return int(text)
