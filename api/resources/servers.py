"""A user's servers: the default one at `/server`, named ones at `/servers/{server}`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
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
from gateway.hub.starts import Wish
from gateway.hub.words import called, plain
from gateway.model import Server

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that a start or stop is waited for; then the answer is 202."""
NO_DEFAULT = "Cannot delete the default server"


class Start(Body):
    """What a start asks for, in JupyterHub 6's form. Among the options, `profile` names the profile."""

    user_options: dict[str, Any] | None = None
    display_name: str | None = None


class OurStart(Body):
    """`server_name` "" is the default server."""

    server_name: str = ""
    user_options: dict[str, Any] | None = None
    display_name: str | None = None


class Patch(Body):
    """For a server that is stopped. `name` gives it another name."""

    name: str | None = None
    display_name: str | None = None
    user_options: dict[str, Any] | None = None


class Stop(Body):
    """With `remove` the server is forgotten once it is stopped."""

    remove: bool = False


class OurStop(Stop):
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    user: str
    name: str


class Serving(Resource):
    """What both forms of the address have in common."""

    async def show(self, req: Request, resp: Response, record: Server, status: int = 200) -> None:
        identity = req.caller
        state = await self.access.holds(identity, "admin:server_state", user=record.user, server=record.name)
        resp.status = status
        resp.media = server_model(self.urls, req.dialect, record, state)

    async def found(self, at: Place) -> Server:
        record = await self.hub.servers.get(at.user, at.name) if await self.hub.users.get(at.user) else None
        if record is None:
            raise NotFound(f"{plain(at.user)} has no server named {plain(at.name)!r}" if at.name else "No such user")
        return record

    async def start(self, req: Request, at: Place, wish: Start | OurStart) -> tuple[int, Server]:
        """201 when it is up, 202 when it is still starting."""
        profile, options = chosen(wish.user_options)
        before = await self.hub.servers.get(at.user, at.name) or Server(at.user, at.name)
        state = shown(before.state)
        if state == "starting":
            return 202, before
        if state != "stopped":
            raise BadInput(f"{called(at.user, at.name)} is {'already running' if state == 'ready' else 'pending stop'}")
        try:
            await self.hub.servers.start(
                at.user, at.name, profile, options, by=actor(req.caller), display_name=wish.display_name
            )
        except Conflict:
            log.info("%s/%s was started by somebody else in the same moment", at.user, at.name)
        record = await self.hub.servers.wait(at.user, at.name, PATIENCE)
        if shown(record.state) in ("stopped", "stopping"):
            raise StartFailed(record.message or "The start was cancelled")
        return (201 if shown(record.state) == "ready" else 202), record

    async def stop(self, req: Request, at: Place, remove: bool) -> int:
        """204 when it is stopped, 202 when it is still stopping."""
        if remove and not at.name:
            raise BadInput(NO_DEFAULT)
        await self.found(at)
        await self.hub.servers.stop(at.user, at.name, by=actor(req.caller))
        stopped = await self.hub.servers.stopped(at.user, at.name, PATIENCE)
        if stopped and remove:
            await self.hub.servers.remove(at.user, at.name)
        return 204 if stopped else 202


class Servers(Serving):
    """One server, by its own address."""

    @operation("A server, running or not", scopes=("read:servers",), answers={200: ServerModel})
    async def on_get(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        await self.show(req, resp, await self.found(Place(user, server)))

    @operation("Make a named server", scopes=("start:servers",), body=Start, answers={201: ServerModel, 409: None})
    async def on_put(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """Only its record: it is not started."""
        body = await read(req, Start)
        profile, options = chosen(body.user_options)
        wish = Wish(user, server, profile, options, body.display_name)
        await self.show(req, resp, await self.hub.servers.make(wish, by=actor(req.caller)), 201)

    @operation("Start a server", scopes=("start:servers",), body=dict[str, Any], answers={201: Empty, 202: Empty})
    async def on_post(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """201 when it is up, 202 when it is still starting. The body is `{user_options, display_name}`,
        or in the older form the options themselves."""
        status, _ = await self.start(req, Place(user, server), wishes(await json_object(req)))
        _empty(resp, status)

    @operation("Change a stopped server", scopes=("start:servers",), body=Patch, answers={200: ServerModel, 409: None})
    async def on_patch(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """The default server cannot change its name: it becomes a named one, and leaves a new default."""
        body = await read(req, Patch)
        if not body.model_fields_set:
            raise BadInput("Must specify at least one field to modify.")
        profile, options = chosen(body.user_options)
        wish = Wish(user, server, profile, options, body.display_name)
        changed = await self.hub.servers.change(wish, body.name or "", by=actor(req.caller))
        await self.show(req, resp, changed)

    @operation("Stop a server", scopes=("delete:servers",), body=Stop, answers={202: Empty, 204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str, server: str = "") -> None:
        """204 when it is stopped, 202 when it is still stopping."""
        remove = (await read(req, Stop)).remove
        _empty(resp, await self.stop(req, Place(user, server), remove))


class OurServer(Serving):
    """`/users/{user}/server` in our dialect: the body may name the server."""

    on_get = Servers.on_get

    @operation("Start a server", body=OurStart, answers={201: ServerModel, 202: ServerModel})
    async def on_post(self, req: Request, resp: Response, user: str) -> None:
        """201 when it is up, 202 when it is still starting. Needs the scope `start:servers` on it."""
        wish = await read(req, OurStart)
        await self.access.require(req, "start:servers", user=user, server=wish.server_name)
        status, record = await self.start(req, Place(user, wish.server_name), wish)
        await self.show(req, resp, record, status)

    @operation("Stop a server", body=OurStop, answers={202: Empty, 204: Empty})
    async def on_delete(self, req: Request, resp: Response, user: str) -> None:
        """204 when it is stopped, 202 when it is still stopping. Needs the scope `delete:servers` on it."""
        wish = await read(req, OurStop)
        await self.access.require(req, "delete:servers", user=user, server=wish.server_name)
        _empty(resp, await self.stop(req, Place(user, wish.server_name), wish.remove))


def wishes(fields: Mapping[str, Any]) -> Start:
    """JupyterHub 6's form, or any other object, which is the options themselves."""
    if {"user_options", "display_name"} & set(fields):
        return fitted(Start, dict(fields))
    return Start(user_options=dict(fields) or None)


def chosen(options: Mapping[str, Any] | None) -> tuple[str, dict[str, Any] | None]:
    """The profile and the options that are asked for; None = those of the last start."""
    options = options or {}
    profile = options.get("profile", "")
    if not isinstance(profile, str):
        raise BadInput("profile should be a valid string")
    rest = {key: value for key, value in options.items() if key != "profile"}
    return profile, rest or None


def _empty(resp: Response, status: int) -> None:
    resp.status = status
    if status != 204:
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = ""
