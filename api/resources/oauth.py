"""OAuth's token endpoint, where a client brings the code that a browser has brought it."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from falcon.asgi import Response

from api import body
from api.operation import Resource, operation
from api.request import Request
from gateway.errors import BadInput


class GivenToken(TypedDict):
    access_token: str
    expires_in: int
    token_type: Literal["Bearer"]
    scope: str


class OAuthError(TypedDict):
    """RFC 6749's errors; where not even one of these is in order, `status` and `message`."""

    error: NotRequired[str]
    error_description: NotRequired[str]
    error_uri: NotRequired[str]
    state: NotRequired[str]
    status: NotRequired[int]
    message: NotRequired[str]


class OAuthToken(Resource):
    """`/oauth2/token`."""

    @operation(
        "A token for a code",
        open_to_all=True,
        answers={200: GivenToken, 400: OAuthError, 401: OAuthError, 413: None, 429: None},
    )
    async def on_post(self, req: Request, resp: Response) -> None:
        """The client proves itself by `client_id` and `client_secret` in the form; nothing else counts."""
        try:
            form = (await body.content(req, body.MAX_FORM)).decode("utf-8")
        except ValueError:
            raise BadInput("The form cannot be read") from None
        given = await self.hub.oauth.token(req.target, form, req.client_address)
        resp.status = given.status
        resp.text = given.body
        for name, value in given.headers.items():
            resp.set_header(name, value)
