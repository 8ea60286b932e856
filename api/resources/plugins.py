"""What plugins add to the API, below `hub/api/plugins/<plugin>/`: through the same middleware as everything else.

A route says which scopes it needs, and one that says none, or one that nobody could
have, is not added. Its handler is called within bounds; what it gives is checked.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from falcon.asgi import Response

from api import body
from api.dialect import JUPYTERHUB
from api.openapi import Endpoint
from api.operation import METHODS, Api, Resource, operation
from api.request import Request
from gateway.bounded import BoundedSteps, TookTooLong
from gateway.errors import HubgateError
from gateway.hookspecs import ApiAnswer, ApiCall, ApiRoute
from gateway.hub.pluginview import PluginView
from gateway.hub.roles import table

log = logging.getLogger(__name__)

LIMIT = 30.0
"""Seconds that a handler may take."""
STEP = 1.0
"""Seconds that it may hold up the hub."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}|\{[a-z][a-z0-9_]{0,31}\}")
CONVERTERS = {"{user}": "{user:user}", "{server}": "{server:server}", "{group}": "{group:group}"}
NOBODYS = frozenset({"self", "inherit", "(no_scope)"})
"""Scopes that stand for others: nobody holds them as such."""
BROKEN = "The plugin that should answer this does not work; the log says why"


class Broken(HubgateError):
    """A plugin's handler has failed."""


def endpoints(api: Api) -> Iterable[Endpoint]:
    """All routes of all plugins that make sense; the others are the faults of their plugins."""
    known = table(api.hub.settings)
    paths: dict[tuple[str, str], dict[str, ApiRoute]] = {}
    for plugin, route in api.hub.hooks.api_routes(lambda plugin: PluginView.of(api.hub, plugin)):
        if wrong := _unfit(plugin, route, known):
            api.hub.hooks.fault(plugin, f"offers the API route {route.method} {route.path!r}, {wrong}")
        elif route.method in (methods := paths.setdefault((plugin, route.path), {})):
            api.hub.hooks.fault(plugin, f"offers the API route {route.method} {route.path!r} twice")
        else:
            methods[route.method] = route
    for (plugin, path), methods in paths.items():
        below = "/".join(CONVERTERS.get(segment, segment) for segment in path.split("/"))
        yield Endpoint(JUPYTERHUB, f"/plugins/{plugin}/{below}", _resource(api, plugin, methods))


def _unfit(plugin: str, route: ApiRoute, known: Mapping[str, object]) -> str:
    """Why a route cannot be added; "" if it can."""
    if not NAME.fullmatch(plugin):
        return "but no path can have the plugin's name in it"
    segments = route.path.split("/") if isinstance(route.path, str) else [""]
    fields = [segment for segment in segments if segment.startswith("{")]
    if not all(map(SEGMENT.fullmatch, segments)) or len(set(fields)) < len(fields) or len(segments) > 10:
        return "which is no path"
    if str(route.method).lower() not in METHODS:
        return "which is no method"
    if not inspect.iscoroutinefunction(route.handler):
        return "whose handler is not async"
    if not isinstance(route.scopes, tuple) or not route.scopes:
        return "which says no scopes: it would be open to all"
    for scope in route.scopes:
        if not isinstance(scope, str) or scope not in known or scope in NOBODYS:
            return f"whose scope {scope!r} is none"
    return ""


def _resource(api: Api, plugin: str, methods: Mapping[str, ApiRoute]) -> Resource:
    responders = {f"on_{method.lower()}": _responder(plugin, route) for method, route in methods.items()}
    made: Resource = type("PluginResource", (Resource,), responders)(api)
    return made


def _responder(plugin: str, route: ApiRoute) -> Any:
    async def respond(_self: Resource, req: Request, resp: Response, **fields: str) -> None:
        call = ApiCall(
            caller=req.caller,
            fields=fields,
            query={name: req.query(name) for name in req.params},
            body=await body.json_object(req) if route.method in ("POST", "PUT", "PATCH") else {},
        )
        answer = await _answered(plugin, route, call)
        resp.status, resp.media = HTTPStatus(answer.status), answer.body

    respond.__doc__ = inspect.getdoc(route.handler) or ""
    summary = route.summary or (respond.__doc__ or route.path).strip().splitlines()[0]
    return operation(
        f"{summary} (plugin {plugin})",
        scopes=route.scopes,
        answers={200: Any, **dict.fromkeys(route.answers, Any)},
    )(respond)


async def _answered(plugin: str, route: ApiRoute, call: ApiCall) -> ApiAnswer:
    try:
        async with asyncio.timeout(LIMIT):
            said: Any = await BoundedSteps(STEP, route.handler(call))  # type: ignore[arg-type]  # seen to be async
        answer = said if isinstance(said, ApiAnswer) else ApiAnswer(said)
        json.dumps(answer.body, allow_nan=False)
        if not 200 <= HTTPStatus(answer.status) < 600:
            raise ValueError(f"{answer.status} ends no call")
    except HubgateError:
        raise
    except (Exception, SystemExit, TookTooLong) as error:
        log.exception("plugin %r failed in %s %s: %r", plugin, route.method, route.path, error)
        raise Broken(BROKEN) from None
    return answer
