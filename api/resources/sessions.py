"""A user's sessions: where somebody is logged in, and the end of it."""

from __future__ import annotations

from typing import TypedDict

from falcon.asgi import Response

from api.access import actor
from api.operation import Empty, Resource, operation
from api.request import Request
from api.resources.models import Stamp, stamp
from gateway.errors import NotFound
from gateway.model import Session


class SessionModel(TypedDict):
    id: str
    user: str
    device: str
    address: str
    created: Stamp
    last_seen: Stamp
    expires_at: Stamp
    current: bool


class Sessions(Resource):
    """`/users/{user}/sessions`."""

    @operation("Where a user is logged in", scopes=("read:tokens",), answers={200: list[SessionModel]})
    async def on_get(self, req: Request, resp: Response, user: str) -> None:
        await self.hub.users.known(user)
        resp.media = [_model(req, each) for each in await self.hub.sessions.of_user(user)]

    @operation("Log a user out everywhere", scopes=("tokens",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str) -> None:
        """Open connections end, too."""
        await self.hub.users.known(user)
        await self.hub.sessions.log_out_everywhere(user, by=actor(req.caller))
        resp.status = 204


class OneSession(Resource):
    """`/users/{user}/sessions/{session}`."""

    @operation("One place where a user is logged in", scopes=("read:tokens",), answers={200: SessionModel})
    async def on_get(self, req: Request, resp: Response, user: str, session: str) -> None:
        for each in await self.hub.sessions.of_user(user):
            if each.id == session:
                resp.media = _model(req, each)
                return
        raise NotFound("No such session")

    @operation("End a session", scopes=("tokens",), answers={204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str, session: str) -> None:
        await self.hub.sessions.end(user, session, by=actor(req.caller))
        resp.status = 204


def _model(req: Request, session: Session) -> SessionModel:
    caller = req.caller
    return SessionModel(
        id=session.id,
        user=session.user,
        device=session.device,
        address=session.address,
        created=stamp(session.created) or "",
        last_seen=stamp(session.last_seen) or "",
        expires_at=stamp(session.expires_at) or "",
        current=caller.credential == "session" and caller.credential_id == session.id,
    )
