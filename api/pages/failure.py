"""The page that says what went wrong, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, ClassVar

from falcon.asgi import Response

from api.pages.language import Language
from api.pages.rendering import Context, Renderer
from api.pages.words import plain
from api.request import Request
from gateway.errors import HubgateError


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureContext(Context):
    template: ClassVar[str] = "failure.html"
    status: Annotated[int, "The HTTP status"]
    title: Annotated[str, "What went wrong, in a few words"]
    message: Annotated[str, "What went wrong, in a sentence; may be empty"]
    move: Annotated[str, "Whose move it is: what helps, and who can do it"]
    reference: Annotated[str, "The request's id, by which an administrator finds it in the access log; may be empty"]


class FailurePage:
    """The words of each status are `error-<status>` and `move-<status>`; those of others are `…-other`."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def show(self, req: Request, resp: Response, status: int, message: str, error: HubgateError | None = None) -> None:
        """`error` knows its message in other languages, too."""
        frame = self._renderer.frame(req)
        message = frame.language.told(error) if error else message
        context = FailureContext(
            frame=frame,
            status=status,
            title=_said(frame.language, f"error-{status}", "error-other"),
            # What went wrong inside is nobody's to know from a page.
            message="" if status == 500 or message == HTTPStatus(status).phrase else plain(message),
            move=_said(frame.language, f"move-{status}", "move-other"),
            reference=plain(req.id),
        )
        self._renderer.show(req, resp, context, status)


def _said(language: Language, message: str, otherwise: str) -> str:
    return language.say(message if language.knows(message) else otherwise)
