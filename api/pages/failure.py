"""The page that says what went wrong, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.rendering import Context, Renderer
from api.pages.words import plain
from api.request import Request

TITLES = {
    400: "That cannot be understood",
    403: "This is not yours to use",
    404: "There is nothing here",
    405: "That is not possible here",
    409: "Not right now",
    413: "That is too large",
    415: "That cannot be read",
    429: "Too much at once",
    503: "Not available right now",
}


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
        context = FailureContext(
            frame=self._renderer.frame(req),
            status=status,
            title=TITLES.get(status, "Something went wrong"),
            message="" if status == 500 or message == HTTPStatus(status).phrase else plain(message),
            reference=req.id if status == 500 else "",
        )
        self._renderer.show(req, resp, context, status)
