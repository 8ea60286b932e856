"""A user's servers: the default one at `/server`, named ones at `/servers/{server}`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import falcon
from falcon.asgi import Response

from api.access import actor
from api.body import Body, fitted, json_object, read
from api.operation import Empty, Resource, operation
from api.request import Request
from api.resources.models import ServerModel, server_model
from gateway.errors import BadInput, Conflict, NotFound, StartFailed
from gateway.hub.lifecycle import shown
from gateway.model import Server

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that a start or stop is waited for; then the answer is 202."""


class Start(Body):
    """What a start asks for, in JupyterHub 6's form."""

    user_options: dict[str, Any] | None = None
    display_name: str = ""


class Stop(Body):
    remove: bool = False
    """Forget the server once it is stopped."""


class Servers(Resource):
    """GET one, POST starts it, DELETE stops it (and with `remove` forgets it)."""

    @operation("A server, running or not", scopes=("read:servers",), answers={200: ServerModel})
    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        record = await self._record(user, server)
        with_state = await self.access.holds(req.caller, "admin:server_state", user=user, server=server)
        resp.media = server_model(self.urls, req.dialect, record, with_state)

    @operation("Start a server", scopes=("start:servers",), body=dict[str, Any], answers={201: Empty, 202: Empty})
    async def on_post(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """201 when it is up, 202 when it is still starting."""
        profile, options = wishes(await json_object(req))
        state = shown((await self.hub.servers.get(user, server) or Server(user, server)).state)
        if state == "starting":
            _empty(resp, 202)
            return
        if state != "stopped":
            raise BadInput(f"{user}/{server} is {'already running' if state == 'ready' else 'pending stop'}")
        try:
            await self.hub.servers.start(user, server, profile, options, by=actor(req.caller))
        except Conflict:
            log.info("%s/%s was started by somebody else in the same moment", user, server)
        record = await self.hub.servers.wait(user, server, PATIENCE)
        if shown(record.state) in ("stopped", "stopping"):
            raise StartFailed(record.message or "The start was cancelled")
        _empty(resp, 201 if shown(record.state) == "ready" else 202)

    @operation("Stop a server", scopes=("delete:servers",), body=Stop, answers={202: Empty, 204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """204 when it is stopped, 202 when it is still stopping."""
        remove = (await read(req, Stop)).remove
        if remove and not server:
            raise BadInput("Cannot remove the default server")
        await self._record(user, server)
        await self.hub.servers.stop(user, server, by=actor(req.caller))
        stopped = await self.hub.servers.stopped(user, server, PATIENCE)
        if stopped and remove:
            await self.hub.servers.remove(user, server)
        _empty(resp, 204 if stopped else 202)

    async def _record(self, user: str, server: str) -> Server:
        record = await self.hub.servers.get(user, server) if await self.hub.users.get(user) else None
        if record is None:
            raise NotFound("No such server" if server else "No such user")
        return record


def wishes(fields: Mapping[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """The profile and the options that a body asks for; None = those of the last start.

    `{user_options, display_name}` is JupyterHub 6's form; any other object is the
    options themselves. Among the options `profile` names the profile.
    """
    options = fields
    if {"user_options", "display_name"} & set(fields):
        options = fitted(Start, dict(fields)).user_options or {}
    profile = options.get("profile", "")
    if not isinstance(profile, str):
        raise BadInput("profile must be str")
    rest = {key: value for key, value in options.items() if key != "profile"}
    return profile, rest or None


def _empty(resp: Response, status: int) -> None:
    resp.status = status
    resp.content_type = falcon.MEDIA_TEXT
    resp.text = ""
