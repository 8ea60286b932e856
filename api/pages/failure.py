"""The page that says what went wrong, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.rendering import Context, Renderer
from api.pages.words import plain
from api.request import Request

KNOWN = (400, 403, 404, 405, 409, 413, 415, 429, 503)
"""Statuses that have a title of their own, `error-<status>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureContext(Context):
    template: ClassVar[str] = "failure.html"
    status: Annotated[int, "The HTTP status"]
    title: Annotated[str, "What went wrong, in a few words"]
    message: Annotated[str, "What went wrong, in a sentence; may be empty"]
    reference: Annotated[str, "The request's id, by which an administrator finds it in the log; only for bugs"]


class FailurePage:
    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def show(self, req: Request, resp: Response, status: int, message: str) -> None:
        frame = self._renderer.frame(req)
        context = FailureContext(
            frame=frame,
            status=status,
            title=frame.language.say(f"error-{status}" if status in KNOWN else "error-other"),
            message="" if status == 500 or message == HTTPStatus(status).phrase else plain(message),
            reference=req.id if status == 500 else "",
        )
        self._renderer.show(req, resp, context, status)
