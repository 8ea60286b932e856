"""A user's servers: the default one at `/server`, named ones at `/servers/{server}`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import falcon
from falcon.asgi import Response

from api import body
from api.access import Access, actor
from api.models import server_model
from api.request import Request
from api.urls import Urls
from gateway.errors import BadInput, Conflict, NotFound, StartFailed
from gateway.hub.core import Hub
from gateway.hub.lifecycle import shown
from gateway.model import Server

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that a start or stop is waited for; then the answer is 202."""


class Servers:
    """GET one, POST starts it, DELETE stops it (and with `remove` forgets it)."""

    def __init__(self, hub: Hub, access: Access, urls: Urls) -> None:
        self._hub = hub
        self._access = access
        self._urls = urls

    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        identity = await self._access.require(req, "read:servers", user=user, server=server)
        record = await self._record(user, server)
        with_state = await self._access.holds(identity, "admin:server_state", user=user, server=server)
        resp.media = server_model(self._urls, record, with_state)

    async def on_post(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """201 when it is up, 202 when it is still starting."""
        identity = await self._access.require(req, "start:servers", user=user, server=server)
        profile, options = wishes(await body.json_object(req))
        state = shown((await self._hub.servers.get(user, server) or Server(user, server)).state)
        if state == "starting":
            _empty(resp, 202)
            return
        if state != "stopped":
            raise BadInput(f"{user}/{server} is {'already running' if state == 'ready' else 'pending stop'}")
        try:
            await self._hub.servers.start(user, server, profile, options, by=actor(identity))
        except Conflict:
            log.info("%s/%s was started by somebody else in the same moment", user, server)
        record = await self._hub.servers.wait(user, server, PATIENCE)
        if shown(record.state) in ("stopped", "stopping"):
            raise StartFailed(record.message or "The start was cancelled")
        _empty(resp, 201 if shown(record.state) == "ready" else 202)

    async def on_delete(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """204 when it is stopped, 202 when it is still stopping."""
        identity = await self._access.require(req, "delete:servers", user=user, server=server)
        fields = await body.json_object(req)
        body.checked(fields, remove=bool)
        remove = fields.get("remove", False)
        if remove and not server:
            raise BadInput("Cannot remove the default server")
        await self._record(user, server)
        await self._hub.servers.stop(user, server, by=actor(identity))
        stopped = await self._hub.servers.stopped(user, server, PATIENCE)
        if stopped and remove:
            await self._hub.servers.remove(user, server)
        _empty(resp, 204 if stopped else 202)

    async def _record(self, user: str, server: str) -> Server:
        record = await self._hub.servers.get(user, server) if await self._hub.users.get(user) else None
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
        body.checked(fields, user_options=(dict, type(None)), display_name=str)
        options = fields.get("user_options") or {}
    profile = options.get("profile", "")
    if not isinstance(profile, str):
        raise BadInput("profile must be str")
    rest = {key: value for key, value in options.items() if key != "profile"}
    return profile, rest or None


def _empty(resp: Response, status: int) -> None:
    resp.status = status
    resp.content_type = falcon.MEDIA_TEXT
    resp.text = ""
